"""The lines that a diff shows, held against git's own diffs."""

from __future__ import annotations

import difflib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_app.diff import FileDiff, Hunk, NoPatch, read
from tests.trees import Repository

PATCH = """@@ -1,4 +1,5 @@
 resource "a" "b" {
-  x = 1
+  x = 2
+  y = 3
   z = 4
 }
\\ No newline at end of file"""


def test_context_and_changed_lines_are_shown_on_their_sides() -> None:
    assert read("main.tf", PATCH) == FileDiff("main.tf", (Hunk(frozenset({1, 2, 3, 4}), frozenset({1, 2, 3, 4, 5})),))


def test_a_range_is_shown_only_inside_one_hunk() -> None:
    found = read("f", "@@ -1,2 +1,2 @@\n a\n-b\n+B\n@@ -3,2 +3,2 @@\n c\n-d\n+D\n")
    assert found.shows(1, 2) and found.shows(3, 4) and not found.shows(2, 3)
    assert found.shows(2, 2, "LEFT") and not found.shows(5, 5)


def test_a_file_without_a_patch_shows_nothing() -> None:
    assert not read("big.json", None).shows(1, 1)


@pytest.mark.parametrize("patch", ["x", "@@ -1,2 +1,2 @@\n a\n", "@@ -1 +1 @@\n*a\n", "@@ -1,1 +1,1 @@\n-a\n-b\n+c\n"])
def test_what_is_no_patch_is_refused(patch: str) -> None:
    with pytest.raises(NoPatch):
        read("f", patch)


_LINES = st.lists(
    st.sampled_from(["a", "b", "", "  c", "}", "\x0cform feed", "d\r", "@@ -1 +1 @@", "-dash", "+plus"]), max_size=14
)


@settings(max_examples=300, deadline=None)
@given(_LINES, _LINES, st.booleans(), st.booleans())
def test_of_any_two_texts_the_shown_lines_are_those_of_the_diff(
    old: list[str], new: list[str], end_old: bool, end_new: bool
) -> None:
    """300 diffs: what is read is held against a walk over the same diff made in another way."""
    a = [f"{line}\n" for line in old]
    b = [f"{line}\n" for line in new]
    if a and not end_old:
        a[-1] = a[-1][:-1]
    if b and not end_new:
        b[-1] = b[-1][:-1]
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    wanted = []
    text = ""
    for group in matcher.get_grouped_opcodes(3):
        left = frozenset(n + 1 for _, i, j, _, _ in group for n in range(i, j))
        right = frozenset(n + 1 for _, _, _, i, j in group for n in range(i, j))
        wanted.append(Hunk(left, right))
        i1, i2, j1, j2 = group[0][1], group[-1][2], group[0][3], group[-1][4]
        text += f"@@ -{i1 + 1 if i2 > i1 else i1},{i2 - i1} +{j1 + 1 if j2 > j1 else j1},{j2 - j1} @@\n"
        for tag, i, j, k, m in group:
            parts = [(" ", a[i:j])] if tag == "equal" else [("-", a[i:j]), ("+", b[k:m])]
            for mark, lines in parts:
                for line in lines:
                    text += mark + line + ("" if line.endswith("\n") else "\n\\ No newline at end of file\n")
    # An empty side begins at the line before it, as git writes it.
    found = read("f", text)
    assert [(len(h.left), len(h.right)) for h in found.hunks] == [(len(h.left), len(h.right)) for h in wanted]
    assert [h.right for h in found.hunks] == [h.right for h in wanted]
    assert [h.left for h in found.hunks] == [h.left for h in wanted]


def test_gits_own_diff_of_moved_deleted_and_added_blocks_reads(tmp_path: Path) -> None:
    before = "".join(f"line {n}\n" for n in range(1, 41))
    after = "".join(f"line {n}\n" for n in [*range(20, 30), *range(1, 20), 31, 32, *range(35, 41)]) + "new\n"
    repository = Repository(tmp_path / "r", {"f": before})
    repository.commit({"f": after})
    shown = subprocess.run(
        ["git", "-C", str(repository.folder), "diff", "-U3", "HEAD~1", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = read("f", shown[shown.index("@@") :])
    kept = [line for line in shown[shown.index("@@") :].splitlines() if not line.startswith("@@")]
    assert sum(len(h.right) for h in found.hunks) == sum(line[0] in " +" for line in kept)
    assert sum(len(h.left) for h in found.hunks) == sum(line[0] in " -" for line in kept)
