// For:     names an account anew and gives it other roles
// Params:  id, called, roles
// Returns: one
// Access:  write

MATCH (account:Account {id: $id})
SET account.name = $called, account.roles = $roles
RETURN account.id AS id
