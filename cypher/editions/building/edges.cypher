// For:     adds a batch of edges to an edition that is being built; tells how many found both of their ends
// Params:  edition, at, edges
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.built_at = $at
WITH edition
WHERE edition.state = 'building'
CALL () {
  UNWIND $edges AS edge
  MATCH (one:Item {edition: $edition, key: edge.from}), (other:Item {edition: $edition, key: edge.to})
  CREATE (one)-[made:$(edge.type)]->(other)
  SET made = edge.properties
  RETURN count(made) AS made
}
RETURN made
