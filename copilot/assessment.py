"""An assessment: every check on every root of one tree, with what passed, failed, stayed undecided, or was not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from copilot import findings
from copilot.checks.evaluate import Judgement, JudgementVerdict, judge_world
from copilot.checks.language import Check
from copilot.iac.terraform import SourceCache, evaluate_root
from copilot.model import Finding, Gap, Root, RootReport, World
from copilot.snapshot import Snapshot

Key = tuple[str, str, str, str]
"""Check, root folder, environment, address."""


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
                    root.name, root.environment, root.kind, len(world.files), count,
                    tally["pass"], tally["fail"], tally["undecided"], tally["not_applicable"],
                )  # fmt: skip
            )
        return tuple(out)


class Assessor:
    """Assesses trees with one set of checks and parameters; files are read once however many trees they stand in."""

    def __init__(
        self, checks: Callable[[Iterable[str]], Iterable[Check]], parameters: Callable[[str], Mapping[str, Any]]
    ) -> None:
        self.checks_for = checks
        """The checks that can concern resources of these types."""
        self.parameters = parameters
        """The parameters that hold in an environment."""
        self.cache = SourceCache()

    def evaluate(self, snapshot: Snapshot, root: Root) -> World:
        """The world of a root, whatever it is written in."""
        if root.kind == "kubernetes":
            from copilot.iac.kubernetes import evaluate_manifests

            return evaluate_manifests(snapshot, root)
        return evaluate_root(snapshot, root, cache=self.cache)

    def judge(self, world: World) -> tuple[Judgement, ...]:
        """Every judgement of one world."""
        return tuple(judge_world(self.checks_for(world.by_type), world, self.parameters(world.root.environment)))

    def assess(self, snapshot: Snapshot, roots: Iterable[Root]) -> Assessment:
        """The assessment of these roots of a tree."""
        worlds = tuple(self.evaluate(snapshot, root) for root in roots)
        return Assessment(snapshot, worlds, tuple(self.judge(world) for world in worlds))
