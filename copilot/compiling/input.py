"""A world as plain JSON that a compiled check reads: every value with the tag of what is known about it."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from copilot.checks import evaluate
from copilot.checks.language import (
    POD_TEMPLATES,
    All,
    AnyOf,
    Check,
    Condition,
    Leaf,
    Linked,
    Network,
    Not,
    PolicyCondition,
    inside,
)
from copilot.checks.operators import _number, runs, text, type_of
from copilot.checks.walking import opened, walk
from copilot.model import (
    Encoded,
    Known,
    List,
    Map,
    Null,
    Ref,
    Resource,
    Template,
    Unknown,
    Value,
    World,
)  # fmt: skip

VERSION: Final = 1
_TRUTH: Final = {True: "t", False: "f", None: "u"}


def export_input(
    world: World, parameters: Mapping[str, Any], checks: Iterable[Check], *, sensitive: bool = False
) -> dict[str, Any]:
    """The world for compiled checks; what is sensitive is withheld, hence undecided there, unless `sensitive`."""
    facts: dict[str, dict[str, str]] = {}
    for check in checks:
        wanted = list(fact_nodes(check))
        for resource in world.resources if wanted else ():
            if check.subject.kind != "root" and check.subject.covers(resource.mode, resource.type):
                own = facts.setdefault(resource.address, {})
                for node in wanted:
                    truth = evaluate.truth_of(node, check, resource, world, parameters)
                    own[digest(node)] = _TRUTH[truth]
    return {
        "ccopilot": VERSION,
        "root": world.root.name,
        "environment": world.root.environment,
        "closed": world.closed,
        "parameters": {name: operand(value) for name, value in parameters.items()},
        "resources": [_resource(each, facts.get(each.address, {}), sensitive) for each in world.resources],
    }


def is_fact(node: Condition) -> bool:
    """Whether plain Rego cannot compute the condition, so that the export brings its truth."""
    return isinstance(node, Linked | Network | PolicyCondition) or (
        isinstance(node, Leaf) and node.op in ("secret", "within", "version")
    )


def fact_nodes(check: Check) -> Iterator[Condition]:
    """The outermost conditions asked of the subject itself whose truth the export brings."""
    if check.subject.kind in ("container", "root"):
        return
    for top in (check.when, check.must):
        stack = [top] if top is not None else []
        while stack:
            node = stack.pop()
            if is_fact(node):
                yield node
            elif isinstance(node, All | AnyOf | Not):
                stack.extend(inside(node))


def digest(node: Condition) -> str:
    """The name of a condition in `$facts`: it depends on all that the condition says."""
    return hashlib.sha256(repr(_stable(node)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _stable(said: Any) -> Any:
    """What a node says as nested tuples; the order of a set differs between processes."""
    if dataclasses.is_dataclass(said):
        names = [each.name for each in dataclasses.fields(said) if each.name != "fix"]
        return (type(said).__name__, *(_stable(getattr(said, name)) for name in names))
    if isinstance(said, set | frozenset):
        return ("set", *sorted(repr(_stable(each)) for each in said))
    if isinstance(said, Mapping):
        return ("map", *sorted((str(key), repr(_stable(each))) for key, each in said.items()))
    if isinstance(said, list | tuple):
        return tuple(map(_stable, said))
    return said


def operand(value: Any) -> Any:
    """A literal or a parameter as compiled checks compare with it; None for one that they do not."""
    if isinstance(value, list | tuple):
        found = [operand(item) for item in value]
        return None if None in found else found
    if value is None:
        return {"v": None, "s": ""}
    if not isinstance(value, str | int | float):
        return None
    return _scalar(value)


def _scalar(value: Any) -> dict[str, Any]:
    number = _number(value)
    return {"v": value, "s": text(value)} | ({} if number is None else {"n": number})


def _resource(resource: Resource, facts: Mapping[str, str], sensitive: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "address": resource.address,
        "type": resource.type,
        "name": resource.name,
        "mode": resource.mode,
        "conditional": resource.conditional,
        "nulls_absent": resource.mode != "object",
        "ignored": [_ignored(each) for each in resource.ignored],
        "body": tagged(resource.body, sensitive=sensitive),
        "$facts": dict(facts),
    }
    if resource.mode == "object" and resource.type in POD_TEMPLATES:
        template = _inside(resource.body, POD_TEMPLATES[resource.type])
        for name, member in (("pod", "spec"), ("metadata", "metadata")):
            value = _inside(template, (member,))
            found[name] = None if value is None else tagged(value, sensitive=sensitive)
    return found


def _inside(value: Value | None, steps: tuple[str, ...]) -> Value | None:
    reading = walk(value, steps, (), null_is_absent=True)[0]
    return None if reading.absent else reading.value


def _ignored(covered: str) -> list[str]:
    if covered in ("*", "all"):
        return []
    return [
        bare or re.sub(r"\\(.)", r"\1", quoted)
        for bare, quoted in re.findall(r'([A-Za-z_][A-Za-z0-9_-]*)|\["((?:[^"\\]|\\.)*)"\]', covered)
    ]


def tagged(value: Value, *, sensitive: bool = False) -> dict[str, Any]:
    """The value as JSON with the tag of what it is; text that encodes a structure brings it as `opened`."""
    if value.sensitive and not sensitive:
        return {"k": "unknown", "reason": "sensitive"}
    found: dict[str, Any]
    match value:
        case Known():
            found = {"k": "known", **_scalar(value.value)}
        case Null():
            found = {"k": "null"}
        case Ref():
            found = {"k": "ref", "to": str(value.origin)}
        case Unknown():
            found = {"k": "unknown", "reason": value.reason}
        case Template():
            parts = runs(value) or ()
            pattern = "".join(".*" if part is None else _escaped(part) for part in parts)
            surely = any(part for part in parts) or any(isinstance(part, Ref) for part in value.parts)
            found = {"k": "template", "runs": list(parts), "re": rf"(?s)\A{pattern}\z", "surely": surely}
            if None not in parts:
                found["whole"] = _scalar("".join(part or "" for part in parts))
        case List():
            items = [tagged(item, sensitive=sensitive) for item in value.items]
            found = {"k": "list", "kind": value.kind, "open": value.open, "items": items}
        case Map():
            entries = {str(key): tagged(item, sensitive=sensitive) for key, item in value.items.items()}
            found = {"k": "map", "open": value.open, "items": entries}
        case Encoded():
            found = {"k": "encoded", "inner": tagged(value.inner, sensitive=sensitive)}
        case _:
            raise AssertionError(type(value))
    if isinstance(value, Encoded | Template) or (isinstance(value, Known) and isinstance(value.value, str)):
        structure = opened(value)
        if structure is not None:
            found["opened"] = tagged(structure, sensitive=sensitive)
    types, undecided = _referred(value)
    if types:
        found["refs"] = sorted(types)
    if undecided:
        found["refs_open"] = True
    return found


def _referred(value: Value) -> tuple[set[str], bool]:
    types = {type_of(value.origin.address)} if value.origin is not None else set()
    inner: tuple[Value, ...] = ()
    if isinstance(value, Template):
        inner = value.parts
    elif isinstance(value, Encoded):
        inner = (value.inner,)
    undecided = isinstance(value, Unknown) and value.origin is None
    for part in inner:
        more, gap = _referred(part)
        types |= more
        undecided = undecided or gap
    return types, undecided


def _escaped(run: str) -> str:
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", run)
