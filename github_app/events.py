"""Deliveries: headers, body and secret in, a typed event out. No I/O, and nothing of a body is read before its signature.

What GitHub sends may grow: fields that nobody here asks for are ignored. What is asked for must be there in the form that
GitHub documents; else the delivery is malformed, and the message names the field.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from copilot.errors import CopilotError

MAX_BYTES: Final = 25 * 1024 * 1024
"""GitHub sends no larger payload."""

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
_DELIVERY = re.compile(r"[A-Za-z0-9-]{1,64}")


class Refused(CopilotError):
    """A delivery that is not taken; `status` is what the sender is told."""

    exit_code = 4
    status = 400


class BadSignature(Refused):
    """The signature is missing, is none, or is not of this body with any of the secrets."""

    status = 401


class TooLarge(Refused):
    """The body is larger than any that GitHub sends."""

    status = 413


class Malformed(Refused):
    """The delivery is signed, and is not what GitHub documents."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository by its number, which stays when it is renamed, and by its present name."""

    id: int
    owner: str
    name: str
    private: bool
    default_branch: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Origin:
    """What every event has: the delivery's id, which is the same when it is sent again, and where it happened."""

    delivery: str
    installation: int
    repository: Repository
    sender: str
    sender_is_bot: bool


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request was opened, got commits, was reopened, is ready for review, changed its base, or was closed (`action`).

    `head` may be stale when it arrives; `updated` orders deliveries of one pull request, which may come out of order.
    """

    origin: Origin
    action: str
    number: int
    head: str
    base: str
    base_ref: str
    updated: datetime
    draft: bool
    from_fork: bool
    author_is_bot: bool
    merged: bool


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """A merge queue asks for checks of the commit that it would merge."""

    origin: Origin
    head: str
    base: str
    base_ref: str


@dataclass(frozen=True, slots=True)
class Rerun:
    """Somebody asked for the checks of a commit again, or pressed a button of a check run (`button` names it)."""

    origin: Origin
    head: str
    pulls: tuple[int, ...]
    check_run: int | None = None
    button: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """Somebody wrote a comment on a pull request; `thread` is the review comment that it answers or is."""

    origin: Origin
    number: int
    id: int
    body: str
    author: str
    author_is_bot: bool
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """The App was installed, suspended, removed, or given or denied repositories."""

    delivery: str
    installation: int
    action: str
    account: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """Commits came to the default branch."""

    origin: Origin
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery that is fine and asks nothing of us, and why."""

    delivery: str
    reason: str


Event = PullRequest | MergeGroup | Rerun | Comment | Installation | Push | Ignored


def verify(body: bytes, signature: str | None, secrets: Sequence[bytes]) -> None:
    """Raise BadSignature unless the body was signed with one of the secrets (two while one replaces the other)."""
    if not secrets or not all(secrets):
        raise BadSignature("no webhook secret is set", hint="set CCOPILOT_GITHUB_WEBHOOK_SECRET")
    if signature is None or not _SIGNATURE.fullmatch(signature):
        raise BadSignature("the delivery carries no signature", hint="give the webhook the secret that is set here")
    given = signature.removeprefix("sha256=")
    matches = [hmac.compare_digest(hmac.new(secret, body, hashlib.sha256).hexdigest(), given) for secret in secrets]
    if not any(matches):
        raise BadSignature("the signature is not of this body", hint="the webhook's secret is another")


def parse(headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes]) -> Event:
    """The event of a delivery. Refused says why there is none; a name nobody listens to is Ignored."""
    if len(body) > MAX_BYTES:
        raise TooLarge(f"the body has {len(body):,} bytes")
    known = {name.lower(): value for name, value in headers.items()}
    verify(body, known.get("x-hub-signature-256"), secrets)
    delivery, name = known.get("x-github-delivery", ""), known.get("x-github-event", "")
    if not _DELIVERY.fullmatch(delivery):
        raise Malformed("X-GitHub-Delivery: is missing or no id")
    read = _READERS.get(name)
    if read is None:
        return Ignored(delivery, f"nothing here listens to {name[:40]!r}")
    try:
        payload = json.loads(body)
    except RecursionError as error:
        raise Malformed("the body is nested too deeply") from error
    except ValueError as error:
        raise Malformed("the body is not JSON") from error
    return read(delivery, _Object(payload, ""))


@dataclass(frozen=True, slots=True)
class _Object:
    """A JSON object that is asked for fields; each refusal names the field."""

    value: Any
    at: str

    def _found(self, name: str) -> Any:
        if not isinstance(self.value, dict):
            raise Malformed(f"{self.at or 'the body'}: is not an object")
        return self.value.get(name)

    def _refuse(self, name: str, wanted: str) -> Malformed:
        return Malformed(f"{self.at + '.' if self.at else ''}{name}: {wanted}")

    def object(self, name: str) -> _Object:
        found = self._found(name)
        if not isinstance(found, dict):
            raise self._refuse(name, "is not an object")
        return _Object(found, f"{self.at}.{name}" if self.at else name)

    def has(self, name: str) -> bool:
        return self._found(name) is not None

    def text(self, name: str) -> str:
        found = self._found(name)
        if not isinstance(found, str):
            raise self._refuse(name, "is not a text")
        return found

    def optional(self, name: str) -> str:
        return self.text(name) if self.has(name) else ""

    def number(self, name: str) -> int:
        found = self._found(name)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < 1 << 63:
            raise self._refuse(name, "is not a number from 1 on")
        return found

    def truth(self, name: str, *, default: bool | None = None) -> bool:
        found = self._found(name)
        if found is None and default is not None:
            return default
        if not isinstance(found, bool):
            raise self._refuse(name, "is neither true nor false")
        return found

    def sha(self, name: str) -> str:
        found = self.text(name)
        if not _SHA.fullmatch(found):
            raise self._refuse(name, "is not the id of a commit")
        return found

    def time(self, name: str) -> datetime:
        try:
            found = datetime.fromisoformat(self.text(name))
        except ValueError as error:
            raise self._refuse(name, "is not a time") from error
        if found.tzinfo is None:
            raise self._refuse(name, "names no time zone")
        return found

    def items(self, name: str) -> list[_Object]:
        found = self._found(name)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self._refuse(name, "is not a list")
        return [_Object(item, f"{self.at}.{name}[{i}]" if self.at else f"{name}[{i}]") for i, item in enumerate(found)]


