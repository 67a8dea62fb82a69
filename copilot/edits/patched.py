"""Edits laid over a snapshot, and the way back: from byte ranges, or from two snapshots, to edits.

An `Edit` names the text it changes, so it can be checked on any tree; a `Replacement` names bytes of one file of one
snapshot, which is what code that has read the file knows. `as_edits` leads from the second to the first.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise

from copilot.errors import InvalidEdit
from copilot.iac.syntax import line_starts
from copilot.model import Edit
from copilot.snapshot import Snapshot

CONTEXT = 3
"""Unchanged lines around each change in a diff."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """In the file at `path`, the bytes from `start` to `end` become `new`."""

    path: str
    start: int
    end: int
    new: bytes


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that changed together: the ranges (from 1, end exclusive) before and after, and the edit that does it alone.

    Between two hunks of a file lies at least one unchanged line; a new or removed file is one hunk.
    """

    path: str
    before: tuple[int, int]
    after: tuple[int, int]
    edit: Edit


@dataclass(frozen=True, eq=False)
class Patched:
    """A snapshot with edits applied: both trees, the edits, and the paths whose bytes differ, sorted."""

    before: Snapshot
    after: Snapshot
    edits: tuple[Edit, ...]
    files: tuple[str, ...]

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        """Every change of lines, in the order of paths and lines."""
        return tuple(hunk for path in self.files for hunk in self._hunks(path))

    @cached_property
    def diff(self) -> str:
        """The change as `git diff` writes it (`git apply` takes it); line endings are those of the files."""
        return "".join(_diff(path, self.before.read(path), self.after.read(path)) for path in self.files)

    @cached_property
    def tree(self) -> str:
        """A name for the patched tree among all that can be made of `before`: SHA-256 over path, old and new bytes.

        Only the changed files are read, so that its cost does not grow with the tree; two patches of one snapshot have
        the same name exactly when every file of their results is the same.
        """
        total = hashlib.sha256()
        for path in self.files:
            old, new = (_sha(snapshot.read(path)) for snapshot in (self.before, self.after))
            total.update(f"{path}\0{old}\0{new}\0".encode("utf-8", "surrogateescape"))
        return total.hexdigest()

    def without(self, hunks: Iterable[Hunk]) -> Patched:
        """The same change with these hunks undone."""
        undone = set(hunks)
        kept = [hunk for hunk in self.hunks if hunk not in undone]
        whole = [hunk for hunk in kept if _is_whole(hunk.edit)]
        lines = self.replacements(hunk for hunk in kept if not _is_whole(hunk.edit))
        return apply(self.before, (*as_edits(self.before, lines), *(hunk.edit for hunk in whole)))

    def replacements(self, hunks: Iterable[Hunk]) -> tuple[Replacement, ...]:
        """What these hunks, all of files that exist before and after, do to the bytes of `before`."""
        out: list[Replacement] = []
        for hunk in hunks:
            old, new = self.before.read(hunk.path) or b"", self.after.read(hunk.path) or b""
            starts, ends = _offsets(old), _offsets(new)
            start, end = (starts[line - 1] for line in hunk.before)
            first, last = (ends[line - 1] for line in hunk.after)
            out.append(Replacement(hunk.path, start, end, new[first:last]))
        return tuple(out)

    def _hunks(self, path: str) -> Iterator[Hunk]:
        old, new = self.before.read(path), self.after.read(path)
        before, after = _lines(old or b""), _lines(new or b"")
        if old is None or new is None:
            edit = Edit(path, (old or b"").decode(), None if new is None else new.decode())
            yield Hunk(path, (1, len(before) + 1), (1, len(after) + 1), edit)
            return
        starts = _offsets(old)
        for a, b, c, d in _changes(before, after):
            change = Replacement(path, starts[a], starts[b], b"".join(after[c:d]))
            (edit,) = as_edits(self.before, [change])
            yield Hunk(path, (a + 1, b + 1), (c + 1, d + 1), edit)


