"""Changes of HCL text by its syntax tree: each operation returns byte ranges to replace, `edits` makes edits of them.

Operations place text in the file's own indentation and line endings and touch nothing else. `edits` then aligns the
`=` signs and trailing comments of the lines it touched as `terraform fmt` does, where they were so aligned before.
Several operations on one file may be given to `edits` together, as long as they do not change the same bytes.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from copilot.edits.patched import Replacement, edits_between
from copilot.errors import InvalidEdit
from copilot.iac import hcl, syntax, tfjson
from copilot.iac.syntax import Attribute, Block, Body, Expr, Object, Source, Tuple
from copilot.model import Edit
from copilot.snapshot import Snapshot

Node = Block | Attribute | Expr
Changes = list[Replacement]

_FIRST = frozenset({"count", "for_each", "provider", "source", "version"})
"""Arguments that by convention stand at the top of a block, apart from the others."""
_LAST = frozenset({"tags", "tags_all", "labels", "depends_on", "providers"})
"""Arguments that by convention stand behind the others."""
_LAST_BLOCKS = frozenset({"lifecycle", "timeouts", "provisioner", "connection"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class CannotEdit(Exception):
    """The text is not of a form that can be changed exactly; the message says what form it has."""


@dataclass(frozen=True, slots=True)
class Code:
    """HCL that stands for itself where `literal` writes a value."""

    text: str


# --- text ---


def literal(value: Any) -> str:
    """Python data as HCL, laid out as `terraform fmt` does, without indentation of its own."""
    match value:
        case Code(text):
            return text
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return json.dumps(value)
        case str():
            return quoted(value)
        case Mapping():
            if not value:
                return "{}"
            return "{\n" + _indented(_pairs((key_text(str(k)), literal(v)) for k, v in value.items())) + "\n}"
        case list() | tuple():
            items = [literal(item) for item in value]
            line = f"[{', '.join(items)}]"
            if "\n" not in line and len(line) <= 100:
                return line
            return "[\n" + _indented("".join(f"{item},\n" for item in items).rstrip("\n")) + "\n]"
    raise TypeError(f"{type(value).__name__} has no form in HCL")


def json_literal(value: Any, indent: int = 0) -> str:
    """Python data as JSON inside a template: Code stands as an interpolation, or as the quoted template that it is."""
    pad = "  " * (indent + 1)
    match value:
        case Code(text):
            return text if text.startswith('"') and text.endswith('"') else f'"${{{text}}}"'
        case Mapping() if value:
            lines = (f"{pad}{json.dumps(str(k))}: {json_literal(v, indent + 1)}" for k, v in value.items())
            return "{\n" + ",\n".join(lines) + "\n" + "  " * indent + "}"
        case list() | tuple():
            items = [json_literal(item, indent + 1) for item in value]
            if not any("\n" in item for item in items):
                return f"[{', '.join(items)}]"
            return "[\n" + ",\n".join(pad + item for item in items) + "\n" + "  " * indent + "]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return json.dumps(value)


def quoted(text: str) -> str:
    """The text as a quoted template without interpolation."""
    body = json.dumps(text, ensure_ascii=False)[1:-1].replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return '"' + body.replace("${", "$${").replace("%{", "%%{") + '"'


def key_text(key: str) -> str:
    """The key of an object, in quotes where it must be."""
    return key if _NAME.fullmatch(key) and key not in ("for", "null", "true", "false") else quoted(key)


def block_text(
    kind: str, labels: Sequence[str], body: Mapping[str, Any], *, attribute: Callable[[tuple[str, ...]], bool]
) -> str:
    """A block: maps in `body` are nested blocks (lists of maps repeated ones) unless `attribute` of their path."""
    header = " ".join([kind, *map(quoted, labels)])
    inside = _body_text(body, (), attribute)
    return f"{header} {{\n{_indented(inside)}\n}}" if inside else f"{header} {{}}"


def _body_text(body: Mapping[str, Any], path: tuple[str, ...], attribute: Callable[[tuple[str, ...]], bool]) -> str:
    arguments: list[tuple[str, str]] = []
    blocks: list[str] = []
    for name, value in body.items():
        here = (*path, name)
        repeated = isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value)
        if (isinstance(value, Mapping) or repeated) and not attribute(here):
            for one in value if repeated else [value]:
                inside = _body_text(one, here, attribute)
                blocks.append(f"{name} {{\n{_indented(inside)}\n}}" if inside else f"{name} {{}}")
        else:
            arguments.append((name, literal(value)))
    return "\n\n".join([part for part in (_pairs(arguments), *blocks) if part])


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """`name = value` lines, the signs of consecutive single-line values aligned."""
    out: list[str] = []
    run: list[tuple[str, str]] = []
    for name, value in [*pairs, ("", "\n")]:
        if "\n" in value:
            width = max((len(n) for n, _ in run), default=0)
            out += [f"{n.ljust(width)} = {v}" for n, v in run] + [f"{name} = {value}"]
            run = []
        else:
            run.append((name, value))
    return "\n".join(out[:-1])


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


# --- the form of a file ---


def _eol(source: Source, at: int) -> str:
    """The line ending in use at an offset: of its line, else of the file."""
    end = source.data.find(b"\n", at)
    if end < 0:
        end = source.data.rfind(b"\n")
    return "\r\n" if end > 0 and source.data[end - 1 : end] == b"\r" else "\n"


def _line_start(data: bytes, at: int) -> int:
    start = data.rfind(b"\n", 0, at) + 1
    return 3 if start == 0 and data.startswith(b"\xef\xbb\xbf") and at >= 3 else start


def _line_end(data: bytes, at: int) -> int:
    """The offset behind the line feed of the line, or the end of the file."""
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end + 1


def _indent(data: bytes, at: int) -> str:
    """The blanks that the line starts with."""
    match = re.compile(rb"[ \t]*").match(data, _line_start(data, at))
    return match.group().decode() if match else ""


def _unit(source: Source) -> str:
    """One level of indentation in this file: that of the first argument or block inside another, else two blanks."""
    data = source.data
    for block in source.body.blocks:
        for item in _items(block.body):
            inner, outer = _indent(data, item.start), _indent(data, block.start)
            if b"\n" in data[block.start : item.start] and inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return "  "


def _items(body: Body) -> list[Attribute | Block]:
    return sorted([*body.attributes, *body.blocks], key=lambda item: item.start)


def _placed(source: Source, at: int, text: str, indent: str) -> bytes:
    """Text of ours (two blanks a level, line feeds) as it reads at that place: later lines indented, line endings kept."""
    unit = _unit(source)
    lines = text.split("\n")
    out = [lines[0]]
    for line in lines[1:]:
        body = line.lstrip(" ")
        depth, odd = divmod(len(line) - len(body), 2)
        out.append(indent + unit * depth + " " * odd + body if body else "")
    return _eol(source, at).join(out).encode()


def _blank(data: bytes) -> bool:
    return not data.strip(b" \t\r\n")


def _alone(data: bytes, start: int, end: int) -> bool:
    """Whether nothing else stands on the lines of a range, but a comma and a comment behind it."""
    tail = data[end : _line_end(data, end)].strip()
    if tail.startswith(b","):
        tail = tail[1:].strip()
    closed = tail.startswith((b"#", b"//")) or (tail.startswith(b"/*") and tail.find(b"*/") in (-1, len(tail) - 2))
    return _blank(data[_line_start(data, start) : start]) and (not tail or closed)


# --- finding nodes ---


def enclosing(source: Source, start: int, end: int) -> tuple[Node, ...]:
    """The blocks, the attribute and the expressions that hold a byte range, outermost first."""
    out: list[Node] = []
    body = source.body
    while True:
        block = next((b for b in body.blocks if b.start <= start and end <= b.end), None)
        if block is None:
            break
        out.append(block)
        body = block.body
    attribute = next((a for a in body.attributes if a.start <= start and end <= a.end), None)
    if attribute is None:
        return tuple(out)
    out.append(attribute)
    expr: Expr | None = attribute.expr
    while expr is not None and expr.start <= start and end <= expr.end:
        out.append(expr)
        inside = list(syntax.children(expr)) or ([json_text] if (json_text := json_inside(source, expr)) else [])
        expr = next((child for child in inside if child.start <= start and end <= child.end), None)
    return tuple(out)


def json_inside(source: Source, expr: Expr) -> Expr | None:
    """The tree of a heredoc that holds a JSON object, with the offsets of this file; None for anything else.

    Interpolations inside its strings are text to it.
    """
    data = source.data
    if data[expr.start : expr.start + 2] != b"<<":
        return None
    start = _line_end(data, expr.start)
    end = data.rfind(b"\n", start - 1, expr.end) + 1
    read = tfjson.values(source.path, b" " * start + data[start:end])
    if read.gaps or not read.body.attributes:
        return None
    pairs = tuple(
        (syntax.Literal(a.start, a.start + len(json.dumps(a.name)), a.name), a.expr) for a in read.body.attributes
    )
    brace = data.index(b"{", start)
    return Object(brace, data.rindex(b"}", brace, end) + 1, pairs)


def in_json(source: Source, node: Expr) -> bool:
    """Whether an expression is written in JSON: in a JSON file, or inside a heredoc."""
    if source.path.endswith(".json"):
        return True
    return any(
        isinstance(outer, Expr) and outer is not node and source.data[outer.start : outer.start + 2] == b"<<"
        for outer in enclosing(source, node.start, node.end)
    )


# --- values ---


def replace_value(source: Source, start: int, end: int, text: str) -> Changes:
    """Put the text of another value where one stands."""
    return [Replacement(source.path, start, end, _placed(source, start, text, _indent(source.data, start)))]


# --- arguments and blocks ---


def set_attribute(
    source: Source,
    block: Block,
    path: Sequence[str | int],
    text: str,
    *,
    attribute: Callable[[tuple[str, ...]], bool] = lambda path: False,
) -> Changes:
    """Write an argument at `path` inside the block, and the blocks on the way where they are missing.

    A number in the path picks one of several blocks or elements. A missing step becomes a nested block, or an object
    with `=` where `attribute` of its path. CannotEdit when the path does not say which of several is meant, or
    leads through an expression that is not written out.
    """
    here: Block = block
    names: tuple[str, ...] = ()
    steps = list(path)
    while len(steps) > 1:
        name = steps.pop(0)
        if isinstance(name, int):
            raise CannotEdit("the path names an element where an argument stands")
        names = (*names, name)
        existing = here.body.attribute(name)
        if existing is not None:
            return set_inside(source, existing.expr, steps, text)
        found = _nested(here.body, name)
        if isinstance(steps[0], int):
            position = steps.pop(0)
            assert isinstance(position, int)
            found = found[position : position + 1]
        if len(found) > 1:
            raise CannotEdit(f"there are {len(found)} `{name}` blocks, and the path does not say which")
        if found:
            here = found[0]
            continue
        if source.path.endswith(".json"):
            raise CannotEdit("JSON syntax")
        return _add_written(source, here, [name, *steps], text, names, attribute)
    name = steps[0]
    if isinstance(name, int):
        raise CannotEdit("the path names a block, not an argument")
    existing = here.body.attribute(name)
    if existing is not None:
        return replace_value(source, existing.value_start, existing.value_end, text)
    if source.path.endswith(".json"):
        raise CannotEdit("JSON syntax")
    return _add_attribute(source, here, name, text)


def _nested(body: Body, name: str) -> list[Block]:
    """The blocks of that name, and the content of a `dynamic` block that makes them."""
    dynamic = [b for b in body.blocks_of("dynamic") if b.labels == (name,)]
    return [*body.blocks_of(name), *(content for d in dynamic for content in d.body.blocks_of("content"))]


def _add_written(
    source: Source, block: Block, steps: Sequence[str | int], text: str, names: tuple[str, ...],
    attribute: Callable[[tuple[str, ...]], bool],
) -> Changes:  # fmt: skip
    wanted = [step for step in steps if isinstance(step, str)]
    prefix = names[:-1]
    value: Any = Code(text)
    for depth in range(len(wanted) - 1, 0, -1):
        value = {wanted[depth]: value}
    if attribute((*prefix, wanted[0])):
        return _add_attribute(source, block, wanted[0], literal(value))
    return add_block(source, block, _nested_text(wanted[0], value, (*prefix, wanted[0]), attribute))


def _nested_text(
    name: str, body: Mapping[str, Any], path: tuple[str, ...], attribute: Callable[[tuple[str, ...]], bool]
) -> str:
    return block_text(name, (), body, attribute=lambda inner: attribute((*path, *inner)))


def nested_block_text(
    name: str, body: Mapping[str, Any], *, attribute: Callable[[tuple[str, ...]], bool] = lambda path: False
) -> str:
    """A nested block; `attribute` is asked with paths that start with the block's name."""
    return _nested_text(name, body, (name,), attribute)


