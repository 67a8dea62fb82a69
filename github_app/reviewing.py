"""A pull request read from GitHub as the change that is judged, and its review put back there: what `ccopilot review --pr`
does, in Actions or at somebody's desk, without the App's queue and database.

Whose policy counts is decided here, by `governed`, for whoever judges a pull request.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

from copilot import __version__
from copilot.changes import Change
from copilot.errors import UsageError
from copilot.model import Review
from copilot.pipeline import Settings
from copilot.snapshot import Snapshot
from github_app import publish
from github_app.client import API, Forbidden, GitHub, GitHubFailed, Limited, NotThere, Pull, Unauthorised
from github_app.publication import Publication, prepare

GOVERNING: Final = ".compliance/"
"""Where policy, waivers, baseline and checks of its own lie in a repository."""
_FORM: Final = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9_-]*)/[A-Za-z0-9._-]+)#([1-9][0-9]{0,8})")
_TOKENS: Final = ("GITHUB_TOKEN", "GH_TOKEN")
T = TypeVar("T")
PAUSES: Final = (1.0, 5.0)
"""Seconds before GitHub is asked again, as often as there are numbers."""
LONGEST: Final = 60.0
"""Seconds that are waited at most when GitHub names how long it wants us to."""
_URLS: Final = ("CCOPILOT_GITHUB_API_URL", "GITHUB_API_URL")


class NotPosted(GitHubFailed):
    """The review was made, and GitHub does not show it, or not all of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A pull request as it was when it was read. In `change` the default branch's policy stands on both sides."""

    github: GitHub
    pull: Pull
    repository: int
    merge_base: str
    change: Change

    @property
    def subject(self) -> str:
        return f"{self.github.repository}#{self.pull.number}"


def governed(change: Change, default: Snapshot) -> Change:
    """The change as the default branch's policy, waivers, baseline and own checks see it.

    What stands under `.compliance/` on the default branch stands in both trees, whatever the branch of the pull request
    started from; what the pull request itself changes there stays its proposal. So a waiver that was merged a minute ago
    counts, and none counts that was taken back.
    """

    def over(tree: Snapshot, proposed: frozenset[str]) -> Snapshot:
        paths = {p for p in (*tree.paths, *default.paths) if p.startswith(GOVERNING)} - proposed
        edits = {p: default.read(p) for p in paths if tree.read(p) != default.read(p)}
        return tree.changed(edits) if edits else tree

    return Change(over(change.before, frozenset()), over(change.after, change.paths))


def look(pr: str, environment: Mapping[str, str]) -> Seen:
    """The pull request `OWNER/REPO#N` with the token and API that an environment names; nothing is written."""
    found = _FORM.fullmatch(pr)
    if found is None or found[1].endswith(("/.", "/..")):
        raise UsageError(f"--pr {pr}: not a pull request", hint="write it like acme/infrastructure#17")
    token = next((environment[name] for name in _TOKENS if environment.get(name)), "")
    if not token:
        raise UsageError(
            "--pr needs a token to read GitHub with",
            hint="set GITHUB_TOKEN (or GH_TOKEN) to one that may read contents and pull requests; "
            "--post also writes pull requests and checks",
        )
    github = GitHub(found[1], lambda: token, base_url=_api(environment))
    return _asked(lambda: _seen(github, int(found[2])))


def post(seen: Seen, review: Review, settings: Settings) -> str:
    """Show a review on its pull request, as the App would; what was written, in words. Twice is the same as once.

    NotPosted when the head has moved on, or the token may not write comments; a token that may not make check runs is
    told of in the words.
    """
    if not seen.pull.open:
        return f"{seen.subject} is closed: nothing is posted"
    diffs, _ = _asked(lambda: seen.github.diffs(seen.pull.number))
    shown = prepare(review, seen.change.after, diffs, head=seen.pull.head, commands=False)
    name = key(seen, settings)
    me = _asked(seen.github.viewer)
    return _asked(lambda: _posted(seen, shown, name, me))


