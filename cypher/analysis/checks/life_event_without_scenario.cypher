// For:     life events that no scenario starts from: nothing says what has to come out
// Params:  asked
// Returns: many
// Access:  read

MATCH (event:LifeEvent {edition: $asked.edition})
USING INDEX SEEK event:LifeEvent(edition)
WHERE NOT EXISTS { MATCH (event)<-[:STARTS_FROM]-() }
RETURN [event.key] AS keys, event.key AS event
