// For:     which of these keys stand for something: in any edition there is, or in a change of the history
// Params:  keys
// Returns: many
// Access:  read

UNWIND $keys AS key
CALL (key) {
  MATCH (touched:Touched {key: key})
  RETURN touched.key AS used
UNION
  MATCH (edition:Edition)
  MATCH (item:Item {edition: edition.number, key: key})
  RETURN DISTINCT item.key AS used
}
RETURN DISTINCT used AS key
