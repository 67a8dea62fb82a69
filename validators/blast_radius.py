"""blast_radius: only what checks of the control read differs, on the finding's resource and those it is linked to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

from copilot.checks.language import (
    POD_TEMPLATES,
    Check,
    Condition,
    Exists,
    Linked,
    Network,
    Not,
    Quantified,
    RegoCondition,
    inside,
    own_paths,
)
from copilot.iac import facts
from copilot.model import Patch, Resource, Verdict, plain
from validators.case import Case
from validators.differences import Difference, PlainPath, differences, leaves, refers

MAX_NEW = 6


def check(case: Case) -> Verdict:
    """Fail a patch that changes a path no check of the targets reads, or a resource that has nothing to do with them."""
    targets: dict[tuple[str, str, str], list[str]] = {}
    for target in case.targets:
        for o in target.occurrences:
            targets.setdefault((o.root, o.environment, o.address), []).append(target.check)
    checks = [case.checks[t] for t in dict.fromkeys(t.check for t in case.targets)]
    linked = {name: paths for c in checks for name, paths in linked_paths(c).items()}
    added: list[Difference] = []
    for change in differences(case):
        where = (change.root, change.environment, change.address)
        resource = change.after or change.before
        assert resource is not None
        if resource.mode in ("provider", "block") and where not in targets:
            return case.verdict(
                "blast_radius", "fail", f"{change.address} is changed; a fix leaves providers and settings alone"
            )
        if resource.mode == "data" and where not in targets:
            continue  # what a policy document changes shows in the resources that read it; for others see surroundings
        if change.before is None:
            added.append(change)
            continue
        if change.after is None:
            return case.verdict("blast_radius", "fail", f"{change.address} is gone")
        if where in targets:
            readers = _readers(case, targets[where], change.before, where)
            stray = _stray(change, [path for c in readers for path in read_paths(c, change.before.type)])
        elif change.before.type in linked:
            stray = _stray(change, linked[change.before.type])
        else:
            stray = "" if _failed_alike(case, change, checks) else "the resource is not the finding's"
        if stray:
            return case.verdict("blast_radius", "fail", f"{change.address}: {stray}")
    if len(added) > MAX_NEW * max(1, len(case.before.worlds)):
        return case.verdict("blast_radius", "fail", f"{len(added)} new resources")
    stranger = _stranger(case, added, targets, linked)
    if stranger:
        return case.verdict("blast_radius", "fail", f"{stranger} is new and has nothing to do with the finding")
    gone = replaced(case)
    note = f"; replaces {', '.join(gone)}" if gone else ""
    return case.verdict("blast_radius", "pass", f"only what the checks read{note}")


def _readers(case: Case, targets: Iterable[str], resource: Resource, where: tuple[str, str, str]) -> list[Check]:
    """The targets' checks, and the others of their controls that are about the resource and hold after: what turns with
    the value in question (`encrypted`, and with it its key) is the same control's business."""
    names = set(targets)
    controls = {case.checks[name].control for name in names}
    around = (c for c in case.assessor.checks_for([resource.type]) if c.subject.covers(resource.mode, resource.type))
    return [case.checks[name] for name in names] + [
        c for c in around
        if c.control in controls and c.id not in names and case.after.verdicts.get((c.id, *where)) != "fail"
    ]  # fmt: skip


def read_paths(check: Check, type: str) -> list[PlainPath]:
    """The paths that a check says what must be, on a subject of the type, those of fixes included; from the resource's
    own top. What only decides whether the check applies is not among them: changing that evades the check."""
    found = list(_paths(check.must, ()))
    if check.when is not None and any(isinstance(node, RegoCondition) for node in check.nodes()):
        found += _paths(check.when, ())  # of what Rego reads, that is all that is said
    if check.subject.kind not in ("pod", "container"):
        return found
    template = POD_TEMPLATES.get(type, ())
    tops: list[PlainPath] = [(*template, "spec")]
    if check.subject.kind == "container":
        tops = [(*tops[0], name) for name in ("containers", "initContainers", "ephemeralContainers")]
    return [(*top, *path) for top in tops for path in found] + [(*template, "spec", *path) for path in found]


# What a rule (or a group of rules) says of addresses, ports and protocols; the rest says whose rule it is, and which way.
_RULE = (
    "access", "action", "allow", "cidr", "cidr_block", "cidr_blocks", "cidr_ip", "cidr_ipv4", "cidr_ipv6",
    "destination_address_prefix", "destination_address_prefixes", "destination_addresses", "destination_ips",
    "destination_port_range", "destination_port_ranges", "destination_ports", "destination_ranges", "egress", "end_ip",
    "end_ip_address", "end_port", "from_port", "inbound_rule", "ingress", "ip_protocol", "ip_range", "ipv6_cidr_block",
    "ipv6_cidr_blocks", "ipv6_cidr_ip", "outbound_rule", "port", "port_range", "port_range_max", "port_range_min", "ports",
    "prefix_list_id", "prefix_list_ids", "protocol", "referenced_security_group_id", "remote_group_id", "remote_ip_prefix",
    "rule_action", "security_rule", "self", "source_address_prefix", "source_address_prefixes", "source_addresses",
    "source_ips", "source_ranges", "source_security_group_id", "start_ip", "start_ip_address", "start_port", "to_port",
)  # fmt: skip


