"""Where commands and fates meet the jobs: which judgement is the newest, which token may write a branch, what is kept of what
became of a suggestion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from copilot import waivers, wiring
from copilot.errors import SettingsInvalid
from copilot.render.escape import markdown as prose
from copilot.snapshot import Snapshot
from copilot.waivers import Waiver
from github_app import answering, events, fates, judged, pulls
from github_app.answering import Action
from github_app.client import API, App, GitHub
from github_app.fates import Fate
from github_app.judged import Judged
from github_app.pulls import Granted, Opened
from github_app.store import Gone, Job, Store

if TYPE_CHECKING:
    from github_app.jobs import Edge

COMMITS: Final[Mapping[str, str]] = {"contents": "write", "pull_requests": "write"}
"""What a token may do that makes a branch and opens a pull request; no other token of ours may write contents."""

PEOPLE: Final[Mapping[str, str]] = {"members": "read"}
"""What a token may do that asks who is in a team."""


class Kept:
    """The newest judgement of a pull request that was shown, as it lies in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def latest(self, repository: int, number: int) -> Judged | None:
        row = self._store.pull(repository, number)
        return None if row is None or row.review is None else _judged(self._store, row.review)


def answers(app: App, *, api_url: str = API) -> Callable[[Edge, Job, events.Comment, GitHub], Sequence[Action]]:
    """What the jobs ask to have a comment answered; it gives what they are to do."""

    def answer(edge: Edge, job: Job, event: events.Comment, github: GitHub) -> Sequence[Action]:
        def writer() -> GitHub:
            token = app.token(installation=job.installation, repository=job.repository, permissions=COMMITS)
            return GitHub(job.name, token, base_url=api_url)

        found = answering.answer(
            event, github=github, known=Kept(edge.store), me=github.viewer(), now=datetime.fromtimestamp(edge.clock(), UTC),
            resolve=wiring.library().resolve, writer=writer,
        )  # fmt: skip
        if found.opened is not None and found.opened.waiver is not None:
            asked = _as_json(Opened, found.opened)
            edge.store.ask(job.repository, found.opened.number, job.installation, asked, at=edge.clock())
        return () if found.action is None else (found.action,)

    return answer


def note(
    store: Store, github: GitHub, shown: str, now: str, *, me: str, merged: bool, at: float
) -> tuple[Fate, ...]:  # fmt: skip
    """Keep what became of the findings of one review, seen from another (or itself, at the merge), both by their keys. Nothing
    where the trees or judgements are deleted by now."""
    before, after = store.review(shown), store.review(now)
    first, last = _judged(store, shown), _judged(store, now)
    if before is None or after is None or first is None or last is None or not first.publication.fingerprints:
        return ()
    try:
        trees = store.tree(before.after), store.tree(after.after)
    except Gone:
        return ()
    heard = fates.listen(github, before.number, me=me)
    found = fates.fates(first, last, before=trees[0].read, after=trees[1].read, heard=heard, merged=merged)
    for each in found:
        store.put_fate(
            repository=before.repository, number=before.number, review=shown, fingerprint=each.finding, fate=each.outcome,
            said=each.said, at=at,
        )  # fmt: skip
    return found


def approved_only(
    store: Store,
    github: GitHub,
    repository: int,
    tree: Snapshot,
    *,
    people: Callable[[int], GitHub],
    me: str,
    at: float,
) -> Snapshot:
    """What governs reviews, without the waivers that came by a pull request of ours and were merged though no other owner of
    the file had approved them. How each was granted is read from GitHub and kept; one that does not count is told so.

    `people` gives, for an installation, the repository through a token that may see who is in a team.
    """
    data = tree.read(waivers.PATH)
    if data is None:
        return tree
    unapproved: list[Waiver] = []
    for number, installation, text, state in store.asked(repository):
        asked: Opened = _from_json(Opened, text)
        found = pulls.granted(github, asked, me=me, people=people(installation)) if state != "granted" else None
        if found is not None and found.state != "open":
            store.grant(repository, number, found.state, _as_json(Granted, found), at=at)
        if found is not None and found.state == "unapproved" and asked.waiver is not None:
            unapproved.append(asked.waiver)
            _tell(github, number, found, me=me)
    try:
        left = pulls.discounted(data, unapproved)
    except SettingsInvalid:
        return tree  # whoever judges by it says what is wrong with it
    return tree if left == data else tree.changed({waivers.PATH: left})


def _tell(github: GitHub, number: int, found: Granted, *, me: str) -> None:
    mark = "<!-- ccopilot:unapproved -->"
    if not any(each.author == me and mark in each.body for each in github.comments(number)):
        github.comment(number, f"This waiver counts for nothing yet: {prose(found.note)}.\n\n{mark}")


def _as_json(kind: Any, value: Any) -> str:
    return str(_adapter(kind).dump_json(value).decode())


def _from_json(kind: Any, text: str) -> Any:
    return _adapter(kind).validate_json(text)


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import ConfigDict, TypeAdapter, with_config

    return TypeAdapter(with_config(ConfigDict(extra="forbid"))(kind))


def _judged(store: Store, key: str) -> Judged | None:
    try:
        text, digest = store.judged(key)
    except Gone:
        return None
    return judged.read(text, digest=digest)
