"""Mutants of a policy: it, with one thing in it falsified. Cases that do not notice one have not tried that thing.

A mutant of a check is made in its YAML data, one of Rego in its lines. Each says what was done to it.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from copilot.checks.language import (
    POD_TEMPLATES,
    Check,
    Condition,
    Exists,
    Leaf,
    Linked,
    Network,
    PolicyCondition,
    Quantified,
    RegoCondition,
    inside,
    operands,
    own_paths,
)
from copilot.model import Known, List, Map, Null, Resource, Value, World, signature

_QUANTIFIERS: Final = ("some", "every", "none")
_COMPARING: Final = (
    "equals", "in", "matches", "starts_with", "ends_with", "contains", "contains_all", "subset_of", "at_least",
    "at_most", "between", "length", "refers_to", "version", "within",
)  # fmt: skip
_NUMBERS: Final = ("at_least", "at_most", "between", "length", "equals")
_NOT_CONDITIONS: Final = frozenset({"fix", "admits", "allows", "denies"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A falsified policy: what was done, where, and the data of the check that came of it."""

    what: str
    at: str
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.what} at {self.at}"


def mutants(data: Mapping[str, Any]) -> Iterator[Mutant]:
    """Every mutant of a check: conditions negated, dropped and exchanged, operands widened, numbers moved, what an
    absent path means turned over, a type of the subject left out. Fixes are no part of what is judged."""
    plain = _without_fixes(data)
    for part in ("when", "must"):
        if part in plain:
            for what, at, changed in _conditions(plain[part], part):
                yield Mutant(what, at, {**plain, part: changed})
    if "when" in plain:
        yield Mutant("dropped", "when", {key: value for key, value in plain.items() if key != "when"})
    subject = plain.get("subject")
    if isinstance(subject, dict):
        for kind, names in subject.items():
            if isinstance(names, list) and len(names) > 1 and kind != "root":
                for name in names:
                    rest = [other for other in names if other != name]
                    yield Mutant(f"{name} left out", f"subject.{kind}", {**plain, "subject": {kind: rest}})


def _without_fixes(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_fixes(value) for key, value in data.items() if key != "fix"}
    return [_without_fixes(item) for item in data] if isinstance(data, list) else copy.copy(data)


def _conditions(node: Any, at: str) -> Iterator[tuple[str, str, Any]]:
    """(what, where, the condition with it) for every falsification of a condition and of those inside it."""
    if not isinstance(node, dict):
        return
    combined = next((key for key in ("all", "any") if isinstance(node.get(key), list)), None)
    if combined is not None:
        parts = node[combined]
        if len(parts) > 1:
            yield (
                f"{combined} becomes {'any' if combined == 'all' else 'all'}",
                at,
                {"any" if combined == "all" else "all": parts},
            )
            for i in range(len(parts)):
                yield "dropped", f"{at}.{combined}[{i}]", {combined: parts[:i] + parts[i + 1 :]}
        for i, part in enumerate(parts):
            for what, where, changed in _conditions(part, f"{at}.{combined}[{i}]"):
                yield what, where, {combined: [*parts[:i], changed, *parts[i + 1 :]]}
        return
    if "not" in node:
        yield "not taken away", at, node["not"]
        for what, where, changed in _conditions(node["not"], f"{at}.not"):
            # A negation under a negation is the condition without it, which was had above.
            if not (what == "negated" and where == f"{at}.not"):
                yield what, where, {"not": changed}
        return
    yield "negated", at, {"not": node}
    for key in ("absent", "unlinked"):
        if key in node and node[key] in (True, False, "unknown"):
            turned = not node[key] if isinstance(node[key], bool) else False
            yield f"{key} becomes {str(turned).lower()}", at, {**node, key: turned}
    yield from _operands(node, at)
    quantified = next((key for key in _QUANTIFIERS if key in node), None)
    if quantified in ("some", "every"):
        other = "every" if quantified == "some" else "some"
        yield f"{quantified} becomes {other}", at, {other if k == quantified else k: v for k, v in node.items()}
    for key in ("that", *([quantified] if quantified and "linked" in node else [])):
        if isinstance(node.get(key), dict):
            for what, where, changed in _conditions(node[key], f"{at}.{key}"):
                yield what, where, {**node, key: changed}


