// For:     a layer is kept once
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT layer_hash IF NOT EXISTS FOR (n:Layer) REQUIRE n.hash IS UNIQUE
