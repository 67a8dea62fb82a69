"""HCL: bytes to a syntax tree, by tree-sitter; broken parts are reported with their line and left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from copilot.iac import syntax
from copilot.iac.syntax import Attribute, Block, Body, Expr, Source
from copilot.model import Gap

MAX_BYTES = 4 * 1024 * 1024
"""A larger file is not read; it is reported."""
MAX_DEPTH = 150
"""Blocks and expressions nested deeper are not read; they are reported."""


class TooDeep(Exception):
    """An expression is nested deeper than MAX_DEPTH."""


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


def read(path: str, data: bytes) -> Source:
    """The syntax tree of one HCL file. Never raises: what could not be read is in `gaps`, the rest in `body`."""
    empty = Body((), ())
    if len(data) > MAX_BYTES:
        return Source(path, data, empty, (_gap(path, 1, f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB"),))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Source(path, data, empty, (_gap(path, line, "not valid UTF-8", "save the file as UTF-8"),))
    # A byte order mark is whitespace to Terraform; the parser sees blanks so that offsets stay those of the file.
    text = b"   " + data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    gaps: list[Gap] = []
    # The grammar knows an exponent only behind a fraction; digits of the same length stand for such a number while
    # parsing, and its value is read from the file's own bytes.
    if _EXPONENT.search(text):
        text = _EXPONENT.sub(lambda match: b"1" * len(match.group()), text)
    text = _without_deep(path, text, gaps)
    root = _parser().parse(text).root_node
    if root.has_error:
        # What is broken may swallow what follows; without the blocks that are broken by themselves the rest reads well.
        broken = []
        for start, end in _parts(text):
            part = _parser().parse(text[start:end]).root_node
            if part.has_error:
                broken.append((start, end))
                _note_errors(path, part, gaps, text.count(b"\n", 0, start))
        text = _blanked(text, broken)
        root = _parser().parse(text).root_node
        if root.has_error:
            _note_errors(path, root, gaps, 0)
    reader = _Reader(path, data)
    body = empty
    for child in root.children:
        if child.type == "body":
            body = reader.body(child, 0)
    return Source(path, data, body, (*gaps, *reader.gaps))


_EXPONENT = re.compile(rb"(?<![\w.\-\"])\d+[eE][+-]?\d+(?![\w.\"])")
_TOP = re.compile(
    rb"(?m)^(?:resource|data|module|variable|output|locals|provider|terraform|moved|removed|import|check|ephemeral)\b[^\n{=]*\{"
)


def _parts(data: bytes) -> list[tuple[int, int]]:
    """The file cut before each line that begins a top-level block."""
    starts = [match.start() for match in _TOP.finditer(data)]
    starts = starts if starts[:1] == [0] else [0, *starts]
    return list(zip(starts, [*starts[1:], len(data)], strict=True))


def _blanked(data: bytes, parts: list[tuple[int, int]]) -> bytes:
    """The text with these parts blank, every other byte where it was."""
    out = bytearray(data)
    for start, end in parts:
        out[start:end] = re.sub(rb"[^\r\n]", b" ", data[start:end])
    return bytes(out)


def _without_deep(path: str, data: bytes, gaps: list[Gap]) -> bytes:
    """The text without the blocks whose brackets nest too deeply, each of which is reported."""
    if not _too_deep(data):
        return data
    deep = []
    for start, end in _parts(data):
        at = _too_deep(data[start:end])
        if at:
            deep.append((start, end))
            line = data.count(b"\n", 0, start + at) + 1
            gaps.append(_gap(path, line, f"brackets nested deeper than {MAX_DEPTH * 2} levels"))
    return _blanked(data, deep)


_ENDS = {"quoted_template_end": "a closing quote", "}": "a closing brace", "]": "a closing bracket"}


def _note_errors(path: str, root: Node, gaps: list[Gap], above: int) -> None:
    """Report each broken line, the first twenty; `above` lines stand before what was parsed."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            # What is missing is looked for where the thing begins that wants it: an open quote, not the end of the file.
            at = node
            while node.is_missing and at.parent is not None and at.start_point == node.start_point:
                at = at.parent
            line = above + at.start_point[0] + 1
            if line not in seen and len(seen) < 20:
                seen.add(line)
                what = f"{_ENDS.get(node.type, node.type)} is missing" if node.is_missing else "syntax error"
                gaps.append(_gap(path, line, what))
        elif node.has_error:
            stack.extend(reversed(node.children))


