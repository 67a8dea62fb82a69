"""What a report says, and in which order; how it looks is left to the formats.

A review is told by section: what the change introduces (what blocks first), what it touches, what it took out of sight,
what is undecided, what is exempt. A scan is told by check, the worst first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from copilot.conclusion import counts
from copilot.model import (
    Abstained,
    Approved,
    CheckSummary,
    Finding,
    Gap,
    Patch,
    Place,
    Review,
    Safety,
    Severity,
    Withheld,
)


def some(items: Sequence[str], shown: int = 3) -> str:
    """The first of the items and how many follow: `a, b, c + 9 more`."""
    rest = f" + {len(items) - shown:,} more" if len(items) > shown else ""
    return ", ".join(items[:shown]) + rest


def many(count: int, noun: str, plural: str = "") -> str:
    """`1 finding`, `3 findings`, `1,204 findings`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


# --- the conclusion ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gaps:
    """What the review could not see or decide, counted; findings and gaps without one together."""

    unread: int
    out_of_sight: int
    undecided: int
    lost_sight: int

    @property
    def phrases(self) -> tuple[str, ...]:
        """One phrase for each kind that there is, the gravest first."""
        return tuple(
            f"{count:,} {name}"
            for count, name in (
                (self.unread, "unread"),
                (self.lost_sight, "lost sight of"),
                (self.undecided, "undecided"),
                (self.out_of_sight, "out of sight"),
            )
            if count
        )


def gaps_of(review: Review) -> Gaps:
    """The four counts of a review: unread files once each, and nothing that is exempt."""
    unread = [gap.path for gap in review.gaps if gap.kind == "unread"]
    kinds = Counter(gap.kind for gap in review.gaps)
    statuses = Counter(finding.status for finding in review.undecided if not finding.exempt)
    return Gaps(
        len(set(unread)), kinds["out_of_sight"], kinds["undecided"] + statuses["undecided"],
        kinds["lost_sight"] + statuses["lost_sight"],
    )  # fmt: skip


def title_line(review: Review) -> str:
    """The conclusion, as the start of a page."""
    title = review.conclusion.title
    return title[:1].upper() + title[1:]


def gaps_line(review: Review) -> str:
    """The counts of gaps that the conclusion's title does not give itself; "" when it gives all."""
    return ", ".join(
        phrase for phrase in gaps_of(review).phrases if not re.search(rf"\b{phrase}\b", review.conclusion.title)
    )


def subject_line(review: Review) -> str:
    """What was looked at: `review of harbor, base..head`."""
    span = f"{review.base}..{review.head}" if review.base else review.head
    name = f"{review.kind} of {review.subject}" if review.subject else review.kind
    return f"{name}, {span}" if span else name


def evaluated_line(review: Review) -> str:
    """What was evaluated, in one line: roots, resources, verdicts."""
    roots = review.roots
    verdicts = (
        f"{sum(root.passed for root in roots):,} passed, {sum(root.failed for root in roots):,} failed, "
        f"{sum(root.undecided for root in roots):,} undecided, "
        f"{sum(root.not_applicable for root in roots):,} not applicable"
    )
    resources, files = sum(root.resources for root in roots), sum(root.files for root in roots)
    return f"{many(len(roots), 'root')}, {many(files, 'file')}, {many(resources, 'resource')}: {verdicts}"


# --- sections of a review, groups of a scan ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """Findings that are told together, under a title and a sentence that says why they are."""

    name: str
    title: str
    intro: str
    findings: tuple[Finding, ...]


def sections(review: Review) -> tuple[Section, ...]:
    """The sections of a review that are told in full, in order; empty ones are left out."""
    counted = [finding for finding in review.findings if not finding.exempt]
    lost = [finding for finding in review.undecided if finding.status == "lost_sight" and not finding.exempt]
    every = (
        Section("introduced", "Introduced by this change", "", _blocking_first(counted, "introduced")),
        Section(
            "touched", "Touched by this change", "They failed before; the change edits a line they stand on.",
            _blocking_first(counted, "touched"),
        ),
        Section(
            "lost_sight", "Lost sight of", "They passed before; after this change the code no longer decides them.",
            tuple(sorted(lost, key=_rank)),
        ),
    )  # fmt: skip
    return tuple(section for section in every if section.findings)


