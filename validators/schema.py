"""schema: the draft is complete and says what it is for."""

from __future__ import annotations

from copilot.model import Verdict
from validators.case import Case

MAX_EDITS = 60
MAX_SUMMARY = 600


def check(case: Case) -> Verdict:
    """Pass when the draft names known findings, edits something, and describes itself in a line of sane length."""
    draft = case.draft
    known = {target.fingerprint for target in case.targets}
    if not draft.findings:
        return case.verdict("schema", "fail", "it settles no finding")
    strangers = sorted(set(draft.findings) - known)
    if strangers:
        return case.verdict("schema", "fail", f"it names findings that are not there: {', '.join(strangers)}")
    if any(target.status != "fail" for target in case.targets):
        return case.verdict("schema", "fail", "it is for something that does not fail")
    if not draft.edits:
        return case.verdict("schema", "fail", "it edits nothing")
    if len(draft.edits) > MAX_EDITS:
        return case.verdict("schema", "fail", f"more than {MAX_EDITS} edits")
    if not draft.summary.strip() or len(draft.summary) > MAX_SUMMARY or "\n" in draft.summary:
        return case.verdict("schema", "fail", f"the summary is one line of at most {MAX_SUMMARY} characters")
    return case.verdict("schema", "pass", "complete")
