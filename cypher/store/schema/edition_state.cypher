// For:     the live edition and the open drafts, however many old editions there are
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX edition_state IF NOT EXISTS FOR (n:Edition) ON (n.state, n.published_at)
