"""What an installation can do is told as it was seen, and no key is in it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from copilot import doctor
from copilot.llm.settings import Endpoint, ModelSettings, Price
from tests.copilot.llm.endpoint import SECRET, Behaviour, error, says, serving

RIGHT = '{"word": "theodolite", "length": 10}'


def lines(settings: ModelSettings | None, home: Path) -> dict[str, doctor.Line]:
    return {line.subject: line for line in doctor.examine(settings, home)}


def asked(home: Path, *behaviours: Behaviour) -> doctor.Line:
    with serving(*behaviours) as at:
        line = lines(ModelSettings(Endpoint(at.url, "m", SECRET, timeout_seconds=20)), home)["model"]
    assert SECRET not in repr(line)
    return doctor.Line(line.subject, line.state, line.detail.replace(at.url, "URL"))


def test_a_model_that_answers_is_told_with_what_it_can(tmp_path: Path) -> None:
    line = asked(tmp_path, says(RIGHT))
    assert line.state == "ok"
    assert re.fullmatch(
        r"m at URL answers in \d\.\d s; structured output: json_schema; its answer was right; 1 call, 120 tokens, m",
        line.detail,
    )


def test_what_the_endpoint_takes_is_what_it_took(tmp_path: Path) -> None:
    line = asked(tmp_path, error(400, "response_format is unknown"), error(400, "response_format"), says('{"word": "x", "length": 1}'))  # fmt: skip
    assert "structured output: none; its answer was wrong" in line.detail


@pytest.mark.parametrize(
    ("behaviour", "detail"),
    [
        (error(401, SECRET), "m at URL: unauthorised: HTTP 401: the endpoint does not accept the key"),
        (error(404, "no"), "m at URL: not_found: HTTP 404: no such model or address at the endpoint"),
        (says("theodolite"), "m at URL: invalid: Invalid JSON: expected ident at line 1 column 2"),
    ],
)
def test_a_model_that_does_not_answer_as_it_should_fails(tmp_path: Path, behaviour: Behaviour, detail: str) -> None:
    assert asked(tmp_path, behaviour) == doctor.Line("model", "failed", detail)


def test_each_model_is_asked_once_and_told_with_what_it_is_for(tmp_path: Path) -> None:
    with serving(says(RIGHT)) as at:
        main, small = (Endpoint(at.url, name, SECRET, timeout_seconds=20) for name in ("m", "s"))
        settings = ModelSettings(
            main, {"repair": small, "answer": main}, fallback=small, prices={"m": Price(1, 1), "s": Price(1, 1)}
        )
        found = lines(settings, tmp_path)
    assert [each.body["model"] for each in at.received] == ["m", "s"]
    assert {"model, model for answer", "model for repair, fallback"} <= found.keys()


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    with serving(says(RIGHT)) as at:
        url = at.url.replace("http://", f"http://user:{SECRET}@")
        line = lines(ModelSettings(Endpoint(url, "m", timeout_seconds=20)), tmp_path)["model"]
    assert SECRET not in line.detail and f"m at {at.url} answers" in line.detail


def test_without_a_model_nothing_fails(tmp_path: Path) -> None:
    found = list(doctor.examine(None, tmp_path))
    assert not doctor.failed(found)
    assert found[-1].state == "off" and found[-1].subject == "model"


def test_a_state_folder_that_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert lines(None, tmp_path / "file" / "home")["state folder"].state == "failed"


@pytest.mark.parametrize(
    ("script", "state", "detail"),
    [
        ("echo 3.2.470", "ok", "3.2.470 at PROGRAM is the second opinion on fixes"),
        ("echo hello", "failed", "CCOPILOT_CHECKOV=PROGRAM: what it says to --version is no version of Checkov"),
        ("echo no >&2; exit 3", "failed", "CCOPILOT_CHECKOV=PROGRAM: Checkov ended with 3: no"),
    ],
)
def test_the_checkov_that_is_named_is_asked_for_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, state: str, detail: str
) -> None:
    program = tmp_path / "checkov"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("CCOPILOT_CHECKOV", str(program))
    line = lines(None, tmp_path)["checkov"]
    assert (line.state, line.detail.replace(str(program), "PROGRAM")) == (state, detail)


def test_without_a_checkov_that_is_named_none_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCOPILOT_CHECKOV", raising=False)
    assert lines(None, tmp_path)["checkov"].state == "off"


def test_the_extras_are_those_of_the_distribution() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert set(doctor.EXTRAS) == set(project["optional-dependencies"])


@pytest.mark.parametrize("answers", [True, False])
def test_the_command_exits_with_4_when_a_configured_endpoint_does_not_answer(tmp_path: Path, answers: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    with serving(says(RIGHT)) as at:
        environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "CCOPILOT_HOME": str(tmp_path),
            "CCOPILOT_MODEL": "m", "OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": at.url if answers else nobody,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "copilot.cli", "doctor"], env=environment, capture_output=True, text=True,
            timeout=100, check=False,
        )  # fmt: skip
    assert done.returncode == (0 if answers else 4), done.stderr
    assert ("ok     model " if answers else "failed model ") in done.stdout
    assert SECRET not in done.stdout + done.stderr
