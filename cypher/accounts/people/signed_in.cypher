// For:     notes when a person signed in
// Params:  id, now
// Returns: nothing
// Access:  write

MATCH (account:Account {id: $id})
SET account.signed_in_at = $now
