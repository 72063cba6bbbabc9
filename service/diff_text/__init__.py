"""Differences and the history put into words."""
