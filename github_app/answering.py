"""What is done about a comment that is a command: who may ask, what is answered, and what the jobs are to do.

Only people who may write are answered in words; a stranger's command gets a reaction. Every answer carries an invisible mark
with the number of the comment that it answers and is looked for before it is written, so a job that is run again after a
crash says everything once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

from copilot.errors import UnknownId
from copilot.policy import Resolve
from copilot.render.escape import code, fenced
from copilot.render.escape import markdown as prose
from copilot.render.story import many
from github_app import events, pulls
from github_app.client import Forbidden, GitHub, NotThere, Pull
from github_app.commands import HELP, Command, Misread, parse
from github_app.judged import Fix, Judged, Told
from github_app.owners import WRITERS
from github_app.publication import MAX_BODY
from github_app.pulls import Declined, Opened

Action = Literal["rescan", "pause", "resume"]
Outcome = Literal["ignored", "withdrawn", "stranger", "misread", "refused", "done"]

SHOWN: Final = 3
"""Findings that one answer explains in full; the others are listed."""
_LISTED: Final = 20


class Known(Protocol):
    """What is kept of the reviews that were made."""

    def latest(self, repository: int, number: int) -> Judged | None:
        """The newest judgement of a pull request, of whatever head."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a comment: `ignored` is no command (or a bot's), `withdrawn` one that is gone already.

    `action` is what the jobs are to do, the same whenever the same comment is answered again: whoever acts on it does so once
    for each comment. `opened` is the pull request that was made or found. `reply` is the answer's number.
    """

    outcome: Outcome
    action: Action | None = None
    opened: Opened | None = None
    reply: int | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    outcome: Outcome = "done"
    action: Action | None = None
    opened: Opened | None = None


def answer(
    event: events.Comment, *, github: GitHub, known: Known, me: str, now: datetime, resolve: Resolve,
    writer: Callable[[], GitHub] | None = None,
) -> Answered:  # fmt: skip
    """Answer a comment on a pull request, once, however often it is called.

    `me` is the login under which we write; `resolve` knows the ids of checks, peers' too. `writer` gives the repository through
    a token that may write contents, and is asked for one only where a branch is to be made; it may raise Forbidden.
    """
    asked = parse(event.body)
    if asked is None or event.author_is_bot or event.origin.sender_is_bot or event.author == me:
        return Answered("ignored")
    if github.permission(event.author) not in WRITERS:
        return Answered("withdrawn" if not _react(github, event, "confused") else "stranger")
    if not _react(github, event, "eyes"):
        return Answered("withdrawn")
    said = _Answerer(event, github, writer, known, me, now, resolve).said(asked)
    reply = _post(github, event, said.text, me=me)
    _react(github, event, "+1" if said.outcome == "done" else "confused")
    return Answered(said.outcome, said.action, said.opened, reply)


def _react(github: GitHub, event: events.Comment, content: str) -> bool:
    """Whether the comment is still there to react to."""
    try:
        github.react(event.id, content, on_lines=event.thread is not None)
    except NotThere:
        return False
    return True


def _post(github: GitHub, event: events.Comment, text: str, *, me: str) -> int:
    """The answer's number, found or made: in the thread, or in the conversation where there is no thread (any more)."""
    mark = f"<!-- ccopilot:answer:{'line' if event.thread is not None else 'issue'}:{event.id} -->"
    body = f"{text}\n\n{mark}"
    for standing in github.review_comments(event.number) if event.thread is not None else ():
        if standing.author == me and mark in standing.body:
            return standing.id
    for standing in github.comments(event.number):
        if standing.author == me and mark in standing.body:
            return standing.id
    if event.thread is not None:
        try:
            return github.reply(event.number, event.thread, body)
        except NotThere:
            pass  # the thread went away with the comment that began it
    return github.comment(event.number, body)


