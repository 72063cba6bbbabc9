// For:     the editions that were being built before that time and never finished
// Params:  before
// Returns: many
// Access:  read

MATCH (edition:Edition {state: 'building'})
WHERE edition.created_at <= $before
RETURN edition.number AS number
