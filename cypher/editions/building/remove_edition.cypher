// For:     removes the node of an edition that was never finished
// Params:  edition
// Returns: nothing
// Access:  write

MATCH (edition:Edition {number: $edition, state: 'abandoned'})
DETACH DELETE edition
