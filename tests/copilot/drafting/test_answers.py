"""Drafts as a real model wrote them, judged with everything around: approved where they are right, withheld where not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from copilot import pipeline
from copilot.drafting.model import ModelDrafter
from copilot.llm.scripted import Scripted
from copilot.model import Approved, Remedy, Withheld
from copilot.redaction import Redactor
from copilot.snapshot import Snapshot
from tests.trees import settings

RBAC = {
    "rbac.yaml": """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: config-reader
  namespace: shop
  annotations:
    acme.example/purpose: "the reloader gets, lists and watches config maps"
rules:
  - apiGroups: [""]
    resources: ["*"]
    verbs: ["*"]
"""
}
NAMED = {
    "path": "rbac.yaml",
    "find": '    resources: ["*"]\n    verbs: ["*"]\n',
    "replace": '    resources: ["configmaps"]\n    verbs: ["get", "list", "watch"]\n',
}

RESTORE = {
    "main.tf": """\
resource "aws_kms_key" "archive" {
  description         = "Archive bucket"
  enable_key_rotation = true
}

resource "aws_iam_policy" "restore" {
  name = "archive-restore"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = "*" },
    ]
  })
}
"""
}
STAR = 'Action = ["kms:Decrypt"], Resource = "*" },'

PROXY = {
    "proxy.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: edge}
spec:
  containers:
    - name: proxy
      image: registry.example.com/proxy:1.4.2
      securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}
"""
}


def drafted(tree: dict[str, str], edit: dict[str, str], *checks: str, **more: Any) -> dict[str, Remedy]:
    """What becomes of each check's finding, when every sample of the model is this edit."""
    answer = json.dumps({"edits": [edit], "summary": "does what the check asks for", **more})
    drafter = ModelDrafter(Scripted(lambda _: answer), Redactor(), rounds=0)
    run = pipeline.scan(
        Snapshot.of(tree), replace(settings(*checks, drafts=True), drafter=drafter), subject="tree"
    )  # fmt: skip
    return {finding.check: run.review.remedies[finding.fingerprint] for finding in run.review.findings}


def test_a_role_whose_purpose_is_written_down_is_narrowed_to_it() -> None:
    remedy = drafted(RBAC, NAMED, "k8s-rbac-wildcard")["k8s-rbac-wildcard"]
    assert isinstance(remedy, Approved), remedy
    assert remedy.draft.safety == "unknown"  # what the model says of safety is a claim, and it said nothing


def test_a_permission_is_narrowed_to_the_key_of_the_tree() -> None:
    edit = {"path": "main.tf", "find": STAR, "replace": STAR.replace('"*"', "aws_kms_key.archive.arn")}
    remedy = drafted(RESTORE, edit, "aws-iam-policy-decrypt-any-key", safety="safe")["aws-iam-policy-decrypt-any-key"]
    assert isinstance(remedy, Approved), remedy
    assert remedy.draft.safety == "changes_behaviour"


def test_a_permission_that_only_spells_every_key_otherwise_is_withheld() -> None:
    edit = {"path": "main.tf", "find": STAR, "replace": STAR.replace('"*"', '"arn:aws:kms:*:*:key/*"')}
    remedy = drafted(RESTORE, edit, "aws-iam-policy-decrypt-any-key")["aws-iam-policy-decrypt-any-key"]
    assert isinstance(remedy, Withheld), remedy


def test_of_a_recipe_and_a_model_on_one_line_the_graver_finding_keeps_its_patch() -> None:
    edit = {"path": "proxy.yaml", "find": "add: [SYS_ADMIN]", "replace": "add: [NET_BIND_SERVICE]"}
    found = drafted(PROXY, edit, "k8s-privileged", "k8s-capabilities-added")
    assert isinstance(found["k8s-privileged"], Approved)
    other = found["k8s-capabilities-added"]
    assert isinstance(other, Withheld) and other.draft.origin == "model"
    assert other.reason == "it overlaps the patch of a more severe finding; run again once that is applied"
