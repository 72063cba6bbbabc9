// For:     whether the store holds any edition that is more than the rest of a broken import
// Params:  none
// Returns: one
// Access:  read

RETURN EXISTS { MATCH (edition:Edition) WHERE NOT edition.state IN ['building', 'abandoned'] } AS any
