// For:     documents on a condition that all procedures which it selects need of everybody anyway
// Params:  asked
// Returns: many
// Access:  read

MATCH (condition:Item:Condition {edition: $asked.edition})
USING INDEX SEEK condition:Item(edition, key)
WHERE condition.key IS NOT NULL
MATCH (condition)-[:NEEDS]->(document)
WHERE EXISTS { MATCH (condition)-[:SELECTS]->() }
  AND NOT EXISTS {
    MATCH (condition)-[:SELECTS]->(procedure)
    WHERE NOT EXISTS { MATCH (procedure)-[:NEEDS]->(document) }
  }
RETURN [condition.key, document.key] AS keys
