// For:     an account by its id, without its secrets; no row when there is none
// Params:  id
// Returns: one
// Access:  read

MATCH (account:Account {id: $id})
RETURN account {
  .id, .sign_in, .name, .roles, .is_disabled, .is_first, .created_at, .signed_in_at,
  has_totp: account.totp IS NOT NULL, recovery_left: size(coalesce(account.recovery, []))
} AS account