def _operands(node: Mapping[str, Any], at: str) -> Iterator[tuple[str, str, Any]]:
    op = next((key for key in _COMPARING if key in node), None)
    if op is not None and "path" in node:
        wide = {"path": node["path"], "defined": True}
        yield f"{op} becomes anything at all", at, {"any": [wide, node]} if node.get("absent") is True else wide
    if op in _NUMBERS:
        for where, changed in _moved(node[op]):
            yield f"{op}{where}", at, {**node, op: changed}
    if isinstance(admits := node.get("admits"), dict):
        if admits.get("ports", "any") not in ("any", "all"):
            yield "ports becomes any", at, {**node, "admits": {**admits, "ports": "any"}}
        if admits.get("protocol", "any") != "any":
            yield "protocol becomes any", at, {**node, "admits": {**admits, "protocol": "any"}}
    for effect in ("allows", "denies"):
        if isinstance(asked := node.get(effect), dict) and len(asked) > 1:
            for key in asked:
                if not (effect == "denies" and key == "action"):
                    rest = {other: value for other, value in asked.items() if other != key}
                    if effect == "denies" or {"principal", "action", "resource"} & set(rest):
                        yield f"{effect}.{key} left out", at, {**node, effect: rest}


def _moved(operand: Any) -> Iterator[tuple[str, Any]]:
    """The operand with one of its numbers one up, and one down."""
    if isinstance(operand, int) and not isinstance(operand, bool):
        yield " one up", operand + 1
        yield " one down", operand - 1
    elif isinstance(operand, list):
        for i, item in enumerate(operand):
            for what, changed in _moved(item):
                yield f"[{i}]{what}", [*operand[:i], changed, *operand[i + 1 :]]
    elif isinstance(operand, dict) and "param" not in operand and "attr" not in operand:
        for key, item in operand.items():
            for what, changed in _moved(item):
                yield f".{key}{what}", {**operand, key: changed}


# --- variations ---------------------------------------------------------------------------------------------------

MAX_VARIED: Final = 4
"""How many paths are varied together in pairs; a check that reads more has its paths varied one by one."""


_BEYOND: Final = (Quantified, Linked, Exists, Network, PolicyCondition, RegoCondition)


def variations(check: Check, worlds: Sequence[World]) -> Iterator[World]:
    """Worlds with what the check reads set to every value that could make a difference, and taken away.

    Two policies that say the same of all of them differ, if at all, in something that no configuration of this form
    has. Where the check looks beyond its subject, or at the elements of something, nothing is varied: there what looks
    equal may not be.
    """
    if any(isinstance(node, _BEYOND) for node in check.nodes()):
        return
    ways: dict[tuple[str, ...], None] = {}
    values: list[Value | None] = [None, Null(), Known(True), Known(False), Known(""), Known("another"), List(())]
    for start in _starts(check):
        _read(check.must, start, ways, values)
        if check.when is not None:
            _read(check.when, start, ways, values)
    unique = list({(type(v), getattr(v, "value", None), type(getattr(v, "value", None))): v for v in values}.values())
    groups: list[tuple[tuple[str, ...], ...]] = [(way,) for way in ways]
    if len(ways) <= MAX_VARIED:
        groups += [(one, other) for one in ways for other in ways if one < other]
    seen: set[str] = set()
    for world in worlds:
        subjects = [r for r in world.resources if check.subject.covers(r.mode, r.type)]
        # Trees alike in what they hold vary alike.
        alike = repr([(r.type, signature(r.body)) for r in subjects])
        if not subjects or alike in seen:
            continue
        seen.add(alike)
        for group in groups:
            for combination in itertools.product(unique, repeat=len(group)):
                yield _varied(world, subjects, dict(zip(group, combination, strict=True)))


def _starts(check: Check) -> Iterator[tuple[str, ...]]:
    if check.subject.kind == "pod":
        yield from ((*way, "spec") for way in dict.fromkeys(POD_TEMPLATES.values()))
    elif check.subject.kind == "container":
        for way in dict.fromkeys(POD_TEMPLATES.values()):
            yield (*way, "spec", "containers")
    else:
        yield ()


