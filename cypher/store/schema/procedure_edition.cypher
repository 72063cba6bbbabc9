// For:     finds all nodes of the kind Procedure of one edition without a walk over the whole edition
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX procedure_edition IF NOT EXISTS FOR (n:Procedure) ON (n.edition)
