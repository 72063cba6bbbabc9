// For:     gives an account another password; a first one has to be changed by its person, and is good until a moment
// Params:  id, password, is_first, password_until
// Returns: one
// Access:  write

MATCH (account:Account {id: $id})
SET account.password = $password, account.is_first = $is_first, account.password_until = $password_until
RETURN account.id AS id
