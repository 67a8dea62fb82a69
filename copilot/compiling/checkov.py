"""A check as a Checkov policy in YAML, for what its attribute conditions can say.

Checkov knows pass and fail alone. What it can tell to be a reference it leaves out; what it cannot, it reads as text. So
every comparison is joined by a condition that the text is a value at all, in such a way that what is not fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import yaml

from copilot.checks.language import All, AnyOf, Check, Condition, Leaf, Not, Param, Path
from copilot.checks.library import Library
from copilot.compiling.bundle import Bundle
from copilot.compiling.rego import Inexpressible
from copilot.iac import facts

UNDECIDED = (
    "Checkov has no undecided: what the configuration does not decide fails or is left out, as Checkov reads it."
)
_NUMBERS: Final = {"at_least": "greater_than_or_equal", "at_most": "less_than_or_equal"}
_TEXTS: Final = {"starts_with": "starting_with", "ends_with": "ending_with"}
_NUMBER: Final = r"^-?[0-9]+(\.[0-9]+)?$"
_UNRESOLVED: Final = (
    r"^(.*\$\{|[A-Za-z_]+\(|(var|local|module|data|each|count|path|self|terraform)\.|[a-z][a-z0-9]*_[a-z0-9_]+\.[A-Za-z_]"
    r"|.* \? .* : |(string|number|bool|any)$)"
)
"""What an expression looks like that Checkov did not resolve; a variable that is named `type` reads as its type."""


class _Plain(yaml.SafeDumper):
    """YAML without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def compile_checkov(check: Check) -> str:
    """The policy of the check; Inexpressible when Checkov's attribute conditions cannot say it."""
    if check.subject.kind != "types":
        raise Inexpressible(f"a subject of kind {check.subject.kind}")
    types = list(check.subject.names)
    definition = _condition(check.must, types, True)
    if check.when is not None:
        definition = {"or": [{"not": _condition(check.when, types, False)}, definition]}
    policy = {
        "metadata": {
            "id": policy_id(check),
            "name": check.title,
            "category": "GENERAL_SECURITY",
            "severity": str(check.severity).upper(),
            "guideline": f"{check.rationale} {UNDECIDED}",
        },
        "definition": definition,
    }
    return yaml.dump(policy, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def policy_id(check: Check) -> str:
    """The id of the policy in Checkov."""
    return f"CCOPILOT_{check.id.upper().replace('-', '_')}"


def policies(library: Library, ids: Iterable[str]) -> Bundle:
    """A file for each of these checks that can be said, and the reasons for the others."""
    found = Bundle()
    for id in ids:
        try:
            found.files[f"{id}.yaml"] = compile_checkov(library.checks[id])
        except Inexpressible as refusal:
            found.refused[id] = str(refusal)
        else:
            found.compiled.append(id)
    return found


def _condition(node: Condition, types: list[str], wanted: bool) -> dict[str, Any]:
    """The condition; `wanted` is whether it is its truth that lets a resource pass, or its falsehood."""
    match node:
        case All():
            return {"and": [_condition(each, types, wanted) for each in node.conditions]}
        case AnyOf():
            return {"or": [_condition(each, types, wanted) for each in node.conditions]}
        case Not():
            return {"not": _condition(node.condition, types, not wanted)}
        case Leaf():
            return _leaf(node, types, wanted)
    raise Inexpressible(f"{type(node).__name__.lower()}")


def _leaf(node: Leaf, types: list[str], wanted: bool) -> dict[str, Any]:
    if len(node.paths) > 1:
        raise Inexpressible("alternatives of which the first present is taken")
    path = node.paths[0]
    attribute = _attribute(path)

    def ask(operator: str, value: Any = None) -> dict[str, Any]:
        found = {"cond_type": "attribute", "resource_types": types, "attribute": attribute, "operator": operator}
        return found if value is None else {**found, "value": value}

    if node.op == "defined":
        _reachable(path, types)
        return ask("exists" if node.operand else "not_exists")
    values = node.operand if isinstance(node.operand, tuple) else (node.operand,)
    if node.op not in ("equals", "in", "matches", "contains", *_NUMBERS, *_TEXTS):
        raise Inexpressible(f"the operator {node.op}")
    if any(isinstance(each, Param) or not isinstance(each, str | int | float) for each in values):
        raise Inexpressible("a comparison with something else than a literal")
    if node.absent not in (True, False):
        raise Inexpressible("an absent value that is undecided, or means the provider's default")
    _reachable(path, types)
    _comparable(node, path, types, values, wanted)
    if node.op in ("equals", "in"):
        asked = [ask("equals", each) for each in values]
        compared = asked[0] if len(asked) == 1 else {"or": asked}
    elif node.op == "matches":
        compared = ask("regex_match", _pattern(str(node.operand)))
    else:
        compared = ask({**_NUMBERS, **_TEXTS, "contains": "contains"}[node.op], node.operand)
    value = ask("regex_match", _NUMBER) if node.op in _NUMBERS else {"not": ask("regex_match", _UNRESOLVED)}
    if wanted:
        found = {"and": [ask("exists"), value, compared]}
    else:
        found = {"and": [ask("exists"), {"or": [compared, {"not": value}]}]}
    return {"or": [ask("not_exists"), found]} if node.absent else found


def _attribute(path: Path) -> str:
    if path.anchor or not path.steps:
        raise Inexpressible("a path that starts elsewhere than at the resource")
    if len(path.names) != len(path.steps):
        raise Inexpressible("an element by its position")
    if any("." in step for step in path.names):
        raise Inexpressible("a key with a dot")
    return ".".join(path.names)


def _reachable(path: Path, types: list[str]) -> None:
    """Inexpressible where several blocks may stand on the way: Checkov then numbers them, and the attribute is not found."""
    for name in types:
        known = facts.resource_type(name)
        for end in range(1, len(path.names)):
            found = None if known is None else known.argument(path.names[:end])
            if not isinstance(found, facts.BlockFacts) or found.many:
                raise Inexpressible("something inside of what may be several blocks")


def _comparable(node: Leaf, path: Path, types: list[str], values: tuple[Any, ...], wanted: bool) -> None:
    if node.op == "contains":
        if not all(isinstance(each, str) for each in values):
            raise Inexpressible("a list that holds something else than text")
        if not wanted:
            raise Inexpressible("a list that must not hold something, since one that is not known reads as empty")
    scalars = all(not isinstance(each, str) for each in values) and node.op in ("equals", "in", *_NUMBERS)
    for name in types:
        known = facts.resource_type(name)
        found = None if known is None else known.argument(path.names)
        kind = found.type if isinstance(found, facts.ArgumentFacts) else ""
        if node.op == "contains":
            if not kind.startswith("list"):
                raise Inexpressible("contains of what is not surely a list")
        elif not kind and known is None:
            # Unlike text is never equal to a list, so that can only fail.
            if not (wanted or scalars):
                raise Inexpressible("a comparison that must not hold, of what may be a list")
        elif kind not in ("string", "number", "bool"):
            raise Inexpressible("a comparison of what may be a list or a map")


def _pattern(pattern: str) -> str:
    """The pattern with its flags in front, where Python wants them; Checkov turns truth values into Python's words."""
    flags = re.match(r"\(\?([a-z]+)\)", pattern)
    rest = pattern[flags.end() :] if flags else pattern
    said = flags[1] if flags else ""
    if re.search(r"\(\?[a-zA-Z-]+\)", rest) or not set(said) <= set("ims"):
        raise Inexpressible("a pattern with flags inside")
    if re.search("true|false", rest, re.IGNORECASE) and "i" not in said:
        raise Inexpressible("a pattern for true or false as text")
    try:
        re.compile(rest)
    except re.error:
        raise Inexpressible("a pattern that Python does not read") from None
    return f"{f'(?{said})' if said else ''}^(?:{rest})\\Z"
