// For:     the editions into which nothing was built since that time and that were never finished
// Params:  before
// Returns: many
// Access:  read

MATCH (edition:Edition)
WHERE edition.state = 'abandoned' OR edition.state = 'building' AND edition.built_at <= $before
RETURN edition.number AS number
