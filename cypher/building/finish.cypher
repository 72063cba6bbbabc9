// For:     makes an edition that was built visible
// Params:  edition, state, content_hash, base
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.built_at = null
WITH edition
WHERE edition.state = 'building'
SET edition.state = $state, edition.content_hash = $content_hash, edition.base = $base
RETURN edition {.*} AS edition
