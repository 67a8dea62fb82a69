"""JSON and YAML written as text inside a configuration, read back as structure that knows where each part stands.

A policy in a heredoc is text with holes: `"Resource": "${aws_s3_bucket.b.arn}/*"`. The reader here is our own because
it must keep two things that a library drops: the position of every value, and the holes. It is iterative, so depth
costs no stack, and it has budgets, so foreign text cannot hold it up.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache, partial
from json.decoder import scanstring  # type: ignore[attr-defined]  # absent from typeshed
from typing import Any

import yaml

from copilot.model import Encoded, Known, List, Map, Null, Place, Ref, Scalar, Template, Unknown, Value

MAX_CHARACTERS = 1 << 20
MAX_DEPTH = 100
MAX_NODES = 1 << 18
"""What the aliases of a YAML text may grow to, counted as if every alias were written out."""

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_STRING_END = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_YAML_MAPPING = re.compile(
    r"""\A\ufeff?(?:[ \t]*(?:\#[^\n]*|---[ \t]*)?\r?\n)*(?:---[ \t]+)?[ \t]*(?:\{|(?:"[^"\n]*"|'[^'\n]*'|[^\s\#"'\[\]{},&*!|>%@`-][^\n:]*)[ \t]*:(?:\s|\Z))"""
)
_YAML_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_YAML_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def decoded(value: Value) -> Value | None:
    """The object or list that the text holds, with places; None when the value is no such text.

    What is inserted in a string becomes a Template, or the inserted value itself when it is the whole string; what is
    inserted outside a string becomes the value there, and a list or object that it may extend is open. Text over 1 MiB
    or nested over 100 levels is Unknown("budget"). A key that is written twice has its last value; see `repeated`.
    """
    match value:
        case Encoded(encoding="base64", inner=inner) if isinstance(inner, (Known, Template, Encoded)):
            return decoded(inner)
        case Encoded(inner=inner):
            return _hidden(inner) if value.sensitive else inner
        case Known(value=str()) | Template():
            return _decoded(value)
    return None


def repeated(value: Map) -> tuple[str, ...]:
    """The keys that the text writes more than once in this object; readers of JSON disagree which of them counts."""
    return value.items.repeated if isinstance(value.items, _Entries) else ()


class _Entries(dict[str, Value]):
    """The entries of an object, and the keys that were written more than once."""

    __slots__ = ("repeated",)

    def __init__(self) -> None:
        super().__init__()
        self.repeated: tuple[str, ...] = ()

    def put(self, key: str, value: Value) -> None:
        if key in self and key not in self.repeated:
            self.repeated = (*self.repeated, key)
        self[key] = value


class _Unreadable(Exception):
    """The text is not what it was taken for."""


class _OverBudget(Exception):
    """The text is too large or too deep to be read."""


@lru_cache(maxsize=512)  # values compare by identity, so this is one entry a value
def _decoded(value: Known | Template) -> Value | None:
    source = _Source(value)
    start = _SPACE.match(source.text).end()  # type: ignore[union-attr]  # matches the empty text too
    json_like = source.text[start : start + 1] in ("{", "[")
    readers: list[Callable[[_Source], Value]] = [_json] if json_like else []
    if len(source.text) > MAX_CHARACTERS:
        head = source.text[:4096]
        return source.unknown("text over 1 MiB") if json_like or _YAML_MAPPING.match(head) else None
    if _YAML_MAPPING.match(source.text):
        readers.append(_yaml)
    for reader in readers:
        try:
            return reader(source)
        except _OverBudget as error:
            return source.unknown(str(error))
        except _Unreadable:
            continue
    return None


# --- text with holes --------------------------------------------------------------------------------------------


class _Source:
    """The text of a value: one character for each hole, and the way back from a position to the file."""

    def __init__(self, value: Known | Template) -> None:
        self.value = value
        self.holes: list[Value] = []
        pieces: list[str | None] = []
        runs: list[tuple[int, int]] = []
        _flatten(value, pieces, self.holes, runs)
        literal = "".join(piece for piece in pieces if piece is not None)
        # A private character that the text does not use stands for every hole; the n-th one is the n-th hole.
        self.mark = next(char for char in map(chr, range(0xE000, 0xF8FF)) if char not in literal) if self.holes else ""
        self.text = "".join(self.mark if piece is None else piece for piece in pieces)
        self.hole_at: list[int] = []
        position = 0
        for piece in pieces:
            if piece is None:
                self.hole_at.append(position)
            position += 1 if piece is None else len(piece)
        self.runs = self._trusted(self._placed(runs))
        self.starts = [start for start, _ in self.runs]
        self.newlines = [match.start() for match in re.finditer("\n", self.text)] if self.runs else []

    def _placed(self, runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """The runs with offsets in `text`: those of the value leave the holes out."""
        if not self.holes:
            return sorted(runs)
        before = [at - index for index, at in enumerate(self.hole_at)]  # literal characters in front of each hole
        return sorted((offset + bisect_right(before, offset), byte) for offset, byte in runs)

    def _trusted(self, runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """No runs when one holds what a quoted text escapes: then its characters are not the bytes of the file."""
        whole = self.value.written
        if whole is None or not runs or runs[0][1] == whole.start or whole.line != whole.end_line:
            return runs
        ends = [*(start for start, _ in runs[1:]), len(self.text)]
        literal = (self.text[start:end] for (start, _), end in zip(runs, ends, strict=True))
        return [] if any(len(run) > 1 and re.search(r'["\\\n\r\t]', run) for run in literal) else runs

    def places(self, start: int, end: int) -> tuple[Place, ...]:
        """The chain of the value, its last place narrowed to these characters of the text where that is known."""
        whole = self.value.written
        if whole is None or not self.runs:
            return self.value.places
        first, last = self._byte(start), self._end(end)
        if first is None or last is None or not whole.start <= first < last <= whole.end:
            return self.value.places
        line, column = self._line(start, first, whole)
        end_line, end_column = self._line(end - 1, last, whole)
        return (*self.value.places[:-1], Place(whole.path, first, last, line, column, end_line, end_column))

    def _byte(self, position: int) -> int | None:
        index = bisect_right(self.starts, position) - 1
        if index < 0 or self._hole_between(self.starts[index], position + 1):
            return None
        start, byte = self.runs[index]
        byte += _length(self.text[start:position])
        # Text between two runs that is not literal there (a local that was put in) has no place of its own.
        known = index + 1 == len(self.runs) or byte < self.runs[index + 1][1]
        return byte if known else None

    def _end(self, end: int) -> int | None:
        # An escape is one character of the text and two or more bytes: the next run says where it ends.
        index = bisect_left(self.starts, end)
        if index < len(self.starts) and self.starts[index] == end and self.text[end - 1] != "\n":
            return self.runs[index][1]
        last = self._byte(end - 1)
        return None if last is None else last + _length(self.text[end - 1])

    def _hole_between(self, start: int, end: int) -> bool:
        return bisect_left(self.hole_at, start) < bisect_left(self.hole_at, end)

    def _line(self, position: int, byte: int, whole: Place) -> tuple[int, int]:
        """Line and column: in text over several lines each line break of the text is one of the file.

        The column of the first line of a heredoc is counted from where its text starts.
        """
        if whole.line == whole.end_line:
            return whole.line, whole.column + byte - whole.start
        first_byte = self.runs[0][1]
        index = bisect_left(self.newlines, position)
        if first_byte - whole.start > 1:  # a heredoc or a block scalar: the text starts on the line after its header
            line, column = whole.line + 1, byte - first_byte + 1
        else:
            line, column = whole.line, whole.column + byte - whole.start
        if index:
            ended = self._byte(self.newlines[index - 1])
            column = byte - ended if ended is not None else 1
        return line + index, column

    def between(self, start: int, end: int) -> list[int]:
        """The numbers of the holes in this range of the text."""
        return list(range(bisect_left(self.hole_at, start), bisect_left(self.hole_at, end)))

    def hole(self, index: int) -> Value:
        """What is inserted there."""
        value = self.holes[index]
        return _hidden(value) if self.value.sensitive else value

    def inserted(self, index: int) -> Value:
        """What is inserted there outside of a string: the text of jsonencode is its structure again."""
        value = self.hole(index)
        return value.inner if isinstance(value, Encoded) and value.encoding == "json" else value

    def known(self, value: Scalar, start: int, end: int) -> Value:
        return Known(value, places=self.places(start, end), sensitive=self.value.sensitive)

    def null(self, start: int, end: int) -> Value:
        return Null(places=self.places(start, end), sensitive=self.value.sensitive)

    def number(self, text: str, start: int, end: int) -> Value:
        """The number; Unknown when it is out of the range that a reader could hold."""
        if not re.search("[.eE]", text) and len(text) <= 4000:  # CPython refuses more digits than 4300
            return self.known(int(text), start, end)
        number = float(text)
        if not math.isfinite(number):
            return Unknown("unreadable", "number out of range", places=self.places(start, end))
        return self.known(number, start, end)

    def text_with(self, segments: list[str], holes: list[int], start: int, end: int) -> Value:
        """The string of these literal segments with the holes between them."""
        if not holes:
            return self.known(segments[0], start, end)
        places, sensitive = self.places(start, end), self.value.sensitive
        if len(holes) == 1 and not any(segments):
            return self.hole(holes[0])
        parts: list[Value] = []
        for number, segment in enumerate(segments):
            if segment:
                parts.append(Known(segment, places=places, sensitive=sensitive))
            if number < len(holes):
                parts.append(self.hole(holes[number]))
        return Template(tuple(parts), places=places, sensitive=sensitive)

    def listed(self, items: Iterable[Value], open_: bool, start: int, end: int) -> List:
        return List(tuple(items), open_, places=self.places(start, end), sensitive=self.value.sensitive)

    def mapped(self, items: _Entries, open_: bool, start: int, end: int) -> Map:
        return Map(items, open_, places=self.places(start, end), sensitive=self.value.sensitive)

    def unknown(self, detail: str) -> Unknown:
        return Unknown("budget", detail, places=self.value.places, sensitive=self.value.sensitive)


def _flatten(value: Value, pieces: list[str | None], holes: list[Value], runs: list[tuple[int, int]]) -> None:
    """Lay the text out in pieces, None for each hole; offsets count literal characters alone."""
    stack = [value]
    literal = 0
    if isinstance(value, (Known, Template)):
        runs.extend(value.offsets)
    while stack:
        part = stack.pop()
        match part:
            case Template(parts=parts):
                stack.extend(reversed(parts))
            case Known(value=content):
                piece = content if isinstance(content, str) else json.dumps(content)
                if part is not value and not getattr(value, "offsets", ()):
                    runs.extend((literal + offset, byte) for offset, byte in part.offsets)
                pieces.append(piece)
                literal += len(piece)
            case _:
                pieces.append(None)
                holes.append(part)


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _hidden(value: Value) -> Value:
    """The value and all below it, marked sensitive."""
    match value:
        case List(items=items):
            return replace(value, items=tuple(_hidden(item) for item in items), sensitive=True)
        case Map(items=entries):
            return replace(value, items={key: _hidden(item) for key, item in entries.items()}, sensitive=True)
        case Encoded(inner=inner):
            return replace(value, inner=_hidden(inner), sensitive=True)
    return replace(value, sensitive=True)


# --- JSON -------------------------------------------------------------------------------------------------------


class _Frame:
    """A container that is being read: `items` of a list, or `entries` of an object with the key that waits."""

    __slots__ = ("entries", "is_open", "items", "key", "start")

    def __init__(self, start: int, *, is_map: bool) -> None:
        self.start = start
        self.items: list[Value] = []
        self.entries: _Entries | None = _Entries() if is_map else None
        self.key: str | None = None
        self.is_open = False

    def add(self, value: Value) -> None:
        if self.entries is None:
            self.items.append(value)
        elif self.key is not None:
            self.entries.put(self.key, value)
        else:
            self.is_open = True  # under a key that is not known

    def finish(self, source: _Source, end: int) -> Value:
        if self.entries is None:
            return source.listed(self.items, self.is_open, self.start, end)
        return source.mapped(self.entries, self.is_open, self.start, end)


def _json(source: _Source) -> Value:
    """Read one JSON object or list."""
    text, mark = source.text, source.mark
    stack: list[_Frame] = []
    position, holes = 0, 0
    want = "value"  # value | key | more: what may come next ("more": a comma or the end of the container)
    first = True  # nothing stands yet in the innermost container, so it may end where an item could start

    while True:
        position = _SPACE.match(text, position).end()  # type: ignore[union-attr]
        char = text[position : position + 1]
        if not char:
            raise _Unreadable
        frame = stack[-1] if stack else None
        value: Value | None = None

        if frame is not None and char == ("]" if frame.entries is None else "}") and (want == "more" or first):
            position += 1
            stack.pop()
            value = frame.finish(source, position)
        elif mark and char == mark and (want != "value" or frame is None or frame.entries is None):
            if frame is None:
                raise _Unreadable
            if want == "key" and text[_space(text, position + 1) :][:1] == ":":
                position, frame.key, want, first = _space(text, position + 1) + 1, None, "value", False
            else:
                if want == "value":  # an element, or as many as it expands to
                    frame.items.append(source.inserted(holes))
                    frame.is_open = frame.is_open or not isinstance(source.hole(holes), (Ref, Encoded))
                else:
                    frame.is_open = True
                position, want, first = position + 1, "more", False
                # "1 ${rest}" and "${rest} 1" are both in use: what is inserted may bring its own comma.
                after = text[_space(text, position) :][:1]
                if after not in (",", "]", "}", mark):
                    want = "key" if frame.entries is not None else "value"
            holes += 1
            continue
        elif want == "more":
            if char != "," or frame is None:
                raise _Unreadable
            position, want, first = position + 1, "key" if frame.entries is not None else "value", False
            continue
        elif want == "key":
            assert frame is not None
            if char != '"':
                raise _Unreadable
            key, position, used = _string(source, position, holes)
            holes += used
            frame.key = key.value if isinstance(key, Known) and isinstance(key.value, str) else None
            position = _space(text, position)
            if text[position : position + 1] != ":":
                raise _Unreadable
            position, want, first = position + 1, "value", False
            continue
        elif char in "{[":
            if len(stack) >= MAX_DEPTH:
                raise _OverBudget(f"nested over {MAX_DEPTH} levels")
            stack.append(_Frame(position, is_map=char == "{"))
            position, want, first = position + 1, "key" if char == "{" else "value", True
            continue
        elif frame is None:
            raise _Unreadable
        elif char == '"':
            value, position, used = _string(source, position, holes)
            holes += used
        elif mark and char == mark:
            value = source.inserted(holes)
            holes, position = holes + 1, position + 1
        else:
            value, position = _scalar(source, position)

        if not stack:
            if _space(text, position) != len(text):
                raise _Unreadable
            return value
        stack[-1].add(value)
        want, first = "more", False


def _space(text: str, position: int) -> int:
    return _SPACE.match(text, position).end()  # type: ignore[union-attr]


def _string(source: _Source, start: int, hole: int) -> tuple[Value, int, int]:
    """The string at `start`, the position behind it, and how many holes it used."""
    text, mark = source.text, source.mark
    try:
        if not mark:
            content, end = scanstring(text, start + 1, True)
            return source.known(content, start, end), end, 0
        match = _STRING_END.match(text, start)
        if not match:
            raise _Unreadable
        segments = [scanstring(f'{segment}"', 0, True)[0] for segment in match[0][1:-1].split(mark)]
    except ValueError:
        raise _Unreadable from None
    holes = list(range(hole, hole + len(segments) - 1))
    return source.text_with(segments, holes, start, match.end()), match.end(), len(holes)


def _scalar(source: _Source, start: int) -> tuple[Value, int]:
    text = source.text
    if match := _NUMBER.match(text, start):
        return source.number(match[0], start, match.end()), match.end()
    for word, value in _WORDS.items():
        if text.startswith(word, start):
            end = start + len(word)
            return (source.null(start, end) if value is None else source.known(value, start, end)), end
    raise _Unreadable


# --- YAML -------------------------------------------------------------------------------------------------------


def _yaml(source: _Source) -> Value:
    """Read one YAML mapping, from the parser's events so that depth costs no stack."""
    try:
        # The C parser encodes; what it cannot encode it cannot place.
        source.text.encode()
        events = yaml.parse(source.text, Loader=_LOADER)
        return _compose(source, iter(events))
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError):
        raise _Unreadable from None


def _compose(source: _Source, events: Iterable[yaml.Event]) -> Value:
    stack: list[tuple[_Frame, str | None, list[Value]]] = []
    anchors: dict[str, tuple[Value, int]] = {}
    sizes: list[int] = []
    result: Value | None = None
    for event in events:
        value: Value
        size = 1
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            if len(stack) >= MAX_DEPTH:
                raise _OverBudget(f"nested over {MAX_DEPTH} levels")
            is_map = isinstance(event, yaml.MappingStartEvent)
            stack.append((_Frame(_index(event.start_mark), is_map=is_map), event.anchor, []))
            sizes.append(1)
            continue
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            frame, anchor, pending = stack.pop()
            end = _index(event.end_mark)
            end = len(source.text[:end].rstrip()) or end
            if frame.entries is not None:
                _pair(frame, pending)
            value, size = frame.finish(source, end), sizes.pop()
        elif isinstance(event, yaml.ScalarEvent):
            value, anchor = _yaml_scalar(source, event), event.anchor
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                raise _Unreadable
            (value, size), anchor = anchors[event.anchor], None
        elif isinstance(event, yaml.DocumentStartEvent) and result is not None:
            raise _Unreadable  # several documents are not one structure
        else:
            continue
        if anchor:
            anchors[anchor] = value, size
        if not stack:
            result = value
            continue
        sizes[-1] += size
        if sizes[-1] > MAX_NODES:
            raise _OverBudget(f"over {MAX_NODES} values")
        frame, _, pending = stack[-1]
        (frame.items if frame.entries is None else pending).append(value)
    if not isinstance(result, Map):
        raise _Unreadable
    return result


def _index(mark: Any) -> int:
    return int(mark.index)


def _pair(frame: _Frame, pending: list[Value]) -> None:
    """Put keys and values in pairs; `<<` brings in what the mapping does not say itself."""
    assert frame.entries is not None
    merged: list[Value] = []
    for key, value in zip(pending[::2], pending[1::2], strict=True):
        if isinstance(key, Known) and key.value == "<<":
            merged.extend(value.items if isinstance(value, List) else (value,))
        elif isinstance(key, Known):
            frame.entries.put(key.value if isinstance(key.value, str) else json.dumps(key.value), value)
        elif isinstance(key, Null):
            frame.entries.put("null", value)
        else:
            frame.is_open = True
    for other in merged:
        if not isinstance(other, Map):
            frame.is_open = True
            continue
        frame.is_open = frame.is_open or other.open
        for name, value in other.items.items():
            frame.entries.setdefault(name, value)


def _yaml_scalar(source: _Source, event: yaml.ScalarEvent) -> Value:
    """The scalar by the core schema of YAML 1.2, which Terraform and Kubernetes share where they agree."""
    start, end = _index(event.start_mark), _index(event.end_mark)
    text = str(event.value)
    holes = source.between(start, end)
    end = start + len(source.text[start:end].rstrip())  # a block scalar ends behind its line break
    plain_style = event.style not in ("'", '"', "|", ">")
    if holes:
        segments = text.split(source.mark)
        if len(segments) != len(holes) + 1:
            raise _Unreadable
        if len(holes) == 1 and not any(segments) and plain_style:
            return source.inserted(holes[0])
        return source.text_with(segments, holes, start, end)
    known = partial(source.known, start=start, end=end)
    if not plain_style or (event.tag and event.tag != "!"):
        return known(text)
    if text in ("", "~", "null", "Null", "NULL"):
        return source.null(start, end)
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.title()):
        return known(text.lower() == "true")
    if _YAML_INT.fullmatch(text) and len(text) <= 4000:
        return known(int(text, {"0o": 8, "0x": 16}.get(text[:2], 10)))
    if _YAML_FLOAT.fullmatch(text):
        return source.number(text, start, end)
    return known(text)