@dataclass(frozen=True, slots=True)
class _Answerer:
    event: events.Comment
    github: GitHub
    writer: Callable[[], GitHub] | None
    known: Known
    me: str
    now: datetime
    resolve: Resolve

    def said(self, asked: Command | Misread) -> _Said:
        if isinstance(asked, Misread):
            return _Said(f"{prose(asked.problem)}\n\n{_help()}", "misread")
        match asked.word:
            case "help":
                return _Said(_help())
            case "explain":
                return self._explain(asked)
            case "fix":
                return self._fix(asked)
            case "waive":
                return self._waive(asked)
            case "rescan" | "pause" | "resume":
                return self._act(asked.word)

    # --- commands ---

    def _act(self, word: Action) -> _Said:
        pull = self.github.pull(self.event.number)
        if not pull.open:
            return _refused("This pull request is closed, and is not reviewed any more.")
        head = code(pull.head[:7])
        text = {
            "rescan": f"{head} is reviewed again.",
            "pause": "Reviews of this pull request are paused: its next commits get none. `/compliance resume` starts them again.",
            "resume": f"Reviews of this pull request go on, with {head}.",
        }[word]
        return _Said(text, action=word)

    def _explain(self, asked: Command) -> _Said:
        judged = self._judged()
        if judged is None:
            return self._nothing_yet()
        found = self._told(judged, asked.id)
        if not found:
            return _unknown(judged, asked.id)
        pull = self.github.pull(self.event.number)
        out = [self._stale(judged, pull)] if judged.head != pull.head else []
        room = (MAX_BODY - 10_000) // SHOWN
        for each in found[:SHOWN]:
            out += _explained(each, room)
        if len(found) > SHOWN:
            out.append(f"{many(len(found), 'finding')} in all; the others:\n{_rows(found[SHOWN:])}")
        return _Said("\n\n".join(out))

    def _fix(self, asked: Command) -> _Said:
        judged = self._judged()
        if judged is None:
            return self._nothing_yet()
        if asked.id:
            told = self._told(judged, asked.id)
            if not told:
                return _unknown(judged, asked.id)
            names = {each.fingerprint for each in told}
            wanted = [each for each in judged.fixes if names & set(each.findings)]
            if not wanted:
                return _refused(f"There is no approved patch for {code(asked.id)}; the review says why.")
            fixes, held = wanted, []
        else:
            fixes = [each for each in judged.fixes if not each.replaces]
            held = [each for each in judged.fixes if each.replaces]
            if not fixes:
                return _refused("\n\n".join(["There is no approved patch to make a commit of.", *_held(held)]))
        pull = self.github.pull(self.event.number)
        made = self._written(
            lambda github: pulls.fix(github, pull, judged, fixes, asker=self.event.author, me=self.me), "a branch"
        )
        if isinstance(made, _Said):
            return made
        count = many(len(fixes), "approved patch", "approved patches")
        done = f"#{made.number} brings {count} as one commit into {code(made.base)}."
        return _Said("\n\n".join([done, *_held(held)]), opened=made)

    def _waive(self, asked: Command) -> _Said:
        judged = self._judged()
        if judged is None:
            return self._nothing_yet()
        found = self._told(judged, asked.id)
        if not found:
            return _unknown(judged, asked.id)
        if len(found) > 1:
            return _refused(
                f"{code(asked.id)} names {many(len(found), 'finding')}; a waiver is for one of them:\n{_rows(found)}"
            )
        assert asked.until is not None  # the reader of commands takes no waiver without a day
        until, told = asked.until, found[0]
        made = self._written(
            lambda github: pulls.waive(
                github, self.event.number, told, until=until, reason=asked.reason, asker=self.event.author,
                today=self.now.astimezone(UTC).date(), comment=self.event.id, me=self.me, resolve=self.resolve,
            ),
            "a waiver's branch",
        )  # fmt: skip
        if isinstance(made, _Said):
            return made
        return _Said(
            f"#{made.number} asks for the waiver. It counts once another owner of `.compliance/waivers.yaml` has approved it and "
            f"it was merged into {code(made.base)}.",
            opened=made,
        )

    def _written(self, make: Callable[[GitHub], Opened | Declined], what: str) -> Opened | _Said:
        try:
            made = make(self.writer() if self.writer is not None else self.github)
        except Forbidden:
            return _refused(
                f"This App may not make {what} here: it needs the permissions `contents: write` and `pull requests: write`, which "
                "whoever administers the repository can grant."
            )
        return _refused(_sentence(made)) if isinstance(made, Declined) else made

    # --- what is known ---

    def _judged(self) -> Judged | None:
        return self.known.latest(self.event.origin.repository.id, self.event.number)

    def _told(self, judged: Judged, id: str) -> tuple[Told, ...]:
        """The findings that an id names, ours or a peer's; what counts first."""
        found = judged.told_of(id)
        if not found:
            try:
                found = tuple(each for check in self.resolve(id) for each in judged.told_of(check))
            except UnknownId:
                found = ()
        return tuple(sorted(found, key=lambda each: (each.relation == "existing", bool(each.exempt))))

    def _nothing_yet(self) -> _Said:
        return _refused("No commit of this pull request has been judged yet; `/compliance rescan` asks for a review.")

    def _stale(self, judged: Judged, pull: Pull) -> str:
        return f"This is what was found in {code(judged.head[:7])}; {code(pull.head[:7])} is not judged yet."


