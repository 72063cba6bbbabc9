// For:     one item with all that belongs to it: its labels, properties and outgoing edges, the options of a question,
//          the edges that come from life events
// Params:  edition, key
// Returns: one
// Access:  read

MATCH (item:Item {edition: $edition, key: $key})
WHERE NOT item:Option
RETURN labels(item) AS labels, properties(item) AS properties,
       [(item)-[:OFFERS]->(option:Item) | {labels: labels(option), properties: properties(option)}] AS options,
       [(item)-[edge]->(other:Item)
         | {type: type(edge), from: item.key, to: other.key, properties: properties(edge)}] +
       [(event:LifeEvent)-[edge:LEADS_TO]->(item)
         | {type: type(edge), from: event.key, to: item.key, properties: properties(edge)}] AS edges
