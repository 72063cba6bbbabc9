// For:     counts a change of a draft and notes what its content is now, and which edition it builds on
// Params:  edition, content_hash, base
// Returns: nothing
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.revision = edition.revision + 1, edition.content_hash = $content_hash, edition.base = $base
