"""The one function that names the stages in order: trees -> findings -> exceptions -> drafts -> verdicts -> review."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from copilot import __version__, baseline, conclusion, gate, roots, suppressions, waivers
from copilot.assessment import Assessment, Assessor
from copilot.changes import Change
from copilot.checks.language import Check
from copilot.checks.library import Library
from copilot.drafting import manifests, recipes
from copilot.edits.patched import Patched, apply, merged
from copilot.errors import InvalidEdit
from copilot.evidence import record
from copilot.findings import merge, worst_first
from copilot.model import (
    Abstained,
    Approved,
    CheckSummary,
    Finding,
    Gap,
    Passage,
    Patch,
    Remedy,
    Review,
    Root,
    Severity,
    Withheld,
    World,
    without_keys,
)
from copilot.policy import Policy
from copilot.snapshot import Snapshot
from validators import confidence
from validators.case import NO_TOOLS, Case, Tools

if TYPE_CHECKING:
    from copilot.drafting.model import Attempt, ModelDrafter


@dataclass(frozen=True)
class Settings:
    """What a run is asked for. `policy` is the merge base's in a review, the tree's own in a scan.

    `only` and `skip` are check ids of ours; `severity` leaves lesser checks out; `fail_on` replaces the policy's
    enforcement in the conclusion. `plan` is a Terraform plan of the one root in `roots`. `summaries` describes checks for the report.
    `drafter` drafts with a language model where recipes end; without one nothing is asked of any model.
    `tools` are programs outside that give a second opinion of drafts.
    """

    library: Library
    policy: Policy
    today: date
    summaries: Callable[[Iterable[Check]], Mapping[str, CheckSummary]]
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    severity: Severity | None = None
    fail_on: Severity | None = None
    under: str = ""
    drafts: bool = True
    roots: tuple[Root, ...] = ()
    baseline: baseline.Baseline | None = None
    plan: Mapping[str, Any] | None = None
    drafter: ModelDrafter | None = None
    tools: Tools = NO_TOOLS

    def checks_for(self, types: Iterable[str]) -> tuple[Check, ...]:
        """The checks that run on resources of these types."""
        return tuple(check for check in self.library.for_types(types) if self.runs(check))

    def runs(self, check: Check) -> bool:
        """Whether a check is run at all."""
        if self.only and check.id not in self.only:
            return False
        if check.id in self.skip or self.policy.skips(check.id):
            return False
        return self.severity is None or check.severity >= self.severity

    def assessor(self) -> Assessor:
        """An assessor with these checks and the policy's parameters."""
        return Assessor(self.checks_for, self.policy.parameters_for, self.plan, explains_passes=self.drafts)


@dataclass
class Run:
    """What one run found out on the way, beside the review: the trees judged, for commands that go on from there."""

    review: Review
    assessor: Assessor
    assessment: Assessment
    snapshot: Snapshot
    settings: Settings


Progress = Callable[[str], None]


def _silent(_: str) -> None:
    return None


def scan(snapshot: Snapshot, settings: Settings, *, subject: str, progress: Progress = _silent) -> Run:
    """Every finding of a tree."""
    assessor = settings.assessor()
    progress("finding roots")
    found, gaps = _roots(snapshot, settings, assessor)
    progress(f"judging {len(found)} roots")
    assessment = assessor.assess(snapshot, found)
    head = _kept(assessment.findings, settings)
    resolve = settings.library.resolve
    silenced = suppressions.collect(snapshot, _files(assessment), resolve=resolve)
    waived = waivers.load(snapshot, resolve=resolve)
    known = settings.baseline or baseline.load(snapshot, settings.policy.baseline)
    head = _excepted(head, settings, (silenced, silenced), (waived, waived), known)
    remedies = draft_remedies(
        [f for f in head if f.status == "fail" and f.exempt is None] if settings.drafts else [],
        assessment, assessor, settings, progress=progress,
    )  # fmt: skip
    notes = [str(note) for note in suppressions.notes(silenced, settings.today)]
    return _finished(
        "scan", subject, "", snapshot, settings, assessor, assessment, head,
        (*_unread_links(snapshot.gaps, assessment, settings), *gaps, *assessment.gaps), remedies, notes,
        {"tree": _digest_of(snapshot, assessment, settings)},
    )  # fmt: skip


