// For:     what applies, why, with which documents, and what to ask next: clauses 1 to 8 of ops/design/guidance.md.
//          States are 2 true, 1 open, 0 false, so that "any" is max and "all" is min (Kleene's logic). The lists
//          (events, answered, chosen, unsure) come in one map: of lists as parameters Neo4j makes a plan for each
//          combination of lengths (none, one, up to ten, …), and each of those takes longer than a hundred answers.
//          Where the type of an edge says what it leads to, no label is asked for: that would cost a look at each.
// Params:  edition, household
// Returns: one
// Access:  read

// What was chosen counts unless its question is moot: no way up to a question that nothing precedes, over options
// that are not out (1).
CALL () {
  UNWIND $household.answered AS key
  MATCH (q:Item {edition: $edition, key: key})
  WHERE q:Question AND EXISTS {
    MATCH (q)((:Question)-[:ASKED_AFTER]->(over:Option)<-[:OFFERS]-(up:Question)
              WHERE over.key IN $household.chosen OR NOT up.key IN $household.answered)*(top:Question)
    WHERE NOT (top)-[:ASKED_AFTER]->()
  }
  MATCH (q)-[:OFFERS]->(o)
  WHERE o.key IN $household.chosen
  RETURN collect(o) AS chosen
}
CALL (chosen) {
  UNWIND $household.events AS key
  MATCH (event:Item {edition: $edition, key: key})-[:LEADS_TO]->(c)
  WITH DISTINCT c, chosen
  // An option has many incoming edges: gather by option, so that the hop to its question is taken once for each.
  OPTIONAL MATCH (c)-[r:REQUIRES|EXCLUDES]->(o)
  WITH chosen, o, collect({condition: c, clause: r.clause}) AS uses
  OPTIONAL MATCH (o)<-[:OFFERS]-(q)
  WITH chosen, q, q.key AS key, collect({option: o, uses: uses}) AS options
  WITH chosen, q, options, key IN $household.answered AS answered, key IN $household.unsure AS unsure,
       q IS NULL OR EXISTS {
         MATCH (q)((:Question)-[:ASKED_AFTER]->(over:Option)<-[:OFFERS]-(up:Question)
                   WHERE over.key IN $household.chosen OR NOT up.key IN $household.answered)*(top:Question)
         WHERE NOT (top)-[:ASKED_AFTER]->()
       } AS alive
  UNWIND options AS used
  // 2 Option
  WITH chosen, q, used.uses AS uses, alive AND NOT answered AND NOT unsure AS askable,
       CASE
         WHEN q IS NULL THEN 2
         WHEN NOT alive THEN 0
         WHEN NOT answered THEN 1
         WHEN used.option IN chosen THEN 2
         ELSE 0
       END AS state
  UNWIND uses AS use
  WITH chosen, q, askable, use.condition AS c, use.clause AS clause,
       CASE WHEN use.clause IS NULL AND q IS NOT NULL THEN 2 - state ELSE state END AS state
  // 3 Condition: every clause, none of the exclusions (which stand together, as one more clause of "all")
  WITH chosen, c, clause, min(state) AS least, max(state) AS most,
       collect(DISTINCT CASE WHEN askable AND state = 1 THEN q END) AS asked
  WITH chosen, c, CASE WHEN clause IS NULL THEN least ELSE most END AS state, asked
  WITH chosen, c, min(state) AS state, collect(CASE WHEN state = 1 THEN asked ELSE [] END) AS asked
  WHERE state > 0
  WITH chosen, c, state, CASE WHEN state = 1 THEN reduce(all = [], some IN asked | all + some) ELSE [] END AS asked
  RETURN collect({condition: c, state: state, asked: asked}) AS conditions
}
// 7 The walk: from each question of an open option up to the nearest that can be asked now, once for each question
CALL (conditions, chosen) {
  UNWIND conditions AS open
  UNWIND open.asked AS q
  WITH DISTINCT q, chosen
  MATCH way = (q)((low:Question)-[:ASKED_AFTER]->(:Option)<-[:OFFERS]-(up:Question)
                  WHERE NOT up.key IN $household.answered AND NOT up.key IN $household.unsure
                    AND NOT EXISTS { MATCH (low)-[:ASKED_AFTER]->(taken:Option) WHERE taken IN chosen })*(ready:Question)
  WHERE NOT (ready)-[:ASKED_AFTER]->()
     OR EXISTS { MATCH (ready)-[:ASKED_AFTER]->(taken:Option) WHERE taken IN chosen }
  WITH q, ready, [node IN nodes(way) WHERE node:Question] AS way
  WITH q, collect(DISTINCT ready) AS candidates, collect(way) AS ways
  RETURN collect({question: q, candidates: candidates,
                  visited: reduce(all = [], way IN ways | all + way)}) AS walks
}
// 4 Procedure, 5 Documents, 6 What still matters
CALL (conditions, walks) {
  UNWIND conditions AS row
  WITH row.condition AS c, row.state AS state, row.asked AS asked
  WITH c, state, c.key AS key, c.label AS label, [(c)-[:NEEDS]->(d) | d] AS documents, asked,
       CASE WHEN state = 1 THEN reduce(all = [], walk IN walks |
         CASE WHEN walk.question IN asked THEN all + walk.candidates ELSE all END) ELSE [] END AS candidates
  MATCH (c)-[:SELECTS]->(p)
  WITH p, max(state) AS state, [(p)-[:NEEDS]->(d) | d] AS own,
       collect({condition: c, key: key, label: label, state: state, asked: asked, documents: documents,
                candidates: candidates}) AS rows
  WITH p, state, own, rows,
       reduce(all = own, row IN rows | CASE row.state WHEN 2 THEN all + row.documents ELSE all END) AS needed
  RETURN collect({
    procedure: p, state: state, own: own, needed: needed, rows: rows,
    matters: [row IN rows WHERE row.state = 1 AND (state < 2 OR any(d IN row.documents WHERE NOT d IN needed))]
  }) AS procedures
}
// 8 Next question
CALL (procedures) {
  UNWIND procedures AS p
  UNWIND p.matters AS row
  UNWIND row.candidates AS candidate
  WITH candidate, count(DISTINCT row.condition) AS weight
  WITH candidate.key AS key, coalesce(candidate.position, 0) AS position, weight
  ORDER BY position, weight DESC, key
  LIMIT 1
  RETURN collect(key)[0] AS next_question
}
CALL (procedures, walks) {
  UNWIND procedures AS p
  UNWIND p.matters AS row
  UNWIND row.asked AS asked
  WITH DISTINCT asked, walks
  UNWIND walks AS walk
  WITH asked, walk WHERE walk.question = asked
  UNWIND walk.visited AS visited
  RETURN count(DISTINCT visited) AS questions_left_at_most
}
CALL (procedures) {
  UNWIND procedures AS p
  CALL (p) {
    UNWIND p.own + reduce(all = [], row IN p.rows | all + row.documents) AS d
    WITH DISTINCT p, d
    RETURN collect({
      key: d.key, state: CASE WHEN d IN p.needed THEN 2 ELSE 1 END,
      labels: CASE WHEN d IN p.own THEN [] ELSE [row IN p.rows WHERE d IN row.documents AND (row.state = 2 OR NOT d IN p.needed) | row.label] END
    }) AS documents
  }
  RETURN collect({
    key: p.procedure.key, state: p.state, documents: documents,
    because: [row IN p.rows | {condition: row.key, label: row.label, state: row.state,
                               waits_for: [candidate IN row.candidates | candidate.key]}]
  }) AS listed
}
RETURN listed, next_question, questions_left_at_most
