// For:     the hash that a password is compared with, by the name that its person signs in with; a first password that
//          is too old, and that of a disabled account, is none
// Params:  sign_in, now
// Returns: one
// Access:  read

MATCH (account:Account {sign_in: $sign_in})
WHERE NOT account.is_disabled AND (account.password_until IS NULL OR account.password_until > $now)
RETURN account.id AS id, account.password AS password, account.is_first AS is_first, account.totp AS totp
