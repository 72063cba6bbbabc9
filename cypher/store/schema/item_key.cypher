// For:     makes a key unique within its edition, over all kinds; this index serves every anchor
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT item_key IF NOT EXISTS FOR (n:Item) REQUIRE (n.edition, n.key) IS UNIQUE