def set_inside(source: Source, expr: Expr, path: Sequence[str | int], text: str) -> Changes:
    """Write a value at `path` inside an object that is written out, in `jsonencode`, or as JSON in a heredoc."""
    steps = list(path)
    while steps:
        if isinstance(expr, syntax.Call) and expr.name == "jsonencode" and len(expr.args) == 1:
            expr = expr.args[0]
            continue
        expr = json_inside(source, expr) or expr
        step = steps.pop(0)
        if isinstance(expr, Tuple) and isinstance(step, int) and step < len(expr.items):
            expr = expr.items[step]
        elif isinstance(expr, Tuple) and isinstance(step, str) and len(expr.items) == 1:
            expr = expr.items[0]
            steps.insert(0, step)
        elif isinstance(expr, Object) and isinstance(step, str):
            value = next((v for k, v in expr.items if isinstance(k, syntax.Literal) and k.value == step), None)
            if value is None:
                inner, as_json = text, in_json(source, expr)
                for name in reversed([s for s in steps if isinstance(s, str)]):
                    inner = f"{{{json.dumps(name)}: {inner}}}" if as_json else literal({name: Code(inner)})
                return add_key(source, expr, step, inner)
            expr = value
        else:
            raise CannotEdit("the value is an expression that is not written out")
    return replace_value(source, expr.start, expr.end, text)


