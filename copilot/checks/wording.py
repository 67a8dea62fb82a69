"""Conditions and fixes as people read them: English lines made from the nodes, never written beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from copilot.checks.language import (
    All,
    AnyOf,
    Attr,
    Bounds,
    Condition,
    Exists,
    Expression,
    Fix,
    Leaf,
    Linked,
    Network,
    Not,
    Param,
    Path,
    PolicyCondition,
    Quantified,
    RegoCondition,
    Subject,
    SubjectRef,
    own_paths,
)
from copilot.checks.policies import Allows, Denies
from copilot.model import Safety

SAFETY: dict[Safety, str] = {
    "safe": "changes nothing that runs",
    "changes_behaviour": "changes how it behaves",
    "replaces": "replaces the resource: it is destroyed and made anew",
    "unknown": "may replace the resource",
}


def subject(given: Subject) -> str:
    """What a check is about."""
    names = _or(given.names)
    match given.kind:
        case "types" | "kinds":
            return names
        case "data":
            return f"the data source {names}"
        case "providers":
            return f"every resource of {names}"
        case "pod":
            return "whatever carries a pod"
        case "container":
            return "each container of a pod"
        case "blocks":
            return f"the block {names}"
        case "root":
            return f"the whole root, where it has {names}"
        case _:
            assert_never(given.kind)


def lines(condition: Condition, depth: int = 0) -> list[str]:
    """The condition, one line a clause, those inside another indented by two blanks more."""
    pad = "  " * depth
    match condition:
        case Leaf():
            return [pad + leaf(condition)]
        case All(conditions=inner):
            return [f"{pad}all of these:", *_inside(inner, depth)]
        case AnyOf(conditions=inner):
            return [f"{pad}at least one of these:", *_inside(inner, depth)]
        case Not(condition=inner_one):
            return [f"{pad}not:", *lines(inner_one, depth + 1)]
        case Quantified(quantifier=how):
            head = {"some": "at least one element", "every": "every element", "none": "no element"}[how]
            absent = ""
            if condition.absent_said:
                absent = f" ({_absent(condition.absent)})"
            return [f"{pad}{head} of {_paths(condition.paths)} meets{absent}:", *lines(condition.that, depth + 1)]
        case Linked(quantifier=how):
            head = {"some": "at least one", "every": "every", "none": "no"}[how]
            if condition.by:
                way = f"whose {_paths(condition.by)} refers to it"
            else:
                way = f"that its {_paths(condition.from_)} refers to"
            unlinked = {True: "holds", False: "does not hold", None: "is undecided"}[condition.unlinked]
            first = f"{pad}{head} {_or(condition.types)} {way} meets (without one it {unlinked}):"
            return [first, *lines(condition.that, depth + 1)]
        case Exists():
            if condition.that is None:
                return [f"{pad}the root has {_or(condition.types)}"]
            return [f"{pad}the root has {_or(condition.types)} that meets:", *lines(condition.that, depth + 1)]
        case Network():
            return [pad + _network(condition)]
        case PolicyCondition():
            return [pad + _policy(condition)]
        case RegoCondition():
            return [f"{pad}policy.rego denies nothing"]
    raise AssertionError(type(condition))


def leaf(node: Leaf) -> str:
    """One comparison in one line."""
    name, operand = _paths(node.paths), node.operand
    match node.op:
        case "present" | "defined" | "empty":
            text = f"{name} is {'' if operand else 'not '}{node.op}"
        case "secret":
            text = f"{name} is {'a' if operand else 'no'} literal that looks like a credential"
        case "equals":
            text = f"{name} is {value(operand)}"
        case "in":
            text = f"{name} is one of {_several(operand)}"
        case "matches":
            text = f"{name} matches {operand if isinstance(operand, str) else value(operand)}"
        case "starts_with" | "ends_with":
            text = f"{name} {node.op.replace('_', ' ')} {value(operand)}"
        case "contains" | "contains_all":
            text = f"{name} contains {_several(operand) if node.op == 'contains_all' else value(operand)}"
        case "subset_of":
            text = f"{name} has nothing but {_several(operand)}"
        case "within":
            text = f"{name} lies within {_several(operand)}"
        case "at_least" | "at_most":
            text = f"{name} is {node.op.replace('_', ' ')} {value(operand)}"
        case "between" | "length" | "version":
            what = {"between": "", "length": "the length of ", "version": "the version in "}[node.op]
            text = f"{what}{name} is {_bounds(operand)}"
        case "refers_to":
            text = f"{name} refers to {_or(operand if isinstance(operand, tuple) else (operand,))}"
        case _:
            assert_never(node.op)
    return text if node.op in ("present", "defined") else f"{text} ({_absent(node.absent)})"


def value(operand: Any) -> str:
    """A literal, or what takes its place."""
    match operand:
        case Param(name):
            return f"the parameter {name}"
        case Attr(path):
            return f"its {path}"
        case SubjectRef(attribute):
            return f"the resource's {attribute}"
        case Expression(text):
            return text
        case dict():
            return "{" + ", ".join(f"{key} = {value(item)}" for key, item in operand.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(value, operand)) + "]"
    return json.dumps(operand, ensure_ascii=False)


def fix(node: Condition, given: Fix) -> str:
    """What the fix of a node does, as a command."""
    where = _paths(own_paths(node)[:1]) if own_paths(node) else ""
    match given.kind:
        case "set":
            return f"set {where} = {value(given.value)}"
        case "remove":
            return f"remove {where}"
        case "remove_element":
            return f"remove the elements at fault from {where}"
        case "replace_element":
            return f"replace the elements at fault of {where} by {value(given.value)}"
        case "add_block":
            return f"add a block {given.value['name']} {value(given.value['body'])}"
        case "add_linked":
            return f"add {_article(given.value['type'])} {value(given.value['body'])}"
        case "add_statement":
            return f"add to the policy the statement {value(given.value)}"
        case "narrow":
            return f"narrow the networks at fault to {value(given.value)}"
    assert_never(given.kind)


def _inside(conditions: Iterable[Condition], depth: int) -> list[str]:
    return [line for each in conditions for line in lines(each, depth + 1)]


def _paths(paths: Sequence[Path]) -> str:
    return " or ".join("the element itself" if path.text == "." else path.text for path in paths)


def _or(names: Sequence[str]) -> str:
    return " or ".join(map(str, names))


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _several(operand: Any) -> str:
    return ", ".join(map(value, operand)) if isinstance(operand, tuple | list) else value(operand)


def _bounds(bounds: Any) -> str:
    if not isinstance(bounds, Bounds):
        return value(bounds)
    ends = (("at least", bounds.at_least), ("at most", bounds.at_most))
    return " and ".join(f"{word} {value(end)}" for word, end in ends if end is not None)


def _absent(absent: Any) -> str:
    if absent == "default":
        return "absent: what the provider documents counts"
    return {True: "absent: holds", False: "absent: does not hold", None: "absent: undecided"}[absent]


def _network(node: Network) -> str:
    spec = node.spec
    if spec.parameter:
        who = f"the networks of parameter {spec.parameter}"
    else:
        who = "the world" if spec.networks is None else "the networks asked about"
    if isinstance(spec.ports, str):
        ports = "a port" if spec.ports == "any" else "every port"
    else:
        spans = [str(low) if low == high else f"{low}-{high}" for low, high in spec.ports]
        ports = f"port {' or '.join(spans)}"
    by = "" if spec.protocol == "any" else f" by {spec.protocol}"
    name = "it" if node.paths[0].text == "." else _paths(node.paths)
    also = f", with {_or([name for each in node.also for name in each.types])} added" if node.also else ""
    way = f"{who} reach {ports}{by}" if spec.direction == "ingress" else f"traffic out to {who}, {ports}{by}"
    return f"{name} lets {way}{also}"


def _policy(node: PolicyCondition) -> str:
    name, spec = _paths(node.paths), node.spec
    joined = " and " if spec.together else " or "
    what = joined.join(spec.actions) or "something"
    on = f" on {spec.resource}" if spec.resource else ""
    match spec:
        case Allows():
            whom = f" to {spec.principal} principal" if spec.principal == "any" else f" to {spec.principal}"
            unless = f" (unless restricted by {', '.join(sorted(spec.unless))})" if spec.unless else ""
            return f"{name} allows {what}{whom if spec.principal else ''}{on}{unless}"
        case Denies():
            tests = " and ".join(f"{operator} {key} {said}" for operator, key, said in spec.condition)
            return f"{name} denies {what} to everybody{on}{f' when {tests}' if tests else ''}"
