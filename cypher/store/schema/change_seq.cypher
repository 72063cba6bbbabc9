// For:     makes the place of a change in the chain unique
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT change_seq IF NOT EXISTS FOR (n:Change) REQUIRE n.seq IS UNIQUE
