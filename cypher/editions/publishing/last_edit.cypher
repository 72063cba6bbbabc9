// For:     the last change of what an edition contains
// Params:  edition, actions
// Returns: one
// Access:  read

MATCH (:Edition {number: $edition})<-[:IN]-(change:Change)
WHERE change.action IN $actions
RETURN change.by AS by
ORDER BY change.seq DESC
LIMIT 1
