// For:     how many administrators in use there are beside this one; the SET takes the locks that keep two who leave at
//          once from leaving none
// Params:  id, now
// Returns: one
// Access:  write

MATCH (account:Account)
WHERE 'administrator' IN account.roles
SET account.counted_at = $now
WITH account
WHERE account.id <> $id AND NOT account.is_disabled AND 'administrator' IN account.roles
RETURN count(account) AS others
