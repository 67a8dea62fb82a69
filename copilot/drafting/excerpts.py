"""What a model is shown of a tree for the findings of one resource: the blocks it is about, what these lead to, what leads to them.

Texts stand as they are in the files, so that an edit can name them exactly. Whole files are shown where they fit.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from copilot.iac.syntax import Block, Source, line_starts
from copilot.iac.terraform import configuration_files
from copilot.model import Finding, Place, Resource, World
from copilot.snapshot import Snapshot

Read = Callable[[str, bytes], Source]
"""The syntax tree of a file, read once however often it is asked for."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Whole lines of a file as they stand there, from `first` to `last`, of so many in all."""

    path: str
    text: str
    first: int
    last: int
    lines: int

    @property
    def whole(self) -> bool:
        return self.first == 1 and self.last >= self.lines


class TooLarge(Exception):
    """What the finding is about does not fit into the room that there is."""


_Range = tuple[str, int, int]
"""A path, and the lines from and to (from 1, end exclusive)."""
DEPTH = 2
"""How many references away from the findings' blocks a block may stand and still be one of those shown first."""


def excerpts(
    findings: Sequence[Finding], world: World, snapshot: Snapshot, read: Read, *, room: int
) -> tuple[Excerpt, ...]:
    """What to show, within so many characters; TooLarge when not even the findings' own blocks fit."""
    addresses = dict.fromkeys(o.address for finding in findings for o in finding.occurrences)
    resources = [r for address in addresses if (r := world.by_address.get(address)) is not None]
    if world.root.kind == "kubernetes":
        first, more = _manifests(findings, resources, world)
    else:
        first, more = _blocks(findings, resources, world, snapshot, read)
    return tuple(_shown(first, more, snapshot, room))


# --- which lines ---


def _blocks(
    findings: Sequence[Finding], resources: Sequence[Resource], world: World, snapshot: Snapshot, read: Read
) -> tuple[list[_Range], list[_Range]]:
    """The blocks of the findings, and in order of nearness those around it."""
    places = [
        *(r.block for r in resources),
        *(place for finding in findings for place in (*finding.places, *finding.callers)),
        *(c for r in resources for c in r.callers),
    ]
    first = [_around(place, snapshot, read) for place in places]
    folders = list(dict.fromkeys(posixpath.dirname(path) for path, _, _ in first))
    index: dict[str, list[tuple[_Range, str]]] = {}
    every: list[tuple[_Range, str]] = []
    for folder in folders:
        for path in configuration_files(snapshot, folder):
            source = read(path, snapshot.read(path) or b"")
            for block in source.body.blocks:
                text = source.data[block.start : block.end].decode("utf-8", "replace")
                every.append((_lines_of(source, block), text))
                for name in _names(block):
                    index.setdefault(name, []).append(every[-1])
    more: list[_Range] = []
    texts = [text for where, text in every if where in first]
    own = {f"{r.type}.{r.name}" if r.mode != "data" else f"data.{r.type}.{r.name}" for r in resources}
    for depth in range(DEPTH):
        near = [found for text in texts for name in _mentioned(text) for found in index.get(name, ())]
        if depth == 0:
            near += [found for found in every if own & set(_mentioned(found[1]))]
        texts = [text for where, text in near if where not in first and where not in more]
        more += [where for where, _ in near]
    values = [path for path in world.root.var_files if path in snapshot]
    more += [(path, 1, _count(snapshot, path) + 1) for path in values]
    more += [where for where, _ in every]
    return first, more


def _around(place: Place, snapshot: Snapshot, read: Read) -> _Range:
    """The block at the top of the file that a place lies in; the place's own lines where it is in none."""
    data = snapshot.read(place.path) or b""
    if place.path.endswith((".tf", ".tofu")):
        source = read(place.path, data)
        for block in source.body.blocks:
            if block.start <= place.start < block.end:
                return _lines_of(source, block)
    return (place.path, place.line, place.end_line + 1)


def _lines_of(source: Source, block: Block) -> _Range:
    place = source.place(block.start, block.end)
    return (source.path, place.line, place.end_line + 1)


def _names(block: Block) -> Iterator[str]:
    """The names by which other blocks refer to this one."""
    match (block.type, *block.labels):
        case ("resource", type, name):
            yield f"{type}.{name}"
        case ("data", type, name):
            yield f"data.{type}.{name}"
        case ("variable", name):
            yield f"var.{name}"
        case ("module", name):
            yield f"module.{name}"
        case ("locals",):
            yield from (f"local.{attribute.name}" for attribute in block.body.attributes)


_MENTION = re.compile(r"\b(data\.[A-Za-z_]\w*\.[A-Za-z_][\w-]*|[A-Za-z_]\w*\.[A-Za-z_][\w-]*)")


def _mentioned(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_MENTION.findall(text)))


def _manifests(
    findings: Sequence[Finding], resources: Sequence[Resource], world: World
) -> tuple[list[_Range], list[_Range]]:
    """The objects of the findings; those of the same files, then the others of the root."""
    first = [_object(r) for r in resources]
    first += [(p.path, p.line, p.end_line + 1) for finding in findings for p in finding.places]
    files = {path for path, _, _ in first}
    others = [_object(r) for r in world.resources]
    return first, sorted(others, key=lambda where: where[0] not in files)


def _object(resource: Resource) -> _Range:
    return (resource.block.path, resource.block.line, resource.block.end_line + 1)


# --- what fits ---


def _shown(first: Sequence[_Range], more: Sequence[_Range], snapshot: Snapshot, room: int) -> Iterator[Excerpt]:
    texts: dict[str, list[str]] = {}
    chosen: dict[str, set[int]] = {}
    for required, wanted in ((True, first), (False, more)):
        for path, start, end in dict.fromkeys(wanted):
            lines = texts.setdefault(path, _text(snapshot, path))
            taken = chosen.get(path, set())
            whole = range(1, len(lines) + 1)
            # A whole file is worth more than its parts: whether a text stands once in it can be seen.
            for span in (whole, range(start, end)):
                fresh = [n for n in span if n not in taken and n <= len(lines)]
                cost = sum(len(lines[n - 1]) for n in fresh)
                if cost <= (room if span is not whole or not required else room // 2):
                    room -= cost
                    chosen.setdefault(path, set()).update(fresh)
                    break
            else:
                if required:
                    raise TooLarge(f"{path}: the block does not fit into what a model is shown")
    for path, numbers in sorted(chosen.items()):
        yield from _runs(path, texts[path], sorted(numbers))


def _runs(path: str, lines: Sequence[str], numbers: Sequence[int]) -> Iterator[Excerpt]:
    start = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] != numbers[at - 1] + 1:
            low, high = numbers[start], numbers[at - 1]
            yield Excerpt(path, "".join(lines[low - 1 : high]), low, high, len(lines))
            start = at


def _text(snapshot: Snapshot, path: str) -> list[str]:
    data = snapshot.read(path) or b""
    starts = [*(s for s in line_starts(data) if s < len(data)), len(data)]
    return [data[a:b].decode("utf-8", "replace") for a, b in itertools.pairwise(starts)]


def _count(snapshot: Snapshot, path: str) -> int:
    return len(_text(snapshot, path))
