// For:     removes links that have been over for long, a thousand at most
// Params:  before
// Returns: nothing
// Access:  write

MATCH (link:Preview)
WHERE link.expires_at <= $before
WITH link LIMIT 1000
DELETE link
