// For:     makes an edition that was built a draft, which staff see; tells how it stands then
// Params:  edition, content_hash, base, beneath, revision
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.built_at = null
WITH edition
WHERE edition.state = 'building'
SET edition.state = 'draft', edition.content_hash = $content_hash, edition.base = $base,
    edition.beneath = $beneath, edition.revision = $revision
RETURN properties(edition) AS edition
