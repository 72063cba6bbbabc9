"""What staff do: drafts, edits, merge, publishing, archive, history, scenarios."""
