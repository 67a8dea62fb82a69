"""What becomes of a delivery: jobs, their steps, and which of them are done for one head and never twice.

A job of a pull request goes through begin, gather, judge, publish. Each step may be run again after a crash, so each looks
before it writes; between steps only keys and words are kept. Before each step the job asks whether its head is still the
one: an older one stops there and posts nothing. A fault of GitHub makes a step wait and try again; what stays undone ends
the check run as failed, since a review that did not run is never a green one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from datetime import time as clock_time
from functools import cache, partial
from typing import Any, Final

import sqlalchemy as sa
from dbos import DBOS, DBOSClient

from copilot import __version__, policy, waivers, wiring
from copilot.errors import CopilotError, SettingsInvalid
from copilot.llm import prompts
from copilot.model import Scope
from copilot.policy import Policy
from copilot.snapshot import Snapshot
from github_app import (
    answering,
    commands,
    durable,
    events,
    fates,
    judged,
    permissions,
    publish,
    pulls,
    reviewing,
    telemetry,
)
from github_app.client import (
    App,
    Forbidden,
    GitHub,
    GitHubFailed,
    Limited,
    NotThere,
    Pull,
    Unauthorised,
    Unprocessable,
)
from github_app.durable import COMMANDS, JUDGING, REVIEWS, VERSION
from github_app.inbox import Delivery, Inbox, delivery_of
from github_app.publish import Superseded
from github_app.store import Job, PullRow, ReviewRow, Store
from github_app.telemetry import Ids, Metrics, Stage

PERMISSIONS: Final[Mapping[str, str]] = permissions.token()
"""What a review needs; a token for one has no more."""
TRIES: Final = 14
"""How often a step is tried while GitHub has faults: over half an hour, longer where GitHub asks for it."""
LAST_TRIES: Final = 40
"""How often the conclusion of a review that did not run is tried: a check that never ends blocks whoever waits for it."""
LONGEST: Final = 3600.0
JUDGING_LIMIT: Final = 3600.0
"""Seconds that a head may wait for its judgement, workers that are away included."""
FAN_OUT: Final = 100
"""Open pull requests at most that are decided anew when the policy changes, the last one updated first."""
QUEUES: Final[Mapping[str, str]] = {"review": REVIEWS, "merged": REVIEWS, "comment": COMMANDS, "policy": COMMANDS}

STAGES: Final[Mapping[str, Stage]] = {"gather": "read", "watch": "judge", "publish": "publish"}
"""The stages of a review by the steps that are one."""

Said = dict[str, Any]
"""What a step hands on: `then` says how it goes on."""
COMMITTING: Final = (
    permissions.token(commits=True), {**PERMISSIONS, "contents": "write"}
)  # fmt: skip
"""What a command needs that makes a branch; whether the App was granted the first of it, or the second, GitHub says."""

_log = logging.getLogger(__name__)


class Behind(GitHubFailed):
    """GitHub answers with an older state than the one that it has told us of."""

    again = True


def review_key(
    *, repository: int, number: int, head: str, merge_base: str, governing: str, attempt: int
) -> str:  # fmt: skip
    """The name of a review: the same only where nothing that could change it differs.

    `governing` is the digest of all that lies under `.compliance/` on the default branch: policy, waivers, baseline, checks.
    """
    said = [repository, number, head, merge_base, governing, attempt, *_program()]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


@cache
def _program() -> tuple[str, ...]:
    """Versions of what judges: engine, corpus, prompts, and the form of what is judged."""
    said = [f"{id}:{prompts.load(id).digest}" for id in prompts.ids()]
    return (
        __version__,
        wiring.library().digest,
        hashlib.sha256("\n".join(said).encode()).hexdigest(),
        str(judged.VERSION),
    )


def _id(kind: str, *parts: object) -> str:
    return f"{kind}-{hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:24]}"


class Edge:
    """Does the steps of jobs: it alone has GitHub. `clock` gives seconds since 1970, `patience` scales every wait."""

    def __init__(
        self, store: Store, inbox: Inbox, app: App, *, api_url: str,
        clock: Callable[[], float] = time.time, patience: float = 1.0, timeout: int = 20,
    ) -> None:  # fmt: skip
        self.store = store
        self.inbox = inbox
        self._app = app
        self._api_url = api_url
        self.clock = clock
        self.patience = patience
        self._timeout = timeout
        self.metrics = Metrics()
        self.metrics.watch(_Standing(store, inbox))
        self._tokens: dict[tuple[int, int], Callable[[], str]] = {}
        self._me = ""
        self._client: DBOSClient | None = None
        self._gathering = threading.Semaphore(4)
        self._state = threading.Condition()
        self._busy = 0
        self._stopping = False

    # --- deliveries become jobs ---

    def forward(self) -> int:
        """Make jobs of the deliveries that wait in the inbox; how many deliveries there were."""
        batch = self.inbox.waiting(after=self.store.taken(self.inbox.id))
        if not batch:
            return 0
        with self.store.writing() as c:
            for event in _newest(batch):
                id = delivery_of(event)
                with telemetry.span("forward", parent=telemetry.trace_of(id), delivery=id):
                    self._forwarded(c, event)
            self.store.take(c, self.inbox.id, batch[-1].number)
        return len(batch)

    def _forwarded(self, c: sa.Connection, event: events.Event) -> None:
        match event:
            case events.PullRequest():
                self._pull_request(c, event)
            case events.MergeGroup():
                at, head = event.origin, event.head
                job = Job(_id("group", at.repository.id, head), "review", at.installation, at.repository.id,
                          at.repository.full_name, 0, head, base=event.base, reason="merge_group",
                          private=at.repository.private)  # fmt: skip
                self.enqueue(c, job)
            case events.Rerun():
                self._rerun(c, event)
            case events.Comment():
                if not event.author_is_bot and commands.parse(event.body) is not None:
                    self.enqueue(c, self._of(event.origin, "comment", event.number, event=_json(event)))
            case events.Installation():
                state = {"deleted": "deleted", "suspend": "suspended"}.get(event.action, "active")
                self.store.installation(c, event.installation, event.account, state)
            case events.Push():
                self.enqueue(c, self._of(event.origin, "policy", 0, head=event.after, base=event.before))

    def _of(
        self, origin: events.Origin, kind: str, number: int, *, head: str = "", base: str = "", event: str = ""
    ) -> Job:
        id = _id(kind, origin.delivery)
        return Job(
            id, kind, origin.installation, origin.repository.id, origin.repository.full_name, number, head, base=base,
            event=event, private=origin.repository.private,
        )  # fmt: skip

    def _pull_request(self, c: sa.Connection, event: events.PullRequest) -> None:
        at = event.origin
        row = self.store.pull(at.repository.id, event.number, c)
        updated = event.updated.timestamp()
        if row is not None and updated < row.updated:
            return  # it was overtaken on the way
        now = PullRow(
            at.repository.id, event.number, at.installation, at.repository.full_name, event.head, updated,
            attempt=row.attempt if row is not None and row.head == event.head else 0, open=event.action != "closed",
            paused=row is not None and row.paused, private=at.repository.private,
            review=row.review if row is not None else None,
        )  # fmt: skip
        self.store.put_pull(c, now)
        kind = "review" if now.open else "merged" if event.merged else ""
        if kind:
            # The same event may come under two deliveries; what it says is the same.
            id = _id(kind, now.repository, now.number, event.head, event.action, event.base_ref, updated)
            job = Job(id, kind, now.installation, now.repository, now.name, now.number, now.head, attempt=now.attempt,
                      reason=event.action, private=now.private)  # fmt: skip
            self.enqueue(c, job)

    def _rerun(self, c: sa.Connection, event: events.Rerun) -> None:
        if event.button not in ("", "rescan"):
            return
        at = event.origin
        found = self.store.pulls_at(c, at.repository.id, event.head)
        for row in found:
            self.again(c, row, _id("again", at.delivery, row.number), "rerequested")
        groups = [r for r in self.store.reviews_at(c, at.repository.id, event.head) if not r.number]
        if groups and not found:
            last = max(groups, key=lambda r: r.attempt)
            self.enqueue(
                c, Job(_id("again", at.delivery), "review", at.installation, last.repository, last.name, 0, last.head,
                       base=last.merge_base, attempt=last.attempt + 1, reason="rerequested", private=last.private),
            )  # fmt: skip

    def again(self, c: sa.Connection, row: PullRow, id: str, reason: str) -> None:
        """A new review of the same head, under the next attempt; asking twice with the same id asks once."""
        last = self.store.review(row.review) if row.review else None
        attempt = max(row.attempt, last.attempt if last is not None and last.head == row.head else 0) + 1
        job = Job(id, "review", row.installation, row.repository, row.name, row.number, row.head,
                  attempt=attempt, reason=reason, private=row.private)  # fmt: skip
        if self.enqueue(c, job):
            self.store.put_pull(c, replace(row, attempt=attempt))

    def enqueue(self, c: sa.Connection, job: Job) -> bool:
        """Write a job and put it into its queue, in one transaction; false when it was there already."""
        if not self.store.add_job(c, job, self.clock()):
            return False
        with telemetry.root(job.kind, job.id, **_ids(job)):
            self._put(c, job)
        return True

    def _put(self, c: sa.Connection, job: Job, workflow: str = "") -> None:
        if self._client is None:
            self._client = durable.client(self.store)
        self._client.enqueue_in_transaction(
            c,
            {"workflow_name": workflow or job.kind, "queue_name": QUEUES[job.kind], "app_version": VERSION,
             "workflow_id": durable.id_of(f"{workflow}-{job.id}" if workflow else job.id),
             "queue_partition_key": job.partition},
            job.id,
        )  # fmt: skip

    # --- the steps of a review ---

    def begin(self, id: str) -> Said:
        """Look at the pull request as it is now, name the review, and show that it is under way."""
        job = self.store.job(id)
        if not self.store.is_installed(job.installation):
            return {"then": "stopped", "why": "the App was removed or suspended"}
        if job.number and not self._is_newest(job):
            return {"then": "superseded"}
        github = self.github(job)
        pull = github.pull(job.number) if job.number else None
        if pull is not None:
            if not pull.open:
                return {"then": "superseded", "why": "the pull request is closed"}
            if pull.head != job.head:
                self._moved(job, pull)
                return {"then": "superseded", "why": f"{pull.head[:7]} is the newest commit"}
        governing = self._governing(github, job)
        base = github.merge_base(pull.base, job.head) if pull is not None else job.base
        key, attempt, known = self._name(job, base, governing)
        if known:
            return {"then": "known", "key": key}
        check = publish.begin(github, job.head, key)
        today = datetime.fromtimestamp(self.clock(), UTC).date().isoformat()
        self.store.put_review(
            ReviewRow(
                key, id, job.installation, job.repository, job.name, job.number, job.head, base, attempt, today,
                job.reason != "waiver", governing, job.private, check, self.clock(),
            )
        )  # fmt: skip
        if reason := self._skipped(job, pull, policy.load(self.store.tree(governing))):
            publish.wait(github, check, reason)
            return {"then": "skipped", "key": key, "why": reason}
        publish.show(github, check, "Reading the change")
        return {"then": "go", "key": key}

    def _name(self, job: Job, base: str, governing: str) -> tuple[str, int, bool]:
        """The review's key, its attempt, and whether it stands on the pull request already.

        A head that came back is reviewed once more: what was shown for others lies over its review.
        """
        row = self.store.pull(job.repository, job.number) if job.number else None
        attempt = job.attempt
        while True:
            key = review_key(
                repository=job.repository, number=job.number, head=job.head, merge_base=base, governing=governing,
                attempt=attempt,
            )  # fmt: skip
            found = self.store.review(key)
            if found is None or found.published is None:
                return key, attempt, False
            if row is None or row.review == key or found.job == job.id:
                return key, attempt, True
            attempt += 1

    def _skipped(self, job: Job, pull: Pull | None, ours: Policy) -> str:
        """Why a pull request waits, or ""; somebody who asks for a review gets it."""
        if pull is None or job.reason in ("rescan", "rerequested", "resume"):
            return ""
        row = self.store.pull(job.repository, job.number)
        if row is not None and row.paused:
            return "Paused: `/compliance resume` starts reviews again"
        if pull.draft and not ours.reviews.drafts:
            return "Skipped: a draft is reviewed once it is ready (reviews.drafts)"
        if pull.author_is_bot and not ours.reviews.bots:
            return "Skipped: pull requests of bots are not reviewed here (reviews.bots)"
        return ""

    def _moved(self, job: Job, pull: Pull) -> None:
        """The head that GitHub shows now is another: it gets its own job, should its delivery be lost."""
        with self.store.writing() as c:
            row = self.store.pull(job.repository, job.number, c)
            if row is None or row.head != job.head:
                return
            if pull.updated < row.updated:
                raise Behind("GitHub shows an older head than the one that it told us of")
            self.store.put_pull(c, replace(row, head=pull.head, updated=pull.updated, attempt=0))
            id = _id("moved", job.repository, job.number, pull.head, pull.updated)
            self.enqueue(c, replace(job, id=id, head=pull.head, attempt=0, reason="moved"))

    def _overtaken(self, github: GitHub, review: ReviewRow) -> Said | None:
        """How a review ends whose head is no longer the one that GitHub shows; None while it is."""
        pull = github.pull(review.number)
        if not pull.open:
            return {"then": "superseded", "why": "the pull request is closed"}
        if pull.head == review.head:
            return None
        self._moved(self.store.job(review.job), pull)
        return {"then": "superseded", "why": f"{pull.head[:7]} is the newest commit"}

    def gather(self, key: str) -> Said:
        """Bring both trees and the diff into the database, where a worker finds them."""
        review = self.store.the_review(key)
        if not self._is_current(review):
            return {"then": "superseded"}
        github = self.github(review)
        before = self._tree(github, review.repository, review.merge_base)
        after = self._tree(github, review.repository, review.head)
        diffs, _ = github.diffs(review.number) if review.number else ({}, True)
        if review.number and (overtaken := self._overtaken(github, review)):
            return overtaken  # the diff may be of the newer head
        self.store.gathered(key, before, after, diffs)
        publish.show(github, review.check_run, "Judging the change")
        return {"then": "go"}

    def watch(self, key: str, workflow: str) -> Said:
        """Wait until a worker has judged, and show what it does meanwhile."""
        shown, told, looked = "", 0.0, time.monotonic()
        ends = time.monotonic() + JUDGING_LIMIT
        while True:
            review = self.store.the_review(key)
            if review.digest:
                return {"then": "go"}
            if review.failure:
                return {"then": "failed", "why": review.failure}
            if not self._is_current(review):
                DBOS.cancel_workflow(workflow)
                return {"then": "superseded"}
            now = time.monotonic()
            if now > ends:
                DBOS.cancel_workflow(workflow)
                return {"then": "failed", "why": "no worker judged the change within an hour"}
            if now - looked > 5:
                looked = now
                if (
                    durable.statuses([workflow]).get(workflow) not in durable.ACTIVE
                    and not self.store.the_review(key).digest
                ):
                    return {"then": "failed", "why": "the worker ended before it had judged"}
            if review.progress != shown and now - told > 4:
                shown, told = review.progress, now
                try:
                    publish.show(self.github(review), review.check_run, f"Judging: {shown}")
                except GitHubFailed as error:
                    _log.info("progress could not be shown: %s", error)
            self._idle(0.05)

    def publish(self, key: str) -> Said:
        """Write the record, then the review, then the receipt; nothing of it for a head that is not the newest."""
        review = self.store.the_review(key)
        if not self._is_current(review):
            return {"then": "superseded"}
        text, digest = self.store.judged(key)
        found = judged.read(text, digest=digest)
        if (found.key, found.head, found.merge_base) != (key, review.head, review.merge_base):
            raise judged.NotOurs("the judgement in the database is of another review")
        self.store.record(key, found.record)
        github = self.github(review)
        if review.number:
            try:
                receipt = publish.publish(
                    github, review.number, found.publication, key=key, me=self._login(github),
                    newest=lambda: self._is_live(github, review),
                )  # fmt: skip
            except Superseded:
                return self._overtaken(github, review) or {"then": "superseded"}
            said: Said = {
                "check_run": receipt.check_run, "review": receipt.review, "summary": receipt.summary,
                "commented": list(receipt.commented), "settled": list(receipt.settled),
            }  # fmt: skip
        else:
            check = publish.begin(github, review.head, key)
            publish.conclude(github, check, found.publication)
            said = {"check_run": check}
        ends = found.waived_until
        anew = None if ends is None else datetime.combine(ends, clock_time(), UTC).timestamp() + 86_400
        self.store.receipt(review, said, now=self.clock(), anew=anew if review.number else None)
        self.metrics.review(found)
        self.metrics.stage("whole", self.clock() - review.created)
        return {"then": "published"}

    def close(self, id: str, said: Said) -> Said:
        """End a job: its check run says how, where the review did not."""
        job = self.store.job(id)
        then, why = said["then"], said.get("why", "")
        review = self.store.review(said["key"]) if said.get("key") else self.store.review_of(id)
        if then == "superseded" and review is not None:
            row = self.store.pull(job.repository, job.number)
            newer = f"{row.head[:7]} is the newest commit" if row is not None and row.head != job.head else ""
            publish.abandon(self.github(job), review.check_run, why or newer or "a newer review took its place")
        if then == "failed":
            github = self.github(job)
            check = review.check_run if review is not None else publish.begin(github, job.head, id)
            publish.fail(github, check, why)
        self.store.finish(id, then, why, self.clock())
        if then == "superseded" or then == "failed":
            self.metrics.ended(then)
        return {"then": then}

    def note(self, key: str, why: str, seconds: float) -> Said:
        """Show that a review waits for GitHub; where that cannot be shown, it waits all the same."""
        review = self.store.the_review(key)
        at = datetime.fromtimestamp(self.clock() + seconds, UTC)
        try:
            publish.show(self.github(review), review.check_run, f"{why}: tried again at {at:%H:%M} UTC")
        except GitHubFailed as error:
            _log.info("a wait could not be shown: %s", error)
        return {"then": "go"}

    # --- the other jobs ---

    def answer(self, id: str) -> Said:
        """Answer a command; what it asks of the jobs is handed on."""
        job = self.store.job(id)
        if not self.store.is_installed(job.installation):
            return {"then": "go", "effects": []}
        github = self.github(job)
        done = answering.answer(
            _comments().validate_json(job.event), github=github, known=self.store, me=self._login(github),
            now=datetime.fromtimestamp(self.clock(), UTC), resolve=wiring.library().resolve,
            writer=lambda: self._writer(job),
        )  # fmt: skip
        if done.opened is not None and done.opened.waiver is not None:
            self.store.put_waiver(job.repository, done.opened.number, _opened().dump_json(done.opened).decode(), "open")
        return {"then": "go", "effects": [done.action] if done.action else [], "outcome": done.outcome}

    def _writer(self, job: Job) -> GitHub:
        """The repository through a token that may make a branch; Forbidden where the App may not."""
        for wanted in COMMITTING:
            token = self._app.token(installation=job.installation, repository=job.repository, permissions=wanted)
            try:
                token()
            except (Forbidden, Unprocessable):
                continue
            return self._through(token, job)
        raise Forbidden("the App may not write contents here")

    def carry_out(self, id: str, effects: Sequence[answering.Action]) -> Said:
        """Do what a command asks of the jobs."""
        job = self.store.job(id)
        pull = self.github(job).pull(job.number) if effects else None
        with self.store.writing() as c:
            row = self.store.pull(job.repository, job.number, c)
            if row is None and pull is not None:  # it was opened before the App came
                row = PullRow(job.repository, job.number, job.installation, job.name, pull.head, pull.updated,
                              private=job.private)  # fmt: skip
                self.store.put_pull(c, row)
            for effect in effects:
                assert row is not None
                if effect in ("pause", "resume"):
                    row = replace(row, paused=effect == "pause")
                    self.store.put_pull(c, row)
                if effect in ("rescan", "resume") and row.open:
                    self.again(c, row, _id("again", id, effect), effect)
        return {"then": "done"}

    def policy_changed(self, id: str) -> Said:
        """Decide the open pull requests anew when the policy or the waivers of the default branch have changed."""
        job = self.store.job(id)
        rows = self.store.open_pulls(job.repository)
        if not rows or not self.store.is_installed(job.installation):
            return {"then": "done"}
        github = self.github(job)
        tip = self._governed_at(github, job, job.head)
        for row in rows[:FAN_OUT]:
            last = self.store.review(row.review) if row.review else None
            if last is None or last.governing == tip:
                continue
            with self.store.writing() as c:
                kept = self.store.pull(row.repository, row.number, c)
                if kept is None or not kept.open:
                    continue
                again = Job(_id("policy", id, row.number, kept.head), "review", kept.installation, kept.repository, kept.name,
                            kept.number, kept.head, attempt=kept.attempt, reason="policy", private=kept.private)  # fmt: skip
                self.enqueue(c, again)
        return {"then": "done"}

    def note_fates(self, id: str, key: str) -> Said:
        """Note what became of the findings that were shown last, as the next review sees it, or the merge."""
        job = self.store.job(id)
        now = self.store.review(key) if key else self.store.shown(job.repository, job.number)
        shown = self.store.shown(job.repository, job.number, before=now) if key and now is not None else now
        if now is None or shown is None or not job.number:
            return {"then": "done"}
        github = self.github(job)
        me = self._login(github)
        old, new = (judged.read(text, digest=digest) for text, digest in map(self.store.judged, (shown.key, now.key)))
        found = fates.fates(
            old, new, before=self.store.tree(shown.after).read, after=self.store.tree(now.after).read,
            heard=fates.listen(github, job.number, me=me), merged=not key,
        )  # fmt: skip
        self.store.put_fates(shown, found, self.clock())
        for each in found:
            if each.fix and each.outcome != "open":
                self.metrics.fate(each.outcome)
            if each.said:
                self.metrics.reaction(each.said)
        self._learn(job, old, found)
        return {"then": "done"}

    def _learn(self, job: Job, shown: judged.Judged, found: Sequence[fates.Fate]) -> None:
        """Keep what was accepted, and how checks have fared, for the next drafts in this repository and nowhere else."""
        scope = scope_of(job)
        kept = wiring.store()
        now = datetime.fromtimestamp(self.clock(), UTC)
        told = {each.check for each in found}
        fared = [r for r in fates.records(self.store.fates(job.repository)) if r.check in told]
        learnt = [
            *fates.accepted(shown, found, scope=scope, number=job.number),
            *(fates.experience(r, scope=scope) for r in fared),
        ]
        for each in learnt:
            if each is not None:
                kept.add(each.passage, added=now, types=each.types, controls=each.controls, about=each.about)

    def finish(self, id: str, said: Said) -> Said:
        """A job that shows no check run has come to its end."""
        self.store.finish(id, said["then"], said.get("why", ""), self.clock())
        return {"then": said["then"]}

    # --- what happens by itself ---

    def end_waivers(self) -> int:
        """Decide anew, and without a model, the heads of which a waiver counted that is over now; how many."""
        due = self.store.ended_waivers(self.clock())
        for review in due:
            with self.store.writing() as c:
                row = self.store.pull(review.repository, review.number, c)
                if row is not None and row.open and row.head == review.head and row.review == review.key:
                    self.again(c, row, _id("waiver", review.key), "waiver")
                self.store.taken_up(c, review.key)
        return len(due)

    def look_after(self) -> None:
        """Hand on what dead processes had begun; begin anew what an older version left, and bury what cannot end."""
        now = time.time()
        durable.hand_on(self.store, now)
        left = durable.left_behind(self.store, now)
        if left:
            durable.delete(left)
        jobs = self.store.unfinished()
        stand = durable.statuses([durable.id_of(job.id) for job in jobs])
        others = {each.version for each in durable.living(self.store, now)} - {VERSION}
        for job in jobs:
            status = stand.get(durable.id_of(job.id))
            if status is None and not others:
                with self.store.writing() as c:
                    self._put(c, job)
            elif status in ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"):
                with self.store.writing() as c:
                    self._put(c, job, "bury")

    def forget(self, *, days: float = 30.0) -> None:
        """Delete what is older than anybody asks for."""
        now = self.clock()
        durable.delete_finished(now - 2 * 86_400)
        self.store.forget(
            jobs_before=now - days * 86_400, trees_before=now - 14 * 86_400, reviews_before=now - 3 * days * 86_400
        )
        self.inbox.forget(upto=self.store.taken(self.inbox.id), texts=now - 86_400, rows=now - days * 86_400)

    # --- what the steps share ---

    def github(self, at: Job | ReviewRow) -> GitHub:
        """The repository of a job, through a token for it alone."""
        place = (at.installation, at.repository)
        if place not in self._tokens:
            self._tokens[place] = self._app.token(
                installation=at.installation, repository=at.repository, permissions=PERMISSIONS
            )
        return self._through(self._tokens[place], at)

    def _through(self, token: Callable[[], str], at: Job | ReviewRow) -> GitHub:
        return GitHub(
            at.name, token, base_url=self._api_url, timeout=self._timeout,
            allowed=partial(self.metrics.rate_limit, at.installation),
        )  # fmt: skip

    def _knowing_teams(self, job: Job) -> GitHub:
        """The repository through a token that may see who is in a team, where the App was granted that."""
        token = self._app.token(
            installation=job.installation, repository=job.repository, permissions={**PERMISSIONS, "members": "read"}
        )
        try:
            token()
        except (Forbidden, Unprocessable):
            return self.github(job)
        return self._through(token, job)

    def _login(self, github: GitHub) -> str:
        self._me = self._me or github.viewer()
        return self._me

    def _governing(self, github: GitHub, job: Job) -> str:
        tip = github.branch(github.default_branch())
        return self._governed_at(github, job, tip or "")

    def _governed_at(self, github: GitHub, job: Job, commit: str) -> str:
        """What lies under `.compliance/` in a commit, without the waivers that were asked for here and merged unapproved."""
        now = self.clock()
        found = self._governing_at(github, job.repository, commit, now)
        asked = self.store.waivers(job.repository)
        if not asked:
            return found
        doomed = []
        for number, text, state in asked:
            opened = _opened().validate_json(text)
            if state in ("open", "unapproved"):  # an owner may approve it after the merge
                became = pulls.granted(self._knowing_teams(job), opened, me=self._login(github))
                if became.state == "unapproved":
                    pulls.tell_unapproved(github, opened, became, me=self._login(github))
                state = became.state
                approval = "" if became.approval is None else json.dumps(asdict(became.approval), sort_keys=True)
                self.store.put_waiver(job.repository, number, text, state, became.note, approval)
            if state == "unapproved" and opened.waiver is not None:
                doomed.append(opened.waiver)
        tree = self.store.tree(found)
        data = tree.read(waivers.PATH)
        if not doomed or data is None:
            return found
        part = f"governing without {hashlib.sha256(repr(doomed).encode()).hexdigest()[:16]}"
        without = tree.changed({waivers.PATH: pulls.discounted(data, doomed)})
        return self.store.put_tree(job.repository, commit, part, without, now)

    def _governing_at(self, github: GitHub, repository: int, commit: str, now: float) -> str:
        found = self.store.tree_of(repository, commit, "governing", now)
        if found is not None:
            return found
        tree = reviewing.governing(github, commit) if commit else Snapshot({})
        return self.store.put_tree(repository, commit, "governing", tree, now)

    def _tree(self, github: GitHub, repository: int, commit: str) -> str:
        now = self.clock()
        found = self.store.tree_of(repository, commit, "whole", now)
        if found is not None:
            return found
        with self._gathering:
            return self.store.put_tree(repository, commit, "whole", github.snapshot(commit), now)

    def _is_newest(self, job: Job) -> bool:
        row = self.store.pull(job.repository, job.number)
        return row is None or (row.open and row.head == job.head and row.attempt <= job.attempt)

    def _is_current(self, review: ReviewRow) -> bool:
        if not self.store.is_installed(review.installation):
            return False
        row = self.store.pull(review.repository, review.number) if review.number else None
        return row is None or (row.open and row.head == review.head and row.attempt <= review.attempt)

    def _is_live(self, github: GitHub, review: ReviewRow) -> bool:
        if not self._is_current(review):
            return False
        pull = github.pull(review.number)
        return pull.open and pull.head == review.head

    # --- running and stopping ---

    def run(self, name: str, *args: Any) -> Said:
        """A step by its name, its failure as a value: what DBOS keeps of it are words, and no code."""
        with self._state:
            while self._stopping:
                self._state.wait()  # until the process ends; the step is run at the next start
            self._busy += 1
        began = time.monotonic()
        try:
            about = self._about(args[0])
            with telemetry.span(name, parent=telemetry.trace_of(about.get("job", "")), **about):
                said: Said = getattr(self, name)(*args)
            if name in STAGES:
                self.metrics.stage(STAGES[name], time.monotonic() - began)
            return said
        except Superseded:
            return {"then": "superseded"}
        except Unauthorised as error:
            self._tokens.clear()
            return {"then": "again", "seconds": 1.0, "why": str(error)}
        except Limited as error:
            return {"then": "again", "seconds": error.seconds, "why": "Rate limited by GitHub"}
        except NotThere as error:  # what was pushed a moment ago may not be everywhere yet
            return {"then": "again", "seconds": 1.0, "why": str(error), "few": True}
        except GitHubFailed as error:
            if error.again:
                return {"then": "again", "seconds": 1.0, "why": f"GitHub is not well ({error})"}
            return {"then": "failed", "why": str(error)}
        except sa.exc.OperationalError as error:
            _log.error("the database: %s", error)
            return {"then": "again", "seconds": 1.0, "why": "the database did not answer"}
        except SettingsInvalid as error:
            return {"then": "failed", "why": f"the default branch's settings do not read: {error}"}
        except CopilotError as error:
            return {"then": "failed", "why": str(error)}
        except Exception as error:
            _log.exception("step %s", name)
            return {"then": "failed", "why": f"a bug of ours ({type(error).__name__})"}
        finally:
            with self._state:
                self._busy -= 1
                self._state.notify_all()

    def _about(self, id: str) -> Ids:
        """By what a step is found again, of the review or the job that it is for."""
        review = self.store.review(id)
        if review is not None:
            return {"job": review.job, "key": id, "installation": review.installation, "repository": review.repository,
                    "pull": review.number, "head": review.head}  # fmt: skip
        return _ids(self.store.job(id))

    def stop(self, seconds: float) -> bool:
        """Begin no more steps, and wait for those that run; whether all of them ended."""
        with self._state:
            self._stopping = True
            return self._state.wait_for(lambda: not self._busy, timeout=seconds)

    def _idle(self, seconds: float) -> None:
        """Wait within a step that only looks: at the end of the process it is let go."""
        with self._state:
            if self._stopping:
                self._busy -= 1
                self._state.notify_all()
                while True:
                    self._state.wait()
        time.sleep(seconds)

    def wait(self, number: int, seconds: float) -> float:
        """How long to wait before a step is tried for the `number`-th time again."""
        return float(min(LONGEST, max(seconds, min(300.0, 2.0**number))) * self.patience)


def _ids(job: Job) -> Ids:
    return {"job": job.id, "installation": job.installation, "repository": job.repository, "pull": job.number,
            **({"head": job.head} if job.head else {})}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the database knows of the work now, for the metrics."""

    store: Store
    inbox: Inbox

    def jobs(self) -> Mapping[str, int]:
        return self.store.under_way()

    def heartbeats(self) -> Mapping[str, float]:
        return {each.id: max(0.0, time.time() - each.beat) for each in self.store.executors()}

    def deliveries(self) -> int:
        return self.inbox.count(after=self.store.taken(self.inbox.id))


