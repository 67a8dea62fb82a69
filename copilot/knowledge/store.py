"""What repositories add to the knowledge: evidence and accepted fixes, each shown inside its own repository alone."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from copilot.errors import UsageError
from copilot.knowledge.passages import Entry
from copilot.model import SEEN_BY, Passage, Scope

Visibility = Literal["private", "internal", "public"]
KINDS: Final = ("evidence", "fix")
_ABOUT: Final = 1_500
"""Characters of a text that say what it is about, unless somebody says better; the encoder reads no more."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS passage (
  installation TEXT NOT NULL, owner TEXT NOT NULL, repository TEXT NOT NULL, visibility TEXT NOT NULL,
  id TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL,
  added TEXT NOT NULL, about TEXT NOT NULL, types TEXT NOT NULL, controls TEXT NOT NULL,
  PRIMARY KEY (installation, owner, repository, id)) WITHOUT ROWID
"""
_OWN: Final = "installation = ? AND owner = ? AND repository = ?"


class StoreUnusable(UsageError):
    """The store of evidence and fixes cannot be read or written."""

    hint = "let CCOPILOT_HOME name a folder to write to"


@dataclass(frozen=True, slots=True)
class Kept:
    """A passage of a repository, with the time at which it was added."""

    entry: Entry
    added: datetime


class Store:
    """The passages of all repositories, in one SQLite file; every question names whose it asks for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._made = False

    def add(
        self,
        passage: Passage,
        *,
        added: datetime,
        types: Sequence[str] = (),
        controls: Sequence[str] = (),
        about: str = "",
    ) -> bool:
        """Keep a passage of kind evidence or fix, in place of one with its id; whether anything changed."""
        scope = passage.scope
        if scope is None or passage.kind not in KINDS or not passage.id.startswith(f"{passage.kind}:"):
            raise ValueError(f"{passage.id}: only evidence and fixes of a repository are kept")
        if added.tzinfo is None:
            raise ValueError("a time without its zone says little")
        row = (
            *_key(scope), scope.visibility, passage.id, passage.kind, _text(passage.title), _text(passage.text), _text(passage.source),
            passage.digest, added.astimezone(UTC).isoformat(), _text(about or passage.text[:_ABOUT]), json.dumps(list(types)),
            json.dumps(list(controls)),
        )  # fmt: skip
        with self._open() as connection, connection:
            known = connection.execute(
                f"SELECT visibility, kind, title, source, digest, about, types, controls FROM passage WHERE {_OWN} AND id = ?",  # noqa: S608
                (*_key(scope), passage.id),
            ).fetchone()
            if known == (row[3], row[5], row[6], row[8], row[9], row[11], row[12], row[13]):
                return False
            connection.execute(f"INSERT OR REPLACE INTO passage VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
        return True

    def remove(self, id: str, *, scope: Scope) -> bool:
        """Forget a passage; whether there was one."""
        if not self._path.exists():
            return False
        with self._open() as connection, connection:
            return connection.execute(f"DELETE FROM passage WHERE {_OWN} AND id = ?", (*_key(scope), id)).rowcount > 0  # noqa: S608

    def list(self, viewer: Scope) -> tuple[Kept, ...]:
        """What the viewer's repository keeps and may see, by id."""
        if not self._path.exists():
            return ()
        seen = SEEN_BY[viewer.visibility]
        with self._open() as connection:
            rows = connection.execute(
                "SELECT installation, owner, repository, visibility, id, kind, title, text, source, added, about, types, controls"  # noqa: S608
                f" FROM passage WHERE {_OWN} AND visibility IN ({', '.join('?' * len(seen))}) ORDER BY id",
                (*_key(viewer), *seen),
            ).fetchall()
        return tuple(_kept(row) for row in rows)

    def entries(self, viewer: Scope) -> tuple[Entry, ...]:
        """The same, without the times."""
        return tuple(kept.entry for kept in self.list(viewer))

    def scopes(self) -> tuple[Scope, ...]:
        """Every repository that keeps something, once for each visibility from which it may be looked at."""
        if not self._path.exists():
            return ()
        with self._open() as connection:
            rows = connection.execute("SELECT DISTINCT installation, owner, repository FROM passage ORDER BY 1, 2, 3")
            found = rows.fetchall()
        visibilities: tuple[Visibility, ...] = ("private", "internal", "public")
        return tuple(
            Scope(installation, owner, repository, each)
            for installation, owner, repository in found
            for each in visibilities
        )

    def version(self) -> int:
        """A number that changes whenever anybody wrote to the store."""
        if not self._path.exists():
            return 0
        with self._open() as connection:
            return int(connection.execute("SELECT version FROM version").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # A connection each time: the file is small, questions are few, and no connection outlives its thread.
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                connection = sqlite3.connect(self._path, timeout=30)
            except (OSError, sqlite3.Error) as error:
                raise StoreUnusable(f"{self._path}: {error}") from error
            try:
                if not self._made:
                    _prepare(connection)
                    self._made = True
                yield connection
            except sqlite3.Error as error:
                raise StoreUnusable(f"{self._path}: {error}") from error
            finally:
                connection.close()


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    with connection:
        connection.execute(_SCHEMA)
        connection.execute("CREATE TABLE IF NOT EXISTS version (version INTEGER NOT NULL)")
        connection.execute("INSERT INTO version SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM version)")
        for event in ("INSERT", "DELETE", "UPDATE"):
            connection.execute(
                f"CREATE TRIGGER IF NOT EXISTS after_{event} AFTER {event} ON passage"  # noqa: S608
                " BEGIN UPDATE version SET version = version + 1; END"
            )


def _key(scope: Scope) -> tuple[str, str, str]:
    return scope.installation, scope.owner, scope.repository


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # SQLite keeps no lone surrogate


def _kept(row: Sequence[Any]) -> Kept:
    installation, owner, repository, visibility, id, kind, title, text, source, added, about, types, controls = row
    passage = Passage(id, kind, title, text, source, Scope(installation, owner, repository, visibility))
    entry = Entry(passage, about, (id,), tuple(json.loads(types)), tuple(json.loads(controls)))
    return Kept(entry, datetime.fromisoformat(added))
