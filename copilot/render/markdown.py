"""The report as Markdown, for a summary or a comment: no HTML, and nothing in it mentions, links or refers to anything.

What comes from outside is prose only where it is plain words; every other word, and every path and address, is code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from copilot.model import Abstained, Approved, Finding, Review, Withheld
from copilot.render import DEFAULT, Options
from copilot.render.escape import Redaction, code, fenced
from copilot.render.escape import markdown as prose
from copilot.render.excerpts import diff_lines, excerpt
from copilot.render.story import (
    Group,
    approved,
    baseline_line,
    chain,
    doubts,
    effect,
    evaluated_line,
    example,
    exempt,
    exemption,
    first_shown,
    gaps_by_kind,
    gaps_line,
    groups,
    in_full,
    many,
    no_remedy,
    older_line,
    origin,
    proof,
    requirements,
    safety,
    sections,
    subject_line,
    title_line,
    told,
    where_else,
)

_GROUPS: Final = 15
_PLACES: Final = 5


def render(review: Review, options: Options = DEFAULT) -> str:
    """The review as Markdown; ends with a line break."""
    page = _Page(review, options)
    blocks = [*page.head(), *(page.review_blocks() if review.kind == "review" else page.scan_blocks())]
    return "\n\n".join(blocks) + "\n"


class _Page:
    """The blocks of one report; `prose` and `code` are safe for any text."""

    def __init__(self, review: Review, options: Options) -> None:
        self.review = review
        self.all = options.verbose
        self.hidden = Redaction.of(review)

    def prose(self, text: str) -> str:
        return prose(self.hidden(text))

    def code(self, text: object) -> str:
        return code(self.hidden(str(text)))

    # --- parts of every report ---

    def head(self) -> Iterator[str]:
        yield f"# {self.prose(title_line(self.review))}"
        if gaps := gaps_line(self.review):
            yield f"**{gaps}**"
        line = self.prose(subject_line(self.review))
        yield f"{line[:1].upper()}{line[1:]}. {evaluated_line(self.review)}." if self.review.roots else line

    def about(self, group: Finding) -> Iterator[str]:
        """The control and why it is there, as list items."""
        check = self.review.checks[group.check]
        mapped = "; ".join(f"{each.framework} {', '.join(map(self.code, each.ids))}" + (f" and {each.more} more" if each.more else "")
                           for each in requirements(check))  # fmt: skip
        yield f"Control: {self.prose(check.control_title)} ({self.code(check.control)})" + (
            f". Maps to {mapped}" if mapped else ""
        )
        if check.rationale:
            yield f"Why: {self.prose(check.rationale)}"

    def finding(self, finding: Finding, *, level: str, explain: bool, first: str | None) -> Iterator[str]:
        """One finding in full; `first` is the fingerprint under which its suggestion stands already."""
        said = effect(self.review, finding)
        yield f"{level} {finding.severity}: {self.prose(finding.message)}" + (f" ({said})" if said else "")
        yield f"{self.code(finding.address)} at {self.code(finding.place)}"
        shown = excerpt(self.review.sources, finding.place)
        if shown.lines:
            width = len(str(shown.lines[-1].number))
            lines = [f"{line.number:>{width}} | {self.hidden(line.text)}" for line in shown.lines]
            yield fenced([*lines, f"({many(shown.more, 'more line')})"] if shown.more else lines)
        yield _items((*self.facts(finding), *(self.about(finding) if explain else ())))
        yield from self.remedy(finding, first)

    def facts(self, finding: Finding) -> Iterator[str]:
        if steps := chain(finding):
            yield "Value: " + ", ".join(f"{step.verb} {self.code(step.place)}" for step in steps)
        if finding.callers:
            yield f"Called at {', '.join(map(self.code, finding.callers[:_PLACES]))}" + _rest(finding.callers, _PLACES)
        if where := where_else(finding):
            yield f"In {self.prose(where)}"
        if finding.reason:
            yield f"Because {self.prose(finding.reason)}"
        if finding.requested:
            yield f"Exception {self.prose(exemption(finding))}"
        yield f"Check {self.code(finding.check)}, finding {self.code(finding.fingerprint)}"

    def remedy(self, finding: Finding, first: str | None) -> Iterator[str]:
        match self.review.remedies.get(finding.fingerprint):
            case Approved() if first:
                yield f"Settled by the suggestion for {self.code(first)}."
            case Approved() as remedy:
                yield f"**Suggestion:** {self.prose(remedy.draft.summary)} ({self.prose(origin(remedy.draft))})"
                lines = (line.marked for line in diff_lines(self.hidden(remedy.diff)))
                yield fenced(lines, "diff")
                yield f"**Effect:** {self.prose(safety(remedy))}. **Proved:** {self.prose(proof(remedy))}."
            case (Withheld() | Abstained()) as remedy:
                yield f"**No suggestion:** {self.prose(no_remedy(remedy))}"

    def table(self, gathered: Sequence[Group]) -> str:
        """Groups in a line each."""
        return _items(
            f"{group.severity}: {self.code(group.check.id)}, {many(len(group.findings), 'place')}: "
            f"{self.prose(group.findings[0].message)}"
            for group in gathered
        )

    # --- reports ---

    def review_blocks(self) -> Iterator[str]:
        every = told(self.review)
        first = first_shown(self.review, every)
        full = in_full(self.review, everything=self.all)
        explained: set[str] = set()
        for section in sections(self.review):
            yield f"## {section.title} ({len(section.findings):,})"
            if section.intro:
                yield section.intro
            for finding in section.findings[: full[section.name]]:
                yield from self.finding(
                    finding, level="###", explain=finding.check not in explained, first=first.get(finding.fingerprint)
                )
                explained.add(finding.check)
            if rest := section.findings[full[section.name] :]:
                yield f"And {many(len(rest), 'more', 'more')}:"
                yield self.table(groups(self.review, rest))
        yield from self.others()
        if line := older_line(self.review):
            yield f"{line.removesuffix('ccopilot scan')}`ccopilot scan` shows {'it' if line.startswith('1 ') else 'them'}."

    def scan_blocks(self) -> Iterator[str]:
        gathered = groups(self.review, told(self.review))
        shown = len(gathered) if self.all else _GROUPS
        for group in gathered[:shown]:
            finding, others = example(self.review, group)
            yield f"## {self.code(group.check.id)}: {many(len(group.findings), 'place')}"
            yield from self.finding(finding, level="###", explain=True, first=None)
            if others:
                fixes = len(list(approved(self.review, others)))
                yield "Also at" + (f" ({fixes:,} with a proved fix):" if fixes else ":")
                listed = [f"{self.code(other.place)} {self.code(other.address)}" for other in others]
                more = [f"and {len(listed) - _PLACES:,} like it"] if len(listed) > _PLACES and not self.all else []
                yield _items([*(listed if self.all else listed[:_PLACES]), *more])
        if rest := gathered[shown:]:
            yield f"## Other checks ({len(rest):,})"
            yield self.table(rest)
        yield from self.others()

    def others(self) -> Iterator[str]:
        """What is not a failed check: doubts, exceptions, gaps, the baseline."""
        if found := doubts(self.review):
            yield f"## Undecided ({sum(len(doubt.findings) for doubt in found):,})"
            yield _items(
                f"{self.code(doubt.check)}: {self.prose(doubt.reason)} ({self.places([str(f.place) for f in doubt.findings])})"
                for doubt in found
            )
        if exceptions := exempt(self.review):
            yield f"## Exceptions ({len(exceptions):,})"
            yield _items(
                f"{self.code(each.check)} on {self.code(each.address)} at {self.code(each.place)}: {self.prose(exemption(each))}"
                for each in exceptions
            )
        if notes := self.review.notes:
            yield f"## Exceptions that do not count ({len(notes):,})"
            yield _items(map(self.prose, notes))
        for title, count, members in gaps_by_kind(self.review):
            yield f"## {title} ({count:,})"
            yield _items(
                ": ".join(filter(None, (self.places(gap.places), self.prose(f"{gap.reason}; {gap.remedy}" if gap.remedy else gap.reason))))
                for gap in members
            )  # fmt: skip
        if line := baseline_line(self.review):
            yield f"{line}."

    def places(self, places: Sequence[str]) -> str:
        shown = places if self.all else places[:_PLACES]
        return ", ".join(map(self.code, shown)) + _rest(places, len(shown))


def _items(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _rest(items: Sequence[object], shown: int) -> str:
    return f" and {len(items) - shown:,} more" if len(items) > shown else ""
