// For:     adds items to a draft. Their revision is higher than any that an item with this key had here, so that a
//          form made before a removal never fits what was made after it
// Params:  edition, revision, nodes
// Returns: nothing
// Access:  write

UNWIND $nodes AS node
CREATE (item:$(node.labels))
SET item = node.properties
SET item.edition = $edition, item.key = node.key, item.revision = $revision
