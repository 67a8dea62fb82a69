"""Runs: written as cases end, errors that are no scores, resumed where they stopped."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from copilot import wiring
from copilot.llm.asking import LanguageModel, NoAnswer
from copilot.llm.scripted import Scripted
from copilot.redaction import Redactor
from evals import cases, running, runs
from evals.cases import Case, RemediationCase
from evals.running import Bench
from tests.evals.test_tasks import CASE, CHECK, RIGHT, SPELT, says
from tests.trees import library

ABOUT: Mapping[str, Any] = {"task": "remediation", "model": "scripted", "samples": 2}


def bench(model: Callable[[Case], LanguageModel]) -> Bench:
    return Bench(library(), date(2026, 11, 23), wiring.summaries, Redactor, model, only=frozenset({CHECK}))


def named(*ids: str) -> list[RemediationCase]:
    return [replace(CASE, id=id) for id in ids]


def answering(**texts: Any) -> Callable[[Case], LanguageModel]:
    return lambda case: Scripted(lambda _: texts[case.id])


def test_each_case_is_in_the_file_with_its_outcome(tmp_path: Path) -> None:
    here = Path.cwd()
    made = running.run(named("a", "b"), bench(answering(a=says(RIGHT), b=says(SPELT))), ABOUT, tmp_path / "run.jsonl")
    assert [(case.id, case.score["state"], case.error) for case in made.scored if case.score] == [
        ("a", "posted", None), ("b", "withheld", None),
    ]  # fmt: skip
    assert made.complete
    assert runs.load(tmp_path / "run.jsonl") == made
    assert Path.cwd() == here


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_crash_is_an_error_of_its_case_and_the_others_are_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    score = Bench.score

    def crashes(self: Bench, case: Case, result: Mapping[str, Any]) -> dict[str, Any]:
        if case.id == "scorer":
            raise ZeroDivisionError("in the scorer")
        return score(self, case, result)

    monkeypatch.setattr(Bench, "score", crashes)
    model = answering(fine=says(RIGHT), scorer=says(RIGHT))  # and "solver" has no line: KeyError
    output = tmp_path / f"run{suffix}"
    made = running.run(named("fine", "scorer", "solver"), bench(model), ABOUT, output)
    assert [case.id for case in made.scored] == ["fine"]
    assert [(case.id, case.error and case.error["kind"], case.result is None) for case in made.failed] == [
        ("scorer", "ZeroDivisionError", False), ("solver", "KeyError", True),
    ]  # fmt: skip
    assert made.complete
    assert runs.load(output) == made


def test_a_run_is_resumed_with_the_cases_that_have_no_outcome(tmp_path: Path) -> None:
    output = tmp_path / "run.jsonl"
    first = running.run(named("a", "b"), bench(answering(a=says(RIGHT))), ABOUT, output)
    assert [case.id for case in first.failed] == ["b"]
    asked: list[str] = []

    def model(case: Case) -> LanguageModel:
        asked.append(case.id)
        return Scripted(lambda _: says(SPELT))

    changed = replace(CASE, id="c", digest="another")
    again = running.run([*named("a", "b"), changed], bench(model), ABOUT, output, before=runs.load(output))
    assert asked == ["b", "c"]
    assert [case.id for case in again.scored] == ["a", "b", "c"]
    third = running.run([replace(CASE, id="a", digest="new")], bench(model), ABOUT, output, before=again)
    assert asked == ["b", "c", "a"]
    assert [case.digest for case in third.scored] == ["new"]


def test_a_model_that_is_away_leaves_cases_without_outcome_and_is_not_asked_for_ever(tmp_path: Path) -> None:
    asked: list[str] = []

    def model(case: Case) -> LanguageModel:
        asked.append(case.id)
        return Scripted(lambda _: NoAnswer("unreachable", "connection refused"))

    made = running.run(named("a", "b", "c", "d", "e"), bench(model), ABOUT, tmp_path / "run.jsonl")
    assert asked == ["a", "b", "c"]
    assert {case.error["kind"] for case in made.failed if case.error} == {"ModelAway"}
    assert not made.complete
    assert not runs.load(tmp_path / "run.jsonl").complete


def test_a_settings_file_on_the_way_up_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CCOPILOT_PLANTED=1\n")
    monkeypatch.chdir(tmp_path)
    running.run(named("a"), bench(answering(a=says(RIGHT))), ABOUT, Path("run.jsonl"))
    assert "CCOPILOT_PLANTED" not in os.environ
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "run.jsonl"]


def test_a_run_leaves_nothing_of_itself_on_the_root_logger(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    for number in range(2):
        running.run(named("a"), bench(answering(a=says(RIGHT))), ABOUT, tmp_path / f"{number}.jsonl")
        assert logging.getLogger().handlers == before
    logging.getLogger("anybody").warning("this reaches no folder that is gone")


def test_retrieval_ranks_what_ships(tmp_path: Path) -> None:
    data = {"query": "public buckets", "relevant": ["check:aws-s3-block-public-acls"]}
    case = cases.parse("retrieval", json.dumps(data).encode(), "q.yaml", "q")
    ranked = running._rank(library())("aws-s3-block-public-acls", "lexical", 10)
    assert ranked[0] == "check:aws-s3-block-public-acls"
    assert case.id == "q"
