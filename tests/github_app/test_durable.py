"""Who runs which job: no two processes under one id, nobody's jobs left behind, nothing kept for ever."""

from __future__ import annotations

import base64
import pickle
import shutil
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import sqlalchemy as sa
from dbos import _serialization

from github_app import durable
from github_app.durable import COMMANDS, JUDGING, REVIEWS, AlreadyRunning
from github_app.store import SchemaUnknown, Store, url_of
from tests.github_app import mortal
from tests.github_app.double import Double, Pull
from tests.github_app.mortal import Life
from tests.github_app.running import Running
from tests.github_app.serving import until
from tests.github_app.test_deaths import deliver, holds, life, lives
from tests.trees import key, volume

__all__ = ["life", "lives"]
Run = Callable[..., Running]
QUICK = {"BEAT": 0.3, "DEAD_AFTER": 2.0}


def judges(store: Store) -> str:
    """The executor that judges now; "" while nobody does."""
    table = "dbos.workflow_status" if store.is_postgres else "workflow_status"
    with store.reading() as c:
        try:
            found = c.execute(
                sa.text(f"select executor_id from {table} where name = 'judge' and status = 'PENDING'")
            ).scalar()
        except sa.exc.DBAPIError:
            return ""
    return str(found or "")


def test_on_postgres_a_worker_that_is_killed_while_it_judges_is_followed_by_another(
    double: Double,
    life: Life,
    lives: list[BaseProcess],
    tmp_path: Path,
    postgres: Callable[[], str],
    stored: Callable[[str], Store],
) -> None:
    database, hold = postgres(), tmp_path / "hold"
    hold.touch()
    more = {**vars(life), "database": database, "constants": QUICK}
    edge = Life(**{**more, "listens": (REVIEWS, COMMANDS)})
    working = Life(**{**more, "listens": (JUDGING,), "kind": "worker", "slots": 4, "holds": hold})
    deliver(life.home, double)
    lives.append(mortal.begin(edge))
    store = stored(url_of(database, life.home))
    workers = []
    for slot in (1, 2):
        workers.append(mortal.begin(working))
        lives.append(workers[-1])
        until(lambda slot=slot: len([e for e in store.executors() if e.kind == "worker"]) == slot)  # type: ignore[misc]
    first = until(lambda: judges(store))
    ids = [(life.home / "executors" / f"worker-{slot}").read_text() for slot in (1, 2)]
    mortal.kill(workers[ids.index(first)])
    hold.unlink()
    until(lambda: store.outcomes() == {"published": 1})
    holds(double, store)
    assert first not in {each.id for each in durable.living(store, time.time())}


def test_on_postgres_an_edge_that_does_not_come_back_is_followed_by_another(
    double: Double,
    life: Life,
    lives: list[BaseProcess],
    tmp_path: Path,
    postgres: Callable[[], str],
    stored: Callable[[str], Store],
) -> None:
    more = {**vars(life), "database": postgres(), "constants": QUICK}
    deliver(life.home, double)
    lives.append(mortal.begin(Life(**{**more, "deaths": ("publish:after",)})))
    until(lambda: not lives[-1].is_alive())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    lives.append(mortal.begin(Life(**{**more, "home": elsewhere})))
    store = stored(url_of(more["database"], life.home))
    until(lambda: store.outcomes() == {"published": 1})
    holds(double, store)


def test_an_upgrade_with_jobs_under_way_loses_none(
    double: Double, life: Life, lives: list[BaseProcess], tmp_path: Path, stored: Callable[[str], Store]
) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    for number in (2, 3):
        double.repository.git("checkout", "--quiet", "-B", f"b{number}", "main")
        double.pulls[number] = Pull(number, double.repository.commit({f"{number}.tf": key(f"k{number}") + volume()}))
    for number in (1, 2, 3):
        deliver(life.home, double, number, delivery=f"of-{number}")
    store = stored(url_of("", life.home))
    lives.append(mortal.begin(Life(**{**vars(life), "version": "jobs-0", "holds": hold})))
    until(lambda: judges(store))
    mortal.kill(lives[-1])
    hold.unlink()
    lives.append(mortal.begin(Life(**{**vars(life), "constants": QUICK})))
    until(lambda: store.outcomes() == {"published": 3})
    assert sorted(r["pull"] for r in double.reviews) == [1, 2, 3] and len(double.checks) == 3
    with store.reading() as c:
        versions = set(c.execute(sa.text("select application_version from workflow_status")).scalars())
    assert versions == {durable.VERSION}


