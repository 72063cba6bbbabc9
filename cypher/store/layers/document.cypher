// For:     the packed document of a layer
// Params:  hash
// Returns: one
// Access:  read

MATCH (layer:Layer {hash: $hash})
RETURN layer.document AS document
