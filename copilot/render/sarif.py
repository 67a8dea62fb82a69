"""SARIF 2.1.0: a result for each finding, open ones included, with exact regions, fingerprints and proved fixes.

What has no place in the format stays out (`json` holds everything). A fix is given only where applying it blindly is
no worse than reading it first: not for one that recreates a resource, makes or removes a file, or holds a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from copilot import __version__
from copilot.model import Approved, CheckSummary, Finding, Gap, Place, Review, Severity
from copilot.render import DEFAULT, Options
from copilot.render.escape import Redaction, code, markdown, sarif_text, unicode_text, uri, visible
from copilot.render.excerpts import Region, edited, region
from copilot.render.json import written
from copilot.render.story import chain, names_address, safety

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
BASE: Final = "%SRCROOT%"
LEVELS: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SCORES: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
}
"""GitHub's `security-severity`: over 9.0 is critical, 7.0 high, 4.0 medium."""

_NOTIFICATIONS: Final = {
    "unread": ("error", "A file of an affected root could not be read; the result is incomplete."),
    "lost_sight": ("warning", "A check passed before and is no longer decided."),
    "undecided": ("note", "A check met a value that the configuration does not decide."),
    "note": ("note", "An exception that does not count."),
    "out_of_sight": ("warning", "Something that is not in this repository was not looked at."),
}


def render(review: Review, options: Options = DEFAULT) -> str:
    """The review as SARIF; the same review gives the same bytes."""
    redaction = Redaction.of(review)
    every = (*review.findings, *review.undecided)
    kept = [finding for finding in every if not options.for_github or _for_github(finding)]
    rules = [review.checks[id] for id in sorted(review.checks)]
    index = {rule.id: at for at, rule in enumerate(rules)}
    invocation: dict[str, Any] = {
        "executionSuccessful": not any(gap.kind == "unread" for gap in review.gaps),
        "exitCode": review.conclusion.exit_code,
        "exitCodeDescription": unicode_text(redaction(review.conclusion.title)),
        "toolExecutionNotifications": [
            *(_notification(gap, redaction) for gap in review.gaps),
            *(
                {"descriptor": {"id": "note"}, "level": "note", "message": {"text": sarif_text(redaction(note))}}
                for note in review.notes
            ),
        ],
    }
    if options.for_github:
        left_out = [finding for finding in every if not _for_github(finding)]
        suppressed = sum(finding.exempt is not None for finding in left_out)
        invocation["properties"] = {"leftOut": {"open": len(left_out) - suppressed, "suppressed": suppressed}}
    run = {
        "tool": {
            "driver": {
                "name": "compliance-copilot",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules],
                "notifications": [
                    {"id": kind, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
                    for kind, (level, text) in _NOTIFICATIONS.items()
                ],
            }
        },
        # Code scanning compares runs of one category, which is what stands before the last slash: a review of a pull
        # request is compared with the scan of the branch it goes to, so both are of one category.
        "automationDetails": {"id": f"ccopilot/{uri(review.head.replace('/', '-'))}"},
        "originalUriBaseIds": {
            BASE: {"description": {"text": "The top of the repository, or of the folder, under review."}}
        },
        "columnKind": "utf16CodeUnits",
        "invocations": [invocation],
        "results": [_result(review, finding, index, redaction, for_github=options.for_github) for finding in kept],
        "properties": {
            "kind": review.kind,
            "subject": unicode_text(review.subject),
            "base": unicode_text(review.base),
            "head": unicode_text(review.head),
            "conclusion": review.conclusion.state,
        },
    }
    return written({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, len(kept))


def _for_github(finding: Finding) -> bool:
    return finding.status == "fail" and finding.exempt is None


# --- rules ---


def _rule(check: CheckSummary) -> dict[str, Any]:
    frameworks = {framework: list(check.frameworks[framework]) for framework in sorted(check.frameworks)}
    return {
        "id": check.id,
        "shortDescription": {"text": sarif_text(check.title)},
        "fullDescription": {"text": sarif_text(check.rationale or check.title)},
        "help": {"text": _help(check, plain=True), "markdown": _help(check, plain=False)},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
        "properties": {
            "control": check.control,
            "severity": str(check.severity),
            "security-severity": SCORES[check.severity],
            "frameworks": frameworks,
            "peers": list(check.peers),
            "tags": ["security", "compliance", check.control],
        },
    }


def _help(check: CheckSummary, *, plain: bool) -> str:
    text, name = (sarif_text, sarif_text) if plain else (markdown, code)
    mark = "" if plain else "**"
    parts = [
        f"{mark}{text(check.title)}{mark}",
        text(check.rationale),
        f"Control: {text(check.control_title)} ({name(check.control)})",
    ]
    if check.frameworks:
        rows = (
            f"- {text(framework)}: {', '.join(map(name, check.frameworks[framework]))}"
            for framework in sorted(check.frameworks)
        )
        parts.append("\n".join(("Maps to:", "", *rows)))
    if check.peers:
        parts.append(f"Known elsewhere as {', '.join(map(name, check.peers))}")
    if check.references:
        parts.append("\n".join(("References:", "", *(f"- {name(reference)}" for reference in check.references))))
    return "\n\n".join(part for part in parts if part)


# --- results ---


def _result(
    review: Review, finding: Finding, index: Mapping[str, int], redaction: Redaction, *, for_github: bool
) -> dict[str, Any]:
    check = review.checks[finding.check]
    failed = finding.status == "fail"
    text = finding.message if names_address(finding) else f"{finding.message} ({finding.address})"
    if finding.reason:
        text = f"{text}: {finding.reason}"
    location: dict[str, Any] = {
        "physicalLocation": _physical(review, finding.place),
        "logicalLocations": [{"fullyQualifiedName": unicode_text(redaction(finding.address)), "kind": "resource"}],
    }
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": index[finding.check],
        "kind": "fail" if failed else "open",
        "level": LEVELS[finding.severity] if failed else "none",
        "message": {"text": sarif_text(redaction(text))},
        "locations": [location],
        "partialFingerprints": {"ccopilot/v1": finding.fingerprint},
    }
    if for_github:
        # The only one that code scanning knows an alert again by; without it the lines around are hashed, if they are there.
        result["partialFingerprints"]["primaryLocationLineHash"] = f"{finding.fingerprint}:1"
    if related := _related(review, finding):
        result["relatedLocations"] = related
    if suppressions := _suppressions(finding, redaction):
        result["suppressions"] = suppressions
    if fix := _fix(review, finding, redaction):
        result["fixes"] = [fix]
    result["properties"] = {
        "control": finding.control,
        "severity": str(finding.severity),
        "status": finding.status,
        "relation": finding.relation,
        "enforcement": finding.enforcement,
        "environments": [unicode_text(name) for name in finding.environments],
        "frameworks": {framework: list(check.frameworks[framework]) for framework in sorted(check.frameworks)},
    }
    return result


