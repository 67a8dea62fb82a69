"""secrets: the patch carries no credential."""

from __future__ import annotations

import re

from copilot.model import Verdict
from copilot.redaction.credentials import looks_secret
from validators.case import Case

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def check(case: Case) -> Verdict:
    """Fail a patch whose added lines hold a text that looks like a credential and was not in the tree before."""
    for hunk in case.patched.hunks:
        before, after = (tree.read(hunk.path) or b"" for tree in (case.patched.before, case.patched.after))
        old = before.decode("utf-8", "replace")
        added = "\n".join(after.decode("utf-8", "replace").splitlines()[hunk.after[0] - 1 : hunk.after[1] - 1])
        for text in _QUOTED.findall(added):
            if text not in old and looks_secret(text):
                return case.verdict(
                    "secrets", "fail", f"{hunk.path}:{hunk.after[0]}: a literal that looks like a credential"
                )
    if looks_secret(case.draft.summary):
        return case.verdict("secrets", "fail", "the summary holds what looks like a credential")
    return case.verdict("secrets", "pass", "none")
