// For:     why a procedure is or is not listed: its conditions under the chosen life events, each clause with the
//          state (2 true, 1 open, 0 false) of every option in it; clauses 1 to 3 of ops/design/guidance.md
//          The lists (events, answered, chosen) come in one map, so that one plan serves every length of theirs.
// Params:  edition, household, procedure
// Returns: many
// Access:  read

MATCH (procedure:Item:Procedure {edition: $edition, key: $procedure})<-[:SELECTS]-(c:Condition)
WHERE EXISTS { MATCH (c)<-[:LEADS_TO]-(event:LifeEvent) WHERE event.key IN $household.events }
RETURN c.key AS condition, c.label AS label, COLLECT {
  MATCH (c)-[r:REQUIRES|EXCLUDES]->(o:Option)<-[:OFFERS]-(q:Question)
  WITH r, o, q, EXISTS {
    MATCH (q)((:Question)-[:ASKED_AFTER]->(over:Option)<-[:OFFERS]-(up:Question)
              WHERE over.key IN $household.chosen OR NOT up.key IN $household.answered)*(top:Question)
    WHERE NOT (top)-[:ASKED_AFTER]->()
  } AS alive
  RETURN {clause: r.clause, option: o.key, question: q.key, moot: NOT alive,
          state: CASE WHEN NOT alive THEN 0 WHEN NOT q.key IN $household.answered THEN 1 WHEN o.key IN $household.chosen THEN 2 ELSE 0 END}
  ORDER BY r.clause, o.key
} AS options
ORDER BY condition
