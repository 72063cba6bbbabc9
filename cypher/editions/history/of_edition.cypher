// For:     the changes of one edition, the newest first
// Params:  edition, before, most, wanted
// Returns: many
// Access:  read

MATCH (change:Change {edition: $edition})
WHERE change.seq < $before
  AND ($wanted.by IS NULL OR change.by = $wanted.by)
  AND ($wanted.action IS NULL OR change.action = $wanted.action)
  AND ($wanted.since IS NULL OR change.at >= $wanted.since)
  AND ($wanted.until IS NULL OR change.at < $wanted.until)
WITH change
ORDER BY change.edition DESC, change.seq DESC
LIMIT $most
RETURN properties(change) AS change
