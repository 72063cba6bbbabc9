// For:     finds the links to the preview of one edition
// Params:  none
// Returns: nothing
// Access:  write

CREATE INDEX preview_edition IF NOT EXISTS FOR (n:Preview) ON (n.edition)
