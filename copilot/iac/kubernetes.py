"""Kubernetes manifests: the YAML and JSON files of a folder to the objects they declare, each value with its place.

Text is read as the API machinery reads it (sigs.k8s.io/yaml, which is YAML 1.1 as go-yaml 2 has it): `yes`, `on` and `y`
are booleans, `0644` is octal, `1_000` is a number, keys become text, and `<<` merges. What a tool would still fill in
(`{{ … }}`, `${NAME}`) is unknown; what Helm renders is out of sight. Nothing is run, and everything is bounded.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import yaml

from copilot.iac.syntax import line_starts
from copilot.model import Gap, Known, List, Map, Null, Place, Places, Resource, Root, Template, Unknown, Value, World
from copilot.model import Scalar as Plain
from copilot.snapshot import Snapshot

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 250_000
"""Values of one document, each counted as often as aliases repeat it."""

_LOADER: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOM: Final = b"\xef\xbb\xbf"
_HOLE = re.compile(r"\{\{.*?\}\}|\$\{[A-Za-z_][A-Za-z0-9_]*(?:[:=?+-][^{}]*)?\}", re.DOTALL)
"""What a template engine, kustomize or envsubst puts in before the API server sees the text."""
_INT = re.compile(r"[-+]?(?:0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?")
_WORDS: Final[Mapping[str, Plain | None]] = {
    **{word: True for name in ("y", "yes", "true", "on") for word in (name, name.title(), name.upper())},
    **{word: False for name in ("n", "no", "false", "off") for word in (name, name.title(), name.upper())},
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_TAGS: Final = "tag:yaml.org,2002:"


# --- the tree of a file -------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Node:
    """What stands at a range of bytes; `end` is behind its last character, without the space below it.

    `size` and `height` count what aliases repeat; `anchor` is the name that aliases call it by.
    """

    start: int
    end: int
    anchor: str = field(default="", kw_only=True)
    size: int = field(default=1, kw_only=True)
    height: int = field(default=0, kw_only=True)


@dataclass(slots=True, eq=False)
class ScalarNode(Node):
    """A scalar; `style` is its quote or block sign, "" when plain. `until` is behind the blank lines that belong to it."""

    text: str
    style: str
    tag: str
    until: int

    def value(self) -> Plain | None:
        """What Kubernetes reads: text, number, boolean or null."""
        tag = self.tag.removeprefix(_TAGS) if self.tag.startswith(_TAGS) else self.tag
        if tag == "str" or (self.style and tag in ("", "!")) or tag == "!":
            return self.text
        return resolved(self.text)


@dataclass(slots=True, eq=False)
class MapNode(Node):
    """A mapping: its own pairs in order, and `members` by key, merged ones included."""

    flow: bool
    pairs: list[tuple[Node, Node]]
    members: dict[str, tuple[Node, Node]]

    def own(self, key: str) -> int | None:
        """The position of the pair of that key that stands here, not in what is merged."""
        found = self.members.get(key)
        return next((i for i, pair in enumerate(self.pairs) if found is not None and pair[0] is found[0]), None)


@dataclass(slots=True, eq=False)
class ListNode(Node):
    """A sequence; `dashes` are the offsets of the signs in front of the items of a block."""

    flow: bool
    items: list[Node]
    dashes: list[int]


@dataclass(slots=True, eq=False)
class AliasNode(Node):
    """A node that stands elsewhere, used here again."""

    target: Node


@dataclass(slots=True, eq=False)
class Stream:
    """A file that was read: its documents up to the first that could not be, and what could not."""

    path: str
    data: bytes
    documents: tuple[Node, ...]
    gaps: tuple[Gap, ...]
    lines: list[int]

    def place(self, start: int, end: int) -> Place:
        """The Place of a byte range of this file."""
        first, last = bisect_right(self.lines, start), bisect_right(self.lines, max(start, end - 1))
        return Place(
            self.path, start, end, first, start - self.lines[first - 1] + 1, last, end - self.lines[last - 1] + 1
        )

    def first_line(self, start: int, end: int) -> Place:
        """The Place of what a range has on its first line."""
        stop = self.data.find(b"\n", start, end)
        return self.place(start, end if stop < 0 else start + len(self.data[start:stop].rstrip()))


def resolved(text: str) -> Plain | None:
    """What a plain scalar means: a number, a boolean, null, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[:1] not in "+-.0123456789" or len(text) > 4000:  # CPython refuses more digits than 4300
        return text
    bare = text.replace("_", "")
    if _INT.fullmatch(bare):
        sign = -1 if bare[0] == "-" else 1
        digits = bare.lstrip("+-").lower()
        base = {"0b": 2, "0x": 16, "0o": 8}.get(digits[:2], 8 if digits[0] == "0" else 10)
        return sign * int(digits, base)
    if _FLOAT.fullmatch(bare):
        number = float(bare)
        return text if number in (float("inf"), float("-inf")) else number
    return text


