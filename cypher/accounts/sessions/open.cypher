// For:     a session that needs no invitation: of a program on this machine, or of a person who is signing in, as far
//          as that has come (`stage`)
// Params:  session, id, actor, stage, now, expires_at, idle
// Returns: nothing
// Access:  write

CREATE (:Session {digest: $session, id: $id, actor: $actor, stage: $stage, created_at: $now, seen_at: $now,
  expires_at: $expires_at, idle: $idle})