# --- workflows ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Flow:
    """The order of the steps. It must do the same when it is run again over the same answers."""

    edge: Edge

    def step(self, name: str, *args: Any, key: str = "", tries: int = TRIES) -> Said:
        """One step, tried again while GitHub has faults, with sleeps that outlast this process."""
        said: Said = {}
        for number in range(tries):
            said = DBOS.run_step({"name": name}, self.edge.run, name, *args)
            if said["then"] != "again":
                return said
            if said.get("few") and number >= 4:
                break
            seconds = self.edge.wait(number, said["seconds"])
            if key and seconds > 20 and name != "close":
                DBOS.run_step({"name": "note"}, self.edge.run, "note", key, said["why"], seconds)
            DBOS.sleep(seconds)
        return {"then": "failed", "why": said["why"]}

    def review(self, job: str) -> Said:
        said = self.step("begin", job)
        key = said.get("key", "")
        if said["then"] == "go":
            said = self._judged(job, key)
        ended = self.end(job, key, said)
        if said["then"] == "published":  # whatever comes of it, the review stands
            self.step("note_fates", job, key, tries=4)
        return ended

    def _judged(self, job: str, key: str) -> Said:
        said = self.step("gather", key, key=key)
        if said["then"] != "go":
            return said
        workflow = durable.id_of(f"judge-{key}-{job[-12:]}")
        DBOS.enqueue_workflow_with_options(
            {"workflow_name": "judge", "queue_name": JUDGING, "workflow_id": workflow, "app_version": VERSION}, key
        )
        said = self.step("watch", key, workflow, key=key)
        if said["then"] != "go":
            return said
        return self.step("publish", key, key=key)

    def end(self, job: str, key: str, said: Said) -> Said:
        return self.step("close", job, {**said, "key": key}, key=key, tries=LAST_TRIES)

    def comment(self, job: str) -> Said:
        said = self.step("answer", job)
        if said["then"] == "go":
            said = self.step("carry_out", job, said["effects"])
        return self._finished(job, said)

    def policy(self, job: str) -> Said:
        return self._finished(job, self.step("policy_changed", job))

    def merged(self, job: str) -> Said:
        return self._finished(job, self.step("note_fates", job, ""))

    def bury(self, job: str) -> Said:
        return self.end(job, "", {"then": "failed", "why": "it was begun too often without coming to an end"})

    def _finished(self, job: str, said: Said) -> Said:
        if said["then"] == "failed":
            _log.error("job %s failed: %s", job, said.get("why", ""))
        return DBOS.run_step({"name": "finish"}, self.edge.run, "finish", job, said)


