"""The JSON report: what its description says, it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from copilot.checks import language
from copilot.model import CheckSummary, Finding, Gap, Outcome, Patch, Review, Verdict
from copilot.render import json as report
from copilot.render import render
from tests.copilot.render import reviews

SCHEMA = json.loads((Path(report.__file__).parent / "report.schema.json").read_text())


def written(review: Review) -> Any:
    return json.loads(render(review, "json"))


def test_the_description_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "review",
    [reviews.review(), reviews.small(), reviews.pull_request(), reviews.scan(20), reviews.hostile("\x00\udc80")],
)
def test_every_report_is_as_described(review: Review) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(written(review))


def test_a_report_that_lacks_a_field_is_not_as_described() -> None:
    data = written(reviews.pull_request())
    del data["findings"][0]["occurrences"][0]["explanation"]["truth"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_the_version_is_the_one_that_is_described() -> None:
    assert SCHEMA["properties"]["version"] == {
        "description": "The version of this description.",
        "const": report.VERSION,
    }


@pytest.mark.parametrize(
    ("kind", "name", "without"),
    [
        (Finding, "finding", set()), (Gap, "gap", set()), (CheckSummary, "check", {"id"}), (Patch, "draft", set()),
        (Verdict, "verdict", set()), (Outcome, "explanation", {"value"}),
    ],
)  # fmt: skip
def test_every_field_of_the_vocabulary_is_in_the_report(kind: type, name: str, without: set[str]) -> None:
    assert set(kind.__dataclass_fields__) - without <= set(SCHEMA["$defs"][name]["properties"])  # type: ignore[attr-defined]


def test_everything_of_a_review_but_its_sources_is_in_the_report() -> None:
    assert set(Review.__dataclass_fields__) - {"sources"} <= set(SCHEMA["properties"])


def test_one_finding_in_full() -> None:
    (found,) = written(reviews.small())["findings"]
    value = {
        "path": reviews.PRODUCTION,
        "start": 163,
        "end": 189,
        "line": 6,
        "column": 3,
        "end_line": 6,
        "end_column": 29,
    }
    use = {
        "path": reviews.DATABASE,
        "start": 227,
        "end": 276,
        "line": 13,
        "column": 3,
        "end_line": 13,
        "end_column": 52,
    }
    leaf = {
        "truth": False, "condition": "equals", "address": "", "path": "publicly_accessible", "reason": "", "places": [use, value],
        "children": [],
    }  # fmt: skip
    assert found == {
        "fingerprint": "c895e5787c7d1d2b3564",
        "check": "aws-db-instance-private",
        "control": "database-no-public-access",
        "severity": "critical",
        "status": "fail",
        "relation": "introduced",
        "enforcement": "enforce",
        "exempt": None,
        "exempt_note": "",
        "exempt_until": None,
        "requested": "",
        "message": "Is reachable from the internet",
        "reason": "",
        "address": "module.reporting_database.aws_db_instance.this",
        "folder": "environments/production",
        "path": "publicly_accessible",
        "place": value,
        "places": [use, value],
        "callers": [],
        "anchor": value,
        "environments": ["production"],
        "roots": ["environments/production"],
        "occurrences": [
            {
                "root": "environments/production",
                "environment": "production",
                "address": "module.reporting_database.aws_db_instance.this",
                "explanation": {
                    "truth": False, "condition": "all", "address": "", "path": "", "reason": "", "places": [], "children": [leaf],
                },
            }
        ],
    }  # fmt: skip


def test_each_kind_of_remedy_says_what_it_is() -> None:
    remedies = written(reviews.pull_request())["remedies"]
    assert {fingerprint: remedy["outcome"] for fingerprint, remedy in remedies.items()} == {
        reviews.DATABASE_PUBLIC.fingerprint: "approved",
        reviews.LOGS.fingerprint: "approved",
        reviews.OLD_TLS.fingerprint: "withheld",
        reviews.WORLD.fingerprint: "abstained",
    }


def test_every_kind_of_condition_has_a_word() -> None:
    words = {
        report.condition_kind(language.All(())): "all",
        report.condition_kind(language.AnyOf(())): "any",
        report.condition_kind(language.Not(reviews.leaf("a"))): "not",
        report.condition_kind(language.Quantified("none", (), reviews.leaf("a"))): "none",
        report.condition_kind(language.Linked(("t",), "some", reviews.leaf("a"), False)): "linked",
        report.condition_kind(language.Exists(("t",))): "exists",
        report.condition_kind(language.Network((), {}, None)): "network",
        report.condition_kind(language.RegoCondition("")): "rego",
        report.condition_kind(reviews.leaf("a", "matches", "x")): "matches",
        report.condition_kind(None): "",
    }
    assert {got: wanted for got, wanted in words.items() if got != wanted} == {}
