// For:     scenarios that neither expect nor rule out anything: they are green whatever comes
// Params:  asked
// Returns: many
// Access:  read

MATCH (scenario:Item:Scenario {edition: $asked.edition})
USING INDEX SEEK scenario:Item(edition, key)
WHERE scenario.key IS NOT NULL
  AND NOT EXISTS { MATCH (scenario)-[:EXPECTS|RULES_OUT]->() }
RETURN [scenario.key] AS keys
