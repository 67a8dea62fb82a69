"""A pull request of the double as a worker judges it, and comments as GitHub delivers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from copilot.changes import Change
from github_app import judged
from github_app.client import GitHub
from github_app.events import Comment, Origin, Repository
from github_app.judged import Judged
from tests.github_app.double import Double
from tests.trees import settings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WRITING = {"contents": "write", "pull_requests": "write", "checks": "write"}


def judge(github: GitHub, number: int = 1) -> Judged:
    """The judgement of a pull request's head as it is now."""
    pull = github.pull(number)
    base = github.merge_base(pull.base, pull.head)
    change = Change(github.snapshot(base), github.snapshot(pull.head))
    return judged.judge(
        change, settings(drafts=True, today=NOW.date()), github.diffs(number)[0], key="k", subject=f"{github.repository}#{number}",
        merge_base=base, head=pull.head,
    )  # fmt: skip


@dataclass
class Kept:
    """The newest judgement by repository and pull request."""

    found: dict[tuple[int, int], Judged] = field(default_factory=dict)

    def latest(self, repository: int, number: int) -> Judged | None:
        return self.found.get((repository, number))


def said(double: Double, body: str, login: str = "ada", *, number: int = 1, thread: int | None = None) -> Comment:
    """Somebody's comment, which the double has, as an event."""
    owner, name = double.name.split("/")
    bot = login.endswith("[bot]")
    origin = Origin("d", 99, Repository(7, owner, name, True, "main"), login, bot)
    id = double.say(login, body, number=number, thread=thread)
    return Comment(origin, number, id, body, login, bot, thread)
