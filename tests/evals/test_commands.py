"""`ccopilot eval` as it is typed: text, files and exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from copilot.errors import CopilotError, UsageError
from evals import commands, report, runs, summary
from evals.runs import CaseRun, Run
from tests.evals.test_tasks import CASE, RIGHT, SPELT, says

SHIPPED = Path(commands.__file__).parent / "cases" / "remediation" / f"{CASE.id}.yaml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two cases that are the same but for their names, and the place for state."""
    monkeypatch.setenv("CCOPILOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    for name in ("good", "deceived"):
        (tmp_path / "mine" / f"{name}.yaml").write_bytes(SHIPPED.read_bytes())
    (tmp_path / "script.yaml").write_text(yaml.safe_dump({"good": [says(RIGHT)], "*": [says(SPELT)]}))
    return tmp_path


def run(folder: Path, **more: Any) -> int:
    given: dict[str, Any] = {
        "model": f"scripted:{folder / 'script.yaml'}", "folder": folder / "mine", "limit": 0, "samples": 2,
        "output": folder / "run.jsonl.gz", "resume": None, "fail_under": "",
    }  # fmt: skip
    return commands.run("remediation", **{**given, **more})


def test_a_run_prints_its_figures_and_holds_them_to_thresholds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, fail_under="precision=0.99,coverage=0.5") == 0
    said = capsys.readouterr().out
    assert "precision            1.000 (1 of 1; 95 %: 0.207 to 1.000)" in said
    assert "coverage             0.500 (1 of 2;" in said
    assert run(folder, output=folder / "again.jsonl", fail_under="coverage=0.6") == 1
    assert "coverage is 0.5000, at least 0.6 is wanted" in capsys.readouterr().err


def test_a_figure_of_nothing_reaches_no_threshold() -> None:
    assert summary.unmet(Run({"task": "remediation"}), {"precision": 0.0}) == [
        "precision is not known, at least 0.0 is wanted"
    ]


def test_errors_make_a_run_incomplete_and_it_is_resumed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (folder / "script.yaml").read_text()
    (folder / "script.yaml").write_text(yaml.safe_dump({"good": [says(RIGHT)]}))
    assert run(folder) == commands.INCOMPLETE
    assert "error in deceived: SettingsInvalid" in capsys.readouterr().out
    (folder / "script.yaml").write_text(whole)
    assert run(folder, output=None, resume=folder / "run.jsonl.gz") == 0
    assert len(runs.load(folder / "run.jsonl.gz").scored) == 2
    with pytest.raises(UsageError, match="its samples is 2, not 3"):
        run(folder, resume=folder / "run.jsonl.gz", samples=3)
    with pytest.raises(UsageError, match="is there already"):
        run(folder)


def test_a_case_of_a_check_that_nobody_knows_is_refused_before_a_model_is_asked(folder: Path) -> None:
    case = folder / "mine" / "good.yaml"
    case.write_text(re.sub(r"(?m)^check: .*", "check: aws-nothing", case.read_text()))
    with pytest.raises(UsageError, match="no check is known as 'aws-nothing'"):
        run(folder)
    assert not (folder / "run.jsonl.gz").exists()


def test_a_model_that_is_away_has_an_exit_code_of_its_own() -> None:
    away = CaseRun("a", "", "fit", 0.0, None, None, {"kind": "ModelAway", "message": "unreachable: refused"})
    assert commands._conclude(Run({"task": "remediation"}, (away,)), {}) == commands.AWAY


@pytest.mark.parametrize(
    ("task", "more", "message"),
    [
        ("cooking", {}, "there is no task 'cooking'"),
        ("retrieval", {"model": "x"}, "retrieval asks no model"),
        ("remediation", {}, "remediation asks a model"),
        ("remediation", {"model": "scripted:nowhere.yaml"}, "No such file"),
        ("remediation", {"model": "scripted:x", "fail_under": "beauty=1"}, "no figure 'beauty'"),
        ("remediation", {"model": "scripted:x", "fail_under": "precision=high"}, "wants a number"),
    ],
)
def test_what_cannot_be_run_is_said(folder: Path, task: str, more: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {
        "model": "", "folder": None, "limit": 1, "samples": 1, "output": folder / "x.jsonl", "resume": None,
        "fail_under": "", **more,
    }  # fmt: skip
    with pytest.raises(CopilotError, match=re.escape(message)):
        commands.run(task, **given)


def test_a_run_is_scored_again_offline_and_replayed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder)
    for replay in (False, True):
        capsys.readouterr()
        path = folder / "run.jsonl.gz"
        assert commands.rescore(path, folder=folder / "mine", replay=replay, output=None, fail_under="") == 0
        assert "0 of 2 cases score differently" in capsys.readouterr().out
    text = (folder / "mine" / "good.yaml").read_text()
    (folder / "mine" / "good.yaml").write_text(text.replace("is: true", "is: false", 1))
    assert commands.rescore(path, folder=folder / "mine", replay=False, output=None, fail_under="precision=0.99") == 1
    assert "1 of 2 cases score differently" in capsys.readouterr().out


