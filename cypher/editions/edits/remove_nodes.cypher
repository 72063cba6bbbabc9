// For:     removes items of a draft with all their edges
// Params:  edition, keys
// Returns: nothing
// Access:  write

UNWIND $keys AS key
MATCH (item:Item {edition: $edition, key: key})
DETACH DELETE item
