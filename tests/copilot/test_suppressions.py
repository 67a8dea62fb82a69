"""An exception in a comment covers what it stands on, and only once it was merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.model import Finding, Place, Severity
from copilot.snapshot import Snapshot
from copilot.suppressions import Suppressions, apply, collect, notes

TODAY = date(2026, 11, 23)
MORE = 'until=2027-01-01 reason="r"'


def read(text: str, path: str = "a.tf") -> Suppressions:
    return collect(Snapshot.of({path: text}), [path])


def finding(text: str, at: str, check: str = "c", path: str = "a.tf") -> Finding:
    start = text.encode().index(at.encode())
    place = Place(path, start, start + len(at.encode()), 1, 1, 1, 1)
    return Finding(check, "k", Severity.HIGH, "fail", "m", "a", "", "p", (place,), "f", ())


def covered(text: str, at: str, path: str = "a.tf", check: str = "c") -> bool:
    found = read(text, path)
    (after,) = apply([finding(text, at, check, path)], base=found, head=found, today=TODAY)
    return after.exempt == "suppressed"


@pytest.mark.parametrize("leader", ["# ", "#", "// ", "/* "])
def test_above_on_the_header_and_first_inside_it_covers_the_block(leader: str) -> None:
    comment = f"{leader}ccopilot:ignore c {MORE}" + (" */" if leader == "/* " else "")
    for text in (
        f'{comment}\nresource "x" "y" {{\n  a = 1\n}}\n',
        f'resource "x" "y" {{ {comment}\n  a = 1\n}}\n',
        f'resource "x" "y" {{\n  {comment}\n  a = 1\n}}\n',
    ):
        assert covered(text, "a = 1")
        assert not covered(text, "a = 1", check="other")


def test_beside_an_attribute_it_covers_that_and_what_the_block_lacks() -> None:
    text = f'resource "x" "y" {{\n  b = 0\n  a = 1 # ccopilot:ignore c {MORE}\n}}\n'
    assert [covered(text, at) for at in ("a = 1", "b = 0", 'resource "x" "y" {')] == [True, False, True]


def test_in_a_nested_block_it_does_not_cover_another() -> None:
    text = f'resource "x" "y" {{\n  in {{\n    # ccopilot:ignore c {MORE}\n    p = 443\n  }}\n  in {{\n    p = 22\n  }}\n}}\n'
    assert [covered(text, at) for at in ("p = 443", "p = 22")] == [True, False]


def test_variable_files_and_locals_are_covered_line_by_line() -> None:
    assert covered(f"# ccopilot:ignore c {MORE}\na = 1\nb = 2\n", "a = 1", "x.tfvars")
    assert not covered(f"# ccopilot:ignore c {MORE}\na = 1\nb = 2\n", "b = 2", "x.tfvars")
    text = f"locals {{\n  # ccopilot:ignore c {MORE}\n  a = 1\n  b = 2\n}}\n"
    assert [covered(text, at) for at in ("a = 1", "b = 2")] == [True, False]


def test_in_yaml_it_covers_the_document_or_the_entry() -> None:
    text = (
        f"# ccopilot:ignore c {MORE}\napiVersion: v1\nkind: A\n---\nkind: B\nspec:\n"
        f"  x: 'ü' # ccopilot:ignore c {MORE}\n  list:\n    # ccopilot:ignore c {MORE}\n    - name: one\n    - name: two\n"
    )
    wanted = {"kind: A": True, "kind: B": False, "x: 'ü'": True, "name: one": True, "name: two": False}
    assert {at: covered(text, at, "a.yaml") for at in wanted} == wanted


def test_one_that_the_change_adds_or_moves_is_requested() -> None:
    block = 'resource "x" "y" {\n  a = 1\n}\n'
    text = f"# ccopilot:ignore c {MORE}\n{block}"
    moved = f'# ccopilot:ignore c {MORE}\nresource "x" "z" {{}}\n{block}'
    for base in ("", block, moved):
        (after,) = apply([finding(text, "a = 1")], base=read(base), head=read(text), today=TODAY)
        assert (after.exempt, after.requested) == (None, "a suppression until 2027-01-01: r [a.tf:1]")


def test_lines_above_it_may_change() -> None:
    text = f'# ccopilot:ignore c {MORE}\nresource "x" "y" {{\n  a = 1\n}}\n'
    later = f"locals {{}}\n\n{text}"
    (after,) = apply([finding(later, "a = 1")], base=read(text), head=read(later), today=TODAY)
    assert after.exempt == "suppressed"


def test_a_nested_block_that_changed_is_requested_again() -> None:
    text = f'resource "x" "y" {{\n  in {{ # ccopilot:ignore c {MORE}\n    p = 443\n  }}\n}}\n'
    wider = text.replace("443", "22")
    (after,) = apply([finding(wider, "p = 22")], base=read(text), head=read(wider), today=TODAY)
    assert (after.exempt, bool(after.requested)) == (None, True)


def test_an_expired_one_counts_for_nothing_and_is_noted() -> None:
    text = 'resource "x" "y" { # ccopilot:ignore c until=2026-11-22 reason="r"\n  a = 1\n}\n'
    assert not covered(text, "a = 1")
    assert [note.kind for note in notes(read(text), TODAY)] == ["expired"]


def test_one_that_nothing_needs_is_noted() -> None:
    text = f'resource "x" "y" {{ # ccopilot:ignore c {MORE}\n  a = 1\n}}\n'
    needed = [finding(text, "a = 1")]
    assert [[n.kind for n in notes(read(text), TODAY, findings=f)] for f in (needed, [])] == [[], ["unmatched"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('ccopilot:ignore c reason="r"', "until is missing"),
        ("ccopilot:ignore c until=2027-01-01", "reason is missing"),
        ("ccopilot:ignore", "the check's id and until and reason are missing"),
        ('ccopilot:ignore c until=2027-02-30 reason="r"', "until=2027-02-30 is not a date"),
        ('ccopilot:ignore c until=2027-01-01 reason=" "', "the reason is empty"),
        ("ccopilot:ignore c until=2027-01-01 reason=two words", "'words' stands behind an option; a reason of several words needs quotes"),
        ("ccopilot:ignore c till=2027-01-01", "there is no option 'till', only until and reason"),
        (f"ccopilot: ignore c {MORE}", "it does not begin with `ccopilot:ignore`"),
    ],
)  # fmt: skip
def test_a_malformed_one_does_not_count_and_says_what_is_missing(words: str, said: str) -> None:
    found = read(f'resource "x" "y" {{ # {words}\n}}\n')
    usage = 'write `ccopilot:ignore CHECK-ID until=YYYY-MM-DD reason="why"`'
    assert found.entries == ()
    assert [str(note) for note in found.notes] == [f"a.tf:1: this suppression does not count: {said}; {usage}"]


@pytest.mark.parametrize(
    ("words", "tool"),
    [
        ("checkov:skip=CKV_AWS_20:why", "Checkov for CKV_AWS_20"),
        ("tfsec:ignore:aws-s3-x", "tfsec for aws-s3-x"),
        ("trivy:ignore:AVD-AWS-0086", "Trivy for AVD-AWS-0086"),
        ("kics-scan ignore-block", "KICS for ignore-block"),
        ("kics-scan disable=a,b", "KICS for a,b"),
    ],
)
def test_those_of_other_tools_are_notes_only(words: str, tool: str) -> None:
    found = read(f'resource "x" "y" {{ #{words}\n}}\n')
    assert found.entries == ()
    assert [(note.kind, tool in note.message) for note in found.notes] == [("foreign", True)]


def test_ids_of_peers_stand_for_our_checks() -> None:
    text = f'resource "x" "y" {{ # ccopilot:ignore P, Q {MORE}\n}}\n'
    known = {"P": ("a", "b")}
    found = collect(Snapshot.of({"a.tf": text}), ["a.tf"], resolve=lambda name: known.get(name, ()))
    assert [entry.checks for entry in found.entries] == [("a", "b")]
    assert ["no check is known as 'Q'" in note.message for note in found.notes] == [True]


@given(
    st.sampled_from(["#", "//", "/*", " # ", "\\n# "]),
    st.sampled_from(["quoted", "heredoc", "interpolated", "yaml", "block"]),
)
def test_text_in_strings_is_never_an_exception(leader: str, where: str) -> None:
    words = f"{leader} ccopilot:ignore c until=2027-01-01 reason=r"
    text = {
        "quoted": f'resource "x" "y" {{\n  a = "{words}"\n}}\n',
        "heredoc": f'resource "x" "y" {{\n  a = <<-EOT\n    {words}\n  EOT\n}}\n',
        "interpolated": f'resource "x" "y" {{\n  a = "${{upper("{words}")}} {words}"\n}}\n',
        "yaml": f'kind: A\na: "{words}"\n',
        "block": f"kind: A\na: |\n  {words}\nb: >-\n  {words}\n",
    }[where]
    assert read(text, "a.yaml" if where in ("yaml", "block") else "a.tf") == Suppressions()


def test_a_finding_that_is_exempt_already_stays_as_it_is() -> None:
    text = f'resource "x" "y" {{ # ccopilot:ignore c {MORE}\n  a = 1\n}}\n'
    waived = replace(finding(text, "a = 1"), exempt="waived")
    assert apply([waived], base=read(text), head=read(text), today=TODAY) == (waived,)
