"""Machine rewrites of a Terraform configuration: the same infrastructure, or one thing known to be different about it.

A check that looks at how a thing is written, not at what it means, gives itself away on one of these. Each takes the
files of one folder (path -> bytes) and returns the files of the rewritten one, or None where it has nothing to change.
Changes go by the byte ranges of the syntax tree: what is not rewritten stays as it is, comments included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from copilot.checks.language import Path
from copilot.edits.hcl import Code, literal, quoted
from copilot.iac import hcl, syntax
from copilot.iac.syntax import Attribute, Block, Body, Expr, Source
from copilot.model import Place

Files: TypeAlias = Mapping[str, bytes]
Rewrite: TypeAlias = Callable[[Files], dict[str, bytes] | None]

MODULE: Final = "module.rewritten."
"""In front of the addresses of what `as_module` moved into a module."""

_EVALUATED: Final = frozenset({"resource", "data", "provider", "locals"})
_EXPANDED: Final = frozenset({"resource", "data"})
_META: Final = frozenset(
    {"count", "for_each", "depends_on", "provider", "providers", "source", "version", "alias", "replace_triggered_by"}
)
_META_BLOCKS: Final = frozenset({"lifecycle", "provisioner", "connection", "timeouts", "dynamic", "content"})


# --- what all of them share ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    new: str


def _sources(files: Files) -> list[Source] | None:
    """The syntax trees of the root's `.tf` files that all parse; None for anything else. Its modules stay as they are."""
    own = sorted(path for path in files if path.endswith(".tf") and "/" not in path)
    sources = [hcl.read(path, files[path]) for path in own]
    return sources if sources and not any(source.gaps for source in sources) else None


def _changed(data: bytes, changes: Iterable[_Change]) -> bytes:
    for change in sorted(changes, key=lambda each: (each.start, each.end), reverse=True):
        data = data[: change.start] + change.new.encode() + data[change.end :]
    return data


def _text(source: Source, node: Expr | Attribute | Block) -> str:
    return source.data[node.start : node.end].decode()


def _attributes(body: Body, skip: frozenset[str] = _META) -> Iterator[Attribute]:
    """The arguments of a body and of its nested blocks that say something of the infrastructure."""
    yield from (attribute for attribute in body.attributes if attribute.name not in skip)
    for block in body.blocks:
        if block.type not in ("lifecycle", "provisioner", "connection"):
            yield from _attributes(block.body, skip)