def _read(
    node: Condition, start: tuple[str, ...], ways: dict[tuple[str, ...], None], values: list[Value | None]
) -> None:
    for path in own_paths(node):
        if not path.anchor:
            ways[(*start, *path.names)] = None
    if isinstance(node, Leaf):
        for operand in operands(node):
            if isinstance(operand, bool | str):
                values.append(Known(operand))
            elif isinstance(operand, int | float):
                values += [Known(operand - 1), Known(operand), Known(operand + 1)]
    for child in inside(node):
        _read(child, start, ways, values)


def _varied(world: World, subjects: Sequence[Resource], changes: Mapping[tuple[str, ...], Value | None]) -> World:
    changed = {}
    for resource in subjects:
        body: Value | None = resource.body
        for way, value in changes.items():
            body = _with(body, way, value)
        if isinstance(body, Map):
            changed[id(resource)] = replace(resource, body=body)
    return World.of(
        world.root, tuple(changed.get(id(r), r) for r in world.resources), world.files, (), closed=world.closed
    )


def _with(value: Value | None, way: tuple[str, ...], new: Value | None) -> Value | None:
    """The value with what lies at the end of the way set (None: taken away), in each element of a list on it."""
    if not way:
        return new
    if isinstance(value, List):
        return replace(value, items=tuple(filter(None, (_with(item, way, new) for item in value.items))))
    if not isinstance(value, Map):
        return value
    inner = _with(value.items.get(way[0]), way[1:], new)
    rest = {key: item for key, item in value.items.items() if key != way[0]}
    return replace(value, items=rest if inner is None else {**rest, way[0]: inner})


# --- Rego ---------------------------------------------------------------------------------------------------------

_EXCHANGED: Final = (("==", "!="), ("!=", "=="), (">=", "<"), ("<=", ">"), (" < ", " >= "), (" > ", " <= "))
_NUMBER = re.compile(r"(?<![\w.\"$])\d+(?![\w.\"])")
_TEXT = re.compile(r'"[^"\\]*"')
_OPENS = re.compile(r"[{(\[]\s*$")
_STARTS = re.compile(r"^\s*(?:package|import|default|#|else\b)|^\s*[})\]]+\s*(?:#.*)?$|^\s*$")


@dataclass(frozen=True, slots=True)
class RegoMutant:
    """Falsified Rego: what was done, in which line, and the text that came of it."""

    what: str
    line: int
    source: str

    def __str__(self) -> str:
        return f"{self.what} in line {self.line}"


def rego_mutants(source: str) -> Iterator[RegoMutant]:
    """Every mutant of a Rego module: a condition's line dropped, its `not` taken away, a comparison, a number or a text
    exchanged. Those that do not parse are for the caller to discard; what a message says is not falsified."""
    lines = source.splitlines()
    inside = False
    for number, line in enumerate(lines, 1):
        code = line.split(" #", 1)[0].rstrip()
        if inside and not _STARTS.match(code) and not _OPENS.search(code) and "message" not in code:
            for what, changed in _lines(code):
                whole = [*lines[: number - 1], *([changed] if changed is not None else []), *lines[number:]]
                yield RegoMutant(what, number, "\n".join(whole) + "\n")
        if re.search(r"\bif\b.*\{\s*$|^\S.*\{\s*$", code):
            inside = True
        elif re.match(r"^\}", code):
            inside = False


def _lines(code: str) -> Iterator[tuple[str, str | None]]:
    assigns = ":=" in code or re.match(r"\s*some\b", code) is not None
    if not assigns:
        yield "dropped", None
        if re.match(r"\s*not\s", code):
            yield "not taken away", re.sub(r"^(\s*)not\s+", r"\1", code)
    for old, new in _EXCHANGED:
        if old in code:
            yield f"{old.strip()} becomes {new.strip()}", code.replace(old, new, 1)
            break
    for found in _NUMBER.finditer(code):
        for step in (1, -1):
            moved = str(max(0, int(found[0]) + step))
            if moved != found[0]:
                yield f"{found[0]} becomes {moved}", code[: found.start()] + moved + code[found.end() :]
    if not assigns:
        for found in _TEXT.finditer(code):
            yield f"{found[0]} becomes another", code[: found.start()] + '"mutated"' + code[found.end() :]


def told(survivors: Sequence[Mutant | RegoMutant], limit: int = 4) -> str:
    """The first of them in words."""
    rest = len(survivors) - limit
    return "; ".join(map(str, survivors[:limit])) + (f"; and {rest} more" if rest > 0 else "")
