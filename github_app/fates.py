"""What became of what a review said: whether its patch was taken as it is, the finding mended otherwise, left, or dismissed,
and what people who may write made of the comment. From these come false-positive rates, and the accepted fixes that the
next draft may learn from. Values in, values out; `listen` alone reads GitHub.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from copilot.edits.patched import apply
from copilot.errors import InvalidEdit
from copilot.model import Passage, Scope, without_keys
from copilot.render.escape import visible
from copilot.render.story import many
from copilot.snapshot import Snapshot
from github_app.client import GitHub, Posted, Reaction, Thread
from github_app.judged import Fix, Judged
from github_app.owners import WRITERS
from github_app.publish import findings_of, is_settled

Outcome = Literal["applied", "fixed_otherwise", "ignored", "dismissed", "open"]
Read = Callable[[str], bytes | None]
"""A file of a tree by its path; None where there is none."""
MAX_TEXT: Final = 6_000
_TYPE = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]+|[A-Z][A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Heard:
    """What people made of one comment of ours: who folded or resolved it ("" for nobody; GitHub does not tell who folds), and
    who, of those that may write, called it useful or wrong."""

    comment: int
    findings: tuple[str, ...]
    folded: bool = False
    resolved_by: str = ""
    useful: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    replies: int = 0

    @property
    def dismissed(self) -> bool:
        """Whether somebody put it aside."""
        return self.folded or bool(self.resolved_by) or bool(self.wrong)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a finding that was shown. `fix` is the digest of its patch ("" for none), `exempt` how it was excepted
    since: `waived`, `suppressed`, `baseline`."""

    finding: str
    check: str
    control: str
    outcome: Outcome
    fix: str = ""
    by_model: bool = False
    committable: bool = False
    exempt: str = ""
    useful: int = 0
    wrong: int = 0

    @property
    def said(self) -> Literal["wrong", "useful", ""]:
        """What people said, in a word: one who calls it wrong outweighs all who do not."""
        return "wrong" if self.wrong else "useful" if self.useful else ""

    @property
    def refuted(self) -> bool:
        """Whether people treated it as no finding: called it wrong, or put it aside without excepting it."""
        return bool(self.wrong) or (self.outcome == "dismissed" and not self.exempt)


def fates(
    shown: Judged, now: Judged, *, before: Read, after: Read, heard: Sequence[Heard] = (), merged: bool = False
) -> tuple[Fate, ...]:
    """What became of each finding that the review `shown` told, seen from a later judgement (or the same one, at the merge).

    `before` and `after` read the two heads. Where the later review could not read everything, a finding that is not there any
    more is not called mended unless its patch stands in the files.
    """
    told = set(shown.publication.fingerprints)
    standing = {each.fingerprint: each for each in now.told}
    out: dict[str, Fate] = {}
    for each in shown.told:
        if each.fingerprint not in told or each.fingerprint in out:
            continue
        fix = next((f for f in shown.fixes if each.fingerprint in f.findings), None)
        about = [h for h in heard if each.fingerprint in h.findings]
        still = standing.get(each.fingerprint)
        taken = still is None and fix is not None and shown.head != now.head and stands(fix, before=before, after=after)
        outcome: Outcome
        if taken:
            outcome = "applied"
        elif still is None:
            outcome = "fixed_otherwise" if now.complete else "open"
        elif still.exempt or any(h.dismissed for h in about):
            outcome = "dismissed"
        else:
            outcome = "ignored" if merged else "open"
        out[each.fingerprint] = Fate(
            each.fingerprint, each.check, each.control, outcome, fix.digest if fix else "", fix is not None and fix.by_model,
            fix is not None and fix.committable, still.exempt if still is not None else "",
            len({who for h in about for who in h.useful}), len({who for h in about for who in h.wrong}),
        )  # fmt: skip
    return tuple(out.values())


def stands(fix: Fix, *, before: Read, after: Read) -> bool:
    """Whether the files say what the patch would have made of them: each new text stands there at least as often as it would,
    and no text that it replaces is left."""
    paths = {edit.path for edit in fix.edits}
    old = Snapshot({path: data for path in paths if (data := before(path)) is not None})
    try:
        wanted = apply(old, fix.edits).after
    except InvalidEdit:
        return False
    for edit in fix.edits:
        made, now = wanted.read(edit.path), after(edit.path)
        if made is None or now is None:
            if made != now:
                return False
            continue
        if edit.find == "" and made != now:
            return False
        new, gone = (edit.replace or "").encode(), edit.find.encode()
        if new and now.count(new) < made.count(new):
            return False
        if gone and now.count(gone) > made.count(gone):
            return False
    return True


# --- what people say -----------------------------------------------------------------------------------------------


def hear(
    comments: Iterable[Posted], threads: Iterable[Thread], reactions: Mapping[int, Sequence[Reaction]], *,
    writers: frozenset[str], me: str,
) -> tuple[Heard, ...]:  # fmt: skip
    """What people made of our comments on lines. Only those in `writers` count, and no bot; a comment that we folded
    ourselves was not put aside by anybody."""
    all_ = list(comments)
    by_thread = {each.comment: each for each in threads}
    out = []
    for each in all_:
        names = findings_of(each.body)
        if each.author != me or not names:
            continue
        thread = by_thread.get(each.id, Thread(each.id))
        settled = is_settled(each.body)
        resolver = thread.resolved_by if thread.resolved_by in writers else ""
        said = [r for r in reactions.get(each.id, ()) if r.author in writers]
        out.append(
            Heard(
                each.id, names, each.id in thread.folded and not settled, "" if settled else resolver,
                tuple(sorted({r.author for r in said if r.content in ("+1", "heart", "hooray", "rocket")})),
                tuple(sorted({r.author for r in said if r.content in ("-1", "confused")})),
                sum(c.thread == each.id and c.author != me and not c.author.endswith("[bot]") for c in all_),
            )
        )  # fmt: skip
    return tuple(out)


