"""Recipes for Kubernetes manifests: the same fixes, written into YAML."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from copilot.checks.language import Check, Fix, Param, parse_path
from copilot.drafting import summary
from copilot.edits import yaml
from copilot.edits.hcl import CannotEdit
from copilot.errors import InvalidEdit
from copilot.findings import leaves_of
from copilot.model import Abstained, Finding, Outcome, Patch, Resource, Safety, World
from copilot.snapshot import Snapshot

_RANK: Final[Mapping[Safety, int]] = {"safe": 0, "changes_behaviour": 1, "unknown": 2, "replaces": 3}


class _Needs(CannotEdit):
    def __init__(self, name: str) -> None:
        super().__init__(f"the value is a decision: set parameter {name}")
        self.name = name


def draft_group(
    findings: Sequence[tuple[Finding, Check]], world: World, snapshot: Snapshot, parameters: Mapping[str, Any]
) -> tuple[Patch | Abstained, ...]:
    """One patch for all of these findings of one object that have a recipe, and an abstention for each that has none."""
    out: list[Patch | Abstained] = []
    drafted: list[tuple[Finding, list[tuple[yaml.Change, Fix, str]], str]] = []
    for finding, _ in findings:
        try:
            resource = _resource(finding, world)
            drafted.append((finding, _changes(finding, resource, world, snapshot, parameters), resource.block.path))
        except _Needs as needs:
            out.append(Abstained((finding.fingerprint,), str(needs), (needs.name,)))
        except (CannotEdit, InvalidEdit) as reason:
            out.append(Abstained((finding.fingerprint,), str(reason)))
    if not drafted:
        return tuple(out)
    try:
        return (_patch(drafted, snapshot), *out)
    except (CannotEdit, InvalidEdit):
        pass
    for one in drafted:
        try:
            out.append(_patch([one], snapshot))
        except (CannotEdit, InvalidEdit) as reason:
            out.append(Abstained((one[0].fingerprint,), str(reason)))
    return tuple(out)


def _patch(drafted: Sequence[tuple[Finding, list[tuple[yaml.Change, Fix, str]], str]], snapshot: Snapshot) -> Patch:
    steps = [step for _, changes, _ in drafted for step in changes]
    changes = list(dict.fromkeys(_hashable(change) for change, _, _ in steps))
    edits = yaml.edits(snapshot, drafted[0][2], [change for change, _, _ in steps if _first(change, changes)])
    return Patch(
        findings=tuple(dict.fromkeys(finding.fingerprint for finding, _, _ in drafted)), edits=edits, origin="recipe",
        safety=max((fix.safety for _, fix, _ in steps), key=_RANK.__getitem__),
        summary=summary(said for _, _, said in steps),
        sources=tuple(dict.fromkeys(fix.source for _, fix, _ in steps if fix.source)),
    )  # fmt: skip


def _hashable(change: yaml.Change) -> tuple[str, object, object, str]:
    return change.kind, change.at, change.steps, repr(change.value)


def _first(change: yaml.Change, left: list[tuple[str, object, object, str]]) -> bool:
    """Whether this is the first change of its like; two findings may ask for the same."""
    key = _hashable(change)
    if key in left:
        left.remove(key)
        return True
    return False


def _resource(finding: Finding, world: World) -> Resource:
    for occurrence in finding.occurrences:
        resource = world.by_address.get(occurrence.address)
        if resource is not None:
            return resource
    raise CannotEdit(f"the finding does not occur in {world.root.name}")


def _changes(
    finding: Finding, resource: Resource, world: World, snapshot: Snapshot, parameters: Mapping[str, Any]
) -> list[tuple[yaml.Change, Fix, str]]:
    data = snapshot.read(resource.block.path) or b""
    out: list[tuple[yaml.Change, Fix, str]] = []
    for occurrence in finding.occurrences:
        if occurrence.address != resource.address:
            continue
        for leaf in _mendable(leaves_of(finding, occurrence)):
            fix: Fix = leaf.condition.fix
            names = parse_path(leaf.path).names
            steps = yaml.steps_to(data, resource.block.path, resource.block, leaf.places[-1], names)
            where = f"{'.'.join(map(str, steps))} on {resource.address}"
            if fix.kind == "set":
                value = _value(fix.value, parameters)
                out.append(
                    (yaml.Change("set", resource.block, steps, value), fix, f"sets {where} to {json.dumps(value)}")
                )
            elif fix.kind in ("remove", "remove_element"):
                out.append((yaml.Change("remove", resource.block, steps), fix, f"removes {where}"))
            else:
                raise CannotEdit(f"{fix.kind} is not written into manifests")
    if not out:
        raise CannotEdit("the check has no recipe for this")
    return out


def _mendable(leaves: Iterable[Outcome]) -> list[Outcome]:
    found = list(leaves)
    if not found or any(getattr(leaf.condition, "fix", None) is None for leaf in found):
        raise CannotEdit("the check has no recipe for this")
    return found


def _value(value: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(value, Param):
        if value.name not in parameters:
            raise _Needs(value.name)
        given = parameters[value.name]
        return given[0] if isinstance(given, list | tuple) and given else given
    return value
