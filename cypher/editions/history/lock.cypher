// For:     locks the chain until the transaction ends, so that writes stand in line, and tells where it ends
// Params:  none
// Returns: one
// Access:  write

MATCH (chain:Chain {name: 'changes'})
SET chain.locked = true
REMOVE chain.locked
RETURN chain.seq AS seq, chain.head AS head
