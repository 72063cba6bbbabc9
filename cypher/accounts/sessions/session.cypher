// For:     whose session it is and how far it has come, with what the person may do now; no row when it is unknown or
//          over, also when it lay idle for `idle` seconds
// Params:  session, now
// Returns: one
// Access:  read

MATCH (session:Session {digest: $session})
WHERE session.expires_at > $now AND session.seen_at + duration({seconds: session.idle}) > $now
OPTIONAL MATCH (account:Account {id: session.actor, is_disabled: false})
RETURN session.actor AS actor, session.id AS id, session.stage AS stage, session.seen_at AS seen_at,
  session.offer AS offer, account.name AS name, account.roles AS roles
