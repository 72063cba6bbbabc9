// For:     questions that no condition looks at and that nothing is asked after: they are never asked
// Params:  asked
// Returns: many
// Access:  read

MATCH (question:Question {edition: $asked.edition})
USING INDEX SEEK question:Question(edition)
WHERE NOT EXISTS { MATCH (question)-[:OFFERS]->(:Option)<-[:REQUIRES|EXCLUDES|ASKED_AFTER]-() }
RETURN [question.key] AS keys
