"""What the App knows, in one database that edge and workers share: pull requests, jobs, trees, reviews, executors.

SQLite under CCOPILOT_HOME (write-ahead log, written through), or a Postgres that CCOPILOT_DATABASE_URL names. No secret
lies here, and no value that runs: texts, numbers and compressed bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, RowMapping

from copilot.errors import CopilotError, UsageError
from copilot.model import Gap
from copilot.snapshot import Snapshot
from github_app import judged
from github_app.diff import FileDiff, Hunk
from github_app.fates import Fate
from github_app.judged import Judged

SCHEMA: Final = 1
"""Raised when a table changes; `_UPGRADES[n]` then leads from n to n + 1."""
_UPGRADES: Final[Mapping[int, Sequence[str]]] = {}
_PART: Final = 8 * 1024 * 1024
"""A tree lies in parts of so many bytes: databases and drivers like no value of hundreds of megabytes."""

Row = TypeVar("Row")

_meta = sa.MetaData()

_schema = sa.Table("app_schema", _meta, sa.Column("version", sa.Integer, nullable=False))
_installations = sa.Table(
    "app_installations", _meta,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)  # fmt: skip
_pulls = sa.Table(
    "app_pulls", _meta,
    sa.Column("repository", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("installation", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("open", sa.Boolean, nullable=False, default=True),
    sa.Column("paused", sa.Boolean, nullable=False, default=False),
    sa.Column("private", sa.Boolean, nullable=False, default=True),
    sa.Column("review", sa.Text),
)  # fmt: skip
_jobs = sa.Table(
    "app_jobs", _meta,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("installation", sa.BigInteger, nullable=False),
    sa.Column("repository", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("base", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("private", sa.Boolean, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("finished", sa.Float, index=True),
    sa.Column("outcome", sa.Text, nullable=False, default=""),
    sa.Column("why", sa.Text, nullable=False, default=""),
)  # fmt: skip
_commits = sa.Table(
    "app_commits", _meta,
    sa.Column("repository", sa.BigInteger, primary_key=True),
    sa.Column("sha", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("tree", sa.Text, nullable=False, index=True),
    sa.Column("used", sa.Float, nullable=False, index=True),
)  # fmt: skip
_trees = sa.Table(
    "app_trees", _meta,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)  # fmt: skip
_reviews = sa.Table(
    "app_reviews", _meta,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("installation", sa.BigInteger, nullable=False),
    sa.Column("repository", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("merge_base", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("today", sa.Text, nullable=False),
    sa.Column("asks", sa.Boolean, nullable=False),
    sa.Column("governing", sa.Text, nullable=False),
    sa.Column("private", sa.Boolean, nullable=False),
    sa.Column("check_run", sa.BigInteger, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("before", sa.Text, nullable=False, default=""),
    sa.Column("after", sa.Text, nullable=False, default=""),
    sa.Column("diffs", sa.LargeBinary),
    sa.Column("progress", sa.Text, nullable=False, default=""),
    sa.Column("judged", sa.Text),
    sa.Column("digest", sa.Text, nullable=False, default=""),
    sa.Column("failure", sa.Text, nullable=False, default=""),
    sa.Column("record", sa.Text),
    sa.Column("receipt", sa.Text),
    sa.Column("published", sa.Float),
    sa.Column("anew", sa.Float, index=True),
    sa.Index("app_reviews_of_pull", "repository", "number"),
    sa.Index("app_reviews_of_head", "repository", "head"),
)  # fmt: skip
_inboxes = sa.Table(
    "app_inboxes", _meta,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)  # fmt: skip
_executors = sa.Table(
    "app_executors", _meta,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("beat", sa.Float, nullable=False),
)  # fmt: skip
_fates = sa.Table(
    "app_fates", _meta,
    sa.Column("repository", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("review", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("fate", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)  # fmt: skip


_waivers = sa.Table(
    "app_waivers", _meta,
    sa.Column("repository", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("approval", sa.Text),
)  # fmt: skip


class SchemaUnknown(UsageError):
    """The database was written by a newer program."""

    hint = "run the newer program, or give this one a database of its own"


class Gone(CopilotError):
    """A row that a job needs is not there: it was deleted, or never written."""

    hint = "the review is made anew with `/compliance rescan`"


@dataclass(frozen=True, slots=True)
class PullRow:
    """A pull request as its deliveries left it; `attempt` counts reviews of the same head, `review` is the last one shown."""

    repository: int
    number: int
    installation: int
    name: str
    head: str
    updated: float
    attempt: int = 0
    open: bool = True
    paused: bool = False
    private: bool = True
    review: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done for one repository. `number` is 0 for what is on no pull request, `event` the delivery as JSON
    where the job needs more of it than stands here."""

    id: str
    kind: str
    installation: int
    repository: int
    name: str
    number: int
    head: str
    base: str = ""
    attempt: int = 0
    reason: str = ""
    event: str = ""
    private: bool = True

    @property
    def partition(self) -> str:
        """Jobs of one partition run one at a time."""
        return f"{self.repository}#{self.number}" if self.number else f"{self.repository}@{self.head}"


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review by its key. `asks` says whether a model may be asked; `governing` is the tree whose policy counts."""

    key: str
    job: str
    installation: int
    repository: int
    name: str
    number: int
    head: str
    merge_base: str
    attempt: int
    today: str
    asks: bool
    governing: str
    private: bool
    check_run: int
    created: float
    before: str = ""
    after: str = ""
    progress: str = ""
    digest: str = ""
    failure: str = ""
    published: float | None = None
    anew: float | None = None

    @property
    def subject(self) -> str:
        """What the record says was reviewed."""
        return f"{self.name}#{self.number}" if self.number else f"{self.name}@{self.head}"


@dataclass(frozen=True, slots=True)
class Executor:
    """A process that runs jobs, under an id that no other living process has. `process` is this run of it, `place` where
    its id is locked."""

    id: str
    kind: str
    version: str
    process: str
    place: str
    beat: float = 0.0


class Store:
    """The App's tables. `writing` is one transaction; every method that takes its connection is part of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._insert: Any = postgresql.insert if self.is_postgres else sqlite.insert
        self._prepare()

    @property
    def is_postgres(self) -> bool:
        """Whether several machines may share it."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of what is written in it, or nothing."""
        with self.engine.begin() as made:
            yield made

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads; it waits for no writer."""
        with self.engine.connect().execution_options(reads=True) as made:
            yield made

    def _prepare(self) -> None:
        with self.writing() as c:
            if self.is_postgres:  # two processes that start at once make the tables one after the other
                c.execute(sa.text("select pg_advisory_xact_lock(7305130)"))
            _meta.create_all(c)
            known = c.execute(sa.select(_schema.c.version)).scalar()
            if known is None:
                c.execute(sa.insert(_schema).values(version=SCHEMA))
                return
            if known > SCHEMA:
                raise SchemaUnknown(f"the App's database has version {known}, and this program knows {SCHEMA}")
            for version in range(known, SCHEMA):
                for statement in _UPGRADES[version]:
                    c.execute(sa.text(statement))
            c.execute(sa.update(_schema).values(version=SCHEMA))

    # --- installations and pull requests ---

    def installation(self, c: Connection, id: int, account: str, state: str) -> None:
        """Note that the App was installed somewhere, suspended, or removed."""
        values = {"id": id, "account": account, "state": state}
        c.execute(self._insert(_installations).values(values).on_conflict_do_update(index_elements=["id"], set_=values))

    def is_installed(self, id: int) -> bool:
        """Whether an installation is none that was removed or suspended; of one nobody told us it is."""
        with self.reading() as c:
            state = c.execute(sa.select(_installations.c.state).where(_installations.c.id == id)).scalar()
        return state in (None, "active")

    def pull(self, repository: int, number: int, c: Connection | None = None) -> PullRow | None:
        """A pull request; in a transaction it stays as it is until that ends."""
        wanted = sa.select(_pulls).where(_pulls.c.repository == repository, _pulls.c.number == number)
        if c is not None:
            return _row(PullRow, c.execute(wanted.with_for_update()).mappings().first())
        with self.reading() as reader:
            return _row(PullRow, reader.execute(wanted).mappings().first())

    def put_pull(self, c: Connection, row: PullRow) -> None:
        """Write a pull request as it is now."""
        values = _values(row)
        keys = ["repository", "number"]
        c.execute(self._insert(_pulls).values(values).on_conflict_do_update(index_elements=keys, set_=values))

    def pulls_at(self, c: Connection, repository: int, head: str) -> tuple[PullRow, ...]:
        """The open pull requests whose newest head this is."""
        wanted = sa.select(_pulls).where(_pulls.c.repository == repository, _pulls.c.head == head, _pulls.c.open)
        return tuple(PullRow(**each) for each in c.execute(wanted).mappings())

    def open_pulls(self, repository: int) -> tuple[PullRow, ...]:
        """The open pull requests of a repository that were reviewed, the last one updated first."""
        wanted = sa.select(_pulls).where(_pulls.c.repository == repository, _pulls.c.open, _pulls.c.review.is_not(None))
        with self.reading() as c:
            return tuple(PullRow(**each) for each in c.execute(wanted.order_by(_pulls.c.updated.desc())).mappings())

    # --- inboxes ---

    def taken(self, inbox: str) -> int:
        """The number of the last delivery of an inbox that became a job, or needed none."""
        with self.reading() as c:
            return int(c.execute(sa.select(_inboxes.c.number).where(_inboxes.c.id == inbox)).scalar() or 0)

    def take(self, c: Connection, inbox: str, number: int) -> None:
        """The deliveries of an inbox up to a number have become jobs."""
        values = {"id": inbox, "number": number}
        c.execute(self._insert(_inboxes).values(values).on_conflict_do_update(index_elements=["id"], set_=values))

    # --- jobs ---

    def add_job(self, c: Connection, job: Job, now: float) -> bool:
        """Write a job; false when it was there already."""
        values = {**_values(job), "created": now, "outcome": "", "why": ""}
        done = c.execute(self._insert(_jobs).values(values).on_conflict_do_nothing(index_elements=["id"]))
        return bool(done.rowcount == 1)

    def job(self, id: str) -> Job:
        """A job by its id."""
        with self.reading() as c:
            found = c.execute(sa.select(_jobs).where(_jobs.c.id == id)).mappings().first()
        if found is None:
            raise Gone(f"there is no job {id}")
        return Job(**{name: found[name] for name in _names(Job)})

    def unfinished(self) -> tuple[Job, ...]:
        """The jobs that have no end yet, the oldest first."""
        with self.reading() as c:
            found = c.execute(sa.select(_jobs).where(_jobs.c.finished.is_(None)).order_by(_jobs.c.created)).mappings()
            return tuple(Job(**{name: each[name] for name in _names(Job)}) for each in found)

    def under_way(self) -> Mapping[str, int]:
        """How many jobs of each kind have no end yet."""
        with self.reading() as c:
            wanted = sa.select(_jobs.c.kind, sa.func.count()).where(_jobs.c.finished.is_(None)).group_by(_jobs.c.kind)
            return {str(kind): int(count) for kind, count in c.execute(wanted).all()}

    def finish(self, id: str, outcome: str, why: str, now: float) -> None:
        """A job has come to its end."""
        with self.writing() as c:
            c.execute(sa.update(_jobs).where(_jobs.c.id == id).values(finished=now, outcome=outcome, why=why[:500]))

    def outcomes(self) -> Mapping[str, int]:
        """How many jobs came to which end; those under way under ""."""
        with self.reading() as c:
            rows = c.execute(sa.select(_jobs.c.outcome, sa.func.count()).group_by(_jobs.c.outcome)).all()
        return {str(outcome): int(count) for outcome, count in rows}

    # --- trees ---

    def tree_of(self, repository: int, sha: str, part: str, now: float) -> str | None:
        """The tree of a commit that was read before, by its digest."""
        at = (_commits.c.repository == repository, _commits.c.sha == sha, _commits.c.part == part)
        with self.reading() as c:
            found = c.execute(sa.select(_commits.c.tree, _commits.c.used).where(*at)).first()
        if found is None:
            return None
        if now - found[1] > 3600:
            with self.writing() as c:
                c.execute(sa.update(_commits).where(*at).values(used=now))
        return str(found[0])

    def put_tree(self, repository: int, sha: str, part: str, snapshot: Snapshot, now: float) -> str:
        """Keep the tree of a commit; its digest."""
        data, digest = packed(snapshot)
        chunks = [data[at : at + _PART] for at in range(0, len(data), _PART)]
        with self.writing() as c:
            if not c.execute(sa.select(sa.func.count()).where(_trees.c.digest == digest)).scalar():
                for number, chunk in enumerate(chunks):
                    values = {"digest": digest, "part": number, "parts": len(chunks), "data": chunk}
                    c.execute(self._insert(_trees).values(values).on_conflict_do_nothing())
            values = {"repository": repository, "sha": sha, "part": part, "tree": digest, "used": now}
            keys = ["repository", "sha", "part"]
            c.execute(self._insert(_commits).values(values).on_conflict_do_update(index_elements=keys, set_=values))
        return digest

    def tree(self, digest: str) -> Snapshot:
        """A tree by its digest; Gone where it is not whole, or another."""
        with self.reading() as c:
            wanted = sa.select(_trees.c.parts, _trees.c.data).where(_trees.c.digest == digest)
            rows = c.execute(wanted.order_by(_trees.c.part)).all()
        if not rows or len(rows) != rows[0][0]:
            raise Gone("a tree that is to be judged is not in the database")
        return unpacked(b"".join(bytes(data) for _, data in rows), digest)

    # --- reviews ---

    def review(self, key: str) -> ReviewRow | None:
        """A review by its key."""
        with self.reading() as c:
            found = c.execute(sa.select(_reviews).where(_reviews.c.key == key)).mappings().first()
        return None if found is None else ReviewRow(**{name: found[name] for name in _names(ReviewRow)})

    def review_of(self, job: str) -> ReviewRow | None:
        """The review that a job began last."""
        wanted = sa.select(_reviews).where(_reviews.c.job == job).order_by(_reviews.c.created.desc())
        with self.reading() as c:
            found = c.execute(wanted).mappings().first()
        return None if found is None else ReviewRow(**{name: found[name] for name in _names(ReviewRow)})

    def the_review(self, key: str) -> ReviewRow:
        """A review that must be there."""
        found = self.review(key)
        if found is None:
            raise Gone(f"there is no review {key}")
        return found

    def put_review(self, row: ReviewRow) -> None:
        """Begin a review, or begin it again: what was found out of it before stays."""
        values = _values(row)
        again = {name: values[name] for name in ("job", "check_run", "name")}
        with self.writing() as c:
            c.execute(self._insert(_reviews).values(values).on_conflict_do_update(index_elements=["key"], set_=again))

    def gathered(self, key: str, before: str, after: str, diffs: Mapping[str, FileDiff]) -> None:
        """The trees of a review and its diff lie here."""
        data = zlib.compress(json.dumps([[d.path, [[sorted(h.left), sorted(h.right)] for h in d.hunks]] for d in diffs.values()]).encode())  # fmt: skip
        with self.writing() as c:
            self._change(c, key, before=before, after=after, diffs=data)

    def diffs(self, key: str) -> Mapping[str, FileDiff]:
        """The diff of a review, as GitHub showed it."""
        with self.reading() as c:
            data = c.execute(sa.select(_reviews.c.diffs).where(_reviews.c.key == key)).scalar()
        if data is None:
            raise Gone(f"the diff of the review {key} is not in the database")
        return {
            path: FileDiff(path, tuple(Hunk(frozenset(left), frozenset(right)) for left, right in hunks))
            for path, hunks in json.loads(zlib.decompress(bytes(data)))
        }

    def progress(self, key: str, text: str) -> None:
        """What the worker does now."""
        with self.writing() as c:
            self._change(c, key, progress=text[:200])

    def judge(self, key: str, text: str, digest: str) -> None:
        """What the worker found out."""
        with self.writing() as c:
            self._change(c, key, judged=text, digest=digest, failure="")

    def fail(self, key: str, why: str) -> None:
        """Why the worker found out nothing."""
        with self.writing() as c:
            self._change(c, key, failure=why[:1000])

    def unjudge(self, key: str) -> None:
        """Forget why a review failed before it is judged again."""
        with self.writing() as c:
            c.execute(sa.update(_reviews).where(_reviews.c.key == key, _reviews.c.digest == "").values(failure=""))

    def judged(self, key: str) -> tuple[str, str]:
        """What the worker wrote, and the digest it gave it."""
        with self.reading() as c:
            found = c.execute(sa.select(_reviews.c.judged, _reviews.c.digest).where(_reviews.c.key == key)).first()
        if found is None or found[0] is None:
            raise Gone(f"the review {key} is not judged")
        return str(found[0]), str(found[1])

    def record(self, key: str, record: Mapping[str, Any]) -> None:
        """The record of a review, before anything of it is shown."""
        with self.writing() as c:
            self._change(c, key, record=json.dumps(record, sort_keys=True))

    def receipt(self, row: ReviewRow, receipt: Mapping[str, Any], *, now: float, anew: float | None) -> None:
        """What stands on GitHub now; `anew` is when the head is to be judged again."""
        with self.writing() as c:
            self._change(c, row.key, receipt=json.dumps(receipt, sort_keys=True), published=now, anew=anew)
            if row.number:
                at = (_pulls.c.repository == row.repository, _pulls.c.number == row.number)
                c.execute(sa.update(_pulls).where(*at).values(review=row.key))

    def papers(self, key: str) -> tuple[Any, Any]:
        """Record and receipt of a review; None where there is none yet."""
        with self.reading() as c:
            found = c.execute(sa.select(_reviews.c.record, _reviews.c.receipt).where(_reviews.c.key == key)).one()
        return tuple(None if text is None else json.loads(text) for text in found)  # type: ignore[return-value]

    def reviews_at(self, c: Connection, repository: int, head: str) -> tuple[ReviewRow, ...]:
        """The reviews of a commit."""
        found = c.execute(sa.select(_reviews).where(_reviews.c.repository == repository, _reviews.c.head == head))
        return tuple(ReviewRow(**{name: each[name] for name in _names(ReviewRow)}) for each in found.mappings())

    def ended_waivers(self, now: float) -> tuple[ReviewRow, ...]:
        """Reviews of which a waiver counted that is over by now."""
        with self.reading() as c:
            found = c.execute(sa.select(_reviews).where(_reviews.c.anew <= now)).mappings()
            return tuple(ReviewRow(**{name: each[name] for name in _names(ReviewRow)}) for each in found)

    def taken_up(self, c: Connection, key: str) -> None:
        """The end of the waiver has become a job."""
        self._change(c, key, anew=None)

    def _change(self, c: Connection, key: str, **values: Any) -> None:
        c.execute(sa.update(_reviews).where(_reviews.c.key == key).values(values))

    def latest(self, repository: int, number: int) -> Judged | None:
        """The newest judgement of a pull request, of whatever head."""
        found = self.shown(repository, number)
        if found is None:
            return None
        text, digest = self.judged(found.key)
        return judged.read(text, digest=digest)

    def shown(self, repository: int, number: int, *, before: ReviewRow | None = None) -> ReviewRow | None:
        """The review of a pull request that was judged last, or last before another."""
        at = [_reviews.c.repository == repository, _reviews.c.number == number, _reviews.c.judged.is_not(None)]
        if before is not None:
            at += [_reviews.c.key != before.key, _reviews.c.created < before.created, _reviews.c.published.is_not(None)]
        with self.reading() as c:
            found = c.execute(sa.select(_reviews).where(*at).order_by(_reviews.c.created.desc())).mappings().first()
        return None if found is None else ReviewRow(**{name: found[name] for name in _names(ReviewRow)})

    # --- fates ---

    def put_fates(self, review: ReviewRow, fates: Sequence[Fate], at: float) -> None:
        """What became of the findings of a review, and what people said of them; a later word replaces an earlier one."""
        keys = ["repository", "number", "review", "fingerprint"]
        with self.writing() as c:
            for each in fates:
                values = {
                    "repository": review.repository, "number": review.number, "review": review.key,
                    "fingerprint": each.finding, "fate": json.dumps(_values(each)), "at": at,
                }  # fmt: skip
                c.execute(self._insert(_fates).values(values).on_conflict_do_update(index_elements=keys, set_=values))

    def fates(self, repository: int) -> tuple[Fate, ...]:
        """The last word on each finding of a repository, by pull request."""
        wanted = sa.select(_fates).where(_fates.c.repository == repository).order_by(_fates.c.at)
        with self.reading() as c:
            last = {(each["number"], each["fingerprint"]): each["fate"] for each in c.execute(wanted).mappings()}
        return tuple(Fate(**json.loads(text)) for text in last.values())

    # --- waivers that were asked for ---

    def put_waiver(
        self, repository: int, number: int, asked: str, state: str, note: str = "", approval: str = ""
    ) -> None:
        """Keep what became of a waiver that a pull request of ours asks for, and by whose approval."""
        values = {
            "repository": repository,
            "number": number,
            "asked": asked,
            "state": state,
            "note": note,
            "approval": approval,
        }
        keys = ["repository", "number"]
        with self.writing() as c:
            c.execute(self._insert(_waivers).values(values).on_conflict_do_update(index_elements=keys, set_=values))

    def waivers(self, repository: int) -> tuple[tuple[int, str, str], ...]:
        """The waivers that were asked for in a repository: number of the pull request, what is asked for, and its state."""
        wanted = sa.select(_waivers.c.number, _waivers.c.asked, _waivers.c.state)
        with self.reading() as c:
            found = c.execute(wanted.where(_waivers.c.repository == repository).order_by(_waivers.c.number)).all()
        return tuple((int(number), str(asked), str(state)) for number, asked, state in found)

    # --- executors ---

    def claim(self, executor: Executor, *, now: float, dead_after: float) -> Executor | None:
        """Take an executor's id; the living process that has it, if one does, and then nothing is taken.

        One that was locked in the same place is dead, since we hold the lock.
        """
        with self.writing() as c:
            wanted = sa.select(_executors).where(_executors.c.id == executor.id).with_for_update()
            other = _row(Executor, c.execute(wanted).mappings().first())
            if (
                other is not None
                and other.process != executor.process
                and other.place != executor.place
                and now - other.beat < dead_after
            ):
                return other
            values = _values(replace(executor, beat=now))
            c.execute(self._insert(_executors).values(values).on_conflict_do_update(index_elements=["id"], set_=values))
        return None

    def beat(self, executor: Executor, now: float) -> bool:
        """Say that a process lives; false when its id is another's by now."""
        at = (_executors.c.id == executor.id, _executors.c.process == executor.process)
        with self.writing() as c:
            return bool(c.execute(sa.update(_executors).where(*at).values(beat=now)).rowcount == 1)

    def executors(self) -> tuple[Executor, ...]:
        """Every process that is known, living or dead."""
        with self.reading() as c:
            return tuple(Executor(**each) for each in c.execute(sa.select(_executors)).mappings())

    def drop_executor(self, id: str, process: str) -> None:
        """Forget a process whose jobs were handed on."""
        with self.writing() as c:
            c.execute(sa.delete(_executors).where(_executors.c.id == id, _executors.c.process == process))

    # --- retention ---

    def forget(self, *, jobs_before: float, trees_before: float, reviews_before: float) -> Mapping[str, int]:
        """Delete what is old: finished jobs, trees that nobody used, and what was judged of pull requests that are closed.

        Record and receipt of a review stay.
        """
        busy = sa.select(_reviews.c.key).join(_jobs, _jobs.c.id == _reviews.c.job).where(_jobs.c.finished.is_(None))
        with self.writing() as c:
            jobs = c.execute(sa.delete(_jobs).where(_jobs.c.finished < jobs_before)).rowcount
            needed = [
                tree
                for row in c.execute(
                    sa.select(_reviews.c.before, _reviews.c.after, _reviews.c.governing).where(_reviews.c.key.in_(busy))
                )
                for tree in row
            ]
            c.execute(sa.delete(_commits).where(_commits.c.used < trees_before, _commits.c.tree.not_in(needed)))
            kept = sa.select(_commits.c.tree)
            trees = c.execute(sa.delete(_trees).where(_trees.c.digest.not_in(kept))).rowcount
            shut = (
                sa.select(_pulls.c.number)
                .where(
                    _pulls.c.repository == _reviews.c.repository, _pulls.c.number == _reviews.c.number, _pulls.c.open
                )
                .exists()
            )
            old = (
                _reviews.c.created < reviews_before,
                ~shut,
                _reviews.c.key.not_in(busy),
                _reviews.c.judged.is_not(None),
            )
            reviews = c.execute(sa.update(_reviews).where(*old).values(judged=None, diffs=None, anew=None)).rowcount
        return {"jobs": jobs, "trees": trees, "reviews": reviews}


