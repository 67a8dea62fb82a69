"""Edits apply exactly or not at all, and lead back from two trees."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.edits.patched import Hunk, Patched, Replacement, apply, as_edits, edits_between
from copilot.errors import InvalidEdit
from copilot.model import Edit
from copilot.snapshot import Snapshot


def files(snapshot: Snapshot) -> dict[str, bytes | None]:
    return {path: snapshot.read(path) for path in snapshot.paths}


def test_edits_change_what_they_name_and_nothing_else() -> None:
    before = Snapshot.of({"a.tf": "x = 1\r\ny = 2", "b.tf": "gone\n", "c.tf": "kept\n"})
    patched = apply(
        before,
        [Edit("a.tf", "1", "3"), Edit("a.tf", "2", "4"), Edit("b.tf", "gone\n", None), Edit("d/e.tf", "", "new")],
    )
    assert files(patched.after) == {"a.tf": b"x = 3\r\ny = 4", "c.tf": b"kept\n", "d/e.tf": b"new"}
    assert patched.files == ("a.tf", "b.tf", "d/e.tf")
    assert before.read("a.tf") == b"x = 1\r\ny = 2"


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ([Edit("a.tf", "z", "y")], "a.tf: text not found: 'z'"),
        ([Edit("a.tf", "aa", "b")], "a.tf: text found more than once: 'aa'"),
        ([Edit("a.tf", "x = 1", "x = 1")], "a.tf: the edit changes nothing"),
        ([Edit("a.tf", "x = 1", "y"), Edit("a.tf", "= 1\n", "z")], "a.tf: edits overlap"),
        ([Edit("a.tf", "x = 1", "y"), Edit("a.tf", "aaa\nx = 1\n", None)], "a.tf: edits overlap: one of them is about the whole file"),
        ([Edit("a.tf", "", "new")], "a.tf: the file exists"),
        ([Edit("a.tf", "aaa\n", None)], "a.tf: the text of the file to remove is another"),
        ([Edit("n.tf", "x", "y")], "n.tf: there is no such file"),
        ([Edit("n.tf", "x", None)], "n.tf: there is no such file"),
        ([Edit("bin", "x", "y")], "bin: the file is not UTF-8 text"),
        ([Edit("../a.tf", "", "x")], "../a.tf: not a path inside the tree"),
        ([Edit("m/../../a.tf", "", "x")], "m/../../a.tf: not a path inside the tree"),
        ([Edit("/etc/x", "", "x")], "/etc/x: not a path inside the tree"),
        ([Edit("m\\a.tf", "", "x")], "m\\a.tf: not a path inside the tree"),
        ([Edit(".GIT/config", "", "x")], ".GIT/config: git's own files are not edited"),
        ([Edit("m", "", "x")], "m: it is a folder"),
        ([Edit("a.tf/b", "", "x")], "a.tf/b: a.tf is a file, not a folder"),
        ([Edit("p", "", "x"), Edit("p/q", "", "x")], "p: p/q would make it a folder"),
        ([Edit("a\nb", "", "x")], "'a\\nb': a path with control characters, or one that is not Unicode"),
        ([Edit("n.tf", "", "\ud800")], "n.tf: the edit's text is not Unicode"),
    ],
)  # fmt: skip
def test_an_edit_that_does_not_apply_exactly_says_why(edits: list[Edit], reason: str) -> None:
    before = Snapshot.of({"a.tf": "aaa\nx = 1\n", "m/b.tf": "", "bin": b"\xff"})
    with pytest.raises(InvalidEdit) as error:
        apply(before, edits)
    assert str(error.value) == reason


def test_an_empty_file_is_written_like_one_that_is_not_there() -> None:
    before = Snapshot.of({"a.tf": ""})
    assert files(apply(before, [Edit("a.tf", "", "x")]).after) == {"a.tf": b"x"}


def test_a_tree_is_named_by_what_changed_and_from_what() -> None:
    before = Snapshot.of({"a.tf": "x = 1\ny = 1\n"})
    one = apply(before, [Edit("a.tf", "x = 1", "x = 2")])
    same = apply(before, [Edit("a.tf", "x = 1\ny", "x = 2\ny")])
    other = apply(before, [Edit("a.tf", "x = 1", "x = 3")])
    elsewhere = apply(Snapshot.of({"a.tf": "x = 0\ny = 1\n"}), [Edit("a.tf", "x = 0", "x = 2")])
    assert one.tree == same.tree
    assert len({one.tree, other.tree, elsewhere.tree, apply(before, []).tree}) == 4


def test_each_hunk_can_be_undone_alone() -> None:
    before = Snapshot.of({"a.tf": "a\nb\nc\n", "gone.tf": "g\n"})
    patched = apply(before, edits_between(before, Snapshot.of({"a.tf": "A\nb\nC\nd\n", "new.tf": "n\n"})))
    assert patched.hunks == (
        Hunk("a.tf", (1, 2), (1, 2), Edit("a.tf", "a\n", "A\n")),
        Hunk("a.tf", (3, 4), (3, 5), Edit("a.tf", "c\n", "C\nd\n")),
        Hunk("gone.tf", (1, 2), (1, 1), Edit("gone.tf", "g\n", None)),
        Hunk("new.tf", (1, 1), (1, 2), Edit("new.tf", "", "n\n")),
    )
    assert files(patched.without(patched.hunks[:1]).after) == {"a.tf": b"a\nb\nC\nd\n", "new.tf": b"n\n"}
    assert files(patched.without(patched.hunks[2:]).after) == {"a.tf": b"A\nb\nC\nd\n", "gone.tf": b"g\n"}
    assert patched.without(patched.hunks).files == ()


def test_a_diff_is_the_one_git_takes(tmp_path: Path) -> None:
    old = {"a.tf": "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\r\n", "gone é.tf": "g", "m/x y.tf": "no\nend"}
    new = {"a.tf": "1\n2\nthree\n4\n5\n6\n7\n8\n9\n10\r\n11\r\n", "m/x y.tf": "no\nEND", "new.tf": "n\n", "empty": ""}
    before = Snapshot.of(old)
    patched = apply(before, edits_between(before, Snapshot.of(new)))
    assert patched.diff.split("diff --git ")[1] == (
        "a/a.tf b/a.tf\n--- a/a.tf\n+++ b/a.tf\n@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n"
        "@@ -8,3 +8,4 @@\n 8\n 9\n 10\r\n+11\r\n"
    )
    for path, text in old.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patched.diff.encode(), check=True, capture_output=True)
    assert files(Snapshot.from_folder(tmp_path)) == files(patched.after)


def test_an_added_block_starts_at_its_own_header_in_the_diff() -> None:
    block = "resource {\n  x = 1\n}\n\n"
    before = Snapshot.of({"a.tf": block.replace("1", "0") + block.replace("1", "2")})
    after = Snapshot.of({"a.tf": block.replace("1", "0") + block + block.replace("1", "2")})
    (hunk,) = apply(before, edits_between(before, after)).hunks
    assert (hunk.before, hunk.after) == ((5, 5), (5, 9))


def test_replacements_widen_to_lines_until_their_text_is_the_only_one() -> None:
    before = Snapshot.of({"a.tf": "a {\n  x = 1\n}\nb {\n  x = 1\n}\n"})
    at = b"a {\n  x = 1\n}\nb {\n  x = ".rindex(b" ") + 1
    assert as_edits(before, [Replacement("a.tf", at, at + 1, b"2")]) == (
        Edit("a.tf", "b {\n  x = 1\n", "b {\n  x = 2\n"),
    )  # fmt: skip


def test_a_changed_file_that_is_not_text_has_no_edits() -> None:
    with pytest.raises(InvalidEdit, match="not UTF-8"):
        edits_between(Snapshot.of({"x": b"\xff"}), Snapshot.of({"x": b"\xfe"}))
    with pytest.raises(InvalidEdit, match="not UTF-8"):
        edits_between(Snapshot.of({}), Snapshot.of({"x": b"\xfe"}))
    assert edits_between(Snapshot.of({"x": b"\xff"}), Snapshot.of({"x": b"\xff"})) == ()


LINES = st.sampled_from(["a\n", "}\n", "\n", "  x = 1\n", "  y = 2\r\n", "res {\n", "é = 1\n", "\ufeff\n"])
TEXTS = st.builds(
    lambda lines, tail: "".join(lines) + tail, st.lists(LINES, max_size=30), st.sampled_from(["", "", "end"])
)
TREES = st.dictionaries(st.sampled_from(["a.tf", "b.tf", "m/c.tf"]), TEXTS)


@given(TREES, TREES)
def test_the_edits_between_two_trees_make_the_second_of_the_first(one: dict[str, str], two: dict[str, str]) -> None:
    before, after = Snapshot.of(one), Snapshot.of(two)
    patched = apply(before, edits_between(before, after))
    assert files(patched.after) == files(after)


@given(TEXTS, st.data())
def test_hunks_make_up_the_change_in_any_selection(text: str, data: st.DataObject) -> None:
    lines = text.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(lines)))
        lines[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(LINES, max_size=2))
    before = Snapshot.of({"a.tf": text})
    patched = apply(before, edits_between(before, Snapshot.of({"a.tf": "".join(lines)})))
    assert patched.without(()).tree == patched.tree
    for hunk in patched.hunks:
        others = [other for other in patched.hunks if other != hunk]
        alone: Patched = apply(before, [hunk.edit])
        assert alone.tree == patched.without(others).tree


@given(TEXTS, st.data())
def test_an_edit_changes_no_byte_outside_the_lines_it_names(text: str, data: st.DataObject) -> None:
    content = text.encode()
    cuts = sorted(data.draw(st.lists(st.sampled_from(_boundaries(text)), min_size=2, max_size=6)))
    changes = [
        Replacement("a.tf", start, end, data.draw(st.sampled_from([b"", b"new", b"new\n"])))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    expected = content
    for change in reversed(changes):
        expected = expected[: change.start] + change.new + expected[change.end :]
    before = Snapshot.of({"a.tf": content})
    edits = as_edits(before, changes)
    assert apply(before, edits).after.read("a.tf") == expected
    for edit in edits:
        start = text.find(edit.find)
        assert start == 0 or text[start - 1] == "\n"
        assert edit.find == "" or edit.find.endswith("\n") or text.endswith(edit.find)


def _boundaries(text: str) -> list[int]:
    return [len(text[:at].encode()) for at in range(len(text) + 1)]
