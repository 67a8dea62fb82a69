"""SARIF: valid against its schema, exact regions, fixes that may be applied blindly, and what GitHub needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from copilot.model import Edit, Gap, Review
from copilot.render import Options, render
from tests.copilot.render import reviews

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text())


def run(review: Review, *, for_github: bool = False) -> Any:
    (only,) = json.loads(render(review, "sarif", Options(for_github=for_github)))["runs"]
    return only


@pytest.mark.parametrize("for_github", [False, True])
@pytest.mark.parametrize("review", [reviews.review(), reviews.small(), reviews.pull_request(), reviews.scan(20)])
def test_a_log_is_valid(review: Review, for_github: bool) -> None:
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(render(review, "sarif", Options(for_github=for_github))))


def test_one_result_in_full() -> None:
    (result,) = run(reviews.small())["results"]
    frameworks = result["properties"].pop("frameworks")
    assert frameworks == {framework: list(ids) for framework, ids in reviews.FRAMEWORKS.items()}
    assert result == {
        "ruleId": "aws-db-instance-private",
        "ruleIndex": 1,
        "kind": "fail",
        "level": "error",
        "message": {"text": "Is reachable from the internet (module.reporting_database.aws_db_instance.this)"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "environments/production/main.tf", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 6, "startColumn": 3, "endLine": 6, "endColumn": 29},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": "module.reporting_database.aws_db_instance.this", "kind": "resource"}
                ],
            }
        ],
        "partialFingerprints": {"ccopilot/v1": "c895e5787c7d1d2b3564"},
        "relatedLocations": [
            {
                "id": 1,
                "message": {"text": "used at"},
                "physicalLocation": {
                    "artifactLocation": {"uri": "modules/database/main.tf", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 13, "startColumn": 3, "endLine": 13, "endColumn": 52},
                },
            }
        ],
        "fixes": [
            {
                "description": {
                    "text": "Close the database to the internet (changes behaviour: somebody who relies on it will notice)"
                },
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": "environments/production/main.tf", "uriBaseId": "%SRCROOT%"},
                        "replacements": [
                            {
                                "deletedRegion": {"startLine": 6, "startColumn": 1, "endLine": 7, "endColumn": 1},
                                "insertedContent": {"text": "  publicly_accessible = false\n"},
                            }
                        ],
                    }
                ],
            }
        ],
        "properties": {
            "control": "database-no-public-access",
            "severity": "critical",
            "status": "fail",
            "relation": "introduced",
            "enforcement": "enforce",
            "environments": ["production"],
        },
    }


def test_kind_and_level_follow_status_and_severity() -> None:
    results = run(reviews.pull_request())["results"]
    assert {(r["ruleId"], r["properties"]["status"], r["kind"], r["level"]) for r in results} == {
        ("aws-db-instance-private", "fail", "fail", "error"),
        ("aws-security-group-world-ingress", "fail", "fail", "error"),
        ("aws-lb-listener-tls-policy", "fail", "fail", "error"),
        ("aws-log-group-retention", "fail", "fail", "warning"),
        ("aws-sns-topic-encrypted", "fail", "fail", "note"),
        ("aws-ebs-volume-encrypted", "fail", "fail", "error"),
        ("aws-db-instance-backups", "lost_sight", "open", "none"),
        ("aws-ebs-volume-encrypted", "undecided", "open", "none"),
    }


def test_exceptions_are_suppressions_and_a_requested_one_is_under_review() -> None:
    suppressions = [s for result in run(reviews.pull_request())["results"] for s in result.get("suppressions", ())]
    assert [(s["kind"], s["status"], s["properties"]["exempt"], s["justification"]) for s in suppressions] == [
        ("external", "underReview", "requested", "SEC-447, until 2027-02-28: the brokers' gateways cannot do better"),
        ("external", "accepted", "waived", "SEC-412, until 2027-01-31"),
        ("external", "accepted", "baseline", "known in the baseline"),
    ]


def test_for_github_open_and_suppressed_results_are_left_out_and_counted() -> None:
    whole, some = run(reviews.pull_request()), run(reviews.pull_request(), for_github=True)
    left = [
        r
        for r in whole["results"]
        if r["kind"] == "fail" and all(s["status"] != "accepted" for s in r.get("suppressions", ()))
    ]
    known = [
        {**r["partialFingerprints"], "primaryLocationLineHash": f"{r['partialFingerprints']['ccopilot/v1']}:1"}
        for r in left
    ]
    assert some["results"] == [{**r, "partialFingerprints": prints} for r, prints in zip(left, known, strict=True)]
    assert len(left) == len(whole["results"]) - 4
    assert some["invocations"][0]["properties"] == {"leftOut": {"open": 2, "suppressed": 2}}


def test_a_rule_has_a_score_that_github_sorts_by_and_a_text_to_read() -> None:
    rules = {rule["id"]: rule for rule in run(reviews.pull_request())["tool"]["driver"]["rules"]}
    scores = {(rule["properties"]["severity"], rule["properties"]["security-severity"]) for rule in rules.values()}
    assert scores == {("critical", "9.5"), ("high", "8.0"), ("medium", "5.5"), ("low", "3.0")}
    assert rules["aws-sns-topic-encrypted"]["help"]["markdown"] == (
        "**SNS topics are encrypted at rest**\n\nMessages often carry personal data.\n\n"
        "Control: Encryption at rest messaging (`encryption-at-rest-messaging`)"
    )


def test_something_unread_is_an_error_and_the_run_no_success() -> None:
    invocation = run(reviews.pull_request())["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"] == [
        {
            "descriptor": {"id": "unread"},
            "level": "error",
            "message": {"text": "the file does not parse: unclosed block"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "environments/production/partners.tf", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 31},
                    }
                }
            ],
        },
        {
            "descriptor": {"id": "out_of_sight"},
            "level": "warning",
            "message": {
                "text": "module.vpc: a registry module that does not lie in .terraform/modules; run terraform init"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "modules/network/main.tf", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 4},
                    }
                }
            ],
        },
        {"descriptor": {"id": "note"}, "level": "note", "message": {"text": reviews.NOTES[0]}},
    ]


def test_something_out_of_sight_leaves_the_run_a_success() -> None:
    review = reviews.review(gaps=(Gap("out_of_sight", "a workspace"),))
    assert run(review)["invocations"][0]["executionSuccessful"] is True


def fixes(**options: Any) -> Any:
    found = reviews.DATABASE_PUBLIC
    draft = reviews.patch("  publicly_accessible = true\n", "", reviews.PRODUCTION, found.fingerprint, **options)
    review = reviews.review((found,), remedies={found.fingerprint: reviews.approved(draft, "")})
    return run(review)["results"][0].get("fixes")


@pytest.mark.parametrize(
    "options",
    [
        {"safety": "replaces"},
        {"safety": "unknown"},
        {"replaces": ("aws_db_instance.this",)},
        {"edits": (Edit("modules/new.tf", "", "x = 1\n"),)},
        {"edits": (Edit(reviews.PRODUCTION, "is not there", ""),)},
        {"edits": (Edit("not/at/hand.tf", "x", "y"),)},
    ],
)
def test_a_fix_that_must_be_read_first_or_cannot_be_placed_is_no_fix(options: dict[str, Any]) -> None:
    assert (fixes(**options), len(fixes())) == (None, 1)


def test_without_the_file_a_region_has_lines_alone() -> None:
    result = run(reviews.review((reviews.DATABASE_PUBLIC,), sources={}))["results"][0]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 6, "endLine": 6}


def test_a_review_and_a_scan_are_of_one_category() -> None:
    ids = [run(review)["automationDetails"]["id"] for review in (reviews.small(), reviews.scan(3))]
    assert ids == ["ccopilot/9d41a02", "ccopilot/9d41a02"]


def test_a_fix_applied_by_its_regions_is_the_edit() -> None:
    before = 'a = "𝒳" # é\r\nb = "x" # 漢\r\nc = 1\r\n'
    sources = {"f.tf": b"\xef\xbb\xbf" + before.encode()}
    find, replace = '"x" # 漢\r\nc = 1', '"𝒴" # é\r\nc = 2'
    place = reviews.at("f.tf", '"x"', sources)
    found = reviews.finding(reviews.PUBLIC, "Is x", "a.b", "b", place)
    draft = reviews.patch(find, replace, "f.tf", found.fingerprint)
    review = reviews.review((found,), sources=sources, remedies={found.fingerprint: reviews.approved(draft, "")})
    (change,) = run(review)["results"][0]["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    where, inserted = replacement["deletedRegion"], replacement["insertedContent"]["text"]
    # As an editor holds the file: no byte order mark, and columns of UTF-16 code units.
    lines = [line.encode("utf-16-le") for line in before.splitlines(keepends=True)]
    head = b"".join(lines[: where["startLine"] - 1]) + lines[where["startLine"] - 1][: 2 * (where["startColumn"] - 1)]
    tail = lines[where["endLine"] - 1][2 * (where["endColumn"] - 1) :] + b"".join(lines[where["endLine"] :])
    assert (head + inserted.encode("utf-16-le") + tail).decode("utf-16-le") == before.replace(find, replace)
