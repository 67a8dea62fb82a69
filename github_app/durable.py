"""Durable jobs: DBOS over our own database, under ids and a version of our own, and what it leaves to whoever runs it.

It runs the jobs of an executor again when a process of that very id starts, and of no other: so an id is stable, no two
living processes have the same, and the jobs of one that does not come back are handed on. It picks up nothing that an
older version of the steps left half done: those jobs begin anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig
from dbos import _serialization as dbos_serialization

from copilot.errors import UsageError
from github_app.store import Executor, Store

VERSION: Final = "jobs-1"
"""Raised when the steps of a workflow change, or their order, or what they hand on."""
NAME: Final = "ccopilot"
REVIEWS: Final = "reviews"
COMMANDS: Final = "commands"
JUDGING: Final = "judging"
BEAT: Final = 3.0
DEAD_AFTER: Final = 15.0
"""Seconds without a beat after which a process counts as dead."""
ACTIVE: Final = ("PENDING", "ENQUEUED", "DELAYED")

_log = logging.getLogger(__name__)


class AlreadyRunning(UsageError):
    """A living process has this executor id: two of them would run each other's jobs."""

    hint = "stop the other process, or give this one a CCOPILOT_HOME of its own"


def refuse_pickles() -> None:
    """Let DBOS read no pickled value, whatever a row of its tables says: reading one runs what is in it."""

    def refused(*_: Any) -> Any:
        raise TypeError("a pickled value is not read")

    for name in ("serialize", "deserialize"):
        setattr(dbos_serialization.DefaultSerializer, name, refused)


def serializer() -> Any:
    """JSON, and nothing else, between steps."""
    return dbos_serialization.DBOSPortableJSONSerializer()


def engine_for(store: Store) -> sa.Engine | None:
    """An engine for DBOS on SQLite; its own has a rollback journal and waits by polling. On Postgres it makes its own."""
    if store.is_postgres:
        return None
    engine = sa.create_engine(store.url, pool_size=20, max_overflow=40)

    @sa.event.listens_for(engine, "connect")
    def connected(raw: Any, _: Any) -> None:
        raw.isolation_level = "IMMEDIATE"
        # What a power cut may take is that a step was done: it is done again, and looks first. Jobs come into being in a
        # transaction of ours, which is written through.
        for pragma in ("busy_timeout = 30000", "journal_mode = wal", "synchronous = normal", "foreign_keys = on"):
            raw.execute(f"pragma {pragma}")

    return engine


@dataclass(frozen=True, slots=True)
class Places:
    """How many jobs one process runs at a time."""

    reviews: int = 32
    commands: int = 8
    judging: int = 1


def launch(
    store: Store, executor: Executor, listens: Sequence[str], *, poll: float, places: Places | None = None
) -> None:
    """Start DBOS in this process for some queues; the workflows must be registered by now."""
    places = places or Places()
    refuse_pickles()
    config: DBOSConfig = {
        "name": NAME, "system_database_url": store.url, "application_version": executor.version,
        "executor_id": executor.id, "log_level": "WARNING", "serializer": serializer(), "enable_otlp": False,
        "notification_listener_polling_interval_sec": 1.0, "run_migrations": True,
    }  # fmt: skip
    engine = engine_for(store)
    if engine is not None:
        config["system_database_engine"] = engine
    DBOS(config=config)
    _quiet()
    DBOS.listen_queues(list(listens))
    DBOS.launch()
    for name, at_once in ((REVIEWS, places.reviews), (COMMANDS, places.commands)):
        DBOS.register_queue(
            name, partition_concurrency=1, worker_concurrency=at_once, polling_interval_sec=poll,
            on_conflict="always_update",
        )  # fmt: skip
    DBOS.register_queue(
        JUDGING, worker_concurrency=places.judging, polling_interval_sec=poll, on_conflict="always_update"
    )


def _quiet() -> None:
    logger = logging.getLogger("dbos")
    for handler in list(logger.handlers):
        if handler.name == "__dbos_console_log_handler__":
            logger.removeHandler(handler)
    logger.propagate = True


def client(store: Store) -> DBOSClient:
    """What puts jobs into queues within a transaction of ours."""
    engine = engine_for(store)
    if engine is not None:
        return DBOSClient(system_database_engine=engine, application_name=NAME, serializer=serializer())
    return DBOSClient(system_database_url=store.url, application_name=NAME, serializer=serializer())


def id_of(job: str) -> str:
    """The id of a job's workflow: another one for each version of the steps."""
    return f"{job}@{VERSION}"


# --- executors ------------------------------------------------------------------------------------------------------


