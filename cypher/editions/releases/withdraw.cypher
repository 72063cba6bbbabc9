// For:     takes a scheduled edition back
// Params:  edition
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition, state: 'published', scheduled: true})
SET edition.state = 'withdrawn'
RETURN edition.number AS number
