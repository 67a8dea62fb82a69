"""minimal: every hunk is needed, and every block that is new."""

from __future__ import annotations

import posixpath
import re

from copilot.edits.patched import Hunk, Replacement, apply, as_edits, edits_between
from copilot.errors import InvalidEdit
from copilot.iac import hcl
from copilot.model import Verdict
from validators import valid
from validators.case import Case


def check(case: Case) -> Verdict:
    """Fail a patch of which a hunk can be undone, or a new block left out, while every target still passes and the tree
    stays valid.

    Hunks of blank lines and comments alone change nothing and are let be, and so are those that only take away local
    values that nothing reads any more.
    """
    idle = superfluous(case)
    if idle:
        hunk = idle[0]
        return case.verdict("minimal", "fail", f"{hunk.path}:{hunk.after[0]}: the change there is not needed")
    unneeded = _unneeded_block(case)
    if unneeded:
        return case.verdict("minimal", "fail", f"{unneeded} is not needed")
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


def _unneeded_block(case: Case) -> str:
    """A new resource, data source or module that can be left out: lines that stand together may do several things."""
    known = {
        (posixpath.dirname(source.path), block.type, *block.labels)
        for source in case.sources(case.patched.before)
        for block in source.body.blocks
    }
    fresh = [
        (source, block)
        for source in case.sources(case.patched.after)
        for block in source.body.blocks
        if block.type in ("resource", "data", "module")
        and (posixpath.dirname(source.path), block.type, *block.labels) not in known
        and source.path.endswith((".tf", ".tofu"))
    ]
    if len(fresh) + len(case.patched.hunks) < 2:
        return ""
    for source, block in fresh:
        try:
            edits = as_edits(case.patched.after, [Replacement(source.path, block.start, block.end, b"")])
            after = apply(case.patched.after, edits).after
        except InvalidEdit:
            continue
        without = apply(case.patched.before, edits_between(case.patched.before, after))
        if case.settled(after) and not valid.problems(case, without):
            return f"{source.path}: {'.'.join((block.type, *block.labels))}"
    return ""


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
        lines = (tree.read(hunk.path) or b"").decode("utf-8", "replace").split("\n")[start - 1 : end - 1]
        text = "\n".join(lines)
        for comment in hcl.comments(text):
            text = text.replace(comment, "", 1)
        said.append([_ALIGNED.sub(r"\1 = ", line.strip()) for line in text.splitlines() if line.strip()])
    return said[0] == said[1]


_ALIGNED = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*=[ \t]*")