def expression(path: str, data: bytes, start: int = 0) -> Expr | None:
    """The syntax tree of one expression standing alone, offsets moved by `start`; None when it does not parse."""
    source = read(path, b"_ = " + data + b"\n")
    if source.gaps or len(source.body.attributes) != 1:
        return None
    return source.body.attributes[0].expr


def template(path: str, text: str) -> syntax.TemplateExpr | None:
    """The syntax tree of template text (`templatefile`, strings of JSON syntax); None when it does not parse."""
    marker = "EOT_OF_TEMPLATE"
    data = f"_ = <<{marker}\n{text}\n{marker}\n".encode()
    source = read(path, data)
    if source.gaps or len(source.body.attributes) != 1:
        return None
    expr = source.body.attributes[0].expr
    if isinstance(expr, syntax.Literal):
        expr = syntax.TemplateExpr(expr.start, expr.end, (expr,))
    if not isinstance(expr, syntax.TemplateExpr):
        return None
    parts = list(expr.parts)
    # The heredoc that carries the text adds one line feed at its end.
    if parts and isinstance(parts[-1], syntax.Literal) and str(parts[-1].value).endswith("\n"):
        last = parts[-1]
        parts[-1] = syntax.Literal(last.start, last.end, str(last.value)[:-1], last.offsets)
    if parts and isinstance(parts[-1], syntax.Literal) and parts[-1].value == "":
        parts.pop()
    wrap = len(parts) == 1 and not isinstance(parts[0], syntax.Literal | syntax.TemplateIf | syntax.TemplateFor)
    return syntax.TemplateExpr(expr.start, expr.end, tuple(parts), wrap)


def _gap(path: str, line: int, reason: str, remedy: str = "") -> Gap:
    return Gap("unread", reason, path, line, remedy=remedy or "mend the file, or leave it out of the root")


_BRACKETS = re.compile(rb'[\[\]{}()]|"(?:[^"\\\n$%]|\\.|[$%](?!\{))*"|#[^\n]*|//[^\n]*')


def _too_deep(data: bytes) -> int:
    """The offset at which brackets nest deeper than any sane file, or 0; cheap, so that the parser is never at risk."""
    if data.count(b"[") + data.count(b"{") + data.count(b"(") < MAX_DEPTH * 2:
        return 0
    depth = 0
    for match in _BRACKETS.finditer(data):
        token = match.group()
        if token in b"[{(":
            depth += 1
            if depth > MAX_DEPTH * 2:
                return match.start()
        elif token in b"]})":
            depth = max(0, depth - 1)
    return 0


