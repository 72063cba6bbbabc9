// For:     the last change of what an edition contains
// Params:  edition, actions
// Returns: one
// Access:  read

MATCH (change:Change {edition: $edition})
WHERE change.seq > 0 AND change.action IN $actions
WITH change
ORDER BY change.edition DESC, change.seq DESC
LIMIT 1
RETURN change.by AS by