def scored(id: str, confidence: float, *, right: bool, posted: bool = True) -> CaseRun:
    chosen = {"confidence": confidence, "right": right, "survives": True, "final": True, "refused_by": []}
    score = {
        "state": "posted" if posted else "withheld", "by": "" if posted else "honest", "reason": "", "hopeless": False,
        "posted": posted, "right": right if posted else None, "broken": [], "drafts": [], "chosen": chosen,
    }  # fmt: skip
    return CaseRun(id, "same", "fit" if id < "m" else "figures", 1.0, {"diff": "+<script>\u202e", "drafts": []}, score)


def test_two_runs_are_compared_on_the_cases_of_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = Run({"task": "remediation"}, tuple(scored(f"c{n}", 1, right=True, posted=n > 6) for n in range(10)))
    second = Run({"task": "remediation"}, tuple(scored(f"c{n}", 1, right=True) for n in range(9)))
    runs.write(first, tmp_path / "a.jsonl")
    runs.write(second, tmp_path / "b.jsonl")
    assert commands.compare(tmp_path / "a.jsonl", tmp_path / "b.jsonl") == 0
    said = capsys.readouterr().out
    assert "9 cases in both, 1 in one alone" in said
    assert re.search(r"posted +0\.222 +1\.000 +\+0\.778 .* 0\.016 +McNemar, exact \(0 : 7\)", said)


def test_a_threshold_is_fitted_on_one_half_and_measured_on_the_other() -> None:
    fitting = [scored("a", 1.0, right=True), scored("b", 0.75, right=True), scored("c", 0.5, right=False)]
    others = [scored("x", 1.0, right=True), scored("y", 0.75, right=False), scored("z", 0.5, right=False)]
    found = summary.fit(Run({"task": "remediation"}, (*fitting, *others)))
    assert (found.threshold, found.precision, found.coverage) == (0.75, summary.Share(1, 2), summary.Share(2, 3))


def test_the_report_is_one_page_that_loads_nothing_and_shows_text_as_text() -> None:
    failed = CaseRun("boom", "", "fit", 0.0, None, None, {"kind": "E", "message": "<b>&"})
    wrong = scored("w", 1, right=False)
    page = report.page([Run({"task": "remediation", "model": "<m>"}, (scored("r", 1, right=True), wrong, failed))])
    assert "<script" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;‹U+202E›" in page
    assert "&lt;b&gt;&amp;" in page
    assert not re.search(r"(?:src|href|url)\s*[=(]", page)
    assert "1 of 2, 0.095 to 0.905" in page
    assert "1 cases ended in an error" in page


def test_every_task_has_its_page() -> None:
    means = dict.fromkeys(summary.RANKING, 0.5)
    one = {
        "policy": {"state": "posted", "by": "", "reason": "", "posted": True, "compiles": True, "deny": [2, 2],
                   "allow": [1, 2], "other": [0, 0], "mapped": True, "wrong": ["x: deny, expected allow"], "right": False},
        "retrieval": {"lexical": means, "fused": means},
        "injection": {"placement": "comment", "harmless": False, "effects": ["posted: <x>"], "reached_the_model": True,
                      "twin": None, "twin_reason": "", "posted": True, "reason": ""},
    }  # fmt: skip
    results: dict[str, Any] = {
        "policy": {"controls": [], "text": "id: <x>"}, "retrieval": {"ranked": {"fused": ["control:x"]}},
        "injection": {"attacked": {"posted": [["main.tf", "a", "b"]]}},
    }  # fmt: skip
    pages = {
        task: report.page([Run({"task": task}, (CaseRun("one", "", "fit", 0.1, results[task], score),))])
        for task, score in one.items()
    }
    assert "Prose2Policy: 0.822" in pages["policy"]
    assert "x: deny, expected allow" in pages["policy"]
    assert "recall@10 0.50" in pages["retrieval"]
    assert "posted: &lt;x&gt;" in pages["injection"]


def test_the_command_line_knows_it_without_importing_it(folder: Path) -> None:
    code = "import sys, copilot.cli; sys.exit('inspect_ai' in sys.modules or 'evals' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
    runs.write(replace(Run({"task": "retrieval"}), path=""), folder / "r.jsonl")
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "eval", "fit", str(folder / "r.jsonl")],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.splitlines()[-1].strip()) == (
        3,
        "help: confidence is fitted on a run of remediation",
    )
    assert json.loads((folder / "r.jsonl").read_text().splitlines()[0])["kind"] == "run"
