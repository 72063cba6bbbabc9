// For:     gives items of a draft other properties; their revision stays
// Params:  edition, nodes
// Returns: nothing
// Access:  write

UNWIND $nodes AS node
MATCH (item:Item {edition: $edition, key: node.key})
WITH item, node, item.revision AS revision
SET item = node.properties
SET item.edition = $edition, item.key = node.key, item.revision = revision
