"""`ccopilot judge`: the gate for a patch that somebody else wrote, whoever that was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from copilot import __version__, gate, roots
from copilot.changes import Change
from copilot.edits.patched import apply, edits_between
from copilot.errors import InvalidEdit
from copilot.findings import merge, settled
from copilot.model import Approved, Finding, Patch, Verdict, Withheld
from copilot.pipeline import Settings, case_of


@dataclass(frozen=True)
class Judged:
    """A patch, the findings that it settles (or should), every verdict, and whether it is approved."""

    approved: bool
    reason: str
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    replaces: tuple[str, ...]
    diff: str


def judge(change: Change, settings: Settings, *, checks: frozenset[str] = frozenset()) -> Judged:
    """Hold the difference between two trees to the gate.

    It settles the findings that fail before and pass after; with `checks`, those of these checks that fail before on
    what it changes, whether or not they pass after. A patch that settles nothing is not approved.
    """
    assessor = settings.assessor()
    found = roots.find_roots(change.before, settings.policy, settings.under, cache=assessor.cache).roots
    affected = roots.affected(found, change.before, change.after, change.paths, cache=assessor.cache)
    before = assessor.assess(change.before, affected)
    after = assessor.assess(change.after, affected)
    failing = [f for f in merge(before.findings) if f.status == "fail" and not settings.policy.excludes(f.place.path)]
    targets = list(settled(failing, after.findings))
    # What no longer applies is not settled by it, unless that is all there is: then the patch claims no better.
    targets = [
        f for f in targets
        if any(after.verdicts.get((f.check, o.root, o.environment, o.address)) in ("pass", "fail") for o in f.occurrences)
    ] or targets  # fmt: skip
    if checks:
        mended = {f.fingerprint for f in targets}
        targets = [f for f in failing if f.check in checks and (f.fingerprint in mended or _near(f, change))]
    if not change.paths:
        return Judged(False, "the two trees are the same", (), (), (), "")
    try:
        edits = edits_between(change.before, change.after)
        patch = Patch(
            tuple(f.fingerprint for f in targets), edits, "foreign", "unknown", f"a patch of {len(edits)} edits"
        )  # fmt: skip
        patched = apply(change.before, edits)
    except InvalidEdit as error:
        empty = Patch(tuple(f.fingerprint for f in targets), (), "foreign", "unknown", "a patch")
        withheld = gate.inapplicable(empty, error)
        return Judged(False, withheld.reason, tuple(targets), withheld.verdicts, (), "")
    if not targets:
        return Judged(False, "it settles no finding: nothing that failed before passes after", (), (), (), patched.diff)
    case = case_of(patch, patched, targets, before, assessor, settings)
    decided = gate.judge(case, exhaustive=True)
    match decided:
        case Approved(verdicts=verdicts, replaces=replaces):
            return Judged(True, "every validator passes", tuple(targets), verdicts, replaces, patched.diff)
        case Withheld(verdicts=verdicts, reason=reason):
            return Judged(False, reason, tuple(targets), verdicts, (), patched.diff)


def _near(finding: Finding, change: Change) -> bool:
    return any(place.path in change.paths for place in finding.places)


def as_data(judged: Judged) -> Mapping[str, Any]:
    """The answer as JSON data."""
    return {
        "version": 1,
        "tool": {"name": "ccopilot", "version": __version__},
        "approved": judged.approved,
        "reason": judged.reason,
        "findings": [
            {"fingerprint": f.fingerprint, "check": f.check, "control": f.control, "severity": str(f.severity),
             "address": f.address, "path": f.place.path, "line": f.place.line}
            for f in judged.findings
        ],
        "verdicts": [{"validator": v.validator, "outcome": v.outcome, "reason": v.reason} for v in judged.verdicts],
        "replaces": list(judged.replaces),
    }  # fmt: skip


def as_json(judged: Judged) -> str:
    """The answer as JSON."""
    return json.dumps(as_data(judged), indent=2, ensure_ascii=False) + "\n"


def as_text(judged: Judged) -> str:
    """The answer for a terminal."""
    from copilot.render.escape import visible

    lines = [f"{'approved' if judged.approved else 'not approved'}: {judged.reason}", ""]
    if judged.findings:
        lines.append("settles" if judged.approved else "is about")
        lines += [f"  {f.severity!s:9} {f.check}  {f.address}  {f.place}" for f in judged.findings]
        lines.append("")
    marks = {"pass": "pass", "fail": "FAIL", "unknown": "UNKNOWN", "not_applicable": "n/a"}
    lines += [f"  {marks[v.outcome]:8} {v.validator:16} {v.reason}" for v in judged.verdicts]
    if judged.replaces:
        lines += ["", f"applying it destroys and makes anew: {', '.join(judged.replaces)}"]
    return "\n".join(visible(line) for line in lines) + "\n"
