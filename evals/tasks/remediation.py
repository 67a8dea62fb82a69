"""Remediation: the real pipeline on a case's finding, and whether what was posted, or refused, was right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from copilot import gate, pipeline
from copilot.assessment import Assessment, Assessor
from copilot.drafting.model import Attempt, Brief, ModelDrafter, nothing
from copilot.edits.patched import Patched, apply
from copilot.errors import InvalidEdit
from copilot.llm.asking import LanguageModel
from copilot.model import Abstained, Approved, Finding, Patch, Remedy, Withheld
from copilot.roots import find_roots
from copilot.snapshot import Snapshot
from evals.cases import CaseInvalid, RemediationCase
from evals.holding import Judged, judge, tree_of
from validators import confidence


@dataclass(frozen=True)
class Watched(ModelDrafter):
    """A drafter that keeps every attempt, those that were mended too."""

    attempts: list[Attempt] = field(default_factory=list)

    def ask(self, brief: Brief, sample: int) -> Attempt:
        """What the model drafts."""
        return self._kept(ModelDrafter.ask(self, brief, sample))

    def mend(self, attempt: Attempt, problem: str) -> Attempt:
        """What the model makes of a note."""
        return self._kept(ModelDrafter.mend(self, attempt, problem))

    def _kept(self, attempt: Attempt) -> Attempt:
        self.attempts.append(attempt)
        return attempt


@dataclass(frozen=True)
class Stage:
    """A case's tree, assessed, with the finding that it is about."""

    settings: pipeline.Settings
    assessor: Assessor
    assessment: Assessment
    finding: Finding

    @classmethod
    def of(cls, id: str, tree: Snapshot, check: str, address: str, settings: pipeline.Settings) -> Stage:
        """The stage of a case; CaseInvalid when the tree has no such finding."""
        assessor = settings.assessor()
        assessment = assessor.assess(tree, find_roots(tree, settings.policy, cache=assessor.cache).roots)
        ids = settings.library.resolve(check)
        for finding in assessment.findings:
            named = {finding.address, *(occurrence.address for occurrence in finding.occurrences)}
            if finding.status == "fail" and finding.check in ids and address in named:
                return cls(settings, assessor, assessment, finding)
        raise CaseInvalid(f"{id}: {check} does not fail on {address} in its tree")

    def draft(self) -> Remedy:
        """What the pipeline makes of the finding."""
        made = pipeline.draft_remedies([self.finding], self.assessment, self.assessor, self.settings)
        return made[self.finding.fingerprint]

    def draft_by_model(self) -> Remedy:
        """What the settings' model makes of the finding, whatever a recipe knows of it or waits for."""
        assert self.settings.drafter is not None
        return pipeline.model_remedy(
            [self.finding], self.settings.drafter, self.assessment, self.assessor, self.settings
        )  # fmt: skip

    def patched(self, patch: Patch) -> Patched | None:
        """The tree with a patch; None when it does not apply."""
        try:
            return apply(self.assessment.snapshot, patch.edits)
        except InvalidEdit:
            return None


def solve(
    case: RemediationCase, settings: pipeline.Settings, model: LanguageModel, redactor: Any, *, samples: int
) -> dict[str, Any]:
    """What was posted or why nothing was, and every draft on the way with every validator's verdict, as JSON data."""
    drafter = Watched(model, redactor, samples=samples)
    stage = Stage.of(case.id, case.tree, case.check, case.address, replace(settings, drafter=drafter, drafts=True))
    remedy = stage.draft()
    posted = _patch_of(remedy) if isinstance(remedy, Approved) else None
    last = {attempt.sample: attempt for attempt in drafter.attempts}
    drafts: list[dict[str, Any]] = []
    for attempt in drafter.attempts:
        if attempt.patch is not None:
            others = tuple(a.patch or nothing(a) for n, a in sorted(last.items()) if n != attempt.sample)
            drafts.append(
                _drafted(stage, attempt.patch, others, attempt.brief, sample=attempt.sample, round=attempt.rounds)
                | {"final": last[attempt.sample] is attempt}
            )
    if posted is not None and posted.origin != "model":
        drafts.append(_drafted(stage, posted, (), None, sample=0, round=0) | {"final": True})
    elif isinstance(remedy, Withheld) and remedy.draft.origin == "recipe":
        drafts.append(_drafted(stage, remedy.draft, (), None, sample=0, round=0) | {"final": True})
    return {
        "state": {Approved: "posted", Withheld: "withheld", Abstained: "abstained"}[type(remedy)],
        "reason": "" if isinstance(remedy, Approved) else remedy.reason,
        "by": remedy.reason.split(":")[0] if isinstance(remedy, Withheld) else "",
        "posted": None if posted is None else _edits(posted),
        "origin": "" if isinstance(remedy, Abstained) else remedy.draft.origin,
        "diff": remedy.diff if isinstance(remedy, Approved) else "",
        "drafts": drafts,
    }


