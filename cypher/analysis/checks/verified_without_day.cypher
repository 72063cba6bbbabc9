// For:     procedures and windows that are called verified, but not since when
// Params:  asked
// Returns: many
// Access:  read

MATCH (item:Item {edition: $asked.edition})
USING INDEX SEEK item:Item(edition, key)
WHERE item.key IS NOT NULL
  AND item.status = 'verified' AND item.checked_on IS NULL
RETURN [item.key] AS keys
