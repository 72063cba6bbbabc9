// For:     the kept document of an edition, found at once
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT archive_edition IF NOT EXISTS FOR (n:Archive) REQUIRE n.edition IS UNIQUE
