// For:     removes edges of a draft; of several between the same two nodes the one with that clause
// Params:  edition, edges
// Returns: nothing
// Access:  write

UNWIND $edges AS edge
MATCH (one:Item {edition: $edition, key: edge.from})-[found]->(:Item {edition: $edition, key: edge.to})
WHERE type(found) = edge.type AND coalesce(found.clause, -1) = coalesce(edge.properties.clause, -1)
DELETE found
