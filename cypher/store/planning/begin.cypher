// For:     something written, so that statements are planned as they are within a write; it is always taken back
// Params:  none
// Returns: nothing
// Access:  write

CREATE ()
