"""second_opinion: another scanner, which shares no code with ours, sees nothing new in what the patch writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from copilot.model import Finding, Verdict, without_keys
from copilot.scanners.checkov import CheckovFailed, Framework, Opinion
from copilot.snapshot import Snapshot
from validators.case import Case


@dataclass(frozen=True, slots=True)
class Disputed:
    """A check of the other scanner that is wrong about resources of some types, and why."""

    id: str
    types: tuple[str, ...]
    reason: str
    source: str


@cache
def disputed() -> Mapping[tuple[str, str], Disputed]:
    """What is disputed, by check id and resource type."""
    import yaml

    rows = yaml.safe_load((files("validators") / "disputed.yaml").read_text("utf-8"))
    made = [Disputed(row["id"], tuple(row["types"]), row["reason"], row["source"]) for row in rows]
    return {(each.id, type): each for each in made for type in each.types}


def check(case: Case) -> Verdict:
    """Fail a patch after which Checkov finds something at an address where it did not, cannot read a file that it could,
    or still finds what the target's check is known as. What is disputed is listed instead. On resources that the patch
    adds, what our own checks hold for less grave than the target is listed too."""
    tool = case.tools.checkov
    if tool is None:
        if case.tools.demanded:
            return case.verdict(
                "second_opinion", "unknown", "the policy wants a second opinion; there is no Checkov here"
            )
        return case.verdict("second_opinion", "not_applicable", "there is no Checkov here, and no policy asks for one")
    listed: list[str] = []
    kinds: tuple[Framework, ...] = ("terraform", "kubernetes")
    for kind in kinds:
        if not any(root.kind == kind for root in case.roots):
            continue
        try:
            before, after = (
                tool.opinion(_files(case, tree), kind) for tree in (case.patched.before, case.patched.after)
            )
        except CheckovFailed as error:
            return case.verdict("second_opinion", "unknown", str(error))
        unread = sorted(after.unread - before.unread)
        if unread:
            return case.verdict("second_opinion", "fail", f"Checkov cannot read {unread[0]} any more")
        for id, address in sorted(after.found - before.found):
            lesser = address not in before.addresses and _lesser(case, id)
            if (id, _type(address)) in disputed() or lesser:
                listed.append(f"{id} at {address}")
            else:
                return case.verdict(
                    "second_opinion", "fail", f"Checkov finds {id} at {address}, which it did not before"
                )
        for target in case.targets:
            left = _left(case, target, after)
            if left:
                return case.verdict(
                    "second_opinion", "fail", f"Checkov still finds {left}, which is {target.check} to it"
                )
    note = f"; listed only: {', '.join(listed[:6])}" if listed else ""
    return case.verdict("second_opinion", "pass", f"Checkov finds nothing new{note}")


def _files(case: Case, tree: Snapshot) -> dict[str, bytes]:
    """The files of the affected roots as they stand in a tree; what else the repository holds is not shown."""
    wanted = case.files | set(case.patched.files)
    return {path: data for path in sorted(wanted) if (data := tree.read(path)) is not None}


def _type(address: str) -> str:
    return re.sub(r"^(?:module\.[^.]+\.)+", "", without_keys(address)).partition(".")[0]


def _lesser(case: Case, id: str) -> bool:
    """Whether our checks that the id is known for are all less grave than what the patch repairs."""
    graveness = [known.severity for known in case.checks.values() if id in known.peers]
    return bool(graveness) and max(graveness) < case.severity


def _left(case: Case, target: Finding, after: Opinion) -> str:
    """A check of Checkov's that the target is known as, and that the target's resource fails after the patch."""
    peers = {peer for peer in case.checks[target.check].peers if peer.startswith("CKV")}
    for occurrence in target.occurrences:
        for id, address in sorted(after.found):
            if id in peers and _same(address, occurrence.address) and (id, _type(address)) not in disputed():
                return f"{id} at {address}"
    return ""


def _same(theirs: str, ours: str) -> bool:
    """Whether the addresses are of one resource; Checkov writes a manifest's as `Kind.namespace.name`."""
    ours = without_keys(ours)
    if theirs == ours:
        return True
    kind, _, rest = theirs.partition(".")
    return kind[:1].isupper() and ours.partition(".")[0] == kind and ours.rpartition(".")[2] == rest.rpartition(".")[2]
