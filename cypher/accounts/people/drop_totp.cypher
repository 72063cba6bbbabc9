// For:     takes the secret for codes and the recovery codes off an account, so that they are made anew
// Params:  id
// Returns: nothing
// Access:  write

MATCH (account:Account {id: $id})
REMOVE account.totp, account.recovery, account.last_step