def _add_attribute(source: Source, block: Block, name: str, text: str) -> Changes:
    line = f"{name} = {text}"
    one_line = _opened(source, block, line)
    if one_line is not None:
        return one_line
    items = _items(block.body)
    first_block = next((i for i, item in enumerate(items) if isinstance(item, Block)), len(items))
    attributes = [item for item in items[:first_block] if isinstance(item, Attribute)] or list(block.body.attributes)
    ordinary = [a for a in attributes if a.name not in _FIRST | _LAST]
    short = [a for a in ordinary if b"\n" not in source.data[a.start : a.end]]
    top = [a for a in attributes if a.name in _FIRST]
    if short:
        return _after(source, short[-1], line, apart=False)
    if ordinary or top:
        return _after(source, (ordinary or top)[-1], line, apart=True)
    return _at_top(source, block, line, apart=bool(items) and b"\n" in source.data[items[0].start : items[0].end])


def _opened(source: Source, block: Block, line: str) -> Changes | None:
    """A line more in a block that is written on one line, `{}` or `{ a = 1 }`; None for other blocks."""
    data, path = source.data, source.path
    close = block.end - 1
    if b"\n" in data[block.header_end : close]:
        return None
    outer = _indent(data, block.start)
    inner = outer + _unit(source)
    eol = _eol(source, block.start)
    new = f"{eol}{inner}".encode() + _placed(source, block.start, line, inner)
    closing = Replacement(path, close, close, f"{eol}{outer}".encode())
    items = _items(block.body)
    if not items:
        if not _blank(data[block.header_end : close]):
            raise CannotEdit("the block is written on one line, with a comment")
        return [
            Replacement(path, block.header_end, close, b"") if close > block.header_end else closing,
            Replacement(path, close, close, new),
            closing,
        ]
    start, end = items[0].start, items[-1].end
    if len(items) > 1 or not _blank(data[block.header_end : start] + data[end:close]):
        raise CannotEdit("the block is written on one line, with more than one argument")
    return [
        Replacement(path, block.header_end, start, f"{eol}{inner}".encode()),
        Replacement(path, end, end, new),
        Replacement(path, end, close, f"{eol}{outer}".encode()),
    ]


