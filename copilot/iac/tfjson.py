"""Terraform's JSON syntax: bytes to the same syntax tree as HCL, with the places of keys and values.

Whether a JSON object under a resource is a block or a map only the provider's schema knows; it stays an expression
here, and `copilot.iac.terraform` asks the facts.
"""

from __future__ import annotations

import re

from copilot.iac import hcl, syntax
from copilot.iac.syntax import Attribute, Block, Body, Expr, Source
from copilot.model import Gap

MAX_DEPTH = 100

_TOKEN = re.compile(
    rb'[ \t\r\n]*(?:([{}\[\],:])|("(?:[^"\\\x00-\x1f]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))'
)
# How many levels of labels lie above the body of each kind of top-level block.
_LABELS = {
    "resource": 2,
    "data": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "locals": 0,
    "terraform": 0,
}
# Blocks that Terraform's own language defines; every other nested object is the provider's business.
_META = frozenset({"lifecycle", "provisioner", "connection", "dynamic"})
# Arguments that are references or types, not templates, although written as JSON strings: anywhere, and by block.
_REFERENCES = frozenset({"depends_on", "ignore_changes", "provider", "providers", "replace_triggered_by"})
_REFERENCES_OF = {"variable": frozenset({"type"}), "dynamic": frozenset({"iterator"})}


class Malformed(Exception):
    """Not JSON, at a byte offset."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset


def read(path: str, data: bytes) -> Source:
    """The syntax tree of one `.tf.json` file. Never raises: a broken file has an empty body and a gap."""
    body, gaps = Body((), ()), []
    if len(data) > hcl.MAX_BYTES:
        return Source(path, data, body, (Gap("unread", f"the file is larger than {hcl.MAX_BYTES} bytes", path, 1),))
    try:
        data.decode("utf-8")
        body = _file(_Parser(data).document(), data)
    except UnicodeDecodeError as error:
        gaps.append(Gap("unread", "not valid UTF-8", path, data.count(b"\n", 0, error.start) + 1))
    except Malformed as error:
        gaps.append(Gap("unread", f"not valid JSON: {error}", path, data.count(b"\n", 0, error.offset) + 1))
    return Source(path, data, body, tuple(gaps))


def values(path: str, data: bytes) -> Source:
    """The syntax tree of a `.tfvars.json` file: attributes with literal values (strings are not templates)."""
    try:
        data.decode("utf-8")
        document = _Parser(data).document()
    except UnicodeDecodeError:
        return Source(path, data, Body((), ()), (Gap("unread", "not valid UTF-8", path, 1),))
    except Malformed as error:
        line = data.count(b"\n", 0, error.offset) + 1
        return Source(path, data, Body((), ()), (Gap("unread", f"not valid JSON: {error}", path, line),))
    if not isinstance(document, syntax.Object):
        return Source(path, data, Body((), ()), (Gap("unread", "not a JSON object", path, 1),))
    attributes = tuple(_attribute(key, value, literal=True) for key, value in document.items)
    return Source(path, data, Body(attributes, ()))


class _Parser:
    """JSON to syntax nodes, without recursion, so that nesting cannot hurt."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 3 if data.startswith(b"\xef\xbb\xbf") else 0

    def token(self) -> tuple[str, int, int]:
        match = _TOKEN.match(self.data, self.at)
        if not match:
            raise Malformed(self.at, "unexpected character" if self.at < len(self.data) else "it ends too early")
        self.at = match.end()
        return ("pswk"[(match.lastindex or 1) - 1], match.start(match.lastindex or 1), match.end())

    def document(self) -> Expr:
        stack: list[tuple[str, int, list[Expr], list[Expr]]] = []  # kind, start, items, keys
        done: Expr | None = None
        while done is None:
            kind, start, end = self.token()
            text = self.data[start:end]
            if kind == "p" and text in b"{[":
                if len(stack) >= MAX_DEPTH:
                    raise Malformed(start, f"nested deeper than {MAX_DEPTH} levels")
                stack.append((text.decode(), start, [], []))
                if self.closes(stack):
                    done = self.close(stack)
                elif stack[-1][0] == "{":
                    self.key(stack)
                continue
            done = self.put(stack, self.scalar(kind, start, end))
        rest = self.data[self.at :].strip()
        if rest:
            raise Malformed(self.at, "something stands behind the end")
        return done

    def put(self, stack: list[tuple[str, int, list[Expr], list[Expr]]], value: Expr) -> Expr | None:
        """Add a value to the innermost collection, closing those that end here; the document when all are closed."""
        while True:
            if not stack:
                return value
            stack[-1][2].append(value)
            _, start, end = self.token()
            text = self.data[start:end]
            if text == b",":
                if stack[-1][0] == "{":
                    self.key(stack)
                return None
            if text != (b"}" if stack[-1][0] == "{" else b"]"):
                raise Malformed(start, "`,` or a closing bracket is missing")
            value = self.finished(stack.pop(), end)

    def closes(self, stack: list[tuple[str, int, list[Expr], list[Expr]]]) -> bool:
        match = _TOKEN.match(self.data, self.at)
        return bool(match and match.group(1) == (b"}" if stack[-1][0] == "{" else b"]"))

    def close(self, stack: list[tuple[str, int, list[Expr], list[Expr]]]) -> Expr | None:
        _, _, end = self.token()
        return self.put(stack, self.finished(stack.pop(), end))

    @staticmethod
    def finished(frame: tuple[str, int, list[Expr], list[Expr]], end: int) -> Expr:
        kind, start, items, keys = frame
        if kind == "[":
            return syntax.Tuple(start, end, tuple(items))
        return syntax.Object(start, end, tuple(zip(keys, items, strict=True)))

    def key(self, stack: list[tuple[str, int, list[Expr], list[Expr]]]) -> None:
        kind, start, end = self.token()
        if kind != "s":
            raise Malformed(start, "a key in double quotes is missing")
        stack[-1][3].append(self.scalar(kind, start, end))
        _, at, stop = self.token()
        if self.data[at:stop] != b":":
            raise Malformed(at, "`:` is missing")

    def scalar(self, kind: str, start: int, end: int) -> syntax.Literal:
        text = self.data[start:end].decode()
        if kind == "s":
            return syntax.Literal(start, end, _string(text, start))
        if kind == "w":
            return syntax.Literal(start, end, hcl.number(text))
        if kind == "k":
            return syntax.Literal(start, end, {"true": True, "false": False, "null": None}[text])
        raise Malformed(start, "a value is missing")


