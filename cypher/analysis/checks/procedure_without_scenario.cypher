// For:     procedures that are selected and that no scenario expects
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE EXISTS { MATCH (procedure)<-[:SELECTS]-() } AND NOT EXISTS { MATCH (procedure)<-[:EXPECTS]-() }
RETURN [procedure.key] AS keys
