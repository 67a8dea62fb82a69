"""What the App asks of GitHub: one table of permissions and one of events, each with its reason. Data, and no I/O.

The manifest, the narrowing of tokens, `ccopilot doctor` and the documentation all read these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Access = Literal["read", "write"]
_RANK: Final = {"read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission by GitHub's name for it, and what does not work without it.

    `commits` marks what only the commands need that make a branch and a pull request; whoever does not want those leaves it
    out. `heard` marks what is asked for so that GitHub sends an event: no token of ours needs it.
    """

    name: str
    access: Access
    why: str
    commits: bool = False
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """One event that GitHub is to send, the permission that it takes, and what it is for."""

    name: str
    permission: str
    why: str


PERMISSIONS: Final = (
    Permission("metadata", "read", "GitHub gives it to every App; a person's role in the repository is read with it"),
    Permission("contents", "read", "both sides of a change are read as a whole, and the policy of the default branch"),
    Permission("pull_requests", "write", "the diff is read; reviews, comments, answers and reactions are written"),
    Permission("checks", "write", "the check run with its conclusion and annotations"),
    Permission("issues", "read", "GitHub sends comments in the conversation of a pull request to those who may read issues", heard=True),
    Permission("merge_queues", "read", "GitHub sends a merge queue's requests for checks to those who may read the queue", heard=True),
    Permission(
        "contents", "write", "`/compliance fix` and `/compliance waive` make a branch with one commit, for a pull request",
        commits=True,
    ),
    Permission(
        "members", "read", "who is in a team that CODEOWNERS names, since an owner approves a waiver; only organisations have it",
        commits=True,
    ),
)  # fmt: skip

EVENTS: Final = (
    Subscription(
        "pull_request", "pull_requests", "a pull request was opened, got commits, changed its base, was closed"
    ),
    Subscription("merge_group", "merge_queues", "a merge queue asks for checks"),
    Subscription("check_suite", "checks", "somebody asks for all checks again"),
    Subscription("check_run", "checks", "somebody asks for one check again, or presses a button of it"),
    Subscription("issue_comment", "issues", "a command in the conversation"),
    Subscription("pull_request_review_comment", "pull_requests", "a command in the thread of a comment on lines"),
    Subscription("push", "contents", "the policy or the waivers of the default branch may have changed"),
)
"""GitHub sends `installation` and `installation_repositories` to every App unasked."""


def asked(*, commits: bool) -> dict[str, str]:
    """The permissions as GitHub's manifest and tokens name them; with `commits`, those of the commands that commit too."""
    out: dict[str, str] = {}
    for each in PERMISSIONS:
        if commits or not each.commits:
            out[each.name] = each.access
    return out


def token(*, commits: bool = False, granted: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a token for one repository is asked for: what its work needs, and of that what was `granted`, where that is
    known. GitHub refuses a token that asks for more than was granted, and gives every token metadata unasked."""
    out: dict[str, str] = {}
    for each in PERMISSIONS:  # what a review needs stands before what commits need more
        needed = not each.heard and each.name != "metadata" and (commits or not each.commits)
        if needed and (granted is None or covers(granted.get(each.name, ""), each.access)):
            out[each.name] = each.access
    return out


def covers(granted: str, wanted: str) -> bool:
    """Whether an access that was granted is at least the one that is wanted."""
    return _RANK.get(granted, 0) >= _RANK[wanted]


def missing(granted: Mapping[str, str]) -> tuple[Permission, ...]:
    """What is needed and not granted, those that only commits need included."""
    return tuple(each for each in PERMISSIONS if not covers(granted.get(each.name, ""), each.access))


def more(granted: Mapping[str, str]) -> tuple[str, ...]:
    """What is granted and never used, as `name: access`."""
    useful = asked(commits=True)
    return tuple(
        f"{name}: {access}"
        for name, access in sorted(granted.items())
        if name not in useful or _RANK.get(access, 9) > _RANK[useful[name]]
    )


def unheard(subscribed: tuple[str, ...]) -> tuple[Subscription, ...]:
    """The events that GitHub does not send, though something waits for them."""
    return tuple(each for each in EVENTS if each.name not in subscribed)