def _string(text: str, start: int) -> str:
    import json

    try:
        value = json.loads(text)
    except ValueError as error:
        raise Malformed(start, "a string with a bad escape") from error
    return str(value).encode("utf-8", "replace").decode()


def _templated(expr: Expr) -> Expr:
    """The expression with every string read as a template, as Terraform does in JSON syntax."""
    match expr:
        case syntax.Literal(value=str(text)) if "${" in text or "%{" in text:
            parsed = hcl.template("", text)
            if parsed is None:
                return expr
            inner = parsed.parts[0] if parsed.wrap else parsed
            return _moved(inner, expr.start, expr.end)
        case syntax.Tuple():
            return syntax.Tuple(expr.start, expr.end, tuple(_templated(item) for item in expr.items))
        case syntax.Object():
            pairs = tuple((_templated(key), _templated(value)) for key, value in expr.items)
            return syntax.Object(expr.start, expr.end, pairs)
    return expr


def _moved(expr: Expr, start: int, end: int) -> Expr:
    """The expression with every part of it placed at the JSON string that holds it."""
    for node in syntax.walk(expr):
        node.start, node.end = start, end
        if isinstance(node, syntax.Literal):
            node.offsets = ()
    return expr


def _reference(expr: Expr) -> Expr:
    """Strings that are references in JSON syntax, as the traversals they mean."""
    match expr:
        case syntax.Literal(value=str(text)):
            parsed = hcl.expression("", text.removeprefix("${").removesuffix("}").encode())
            return _moved(parsed, expr.start, expr.end) if parsed is not None else expr
        case syntax.Tuple():
            return syntax.Tuple(expr.start, expr.end, tuple(_reference(item) for item in expr.items))
        case syntax.Object():
            return syntax.Object(expr.start, expr.end, tuple((key, _reference(value)) for key, value in expr.items))
    return expr


def _attribute(key: Expr, value: Expr, *, kind: str = "", literal: bool = False) -> Attribute:
    assert isinstance(key, syntax.Literal)
    name = str(key.value)

    def build() -> Expr:
        if literal:
            return value
        refers = name in _REFERENCES or name in _REFERENCES_OF.get(kind, ())
        return _reference(value) if refers else _templated(value)

    return Attribute(name, key.start, value.end, value.start, value.end, build)


def _file(document: Expr, data: bytes) -> Body:
    blocks: list[Block] = []
    for top in document.items if isinstance(document, syntax.Tuple) else (document,):
        if not isinstance(top, syntax.Object):
            raise Malformed(top.start, "a configuration file is a JSON object")
        for key, value in top.items:
            assert isinstance(key, syntax.Literal)
            kind = str(key.value)
            if kind != "//":
                blocks += _blocks(kind, (), key, value, _LABELS.get(kind, 0))
    return Body((), tuple(blocks), 0, len(data))


def _blocks(kind: str, labels: tuple[str, ...], key: syntax.Literal, value: Expr, levels: int) -> list[Block]:
    out: list[Block] = []
    for item in value.items if isinstance(value, syntax.Tuple) else (value,):
        if not isinstance(item, syntax.Object):
            raise Malformed(item.start, f"`{kind}` holds something that is not an object")
        if levels:
            for name, inner in item.items:
                assert isinstance(name, syntax.Literal)
                out += _blocks(kind, (*labels, str(name.value)), name, inner, levels - 1)
        else:
            out.append(Block(kind, labels, _body(item, kind), key.start, item.end, item.start + 1))
    return out


def _body(item: syntax.Object, kind: str) -> Body:
    attributes: list[Attribute] = []
    blocks: list[Block] = []
    for key, value in item.items:
        assert isinstance(key, syntax.Literal)
        name = str(key.value)
        if name == "dynamic":
            blocks += _blocks(name, (), key, value, 1)
        elif name in _META:
            blocks += _blocks(name, (), key, value, 1 if name == "provisioner" else 0)
        elif name == "content" and kind == "dynamic":
            blocks += _blocks(name, (), key, value, 0)
        elif name != "//":
            attributes.append(_attribute(key, value, kind=kind))
    return Body(tuple(attributes), tuple(blocks), item.start + 1, item.end - 1)
