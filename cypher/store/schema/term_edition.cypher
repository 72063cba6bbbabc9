// For:     finds all nodes of the kind Term of one edition without a walk over the whole edition
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX term_edition IF NOT EXISTS FOR (n:Term) ON (n.edition)
