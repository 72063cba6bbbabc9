// For:     archived editions that still have items in the graph
// Params:  none
// Returns: many
// Access:  read

MATCH (edition:Edition)
WHERE edition.archived
CALL (edition) {
  MATCH (item:Item {edition: edition.number})
  WHERE item.key IS NOT NULL
  RETURN item.key AS one LIMIT 1
}
RETURN edition.number AS number