def review(
    change: Change, settings: Settings, *, subject: str, base: str, head: str, progress: Progress = _silent
) -> Run:
    """What a change makes of the roots that it affects; policy, waivers and baseline are those of the merge base."""
    assessor = settings.assessor()
    progress("finding affected roots")
    before_roots, _ = _roots(change.before, settings, assessor)
    after_roots, gaps = _roots(change.after, settings, assessor)
    changed = frozenset(p for p in change.paths if not settings.policy.excludes(p))
    affected = roots.affected(after_roots, change.before, change.after, changed, cache=assessor.cache)
    earlier = roots.affected(before_roots, change.before, change.after, changed, cache=assessor.cache)
    progress(f"judging {len(affected)} roots before and after the change")
    old = assessor.assess(change.before, earlier)
    new = assessor.assess(change.after, affected)
    related = change.related(_kept(new.findings, settings), old.findings, old.passed)
    resolve = settings.library.resolve
    exceptions = tuple(
        suppressions.collect(tree, _files(assessment), resolve=resolve)
        for tree, assessment in ((change.before, old), (change.after, new))
    )
    waived = (waivers.load(change.before, resolve=resolve), waivers.load(change.after, resolve=resolve))
    known = settings.baseline or baseline.load(change.before, settings.policy.baseline)
    found = _excepted(related, settings, (exceptions[0], exceptions[1]), waived, known)
    wanted = [f for f in found if f.status == "fail" and f.exempt is None and f.relation != "existing"]
    limit = settings.policy.limits.remedies
    first = worst_first(wanted)[:limit] if settings.drafts else ()
    remedies = dict(draft_remedies(first, new, assessor, settings, progress=progress))
    for finding in worst_first(wanted)[limit:] if settings.drafts else ():
        reason = f"one review drafts fixes for {limit} findings at most (limits.remedies); `ccopilot fix` has no limit"
        remedies[finding.fingerprint] = Abstained((finding.fingerprint,), reason)
    links = [gap for gap in change.after.gaps if gap not in change.before.gaps or gap.path in changed]
    folders = _folders(new)
    all_gaps = (
        *_unread_links(links, new, settings),
        *(gap for gap in gaps if gap.path in changed or posixpath.dirname(gap.path) in folders),
        *new.gaps,
    )
    notes = [str(note) for note in suppressions.notes(exceptions[1], settings.today)]
    inputs = {
        "base": _digest_of(change.before, old, settings),
        "head": _digest_of(change.after, new, settings),
    }
    return _finished(
        "review", subject, base, change.after, settings, assessor, new, found, all_gaps, remedies, notes, inputs, head=head
    )  # fmt: skip


def evaluated(
    snapshot: Snapshot, settings: Settings, wanted: Callable[[Root], bool]
) -> tuple[tuple[World, ...], tuple[Gap, ...]]:
    """The roots of a tree that are wanted, evaluated as `scan` evaluates them and not judged."""
    assessor = settings.assessor()
    found, gaps = _roots(snapshot, settings, assessor)
    return tuple(assessor.evaluate(snapshot, root) for root in found if wanted(root)), gaps


# --- stages --------------------------------------------------------------------------------------------------------


def _roots(snapshot: Snapshot, settings: Settings, assessor: Assessor) -> tuple[tuple[Root, ...], tuple[Gap, ...]]:
    if settings.roots:
        return settings.roots, ()
    found = roots.find_roots(snapshot, settings.policy, settings.under, cache=assessor.cache)
    return found.roots, found.gaps


def _files(assessment: Assessment) -> frozenset[str]:
    return frozenset(path for world in assessment.worlds for path in world.files)


def _kept(findings: Iterable[Finding], settings: Settings) -> tuple[Finding, ...]:
    """The findings that are reported, each with what the policy does about it."""
    policy = settings.policy
    return tuple(
        replace(finding, enforcement=policy.enforcement_of(finding))
        for finding in merge(findings)
        if not policy.excludes(finding.place.path)
    )


