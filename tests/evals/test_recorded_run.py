"""The recorded run of a real model is scored again offline, by the cases and the judge of today."""

from __future__ import annotations

from pathlib import Path

from evals import cases, report, runs
from evals.commands import rescored
from evals.figures import Share

RUN = Path(__file__).parent.parent.parent / "evals" / "recorded" / "remediation-relay.jsonl.gz"


def test_the_recorded_drafts_are_worth_today_what_they_were_worth_then() -> None:
    recorded = runs.load(RUN)
    now = rescored(recorded, cases.load("remediation"), replay=False)
    assert [case.error for case in now.cases if case.error] == []
    assert {c.id: (c.score or {}).get("right") for c in now.cases} == {
        c.id: (c.score or {}).get("right") for c in recorded.cases
    }
    assert {c.id: (c.score or {}).get("state") for c in now.cases} == {
        c.id: (c.score or {}).get("state") for c in recorded.cases
    }


def test_the_figures_that_the_documentation_quotes_are_those_of_the_recorded_run() -> None:
    scores = [case.score for case in runs.load(RUN).cases if case.score]
    posted = [s for s in scores if s["posted"]]
    share = Share(sum(bool(s["right"]) for s in posted), len(posted))
    text = (RUN.parent.parent.parent / "docs" / "evaluation.md").read_text("utf-8")
    assert f"{share.hits} of {share.total} posted patches are right" in text
    assert f"{len(posted)} of {len(scores)} cases got a patch" in text


def test_the_report_of_the_recorded_run_is_one_page_that_names_every_failure(tmp_path: Path) -> None:
    recorded = runs.load(RUN)
    page = report.page([recorded])
    wrong = [case.id for case in recorded.cases if case.score and case.score["posted"] and not case.score["right"]]
    assert wrong and all(id in page for id in wrong)
    assert "<script" not in page and " src=" not in page and "@import" not in page
