// For:     the editions into which nothing was built since that time and that were never finished
// Params:  before
// Returns: many
// Access:  read

MATCH (edition:Edition {archived: false})
WHERE edition.state IN ['abandoned', 'building'] AND (edition.state = 'abandoned' OR edition.built_at <= $before)
RETURN edition.number AS number
