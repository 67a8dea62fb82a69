"""A draft on a small tree, as a validator is handed it: one finding of a shipped check, and whatever patch a test writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from copilot.edits.patched import apply, edits_between
from copilot.model import Citation, Patch, Verdict
from copilot.pipeline import case_of
from copilot.snapshot import Snapshot
from tests.trees import KEY, assess, key, settings
from validators.case import Case, Validator

TREE = {"main.tf": key()}
FIXED = {"main.tf": key(more="  enable_key_rotation = true\n")}


def case(
    before: Mapping[str, str] = TREE, after: Mapping[str, str] = FIXED, *, summary: str = "Rotate the key every year",
    cites: tuple[Citation, ...] = (), origin: Any = "model", checks: tuple[str, ...] = (KEY,), **more: Any,
) -> Case:  # fmt: skip
    """The case of the change between two trees; what fails before is what it claims to settle."""
    old, new = Snapshot.of(before), Snapshot.of(after)
    edits = edits_between(old, new)
    found = assess(before, checks=checks)
    draft = Patch(tuple(f.fingerprint for f in found.findings), edits, origin, "safe", summary, cites=cites)
    given = settings(*checks)
    return replace(case_of(draft, apply(old, edits), found.findings, found, given.assessor(), given), **more)


def told(validator: Validator, of: Case) -> str:
    """Why the validator refuses; "" when it passes."""
    verdict: Verdict = validator(of)
    assert verdict.outcome in ("pass", "fail"), verdict
    return verdict.reason if verdict.outcome == "fail" else ""


def adding(lines: str, file: str = "main.tf") -> dict[str, str]:
    """The repaired tree with more in it."""
    return {**FIXED, file: FIXED.get(file, "") + lines}
