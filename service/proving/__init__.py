"""Proofs over all households: decision diagrams, walks of interviews, comparison of contents."""
