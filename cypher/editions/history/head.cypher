// For:     where the chain ends
// Params:  none
// Returns: one
// Access:  read

MATCH (chain:Chain {name: 'changes'})
RETURN chain.seq AS seq, chain.head AS head
