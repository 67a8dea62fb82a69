"""Whenever a process is killed: exactly one review, one check run, one record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import sqlalchemy as sa

from github_app import events
from github_app.inbox import Inbox
from github_app.serve import inbox_of
from github_app.store import Store, url_of
from tests.github_app import mortal
from tests.github_app.double import Double
from tests.github_app.mortal import Life
from tests.github_app.serving import SECRET, pull_request, signed, until

STEPS = ("begin", "gather", "judge", "watch", "publish", "close")


def deliver(home: Path, double: Double, number: int = 1, *, delivery: str = "one") -> None:
    """Put a delivery into the inbox, as the intake does."""
    body, headers = signed(pull_request(double, number), "pull_request", delivery)
    inbox = Inbox(inbox_of(home))
    inbox.put(events.parse(headers, body, [SECRET.encode()])).result(5)
    inbox.close()


@pytest.fixture
def life(double: Double, home: Path, app_key: str) -> Life:
    return Life(home, double.url, app_key)


@pytest.fixture
def lives() -> Iterator[list[BaseProcess]]:
    """Processes that a test has begun; none outlives it."""
    begun: list[BaseProcess] = []
    yield begun
    for each in begun:
        mortal.kill(each)


def finished(store: Store) -> bool:
    """Whether no job and no workflow is under way."""
    with store.reading() as c:
        try:
            left = c.execute(sa.text("select count(*) from workflow_status where status <> 'SUCCESS'")).scalar()
        except sa.exc.OperationalError:
            return False  # the first process has not got so far
    return not left and bool(store.outcomes()) and "" not in store.outcomes()


def seen(double: Double) -> dict[str, int]:
    """The writes that a person would see, as the double's log has them."""
    writes = [f"{verb} {re.sub('[0-9a-f]{40}|[0-9]{4,}', 'N', path.split('/infra')[-1])}" for verb, path, status in double.writes if 200 <= status < 300]  # fmt: skip
    wanted = ("POST /check-runs", "POST /pulls/1/reviews", "POST /issues/1/comments")
    return {each: writes.count(each) for each in wanted}


ONE = {"POST /check-runs": 1, "POST /pulls/1/reviews": 1, "POST /issues/1/comments": 1}


def holds(double: Double, store: Store) -> None:
    assert seen(double) == ONE
    assert [(c["conclusion"], len(c["annotations"])) for c in double.checks] == [("failure", 2)]
    assert (len(double.reviews), len(double.line_comments), len(double.comments)) == (1, 2, 1)
    assert store.outcomes() == {"published": 1}
    pull = store.pull(7, 1)
    assert pull is not None and pull.review is not None
    record, receipt = store.papers(pull.review)
    assert record["conclusion"]["exit_code"] == 1 and receipt["review"] == double.reviews[0]["id"]


def test_a_process_that_is_killed_before_and_after_every_step_in_turn_ends_in_one_review(
    double: Double, life: Life, lives: list[BaseProcess]
) -> None:
    deaths = tuple(f"{step}:{when}" for step in STEPS for when in ("before", "after"))
    life = Life(**{**vars(life), "deaths": deaths})
    deliver(life.home, double)
    store = Store(url_of("", life.home))
    for _ in deaths:
        lives.append(mortal.begin(life))
        until(lambda: not lives[-1].is_alive())
    assert {p.name for p in (life.home / "died").iterdir()} == set(deaths)
    lives.append(mortal.begin(life))
    until(lambda: finished(store))
    holds(double, store)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_is_killed_at_every_request_in_turn_ends_in_one_review(
    double: Double, life: Life, lives: list[BaseProcess], when: str
) -> None:
    killed: set[str] = set()

    def faulty(verb: str, path: str, body: bytes) -> str:
        name = f"{verb} {path} {body.decode()}"
        if name in killed:
            return ""
        killed.add(name)
        mortal.kill(lives[-1])
        return f"cut:{when}"

    deliver(life.home, double)
    store = Store(url_of("", life.home))
    double.faulty = faulty
    while not finished(store):
        lives.append(mortal.begin(life))
        until(lambda: not lives[-1].is_alive() or finished(store))
    assert len(killed) >= 25
    assert sum(name.startswith(("POST", "PATCH")) for name in killed) >= 8
    holds(double, store)
