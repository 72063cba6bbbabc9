// For:     closes an account to its person, or opens it again
// Params:  id, is_disabled
// Returns: one
// Access:  write

MATCH (account:Account {id: $id})
SET account.is_disabled = $is_disabled
RETURN account.id AS id
