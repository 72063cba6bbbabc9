// For:     counts a change of a draft and of the items that it touched, notes what its content is now and which edition
//          it builds on; tells how the edition stands then
// Params:  edition, content_hash, base, touched
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.revision = edition.revision + 1, edition.content_hash = $content_hash, edition.base = $base
WITH edition
CALL () {
  UNWIND $touched AS key
  MATCH (item:Item {edition: $edition, key: key})
  SET item.revision = item.revision + 1
}
RETURN properties(edition) AS edition
