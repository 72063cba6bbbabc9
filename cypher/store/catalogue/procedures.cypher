// For:     what lists and search need of every procedure of an edition
// Params:  edition, searched
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $edition})
RETURN procedure {.key, .name, .reading, .summary, .field, .nature} AS properties,
       [field IN $searched | [field, procedure[field]]] AS searched,
       COLLECT { MATCH (procedure)<-[:SELECTS]-(:Condition)<-[:LEADS_TO]-(event:LifeEvent)
                 RETURN DISTINCT event.key ORDER BY event.key } AS life_events
ORDER BY procedure.key
