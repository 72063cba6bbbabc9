// For:     uses the code of a step up; no row when that one or a later one was used. The first SET takes the lock
// Params:  id, step
// Returns: one
// Access:  write

MATCH (account:Account {id: $id})
SET account.asked_step = $step
WITH account
WHERE account.last_step IS NULL OR account.last_step < $step
SET account.last_step = $step
RETURN account.id AS id
