// For:     keeps the encrypted secret that a person is about to take into an app; the one that is there stays
// Params:  session, offer
// Returns: one
// Access:  write

MATCH (session:Session {digest: $session})
SET session.offer = coalesce(session.offer, $offer)
RETURN session.offer AS offer
