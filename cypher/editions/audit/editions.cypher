// For:     the node of every edition, whatever is the matter with it
// Params:  none
// Returns: many
// Access:  read

MATCH (edition:Edition)
RETURN properties(edition) AS edition