def _paths(condition: Condition, at: PlainPath, negated: bool = False) -> Iterator[PlainPath]:
    here = [(*at, *(name for name in path.names if name != ".")) for path in own_paths(condition)]
    match condition:
        case Exists():
            return
        case Linked():
            yield from (path for path in here if path)
        case Quantified():
            if _counts_elements(condition, negated):
                yield from (path for path in here if path)
            for path in here:
                for child in inside(condition):
                    yield from _paths(child, path, negated)
        case Network():
            for path in here:
                yield from ((path,) if path else ((name,) for name in _RULE))
        case _:
            yield from (path for path in here if path)
            for child in inside(condition):
                yield from _paths(
                    child, at, negated is not condition.negates if isinstance(condition, Not) else negated
                )


def _counts_elements(condition: Quantified, negated: bool) -> bool:
    """Whether an element more, or one less, is a way to repair what the condition says.

    That there must be some element is repaired by one more; that none may be like this only where the check says so:
    the element may be a container, a disk, or another thing that somebody needs.
    """
    if (condition.quantifier == "some") is not negated:
        return True
    fixes = [node.fix for node in (condition, condition.that, *_deep(condition.that)) if getattr(node, "fix", None)]
    return any(fix is not None and fix.kind in ("remove_element", "replace_element", "remove") for fix in fixes)


def linked_paths(check: Check) -> dict[str, list[PlainPath]]:
    """For each type that a check looks at beside its subject, the paths that it reads there."""
    out: dict[str, list[PlainPath]] = {}
    for node in check.nodes():
        if isinstance(node, Linked):
            for name in node.types:
                paths = out.setdefault(name, [])
                paths += [path.names for path in node.by]
                paths += _paths(node.that, ())
                for inner in _deep(node.that):
                    paths += _paths(inner, ())
        elif isinstance(node, Exists):
            for name in node.types:
                out.setdefault(name, []).extend(() if node.that is None else _paths(node.that, ()))
        elif isinstance(node, Network):
            for also in node.also:
                for name in also.types:
                    out.setdefault(name, []).extend((rule,) for rule in _RULE)
    return out


def _deep(condition: Condition) -> Iterator[Condition]:
    for child in inside(condition):
        yield child
        yield from _deep(child)


def _stray(change: Difference, allowed: Iterable[PlainPath]) -> str:
    """A changed path that nothing reads, "" when there is none."""
    allowed = [tuple(step for step in path if not step.startswith("[")) for path in allowed]
    if not allowed:
        return "the check reads nothing of it"
    assert change.before is not None
    read = [path for path in change.paths if any(_overlap(path, other) for other in allowed)]
    turning = _companions(change.before.type, read)
    if change.before.type in POD_TEMPLATES:
        volumes = (*POD_TEMPLATES[change.before.type], "spec", "volumes")
        if any(path[: len(volumes) + 1] == (*volumes, "hostPath") for path in read):
            turning.add((*volumes, "emptyDir"))  # a volume has exactly one source, and this one holds nothing of others
        for name in ("containers", "initContainers"):
            env = (*POD_TEMPLATES[change.before.type], "spec", name, "env")
            if (*env, "value") in read:
                turning.add((*env, "valueFrom"))  # a variable has a value, or says where it is kept, and not both
    for path in change.paths:
        if path not in read and path not in turning:
            return f"{'.'.join(path)} changes, and no check of the finding reads it"
    return ""


def _companions(kind: str, changed: Iterable[PlainPath]) -> set[PlainPath]:
    """What the provider makes one change together with what changed (see companions.yaml)."""
    rows = companions().get(kind, {})
    return {other for path in changed for other in rows.get(path, ())}


@cache
def companions() -> Mapping[str, Mapping[PlainPath, tuple[PlainPath, ...]]]:
    """By resource type and path: the paths that turn with it."""
    import yaml

    kept = yaml.safe_load((files("validators") / "companions.yaml").read_text("utf-8"))
    return {
        kind: {
            tuple(path.split(".")): tuple(tuple(other.split(".")) for other in others)
            for path, others in rows.items()
            if path != "source"
        }
        for kind, rows in kept.items()
    }


def _overlap(changed: PlainPath, read: PlainPath) -> bool:
    shorter = min(len(changed), len(read))
    return changed[:shorter] == read[:shorter] and shorter > 0