def test_a_process_under_the_id_of_a_living_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: Callable[[str], Store]
) -> None:
    store = stored(url_of("", tmp_path / "one"))
    first = durable.enter(store, tmp_path / "one", "edge")
    with pytest.raises(AlreadyRunning, match="runs with"):
        durable.enter(store, tmp_path / "one", "edge")
    # A copy of the home brings the id along, and no lock.
    shutil.copytree(tmp_path / "one" / "executors", tmp_path / "two" / "executors")
    with pytest.raises(AlreadyRunning, match=first.executor.id):
        durable.enter(store, tmp_path / "two", "edge")
    # One that was killed leaves its beat behind, and comes back at once, since its lock is free.
    first.leave()
    again = durable.enter(store, tmp_path / "one", "edge")
    assert again.executor.id == first.executor.id
    again.leave()
    monkeypatch.setattr(durable, "DEAD_AFTER", -1.0)
    other = durable.enter(store, tmp_path / "two", "edge")
    assert other.executor.id == first.executor.id
    assert not store.beat(again.executor, time.time())  # whoever had it before knows that it is over
    other.leave()
    workers = [durable.enter(store, tmp_path / "one", "worker", slots=2) for _ in range(2)]
    assert len({each.executor.id for each in workers}) == 2
    with pytest.raises(AlreadyRunning):
        durable.enter(store, tmp_path / "one", "worker", slots=2)
    for each in workers:
        each.leave()
    store.close()


def test_a_pickled_value_is_not_read_whatever_a_row_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("serialize", "deserialize"):
        monkeypatch.setattr(_serialization.DefaultSerializer, name, getattr(_serialization.DefaultSerializer, name))
    durable.refuse_pickles()
    text = base64.b64encode(pickle.dumps({"then": "go"})).decode()
    with pytest.raises(TypeError, match="pickled"):
        _serialization.deserialize_value(text, "py_pickle", durable.serializer())
    assert _serialization.deserialize_value('{"then":"go"}', "portable_json", durable.serializer()) == {"then": "go"}


def test_what_is_old_is_deleted_and_record_and_receipt_stay(double: Double, run: Run) -> None:
    days = [0.0]
    running = run(clock=lambda: time.time() + days[0] * 86_400).going()
    running.opened()
    counted = "select (select count(*) from app_jobs), (select count(*) from app_trees), (select count(*) from workflow_status)"

    def left() -> tuple[int, ...]:
        with running.store.reading() as c:
            return tuple(c.execute(sa.text(counted)).one())

    until(lambda: left()[2] and running.edge.forget() is None and left() == (1, 3, 2))
    double.pulls[1].state, double.pulls[1].updated = "closed", "2026-11-05T00:00:00Z"
    running.opened(action="closed")
    days[0] = 100.0
    running.edge.forget()
    assert left() == (0, 0, 0)
    pull = running.store.pull(7, 1)
    assert pull is not None and pull.review is not None
    record, receipt = running.store.papers(pull.review)
    assert record["conclusion"]["exit_code"] == 1 and receipt["check_run"] == double.checks[0]["id"]
    running.send(
        {**_again(double)}, delivery="delivery-1"
    )  # the inbox has forgotten it; the review stands all the same
    running.settle()
    assert len(double.checks) == 1


def _again(double: Double) -> dict[str, object]:
    from tests.github_app.serving import pull_request

    return pull_request(double, updated="2026-11-01T00:00:00Z")


def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path, stored: Callable[[str], Store]) -> None:
    url = url_of("", tmp_path)
    store = stored(url)
    with store.writing() as c:
        c.execute(sa.text("update app_schema set version = 99"))
    store.close()
    with pytest.raises(SchemaUnknown, match="version 99"):
        stored(url)
