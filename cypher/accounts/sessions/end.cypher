// For:     ends a session of this person by its id; no row when that person has none of it
// Params:  actor, id
// Returns: one
// Access:  write

MATCH (session:Session {actor: $actor, id: $id})
DELETE session
RETURN $id AS id
