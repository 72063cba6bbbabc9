// For:     finds an account by the name that its person signs in with, and keeps it the only one with that name
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT account_sign_in IF NOT EXISTS FOR (n:Account) REQUIRE n.sign_in IS UNIQUE
