// For:     the numbers of editions that items bear, null where they bear none
// Params:  none
// Returns: many
// Access:  read

MATCH (item:Item|LifeEvent|Question|Option|Condition|Procedure|Document|Window|Term|Law|Scenario)
RETURN item.edition AS number, count(item) AS items
