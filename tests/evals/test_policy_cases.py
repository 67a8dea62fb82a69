"""Every policy case names controls that exist, and its trees are read whole, so that a fixture says what it means to say."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from copilot import pipeline, policy
from copilot.controls import load_controls
from copilot.snapshot import Snapshot
from copilot.wiring import Asked, settings
from evals.cases import SHIPPED, PolicyCase, parse

CASES = sorted((SHIPPED / "policy").glob("*.yaml"))


@cache
def whole() -> pipeline.Settings:
    """The settings of a tree that says nothing, with the library, which is read once for all cases."""
    return settings(Asked(), Snapshot.of({}))


def case_of(path: Path) -> PolicyCase:
    case = parse("policy", path.read_bytes(), path.name, path.stem)
    assert isinstance(case, PolicyCase)
    return case


def named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", CASES, ids=named)
def test_a_case_says_how_it_is_read_and_names_controls_and_fixtures_once(path: Path) -> None:
    case = case_of(path)
    assert case.note
    assert set(case.controls) <= set(load_controls()), case.controls
    names = [fixture.name for fixture in case.fixtures]
    assert (len(set(case.controls)), len(set(names))) == (len(case.controls), len(names))


@pytest.mark.parametrize("path", CASES, ids=named)
def test_every_tree_of_a_case_is_read_whole(path: Path) -> None:
    for fixture in case_of(path).fixtures:
        known = whole().library
        asked = replace(whole(), policy=policy.load(fixture.tree, resolve=known.resolve))
        report = pipeline.scan(fixture.tree, asked, subject=fixture.name)
        assert (fixture.name, report.review.gaps) == (fixture.name, ())
