// For:     procedures without a window: residents read that they have to ask where to go
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE NOT EXISTS { MATCH (procedure)-[:HANDLED_AT]->() }
RETURN [procedure.key] AS keys