def _physical(review: Review, place: Place) -> dict[str, Any]:
    return {"artifactLocation": _artifact(place.path), "region": _region(review.sources, place)}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": uri(path), "uriBaseId": BASE}


def _region(sources: Mapping[str, bytes], place: Place) -> dict[str, int]:
    data = sources.get(place.path)
    if data is None or not 0 <= place.start <= place.end <= len(data):
        # Columns of the place are in bytes; without the file nobody knows what that is in characters.
        return {"startLine": max(1, place.line), "endLine": max(1, place.line, place.end_line)}
    return _region_of(region(data, place.start, place.end))


def _region_of(found: Region) -> dict[str, int]:
    return {
        "startLine": found.line,
        "startColumn": found.column,
        "endLine": found.end_line,
        "endColumn": found.end_column,
    }


def _related(review: Review, finding: Finding) -> list[dict[str, Any]]:
    frames = [(step.verb, step.place) for step in chain(finding)[1:]]
    frames += [("called at", place) for place in finding.callers]
    return [
        {"id": number, "message": {"text": verb}, "physicalLocation": _physical(review, place)}
        for number, (verb, place) in enumerate(frames, 1)
    ]


def _suppressions(finding: Finding, redaction: Redaction) -> list[dict[str, Any]]:
    found = []
    if finding.exempt:
        note = finding.exempt_note or ("known in the baseline" if finding.exempt == "baseline" else finding.exempt)
        kind = "inSource" if finding.exempt == "suppressed" else "external"
        found.append(_suppression(kind, "accepted", note, redaction, finding.exempt))
    if finding.requested:
        found.append(_suppression("external", "underReview", finding.requested, redaction, "requested"))
    return found


def _suppression(kind: str, status: str, note: str, redaction: Redaction, exempt: str) -> dict[str, Any]:
    justification = visible(redaction(note))
    return {"kind": kind, "status": status, "justification": justification, "properties": {"exempt": exempt}}


def _fix(review: Review, finding: Finding, redaction: Redaction) -> dict[str, Any] | None:
    remedy = review.remedies.get(finding.fingerprint)
    if not isinstance(remedy, Approved) or remedy.replaces or remedy.draft.safety in ("replaces", "unknown"):
        return None
    replacements: dict[str, list[dict[str, Any]]] = {}
    for edit in remedy.draft.edits:
        where = edited(review.sources, edit)
        # Half a fix is none, and an edit around a secret would carry it out.
        if where is None or edit.replace is None or redaction.hides(edit.replace):
            return None
        # A BOM has no column, so it is neither deleted nor inserted.
        inserted = edit.replace.removeprefix("\ufeff") if (where.line, where.column) == (1, 1) else edit.replace
        replacements.setdefault(edit.path, []).append(
            {"deletedRegion": _region_of(where), "insertedContent": {"text": inserted}}
        )
    changes: Sequence[dict[str, Any]] = [
        {"artifactLocation": _artifact(path), "replacements": replacements[path]} for path in sorted(replacements)
    ]
    text = f"{remedy.draft.summary} ({safety(remedy)})"
    return {"description": {"text": sarif_text(redaction(text))}, "artifactChanges": changes}


# --- gaps ---


def _notification(gap: Gap, redaction: Redaction) -> dict[str, Any]:
    level, _ = _NOTIFICATIONS[gap.kind]
    about = " ".join(part for part in (gap.check, gap.address) if part)
    text = f"{about}: {gap.reason}" if about else gap.reason
    found: dict[str, Any] = {
        "descriptor": {"id": gap.kind},
        "level": level,
        "message": {"text": sarif_text(redaction(f"{text}; {gap.remedy}" if gap.remedy else text))},
    }
    if gap.path:
        place: dict[str, Any] = {"artifactLocation": _artifact(gap.path)}
        if gap.line > 0:
            place["region"] = {"startLine": gap.line}
        found["locations"] = [{"physicalLocation": place}]
    return found