def _repository(top: _Object) -> Repository:
    found = top.object("repository")
    return Repository(
        found.number("id"), found.object("owner").text("login"), found.text("name"), found.truth("private"),
        found.text("default_branch"),
    )  # fmt: skip


def _is_bot(user: _Object) -> bool:
    return user.optional("type") == "Bot" or user.text("login").endswith("[bot]")


def _origin(delivery: str, top: _Object) -> Origin | Ignored:
    if not top.has("installation"):
        return Ignored(delivery, "it comes from a webhook of a repository, not from the App's")
    sender = top.object("sender")
    return Origin(
        delivery, top.object("installation").number("id"), _repository(top), sender.text("login"), _is_bot(sender)
    )


def _pull_request(delivery: str, top: _Object) -> Event:
    action = top.text("action")
    if action not in ("opened", "synchronize", "reopened", "ready_for_review", "edited", "closed"):
        return Ignored(delivery, f"pull_request {action[:40]} changes nothing that is reviewed")
    if action == "edited" and not (top.has("changes") and top.object("changes").has("base")):
        return Ignored(delivery, "the base stays; titles and bodies are not read")
    origin = _origin(delivery, top)
    if isinstance(origin, Ignored):
        return origin
    pull = top.object("pull_request")
    head, base = pull.object("head"), pull.object("base")
    # A fork that was deleted has no repository any more.
    fork = not head.has("repo") or head.object("repo").number("id") != base.object("repo").number("id")
    return PullRequest(
        origin, action, pull.number("number"), head.sha("sha"), base.sha("sha"), base.text("ref"),
        pull.time("updated_at"), pull.truth("draft", default=False), fork, _is_bot(pull.object("user")),
        pull.truth("merged", default=False),
    )  # fmt: skip


def _merge_group(delivery: str, top: _Object) -> Event:
    if top.text("action") != "checks_requested":
        return Ignored(delivery, "the group is gone")
    origin = _origin(delivery, top)
    if isinstance(origin, Ignored):
        return origin
    group = top.object("merge_group")
    return MergeGroup(origin, group.sha("head_sha"), group.sha("base_sha"), group.text("base_ref"))


def _check(kind: str, delivery: str, top: _Object) -> Event:
    action = top.text("action")
    if action not in ("rerequested", "requested_action"):
        return Ignored(delivery, f"{kind} {action[:40]} asks for nothing")
    origin = _origin(delivery, top)
    if isinstance(origin, Ignored):
        return origin
    found = top.object(kind)
    pulls = tuple(each.number("number") for each in found.items("pull_requests"))
    button = top.object("requested_action").text("identifier") if action == "requested_action" else ""
    return Rerun(origin, found.sha("head_sha"), pulls, found.number("id") if kind == "check_run" else None, button)


def _issue_comment(delivery: str, top: _Object) -> Event:
    if top.text("action") != "created":
        return Ignored(delivery, "only a new comment can be a command")
    issue = top.object("issue")
    if not issue.has("pull_request"):
        return Ignored(delivery, "it is on an issue, not on a pull request")
    return _comment(delivery, top, issue.number("number"))


def _review_comment(delivery: str, top: _Object) -> Event:
    if top.text("action") != "created":
        return Ignored(delivery, "only a new comment can be a command")
    comment = top.object("comment")
    thread = comment.number("in_reply_to_id") if comment.has("in_reply_to_id") else comment.number("id")
    return _comment(delivery, top, top.object("pull_request").number("number"), thread)


def _comment(delivery: str, top: _Object, number: int, thread: int | None = None) -> Event:
    origin = _origin(delivery, top)
    if isinstance(origin, Ignored):
        return origin
    comment = top.object("comment")
    user = comment.object("user")
    return Comment(
        origin, number, comment.number("id"), comment.optional("body"), user.text("login"), _is_bot(user), thread
    )


def _installation(delivery: str, top: _Object) -> Event:
    found = top.object("installation")
    added = top.items("repositories_added") or top.items("repositories")
    return Installation(
        delivery, found.number("id"), top.text("action"), found.object("account").text("login"),
        tuple(each.text("full_name") for each in added),
        tuple(each.text("full_name") for each in top.items("repositories_removed")),
    )  # fmt: skip


def _push(delivery: str, top: _Object) -> Event:
    origin = _origin(delivery, top)
    if isinstance(origin, Ignored):
        return origin
    if top.text("ref") != f"refs/heads/{origin.repository.default_branch}":
        return Ignored(delivery, "only the default branch's policy and waivers count")
    if top.truth("deleted", default=False):
        return Ignored(delivery, "the branch is gone")
    return Push(origin, top.sha("before"), top.sha("after"))


_READERS: Final = {
    "pull_request": _pull_request,
    "merge_group": _merge_group,
    "check_suite": lambda delivery, top: _check("check_suite", delivery, top),
    "check_run": lambda delivery, top: _check("check_run", delivery, top),
    "issue_comment": _issue_comment,
    "pull_request_review_comment": _review_comment,
    "installation": _installation,
    "installation_repositories": _installation,
    "push": _push,
}
