// For:     the packed document of an archived edition
// Params:  edition
// Returns: one
// Access:  read

MATCH (archive:Archive {edition: $edition})
RETURN archive.document AS document
