// For:     procedures with a source that is named, but without an address to read it again
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE '' IN procedure.sources_url
RETURN [procedure.key] AS keys
