// For:     finds all nodes of the kind Question of one edition without a walk over the whole edition
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX question_edition IF NOT EXISTS FOR (n:Question) ON (n.edition)
