"""Exceptions written beside the code: `# ccopilot:ignore CHECK-ID until=2026-12-31 reason="…"`.

Only comments count, found by parsing: the same words in a string or heredoc are text. A suppression counts when it
stands on the same thing in the merge base and in the head; one that the change adds, moves or copies is *requested*.
Those of other tools are read as information and never honoured.

What one covers: above a block, on its header line or first inside it, the block; beside or directly above an
attribute, that attribute and what the block around it lacks; standing alone inside a block, that block.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

import yaml

from copilot.errors import UnknownId
from copilot.model import Finding, Place
from copilot.policy import Resolve, documents
from copilot.snapshot import Snapshot

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Suppression:
    """One exception in a comment, and the bytes it covers.

    `checks` are our ids behind `check`. A finding is covered when a place of its chain starts in `covers`, or when it
    is placed on the header of the block around (`header`). `subject` names what it stands on without lines, so that
    it can be found again in another tree; nested blocks are named by their text, so a changed one is another.
    """

    check: str
    checks: tuple[str, ...]
    until: date
    reason: str
    path: str
    line: int
    subject: tuple[str, ...]
    covers: Range = field(compare=False)
    header: Range | None = field(default=None, compare=False)

    @property
    def identity(self) -> tuple[object, ...]:
        """What must be the same in the merge base for it to count."""
        return self.path, self.subject, self.checks, self.until, self.reason

    def covers_finding(self, finding: Finding) -> bool:
        """Whether this is about that finding, whatever the date."""
        if finding.check not in self.checks:
            return False
        if any(place.path == self.path and _inside(place, self.covers) for place in finding.places):
            return True
        at = finding.place
        return self.header is not None and at.path == self.path and (at.start, at.end) == self.header


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the exceptions in a file that a person should know: what, where, and what to do."""

    kind: Literal["malformed", "expired", "unmatched", "foreign"]
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Suppressions:
    """What the comments of a tree say: exceptions that read well, and notes on the rest."""

    entries: tuple[Suppression, ...] = ()
    notes: tuple[Note, ...] = ()


def collect(snapshot: Snapshot, paths: Iterable[str], *, resolve: Resolve | None = None) -> Suppressions:
    """The exceptions in the comments of these files; files of formats without comments have none."""
    entries: list[Suppression] = []
    notes: list[Note] = []
    for path in sorted(set(paths)):
        data = snapshot.read(path) or b""
        if _MENTIONED.search(data) is None:
            continue
        for comment in _comments(path, data):
            _read(path, comment, resolve, entries, notes)
    return Suppressions(tuple(entries), tuple(notes))


def apply(findings: Iterable[Finding], *, base: Suppressions, head: Suppressions, today: date) -> tuple[Finding, ...]:
    """The findings, each marked suppressed when a comment covers it that stands in both trees, else with what is asked.

    A finding that is exempt already stays as it is. A scan gives the same suppressions twice.
    """
    granted = {entry.identity for entry in base.entries}
    current = [entry for entry in head.entries if entry.until >= today]
    return tuple(_marked(finding, granted, current) for finding in findings)


def _marked(finding: Finding, granted: Collection[object], current: Sequence[Suppression]) -> Finding:
    if finding.exempt is not None:
        return finding
    covering = [entry for entry in current if entry.covers_finding(finding)]
    for entry in sorted(covering, key=lambda each: (each.identity not in granted, each.line)):
        note = f"until {entry.until}: {entry.reason} [{entry.path}:{entry.line}]"
        if entry.identity in granted:
            return replace(finding, exempt="suppressed", exempt_note=f"suppressed {note}", exempt_until=entry.until)
        return replace(finding, requested="; ".join(filter(None, (finding.requested, f"a suppression {note}"))))
    return finding


def notes(suppressions: Suppressions, today: date, *, findings: Sequence[Finding] | None = None) -> tuple[Note, ...]:
    """Every note, by file and line; with the findings of the whole tree also on exceptions that nothing needs."""
    out = list(suppressions.notes)
    for entry in suppressions.entries:
        if entry.until < today:
            text = f"this suppression of {entry.check} ended on {entry.until}; remove it, or agree to a new date"
            out.append(Note("expired", entry.path, entry.line, text))
        elif findings is not None and not any(entry.covers_finding(finding) for finding in findings):
            text = f"nothing here fails {entry.check}; remove this suppression"
            out.append(Note("unmatched", entry.path, entry.line, text))
    return tuple(sorted(out, key=lambda note: (note.path, note.line, note.kind, note.message)))


