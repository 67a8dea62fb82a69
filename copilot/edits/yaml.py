"""Changes of YAML and JSON manifests by their tree: each operation returns the byte ranges to replace.

What is written takes the indentation, the quotes and the line endings of the file; comments stay, and nothing else
moves. Every operation reads its own result back: it holds the old data with exactly the change asked for, or the
operation is refused by CannotEdit. Several changes of one file go through `edits`, which makes them one after another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from copilot.edits.hcl import CannotEdit
from copilot.edits.patched import Replacement, edits_between
from copilot.errors import InvalidEdit
from copilot.iac import kubernetes
from copilot.iac.kubernetes import AliasNode, ListNode, MapNode, Node, ScalarNode, Stream
from copilot.model import Edit, Place
from copilot.snapshot import Snapshot

Step = str | int
Steps = tuple[Step, ...]

_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@+=-]*(?::[A-Za-z0-9_./@+=-]+)*")
_PLAIN_IN_FLOW: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@+-]*")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of the value at `steps` below what stands at `at` (an object's block or header, or any value).

    `set` writes `value` there, and the maps on the way; `remove` takes away the key or the element; `append` adds
    `value` to the list there, which is made when it is absent.
    """

    kind: Literal["set", "remove", "append"]
    at: Place
    steps: Steps
    value: Any = None


# --- operations ---


def set_value(data: bytes, path: str, at: Place, steps: Steps, value: Any) -> list[Replacement]:
    """Write a value at the steps below what stands at `at`, and the maps on the way where they are missing.

    A step past the end of a list is refused (see `append`), as is a way through an alias.
    """
    return _checked(data, path, at, "set", steps, value)


def remove(data: bytes, path: str, at: Place, steps: Steps) -> list[Replacement]:
    """Remove a key or an element, with its lines and the comment behind it; comments above stay.

    What becomes empty stays as `{}` or `[]`.
    """
    return _checked(data, path, at, "remove", steps, None)


def append(data: bytes, path: str, at: Place, steps: Steps, value: Any) -> list[Replacement]:
    """Add an element at the end of the list at the steps, in the form of those that are there."""
    return _checked(data, path, at, "append", steps, value)


def edits(snapshot: Snapshot, path: str, changes: Iterable[Change]) -> tuple[Edit, ...]:
    """The edits that make all of these changes of one file, whose places are those of the file as it is.

    Values are set first, in order, and removals come last, from the end of the file on, so that no change moves what
    another one names. The same change given twice is made once.
    """
    data = snapshot.read(path)
    if data is None:
        raise InvalidEdit(path, "there is no such file")
    stream = kubernetes.read(path, data)
    wanted: list[tuple[str, int, Steps, Any]] = []
    for change in changes:
        document, above = _address(stream, change.at)
        entry = (change.kind, document, above + change.steps, change.value)
        if entry not in wanted:
            wanted.append(entry)
    written = [entry for entry in wanted if entry[0] != "remove"]
    removed = sorted((entry for entry in wanted if entry[0] == "remove"), key=_order, reverse=True)
    new = data
    for kind, document, steps, value in (*written, *removed):
        stream = kubernetes.read(path, new)
        for change_made in sorted(_changed(stream, document, kind, steps, value), key=_start, reverse=True):
            new = new[: change_made.start] + change_made.new + new[change_made.end :]
    return edits_between(Snapshot({path: data}), Snapshot({path: new}))


def steps_to(data: bytes, path: str, at: Place, inner: Place, names: Sequence[str]) -> Steps:
    """The steps below `at` that `names` (a path without positions) spells, with positions, by way of `inner`.

    `inner` is the place of a value on that way: of the one meant, or of the innermost that is there when that is absent.
    """
    stream = kubernetes.read(path, data)
    document, above = _address(stream, at)
    other, whole = _address(stream, inner)
    if document != other or whole[: len(above)] != above:
        raise CannotEdit("the value does not stand in the object: it is brought in by an alias")
    steps = whole[len(above) :]
    known = [step for step in steps if isinstance(step, str)]
    if list(names[: len(known)]) != known:
        raise CannotEdit("the value does not stand on that path: it is brought in by an alias")
    return (*steps, *names[len(known) :])