def _refused(text: str) -> _Said:
    return _Said(text, "refused")


def _sentence(declined: Declined) -> str:
    """The reason as a sentence of Markdown, in which the pull request that it speaks of is a reference, and nothing else."""
    before, name, after = declined.reason.partition(f"#{declined.pull}" if declined.pull else "\0")
    shown = " ".join(part for part in (prose(before), name, prose(after)) if part)
    return f"{shown[:1].upper()}{shown[1:]}" + ("" if shown.endswith((".", "?")) else ".")


def _help() -> str:
    return "\n".join(f"- {line}" for line in HELP.splitlines())


def _unknown(judged: Judged, id: str) -> _Said:
    named = {name for each in judged.told for name in (each.fingerprint, each.check)}
    near = difflib.get_close_matches(id, sorted(named), n=3, cutoff=0.6)
    near += [name for name in sorted(named) if name.startswith(id) and name not in near][: 3 - len(near)]
    said = f"Nothing that was found in {code(judged.head[:7])} is called {code(id)}."
    return _refused(said + (f" Near are {', '.join(map(code, near))}." if near else ""))


def _explained(told: Told, room: int) -> list[str]:
    head = (
        f"**{told.severity.capitalize()}: {prose(told.message)}**  \n{code(told.address)} at "
        f"{code(f'{told.path}:{told.line}')}; control {code(told.control)}, check {code(told.check)}, finding {code(told.fingerprint)}"
    )
    out = [head[:20_000]]
    if told.exempt_note or told.requested:
        out.append(prose((told.exempt_note or told.requested)[:2_000]))
    if not told.explanation:
        out.append("It was there before this change, so only the review of the whole tree explains it in full.")
        return out
    lines = told.explanation.splitlines()
    shown, left = [], room
    for line in lines:
        # What is escaped may be eight times as long as it was: `<U+202E>` for one character.
        left -= len(fenced([line])) - 7
        if left < 0:
            shown.append("…")
            break
        shown.append(line)
    out.append(fenced(shown, "text"))
    return out


def _rows(found: Sequence[Told]) -> str:
    rows = [f"- {code(each.fingerprint)} {code(each.check)} {code(each.address[:300])} at {code(f'{each.path[:300]}:{each.line}')}"
            for each in found[:_LISTED]]  # fmt: skip
    if len(found) > _LISTED:
        rows.append(f"- and {len(found) - _LISTED} more")
    return "\n".join(rows)


def _held(fixes: Sequence[Fix]) -> list[str]:
    if not fixes:
        return []
    rows = [f"- {code(', '.join(each.findings)[:300])} would destroy and make anew {code(', '.join(each.replaces)[:300])}"
            for each in fixes[:_LISTED]]  # fmt: skip
    return ["Left out, since a patch that replaces a resource is never made a commit:\n" + "\n".join(rows)]
