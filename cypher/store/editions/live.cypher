// For:     the edition that residents see: of the published ones whose time has come, the last published (it is never
//          archived: the index leaves those out, however many there are)
// Params:  now
// Returns: one
// Access:  read

MATCH (edition:Edition {state: 'published', archived: false})
WHERE NOT edition.scheduled OR edition.published_at <= $now
WITH edition
ORDER BY edition.published_at DESC, edition.number DESC
LIMIT 1
RETURN edition {.*} AS edition
