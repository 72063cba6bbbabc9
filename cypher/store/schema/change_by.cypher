// For:     the changes of one person
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX change_by IF NOT EXISTS FOR (n:Change) ON (n.by, n.seq)
