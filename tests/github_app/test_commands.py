"""Commands are found where people write them, and nowhere else."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.commands import Command, Misread, parse


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("/compliance", Command("help")),
        ("/compliance help", Command("help")),
        ("Thanks.\r\n/compliance rescan\r\n", Command("rescan")),
        ("/compliance FIX", Command("fix")),
        ("/compliance fix 819518aa2b8eb7842b49", Command("fix", "819518aa2b8eb7842b49")),
        ("/compliance explain CKV_AWS_20", Command("explain", "CKV_AWS_20")),
        (
            '/compliance waive 819518aa until=2027-01-31 reason="the vendor ships it in January"',
            Command("waive", "819518aa", date(2027, 1, 31), "the vendor ships it in January"),
        ),
        (
            "/compliance waive a1 reason=“typed on a phone” until=2027-01-31",
            Command("waive", "a1", date(2027, 1, 31), "typed on a phone"),
        ),
    ],
)
def test_a_command_is_read(body: str, wanted: Command) -> None:
    assert parse(body) == wanted


@pytest.mark.parametrize(
    "body",
    ["", "looks good", "> /compliance fix", "see /compliance fix", "/compliances fix", "```\n/compliance fix\n```",
     "~~~~\n```\n/compliance pause\n~~~~", "    /compliance fix", "`/compliance fix`"],
)  # fmt: skip
def test_what_is_quoted_code_or_prose_is_no_command(body: str) -> None:
    assert parse(body) is None


def test_after_a_block_of_code_a_command_counts_again() -> None:
    assert parse("```hcl\nx = 1\n```\n/compliance resume") == Command("resume")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("/compliance approve", "there is no command 'approve'"),
        ("/compliance explain", "explain wants the id"),
        ("/compliance pause now", "pause takes nothing more"),
        ("/compliance fix a b", "fix takes one id"),
        ("/compliance fix ../../etc", "an id has letters"),
        ("/compliance waive a1 until=2027-02-30 reason=x", "there is no day 2027-02-30"),
        ("/compliance waive a1 until=tomorrow reason=x", "until= wants a day"),
        ('/compliance waive a1 until=2027-01-31 reason=""', "a waiver has a reason"),
        ("/compliance waive a1", "a waiver is asked for with"),
        ('/compliance waive a1 reason="open', "a quotation mark has no partner"),
        ("/compliance " + "x" * 700, "a command has 600 characters at most"),
    ],
)
def test_a_command_that_does_not_read_says_what_is_wrong(body: str, problem: str) -> None:
    found = parse(body)
    assert isinstance(found, Misread) and found.problem.startswith(problem)


@given(st.text(max_size=300))
def test_no_comment_stops_the_reader(body: str) -> None:
    parse(body)
    parse(f"/compliance {body}")
