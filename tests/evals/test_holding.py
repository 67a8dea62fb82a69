"""Assertions over resources: what holds, what does not, and what is not decided."""

from __future__ import annotations

import json
from typing import Any

import pytest

from copilot.policy import Policy
from copilot.roots import find_roots
from copilot.snapshot import Snapshot
from evals import cases
from evals.cases import CaseInvalid, RemediationCase
from evals.holding import Tree, judge, tree_of, truth
from tests.trees import settings

MAIN = """
variable "who" {}
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
  tags   = { team = "core", "cost.centre" = 7 }
}
resource "aws_kms_key" "k" {}
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = ["s3:Get*"], Resource = ["${aws_s3_bucket.logs.arn}/*"] },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.k.arn },
      { Effect = "Deny", Action = "s3:GetBucketPolicy", Resource = "*" },
      { Effect = "Allow", Action = "sqs:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "true" } } },
      { Effect = "Allow", Action = "sns:Publish", Resource = var.who },
    ]
  })
}
resource "aws_security_group" "g" {
  ingress {
    from_port   = 0
    to_port     = 1024
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/1", "128.0.0.0/1"]
  }
}
"""


def trees(text: str) -> list[Tree]:
    snapshot = Snapshot.of({"main.tf": text})
    assessor = settings().assessor()
    return [tree_of(assessor.evaluate(snapshot, root)) for root in find_roots(snapshot, Policy.default()).roots]


TREES = trees(MAIN)


def read(*assertions: Any, kept: tuple[str, ...] = ()) -> RemediationCase:
    data = {
        "why": "w", "check": "c", "address": "aws_iam_policy.p", "tree": {"main.tf": MAIN}, "must_hold": list(assertions),
        "must_not_change": list(kept),
    }  # fmt: skip
    found = cases.parse("remediation", json.dumps(data).encode(), "x.yaml", "x")
    assert isinstance(found, RemediationCase)
    return found


def at(resource: str, path: str, **op: Any) -> dict[str, Any]:
    return {"resource": resource, "path": path, **op}


def grants(action: str, resource: str, wanted: bool = True) -> dict[str, Any]:
    return {
        "resource": "aws_iam_policy.p",
        "policy": "policy",
        "grants": {"action": action, "resource": resource},
        "is": wanted,
    }


def admits(cidr: str, port: int, wanted: bool = True) -> dict[str, Any]:
    return {
        "resource": "aws_security_group.g",
        "network": "ingress",
        "admits": {"cidr": cidr, "port": port},
        "is": wanted,
    }


LOGS = "aws_s3_bucket.logs"


@pytest.mark.parametrize(
    ("assertion", "held"),
    [
        (at(LOGS, "bucket", equals="acme-logs"), True),
        (at(LOGS, "bucket", not_equals="acme-logs"), False),
        (at(LOGS, 'tags["cost.centre"]', equals="7"), True),
        (at(LOGS, 'tags["cost.centre"]', at_least=7), True),
        (at(LOGS, 'tags["cost.centre"]', at_most=6), False),
        (at(LOGS, "tags.team", **{"in": ["core", "x"]}), True),
        (at(LOGS, "tags.nobody", present=False), True),
        (at(LOGS, "tags.nobody", equals="x"), False),
        (at(LOGS, "bucket", matches="^acme-"), True),
        (at("aws_iam_policy.p", "policy", contains="kms:Decrypt"), True),
        (at("aws_iam_policy.p", "policy.Statement[1].Resource", equals="${aws_kms_key.k.arn}"), True),
        (at("aws_iam_policy.p", "policy.Statement.Resource", equals="*"), False),
        (at("aws_iam_policy.p", "policy.Statement[4].Resource", equals="*"), None),
        (at("aws_iam_policy.p", "policy.Statement[4].Resource", not_equals="*"), None),
        (at("aws_security_group.g", "ingress[0].cidr_blocks", subset_of=["10.0.0.0/8"]), True),
        (at("aws_security_group.g", "ingress.cidr_blocks", subset_of=["10.0.0.0/8"]), False),
        (at("aws_security_group.g", "ingress.cidr_blocks", contains="0.0.0.0/1"), True),
        (at("gone.x", "a", present=False), False),
        ({"resource": LOGS, "exists": True}, True),
        ({"resource": "gone.x", "exists": False}, True),
        ({"not": at(LOGS, "bucket", equals="x")}, True),
        ({"any": [at(LOGS, "bucket", equals="x"), at(LOGS, "bucket", equals="acme-logs")]}, True),
        ({"some": {"type": "aws_s3_bucket"}, "that": [{"path": "bucket", "equals": "acme-logs"}]}, True),
        ({"none": {"type": "aws_kms_key"}, "that": [{"path": "policy", "present": True}]}, True),
        (grants("s3:GetObject", "arn:aws:s3:::acme-logs/a"), True),
        (grants("s3:GetObject", "arn:aws:s3:::other/a"), False),
        (grants("s3:GetObject", "*"), False),
        (grants("s3:getbucketpolicy", "arn:aws:s3:::acme-logs/a"), False),  # denied
        (grants("sqs:SendMessage", "*"), True),  # under a condition, but granted
        (grants("kms:Decrypt", "*", False), True),
        (grants("kms:Decrypt", "${aws_kms_key.k.arn}"), True),
        (grants("sns:Publish", "arn:aws:sns:::t"), None),
        (grants("sns:Publish", "arn:aws:sns:::t", False), None),
        (admits("10.1.2.3/32", 22), True),
        (admits("192.0.2.1/32", 22), False),
        (admits("0.0.0.0/0", 443), True),  # two halves of the world are the world
        (admits("0.0.0.0/0", 22), None),  # a part of it
        (admits("10.0.0.0/8", 8080, False), True),
    ],
)
def test_an_assertion_has_three_values(assertion: dict[str, Any], held: bool | None) -> None:
    assert truth(read(assertion).must_hold[0], TREES) is held


def test_what_is_unknown_is_not_held_and_what_changed_is_named() -> None:
    case = read(grants("sns:Publish", "x", False), kept=("others", "aws_kms_key.k: policy", "gone.x"))
    after = trees(MAIN.replace("acme-logs", "acme-log").replace('Action = "sqs:*"', 'Action = "sqs:Send*"'))
    judged = judge(case.must_hold, case.must_not_change, TREES, after, address=case.address)
    assert judged.right is False
    assert judged.broken[0].startswith("not decided: ")
    assert judged.broken[1:] == (
        "changed: aws_s3_bucket.logs (others)",
        "changed: gone.x (which never was there) (gone.x)",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("why: x\ncheck: c\naddress: a\ntree: {a.tf: ''}\nmust_hold: []\n", "bad.yaml:1: must_hold says"),
        ("why: x\nchek: c\n", "bad.yaml:2: there is no field 'chek'; did you mean 'check'?"),
        (
            "why: x\ncheck: c\naddress: a\ntree: {a.tf: ''}\nmust_hold:\n  - {resource: a, path: b, equal: 1}\n",
            "bad.yaml:6: must_hold[0]: there is no field 'equal'; did you mean 'equals'?",
        ),
        (
            "why: x\ncheck: c\naddress: a\ntree: {../a.tf: ''}\nhopeless: true\n",
            "bad.yaml:4: tree.../a.tf: '../a.tf' is no path inside",
        ),
    ],
)
def test_a_case_that_does_not_read_is_refused_with_its_line_and_field(text: str, said: str) -> None:
    with pytest.raises(CaseInvalid) as error:
        cases.parse("remediation", text.encode(), "bad.yaml", "bad")
    assert str(error.value).startswith(said)
