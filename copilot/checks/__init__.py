"""Checks: the language they are written in, its evaluation, and the library that holds them."""
