"""Policy drafting: Prose2Policy's three figures, over all drafts and over those that the gate let through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from evals.cases import PolicyCase

Draft = Callable[[PolicyCase], Mapping[str, Any]]
"""A case -> {state: posted | withheld | abstained, by, reason, compiles, controls: [ids], text, answers: {fixture: verdict}}."""


def solve(case: PolicyCase, draft: Draft) -> dict[str, Any]:
    """The drafted policy with what it says of every fixture."""
    return dict(draft(case))


def score(case: PolicyCase, result: Mapping[str, Any]) -> dict[str, Any]:
    """Whether it compiles, denies what is to be denied, allows what is to be allowed, and names a right control."""
    answers = result["answers"]
    by_kind: dict[str, list[bool]] = {"deny": [], "allow": [], "other": []}
    wrong = []
    for fixture in case.fixtures:
        said = answers.get(fixture.name, "none")
        ok = said == fixture.expect
        by_kind[fixture.expect if fixture.expect in by_kind else "other"].append(ok)
        if not ok:
            wrong.append(f"{fixture.name}: {said}, expected {fixture.expect}")
    posted = result["state"] == "posted"
    return {
        "state": result["state"], "by": result["by"], "reason": result["reason"], "posted": posted,
        "compiles": bool(result["compiles"]), "deny": [sum(by_kind["deny"]), len(by_kind["deny"])],
        "allow": [sum(by_kind["allow"]), len(by_kind["allow"])], "other": [sum(by_kind["other"]), len(by_kind["other"])],
        "mapped": bool(set(result["controls"]) & set(case.controls)), "wrong": wrong,
        "right": not wrong if posted else None,
    }  # fmt: skip
