// For:     whose session it is; no row when it is unknown or over
// Params:  session, now
// Returns: one
// Access:  read

MATCH (session:Session {digest: $session})
WHERE session.expires_at > $now
RETURN session.actor AS actor
