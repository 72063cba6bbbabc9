// For:     finds how often signing in failed, and keeps one count a subject
// Params:  none
// Returns: nothing
// Access:  write

CREATE CONSTRAINT attempts_subject IF NOT EXISTS FOR (n:Attempts) REQUIRE n.subject IS UNIQUE
