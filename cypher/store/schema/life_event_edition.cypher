// For:     finds all nodes of the kind LifeEvent of one edition without a walk over the whole edition
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX life_event_edition IF NOT EXISTS FOR (n:LifeEvent) ON (n.edition)
