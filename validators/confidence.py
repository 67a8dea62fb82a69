"""confidence: samples that a model drew apart come to the same result where the finding's check looks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from copilot.checks.language import Check, Exists, Linked
from copilot.edits.patched import apply
from copilot.errors import CorpusInvalid, InvalidEdit
from copilot.model import Patch, Resource, Verdict, World, plain
from copilot.snapshot import Snapshot
from validators.blast_radius import linked_paths, read_paths
from validators.case import Case
from validators.differences import PlainPath

_NAMES = frozenset({"sid", "Sid", "description", "Description"})
"""What a policy or rule is called, and said to be for: two samples may word it differently and mean the same."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The share of samples that must agree, and how it was come by."""

    share: float
    fitted: str
    source: str


@cache
def threshold() -> Threshold:
    """The threshold that ships; CorpusInvalid when its file does not say how it was come by."""
    import yaml

    data = yaml.safe_load((files("validators") / "confidence.yaml").read_text("utf-8"))
    share, fitted, source = data.get("threshold"), data.get("fitted"), data.get("source")
    if (
        not isinstance(share, int | float)
        or not 0 < share <= 1
        or fitted not in ("provisional", "measured")
        or not source
    ):
        raise CorpusInvalid("validators/confidence.yaml: a threshold has a share, how it was fitted, and a source")
    return Threshold(float(share), fitted, str(source))


def check(case: Case) -> Verdict:
    """Fail a model's draft with which too few of the other samples agree; one sample alone agrees with nothing."""
    if case.draft.origin != "model":
        return case.verdict("confidence", "not_applicable", "it was not drawn from a model")
    if not case.alternatives:
        return case.verdict("confidence", "fail", "one sample alone says nothing of how sure the model is")
    drawn, same = 1 + len(case.alternatives), agreeing(case)
    said = f"{same} of {drawn} samples agree"
    return case.verdict("confidence", "pass" if same / drawn >= threshold().share else "fail", said)


def agreeing(case: Case) -> int:
    """How many of the samples, this draft's among them, make the same of what the targets' checks read."""
    mine = _reading(case, case.patched.after)
    return 1 + sum(_read_by(case, other) == mine for other in case.alternatives)


def _read_by(case: Case, other: Patch) -> object:
    """What the checks read after another sample's patch; None when it makes no tree, or the same tree as before."""
    try:
        patched = apply(case.patched.before, other.edits)
    except InvalidEdit:
        return None
    return _reading(case, patched.after) if patched.files else None


def _reading(case: Case, snapshot: Snapshot) -> list[str]:
    """What stands, in every root of the targets, at the paths that their checks read: on the targets themselves, and on
    resources of the types that they look at beside it. What is new has no name here, only a type."""
    out: list[str] = []
    for root in case.roots:
        mine = [
            (o.address, case.checks[target.check])
            for target in case.targets
            for o in target.occurrences
            if (o.root, o.environment) == (root.folder, root.environment)
        ]
        if not mine:
            continue
        before = case.before.world(root.folder, root.environment)
        world = case.evaluated(snapshot, root)
        known = frozenset(before.by_address) if before else frozenset()
        for address, of in mine:
            out.append(_told(address, world.by_address.get(address), lambda kind, of=of: read_paths(of, kind), known))
        for type, paths in _beside([of for _, of in mine]).items():
            found = [
                _told(r.address if r.address in known else "", r, lambda _, paths=paths: paths, known)
                for r in _of_type(world, type)
            ]
            out += [f"{type} {each}" for each in sorted(found)]
    return out


def _of_type(world: World, type: str) -> Sequence[Resource]:
    return [r for r in world.by_type.get(type, ()) if r.mode in ("managed", "object")]


def _beside(checks: Sequence[Check]) -> Mapping[str, list[PlainPath]]:
    """The types that checks look at beside their subject, and what they read there."""
    out: dict[str, list[PlainPath]] = {}
    for each in checks:
        for type, paths in linked_paths(each).items():
            out.setdefault(type, []).extend(paths)
        for node in each.nodes():
            if isinstance(node, Exists | Linked):
                for type in node.types:
                    out.setdefault(type, [])
    return out


def _told(address: str, resource: Resource | None, paths: Any, known: frozenset[str]) -> str:
    if resource is None:
        return f"{address} gone"
    body = _normal(plain(resource.body, sensitive=True), known)
    wanted = {tuple(step for step in path if not step.startswith("[")) for path in paths(resource.type)}
    read = {".".join(path): list(_at(body, path)) for path in sorted(wanted)}
    return f"{address} {json.dumps(read, sort_keys=True, default=str)}"


def _at(data: Any, path: PlainPath) -> Iterator[Any]:
    """What stands at a path of names, in each element of the lists on the way."""
    if isinstance(data, list):
        for item in data:
            yield from _at(item, path)
    elif not path:
        yield data
    elif isinstance(data, dict) and path[0] in data:
        rest = data[path[0]]
        yield from rest if len(path) == 1 and isinstance(rest, list) else _at(rest, path[1:])


def _normal(data: Any, known: frozenset[str]) -> Any:
    """The data without what says the same in other words: names of what is new, the order of lists, a list of one."""
    if isinstance(data, dict):
        if "$ref" in data:
            return {"$ref": _nameless(str(data["$ref"]), known)}
        # The names of condition keys are not case-sensitive:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
        return {
            key.lower() if ":" in key else key: _normal(value, known)
            for key, value in data.items()
            if key not in _NAMES
        }
    if isinstance(data, list):
        items = sorted(
            (_normal(item, known) for item in data), key=lambda item: json.dumps(item, sort_keys=True, default=str)
        )
        return items[0] if len(items) == 1 and not isinstance(items[0], dict) else items
    return data


def _nameless(reference: str, known: frozenset[str]) -> str:
    """A reference to what is new, by its type and attribute alone."""
    parts = reference.split(".")
    for length in range(len(parts), 1, -1):
        if ".".join(parts[:length]) in known:
            return reference
    return ".".join((parts[0], *parts[2:])) if len(parts) > 2 else reference
