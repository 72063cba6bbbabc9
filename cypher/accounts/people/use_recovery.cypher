// For:     uses a recovery code up, by its digest; no row when it is unknown or used. The first SET takes the lock
// Params:  id, digest, now
// Returns: one
// Access:  write

MATCH (account:Account {id: $id})
SET account.recovery_at = $now
WITH account
WHERE $digest IN account.recovery
SET account.recovery = [code IN account.recovery WHERE code <> $digest]
RETURN size(account.recovery) AS left
