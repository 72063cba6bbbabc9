// For:     makes an edition that was built visible, as a draft or published
// Params:  edition, state, content_hash, base, published_at, published_by
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition, state: 'building'})
SET edition.state = $state, edition.content_hash = $content_hash, edition.base = $base,
    edition.published_at = $published_at, edition.published_by = $published_by
RETURN edition {.*} AS edition