class Presence:
    """This process under an executor id that no other living process has, for as long as it lives."""

    def __init__(self, store: Store, executor: Executor, lock: IO[str], lost: Callable[[], None]) -> None:
        self.executor = executor
        self._store = store
        self._lock = lock
        self._lost = lost
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beats, name="beats", daemon=True)
        self._thread.start()

    def _beats(self) -> None:
        while not self._over.wait(BEAT):
            try:
                alive = self._store.beat(self.executor, time.time())
            except sa.exc.SQLAlchemyError as error:
                _log.warning("a sign of life could not be written: %s", type(error).__name__)
                continue
            if not alive and not self._over.is_set():
                _log.error("executor %s was taken for dead, and its jobs were handed on", self.executor.id)
                self._lost()
                return

    def leave(self) -> None:
        """Beat no more, and let another process have the id."""
        self._over.set()
        self._thread.join(timeout=5)
        self._lock.close()


def enter(
    store: Store, home: Path, kind: str, *, slots: int = 1, lost: Callable[[], None] = lambda: os._exit(75)
) -> Presence:  # fmt: skip
    """Take an executor id of this home, of `slots` the first that is free; AlreadyRunning where there is none.

    The id lies in a file, so that a process that was killed comes back under it and goes on with its jobs at once. The
    lock on the file tells of processes here; the beats in the database tell of one elsewhere whose home is a copy.
    """
    folder = home / "executors"
    folder.mkdir(parents=True, exist_ok=True)
    for slot in range(slots):
        path = folder / (kind if slots == 1 else f"{kind}-{slot + 1}")
        lock = path.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        lock.seek(0)
        id = lock.read().strip()
        if not id:
            id = f"{kind}-{uuid.uuid4().hex[:16]}"
            lock.write(id)
            lock.flush()
        found = os.fstat(lock.fileno())
        place = f"{socket.gethostname()}:{found.st_dev}:{found.st_ino}"
        executor = Executor(id, kind, VERSION, uuid.uuid4().hex, place)
        other = store.claim(executor, now=time.time(), dead_after=DEAD_AFTER)
        if other is not None:
            lock.close()
            raise AlreadyRunning(
                f"a living process at {other.place.partition(':')[0]} has the executor id {id} already"
            )
        return Presence(store, executor, lock, lost)
    raise AlreadyRunning(f"another `ccopilot` {kind} runs with {home} already")


def living(store: Store, now: float) -> tuple[Executor, ...]:
    """The processes that have given a sign of life."""
    return tuple(each for each in store.executors() if now - each.beat < DEAD_AFTER)


def recover(executor: str) -> int:
    """Put the jobs that an executor had begun back into their queues, where whoever lives takes them; how many there were.

    DBOS has a public call for one job (`resume_workflow`), and that one takes it out of its queue, where no two jobs of a
    pull request run at once. So this is its private one; its version is pinned, and a test holds it to this.
    """
    return len(DBOS._recover_pending_workflows([executor]))


def hand_on(store: Store, now: float) -> tuple[str, ...]:
    """Hand on the jobs of every dead process; the ids of those."""
    alive = {each.id for each in living(store, now)}
    known = {each.id: each for each in store.executors()}
    out = []
    for each in known.values():
        if each.id in alive or each.id == DBOS.executor_id:
            continue  # whoever looks lives, late as its own beat may be
        # First nobody beats under this id, then its jobs go on: one that wakes up finds its row gone, and ends.
        store.drop_executor(each.id, each.process)
        count = recover(each.id)
        _log.warning("executor %s gives no sign of life: %d jobs handed on", each.id, count)
        out.append(each.id)
    orphans = {
        str(each.executor_id)
        for each in _workflows(status="PENDING", app_version=VERSION)
        if each.executor_id and each.executor_id not in known
    }
    for id in sorted(orphans):
        recover(id)
        out.append(id)
    return tuple(out)


def left_behind(store: Store, now: float) -> tuple[str, ...]:
    """The workflows of other versions that nobody will go on with, since no process of their version lives."""
    versions = {each.version for each in living(store, now)}
    return tuple(
        each.workflow_id
        for each in _workflows(status=list(ACTIVE))
        if each.app_version != VERSION and each.app_version not in versions
    )


def delete(ids: Iterable[str]) -> None:
    """Delete workflows, with the steps that they did."""
    wanted = list(ids)
    for at in range(0, len(wanted), 200):
        DBOS.delete_workflows(wanted[at : at + 200])


def delete_finished(before: float, limit: int = 2000) -> int:
    """Delete the workflows that came to their end before a time; how many."""
    found = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
        completed_before=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before)), limit=limit, load_input=False,
        load_output=False,
    )  # fmt: skip
    delete(each.workflow_id for each in found)
    return len(found)


def statuses(ids: Sequence[str]) -> dict[str, str]:
    """How some workflows stand, by id; those that there are not are left out."""
    out: dict[str, str] = {}
    for at in range(0, len(ids), 500):
        out |= {each.workflow_id: str(each.status) for each in _workflows(workflow_ids=list(ids[at : at + 500]))}
    return out


def stop() -> None:
    """End DBOS in this process; what is under way goes on at the next start."""
    with contextlib.suppress(Exception):
        DBOS.destroy(destroy_registry=True)


def _workflows(**wanted: Any) -> Sequence[Any]:
    return DBOS.list_workflows(**wanted, load_input=False, load_output=False)
