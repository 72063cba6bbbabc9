// For:     conditions that select no procedure: their documents are asked of nobody either
// Params:  asked
// Returns: many
// Access:  read

MATCH (condition:Item:Condition {edition: $asked.edition})
USING INDEX SEEK condition:Item(edition, key)
WHERE condition.key IS NOT NULL
  AND NOT EXISTS { MATCH (condition)-[:SELECTS]->() }
RETURN [condition.key] AS keys
