// For:     notes that a session is in use
// Params:  session, now
// Returns: nothing
// Access:  write

MATCH (session:Session {digest: $session})
SET session.seen_at = $now
