"""Secrets become typed placeholders before anything leaves the tree: prompts, reports, logs, records, recordings."""

from __future__ import annotations

from typing import Final

OPENING: Final = "⟦secret:"
CLOSING: Final = "⟧"
"""A placeholder is `⟦secret:KIND:N⟧`: the kind of credential, and a number that is the same for the same secret."""