def _inside(place: Place, within: Range) -> bool:
    return within[0] <= place.start < within[1]


# --- what a comment says ----------------------------------------------------------------------------------------

_MENTIONED: Final = re.compile(rb"(?i)ccopilot\s*:|(?:checkov|bridgecrew):|tfsec:|trivy:|kics-scan")
_OURS: Final = re.compile(r"(?i)^ccopilot\s*:\s*(\S*)\s*(.*)$")
_WORD: Final = re.compile(
    r'\s*(?:(?P<key>[A-Za-z_]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"]+))|(?P<id>[^\s=",]+),?)'
)
_USAGE: Final = 'write `ccopilot:ignore CHECK-ID until=YYYY-MM-DD reason="why"`'
_FOREIGN: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("Checkov", re.compile(r"(?:checkov|bridgecrew):skip=([A-Za-z0-9_.-]+)")),
    ("tfsec", re.compile(r"tfsec:ignore:([A-Za-z0-9_*.-]+)")),
    ("Trivy", re.compile(r"trivy:ignore:([A-Za-z0-9_*.-]+)")),
    ("KICS", re.compile(r"kics-scan\s+(?:disable=([A-Za-z0-9_,.-]+)|(ignore(?:-line|-block)?))")),
)


class _Subject(NamedTuple):
    """What a comment stands on: its name without lines, the bytes it covers, the header of the block around."""

    name: tuple[str, ...]
    covers: Range
    header: Range | None


class _Comment(NamedTuple):
    """A line of a comment, and what it stands on (None: on nothing)."""

    line: int
    text: str
    subject: _Subject | None


def _read(path: str, comment: _Comment, resolve: Resolve | None, entries: list[Suppression], notes: list[Note]) -> None:
    for tool, pattern in _FOREIGN:
        for found in pattern.finditer(comment.text):
            which = next(filter(None, found.groups()))
            text = f"a suppression of {tool} for {which} stands here, which does not count; if it should, {_USAGE}"
            notes.append(Note("foreign", path, comment.line, text))
    ours = _OURS.match(comment.text)
    if ours is None:
        return
    ids, options, wrong = _parsed(ours)
    until: date | None = None
    if not wrong:
        try:
            until = date.fromisoformat(options["until"]) if len(options["until"]) == 10 else None
        except ValueError:
            until = None
        if until is None:
            wrong = f"until={options['until']} is not a date"
        elif not options["reason"].strip():
            wrong = "the reason is empty"
        elif comment.subject is None:
            wrong = "it stands on nothing; put it into a block, or directly above one"
    for id in ids if not wrong else ():
        try:
            checks = (id,) if resolve is None else resolve(id)
        except UnknownId:
            checks = ()
        if not checks:
            wrong = f"no check is known as {id!r}; `ccopilot corpus list` shows every id"
            continue
        assert until is not None
        assert comment.subject is not None
        name, covers, header = comment.subject
        reason = options["reason"].strip()
        entries.append(Suppression(id, checks, until, reason, path, comment.line, name, covers, header))
    if wrong:
        notes.append(Note("malformed", path, comment.line, f"this suppression does not count: {wrong}; {_USAGE}"))


def _parsed(ours: re.Match[str]) -> tuple[tuple[str, ...], dict[str, str], str]:
    """The ids, the options, and what is wrong ("" when nothing is)."""
    if not ours.group(0).startswith("ccopilot:ignore") or ours.group(1) != "ignore":
        return (), {}, "it does not begin with `ccopilot:ignore`"
    ids: list[str] = []
    options: dict[str, str] = {}
    rest, at = ours.group(2).rstrip(), 0
    while at < len(rest):
        word = _WORD.match(rest, at)
        if word is None or word.end() == at:
            return (), {}, f"{rest[at:].strip()[:40]!r} does not read"
        at = word.end()
        key = word.group("key")
        if key is None:
            if options:
                return (), {}, f"{word.group('id')!r} stands behind an option; a reason of several words needs quotes"
            ids.append(word.group("id"))
        elif key not in ("until", "reason"):
            return (), {}, f"there is no option {key!r}, only until and reason"
        elif key in options:
            return (), {}, f"{key} stands twice"
        else:
            quoted = word.group("quoted")
            options[key] = word.group("bare") if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    missing = [name for name in ("until", "reason") if name not in options]
    if not ids:
        missing.insert(0, "the check's id")
    wrong = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing" if missing else ""
    return tuple(dict.fromkeys(ids)), options, wrong


