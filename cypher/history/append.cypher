// For:     adds one change to the end of the chain, in the edition that it belongs to
// Params:  edition, change
// Returns: one
// Access:  write

MATCH (chain:Chain {name: 'changes'}), (edition:Edition {number: $edition})
CREATE (change:Change)-[:IN]->(edition)
SET change = $change, chain.head = $change.hash, chain.seq = $change.seq
RETURN change.seq AS seq