def _after(source: Source, item: Attribute | Block, text: str, *, apart: bool) -> Changes:
    """Lines behind an item of a body; `apart`: with a blank line between, where the item has room around it."""
    data = source.data
    at = _line_end(data, item.end)
    indent = _indent(data, item.start)
    eol = _eol(source, item.start)
    following = data[at : _line_end(data, at)].strip()
    gap = eol if apart and (not following or following.startswith(b"}")) else ""
    return [
        Replacement(
            source.path, at, at, (gap + indent).encode() + _placed(source, item.start, text, indent) + eol.encode()
        )
    ]


def _at_top(source: Source, block: Block, text: str, *, apart: bool) -> Changes:
    data = source.data
    at = _line_end(data, block.header_end)
    blank = False
    while at < block.end and _blank(data[at : _line_end(data, at)]):
        at, blank = _line_end(data, at), True
    items = _items(block.body)
    indent = _indent(data, items[0].start) if items else _indent(data, block.start) + _unit(source)
    if data[at : block.end - 1].lstrip().startswith((b"#", b"/")) and not items:
        # A block that holds nothing but comments: they say what it is, so the argument goes below them.
        at = _line_start(data, block.end - 1)
    eol = _eol(source, block.start)
    tail = eol if apart or (blank and items) else ""
    new = indent.encode() + _placed(source, block.start, text, indent) + (eol + tail).encode()
    return [Replacement(source.path, at, at, new)]


