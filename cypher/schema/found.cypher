// For:     creates the chain and the schema version in an empty store, and tells the version that the store has
// Params:  version, head
// Returns: one
// Access:  write

MERGE (chain:Chain {name: 'changes'})
  ON CREATE SET chain.head = $head, chain.seq = 0, chain.schema_version = $version
RETURN chain.schema_version AS version