def _excepted(
    found: tuple[Finding, ...], settings: Settings,
    silenced: tuple[suppressions.Suppressions, suppressions.Suppressions],
    waived: tuple[Sequence[waivers.Waiver], Sequence[waivers.Waiver]], known: baseline.Baseline,
) -> tuple[Finding, ...]:  # fmt: skip
    """Exceptions are applied after everything was judged, and only those of the merge base count."""
    found = waivers.apply(found, base=waived[0], head=waived[1], today=settings.today)
    found = suppressions.apply(found, base=silenced[0], head=silenced[1], today=settings.today)
    return baseline.apply(found, known)


def _finished(
    kind: Any, subject: str, base: str, snapshot: Snapshot, settings: Settings, assessor: Assessor,
    assessment: Assessment, found: tuple[Finding, ...], gaps: Iterable[Gap], remedies: Mapping[str, Remedy],
    notes: Iterable[str], inputs: Mapping[str, str], head: str = "",
) -> Run:  # fmt: skip
    failed = worst_first(f for f in found if f.status == "fail")
    order = {"lost_sight": 0, "undecided": 1}
    undecided = tuple(
        sorted(worst_first(f for f in found if f.status != "fail"), key=lambda finding: order[finding.status])
    )
    if kind == "review":
        rank = {"introduced": 0, "touched": 1, "existing": 2}
        failed = tuple(sorted(failed, key=lambda finding: rank[finding.relation]))
        undecided = tuple(f for f in undecided if f.relation != "existing")
    gaps = tuple(dict.fromkeys(gaps))
    blocking_gaps = frozenset(
        name for name in ("undecided", "out_of_sight") if settings.policy.enforcement_of_gaps(name) == "enforce"
    )
    ended = conclusion.conclude(
        failed, undecided, gaps, kind=kind, blocking_gaps=blocking_gaps, fail_on=settings.fail_on,
        judged=bool(assessment.worlds),
    )  # fmt: skip
    shown = {f.check for f in (*failed, *undecided)}
    summaries = settings.summaries(settings.library.checks[check] for check in sorted(shown))
    reports = assessment.reports()
    written = record.make(
        kind=kind, subject=subject, engine=__version__, corpus=settings.library.digest,
        settings=_said(settings), inputs=inputs, today=settings.today, roots=reports,
        findings=(*failed, *undecided), gaps=gaps, remedies=remedies, conclusion=ended,
    )  # fmt: skip
    paths = {place.path for f in (*failed, *undecided) for place in (*f.places, *f.callers)}
    paths |= {edit.path for r in remedies.values() if not isinstance(r, Abstained) for edit in r.draft.edits}
    sources = {path: data for path in sorted(paths) if (data := snapshot.read(path)) is not None}
    made = Review(
        kind=kind, subject=subject, base=base, head=head, roots=reports, checks=summaries, findings=failed,
        undecided=undecided, gaps=gaps, remedies=remedies, conclusion=ended, record=written, notes=tuple(notes),
        sources=sources,
    )  # fmt: skip
    return Run(made, assessor, assessment, snapshot, settings)


_CONFIGURATION = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json")
_MANIFESTS = (".yaml", ".yml", ".json")


def _folders(assessment: Assessment) -> frozenset[str]:
    return frozenset(
        {posixpath.dirname(path) for path in _files(assessment)} | {world.root.folder for world in assessment.worlds}
    )


def _unread_links(gaps: Iterable[Gap], assessment: Assessment, settings: Settings) -> Iterable[Gap]:
    """What looks like configuration and cannot be read, such as a link out of the tree: Terraform's files wherever
    they are, data and manifests in or below a folder that was judged."""
    judged = _folders(assessment)
    below = {world.root.folder for world in assessment.worlds if world.root.kind == "kubernetes"}
    for gap in gaps:
        path, folder = gap.path, posixpath.dirname(gap.path)
        inside = not settings.under or path.startswith(f"{settings.under}/")
        if settings.policy.excludes(path) or not (inside or folder in judged):
            continue
        near = folder in judged or any(not top or path.startswith(f"{top}/") for top in below)
        if path.endswith(_CONFIGURATION) or gap.kind != "unread" or (near and path.endswith(_MANIFESTS)):
            yield gap


