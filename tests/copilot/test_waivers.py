"""A waiver counts where it was granted, until its day, and only when the change did not write it itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from copilot.errors import SettingsInvalid
from copilot.model import Finding, Known, Occurrence, Outcome, Place, Severity
from copilot.waivers import Waiver, apply, entry, match, parse, standings

TODAY = date(2026, 11, 23)
WAIVER = Waiver("c", ("c",), "aws_x.a", date(2027, 1, 31), "why", "me", "prod")


def finding(*instances: tuple[str, str], check: str = "c", folder: str = "prod", address: str = "aws_x.a") -> Finding:
    place = Place("prod/main.tf", 0, 9, 1, 1, 1, 10)
    outcome = Outcome(False, None, value=Known(1))
    occurrences = tuple(Occurrence(root, "", at, outcome) for root, at in instances or (("prod", "aws_x.a"),))
    return Finding(check, "k", Severity.HIGH, "fail", "m", address, folder, "p", (place,), "f", occurrences)


def test_a_file_reads_whole() -> None:
    text = """
version: 1
waivers:
  - {check: P, address: aws_x.a, root: ./prod/, until: 2027-01-31, reason: why, owner: me, ticket: 12}
"""
    assert parse(text.replace("./prod/", "prod/").encode(), resolve=lambda name: (name.lower(),)) == (
        Waiver("P", ("p",), "aws_x.a", date(2027, 1, 31), "why", "me", "prod", "12", line=4),
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("check: c", ":2: waivers[0]: address and until and reason and owner are missing"),
        ("check: c, address: a, until: 2027-01-31, owner: me", ":2: waivers[0]: reason is missing"),
        ("check: c, address: a, until: 2027-02-30, reason: r, owner: me", ":2: waivers[0].until: there is no day 2027-02-30 in the calendar"),
        ("check: c, address: a, until: soon, reason: r, owner: me", ":2: waivers[0].until: wants a date, written YYYY-MM-DD"),
        ("check: c, address: a, until: 2027-01-31, reason: '', owner: me", ":2: waivers[0].reason: is empty"),
        ("check: c, adress: a", ":2: waivers[0]: there is no field 'adress'; did you mean 'address'?"),
    ],
)  # fmt: skip
def test_what_does_not_read_is_named_with_its_line(fields: str, said: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        parse(f"version: 1\nwaivers: [{{{fields}}}]".encode())
    assert str(caught.value) == f".compliance/waivers.yaml{said}"


def test_it_holds_on_its_last_day_and_not_after() -> None:
    days = (date(2027, 1, 31), date(2027, 2, 1))
    assert [match(finding(), [WAIVER], day) for day in days] == [WAIVER, None]


def test_every_instance_must_be_covered() -> None:
    both = finding(("prod", 'aws_x.a["x"]'), ("stage", 'aws_x.a["y"]'), folder="modules/m")
    stage = replace(WAIVER, root="stage", until=date(2026, 12, 1))
    everywhere, one = replace(WAIVER, root=None), replace(WAIVER, root=None, address='aws_x.a["x"]')
    found = [match(both, waivers, TODAY) for waivers in ([WAIVER], [WAIVER, stage], [everywhere], [one])]
    assert found == [None, stage, everywhere, None]


def test_the_folder_of_a_module_covers_what_is_written_in_it() -> None:
    inside = finding(("prod", "module.m.aws_x.a"), ("stage", "module.n.aws_x.a"), folder="modules/m")
    module = replace(WAIVER, root="modules/m")
    assert [match(inside, [w], TODAY) for w in (module, replace(WAIVER, root=None))] == [module, None]


def test_one_of_the_merge_base_counts_and_one_that_the_change_adds_is_requested() -> None:
    (granted,) = apply([finding()], base=[WAIVER], head=[WAIVER], today=TODAY)
    assert (granted.exempt, granted.exempt_note) == ("waived", "waived until 2027-01-31 (me): why")
    (asked,) = apply([finding()], base=[], head=[WAIVER], today=TODAY)
    assert (asked.exempt, asked.requested) == (
        None, "a waiver until 2027-01-31 (me): why [.compliance/waivers.yaml:1]",
    )  # fmt: skip
    assert apply([finding()], base=[WAIVER], head=[], today=TODAY) == (finding(),)


def test_an_extension_counts_only_once_it_is_merged() -> None:
    over = replace(WAIVER, until=date(2026, 11, 1))
    (asked,) = apply([finding()], base=[over], head=[WAIVER], today=TODAY)
    assert (asked.exempt, bool(asked.requested)) == (None, True)


def test_the_list_says_how_each_stands() -> None:
    soon, over = replace(WAIVER, until=date(2026, 12, 1)), replace(WAIVER, until=date(2026, 11, 1))
    idle = replace(WAIVER, address="aws_x.gone", until=date(2027, 6, 1))
    found = standings([WAIVER, soon, over, idle], TODAY, findings=[finding()])
    assert [each.state for each in found] == ["expired", "ending", "active", "unmatched"]


def test_the_lines_of_a_request_read_back() -> None:
    asked = replace(WAIVER, reason='a "quoted": reason #1', ticket="T-1", line=3)
    assert parse(f"version: 1\nwaivers:\n{entry(asked)}".encode()) == (asked,)
