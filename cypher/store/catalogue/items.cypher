// For:     items by key that are shown by themselves, each with its labels, properties and outgoing edges
// Params:  edition, keys
// Returns: many
// Access:  read

UNWIND $keys AS key
MATCH (item:Item {edition: $edition, key: key})
WHERE NOT item:Question AND NOT item:Option AND NOT item:Condition
RETURN labels(item) AS labels, properties(item) AS properties,
       [(item)-[edge]->(other:Item) | {type: type(edge), to: other.key, properties: properties(edge)}] AS edges
