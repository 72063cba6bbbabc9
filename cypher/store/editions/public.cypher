// For:     every edition that is or was live, the newest first
// Params:  now
// Returns: many
// Access:  read

MATCH (edition:Edition {state: 'published'})
WHERE NOT edition.scheduled OR edition.published_at <= $now
RETURN edition {.*} AS edition
ORDER BY edition.published_at DESC, edition.number DESC