def add_block(source: Source, block: Block, text: str) -> Changes:
    """Add a nested block (as `nested_block_text` writes it) behind its like, else behind the other blocks."""
    if source.path.endswith(".json"):
        raise CannotEdit("JSON syntax")
    opened = _opened(source, block, text)
    if opened is not None:
        return opened
    items = _items(block.body)
    kind = re.match(r"\w+", text)
    alike = [item for item in block.body.blocks if kind and item.type == kind.group()]
    if alike:
        return _after(source, alike[-1], text, apart=True)
    ordinary = [item for item in items if not (isinstance(item, Block) and item.type in _LAST_BLOCKS)]
    if ordinary:
        data, last = source.data, ordinary[-1]
        at = _line_end(data, last.end)
        indent, eol = _indent(data, last.start), _eol(source, last.start)
        following = data[at : _line_end(data, at)].strip()
        tail = eol if following and not following.startswith(b"}") else ""
        new = (eol + indent).encode() + _placed(source, last.start, text, indent) + (eol + tail).encode()
        return [Replacement(source.path, at, at, new)]
    return _at_top(source, block, text, apart=bool(items))


def append_resource(source: Source, after: Block, text: str) -> Changes:
    """Put a top-level block behind another one, a blank line between."""
    if source.path.endswith(".json"):
        raise CannotEdit("JSON syntax")
    data = source.data
    at = _line_end(data, after.end)
    eol = _eol(source, after.start)
    new = _placed(source, after.start, text, "").decode()
    if at == len(data) and not data.endswith(b"\n"):
        return [Replacement(source.path, at, at, f"{eol}{eol}{new}".encode())]
    following = data[at : _line_end(data, at)]
    tail = eol if following.strip() else ""
    return [Replacement(source.path, at, at, f"{eol}{new}{eol}{tail}".encode())]


def remove_attribute(source: Source, block: Block, attribute: Attribute) -> Changes:
    """Remove an argument with its lines and the comment behind it; comments above stay."""
    return _remove_item(source, block, attribute)


def remove_block(source: Source, block: Block | None, nested: Block) -> Changes:
    """Remove a nested block (or with None a top-level one) with its lines; comments above stay."""
    return _remove_item(source, block, nested)


def _remove_item(source: Source, block: Block | None, item: Attribute | Block) -> Changes:
    data = source.data
    if source.path.endswith(".json"):
        raise CannotEdit("JSON syntax")
    if block is not None and b"\n" not in data[block.header_end : block.end]:
        return [Replacement(source.path, block.header_end, block.end - 1, b"")]
    if not _alone(data, item.start, item.end):
        raise CannotEdit("something else stands on the same line")
    start, end = _line_start(data, item.start), _line_end(data, item.end)
    above = _line_start(data, start - 1) if start > 0 else 0
    blank_above = above < start and _blank(data[above:start])
    opens = block is not None and above <= block.header_end - 1 < start
    below = data[end : _line_end(data, end)]
    closes = not below or below.lstrip().startswith(b"}")
    if blank_above and (closes or _blank(below)):
        start = above
    elif opens and below and _blank(below):
        end = _line_end(data, end)
    return [Replacement(source.path, start, end, b"")]


