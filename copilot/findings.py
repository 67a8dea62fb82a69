"""Judgements of resources to findings: where each lives, what it is called, which instances it gathers.

A finding lives where its value was written. Written in a module: one finding, whoever calls it. Written by a caller
(an argument, a variable file): one finding for each caller. One resource may fail a check in several elements (three
open rules); each is a finding of its own, named by what the check read of it.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from copilot.checks.evaluate import Judgement
from copilot.checks.language import All, AnyOf, Linked, Network, PolicyCondition, Quantified, Subject, nodes
from copilot.model import (
    Finding,
    Known,
    Map,
    Occurrence,
    Outcome,
    Places,
    Resource,
    Status,
    Value,
    World,
    fingerprint,
    plain,
    without_keys,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a resource: the leaves that make it so, and what names it among its like.

    Elements that read alike are one fault; `count` says how many there are.
    """

    leaves: tuple[Outcome, ...]
    element: str
    count: int = 1

    @property
    def name(self) -> str:
        """What a fingerprint says of it: the path, where there is one, and the element's name."""
        paths = {leaf.path for leaf in self.leaves}
        if self.element:
            return f"{self.leaves[0].path}#{self.element}"
        return self.leaves[0].path if len(paths) == 1 else ""


def gather(world: World, judgements: Iterable[Judgement]) -> tuple[Finding, ...]:
    """The findings (failed and undecided) of one world; instances of one resource are occurrences of one finding."""
    found: dict[str, Finding] = {}
    for judgement in judgements:
        if judgement.verdict == "fail":
            for fault in faults(judgement.outcome):
                _add(found, _finding(world, judgement, fault, "fail"))
        elif judgement.verdict == "undecided":
            leaves = tuple(judgement.outcome.culprits(None))[:1] or (judgement.outcome,)
            _add(found, _finding(world, judgement, Fault(leaves, ""), "undecided"))
    return tuple(found.values())


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of several worlds: those of one fingerprint and status become one, with all their occurrences."""
    found: dict[str, Finding] = {}
    for finding in findings:
        _add(found, finding)
    return tuple(found.values())


def _add(found: dict[str, Finding], finding: Finding) -> None:
    key = f"{finding.status} {finding.fingerprint}"
    before = found.get(key)
    if before is None:
        found[key] = finding
        return
    known = {(o.root, o.environment, o.address) for o in before.occurrences}
    fresh = tuple(o for o in finding.occurrences if (o.root, o.environment, o.address) not in known)
    callers = tuple(dict.fromkeys((*before.callers, *finding.callers)))
    found[key] = replace(before, occurrences=(*before.occurrences, *fresh), callers=callers)


def faults(outcome: Outcome) -> list[Fault]:
    """The separate things wrong below a false outcome: one for each element at fault, else all leaves together."""
    found: dict[tuple[str, tuple[str, ...]], Fault] = {}
    for leaves, element in _units(outcome, False):
        digest = "" if element is None else _digest(leaves, element)
        key = (digest, tuple(sorted({leaf.path for leaf in leaves})))
        before = found.get(key)
        if before is None:
            found[key] = Fault(tuple(leaves), digest)
        else:
            found[key] = Fault((*before.leaves, *leaves), digest, before.count + 1)
    return list(found.values()) or [Fault((outcome,), "")]


def _units(node: Outcome, wanted: bool) -> list[tuple[list[Outcome], str | None]]:
    """Groups of leaves, each a fault of its own; with the name of the element of a collection that it is ("" for
    elements without names), or None."""
    condition = node.condition
    if not node.children:
        # A rule is an element even where it is the only one at fault, so that a second one is news.
        rule = isinstance(node.condition, Network) and node.value is not None
        return [([node], "" if rule else None)]
    inner = (not wanted) if getattr(condition, "negates", False) else wanted
    guilty = [child for child in node.children if child.truth is inner]
    if not guilty:
        return [([node], None)]
    if _by_element(condition, wanted):
        out: list[tuple[list[Outcome], str | None]] = []
        for child in guilty:
            leaves = [leaf for unit, _ in _units(child, inner) for leaf in unit]
            out.append((leaves, _element_name(child)))
        return out
    below = [_units(child, inner) for child in guilty]
    if len(below) == 1:
        return below[0]
    if isinstance(condition, All) and any(unit[1] is not None for units in below for unit in units):
        elements = [unit for units in below for unit in units if unit[1] is not None]
        rest = [leaf for units in below for unit, element in units if element is None for leaf in unit]
        return [*elements, (rest, None)] if rest else elements
    return [([leaf for units in below for unit, _ in units for leaf in unit], None)]


def _by_element(condition: object, wanted: bool) -> bool:
    """Whether each guilty child is an element that is at fault by itself (a `some` that found none is not)."""
    match condition:
        case Quantified(quantifier="every" | "none"):
            return not wanted
        case Quantified(quantifier="some"):
            return wanted
        case Linked(quantifier="every" | "none"):
            return not wanted
        case Linked(quantifier="some"):
            return wanted
        case Network() | PolicyCondition():
            return True
        case Subject(kind="container"):
            return not wanted
    return False


def _element_name(outcome: Outcome) -> str:
    """The name of a container, which tells it from others that lack the same thing."""
    name = outcome.value.items.get("name") if isinstance(outcome.value, Map) else None
    return str(name.value) if isinstance(name, Known) else ""


def _digest(leaves: Sequence[Outcome], name: str) -> str:
    """A name for an element by what the check read of it; "" when it read nothing that tells it from another."""
    values = [None if isinstance(leaf.condition, PolicyCondition) else leaf.value for leaf in leaves]
    if not name and all(value is None for value in values):
        return ""
    read = [name, *([leaf.path, _read(value)] for leaf, value in zip(leaves, values, strict=True))]
    return hashlib.sha256(json.dumps(read, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _read(value: Value | None) -> object:
    return None if value is None else plain(value, sensitive=True)


def _finding(world: World, judgement: Judgement, fault: Fault, status: Status) -> Finding:
    resource, check = judgement.resource, judgement.check
    first = _telling(judgement.outcome, fault) if status == "fail" else fault.leaves[0]
    culprit = world.by_address.get(first.address, resource) if first.address else resource
    places: Places = first.places or (culprit.header,)
    level = _level(world, resource, places[-1].path)
    if level:
        lives_in, address = _frames(resource)[level], _local_address(resource, level)
        folder = lives_in
    else:
        lives_in, address = resource.folder, resource.address
        folder = world.root.folder
        if places[-1].path in world.root.var_files:
            folder = f"{folder}@{world.root.environment}"
    occurrence = Occurrence(world.root.folder, world.root.environment, resource.address, judgement.outcome)
    return Finding(
        check=check.id, control=check.control, severity=check.severity, status=status,
        message=_sentence(check.message), address=address, folder=lives_in, path=first.path, places=places,
        fingerprint=fingerprint(check.id, folder, address, fault.name), occurrences=(occurrence,),
        callers=resource.callers[level - 1 : level] if level else (), reason=first.reason,
    )  # fmt: skip


def _telling(outcome: Outcome, fault: Fault) -> Outcome:
    """The leaf of a fault that says best what is wrong: the first, unless another of several alternatives says it better."""
    mine = frozenset(map(id, fault.leaves))
    node, wanted, better = outcome, False, False
    while node.children:
        negated = getattr(node.condition, "negates", False)
        wanted = wanted != negated
        guilty = [
            c for c in node.children if c.truth is wanted and any(id(leaf) in mine for leaf in c.culprits(wanted))
        ]
        if not guilty:
            break
        alternatives = isinstance(node.condition, AnyOf) and wanted is False
        node = _best(guilty) if alternatives else guilty[0]
        better = better or node is not guilty[0]
    return node if better and id(node) in mine else fault.leaves[0]


def _best(alternatives: Sequence[Outcome]) -> Outcome:
    """Of several failed conditions, of which one would do, the one to tell: what is about this resource (the engine is
    postgres, so what is asked of mysql says nothing) or written as off, else what has a fix, else the first."""
    first = alternatives[0]
    if _applies(first) or (isinstance(first.value, Known) and first.value.value is False):
        return first
    near = [each for each in alternatives if _applies(each)] if isinstance(first.condition, All) else []
    repaired = [each for each in alternatives if _has_fix(each.condition)]
    return (*near, *repaired, first)[0]


def _applies(alternative: Outcome) -> bool:
    """Whether what comes first of several conditions holds, which is what the others are asked for."""
    return isinstance(alternative.condition, All) and alternative.children[0].truth is True


def _has_fix(condition: Any) -> bool:
    return any(getattr(node, "fix", None) is not None for node in nodes(condition))


def parts(finding: Finding, occurrence: Occurrence) -> Mapping[str, int]:
    """The paths at fault in one instance, of a finding whose elements have no names; how often each, where they are
    elements that read alike. Empty for a named element.

    They tell a finding that got worse from one that got better, whatever it is called.
    """
    leaves = leaves_of(finding, occurrence)
    for fault in faults(occurrence.outcome):
        if fault.leaves == leaves and not fault.element:
            return {leaf.path: fault.count for leaf in leaves}
    return {}


def leaves_of(finding: Finding, occurrence: Occurrence) -> tuple[Outcome, ...]:
    """The leaves at fault in one instance of a finding: those of the finding's own element."""
    candidates = faults(occurrence.outcome)
    if len(candidates) == 1:
        return candidates[0].leaves
    for fault in candidates:
        for folder, address in _names(finding, occurrence):
            if fingerprint(finding.check, folder, address, fault.name) == finding.fingerprint:
                return fault.leaves
    same = [fault for fault in candidates if fault.leaves[0].places[-1:] == finding.places[-1:]]
    return same[0].leaves if same else candidates[0].leaves


