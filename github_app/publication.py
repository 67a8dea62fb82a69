"""What a pull request is to show for a review: inline comments, a summary, a check run. Values in, values out, no I/O.

Every text of a repository or model is escaped here by `copilot.render.escape`, and no suggestion is made of text that
had to be masked: committing it would write the mask.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from copilot.edits.patched import Patched, apply
from copilot.errors import InvalidEdit
from copilot.model import Approved, Finding, Place, Review, without_keys
from copilot.render import markdown as report
from copilot.render.escape import Redaction, code, fenced
from copilot.render.escape import markdown as prose
from copilot.render.story import (
    blocks,
    chain,
    exemption,
    gaps_line,
    many,
    no_remedy,
    origin,
    proof,
    requirements,
    safety,
)
from copilot.snapshot import Snapshot
from github_app.diff import FileDiff, Side

INLINE: Final = 10
"""Inline comments of one review at most, unless the policy says otherwise."""
ANNOTATIONS: Final = 50
"""Annotations that one request may carry."""
MAX_BODY: Final = 65_000
"""GitHub refuses a body of more than 65,536 characters."""

CheckConclusion = Literal["success", "failure", "neutral", "action_required"]
CONCLUSIONS: Final[Mapping[str, CheckConclusion]] = {
    "clean": "success", "findings": "failure", "observed": "neutral", "incomplete": "action_required",
}  # fmt: skip
"""A review that did not see everything is never green, nor neutral: a required check takes neutral for a pass."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A comment on lines of the diff (`start` None for a single line); `findings` are all that it speaks of, `committable`
    whether it carries a suggestion."""

    path: str
    side: Side
    start: int | None
    line: int
    body: str
    findings: tuple[str, ...]
    committable: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """A line of the check run's own list."""

    path: str
    start: int
    end: int
    level: Literal["failure", "warning", "notice"]
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Publication:
    """All that is shown for one review of one head. A clean change has no inline comments and no summary.

    `fingerprints` are the findings that it tells; `untold` those that are there and count for nothing here: waived, observed,
    or the base's own.
    """

    head: str
    conclusion: CheckConclusion
    title: str
    report: str
    inline: tuple[Inline, ...] = ()
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()
    fingerprints: tuple[str, ...] = field(default=())
    untold: tuple[str, ...] = field(default=())

    @property
    def batches(self) -> tuple[tuple[Annotation, ...], ...]:
        """The annotations in as many requests as GitHub wants."""
        all_ = self.annotations
        return tuple(all_[at : at + ANNOTATIONS] for at in range(0, len(all_), ANNOTATIONS))


def marker(fingerprint: str) -> str:
    """The invisible line by which a comment of ours is known again."""
    return f"<!-- ccopilot:finding:{fingerprint} -->"


SUMMARY_MARKER: Final = "<!-- ccopilot:summary -->"


def prepare(
    review: Review, snapshot: Snapshot, diffs: Mapping[str, FileDiff], *, head: str, limit: int = INLINE,
    commands: bool = True,
) -> Publication:  # fmt: skip
    """What is shown for a review of the snapshot of `head`, given the pull request's diff.

    Without `commands` nobody listens to comments, and none is asked for.
    """
    told = [
        f for f in review.findings if f.relation == "introduced" and f.exempt is None and f.enforcement != "observe"
    ]
    lost = [f for f in review.undecided if f.status == "lost_sight" and f.exempt is None]
    maker = _Maker(review, snapshot, diffs, commands=commands)
    inline: list[Inline] = []
    left: list[Finding] = []
    groups = _grouped([*told, *lost])
    for group in sorted(
        groups, key=lambda group: (not any(blocks(review, f) for f in group), -max(f.severity for f in group))
    ):
        made = maker.inline(group) if len(inline) < limit else None
        if made is None:
            left += group
        else:
            inline.append(made)
    ended = review.conclusion
    clean = ended.state == "clean"
    text = _cut(report.render(review))
    return Publication(
        head=head, conclusion=CONCLUSIONS[ended.state], title=ended.title[:250], report=text, inline=tuple(inline),
        summary="" if clean and not told and not lost else maker.summary(inline, left),
        annotations=tuple(maker.annotation(f) for f in (*told, *lost)),
        fingerprints=tuple(f.fingerprint for f in (*told, *lost)), untold=_untold(review, (*told, *lost)),
    )  # fmt: skip


def _untold(review: Review, told: Sequence[Finding]) -> tuple[str, ...]:
    names = {f.fingerprint for f in told}
    return tuple(f.fingerprint for f in (*review.findings, *review.undecided) if f.fingerprint not in names)


