"""The syntax tree of a configuration file, whatever it is written in: blocks, attributes, expressions, byte ranges.

`copilot.iac.hcl` and `copilot.iac.tfjson` build it; `copilot.iac.terraform` evaluates it; `copilot.edits` edits by it.
Nodes keep byte offsets only; `Source.place` turns a range into a Place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from copilot.model import Gap, Place, Scalar


@dataclass(slots=True, eq=False)
class Expr:
    """An expression and the bytes it stands in."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class Literal(Expr):
    """A number, boolean, null or text without interpolation (`offsets` as in model.Known)."""

    value: Scalar | None
    offsets: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True, eq=False)
class TemplateExpr(Expr):
    """Text with interpolations; `parts` are Literals, expressions, TemplateIf and TemplateFor.

    `wrap`: the whole text is one interpolation, so the result keeps its type.
    """

    parts: tuple[Expr, ...]
    wrap: bool = False


@dataclass(slots=True, eq=False)
class TemplateIf(Expr):
    condition: Expr
    then: TemplateExpr
    otherwise: TemplateExpr | None


@dataclass(slots=True, eq=False)
class TemplateFor(Expr):
    key: str | None
    name: str
    collection: Expr
    body: TemplateExpr


@dataclass(slots=True, eq=False)
class Attr:
    """`.name`"""

    name: str


@dataclass(slots=True, eq=False)
class Index:
    """`[key]`"""

    key: Expr


@dataclass(slots=True, eq=False)
class Splat:
    """`[*]` or `.*`, with the steps taken on each element."""

    steps: tuple[Attr | Index | Splat, ...]


Steps = tuple[Attr | Index | Splat, ...]


@dataclass(slots=True, eq=False)
class Traversal(Expr):
    """`root.step[...]`: the only way an expression names something outside itself."""

    root: str
    steps: Steps


@dataclass(slots=True, eq=False)
class Postfix(Expr):
    """Steps taken on the value of an expression."""

    base: Expr
    steps: Steps


@dataclass(slots=True, eq=False)
class Call(Expr):
    name: str
    args: tuple[Expr, ...]
    expand: bool = False


@dataclass(slots=True, eq=False)
class Conditional(Expr):
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(slots=True, eq=False)
class Binary(Expr):
    operator: str
    left: Expr
    right: Expr


@dataclass(slots=True, eq=False)
class Unary(Expr):
    operator: str
    operand: Expr


@dataclass(slots=True, eq=False)
class Tuple(Expr):
    items: tuple[Expr, ...]


@dataclass(slots=True, eq=False)
class Object(Expr):
    items: tuple[tuple[Expr, Expr], ...]


@dataclass(slots=True, eq=False)
class For(Expr):
    """`[for k, v in c : result if condition]`, or with `key_result` the object form (`group`: values are gathered)."""

    key: str | None
    name: str
    collection: Expr
    key_result: Expr | None
    result: Expr
    condition: Expr | None
    group: bool


@dataclass(slots=True, eq=False)
class Attribute:
    """`name = expression`; the expression is read when first asked for."""

    name: str
    start: int
    end: int
    value_start: int
    value_end: int
    _build: Callable[[], Expr]
    _expr: Expr | None = None

    @property
    def expr(self) -> Expr:
        if self._expr is None:
            self._expr = self._build()
        return self._expr


@dataclass(slots=True, eq=False)
class Body:
    """What stands between a block's braces (or in a file): attributes and blocks in the order of the text."""

    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]
    start: int = 0
    end: int = 0

    def attribute(self, name: str) -> Attribute | None:
        """The last attribute of that name (Terraform refuses a second one; `valid` says so)."""
        found = None
        for attribute in self.attributes:
            if attribute.name == name:
                found = attribute
        return found

    def blocks_of(self, kind: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.type == kind)


@dataclass(slots=True, eq=False)
class Block:
    """`type "label" … { body }`; `header_end` is the offset behind the opening brace."""

    type: str
    labels: tuple[str, ...]
    body: Body
    start: int
    end: int
    header_end: int


@dataclass(slots=True, eq=False)
class Source:
    """A file that was read: its bytes, its syntax tree, and what in it could not be read."""

    path: str
    data: bytes
    body: Body
    gaps: tuple[Gap, ...] = ()
    _lines: list[int] = field(default_factory=list)

    def place(self, start: int, end: int) -> Place:
        """The Place of a byte range of this file."""
        if not self._lines:
            self._lines = line_starts(self.data)
        lines = self._lines
        first = bisect_right(lines, start)
        last = first if end < (lines[first] if first < len(lines) else len(self.data) + 1) else bisect_right(lines, end)
        return Place(self.path, start, end, first, start - lines[first - 1] + 1, last, end - lines[last - 1] + 1)


def line_starts(data: bytes) -> list[int]:
    """The offset of each line's first byte."""
    starts = [0]
    at = data.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = data.find(b"\n", at + 1)
    return starts


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything inside it."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


def children(node: Expr) -> Iterator[Expr]:
    """The expressions directly inside an expression."""
    match node:
        case TemplateExpr(parts=parts):
            yield from parts
        case TemplateIf(condition=condition, then=then, otherwise=otherwise):
            yield condition
            yield then
            if otherwise is not None:
                yield otherwise
        case TemplateFor(collection=collection, body=body):
            yield collection
            yield body
        case Traversal(steps=steps):
            yield from _step_exprs(steps)
        case Postfix(base=base, steps=steps):
            yield base
            yield from _step_exprs(steps)
        case Call(args=args):
            yield from args
        case Conditional():
            yield node.condition
            yield node.then
            yield node.otherwise
        case Binary():
            yield node.left
            yield node.right
        case Unary():
            yield node.operand
        case Tuple(items=items):
            yield from items
        case Object(items=pairs):
            for key, value in pairs:
                yield key
                yield value
        case For():
            yield node.collection
            if node.key_result is not None:
                yield node.key_result
            yield node.result
            if node.condition is not None:
                yield node.condition


def _step_exprs(steps: Steps) -> Iterator[Expr]:
    for step in steps:
        if isinstance(step, Index):
            yield step.key
        elif isinstance(step, Splat):
            yield from _step_exprs(step.steps)
