// For:     life events under which no procedure can ever be listed
// Params:  asked
// Returns: many
// Access:  read

MATCH (event:LifeEvent {edition: $asked.edition})
USING INDEX SEEK event:LifeEvent(edition)
WHERE NOT EXISTS { MATCH (event)-[:LEADS_TO]->()-[:SELECTS]->() }
RETURN [event.key] AS keys, event.key AS event
