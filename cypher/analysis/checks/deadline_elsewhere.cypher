// For:     procedures whose deadline runs from the day of a life event that never leads to them
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE procedure.deadline_from_event IS NOT NULL
  AND EXISTS { MATCH (procedure)<-[:SELECTS]-() }
UNWIND procedure.deadline_from_event AS day
WITH procedure, day
WHERE NOT EXISTS {
  MATCH (procedure)<-[:SELECTS]-()<-[:LEADS_TO]-(event)
  WHERE event.key = day
}
RETURN [procedure.key, day] AS keys
