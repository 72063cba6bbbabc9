// For:     calls an archived edition one of the graph again
// Params:  edition
// Returns: nothing
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.archived = false
REMOVE edition.archived_at
WITH edition
MATCH (archive:Archive {edition: $edition})
DELETE archive
