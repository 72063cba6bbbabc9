// For:     gives a session a new token in place of the one it had, and takes it a stage further; no row when it is not
//          there any more
// Params:  session, renewed, stage, now, expires_at, idle
// Returns: one
// Access:  write

MATCH (session:Session {digest: $session})
SET session.digest = $renewed, session.stage = $stage, session.seen_at = $now, session.expires_at = $expires_at,
  session.idle = $idle
REMOVE session.offer
RETURN session.id AS id
