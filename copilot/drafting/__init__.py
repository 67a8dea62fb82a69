"""Drafters: a finding and its surroundings to a patch, or an abstention that says what it would need."""

from __future__ import annotations

from collections.abc import Iterable


def summary(parts: Iterable[str], *, limit: int = 500) -> str:
    """What a patch does, in one line: each part once, and past the limit how many more there are."""
    told = list(dict.fromkeys(parts))
    for count in range(len(told), 0, -1):
        line = "; ".join(told[:count]) + (f"; and {len(told) - count} more" if count < len(told) else "")
        if len(line) <= limit:
            return line
    return f"{told[0][: limit - 1]}…" if told else ""
