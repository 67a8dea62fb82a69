"""minimal: every hunk is needed."""

from __future__ import annotations

import re

from copilot.edits.patched import Hunk
from copilot.iac import hcl
from copilot.model import Verdict
from validators import valid
from validators.case import Case


def check(case: Case) -> Verdict:
    """Fail a patch of which a hunk can be undone while every target still passes and the tree stays valid.

    Hunks of blank lines and comments alone change nothing and are let be, and so are those that only take away local
    values that nothing reads any more.
    """
    idle = superfluous(case)
    if idle:
        hunk = idle[0]
        return case.verdict("minimal", "fail", f"{hunk.path}:{hunk.after[0]}: the change there is not needed")
    return case.verdict("minimal", "pass", f"{len(case.patched.hunks)} hunks, each needed")


def superfluous(case: Case) -> list[Hunk]:
    """The hunks that can each be undone while every target still passes and the tree stays valid."""
    hunks = case.patched.hunks
    if len(hunks) < 2:
        return []
    idle = []
    for hunk in hunks:
        if idle_by_nature(case, hunk):
            continue
        without = case.patched.without([hunk])
        if case.settled(without.after) and not valid.problems(case, without):
            idle.append(hunk)
    return idle


def idle_by_nature(case: Case, hunk: Hunk) -> bool:
    """Whether the hunk says nothing to Terraform: comments, blank lines, local values that nothing reads any more."""
    return _only_comments(case, hunk) or _tidies(case, hunk)


def _tidies(case: Case, hunk: Hunk) -> bool:
    """Whether the hunk only takes away local values (that the patched tree is valid without)."""
    if hunk.after[0] != hunk.after[1]:
        return False
    data = case.patched.before.read(hunk.path) or b""
    source = case.assessor.cache.read(hunk.path, data)
    lines = range(hunk.before[0], hunk.before[1])
    inside: set[int] = set()
    for block in source.body.blocks_of("locals"):
        place = source.place(block.start, block.end)
        inside.update(range(place.line, place.end_line + 1))
    texts = data.decode("utf-8", "replace").splitlines()
    return all(line in inside or not texts[line - 1].strip() for line in lines) and any(
        line in inside for line in lines
    )


def _only_comments(case: Case, hunk: Hunk) -> bool:
    """Whether the hunk changes comments, blank lines and the alignment of `=` alone."""
    said = []
    for tree, (start, end) in ((case.patched.before, hunk.before), (case.patched.after, hunk.after)):
        lines = (tree.read(hunk.path) or b"").decode("utf-8", "replace").splitlines()[start - 1 : end - 1]
        text = "\n".join(lines)
        for comment in hcl.comments(text):
            text = text.replace(comment, "", 1)
        said.append([_ALIGNED.sub(r"\1 = ", line.strip()) for line in text.splitlines() if line.strip()])
    return said[0] == said[1]


_ALIGNED = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*=[ \t]*")
