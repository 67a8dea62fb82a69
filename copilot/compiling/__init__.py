"""Checks written out in the languages of other engines, and the input that those read."""
