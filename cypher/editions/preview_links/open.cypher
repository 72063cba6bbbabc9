// For:     whether a link opens the preview of an edition at this moment
// Params:  digest, edition, now
// Returns: one
// Access:  read

MATCH (link:Preview {digest: $digest, edition: $edition})
WHERE link.revoked_at IS NULL AND link.expires_at > $now
RETURN link.expires_at AS expires_at
