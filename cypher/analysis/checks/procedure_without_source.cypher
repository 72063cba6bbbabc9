// For:     procedures of which nothing says where they were read
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE size(coalesce(procedure.sources_url, [])) = 0
RETURN [procedure.key] AS keys
