// For:     brings a store of version 2 to version 3: every edition says whether it is archived, so that an index tells
// Params:  none
// Returns: nothing
// Access:  write

MATCH (chain:Chain {name: 'changes', schema_version: 2})
CALL () {
  MATCH (edition:Edition)
  WHERE edition.archived IS NULL
  SET edition.archived = false
  RETURN count(*) AS told
}
SET chain.schema_version = 3
