"""What GitHub granted is held against what the App needs, and told as it is; no secret is in any line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from copilot.doctor import Line
from github_app import doctor, events, permissions
from github_app.permissions import EVENTS, PERMISSIONS, asked
from tests.github_app.double import Double

SECRET = "planted-secret-of-the-webhook-0123456789"
ALL = asked(commits=True)


@pytest.fixture
def environment(double: Double, app_key: str) -> dict[str, str]:
    return {
        "CCOPILOT_GITHUB_APP_ID": "4711", "CCOPILOT_GITHUB_PRIVATE_KEY": app_key,
        "CCOPILOT_GITHUB_WEBHOOK_SECRET": SECRET, "CCOPILOT_GITHUB_API_URL": double.url,
    }  # fmt: skip


def told(environment: dict[str, str], double: Double | None = None) -> list[tuple[str, str, str]]:
    lines = list(doctor.examine(environment))
    for line in lines:
        assert SECRET not in line.detail and "PRIVATE KEY-----\n" not in line.detail
    places = {double.url: "API", double.host: "WEB"} if double else {}
    out = []
    for each in lines:
        detail = each.detail
        for place, name in places.items():
            detail = detail.replace(place, name)
        out.append((each.subject, each.state, detail))
    return out


def test_an_app_that_has_what_it_needs_is_told_so(environment: dict[str, str], double: Double) -> None:
    double.asks = ALL
    double.install("acme", ALL)
    assert told(environment, double) == [
        ("webhook secret", "ok", "is set"),
        ("GitHub App", "ok", "App 4711 at API is ccopilot"),
        ("permissions asked for", "ok", "everything that a review needs is granted"),
        ("events", "ok", "7 are sent"),
        ("webhook", "ok", "GitHub sends to https://copilot.example/webhook"),
        ("installed for acme", "ok", "everything that a review needs is granted"),
    ]


def test_what_is_missing_is_told_with_what_it_is_needed_for(environment: dict[str, str], double: Double) -> None:
    double.install("acme", {**asked(commits=False), "checks": "read"})
    double.hears = tuple(each for each in double.hears if each != "merge_group")
    commits = (
        "contents: write is missing: `/compliance fix` and `/compliance waive` make a branch with one commit, for a pull request; "
        "members: read is missing: who is in a team that CODEOWNERS names, since an owner approves a waiver; only organisations have it"
    )  # fmt: skip
    assert [line for line in told(environment, double) if line[1] != "ok"] == [
        ("permissions asked for", "off", commits),
        ("events", "failed", "merge_group is not sent: a merge queue asks for checks"),
        (
            "installed for acme", "failed",
            "checks: write is missing: the check run with its conclusion and annotations; an owner accepts new ones at "
            "WEB/organizations/acme/settings/installations/1",
        ),
        ("installed for acme", "off", commits),
    ]  # fmt: skip


def test_more_than_is_used_is_a_warning(environment: dict[str, str], double: Double) -> None:
    double.asks = {**ALL, "administration": "write", "issues": "write"}
    double.install("acme", ALL)
    found = [line for line in told(environment, double) if line[1] == "warns"]
    assert found == [
        (
            "permissions asked for", "warns",
            "more than is ever used: administration: write, issues: write; WEB/apps/ccopilot/permissions",
        )
    ]  # fmt: skip


def test_every_installation_is_looked_at(environment: dict[str, str], double: Double) -> None:
    for number in range(120):
        double.install(f"a{number}", ALL, suspended=number == 7)
    found = told(environment, double)
    assert sum(subject.startswith("installed for") for subject, *_ in found) == 120
    assert ("installed for a7", "warns", "suspended: nothing is reviewed there") in found


def test_an_app_that_nobody_installed_is_told_where_to(environment: dict[str, str], double: Double) -> None:
    assert told(environment, double)[-1] == (
        "installations", "warns", "it is installed nowhere; WEB/apps/ccopilot/installations/new"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"url": ""}, ("failed", "GitHub knows no address to send deliveries to")),
        ({"secret": ""}, ("failed", "https://copilot.example/webhook: it has no secret at GitHub: every delivery is refused")),
        ({"content_type": "form"}, ("failed", "https://copilot.example/webhook: its content type is not application/json: every delivery is refused")),
        ({"insecure_ssl": "1"}, ("warns", "https://copilot.example/webhook: GitHub does not verify the certificate")),
    ],
)  # fmt: skip
def test_deliveries_that_could_not_be_taken_are_told_of(
    environment: dict[str, str], double: Double, change: dict[str, Any], line: tuple[str, str]
) -> None:
    double.hook |= change
    assert ("webhook", *line) in told(environment, double)


def test_a_wrong_number_or_key_is_told_plainly(environment: dict[str, str], double: Double, another_key: str) -> None:
    assert told(environment | {"CCOPILOT_GITHUB_APP_ID": "12"}, double)[1:] == [
        ("GitHub App", "failed", "App 12 at API: GitHub knows none of this number; look at CCOPILOT_GITHUB_APP_ID")
    ]
    assert told(environment | {"CCOPILOT_GITHUB_PRIVATE_KEY": another_key}, double)[1:] == [
        (
            "GitHub App", "failed",
            "App 4711 at API: GitHub does not accept the private key: it is another App's or was removed, or this clock is wrong",
        )
    ]  # fmt: skip
    broken = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"
    assert told(environment | {"CCOPILOT_GITHUB_PRIVATE_KEY": broken}, double)[1:] == [
        (
            "GitHub App", "failed",
            "the App's private key cannot be read; it is the PEM file that GitHub gave out, whole, with its first and last line",
        )
    ]  # fmt: skip


def test_github_that_does_not_answer_is_a_failure(environment: dict[str, str], double: Double) -> None:
    double.faults = dict.fromkeys(range(8), "before:500")
    assert told(environment, double)[1][:2] == ("GitHub App", "failed")


def test_settings_that_are_wrong_are_told_all_at_once(tmp_path: Path) -> None:
    assert told({"CCOPILOT_GITHUB_APP_ID": "x", "CCOPILOT_GITHUB_PRIVATE_KEY_FILE": str(tmp_path / "none")}) == [
        ("GitHub App", "failed", "CCOPILOT_GITHUB_APP_ID is the App's number"),
        ("GitHub App", "failed", f"CCOPILOT_GITHUB_PRIVATE_KEY_FILE={tmp_path}/none: No such file or directory"),
        (
            "GitHub App", "failed",
            "CCOPILOT_GITHUB_WEBHOOK_SECRET (or …_FILE, a path) is the webhook's secret (two, with a blank between, while one replaces the other)",
        ),
    ]  # fmt: skip


def test_a_secret_that_can_be_guessed_is_a_warning(environment: dict[str, str], double: Double) -> None:
    found = told(environment | {"CCOPILOT_GITHUB_WEBHOOK_SECRET": "tiny-one"}, double)
    assert found[0] == (
        "webhook secret", "warns", "it has 8 bytes, and can be guessed; take 32 from a generator of random ones"
    )  # fmt: skip


def test_where_nothing_is_set_up_nothing_fails() -> None:
    assert list(doctor.examine({"PATH": "/bin"})) == [
        Line("GitHub App", "off", "none is set up; `ccopilot setup` creates one")
    ]


def test_the_command_ends_with_4_where_a_permission_is_missing(
    environment: dict[str, str], double: Double, tmp_path: Path
) -> None:
    double.install("acme", {"contents": "read"})
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "doctor"], capture_output=True, text=True, timeout=100, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "CCOPILOT_HOME": str(tmp_path)} | environment,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "failed installed for acme " in done.stdout and SECRET not in done.stdout + done.stderr


def test_the_events_are_those_that_something_here_reads() -> None:
    unasked = {"installation", "installation_repositories"}
    assert {each.name for each in EVENTS} == set(events._READERS) - unasked


def test_every_event_comes_with_a_permission_that_is_asked_for() -> None:
    assert {each.permission for each in EVENTS} <= asked(commits=False).keys()


def test_a_token_is_asked_for_what_its_work_needs_and_no_more_than_was_granted() -> None:
    review = {"contents": "read", "pull_requests": "write", "checks": "write"}
    assert permissions.token() == permissions.token(granted=ALL) == review
    assert permissions.token(commits=True) == review | {"contents": "write", "members": "read"}
    assert permissions.token(commits=True, granted=asked(commits=False)) == review
    granted = {"contents": "read", "checks": "read", "metadata": "read", "administration": "write"}
    assert permissions.token(commits=True, granted=granted) == {"contents": "read"}


def test_only_the_commands_that_commit_take_writing_contents() -> None:
    assert {name: access for name, access in ALL.items() if asked(commits=False).get(name) != access} == {
        "contents": "write", "members": "read",
    }  # fmt: skip
    assert [each.name for each in PERMISSIONS if each.commits] == ["contents", "members"]
    assert permissions.missing(ALL) == () and permissions.more(ALL) == ()
