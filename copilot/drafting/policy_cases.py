"""Drafted policies and the cases that try them: small trees with the verdict that a requirement asks for.

Cases are made from the requirement alone, before there is a policy. A case is a tree that a provider would accept as far
as can be known; one that is not is dropped and counted, and none is ever changed to fit a policy.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from copilot.assessment import Assessment, Assessor
from copilot.checks.evaluate import Judgement, judge_world
from copilot.checks.language import Check
from copilot.edits.patched import apply
from copilot.errors import InvalidEdit
from copilot.iac import facts
from copilot.iac.syntax import Source
from copilot.iac.terraform import META_ARGUMENTS
from copilot.model import Citation, Edit, Patch, Root, World
from copilot.snapshot import Snapshot
from validators import valid
from validators.case import Case as PatchCase

Expected: TypeAlias = Literal["deny", "allow", "undecided", "not_applicable"]
Said: TypeAlias = Literal["deny", "undecided", "neither"]
"""What a policy says of a tree, in any language: it denies something, leaves something open, or does neither."""

MAX_CASES: Final = 40
MAX_FILES: Final = 8
MAX_BYTES: Final = 20_000
LEAST: Final = 2
"""How many cases that deny, and how many that allow, have to remain."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FILE = re.compile(r"(?:[a-z0-9_-]+/){0,3}[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.(?:tf|tfvars|yaml|yml)")


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """A tree, what a policy has to say of it, and why, in words of whoever wrote the case."""

    name: str
    expect: Expected
    why: str
    files: tuple[tuple[str, str], ...]

    @property
    def said(self) -> Said:
        """What is expected, in the words of every policy language."""
        return self.expect if self.expect in ("deny", "undecided") else "neither"

    @property
    def data(self) -> Mapping[str, bytes]:
        return {path: text.encode() for path, text in self.files}


@dataclass(frozen=True, slots=True)
class Policy:
    """A drafted policy with the cases that were made before it.

    `check` is the text of a `check.yaml`; `rego`, where the condition language does not reach, that of the `policy.rego`
    beside it. `parameters` are the values that the cases are judged with. `shown` are the ids of the passages that the
    model saw; `cites` those that it says it relied on, the first of them its control.
    """

    requirement: str
    understood: str
    assumptions: tuple[str, ...]
    check: str
    rego: str
    cases: tuple[PolicyCase, ...]
    parameters: tuple[tuple[str, Any], ...] = ()
    shown: tuple[str, ...] = ()
    cites: tuple[Citation, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over all that is applied or claimed."""
        said = [
            self.requirement, self.understood, list(self.assumptions), self.check, self.rego,
            list(map(list, self.parameters)), list(self.shown), [[c.passage, c.quote] for c in self.cites],
        ]  # fmt: skip
        return _sha(said)

    @property
    def tree(self) -> str:
        """SHA-256 over the cases: what a verdict was reached on."""
        return _sha([[c.name, c.expect, c.why, list(map(list, c.files))] for c in self.cases])


def _sha(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


# --- what may be a case -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dropped:
    """A case that is none, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The cases that are sane, and those that were dropped."""

    cases: tuple[PolicyCase, ...]
    dropped: tuple[Dropped, ...]

    @property
    def short(self) -> str:
        """Why these are too few to judge a policy by; "" when they are enough."""
        denied = sum(case.expect == "deny" for case in self.cases)
        allowed = sum(case.expect == "allow" for case in self.cases)
        if denied >= LEAST and allowed >= LEAST:
            return ""
        lost = (
            f" ({len(self.dropped)} dropped: {self.dropped[0].name}: {self.dropped[0].reason})" if self.dropped else ""
        )
        return f"{denied} cases that deny and {allowed} that allow remain, fewer than {LEAST} of each{lost}"


def sane(cases: Sequence[PolicyCase]) -> Kept:
    """The cases that can be read and that the provider would accept as far as its facts say."""
    kept: list[PolicyCase] = []
    dropped: list[Dropped] = []
    for number, case in enumerate(cases):
        reason = "there are too many" if number >= MAX_CASES else _problem(case)
        if not reason and any(other.name == case.name for other in kept):
            reason = "its name stands twice"
        if reason:
            dropped.append(Dropped(case.name[:60], reason))
        else:
            kept.append(case)
    return Kept(tuple(kept), tuple(dropped))


def _problem(case: PolicyCase) -> str:
    if not _NAME.fullmatch(case.name) or len(case.name) > 60:
        return "its name is not words of small letters and digits joined by hyphens"
    if not case.files or len(case.files) > MAX_FILES:
        return f"it has {len(case.files)} files"
    if len({path for path, _ in case.files}) < len(case.files):
        return "it has the same file twice"
    if wrong := next((path for path, _ in case.files if not _FILE.fullmatch(path)), None):
        return f"{wrong!r} is no name for a file of a case"
    if sum(len(text.encode("utf-8", "surrogatepass")) for _, text in case.files) > MAX_BYTES:
        return f"it is longer than {MAX_BYTES:,} bytes"
    try:
        world = world_of(case.data)
        if gap := next((gap for gap in world.gaps if gap.kind in ("unread", "out_of_sight")), None):
            return f"{gap.path}:{gap.line}: {gap.reason}"
        if not any(resource.mode in ("managed", "data", "object") for resource in world.resources):
            return "it holds no resource"
        if world.root.kind == "kubernetes":
            return ""
        for resource in world.resources:
            if strange := _strange(resource.mode, resource.type):
                return strange
        return next(iter(_refused(case.data, world)), "")
    except RecursionError:
        return "it is nested too deeply"
    except InvalidEdit as error:
        return str(error)


def _strange(mode: str, type: str) -> str:
    if mode == "managed" and type in ("kubernetes_manifest", "kubectl_manifest"):
        return f"no check reads the object in a {type}; as a manifest it is read"
    if mode not in ("managed", "data") or type.partition("_")[0] not in facts.PROVIDERS or facts.former(type):
        return ""
    known = facts.data_type(type) if mode == "data" else facts.resource_type(type)
    return f"the provider has no {'data source' if mode == 'data' else 'type'} {type}" if known is None else ""


def _refused(files: Mapping[str, bytes], world: World) -> list[str]:
    """What Terraform would refuse: the validator of patches, asked of the patch that writes the whole tree."""
    nothing = Snapshot({})
    edits = tuple(Edit(path, "", data.decode()) for path, data in sorted(files.items()))
    patch = Patch((), edits, "foreign", "safe", "a case")
    assessor = Assessor(lambda _: (), lambda _: {})
    before = Assessment(nothing, (), ())
    patched = apply(nothing, edits)
    case = PatchCase(patch, patched, (), (world.root,), before, assessor, {})
    # A case is an excerpt, as the examples of the corpus are: what it has nothing to do with may be left out of it.
    found = [problem for problem in valid.problems(case, patched) if not problem.endswith(" is required")]
    return [*found, *_unheard_of(case.sources(patched.after))]


def _unheard_of(sources: Iterable[Source]) -> Iterator[str]:
    """Arguments and blocks at the top of a resource that its type does not have in any version that is known."""
    for source in sources:
        for block in source.body.blocks:
            if block.type not in ("resource", "data") or len(block.labels) != 2:
                continue
            type = block.labels[0]
            known = facts.resource_type(type) if block.type == "resource" else facts.data_type(type)
            names = [a.name for a in block.body.attributes]
            names += [b.labels[0] if b.type == "dynamic" and b.labels else b.type for b in block.body.blocks]
            for name in names if known is not None else ():
                ours = name in META_ARGUMENTS or name == "timeouts" or facts.former(type, (name,))
                if not ours and known is not None and known.argument((name,)) is None:
                    yield f"{source.path}: {type}.{block.labels[1]}: there is no argument {name}"


# --- what a policy says of a case ---------------------------------------------------------------------------------


def world_of(files: Mapping[str, bytes]) -> World:
    """The evaluated tree of a case: a Terraform root at the top, or Kubernetes manifests where there is no `.tf`."""
    manifests = not any(name.endswith((".tf", ".tf.json")) for name in files)
    var_files = tuple(
        sorted(name for name in files if name.endswith(".tfvars") and not posixpath.dirname(name))
    )  # fmt: skip
    root = Root("", var_files=() if manifests else var_files, kind="kubernetes" if manifests else "terraform")
    return Assessor(lambda _: (), lambda _: {}).evaluate(Snapshot(dict(files)), root)


def judged(check: Check, world: World, parameters: Mapping[str, Any]) -> tuple[Judgement, ...]:
    """What the check says of each of its subjects."""
    return tuple(judge_world((check,), world, parameters))


def said(judgements: Iterable[Judgement]) -> Said:
    """The one word for all of it: a denial outweighs what is open."""
    verdicts = {judgement.verdict for judgement in judgements}
    return "deny" if "fail" in verdicts else "undecided" if "undecided" in verdicts else "neither"


def explained(judgements: Iterable[Judgement]) -> Iterator[str]:
    """A line for each subject: what was said of it, and the leaves that made it so."""
    for judgement in judgements:
        truth = {"pass": True, "fail": False, "undecided": None, "not_applicable": False}[judgement.verdict]
        leaves = [
            f"{leaf.path}: {leaf.reason}" if leaf.path else leaf.reason for leaf in judgement.outcome.culprits(truth)
        ]
        about = "; ".join(dict.fromkeys(filter(None, leaves))) or "nothing more is said"
        yield f"{judgement.resource.address} is {judgement.verdict} ({about[:300]})"
