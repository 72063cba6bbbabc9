// For:     finds a link to a preview by the digest of its token, and keeps it the only one with that digest
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT preview_digest IF NOT EXISTS FOR (n:Preview) REQUIRE n.digest IS UNIQUE