class _Reader:
    """Turns tree-sitter's nodes of one file into our tree; blocks at once, expressions when asked."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.gaps: list[Gap] = []

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode()

    def body(self, node: Node, depth: int) -> Body:
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for child in node.children:
            kind = child.type
            if kind == "attribute":
                if child.has_error:
                    continue
                name, value = child.children[0], child.children[-1]
                attributes.append(
                    Attribute(
                        self.text(name), child.start_byte, child.end_byte, value.start_byte, value.end_byte,
                        _Lazy(self, value),
                    )
                )  # fmt: skip
            elif kind == "block":
                if depth > MAX_DEPTH:
                    self.gaps.append(_gap(self.path, child.start_point[0] + 1, "blocks nested too deeply"))
                    continue
                if child.has_error and any(c.is_error or c.is_missing for c in child.children):
                    continue
                blocks.append(self.block(child, depth))
        return Body(tuple(attributes), tuple(blocks), node.start_byte, node.end_byte)

    def block(self, node: Node, depth: int) -> Block:
        kind = ""
        labels: list[str] = []
        header_end = node.start_byte
        body: Body | None = None
        for child in node.children:
            match child.type:
                case "identifier":
                    if kind:
                        labels.append(self.text(child))
                    else:
                        kind = self.text(child)
                case "string_lit":
                    labels.append(_unescape(self.text(child)[1:-1]))
                case "block_start":
                    header_end = child.end_byte
                case "body":
                    body = self.body(child, depth + 1)
        return Block(
            kind, tuple(labels), body or Body((), (), header_end, header_end), node.start_byte, node.end_byte, header_end
        )  # fmt: skip

    # --- expressions ---

    def expr(self, node: Node, depth: int = 0) -> Expr:
        """The expression of an `expression` node."""
        return self.sequence(node.children, depth)

    def sequence(self, nodes: list[Node], depth: int) -> Expr:
        """A primary expression and the postfix steps behind it, as siblings."""
        if depth > MAX_DEPTH:
            raise TooDeep
        nodes = [n for n in nodes if n.type != "comment"]
        if nodes and nodes[0].type == "(":
            close = next(i for i, n in enumerate(nodes) if n.type == ")")
            inner = next(n for n in nodes[1:close] if n.type == "expression")
            base, rest = self.expr(inner, depth + 1), nodes[close + 1 :]
            base_start, base_end = nodes[0].start_byte, nodes[close].end_byte
        else:
            base, rest = self.primary(nodes[0], depth), nodes[1:]
            base_start, base_end = nodes[0].start_byte, nodes[0].end_byte
        if not rest:
            base.start, base.end = base_start, base_end
            return base
        steps = self.steps(rest, depth)
        end = rest[-1].end_byte
        if isinstance(base, syntax.Traversal) and not base.steps:
            return syntax.Traversal(base_start, end, base.root, steps)
        return syntax.Postfix(base_start, end, base, steps)

    def steps(self, nodes: list[Node], depth: int) -> syntax.Steps:
        out: list[syntax.Attr | syntax.Index | syntax.Splat] = []
        for node in nodes:
            match node.type:
                case "get_attr":
                    out.append(syntax.Attr(self.text(node.children[-1])))
                case "index":
                    inner = node.children[0]
                    if inner.type == "new_index":
                        key = next(c for c in inner.children if c.type == "expression")
                        out.append(syntax.Index(self.expr(key, depth + 1)))
                    else:  # legacy `.0`
                        number = self.text(inner).lstrip(".")
                        literal = syntax.Literal(inner.start_byte, inner.end_byte, int(number))
                        out.append(syntax.Index(literal))
                case "splat":
                    inner = node.children[0]
                    out.append(syntax.Splat(self.steps(inner.children[1:], depth + 1)))
        return tuple(out)

    def primary(self, node: Node, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        match node.type:
            case "literal_value":
                return self.literal(node.children[0])
            case "variable_expr":
                return syntax.Traversal(start, end, self.text(node), ())
            case "template_expr":
                return self.template(node.children[0], depth)
            case "collection_value":
                inner = node.children[0]
                if inner.type == "tuple":
                    items = tuple(self.expr(c, depth + 1) for c in inner.children if c.type == "expression")
                    return syntax.Tuple(start, end, items)
                return syntax.Object(start, end, tuple(self.pairs(inner, depth)))
            case "function_call":
                arguments = next((c for c in node.children if c.type == "function_arguments"), None)
                args = [c for c in arguments.children if c.type == "expression"] if arguments else []
                expand = any(c.type == "ellipsis" for c in arguments.children) if arguments else False
                # `provider::name::function` comes as several identifiers and `::` tokens
                name = self.data[start : next(c for c in node.children if c.type == "(").start_byte].decode().strip()
                return syntax.Call(start, end, name, tuple(self.expr(c, depth + 1) for c in args), expand)
            case "conditional":
                condition, then, otherwise = [c for c in node.children if c.type == "expression"] or self.split(node)
                return syntax.Conditional(
                    start, end, self.expr(condition, depth + 1), self.expr(then, depth + 1), self.expr(otherwise, depth + 1)
                )  # fmt: skip
            case "operation":
                return self.operation(node.children[0], depth)
            case "for_expr":
                return self.comprehension(node.children[0], depth)
            case "expression":
                return self.expr(node, depth + 1)
            case "string_lit":
                return self.literal(node)
            case "quoted_template" | "heredoc_template":
                return self.template(node, depth)
        raise TooDeep(node.type)

    def split(self, node: Node) -> list[Node]:
        return [c for c in node.children if c.is_named]

    def literal(self, node: Node) -> Expr:
        start, end, text = node.start_byte, node.end_byte, self.text(node)
        match node.type:
            case "numeric_lit":
                return syntax.Literal(start, end, number(text))
            case "bool_lit":
                return syntax.Literal(start, end, text == "true")
            case "null_lit":
                return syntax.Literal(start, end, None)
        content, offsets = _spelled(text[1:-1], start + 1, _ESCAPE, closed=True)
        return syntax.Literal(start, end, content, offsets)

    def pairs(self, node: Node, depth: int) -> list[tuple[Expr, Expr]]:
        out = []
        for element in node.children:
            if element.type != "object_elem":
                continue
            key, value = [c for c in element.children if c.type == "expression"]
            name = self.expr(key, depth + 1)
            if isinstance(name, syntax.Traversal) and not name.steps and key.children[0].type != "(":
                name = syntax.Literal(name.start, name.end, name.root)  # a bare word is a key, not a reference
            out.append((name, self.expr(value, depth + 1)))
        return out

    def operation(self, node: Node, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        parts = [c for c in node.children if c.type != "comment"]
        if node.type == "unary_operation":
            return syntax.Unary(start, end, parts[0].type, self.sequence(parts[1:], depth + 1))
        at = next(i for i, c in enumerate(parts) if not c.is_named and c.type in _OPERATORS)
        left, right = self.sequence(parts[:at], depth + 1), self.sequence(parts[at + 1 :], depth + 1)
        return syntax.Binary(start, end, parts[at].type, left, right)

    def comprehension(self, node: Node, depth: int) -> Expr:
        intro = next(c for c in node.children if c.type == "for_intro")
        names = [self.text(c) for c in intro.children if c.type == "identifier"]
        collection = next(c for c in intro.children if c.type == "expression")
        results = [c for c in node.children if c.type == "expression"]
        condition = next((c for c in node.children if c.type == "for_cond"), None)
        guard = next((c for c in condition.children if c.type == "expression"), None) if condition else None
        return syntax.For(
            node.start_byte, node.end_byte,
            names[0] if len(names) > 1 else None, names[-1], self.expr(collection, depth + 1),
            self.expr(results[0], depth + 1) if node.type == "for_object_expr" else None,
            self.expr(results[-1], depth + 1),
            self.expr(guard, depth + 1) if guard else None,
            any(c.type == "ellipsis" for c in node.children),
        )  # fmt: skip

    # --- templates ---

    def template(self, node: Node, depth: int) -> Expr:
        start, end = node.start_byte, node.end_byte
        inner = [c for c in node.children if c.type in ("template_interpolation", "template_directive")]
        if node.type == "quoted_template":
            parts = self.pieces(inner, start + 1, end - 1, depth, quoted=True, closed=True)
        else:
            first = next(c for c in node.children if c.type == "heredoc_identifier")
            flush = self.data[start : start + 3] == b"<<-"
            body_start = self.data.index(b"\n", first.end_byte) + 1
            body_end = self.data.rfind(b"\n", body_start - 1, end) + 1
            parts = self.pieces(inner, body_start, body_end, depth, quoted=False)
            if flush:
                parts = _dedent(parts)
        if all(isinstance(part, syntax.Literal) and isinstance(part.value, str) for part in parts):
            return _joined(start, end, parts)
        wrap = len(parts) == 1 and not isinstance(parts[0], syntax.TemplateIf | syntax.TemplateFor)
        return syntax.TemplateExpr(start, end, tuple(parts), wrap and node.type == "quoted_template")

    def pieces(
        self, nodes: list[Node], start: int, end: int, depth: int, *, quoted: bool, closed: bool = False
    ) -> list[Expr]:
        """The literals and interpolations between two offsets; whitespace that `~` strips is gone.

        `closed`: the text ends where these do.
        """
        out: list[Expr] = []
        at, strip_next = start, False
        for node in nodes:
            flat = _flat(node)
            before, after = (
                _strips(self.data, flat[0].start_byte, flat[0].end_byte),
                _strips(self.data, flat[-1].start_byte, flat[-1].end_byte),
            )
            self.run(out, at, node.start_byte, strip_next, before[0], quoted=quoted)
            if node.type == "template_interpolation":
                inner = next((c for c in node.children if c.type == "expression"), None)
                out.append(
                    self.expr(inner, depth + 1) if inner else syntax.Literal(node.start_byte, node.end_byte, "")
                )  # fmt: skip
            else:
                out.append(self.directive(node.children[0], depth + 1, quoted=quoted))
            at, strip_next = node.end_byte, after[1]
        self.run(out, at, end, strip_next, False, quoted=quoted, closed=closed)
        return out

    def run(
        self, out: list[Expr], start: int, end: int, left: bool, right: bool, *, quoted: bool, closed: bool = False
    ) -> None:
        if end <= start:
            return
        raw = self.data[start:end].decode()
        if left:
            trimmed = raw.lstrip()
            start += len(raw.encode()) - len(trimmed.encode())
            raw = trimmed
        if right:
            raw = raw.rstrip()
        if raw:
            text, offsets = _spelled(raw, start, _ESCAPE if quoted else _DOUBLED, closed=closed)
            out.append(syntax.Literal(start, start + len(raw.encode()), text, offsets))

    def directive(self, node: Node, depth: int, *, quoted: bool) -> Expr:
        if depth > MAX_DEPTH:
            raise TooDeep
        kids = node.children
        nested = ("template_interpolation", "template_directive")
        if node.type == "template_if":
            intro, finish = kids[0], kids[-1]
            middle = next((c for c in kids if c.type == "template_else_intro"), None)
            condition = next(c for c in intro.children if c.type == "expression")

            def branch(left: Node, right: Node) -> syntax.TemplateExpr:
                inside = [
                    c for c in kids
                    if c.type in nested and left.end_byte <= c.start_byte and c.end_byte <= right.start_byte
                ]  # fmt: skip
                parts = self.pieces(inside, left.end_byte, right.start_byte, depth, quoted=quoted)
                parts = _trim(parts, _strips(self.data, left.start_byte, left.end_byte)[1], _strips(
                    self.data, right.start_byte, right.end_byte)[0])  # fmt: skip
                return syntax.TemplateExpr(left.end_byte, right.start_byte, tuple(parts))

            then = branch(intro, middle or finish)
            otherwise = branch(middle, finish) if middle else None
            return syntax.TemplateIf(node.start_byte, node.end_byte, self.expr(condition, depth), then, otherwise)
        intro, finish = kids[0], kids[-1]
        names = [self.text(c) for c in intro.children if c.type == "identifier"]
        collection = next(c for c in intro.children if c.type == "expression")
        inside = [c for c in kids if c.type in nested]
        parts = self.pieces(inside, intro.end_byte, finish.start_byte, depth, quoted=quoted)
        parts = _trim(parts, _strips(self.data, intro.start_byte, intro.end_byte)[1], _strips(
            self.data, finish.start_byte, finish.end_byte)[0])  # fmt: skip
        body = syntax.TemplateExpr(intro.end_byte, finish.start_byte, tuple(parts))
        return syntax.TemplateFor(
            node.start_byte, node.end_byte, names[0] if len(names) > 1 else None, names[-1],
            self.expr(collection, depth), body,
        )  # fmt: skip


class _Lazy:
    """Builds an attribute's expression when it is first read."""

    __slots__ = ("node", "reader")

    def __init__(self, reader: _Reader, node: Node) -> None:
        self.reader = reader
        self.node = node

    def __call__(self) -> Expr:
        try:
            return self.reader.expr(self.node)
        except TooDeep:
            return syntax.Call(self.node.start_byte, self.node.end_byte, "\0too deep", ())


