"""Scripted answers about one requirement, for the tests of drafted policies."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from copilot import policymaking
from copilot.checks import library
from copilot.drafting.policies import Drafted, draft
from copilot.drafting.policy_gate import Bench
from copilot.llm.scripted import Line, Scripted
from copilot.model import Passage

REQUIREMENT = "Log groups keep their events for at least 90 days."


def tree(body: str, type: str = "aws_cloudwatch_log_group", before: str = "") -> list[dict[str, str]]:
    return [{"path": "main.tf", "text": f'{before}resource "{type}" "app" {{\n  name = "app"\n{body}}}\n'}]


def case(name: str, expect: str, files: list[dict[str, str]]) -> dict[str, Any]:
    return {"name": name, "expect": expect, "why": f"{name} as the requirement has it.", "files": files}


MODULE = [
    {"path": "main.tf", "text": 'module "logs" {\n  source = "./logs"\n  days   = 30\n}\n'},
    {
        "path": "logs/main.tf",
        "text": 'variable "days" {}\n\nresource "aws_cloudwatch_log_group" "app" {\n'
        '  name              = "app"\n  retention_in_days = var.days\n}\n',
    },
]

CASES = [
    case("just-below", "deny", tree("  retention_in_days = 89\n")),
    case("through-a-module", "deny", MODULE),
    case("one-day", "deny", tree("  retention_in_days = 1\n")),
    case("exactly-at-the-bound", "allow", tree("  retention_in_days = 90\n")),
    case("a-year", "allow", tree("  retention_in_days = 365\n")),
    case("never-expires", "allow", tree("  retention_in_days = 0\n")),
    case("left-out-never-expires", "allow", tree("")),
    case("unset", "undecided", tree("  retention_in_days = var.days\n", before='variable "days" {}\n\n')),
    case("a-queue", "not_applicable", tree("", type="aws_sqs_queue")),
]

CHECK = """\
id: own-log-retention-90
title: Log groups keep events for 90 days
message: drops its events before 90 days are over
rationale: An attack is often found weeks after it began; by then the events that show it must still be there.
control: log-retention
severity: medium
subject: {types: [aws_cloudwatch_log_group]}
must:
  any:
    - {path: retention_in_days, equals: 0, absent: true}
    - {path: retention_in_days, at_least: 90, absent: false}
"""


def answer_of(cases: Sequence[dict[str, Any]], **more: Any) -> str:
    said = {
        "understood": "Every aws_cloudwatch_log_group has a retention_in_days of 90 or more, or none, or 0, which keep for ever.",
        "assumptions": ["Keeping for ever is enough."],
        "resource_types": ["aws_cloudwatch_log_group"],
        "parameters": [],
        "cases": list(cases),
    }
    return json.dumps({**said, **more})


def all_tests() -> str:
    return answer_of(CASES)


def check(text: str = CHECK, control: str = "log-retention", form: str = "check", **more: Any) -> str:
    cites = [{"passage": f"control:{control}", "quote": ""}]
    return json.dumps({"form": form, "check": text, "cites": cites, "reason": "", **more})


REGO_CHECK = (
    CHECK[: CHECK.index("must:")].replace("own-log-retention-90", "own-log-retention-rego") + "must: {rego: true}\n"
)
REGO = """\
package ccopilot.check

import rego.v1

days := input.resource.values.retention_in_days

deny contains {"path": "retention_in_days", "message": "drops its events early"} if {
	days > 0
	days < 90
}

undecided contains {"path": "retention_in_days", "message": "is not known"} if {
	is_object(days)
}
"""


def rego(text: str = REGO, check_text: str = REGO_CHECK) -> str:
    cites = [{"passage": "control:log-retention", "quote": ""}]
    return json.dumps({"check": check_text, "rego": text, "cites": cites})


@cache
def bench() -> Bench:
    return policymaking.bench(library.load())


@cache
def search() -> Callable[[str, str, int], Sequence[Passage]]:
    return policymaking.search(library.load())


def drafted(*lines: Line, requirement: str = REQUIREMENT, on: Bench | None = None) -> tuple[Drafted, Scripted]:
    model = Scripted(lines)
    return draft(requirement, model, on or bench(), search()), model