def _digest_of(snapshot: Snapshot, assessment: Assessment, settings: Settings) -> str:
    """A digest of every file that had a say: configuration, waivers, the baseline."""
    return record.inputs_digest(snapshot, {*_files(assessment), waivers.PATH, settings.policy.baseline})


def _said(settings: Settings) -> Mapping[str, str]:
    """What the run was asked for, as the record keeps it: everything that can change what comes out."""
    said = {
        "policy": settings.policy.digest,
        "checks": " ".join(sorted(settings.only)),
        "skip": " ".join(sorted(settings.skip)),
        "severity": str(settings.severity or ""),
        "fail_on": str(settings.fail_on or ""),
        "under": settings.under,
        "drafts": "yes" if settings.drafts else "no",
        "roots": " ".join(f"{root.name}@{root.environment}:{','.join(root.var_files)}" for root in settings.roots),
        "baseline": "" if settings.baseline is None else _sha(sorted(settings.baseline.fingerprints)),
        "plan": "" if settings.plan is None else _sha(settings.plan),
    }
    return {name: text for name, text in said.items() if text}


def _sha(data: object) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --- drafts --------------------------------------------------------------------------------------------------------


def draft_remedies(
    findings: Sequence[Finding], assessment: Assessment, assessor: Assessor, settings: Settings,
    *, progress: Progress = _silent,
) -> Mapping[str, Remedy]:  # fmt: skip
    """For each finding, by fingerprint: the approved patch, or why there is none.

    One patch per resource with its findings together; when that is refused, one per finding. Patches of one review
    never overlap, and all of them together pass the gate on one tree; if they do not, the least severe is withheld.
    """
    remedies: dict[str, Remedy] = {}
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in worst_first(findings):
        groups.setdefault((finding.folder, without_keys(finding.address)), []).append(finding)
    approved: list[tuple[Approved, list[Finding]]] = []
    for number, group in enumerate(groups.values(), 1):
        progress(f"drafting {number} of {len(groups)}")
        for remedy, settled in _drafts_of(group, assessment, assessor, settings):
            for finding in settled:
                remedies[finding.fingerprint] = remedy
            if isinstance(remedy, Approved):
                approved.append((remedy, settled))
    for group, by_model in _by_model(findings, remedies, assessment, assessor, settings, progress):
        remedies |= {finding.fingerprint: by_model for finding in group}
        if isinstance(by_model, Approved):
            approved.append((by_model, group))
    for dropped, reason in _disagreeing(approved, assessment, assessor, settings):
        withheld = Withheld(dropped.draft, dropped.verdicts, reason)
        for fingerprint in dropped.draft.findings:
            remedies[fingerprint] = withheld
    return remedies


def _drafts_of(
    group: list[Finding], assessment: Assessment, assessor: Assessor, settings: Settings
) -> list[tuple[Remedy, list[Finding]]]:  # fmt: skip
    by_name = {finding.fingerprint: finding for finding in group}
    out: list[tuple[Remedy, list[Finding]]] = []
    for draft in _recipes(group, assessment, settings):
        settled = [by_name[fingerprint] for fingerprint in draft.findings]
        if isinstance(draft, Abstained):
            out.append((draft, settled))
            continue
        remedy = judge_patch(draft, settled, assessment, assessor, settings)
        if len(settled) == 1:
            out.append((remedy, settled))
        elif isinstance(remedy, Approved):
            out += _apart(remedy, settled, assessment, assessor, settings) if remedy.replaces else [(remedy, settled)]
        else:
            out += _one_by_one(settled, assessment, assessor, settings)
    return out


