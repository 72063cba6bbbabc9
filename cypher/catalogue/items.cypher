// For:     items by key, each with its labels, properties and outgoing edges
// Params:  edition, keys
// Returns: many
// Access:  read

UNWIND $keys AS key
MATCH (item:Item {edition: $edition, key: key})
RETURN labels(item) AS labels, properties(item) AS properties,
       [(item)-[edge]->(other:Item) | {type: type(edge), to: other.key, properties: properties(edge)}] AS edges
