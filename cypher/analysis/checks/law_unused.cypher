// For:     laws that no procedure rests on
// Params:  asked
// Returns: many
// Access:  read

MATCH (law:Item:Law {edition: $asked.edition})
USING INDEX SEEK law:Item(edition, key)
WHERE law.key IS NOT NULL
  AND NOT EXISTS { MATCH (law)<-[:GOVERNED_BY]-() }
RETURN [law.key] AS keys
