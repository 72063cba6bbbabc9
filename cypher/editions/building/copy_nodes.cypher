// For:     copies the next batch of nodes of an edition into one that is being built; tells the last key copied
//          and how many nodes that were
// Params:  edition, at, source, after, most
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.built_at = $at
WITH edition
WHERE edition.state = 'building'
CALL () {
  MATCH (item:Item {edition: $source})
  WHERE item.key > $after
  WITH item ORDER BY item.key LIMIT $most
  CREATE (copy:$(labels(item)))
  SET copy = item {.*, edition: $edition}
  RETURN max(item.key) AS last, count(item) AS items
}
RETURN last, items
