"""applies: the patch changes the tree it is for, and nothing in it that must not be read or written."""

from __future__ import annotations

from copilot.model import Verdict
from copilot.redaction import OPENING
from validators.case import Case

PLACEHOLDER = OPENING
"""How a secret is written in anything that leaves the tree; an edit that carries one would write it into a file."""


def check(case: Case) -> Verdict:
    """Pass when every edit applied exactly once and the tree differs; each `find` was looked for by `edits.apply`."""
    if not case.patched.files:
        return case.verdict("applies", "fail", "it changes nothing")
    for edit in case.draft.edits:
        if PLACEHOLDER in edit.find or PLACEHOLDER in (edit.replace or ""):
            return case.verdict("applies", "fail", f"{edit.path}: a line that holds a secret is read-only")
    return case.verdict("applies", "pass", f"{len(case.draft.edits)} edits apply exactly once")