def register(edge: Edge) -> None:
    """Make the workflows known to DBOS in this process, before it is launched."""
    flow = _Flow(edge)
    for name in ("review", "comment", "policy", "merged", "bury"):
        DBOS.workflow(name=name, max_recovery_attempts=50)(_named(name, getattr(flow, name)))


def _named(name: str, of: Callable[[str], Said]) -> Callable[[str], Said]:
    def workflow(job: str) -> Said:
        return of(job)

    workflow.__qualname__ = name
    return workflow


# --- events ---------------------------------------------------------------------------------------------------------


def _newest(batch: Sequence[Delivery]) -> list[events.Event]:
    """The events of a batch, of each pull request's own only the newest."""
    last: dict[tuple[int, int], tuple[datetime, int]] = {}
    for each in batch:
        if isinstance(each.event, events.PullRequest):
            at = (each.event.origin.repository.id, each.event.number)
            last[at] = max(last.get(at, (each.event.updated, each.number)), (each.event.updated, each.number))
    return [
        each.event
        for each in batch
        if not isinstance(each.event, events.PullRequest)
        or last[each.event.origin.repository.id, each.event.number] == (each.event.updated, each.number)
    ]


@cache
def _comments() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(events.Comment)


@cache
def _opened() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(pulls.Opened)


def _json(event: events.Comment) -> str:
    return str(_comments().dump_json(event).decode())


def scope_of(at: Job | ReviewRow) -> Scope:
    """Whose what is learnt is: one repository of one installation, as open as it is now."""
    owner, _, name = at.name.partition("/")
    return Scope(str(at.installation), owner, name, "private" if at.private else "public")