def _patch_of(remedy: Approved) -> Patch:
    return remedy.draft


def _edits(patch: Patch) -> list[list[Any]]:
    return [[edit.path, edit.find, edit.replace] for edit in patch.edits]


def _drafted(
    stage: Stage, patch: Patch, others: tuple[Patch, ...], brief: Brief | None, *, sample: int, round: int
) -> dict[str, Any]:
    patched = stage.patched(patch)
    shared = {
        "sample": sample, "round": round, "edits": _edits(patch), "summary": patch.summary, "origin": patch.origin,
        "safety": patch.safety,
    }  # fmt: skip
    if patched is None:
        return {
            **shared,
            "diff": "",
            "agreed": 0,
            "drawn": 1 + len(others),
            "verdicts": [["applies", "fail", "it does not apply"]],
        }
    case = pipeline.case_of(patch, patched, [stage.finding], stage.assessment, stage.assessor, stage.settings)
    case = replace(case, alternatives=others, shown=brief.shown if brief is not None else ())
    verdicts = gate.examine(case, exhaustive=True)
    return {
        **shared, "diff": patched.diff, "agreed": confidence.agreeing(case), "drawn": 1 + len(others),
        "verdicts": [[v.validator, v.outcome, v.reason] for v in verdicts],
    }  # fmt: skip


# --- what it is worth ----------------------------------------------------------------------------------------------


def score(case: RemediationCase, result: Mapping[str, Any], settings: pipeline.Settings) -> dict[str, Any]:
    """Whether what was posted is right, and each draft that was not, by the case's own assertions alone."""
    trees = Trees(case.tree, settings)
    judged = [trees.judge(case, draft["edits"]) for draft in result["drafts"]]
    right = None
    broken: tuple[str, ...] = ()
    if result["posted"] is not None:
        outcome = trees.judge(case, result["posted"])
        right, broken = outcome.right, outcome.broken
    drafts = []
    for draft, outcome in zip(result["drafts"], judged, strict=True):
        refusing = [name for name, verdict, _ in draft["verdicts"] if verdict in ("fail", "unknown")]
        alone = [name for name in refusing if name != "confidence"]
        drafts.append({
            "sample": draft["sample"], "round": draft["round"], "final": draft["final"], "right": outcome.right,
            "broken": list(outcome.broken), "refused_by": refusing, "survives": not alone,
            "confidence": draft["agreed"] / draft["drawn"],
        })  # fmt: skip
    chosen = next((d for d in drafts if d["final"] and d["survives"]), next((d for d in drafts if d["final"]), None))
    return {
        "state": result["state"], "by": result["by"], "reason": result["reason"], "hopeless": case.hopeless,
        "posted": result["posted"] is not None, "right": right, "broken": list(broken), "drafts": drafts, "chosen": chosen,
    }  # fmt: skip


@dataclass
class Trees:
    """The resources of a tree before and after patches, evaluated by the reader alone."""

    before: Snapshot
    settings: pipeline.Settings

    def judge(self, case: RemediationCase, edits: list[list[Any]]) -> Judged:
        """Hold a patch to the case; one that does not apply is not right, nor is any where only a person can decide."""
        from copilot.model import Edit

        try:
            after = apply(self.before, [Edit(*edit) for edit in edits]).after
        except InvalidEdit as error:
            return Judged(False, (f"does not apply: {error}",))
        if case.hopeless:
            return Judged(False, ("only a person can decide this; nothing was to be posted",))
        return judge(case.must_hold, case.must_not_change, self.of(self.before), self.of(after), address=case.address)

    def of(self, snapshot: Snapshot) -> tuple[Any, ...]:
        """The trees of the roots of a snapshot."""
        assessor = self.settings.assessor()
        found = find_roots(self.before, self.settings.policy, cache=assessor.cache).roots
        return tuple(tree_of(assessor.evaluate(snapshot, root)) for root in found)
