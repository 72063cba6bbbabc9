// For:     procedures that ask something of residents and have no window: they have to ask where to go
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE NOT procedure.nature IN ['not_needed', 'information']
  AND NOT EXISTS { MATCH (procedure)-[:HANDLED_AT]->() }
RETURN [procedure.key] AS keys
