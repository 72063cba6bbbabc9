// For:     questions with one answer of which nothing looks at two or more options, so that these mean the same.
//          One such option is no finding: it is the answer of those whom no condition concerns
// Params:  asked
// Returns: many
// Access:  read

MATCH (question:Question {edition: $asked.edition, kind: 'one'})-[:OFFERS]->(option)
USING INDEX SEEK question:Question(edition)
WHERE NOT EXISTS { MATCH (option)<-[:REQUIRES|EXCLUDES|ASKED_AFTER]-() }
  AND EXISTS { MATCH (question)-[:OFFERS]->(:Option)<-[:REQUIRES|EXCLUDES|ASKED_AFTER]-() }
WITH question, option ORDER BY option.position
WITH question, collect(option.key) AS options
WHERE size(options) > 1
RETURN [question.key] + options AS keys
