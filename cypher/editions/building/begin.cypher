// For:     opens a new edition in the state building, which nobody sees, with a number that none ever had
// Params:  title, at, by
// Returns: one
// Access:  write

MATCH (chain:Chain {name: 'changes'})
SET chain.editions = chain.editions + 1
CREATE (edition:Edition {number: chain.editions, title: $title, state: 'building', scheduled: false, archived: false,
                         revision: 0, created_at: $at, created_by: $by, built_at: $at})
RETURN edition.number AS number
