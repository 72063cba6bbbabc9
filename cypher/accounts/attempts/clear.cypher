// For:     forgets the failures on a subject
// Params:  subject
// Returns: nothing
// Access:  write

MATCH (attempts:Attempts {subject: $subject})
DELETE attempts
