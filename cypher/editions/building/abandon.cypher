// For:     marks an edition that was never shown as one to be removed: nothing more is built into it
// Params:  edition
// Returns: nothing
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.built_at = null
WITH edition
WHERE edition.state = 'building'
SET edition.state = 'abandoned'
