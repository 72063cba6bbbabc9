// For:     every node of an edition with its edges to others of the edition, to be written as a document; fifty to a
//          row: a driver takes as long for a row as for what stands in it
// Params:  edition
// Returns: many
// Access:  read

MATCH (item:Item {edition: $edition})
WHERE item.key IS NOT NULL
WITH collect(item) AS items
WHERE size(items) > 0
UNWIND range(0, size(items) - 1, 50) AS place
RETURN [item IN items[place..place + 50] |
         {labels: labels(item), properties: properties(item),
          edges: [(item)-[edge]->(other:Item) | {type: type(edge), to: other.key, properties: properties(edge)}]}
       ] AS items
