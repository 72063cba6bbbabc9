// For:     finds the sessions of a person
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX session_actor IF NOT EXISTS FOR (n:Session) ON (n.actor)
