// For:     documents that no procedure and no condition needs
// Params:  asked
// Returns: many
// Access:  read

MATCH (document:Item:Document {edition: $asked.edition})
USING INDEX SEEK document:Item(edition, key)
WHERE document.key IS NOT NULL
  AND NOT EXISTS { MATCH (document)<-[:NEEDS]-() }
RETURN [document.key] AS keys
