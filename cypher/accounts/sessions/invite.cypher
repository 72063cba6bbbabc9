// For:     an invitation to the staff pages, known by the SHA-256 of its one-time token
// Params:  digest, actor, now, expires_at
// Returns: nothing
// Access:  write

CREATE (:Invitation {digest: $digest, actor: $actor, created_at: $now, expires_at: $expires_at})
