// For:     the life events of an edition
// Params:  edition
// Returns: many
// Access:  read

MATCH (event:LifeEvent {edition: $edition})
RETURN event {.*} AS properties
ORDER BY coalesce(event.position, 0), event.key
