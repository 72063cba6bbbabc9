// For:     removes invitations, sessions and counts of failures whose time is over, a thousand at most
// Params:  now
// Returns: nothing
// Access:  write

MATCH (over:Invitation|Session|Attempts)
WHERE over.expires_at <= $now
WITH over LIMIT 1000
DELETE over
