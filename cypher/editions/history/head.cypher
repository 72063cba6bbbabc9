// For:     where the chain ends, with the change that stands there
// Params:  none
// Returns: one
// Access:  read

MATCH (chain:Chain {name: 'changes'})
OPTIONAL MATCH (change:Change {seq: chain.seq})
RETURN chain.seq AS seq, chain.head AS head, properties(change) AS last
