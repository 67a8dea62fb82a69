"""Excerpts, positions as other tools count them, and diffs in parts."""

from __future__ import annotations

from copilot.model import Edit, Place
from copilot.render.excerpts import DiffLine, Excerpt, Line, Region, diff_lines, edited, excerpt, region
from tests.copilot.render.reviews import at


def show(data: bytes, text: str) -> Excerpt:
    sources = {"f": data}
    return excerpt(sources, at("f", text, sources))


def test_an_excerpt_is_the_line_and_the_characters_that_are_meant() -> None:
    assert show(b"a = 1\n  b = true\n", "b = true") == Excerpt((Line(2, "  b = true", 2, 10),), 0)


def test_columns_are_characters_and_not_bytes() -> None:
    assert show('name = "Größe", open = true'.encode(), "open") == Excerpt(
        (Line(1, 'name = "Größe", open = true', 16, 20),), 0
    )


def test_line_endings_and_byte_order_marks_are_not_shown() -> None:
    assert show(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n", "a = 1") == Excerpt((Line(1, "a = 1", 0, 5),), 0)


def test_of_a_long_place_three_lines_are_shown_and_the_rest_is_counted() -> None:
    text = "x = [\n  1,\n  2,\n  3,\n]"
    assert show(f"{text}\n".encode(), text) == Excerpt(
        (Line(1, "x = [", 0, 5), Line(2, "  1,", 2, 4), Line(3, "  2,", 2, 4)), 2
    )


def test_a_place_that_ends_with_a_line_break_does_not_mean_the_next_line() -> None:
    assert show(b"a = 1\nb = 2\n", "a = 1\n") == Excerpt((Line(1, "a = 1", 0, 5),), 0)


def test_a_file_that_is_not_at_hand_has_no_excerpt() -> None:
    assert excerpt({}, Place("f", 0, 3, 1, 1, 1, 4)) == Excerpt((), 0)


def test_a_place_that_is_not_in_the_file_has_no_excerpt() -> None:
    assert excerpt({"f": b"a\n"}, Place("f", 40, 45, 9, 1, 9, 6)) == Excerpt((), 0)


def test_columns_of_a_region_are_utf_16_code_units() -> None:
    data = 'a = "𝒳é" # b\n'.encode()
    assert region(data, data.index(b"#"), data.index(b"b")) == Region(1, 11, 1, 13)


def test_a_byte_order_mark_has_no_column() -> None:
    assert region(b"\xef\xbb\xbfa = 1\n", 3, 8) == Region(1, 1, 1, 6)


def test_an_edit_has_a_region_when_its_text_is_there_once() -> None:
    sources = {"f": b"a = 1\nb = 1\na = 1\n"}
    found = [edited(sources, Edit("f", find, "c = 1\n")) for find in ("b = 1\n", "a = 1\n", "gone", "")]
    assert found == [Region(2, 1, 3, 1), None, None, None]


def test_an_edit_that_makes_or_removes_a_file_has_no_region() -> None:
    assert [edited({"f": b"a\n"}, edit) for edit in (Edit("g", "", "b\n"), Edit("f", "a\n", None))] == [None, None]


def test_a_diff_falls_into_files_hunks_and_lines() -> None:
    diff = (
        "diff --git a/x y.tf b/x y.tf\n--- a/x y.tf\t\n+++ b/x y.tf\t\n@@ -1,2 +1,2 @@\n same\n-old\r\n+new\r\n"
        "\\ No newline at end of file\ndiff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+one\n"
    )
    assert diff_lines(diff) == (
        DiffLine("file", "x y.tf"), DiffLine("hunk", "@@ -1,2 +1,2 @@"), DiffLine("same", "same"), DiffLine("remove", "old"),
        DiffLine("add", "new"), DiffLine("note", "No newline at end of file"), DiffLine("file", "n"),
        DiffLine("note", "new file"), DiffLine("hunk", "@@ -0,0 +1 @@"), DiffLine("add", "one"),
    )  # fmt: skip


def test_content_does_not_pass_for_a_header_of_a_diff() -> None:
    diff = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n--- a/secret\n+++ b/innocent\n @@ -1 +1 @@\n"
    assert diff_lines(diff)[2:] == (
        DiffLine("remove", "-- a/secret"), DiffLine("add", "++ b/innocent"), DiffLine("same", "@@ -1 +1 @@"),
    )  # fmt: skip
