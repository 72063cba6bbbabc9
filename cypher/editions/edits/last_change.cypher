// For:     the last change of an item in one edition
// Params:  edition, key
// Returns: one
// Access:  read

MATCH (:Touched {key: $key})<-[:TOUCHED]-(change:Change {edition: $edition})
RETURN properties(change) AS change
ORDER BY change.seq DESC
LIMIT 1
