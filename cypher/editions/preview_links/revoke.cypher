// For:     takes a link to the preview of an edition back; one that was taken back before keeps its moment
// Params:  digest, edition, by, now
// Returns: one
// Access:  write

MATCH (link:Preview {digest: $digest, edition: $edition})
SET link.revoked_by = coalesce(link.revoked_by, $by), link.revoked_at = coalesce(link.revoked_at, $now)
RETURN link {.*} AS link
