"""Terraform plans (`terraform show -json`), laid over the configuration beside them.

A plan knows what the configuration leaves open: variables given at run time, data sources, modules from a registry. It
knows no places. So the configuration is evaluated as always, and where it does not decide a value the plan's is taken,
with the places of the expression that stands there; resources that only the plan knows are placed at the call of the
module that they come from.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from copilot.errors import UsageError
from copilot.model import (
    Encoded,
    Gap,
    Known,
    List,
    Map,
    Null,
    Places,
    Ref,
    Resource,
    Template,
    Unknown,
    Value,
    World,
    without_keys,
)

MAX_BYTES = 256 * 1024 * 1024
MAX_DEPTH = 64


def parse(data: bytes, name: str) -> Mapping[str, Any]:
    """The plan in the JSON text; UsageError when it is not the output of `terraform show -json`."""
    hint = "make it with: terraform plan -out tfplan && terraform show -json tfplan > plan.json"
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name}: larger than {MAX_BYTES // 1024 // 1024} MiB", hint=hint)
    try:
        plan = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not JSON: {error}"[:300], hint=hint) from error
    if not isinstance(plan, dict) or "planned_values" not in plan or "format_version" not in plan:
        raise UsageError(f"{name}: not a plan", hint=hint)
    if wrong := _malformed(plan):
        raise UsageError(f"{name}: not a plan that reads: {wrong}", hint=hint)
    return plan


def _malformed(plan: Mapping[str, Any]) -> str:
    """What is wrong with the parts of a plan that are read; "" when nothing is."""
    values = plan["planned_values"]
    if not isinstance(values, dict) or not isinstance(values.get("root_module", {}), dict):
        return "planned_values holds no root module"
    for resource in _resources(values.get("root_module", {})):
        if not all(isinstance(resource.get(key), str) for key in ("address", "type", "name", "mode")):
            return f"a resource without address, type, name or mode: {str(resource.get('address'))[:80]}"
        if not isinstance(resource.get("values", {}), dict):
            return f"the values of {resource['address'][:80]} are no object"
        if _depth(resource.get("values", {})) > MAX_DEPTH:
            return f"the values of {resource['address'][:80]} are nested deeper than {MAX_DEPTH}"
    for change in _dicts(plan.get("resource_changes")):
        if not isinstance(change.get("change", {}), dict):
            return f"the change of {str(change.get('address'))[:80]} is no object"
    return ""


def _depth(data: Any) -> int:
    deepest, stack = 0, [(data, 1)]
    while stack:
        here, depth = stack.pop()
        deepest = max(deepest, depth)
        if depth <= MAX_DEPTH:
            inner = here.values() if isinstance(here, dict) else here if isinstance(here, list) else ()
            stack += [(each, depth + 1) for each in inner]
    return deepest


def overlay(world: World, plan: Mapping[str, Any]) -> World:
    """The world with the plan's values where the configuration leaves them open, and the plan's own resources.

    What the plan makes and nothing here declares or calls is out of sight. UsageError when that is all of it: the plan
    is of another folder.
    """
    planned = {str(r["address"]): r for r in _resources(plan.get("planned_values", {}).get("root_module", {}))}
    changes = {str(c["address"]): c.get("change", {}) for c in _dicts(plan.get("resource_changes")) if "address" in c}
    kept: list[Resource] = []
    seen: set[str] = set()
    for resource in world.resources:
        entries = _entries(resource, planned)
        if resource.mode != "managed" or not entries:
            # Under an unknown count the plan decides: what it does not name is not made.
            if not (resource.conditional and resource.mode == "managed"):
                kept.append(resource)
            continue
        for address in entries:
            seen.add(address)
            kept.append(_decided(resource, address, planned[address], changes.get(address, {})))
    strangers: list[Gap] = []
    made_by_plan = {address: entry for address, entry in planned.items() if entry.get("mode") == "managed"}
    for address, entry in made_by_plan.items():
        if address in seen:
            continue
        made = _foreign(address, entry, changes.get(address, {}), world)
        if made is not None:
            kept.append(made)
        else:
            strangers.append(
                Gap(
                    "out_of_sight",
                    f"the plan makes {address}, which nothing here declares",
                    world.root.folder,
                    address=address,
                    remedy="make the plan from the configuration as it stands here",
                )  # fmt: skip
            )
    if strangers and len(strangers) == len(made_by_plan):
        raise UsageError(
            f"the plan is not of {world.root.name}: nothing there declares {strangers[0].address}",
            hint="scan the folder in which the plan was made",
        )
    filled = frozenset(without_keys(r.module) for r in kept if r.module)
    gaps = _Remaining(world.gaps, filled, tuple(strangers))
    return World.of(
        world.root, tuple(kept), world.files, gaps, closed=not any(g.kind == "unread" for g in gaps),
        escaped=frozenset() if not any(g.kind == "out_of_sight" for g in gaps) else world.escaped,
    )  # fmt: skip


class _Remaining(Collection[Gap]):
    """The gaps of the configuration less those that the plan fills; evaluation is lazy, so they may grow."""

    def __init__(self, gaps: Collection[Gap], filled: frozenset[str], more: tuple[Gap, ...]) -> None:
        self._gaps, self._filled, self._more = gaps, filled, more

    def __iter__(self) -> Iterator[Gap]:
        for gap in self._gaps:
            if not (gap.kind == "out_of_sight" and without_keys(gap.address) in self._filled):
                yield gap
        yield from self._more

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, gap: object) -> bool:
        return gap in tuple(self)


def _dicts(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, list):
        yield from (item for item in data if isinstance(item, dict))


def _resources(module: Any) -> Iterator[dict[str, Any]]:
    stack = [module]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            yield from (r for r in _dicts(here.get("resources")) if "address" in r)
            stack += list(_dicts(here.get("child_modules")))


def _entries(resource: Resource, planned: Mapping[str, Any]) -> list[str]:
    """The plan's addresses that this instance stands for: its own, or all of an instance whose key is not known."""
    if resource.address in planned and not resource.conditional:
        return [resource.address]
    if resource.conditional or "[?]" in resource.address:
        plain = without_keys(resource.address)
        return sorted(address for address in planned if without_keys(address) == plain)
    return []


