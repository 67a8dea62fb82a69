"""The report for a person at a terminal: what is concluded, then each finding with the lines it stands on.

Written with plain SGR codes in the terminal's own sixteen colours, so that it costs no import and follows the theme.
Without `verbose` a report has about `LINES` lines, however many findings there are: the worst are told in full, the
next with their places, and the rest in a line each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from copilot.model import Abstained, Approved, CheckSummary, Finding, Review, Severity, Withheld
from copilot.render import DEFAULT, Options
from copilot.render.escape import Redaction, cells, visible
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
    names_address,
    no_remedy,
    older_line,
    origin,
    proof,
    requirements,
    safety,
    sections,
    some,
    subject_line,
    title_line,
    told,
    where_else,
)

LINES: Final = 120
_PLACES: Final = 3
_LISTED: Final = 8
"""Entries of a list (gaps, doubts, exceptions) before the rest is counted."""
_DIFF: Final = 24
_NARROW: Final = 40

_SGR: Final[Mapping[str, str]] = {
    "": "", "bold": "1", "dim": "2", "critical": "1;31", "high": "31", "medium": "33", "low": "36", "good": "32",
    "bad": "1;31", "warn": "1;33", "add": "32", "remove": "31", "gutter": "34", "place": "36", "hunk": "36",
}  # fmt: skip
_ASCII: Final = {"│": "|", "→": "-->", "·": "-", "…": "...", "✓": "ok:", "✗": "x", "!": "!", "•": "*", "–": "-", "—": "-", "’": "'"}  # fmt: skip


class Span(NamedTuple):
    """Text in one style."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The review with what its lines need: options, and what is never shown."""

    review: Review
    options: Options
    redaction: Redaction

    @property
    def width(self) -> int:
        return max(_NARROW, self.options.width)

    def safe(self, text: str) -> str:
        """Text of the repository, fit for a line."""
        return visible(self.redaction(text))

    def wrapped(
        self, text: str | Sequence[str], indent: Line = (), *, style: str = "", hanging: Line | None = None
    ) -> list[Line]:  # fmt: skip
        """Lines of the width; the first starts with `indent`, the others with `hanging`.

        Words, or the parts when parts are given, are never broken: a path is to be copied.
        """
        rest = (Span(" " * _cells_of(indent)),) if hanging is None else hanging
        lines: list[Line] = []
        lead, words = indent, ""
        for word in text.split(" ") if isinstance(text, str) else text:
            longer = f"{words} {word}" if words else word
            if words and _cells_of(lead) + cells(longer) > self.width:
                lines.append((*lead, Span(words, style)))
                lead, words = rest, word
            else:
                words = longer
        return [*lines, (*lead, Span(words, style))]

    def fitted(self, text: str, room: int) -> str:
        """The start of a text that fits into so many columns."""
        if cells(text) <= room:
            return text
        short = text[: max(1, room - 1)]
        while cells(short) > max(1, room - 1):
            short = short[:-1]
        return f"{short}…"


def _cells_of(line: Iterable[Span]) -> int:
    return sum(cells(span.text) for span in line)


def render(review: Review, options: Options = DEFAULT) -> str:
    """The review for a terminal of the given width; ends with a line break."""
    sheet = _Sheet(review, options, Redaction.of(review))
    lines = [*_head(sheet), *(_review(sheet) if review.kind == "review" else _scan(sheet)), *_tail(sheet)]
    return "".join(_written(line, options) + "\n" for line in _single_blanks(lines))


def _written(line: Line, options: Options) -> str:
    parts = []
    for span in line:
        text = span.text if options.unicode else _in_ascii(span.text)
        parts.append(f"\x1b[{_SGR[span.style]}m{text}\x1b[0m" if options.colour and span.style and text else text)
    return "".join(parts) if options.colour else "".join(parts).rstrip(" ")


def _in_ascii(text: str) -> str:
    if text.isascii():
        return text
    return "".join(_ASCII.get(char, char) for char in text).encode("ascii", "backslashreplace").decode("ascii")


