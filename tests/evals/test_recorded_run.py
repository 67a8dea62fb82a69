"""The recorded runs of a real model are scored again offline, by the cases and the judge of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals import cases, report, runs
from evals.cases import Task
from evals.commands import rescored
from evals.figures import Share

TOP = Path(__file__).parents[2]
TASKS: tuple[Task, ...] = ("remediation", "policy")


def recorded_run(task: Task) -> runs.Run:
    return runs.load(TOP / "evals" / "recorded" / f"{task}-relay.jsonl.gz")


@pytest.mark.parametrize("task", TASKS)
def test_what_was_recorded_is_worth_today_what_it_was_worth_then(task: Task) -> None:
    then = recorded_run(task)
    now = rescored(then, cases.load(task), replay=False)
    assert [case.error for case in now.cases if case.error] == []
    said = ("right", "state")
    assert {c.id: [(c.score or {}).get(name) for name in said] for c in now.cases} == {
        c.id: [(c.score or {}).get(name) for name in said] for c in then.cases
    }


@pytest.mark.parametrize("task", TASKS)
def test_every_case_that_ships_is_in_the_recorded_run_as_it_was_tried(task: Task) -> None:
    run = recorded_run(task)
    assert run.complete and run.failed == ()
    assert {case.id: case.digest for case in run.cases} == {case.id: case.digest for case in cases.load(task)}


def test_the_figures_that_the_documentation_quotes_are_those_of_the_recorded_runs() -> None:
    text = " ".join((TOP / "docs" / "evaluation.md").read_text("utf-8").split())
    scores = [case.score for case in recorded_run("remediation").cases if case.score]
    posted = [s for s in scores if s["posted"]]
    share = Share(sum(bool(s["right"]) for s in posted), len(posted))
    assert f"{share.hits} of {share.total} posted patches are right" in text
    assert f"{len(posted)} of {len(scores)} cases got a patch" in text
    drafted = [case.score for case in recorded_run("policy").cases if case.score]
    let = [s for s in drafted if s["posted"]]
    figures = {kind: [sum(s[kind][at] for s in drafted) for at in (0, 1)] for kind in ("allow", "deny")}
    assert f"{sum(s['compiles'] for s in drafted)} of {len(drafted)} compile" in text
    assert f"{figures['allow'][0]} of {figures['allow'][1]} fixtures that are to be allowed" in text
    assert f"{figures['deny'][0]} of {figures['deny'][1]} that are to be denied" in text
    assert f"{len(let)} of {len(drafted)} were let through" in text
    assert f"{sum(bool(s['right']) for s in let)} of {len(let)} answer every fixture as expected" in text


def test_the_report_of_the_recorded_runs_is_one_page_that_names_every_failure() -> None:
    all_ = [recorded_run(task) for task in TASKS]
    page = report.page(all_)
    wrong = [c.id for run in all_ for c in run.cases if c.score and c.score["posted"] and not c.score["right"]]
    assert wrong and all(id in page for id in wrong)
    assert "<script" not in page and " src=" not in page and "@import" not in page
