"""`ccopilot serve` as real processes: a webhook becomes a review, whatever is killed on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.github_app.double import Double
from tests.github_app.serving import TOP, Served, pull_request, until


@pytest.fixture
def served(double: Double, home: Path, app_key: str) -> Iterator[Served]:
    made = Served(double, home, app_key)
    yield made
    made.kill()


def environ(pid: int) -> dict[str, str]:
    found = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(each.split("=", 1) for each in found if each)


def test_a_webhook_becomes_one_review_and_no_process_but_one_has_githubs_secrets(
    double: Double, served: Served
) -> None:
    served.start(OPENAI_API_KEY="sk-model", CCOPILOT_MODEL="m", SOMETHING_ELSE="x", CCOPILOT_GITHUB_TOKEN="t")
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in until(served.children)}
    (worker,) = [pid for pid, command in commands.items() if "worker" in command]
    (intake,) = [pid for pid, command in commands.items() if "intake" in command]
    assert not [name for name in environ(worker) if "GITHUB" in name or name == "SOMETHING_ELSE"]
    assert served.environment["CCOPILOT_GITHUB_WEBHOOK_SECRET"] not in Path(f"/proc/{worker}/environ").read_text()
    assert "PRIVATE KEY" not in Path(f"/proc/{worker}/environ").read_text()
    assert environ(worker)["OPENAI_API_KEY"] == "sk-model"
    assert [name for name in environ(intake) if "GITHUB" in name] == ["CCOPILOT_GITHUB_WEBHOOK_SECRET"]
    assert "OPENAI_API_KEY" not in environ(intake)
    assert served.stop() == 0

    served.start()
    assert served.send(pull_request(double), delivery="one") == 202
    until(served.concluded)
    assert [c["conclusion"] for c in double.checks] == ["failure"]
    assert (len(double.reviews), len(double.line_comments), len(double.comments)) == (1, 2, 1)
    # The same delivery, the same event under another one, and the same again after a restart.
    writes = double.writes
    assert served.send(pull_request(double), delivery="one") == 202
    assert served.send(pull_request(double), delivery="two") == 202
    assert served.stop() == 0
    served.start()
    assert served.send(pull_request(double, action="reopened"), delivery="three") == 202
    until(lambda: served.store().outcomes() == {"published": 1, "known": 1})
    assert double.writes[len(writes) :] == [w for w in double.writes[len(writes) :] if "access_tokens" in w[1]]


def test_what_is_missing_is_said_at_once_and_nothing_starts(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "CCOPILOT_HOME": str(tmp_path / "home"), "PYTHONPATH": str(TOP)}
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "serve"], env=environment, cwd=TOP, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 3
    for name in ("CCOPILOT_GITHUB_APP_ID", "CCOPILOT_GITHUB_PRIVATE_KEY", "CCOPILOT_GITHUB_WEBHOOK_SECRET"):
        assert name in done.stderr
    assert not (tmp_path / "home" / "app.sqlite3").exists()


def test_a_second_process_of_one_home_is_refused(double: Double, served: Served) -> None:
    served.start()
    done = subprocess.run(
        served.command, env=served.environment, cwd=TOP, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 3 and "runs with" in done.stderr