def _posted(seen: Seen, shown: Publication, name: str, me: str) -> str:
    github, pull, subject = seen.github, seen.pull, seen.subject
    try:
        check: int | None = publish.begin(github, pull.head, name)
    except (Forbidden, NotThere):
        check = None

    def newest() -> bool:
        return github.pull(pull.number).head == pull.head

    try:
        receipt = publish.publish(
            github, pull.number, shown, key=name, me=me, newest=newest, checks=check is not None
        )  # fmt: skip
    except publish.Superseded:
        if check is not None:
            publish.abandon(github, check, "a newer commit came before this review was posted")
        raise NotPosted(
            f"{subject} has got commits since it was read at {pull.head[:9]}: nothing more is posted",
            hint="run it again for the newest head",
        ) from None
    except Forbidden as error:
        if check is not None:
            publish.conclude(github, check, shown)
        raise NotPosted(
            f"the token may not write comments on {subject} ({error})",
            hint="it needs to write pull requests; for a pull request from a fork the token of Actions only reads",
        ) from error
    parts = [f"{len(receipt.commented)} findings on their lines" if receipt.commented else "no new comments on lines"]
    if receipt.summary is not None:
        parts.append("a summary")
    if receipt.settled:
        parts.append(f"{len(receipt.settled)} settled")
    parts.append(
        f"the check {publish.CHECK}" if receipt.check_run is not None else "no check: the token may not make check runs"
    )
    return f"posted on {subject}: {', '.join(parts)}"


def key(seen: Seen, settings: Settings) -> str:
    """Under which a review is known on GitHub: whoever posts the same one again finds it there."""
    before = seen.change.before
    governing = {p: hashlib.sha256(before.read(p) or b"").hexdigest() for p in before.paths if p.startswith(GOVERNING)}
    said = [
        seen.repository, seen.pull.number, seen.pull.head, seen.merge_base, governing, settings.policy.digest,
        __version__, settings.library.digest, settings.today.isoformat(), str(settings.fail_on or ""), settings.drafts,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def _seen(github: GitHub, number: int) -> Seen:
    try:
        pull = github.pull(number)
    except NotThere as error:
        raise NotThere(
            f"{github.repository}#{number}: there is no such pull request, or the token may not see it",
            hint="check the name; the token needs to read contents and pull requests of this repository",
        ) from error
    default = github.default_branch()
    tip = github.branch(default)
    merge_base = github.merge_base(pull.base, pull.head)
    change = Change(github.snapshot(merge_base), github.snapshot(pull.head))
    if tip is not None and tip != merge_base:
        change = governed(change, governing(github, tip))
    return Seen(github, pull, github.number(), merge_base, change)


def governing(github: GitHub, commit: str) -> Snapshot:
    """What lies under `.compliance/` in a commit. One with links there is read whole, since a link leads elsewhere."""
    inside = {path: entry for path, entry in github.entries(commit).items() if path.startswith(GOVERNING)}
    if any(mode != "100644" and mode != "100755" for mode, _ in inside.values()):
        whole = github.snapshot(commit)
        return Snapshot({path: whole.read(path) or b"" for path in whole.paths if path.startswith(GOVERNING)})
    return Snapshot({path: github.blob(sha) for path, (_, sha) in inside.items()})


def _api(environment: Mapping[str, str]) -> str:
    name, url = next(((name, environment[name]) for name in _URLS if environment.get(name)), ("", API))
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")):
        raise UsageError(f"{name} starts with https://", hint="a token is sent there")
    return url


def _asked(ask: Callable[[], T]) -> T:
    """What GitHub answers. What may be asked again is asked again, writes too: each looks first whether it was done.

    No App is there to be looked at, so a failure says what to do about the token, or to run the command again.
    """
    pauses = list(PAUSES)
    while True:
        try:
            return ask()
        except NotPosted:
            raise
        except GitHubFailed as error:
            if error.again and pauses and not isinstance(error, Unauthorised):
                pause = pauses.pop(0)
                time.sleep(min(max(pause, error.seconds), LONGEST) if isinstance(error, Limited) else pause)
                continue
            match error:
                case Unauthorised():
                    error.hint = "GITHUB_TOKEN (or GH_TOKEN) is wrong or has expired"
                case Forbidden():
                    error.hint = "the token needs to read contents and pull requests; --post also writes pull requests and checks"
                case Limited():
                    error.hint = f"run it again in {error.seconds:.0f} seconds"
                case NotThere():
                    pass
                case _:
                    error.hint = "run it again; what was posted is not posted twice"
            raise