def _apart(
    whole: Approved, findings: Sequence[Finding], assessment: Assessment, assessor: Assessor, settings: Settings
) -> list[tuple[Remedy, list[Finding]]]:  # fmt: skip
    """A patch that destroys something, in two: what is settled without that is not held up by it."""
    calm: list[Finding] = []
    for finding in findings:
        alone = list(_recipes([finding], assessment, settings))
        if len(alone) == 1 and isinstance(alone[0], Patch):
            remedy = judge_patch(alone[0], [finding], assessment, assessor, settings)
            if isinstance(remedy, Approved) and not remedy.replaces:
                calm.append(finding)
    parts: list[tuple[Remedy, list[Finding]]] = []
    for part in (calm, [finding for finding in findings if finding not in calm]):
        drafts = list(_recipes(part, assessment, settings))
        if len(drafts) != 1 or not isinstance(drafts[0], Patch):
            return [(whole, list(findings))]
        remedy = judge_patch(drafts[0], part, assessment, assessor, settings)
        if not isinstance(remedy, Approved):
            return [(whole, list(findings))]
        parts.append((remedy, part))
    return parts


def _one_by_one(
    findings: Sequence[Finding], assessment: Assessment, assessor: Assessor, settings: Settings
) -> list[tuple[Remedy, list[Finding]]]:  # fmt: skip
    """Findings whose common patch was refused: what is approved alone, together again where that is approved too."""
    out: list[tuple[Remedy, list[Finding]]] = []
    good: list[tuple[Approved, Finding]] = []
    for finding in findings:
        for alone in _recipes([finding], assessment, settings):
            if isinstance(alone, Abstained):
                out.append((alone, [finding]))
                continue
            remedy = judge_patch(alone, [finding], assessment, assessor, settings)
            if isinstance(remedy, Approved):
                good.append((remedy, finding))
            else:
                out.append((remedy, [finding]))
    if 1 < len(good) < len(findings):
        together = recipes.combine([remedy.draft for remedy, _ in good], assessment.snapshot)
        if together is not None:
            remedy = judge_patch(together, [finding for _, finding in good], assessment, assessor, settings)
            if isinstance(remedy, Approved):
                return [*out, (remedy, [finding for _, finding in good])]
    return [*out, *((remedy, [finding]) for remedy, finding in good)]


def _recipes(group: Sequence[Finding], assessment: Assessment, settings: Settings) -> Iterable[Patch | Abstained]:
    """What the recipes draft for the findings of one resource, in the first root in which each occurs."""
    by_root: dict[tuple[str, str], list[Finding]] = {}
    for finding in group:
        occurrence = finding.occurrences[0]
        by_root.setdefault((occurrence.root, occurrence.environment), []).append(finding)
    for (root, environment), findings in by_root.items():
        world = assessment.world(root, environment)
        assert world is not None
        pairs = [(finding, settings.library.checks[finding.check]) for finding in findings]
        draft_group = manifests.draft_group if world.root.kind == "kubernetes" else recipes.draft_group
        yield from draft_group(pairs, world, assessment.snapshot, settings.policy.parameters_for(environment))


def _by_model(
    findings: Sequence[Finding], remedies: Mapping[str, Remedy], assessment: Assessment, assessor: Assessor,
    settings: Settings, progress: Progress,
) -> Iterable[tuple[list[Finding], Remedy]]:  # fmt: skip
    """What a language model drafts for the findings that recipes left: once for each resource, worst first, as many as the
    policy allows. Where nothing comes of what was drafted for several findings, each of them is asked about alone.

    Where a recipe waits for a parameter, the owners have a decision to take, and no model takes it for them.
    """
    drafter = settings.drafter
    if drafter is None:
        return
    left = [
        finding
        for finding in worst_first(findings)
        if isinstance(remedy := remedies.get(finding.fingerprint), Abstained) and not remedy.needs
    ]
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in left:
        first = finding.occurrences[0]
        key = (finding.folder, without_keys(finding.address), first.root, first.environment)
        groups.setdefault(key, []).append(finding)
    limit = settings.policy.limits.model_drafts
    asked = 0
    pending = list(groups.values())
    while pending:
        group = pending.pop(0)
        asked += 1
        if asked > limit:
            reason = f"one review asks a model for {limit} drafts at most (limits.model_drafts)"
            yield group, Abstained(tuple(finding.fingerprint for finding in group), reason)
            continue
        progress(f"asking {drafter.model.name} for draft {asked} of {min(asked + len(pending), limit)}")
        remedy = model_remedy(group, drafter, assessment, assessor, settings)
        if len(group) > 1 and not isinstance(remedy, Approved):
            pending[:0] = [[finding] for finding in group]
            continue
        yield group, remedy