# --- where comments stand ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Item:
    """A block, attribute, or YAML entry that a comment can stand on."""

    name: str
    start: int
    end: int
    header_end: int
    children: tuple[_Item, ...] = ()
    is_block: bool = True


def _comments(path: str, data: bytes) -> Iterator[_Comment]:
    if path.endswith((".tf", ".tofu", ".tfvars")):
        yield from _in_hcl(data)
    elif path.endswith((".yaml", ".yml")):
        yield from _in_yaml(data)


@lru_cache(maxsize=1)
def _hcl_parser() -> Any:
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_hcl.language()))


def _in_hcl(data: bytes) -> Iterator[_Comment]:
    from copilot.iac import hcl

    # What the reader refuses (too large, not UTF-8, nested too deeply) is a gap of the root; nothing in it counts.
    source = hcl.read("", data)
    if source.gaps and not source.body.blocks and not source.body.attributes:
        return
    text = b"   " + data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    ranges: list[Range] = []
    stack = [_hcl_parser().parse(text).root_node]
    while stack:
        node = stack.pop()
        if node.type == "comment":
            ranges.append((node.start_byte, node.end_byte))
        elif not node.is_error:
            stack.extend(node.children)
    top = _Item("", 0, len(data) + 1, 0, tuple(_hcl_items(source.body, text)))
    yield from _placed(text, sorted(ranges), top)


def _hcl_items(body: Any, data: bytes, *, nested: bool = False) -> Iterator[_Item]:
    for attribute in body.attributes:
        yield _Item(attribute.name, attribute.start, attribute.end, attribute.start, is_block=False)
    for block in body.blocks:
        name = ".".join((block.type, *block.labels))
        if nested:
            name = f"{name}#{_digest(data[block.start : block.end])}"
        yield _Item(name, block.start, block.end, block.header_end, tuple(_hcl_items(block.body, data, nested=True)))


def _digest(text: bytes) -> str:
    return hashlib.sha256(b" ".join(text.split())).hexdigest()[:16]


def _in_yaml(data: bytes) -> Iterator[_Comment]:
    try:
        text = data.decode("utf-8-sig")
        nodes = list(documents(text, max_depth=300))
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # a template, or broken: not evaluated either
    lead = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    offset = _offsets(text, lead)
    scalars: list[Range] = []
    tops = [_yaml_document(node, offset, data, scalars) for node in nodes if not isinstance(node, yaml.ScalarNode)]
    scalars.sort()
    ranges: list[Range] = []
    at, following = lead, 0
    for found in re.finditer(rb"(?m)(?:^|(?<=[ \t]))#[^\r\n]*", data):
        while following < len(scalars) and scalars[following][1] <= found.start():
            following += 1
        if found.start() >= at and not (following < len(scalars) and scalars[following][0] <= found.start()):
            ranges.append(found.span())
            at = found.end()
    yield from _placed(data, ranges, _Item("", 0, len(data) + 1, 0, tuple(tops)))


def _offsets(text: str, lead: int) -> Callable[[int], int]:
    """From an index in the text to the byte offset in the file."""
    if text.isascii():
        return lambda index: index + lead
    starts = [lead]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    return lambda index: starts[min(index, len(text))]


def _yaml_document(node: yaml.Node, offset: Callable[[int], int], data: bytes, scalars: list[Range]) -> _Item:
    seen: set[int] = set()

    def span(each: yaml.Node) -> Range:
        # A block collection ends, for the parser, where the next thing begins; here where its last scalar ends.
        last = each
        while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
            tail = last.value[-1]
            last = tail[1] if isinstance(tail, tuple) else tail
            if last.end_mark.index < each.start_mark.index:  # an alias
                return offset(each.start_mark.index), offset(each.end_mark.index)
        end = offset(last.end_mark.index)
        return offset(each.start_mark.index), end - len(data[:end]) + len(data[:end].rstrip())

    def items(each: yaml.Node) -> Iterator[_Item]:
        if id(each) in seen:  # an alias: its text stands elsewhere
            return
        seen.add(id(each))
        if isinstance(each, yaml.ScalarNode):
            scalars.append(span(each))
        elif isinstance(each, yaml.MappingNode):
            for key, value in each.value:
                (start, key_end), end = span(key), span(value)[1]
                inner = (*items(key), *items(value))
                yield _Item(str(key.value)[:100], start, max(end, key_end), key_end, inner, is_block=False)
        elif isinstance(each, yaml.SequenceNode):
            for item in each.value:
                start, end = span(item)
                inner = tuple(items(item))
                name = _scalar_at(item, ("name",)) or f"#{_digest(data[start:end])}"
                yield _Item(name, start, end, start, inner, is_block=False)

    start, end = span(node)
    name = ".".join(_scalar_at(node, path) for path in (("kind",), ("metadata", "namespace"), ("metadata", "name")))
    return _Item(name, start, end, start, tuple(items(node)))