# --- lists and objects ---


def _spans(expr: Tuple | Object) -> list[tuple[int, int]]:
    if isinstance(expr, Tuple):
        return [(item.start, item.end) for item in expr.items]
    return [(key.start, value.end) for key, value in expr.items]


def append_element(source: Source, expr: Tuple, text: str) -> Changes:
    """Add an element at the end of a list, in the form of those that are there."""
    return _append(source, expr, text)


def add_key(source: Source, expr: Object, key: str, text: str) -> Changes:
    """Add a key to an object, in the form of those that are there; `text` is the value, HCL or JSON as the object is."""
    if in_json(source, expr):
        return _append(source, expr, f"{json.dumps(key)}: {text}")
    if not expr.items:
        return _append(source, expr, f"{key_text(key)} = {text}")
    last, value = expr.items[-1]
    name = quoted(key) if source.data[last.start : last.start + 1] == b'"' else key_text(key)
    sign = source.data[last.end : value.start].decode()
    return _append(source, expr, f"{name}{sign if sign.strip() == ':' else ' = '}{text}")


def _append(source: Source, expr: Tuple | Object, text: str) -> Changes:
    data, path, spans = source.data, source.path, _spans(expr)
    close = expr.end - 1
    eol = _eol(source, expr.start)
    is_json = in_json(source, expr)
    if not spans:
        if not _blank(data[expr.start + 1 : close]):
            raise CannotEdit("the brackets hold nothing but a comment")
        outer = _indent(data, expr.start)
        if isinstance(expr, Tuple) and "\n" not in text:
            return [Replacement(path, expr.start + 1, close, text.encode())]
        inner = outer + _unit(source)
        new = f"{eol}{inner}".encode() + _placed(source, expr.start, text, inner) + f"{eol}{outer}".encode()
        return [Replacement(path, expr.start + 1, close, new)]
    start, end = spans[-1]
    indent = _indent(data, start)
    comma = re.compile(rb"[ \t\r\n]*,").match(data, end)
    trailing = comma is not None and comma.end() <= close
    if b"\n" not in data[end:close] or not _blank(data[_line_start(data, start) : start]):
        if isinstance(expr, Object) and "\n" in text:
            raise CannotEdit("the object is written on one line")
        return [Replacement(path, end, end, b", " + _placed(source, start, text, indent))]
    needed = isinstance(expr, Tuple) or is_json or any(b"," in data[a[1] : b[0]] for a, b in pairwise(spans))
    line = indent.encode() + _placed(source, start, text, indent)
    if needed and not trailing:
        if _blank(data[end : _line_end(data, end)]):
            return [Replacement(path, end, end, f",{eol}".encode() + line)]
        at = _line_end(data, end)
        return [Replacement(path, end, end, b","), Replacement(path, at, at, line + eol.encode())]
    at = _line_end(data, comma.end() if comma is not None and trailing else end)
    return [Replacement(path, at, at, line + (b"," if trailing else b"") + eol.encode())]


def remove_elements(source: Source, expr: Tuple | Object, positions: Iterable[int]) -> Changes:
    """Remove elements of a list or keys of an object, with the lines and comments that are theirs alone."""
    data, path, spans = source.data, source.path, _spans(expr)
    gone = {position for position in positions if 0 <= position < len(spans)}
    if len(gone) == len(spans) and spans:
        own_lines = _alone(data, *spans[0]) and not _blank(data[spans[-1][1] : _line_end(data, spans[-1][1])])
        if b"\n" not in data[expr.start : expr.end] or not own_lines:
            return [Replacement(path, expr.start + 1, expr.end - 1, b"")]
    is_json = in_json(source, expr)
    kept = [i for i in range(len(spans)) if i not in gone]
    out: Changes = []
    for i in sorted(gone):
        start, end = spans[i]
        if _alone(data, start, end):
            out.append(Replacement(path, _line_start(data, start), _line_end(data, end), b""))
        elif i + 1 < len(spans) and b"\n" not in data[end : spans[i + 1][0]]:
            out.append(Replacement(path, start, spans[i + 1][0], b""))
        else:
            before = max((k for k in kept if k < i), default=None)
            out.append(Replacement(path, spans[before][1] if before is not None else expr.start + 1, end, b""))
    if is_json and kept and max(gone, default=0) > kept[-1]:
        # JSON has no comma behind the last element.
        comma = re.compile(rb"\s*,").match(data, spans[kept[-1]][1])
        if comma:
            out.append(Replacement(path, spans[kept[-1]][1], comma.end(), b""))
    return out


