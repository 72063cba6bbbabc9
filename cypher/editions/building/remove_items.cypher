// For:     removes a batch of nodes of an edition that was never finished; tells how many
// Params:  edition, most
// Returns: one
// Access:  write

MATCH (:Edition {number: $edition, state: 'abandoned'})
MATCH (item:Item {edition: $edition})
WHERE item.key IS NOT NULL
WITH item LIMIT $most
DETACH DELETE item
RETURN count(*) AS removed