# --- trees as bytes -------------------------------------------------------------------------------------------------


def packed(snapshot: Snapshot) -> tuple[bytes, str]:
    """A tree as compressed bytes, and the digest of what they hold."""
    header: list[Any] = [[], [[g.kind, g.reason, g.path, g.line] for g in snapshot.gaps]]
    body = bytearray()
    for path in snapshot.paths:
        data = snapshot.read(path) or b""
        header[0].append([path, len(data)])
        body += data
    top = json.dumps(header, separators=(",", ":")).encode()  # ASCII, whatever the paths hold
    whole = b"%d\n" % len(top) + top + bytes(body)
    return zlib.compress(whole, 1), hashlib.sha256(whole).hexdigest()


def unpacked(data: bytes, digest: str) -> Snapshot:
    """The tree that was packed; Gone when it is another."""
    try:
        whole = zlib.decompress(data)
    except zlib.error as error:
        raise Gone("a tree in the database is damaged") from error
    if hashlib.sha256(whole).hexdigest() != digest:
        raise Gone("a tree in the database is another than its name says")
    first, _, rest = whole.partition(b"\n")
    length = int(first)
    entries, gaps = json.loads(rest[:length])
    files: dict[str, bytes] = {}
    at = length
    for path, size in entries:
        files[path] = rest[at : at + size]
        at += size
    return Snapshot(files, gaps=tuple(Gap(*gap) for gap in gaps))


