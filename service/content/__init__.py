"""What an edition consists of: models, files in and out, validation, canonical form, Japanese text."""
