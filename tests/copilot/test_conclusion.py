"""The one table from (enforcement, relation, exemption, status, gaps, threshold) to a conclusion, row by row."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from copilot.conclusion import conclude
from copilot.model import Conclusion, Finding, Gap, Occurrence, Outcome, Place, Severity

PLACE = Place("main.tf", 0, 9, 1, 1, 1, 10)
UNREAD = Gap("unread", "not UTF-8", "a.tf", 1)
HIDDEN = Gap("out_of_sight", "a registry module", "a.tf", 1)


def finding(**more: Any) -> Finding:
    given: dict[str, Any] = {
        "severity": Severity.HIGH,
        "status": "fail",
        "relation": "introduced",
        "enforcement": "enforce",
    }
    return Finding(
        check="c", control="k", message="m", address="a", folder="", path="p", places=(PLACE,), fingerprint="f",
        occurrences=(Occurrence("", "", "a", Outcome(False, None)),), **{**given, **more},
    )  # fmt: skip


def ended(*findings: Finding, kind: str = "review", gaps: tuple[Gap, ...] = (), **more: Any) -> Conclusion:
    failed = [f for f in findings if f.status == "fail"]
    return conclude(failed, [f for f in findings if f.status != "fail"], gaps, kind=kind, **more)


TABLE = [
    # kind, enforcement, relation, exempt, status, fail_on -> what becomes of the finding
    (kind, enforcement, relation, exempt, status, fail_on)
    for kind in ("review", "scan")
    for enforcement in ("enforce", "warn", "observe")
    for relation in ("introduced", "touched", "existing")
    for exempt in (None, "waived", "suppressed", "baseline")
    for status in ("fail", "lost_sight", "undecided")
    for fail_on in (None, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
]


@pytest.mark.parametrize("unread", [False, True], ids=["read", "unread"])
def test_every_row_of_the_table(unread: bool) -> None:
    for kind, enforcement, relation, exempt, status, fail_on in TABLE:
        one = finding(enforcement=enforcement, relation=relation, exempt=exempt, status=status)
        got = ended(one, kind=kind, gaps=(UNREAD,) if unread else (), fail_on=fail_on)
        counted = exempt is None and (
            status == "lost_sight" or (status == "fail" and (kind == "scan" or relation == "introduced"))
        )
        blocks = counted and (enforcement == "enforce" if fail_on is None else fail_on <= Severity.HIGH)
        state, code = (
            ("findings", 1) if blocks
            else ("incomplete", 2) if unread
            else ("observed", 0) if counted and status == "fail"
            else ("clean", 0)
        )  # fmt: skip
        row = (kind, enforcement, relation, exempt, status, fail_on)
        assert (got.state, got.exit_code, got.blocking) == (state, code, int(blocks)), row
        assert got.title.startswith("incomplete: ") is unread, row
        assert ("1 unread" in got.title) is unread, row


@pytest.mark.parametrize(
    ("findings", "more", "title"),
    [
        ([], {}, "the change breaks nothing"),
        ([], {"kind": "scan"}, "no findings"),
        ([], {"judged": False}, "the change touches nothing that is judged"),
        ([], {"judged": False, "kind": "scan"}, "nothing here to judge"),
        ([finding()], {}, "1 finding blocks"),
        ([finding()] * 2, {}, "2 findings block"),
        ([finding(enforcement="warn")], {}, "1 finding to look at"),
        ([finding(enforcement="observe")] * 2, {}, "2 findings observed"),
        (
            [finding(), finding(enforcement="warn"), finding(enforcement="observe"), finding(exempt="waived")],
            {},
            "1 finding blocks, 1 warns, 1 observed, 1 exempt",
        ),
        ([finding(relation="existing"), finding(relation="touched")], {}, "the change breaks nothing"),
        ([finding(relation="existing", exempt="baseline")], {}, "the change breaks nothing"),
        ([finding(exempt="baseline")], {"kind": "scan"}, "no findings, 1 exempt"),
        ([finding(status="lost_sight")], {}, "1 finding blocks (1 lost sight of)"),
        ([finding(status="undecided")] * 2, {}, "the change breaks nothing (2 undecided)"),
        ([], {"gaps": (UNREAD, UNREAD, HIDDEN)}, "incomplete: the change breaks nothing (1 unread, 1 out of sight)"),
    ],
)
def test_the_title_says_everything_that_matters(findings: list[Finding], more: dict[str, Any], title: str) -> None:
    assert ended(*findings, **more).title == title


def test_gaps_block_where_the_policy_says_so_and_the_title_says_why() -> None:
    undecided = finding(status="undecided")
    both = frozenset({"undecided", "out_of_sight"})
    assert ended(undecided, gaps=(HIDDEN,), blocking_gaps=both) == Conclusion(
        "findings", 1, "what is 1 undecided and 1 out of sight blocks (1 undecided, 1 out of sight)"
    )
    assert ended(finding(status="undecided", exempt="waived"), blocking_gaps=both).exit_code == 0
    assert ended(undecided, gaps=(HIDDEN,)).exit_code == 0


def test_nothing_unread_is_ever_green() -> None:
    pool = [finding(enforcement=e, status=s) for e in ("enforce", "warn", "observe") for s in ("fail", "undecided")]
    for kind, size in itertools.product(("review", "scan"), range(3)):
        for some in itertools.combinations(pool, size):
            for judged in (True, False):
                got = ended(*some, kind=kind, gaps=(UNREAD,), judged=judged)
                assert got.exit_code in (1, 2)
                assert got.state in ("findings", "incomplete")


def test_generators_are_read_once_and_counted_whole() -> None:
    given = (each for each in [finding(), finding(exempt="waived")])
    assert conclude(given, iter(()), iter(()), kind="scan").title == "1 finding blocks, 1 exempt"
