"""Lines of files: excerpts with the columns that are meant, positions as other tools count them, diffs in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from copilot.model import Edit, Place

LINES: Final = 3
"""Lines of an excerpt; a longer place shows its first ones."""


class Line(NamedTuple):
    """A line of a file, its number, and the characters of it that are meant: from `start` to `end` (exclusive)."""

    number: int
    text: str
    start: int
    end: int


class Excerpt(NamedTuple):
    """The first lines of a place; `more` lines of it follow."""

    lines: tuple[Line, ...]
    more: int


def excerpt(sources: Mapping[str, bytes], place: Place) -> Excerpt:
    """What stands at the place; no lines where the file is not at hand, or does not have the place."""
    data = sources.get(place.path)
    if data is None or not 0 <= place.start <= place.end <= len(data):
        return Excerpt((), 0)
    at = data.rfind(b"\n", 0, place.start) + 1
    lines: list[Line] = []
    for number in range(place.line, min(place.end_line, place.line + LINES - 1) + 1):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        raw = data[at:end]
        first, last = (len(_text(raw[: max(0, offset - at)])) for offset in (place.start, min(place.end, end)))
        text = _text(raw).rstrip("\r")
        if number > place.line:
            first = len(text) - len(text.lstrip())
        # A place that ends with the line break before it means nothing of this line.
        if place.start == place.end or last > first:
            lines.append(Line(number, text, min(first, len(text)), min(max(last, first), len(text))))
        at = end + 1
        if at > len(data):
            break
    covered = place.end_line - place.line + (place.end_column > 1 or place.end_line == place.line)
    return Excerpt(tuple(lines), max(0, covered - len(lines)))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").removeprefix("\ufeff")


class Region(NamedTuple):
    """A range as SARIF counts it: from 1, columns in UTF-16 code units, the end exclusive; a BOM has no column."""

    line: int
    column: int
    end_line: int
    end_column: int


def region(data: bytes, start: int, end: int) -> Region:
    """The range of bytes of a file."""
    line, column = _position(data, start)
    end_line, end_column = _position(data, end)
    return Region(line, column, end_line, end_column)


def _position(data: bytes, offset: int) -> tuple[int, int]:
    start = data.rfind(b"\n", 0, offset) + 1
    before = _text(data[start:offset])
    return data.count(b"\n", 0, offset) + 1, len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1


def edited(sources: Mapping[str, bytes], edit: Edit) -> Region | None:
    """Where an edit applies; None when it makes or removes a file, or the file does not have its text exactly once."""
    data = sources.get(edit.path)
    if data is None or not edit.find or edit.replace is None:
        return None
    find = edit.find.encode("utf-8", "surrogatepass")
    at = data.find(find)
    if at < 0 or data.find(find, at + 1) >= 0:
        return None
    return region(data, at, at + len(find))


# --- diffs ------------------------------------------------------------------------------------------------------

DiffKind = Literal["file", "hunk", "same", "add", "remove", "note"]


class DiffLine(NamedTuple):
    """A line of a diff without its mark; of a file its path, of a hunk its header."""

    kind: DiffKind
    text: str

    @property
    def marked(self) -> str:
        """The line with its mark, as in a diff."""
        return {"add": "+", "remove": "-", "same": " "}.get(self.kind, "") + self.text


_HUNK: Final = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_KINDS: Final[Mapping[str, DiffKind]] = {"+": "add", "-": "remove", " ": "same", "": "same", "\\": "note"}


def diff_lines(diff: str) -> tuple[DiffLine, ...]:
    """The parts of a diff as `git diff` writes it; hunks are read by their counts, so no content passes for a header."""
    return tuple(_diff_lines(diff))


def _diff_lines(diff: str) -> Iterator[DiffLine]:
    old = new = 0
    for line in diff.removesuffix("\n").split("\n"):
        mark = line[:1]
        if (old > 0 or new > 0) and mark in _KINDS:
            kind = _KINDS[mark]
            old -= kind in ("remove", "same")
            new -= kind in ("add", "same")
            yield DiffLine(kind, line[1:].removesuffix("\r"))
        elif found := _HUNK.match(line):
            old, new = (int(count) if count is not None else 1 for count in found.groups())
            yield DiffLine("hunk", line)
        elif mark == "\\":
            yield DiffLine("note", line[1:].strip())
        elif line.startswith("diff --git "):
            yield DiffLine("file", _path_of(line))
        elif line.startswith(("new file", "deleted file")):
            yield DiffLine("note", line.split(" mode ")[0])


def _path_of(header: str) -> str:
    """The path of `diff --git a/PATH b/PATH`: both halves are the same, so the length says where it ends."""
    rest = header.removeprefix("diff --git ")
    half = rest[: len(rest) // 2]
    return half.removeprefix('"').removeprefix("a/").removesuffix('"')
