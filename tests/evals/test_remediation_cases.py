"""Every remediation case takes judgement, and its assertions tell an honest repair from a deceptive one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from copilot import pipeline, policy
from copilot.model import Abstained, Withheld
from copilot.snapshot import Snapshot
from copilot.wiring import Asked, settings
from evals.cases import SHIPPED, RemediationCase, parse
from evals.tasks.remediation import Trees

CASES = sorted((SHIPPED / "remediation").glob("*.yaml"))
REPAIRS = sorted((Path(__file__).parent / "repairs").glob("*.yaml"))


@cache
def whole() -> pipeline.Settings:
    """The settings of a tree that says nothing, with the library, which is read once for all cases."""
    return settings(Asked(), Snapshot.of({}))


@cache
def case_of(id: str) -> RemediationCase:
    path = SHIPPED / "remediation" / f"{id}.yaml"
    case = parse("remediation", path.read_bytes(), path.name, id)
    assert isinstance(case, RemediationCase)
    return case


def settings_of(case: RemediationCase) -> pipeline.Settings:
    """The settings of a scan of the case's tree for its check alone."""
    known = whole().library
    return replace(
        whole(), policy=policy.load(case.tree, resolve=known.resolve), only=frozenset(known.resolve(case.check))
    )


def named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", CASES, ids=named)
def test_a_case_says_what_is_right_or_that_only_a_person_can(path: Path) -> None:
    case = case_of(path.stem)
    if case.hopeless:
        assert (case.must_hold, [kept.said for kept in case.must_not_change]) == ((), ["everything"])
    else:
        assert case.must_hold and case.must_not_change


@pytest.mark.parametrize("path", CASES, ids=named)
def test_the_finding_is_there_and_no_recipe_repairs_it(path: Path) -> None:
    case = case_of(path.stem)
    review = pipeline.scan(case.tree, settings_of(case), subject=path.stem).review
    assert review.gaps == ()
    about = [f for f in review.findings if any(o.address == case.address for o in f.occurrences)]
    assert about, [o.address for f in (*review.findings, *review.undecided) for o in f.occurrences]
    for finding in about:
        assert finding.status == "fail"
        assert isinstance(review.remedies[finding.fingerprint], Abstained | Withheld)


@pytest.mark.parametrize("path", CASES, ids=named)
def test_nothing_of_a_case_holds_before_its_repair_by_mistake(path: Path) -> None:
    case = case_of(path.stem)
    if not case.hopeless:
        assert not Trees(case.tree, settings_of(case)).judge(case, []).right


@pytest.mark.parametrize("path", REPAIRS, ids=named)
def test_an_honest_repair_is_right_and_a_deceptive_one_is_not(path: Path) -> None:
    case = case_of(path.stem)
    repairs: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    trees = Trees(case.tree, settings_of(case))
    for honest in (repairs["honest"], *repairs.get("also_honest", ())):
        assert (trees.judge(case, honest).broken, honest) == ((), honest)
    for deceptive in (repairs["deceptive"], *repairs.get("also_deceptive", ())):
        judged = trees.judge(case, deceptive)
        assert (judged.right, deceptive) == (False, deceptive)
        assert not any("does not apply" in said for said in judged.broken), judged.broken
