// For:     every node of an edition with its edges to others of the edition, to be written as a document
// Params:  edition
// Returns: many
// Access:  read

MATCH (item:Item {edition: $edition})
WHERE item.key IS NOT NULL
RETURN labels(item) AS labels, properties(item) AS properties,
       [(item)-[edge]->(other:Item) | {type: type(edge), to: other.key, properties: properties(edge)}] AS edges
