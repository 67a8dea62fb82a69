"""Exact edits: bytes that are not named stay as they are (line endings, byte order mark, comments, alignment)."""
