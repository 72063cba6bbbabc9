// For:     one attempt on a subject (a digest of what is tried), taken before anything is compared, so that many at
//          once count one by one; while it is to wait none is taken. `waits` are the seconds to wait after so many
//          failures, and the last goes on
// Params:  subject, now, waits, forgotten_at
// Returns: one
// Access:  write

MERGE (attempts:Attempts {subject: $subject})
  ON CREATE SET attempts.failed = 0
SET attempts.asked_at = $now
WITH attempts, coalesce(attempts.until <= $now, true) AS taken,
  CASE WHEN attempts.expires_at <= $now THEN 0 ELSE attempts.failed END AS failed
WITH attempts, taken, failed, $waits[CASE WHEN failed < size($waits) THEN failed ELSE size($waits) - 1 END] AS seconds
FOREACH (_ IN CASE WHEN taken THEN [1] ELSE [] END |
  SET attempts.failed = failed + 1, attempts.until = $now + duration({seconds: seconds}), attempts.expires_at = $forgotten_at)
RETURN taken, attempts.until AS until
