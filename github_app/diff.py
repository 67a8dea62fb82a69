"""Where a comment may stand: the lines that a pull request's diff shows, read from the patch that GitHub gives.

GitHub answers 422 to a comment on any other line, and to one that spans two hunks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Side = Literal["LEFT", "RIGHT"]
_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that one hunk shows: numbers in the old file (context and removed) and in the new one (context and added)."""

    left: frozenset[int]
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One changed file; no hunks where GitHub gives no patch (binary, or too large to show)."""

    path: str
    hunks: tuple[Hunk, ...] = ()

    def shows(self, start: int, end: int, side: Side = "RIGHT") -> bool:
        """Whether one hunk shows all of these lines (`end` included)."""
        wanted = range(start, end + 1)
        return any(all(line in (h.right if side == "RIGHT" else h.left) for line in wanted) for h in self.hunks)


class NoPatch(ValueError):
    """A patch that does not read as GitHub writes them."""


def read(path: str, patch: str | None) -> FileDiff:
    """The diff of a file by its `patch` field; None where GitHub leaves it out."""
    return FileDiff(path, tuple(_hunks(patch)) if patch else ())


def _hunks(patch: str) -> Iterator[Hunk]:
    # Only \n ends a line of a patch: what else Unicode calls a line end is text.
    lines = patch.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    at = 0
    while at < len(lines):
        header = _HEADER.match(lines[at])
        if header is None:
            raise NoPatch(f"line {at + 1} is no header of a hunk")
        old, new = int(header[1]), int(header[3])
        old_left, new_left = int(header[2] or 1), int(header[4] or 1)
        at += 1
        left: set[int] = set()
        right: set[int] = set()
        while old_left > 0 or new_left > 0:
            if at >= len(lines):
                raise NoPatch("a hunk ends before its time")
            mark = lines[at][:1]
            if mark in ("", " "):  # a blank context line may come without its blank
                left.add(old)
                right.add(new)
                old, new, old_left, new_left = old + 1, new + 1, old_left - 1, new_left - 1
            elif mark == "-":
                left.add(old)
                old, old_left = old + 1, old_left - 1
            elif mark == "+":
                right.add(new)
                new, new_left = new + 1, new_left - 1
            elif mark != "\\":
                raise NoPatch(f"line {at + 1} is no line of a hunk")
            at += 1
        while at < len(lines) and lines[at].startswith("\\"):
            at += 1
        if old_left or new_left:
            raise NoPatch("a hunk has more lines than it says")
        yield Hunk(frozenset(left), frozenset(right))
