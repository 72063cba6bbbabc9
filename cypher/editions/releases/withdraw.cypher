// For:     takes a scheduled edition back; tells how it stands then
// Params:  edition
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition, state: 'published', scheduled: true})
SET edition.state = 'withdrawn'
RETURN properties(edition) AS edition