_FULL: Final = 30
_FEWEST: Final = 3


def in_full(review: Review, *, everything: bool) -> Mapping[str, int]:
    """By name of a section, how many of its findings are told in full: of a very large review the first, and some of
    each section, so that none goes unheard."""
    told: dict[str, int] = {}
    room = _FULL
    for section in sections(review):
        told[section.name] = len(section.findings) if everything else min(len(section.findings), max(room, _FEWEST))
        room -= told[section.name]
    return told


def _blocking_first(findings: Iterable[Finding], relation: str) -> tuple[Finding, ...]:
    return tuple(sorted((finding for finding in findings if finding.relation == relation), key=_rank))


def _rank(finding: Finding) -> tuple[int, int]:
    return (-_ENFORCEMENT[finding.enforcement], -finding.severity)


_ENFORCEMENT: Final = {"observe": 0, "warn": 1, "enforce": 2}


def blocks(review: Review, finding: Finding) -> bool:
    """Whether the finding stops the change: it counts, and its control is enforced."""
    counted = finding.status == "lost_sight" or (finding.status == "fail" and counts(finding, kind=review.kind))
    return counted and finding.enforcement == "enforce" and not finding.exempt


def effect(review: Review, finding: Finding) -> str:
    """What the policy does about the finding, in a word or two; "" where that goes without saying."""
    if finding.exempt:
        return finding.exempt
    if finding.enforcement == "observe":
        return "observed only"
    return "blocks" if blocks(review, finding) else ""


def older(review: Review) -> int:
    """How many findings of a review are not the change's doing; they are counted, not shown."""
    return sum(finding.relation == "existing" and not finding.exempt for finding in review.findings)


def older_line(review: Review) -> str:
    """A sentence on the findings that a review does not show; "" when there are none."""
    count = older(review)
    return (
        f"{many(count, 'older finding')} in the affected roots {_is(count)} not shown: ccopilot scan" if count else ""
    )


