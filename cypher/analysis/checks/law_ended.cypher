// For:     laws that are no longer in force, with the procedures that rest on them
// Params:  asked
// Returns: many
// Access:  read

MATCH (law:Item:Law {edition: $asked.edition})
USING INDEX SEEK law:Item(edition, key)
WHERE law.key IS NOT NULL
  AND law.in_force_until < $asked.today
MATCH (law)<-[:GOVERNED_BY]-(procedure)
WITH law, procedure ORDER BY procedure.key
WITH law, collect(procedure.key) AS procedures
RETURN [law.key] + procedures AS keys, law.in_force_until AS day
