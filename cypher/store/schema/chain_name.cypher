// For:     makes sure that there is only one chain, whoever prepares the store at the same time
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT chain_name IF NOT EXISTS FOR (n:Chain) REQUIRE n.name IS UNIQUE
