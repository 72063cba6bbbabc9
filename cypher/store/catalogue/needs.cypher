// For:     the documents of a procedure: always needed (no label), or only under a condition (its label)
// Params:  edition, key
// Returns: many
// Access:  read

MATCH (procedure:Item:Procedure {edition: $edition, key: $key})
CALL (procedure) {
  MATCH (procedure)-[:NEEDS]->(document:Document)
  RETURN document, null AS label
  UNION
  MATCH (procedure)<-[:SELECTS]-(condition:Condition)-[:NEEDS]->(document:Document)
  RETURN document, condition.label AS label
}
RETURN document.key AS document, collect(DISTINCT label) AS labels, count(*) > count(label) AS always
ORDER BY NOT always, document
