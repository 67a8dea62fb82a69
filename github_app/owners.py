"""Who owns a file by the repository's CODEOWNERS, and whether an owner approved a pull request. The file decides who
may grant a waiver; what cannot be known (a team out of sight, an e-mail address) counts as no approval.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from github_app.client import GitHub, Pull

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may lie; the first that is there is the only one that counts."""
MAX_BYTES: Final = 3 * 1024 * 1024
"""GitHub takes no notice of a larger one."""
WRITERS: Final = frozenset({"admin", "write"})
"""The permissions, as GitHub names them, of people whose word counts."""

_OWNER = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_-]*)(?:/[A-Za-z0-9_.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of CODEOWNERS. Without owners it says that nobody owns what it matches."""

    line: int
    pattern: str
    owners: tuple[str, ...]

    def matches(self, path: str) -> bool:
        """Whether a file is meant, by its path from the top."""
        return _compiled(self.pattern).fullmatch(path) is not None


@dataclass(frozen=True, slots=True)
class Approval:
    """An owner's approval of a pull request at its last commit: who, by which review, and which line makes them an owner."""

    by: str
    review: int
    commit: str
    owner: str
    rule: str


@dataclass(frozen=True, slots=True)
class Unapproved:
    """No owner's approval counts, and why; `owned` says whether anybody could have given one."""

    reason: str
    owned: bool = True


def rules(text: str) -> tuple[Rule, ...]:
    """The lines of a CODEOWNERS file that GitHub takes notice of: one with a pattern or owner that it does not know is
    left out."""
    return tuple(_rules(text))


def _rules(text: str) -> Iterator[Rule]:
    for number, line in enumerate(text.splitlines(), 1):
        words = re.findall(r"(?:\\.|[^\s\\])+", re.sub(r"(?:^|(?<=\s))#.*", "", line))
        if not words:
            continue
        pattern, owners = words[0].replace("\\ ", " "), tuple(words[1:])
        if pattern.startswith("!") or re.search(r"[\[\]\\]", pattern) or not pattern.strip("/"):
            continue
        if all(_OWNER.fullmatch(owner) for owner in owners):
            yield Rule(number, pattern, owners)


def rule_for(path: str, known: Iterable[Rule]) -> Rule | None:
    """The rule that decides about a file: the last one that matches."""
    found = None
    for rule in known:
        if rule.matches(path):
            found = rule
    return found


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    """As in .gitignore, but that a last `*` of several segments stays in its folder."""
    segments = pattern.strip("/").split("/")
    if not pattern.startswith("/") and len(segments) == 1:
        segments = ["**", *segments]
    folder = pattern.endswith("/")
    out = ""
    for at, segment in enumerate(segments):
        last = at == len(segments) - 1
        if segment == "**":
            out += ".+" if last else "(?:[^/]+/)*"
        elif not segment.strip("*"):
            out += "[^/]+" if last else "[^/]+/"
        else:
            out += "".join({"*": "[^/]*", "?": "[^/]"}.get(c, re.escape(c)) for c in segment) + ("" if last else "/")
    if folder:
        out += "/.+"
    elif segments[-1].strip("*"):
        out += "(?:/.+)?"
    return re.compile(out, re.DOTALL)


def rule_on(github: GitHub, path: str, ref: str) -> tuple[str, Rule] | None:
    """The rule for a file at a revision, with the CODEOWNERS file in which it stands; None where no rule matches."""
    for place in PLACES:
        data = github.file(place, ref)
        if data is not None:
            known = rules(data.decode("utf-8", "replace")) if len(data) <= MAX_BYTES else ()
            found = rule_for(path, known)
            return None if found is None else (place, found)
    return None


def approval(github: GitHub, pull: Pull, path: str, *, asker: str, me: str) -> Approval | Unapproved:
    """Whether an owner of the file approved the pull request as it is now: another person than the one who asked.

    CODEOWNERS is the default branch's. An approval counts for the last commit alone, while it is the reviewer's last word,
    and while the reviewer may write. A pull request that changes another file than this one is approved by nobody. Teams are
    read where the token has `members: read`.
    """
    files, complete = github.diffs(pull.number)
    if set(files) != {path} or not complete:
        return Unapproved(f"the pull request changes more than {path}")
    found = rule_on(github, path, github.default_branch())
    if found is None or not found[1].owners:
        return Unapproved(f"nobody owns {path}: no line of CODEOWNERS names an owner for it", owned=False)
    place, rule = found
    last: dict[str, tuple[str, str, int]] = {}
    for vote in github.votes(pull.number):
        if vote.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            last[vote.author] = (vote.state, vote.commit, vote.id)
    unknown: list[str] = []
    for author, (state, commit, id) in last.items():
        if state != "APPROVED" or commit != pull.head or author.casefold() in (asker.casefold(), me.casefold(), ""):
            continue
        if author.endswith("[bot]") or github.permission(author) not in WRITERS:
            continue
        for owner in rule.owners:
            owns = _is(github, author, owner)
            if owns:
                return Approval(author, id, commit, owner, f"{place}:{rule.line}")
            if owns is None:
                unknown.append(owner)
    said = f"no owner of {path} ({', '.join(rule.owners)}) other than the one who asked approved its last commit"
    if unknown:
        said += f"; whether a reviewer is among {', '.join(dict.fromkeys(unknown))} cannot be read"
    return Unapproved(said)


def _is(github: GitHub, login: str, owner: str) -> bool | None:
    """Whether a person is an owner; None where that cannot be known."""
    if not owner.startswith("@"):
        return None  # an e-mail address leads to no account that an App may see
    name, _, team = owner[1:].partition("/")
    if not team:
        return name.casefold() == login.casefold()
    if name.casefold() != github.repository.partition("/")[0].casefold():
        return False  # a team of another organisation owns nothing here
    return github.is_member(name, team, login)