def _decided(resource: Resource, address: str, entry: Mapping[str, Any], change: Mapping[str, Any]) -> Resource:
    values = entry.get("values")
    secret = entry.get("sensitive_values", change.get("after_sensitive"))
    if not isinstance(values, dict):
        return resource
    body = _over(resource.body, values, change.get("after_unknown"), secret, (resource.header,))
    assert isinstance(body, Map)
    key = entry.get("index", resource.key)
    return replace(resource, address=address, body=body, conditional=False, key=key)


def _foreign(address: str, entry: Mapping[str, Any], change: Mapping[str, Any], world: World) -> Resource | None:
    """A resource of a module that is out of sight, placed at its call; None when there is no call to place it at."""
    plain = f"{without_keys(address)}."
    header = next((place for call, place in world.missing.items() if plain.startswith(f"{without_keys(call)}.")), None)
    values = entry.get("values")
    if header is None or not isinstance(values, dict):
        return None
    body = _made(values, change.get("after_unknown"), entry.get("sensitive_values"), (header,))
    assert isinstance(body, Map)
    module = address.rsplit(f".{entry.get('type')}.", 1)[0]
    return Resource(
        address, str(entry.get("type")), str(entry.get("name")), "managed", module, world.root.folder, body, header, header,
        entry.get("index"),
    )  # fmt: skip


def _over(given: Value | None, planned: Any, unknown: Any, secret: Any, places: Places) -> Value:
    """The configuration's value where it decides, else the plan's."""
    here = given.places if given is not None and given.places else places
    if given is None or isinstance(given, Unknown | Null):
        return _made(planned, unknown, secret, here)
    if secret is True and not given.sensitive:
        given = replace(given, sensitive=True)
    if isinstance(given, Map) and isinstance(planned, dict):
        items: dict[str, Value] = {key: given.items[key] for key in given.items}
        for key, value in planned.items():
            before = items.get(key)
            if value is None and _part(unknown, key) is not True:
                if isinstance(before, Unknown | Ref):
                    items[key] = Null(places=before.places or here)
                continue
            if isinstance(before, Map) and isinstance(value, list) and len(value) == 1:
                before = List((before,), kind="blocks", places=before.places)
            items[key] = _over(before, value, _part(unknown, key), _part(secret, key), here)
        return replace(given, items=items, open=False)
    if isinstance(given, List) and isinstance(planned, list):
        if given.open or len(given.items) != len(planned) or given.kind == "set":
            if all(_is_known(item) for item in given.items) and not given.open:
                return given
            return replace(_made(planned, unknown, secret, here), places=here)
        pairs = zip(given.items, planned, strict=True)
        return replace(
            given, items=tuple(_over(g, p, _part(unknown, i), _part(secret, i), here) for i, (g, p) in enumerate(pairs))
        )
    if isinstance(given, Ref | Template) and unknown is not True and not isinstance(planned, dict | list | None):
        # What a reference comes to is known now, and so is what it refers to.
        return Known(planned, places=here, origin=given.origin, sensitive=given.sensitive or secret is True)
    return given


def _made(planned: Any, unknown: Any, secret: Any, places: Places) -> Value:
    sensitive = secret is True
    if unknown is True:
        return Unknown("computed", "known after apply", places=places, sensitive=sensitive)
    match planned:
        case None:
            return Null(places=places, sensitive=sensitive)
        case dict():
            items = {
                str(k): _made(v, _part(unknown, k), _part(secret, k), places)
                for k, v in planned.items()
                if v is not None
            }
            for key, value in unknown.items() if isinstance(unknown, dict) else ():
                if value is True and key not in items:
                    items[str(key)] = Unknown("computed", "known after apply", places=places)
            return Map(items, places=places, sensitive=sensitive)
        case list():
            made = tuple(_made(v, _part(unknown, i), _part(secret, i), places) for i, v in enumerate(planned))
            kind: Any = "blocks" if made and all(isinstance(item, Map) for item in made) else "list"
            return List(made, kind=kind, places=places, sensitive=sensitive)
        case str() | bool() | int() | float():
            return Known(planned, places=places, sensitive=sensitive)
    return Unknown("invalid", type(planned).__name__, places=places)


def _part(data: Any, key: Any) -> Any:
    """What a mask of a plan (`after_unknown`, `sensitive_values`) says of a part; a mask of True covers everything."""
    if data is True:
        return True
    if isinstance(data, dict):
        return data.get(key)
    if isinstance(data, list) and isinstance(key, int) and key < len(data):
        return data[key]
    return None


def _is_known(value: Value) -> bool:
    match value:
        case Known():
            return True
        case List(items=items):
            return not value.open and all(map(_is_known, items))
        case Map(items=entries):
            return not value.open and all(_is_known(entries[key]) for key in entries)
        case Encoded(inner=inner):
            return _is_known(inner)
    return False
