// For:     every term of an edition
// Params:  edition
// Returns: many
// Access:  read

MATCH (term:Term {edition: $edition})
RETURN term {.*} AS properties
ORDER BY term.key