def baseline_line(review: Review) -> str:
    """A sentence on the findings that the baseline knows; "" when there are none."""
    count = sum(finding.exempt == "baseline" for finding in (*review.findings, *review.undecided))
    return f"{many(count, 'finding')} in the baseline {_is(count)} not shown" if count else ""


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def told(review: Review) -> tuple[Finding, ...]:
    """The findings that the report is about: of a review those of its sections, of a scan all that count."""
    if review.kind == "review":
        return tuple(finding for section in sections(review) for finding in section.findings)
    return tuple(finding for finding in review.findings if not finding.exempt)


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one check, in the order of the review."""

    check: CheckSummary
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        return max(finding.severity for finding in self.findings)


def example(review: Review, group: Group) -> tuple[Finding, tuple[Finding, ...]]:
    """The finding by which a group is told, the first that has a proved suggestion if any has, and the others."""
    chosen = next(approved(review, group.findings), group.findings[0])
    return chosen, tuple(finding for finding in group.findings if finding is not chosen)


def groups(review: Review, findings: Iterable[Finding]) -> tuple[Group, ...]:
    """The findings by check: the most severe first, then the most frequent."""
    by_check: dict[str, list[Finding]] = {}
    for finding in findings:
        by_check.setdefault(finding.check, []).append(finding)
    made = [Group(review.checks[check], tuple(members)) for check, members in by_check.items()]
    return tuple(sorted(made, key=lambda group: (-group.severity, -len(group.findings), group.check.id)))


class Doubt(NamedTuple):
    """Undecided findings of one check for one reason."""

    check: str
    reason: str
    findings: tuple[Finding, ...]


def doubts(review: Review) -> tuple[Doubt, ...]:
    """The undecided findings by check and reason; those that the change made come first."""
    found: dict[tuple[bool, str, str], list[Finding]] = {}
    for finding in review.undecided:
        if finding.status == "undecided" and not finding.exempt:
            old = review.kind == "review" and finding.relation == "existing"
            found.setdefault((old, finding.check, finding.reason or finding.message), []).append(finding)
    ordered = sorted(found.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1:]))
    return tuple(Doubt(check, reason, tuple(members)) for (_, check, reason), members in ordered)


def exempt(review: Review) -> tuple[Finding, ...]:
    """Findings that do not count, and those for which the change itself asks that (they do count until then)."""
    every = (*review.findings, *review.undecided)
    if review.kind == "review":
        every = tuple(f for f in every if f.relation != "existing" or f.exempt not in (None, "baseline"))
    return tuple(
        sorted((f for f in every if f.requested or f.exempt in ("waived", "suppressed")), key=lambda f: bool(f.exempt))
    )


GAP_TITLES: Final[Mapping[str, str]] = {
    "unread": "Not read: the result is incomplete",
    "lost_sight": "No longer in sight",
    "undecided": "Not decided",
    "out_of_sight": "Out of sight",
}


class Blindness(NamedTuple):
    """Gaps of one kind with one reason and one remedy: where they are, in the order of the review."""

    reason: str
    remedy: str
    places: tuple[str, ...]


def gaps_by_kind(review: Review) -> tuple[tuple[str, int, tuple[Blindness, ...]], ...]:
    """Title, count and gaps of each kind that there is, the gravest first."""
    kinds = []
    for kind, title in GAP_TITLES.items():
        found: dict[tuple[str, str], list[str]] = {}
        members = [gap for gap in review.gaps if gap.kind == kind]
        for gap in members:
            found.setdefault((gap.reason, gap.remedy), []).append(_gap_place(gap))
        if members:
            alike = tuple(Blindness(*said, tuple(filter(None, places))) for said, places in found.items())
            kinds.append((title, len(members), alike))
    return tuple(kinds)


def _gap_place(gap: Gap) -> str:
    return (f"{gap.path}:{gap.line}" if gap.line else gap.path) or gap.address or gap.check


# --- one finding ------------------------------------------------------------------------------------------------


class Step(NamedTuple):
    """One frame of the way a value takes, with the verb for it."""

    verb: str
    place: Place


def chain(finding: Finding) -> tuple[Step, ...]:
    """The way of the value, from where it is written to where it is used; nothing when that is one place."""
    if len({(place.path, place.line) for place in finding.places}) < 2:
        return ()
    first, *between = reversed(finding.places)
    last = between.pop()
    frames = (Step("written in", first), *(Step("passed at", place) for place in between), Step("used at", last))
    seen: set[tuple[str, int]] = set()
    steps = []
    for step in frames:
        if (key := (step.place.path, step.place.line)) not in seen:
            seen.add(key)
            steps.append(step)
    return tuple(steps)


def names_address(finding: Finding) -> bool:
    """Whether the message names the resource, so that it need not be said again."""
    return finding.address in finding.message


def where_else(finding: Finding) -> str:
    """The environments or roots in which it occurs and how many instances, when that says something."""
    environments = [name for name in finding.environments if name]
    words = (
        " and ".join((", ".join(environments[:-1]), environments[-1]))
        if len(environments) > 1
        else "".join(environments)
    )
    count = len(finding.occurrences)
    instances = f"{count} instances" if count > max(1, len(environments), len(finding.roots)) else ""
    return ", ".join(part for part in (words, instances) if part)


class Requirement(NamedTuple):
    """A framework under the name people use, and the first of its requirements; `more` are not shown."""

    framework: str
    ids: tuple[str, ...]
    more: int

    def __str__(self) -> str:
        return f"{self.framework} {', '.join(self.ids)}" + (f" +{self.more}" if self.more else "")


_SHOWN: Final = (
    ("SOC2-TSC-2017", "SOC 2"),
    ("ISO27001-2022-AnnexA", "ISO 27001"),
    ("PCI-DSS-4.0", "PCI DSS 4.0"),
    ("NIST-800-53r5", "NIST 800-53"),
)
_PLATFORMS: Final = {"aws": ("aws",), "kubernetes": ("k8s",), "k8s": ("k8s",), "k8stf": ("k8s",), "github": ("github",)}
"""By the first word of a check's id, the benchmarks that speak of its platform."""
_BENCHMARK: Final = re.compile(r"CIS-([A-Za-z0-9]+)-([0-9.]+)")


