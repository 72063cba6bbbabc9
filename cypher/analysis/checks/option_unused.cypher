// For:     options of which any number can be chosen and that nothing looks at: choosing them changes nothing
// Params:  asked
// Returns: many
// Access:  read

MATCH (question:Question {edition: $asked.edition, kind: 'many'})-[:OFFERS]->(option)
USING INDEX SEEK question:Question(edition)
WHERE NOT EXISTS { MATCH (option)<-[:REQUIRES|EXCLUDES|ASKED_AFTER]-() }
  AND EXISTS { MATCH (question)-[:OFFERS]->(:Option)<-[:REQUIRES|EXCLUDES|ASKED_AFTER]-() }
RETURN [option.key] AS keys
