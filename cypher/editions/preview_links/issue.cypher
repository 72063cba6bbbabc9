// For:     a link to the preview of an edition, known by the SHA-256 of its token
// Params:  digest, edition, by, note, now, expires_at
// Returns: nothing
// Access:  write

CREATE (:Preview {
  digest: $digest, edition: $edition, created_at: $now, created_by: $by, expires_at: $expires_at, note: $note
})
