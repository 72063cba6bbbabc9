// For:     of some layers the one that came into the store last
// Params:  hashes
// Returns: one
// Access:  read

UNWIND $hashes AS hash
MATCH (layer:Layer {hash: hash})
RETURN layer.hash AS hash
ORDER BY layer.at DESC, hash
LIMIT 1
