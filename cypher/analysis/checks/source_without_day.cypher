// For:     procedures and windows with a source of the law or the city that nobody says when it was read
// Params:  asked
// Returns: many
// Access:  read

MATCH (item:Item {edition: $asked.edition})
USING INDEX SEEK item:Item(edition, key)
WHERE item.key IS NOT NULL
  AND any(index IN range(0, size(coalesce(item.sources_basis, [])) - 1)
          WHERE item.sources_basis[index] IN ['law', 'city'] AND item.sources_checked_on[index] = '')
RETURN [item.key] AS keys
