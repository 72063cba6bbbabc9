// For:     questions that offer two options with the same words
// Params:  asked
// Returns: many
// Access:  read

MATCH (question:Question {edition: $asked.edition})-[:OFFERS]->(option)
USING INDEX SEEK question:Question(edition)
WITH question, option ORDER BY option.position
WITH question, option.label AS label, collect(option.key) AS options
WHERE size(options) > 1
RETURN [question.key] + options AS keys, label
