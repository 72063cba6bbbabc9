// For:     adds edges to a draft
// Params:  edition, edges
// Returns: nothing
// Access:  write

UNWIND $edges AS edge
MATCH (one:Item {edition: $edition, key: edge.from}), (other:Item {edition: $edition, key: edge.to})
CREATE (one)-[made:$(edge.type)]->(other)
SET made = edge.properties
