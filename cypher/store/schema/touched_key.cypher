// For:     the keys that changes touched, each once, so that the history of one item is found at once
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT touched_key IF NOT EXISTS FOR (n:Touched) REQUIRE n.key IS UNIQUE
