// For:     adds a batch of nodes to an edition that is being built; tells how many. The lock on the edition comes
//          first, so that one that is being tidied away gets nothing more
// Params:  edition, at, nodes
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.built_at = $at
WITH edition
WHERE edition.state = 'building'
CALL () {
  UNWIND $nodes AS node
  CREATE (item:$(node.labels))
  SET item = node.properties, item.edition = $edition, item.key = node.key
  RETURN count(item) AS made
}
RETURN made
