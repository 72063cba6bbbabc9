// For:     the terms that the words of these items speak of
// Params:  edition, keys
// Returns: many
// Access:  read

UNWIND $keys AS key
MATCH (item:Item {edition: $edition, key: key})
RETURN key, COLLECT { MATCH (item)-[:MENTIONS]->(term:Term) RETURN term.key ORDER BY term.key } AS terms
