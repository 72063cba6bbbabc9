// For:     one change with its fields
// Params:  seq
// Returns: one
// Access:  read

MATCH (change:Change {seq: $seq})
RETURN properties(change) AS change
