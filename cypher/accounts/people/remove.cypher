// For:     removes an account; the history keeps its id
// Params:  id
// Returns: nothing
// Access:  write

MATCH (account:Account {id: $id})
DETACH DELETE account
