"""What residents get: answers in, the list of procedures out."""
