"""A case: one drafted patch on one tree, with everything a validator may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from copilot.assessment import Assessment, Assessor
from copilot.checks.evaluate import judge
from copilot.checks.language import Check
from copilot.edits.patched import Patched
from copilot.iac.syntax import Block, Body, Source
from copilot.iac.terraform import Earlier, configuration_files
from copilot.model import Finding, Passage, Patch, Resource, Root, Verdict, VerdictOutcome, World
from copilot.scanners.checkov import Checkov
from copilot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs outside that take part: a Checkov, and whether the policy wants its opinion (`demanded`) or only takes it."""

    checkov: Checkov | None = None
    demanded: bool = False

    @property
    def asked(self) -> bool:
        """Whether a second opinion belongs to the verdicts that a draft needs."""
        return self.demanded or self.checkov is not None


NO_TOOLS = Tools()
"""Nothing outside is asked."""


@dataclass(eq=False)
class Case:
    """What is judged, and the two trees: as they are, and with the draft applied.

    `targets` are the findings that the draft claims to settle, as they stand before; `roots` every root that the
    targets or the edited files belong to; `before` their assessment. Nothing here is of the draft's own making but
    `draft` and `patched`. `shown` are the passages that a model was shown; `alternatives` what its other samples drafted
    for the same findings (one that drafted nothing is a patch without edits). `tools` are programs outside that are asked;
    `today` is the day of the run.
    """

    draft: Patch
    patched: Patched
    targets: tuple[Finding, ...]
    roots: tuple[Root, ...]
    before: Assessment
    assessor: Assessor
    checks: Mapping[str, Check]
    shown: tuple[Passage, ...] = ()
    alternatives: tuple[Patch, ...] = ()
    tools: Tools = NO_TOOLS
    today: date | None = None

    @cached_property
    def after(self) -> Assessment:
        """The assessment of the patched tree."""
        return self.assessor.reassess(self.before, self.patched.after)

    def verdict(self, validator: str, outcome: VerdictOutcome, reason: str) -> Verdict:
        """A verdict on this draft and this tree."""
        return Verdict(validator, outcome, reason, self.draft.digest, self.patched.tree)

    # --- what validators ask ---

    @cached_property
    def severity(self) -> int:
        """The least severity among the targets."""
        return min((target.severity for target in self.targets), default=0)

    def pairs(self) -> Iterator[tuple[World, World]]:
        """Each root before and after."""
        yield from zip(self.before.worlds, self.after.worlds, strict=True)

    @cached_property
    def files(self) -> frozenset[str]:
        """Every file that an affected root reads, before or after."""
        return frozenset(
            path for assessment in (self.before, self.after) for world in assessment.worlds for path in world.files
        )

    def sources(self, snapshot: Snapshot) -> Iterator[Source]:
        """The syntax trees of the changed configuration files as they stand in one of the two trees."""
        for path in self.patched.files:
            data = snapshot.read(path)
            if data is not None and path.endswith((".tf", ".tf.json", ".tfvars", ".tfvars.json", ".tofu")):
                yield self.assessor.cache.read(path, data)

    def module_sources(self, snapshot: Snapshot, folder: str) -> list[Source]:
        """The syntax trees of every configuration file in a folder."""
        return [
            self.assessor.cache.read(path, snapshot.read(path) or b"") for path in configuration_files(snapshot, folder)
        ]

    def evaluated(self, snapshot: Snapshot, root: Root) -> World:
        """The world of a root in a variation of the patched tree."""
        old = self.before.world(root.folder, root.environment)
        if old is None:
            return self.assessor.evaluate(snapshot, root)
        before = self.before.snapshot
        changed = frozenset(path for path in snapshot.layered_paths if snapshot.read(path) != before.read(path))
        return self.assessor.evaluate(snapshot, root, Earlier(old, changed))

    def settled(self, snapshot: Snapshot, targets: Sequence[Finding] | None = None) -> bool:
        """Whether every occurrence of the targets passes on a tree; cheaper than a whole assessment."""
        wanted = self.targets if targets is None else targets
        needed = {(o.root, o.environment) for target in wanted for o in target.occurrences}
        for root in self.roots:
            if (root.folder, root.environment) not in needed:
                continue
            world = self.evaluated(snapshot, root)
            for target in wanted:
                for occurrence in target.occurrences:
                    if (occurrence.root, occurrence.environment) != (root.folder, root.environment):
                        continue
                    if self.state(world, target.check, occurrence.address) != "pass":
                        return False
        return True

    def state(self, world: World, check: str, address: str) -> str:
        """The verdict of a check on the resource at an address; "gone" when there is no such resource."""
        from copilot.checks.evaluate import root_subject

        known = self.checks[check]
        resource = root_subject(known, world) if address == "root" else world.by_address.get(address)
        if resource is None:
            return "gone"
        return judge(known, resource, world, self.assessor.parameters(world.root.environment)).verdict


Validator = Callable[[Case], Verdict]


def blocks(sources: Iterable[Source]) -> Iterator[tuple[Source, Block]]:
    """Every block of the files, nested ones too."""
    for source in sources:
        stack: list[Body] = [source.body]
        while stack:
            body = stack.pop()
            for block in body.blocks:
                yield source, block
                stack.append(block.body)


def managed(world: World) -> dict[str, Resource]:
    """The managed resources (and manifest objects) of a world by address."""
    return {r.address: r for r in world.resources if r.mode in ("managed", "object")}
