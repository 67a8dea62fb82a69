"""Evidence: what was done, so that it can be shown later."""
