"""The edge over real HTTP: what is signed is kept once and answered, everything else is refused, nothing is lost."""

from __future__ import annotations

import http.client
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from github_app.events import MAX_BYTES, PullRequest
from github_app.inbox import Inbox, InboxClosed
from github_app.settings import AppSettings, AppUnset, database_url, web_url
from tests.github_app.test_events import payload, signed


def post(port: int, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/webhook", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def delivery(id: str, name: str = "pull_request", data: Any = None) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(payload("pull_request.opened") if data is None else data).encode()
    return body, {**signed(body, name), "X-GitHub-Delivery": id}


def test_a_delivery_is_kept_and_the_same_one_again_is_known(port: int, inbox: Inbox) -> None:
    assert [post(port, *delivery("one")), post(port, *delivery("one")), post(port, *delivery("two"))] == [
        (202, "accepted"), (202, "known"), (202, "accepted"),
    ]  # fmt: skip
    found = inbox.waiting()
    assert [d.event.origin.delivery for d in found if isinstance(d.event, PullRequest)] == ["one", "two"]


def test_what_is_unsigned_malformed_too_large_or_nobodys_is_answered_and_not_kept(port: int, inbox: Inbox) -> None:
    body, headers = delivery("one")
    assert post(port, body + b" ", headers) == (401, "unsigned")
    assert post(port, body, {k: v for k, v in headers.items() if "Signature" not in k}) == (401, "unsigned")
    assert post(port, *delivery("two", data={"action": "opened", "installation": {"id": 1}})) == (400, "malformed")
    assert post(port, *delivery("three", name="star")) == (202, "ignored")
    assert post(port, b"", {"Content-Length": str(MAX_BYTES + 1)})[0] == 413
    assert inbox.waiting() == ()


def test_a_thousand_duplicated_reordered_concurrent_deliveries_are_kept_once_each(port: int, inbox: Inbox) -> None:
    sent = [delivery(f"d{n}") for n in range(250)] * 4
    random.Random(7).shuffle(sent)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda each: post(port, *each), sent))
    assert sorted(set(answers)) == [(202, "accepted"), (202, "known")]
    assert answers.count((202, "accepted")) == 250
    assert len(inbox.waiting(1000)) == 250


def test_a_delivery_that_became_a_job_stays_known_and_waits_no_more_until_it_is_forgotten(
    port: int, inbox: Inbox
) -> None:
    post(port, *delivery("one"))
    post(port, *delivery("two"))
    first, second = inbox.waiting()
    assert inbox.waiting(after=first.number) == (second,) and inbox.count(after=second.number) == 0
    later = time.time() + 60
    assert inbox.forget(upto=first.number, texts=later, rows=0) == 0
    assert inbox.waiting() == (second,) and post(port, *delivery("one")) == (202, "known")
    assert inbox.forget(upto=first.number, texts=later, rows=later) == 1
    assert post(port, *delivery("one")) == (202, "accepted")


def test_what_was_answered_lies_on_disk_when_the_next_process_opens_the_inbox(
    port: int, inbox: Inbox, tmp_path: Path
) -> None:
    post(port, *delivery("one"))
    other = Inbox(tmp_path / "state" / "inbox.sqlite")
    assert len(other.waiting()) == 1
    other.close()


def test_a_closed_inbox_makes_the_edge_say_that_it_is_not_well(port: int, inbox: Inbox) -> None:
    assert get(port, "/healthz") == (200, "ok")
    inbox.close()
    assert get(port, "/healthz")[0] == 503
    assert post(port, *delivery("one")) == (503, "not_kept")
    with pytest.raises(InboxClosed):
        inbox.put(inbox.waiting()[0].event if inbox.waiting() else PullRequest.__new__(PullRequest))


def test_the_metrics_count_what_became_of_deliveries(port: int) -> None:
    post(port, *delivery("one"))
    post(port, b"x", {})
    status, text = get(port, "/metrics")
    assert status == 200
    assert (
        'ccopilot_deliveries_total{outcome="accepted"} 1.0' in text
        and 'ccopilot_deliveries_total{outcome="unsigned"} 1.0' in text
    )


def test_the_app_does_not_start_without_its_settings_and_names_them_all() -> None:
    with pytest.raises(AppUnset) as found:
        AppSettings.of({})
    assert [name for name in ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET") if f"CCOPILOT_GITHUB_{name}" in str(found.value)] == [
        "APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET",
    ]  # fmt: skip


def test_the_key_may_be_a_file_and_no_secret_stands_in_the_settings_text(tmp_path: Path, app_key: str) -> None:
    (tmp_path / "key.pem").write_text(app_key)
    given = {"CCOPILOT_GITHUB_APP_ID": "4711", "CCOPILOT_GITHUB_WEBHOOK_SECRET": "new-one old-one"}
    by_file = AppSettings.of({**given, "CCOPILOT_GITHUB_PRIVATE_KEY_FILE": str(tmp_path / "key.pem")})
    in_line = AppSettings.of({**given, "CCOPILOT_GITHUB_PRIVATE_KEY": app_key.replace("\n", "\\n")})
    assert by_file.private_key == in_line.private_key == app_key
    assert by_file.webhook_secrets == (b"new-one", b"old-one")
    assert repr(by_file) == "AppSettings(app_id=4711, api_url='https://api.github.com')"
    with pytest.raises(AppUnset, match="https"):
        AppSettings.of(
            {**given, "CCOPILOT_GITHUB_PRIVATE_KEY": app_key, "CCOPILOT_GITHUB_API_URL": "http://ghe.example/api/v3"}
        )


def test_every_secret_may_be_a_file(tmp_path: Path, app_key: str) -> None:
    url = "postgresql+psycopg://ccopilot:planted@db/ccopilot"
    for name, text in {"PRIVATE_KEY": app_key, "SECRET": "one-secret\n", "URL": f"{url}\n"}.items():
        (tmp_path / name).write_text(text)
    found = AppSettings.of({
        "CCOPILOT_GITHUB_APP_ID": "4711", "CCOPILOT_GITHUB_PRIVATE_KEY_FILE": str(tmp_path / "PRIVATE_KEY"),
        "CCOPILOT_GITHUB_WEBHOOK_SECRET_FILE": str(tmp_path / "SECRET"), "CCOPILOT_DATABASE_URL_FILE": str(tmp_path / "URL"),
    })  # fmt: skip
    assert (found.private_key, found.webhook_secrets, found.database_url) == (app_key, (b"one-secret",), url)
    assert database_url({"CCOPILOT_DATABASE_URL_FILE": str(tmp_path / "URL")}) == url and database_url({}) == ""
    with pytest.raises(AppUnset, match="CCOPILOT_DATABASE_URL_FILE="):
        database_url({"CCOPILOT_DATABASE_URL_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.acme.example/api/v3", "https://github.acme.example"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080"),
    ],
)
def test_the_pages_of_github_stand_beside_its_api(api: str, web: str) -> None:
    assert web_url(api) == web
