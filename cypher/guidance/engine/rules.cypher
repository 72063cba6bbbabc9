// For:     what guidance for these life events looks at, whoever asks: conditions as [clauses, excluded options, needs,
//          selected procedures], and questions as [key, options, options it follows], parents first. Texts in a list
//          hold several keys (service/store/rules.py)
// Params:  edition, events
// Returns: one
// Access:  read

CALL () {
  UNWIND $events AS key
  MATCH (event:Item {edition: $edition, key: key})
  RETURN collect(event) AS events
}
CALL (events) {
  UNWIND events AS event
  MATCH (event)-[:LEADS_TO]->(c)
  WITH DISTINCT c
  RETURN collect([c.rule_clauses, c.rule_excludes, c.rule_needs, c.rule_selects]) AS conditions
}
CALL (events) {
  UNWIND events AS event
  WITH event.rule_questions AS keys
  UNWIND range(0, size(keys) - 1) AS place
  WITH keys[place] AS key, min(place) AS place
  MATCH (q:Item {edition: $edition, key: key})
  WITH key, place, q.rule_options AS options, q.rule_after AS after
  ORDER BY place
  RETURN collect([key, options, after]) AS questions
}
RETURN conditions, questions
