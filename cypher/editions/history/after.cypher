// For:     the changes behind a place of the chain, in its order, each with the editions and keys that it is tied to
// Params:  seq, most
// Returns: many
// Access:  read

MATCH (change:Change)
WHERE change.seq > $seq AND change.seq IS :: INTEGER NOT NULL
WITH change
ORDER BY change.seq
LIMIT $most
RETURN properties(change) AS change,
       COLLECT { MATCH (change)-[:IN]->(edition) RETURN edition.number } AS editions,
       COLLECT { MATCH (change)-[:TOUCHED]->(touched) RETURN touched.key ORDER BY touched.key } AS keys
