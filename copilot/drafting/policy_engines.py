"""Rego of a policy, compiled or written by a model, asked of whole trees in the sandbox; never in this process."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from copilot import sandbox
from copilot.checks.language import Check
from copilot.drafting.policy_cases import Said
from copilot.model import Resource, World, plain

LIMITS: Final = sandbox.Limits(cpu_seconds=4, wall_seconds=10.0)
"""For all cases of one policy together."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a policy says of one tree; `said` None where it does not come to an answer, with the reason."""

    said: Said | None
    reason: str = ""


class Engine(Protocol):
    """Whatever evaluates Rego of strangers on trees."""

    def available(self) -> str:
        """Why it cannot, in a sentence; "" when it can."""
        ...

    def refused(self, source: str) -> str:
        """Why this Rego is not evaluated: it does not parse, or calls what it may not; "" when it is."""
        ...

    def ask(
        self, source: str, check: Check, worlds: Sequence[World], parameters: Mapping[str, Any]
    ) -> tuple[Ruling, ...]:
        """What it says of each tree; the check names the subjects."""
        ...

    def covered(
        self, source: str, check: Check, worlds: Sequence[World], parameters: Mapping[str, Any]
    ) -> tuple[float, tuple[int, ...]]:
        """The share of its lines that these trees reach, and those that they miss."""
        ...


WRITTEN: Final = "ccopilot.check"
"""The package of Rego that a model writes, as of every check's `policy.rego`."""


class Written:
    """Rego beside a check: `deny` and `undecided` over one resource and all of its root, asked subject by subject."""

    package = WRITTEN

    def available(self) -> str:
        """Why there is no sandbox here; "" when there is one."""
        return sandbox.available()

    def refused(self, source: str) -> str:
        """The first fault of the text: package, syntax, what it calls, a `deny` that is missing."""
        found = sandbox.inspect([("policy.rego", source)])
        if found.outcome != "read":
            return found.reason or found.outcome
        if found.packages != (self.package,):
            return f"it is of package {', '.join(found.packages)}, not {self.package}"
        if "deny" not in found.rules:
            return "it defines no deny"
        outside = sorted(name for name in found.imports if not re.fullmatch(r"rego\.v1|future\.keywords.*", name))
        return f"it imports {outside[0]}" if outside else ""

    def ask(
        self, source: str, check: Check, worlds: Sequence[World], parameters: Mapping[str, Any]
    ) -> tuple[Ruling, ...]:
        """What the two rules hold for each subject, put together tree by tree."""
        queries, spans = self._queries(check, worlds, parameters)
        results = sandbox.evaluate_many([("policy.rego", source)], queries, limits=LIMITS)
        return tuple(_ruling(results[start:end]) for start, end in spans)

    def covered(
        self, source: str, check: Check, worlds: Sequence[World], parameters: Mapping[str, Any]
    ) -> tuple[float, tuple[int, ...]]:
        """By the engine's own report."""
        queries, _ = self._queries(check, worlds, parameters)
        lines = sandbox.coverage([("policy.rego", source)], queries, limits=LIMITS).lines.get("policy.rego")
        return (0.0, ()) if lines is None else (lines.rate, tuple(sorted(lines.missed)))

    def _queries(
        self, check: Check, worlds: Sequence[World], parameters: Mapping[str, Any]
    ) -> tuple[list[tuple[str, Any]], list[tuple[int, int]]]:
        queries: list[tuple[str, Any]] = []
        spans: list[tuple[int, int]] = []
        for world in worlds:
            start = len(queries)
            everything = [_as_data(resource) for resource in world.resources]
            for resource in world.resources:
                if check.subject.covers(resource.mode, resource.type):
                    input = {"resource": _as_data(resource), "resources": everything, "parameters": dict(parameters)}
                    queries += [(f"data.{self.package}.{rule}", input) for rule in ("deny", "undecided")]
            spans.append((start, len(queries)))
        return queries, spans


def _as_data(resource: Resource) -> dict[str, Any]:
    return {
        "address": resource.address, "type": resource.type, "name": resource.name, "values": plain(resource.body),
    }  # fmt: skip


def _ruling(results: Sequence[sandbox.Result]) -> Ruling:
    """What pairs of (deny, undecided) come to; a fault in one is a fault of all."""
    said: Said = "neither"
    for number, result in enumerate(results):
        if result.outcome == "undefined" and number % 2:
            continue  # a policy need not say what it leaves open
        if result.outcome != "value":
            return Ruling(None, f"{result.outcome}: {result.reason}"[:300])
        if not isinstance(result.value, list):
            return Ruling(None, f"{'undecided' if number % 2 else 'deny'} is not a set")
        if result.value:
            said = "deny" if number % 2 == 0 or said == "deny" else "undecided"
    return Ruling(said)