# --- rows -----------------------------------------------------------------------------------------------------------


def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _values(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _names(type(row))}


def _row(kind: type[Row], found: RowMapping | None) -> Row | None:
    return None if found is None else kind(**found)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = sa.create_engine(url, pool_size=10, max_overflow=20)

    @sa.event.listens_for(engine, "connect")
    def connected(raw: Any, _: Any) -> None:
        raw.isolation_level = None  # transactions begin where we say so
        for pragma in ("busy_timeout = 30000", "journal_mode = wal", "synchronous = full", "foreign_keys = on"):
            raw.execute(f"pragma {pragma}")

    @sa.event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        # Who reads first and writes then would find the database locked half way.
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("begin" if reads else "begin immediate")

    return engine


def url_of(given: str, home: Path) -> str:
    """The database that is set, else the file under `home`."""
    if not given:
        home.mkdir(parents=True, exist_ok=True)
        path = home / "app.sqlite3"
        if not path.exists():  # what it holds is the business of whoever runs it
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return f"sqlite:///{path}"
    for scheme in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if given.startswith(scheme):
            return f"postgresql+psycopg://{given.removeprefix(scheme)}"
    if given.startswith("sqlite:///"):
        return given
    raise UsageError(
        f"CCOPILOT_DATABASE_URL: {given.partition(':')[0]} is no database that is known here",
        hint="postgresql://USER:PASSWORD@HOST/NAME, or nothing for a file under CCOPILOT_HOME",
    )
