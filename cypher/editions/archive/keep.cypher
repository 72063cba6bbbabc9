// For:     keeps the packed document of an edition beside it, calls the edition archived, and notes its keys, so
//          that none is given out again
// Params:  edition, document, at
// Returns: nothing
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.archived = true, edition.archived_at = $at
MERGE (archive:Archive {edition: $edition})
SET archive.document = $document
WITH edition
MATCH (item:Item {edition: $edition})
WHERE item.key IS NOT NULL
MERGE (:Touched {key: item.key})
