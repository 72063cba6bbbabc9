// For:     adds a batch of nodes to an edition that is being built
// Params:  edition, nodes
// Returns: nothing
// Access:  write

UNWIND $nodes AS node
CREATE (item:$(node.labels))
SET item = node.properties, item.edition = $edition, item.key = node.key
