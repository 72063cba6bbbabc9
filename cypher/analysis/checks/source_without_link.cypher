// For:     procedures with a source that is named, but without an address to read it again; what the city confirmed
//          has none
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE any(index IN range(0, size(coalesce(procedure.sources_url, [])) - 1)
          WHERE procedure.sources_url[index] = '' AND procedure.sources_basis[index] <> 'city')
RETURN [procedure.key] AS keys