def apply(before: Snapshot, edits: Sequence[Edit]) -> Patched:
    """The snapshot with the edits applied; InvalidEdit, naming why, when one of them does not apply exactly.

    Every `find` is looked for in the snapshot as it was, so the order of edits does not matter. An empty file counts as
    one that does not exist: `find` "" writes it.
    """
    changes: dict[str, list[Edit]] = {}
    for edit in edits:
        _check_path(edit.path, before)
        changes.setdefault(edit.path, []).append(edit)
    contents = {path: _edited(path, before.read(path), on_path) for path, on_path in changes.items()}
    new = [path for path, data in contents.items() if data is not None and path not in before]
    for path in new:
        folder = next((p for p in new if p.startswith(f"{path}/")), None)
        if folder:
            raise InvalidEdit(path, f"{folder} would make it a folder")
    after = before.changed(contents)
    return Patched(before, after, tuple(edits), tuple(sorted(p for p in contents if before.read(p) != contents[p])))


def as_edits(snapshot: Snapshot, replacements: Iterable[Replacement]) -> tuple[Edit, ...]:
    """Edits that make these replacements: whole lines, neighbours merged, each with text that occurs exactly once.

    Insertions at one offset keep the order in which they are given. InvalidEdit when two replacements overlap, when
    the file is not there, or when it is not UTF-8.
    """
    by_path: dict[str, list[Replacement]] = {}
    for replacement in replacements:
        by_path.setdefault(replacement.path, []).append(replacement)
    return tuple(edit for path in sorted(by_path) for edit in _widened(path, snapshot.read(path), by_path[path]))


def merged(before: Snapshot, changes: Iterable[Sequence[Edit]]) -> tuple[Edit, ...]:
    """The edits that make all of these changes of one snapshot; a line changed alike by several is changed once.

    InvalidEdit when two of them change the same lines in different ways.
    """
    replacements: dict[Replacement, None] = {}
    whole: dict[Edit, None] = {}
    for edits in changes:
        patched = apply(before, edits)
        whole.update((hunk.edit, None) for hunk in patched.hunks if _is_whole(hunk.edit))
        lines = patched.replacements(hunk for hunk in patched.hunks if not _is_whole(hunk.edit))
        replacements.update((replacement, None) for replacement in lines)
    return (*as_edits(before, replacements), *whole)


def _is_whole(edit: Edit) -> bool:
    """Whether the edit makes or removes a file."""
    return edit.find == "" or edit.replace is None


def edits_between(before: Snapshot, after: Snapshot) -> tuple[Edit, ...]:
    """Edits that make `before` into `after`; a renamed file is one removed and one added.

    InvalidEdit when a file that differs is not UTF-8 text on both sides.
    """
    edits: list[Edit] = []
    for path in sorted({*before.paths, *after.paths}):
        old, new = before.read(path), after.read(path)
        if old == new:
            continue
        if old is not None and new is not None and old and new:
            for data in (old, new):
                _text(path, data)
            starts, lines = _offsets(old), _lines(new)
            changes = [
                Replacement(path, starts[a], starts[b], b"".join(lines[c:d]))
                for a, b, c, d in _changes(_lines(old), lines)
            ]
            edits += as_edits(before, changes)
        else:
            edits.append(Edit(path, _text(path, old or b""), None if new is None else _text(path, new)))
    return tuple(edits)


def changed_lines(before: bytes, after: bytes) -> list[tuple[int, int]]:
    """Ranges of lines of `after` (from 1, end exclusive) that differ; an empty range where lines only went away."""
    return [(c + 1, d + 1) for _, _, c, d in _changes(_lines(before), _lines(after))]


# --- applying ---


def _check_path(path: str, before: Snapshot) -> None:
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or any(part in ("", ".", "..") for part in parts):
        raise InvalidEdit(path, "not a path inside the tree")
    if any(part.lower() == ".git" for part in parts):
        raise InvalidEdit(path, "git's own files are not edited")
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", path):
        raise InvalidEdit(ascii(path), "a path with control characters, or one that is not Unicode")
    at = bisect_left(before.paths, f"{path}/")
    if at < len(before.paths) and before.paths[at].startswith(f"{path}/"):
        raise InvalidEdit(path, "it is a folder")
    for depth in range(1, len(parts)):
        above = "/".join(parts[:depth])
        if above in before:
            raise InvalidEdit(path, f"{above} is a file, not a folder")


