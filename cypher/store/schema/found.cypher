// For:     creates the chain in an empty store, and says which schema the store has from now on
// Params:  version, head
// Returns: nothing
// Access:  write

MERGE (chain:Chain {name: 'changes'})
  ON CREATE SET chain.head = $head, chain.seq = 0, chain.editions = 0
SET chain.schema_version = $version
