// For:     opens a new edition in the state building, which nobody sees, with the next free number
// Params:  title, at, by
// Returns: one
// Access:  write

OPTIONAL MATCH (last:Edition)
WITH coalesce(max(last.number), 0) + 1 AS number
CREATE (edition:Edition {number: number, title: $title, state: 'building', scheduled: false, revision: 0,
                         created_at: $at, created_by: $by})
RETURN edition.number AS number