def _failed_alike(case: Case, change: Difference, checks: list[Check]) -> bool:
    """Whether the resource failed a check of the targets before, passes it now, and differs only where that reads."""
    assert change.before is not None
    for known in checks:
        key = (known.id, change.root, change.environment, change.address)
        if case.before.verdicts.get(key) == "fail" and case.after.verdicts.get(key) == "pass":
            if not _stray(change, read_paths(known, change.before.type)):
                return True
    return False


def _stranger(
    case: Case, added: list[Difference], targets: dict[tuple[str, str, str], list[str]], linked: dict[str, list[PlainPath]]
) -> str:  # fmt: skip
    """A new resource that neither refers to a target, nor is referred to by one, nor by another new one that does.

    Where a check asks for a resource of some type in the root, a new one of that type is what was asked for; and what
    the check follows from the target over existing resources to a new one leads there too.
    """
    kept: set[tuple[str, str, str]] = set(targets)
    data = {(d.root, d.environment, d.address): d.new for d in added}
    asked = {
        name
        for t in case.targets
        for node in case.checks[t.check].nodes()
        if isinstance(node, Exists)
        for name in node.types
    }
    kept |= {(d.root, d.environment, d.address) for d in added if d.after is not None and d.after.type in asked}
    bodies = {(d.root, d.environment, d.address): d.new for d in differences(case) if d.after is not None}
    for world in case.after.worlds:
        root = (world.root.folder, world.root.environment)
        if not any(where[:2] == root for where in data):
            continue
        for resource in world.resources:
            where = (*root, resource.address)
            if where in targets and where not in bodies:
                bodies[where] = plain(resource.body, sensitive=True)
            elif where not in data and resource.type in linked and resource.mode == "managed":
                data[where] = plain(resource.body, sensitive=True)
    fresh = {(d.root, d.environment, d.address) for d in added}
    grew = True
    while grew:
        grew = False
        for where, body in data.items():
            if where in kept:
                continue
            near = [other for other in kept if other[:2] == where[:2]]
            if (
                any(refers(body, other[2]) or refers(bodies.get(other, data.get(other)), where[2]) for other in near)
                or (
                    body is not None and _types_of(where[2]) in linked and _by_name(body, [bodies.get(o) for o in near])
                )
                or (_types_of(where[2]) == "aws_kms_alias" and any(_says(bodies.get(o), body) for o in near))
            ):
                kept.add(where)
                grew = True
    left = [where[2] for where in data if where in fresh and where not in kept]
    roots = {where[2] for where in kept}
    return "" if all(address in roots for address in left) else left[0]


def _types_of(address: str) -> str:
    parts = address.split(".")
    return parts[-2] if len(parts) > 1 else ""


def _says(body: object, alias: object) -> bool:
    """Whether the body names a key by this alias, which is a text, not a reference."""
    name = alias.get("name") if isinstance(alias, dict) else None
    return isinstance(name, str) and any(value == name for _, value in leaves(body))


def _by_name(body: object, others: list[object]) -> bool:
    """Whether a new resource shares an identifying text (a bucket's name, say) with one of the others."""
    names = {value for _, value in leaves(body) if isinstance(value, str) and len(value) > 2}
    for other in others:
        if isinstance(other, dict):
            for key in ("bucket", "name", "id", "identifier", "arn"):
                if isinstance(other.get(key), str) and other[key] in names:
                    return True
    return False


def replaced(case: Case) -> tuple[str, ...]:
    """The addresses of the tree before that applying the patch would destroy and make anew, as far as is known.

    What is not known to change in place, on a type that holds data, counts as replaced.
    """
    out: list[str] = []
    for change in differences(case):
        if change.before is None or change.after is None or change.before.mode != "managed":
            continue
        kind = change.before.type
        for path in change.paths:
            if _replaces(kind, path, change):
                out.append(change.address)
                break
    return tuple(sorted(dict.fromkeys(out)))


def _replaces(kind: str, path: PlainPath, change: Difference) -> bool:
    if path and path[0] in ("tags", "tags_all", "lifecycle", "depends_on", "timeouts"):
        return False
    row = facts.replaces(kind, path)
    if row is not None:
        return not (row.when == "removed" and _present(change.new, path))
    return facts.stateful(kind) and not facts.in_place(kind, path)


def _present(data: object, path: PlainPath) -> bool:
    for step in path:
        if isinstance(data, list):
            data = data[0] if data else None
        if not isinstance(data, dict) or step not in data:
            return False
        data = data[step]
    return data is not None


def undeclared_replacement(case: Case, draft: Patch) -> tuple[str, ...]:
    """Addresses that would be replaced though the draft does not say so."""
    return tuple(address for address in replaced(case) if address not in draft.replaces)
