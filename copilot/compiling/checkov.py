"""A check as a Checkov policy in YAML, for what its attribute conditions can say.

Checkov knows pass and fail alone: what a check leaves undecided passes or fails there, as the attribute happens to
read. The policy says so in its own text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from copilot.checks.language import All, AnyOf, Check, Condition, Leaf, Not, Param, Path
from copilot.checks.library import Library
from copilot.compiling.bundle import Bundle
from copilot.compiling.rego import Inexpressible

UNDECIDED = "Checkov has no undecided: a value that the configuration does not decide is judged as it happens to read."
_OPERATORS = {
    "equals": "equals", "in": "within", "contains": "contains", "starts_with": "starting_with",
    "ends_with": "ending_with",
    "at_least": "greater_than_or_equal", "at_most": "less_than_or_equal",
}  # fmt: skip


def compile_checkov(check: Check) -> str:
    """The policy of the check; Inexpressible when Checkov's attribute conditions cannot say it."""
    if check.subject.kind != "types":
        raise Inexpressible(f"a subject of kind {check.subject.kind}")
    types = list(check.subject.names)
    definition = _condition(check.must, types)
    if check.when is not None:
        definition = {"or": [{"not": _condition(check.when, types)}, definition]}
    policy = {
        "metadata": {
            "id": f"CCOPILOT_{check.id.upper().replace('-', '_')}",
            "name": check.title,
            "category": "GENERAL_SECURITY",
            "severity": str(check.severity).upper(),
            "guideline": f"{check.rationale} {UNDECIDED}",
        },
        "definition": definition,
    }
    return yaml.safe_dump(policy, sort_keys=False, allow_unicode=True, width=120)


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


def _condition(node: Condition, types: list[str]) -> dict[str, Any]:
    match node:
        case All():
            return {"and": [_condition(each, types) for each in node.conditions]}
        case AnyOf():
            return {"or": [_condition(each, types) for each in node.conditions]}
        case Not():
            return {"not": _condition(node.condition, types)}
        case Leaf():
            return _leaf(node, types)
    raise Inexpressible(f"{type(node).__name__.lower()}")


def _leaf(node: Leaf, types: list[str]) -> dict[str, Any]:
    if len(node.paths) > 1:
        raise Inexpressible("alternatives of which the first present is taken")
    attribute = _attribute(node.paths[0])

    def ask(operator: str, value: Any = None) -> dict[str, Any]:
        found = {"cond_type": "attribute", "resource_types": types, "attribute": attribute, "operator": operator}
        return found if value is None else {**found, "value": value}

    if node.op == "defined":
        return ask("exists" if node.operand else "not_exists")
    values = node.operand if isinstance(node.operand, tuple) else (node.operand,)
    if node.op not in ("matches", *_OPERATORS):
        raise Inexpressible(f"the operator {node.op}")
    if any(isinstance(each, Param) or not isinstance(each, str | int | float) for each in values):
        raise Inexpressible("a comparison with something else than a literal")
    if node.absent not in (True, False):
        raise Inexpressible("an absent value that is undecided, or means the provider's default")
    if node.op == "matches":
        asked = ask("regex_match", f"^(?:{node.operand})$")
    else:
        asked = ask(_OPERATORS[node.op], list(values) if node.op == "in" else node.operand)
    if node.absent:
        return {"or": [ask("not_exists"), asked]}
    return {"and": [ask("exists"), asked]}


def _attribute(path: Path) -> str:
    if path.anchor or not path.steps:
        raise Inexpressible("a path that starts elsewhere than at the resource")
    if any("." in step for step in path.names):
        raise Inexpressible("a key with a dot")
    return ".".join(str(step) for step in path.steps)
