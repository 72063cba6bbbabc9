// For:     procedures and terms without a reading, which search and lists in the order of the kana need
// Params:  asked
// Returns: many
// Access:  read

MATCH (item:Item {edition: $asked.edition})
USING INDEX SEEK item:Item(edition, key)
WHERE item.key IS NOT NULL
  AND (item:Procedure OR item:Term)
  AND item.reading IS NULL
RETURN [item.key] AS keys