_OPERATORS = frozenset({"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"})


def number(text: str) -> int | float:
    """The number an HCL or JSON literal means; whole numbers are ints, whatever they are written like."""
    if text.isdigit() and len(text) < 400:
        return int(text)
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _flat(node: Node) -> list[Node]:
    """The parts of an interpolation or directive that carry its first and last brace."""
    if node.type == "template_interpolation":
        return [node]
    return node.children[0].children


def _strips(data: bytes, start: int, end: int) -> tuple[bool, bool]:
    text = data[start:end]
    return text[2:3] == b"~", text[-2:-1] == b"~"


def _trim(parts: list[Expr], left: bool, right: bool) -> list[Expr]:
    if left and parts and isinstance(parts[0], syntax.Literal):
        text = str(parts[0].value)
        parts[0] = _cut(parts[0], len(text) - len(text.lstrip()), len(text))
    if right and parts and isinstance(parts[-1], syntax.Literal):
        parts[-1] = _cut(parts[-1], 0, len(str(parts[-1].value).rstrip()))
    return [part for part in parts if not (isinstance(part, syntax.Literal) and part.value == "")]


def _cut(part: syntax.Literal, start: int, stop: int) -> syntax.Literal:
    """A part of the text, with the bytes it has in the file."""
    return syntax.Literal(part.start, part.end, str(part.value)[start:stop], tuple(_runs(part, start, stop)))


