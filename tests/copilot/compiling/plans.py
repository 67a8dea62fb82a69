"""The plan that `terraform show -json` would print for an evaluated root, as far as its format is known.

Values that the configuration decides are planned, what it does not decide is known after apply, and what it does not
write is what the provider makes of it: null, a default, an empty list for blocks and for some lists, or known after
apply. Sets come in another order than they are written in.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from copilot.iac import facts
from copilot.model import Encoded, Known, List, Map, Null, Resource, Value, World

UNKNOWN = object()


@dataclass(frozen=True)
class Shape:
    """How a provider and a configuration may look in a plan.

    `left_out`: what an argument that is not written becomes. `expressions`: how written arguments are shown.
    `blocks`: blocks are shown, or were made by dynamic blocks, which a plan does not show. `single`: blocks of which
    there is one at most are objects, as newer providers have them.
    """

    left_out: Literal["null", "default", "after_apply", "empty"] = "null"
    expressions: Literal["exact", "referenced"] = "exact"
    blocks: Literal["shown", "dynamic"] = "shown"
    single: bool = False
    configuration: bool = True
    masks: bool = True


SHAPES = {
    "as new": Shape(),
    "with defaults": Shape(left_out="default"),
    "computed": Shape(left_out="after_apply"),
    "empty lists": Shape(left_out="empty"),
    "referenced": Shape(left_out="default", expressions="referenced"),
    "dynamic": Shape(blocks="dynamic"),
    "dynamic, computed": Shape(left_out="after_apply", blocks="dynamic"),
    "objects for blocks": Shape(single=True),
    "no configuration": Shape(left_out="empty", configuration=False),
    "no configuration, defaults": Shape(left_out="default", configuration=False, single=True),
    "no masks": Shape(masks=False),
}


def plan_of(world: World, shape: Shape, also: Iterable[str] = ()) -> dict[str, Any]:
    """The plan of the root; `also` are arguments that types without facts are taken to have."""
    planned: dict[str, Any] = {"resources": [], "child_modules": {}}
    before: dict[str, Any] = {"resources": [], "child_modules": {}}
    declared: dict[str, Any] = {}
    changes = []
    for resource in world.resources:
        if resource.mode not in ("managed", "data"):
            continue
        values, mask, expressions = _body(resource, shape, tuple(also))
        entry = {
            "address": resource.address, "mode": resource.mode, "type": resource.type, "name": resource.name,
            "values": values, "sensitive_values": {},
        }  # fmt: skip
        if resource.key is not None:
            entry["index"] = resource.key
        read = resource.mode == "data" and not mask
        _place(before if read else planned, resource, entry)
        if shape.masks and not read:
            changes.append(
                {"address": resource.address, "mode": resource.mode, "type": resource.type, "name": resource.name,
                 "change": {"actions": ["create"], "before": None, "after": values, "after_unknown": mask}}
            )  # fmt: skip
        _declare(declared, resource, expressions)
    out: dict[str, Any] = {
        "format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": _module("", planned)},
        "resource_changes": changes, "complete": True, "applyable": True, "errored": False,
    }  # fmt: skip
    if before["resources"] or before["child_modules"]:
        out["prior_state"] = {"format_version": "1.0", "values": {"root_module": _module("", before)}}
    if shape.configuration:
        out["configuration"] = {"root_module": _configuration(declared)}
    return out


def _steps(module: str) -> list[str]:
    return re.findall(r'module\.[^.\[]+(?:\["(?:[^"\\]|\\.)*"\]|\[\d+\])?', module)


def _place(tree: dict[str, Any], resource: Resource, entry: dict[str, Any]) -> None:
    here = tree
    for step in _steps(resource.module):
        here = here["child_modules"].setdefault(step, {"resources": [], "child_modules": {}})
    here["resources"].append(entry)


def _module(address: str, tree: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"resources": tree["resources"]}
    if address:
        out["address"] = address
    inner = [_module(f"{address}.{step}".lstrip("."), below) for step, below in tree["child_modules"].items()]
    return {**out, "child_modules": inner} if inner else out


def _declare(tree: dict[str, Any], resource: Resource, expressions: dict[str, Any]) -> None:
    here = tree
    for step in _steps(resource.module):
        name = step.removeprefix("module.").partition("[")[0]
        here = here.setdefault("module_calls", {}).setdefault(name, {"source": "./x", "module": {}})["module"]
    address = f"{'data.' if resource.mode == 'data' else ''}{resource.type}.{resource.name}"
    entry = {
        "address": address, "mode": resource.mode, "type": resource.type, "name": resource.name,
        "provider_config_key": "x", "expressions": expressions, "schema_version": 0,
    }  # fmt: skip
    found = here.setdefault("resources", [])
    if not any(each["address"] == address for each in found):
        found.append(entry)


def _configuration(tree: dict[str, Any]) -> dict[str, Any]:
    return tree or {}


def _body(resource: Resource, shape: Shape, also: tuple[str, ...]) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    known = facts.data_type(resource.type) if resource.mode == "data" else facts.resource_type(resource.type)
    values, mask, expressions = _map(resource.body, (), known, resource.type, shape)
    if known is None:
        for name in also:
            if name not in resource.body.items and not resource.body.open:
                _leave_out(values, mask, name, None, None, shape)
    return values, mask, expressions


def _map(
    body: Map, path: tuple[str, ...], known: facts.TypeFacts | None, type: str, shape: Shape
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    values: dict[str, Any] = {}
    mask: dict[str, Any] = {}
    expressions: dict[str, Any] = {}
    for name, value in body.items.items():
        here = (*path, name)
        if isinstance(value, List) and value.kind == "blocks":
            _blocks(values, mask, expressions, name, value, here, known, type, shape)
            continue
        made, hidden = _value(value)
        if made is not UNKNOWN:
            values[name] = made
        if hidden:
            mask[name] = hidden
        literal = shape.expressions == "exact" and made is not UNKNOWN and not hidden and _literal(value)
        if literal:
            expressions[name] = {} if made is None else {"constant_value": made}
        else:
            expressions[name] = {"references": ["aws_other.one.arn", "aws_other.one"]}
    if known is not None and not body.open:
        for name in known.names(path):
            if name not in body.items:
                said = known.argument((*path, name))
                _leave_out(values, mask, name, said, facts.default(type, (*path, name)), shape)
    return values, mask, expressions


def _blocks(
    values: dict[str, Any], mask: dict[str, Any], expressions: dict[str, Any], name: str, value: List,
    path: tuple[str, ...], known: facts.TypeFacts | None, type: str, shape: Shape,
) -> None:  # fmt: skip
    if value.open or not all(isinstance(item, Map) for item in value.items):
        mask[name] = True
        return
    made = [_map(item, path, known, type, shape) for item in value.items if isinstance(item, Map)]
    said = known.argument(path) if known is not None else None
    many = not isinstance(said, facts.BlockFacts) or said.many
    if many:
        made.reverse()
    if shape.single and not many and len(made) == 1:
        values[name], hidden, shown = made[0]
        if hidden:
            mask[name] = hidden
        if shape.blocks == "shown":
            expressions[name] = shown
        return
    values[name] = [each[0] for each in made]
    if any(each[1] for each in made):
        mask[name] = [each[1] for each in made]
    if shape.blocks == "shown":
        expressions[name] = [each[2] for each in made]


def _leave_out(
    values: dict[str, Any], mask: dict[str, Any], name: str, said: object, default: Any, shape: Shape
) -> None:
    if isinstance(said, facts.BlockFacts) and not said.as_attribute:
        if shape.left_out == "after_apply" and not said.required:
            mask[name] = True
        else:
            values[name] = None if shape.single and not said.many else []
        return
    if shape.left_out == "after_apply":
        mask[name] = True
    elif shape.left_out == "default":
        values[name] = list(default) if isinstance(default, tuple) else default
    elif shape.left_out == "empty" and (said is None or str(getattr(said, "type", "list")).startswith("list")):
        values[name] = []
    else:
        values[name] = None


def _literal(value: Value) -> bool:
    match value:
        case Known():
            return value.origin is None
        case List(items=items):
            return all(map(_literal, items))
        case Map(items=entries):
            return all(map(_literal, entries.values()))
    return isinstance(value, Null)


def _value(value: Value) -> tuple[Any, Any]:
    """The planned value (UNKNOWN where it is left out) and what of it is known after apply."""
    match value:
        case Known():
            return value.value, None
        case Null():
            return None, None
        case List(items=items) if not value.open:
            made = [_value(item) for item in items]
            hidden = [mask or False for _, mask in made]
            return [None if item is UNKNOWN else item for item, _ in made], hidden if any(hidden) else None
        case Map(items=entries) if not value.open:
            found = {key: _value(item) for key, item in entries.items()}
            values = {key: item for key, (item, _) in found.items() if item is not UNKNOWN}
            return values, {key: mask for key, (_, mask) in found.items() if mask} or None
        case Encoded(inner=inner):
            made, hidden = _value(inner)
            if made is UNKNOWN or hidden:
                return UNKNOWN, True
            if value.encoding == "base64":
                text = made if isinstance(made, str) else json.dumps(made)
                return base64.b64encode(text.encode()).decode(), None
            return json.dumps(made, separators=(",", ":")), None
    return UNKNOWN, True
