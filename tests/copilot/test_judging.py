"""`judge`: the gate for a patch of anybody's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from copilot import gate
from copilot.changes import Change
from copilot.judging import Judged, as_data, as_json, as_text, judge
from copilot.snapshot import Snapshot
from tests.trees import ACLS, KEY, VOLUME, key, queue, settings, volume

Files = dict[str, str | bytes]
BAD = {"main.tf": key() + queue()}
GOOD = {"main.tf": key().replace('"k"\n', '"k"\n  enable_key_rotation = true\n') + queue()}


def judged(before: Files, after: Files, *checks: str) -> Judged:
    return judge(Change(Snapshot.of(before), Snapshot.of(after)), settings(), checks=frozenset(checks))


def test_an_honest_patch_is_approved_with_every_verdict() -> None:
    answer = judged(BAD, GOOD)
    assert (answer.approved, answer.reason) == (True, "every validator passes")
    assert [f.check for f in answer.findings] == [KEY]
    data = json.loads(as_json(answer))
    assert data == json.loads(json.dumps(as_data(answer)))
    assert [v["validator"] for v in data["verdicts"]] == list(gate.required("foreign"))
    assert {v["outcome"] for v in data["verdicts"]} <= {"pass", "not_applicable"}
    assert (data["approved"], data["findings"][0]["path"], data["findings"][0]["line"]) == (True, "main.tf", 1)


CHEATS: dict[str, Any] = {
    "the resource is removed": (queue(), "is gone"),
    "the check is silenced": ("# checkov:skip=CKV_AWS_7: no\n" + GOOD["main.tf"], "honest"),
    "something else is changed too": (GOOD["main.tf"].replace('"q"\n', '"renamed"\n'), "blast_radius"),
    "a value that nobody knows": (
        'variable "v" {}\n' + key(more="  enable_key_rotation = var.v\n") + queue(),
        "nothing that failed before passes after",
    ),
    "something new is broken": (GOOD["main.tf"] + volume(), ""),
}


@pytest.mark.parametrize(("after", "reason"), CHEATS.values(), ids=CHEATS)
def test_a_patch_that_is_not_honest_is_not_approved(after: str, reason: str) -> None:
    answer = judged(BAD, {"main.tf": after})
    assert not answer.approved
    assert reason in answer.reason


def test_a_patch_that_settles_nothing_is_not_approved() -> None:
    answer = judged(BAD, {"main.tf": BAD["main.tf"] + "# done\n"})
    assert (answer.approved, answer.reason, answer.verdicts) == (
        False, "it settles no finding: nothing that failed before passes after", (),
    )  # fmt: skip


def test_identical_trees_are_not_approved() -> None:
    assert judged(BAD, dict(BAD)) == Judged(False, "the two trees are the same", (), (), (), "")


def test_a_patch_of_a_file_that_is_no_text_is_not_approved() -> None:
    answer = judged({**BAD, "logo.png": b"\xff\x00"}, {**GOOD, "logo.png": b"\xff\x01"})
    assert (answer.approved, answer.reason) == (False, "applies: logo.png: the file is not UTF-8 text")


def test_a_named_check_must_be_settled_whatever_else_is() -> None:
    before = {"main.tf": key() + volume()}
    after = {"main.tf": GOOD["main.tf"].replace(queue(), "") + volume()}
    assert judged(before, after).approved
    answer = judged(before, after, VOLUME)
    assert (answer.approved, [f.check for f in answer.findings]) == (False, [VOLUME])
    assert judged(before, after, ACLS).reason == "it settles no finding: nothing that failed before passes after"


def test_exceptions_are_no_excuse() -> None:
    """A patch that breaks what a waiver would cover is refused all the same: raw results are judged."""
    waivers = f"version: 1\nwaivers:\n  - {{check: {VOLUME}, address: aws_ebs_volume.v, until: 2027-01-31, reason: r, owner: o}}\n"
    before: Files = {"main.tf": key() + volume(encrypted="true"), ".compliance/waivers.yaml": waivers}
    after: Files = {**before, "main.tf": GOOD["main.tf"].replace(queue(), "") + volume()}
    assert not judged(before, after).approved


def test_the_text_for_a_terminal_says_the_same_and_shows_no_control_characters() -> None:
    answer = judged(BAD, {"main.tf": queue()})
    text = as_text(answer)
    assert text.startswith(f"not approved: {answer.reason}\n\nis about\n  medium    {KEY}  aws_kms_key.k  main.tf:1\n")
    assert all(f" {v.validator:16} " in text for v in answer.verdicts)
    assert "\x1b" not in text


def test_what_two_environments_share_is_not_settled_in_one_of_them() -> None:
    tree: Files = {
        ".compliance/copilot.yaml": """
version: 1
environments:
  production: {roots: [app], var_files: [app/production.tfvars]}
  staging: {roots: [app], var_files: [app/staging.tfvars]}
""",
        "app/main.tf": 'variable "rotate" {\n  default = false\n}\n'
        + key(more="  enable_key_rotation = var.rotate\n")
        + 'variable "size" {}\n',
        "app/production.tfvars": "size = 2\n",
        "app/staging.tfvars": "size = 1\n",
    }
    from dataclasses import replace

    from copilot import policy

    ours = replace(settings(), policy=policy.load(Snapshot.of(tree)))
    one = {**tree, "app/staging.tfvars": "size = 1\nrotate = true\n"}
    both = {**one, "app/production.tfvars": "size = 2\nrotate = true\n"}
    answers = [judge(Change(Snapshot.of(tree), Snapshot.of(after)), ours) for after in (one, both)]
    assert [(answer.approved, len(answer.findings)) for answer in answers] == [(False, 0), (True, 1)]