# --- places and steps ---


def _address(stream: Stream, at: Place) -> tuple[int, Steps]:
    """The document, and the steps in it, of what has that place."""
    for number, document in enumerate(stream.documents):
        if document.start <= at.start and at.end <= max(document.end, document.start):
            if (at.start, at.end) == (document.start, document.end):
                return number, ()
            found = next((steps for steps, place in kubernetes.places_in(stream, document) if place == at), None)
            return number, _of_header(document, at) if found is None else found
    raise CannotEdit("nothing stands there any more")


def _of_header(document: Node, at: Place) -> Steps:
    """The steps to the object whose header or block that is: the document, or an item of a List."""
    objects: list[tuple[Steps, Node]] = [((), document)]
    objects += [(steps, node) for steps, node in _below(document) if isinstance(node, MapNode) and steps[0] == "items"]
    for steps, node in objects:
        kind = node.members.get("kind") if isinstance(node, MapNode) else None
        if (at.start, at.end) == (node.start, node.end) or (kind and kind[0].start == at.start):
            return steps
    raise CannotEdit("nothing stands there any more")


def _below(node: Node) -> Iterator[tuple[Steps, Node]]:
    pending: list[tuple[Steps, Node]] = [((), node)]
    while pending:
        steps, here = pending.pop()
        if steps:
            yield steps, here
        if isinstance(here, MapNode):
            pending += [((*steps, name), value) for name, (_, value) in here.members.items()]
        elif isinstance(here, ListNode):
            pending += [((*steps, i), item) for i, item in enumerate(here.items)]


def _order(entry: tuple[str, int, Steps, Any]) -> tuple[int, list[tuple[int, int | str]]]:
    return entry[1], [(step, "") if isinstance(step, int) else (0, step) for step in entry[2]]


def _start(replacement: Replacement) -> tuple[int, int]:
    return replacement.start, replacement.end


# --- checking ---


def _checked(data: bytes, path: str, at: Place, kind: str, steps: Steps, value: Any) -> list[Replacement]:
    stream = kubernetes.read(path, data)
    document, above = _address(stream, at)
    return _changed(stream, document, kind, above + steps, value)


def _changed(stream: Stream, document: int, kind: str, steps: Steps, value: Any) -> list[Replacement]:
    """The replacements, once the text that they make holds the old data with the change and nothing else."""
    if not steps:
        raise CannotEdit("the change names no key and no element")
    if document >= len(stream.documents):
        raise CannotEdit("nothing stands there any more")
    node = stream.documents[document]
    text = _Text(stream)
    change = _remove(text, node, steps) if kind == "remove" else _WRITE[kind](text, node, steps, value)
    new = stream.data
    for replacement in sorted(change, key=_start, reverse=True):
        new = new[: replacement.start] + replacement.new + new[replacement.end :]
    after = kubernetes.read(stream.path, new)
    expected = [kubernetes.data_of(other) for other in stream.documents]
    expected[document] = _with(expected[document], kind, steps, value)
    same = _canonical([kubernetes.data_of(other) for other in after.documents]) == _canonical(expected)
    if not same or len(after.gaps) != len(stream.gaps) or (_is_json(stream.data) and not _is_json(new)):
        raise CannotEdit("the text is of a form that cannot be changed exactly")
    return change


def _with(data: Any, kind: str, steps: Steps, value: Any) -> Any:
    """The data after the change."""
    data = deepcopy(data)
    here, last = data, steps[-1]
    for step in steps[:-1]:
        if _at(here, step) is None:
            here[step] = {}
        here = here[step]
    if kind == "remove":
        del here[last]
    else:
        here[last] = value if kind == "set" else [*(_at(here, last) or []), value]
    return data


def _at(data: Any, step: Step) -> Any:
    return data.get(step) if isinstance(data, dict) else data[step]


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


