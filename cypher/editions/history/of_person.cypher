// For:     the changes of one person, the newest first
// Params:  by, before, most, wanted
// Returns: many
// Access:  read

MATCH (change:Change {by: $by})
WHERE change.seq < $before
  AND ($wanted.edition IS NULL OR change.edition = $wanted.edition)
  AND ($wanted.action IS NULL OR change.action = $wanted.action)
  AND ($wanted.since IS NULL OR change.at >= $wanted.since)
  AND ($wanted.until IS NULL OR change.at < $wanted.until)
WITH change
ORDER BY change.by DESC, change.seq DESC
LIMIT $most
RETURN properties(change) AS change
