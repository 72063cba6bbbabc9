// For:     brings a store of version 1 to version 2: the chain counts the editions, so that no number is used twice
// Params:  none
// Returns: nothing
// Access:  write

MATCH (chain:Chain {name: 'changes', schema_version: 1})
CALL () {
  OPTIONAL MATCH (edition:Edition)
  RETURN coalesce(max(edition.number), 0) AS last
}
SET chain.editions = last, chain.schema_version = 2
