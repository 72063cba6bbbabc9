// For:     the open drafts, the newest first
// Params:  none
// Returns: many
// Access:  read

MATCH (edition:Edition {state: 'draft', archived: false})
RETURN edition {.*} AS edition
ORDER BY edition.number DESC
