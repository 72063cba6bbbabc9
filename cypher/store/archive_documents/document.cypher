// For:     the packed document of an archived edition and the hash that names it
// Params:  edition
// Returns: one
// Access:  read

MATCH (archive:Archive {edition: $edition}), (edition:Edition {number: $edition})
RETURN archive.document AS document, edition.content_hash AS content_hash
