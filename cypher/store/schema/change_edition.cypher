// For:     the changes of one edition
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX change_edition IF NOT EXISTS FOR (n:Change) ON (n.edition, n.seq)
