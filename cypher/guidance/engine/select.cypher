// For:     what applies, why, with which documents, and what to ask next, for many households at once: clauses 1 to 8
//          of ops/design/guidance.md. A group is {edition, events, households, known}: what households of the same
//          edition and life events share is read once, and told unless it is known from before. A household is
//          {number, answered, chosen, unsure}; its number comes back with what was found, in which conditions and
//          procedures are numbers: their places in what is shared, where both stand by key.
//          The `rule_…` properties are those of service/store/rules.py. States are 2 true, 1 open, 0 false.
// Params:  groups
// Returns: many
// Access:  read

UNWIND $groups AS group
CALL (group) {
  UNWIND group.events AS key
  MATCH (event:Item {edition: group.edition, key: key})
  RETURN collect(event) AS events
}
// What no answer changes. Conditions have a place in their list, and procedures know the places of theirs.
CALL (events) {
  UNWIND events AS event
  MATCH (event)-[:LEADS_TO]->(c)
  WITH DISTINCT c
  WITH c.key AS key, c.label AS label, c.rule_clauses AS clauses, c.rule_questions AS questions,
       c.rule_excludes AS excludes, c.rule_needs AS needs, c.rule_selects AS selects
  ORDER BY key
  RETURN collect({
    key: key, label: label, excludes: excludes, needs: needs, selects: selects,
    clauses: [n IN range(0, size(clauses) - 1) | {options: split(clauses[n], ' '), questions: split(questions[n], ' ')}]
  }) AS conditions
}
WITH *, range(0, size(conditions) - 1) AS places
CALL (conditions, places) {
  UNWIND places AS place
  UNWIND conditions[place].selects AS selected
  WITH selected, collect(place) AS own_places
  WITH split(selected, ' ') AS keys, own_places
  ORDER BY keys[0]
  RETURN collect({key: keys[0], own: tail(keys), places: own_places}) AS procedures
}
// The questions that the conditions look at, and all above them: parents first.
CALL (events, group) {
  UNWIND events AS event
  WITH event.rule_questions AS keys, group
  UNWIND range(0, size(keys) - 1) AS place
  WITH keys[place] AS key, min(place) AS place, group
  MATCH (q:Item {edition: group.edition, key: key})
  WITH key, place, coalesce(q.position, 0) AS position, q.rule_options AS options, q.rule_after AS after,
       q.rule_above AS above
  ORDER BY place
  RETURN collect({key: key, position: position, options: options, after: after, above: above}) AS questions
}
CALL (questions) {
  UNWIND questions AS q
  WITH q ORDER BY q.position, q.key
  RETURN collect(q) AS in_order
}
CALL (group, conditions, places, procedures, questions, in_order) {
  UNWIND group.households AS household
  // 1 Moot, 2 Option: a moot question has all its options out, an answered one those that were not chosen.
  WITH *,
       reduce(out = [], q IN questions |
         CASE
           WHEN size(q.after) > 0 AND all(o IN q.after WHERE o IN out) THEN out + q.options
           WHEN q.key IN household.answered THEN out + [o IN q.options WHERE NOT o IN household.chosen]
           ELSE out
         END) AS out
  WITH *, [o IN household.chosen WHERE NOT o IN out] AS chosen
  // 3 Condition
  WITH *, [c IN conditions |
    CASE
      WHEN any(o IN c.excludes WHERE o IN chosen) OR any(k IN c.clauses WHERE all(o IN k.options WHERE o IN out)) THEN 0
      WHEN all(o IN c.excludes WHERE o IN out) AND all(k IN c.clauses WHERE any(o IN k.options WHERE o IN chosen)) THEN 2
      ELSE 1
    END] AS states
  // 7 Candidates: what can be asked, and what of that now. What stands above a question that cannot be asked yet was
  // looked at before it, so that no way up is gone twice.
  WITH *, [q IN questions WHERE NOT q.key IN household.answered AND NOT q.key IN household.unsure
                            AND (size(q.after) = 0 OR any(o IN q.after WHERE NOT o IN out)) | q.key] AS askable
  WITH *, [q IN in_order WHERE q.key IN askable AND (size(q.after) = 0 OR any(o IN q.after WHERE o IN chosen))] AS candidates
  WITH *, [q IN candidates | q.key] AS ready, range(0, size(candidates) - 1) AS numbers
  WITH *, reduce(walks = [], q IN CASE WHEN size(askable) > size(ready) THEN questions ELSE [] END |
    CASE WHEN q.key IN ready OR NOT q.key IN askable THEN walks ELSE walks + [
      up IN [{ready: [key IN q.above WHERE key IN ready], walks: [w IN walks WHERE w.key IN q.above]}]
      WHERE size(up.ready) + size(up.walks) > 0 |
      {key: q.key,
       candidates: [key IN ready WHERE key IN up.ready OR any(w IN up.walks WHERE key IN w.candidates)],
       visited: [key IN askable WHERE key = q.key OR key IN up.ready OR any(w IN up.walks WHERE key IN w.visited)]}
    ] END) AS walks
  WITH *, [place IN places |
    CASE WHEN states[place] <> 1 THEN [] ELSE
      reduce(asked = [o IN conditions[place].excludes WHERE NOT o IN out | split(o, '/')[0]], k IN conditions[place].clauses |
        CASE WHEN any(o IN k.options WHERE o IN chosen) THEN asked
             ELSE asked + [key IN k.questions WHERE key IN askable] END)
    END] AS asked
  WITH *, [keys IN asked |
    CASE WHEN size(keys) = 0 THEN [] ELSE
      [n IN numbers WHERE ready[n] IN keys OR any(w IN walks WHERE w.key IN keys AND ready[n] IN w.candidates)]
    END] AS waits
  // 4 Procedure, 5 Documents, 6 What still matters
  WITH *, [p IN procedures | {
    state: CASE WHEN any(place IN p.places WHERE states[place] = 2) THEN 2
                WHEN any(place IN p.places WHERE states[place] = 1) THEN 1 ELSE 0 END,
    needed: reduce(all = [], place IN p.places | CASE WHEN states[place] = 2 THEN all + conditions[place].needs ELSE all END)
  }] AS selected
  CALL (procedures, selected, states, conditions) {
    UNWIND range(0, size(procedures) - 1) AS n
    UNWIND procedures[n].places AS place
    WITH selected[n] AS p, procedures[n].own AS own, place
    WHERE states[place] = 1 AND (p.state = 1 OR any(d IN conditions[place].needs WHERE NOT d IN own AND NOT d IN p.needed))
    RETURN collect(DISTINCT place) AS matters
  }
  // 8 Next question: by position, then by how many conditions wait for it, then by key
  WITH *, reduce(best = {weight: 0}, n IN numbers |
    CASE WHEN best.weight > 0 AND candidates[n].position > best.position THEN best ELSE
      head([weight IN [size([place IN matters WHERE n IN waits[place]])] |
            CASE WHEN weight > best.weight THEN {key: ready[n], position: candidates[n].position, weight: weight} ELSE best END])
    END) AS best,
    [key IN askable WHERE any(place IN matters WHERE key IN asked[place])] AS looked_at
  RETURN collect({
    number: household.number, next_question: best.key, ready: ready,
    questions_left_at_most: size([key IN askable WHERE key IN looked_at AND key IN ready
                                                    OR any(w IN walks WHERE w.key IN looked_at AND key IN w.visited)]),
    met: [place IN places WHERE states[place] = 2],
    open: [place IN places WHERE states[place] = 1 | [place] + waits[place]],
    applies: [n IN range(0, size(procedures) - 1) WHERE selected[n].state = 2],
    may_apply: [n IN range(0, size(procedures) - 1) WHERE selected[n].state = 1],
    needed: [n IN range(0, size(procedures) - 1) WHERE size(selected[n].needed) > 0 | [n] + selected[n].needed]
  }) AS households
}
RETURN households,
       [c IN CASE WHEN group.known THEN [] ELSE conditions END | [c.key, c.label, c.needs]] AS conditions,
       [p IN CASE WHEN group.known THEN [] ELSE procedures END | [p.key, p.own, p.places]] AS procedures
