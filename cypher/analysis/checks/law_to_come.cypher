// For:     laws that are not in force yet, with the procedures that rest on them
// Params:  asked
// Returns: many
// Access:  read

MATCH (law:Item:Law {edition: $asked.edition})
USING INDEX SEEK law:Item(edition, key)
WHERE law.key IS NOT NULL
  AND law.in_force_from > $asked.today
MATCH (law)<-[:GOVERNED_BY]-(procedure)
WITH law, procedure ORDER BY procedure.key
WITH law, collect(procedure.key) AS procedures
RETURN [law.key] + procedures AS keys, law.in_force_from AS day
