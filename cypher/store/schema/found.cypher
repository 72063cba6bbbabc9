// For:     creates the chain with the schema version in an empty store
// Params:  version, head
// Returns: nothing
// Access:  write

MERGE (chain:Chain {name: 'changes'})
  ON CREATE SET chain.head = $head, chain.seq = 0, chain.editions = 0, chain.schema_version = $version
