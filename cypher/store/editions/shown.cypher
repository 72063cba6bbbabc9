// For:     every edition but those that are being built, the newest first
// Params:  none
// Returns: many
// Access:  read

MATCH (edition:Edition)
WHERE NOT edition.state IN ['building', 'abandoned']
RETURN edition {.*} AS edition
ORDER BY edition.number DESC