# --- from ranges to edits ---


def edits(snapshot: Snapshot, replacements: Iterable[Replacement]) -> tuple[Edit, ...]:
    """The edits that make these changes, aligned as `terraform fmt` aligns where the touched lines were so before.

    The same change given twice is made once; removals may overlap. InvalidEdit when other changes overlap, when a file
    that parsed would not parse any more, and when a name would be set twice in one block.
    """
    by_path: dict[str, list[Replacement]] = {}
    for replacement in replacements:
        by_path.setdefault(replacement.path, []).append(replacement)
    out: list[Edit] = []
    for path, on_path in sorted(by_path.items()):
        old = snapshot.read(path)
        if old is None:
            raise InvalidEdit(path, "there is no such file")
        changes = _settled(path, on_path)
        new = old
        for start, end, text in reversed(changes):
            new = new[:start] + text + new[end:]
        before, after = check(path, old, new)
        if not path.endswith(".json"):
            new = _aligned(before, after, changes)
        out += edits_between(Snapshot({path: old}), Snapshot({path: new}))
    return tuple(out)


def check(path: str, old: bytes, new: bytes) -> tuple[Source, Source]:
    """Both texts of a file, read; InvalidEdit when the new one does not parse, or sets a name twice, and the old one did not."""
    before, after = _read(path, old), _read(path, new)
    if after.gaps and not before.gaps:
        raise InvalidEdit(path, f"the file would not parse: line {after.gaps[0].line}, {after.gaps[0].reason}")
    twice = _twice(after.body) - _twice(before.body)
    if twice:
        raise InvalidEdit(path, f"{', '.join(sorted(twice))} would be set twice")
    return before, after


def _read(path: str, data: bytes) -> Source:
    if path.endswith(".tfvars.json"):
        return tfjson.values(path, data)
    return tfjson.read(path, data) if path.endswith(".json") else hcl.read(path, data)


def _twice(body: Body) -> set[str]:
    """The names that are set more than once in one body or object, which Terraform refuses."""
    names = [attribute.name for attribute in body.attributes]
    found = {name for name in names if names.count(name) > 1}
    for attribute in body.attributes:
        for node in syntax.walk(attribute.expr):
            if isinstance(node, Object):
                keys = [str(key.value) for key, _ in node.items if isinstance(key, syntax.Literal)]
                found |= {key for key in keys if keys.count(key) > 1}
    return found.union(*(_twice(block.body) for block in body.blocks))


def _settled(path: str, replacements: list[Replacement]) -> list[tuple[int, int, bytes]]:
    """The changes in order, those given twice once (at their last place), overlapping removals joined."""
    unique = list(dict.fromkeys((r.start, r.end, r.new) for r in reversed(replacements)))[::-1]
    out: list[tuple[int, int, bytes]] = []
    for start, end, new in sorted(unique, key=lambda change: change[:2]):
        if out and start < out[-1][1]:
            if new or out[-1][2]:
                raise InvalidEdit(path, "edits overlap")
            out[-1] = (out[-1][0], max(end, out[-1][1]), b"")
        else:
            if out and out[-1][:2] == (start, end) and start == end:
                out[-1] = (start, end, _one_blank_line(out[-1][2], new))
            out.append((start, end, new))
    return out


def _one_blank_line(text: bytes, following: bytes) -> bytes:
    """What is put in before something else at the same place, without the blank line at its end where that begins with one."""
    for eol in (b"\r\n", b"\n"):
        if text.endswith(eol + eol) and following.startswith(eol):
            return text[: -len(eol)]
    return text


@dataclass(slots=True)
class _Row:
    """A line of a run that `terraform fmt` aligns: `lead = value # comment`, from `start` to `end`."""

    start: int
    end: int
    lead: str
    assign: str
    comment: str


