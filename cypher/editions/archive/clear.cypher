// For:     removes a batch of the items of an archived edition; tells how many
// Params:  edition, most
// Returns: one
// Access:  write

MATCH (edition:Edition {number: $edition})
SET edition.archived = edition.archived
WITH edition
WHERE edition.archived
CALL () {
  MATCH (item:Item {edition: $edition})
  WHERE item.key IS NOT NULL
  WITH item LIMIT $most
  DETACH DELETE item
  RETURN count(*) AS removed
}
RETURN removed
