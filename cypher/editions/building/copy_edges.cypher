// For:     copies the edges that leave the next batch of nodes of an edition into one that is being built; tells the
//          last key of the batch and how many nodes it had
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
  MATCH (one:Item {edition: $edition, key: item.key})
  CALL (item, one) {
    MATCH (item)-[edge]->(end:Item)
    MATCH (other:Item {edition: $edition, key: end.key})
    CREATE (one)-[made:$(type(edge))]->(other)
    SET made = properties(edge)
    RETURN count(made) AS edges
  }
  RETURN max(item.key) AS last, count(item) AS items
}
RETURN last, items
