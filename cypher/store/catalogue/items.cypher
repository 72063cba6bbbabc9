// For:     items of these kinds by key, each with its labels, properties and outgoing edges
// Params:  edition, keys, kinds
// Returns: many
// Access:  read

UNWIND $keys AS key
MATCH (item:Item {edition: $edition, key: key})
WHERE any(label IN labels(item) WHERE label IN $kinds)
RETURN labels(item) AS labels, properties(item) AS properties,
       [(item)-[edge]->(other:Item) | {type: type(edge), to: other.key, properties: properties(edge)}] AS edges
