"""The report for programs: everything of a review but its sources, as `report.schema.json` describes it.

`VERSION` changes when a field goes or changes its meaning; a field that is added is no new version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from copilot import __version__
from copilot.checks import language
from copilot.model import (
    Abstained,
    Approved,
    CheckSummary,
    Drafting,
    Finding,
    Gap,
    Outcome,
    Patch,
    Place,
    Remedy,
    Review,
    RootReport,
    Verdict,
    Withheld,
)
from copilot.render import DEFAULT, Options
from copilot.render.escape import Redaction, unicode_text
from copilot.render.story import gaps_of

VERSION: Final = 1
TOOL: Final = {"name": "compliance-copilot", "version": __version__}


def render(review: Review, options: Options = DEFAULT) -> str:
    """The review as JSON, in ASCII, with a line break at the end; the same review gives the same bytes."""
    return written(report(review), len(review.findings) + len(review.undecided))


READABLE: Final = 500
"""Up to so many findings a report is laid out for people."""


def written(data: Any, findings: int) -> str:
    """Data as JSON that shows no control character to a terminal.

    Nobody reads a long one line by line, and laying it out takes more time and memory than finding what it says.
    """
    indent = 2 if findings <= READABLE else None
    text = json.dumps(data, indent=indent, allow_nan=False)
    if "\x7f" in text:
        text = text.replace("\x7f", r"\u007f")
    text += "\n"
    return text


def report(review: Review) -> dict[str, Any]:
    """The review as plain data; texts in which a check found a credential are replaced."""
    gaps = gaps_of(review)
    data = {
        "version": VERSION,
        "tool": TOOL,
        "kind": review.kind,
        "subject": review.subject,
        "base": review.base,
        "head": review.head,
        "conclusion": {
            "state": review.conclusion.state,
            "exit_code": review.conclusion.exit_code,
            "title": review.conclusion.title,
            "blocking": review.conclusion.blocking,
            "warning": review.conclusion.warning,
            "observed": review.conclusion.observed,
        },
        "gap_counts": {
            "unread": gaps.unread,
            "lost_sight": gaps.lost_sight,
            "undecided": gaps.undecided,
            "out_of_sight": gaps.out_of_sight,
        },
        "roots": [_root(root) for root in review.roots],
        "checks": {id: _check(review.checks[id]) for id in sorted(review.checks)},
        "findings": [_finding(finding) for finding in review.findings],
        "undecided": [_finding(finding) for finding in review.undecided],
        "gaps": [_gap(gap) for gap in review.gaps],
        "notes": list(review.notes),
        "remedies": {fingerprint: _remedy(review.remedies[fingerprint]) for fingerprint in sorted(review.remedies)},
        "record": _sorted(review.record),
    }
    cleaned: dict[str, Any] = _clean(data, Redaction.of(review))
    return cleaned


def _clean(data: Any, redaction: Redaction) -> Any:
    match data:
        case str():
            return unicode_text(redaction(data))
        case Mapping():
            return {unicode_text(redaction(str(key))): _clean(value, redaction) for key, value in data.items()}
        case list() | tuple():
            return [_clean(item, redaction) for item in data]
    return data


def _sorted(data: Any) -> Any:
    match data:
        case Mapping():
            return {str(key): _sorted(data[key]) for key in sorted(data, key=str)}
        case list() | tuple():
            return [_sorted(item) for item in data]
    return data


def _root(root: RootReport) -> dict[str, Any]:
    return {
        "name": root.name,
        "environment": root.environment,
        "kind": root.kind,
        "files": root.files,
        "resources": root.resources,
        "passed": root.passed,
        "failed": root.failed,
        "undecided": root.undecided,
        "not_applicable": root.not_applicable,
    }


def _check(check: CheckSummary) -> dict[str, Any]:
    return {
        "title": check.title,
        "message": check.message,
        "rationale": check.rationale,
        "severity": str(check.severity),
        "control": check.control,
        "control_title": check.control_title,
        "frameworks": {framework: list(check.frameworks[framework]) for framework in sorted(check.frameworks)},
        "peers": list(check.peers),
        "references": list(check.references),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "check": finding.check,
        "control": finding.control,
        "severity": str(finding.severity),
        "status": finding.status,
        "relation": finding.relation,
        "enforcement": finding.enforcement,
        "exempt": finding.exempt,
        "exempt_note": finding.exempt_note,
        "exempt_until": finding.exempt_until.isoformat() if finding.exempt_until is not None else None,
        "requested": finding.requested,
        "message": finding.message,
        "reason": finding.reason,
        "address": finding.address,
        "folder": finding.folder,
        "path": finding.path,
        "place": _place(finding.place),
        "places": [_place(place) for place in finding.places],
        "callers": [_place(place) for place in finding.callers],
        "anchor": None if finding.anchor is None else _place(finding.anchor),
        "environments": list(finding.environments),
        "roots": list(finding.roots),
        "occurrences": [
            {
                "root": occurrence.root,
                "environment": occurrence.environment,
                "address": occurrence.address,
                "explanation": _explanation(occurrence.outcome),
            }
            for occurrence in finding.occurrences
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return place._asdict()


_NAMES: Final = {
    language.All: "all",
    language.AnyOf: "any",
    language.Not: "not",
    language.Linked: "linked",
    language.Exists: "exists",
    language.Network: "network",
    language.RegoCondition: "rego",
}


def condition_kind(condition: Any) -> str:
    """The word of the condition language for a node: the operator of a leaf, the quantifier, `all`, `linked` …"""
    match condition:
        case language.Leaf():
            return condition.op
        case language.Quantified():
            return condition.quantifier
        case language.PolicyCondition():
            return f"policy {condition.effect}"
    return _NAMES.get(type(condition), "")


def _explanation(outcome: Outcome) -> dict[str, Any]:
    return {
        "truth": outcome.truth,
        "condition": condition_kind(outcome.condition),
        "address": outcome.address,
        "path": outcome.path,
        "reason": outcome.reason,
        "places": [_place(place) for place in outcome.places],
        "children": [_explanation(child) for child in outcome.children],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "kind": gap.kind,
        "reason": gap.reason,
        "path": gap.path,
        "line": gap.line,
        "check": gap.check,
        "address": gap.address,
        "remedy": gap.remedy,
    }


def _remedy(remedy: Remedy) -> dict[str, Any]:
    match remedy:
        case Approved():
            return {
                "outcome": "approved",
                "draft": _draft(remedy.draft),
                "verdicts": [_verdict(verdict) for verdict in remedy.verdicts],
                "diff": remedy.diff,
                "replaces": list(remedy.replaces),
            }
        case Withheld():
            return {
                "outcome": "withheld",
                "reason": remedy.reason,
                "draft": _draft(remedy.draft),
                "verdicts": [_verdict(verdict) for verdict in remedy.verdicts],
            }
        case Abstained():
            return {
                "outcome": "abstained",
                "reason": remedy.reason,
                "needs": list(remedy.needs),
                "findings": list(remedy.findings),
                **_drafting(remedy.drafting),
            }


def _draft(draft: Patch) -> dict[str, Any]:
    return {
        "digest": draft.digest,
        "findings": list(draft.findings),
        "origin": draft.origin,
        "safety": draft.safety,
        "summary": draft.summary,
        "sources": list(draft.sources),
        "replaces": list(draft.replaces),
        "edits": [{"path": edit.path, "find": edit.find, "replace": edit.replace} for edit in draft.edits],
        **({"cites": [{"passage": c.passage, "quote": c.quote} for c in draft.cites]} if draft.cites else {}),
        **_drafting(draft.drafting),
    }


def _drafting(how: Drafting | None) -> dict[str, Any]:
    return {} if how is None else {"drafting": asdict(how)}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "validator": verdict.validator,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "draft": verdict.draft,
        "tree": verdict.tree,
    }
