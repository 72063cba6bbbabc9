// For:     the sessions of a person that are not over, the newest first
// Params:  actor, now
// Returns: many
// Access:  read

MATCH (session:Session {actor: $actor})
WHERE session.expires_at > $now AND session.seen_at + duration({seconds: session.idle}) > $now AND session.stage = 'in'
RETURN session {.id, .created_at, .seen_at, .expires_at} AS session
ORDER BY session.created_at DESC, session.id
