// For:     one item of these kinds with all that belongs to it: its labels, properties and outgoing edges, the items
//          that stand inside it, the edges by which others lead to it
// Params:  edition, key, kinds, owning, incoming
// Returns: one
// Access:  read

MATCH (item:Item {edition: $edition, key: $key})
WHERE any(label IN labels(item) WHERE label IN $kinds)
RETURN labels(item) AS labels, properties(item) AS properties,
       [(item)-[:$any($owning)]->(inside:Item) | {labels: labels(inside), properties: properties(inside)}] AS inside,
       [(item)-[edge]->(other:Item)
        | {type: type(edge), from: item.key, to: other.key, properties: properties(edge)}] +
       [(other:Item)-[edge:$any($incoming)]->(item)
        | {type: type(edge), from: other.key, to: item.key, properties: properties(edge)}] AS edges
