"""The App's commands stand in the command line, and cost nothing until one of them runs."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot import doctor
from copilot.errors import UsageError

TOP = Path(__file__).parents[2]
# typer asks click for names that its later releases warn of.
pytestmark = pytest.mark.filterwarnings("ignore:'click:DeprecationWarning")


def test_the_command_line_loads_none_of_what_the_app_needs() -> None:
    program = "import json, sys, copilot.cli; print(json.dumps([sorted(sys.modules), [c.callback.__name__ for c in copilot.cli.app.registered_commands]]))"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=TOP)
    loaded, commands = json.loads(done.stdout)
    heavy = {"pydantic", *(name for names in doctor.EXTRAS.values() for name in names)}
    assert heavy & set(loaded) == set()
    from github_app.command_line import COMMANDS

    assert "setup" in commands and {each.__name__ for each in COMMANDS} <= set(commands)


@pytest.fixture
def collector() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.usefixtures("collector")
def test_a_command_that_stays_collects_cycles() -> None:
    from github_app.command_line import lasting

    gc.disable()
    lasting()
    assert gc.isenabled()


def test_a_command_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from github_app.command_line import lasting

    monkeypatch.setattr(doctor, "EXTRAS", {"app": ("fastapi", "surely_not_installed")})
    with pytest.raises(UsageError, match="the extra app is not installed: surely_not_installed") as told:
        lasting()
    assert told.value.hint == "in a checkout of this project, pip install '.[app]'"


@pytest.mark.usefixtures("collector")
def test_a_worker_without_a_database_to_share_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from github_app.command_line import worker

    monkeypatch.delenv("CCOPILOT_DATABASE_URL", raising=False)
    monkeypatch.delenv("CCOPILOT_DATABASE_URL_FILE", raising=False)
    with pytest.raises(UsageError, match="CCOPILOT_DATABASE_URL is not set"):
        worker()
