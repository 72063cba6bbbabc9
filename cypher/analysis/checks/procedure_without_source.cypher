// For:     procedures of which nothing says where they were read
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE procedure.source IS NULL AND procedure.source_url IS NULL
RETURN [procedure.key] AS keys
