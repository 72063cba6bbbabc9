// For:     the changes that touched one item, in whatever edition, the newest first
// Params:  key, before, most, wanted
// Returns: many
// Access:  read

MATCH (:Touched {key: $key})<-[:TOUCHED]-(change:Change)
WHERE change.seq < $before
  AND ($wanted.edition IS NULL OR change.edition = $wanted.edition)
  AND ($wanted.by IS NULL OR change.by = $wanted.by)
  AND ($wanted.action IS NULL OR change.action = $wanted.action)
  AND ($wanted.since IS NULL OR change.at >= $wanted.since)
  AND ($wanted.until IS NULL OR change.at < $wanted.until)
WITH change
ORDER BY change.seq DESC
LIMIT $most
RETURN properties(change) AS change
