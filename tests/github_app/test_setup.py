"""An App is made from the manifest over real HTTP: by whoever has the token, with the state of a page, once; and its
secrets lie in files for their owner alone, and in no page."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from copilot.errors import UsageError
from github_app import setup
from github_app.permissions import EVENTS, asked
from github_app.settings import AppSettings
from github_app.setup import Kept, SetUpAlready, Wanted
from tests.github_app.conftest import served
from tests.github_app.double import Double

TOKEN = "the-token-that-was-printed"


class Serving:
    """The pages on loopback, with a clock that a test may move."""

    def __init__(self, wanted: Wanted, folder: Path) -> None:
        self.now = 0.0
        self.kept: list[Kept] = []
        self._served = served(setup.build(wanted, folder, TOKEN, self.kept.append, clock=lambda: self.now))
        self.url = f"http://127.0.0.1:{self._served.__enter__()}"

    def close(self) -> None:
        self._served.__exit__(None, None, None)

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=10)

    def form(self) -> tuple[str, dict[str, Any]]:
        """Where the form goes, and the manifest in it."""
        page = self.get(f"/setup?token={TOKEN}")
        assert page.status_code == 200
        action, manifest = re.findall(r'form action="([^"]+)"|name="manifest" value="([^"]+)"', page.text)
        return html.unescape(action[0]), json.loads(html.unescape(manifest[1]))

    def agreed(self) -> str:
        """Where GitHub sends the browser once a person agreed."""
        action, manifest = self.form()
        answer = requests.post(action, data={"manifest": json.dumps(manifest)}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"].removeprefix(self.url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return setup.reserve(tmp_path / "home")


@pytest.fixture
def serving(double: Double, folder: Path) -> Iterator[Serving]:
    made = Serving(Wanted("https://copilot.example.org", organisation="acme", api_url=double.url), folder)
    yield made
    made.close()


def test_an_app_is_made_and_its_secrets_are_kept_in_files_alone(serving: Serving, double: Double, folder: Path) -> None:
    page = serving.get(serving.agreed())
    assert page.status_code == 200, page.text
    (kept,) = serving.kept
    found = AppSettings.of(kept.settings)
    assert (found.app_id, found.private_key, found.api_url) == (kept.id, double.pem, double.url)
    assert found.webhook_secrets == (f"hook{kept.id}".encode() * 8,)
    assert (folder / "app.env").read_text() == "".join(f"{name}={value}\n" for name, value in kept.settings.items())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == dict.fromkeys(("private-key.pem", "webhook-secret", "app.env"), 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for secret in (found.webhook_secrets[0].decode(), "of-an-app-that-was-made", "client-secret"):
        assert secret not in page.text and secret not in (folder / "app.env").read_text()
    assert f"CCOPILOT_GITHUB_APP_ID={kept.id}" in page.text


def test_the_manifest_asks_for_what_the_table_says(serving: Serving, double: Double) -> None:
    action, manifest = serving.form()
    assert action.partition("?")[0] == f"{double.host}/organizations/acme/settings/apps/new"
    assert manifest == {
        "name": "Compliance copilot", "url": "https://copilot.example.org",
        "description": "Reviews changes to infrastructure code, and shows only fixes that were proved.",
        "public": False, "redirect_url": f"{serving.url}/setup/callback",
        "hook_attributes": {"url": "https://copilot.example.org/webhook", "active": True},
        "default_permissions": asked(commits=False), "default_events": [each.name for each in EVENTS],
    }  # fmt: skip


def test_the_manifest_asks_to_write_contents_only_where_that_is_wanted() -> None:
    def granted(commits: bool) -> Any:
        return Wanted("https://x.example", commits=commits).manifest("https://y.example")["default_permissions"]

    assert granted(commits=False)["contents"] == "read" and granted(commits=True)["contents"] == "write"


@pytest.mark.parametrize(
    ("api", "organisation", "page"),
    [
        ("https://api.github.com", "", "https://github.com/settings/apps/new?state=s"),
        ("https://api.github.com", "acme", "https://github.com/organizations/acme/settings/apps/new?state=s"),
        ("https://ghe.example/api/v3", "acme", "https://ghe.example/organizations/acme/settings/apps/new?state=s"),
    ],
)
def test_the_form_goes_to_the_github_of_the_settings(api: str, organisation: str, page: str) -> None:
    assert Wanted("https://x.example", organisation=organisation, api_url=api).page("s") == page


def test_without_the_token_there_is_no_form(serving: Serving) -> None:
    for path in ("/setup", "/setup?token=", "/setup?token=wrong", "/setup?token=%C3%A9"):
        page = serving.get(path)
        assert page.status_code == 403 and "<form" not in page.text


def test_a_code_without_the_state_of_a_page_is_not_exchanged(serving: Serving, double: Double, folder: Path) -> None:
    there = serving.agreed()
    code = parse_qs(urlsplit(there).query)["code"][0]
    for path in (f"/setup/callback?code={code}", f"/setup/callback?code={code}&state=forged"):
        assert serving.get(path).status_code == 403
    assert code in double.manifests and not list(folder.iterdir()) and not serving.kept


def test_a_state_works_once_and_for_an_hour(serving: Serving, double: Double, folder: Path) -> None:
    late = serving.agreed()
    serving.now = 3601.0
    assert serving.get(late).status_code == 403
    again = serving.agreed()
    assert serving.get(again.replace("code=", "code=x")).status_code == 400
    assert serving.get(again).status_code == 403
    assert not list(folder.iterdir())
    assert serving.get(serving.agreed()).status_code == 200


def test_only_one_app_is_made(serving: Serving) -> None:
    first, second = serving.agreed(), serving.agreed()
    assert [serving.get(first).status_code, serving.get(second).status_code, len(serving.kept)] == [200, 400, 1]
    assert "<form" not in serving.get(f"/setup?token={TOKEN}").text


def test_github_that_fails_is_told_and_nothing_is_kept(serving: Serving, double: Double, folder: Path) -> None:
    there = serving.agreed()
    double.faults[double._count] = "before:500"
    assert serving.get(there).status_code == 502
    assert not list(folder.iterdir())


def test_secrets_that_cannot_be_written_are_told_as_lost(serving: Serving, double: Double, folder: Path) -> None:
    there = serving.agreed()
    (folder / "private-key.pem").write_text("of somebody else")
    page = serving.get(there)
    assert page.status_code == 500 and "of-an-app-that-was-made" not in page.text
    assert "make a new private key" in page.text
    assert (folder / "private-key.pem").read_text() == "of somebody else"


def test_the_page_lets_nothing_run_and_nobody_frame_it(serving: Serving, double: Double) -> None:
    found = serving.get(f"/setup?token={TOKEN}").headers
    assert found["Cache-Control"] == "no-store" and found["Referrer-Policy"] == "strict-origin"
    policy = found["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "frame-ancestors 'none'" in policy
    assert f"form-action {double.host} 'self'" in policy


def test_a_name_is_text_in_the_page(double: Double, folder: Path) -> None:
    made = Serving(Wanted("https://x.example", name='"><script>x</script>', api_url=double.url), folder)
    try:
        assert "<script" not in made.get(f"/setup?token={TOKEN}").text
    finally:
        made.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://copilot.example.org"}, {"url": "copilot.example.org"}, {"url": "https://u:p@x.example"},
        {"url": "https://x.example?a=b"}, {"url": "https://x.example", "organisation": "a/b"},
        {"url": "https://x.example", "name": ""}, {"url": "https://x.example", "name": "x" * 35},
    ],
)  # fmt: skip
def test_what_github_would_not_take_is_refused_at_once(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Wanted(**wrong)  # type: ignore[arg-type]


def test_secrets_that_are_there_are_not_written_over(tmp_path: Path) -> None:
    (setup.reserve(tmp_path) / "webhook-secret").write_text("x")
    with pytest.raises(SetUpAlready):
        setup.reserve(tmp_path)


def command(double: Double, home: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "copilot.cli", "setup", "--url", "https://copilot.example.org", "--port", "0", *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "CCOPILOT_HOME": str(home),
             "CCOPILOT_GITHUB_API_URL": double.url},
    )  # fmt: skip


def test_the_command_serves_the_page_on_loopback_until_the_app_is_made(double: Double, tmp_path: Path) -> None:
    chromium = Path("/usr/bin/chromium")
    with command(double, tmp_path, "--commits") as process:
        try:
            assert process.stderr is not None and process.stdout is not None
            said = process.stderr.readline()
            address = said.removeprefix("open ").strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/setup\?token=[\w-]{32}", address), said
            if chromium.exists():
                clicked(address, chromium)
            else:  # what the browser does, by hand
                page = requests.get(_answering(address), timeout=10).text
                action, manifest = re.findall(r'form action="([^"]+)"|name="manifest" value="([^"]+)"', page)
                requests.post(html.unescape(action[0]), data={"manifest": html.unescape(manifest[1])}, timeout=10)
            assert process.wait(timeout=20) == 0
            told = dict(line.split("=", 1) for line in process.stdout.read().splitlines())
        finally:
            process.kill()
    found = AppSettings.of(told)
    assert found.private_key == double.pem and found.api_url == double.url


def _answering(address: str) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            requests.get(address, timeout=1)
            return address
        except requests.ConnectionError:  # it listens before it answers
            time.sleep(0.05)
    raise AssertionError("nobody answers")


def clicked(address: str, chromium: Path) -> None:
    """A person in a browser, in which the page's own policy holds."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium), args=["--disable-dev-shm-usage", "--disable-gpu"])
        try:
            page = browser.new_page()
            errors: list[str] = []
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            page.goto(address)
            page.get_by_role("button", name="Create it on GitHub").click(timeout=10_000)
            page.get_by_role("heading", name="The App is made").wait_for(timeout=10_000)
            assert [each for each in errors if "favicon" not in each] == []
        finally:
            browser.close()


def test_the_command_that_is_interrupted_says_that_nothing_was_made(double: Double, tmp_path: Path) -> None:
    with command(double, tmp_path) as process:
        try:
            assert process.stderr is not None
            _answering(process.stderr.readline().removeprefix("open ").strip())
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 130
            assert process.stderr.read() == "no App was made\n"
        finally:
            process.kill()
