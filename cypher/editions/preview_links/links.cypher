// For:     the links to the preview of an edition, the newest first
// Params:  edition
// Returns: many
// Access:  read

MATCH (link:Preview {edition: $edition})
RETURN link {.*} AS link
ORDER BY link.created_at DESC, link.digest
