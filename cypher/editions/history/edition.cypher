// For:     the node of an edition as it stands, for the change that seals it
// Params:  edition
// Returns: one
// Access:  read

MATCH (edition:Edition {number: $edition})
RETURN properties(edition) AS edition
