"""blast_radius: only what checks of the control read differs, on the finding's resource and those it is linked to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from copilot.checks.language import POD_TEMPLATES, Check, Condition, Exists, Linked, Network, Quantified, inside, own_paths
from copilot.iac import facts
from copilot.model import Patch, Resource, Verdict
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
        if resource.mode in ("provider", "block"):
            return case.verdict("blast_radius", "fail", f"{change.address} is changed; a fix leaves providers and settings alone")
        if resource.mode == "data":
            continue  # what a data source changes shows in the resources that read it
        if change.before is None:
            added.append(change)
            continue
        if change.after is None:
            return case.verdict("blast_radius", "fail", f"{change.address} is gone")
        if where in targets:
            readers = _readers(case, targets[where], change.before)
            stray = _stray(change, [path for c in readers for path in read_paths(c, change.before.type)], linked)
        elif change.before.type in linked:
            stray = _stray(change, linked[change.before.type], linked)
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


def _readers(case: Case, targets: Iterable[str], resource: Resource) -> list[Check]:
    """The targets' checks, and the others of their controls that are about the resource: what turns with the value in
    question (`encrypted`, and with it its key) is the same control's business."""
    names = set(targets)
    controls = {case.checks[name].control for name in names}
    around = (c for c in case.assessor.checks_for([resource.type]) if c.subject.covers(resource.mode, resource.type))
    return [case.checks[name] for name in names] + [c for c in around if c.control in controls and c.id not in names]


def read_paths(check: Check, type: str) -> list[PlainPath]:
    """The paths that a check reads on a subject of the type, those of fixes included; from the resource's own top."""
    found = list(_paths(check.must, ()))
    if check.when is not None:
        found += _paths(check.when, ())
    if check.subject.kind not in ("pod", "container"):
        return found
    template = POD_TEMPLATES.get(type, ())
    tops: list[PlainPath] = [(*template, "spec")]
    if check.subject.kind == "container":
        tops = [(*tops[0], name) for name in ("containers", "initContainers", "ephemeralContainers")]
    return [(*top, *path) for top in tops for path in found] + [(*template, "spec", *path) for path in found]


def _paths(condition: Condition, at: PlainPath) -> Iterator[PlainPath]:
    here = [(*at, *path.names) for path in own_paths(condition)]
    yield from here
    if isinstance(condition, Exists):
        return
    if isinstance(condition, Linked):
        return
    if isinstance(condition, Quantified):
        for path in here:
            for child in inside(condition):
                yield from _paths(child, path)
        return
    for child in inside(condition):
        yield from _paths(child, at)


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
                    out.setdefault(name, []).append(())
    return out


def _deep(condition: Condition) -> Iterator[Condition]:
    for child in inside(condition):
        yield child
        yield from _deep(child)


def _stray(change: Difference, allowed: Iterable[PlainPath], linked: dict[str, list[PlainPath]]) -> str:
    """A changed path that nothing reads, "" when there is none."""
    allowed = [tuple(step for step in path if not step.startswith("[")) for path in allowed]
    if not allowed:
        return "the check reads nothing of it"
    for path in change.paths:
        if any(_overlap(path, other) for other in allowed if other != (".",)) or () in allowed or (".",) in allowed:
            continue
        return f"{'.'.join(path)} changes, and no check of the finding reads it"
    return ""


def _overlap(changed: PlainPath, read: PlainPath) -> bool:
    shorter = min(len(changed), len(read))
    return changed[:shorter] == read[:shorter] and shorter > 0


def _failed_alike(case: Case, change: Difference, checks: list[Check]) -> bool:
    """Whether the resource failed a check of the targets before, passes it now, and differs only where that reads."""
    assert change.before is not None
    for known in checks:
        key = (known.id, change.root, change.environment, change.address)
        if case.before.verdicts.get(key) == "fail" and case.after.verdicts.get(key) == "pass":
            if not _stray(change, read_paths(known, change.before.type), {}):
                return True
    return False


def _stranger(
    case: Case, added: list[Difference], targets: dict[tuple[str, str, str], list[str]], linked: dict[str, list[PlainPath]]
) -> str:  # fmt: skip
    """A new resource that neither refers to a target, nor is referred to by one, nor by another new one that does."""
    kept: set[tuple[str, str, str]] = set(targets)
    data = {(d.root, d.environment, d.address): d.new for d in added}
    bodies = {(d.root, d.environment, d.address): d.new for d in differences(case) if d.after is not None}
    for where in targets:
        if where not in bodies:
            world = case.after.world(where[0], where[1])
            resource = world.by_address.get(where[2]) if world else None
            bodies[where] = _plain_of(resource)
    grew = True
    while grew:
        grew = False
        for where, body in data.items():
            if where in kept:
                continue
            near = [other for other in kept if other[:2] == where[:2]]
            if any(refers(body, other[2]) or refers(bodies.get(other), where[2]) for other in near) or (
                body is not None and _types_of(where[2]) in linked and _by_name(body, [bodies.get(o) for o in near])
            ):
                kept.add(where)
                grew = True
    left = [where[2] for where in data if where not in kept]
    roots = {where[2] for where in kept}
    return "" if all(address in roots for address in left) else left[0] if left else ""


def _plain_of(resource: Resource | None) -> object:
    from copilot.model import plain

    return None if resource is None else plain(resource.body, sensitive=True)


def _types_of(address: str) -> str:
    parts = address.split(".")
    return parts[-2] if len(parts) > 1 else ""


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
