// For:     the schema version of the store; no row in one that was never prepared
// Params:  none
// Returns: one
// Access:  read

MATCH (chain:Chain {name: 'changes'})
RETURN chain.schema_version AS version