def _edited(path: str, data: bytes | None, edits: list[Edit]) -> bytes | None:
    whole = [edit for edit in edits if edit.find == "" or edit.replace is None]
    if whole and len(edits) > 1:
        raise InvalidEdit(path, "edits overlap: one of them is about the whole file")
    if whole:
        return _whole(path, data, whole[0])
    if data is None:
        raise InvalidEdit(path, "there is no such file")
    _text(path, data)
    found: list[tuple[int, int, bytes]] = []
    for edit in edits:
        find, replace = _bytes(path, edit.find), _bytes(path, edit.replace or "")
        if find == replace:
            raise InvalidEdit(path, "the edit changes nothing")
        start = data.find(find)
        if start < 0:
            raise InvalidEdit(path, f"text not found: {_excerpt(edit.find)}")
        if data.find(find, start + 1) >= 0:
            raise InvalidEdit(path, f"text found more than once: {_excerpt(edit.find)}")
        found.append((start, start + len(find), replace))
    found.sort()
    for (_, end, _), (start, _, _) in pairwise(found):
        if start < end:
            raise InvalidEdit(path, "edits overlap")
    return _spliced(data, found)


def _whole(path: str, data: bytes | None, edit: Edit) -> bytes | None:
    if edit.replace is None:
        if data is None:
            raise InvalidEdit(path, "there is no such file")
        if _text(path, data) != edit.find:
            raise InvalidEdit(path, "the text of the file to remove is another")
        return None
    if data:
        raise InvalidEdit(path, "the file exists")
    if data == b"" and not edit.replace:
        raise InvalidEdit(path, "the edit changes nothing")
    return _bytes(path, edit.replace)


def _spliced(data: bytes, changes: Iterable[tuple[int, int, bytes]]) -> bytes:
    out, at = [], 0
    for start, end, new in changes:
        out += [data[at:start], new]
        at = end
    return b"".join([*out, data[at:]])


