// For:     keeps the packed document of a layer under its hash, once
// Params:  hash, document, at
// Returns: nothing
// Access:  write

MERGE (layer:Layer {hash: $hash})
  ON CREATE SET layer.document = $document, layer.at = $at