def model_remedy(
    group: list[Finding], drafter: ModelDrafter, assessment: Assessment, assessor: Assessor, settings: Settings
) -> Remedy:
    """The gate's answer to a model's samples: the first that survives everything, and with which enough others agree."""
    from copilot.drafting import model

    occurrence = group[0].occurrences[0]
    names = tuple(finding.fingerprint for finding in group)
    world = assessment.world(occurrence.root, occurrence.environment)
    assert world is not None
    brief = drafter.brief(
        [(finding, settings.library.checks[finding.check]) for finding in group], world, assessment.snapshot,
        settings.policy.parameters_for(occurrence.environment), assessor.cache.read,
    )  # fmt: skip
    if isinstance(brief, str):
        return Abstained(names, brief)
    attempts: list[Attempt] = []
    cases: list[Case | None] = []
    judged: list[Withheld | None] = []

    def told(remedy: Withheld) -> Withheld:
        how = model.drafting(drafter.model.name, attempts)
        return replace(remedy, draft=replace(remedy.draft, drafting=how))

    for sample in range(drafter.samples):
        attempt = drafter.ask(brief, sample)
        case, answer = _examined(attempt, group, brief.shown, assessment, assessor, settings)
        while attempt.rounds < drafter.rounds and (attempt.mendable or isinstance(answer, Withheld)):
            wrong = attempt.reason if answer is None else model.problem(answer.verdicts[-1])
            attempt = drafter.mend(attempt, wrong)
            case, answer = _examined(attempt, group, brief.shown, assessment, assessor, settings)
        attempts.append(attempt)
        cases.append(case)
        judged.append(answer)
        if attempt.patch is None and sample == 0:  # a model that abstains or cannot answer is not asked for more
            how = model.drafting(drafter.model.name, attempts)
            return Abstained(names, attempt.reason, drafting=how)
    refused: Withheld | None = None
    for number, (case, answer) in enumerate(zip(cases, judged, strict=True)):
        if isinstance(answer, Withheld):
            refused = refused or answer
        if case is None or answer is not None:
            continue
        others = tuple(a.patch or model.nothing(a) for n, a in enumerate(attempts) if n != number)
        final = replace(case, alternatives=others)
        verdicts = gate.examine(final)
        agreed = confidence.agreeing(final)
        how = model.drafting(drafter.model.name, attempts, agreed=agreed)
        final.draft = replace(final.draft, drafting=how)
        remedy = gate.decide(final, verdicts)
        if isinstance(remedy, Approved):
            return remedy
        refused = remedy
    assert refused is not None
    return refused if refused.draft.drafting is not None else told(refused)


def _examined(
    attempt: Attempt, group: list[Finding], shown: tuple[Passage, ...], assessment: Assessment, assessor: Assessor,
    settings: Settings,
) -> tuple[Case | None, Withheld | None]:  # fmt: skip
    """A sample's case, and why it is refused for what it is in itself; whether others agree with it is asked last."""
    if attempt.patch is None:
        return None, None
    try:
        patched = apply(assessment.snapshot, attempt.patch.edits)
    except InvalidEdit as error:
        return None, gate.inapplicable(attempt.patch, error)
    case = replace(case_of(attempt.patch, patched, group, assessment, assessor, settings), shown=shown)
    alone = [name for name in gate.required("model", outside=case.tools.asked) if name != "confidence"]
    verdicts = gate.examine(case, only=alone)
    if verdicts[-1].outcome in ("fail", "unknown"):
        reason = f"{verdicts[-1].validator}: {verdicts[-1].reason}"
        return case, Withheld(attempt.patch, verdicts, reason)
    return case, None


