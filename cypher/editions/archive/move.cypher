// For:     gives a batch of items that were built under another number the number of the archived edition they are
// Params:  source, edition, most
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.archived = edition.archived
WITH edition
WHERE edition.archived
CALL () {
  MATCH (item:Item {edition: $source})
  WHERE item.key IS NOT NULL
  WITH item LIMIT $most
  SET item.edition = $edition
  RETURN count(*) AS moved
}
RETURN moved
