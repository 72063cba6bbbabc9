// For:     procedures whose source is named, but without an address to read it again
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE procedure.source IS NOT NULL AND procedure.source_url IS NULL
RETURN [procedure.key] AS keys
