// For:     finds a session of the staff pages by the digest of its token, and keeps it the only one with that digest
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT session_digest IF NOT EXISTS FOR (n:Session) REQUIRE n.digest IS UNIQUE
