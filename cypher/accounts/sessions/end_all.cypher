// For:     ends every session of a person but the one with this id (null: every one), and makes the person's
//          invitations useless
// Params:  actor, but
// Returns: nothing
// Access:  write

MATCH (over:Session|Invitation)
WHERE over.actor = $actor AND ($but IS NULL OR over.id IS NULL OR over.id <> $but)
DELETE over
