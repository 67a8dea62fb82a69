"""Passages by their words: BM25 of SQLite's FTS5, and the passages' names, types and controls.

The texts of the corpus are kept in one file that never changes, named by what it was made from. Those of a repository
are added to a copy in memory: what another repository holds is not even in the statistics of a ranking.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
import threading
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from copilot.knowledge.passages import Entry
from copilot.model import Passage, PassageKind, Scope

FORMAT: Final = 3
_SCHEMA: Final = """
CREATE TABLE passage (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
  text TEXT NOT NULL, source TEXT NOT NULL, scope TEXT, about TEXT NOT NULL, names TEXT NOT NULL, types TEXT NOT NULL,
  controls TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE name (name TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (name, id)) WITHOUT ROWID;
CREATE TABLE type (type TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (title, about, names, rest, content='', tokenize="porter unicode61");
"""
_WEIGHTS: Final = "2.0, 1.0, 1.0, 0.3"
"""Of a word in the title, in what a passage is about, in its names, in the rest."""
_WORD: Final = re.compile(r"[^\W_]+")
_WORDS: Final = 64
_STOP: Final = frozenset({
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "before",
    "being", "between", "both", "but", "by", "can", "could", "did", "do", "does", "doing", "done", "each", "for",
    "from", "get", "gets", "getting", "had", "has", "have", "having", "he", "her", "here", "his", "how", "i",
    "if", "in", "into", "is", "it", "its", "itself", "just", "let", "like", "lets", "may", "me", "might", "more",
    "most", "my", "need", "no", "nor", "not", "of", "off", "on", "once", "one", "only", "or", "other", "our",
    "out", "over", "own", "per", "please", "say", "says", "she", "should", "show", "so", "some", "somebody",
    "someone", "something", "such", "tell", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "thing", "things", "this", "those", "to", "too", "under", "until", "up", "us", "use", "used", "uses",
    "using", "very", "want", "wants", "was", "we", "were", "what", "when", "where", "whether", "which", "while",
    "who", "whom", "whose", "why", "will", "with", "without", "would", "you", "your",
})  # fmt: skip


class Found(NamedTuple):
    """A passage's id with its score: the greater the better."""

    id: str
    score: float


class Texts:
    """The passages that one viewer may see, to be looked up and ranked by words."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()  # one connection serves every thread

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Texts:
        """These passages, in memory."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.executescript(_SCHEMA)
        _add(connection, entries)
        return cls(connection)

    @classmethod
    def write(cls, path: Path, entries: Iterable[Entry]) -> Texts:
        """These passages in a file, made beside it and renamed: a reader sees the whole file or none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".texts-")
        os.close(handle)
        try:
            connection = sqlite3.connect(name)
            connection.execute("PRAGMA journal_mode = OFF")
            connection.executescript(_SCHEMA)
            _add(connection, entries)
            connection.close()
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Texts:
        """The passages of a file that `write` made; sqlite3.Error when it is none."""
        from urllib.parse import quote

        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        connection.execute("SELECT count(*) FROM words_docsize").fetchone()
        return cls(connection)

    def close(self) -> None:
        self._connection.close()

    def with_(self, entries: Iterable[Entry]) -> Texts:
        """These texts and more, in memory."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        with self._lock:
            self._connection.backup(copy)
        _add(copy, entries)
        return Texts(copy)

    # --- ranking ---

    def ranked(self, query: str, *, kinds: Collection[PassageKind] | None, k: int) -> list[Found]:
        """The k passages that the query's words speak for most, best first, ties by id."""
        words = query_words(query)
        if not words or k < 1 or (kinds is not None and not kinds):
            return []
        match = " OR ".join(f'"{word}"' for word in words)  # a quoted word is a word, whatever it says
        # Rounded: equal texts must tie, whatever order their sums were taken in.
        sql = (
            f"SELECT p.id, round(-bm25(words, {_WEIGHTS}), 6) AS score FROM words JOIN passage p ON p.number = words.rowid"  # noqa: S608
            f" WHERE words MATCH ? AND {_kinds(kinds)} ORDER BY score DESC, p.id LIMIT ?"
        )  # the weights and the number of marks are ours
        return [Found(*row) for row in self._rows(sql, match, *(kinds or ()), k)]

    def named(self, name: str) -> list[str]:
        """Ids of the passages that go by this name, in any case."""
        return [id for (id,) in self._rows("SELECT id FROM name WHERE name = ? ORDER BY id", normal(name))]

    def of_type(self, type: str, *, kinds: Collection[PassageKind] | None = None) -> list[str]:
        """Ids of the passages about a resource type."""
        sql = (
            f"SELECT t.id FROM type t JOIN passage p ON p.id = t.id WHERE t.type = ? AND {_kinds(kinds)} ORDER BY t.id"  # noqa: S608
        )
        return [id for (id,) in self._rows(sql, normal(type), *(kinds or ()))]

    # --- looking up ---

    def entries(self, *, kinds: Collection[PassageKind] | None = None, scoped: bool | None = None) -> list[Entry]:
        """The passages by id; `scoped` says whether only those of a repository, or only those that ship."""
        scope = {None: "1", True: "p.scope IS NOT NULL", False: "p.scope IS NULL"}[scoped]
        sql = f"SELECT {_COLUMNS} FROM passage p WHERE {scope} AND {_kinds(kinds)} ORDER BY p.id"  # noqa: S608
        return [_entry(row) for row in self._rows(sql, *(kinds or ()))]

    def entry(self, id: str) -> Entry | None:
        """The passage of this id."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM passage p WHERE p.id = ?", id)  # noqa: S608
        return _entry(rows[0]) if rows else None

    def kinds_of(self, ids: Sequence[str]) -> dict[str, PassageKind]:
        """The kinds of passages, by id; ids that stand here alone."""
        out: dict[str, PassageKind] = {}
        for at in range(0, len(ids), 500):
            part = ids[at : at + 500]
            marks = ", ".join("?" * len(part))
            out.update(self._rows(f"SELECT id, kind FROM passage WHERE id IN ({marks})", *part))  # noqa: S608
        return out

    def controls_of(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The controls that passages belong to, by id; ids that stand here alone."""
        out: dict[str, tuple[str, ...]] = {}
        for at in range(0, len(ids), 500):
            part = ids[at : at + 500]
            marks = ", ".join("?" * len(part))
            rows = self._rows(f"SELECT id, controls FROM passage WHERE id IN ({marks})", *part)  # noqa: S608
            out.update((id, tuple(json.loads(controls))) for id, controls in rows)
        return out

    def digests(self, *, scoped: bool) -> list[tuple[str, str]]:
        """(id, digest) of the passages that ship, or of those of a repository."""
        return self._rows(f"SELECT id, digest FROM passage WHERE scope IS {'NOT ' if scoped else ''}NULL ORDER BY id")  # noqa: S608

    def _rows(self, sql: str, *parameters: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()


_COLUMNS: Final = "p.id, p.kind, p.title, p.text, p.source, p.scope, p.about, p.names, p.types, p.controls"


def _kinds(kinds: Collection[PassageKind] | None) -> str:
    return "1" if kinds is None else f"p.kind IN ({', '.join('?' * len(kinds))})"


def _add(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    with connection:
        for entry in sorted(entries, key=lambda each: each.passage.id):
            passage, scope = entry.passage, entry.passage.scope
            kept = (
                None
                if scope is None
                else json.dumps([scope.installation, scope.owner, scope.repository, scope.visibility])
            )
            number = connection.execute(
                "INSERT INTO passage (id, kind, title, text, source, scope, about, names, types, controls, digest)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (passage.id, passage.kind, _stored(passage.title), _stored(passage.text), _stored(passage.source), kept,
                 _stored(entry.about), json.dumps(entry.names), json.dumps(entry.types), json.dumps(entry.controls), entry.digest),
            ).lastrowid  # fmt: skip
            rest = passage.text.removeprefix(entry.about)
            connection.execute(
                "INSERT INTO words (rowid, title, about, names, rest) VALUES (?, ?, ?, ?, ?)",
                (number, _stored(passage.title), _stored(entry.about), _stored(" ".join(entry.names)), _stored(rest)),
            )
            names = {normal(name) for name in (passage.id, *entry.names)}
            connection.executemany("INSERT INTO name VALUES (?, ?)", [(name, passage.id) for name in sorted(names)])
            types = {normal(type) for type in entry.types}
            connection.executemany("INSERT INTO type VALUES (?, ?)", [(type, passage.id) for type in sorted(types)])


def _entry(row: Sequence[str]) -> Entry:
    id, kind, title, text, source, scope, about, names, types, controls = row
    whose = None if scope is None else Scope(*json.loads(scope))
    passage = Passage(id, kind, title, text, source, whose)  # type: ignore[arg-type]  # written by _add from a Passage
    return Entry(passage, about, *(tuple(json.loads(each)) for each in (names, types, controls)))


def _stored(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # SQLite keeps no lone surrogate


def normal(name: str) -> str:
    """A name as it is compared: small letters, no blanks, no lone surrogates."""
    return re.sub(r"\s+", "", _stored(name)).lower()


def query_words(query: str) -> list[str]:
    """The words of a query that say something, each once; all of them where none does."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(_stored(query))))[: 4 * _WORDS]
    return ([word for word in words if word not in _STOP] or words)[:_WORDS]
