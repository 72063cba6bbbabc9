// For:     published editions whose time has not come yet
// Params:  now
// Returns: many
// Access:  read

MATCH (edition:Edition {state: 'published', archived: false, scheduled: true})
WHERE edition.published_at > $now
RETURN edition {.*} AS edition
ORDER BY edition.published_at