def judge_patch(
    draft: Patch, targets: Sequence[Finding], assessment: Assessment, assessor: Assessor, settings: Settings,
    *, exhaustive: bool = False,
) -> Approved | Withheld:  # fmt: skip
    """The gate's answer to one patch of the assessed tree."""
    try:
        patched = apply(assessment.snapshot, draft.edits)
    except InvalidEdit as error:
        return gate.inapplicable(draft, error)
    return gate.judge(case_of(draft, patched, targets, assessment, assessor, settings), exhaustive=exhaustive)


def case_of(
    draft: Patch, patched: Patched, targets: Sequence[Finding], assessment: Assessment, assessor: Assessor,
    settings: Settings,
) -> Case:  # fmt: skip
    """The case of a patch: with every root that its targets or its files belong to."""
    wanted = {(o.root, o.environment) for target in targets for o in target.occurrences}
    folders = {posixpath.dirname(path) for path in patched.files}
    concerned = [
        world.root
        for world in assessment.worlds
        if (world.root.folder, world.root.environment) in wanted
        or any(path in world.files for path in patched.files)
        or any(posixpath.dirname(path) in folders for path in world.files)
    ]
    before = assessment.only(concerned)
    return Case(
        draft, patched, tuple(targets), tuple(concerned), before, assessor, settings.library.checks, tools=settings.tools,
        today=settings.today,
    )  # fmt: skip


UNION_ATTEMPTS = 12
"""How many patches are taken out, least severe first, to make the others hold together."""


def _disagreeing(
    approved: Sequence[tuple[Approved, list[Finding]]], assessment: Assessment, assessor: Assessor, settings: Settings
) -> list[tuple[Approved, str]]:  # fmt: skip
    """Approved patches that cannot stand beside the others: the less severe gives way, and on the same lines what destroys."""
    out: list[tuple[Approved, str]] = []
    kept: list[tuple[Approved, list[Finding]]] = []
    lines: dict[str, list[tuple[int, int]]] = {}
    for remedy, settled in sorted(
        approved, key=lambda pair: (bool(pair[0].replaces), -max(f.severity for f in pair[1]))
    ):
        patched = apply(assessment.snapshot, remedy.draft.edits)
        ranges = [(h.path, h.before[0], max(h.before[1], h.before[0] + 1)) for h in patched.hunks]
        if any(low < end and start < high for path, start, end in ranges for low, high in lines.get(path, ())):
            other = "a finding that needs no resource destroyed" if remedy.replaces else "a more severe finding"
            out.append((remedy, f"it overlaps the patch of {other}; run again once that is applied"))
            continue
        for path, start, end in ranges:
            lines.setdefault(path, []).append((start, end))
        kept.append((remedy, settled))
    kept.sort(key=lambda pair: -max(f.severity for f in pair[1]))
    for attempt in range(len(kept)):
        problem = _union_problem(kept, assessment, assessor, settings) if len(kept) > 1 else ""
        if not problem:
            break
        # Somewhere among many the culprit stands; looking for it one by one ends, and then none is shown.
        last = kept[-1:] if attempt < UNION_ATTEMPTS else kept
        for dropped, _ in last:
            out.append((dropped, f"together with the other patches it does not hold ({problem}); apply those first"))
        kept = kept[: -len(last)]
    return out


def _union_problem(
    kept: Sequence[tuple[Approved, list[Finding]]], assessment: Assessment, assessor: Assessor, settings: Settings
) -> str:  # fmt: skip
    """Why the approved patches do not hold on one tree; "" when they do."""
    targets = [finding for _, settled in kept for finding in settled]
    first = kept[0][0].draft
    try:
        edits = merged(assessment.snapshot, [remedy.draft.edits for remedy, _ in kept])
        union = replace(
            first, findings=tuple(t.fingerprint for t in targets), edits=edits, summary="all patches together"
        )
        patched = apply(assessment.snapshot, union.edits)
    except InvalidEdit as error:
        return str(error)
    case = case_of(union, patched, targets, assessment, assessor, settings)
    for verdict in gate.examine(case, only=("valid", "resolves", "honest", "no_new_findings")):
        if verdict.outcome not in ("pass", "not_applicable"):
            return f"{verdict.validator}: {verdict.reason}"
    return ""
