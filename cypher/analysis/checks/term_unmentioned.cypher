// For:     words that are explained and that no text uses
// Params:  asked
// Returns: many
// Access:  read

MATCH (term:Term {edition: $asked.edition})
USING INDEX SEEK term:Term(edition)
WHERE NOT EXISTS { MATCH (term)<-[:MENTIONS]-() }
RETURN [term.key] AS keys
