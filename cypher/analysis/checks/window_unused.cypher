// For:     windows that no procedure is handled at
// Params:  asked
// Returns: many
// Access:  read

MATCH (window:Item:Window {edition: $asked.edition})
USING INDEX SEEK window:Item(edition, key)
WHERE window.key IS NOT NULL
  AND NOT EXISTS { MATCH (window)<-[:HANDLED_AT]-() }
RETURN [window.key] AS keys
