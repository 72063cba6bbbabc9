// For:     gives a draft up
// Params:  edition
// Returns: nothing
// Access:  write

MATCH (edition:Edition {number: $edition, state: 'draft'})
SET edition.state = 'discarded'
