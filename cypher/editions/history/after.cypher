// For:     the changes behind a place of the chain, in its order
// Params:  seq, most
// Returns: many
// Access:  read

MATCH (change:Change)
WHERE change.seq > $seq
WITH change
ORDER BY change.seq
LIMIT $most
RETURN properties(change) AS change
