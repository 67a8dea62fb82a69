"""One task a file: what is done with a case, and what the outcome is worth."""
