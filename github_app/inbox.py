"""The inbox: a delivery is answered once it lies on disk, and lies there once.

One thread writes; what arrives while it commits is committed together next. How far deliveries have become jobs is kept with
the jobs, and not here. So the sender waits for one write-through and for no lock, whatever else the machine does.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from github_app import events
from github_app.events import Event

_TABLE: Final = """
create table if not exists deliveries (
  number integer primary key autoincrement,
  delivery text not null unique,
  kind text not null,
  event text not null,
  arrived integer not null default (unixepoch())
) strict;
create table if not exists identity (one integer primary key check (one = 1), id text not null) strict;
insert or ignore into identity values (1, lower(hex(randomblob(16))));
"""
_BATCH: Final = 500
KINDS: Final = {
    each.__name__: each
    for each in (events.PullRequest, events.MergeGroup, events.Rerun, events.Comment, events.Installation, events.Push)
}


class InboxClosed(Exception):
    """The inbox takes nothing more."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that waits, under the number that it was given on arrival."""

    number: int
    event: Event


@cache
def _adapter(kind: str) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(KINDS[kind])


def delivery_of(event: Event) -> str:
    """The id under which GitHub sent it."""
    return event.origin.delivery if not isinstance(event, events.Installation | events.Ignored) else event.delivery


class Inbox:
    """Deliveries on disk, each once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._waiting: queue.SimpleQueue[tuple[tuple[str, str, str], Future[bool]] | None] = queue.SimpleQueue()
        with self._connect() as made:
            made.executescript(_TABLE)
            self.id = str(made.execute("select id from identity").fetchone()[0])
            """Which inbox this is: the numbers of another say nothing here."""
        made.close()
        self._closed = False
        self._writer = threading.Thread(target=self._write, name="inbox", daemon=True)
        self._writer.start()

    def put(self, event: Event) -> Future[bool]:
        """Keep an event; the future says true when it is new, false when it lay there already, and only when on disk."""
        if not self.alive:
            raise InboxClosed
        kind = type(event).__name__
        row = (delivery_of(event), kind, _adapter(kind).dump_json(event).decode())
        promised: Future[bool] = Future()
        self._waiting.put((row, promised))
        return promised

    @property
    def alive(self) -> bool:
        """Whether it takes deliveries."""
        return not self._closed and self._writer.is_alive()

    def waiting(self, limit: int = _BATCH, *, after: int = 0) -> tuple[Delivery, ...]:
        """The oldest deliveries with a number beyond the last that became a job."""
        with closing(self._connect()) as reader:
            rows = reader.execute(
                "select number, kind, event from deliveries where number > ? and event <> '' order by number limit ?",
                (after, limit),
            ).fetchall()
        return tuple(Delivery(number, _adapter(kind).validate_json(event)) for number, kind, event in rows)

    def count(self, *, after: int = 0) -> int:
        """How many deliveries have no job yet."""
        with closing(self._connect()) as reader:
            found = reader.execute(
                "select count(*) from deliveries where number > ? and event <> ''", (after,)
            ).fetchone()
        return int(found[0])

    def forget(self, *, upto: int, texts: float, rows: float) -> int:
        """Of what became jobs, delete the text of what arrived before one time, and all of what arrived before another; how
        many. Until then a delivery that comes again is known, and GitHub may send one again for days."""
        with closing(self._connect()) as writer, writer:
            writer.execute(
                "update deliveries set event = '' where number <= ? and arrived < ? and event <> ''", (upto, int(texts))
            )
            return writer.execute(
                "delete from deliveries where number <= ? and arrived < ?", (upto, int(rows))
            ).rowcount

    def close(self) -> None:
        """Write what waits, and stop."""
        self._closed = True
        self._waiting.put(None)
        self._writer.join(timeout=10)

    def _connect(self) -> sqlite3.Connection:
        made = sqlite3.connect(self._path, timeout=30)
        made.execute("pragma journal_mode = wal")
        made.execute("pragma synchronous = full")
        return made

    def _write(self) -> None:
        writer = self._connect()
        writer.isolation_level = None
        for batch in self._batches():
            try:
                writer.execute("begin immediate")
                new = [
                    writer.execute(
                        "insert or ignore into deliveries (delivery, kind, event) values (?, ?, ?)", row
                    ).rowcount
                    == 1
                    for row, _ in batch
                ]
                writer.execute("commit")
            except sqlite3.Error as error:
                if writer.in_transaction:
                    writer.execute("rollback")
                for _, promised in batch:
                    promised.set_exception(error)
                continue
            for (_, promised), is_new in zip(batch, new, strict=True):
                promised.set_result(is_new)
        writer.close()

    def _batches(self) -> Iterator[list[tuple[tuple[str, str, str], Future[bool]]]]:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            batch, last = [first], False
            while len(batch) < _BATCH and not last:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                else:
                    batch.append(more)
            yield batch
            if last:
                return