def _grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """One group for each resource; those of the same checks on other resources join the first as repeats."""
    resources: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        resources.setdefault(_resource(finding), []).append(finding)
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for group in resources.values():
        key = (tuple(sorted(f.check for f in group)), group[0].status)
        alike.setdefault(key, []).extend(group)
    return list(alike.values())


def _resource(finding: Finding) -> tuple[str, ...]:
    """What tells the resource of a finding from others. What is written in a module is one resource for every root that
    calls it; what a root writes is that root's, though another has the same address, and of the environment that it is for."""
    address = without_keys(finding.address)
    if any(without_keys(o.address) != address for o in finding.occurrences):
        return finding.folder, address
    return finding.folder, address, *sorted({f"{o.root}@{o.environment}" for o in finding.occurrences})


class _Maker:
    def __init__(self, review: Review, snapshot: Snapshot, diffs: Mapping[str, FileDiff], *, commands: bool) -> None:
        self.review = review
        self.commands = commands
        self.snapshot = snapshot
        self.diffs = diffs
        self.hidden = Redaction.of(review)

    def prose(self, text: str) -> str:
        return prose(self.hidden(text))

    def code(self, text: object) -> str:
        return code(self.hidden(str(text)))

    # --- inline ---

    def inline(self, group: Sequence[Finding]) -> Inline | None:
        """The comment for a group, or None where the diff shows no line of it."""
        first = group[0]
        here = [f for f in group if _resource(f) == _resource(first)]
        remedy = self._one_click(here)
        suggestion = self._suggestion(remedy) if remedy is not None else None
        if suggestion is not None:
            path, start, end, lines = suggestion
            side: Side = "RIGHT"
        else:
            place = self._anchor(first)
            if place is None:
                return None
            path, start, end, lines, side = place.path, place.line, place.line, None, "RIGHT"
        body = self._body(group, here, remedy, lines)
        return Inline(
            path,
            side,
            start if start < end else None,
            end,
            body,
            tuple(f.fingerprint for f in group),
            lines is not None,
        )

    def _anchor(self, finding: Finding) -> Place | None:
        anchored: tuple[Place, ...] = (finding.anchor,) if finding.anchor is not None else ()
        for place in (*anchored, *finding.places, *finding.callers):
            diff = self.diffs.get(place.path)
            if diff is not None and diff.shows(place.line, place.line):
                return place
        return None

    def _one_click(self, findings: Sequence[Finding]) -> Approved | None:
        """The one patch for these findings that destroys nothing; None where there are several, or none."""
        found = {id(r): r for f in findings if isinstance(r := self.review.remedies.get(f.fingerprint), Approved)}
        calm = [remedy for remedy in found.values() if not remedy.replaces]
        return calm[0] if len(calm) == 1 else None

    def _suggestion(self, remedy: Approved) -> tuple[str, int, int, list[str]] | None:
        """Path, first and last line and new lines of what one click commits: one run of lines of one file, all shown by
        one hunk."""
        try:
            patched = apply(self.snapshot, remedy.draft.edits)
        except InvalidEdit:
            return None
        return self._lines(patched)

    def _lines(self, patched: Patched) -> tuple[str, int, int, list[str]] | None:
        if len(patched.hunks) != 1:
            return None
        (hunk,) = patched.hunks
        before, after = patched.before.read(hunk.path), patched.after.read(hunk.path)
        # GitHub writes a suggestion with its own line ends, and a missing last one is added.
        if not before or not after or b"\r" in before or not before.endswith(b"\n") or not after.endswith(b"\n"):
            return None
        old, new = before.decode("utf-8").split("\n"), after.decode("utf-8").split("\n")
        (first, end), (low, high) = hunk.before, hunk.after
        if first == end:  # nothing is replaced, so the line above stands for the place
            if first == 1:
                return None
            first, low = first - 1, low - 1
        lines = new[low - 1 : high - 1]
        if not lines:
            return None  # an empty suggestion removes lines, which reads like no suggestion
        diff = self.diffs.get(hunk.path)
        text = "\n".join((*old[first - 1 : end - 1], *lines))
        if diff is None or not diff.shows(first, end - 1) or self.hidden(text) != text:
            return None
        return hunk.path, first, end - 1, lines

    def _body(
        self, group: Sequence[Finding], here: Sequence[Finding], suggested: Approved | None, lines: list[str] | None
    ) -> str:
        out = []
        for finding in here:
            check = self.review.checks[finding.check]
            said = self.prose(
                finding.message if finding.status == "fail" else f"Cannot be decided any more: {finding.reason}"
            )
            out.append(f"**{str(finding.severity).capitalize()}: {said}**  \n{self.code(finding.address)}"
                       + (f", because {self.prose(finding.reason)}" if finding.status == "fail" and finding.reason else ""))  # fmt: skip
            if finding.requested:
                out.append(f"Exception {self.prose(exemption(finding))}")
            steps = [f"{step.verb} {self.code(step.place)}" for step in chain(finding)]
            if steps:
                out.append(f"The value is {', '.join(steps)}.")
            if check.rationale:
                out.append(self.prose(check.rationale))
            mapped = "; ".join(f"{r.framework} {', '.join(map(self.code, r.ids))}" for r in requirements(check))
            out.append(f"Control {self.code(check.control)}" + (f" ({mapped})" if mapped else "")
                       + f". Check {self.code(finding.check)}, finding {self.code(finding.fingerprint)}.")  # fmt: skip
        out += self._remedies(here, suggested, lines)
        more = len(set(map(_resource, group))) - 1
        if more:
            others = [f for f in group if f not in here]
            listed = "\n".join(f"- {self.code(f.place)} {self.code(f.address)}" for f in others[:30])
            out.append(f"<details><summary>+ {more} like it</summary>\n\n{listed}\n\n</details>")
        out.append(
            f'To accept the risk for a time: `/compliance waive {here[0].fingerprint} until=YYYY-MM-DD reason="…"`'
            if self.commands
            else "To accept the risk for a time, ask for a waiver in `.compliance/waivers.yaml`; this prints the lines: "
            + self.code(
                f"ccopilot waiver request {here[0].check} {shlex.quote(here[0].address)} "
                "--until YYYY-MM-DD --reason … --owner …"
            )
        )
        out.append("\n".join(marker(f.fingerprint) for f in group))
        return _cut("\n\n".join(out))

    def _remedies(self, here: Sequence[Finding], suggested: Approved | None, lines: list[str] | None) -> list[str]:
        out: list[str] = []
        seen: set[int] = set()
        for finding in here:
            remedy = self.review.remedies.get(finding.fingerprint)
            if remedy is None or id(remedy) in seen:
                continue
            seen.add(id(remedy))
            if not isinstance(remedy, Approved):
                out.append(f"No suggestion: {self.prose(no_remedy(remedy))}")
                continue
            proved = f"Effect: {self.prose(safety(remedy))}. Proved: {self.prose(proof(remedy))}."
            said = f"{self.prose(remedy.draft.summary)} ({self.prose(origin(remedy.draft))})"
            if lines is not None and remedy is suggested:
                out += [f"Suggestion: {said}", fenced(lines, "suggestion"), proved]
            else:
                shown = fenced(self.hidden(remedy.diff).splitlines(), "diff")
                title = "Patch" if not remedy.replaces else "Patch that destroys and recreates"
                out.append(f"<details><summary>{title}</summary>\n\n{said}\n\n{shown}\n\n{proved}\n\n</details>")
        return out

    # --- the rest ---

    def summary(self, inline: Sequence[Inline], left: Sequence[Finding]) -> str:
        review = self.review
        out = [SUMMARY_MARKER, f"### {self.prose(review.conclusion.title)}"]
        if gaps := gaps_line(review):
            out.append(f"**{gaps}**")
        if inline:
            count = sum(len(each.findings) for each in inline)
            out.append(f"{many(count, 'finding')} in {many(len(inline), 'comment')} on the lines of this change.")
        if left:
            out.append("Not on a line of the diff, or beyond the number of comments of one review:")
            rows = [
                f"- {f.severity}: {self.prose(f.message)} {self.code(f.address)} at {self.code(f.place)}, "
                f"finding {self.code(f.fingerprint)}" + (" (blocks)" if blocks(review, f) else "")
                for f in left[:40]
            ]
            out.append("\n".join(rows) + (f"\n- and {len(left) - 40} more" if len(left) > 40 else ""))
        out.append(f"<details><summary>The whole review</summary>\n\n{report.render(review)}\n\n</details>")
        return _cut("\n\n".join(out), closing="\n\n…\n\n</details>")

    def annotation(self, finding: Finding) -> Annotation:
        place = self._anchor(finding) or finding.place
        blocking = blocks(self.review, finding)
        message = self.hidden(
            f"{finding.message} {finding.address}" + (f": {finding.reason}" if finding.reason else "")
        )
        level: Literal["failure", "warning"] = "failure" if blocking else "warning"
        return Annotation(
            place.path, place.line, place.line, level, f"{finding.severity}: {finding.check}"[:255], message[:60_000]
        )


def _cut(text: str, closing: str = "\n\n…") -> str:
    return text if len(text) <= MAX_BODY else text[: MAX_BODY - len(closing)].rsplit("\n", 1)[0] + closing
