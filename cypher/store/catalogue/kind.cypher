// For:     every item of one kind of an edition, with its labels, properties and outgoing edges, by key
// Params:  edition, kind
// Returns: many
// Access:  read

MATCH (item:Item:$any([$kind]) {edition: $edition})
WHERE item.key IS NOT NULL
RETURN labels(item) AS labels, properties(item) AS properties,
       [(item)-[edge]->(other:Item) | {type: type(edge), to: other.key, properties: properties(edge)}] AS edges
ORDER BY item.key