def _literals(expr: Expr) -> Iterator[syntax.Literal]:
    """The literals that an expression is made of and that may be any expression; keys and indices are not."""
    match expr:
        case syntax.Literal():
            yield expr
        case syntax.Tuple(items=items) | syntax.Call(args=items):
            for item in items:
                yield from _literals(item)
        case syntax.Object(items=pairs):
            for _, value in pairs:
                yield from _literals(value)
        case syntax.Conditional():
            yield from _literals(expr.then)
            yield from _literals(expr.otherwise)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A literal of the configuration, the name it gets, and its text as HCL."""

    source: Source
    node: syntax.Literal
    name: str
    text: str


def _spots(sources: Sequence[Source], wanted: Callable[[str, int, int], bool] | None = None) -> list[_Spot]:
    found: list[_Spot] = []
    for source in sources:
        for block in source.body.blocks:
            if block.type not in _EVALUATED:
                continue
            for attribute in _attributes(block.body):
                for node in _literals(attribute.expr):
                    if wanted is None or wanted(source.path, node.start, node.end):
                        found.append(_Spot(source, node, f"rewritten_{len(found)}", _text(source, node)))
    return found


def _replaced(sources: Sequence[Source], spots: Iterable[_Spot], root: str) -> dict[str, bytes]:
    """The files with each literal replaced by `root.NAME`."""
    by_path: dict[str, list[_Change]] = {}
    for spot in spots:
        change = _Change(spot.node.start, spot.node.end, f"{root}.{spot.name}")
        by_path.setdefault(spot.source.path, []).append(change)
    return {source.path: _changed(source.data, by_path.get(source.path, ())) for source in sources}


def _assigned(spots: Iterable[_Spot]) -> str:
    return "".join(f"{spot.name} = {spot.text}\n" for spot in spots)


# --- where a value is written -------------------------------------------------------------------------------------


def to_locals(files: Files) -> dict[str, bytes] | None:
    """Every literal of a resource becomes a local value."""
    sources = _sources(files)
    if not sources or not (spots := _spots(sources)):
        return None
    return {
        **files,
        **_replaced(sources, spots, "local"),
        "rewritten.tf": f"locals {{\n{_assigned(spots)}}}\n".encode(),
    }


def to_variables(files: Files) -> dict[str, bytes] | None:
    """Every literal of a resource becomes a variable that has it as its default."""
    sources = _sources(files)
    if not sources or not (spots := _spots(sources)):
        return None
    declared = "".join(f'variable "{spot.name}" {{\n  default = {spot.text}\n}}\n' for spot in spots)
    return {**files, **_replaced(sources, spots, "var"), "rewritten.tf": declared.encode()}


def to_tfvars(files: Files) -> dict[str, bytes] | None:
    """Every literal of a resource becomes a variable that `terraform.tfvars` sets."""
    sources = _sources(files)
    if not sources or not (spots := _spots(sources)) or "terraform.tfvars" in files:
        return None
    declared = "".join(f'variable "{spot.name}" {{}}\n' for spot in spots)
    return {
        **files, **_replaced(sources, spots, "var"),
        "rewritten.tf": declared.encode(), "terraform.tfvars": _assigned(spots).encode(),
    }  # fmt: skip


def to_unset_variables(files: Files, places: Iterable[Place]) -> dict[str, bytes] | None:
    """The literals at these places become variables that nobody sets; None where not all of them are literals."""
    sources = _sources(files)
    ranges = {(place.path, place.start, place.end) for place in places}
    if not sources or not ranges:
        return None
    spots = _spots(sources, lambda path, start, end: (path, start, end) in ranges)
    if len(spots) != len(ranges):
        return None
    declared = "".join(f'variable "{spot.name}" {{}}\n' for spot in spots)
    return {**files, **_replaced(sources, spots, "var"), "rewritten.tf": declared.encode()}


def as_module(files: Files) -> dict[str, bytes] | None:
    """The whole becomes a module, and a new root calls it with every literal as an argument."""
    sources = _sources(files)
    if not sources or set(files) != {source.path for source in sources} or any("/" in path for path in files):
        return None
    # What a terraform block or a provider's own settings say belongs to the root.
    if any(block.type in ("terraform", "provider", "module") for s in sources for block in s.body.blocks):
        return None
    spots = [spot for spot in _spots(sources) if not spot.text.startswith("<<")]
    inside = {f"rewritten/{path}": data for path, data in _replaced(sources, spots, "var").items()}
    inside["rewritten/rewritten.tf"] = "".join(f'variable "{spot.name}" {{}}\n' for spot in spots).encode()
    open_ = [
        (source, block)
        for source in sources
        for block in source.body.blocks_of("variable")
        if block.body.attribute("default") is None
    ]
    root = "".join(f"{_text(source, block)}\n" for source, block in open_)
    handed = "".join(f"{block.labels[0]} = var.{block.labels[0]}\n" for _, block in open_)
    root += f'module "rewritten" {{\nsource = "./rewritten"\n{handed}{_assigned(spots)}}}\n'
    return {**inside, "main.tf": root.encode()}


# --- how often it stands there ------------------------------------------------------------------------------------


def for_each_of_one(files: Files) -> dict[str, bytes] | None:
    """Every resource and data source is made by `for_each` over one key, and is referred to by that key."""
    sources = _sources(files)
    if not sources:
        return None
    expanded = {
        (block.type, *block.labels)
        for source in sources
        for block in source.body.blocks
        if block.type in _EXPANDED
        and len(block.labels) == 2
        and not block.body.attribute("count")
        and not block.body.attribute("for_each")
    }
    if not expanded:
        return None
    out = dict(files)
    for source in sources:
        changes = []
        for block in source.body.blocks:
            if (block.type, *block.labels) in expanded:
                changes.append(_Change(block.header_end, block.header_end, '\n  for_each = toset(["one"])\n'))
            for attribute in _attributes(block.body, frozenset({"depends_on", "provider", "providers"})):
                for node in syntax.walk(attribute.expr):
                    name = _resource_named(node)
                    if name in expanded and isinstance(node, syntax.Traversal):
                        at = _end_of_name(source, node, name)
                        if at is None:
                            return None
                        changes.append(_Change(at, at, '["one"]'))
        out[source.path] = _changed(source.data, changes)
    return out


def _resource_named(node: Expr) -> tuple[str, ...]:
    """(`resource` or `data`, type, name) that a traversal starts with; () when it names something else."""
    if not isinstance(node, syntax.Traversal):
        return ()
    names = []
    for step in node.steps:
        if not isinstance(step, syntax.Attr):
            break
        names.append(step.name)
    if node.root == "data":
        return ("data", *names[:2]) if len(names) > 1 else ()
    return ("resource", node.root, names[0]) if names else ()


def _end_of_name(source: Source, node: syntax.Traversal, name: tuple[str, ...]) -> int | None:
    written = ".".join(name if name[0] == "data" else name[1:]).encode()
    end = node.start + len(written)
    return end if source.data[node.start : end] == written else None


def to_dynamic(files: Files) -> dict[str, bytes] | None:
    """Every nested block becomes a `dynamic` one over a list of one."""
    sources = _sources(files)
    if not sources:
        return None
    out, done = dict(files), False
    for source in sources:
        changes: list[_Change] = []
        for block in source.body.blocks:
            if block.type in _EXPANDED:
                _make_dynamic(block.body, changes)
        done = done or bool(changes)
        out[source.path] = _changed(source.data, changes)
    return out if done else None


def _make_dynamic(body: Body, changes: list[_Change]) -> None:
    for block in body.blocks:
        if block.type in _META_BLOCKS or block.labels:
            continue
        changes.append(_Change(block.start, block.header_end, f'dynamic "{block.type}" {{\nfor_each = [1]\ncontent {{'))
        changes.append(_Change(block.end, block.end, "\n}"))
        _make_dynamic(block.body, changes)


# --- JSON syntax --------------------------------------------------------------------------------------------------


def to_json_syntax(files: Files) -> dict[str, bytes] | None:
    """Every `.tf` file of the root becomes the `.tf.json` file that says the same."""
    sources = _sources(files)
    if not sources:
        return None
    own = {source.path for source in sources}
    out = {path: data for path, data in files.items() if path not in own}
    for source in sources:
        document: dict[str, Any] = {}
        for block in source.body.blocks:
            _put(document, (block.type, *block.labels), _json_body(source, block.body, block.type))
        out[f"{source.path}.json"] = json.dumps(document, indent=2, ensure_ascii=False).encode()
    return out


def _put(document: dict[str, Any], keys: tuple[str, ...], value: dict[str, Any]) -> None:
    *way, last = keys
    for key in way:
        document = document.setdefault(key, {})
    if last not in document:
        document[last] = value
    elif isinstance(document[last], list):
        document[last].append(value)
    else:
        document[last] = [document[last], value]


def _json_body(source: Source, body: Body, kind: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for attribute in body.attributes:
        name, expr = attribute.name, attribute.expr
        if name in ("depends_on", "ignore_changes", "replace_triggered_by") and isinstance(expr, syntax.Tuple):
            out[name] = [_bare(source, item) for item in expr.items]
        elif name in ("provider", "iterator", "ignore_changes") or (kind == "variable" and name == "type"):
            out[name] = _bare(source, expr)
        elif name == "providers" and isinstance(expr, syntax.Object):
            out[name] = {_bare(source, key): _bare(source, value) for key, value in expr.items}
        else:
            out[name] = _as_json(source, expr)
    nested: dict[str, list[dict[str, Any]]] = {}
    for block in body.blocks:
        inside = _json_body(source, block.body, block.type)
        if block.labels:
            out.setdefault(block.type, []).append({block.labels[0]: inside})
        elif block.type == "lifecycle" or (kind == "dynamic" and block.type == "content"):
            out[block.type] = inside
        else:
            nested.setdefault(block.type, []).append(inside)
    return {**out, **nested}


def _bare(source: Source, expr: Expr) -> str:
    return str(expr.value) if isinstance(expr, syntax.Literal) else _text(source, expr)


def _as_json(source: Source, expr: Expr) -> Any:
    match expr:
        case syntax.Literal(value=str(text)):
            return _escaped(text)
        case syntax.Literal(value=value):
            return value
        case syntax.Tuple(items=items):
            return [_as_json(source, item) for item in items]
        case syntax.Object(items=pairs):
            return {_json_key(source, key): _as_json(source, value) for key, value in pairs}
        case syntax.TemplateExpr(parts=parts) if not expr.wrap and not any(
            isinstance(part, syntax.TemplateIf | syntax.TemplateFor) for part in parts
        ):
            return "".join(
                _escaped(str(part.value)) if isinstance(part, syntax.Literal) else f"${{{_text(source, part)}}}"
                for part in parts
            )
    return f"${{{_text(source, expr)}}}"


def _json_key(source: Source, key: Expr) -> str:
    found = _as_json(source, key)
    return found if isinstance(found, str) else _text(source, key)


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


# --- policies and other documents ---------------------------------------------------------------------------------
# A document is JSON data whose strings may hold marks, each of which stands for an interpolated expression.

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK: Final = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


class _NotPlain(Exception):
    """The document is not one that can be written in every form."""


@dataclass(frozen=True, slots=True)
class _Document:
    data: Any
    exprs: tuple[str, ...]


def _documents(source: Source) -> Iterator[tuple[Attribute, _Document]]:
    """The arguments that hold a JSON document, written in whatever way."""
    for block in source.body.blocks:
        if block.type in _EXPANDED:
            for attribute in _attributes(block.body):
                exprs: list[str] = []
                try:
                    data = _document(source, attribute.expr, exprs)
                except (_NotPlain, ValueError):
                    continue
                if isinstance(data, dict | list):
                    yield attribute, _Document(data, tuple(exprs))


def _document(source: Source, expr: Expr, exprs: list[str]) -> Any:
    match expr:
        case syntax.Call(name="jsonencode", args=(inner,)):
            return _data(source, inner, exprs)
        case syntax.Literal(value=str(text)):
            return json.loads(text)
        case syntax.TemplateExpr(parts=parts) if not expr.wrap:
            return json.loads("".join(_marked(source, part, exprs, inside_json=True) for part in parts))
    raise _NotPlain


def _data(source: Source, expr: Expr, exprs: list[str]) -> Any:
    match expr:
        case syntax.Literal(value=value):
            return value
        case syntax.Tuple(items=items):
            return [_data(source, item, exprs) for item in items]
        case syntax.Object(items=pairs):
            if not all(isinstance(key, syntax.Literal) for key, _ in pairs):
                raise _NotPlain
            return {str(_data(source, key, exprs)): _data(source, value, exprs) for key, value in pairs}
        case syntax.TemplateExpr(parts=parts) if not expr.wrap:
            return "".join(_marked(source, part, exprs) for part in parts)
        case syntax.Traversal() if _resource_named(expr) and expr.root not in (
            "var",
            "local",
            "each",
            "module",
            "self",
        ):
            return _marked(source, expr, exprs)
    raise _NotPlain


def _marked(source: Source, part: Expr, exprs: list[str], *, inside_json: bool = False) -> str:
    match part:
        case syntax.Literal(value=value):
            return str(value)
        case syntax.TemplateIf() | syntax.TemplateFor():
            raise _NotPlain
    # Inside JSON text an expression may be anything; only a reference to a resource is surely text.
    if inside_json and not _resource_named(part):
        raise _NotPlain
    exprs.append(_text(source, part))
    return f"{_OPEN}{len(exprs) - 1}{_CLOSE}"


def _said(text: str, exprs: Sequence[str], write: Callable[[str], str]) -> str:
    """The text with its marks as interpolations, and what lies between written by `write`."""
    pieces = _MARK.split(text)
    return "".join(f"${{{exprs[int(piece)]}}}" if i % 2 else write(piece) for i, piece in enumerate(pieces))


def _json_text(document: _Document) -> str:
    return json.dumps(document.data, indent=2, ensure_ascii=False)


def _as_heredoc(document: _Document) -> str:
    return f"<<REWRITTEN\n{_said(_json_text(document), document.exprs, _escaped)}\nREWRITTEN"


def _as_string(document: _Document) -> str:
    return f'"{_said(_json_text(document), document.exprs, lambda piece: quoted(piece)[1:-1])}"'


def _as_jsonencode(document: _Document) -> str:
    return f"jsonencode({literal(_coded(document.data, document.exprs))})"


def _coded(data: Any, exprs: Sequence[str]) -> Any:
    match data:
        case dict():
            return {key: _coded(value, exprs) for key, value in data.items()}
        case list():
            return [_coded(item, exprs) for item in data]
        case str() if _OPEN in data:
            if whole := _MARK.fullmatch(data):
                return Code(exprs[int(whole[1])])
            return Code(f'"{_said(data, exprs, lambda piece: quoted(piece)[1:-1])}"')
    return data


def _rewritten_documents(
    files: Files, write: Callable[[_Document], str], unless: Callable[[Source, Attribute], bool]
) -> dict[str, bytes] | None:
    sources = _sources(files)
    if not sources:
        return None
    out, done = dict(files), False
    for source in sources:
        changes = [
            _Change(attribute.expr.start, attribute.expr.end, write(document))
            for attribute, document in _documents(source)
            if not unless(source, attribute) and not any(_OPEN in key for key in _keys(document.data))
        ]
        done = done or bool(changes)
        out[source.path] = _changed(source.data, changes)
    return out if done else None


def _keys(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _keys(value)
    elif isinstance(data, list):
        for item in data:
            yield from _keys(item)


def _starts(text: bytes) -> Callable[[Source, Attribute], bool]:
    return lambda source, attribute: source.data.startswith(text, attribute.expr.start)


def policies_to_heredocs(files: Files) -> dict[str, bytes] | None:
    """Every JSON document becomes a heredoc."""
    return _rewritten_documents(files, _as_heredoc, _starts(b"<<"))


def policies_to_strings(files: Files) -> dict[str, bytes] | None:
    """Every JSON document becomes a string in double quotes."""
    return _rewritten_documents(files, _as_string, _starts(b'"'))


def policies_to_jsonencode(files: Files) -> dict[str, bytes] | None:
    """Every JSON document that is written as text becomes a call of `jsonencode`."""
    return _rewritten_documents(files, _as_jsonencode, _starts(b"jsonencode"))


def policies_to_documents(files: Files) -> dict[str, bytes] | None:
    """Every policy becomes an `aws_iam_policy_document`."""
    sources = _sources(files)
    if not sources:
        return None
    out = dict(files)
    added: list[str] = []
    for source in sources:
        changes = []
        for attribute, document in _documents(source):
            try:
                body = _statements(document)
            except (_NotPlain, AttributeError):
                continue
            name = f"rewritten_{len(added)}"
            added.append(f'data "aws_iam_policy_document" "{name}" {{\n{body}}}\n')
            reference = f"data.aws_iam_policy_document.{name}.json"
            changes.append(_Change(attribute.expr.start, attribute.expr.end, reference))
        out[source.path] = _changed(source.data, changes)
    return {**out, "rewritten.tf": "".join(added).encode()} if added else None


_STATEMENT: Final = {
    "Sid": "sid", "Effect": "effect", "Action": "actions", "NotAction": "not_actions", "Resource": "resources",
    "NotResource": "not_resources",
}  # fmt: skip


def _statements(document: _Document) -> str:
    data = document.data
    if not isinstance(data, dict) or "Statement" not in data or set(data) - {"Version", "Statement", "Id"}:
        raise _NotPlain
    written = "".join(
        f"{name} = {literal(_coded(data[key], document.exprs))}\n"
        for key, name in (("Version", "version"), ("Id", "policy_id"))
        if key in data
    )
    for statement in data["Statement"] if isinstance(data["Statement"], list) else [data["Statement"]]:
        lines = []
        for key, value in statement.items():
            if key in ("Sid", "Effect"):
                lines.append(f"{_STATEMENT[key]} = {literal(_coded(value, document.exprs))}\n")
            elif key in _STATEMENT:
                lines.append(f"{_STATEMENT[key]} = {_list(value, document)}\n")
            elif key in ("Principal", "NotPrincipal"):
                name = "principals" if key == "Principal" else "not_principals"
                for kind, identifiers in (value if isinstance(value, dict) else {"*": value}).items():
                    inside = f"type = {quoted(kind)}\nidentifiers = {_list(identifiers, document)}\n"
                    lines.append(f"{name} {{\n{inside}}}\n")
            elif key == "Condition":
                for test, variables in value.items():
                    for variable, values in variables.items():
                        inside = f"test = {quoted(test)}\nvariable = {quoted(variable)}\nvalues = {_list(values, document)}\n"
                        lines.append(f"condition {{\n{inside}}}\n")
            else:
                raise _NotPlain
        written += f"statement {{\n{''.join(lines)}}}\n"
    return written


def _list(value: Any, document: _Document) -> str:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str | bool | int) for item in items):
        raise _NotPlain
    texts = [item if isinstance(item, str) else json.dumps(item) for item in items]
    return literal(_coded(texts, document.exprs))


def documents_to_jsonencode(files: Files) -> dict[str, bytes] | None:
    """What is read from an `aws_iam_policy_document` becomes the call of `jsonencode` that it stands for."""
    sources = _sources(files)
    if not sources:
        return None
    rendered: dict[str, str] = {}
    for source in sources:
        for block in source.body.blocks_of("data"):
            if block.labels[0] == "aws_iam_policy_document":
                exprs: list[str] = []
                try:
                    data = _rendered(source, block.body, exprs)
                except _NotPlain:
                    continue
                rendered[block.labels[1]] = _as_jsonencode(_Document(data, tuple(exprs)))
    out, done = dict(files), False
    for source in sources:
        changes = []
        for block in source.body.blocks_of("resource"):
            for attribute in _attributes(block.body):
                node = attribute.expr
                if isinstance(node, syntax.Traversal) and len(node.steps) == 3 and node.root == "data":
                    _, kind, name = _resource_named(node)
                    last = node.steps[2]
                    if kind == "aws_iam_policy_document" and isinstance(last, syntax.Attr) and last.name == "json":
                        if name in rendered:
                            changes.append(_Change(node.start, node.end, rendered[name]))
        done = done or bool(changes)
        out[source.path] = _changed(source.data, changes)
    return out if done else None


def _rendered(source: Source, body: Body, exprs: list[str]) -> dict[str, Any]:
    if any(attribute.name not in ("version", "policy_id") for attribute in body.attributes):
        raise _NotPlain
    statements = []
    for block in body.blocks:
        if block.type != "statement":
            raise _NotPlain
        keys = {name: key for key, name in _STATEMENT.items()}
        statement: dict[str, Any] = {"Effect": "Allow"}
        for attribute in block.body.attributes:
            if attribute.name not in keys:
                raise _NotPlain
            statement[keys[attribute.name]] = _data(source, attribute.expr, exprs)
        for inner in block.body.blocks:
            said = {each.name: _data(source, each.expr, exprs) for each in inner.body.attributes}
            match inner.type, said:
                case (("principals" | "not_principals"), {"type": kind, "identifiers": list(names)}):
                    where = "Principal" if inner.type == "principals" else "NotPrincipal"
                    if kind == "*" and names == ["*"]:
                        statement[where] = "*"
                    elif statement.get(where) == "*":
                        raise _NotPlain
                    else:
                        statement.setdefault(where, {}).setdefault(kind, []).extend(names)
                case "condition", {"test": test, "variable": variable, "values": list(values)}:
                    statement.setdefault("Condition", {}).setdefault(test, {}).setdefault(variable, []).extend(values)
                case _:
                    raise _NotPlain
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


# --- beside others ------------------------------------------------------------------------------------------------

TWIN: Final = "twin_"
"""In front of the names of what `renamed` copies."""

_IDENTIFYING: Final = frozenset(
    {
        "name", "bucket", "identifier", "cluster_identifier", "function_name", "domain_name", "family", "cluster_name",
        "repository", "repository_name", "alias", "replication_group_id", "cluster_id", "workgroup_name", "domain",
    }
)  # fmt: skip


def renamed(files: Files, near: Files) -> dict[str, bytes] | None:
    """The same again under other names, fit to stand near those files in one folder."""
    sources = _sources(files)
    if not sources or set(files) != {source.path for source in sources} or any("/" in path for path in files):
        return None
    if any(
        block.type in ("terraform", "provider", "module", "moved", "import") for s in sources for block in s.body.blocks
    ):
        return None
    resources = {(b.type, *b.labels) for s in sources for b in s.body.blocks if b.type in _EXPANDED}
    names = _names(sources, _sources(near) or [])
    out = {}
    for source in sources:
        changes: list[_Change] = []
        for block in source.body.blocks:
            if block.labels:
                at = source.data.rindex(block.labels[-1].encode(), block.start, block.header_end)
                changes.append(_Change(at, at, TWIN))
            if block.type == "locals":
                changes += (_Change(a.start, a.start, TWIN) for a in block.body.attributes)
            for attribute in _attributes(block.body, frozenset({"provider", "providers", "ignore_changes"})):
                if block.type == "variable" and attribute.name == "type":
                    continue
                changes += _renamings(source, attribute.expr, resources, names)
        out[f"{TWIN}{source.path}"] = _changed(source.data, changes)
    return out


def _names(sources: Sequence[Source], near: Sequence[Source]) -> set[str]:
    """The texts by which others may know a resource: its own names, and those of its blocks that stand twice."""
    own: set[str] = set()
    nested: set[str] = set()
    all_texts: list[str] = [str(spot.node.value) for spot in _spots(near)]
    for source in sources:
        for block in source.body.blocks_of("resource"):
            for attribute in _attributes(block.body):
                texts = [node.value for node in _literals(attribute.expr) if isinstance(node.value, str)]
                all_texts += texts
                if attribute.name in _IDENTIFYING and isinstance(attribute.expr, syntax.Literal):
                    (own if attribute in block.body.attributes else nested).update(texts)
    return own | {text for text in nested if all_texts.count(text) > 1}


def _renamings(source: Source, expr: Expr, resources: set[tuple[str, ...]], names: set[str]) -> Iterator[_Change]:
    for node in syntax.walk(expr):
        match node:
            case syntax.Traversal(root="var" | "local"):
                at = node.start + len(node.root) + 1
                yield _Change(at, at, TWIN)
            case syntax.Traversal() if (found := _resource_named(node)) in resources:
                end = _end_of_name(source, node, found)
                if end is not None:
                    yield _Change(end - len(found[-1]), end - len(found[-1]), TWIN)
            case syntax.Literal(value=str(text)) if text in names and source.data[node.end - 1 : node.end] == b'"':
                yield _Change(node.end - 1, node.end - 1, "-twin")


def beside(files: Files, others: Files) -> dict[str, bytes] | None:
    """The files with a renamed copy of the others in the same folder."""
    copy = renamed(others, files)
    if copy is None or _sources(files) is None or set(copy) & set(files):
        return None
    return {**files, **copy}


def with_decoy(files: Files, others: Files, types: Iterable[str], by: Iterable[Path]) -> dict[str, bytes] | None:
    """The files with those resources of the others that link to something, linked to something that is elsewhere."""
    copy = renamed(others, files)
    sources = _sources(copy) if copy is not None else None
    if not sources or _sources(files) is None:
        return None
    wanted, links = set(types), {path.names[0] for path in by if len(path.names) == 1}
    added = ""
    for source in sources:
        for block in source.body.blocks_of("resource"):
            attribute = next((a for a in block.body.attributes if a.name in links), None)
            if block.labels[0] not in wanted or attribute is None:
                continue
            start = attribute.expr.start - block.start
            text = source.data[block.start : block.end]
            there = _Change(start, attribute.expr.end - block.start, '"something-elsewhere"')
            added += _changed(text, [there]).decode() + "\n"
    return {**files, "decoy.tf": added.encode()} if added else None


KEEPING: Final[Mapping[str, Rewrite]] = {
    "literals in locals": to_locals,
    "literals in variables": to_variables,
    "literals in terraform.tfvars": to_tfvars,
    "in a module": as_module,
    "for_each over one key": for_each_of_one,
    "nested blocks as dynamic ones": to_dynamic,
    "in JSON syntax": to_json_syntax,
    "documents as heredocs": policies_to_heredocs,
    "documents as strings": policies_to_strings,
    "documents by jsonencode": policies_to_jsonencode,
    "policies by aws_iam_policy_document": policies_to_documents,
    "aws_iam_policy_document by jsonencode": documents_to_jsonencode,
}
"""The rewrites after which every check says what it said before."""
