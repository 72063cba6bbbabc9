// For:     procedures whose fixed period has ended: residents do not read it as a deadline any more
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE procedure.deadline_period_closes < $asked.today
RETURN [procedure.key] AS keys, procedure.deadline_period_closes AS day
