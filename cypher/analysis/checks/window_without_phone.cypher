// For:     windows in the city hall that procedures send residents to and that have no telephone number
// Params:  asked
// Returns: many
// Access:  read

MATCH (window:Item:Window {edition: $asked.edition})
USING INDEX SEEK window:Item(edition, key)
WHERE window.key IS NOT NULL
  AND window.phone IS NULL AND window.walking_order IS NOT NULL
  AND EXISTS { MATCH (window)<-[:HANDLED_AT]-() }
RETURN [window.key] AS keys
