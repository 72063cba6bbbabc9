// For:     every change with its fields, in the order of the chain
// Params:  none
// Returns: many
// Access:  read

MATCH (change:Change)
RETURN properties(change) AS change
ORDER BY change.seq
