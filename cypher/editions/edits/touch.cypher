// For:     counts a change of these items of a draft
// Params:  edition, keys
// Returns: nothing
// Access:  write

UNWIND $keys AS key
MATCH (item:Item {edition: $edition, key: key})
SET item.revision = item.revision + 1
