// For:     procedures with more than one window: residents cannot know which is theirs
// Params:  asked
// Returns: many
// Access:  read

MATCH (procedure:Procedure {edition: $asked.edition})-[:HANDLED_AT]->(window)
USING INDEX SEEK procedure:Procedure(edition)
WITH procedure, window ORDER BY window.key
WITH procedure, collect(window.key) AS windows
WHERE size(windows) > 1
RETURN [procedure.key] + windows AS keys
