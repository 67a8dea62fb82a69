"""The record of a review: digests of everything it read, and each draft with each verdict. Plain JSON data.

The same inputs, corpus and settings on the same day give the same record, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from copilot.model import Abstained, Approved, Conclusion, Drafting, Finding, Gap, Remedy, RootReport, Verdict
from copilot.snapshot import Snapshot

VERSION = 1


def inputs_digest(snapshot: Snapshot, paths: Iterable[str]) -> str:
    """SHA-256 over the files that were read, by path and content."""
    total = hashlib.sha256()
    for path in sorted(set(paths)):
        data = snapshot.read(path)
        content = hashlib.sha256(data).hexdigest() if data is not None else "-"
        total.update(f"{path}\0{content}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def make(
    *, kind: str, subject: str, engine: str, corpus: str, settings: Mapping[str, str], inputs: Mapping[str, str],
    today: date, roots: Iterable[RootReport], findings: Iterable[Finding], gaps: Iterable[Gap],
    remedies: Mapping[str, Remedy], conclusion: Conclusion,
) -> Mapping[str, Any]:  # fmt: skip
    """The record, with its own digest under `digest`."""
    record: dict[str, Any] = {
        "version": VERSION,
        "kind": kind,
        "subject": subject,
        "engine": engine,
        "date": today.isoformat(),
        "inputs": dict(inputs),
        "corpus": corpus,
        "settings": dict(settings),
        "roots": [
            {"root": r.name, "environment": r.environment, "files": r.files, "resources": r.resources,
             "passed": r.passed, "failed": r.failed, "undecided": r.undecided, "not_applicable": r.not_applicable}
            for r in roots
        ],
        "findings": [
            {"fingerprint": f.fingerprint, "check": f.check, "control": f.control, "status": f.status,
             "relation": f.relation, "enforcement": f.enforcement, "exempt": f.exempt, "exempt_note": f.exempt_note,
             "requested": f.requested, "severity": str(f.severity), "address": f.address, "place": str(f.place),
             "occurrences": [[o.root, o.environment, o.address] for o in f.occurrences]}
            for f in findings
        ],
        "gaps": [{"kind": g.kind, "reason": g.reason, "path": g.path, "line": g.line} for g in gaps],
        "drafts": list(_drafts(remedies)),
        "conclusion": {"state": conclusion.state, "exit_code": conclusion.exit_code, "title": conclusion.title},
    }  # fmt: skip
    return {**record, "digest": digest(record)}


def digest(record: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a record without its `digest`."""
    data = {key: value for key, value in record.items() if key != "digest"}
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _drafts(remedies: Mapping[str, Remedy]) -> Iterable[dict[str, Any]]:
    seen: set[int] = set()
    for fingerprint in sorted(remedies):
        remedy = remedies[fingerprint]
        if id(remedy) in seen:
            continue
        seen.add(id(remedy))
        if isinstance(remedy, Abstained):
            yield {
                "outcome": "abstained",
                "findings": list(remedy.findings),
                "reason": remedy.reason,
                "needs": list(remedy.needs),
                **_drafting(remedy.drafting),
            }
            continue
        draft = remedy.draft
        common = {
            "findings": list(draft.findings), "draft": draft.digest, "origin": draft.origin, "safety": draft.safety,
            "summary": draft.summary, "sources": list(draft.sources), "verdicts": [_verdict(v) for v in remedy.verdicts],
            **({"cites": [[c.passage, c.quote] for c in draft.cites]} if draft.cites else {}),
            **_drafting(draft.drafting),
        }  # fmt: skip
        if isinstance(remedy, Approved):
            yield {"outcome": "approved", **common, "replaces": list(remedy.replaces)}
        else:
            yield {"outcome": "withheld", **common, "reason": remedy.reason}


def _drafting(how: Drafting | None) -> dict[str, Any]:
    """Which model drafted, and each call with its prompt and what it cost; nothing for what no model had a part in."""
    return {} if how is None else {"drafting": asdict(how)}


def _verdict(verdict: Verdict) -> dict[str, str]:
    return {
        "validator": verdict.validator, "outcome": verdict.outcome, "reason": verdict.reason,
        "draft": verdict.draft, "tree": verdict.tree,
    }  # fmt: skip
