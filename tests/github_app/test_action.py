"""`action.yml`: each of its scripts, run by bash as the runner does, against a real GitHub double."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.github_app.double import Double
from tests.trees import VOLUME, volume

TOP = Path(__file__).resolve().parent.parent.parent
ACTION: dict[str, Any] = yaml.safe_load((TOP / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
WORKFLOW: dict[str, Any] = yaml.safe_load((TOP / "examples" / "github-workflow.yml").read_text("utf-8"))
EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.S)


class Ran(NamedTuple):
    code: int
    out: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """What the runner does with a step: its own environment, the step's on top, the script in a file, bash -e."""

    def __init__(self, folder: Path, double: Double, home: Path) -> None:
        self.folder, self.temp, self.home = folder, folder / "temp", home
        (self.temp / "ccopilot" / "bin").mkdir(parents=True)
        # Where the install step puts them; these are of the environment that runs the tests.
        (self.temp / "ccopilot" / "bin" / "python").symlink_to(sys.executable)
        program = self.temp / "ccopilot" / "bin" / "ccopilot"
        program.write_text(
            f"#!/bin/sh\nPYTHONPATH='{TOP}' exec '{sys.executable}' -m copilot.cli \"$@\" --now 2026-11-23\n"
        )
        program.chmod(0o755)
        self.double = double
        self.contexts = {"inputs.token": "good", "inputs.pull-request": "1", "inputs.post": "true",
                         "inputs.fail-on": "", "inputs.format": "terminal", "inputs.python": sys.executable,
                         "runner.temp": str(self.temp)}  # fmt: skip
        self.fork = False

    def run(self, name: str) -> Ran:
        (step,) = (each for each in STEPS if each["name"] == name)
        files = {}
        for kind in ("OUTPUT", "STEP_SUMMARY", "ENV"):
            files[kind] = self.folder / kind
            files[kind].write_text("")
        script = self.folder / "script.sh"
        script.write_text(step["run"], "utf-8")
        given = {variable: self.value(text) for variable, text in step["env"].items()}
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "RUNNER_TEMP": str(self.temp),
            "GITHUB_REPOSITORY": self.double.name, "GITHUB_API_URL": self.double.url, "GITHUB_ACTION_PATH": str(TOP),
            **{f"GITHUB_{kind}": str(path) for kind, path in files.items()}, **given,
        }  # fmt: skip
        if "CCOPILOT_HOME" in given:
            environment["CCOPILOT_HOME"] = str(self.home)  # kept between tests: the library is read once
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)], cwd=self.folder, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        outputs = dict(line.split("=", 1) for line in files["OUTPUT"].read_text("utf-8").splitlines())
        self.contexts |= {f"steps.{step.get('id')}.outputs.{key}": value for key, value in outputs.items()}
        return Ran(done.returncode, done.stdout, outputs, files["STEP_SUMMARY"].read_text("utf-8"))

    def value(self, text: str) -> str:
        def found(match: re.Match[str]) -> str:
            said = match[0][3:-2].strip()
            if "head.repo.full_name" in said:
                return str(self.fork).lower()
            if said.startswith("steps."):
                return self.contexts.get(said, "")
            return self.contexts[said]

        return EXPRESSION.sub(found, text)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def runner(tmp_path: Path, double: Double, home: Path) -> Runner:
    (tmp_path / "runner").mkdir()
    return Runner(tmp_path / "runner", double, home)


