// For:     every node that stands for an item of an edition, whatever it lacks, with its edges, their ends, and how many
//          edges come in from nodes of no or another edition
// Params:  edition
// Returns: many
// Access:  read

MATCH (item:Item|LifeEvent|Question|Option|Condition|Procedure|Document|Window|Term|Law|Scenario)
WHERE item.edition = $edition
RETURN labels(item) AS labels, properties(item) AS properties,
       [(item)-[edge]->(other) |
         {type: type(edge), to: other.key, edition: other.edition, properties: properties(edge)}] AS edges,
       COUNT { (item)<--(other) WHERE other.edition IS NULL OR other.edition <> $edition } AS foreign
