// For:     every account, without its secrets
// Params:  none
// Returns: many
// Access:  read

MATCH (account:Account)
RETURN account {
  .id, .sign_in, .name, .roles, .is_disabled, .is_first, .created_at, .signed_in_at,
  has_totp: account.totp IS NOT NULL, recovery_left: size(coalesce(account.recovery, []))
} AS account
ORDER BY account.is_disabled, account.name, account.id