def listen(github: GitHub, number: int, *, me: str) -> tuple[Heard, ...]:
    """Read from GitHub what people made of our comments on a pull request."""
    comments = github.review_comments(number)
    ours = [each for each in comments if each.author == me and findings_of(each.body)]
    if not ours:
        return ()
    threads = github.threads(number)
    reactions = {each.id: github.reactions(each.id, on_lines=True) for each in ours}
    people = {r.author for each in reactions.values() for r in each} | {t.resolved_by for t in threads}
    writers = frozenset(
        who for who in people if who and who != me and not who.endswith("[bot]") and github.permission(who) in WRITERS
    )
    return hear(comments, threads, reactions, writers=writers, me=me)


# --- in sum --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """How one check has fared. What is `open` is not decided yet and counts in no rate; `excepted` are those of `dismissed`
    that were waived or suppressed: somebody's risk, and no false positive."""

    check: str
    control: str
    counts: Mapping[Outcome, int] = field(default_factory=dict)
    excepted: int = 0
    refuted: int = 0
    useful: int = 0
    wrong: int = 0
    patches: int = 0

    @property
    def decided(self) -> int:
        """Findings of which it is known what became of them, without those that were excepted."""
        return sum(count for outcome, count in self.counts.items() if outcome != "open") - self.excepted

    @property
    def false_positive_rate(self) -> float | None:
        """The share of the decided ones that people treated as no finding; None while nothing is decided."""
        return self.refuted / self.decided if self.decided > 0 else None

    @property
    def acceptance_rate(self) -> float | None:
        """The share of the decided ones with a patch whose patch was taken as it is; None while there is none."""
        return self.counts.get("applied", 0) / self.patches if self.patches else None


def records(known: Iterable[Fate]) -> tuple[Record, ...]:
    """How each check has fared, by id."""
    by_check: dict[str, list[Fate]] = {}
    for each in known:
        by_check.setdefault(each.check, []).append(each)
    return tuple(_record(check, found) for check, found in sorted(by_check.items()))


def _record(check: str, found: Sequence[Fate]) -> Record:
    counts: dict[Outcome, int] = {}
    for each in found:
        counts[each.outcome] = counts.get(each.outcome, 0) + 1
    decided = [f for f in found if f.outcome != "open" and not (f.exempt and f.outcome == "dismissed")]
    return Record(
        check, found[0].control, counts, sum(bool(f.exempt) and f.outcome == "dismissed" for f in found),
        sum(f.refuted for f in decided), sum(f.useful for f in found), sum(f.wrong for f in found),
        sum(bool(f.fix) for f in decided),
    )  # fmt: skip


# --- prior evidence ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prior:
    """A passage for the repository's own part of the knowledge, with what it is found by: `Store.add` takes it whole."""

    passage: Passage
    types: tuple[str, ...]
    controls: tuple[str, ...]
    about: str


def accepted(shown: Judged, known: Iterable[Fate], *, scope: Scope, number: int) -> tuple[Prior, ...]:
    """The patches that were taken as they are, all of their findings settled and none called wrong; those that hold something
    that must not be shown are left out."""
    by_finding = {each.finding: each for each in known}
    out = []
    for fix in shown.fixes:
        its = [by_finding.get(name) for name in fix.findings]
        if fix.masked or not its or not all(f is not None and f.outcome == "applied" and not f.wrong for f in its):
            continue
        told = [each for each in shown.told if each.fingerprint in fix.findings]
        about = f"{visible(fix.summary)}\n" + "\n".join(visible(each.message) for each in told)
        text = "\n".join([about, *_lines(fix)])
        source = f"{scope.owner}/{scope.repository}#{number}"
        out.append(
            Prior(
                Passage(f"fix:{fix.digest[:20]}", "fix", visible(fix.summary)[:200], text[:MAX_TEXT], source, scope),
                tuple(sorted({type for each in told for type in _types(each.address)})),
                tuple(sorted({each.control for each in told})), about[:1_500],
            )
        )  # fmt: skip
    return tuple(out)


def _lines(fix: Fix) -> Iterable[str]:
    for edit in fix.edits:
        yield f"{visible(edit.path)}:"
        yield from (f"- {visible(line, tabs=True)}" for line in edit.find.splitlines())
        yield from (f"+ {visible(line, tabs=True)}" for line in (edit.replace or "").splitlines())


def _types(address: str) -> tuple[str, ...]:
    parts = without_keys(address).replace("/", ".").split(".")
    return tuple(part for part in parts[:-1] if _TYPE.fullmatch(part))


def experience(record: Record, *, scope: Scope) -> Prior | None:
    """What a repository has made of a check so far, as evidence; None while nothing is decided."""
    if record.decided <= 0:
        return None
    count = record.counts.get
    about = f"What became of the findings of check {record.check} (control {record.control}) in this repository."
    said = (
        f"{about} Of {many(record.decided, 'finding')}: mended by the suggested patch as it is, {count('applied', 0)}; otherwise, "
        f"{count('fixed_otherwise', 0)}; merged unmended, {count('ignored', 0)}; treated as no finding, {record.refuted}. Waived or "
        f"suppressed besides: {record.excepted}. Votes of people: useful, {record.useful}; wrong, {record.wrong}."
    )
    passage = Passage(
        f"evidence:record:{record.check}",
        "evidence",
        f"How {record.check} has fared here",
        said,
        "reviews of pull requests",
        scope,
    )
    return Prior(passage, (), (record.control,), about)