class _Refused(Exception):
    """A document that does not read; `start` is the offset at which it says so."""

    def __init__(self, reason: str, start: int, *, templated: bool = False) -> None:
        self.reason, self.start, self.templated = reason, start, templated


@lru_cache(maxsize=256)  # a review reads most files twice, before and after
def read(path: str, data: bytes) -> Stream:
    """The documents of a YAML or JSON file; never raises. A document with a key twice is left out alone."""
    lines = line_starts(data)
    if len(data) > MAX_BYTES:
        reason = f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB"
        return Stream(path, data, (), (Gap("unread", reason, path, 1),), lines)
    base = len(_BOM) if data.startswith(_BOM) else 0
    try:
        text = data[base:].decode()
    except UnicodeDecodeError as error:
        line = bisect_right(lines, base + error.start)
        return Stream(path, data, (), (Gap("unread", "the file is not UTF-8", path, line),), lines)
    reader = _Reader(data, base, text)
    gaps: list[Gap] = []
    documents: list[Node] = []
    try:
        for found in reader.documents():
            if isinstance(found, Node):
                documents.append(found)
            else:
                gaps.append(_refusal(path, lines, found))
    except _Refused as error:
        gaps.append(_refusal(path, lines, error))
    return Stream(path, data, tuple(documents), tuple(gaps), lines)


def _refusal(path: str, lines: list[int], error: _Refused) -> Gap:
    line = max(1, bisect_right(lines, error.start))
    if error.templated:
        reason = "a template: what it renders to is not known here"
        return Gap("out_of_sight", reason, path, line, remedy="review the rendered manifests")
    return Gap("unread", error.reason, path, line)


@dataclass(slots=True, eq=False)
class _Open:
    """A collection that is being read: `nodes` are items, or keys and values in turn."""

    start: int
    flow: bool
    anchor: str
    is_map: bool
    nodes: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 0


