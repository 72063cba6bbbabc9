// For:     how many chains there are, and the highest number that one gave to an edition
// Params:  none
// Returns: one
// Access:  read

MATCH (chain:Chain)
RETURN count(chain) AS chains, max(chain.editions) AS editions