def _single_blanks(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines with one blank line between blocks, and none at either end."""
    gap = started = False
    for line in lines:
        if line:
            if gap and started:
                yield ()
            yield line
            started = True
        gap = not line


# --- head and tail ----------------------------------------------------------------------------------------------

_STATES: Final = {
    "clean": ("✓", "good"),
    "findings": ("✗", "bad"),
    "observed": ("•", "warn"),
    "incomplete": ("!", "warn"),
}


def _head(sheet: _Sheet) -> Iterator[Line]:
    conclusion = sheet.review.conclusion
    mark, style = _STATES[conclusion.state]
    yield from sheet.wrapped(sheet.safe(title_line(sheet.review)), (Span(f"{mark} ", style),), style=style)
    if gaps := gaps_line(sheet.review):
        yield from sheet.wrapped(gaps, (Span("  "),), style="warn")
    yield from sheet.wrapped(sheet.safe(subject_line(sheet.review)), (Span("  "),), style="dim")
    if sheet.review.roots:
        yield from sheet.wrapped(evaluated_line(sheet.review), (Span("  "),), style="dim")
    yield ()


def _tail(sheet: _Sheet) -> Iterator[Line]:
    yield ()
    shown = told(sheet.review)
    fixable = len(list(approved(sheet.review, shown)))
    hints = []
    if fixable:
        hints.append(("ccopilot fix --write", f"applies what is proved: {fixable:,} of {many(len(shown), 'finding')}"))
    if shown:
        hints.append(("ccopilot explain FINDING", "why, and what would make it pass"))
        hints.append(("ccopilot waiver request --help", "accept a risk for a time, with an owner"))
    for command, meaning in hints:
        yield from sheet.wrapped(meaning, (Span(f"{command:<33}"),), style="dim", hanging=(Span("  "),))


def _title(sheet: _Sheet, title: str, intro: str = "") -> Iterator[Line]:
    yield ()
    yield (Span(title, "bold"),)
    if intro:
        yield from sheet.wrapped(intro, style="dim")
    yield ()


# --- a review ---------------------------------------------------------------------------------------------------


def _review(sheet: _Sheet) -> Iterator[Line]:
    review = sheet.review
    every = told(review)
    full = in_full(review, everything=sheet.options.verbose)
    first = first_shown(review, every)
    explained: set[str] = set()
    for section in sections(review):
        yield from _title(sheet, f"{section.title} ({len(section.findings):,})", section.intro)
        for finding in section.findings[: full[section.name]]:
            # A low finding is not argued for: `explain` and the other formats do.
            argued = sheet.options.verbose or finding.severity > Severity.LOW
            yield from _finding(sheet, finding, explain=argued and finding.check not in explained, first=first)
            yield ()
            explained.add(finding.check)
        if rest := section.findings[full[section.name] :]:
            yield (Span(f"and {many(len(rest), 'more', 'more')}:", "bold"),)
            yield from _table(sheet, groups(review, rest))
    yield from _doubts(sheet)
    yield from _exempt(sheet)
    yield from _gaps(sheet)
    yield ()
    yield from _uncounted(sheet)


def _finding(sheet: _Sheet, finding: Finding, *, explain: bool, first: Mapping[str, str]) -> Iterator[Line]:
    yield _heading(
        sheet,
        finding.severity,
        finding.check,
        " · ".join(filter(None, (effect(sheet.review, finding), finding.fingerprint))),
    )
    yield from sheet.wrapped(sheet.safe(finding.message), (Span("  "),), style="bold")
    gutter = len(str(finding.place.line + 2)) + 3
    yield from _excerpt(sheet, finding, gutter)
    for fact in _facts(sheet, finding, explain=explain):
        yield from _fact(sheet, gutter, fact)
    yield from _remedy(sheet, finding, gutter, first)


def _heading(sheet: _Sheet, severity: Severity, check: str, right: str) -> Line:
    name = str(severity)
    left = (Span(f"{name:<8}", name), Span("  "), Span(sheet.safe(check), "bold"))
    gap = sheet.width - _cells_of(left) - cells(right)
    return (*left, Span(" " * max(2, gap)), Span(right, "dim"))


class Fact(NamedTuple):
    """A label and what is said under it: a sentence, or parts that stay whole."""

    label: str
    text: str | Sequence[str]
    style: str = ""


def _facts(sheet: _Sheet, finding: Finding, *, explain: bool) -> Iterator[Fact]:
    if steps := chain(finding):
        *frames, last = (f"{step.verb} {step.place}" for step in steps)
        yield Fact("value", [*(f"{frame}," for frame in frames), last])
    if finding.anchor and finding.anchor != finding.place:
        yield Fact("changed", str(finding.anchor))
    if len(finding.callers) == 1:
        yield Fact("called", f"at {finding.callers[0]}")
    elif finding.callers:
        yield Fact("called", f"{len(finding.callers)} times: {some([str(place) for place in finding.callers])}")
    if where := where_else(finding):
        yield Fact("in", where)
    if finding.reason:
        yield Fact("because", finding.reason)
    if finding.requested:
        yield Fact("asked", f"{finding.requested} (asked for by this change: it does not count yet)", "warn")
    if explain:
        check = sheet.review.checks[finding.check]
        yield from _about(check)


def _about(check: CheckSummary) -> Iterator[Fact]:
    yield Fact("control", f"{check.control_title} ({check.control})")
    if mapped := requirements(check):
        yield Fact("maps to", [*(f"{each} ·" for each in mapped[:-1]), str(mapped[-1])], "dim")
    if check.rationale:
        yield Fact("why", check.rationale, "dim")


def _fact(sheet: _Sheet, gutter: int, fact: Fact) -> list[Line]:
    lead = (Span(" " * (gutter - 1)), Span("= ", "gutter"), Span(f"{fact.label:<9}", "dim"))
    text = sheet.safe(fact.text) if isinstance(fact.text, str) else [sheet.safe(part) for part in fact.text]
    return sheet.wrapped(text, lead, style=fact.style)


def _excerpt(sheet: _Sheet, finding: Finding, gutter: int) -> Iterator[Line]:
    place = finding.place
    shown = excerpt(sheet.review.sources, place)
    edge = Span(" " * (gutter - 1) + "│", "gutter")
    where = f"{place.path}:{place.line}" + (f":{place.column}" if shown.lines else "")
    head = (Span(" " * max(0, gutter - 2)), Span("→ ", "gutter"), Span(sheet.safe(where), "place"))
    address = "" if names_address(finding) else sheet.safe(finding.address)
    if not address or _cells_of(head) + cells(address) + 2 <= sheet.width:
        yield (*head, Span("  "), Span(address)) if address else head
    else:
        yield head
        yield (Span(" " * gutter), Span(address))
    if not shown.lines:
        return
    yield (edge,)
    room = sheet.width - gutter - 2
    for line in shown.lines:
        before, meant, after = (visible(part, tabs=True) for part in _parts(sheet, line.text, line.start, line.end))
        # A minified file is one line: the part that is meant is what is shown.
        if cells(before) + cells(meant) > room and cells(before) > room // 4:
            before = "…" + before[-(room // 4) :]
        text = sheet.fitted(before + meant + after, room)
        number = Span(f"{line.number:>{gutter - 2}} │ ", "gutter")
        yield (number, Span(text))
        # Several lines are marked by being shown; on one line the columns are.
        if len(shown.lines) == 1 and not shown.more:
            marks = max(1, min(cells(meant), room - cells(before)))
            yield (edge, Span(" " * (cells(before) + 1)), Span("^" * marks, "bad"))
    if shown.more:
        yield (edge, Span(f" … {many(shown.more, 'more line')}", "dim"))


def _parts(sheet: _Sheet, text: str, start: int, end: int) -> tuple[str, str, str]:
    parts = text[:start], text[start:end], text[end:]
    if sheet.redaction.hides(text):
        hidden = tuple(map(sheet.redaction, parts))
        # A secret that begins before the place and ends in it would show in halves.
        return ("", sheet.redaction(text), "") if any(map(sheet.redaction.hides, hidden)) or "".join(hidden) == text else (
            hidden[0], hidden[1], hidden[2]
        )  # fmt: skip
    return parts


def _remedy(sheet: _Sheet, finding: Finding, gutter: int, first: Mapping[str, str]) -> Iterator[Line]:
    match sheet.review.remedies.get(finding.fingerprint):
        case Approved() as remedy:
            if earlier := first.get(finding.fingerprint):
                yield from _fact(sheet, gutter, Fact("fix", f"settled by the suggestion for {earlier}", "good"))
                return
            text = f"{remedy.draft.summary} ({origin(remedy.draft)})"
            yield from _fact(sheet, gutter, Fact("fix", text, "good"))
            yield from _diff(sheet, remedy.diff, gutter)
            style = "" if remedy.draft.safety == "safe" and not remedy.replaces else "warn"
            yield from _fact(sheet, gutter, Fact("effect", safety(remedy), style))
            yield from _fact(sheet, gutter, Fact("proved", proof(remedy)))
        case (Withheld() | Abstained()) as remedy:
            yield from _fact(sheet, gutter, Fact("no fix", no_remedy(remedy), "dim"))


def _diff(sheet: _Sheet, diff: str, gutter: int) -> Iterator[Line]:
    edge = Span(" " * (gutter - 1) + "│ ", "gutter")
    lines = diff_lines(sheet.redaction(diff))
    room = len(lines) if sheet.options.verbose else _DIFF
    styles = {"file": "bold", "hunk": "hunk", "note": "dim", "add": "add", "remove": "remove", "same": ""}
    for line in lines[:room]:
        yield (edge, Span(sheet.fitted(visible(line.marked, tabs=True), sheet.width - gutter - 1), styles[line.kind]))
    if len(lines) > room:
        yield (edge, Span(f"… {many(len(lines) - room, 'more line')}: ccopilot fix --diff", "dim"))


# --- a scan -----------------------------------------------------------------------------------------------------


def _scan(sheet: _Sheet) -> Iterator[Line]:
    review = sheet.review
    gathered = groups(review, (finding for finding in review.findings if not finding.exempt))
    rest = [*_doubts(sheet), *_exempt(sheet), *_gaps(sheet), (), *_uncounted(sheet)]
    drawn = [_told(sheet, group) for group in gathered]
    if sheet.options.verbose:
        chosen = [2] * len(drawn)
        left = 0
    else:
        chosen, left = _levels(drawn, LINES - len(rest) - 10)
    for at, level in enumerate(chosen):
        if level:
            yield from drawn[at][level]
            yield ()
    kept = [group for group, level in zip(gathered, chosen) if not level]
    if kept:
        yield ()
        yield from _table(sheet, kept)
    if left:
        more = gathered[len(chosen) :]
        count = sum(len(group.findings) for group in more)
        yield (Span(f"+ {many(left, 'more check')} with {many(count, 'finding')}: --verbose lists them all", "dim"),)
    yield from rest


def _levels(told: Sequence[Sequence[Sequence[Line]]], budget: int) -> tuple[list[int], int]:
    """How much of each group is told (a line, its places, everything), the worst first, and how many groups are not."""
    shown = min(len(told), max(5, budget))
    chosen = [0] * shown
    used = shown
    for level in (1, 2):
        for at in range(shown):
            if chosen[at] < level - 1:
                break
            more = len(told[at][level]) + 1 - (len(told[at][level - 1]) + (chosen[at] > 0))
            if used + more > budget:
                break
            chosen[at] = level
            used += more
        # First everything worth a place gets its places; only then do the worst get their lines.
    return chosen, len(told) - shown


def _told(sheet: _Sheet, group: Group) -> tuple[list[Line], list[Line], list[Line]]:
    first = group.findings[0]
    heading = _heading(
        sheet, group.severity, group.check.id, f"{group.check.control} · {many(len(group.findings), 'place')}"
    )
    brief = [
        heading,
        *sheet.wrapped(sheet.safe(first.message), (Span("  "),), style="bold"),
        *_others(sheet, group.findings),
    ]
    if fixes := len(list(approved(sheet.review, group.findings))):
        brief.append((Span(f"    a proved fix for {fixes:,} of {len(group.findings):,}", "good"),))
    return [heading], brief, list(_group(sheet, group, heading))


def _others(sheet: _Sheet, findings: Sequence[Finding]) -> Iterator[Line]:
    shown = len(findings) if sheet.options.verbose else _PLACES
    for finding in findings[:shown]:
        place = sheet.safe(f"{finding.place}")
        room = sheet.width - cells(place) - 6
        address = sheet.fitted(sheet.safe(finding.address), room) if room > 8 else ""
        yield (Span("    "), Span(place, "place"), Span("  "), Span(address, "dim"))
    if len(findings) > shown:
        yield (Span(f"    + {len(findings) - shown:,} like it", "dim"),)


def _group(sheet: _Sheet, group: Group, heading: Line) -> Iterator[Line]:
    finding, others = example(sheet.review, group)
    gutter = len(str(finding.place.line + 2)) + 3
    yield heading
    yield from sheet.wrapped(sheet.safe(finding.message), (Span("  "),), style="bold")
    yield from _excerpt(sheet, finding, gutter)
    for fact in _facts(sheet, finding, explain=True):
        yield from _fact(sheet, gutter, fact)
    yield from _remedy(sheet, finding, gutter, {})
    fixes = len(list(approved(sheet.review, others)))
    if others:
        proved = f", {fixes:,} with a proved fix" if fixes else ""
        yield (Span("  also at" + proved, "dim"),)
        yield from _others(sheet, others)


def _table(sheet: _Sheet, gathered: Sequence[Group]) -> Iterator[Line]:
    """Groups in a line each, in columns."""
    wide = min(max(cells(group.check.id) for group in gathered), 48)
    for group in gathered:
        name = str(group.severity)
        lead = (
            Span(f"{name:<8}", name), Span("  "), Span(sheet.fitted(sheet.safe(group.check.id), wide).ljust(wide), "bold"),
            Span(f"{many(len(group.findings), 'place'):>12}  "),
        )  # fmt: skip
        yield (*lead, Span(sheet.fitted(sheet.safe(group.findings[0].message), sheet.width - _cells_of(lead)), "dim"))


# --- what is not a finding --------------------------------------------------------------------------------------


def _list(sheet: _Sheet, title: str, entries: Sequence[tuple[str, str]]) -> Iterator[Line]:
    """A title with its count, and entries of a name and a sentence; the rest is counted."""
    if not entries:
        return
    yield ()
    yield (Span(title, "bold"),)
    shown = len(entries) if sheet.options.verbose else _LISTED
    for name, text in entries[:shown]:
        lead = (Span("  "), Span(sheet.safe(name), "place"), Span("  ")) if name else (Span("  "),)
        if _cells_of(lead) + 20 > sheet.width:
            yield lead[:2]
            lead = (Span("    "),)
        yield from sheet.wrapped(sheet.safe(text), lead, hanging=(Span("    "),), style="dim")
    if len(entries) > shown:
        yield (Span(f"  + {len(entries) - shown:,} more: --verbose", "dim"),)


def _doubts(sheet: _Sheet) -> Iterator[Line]:
    found = doubts(sheet.review)
    entries = [
        (doubt.check, f"{doubt.reason} ({some([str(finding.place) for finding in doubt.findings])})") for doubt in found
    ]
    yield from _list(sheet, f"Undecided ({sum(len(doubt.findings) for doubt in found):,})", entries)


def _exempt(sheet: _Sheet) -> Iterator[Line]:
    found = exempt(sheet.review)
    entries = [(each.check, f"{each.address} at {each.place}, {exemption(each)}") for each in found]
    yield from _list(sheet, f"Exceptions ({len(found):,})", entries)
    notes = sheet.review.notes
    yield from _list(sheet, f"Exceptions that do not count ({len(notes):,})", [("", note) for note in notes])


def _gaps(sheet: _Sheet) -> Iterator[Line]:
    for title, count, members in gaps_by_kind(sheet.review):
        entries = []
        for gap in members:
            said = f"{gap.reason}; {gap.remedy}" if gap.remedy else gap.reason
            one = len(gap.places) == 1
            entries.append(
                (gap.places[0] if one else "", said if one or not gap.places else f"{said} ({some(gap.places)})")
            )
        yield from _list(sheet, f"{title} ({count:,})", entries)


def _uncounted(sheet: _Sheet) -> Iterator[Line]:
    for line in (older_line(sheet.review) if sheet.review.kind == "review" else "", baseline_line(sheet.review)):
        if line:
            yield from sheet.wrapped(line, style="dim")
