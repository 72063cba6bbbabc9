// For:     life events that ask for a day from which no deadline runs
// Params:  asked
// Returns: many
// Access:  read

MATCH (event:LifeEvent {edition: $asked.edition})
USING INDEX SEEK event:LifeEvent(edition)
WHERE event.date_label IS NOT NULL
  AND NOT EXISTS { MATCH (p:Procedure {edition: $asked.edition}) WHERE event.key IN p.deadline_from_event }
RETURN [event.key] AS keys
