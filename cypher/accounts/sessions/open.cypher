// For:     a session without an invitation, for a program on this machine
// Params:  session, actor, now, expires_at
// Returns: nothing
// Access:  write

CREATE (:Session {digest: $session, actor: $actor, created_at: $now, expires_at: $expires_at})
