// For:     how many changes have no place in the chain: no number, or none that counts from 1
// Params:  none
// Returns: one
// Access:  read

MATCH (change:Change)
WHERE change.seq IS NULL OR NOT change.seq IS :: INTEGER NOT NULL OR change.seq < 1
RETURN count(change) AS strays
