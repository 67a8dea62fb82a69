"""Every remediation case is one that takes judgement: its finding is there, and no recipe repairs it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from copilot import pipeline
from copilot.checks import library as libraries
from copilot.model import Abstained, Withheld
from copilot.snapshot import Snapshot
from copilot.wiring import Asked, settings

FOLDER = Path(__file__).parents[2] / "evals" / "cases" / "remediation"
CASES = sorted(FOLDER.glob("*.yaml"))
KEYS = {"why", "check", "address", "settings", "tree", "must_hold", "must_not_change", "hopeless"}
ASSERTION_KEYS = {
    "resource", "path", "policy", "grants", "network", "admits", "is", "exists", "any", "all", "not", "some", "none",
    "that", "equals", "not_equals", "contains", "not_contains", "present", "matches", "at_least", "at_most", "in",
    "subset_of",
}  # fmt: skip
JOINS = ("any", "all", "that")


@cache
def case_of(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return case


def assertion_keys(assertion: dict[str, Any]) -> set[str]:
    keys = set(assertion)
    for name in JOINS:
        for inner in assertion.get(name, ()):
            keys |= assertion_keys(inner)
    if "not" in assertion:
        keys |= assertion_keys(assertion["not"])
    return keys


def named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", CASES, ids=named)
def test_a_case_is_closed_and_says_what_is_right(path: Path) -> None:
    case = case_of(path)
    assert set(case) <= KEYS
    assert case["why"] and case["tree"]
    for assertion in case["must_hold"]:
        assert assertion_keys(assertion) <= ASSERTION_KEYS
    if case.get("hopeless"):
        assert (case["must_hold"], case["must_not_change"]) == ([], ["everything"])
    else:
        assert case["must_hold"] and case["must_not_change"]


@pytest.mark.parametrize("path", CASES, ids=named)
def test_the_finding_is_there_and_no_recipe_repairs_it(path: Path) -> None:
    case = case_of(path)
    assert case["check"] in libraries.load().checks
    tree = dict(case["tree"])
    if "settings" in case:
        tree[".compliance/copilot.yaml"] = yaml.safe_dump({"version": 1, **case["settings"]})
    snapshot = Snapshot.of(tree)
    asked = settings(Asked(checks=(case["check"],)), snapshot)
    review = pipeline.scan(snapshot, asked, subject=path.stem).review
    assert review.gaps == ()
    about = [f for f in review.findings if f.address == case["address"]]
    assert about, [f.address for f in (*review.findings, *review.undecided)]
    for finding in about:
        assert isinstance(review.remedies[finding.fingerprint], Abstained | Withheld)
