// For:     procedures with a deadline that residents read, which nobody has verified
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition, status: 'unverified'})
USING INDEX SEEK procedure:Procedure(edition)
WHERE procedure.deadline_value IS NOT NULL AND procedure.scope <> 'example'
RETURN [procedure.key] AS keys
