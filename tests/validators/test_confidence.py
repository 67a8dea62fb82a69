"""confidence: samples agree when what the finding's check reads comes out the same, however they word it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot import pipeline
from copilot.edits.patched import apply
from copilot.model import Edit, Patch
from copilot.snapshot import Snapshot
from tests.trees import SSH, group, settings
from validators import confidence

OPEN = group("0.0.0.0/0")
LINE = '    cidr_blocks = ["0.0.0.0/0"]\n'


def patch(written: str, origin: str = "model") -> Patch:
    return Patch(("f",), (Edit("main.tf", LINE, written),), origin, "unknown", "narrows the rule")  # type: ignore[arg-type]


def said(draft: Patch, *others: Patch) -> tuple[str, str]:
    given = settings(SSH)
    run = pipeline.scan(Snapshot.of({"main.tf": OPEN}), given, subject="tree")
    patched = apply(run.snapshot, draft.edits)
    case = pipeline.case_of(draft, patched, run.review.findings, run.assessment, run.assessor, given)
    verdict = confidence.check(replace(case, alternatives=others))
    return verdict.outcome, verdict.reason


TEN = patch('    cidr_blocks = ["10.0.0.0/16"]\n')


@pytest.mark.parametrize(
    "other",
    [
        '    cidr_blocks = ["10.0.0.0/16"]\n',
        '    # the office\n    cidr_blocks = ["10.0.0.0/16"]\n',
        '    cidr_blocks = [format("%s/16", "10.0.0.0")]\n',
    ],
)
def test_what_comes_out_the_same_agrees(other: str) -> None:
    assert said(TEN, patch(other)) == ("pass", "2 of 2 samples agree")


@pytest.mark.parametrize(
    "other",
    [
        '    cidr_blocks = ["10.1.0.0/16"]\n',
        '    cidr_blocks = ["10.0.0.0/16", "10.1.0.0/16"]\n',
        LINE,
    ],
)
def test_another_network_does_not_agree(other: str) -> None:
    assert said(TEN, patch(other)) == ("fail", "1 of 2 samples agree")


def test_a_sample_that_drafted_nothing_or_does_not_apply_agrees_with_nobody() -> None:
    nothing = Patch(("f",), (), "model", "unknown", "nothing drafted")
    nowhere = Patch(("f",), (Edit("main.tf", "nowhere", "x"),), "model", "unknown", "narrows the rule")
    assert said(TEN, TEN, nothing, nowhere) == ("fail", "2 of 4 samples agree")


def test_one_sample_alone_does_not_do() -> None:
    assert said(TEN) == ("fail", "one sample alone says nothing of how sure the model is")


def test_a_recipe_is_not_asked_how_sure_it_is() -> None:
    assert said(patch('    cidr_blocks = ["10.0.0.0/16"]\n', "recipe"))[0] == "not_applicable"


POLICY = """\
resource "aws_s3_bucket" "b" {
  bucket = "b"
}

resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }]
  })
}
"""
PRINCIPAL = 'Principal = "*",'


@pytest.mark.parametrize(
    ("key", "agree"), [("AWS:SourceArn", True), ("aws:sourcearn", True), ("aws:SourceAccount", False)]
)
def test_the_name_of_a_condition_key_means_the_same_in_any_case(key: str, agree: bool) -> None:
    def sample(written: str) -> Patch:
        to = (
            f'Principal = {{ Service = "cloudfront.amazonaws.com" }}, Condition = {{ StringEquals = {{ "{written}" = "x" }} }},'
        )  # fmt: skip
        return Patch(("f",), (Edit("main.tf", PRINCIPAL, to),), "model", "unknown", "names the distribution")

    given = settings("aws-s3-bucket-policy-public")
    run = pipeline.scan(Snapshot.of({"main.tf": POLICY}), given, subject="tree")
    draft = sample("aws:SourceArn")
    case = pipeline.case_of(
        draft, apply(run.snapshot, draft.edits), run.review.findings, run.assessment, run.assessor, given
    )
    assert confidence.agreeing(replace(case, alternatives=(sample(key),))) == 1 + agree
