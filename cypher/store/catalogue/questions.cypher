// For:     the questions of an edition with their options in order and the options that they are asked after
// Params:  edition
// Returns: many
// Access:  read

MATCH (question:Question {edition: $edition})
RETURN question {.*} AS properties,
       COLLECT { MATCH (question)-[:OFFERS]->(option:Option)
                 WITH option ORDER BY option.position
                 RETURN option {.key, .label, .help} } AS options,
       COLLECT { MATCH (question)-[:ASKED_AFTER]->(option:Option) RETURN option.key ORDER BY option.key } AS asked_after
ORDER BY question.key
