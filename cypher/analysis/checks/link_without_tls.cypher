// For:     addresses that are not encrypted on their way, each with the items that hold it
// Params:  asked
// Returns: many
// Access:  read

MATCH (item:Item {edition: $asked.edition})
USING INDEX SEEK item:Item(edition, key)
WHERE item.key IS NOT NULL
UNWIND [item.url, item.online_url, item.form_url, item.map_url, item.online_booking_url] + coalesce(item.sources_url, []) AS link
WITH item, link
WHERE link STARTS WITH 'http://'
WITH DISTINCT link, item ORDER BY item.key
WITH link, collect(item.key) AS items
RETURN items AS keys, link
