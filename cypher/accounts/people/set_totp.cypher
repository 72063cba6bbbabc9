// For:     gives an account its secret for codes, encrypted, with the digests of new recovery codes; the code of this
//          step is used up
// Params:  id, totp, recovery, step
// Returns: one
// Access:  write

MATCH (account:Account {id: $id})
SET account.totp = $totp, account.recovery = $recovery, account.last_step = $step
RETURN account.id AS id