def test_a_review_is_posted_summed_up_and_decides_the_job(runner: Runner, double: Double) -> None:
    ran = runner.run("Review")
    assert (ran.code, ran.outputs["exit-code"]) == (0, "1")
    assert VOLUME in ran.out and VOLUME in ran.summary
    assert f"posted on {double.name}#1" in ran.out
    assert [c["conclusion"] for c in double.checks] == ["failure"]
    results = json.loads(Path(ran.outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"]
    assert VOLUME in {result["ruleId"] for result in results}
    assert runner.run("Read the commit under review").outputs == {
        "sha": double.pulls[1].head,
        "ref": "refs/pull/1/head",
    }
    assert runner.run("Conclude").code == 1


def test_a_change_that_breaks_nothing_passes(runner: Runner, double: Double) -> None:
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true"), "README.md": "other\n"})
    assert runner.run("Review").outputs["exit-code"] == "0"
    assert runner.run("Conclude").code == 0


def test_no_review_is_never_a_pass(runner: Runner, double: Double) -> None:
    runner.contexts["inputs.token"] = "old"
    ran = runner.run("Review")
    assert (ran.code, ran.outputs) == (0, {"exit-code": "4"})
    assert "There was **no review**" in ran.summary and "expired" in ran.summary
    assert runner.run("Conclude").code == 4
    del runner.contexts["steps.review.outputs.exit-code"]  # the step never ran
    assert runner.run("Conclude").code == 4


def test_on_a_fork_nothing_is_posted_and_the_result_is_told(runner: Runner, double: Double) -> None:
    runner.fork = double.pulls[1].fork = True
    ran = runner.run("Review")
    assert (ran.outputs["exit-code"], double.writes) == ("1", [])
    assert "comes from a fork" in ran.summary


def test_inputs_reach_the_command_as_they_are_and_nothing_else(runner: Runner, double: Double) -> None:
    runner.contexts |= {"inputs.post": "false", "inputs.fail-on": "critical", "inputs.format": "json"}
    ran = runner.run("Review")
    assert (ran.outputs["exit-code"], double.writes) == ("0", [])
    marked = runner.folder / "marked"
    for name in ("pull-request", "fail-on", "format", "token"):
        kept = runner.contexts[f"inputs.{name}"]
        runner.contexts[f"inputs.{name}"] = f'1"; touch {marked}; $(touch {marked}) `touch {marked}` #'
        assert runner.run("Review").outputs["exit-code"] in ("3", "4")
        runner.contexts[f"inputs.{name}"] = kept
    assert not marked.exists()


def test_what_a_report_quotes_is_no_command_to_the_runner(runner: Runner, double: Double) -> None:
    lines = runner.run("Review").out.splitlines()
    (begins,) = (at for at, line in enumerate(lines) if line.startswith("::stop-commands::"))
    token = lines[begins].removeprefix("::stop-commands::")
    assert len(token) == 32 and runner.run("Review").out.splitlines()[0] != lines[0]
    # All that the command wrote stands between the two lines that nobody can guess.
    assert (begins, lines[-1], lines.count(f"::{token}::")) == (0, f"::{token}::", 1)
    assert any(VOLUME in line for line in lines)


def test_it_is_installed_from_the_actions_own_checkout(runner: Runner, tmp_path: Path) -> None:
    """The packages come from an index, which tests do not ask: a pip of the test's own says what it was asked for."""
    shutil.rmtree(runner.temp / "ccopilot")
    site = tmp_path / "site"
    site.mkdir()
    (runner.folder / "venv.py").write_text("raise SystemExit('the workspace was imported')\n")
    python = tmp_path / "python"
    python.write_text(
        f"#!/bin/bash\necho \"$PWD $*\" >> '{site}/log'\n"
        f'if [ "$3" = venv ]; then mkdir -p "$4/bin"; cp \'{python}\' "$4/bin/python"; exit; fi\n'
        f'if [ "$3" = pip ]; then exit; fi\nexec \'{sys.executable}\' "$@"\n'
    )
    python.chmod(0o755)
    runner.contexts["inputs.python"] = str(python)
    assert runner.run("Install ccopilot").code == 0
    asked = (site / "log").read_text("utf-8").splitlines()[1:]
    pip = f"{runner.temp} -I -m pip --quiet --disable-pip-version-check install"
    assert asked == [
        f"{runner.temp} -I -m venv {runner.temp}/ccopilot",
        f"{pip} --require-hashes --requirement {TOP}/requirements/github.lock",
        f"{pip} --no-deps --no-build-isolation {TOP}",
    ]


def test_no_expression_stands_in_a_script_and_every_foreign_action_is_named_by_its_commit() -> None:
    for step in STEPS:
        assert not EXPRESSION.search(step.get("run", ""))
        assert "uses" not in step or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
    assert [step["name"] for step in STEPS] == [
        "Install ccopilot", "Review", "Read the commit under review", "Upload to code scanning", "Conclude",
    ]  # fmt: skip
    assert STEPS[-1]["if"] == "always()"


def test_the_documentation_names_every_input_and_permission() -> None:
    told = (TOP / "docs" / "github-action.md").read_text("utf-8")
    assert [name for name in ACTION["inputs"] if f"| `{name}` |" not in told] == []
    permissions = WORKFLOW["jobs"]["review"]["permissions"]
    assert [name for name, access in permissions.items() if f"`{name}: {access}`" not in told] == []
    assert WORKFLOW["permissions"] == {}
