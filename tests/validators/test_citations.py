"""citations: what is cited was shown, what is quoted stands there, and no other id is claimed."""

from __future__ import annotations

import pytest

from copilot.model import Citation, Passage
from tests.trees import KEY
from tests.validators.cases import case, told
from validators import citations

SHOWN = (
    Passage("control:kms-key-rotation", "control", "Keys rotate", "A key that is\n  used for long is turned over every year.", "c"),
    Passage("requirement:nist", "requirement", "SC-13", "SC-13 asks for cryptography that is approved.", "f"),
)  # fmt: skip


def answer(summary: str = "Rotate the key every year", *cites: Citation) -> str:
    return told(citations.check, case(summary=summary, cites=cites, shown=SHOWN))


def test_a_shown_passage_is_cited_whole_or_in_its_words_whatever_the_blanks() -> None:
    assert answer("Rotate", Citation("control:kms-key-rotation")) == ""
    assert answer("Rotate", Citation("control:kms-key-rotation", "a key that is used")) != ""
    assert answer("Rotate", Citation("control:kms-key-rotation", " that is used for  long ")) == ""


def test_a_passage_that_was_never_shown_cannot_be_cited() -> None:
    assert answer("Rotate", Citation("AC-99", "x")) == "never shown: AC-99"


@pytest.mark.parametrize(
    "quote", ["is turned over every month", "A key that is used for long is turned over every year. Or two."]
)
def test_a_quotation_is_verbatim(quote: str) -> None:
    assert answer("Rotate", Citation("control:kms-key-rotation", quote)) == (
        "the words quoted do not stand in control:kms-key-rotation"
    )


@pytest.mark.parametrize(
    "said", ["meets CC6.1", "meets CKV_AWS_7", f"for {KEY}", "of control kms-key-rotation", "for SC-12"]
)
def test_ids_of_the_finding_itself_may_be_named(said: str) -> None:
    assert answer(f"Rotate the key, {said}") == ""


@pytest.mark.parametrize(
    ("said", "id"),
    [("meets CC9.9", "CC9.9"), ("meets AC-2(99)", "AC-2(99)"), ("closes CKV_AWS_145", "CKV_AWS_145"), ("per CIS AWS 99.14", "99.14"),
     ("per PCI DSS 4.0 and 99.9.9", "99.9.9"), ("for A.8.99", "A.8.99"), ("meets KSI-XYZ-ABC", "KSI-XYZ-ABC")],
)  # fmt: skip
def test_no_other_requirement_is_claimed(said: str, id: str) -> None:
    if id == "99.9.9":
        said = "per PCI DSS 99.9.9"
    assert answer(f"Rotate the key, {said}") == (
        f"the summary names {id}, which is not the finding's and stands in nothing it cites"
    )


def test_an_id_that_stands_in_what_is_cited_may_be_named() -> None:
    said = "Rotate the key, in the sense of SC-13"
    assert answer(said, Citation("requirement:nist", "approved")) == ""
    assert answer(said.replace("SC-13", "SC-99"), Citation("requirement:nist")) != ""


def test_a_recipe_cites_nothing_and_is_not_asked() -> None:
    assert citations.check(case(origin="recipe")).outcome == "not_applicable"
    assert citations.check(case(origin="foreign", cites=(Citation("x"),))).outcome == "fail"
