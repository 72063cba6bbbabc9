// For:     the revisions of items of a draft; nothing of a key that it does not have
// Params:  edition, keys
// Returns: many
// Access:  read

UNWIND $keys AS key
MATCH (item:Item {edition: $edition, key: key})
RETURN item.key AS key, item.revision AS revision
