// For:     notes that the store now has this schema version
// Params:  version
// Returns: nothing
// Access:  write

MATCH (chain:Chain {name: 'changes'})
SET chain.schema_version = $version
