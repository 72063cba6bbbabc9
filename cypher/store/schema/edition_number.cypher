// For:     makes the number of an edition unique
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT edition_number IF NOT EXISTS FOR (n:Edition) REQUIRE n.number IS UNIQUE
