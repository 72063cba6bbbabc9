// For:     what a person's password and code are compared with; no row when there is no such account in use
// Params:  id
// Returns: one
// Access:  read

MATCH (account:Account {id: $id})
WHERE NOT account.is_disabled
RETURN account.sign_in AS sign_in, account.password AS password, account.totp AS totp
