// For:     what the people are called that the history may name
// Params:  none
// Returns: many
// Access:  read

MATCH (account:Account)
RETURN account.id AS id, account.name AS name
