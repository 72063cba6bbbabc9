// For:     the last change of every edition
// Params:  none
// Returns: many
// Access:  read

MATCH (change:Change)
WHERE change.edition IS :: INTEGER NOT NULL AND change.seq IS :: INTEGER NOT NULL
WITH change.edition AS edition, max(change.seq) AS seq
MATCH (change:Change {seq: seq})
RETURN properties(change) AS change