def _scalar_at(node: yaml.Node, path: tuple[str, ...]) -> str:
    for name in path:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        found = next((value for key, value in pairs if key.value == name), None)
        if found is None:
            return ""
        node = found
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _placed(data: bytes, ranges: Sequence[Range], top: _Item) -> Iterator[_Comment]:
    """Each line of each comment with what it stands on; comments that follow each other stand on the same thing."""
    for i, (start, end) in enumerate(ranges):
        words = data[start:end].decode("utf-8", "replace")
        line = data.count(b"\n", 0, start) + 1
        alone = not data[data.rfind(b"\n", 0, start) + 1 : start].strip(b" \t")
        subject = _below(data, ranges, i, top) if alone else _beside(data, start, top)
        for row, text in enumerate(words.splitlines()):
            text = text.strip().removeprefix("/*").removesuffix("*/").lstrip("#/* \t").rstrip()
            yield _Comment(line + row, text, subject)


def _beside(data: bytes, at: int, top: _Item) -> _Subject | None:
    """What stands on the line in front of a comment: the outermost thing that begins there, else the one it is in."""
    begin = data.rfind(b"\n", 0, at) + 1
    found = _beginning(top, (), begin, at)
    if found is not None:
        return _subject_of(*found)
    return _whole(*_around(top, begin))


def _beginning(item: _Item, names: tuple[str, ...], begin: int, at: int) -> tuple[tuple[str, ...], _Item, _Item] | None:
    for child in item.children:
        if begin <= child.start < at:
            return names, item, child
        if child.start < begin < child.end:
            return _beginning(child, (*names, child.name), begin, at)
    return None


def _below(data: bytes, ranges: Sequence[Range], index: int, top: _Item) -> _Subject | None:
    """What stands directly below a comment on lines of its own, else the block it is in."""
    start, end = ranges[index]
    names, item = _around(top, start)
    if item.is_block and item.name not in ("", "locals") and _nothing_but(ranges, data, item.header_end, start):
        return _whole(names, item)
    for following in ranges[index + 1 :]:
        if data[end : following[0]].strip(b" \t\r") not in (b"\n", b""):
            break
        end = following[1]
    below = _NEXT_LINE.match(data, end)
    at = below.end() if below else end
    begin = data.rfind(b"\n", 0, at) + 1
    child = next((each for each in item.children if begin <= each.start <= at), None)
    return _whole(names, item) if child is None else _subject_of(names, item, child)


_NEXT_LINE: Final = re.compile(rb"[ \t\r]*\n?(?:---[ \t\r]*\n)?[ \t]*(?:- +)*")


def _nothing_but(ranges: Sequence[Range], data: bytes, start: int, end: int) -> bool:
    """Whether only comments and white space stand between two offsets."""
    at = start
    for first, last in ranges:
        if at <= first and last <= end:
            if data[at:first].strip():
                return False
            at = last
    return not data[at:end].strip()


def _around(top: _Item, at: int) -> tuple[tuple[str, ...], _Item]:
    """The innermost thing around an offset, with the names down to it."""
    names: tuple[str, ...] = ()
    item = top
    while True:
        inner = next((each for each in item.children if each.start <= at < each.end), None)
        if inner is None:
            return names, item
        names, item = (*names, inner.name), inner


def _subject_of(names: tuple[str, ...], around: _Item, item: _Item) -> _Subject:
    lacking = around.is_block and around.name not in ("", "locals") and not item.is_block
    header = (around.start, around.header_end) if lacking else None
    return _Subject((*names, item.name), (item.start, item.end), header)


def _whole(names: tuple[str, ...], item: _Item) -> _Subject | None:
    return _Subject(names, (item.start, item.end), None) if item.name not in ("", "locals") else None
