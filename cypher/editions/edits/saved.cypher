// For:     counts a change of a draft and of the items that it touched, notes what its content is now, which edition it
//          builds on and what lies beneath it; tells how the edition stands then
// Params:  edition, content_hash, base, beneath, touched
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.revision = edition.revision + 1, edition.content_hash = $content_hash, edition.base = $base,
    edition.beneath = $beneath
WITH edition
CALL () {
  UNWIND $touched AS key
  MATCH (item:Item {edition: $edition, key: key})
  SET item.revision = item.revision + 1
}
RETURN properties(edition) AS edition
