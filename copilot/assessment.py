"""An assessment: every check on every root of one tree, with what passed, failed, stayed undecided, or was not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from copilot import findings
from copilot.checks.evaluate import Judgement, JudgementVerdict, judge_world, looks_beside, rejudge
from copilot.checks.language import Check
from copilot.iac.terraform import Earlier, SourceCache, evaluate_root
from copilot.model import Finding, Gap, Outcome, Resource, Root, RootReport, World, signature
from copilot.snapshot import Snapshot

Key = tuple[str, str, str, str]
"""Check, root folder, environment, address."""


ResourceKey = tuple[str, str]
"""Mode and address."""


def _signed(resource: Resource) -> object:
    return resource.conditional, resource.ignored, signature(resource.body)


@dataclass(frozen=True, eq=False)
class Assessment:
    """What the checks say of one tree, root by root."""

    snapshot: Snapshot
    worlds: tuple[World, ...]
    judgements: tuple[tuple[Judgement, ...], ...]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Failed and undecided findings, those of several roots merged."""
        pairs = zip(self.worlds, self.judgements, strict=True)
        return findings.merge(f for world, judged in pairs for f in findings.gather(world, judged))

    @cached_property
    def verdicts(self) -> Mapping[Key, JudgementVerdict]:
        """The verdict of every check on every resource that it covers."""
        return {
            (j.check.id, world.root.folder, world.root.environment, j.resource.address): j.verdict
            for world, judged in zip(self.worlds, self.judgements, strict=True)
            for j in judged
        }

    @cached_property
    def passed(self) -> frozenset[tuple[str, str, str]]:
        """(check, root folder, address) that passed."""
        return frozenset((key[0], key[1], key[3]) for key, verdict in self.verdicts.items() if verdict == "pass")

    @cached_property
    def signatures(self) -> tuple[Mapping[ResourceKey, object], ...]:
        """For each world, what each resource is, so that two trees can be compared: values and origins, no places."""
        return tuple({(r.mode, r.address): _signed(r) for r in world.resources} for world in self.worlds)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read or seen in the roots; read last, since evaluation is lazy."""
        return tuple(dict.fromkeys(gap for world in self.worlds for gap in world.gaps))

    def only(self, roots: Iterable[Root]) -> Assessment:
        """The part of this assessment that is about these roots."""
        wanted = set(roots)
        pairs = [(w, j) for w, j in zip(self.worlds, self.judgements, strict=True) if w.root in wanted]
        return Assessment(self.snapshot, tuple(w for w, _ in pairs), tuple(j for _, j in pairs))

    def world(self, root: str, environment: str) -> World | None:
        """The world of the root folder in the environment."""
        for world in self.worlds:
            if world.root.folder == root and world.root.environment == environment:
                return world
        return None

    def reports(self) -> tuple[RootReport, ...]:
        """The counts of each root."""
        out = []
        for world, judged in zip(self.worlds, self.judgements, strict=True):
            tally = dict.fromkeys(("pass", "fail", "undecided", "not_applicable"), 0)
            for judgement in judged:
                tally[judgement.verdict] += 1
            root = world.root
            count = sum(1 for r in world.resources if r.mode in ("managed", "object"))
            out.append(
                RootReport(
                    root.name,
                    root.environment,
                    root.kind,
                    len(world.files),
                    count,
                    tally["pass"],
                    tally["fail"],
                    tally["undecided"],
                    tally["not_applicable"],
                )  # fmt: skip
            )
        return tuple(out)


def _signatures(new: World, old: World, signed: Mapping[ResourceKey, object]) -> Mapping[ResourceKey, object]:
    """The signatures of a world, those of resources taken over from an earlier one included as they were."""
    same = {id(resource) for resource in old.resources}
    return {
        (r.mode, r.address): signed[r.mode, r.address] if id(r) in same else _signed(r) for r in new.resources
    }  # fmt: skip


_UNSAID = Outcome(True, None)


class Assessor:
    """Assesses trees with one set of checks and parameters; files are read once however many trees they stand in."""

    def __init__(
        self,
        checks: Callable[[Iterable[str]], Iterable[Check]],
        parameters: Callable[[str], Mapping[str, Any]],
        plan: Mapping[str, Any] | None = None,
        *,
        explains_passes: bool = True,
    ) -> None:
        self.checks_for = checks
        """The checks that can concern resources of these types."""
        self.parameters = parameters
        """The parameters that hold in an environment."""
        self.plan = plan
        """A Terraform plan of the one root that is judged, laid over its configuration."""
        self.explains_passes = explains_passes
        """Whether what passed or does not apply keeps its explanation, which only the gate and `explain` read."""
        self.cache = SourceCache()

    def evaluate(self, snapshot: Snapshot, root: Root, earlier: Earlier | None = None) -> World:
        """The world of a root, whatever it is written in; with an earlier world of it, what did not change is taken
        over from there."""
        if root.kind == "kubernetes":
            from copilot.iac.kubernetes import evaluate_manifests

            return evaluate_manifests(snapshot, root)
        world = evaluate_root(snapshot, root, cache=self.cache, earlier=earlier if self.plan is None else None)
        if self.plan is None:
            return world
        from copilot.iac.plan import overlay

        return overlay(world, self.plan)

    def judge(self, world: World) -> tuple[Judgement, ...]:
        """Every judgement of one world."""
        judged = judge_world(self.checks_for(world.by_type), world, self.parameters(world.root.environment))
        if self.explains_passes:
            return tuple(judged)
        return tuple(replace(j, outcome=_UNSAID) if j.verdict in ("pass", "not_applicable") else j for j in judged)

    def assess(self, snapshot: Snapshot, roots: Iterable[Root]) -> Assessment:
        """The assessment of these roots of a tree."""
        worlds = tuple(self.evaluate(snapshot, root) for root in roots)
        return Assessment(snapshot, worlds, tuple(self.judge(world) for world in worlds))

    def reassess(self, before: Assessment, snapshot: Snapshot) -> Assessment:
        """The assessment of a changed tree, in the roots of an earlier one.

        What a check says of a resource is taken over where neither the resource nor anything that the check looks at
        beside it differs; only the rest is judged. Places in what is taken over are those of the earlier tree.
        """
        changed = frozenset(p for p in snapshot.layered_paths if snapshot.read(p) != before.snapshot.read(p))
        worlds = tuple(self.evaluate(snapshot, old.root, Earlier(old, changed)) for old in before.worlds)
        after = Assessment(snapshot, worlds, ())
        after.__dict__["signatures"] = tuple(
            _signatures(new, old, signed)
            for new, old, signed in zip(worlds, before.worlds, before.signatures, strict=True)
        )
        judged = tuple(
            self._rejudged(old, judgements, olds, new, news)
            for old, judgements, olds, new, news in zip(
                before.worlds, before.judgements, before.signatures, worlds, after.signatures, strict=True
            )
        )
        made = Assessment(snapshot, worlds, judged)
        made.__dict__["signatures"] = after.signatures
        return made

    def _rejudged(
        self, old: World, judgements: tuple[Judgement, ...], olds: Mapping[ResourceKey, object],
        new: World, news: Mapping[ResourceKey, object],
    ) -> tuple[Judgement, ...]:  # fmt: skip
        changed = {key for key in {**olds, **news} if olds.get(key) != news.get(key)}
        if not changed and old.closed == new.closed and old.escaped == new.escaped:
            return judgements
        resources: dict[ResourceKey, Resource] = {
            (r.mode, r.address): r for world in (old, new) for r in world.resources
        }
        types = {f"data.{r.type}" if r.mode == "data" else r.type for key in changed if (r := resources[key])}
        everything = old.closed != new.closed or old.escaped != new.escaped
        known = {(j.check.id, j.resource.mode, j.resource.address): j for j in judgements}
        parameters = self.parameters(new.root.environment)
        return tuple(
            rejudge(
                self.checks_for(new.by_type), new, parameters,
                lambda check, resource: None
                if everything or (resource.mode, resource.address) in changed or looks_beside(check, types)
                else known.get((check.id, resource.mode, resource.address)),
            )
        )  # fmt: skip
