// For:     publishes an edition, at once or scheduled for a later moment; tells how it stands then
// Params:  edition, published_at, published_by, scheduled
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.state = 'published', edition.published_at = $published_at, edition.published_by = $published_by,
    edition.scheduled = $scheduled
RETURN properties(edition) AS edition
