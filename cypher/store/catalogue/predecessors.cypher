// For:     for each of these procedures all that have to be done before it, also through others
// Params:  edition, keys
// Returns: many
// Access:  read

UNWIND $keys AS key
MATCH (procedure:Item:Procedure {edition: $edition, key: key})
RETURN key, COLLECT { MATCH (procedure)-[:FOLLOWS]->+(earlier:Procedure) RETURN DISTINCT earlier.key } AS earlier
