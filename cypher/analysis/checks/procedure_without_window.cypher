// For:     by field of work, the procedures that ask something of residents and have no window to go to
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE NOT procedure.nature IN ['not_needed', 'information']
  AND NOT EXISTS { MATCH (procedure)-[:HANDLED_AT]->() }
WITH procedure ORDER BY procedure.key
RETURN coalesce(procedure.field, '分野なし') AS field, collect(procedure.key) AS keys, count(*) AS count
