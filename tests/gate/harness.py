"""The gate under test: real trees, real checks, and patches whose honesty is known.

A case written by hand is a folder's worth of YAML: a tree (`tree`, and `base`, a folder of examples to start from), and
`edits` that make the patched tree of it (or `after`, whole files). Others are made from the corpus: see `mutations`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from copilot import gate, roots
from copilot.assessment import Assessor
from copilot.changes import Change
from copilot.checks import library as libraries
from copilot.edits.patched import apply, edits_between
from copilot.errors import InvalidEdit
from copilot.findings import merge, settled
from copilot.model import Approved, DraftOrigin, Patch
from copilot.pipeline import Settings, case_of
from copilot.policy import Policy
from copilot.snapshot import Snapshot

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent

PARAMETERS: Mapping[str, Any] = {
    "approved_kms_keys": [
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:eu-west-1:111122223333:key/0f2c5d3e-6f1a-4a57-9d0c-0d6d5f0c7a11",
    ],
    "allowed_networks": ["10.0.0.0/8", "192.168.0.0/16", "fd00::/8"],
    "log_bucket": "central-logs",
    "access_log_destination_arn": "arn:aws:s3:::central-logs",
    "log_retention_days": 365,
}
"""What the repository under test has said in its settings."""


@dataclass(frozen=True)
class Result:
    """What the gate said of one patch: whether it is approved, which validators refuse it, and why."""

    approved: bool
    refused_by: tuple[str, ...]
    reasons: tuple[str, ...]
    settles: tuple[str, ...]
    replaces: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The validator that a posting run would have stopped at."""
        return self.refused_by[0] if self.refused_by else ""


@dataclass(frozen=True)
class Example:
    """A patch by its two trees; `claims` are checks whose findings it says it settles, whether or not it
    does; `origin` is who drafted it. Two samples of a model came to the same."""

    name: str
    kind: str
    before: Snapshot = field(repr=False)
    after: Snapshot = field(repr=False)
    why: str = ""
    claims: frozenset[str] = frozenset()
    replaces: tuple[str, ...] = ()
    origin: DraftOrigin = "foreign"


@cache
def library() -> libraries.Library:
    """The shipped checks, read once a machine and day: reading them takes longer than judging a hundred patches."""
    return libraries.load(cache=Path(tempfile.gettempdir()) / f"ccopilot-gate-{os.getuid()}")


@cache
def settings(keys: tuple[str, ...] = ()) -> Settings:
    """The settings of a repository that has said which keys, networks and buckets it approves of."""
    known = {**PARAMETERS, "approved_kms_keys": [*PARAMETERS["approved_kms_keys"], *keys]}
    return Settings(library(), Policy(parameters=known), date(2026, 11, 1), lambda checks: {})


@cache
def assessor(keys: tuple[str, ...] = ()) -> Assessor:
    """One assessor for all cases: files that stand in several trees are read once."""
    return settings(keys).assessor()


def judge(example: Example, *, claims: frozenset[str] = frozenset(), keys: tuple[str, ...] = ()) -> Result:
    """The gate's answer. The patch settles what fails before and not after; with `claims`, what it says it settles."""
    set_up, known = settings(keys), assessor(keys)
    change = Change(example.before, example.after)
    found = roots.find_roots(change.before, set_up.policy, "", cache=known.cache).roots
    affected = roots.affected(found, change.before, change.after, change.paths, cache=known.cache)
    before = known.assess(change.before, affected)
    after = known.reassess(before, change.after)
    failing = [f for f in merge(before.findings) if f.status == "fail"]
    if claims:
        targets = [f for f in failing if f.check in claims]
    else:
        targets = list(settled(failing, after.findings))
        # What no longer applies is not settled by it, unless that is all there is: then the patch claims no better.
        targets = [
            f for f in targets
            if any(after.verdicts.get((f.check, o.root, o.environment, o.address)) in ("pass", "fail") for o in f.occurrences)
        ] or targets  # fmt: skip
    names = tuple(sorted({f.check for f in targets}))
    if not targets:
        return Result(False, ("settles nothing",), ("nothing that failed before passes after",), ())
    try:
        edits = edits_between(change.before, change.after)
        patched = apply(change.before, edits)
    except InvalidEdit as error:
        return Result(False, ("applies",), (str(error),), names)
    summary = f"a patch of {len(edits)} edits"
    patch = Patch(tuple(f.fingerprint for f in targets), edits, example.origin, "unknown", summary)
    of = case_of(patch, patched, targets, before, known, set_up)
    decided = gate.judge(replace(of, alternatives=(patch,)), exhaustive=True)
    refusing = [v for v in decided.verdicts if v.outcome in ("fail", "unknown")]
    replaces = decided.replaces if isinstance(decided, Approved) else ()
    return Result(
        isinstance(decided, Approved), tuple(v.validator for v in refusing), tuple(v.reason for v in refusing), names, replaces
    )  # fmt: skip


# --- cases written by hand ---


def written(folder: str) -> Iterator[Example]:
    """The cases of a folder beside this file."""
    for path in sorted((HERE / folder).rglob("*.yaml")):
        yield _read(path, (HERE / folder))


def _read(path: Path, top: Path) -> Example:
    data = yaml.safe_load(path.read_text("utf-8"))
    strange = set(data) - {"why", "base", "tree", "edits", "after", "claims", "replaces", "origin"}
    assert not strange, f"{path}: {strange}"
    before: dict[str, str | bytes] = {}
    if "base" in data:
        folder = REPOSITORY / data["base"]
        before = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    before |= data.get("tree", {})
    after: dict[str, str | bytes] = {**before, **{p: t for p, t in data.get("after", {}).items() if t is not None}}
    for name in [p for p, text in data.get("after", {}).items() if text is None]:
        del after[name]
    for edit in data.get("edits", ()):
        text = after[edit["path"]]
        text = text.decode() if isinstance(text, bytes) else text
        assert text.count(edit["find"]) == 1, f"{path}: {edit['find']!r} stands {text.count(edit['find'])} times"
        after[edit["path"]] = text.replace(edit["find"], edit["replace"])
    return Example(
        path.relative_to(top).with_suffix("").as_posix(), path.parent.name, Snapshot.of(before), Snapshot.of(after),
        data["why"], frozenset(data.get("claims", ())), tuple(data.get("replaces", ())), data.get("origin", "foreign"),
    )  # fmt: skip