def _text(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidEdit(path, "the file is not UTF-8 text") from error


def _bytes(path: str, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidEdit(path, "the edit's text is not Unicode") from error


def _excerpt(text: str) -> str:
    first = text.strip().split("\n", 1)[0].strip()
    return ascii(first[:60] + ("…" if len(first) > 60 else ""))


def _sha(data: bytes | None) -> str:
    return "-" if data is None else hashlib.sha256(data).hexdigest()


# --- widening ---


def _widened(path: str, data: bytes | None, replacements: list[Replacement]) -> Iterator[Edit]:
    if data is None:
        raise InvalidEdit(path, "there is no such file")
    _text(path, data)
    changes = sorted(((r.start, r.end, r.new) for r in replacements), key=lambda change: change[:2])
    for (_, end, _), (start, _, _) in pairwise(changes):
        if start < end:
            raise InvalidEdit(path, "edits overlap")
    changes = [change for change in changes if data[change[0] : change[1]] != change[2]]
    if not data:
        if changes:
            yield Edit(path, "", _text(path, b"".join(new for _, _, new in changes)))
        return
    starts = [*(start for start in line_starts(data) if start < len(data)), len(data)]
    regions: list[tuple[int, int]] = []  # in lines; grown until each is unique, then merged, until nothing changes
    for start, end, _ in changes:
        first = bisect_right(starts, start) - 1
        last = bisect_left(starts, end, lo=first)
        if start == end == starts[first]:  # an insertion between lines leans on the line above
            first = max(0, first - 1)
        regions.append((first, max(last, first + 1)))
    merged: list[tuple[int, int]] = []
    for region in regions:
        grown = _unique(data, starts, *region)
        while merged and grown[0] < merged[-1][1]:
            grown = _unique(data, starts, min(merged[-1][0], grown[0]), max(merged[-1][1], grown[1]))
            merged.pop()
        merged.append(grown)
    at = 0
    for first, last in merged:
        low, high = starts[first], starts[last]
        inside = []
        while at < len(changes) and (changes[at][1] <= high):
            inside.append((changes[at][0] - low, changes[at][1] - low, changes[at][2]))
            at += 1
        old = data[low:high]
        yield Edit(path, old.decode(), _text(path, _spliced(old, inside)))


def _unique(data: bytes, starts: list[int], first: int, last: int) -> tuple[int, int]:
    """The lines, widened by one above and one below in turn until their text occurs exactly once in the file."""
    above = True
    while True:
        text = data[starts[first] : starts[last]]
        if data.find(text, data.find(text) + 1) < 0:
            return first, last
        if (above and first > 0) or last == len(starts) - 1:
            first -= 1
        else:
            last += 1
        above = not above


# --- lines ---


def _lines(data: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _offsets(data: bytes) -> list[int]:
    """Where each line starts, and where the last one ends."""
    offsets = [0]
    for line in _lines(data):
        offsets.append(offsets[-1] + len(line))
    return offsets


def _changes(before: list[bytes], after: list[bytes]) -> list[tuple[int, int, int, int]]:
    """Runs of lines that differ: (from, to) before and (from, to) after, with unchanged lines between any two."""
    low = 0
    while low < min(len(before), len(after)) and before[low] == after[low]:
        low += 1
    high = 0
    while high < min(len(before), len(after)) - low and before[-1 - high] == after[-1 - high]:
        high += 1
    old, new = before[low : len(before) - high], after[low : len(after) - high]
    # Without junk the matcher is quadratic in how often a line is repeated; past this size that takes seconds.
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 4000)
    changes = [(a + low, b + low, c + low, d + low) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    floors = [0, *(change[1] for change in changes)]
    return [_slid(before, after, change, floor) for change, floor in zip(changes, floors, strict=False)]


def _slid(
    before: list[bytes], after: list[bytes], change: tuple[int, int, int, int], floor: int
) -> tuple[int, int, int, int]:
    """The change moved up over lines that repeat, to where it starts with the least indented line.

    Whether an added block begins at its own header or at the brace above it is the same to a machine; a person sees
    the difference.
    """
    a, b, c, d = change
    lines, low, high = (after, c, d) if a == b else (before, a, b)
    if (a != b and c != d) or low == 0:
        return change
    best, steps, best_steps = _depth(lines, low), 0, 0
    while a - steps - 1 > floor and lines[low - steps - 1] == lines[high - steps - 1]:
        steps += 1
        depth = _depth(lines, low - steps)
        if depth < best:
            best, best_steps = depth, steps
    return a - best_steps, b - best_steps, c - best_steps, d - best_steps


def _depth(lines: list[bytes], at: int) -> tuple[int, int]:
    line = lines[at]
    body = line.lstrip(b" \t")
    if not body.strip():
        return (0, 2)
    return (len(line) - len(body), 3 if body[:1] in b"})]" else 1)


# --- diffs ---


def _diff(path: str, old: bytes | None, new: bytes | None) -> str:
    names = [_quoted(f"{side}/{path}") for side in "ab"]
    out = [f"diff --git {names[0]} {names[1]}\n"]
    if old is None:
        out.append("new file mode 100644\n")
    if new is None:
        out.append("deleted file mode 100644\n")
    before, after = _lines(old or b""), _lines(new or b"")
    changes = _changes(before, after)
    if changes:
        # Git ends a name that holds a blank with a tab, and reads it so.
        tail = "\t" if " " in path else ""
        out.append("--- /dev/null\n" if old is None else f"--- {names[0]}{tail}\n")
        out.append("+++ /dev/null\n" if new is None else f"+++ {names[1]}{tail}\n")
    for group in _groups(changes):
        out += _rendered(before, after, group)
    return "".join(out)


def _groups(changes: list[tuple[int, int, int, int]]) -> Iterator[list[tuple[int, int, int, int]]]:
    group: list[tuple[int, int, int, int]] = []
    for change in changes:
        if group and change[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _rendered(before: list[bytes], after: list[bytes], group: list[tuple[int, int, int, int]]) -> Iterator[str]:
    lead = min(CONTEXT, group[0][0])
    tail = min(CONTEXT, len(before) - group[-1][1])
    a, b, c, d = group[0][0] - lead, group[-1][1] + tail, group[0][2] - lead, group[-1][3] + tail
    yield f"@@ -{_range(a, b)} +{_range(c, d)} @@\n"
    at = a
    for change in group:
        yield from (_line(" ", line) for line in before[at : change[0]])
        yield from (_line("-", line) for line in before[change[0] : change[1]])
        yield from (_line("+", line) for line in after[change[2] : change[3]])
        at = change[1]
    yield from (_line(" ", line) for line in before[at:b])


def _range(start: int, end: int) -> str:
    count = end - start
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"


def _line(mark: str, line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return mark + text if line.endswith(b"\n") else f"{mark}{text}\n\\ No newline at end of file\n"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"' if '"' in name else name
