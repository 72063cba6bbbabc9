// For:     finds an account by its id, and keeps it the only one with that id
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT account_id IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS UNIQUE
