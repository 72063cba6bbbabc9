// For:     keeps the packed document of an edition beside it, and calls the edition archived
// Params:  edition, document, at
// Returns: nothing
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.archived = true, edition.archived_at = $at
MERGE (archive:Archive {edition: $edition})
SET archive.document = $document
