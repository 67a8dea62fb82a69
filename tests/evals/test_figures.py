"""Figures against values that are known from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import runs
from evals.figures import Point, Share, area, bootstrap, half, mcnemar, ndcg, recall, reciprocal_rank, risk_coverage
from evals.runs import CaseRun, Run


def test_intervals_of_a_share() -> None:
    # 0 of 60: the rule of three says 5 %; Clopper-Pearson 1 - 0.025**(1/60).
    assert Share(0, 60).exact == pytest.approx((0.0, 1 - 0.025 ** (1 / 60)))
    assert Share(10, 20).wilson == pytest.approx((0.29930, 0.70070), abs=1e-4)
    assert Share(10, 20).exact == pytest.approx((0.27196, 0.72804), abs=1e-4)
    assert (Share(0, 0).value, Share(0, 0).exact) == (None, (0.0, 1.0))


def test_risk_and_coverage_take_ties_together() -> None:
    points = risk_coverage([(1.0, True), (1.0, True), (0.5, False), (0.5, True)], cases=8)
    assert points == (Point(1.0, 0.25, 0.0), Point(0.5, 0.5, 0.25))
    assert area(points) == pytest.approx(0.125)
    assert area(()) is None


def test_comparisons_are_paired() -> None:
    compared = mcnemar("posted", [(True, False)] * 1 + [(False, True)] * 9 + [(True, True)] * 10)
    assert compared.p == pytest.approx(2 * 11 / 1024)
    assert (compared.only_first, compared.only_second, compared.difference) == (1, 9, pytest.approx(0.4))
    assert compared.interval[0] > 0
    same = bootstrap("cost", [(1.0, 1.0)] * 5)
    assert (same.p, same.difference, same.interval) == (1.0, 0.0, (0.0, 0.0))


def test_ranking_by_hand() -> None:
    assert recall(["a", "b", "c"], ["c", "x"], 3) == 0.5
    assert reciprocal_rank(["a", "b", "c"], ["c", "x"]) == pytest.approx(1 / 3)
    assert ndcg(["c", "x"], ["c", "x"], 10) == 1.0
    assert ndcg(["x", "c"], ["c", "x"], 10) == pytest.approx((1 + 2 / 1.584962500721156) / (2 + 1 / 1.584962500721156))


def test_a_case_stays_in_its_half() -> None:
    assert [half(f"case-{n}") for n in range(6)] == [half(f"case-{n}") for n in range(6)]
    assert {half(f"case-{n}") for n in range(40)} == {"fit", "figures"}


@pytest.mark.parametrize("name", ["run.jsonl", "run.jsonl.gz"])
def test_a_run_file_reads_back_whole_and_a_cut_one_says_so(tmp_path: Path, name: str) -> None:
    cases = (
        CaseRun("a", "d", "fit", 1.5, {"x": 1}, {"right": True}),
        CaseRun("b", "d", "fit", 0.0, None, None, {"stage": "scorer", "type": "E", "message": "m"}),
    )
    run = Run({"task": "remediation", "model": "m"}, cases, path=str(tmp_path / name))
    runs.write(run, tmp_path / name)
    assert runs.load(tmp_path / name) == run
    assert [case.id for case in run.failed] == ["b"]
    text = "".join(runs.lines(run))
    (tmp_path / "cut.jsonl").write_text(text[: text.index('"id":"b"')])
    cut = runs.load(tmp_path / "cut.jsonl")
    assert (cut.complete, [case.id for case in cut.cases]) == (False, ["a"])
    (tmp_path / "bad.jsonl").write_text(json.dumps({"kind": "run", "version": 99}) + "\n")
    with pytest.raises(runs.RunInvalid, match="version 1"):
        runs.load(tmp_path / "bad.jsonl")
