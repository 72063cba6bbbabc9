// For:     items of one kind with the same name. Conditions share labels on purpose; laws differ by article
// Params:  asked
// Returns: many
// Access:  read

MATCH (item:Item {edition: $asked.edition})
USING INDEX SEEK item:Item(edition, key)
WHERE item.key IS NOT NULL
WITH item, [label IN labels(item) WHERE label <> 'Item'][0] AS kind,
     coalesce(item.name, item.text, item.term) + coalesce(item.article, '') AS name
WHERE name IS NOT NULL
WITH kind, name, item ORDER BY item.key
WITH kind, name, collect(item.key) AS items
WHERE size(items) > 1
RETURN items AS keys, size(items) - 1 AS more