def _aligned(before: Source, after: Source, changes: list[tuple[int, int, bytes]]) -> bytes:
    """The new text, with the runs that the changes touched aligned where their old lines were."""
    moved: list[tuple[int, int, int, int]] = []  # (old start, old end, new start, new end) of each change
    shift = 0
    for start, end, new in changes:
        moved.append((start, end, start + shift, start + shift + len(new)))
        shift += len(new) - (end - start)
    starts = [change[2] for change in moved]

    def old_offset(at: int, *, high: bool) -> int:
        index = bisect_right(starts, at) - 1
        if index < 0:
            return at
        old_start, old_end, new_start, new_end = moved[index]
        if at < new_end or (at == new_start == new_end):
            return old_end if high else old_start
        return at - new_end + old_end

    old_runs = list(_runs(before))
    data = after.data
    fixes: list[tuple[int, int, bytes]] = []
    for run in _runs(after):
        low, high = _line_start(data, run[0].start), _line_end(data, run[-1].end)
        if not any(change[2] <= high and change[3] >= low for change in moved):
            continue
        old_low, old_high = old_offset(low, high=False), old_offset(high, high=True)
        mine = [old for old in old_runs if old[0].start < old_high and old[-1].end > old_low]
        if all(_conforms(before.data, old) for old in mine):
            fixes += [(row.start, row.end, text.encode()) for row, text in zip(run, _formatted(run), strict=True)]
    out = data
    for start, end, text in sorted(fixes, reverse=True):
        out = out[:start] + text + out[end:]
    return out


def _conforms(data: bytes, run: list[_Row]) -> bool:
    return all(data[row.start : row.end].decode() == text for row, text in zip(run, _formatted(run), strict=True))


def _formatted(run: list[_Row]) -> list[str]:
    """The rows as `terraform fmt` writes them: signs in one column, and comments of consecutive rows in one column."""
    width = max(len(row.lead) for row in run)
    texts = [f"{row.lead.ljust(width)} {row.assign}" for row in run]
    at = 0
    while at < len(run):
        stop = at
        while stop < len(run) and run[stop].comment:
            stop += 1
        column = max((len(text) for text in texts[at:stop]), default=0)
        for i in range(at, stop):
            texts[i] = f"{texts[i].ljust(column)} {run[i].comment}"
        at = max(stop, at + 1)
    return texts


def _runs(source: Source) -> Iterator[list[_Row]]:
    """Every run of consecutive lines with a sign to align, in bodies and in objects."""
    bodies = [source.body]
    while bodies:
        body = bodies.pop()
        yield from _rows_in(source, [(a.start, a.value_start, a.end) for a in body.attributes])
        for attribute in body.attributes:
            for node in syntax.walk(attribute.expr):
                if isinstance(node, Object):
                    yield from _rows_in(source, [(key.start, value.start, value.end) for key, value in node.items])
        bodies += [block.body for block in body.blocks]


def _rows_in(source: Source, entries: list[tuple[int, int, int]]) -> Iterator[list[_Row]]:
    run: list[_Row] = []
    for start, value, end in sorted(entries):
        row = _row(source.data, start, value, end)
        if run and (row is None or _line_end(source.data, run[-1].end) != _line_start(source.data, row.start)):
            yield run
            run = []
        if row is not None:
            run.append(row)
    if run:
        yield run


def _row(data: bytes, start: int, value: int, end: int) -> _Row | None:
    if not _blank(data[_line_start(data, start) : start]):
        return None
    # A heredoc is one token to fmt, so its lines do not break a run; brackets that stay open do.
    if b"\n" in data[start:end] and data[value : value + 2] != b"<<":
        return None
    sign = data.rfind(b"=", start, value)
    if sign < 0:
        return None
    comma = re.compile(rb"[ \t]*,").match(data, end)
    end = comma.end() if comma else end
    tail = data[end : _line_end(data, end)].rstrip(b"\r\n").decode()
    comment = tail.strip()
    if comment and not comment.startswith(("#", "//", "/*")):
        return None
    stop = end + (len(tail.rstrip().encode()) if comment else 0)
    return _Row(start, stop, data[start:sign].decode().rstrip(), data[sign:end].decode(), comment)