def _runs(part: syntax.Literal, start: int, stop: int) -> list[tuple[int, int]]:
    """The runs of a part of the text, counted from where that part starts."""
    text, runs = str(part.value), part.offsets
    first = max(bisect_right(runs, start, key=lambda run: run[0]) - 1, 0)
    out: list[tuple[int, int]] = []
    for at, byte in runs[first:]:
        if at >= stop and out:
            break
        out.append((max(at - start, 0), byte + len(text[at:start].encode()) if at < start else byte))
    return out


_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\$\$\{|%%\{')
_NAMED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


_DOUBLED = re.compile(r"\$\$\{|%%\{")


def _unescape(text: str) -> str:
    return _spelled(text, 0, _ESCAPE)[0]


def _spelled(
    raw: str, byte: int, escapes: re.Pattern[str], *, closed: bool = False
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text that literal source means, and its runs: one for each escape, one for what stands between two.

    `byte` is where the source starts. `closed`: nothing follows, so that an escape at the end needs a run that says
    where it ends.
    """
    if "\\" not in raw and "{" not in raw:
        return raw, ((0, byte),)
    pieces: list[str] = []
    runs: list[tuple[int, int]] = []
    size = at = 0
    for match in escapes.finditer(raw):
        plain = raw[at : match.start()]
        if plain:
            pieces.append(plain)
            runs.append((size, byte))
            size, byte = size + len(plain), byte + len(plain.encode())
        if match[0][0] == "\\":
            pieces.append(_escaped(match))
            at = match.end()
        else:
            pieces.append(match[0][0])  # the brace is as it is written
            at = match.end() - 1
        runs.append((size, byte))
        size, byte = size + 1, byte + at - match.start()  # an escape is ASCII
    if at < len(raw) or not runs or closed:
        pieces.append(raw[at:])
        runs.append((size, byte))
    return "".join(pieces), tuple(runs)


def _escaped(match: re.Match[str]) -> str:
    if match[1]:
        return _NAMED[match[1]]
    point = int(match[2] or match[3], 16)
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd"


def _joined(start: int, end: int, parts: list[Expr]) -> syntax.Literal:
    text, offsets = "", []
    for part in parts:
        assert isinstance(part, syntax.Literal)
        offsets += [(len(text) + at, byte) for at, byte in part.offsets]
        text += str(part.value)
    return syntax.Literal(start, end, text, tuple(offsets))


def _dedent(parts: list[Expr]) -> list[Expr]:
    """Remove from each line of a `<<-` heredoc the indentation that all its lines share."""
    shortest: int | None = None
    fresh = True
    for part in parts:
        if not isinstance(part, syntax.Literal):
            if fresh:
                shortest = 0
            fresh = False
            continue
        for number_, line in enumerate(str(part.value).splitlines(keepends=True)):
            if number_ or fresh:
                body = line.lstrip(" \t")
                if body.strip("\r\n") or (part is not parts[-1] and not line.endswith("\n")):
                    indent = len(line) - len(body)
                    shortest = indent if shortest is None else min(shortest, indent)
            fresh = line.endswith("\n")
    if not shortest:
        return parts
    out: list[Expr] = []
    fresh = True
    for part in parts:
        if not isinstance(part, syntax.Literal):
            out.append(part)
            fresh = False
            continue
        text, offsets, at = "", [], 0
        for number_, line in enumerate(str(part.value).splitlines(keepends=True)):
            cut = 0
            if number_ or fresh:
                cut = min(shortest, len(line) - len(line.lstrip(" \t")))
            offsets += [(len(text) + offset, byte) for offset, byte in _runs(part, at + cut, at + len(line))]
            text += line[cut:]
            at += len(line)
            fresh = line.endswith("\n")
        out.append(syntax.Literal(part.start, part.end, text, tuple(offsets)))
    return out


def comments(text: str) -> list[str]:
    """The comments in a piece of HCL, which need not be a whole file; strings and heredocs hold none."""
    out: list[str] = []
    if "#" not in text and "//" not in text and "/*" not in text:
        return out
    data = text.encode("utf-8", "surrogatepass")
    if _too_deep(data):
        return [text]
    stack = [_parser().parse(data).root_node]
    while stack:
        node = stack.pop()
        if node.type == "comment":
            out.append(data[node.start_byte : node.end_byte].decode("utf-8", "replace"))
        stack.extend(node.children)
    return out
