// For:     a new account; `made` is false where somebody else has that name to sign in with
// Params:  id, sign_in, called, roles, password, password_until, now
// Returns: one
// Access:  write

MERGE (account:Account {sign_in: $sign_in})
  ON CREATE SET account.id = $id, account.name = $called, account.roles = $roles, account.password = $password,
    account.password_until = $password_until, account.is_first = true, account.is_disabled = false,
    account.created_at = $now
RETURN account.id = $id AS made
