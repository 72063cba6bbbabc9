// For:     one edition by its number, whatever its state
// Params:  number
// Returns: one
// Access:  read

MATCH (edition:Edition {number: $number})
RETURN edition {.*} AS edition