class _Reader:
    """Builds trees from the parser's events, so that depth costs no stack."""

    def __init__(self, data: bytes, base: int, text: str) -> None:
        self._data, self._base, self._text = data, base, text
        self._offsets: list[int] | None = None
        if not text.isascii():
            self._offsets = offsets = [base]
            at = base
            for char in text:
                code = ord(char)
                at += 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
                offsets.append(at)

    def documents(self) -> Iterator[Node | _Refused]:
        """Each document, or why it is left out; _Refused is raised where nothing behind can be read either."""
        stack: list[_Open] = []
        anchors: dict[str, Node] = {}
        document: Node | None = None
        refused: _Refused | None = None
        for event in self._events():
            start, end = self._byte(event.start_mark), self._byte(event.end_mark)
            node: Node
            if isinstance(event, yaml.DocumentStartEvent):
                anchors, document, refused = {}, None, None
                continue
            if isinstance(event, yaml.DocumentEndEvent):
                if refused is not None:
                    yield refused
                elif document is not None:
                    yield document
                continue
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                if len(stack) >= MAX_DEPTH:
                    raise _Refused(f"nested over {MAX_DEPTH} levels", start)
                is_map = isinstance(event, yaml.MappingStartEvent)
                stack.append(_Open(start, bool(event.flow_style), event.anchor or "", is_map))
                continue
            if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                try:
                    node = self._closed(stack.pop(), end)
                except _Refused as error:
                    refused = refused or error
                    # It stands for what was refused; the document is left out, the rest of it still read for its end.
                    node = MapNode(start, end, True, [], {})
            elif isinstance(event, yaml.ScalarEvent):
                node = self._scalar(event, start, end)
            elif isinstance(event, yaml.AliasEvent):
                target = anchors.get(event.anchor or "")
                if target is None:
                    raise _Refused(f"the alias *{event.anchor} refers to nothing before it", start)
                node = AliasNode(start, end, target, size=target.size, height=target.height)
            else:
                continue
            if node.anchor:
                anchors[node.anchor] = node
            if not stack:
                document = node
                continue
            top = stack[-1]
            top.nodes.append(node)
            top.size += node.size
            top.height = max(top.height, node.height + 1)
            if top.size > MAX_NODES:
                raise _Refused(f"over {MAX_NODES} values", start)
            if len(stack) + top.height > MAX_DEPTH + 1:
                raise _Refused(f"nested over {MAX_DEPTH} levels", start)

    def _events(self) -> Iterator[Any]:
        try:
            yield from yaml.parse(self._text, Loader=_LOADER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            position = getattr(error, "position", None)  # of a character that may not stand in YAML
            start = self._byte(mark) if mark is not None else self._base + int(position or 0)
            reason = f"it does not read as YAML: {getattr(error, 'problem', None) or getattr(error, 'reason', error)}"
            raise _Refused(reason, start, templated="{{" in self._text) from error
        except (ValueError, RecursionError, UnicodeError) as error:
            raise _Refused(f"it does not read as YAML: {error}", self._base) from error

    def _byte(self, mark: Any) -> int:
        index = min(int(mark.index), len(self._text))
        return self._base + index if self._offsets is None else self._offsets[index]

    def _scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> ScalarNode:
        style = event.style if event.style in ("'", '"', "|", ">") else ""
        stop = start + len(self._data[start:end].rstrip()) if style in ("|", ">") else end
        return ScalarNode(start, stop, str(event.value), style, event.tag or "", end, anchor=event.anchor or "")

    def _closed(self, opened: _Open, end: int) -> Node:
        nodes = opened.nodes
        if not opened.flow:
            # The parser ends a block where the next token starts.
            end = nodes[-1].end if nodes else opened.start
        extra: dict[str, Any] = {"anchor": opened.anchor, "size": opened.size, "height": opened.height}
        if not opened.is_map:
            dashes = [] if opened.flow else [self._dash(item.start) for item in nodes]
            return ListNode(opened.start, end, opened.flow, nodes, dashes, **extra)
        pairs = list(zip(nodes[::2], nodes[1::2], strict=True))
        return MapNode(opened.start, end, opened.flow, pairs, self._members(pairs), **extra)

    def _dash(self, start: int) -> int:
        """The offset of the sign in front of an item."""
        data, at = self._data, start
        while at > self._base:
            if data[at - 1] == ord("-"):
                return at - 1
            if data[at - 1] in b" \t\r\n":
                at -= 1
                continue
            line = data.rfind(b"\n", 0, at) + 1  # in a comment between the sign and the item
            sign = re.match(rb"[ \t]*(?:- *)*(?=#)", data[line:at])
            if sign is None:
                break
            at = line + len(sign.group().rstrip()) if sign.group().strip() else line
        return start

    def _members(self, pairs: list[tuple[Node, Node]]) -> dict[str, tuple[Node, Node]]:
        members: dict[str, tuple[Node, Node]] = {}
        merged: list[Node] = []
        for key, value in pairs:
            target = key.target if isinstance(key, AliasNode) else key
            if not isinstance(target, ScalarNode):
                # `{{ .Values.x }}` without quotes reads as a mapping whose key is a mapping.
                templated = self._data[max(0, key.start - 1) : key.start + 1] == b"{{"
                raise _Refused("a key is a map or a list", key.start, templated=templated)
            if target.text == "<<" and not target.style:
                merged.append(value)
                continue
            name = _key(target)
            if name in members:
                raise _Refused(f"the key {name!r} stands twice in one map", key.start)
            members[name] = (key, value)
        for value in merged:
            for source in _merged(value):
                if not isinstance(source, MapNode):
                    raise _Refused("what is merged by << is not a map", value.start)
                for name, pair in source.members.items():
                    members.setdefault(name, pair)
        return members


def _key(node: ScalarNode) -> str:
    value = node.value()
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _merged(value: Node) -> Iterator[Node]:
    target = unaliased(value)
    if isinstance(target, ListNode):
        yield from map(unaliased, target.items)
    else:
        yield target


def unaliased(node: Node) -> Node:
    """The node itself, or what an alias stands for."""
    while isinstance(node, AliasNode):
        node = node.target
    return node


def data_of(node: Node) -> Any:
    """The tree as plain data, as Kubernetes reads it; text of an unknown tag stays text."""
    match node:
        case AliasNode():
            return data_of(node.target)
        case MapNode():
            return {name: data_of(value) for name, (_, value) in node.members.items()}
        case ListNode():
            return [data_of(item) for item in node.items]
        case ScalarNode():
            return node.value()
    raise AssertionError(type(node))


# --- values -------------------------------------------------------------------------------------------------------


def value_of(stream: Stream, node: Node, anchor: Place, *, sensitive: bool = False) -> Value:
    """The node as a value. A map or list stands at `anchor`, the line that opens it; a scalar at its own bytes."""
    places: Places
    above: Places = ()
    while isinstance(node, AliasNode):
        above = (*above, stream.place(node.start, node.end))
        node = node.target
        anchor = stream.first_line(node.start, node.end)
    match node:
        case MapNode():
            return Map(_Members(stream, node, sensitive), places=(*above, anchor), sensitive=sensitive)
        case ListNode():
            items = tuple(
                value_of(stream, item, _item_place(stream, node, i), sensitive=sensitive)
                for i, item in enumerate(node.items)
            )
            return List(items, places=(*above, anchor), sensitive=sensitive)
        case ScalarNode():
            places = (*above, anchor if node.start == node.end else stream.place(node.start, node.end))
            return _scalar_value(stream, node, places, sensitive)
    raise AssertionError(type(node))


def _scalar_value(stream: Stream, node: ScalarNode, places: Places, sensitive: bool) -> Value:
    value = node.value()
    if value is None:
        return Null(places=places, sensitive=sensitive)
    if node.tag and not node.tag.startswith(_TAGS) and node.tag != "!":
        return Unknown("tag", node.tag, places=places, sensitive=sensitive)
    if not isinstance(value, str):
        return Known(value, places=places, sensitive=sensitive)
    parts: list[Value] = []
    at = 0
    for hole in _HOLE.finditer(value):
        if hole.start() > at:
            parts.append(Known(value[at : hole.start()], places=places, sensitive=sensitive))
        parts.append(Unknown("template", hole.group(), places=places, sensitive=sensitive))
        at = hole.end()
    if not parts:
        quote = 1 if node.style in ("'", '"') else 0
        literal = stream.data[node.start + quote : node.end - quote] == value.encode("utf-8", "surrogatepass")
        offsets = ((0, node.start + quote),) if literal and not node.anchor else ()
        return Known(value, offsets=offsets, places=places, sensitive=sensitive)
    if at < len(value):
        parts.append(Known(value[at:], places=places, sensitive=sensitive))
    return parts[0] if len(parts) == 1 else Template(tuple(parts), places=places, sensitive=sensitive)


def member_place(stream: Stream, key: Node, value: Node) -> Place:
    """The line that opens the value of a key: from the key on, for a flow collection its own first line."""
    if isinstance(value, MapNode | ListNode) and value.flow:
        return stream.first_line(value.start, value.end)
    colon = stream.data.find(b":", key.end)
    return stream.first_line(key.start, max(key.end, colon + 1))


def _item_place(stream: Stream, parent: ListNode, index: int) -> Place:
    item = parent.items[index]
    if parent.flow or (isinstance(item, MapNode | ListNode) and item.flow):
        return stream.first_line(item.start, item.end)
    return stream.first_line(parent.dashes[index], max(item.end, parent.dashes[index] + 1))


def places_in(stream: Stream, node: Node) -> Iterator[tuple[tuple[str | int, ...], Place]]:
    """The steps to each value below a node that stands in the text, with its last place; aliases are not followed."""
    pending: list[tuple[tuple[str | int, ...], Node]] = [((), node)]
    while pending:
        steps, here = pending.pop()
        inner: list[tuple[str | int, Node, Place]] = []
        if isinstance(here, MapNode):
            for key, value in here.pairs:
                if isinstance(key, ScalarNode) and here.own(_key(key)) is not None:
                    inner.append((_key(key), value, member_place(stream, key, value)))
        elif isinstance(here, ListNode):
            inner = [(i, item, _item_place(stream, here, i)) for i, item in enumerate(here.items)]
        for step, value, place in inner:
            if not isinstance(value, AliasNode):
                scalar = isinstance(value, ScalarNode) and value.start != value.end
                yield (*steps, step), stream.place(value.start, value.end) if scalar else place
                pending.append(((*steps, step), value))


class _Members(Mapping[str, Value]):
    """The members of a map, made into values when they are looked up: most of a manifest is never asked for."""

    __slots__ = ("_known", "_node", "_sensitive", "_stream")

    def __init__(self, stream: Stream, node: MapNode, sensitive: bool) -> None:
        self._stream, self._node, self._sensitive = stream, node, sensitive
        self._known: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        found = self._known.get(name)
        if found is None:
            key, value = self._node.members[name]
            place = member_place(self._stream, key, value)
            found = self._known[name] = value_of(self._stream, value, place, sensitive=self._sensitive)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._node.members

    def __iter__(self) -> Iterator[str]:
        return iter(self._node.members)

    def __len__(self) -> int:
        return len(self._node.members)


class _SecretMembers(Mapping[str, Value]):
    """The members of a Secret: what its data holds is sensitive, whatever reads it."""

    __slots__ = ("_hidden", "_members")

    def __init__(self, members: Mapping[str, Value], hidden: Mapping[str, Value]) -> None:
        self._members, self._hidden = members, hidden

    def __getitem__(self, name: str) -> Value:
        return (self._hidden if name in ("data", "stringData") else self._members)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


# --- objects ------------------------------------------------------------------------------------------------------


def evaluate_manifests(snapshot: Snapshot, root: Root) -> World:
    """The objects that the manifests below the root's folder declare, with what could not be read; never raises.

    Files that hold no `apiVersion` and `kind` are not manifests. Kustomizations and the patches they name are no objects:
    with one of them about, the world is not closed.
    """
    prefix = f"{root.folder}/" if root.folder else ""
    streams: list[Stream] = []
    charts: dict[str, list[str]] = {}
    gaps: list[Gap] = []
    for path in snapshot.paths:
        if not path.startswith(prefix) or not path.endswith((".yaml", ".yml", ".json")):
            continue
        data = snapshot.read(path)
        if data is None or not _may_declare(data):
            continue
        chart = _chart_of(snapshot, path) if b"{{" in data else None
        if chart is not None:
            charts.setdefault(chart, []).append(path)
        else:
            streams.append(read(path, data))
    kustomizations = [(stream, node) for stream in streams for node in stream.documents if _is_kustomization(node)]
    patches = {path for stream, node in kustomizations for path in _patches(stream, node)}
    objects: list[tuple[Stream, MapNode, Place]] = []
    for stream in streams:
        gaps.extend(stream.gaps)
        if stream.path in patches:
            reason = "a kustomize patch: what it is laid over is not built here"
            gaps.append(Gap("out_of_sight", reason, stream.path, 1, remedy="review the output of `kustomize build`"))
            continue
        for node in stream.documents:
            objects.extend((stream, found, place) for found, place in _objects(stream, node))
    for chart, templates in sorted(charts.items()):
        reason = f"a Helm chart: what its templates ({len(templates)}) render to is not known here"
        gaps.append(Gap("out_of_sight", reason, chart, 1, remedy="review the output of `helm template`"))
    resources = tuple(_resources(root, objects))
    files = {stream.path for stream in streams} | {path for paths in charts.values() for path in paths} | set(charts)
    return World.of(root, resources, frozenset(files), tuple(gaps), closed=not gaps and not kustomizations)


def _may_declare(data: bytes) -> bool:
    """Whether the words are there that every manifest holds; bytes of zero are those of UTF-16, which is a gap."""
    if b"\0" in data[:8]:
        data = data.replace(b"\0", b"")
    return b"apiVersion" in data and b"kind" in data


def _chart_of(snapshot: Snapshot, path: str) -> str | None:
    """The Chart.yaml of the Helm chart whose template the file is."""
    folder = posixpath.dirname(path)
    while folder:
        above, name = posixpath.split(folder)
        chart = posixpath.join(above, "Chart.yaml")
        if name == "templates" and chart in snapshot:
            return chart
        folder = above
    return None


def _text(node: MapNode, name: str) -> str | None:
    found = node.members.get(name)
    value = unaliased(found[1]) if found else None
    text = value.value() if isinstance(value, ScalarNode) else None
    return text if isinstance(text, str) else None


def _kind(node: Node) -> str | None:
    if not isinstance(node, MapNode):
        return None
    return _text(node, "kind") if _text(node, "apiVersion") else None


def _is_kustomization(node: Node) -> bool:
    return isinstance(node, MapNode) and (_text(node, "apiVersion") or "").startswith("kustomize.config.k8s.io/")


def _patches(stream: Stream, node: Node) -> Iterator[str]:
    """The paths of the patch files that a kustomization names."""
    data = data_of(node)
    named = [*_listed(data, "patchesStrategicMerge"), *_listed(data, "patchesJson6902"), *_listed(data, "patches")]
    for patch in named:
        path = patch.get("path") if isinstance(patch, dict) else patch
        if isinstance(path, str) and "\n" not in path:
            yield posixpath.normpath(posixpath.join(posixpath.dirname(stream.path), path))


def _listed(data: Any, name: str) -> list[Any]:
    found = data.get(name)
    return found if isinstance(found, list) else []


def _objects(stream: Stream, node: Node) -> Iterator[tuple[MapNode, Place]]:
    """The object that a document is, or those of the list that it is, each with its header."""
    kind = _kind(node)
    if kind is None or _is_kustomization(node):
        return
    assert isinstance(node, MapNode)
    items = node.members.get("items")
    inside = unaliased(items[1]) if items else None
    if kind.endswith("List") and isinstance(inside, ListNode):
        for item in map(unaliased, inside.items):
            yield from _objects(stream, item)
        return
    key, value = node.members["kind"]
    yield node, stream.first_line(key.start, max(key.end, value.end if value.start > key.start else key.end))


def _resources(root: Root, objects: list[tuple[Stream, MapNode, Place]]) -> Iterator[Resource]:
    named = [_address(node) for _, node, _ in objects]
    where = [address for address, _ in named]
    paths = [f"{address}@{posixpath.relpath(s.path, root.folder or '.')}" for address, (s, _, _) in zip(where, objects)]
    names = _apart(where, paths)
    for (stream, node, header), address, (_, name) in zip(objects, names, named, strict=True):
        kind = _kind(node) or ""
        members: Mapping[str, Value] = _Members(stream, node, False)
        if kind == "Secret":
            members = _SecretMembers(members, _Members(stream, node, True))
        block = stream.place(node.start, node.end)
        folder = posixpath.dirname(stream.path)
        yield Resource(address, kind, name, "object", "", folder, Map(members, places=(header,)), block, header)


def _address(node: MapNode) -> tuple[str, str]:
    """`Kind/namespace/name`, without the namespace when it is the default one; and the name."""
    found = node.members.get("metadata")
    metadata = unaliased(found[1]) if found else None
    name = namespace = ""
    if isinstance(metadata, MapNode):
        name = _text(metadata, "name") or _text(metadata, "generateName") or ""
        namespace = _text(metadata, "namespace") or ""
    parts = (_kind(node) or "", namespace if namespace != "default" else "", name)
    return "/".join(part for part in parts if part), name


def _apart(addresses: Iterable[str], longer: Iterable[str]) -> list[str]:
    """Addresses that differ: those that occur twice are told apart by their file, and then by their order."""
    first = list(addresses)
    times = Counter(first)
    out = [long if times[short] > 1 else short for short, long in zip(first, longer, strict=True)]
    seen: Counter[str] = Counter()
    for i, address in enumerate(out):
        seen[address] += 1
        if seen[address] > 1:
            out[i] = f"{address}#{seen[address]}"
    return out