def requirements(check: CheckSummary) -> tuple[Requirement, ...]:
    """The requirements that most people ask for, three a framework; of its platform's benchmark the newest version."""
    newest: dict[str, tuple[tuple[int, ...], str, str]] = {}
    for framework in check.frameworks:
        if found := _BENCHMARK.fullmatch(framework):
            version = tuple(int(part) for part in found[2].split(".") if part)
            if found[1].lower() not in _PLATFORMS.get(check.id.split("-")[0], ()):
                continue
            newest[found[1]] = max(
                newest.get(found[1], ((), "", "")), (version, framework, f"CIS {found[1]} {found[2]}")
            )
    shown = (
        *_SHOWN,
        *((framework, label) for _, framework, label in sorted(newest.values(), key=lambda item: item[2])),
    )
    return tuple(
        Requirement(label, tuple(ids[:3]), max(0, len(ids) - 3))
        for framework, label in shown
        if (ids := check.frameworks.get(framework))
    )


# --- remedies ---------------------------------------------------------------------------------------------------

SAFETY: Final[Mapping[Safety, str]] = {
    "safe": "safe to apply",
    "changes_behaviour": "changes behaviour: somebody who relies on it will notice",
    "replaces": "destroys and recreates what it changes",
    "unknown": "effect on what is running is unknown: plan it before you apply it",
}
ORIGINS: Final = {
    "recipe": "drafted from a recipe",
    "model": "drafted by a language model",
    "foreign": "drafted elsewhere",
}


def origin(draft: Patch) -> str:
    """Who drafted it, and, of a model, which one, how many of its samples agree and what it relies on."""
    how = draft.drafting
    if how is None:
        return ORIGINS[draft.origin]
    said = f"drafted by {how.model}, agreed by {how.agreed} of {how.samples} samples"
    cited = list(dict.fromkeys(each.passage for each in draft.cites))
    return f"{said}; cites {', '.join(cited)}" if cited else said


def safety(remedy: Approved) -> str:
    """What the suggestion does to the running system, in a few words."""
    if remedy.replaces:
        return f"destroys and recreates {', '.join(remedy.replaces)}"
    return SAFETY[remedy.draft.safety]


def proof(remedy: Approved) -> str:
    """The validators that passed, and how many had nothing to say."""
    passed = [verdict.validator for verdict in remedy.verdicts if verdict.outcome == "pass"]
    others = sum(verdict.outcome == "not_applicable" for verdict in remedy.verdicts)
    names = f" ({', '.join(passed)})" if passed else ""
    return f"{many(len(passed), 'validator')} passed{names}" + (f"; {others} did not apply" if others else "")


def no_remedy(remedy: Withheld | Abstained) -> str:
    """Why there is no suggestion, and what would make one possible, in one line."""
    if isinstance(remedy, Withheld):
        return f"a draft was withheld: {remedy.reason}"
    needs = f"; needs {', '.join(remedy.needs)} in .compliance/copilot.yaml" if remedy.needs else ""
    return f"{remedy.reason}{needs}"


def exemption(finding: Finding) -> str:
    """Why a finding does not count, or what the change asks for, as the end of a sentence."""
    if finding.exempt:
        note = finding.exempt_note or finding.exempt
        return note if note.startswith(finding.exempt) else f"{finding.exempt}: {note}"
    return f"requested by this change, does not count yet: {finding.requested}"


def first_shown(review: Review, findings: Sequence[Finding]) -> Mapping[str, str]:
    """For each finding whose approved draft is shown with an earlier one: the fingerprint of that one."""
    shown: dict[str, str] = {}
    earlier: dict[str, str] = {}
    for finding in findings:
        remedy = review.remedies.get(finding.fingerprint)
        if isinstance(remedy, Approved):
            first = shown.setdefault(remedy.draft.digest, finding.fingerprint)
            if first != finding.fingerprint:
                earlier[finding.fingerprint] = first
    return earlier


def approved(review: Review, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Those of the findings that have a proved suggestion."""
    return (finding for finding in findings if isinstance(review.remedies.get(finding.fingerprint), Approved))
