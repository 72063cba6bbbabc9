// For:     procedures that no condition selects: no answer ever lists them
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE NOT EXISTS { MATCH (procedure)<-[:SELECTS]-() }
RETURN [procedure.key] AS keys