def _names(finding: Finding, occurrence: Occurrence) -> Iterator[tuple[str, str]]:
    yield finding.folder, without_keys(finding.address)
    yield occurrence.root, without_keys(occurrence.address)
    yield f"{occurrence.root}@{occurrence.environment}", without_keys(occurrence.address)


def _frames(resource: Resource) -> tuple[str, ...]:
    """The folders through which a resource is reached: the root's, those of the modules that call on, its own."""
    return (*(posixpath.dirname(call.path) for call in resource.callers), resource.folder)


def _level(world: World, resource: Resource, path: str) -> int:
    """How many calls lead to the module that a file belongs to; 0 for the root, its variable files and what lies in
    no module. A file below a module's folder that is no other frame's own (a template) belongs to that module."""
    if path in world.root.var_files:
        return 0
    frames, folder = _frames(resource), posixpath.dirname(path)
    for level in reversed(range(len(frames))):
        if frames[level] == folder:
            return level
    for level in reversed(range(len(frames))):
        if not frames[level] or folder.startswith(f"{frames[level]}/"):
            return level
    return 0


_CALL = re.compile(r"module\.[^.\[]+\.")


def _local_address(resource: Resource, level: int) -> str:
    """The address of a resource as the module that so many calls lead to sees it, without keys."""
    address = without_keys(resource.address)
    for _ in range(level):
        address = _CALL.sub("", address, count=1) if _CALL.match(address) else address
    return address


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return text[:1].upper() + text[1:]


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which people should read them; the same for the same findings."""
    return tuple(
        sorted(
            findings,
            key=lambda f: (-f.severity, f.check, f.place.path, f.place.start, f.address, f.fingerprint),
        )
    )


def by_fingerprint(findings: Iterable[Finding]) -> Mapping[str, Finding]:
    """The findings under their names."""
    return {finding.fingerprint: finding for finding in findings}


def settled(failing: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """What failed before and is not there after.

    What only reads differently now, because another element of what the check read as a whole has changed, is not
    settled: the same check still fails on the same resource under a name that is new.
    """
    before, later = tuple(failing), tuple(after)
    left = {f.fingerprint for f in later}
    known = {f.fingerprint for f in before}
    reworded = {
        (f.check, o.root, o.environment, o.address)
        for f in later
        if f.status == "fail" and f.fingerprint not in known
        for o in f.occurrences
    }
    return tuple(
        f
        for f in before
        if f.fingerprint not in left
        and not any((f.check, o.root, o.environment, o.address) in reworded for o in f.occurrences)
    )
