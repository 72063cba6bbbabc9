// For:     ends a session
// Params:  session
// Returns: nothing
// Access:  write

MATCH (session:Session {digest: $session})
DELETE session