def _is_json(data: bytes) -> bool:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return False
    return True


# --- the form of a file ---


class _Text:
    """The bytes of a file, and the habits that are seen in them."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.data, self.path = stream, stream.data, stream.path
        self.json = _is_json(stream.data)
        end = self.data.find(b"\n")
        self.eol = "\r\n" if end > 0 and self.data[end - 1 : end] == b"\r" else "\n"
        self.unit, self.dash = self._habits()

    def _habits(self) -> tuple[str, bool]:
        """One level of indentation, and whether lists stand further in than their key."""
        unit, dash = "", None
        for document in self.stream.documents:
            for _, node in [((), document), *_below(document)]:
                for key, value in node.pairs if isinstance(node, MapNode) else ():
                    if not isinstance(value, MapNode | ListNode) or value.start <= key.end:
                        continue
                    first = value.pairs[0][0] if isinstance(value, MapNode) and value.pairs else None
                    if isinstance(value, ListNode):
                        first = value.items[0] if value.items else None
                    if first is None or b"\n" not in self.data[key.end : first.start]:
                        continue
                    start = value.dashes[0] if isinstance(value, ListNode) and not value.flow else first.start
                    outer, inner = self.column(key.start), self.column(start)
                    if isinstance(value, ListNode) and not value.flow:
                        dash = inner > outer if dash is None else dash
                    elif not unit and inner > outer:
                        blanks = self.indent(start)
                        unit = blanks[len(self.indent(key.start)) :] if value.flow else " " * (inner - outer)
                if unit and dash is not None:
                    return unit, dash
        return unit or "  ", True if dash is None else dash

    def line_start(self, at: int) -> int:
        start = self.data.rfind(b"\n", 0, at) + 1
        return 3 if start == 0 and self.data.startswith(b"\xef\xbb\xbf") else start

    def line_end(self, at: int) -> int:
        """The offset behind the line feed of the line, or the end of the file."""
        end = self.data.find(b"\n", at)
        return len(self.data) if end < 0 else end + 1

    def column(self, at: int) -> int:
        return len(self.data[self.line_start(at) : at].decode("utf-8", "replace"))

    def indent(self, at: int) -> str:
        """The blanks that the line starts with."""
        match = re.compile(rb"[ \t]*").match(self.data, self.line_start(at))
        return match.group().decode() if match else ""

    def alone(self, start: int) -> bool:
        """Whether nothing but blanks stands before an offset on its line."""
        return not self.data[self.line_start(start) : start].strip()

    def comma(self, end: int, close: int) -> int | None:
        """The offset behind the comma that follows an element of a flow collection; comments may stand between."""
        match = re.compile(rb"(?:\s|(?<=\s)#[^\n]*)*,").match(self.data, end, close)
        return match.end() if match else None

    def replaced(self, start: int, end: int, text: str) -> Replacement:
        return Replacement(self.path, start, end, text.replace("\n", self.eol).encode())

    # values

    def scalar(self, value: Any, *, flow: bool, quote: str = "") -> str:
        """A scalar, or a collection on one line, as it is written here."""
        if isinstance(value, str):
            pattern = _PLAIN_IN_FLOW if flow else _PLAIN
            plain = pattern.fullmatch(value) and isinstance(kubernetes.resolved(value), str) and value != "<<"
            if plain and not quote and not self.json:
                return value
            if quote == "'" and not self.json and value.isprintable() and value.isascii():
                return "'" + value.replace("'", "''") + "'"
            text = json.dumps(value, ensure_ascii=False)
            return text if value.isprintable() else re.sub(r"[^ -~]", _escaped, text)
        if isinstance(value, Mapping):
            pairs = (f"{self.scalar(str(k), flow=True)}: {self.scalar(v, flow=True)}" for k, v in value.items())
            return "{" + ", ".join(pairs) + "}"
        if isinstance(value, list | tuple):
            return "[" + ", ".join(self.scalar(item, flow=True) for item in value) + "]"
        return json.dumps(value)

    def block(self, value: Any, indent: str) -> str:
        """A value behind its key or dash at `indent`: with its leading blank or line break."""
        if isinstance(value, Mapping) and value:
            inner = indent + self.unit
            return "\n" + "\n".join(f"{inner}{line}" for line in self._lines(value, inner))
        if isinstance(value, list | tuple) and value:
            inner = indent + (self.unit if self.dash else "")
            return "\n" + "\n".join(f"{inner}-{self._item(item, inner)}" for item in value)
        return f" {self.scalar(value, flow=False)}"

    def _lines(self, value: Mapping[str, Any], indent: str) -> Iterator[str]:
        for key, inner in value.items():
            yield f"{self.scalar(str(key), flow=False)}:{self.block(inner, indent)}"

    def _item(self, value: Any, indent: str) -> str:
        if isinstance(value, Mapping) and value:
            inner = indent + "  "
            return " " + f"\n{inner}".join(self._lines(value, inner))
        if isinstance(value, list | tuple) and value:
            return f" {self.scalar(value, flow=True)}"
        return self.block(value, indent)

    def item(self, value: Any, indent: str) -> str:
        """An element of a block list whose sign stands at `indent`."""
        return f"-{self._item(value, indent)}"

    def spread(self, value: Any, indent: str) -> str:
        """A value inside a flow collection that has a line for each of its elements."""
        inner = indent + self.unit
        if isinstance(value, Mapping) and value:
            pairs = (f"{inner}{self.scalar(str(k), flow=True)}: {self.spread(v, inner)}" for k, v in value.items())
            return "{\n" + ",\n".join(pairs) + f"\n{indent}}}"
        if isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
            return "[\n" + ",\n".join(f"{inner}{self.spread(item, inner)}" for item in value) + f"\n{indent}]"
        return self.scalar(value, flow=True)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    if not match.group().isprintable():
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return match.group()


# --- changes of a tree ---


class _Found(NamedTuple):
    """How far the steps lead: the node, the parent that it stands in, and the steps that are left."""

    node: Node
    parent: MapNode | ListNode | None
    position: int
    left: Steps
    flow: bool


def _follow(node: Node, steps: Steps) -> _Found:
    parent: MapNode | ListNode | None = None
    index, flow = 0, False
    for depth, step in enumerate(steps):
        if isinstance(node, MapNode) and isinstance(step, str):
            own = node.own(step)
            if own is None:
                return _Found(node, parent, index, steps[depth:], flow or node.flow)
            parent, index, flow, node = node, own, flow or node.flow, node.pairs[own][1]
        elif isinstance(node, ListNode) and isinstance(step, int):
            if not 0 <= step < len(node.items):
                raise CannotEdit(f"the list has {len(node.items)} elements")
            parent, index, flow, node = node, step, flow or node.flow, node.items[step]
        elif isinstance(node, ScalarNode) and node.value() is None and isinstance(step, str):
            return _Found(node, parent, index, steps[depth:], flow)
        elif isinstance(node, AliasNode):
            raise CannotEdit("the value is shared by an alias")
        else:
            raise CannotEdit("the path leads through what is not a map or a list")
    return _Found(node, parent, index, (), flow)


def _nested(steps: Steps, value: Any) -> Any:
    for step in reversed(steps):
        if isinstance(step, int):
            raise CannotEdit("the path names an element of a list that is not there")
        value = {step: value}
    return value


def _set(text: _Text, root: Node, steps: Steps, value: Any) -> list[Replacement]:
    found = _follow(root, steps)
    if found.left and isinstance(found.node, MapNode):
        name, *rest = found.left
        _nested(found.left[:1], None)
        return _add(text, found.node, str(name), _nested(tuple(rest), value), found.flow)
    return _replace(text, found, _nested(found.left, value))


def _replace(text: _Text, found: _Found, value: Any) -> list[Replacement]:
    """Put another value where one stands."""
    node, parent = found.node, found.parent
    if parent is None:
        raise CannotEdit("the change names no key and no element")
    if isinstance(node, AliasNode) or node.anchor:
        raise CannotEdit("the value is shared by an alias")
    if found.flow:
        several = b"\n" in text.data[node.start : node.end]
        new = text.spread(value, text.indent(node.start)) if several else text.scalar(value, flow=True)
        lead = " " if node.start == node.end and text.data[node.start - 1 : node.start] in (b":", b",") else ""
        return [text.replaced(node.start, node.end, lead + new)]
    collection = isinstance(value, Mapping | list | tuple) and bool(value)
    if isinstance(node, MapNode | ListNode) and collection and node.size == 1:
        return [text.replaced(node.start, node.end, text.scalar(value, flow=True))]  # `{}` stays a flow collection
    if isinstance(node, ScalarNode) and node.style not in ("|", ">") and not collection:
        new = text.scalar(value, flow=False, quote=node.style if isinstance(value, str) else "")
        return [text.replaced(node.start, node.end, new if node.start < node.end else f" {new}")]
    if isinstance(parent, ListNode):
        head = parent.dashes[found.position]
        return [text.replaced(head, max(node.end, head + 1), text.item(value, " " * text.column(head)))]
    key = parent.pairs[found.position][0]
    head = text.data.index(b":", key.end) + 1
    return [text.replaced(head, max(node.end, head), text.block(value, " " * text.column(key.start)))]


def _add(text: _Text, node: MapNode, name: str, value: Any, flow: bool) -> list[Replacement]:
    """Add a key to a map, behind those that are there."""
    if flow:
        quoted = text.json or (bool(node.pairs) and text.data[node.start + 1 :].lstrip()[:1] == b'"')
        key = json.dumps(name, ensure_ascii=False) if quoted else text.scalar(name, flow=True)
        spans = [(first.start, max(second.end, first.end)) for first, second in node.pairs]
        return _add_flow(text, node, spans, f"{key}: ", value)
    if not node.pairs:
        raise CannotEdit("the map has no form to follow")
    first, last = node.pairs[0][0], node.pairs[-1]
    indent = " " * text.column(first.start)
    line = f"{text.scalar(name, flow=False)}:{text.block(value, indent)}"
    return _add_line(text, _behind(text, last[1], max(last[1].end, last[0].end)), indent + line)


def _append(text: _Text, root: Node, steps: Steps, value: Any) -> list[Replacement]:
    found = _follow(root, steps)
    node = found.node
    if found.left or not isinstance(node, ListNode):
        if not found.left and not (isinstance(node, ScalarNode) and node.value() is None):
            raise CannotEdit("what stands there is not a list")
        return _set(text, root, steps, [value])
    if found.flow or node.flow:
        return _add_flow(text, node, [(item.start, item.end) for item in node.items], "", value)
    indent = " " * text.column(node.dashes[-1])
    end = max(node.items[-1].end, node.dashes[-1] + 1)
    return _add_line(text, _behind(text, node.items[-1], end), indent + text.item(value, indent))


_WRITE: Final[Mapping[str, Callable[[_Text, Node, Steps, Any], list[Replacement]]]] = {"set": _set, "append": _append}


def _behind(text: _Text, node: Node, end: int) -> int:
    """The offset of the line behind a node, the blank lines that belong to its text included."""
    while isinstance(node, MapNode | ListNode) and not node.flow and node.size > 1:
        node = node.pairs[-1][1] if isinstance(node, MapNode) else node.items[-1]
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        header = text.data[node.start : text.line_end(node.start)].split(b"#")[0]
        if b"+" in header:
            return node.until
    return text.line_end(max(end - 1, 0))


def _add_line(text: _Text, at: int, lines: str) -> list[Replacement]:
    if at == len(text.data) and not text.data.endswith(b"\n"):
        return [text.replaced(at, at, "\n" + lines)]
    return [text.replaced(at, at, lines + "\n")]


def _add_flow(
    text: _Text, node: MapNode | ListNode, spans: list[tuple[int, int]], lead: str, value: Any
) -> list[Replacement]:
    """Add to a flow collection, on a line of its own where the elements that are there have one."""
    close = node.end - 1
    if not spans:
        if text.data[node.start + 1 : close].strip():
            raise CannotEdit("the brackets hold nothing but a comment")
        return [text.replaced(node.start + 1, close, lead + text.scalar(value, flow=True))]
    start, end = spans[-1]
    behind = text.comma(end, close)
    if not text.alone(start) or b"\n" not in text.data[end:close]:
        new = lead + text.scalar(value, flow=True)
        return [text.replaced(end, end, f", {new}") if behind is None else text.replaced(behind, behind, f" {new},")]
    indent = text.indent(start)
    new = indent + lead + text.spread(value, indent)
    at = text.line_end(end if behind is None else behind)
    if behind is not None:
        return [text.replaced(at, at, f"{new},\n")]
    return [text.replaced(end, end, ","), text.replaced(at, at, f"{new}\n")]


def _remove(text: _Text, root: Node, steps: Steps) -> list[Replacement]:
    found = _follow(root, steps)
    parent, index = found.parent, found.position
    if found.left or parent is None:
        raise CannotEdit("there is nothing to remove")
    if found.node.anchor:
        raise CannotEdit("the value is shared by an alias")
    if isinstance(parent, MapNode):
        spans = [(key.start, max(value.end, key.end)) for key, value in parent.pairs]
        inside = [value for _, value in parent.pairs]
    else:
        starts = [item.start for item in parent.items] if parent.flow else parent.dashes
        spans = [(start, max(item.end, start + 1)) for start, item in zip(starts, parent.items, strict=True)]
        inside = parent.items
    start, end = spans[index]
    if (
        isinstance(parent, MapNode)
        and isinstance(inside[index], ScalarNode)
        and inside[index].start == inside[index].end
    ):
        end = max(end, text.data.index(b":", start) + 1)
    if found.flow:
        return _remove_flow(text, parent, spans, index)
    if len(spans) == 1:
        return _empty(text, root, steps, parent)
    stop = _behind(text, inside[index], end)
    if text.alone(start):
        start = text.line_start(start)
        if stop == len(text.data) and not text.data.endswith(b"\n"):
            # The file goes on ending without a line break.
            start -= 2 if text.data[max(0, start - 2) : start] == b"\r\n" else 1
        return [Replacement(text.path, start, stop, b"")]
    following = re.compile(rb"\s*(?=#)").match(text.data, stop)
    if index:
        raise CannotEdit("something else stands on the same line")
    return [Replacement(text.path, start, following.end() if following else spans[1][0], b"")]


def _empty(text: _Text, root: Node, steps: Steps, parent: MapNode | ListNode) -> list[Replacement]:
    """Leave `{}` or `[]` of what had one element."""
    if len(steps) == 1:
        raise CannotEdit("nothing would be left of the document")
    blank: Any = {} if isinstance(parent, MapNode) else []
    return _replace(text, _follow(root, steps[:-1]), blank)


def _remove_flow(
    text: _Text, parent: MapNode | ListNode, spans: list[tuple[int, int]], index: int
) -> list[Replacement]:
    start, end = spans[index]
    if len(spans) == 1:
        return [Replacement(text.path, parent.start + 1, parent.end - 1, b"")]
    behind = text.comma(end, parent.end - 1)
    own_line = text.alone(start) and b"\n" in text.data[end : parent.end]
    if index + 1 < len(spans):
        if own_line and text.alone(spans[index + 1][0]):
            return [Replacement(text.path, text.line_start(start), text.line_end(end), b"")]
        return [Replacement(text.path, start, spans[index + 1][0], b"")]
    before = spans[index - 1][1]
    if own_line:
        out = [Replacement(text.path, text.line_start(start), text.line_end(end), b"")]
        comma = text.comma(before, start)
        return out if behind is not None or comma is None else [Replacement(text.path, comma - 1, comma, b""), *out]
    return [Replacement(text.path, before, end, b"")]
