"""Editions as staff change them: patches, drafts, history, publishing, archives."""
