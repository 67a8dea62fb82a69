"""Every check on every root of a tree, and the same again after a change without judging all of it anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.assessment import Assessment, Assessor, signature
from copilot.model import Origin, Root
from copilot.snapshot import Snapshot
from tests.builders import Blocks, Set, encoded, ref, secret, some_of, template, unknown, value
from tests.trees import ACLS, KEY, QUEUE, VOLUME, assess, group, key, queue, settings, volume

TLS = "aws-s3-bucket-tls-only"
FILES = {
    "a/main.tf": volume() + key() + 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n',
    "b/main.tf": 'module "m" {\n  source = "../m"\n}\n',
    "m/main.tf": queue() + group("0.0.0.0/0"),
}
CHECKS = (VOLUME, KEY, QUEUE, "aws-sg-ingress-ssh-world", TLS, "aws-s3-bucket-public-access-block")
POLICY = """resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Statement = [{
      Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["${aws_s3_bucket.b.arn}", "${aws_s3_bucket.b.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
"""


def verdicts(of: Assessment) -> dict[tuple[str, str, str, str], str]:
    return dict(of.verdicts)


def test_every_root_is_judged_and_counted() -> None:
    made = assess(FILES, checks=(VOLUME, KEY, QUEUE))
    assert verdicts(made) == {
        (VOLUME, "a", "", "aws_ebs_volume.v"): "fail",
        (KEY, "a", "", "aws_kms_key.k"): "fail",
        (QUEUE, "b", "", "module.m.aws_sqs_queue.q"): "fail",
    }
    assert [(r.name, r.files, r.resources, r.passed, r.failed, r.undecided) for r in made.reports()] == [
        ("a", 1, 3, 0, 2, 0), ("b", 2, 2, 0, 1, 0),
    ]  # fmt: skip
    assert made.passed == frozenset()
    assert assess({"main.tf": volume(encrypted="true")}, checks=(VOLUME,)).passed == {(VOLUME, "", "aws_ebs_volume.v")}


def test_a_part_of_an_assessment_is_that_of_its_roots() -> None:
    made = assess(FILES, checks=CHECKS)
    part = made.only([Root("b")])
    assert [world.root for world in part.worlds] == [Root("b")]
    assert verdicts(part) == {key: verdict for key, verdict in made.verdicts.items() if key[1] == "b"}
    assert (part.world("b", ""), part.world("a", "")) == (made.world("b", ""), None)


CHANGES: dict[str, dict[str, str | None]] = {
    "nothing": {},
    "a comment": {"a/main.tf": "# a line\n" + FILES["a/main.tf"]},
    "a value": {"a/main.tf": FILES["a/main.tf"].replace("= false", "= true")},
    "a value in a module": {"m/main.tf": FILES["m/main.tf"].replace('"q"\n', '"q"\n  sqs_managed_sse_enabled = true\n')},
    "a resource beside another": {"a/more.tf": POLICY},
    "a resource more": {"a/more.tf": volume("w")},
    "a resource less": {"a/main.tf": volume()},
    "a module out of sight": {"a/more.tf": 'module "x" {\n  source = "acme/x/aws"\n  bucket = aws_s3_bucket.b.id\n}\n'},
    "a file that does not read": {"a/more.tf": "resource {{{"},
    "an unknown count": {"a/main.tf": 'variable "n" {}\n' + FILES["a/main.tf"].replace("{\n", "{\n  count = var.n\n", 1)},
    "ignored changes": {"a/main.tf": FILES["a/main.tf"].replace("= false\n", "= false\n  lifecycle {\n    ignore_changes = [encrypted]\n  }\n")},
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_assessing_again_after_a_change_says_what_assessing_from_the_start_says(change: dict[str, str | None]) -> None:
    assessor: Assessor = settings(*CHECKS).assessor()
    roots = (Root("a"), Root("b"))
    snapshot = Snapshot.of(FILES)
    before = assessor.assess(snapshot, roots)
    after = snapshot.changed({path: None if text is None else text.encode() for path, text in change.items()})
    again, fresh = assessor.reassess(before, after), settings(*CHECKS).assessor().assess(after, roots)
    assert verdicts(again) == verdicts(fresh)
    assert {f.fingerprint: f.status for f in again.findings} == {f.fingerprint: f.status for f in fresh.findings}
    assert set(again.gaps) == set(fresh.gaps)
    assert again.signatures == fresh.signatures
    back = assessor.reassess(again, snapshot)
    assert verdicts(back) == verdicts(before)


def test_what_is_not_looked_at_is_not_judged_again() -> None:
    assessor = settings(*CHECKS).assessor()
    before = assessor.assess(Snapshot.of(FILES), [Root("a")])
    after = assessor.reassess(
        before, Snapshot.of({**FILES, "a/main.tf": FILES["a/main.tf"].replace("= false", "= true")})
    )
    kept = {id(judgement) for judgement in before.judgements[0]}
    assert {j.check.id for j in after.judgements[0] if id(j) not in kept} == {VOLUME}


def test_values_have_one_signature_exactly_when_no_check_can_tell_them_apart() -> None:
    different = [
        value("1"), value(1), value(1.0), value(True), value(None), value([1]), value(Set([1])), value(Blocks([1])), value({"a": 1}),
        value({"a": 2}), some_of([1]), encoded({"a": 1}), ref("aws_x.a.id"), ref("aws_x.b.id"), ref("aws_x.a.arn"), unknown("a"),
        unknown("b"), template("a", ref("aws_x.a.id")), template("b", ref("aws_x.a.id")), secret("1"),
        replace(value("1"), origin=Origin("aws_x.a", ("id",))),
    ]  # fmt: skip
    for i, one in enumerate(different):
        for j, other in enumerate(different):
            assert (signature(one) == signature(other)) is (i == j), (one, other)
    assert signature(value({"a": [1, {"b": "c"}]})) == signature(value({"a": [1, {"b": "c"}]}))


def test_the_same_finding_in_two_roots_is_one_with_both() -> None:
    files = {"x/main.tf": FILES["b/main.tf"], "y/main.tf": FILES["b/main.tf"], "m/main.tf": queue()}
    (found,) = assess(files, checks=(QUEUE,)).findings
    assert (found.roots, found.folder) == (("x", "y"), "m")
    assert assess({}, checks=(ACLS,)).findings == ()
