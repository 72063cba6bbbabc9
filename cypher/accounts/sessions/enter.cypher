// For:     uses an invitation up and opens a session of its actor; no row when it is unknown, used or too old. The
//          first SET takes the lock, so that of two who come at once the second one sees that it is used
// Params:  invitation, session, id, now, expires_at, idle
// Returns: one
// Access:  write

MATCH (invitation:Invitation {digest: $invitation})
SET invitation.asked_at = $now
WITH invitation
WHERE invitation.used_at IS NULL AND invitation.expires_at > $now
SET invitation.used_at = $now
CREATE (session:Session {digest: $session, id: $id, actor: invitation.actor, stage: 'in', created_at: $now,
  seen_at: $now, expires_at: $expires_at, idle: $idle})
RETURN session.actor AS actor
