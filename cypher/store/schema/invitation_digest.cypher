// For:     finds an invitation to the staff pages by the digest of its token, and keeps it the only one with that digest
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT invitation_digest IF NOT EXISTS FOR (n:Invitation) REQUIRE n.digest IS UNIQUE
