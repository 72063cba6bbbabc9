// For:     locks the chain until the transaction ends, so that writes stand in line, and tells where it ends
// Params:  none
// Returns: one
// Access:  write

MATCH (chain:Chain {name: 'changes'})
SET chain.locked = true
REMOVE chain.locked
WITH chain
OPTIONAL MATCH (change:Change {seq: chain.seq})
RETURN chain.seq AS seq, chain.head AS head, properties(change) AS last
