"""Claims about all households: decision diagrams, interview paths, comparison, checks, findings."""
