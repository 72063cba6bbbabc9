// For:     procedures that should have been looked through again by now
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})
USING INDEX SEEK procedure:Procedure(edition)
WHERE procedure.review_by < $asked.today
RETURN [procedure.key] AS keys, procedure.review_by AS day
