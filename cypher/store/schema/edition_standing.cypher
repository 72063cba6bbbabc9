// For:     the editions of a state that are in the graph: the live edition, the drafts, however many were archived
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX edition_standing IF NOT EXISTS FOR (n:Edition) ON (n.state, n.archived)
