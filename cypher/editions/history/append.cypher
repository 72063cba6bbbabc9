// For:     adds one change to the end of the chain, in the edition that it belongs to, findable by every key it touched
// Params:  edition, change, keys
// Returns: one
// Access:  write

MATCH (chain:Chain {name: 'changes'}), (edition:Edition {number: $edition})
CREATE (change:Change)-[:IN]->(edition)
SET change = $change, chain.head = $change.hash, chain.seq = $change.seq
WITH change
CALL (change) {
  UNWIND $keys AS key
  MERGE (touched:Touched {key: key})
  CREATE (change)-[:TOUCHED]->(touched)
}
RETURN change.seq AS seq
