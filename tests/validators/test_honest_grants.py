"""honest: nothing is hidden, muted, granted or let in that was not, and keys can be used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from copilot.assessment import Assessor
from copilot.edits.patched import apply, edits_between
from copilot.model import Patch, Root
from copilot.snapshot import Snapshot
from validators import honest
from validators.case import Case

ROOT = Root("")
Tree = str | dict[str, str]


def told(before: Tree, after: Tree, **parameters: Any) -> str:
    """Why a change is not honest; "" when it is. A text is the one file of a tree."""
    old, new = (Snapshot.of({"main.tf": side} if isinstance(side, str) else dict(side)) for side in (before, after))
    edits = edits_between(old, new)
    assessor = Assessor(lambda types: (), lambda environment: parameters)
    draft = Patch((), edits, "foreign", "unknown", "a patch")
    verdict = honest.check(Case(draft, apply(old, edits), (), (ROOT,), assessor.assess(old, [ROOT]), assessor, {}))
    assert (verdict.validator, verdict.outcome in ("pass", "fail")) == ("honest", True)
    return verdict.reason if verdict.outcome == "fail" else ""


def resource(type: str, name: str = "a", body: str = "") -> str:
    return f'resource "{type}" "{name}" {{\n{body}\n}}\n'


def policy(*statements: dict[str, Any]) -> str:
    return f"jsonencode({json.dumps({'Version': '2012-10-17', 'Statement': statements})})"


def allow(action: str = "sqs:SendMessage", principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", "Principal": principal, **more}


TLS = {**allow("sqs:*"), "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
ME = {"AWS": "arn:aws:iam::111122223333:root"}
BUCKET = resource("aws_s3_bucket", "b", 'bucket = "b"')


# --- what decides whether and where a resource exists -----------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("", "count = 0", "aws_vpc.a is gone"),
        ("count = 2", "count = 3", "aws_vpc.a[2]: another instance of an existing resource"),
        ('for_each = toset(["x"])', 'for_each = toset(["y"])', 'aws_vpc.a["x"] is gone'),
        ("", "count = var.some", "aws_vpc.a is gone"),
        ("provider = aws.x", "", "resource.aws_vpc.a loses its provider"),
        ("provider = aws.x", "provider = aws.y", "resource.aws_vpc.a changes its provider"),
        ("", "provider = aws.x", "resource.aws_vpc.a gets a provider"),
        ("", "lifecycle {\nignore_changes = [tags]\n}", "aws_vpc.a ignores changes of tags"),
        ("lifecycle {\nignore_changes = [tags]\n}", "lifecycle {\nignore_changes = all\n}",
         "aws_vpc.a ignores changes of everything"),
        ("lifecycle {\nprevent_destroy = true\n}", "", "resource.aws_vpc.a is no longer protected by prevent_destroy"),
        ("lifecycle {\nprevent_destroy = true\n}", "lifecycle {\nprevent_destroy = false\n}",
         "resource.aws_vpc.a is no longer protected by prevent_destroy"),
        ("", "lifecycle {\ncreate_before_destroy = true\n}",
         "resource.aws_vpc.a changes create_before_destroy of its lifecycle"),
        ("", 'provisioner "local-exec" {\ncommand = "id"\n}', "resource.aws_vpc.a gets or changes a provisioner"),
        ("lifecycle {\nprecondition {\ncondition = true\nerror_message = \"x\"\n}\n}", "",
         "a validation is removed from resource.aws_vpc.a"),
    ],
)  # fmt: skip
def test_a_resource_stays_what_it_is_where_it_is(before: str, after: str, reason: str) -> None:
    assert told(*(resource("aws_vpc", body=side) for side in (before, after))) == reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "depends_on = [aws_s3_bucket.b]"),
        ("", "lifecycle {\nprevent_destroy = true\n}"),
        ("lifecycle {\nignore_changes = [tags]\n}", "lifecycle {\nignore_changes = []\n}"),
        ("count = 1", "count =   1"),
    ],
)
def test_what_protects_a_resource_may_be_added(before: str, after: str) -> None:
    assert told(*(BUCKET + resource("aws_vpc", body=side) for side in (before, after))) == ""


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ({"main.tf": resource("aws_vpc", "b")}, "aws_vpc.a is gone"),
        ({"main.tf": "removed {\nfrom = aws_vpc.a\n}\n"}, "aws_vpc.a is gone"),
        ({"main.tf": resource("aws_vpc") + "removed {\nfrom = aws_vpc.b\n}\n"},
         "a new removed block changes what the state holds"),
        ({"main.tf": resource("aws_vpc"), "moves.tf": "moved {\nfrom = aws_vpc.x\nto = aws_vpc.a\n}\n"},
         "a new moved block changes what the state holds"),
        ({"main.tf": resource("aws_vpc"), "in.tf": 'import {\nid = "x"\nto = aws_vpc.a\n}\n'},
         "a new import block changes what the state holds"),
        ({"main.tf": 'module "m" {\nsource = "./m"\n}\n', "m/main.tf": resource("aws_vpc")}, "aws_vpc.a is gone"),
        ({"main.tf": resource("aws_vpc"), "x_override.tf": resource("aws_vpc", body="lifecycle {\nignore_changes = [tags]\n}")},
         "aws_vpc.a ignores changes of tags"),
        ({"main.tf": resource("aws_vpc"), "x_override.tf": resource("aws_vpc", body='tags = {}')},
         "resource.aws_vpc.a is declared once more"),
        ({"main.tf": resource("aws_vpc") + 'data "external" "x" {\nprogram = ["id"]\n}\n'}, "data.external.x runs a program"),
    ],
)  # fmt: skip
def test_a_resource_is_not_taken_out_of_sight(after: dict[str, str], reason: str) -> None:
    assert told({"main.tf": resource("aws_vpc")}, after) == reason


def test_a_block_may_move_to_another_file_of_its_module_as_it_is() -> None:
    block = resource("aws_vpc", body="count = 1\nprovider = aws.x\nlifecycle {\nprevent_destroy = true\n}")
    assert told({"main.tf": block}, {"net.tf": block}) == ""
    other = block.replace("aws.x", "aws.y")
    assert told({"main.tf": block}, {"net.tf": other}) == "resource.aws_vpc.a changes its provider"


def test_a_module_is_called_as_it_was() -> None:
    trees = [
        {"main.tf": f'module "m" {{\nsource = "./{name}"\n}}\n', **{f"{n}/main.tf": resource("aws_vpc") for n in "mn"}}
        for name in "mn"
    ]
    assert told(*trees) == "module.m changes its source"


def test_a_version_is_an_argument_like_others_where_it_is_one() -> None:
    assert told(*(resource("aws_eks_cluster", body=f'version = "{v}"') for v in ("1.28", "1.31"))) == ""


def test_a_second_block_of_locals_is_no_second_declaration() -> None:
    assert told("locals {\na = 1\n}\n", "locals {\na = 1\n}\nlocals {\nb = 1\n}\n") == ""


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('variable "x" {\nsensitive = true\n}\n', 'variable "x" {\nsensitive = false\n}\n',
         "a validation is removed from variable.x"),
        ('variable "x" {\nvalidation {\ncondition = true\nerror_message = "x"\n}\n}\n', 'variable "x" {\n}\n',
         "a validation is removed from variable.x"),
        ('check "x" {\nassert {\ncondition = true\nerror_message = "x"\n}\n}\n', "locals {}\n",
         "a validation is removed from check.x"),
    ],
)  # fmt: skip
def test_what_the_configuration_demands_stays(before: str, after: str, reason: str) -> None:
    assert told(before, after) == reason


# --- suppressions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "before", "after", "reason"),
    [
        (
            "a.tf",
            "locals {}\n",
            "locals {} # checkov:skip=CKV_1: no\n",
            "a.tf: adds a suppression: # checkov:skip=CKV_1: no",
        ),
        ("a.tf", 'locals {\nx = "y"\n}\n', 'locals {\nx = "tfsec:ignore:y"\n}\n', ""),
        ("a.yaml", "a: 1\n", "a: 1 # kics-scan ignore-line\n", "a.yaml: adds a suppression: # kics-scan ignore-line"),
        ("a.yaml", "a: x\n", "a: x#kics-scan ignore\n", ""),
        ("a.yaml", "a: 1\n", "checkov.io/skip1: CKV_1=no\n", "a.yaml: adds a suppression: checkov.io/skip1: CKV_1=no"),
        ("a.yaml", "a: 1 # trivy:ignore:x\n", "a: 2 # trivy:ignore:x\n", ""),
    ],
)
def test_no_scanner_is_told_to_look_away(path: str, before: str, after: str, reason: str) -> None:
    assert told({path: before}, {path: after}) == reason


# --- grants -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ([allow()], [allow(), TLS], ""),
        ([allow()], [allow(principal=ME)], ""),
        ([allow()], [allow(Condition={"ArnLike": {"aws:SourceArn": "x"}})], ""),
        ([allow()], [allow("sqs:*"), TLS], "aws_sqs_queue.a: policy: Statement[0].Action adds sqs:*"),
        ([allow(principal=ME), TLS], [allow(principal=ME)],
         "aws_sqs_queue.a: policy: the Deny of Statement[1] is gone or narrower"),
        (None, [TLS], ""),
        (None, [allow(principal=ME), TLS], ""),
        (None, [allow(), TLS], "aws_sqs_queue.a: policy: a new policy grants to everyone"),
        ([allow()], None, ""),
        ([TLS], None, "aws_sqs_queue.a: policy: the Deny of Statement[0] is gone or narrower"),
    ],
)  # fmt: skip
def test_a_policy_on_a_resource_grants_no_more(before: Any, after: Any, reason: str) -> None:
    sides = (resource("aws_sqs_queue", body=f"policy = {policy(*side)}" if side else "") for side in (before, after))
    assert told(*sides) == reason


def test_a_policy_does_not_vanish_into_what_is_not_known() -> None:
    known, unknown = f"policy = {policy(TLS)}", "policy = var.policy"
    variable = 'variable "policy" {}\n'
    sides = [variable + resource("aws_sqs_queue", body=side) for side in (known, unknown)]
    doubt = "aws_sqs_queue.a: policy: it is unknown whether it grants more: variable(policy) is not known"
    assert (told(*sides), told(*reversed(sides))) == (doubt, doubt)


def test_policies_in_a_list_are_held_together() -> None:
    def role(*actions: str) -> str:
        inline = (f'inline_policy {{\nname = "{a}"\npolicy = {policy(allow(a, ME))}\n}}\n' for a in actions)
        return resource("aws_iam_role", body="".join(inline))

    assert told(role("s3:Get*", "s3:Put*"), role("s3:PutObject", "s3:GetObject")) == ""
    assert told(role("s3:Get*", "s3:Put*"), role("s3:Get*", "s3:*")) == (
        "aws_iam_role.a: inline_policy.policy: [1].Statement[0].Action adds s3:*"
    )


def test_who_may_assume_a_role_is_a_grant() -> None:
    def role(*principals: str) -> str:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": list(principals)}}
        return resource("aws_iam_role", body=f"assume_role_policy = {policy(trust)}")

    assert told(role("ec2.amazonaws.com", "ecs.amazonaws.com"), role("ec2.amazonaws.com")) == ""
    assert told(role("ec2.amazonaws.com"), role("ec2.amazonaws.com", "x.amazonaws.com")) == (
        "aws_iam_role.a: assume_role_policy: Statement[0].Principal adds x.amazonaws.com"
    )


def test_text_that_is_no_policy_is_none() -> None:
    def task(image: str) -> str:
        return resource("aws_ecs_task_definition", body=f'container_definitions = jsonencode([{{image = "{image}"}}])')

    assert told(task("a"), task("b")) == ""


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (TLS, ""),
        (allow(principal=ME), ""),
        (allow(), "aws_s3_bucket_policy.p: policy: a new policy grants to everyone"),
        ({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": ME},
         "aws_s3_bucket_policy.p: policy: a new policy grants everything"),
    ],
)  # fmt: skip
def test_a_new_linked_policy_may_deny_but_not_open(statement: dict[str, Any], reason: str) -> None:
    linked = resource("aws_s3_bucket_policy", "p", f"bucket = aws_s3_bucket.b.id\npolicy = {policy(statement)}")
    assert told(BUCKET, BUCKET + linked) == reason


def test_a_policy_may_move_to_a_linked_resource() -> None:
    def bucket(*statements: dict[str, Any]) -> str:
        return resource("aws_s3_bucket", "b", f"policy = {policy(*statements)}")

    def apart(*statements: dict[str, Any]) -> str:
        return BUCKET + resource(
            "aws_s3_bucket_policy", "p", f"bucket = aws_s3_bucket.b.id\npolicy = {policy(*statements)}"
        )

    before = bucket(allow("s3:*"), TLS).replace("policy =", 'bucket = "b"\npolicy =')
    assert told(before, apart(allow("s3:GetObject"), TLS)) == ""
    assert (
        told(before, apart(allow("s3:GetObject")))
        == "aws_s3_bucket.b: policy: the Deny of Statement[1] is gone or narrower"
    )


_DOCUMENT = """data "aws_iam_policy_document" "d" {{
  statement {{
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }}
  {static}
  dynamic "statement" {{
    for_each = var.readers
    content {{
      actions   = ["{action}"]
      resources = ["*"]
    }}
  }}
}}
variable "readers" {{}}
resource "aws_sqs_queue" "a" {{
  policy = data.aws_iam_policy_document.d.json
}}
"""


def test_statements_that_are_not_known_are_the_same_while_nobody_touches_them() -> None:
    before = _DOCUMENT.format(static="", action="s3:GetObject")
    denying = 'statement {\neffect = "Deny"\nactions = ["sqs:*"]\nresources = ["*"]\n}'
    assert told(before, _DOCUMENT.format(static=denying, action="s3:GetObject")) == ""
    assert told(before, _DOCUMENT.format(static=denying, action="s3:*")) == (
        "aws_sqs_queue.a: policy: it is unknown whether it grants more: there may be more statements"
    )


def test_no_far_reaching_policy_is_attached() -> None:
    def attached(name: str) -> str:
        return resource("aws_iam_role_policy_attachment", body=f'policy_arn = "arn:aws:iam::aws:policy/{name}"')

    monitoring = attached("service-role/AmazonRDSEnhancedMonitoringRole")
    assert told(BUCKET, BUCKET + monitoring) == ""
    assert told(monitoring, attached("AmazonS3FullAccess")) == (
        "aws_iam_role_policy_attachment.a: policy_arn attaches AmazonS3FullAccess"
    )


# --- what is admitted -------------------------------------------------------------------------------------------


def rule(cidr: str, port: str = "22") -> str:
    return f'from_port = {port}\nto_port = {port}\nprotocol = "tcp"\ncidr_blocks = {cidr}\n'


def group(*rules: str, name: str = "g") -> str:
    return resource("aws_security_group", name, "".join(f"ingress {{\n{each}}}\n" for each in rules))


def member(cidr: str, name: str = "r", of: str = "g", port: str = "22") -> str:
    return resource(
        "aws_security_group_rule", name,
        f'type = "ingress"\nsecurity_group_id = aws_security_group.{of}.id\n{rule(cidr, port)}',
    )  # fmt: skip


WORLD, TEN, UNKNOWN = '["0.0.0.0/0"]', '["10.0.0.0/8"]', "var.cidrs"
VARIABLE = 'variable "cidrs" {\ntype = list(string)\n}\n'


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (group(rule(WORLD)), group(rule(TEN)), ""),
        (group(rule(WORLD)), group(), ""),
        (group(rule(WORLD)), group(rule(TEN), rule(TEN, "80")),
         "aws_security_group.g: it admits 10.0.0.0/8 by tcp on port 80, which it did not"),
        (group(rule(WORLD)), group(rule(UNKNOWN)), ""),
        (group(rule(TEN)), group(rule(UNKNOWN)),
         "aws_security_group.g: it admits variable(cidrs) by tcp on port 22, which it did not"),
        (group(rule(TEN)), resource("aws_security_group", "g", "ingress = var.cidrs"),
         "aws_security_group.g: it is unknown whether more is admitted: variable(cidrs) is not known"),
        (member(WORLD) + group(), member(TEN) + group(), ""),
        (group(rule(WORLD)), group() + member(TEN), ""),
        (group(rule(TEN)), group(rule(TEN)) + member(WORLD),
         "aws_security_group_rule.r: it admits 0.0.0.0/5 by tcp on port 22, which it did not"),
        (group(rule(WORLD), name="h") + group(), group(rule(WORLD), name="h") + group() + member(TEN),
         "aws_security_group_rule.r: it admits 10.0.0.0/8 by tcp on port 22, which it did not"),
        (group() + member(WORLD), group(rule(TEN)) + member(TEN), ""),
        (group() + member(WORLD, "x"), group() + member(TEN, "x") + member('["192.168.0.0/16"]', "y"), ""),
        (group() + member(WORLD, of="g"), group() + member(WORLD, of="g", port="443"),
         "aws_security_group_rule.r: it admits 0.0.0.0/0 by tcp on port 443, which it did not"),
    ],
)  # fmt: skip
def test_a_group_admits_no_more_than_it_did_all_together(before: str, after: str, reason: str) -> None:
    assert told(VARIABLE + before, VARIABLE + after) == reason


def entry(name: str, number: int, action: str, cidr: str) -> str:
    return resource(
        "aws_network_acl_rule", name,
        f'network_acl_id = aws_network_acl.n.id\nrule_number = {number}\nrule_action = "{action}"\nprotocol = "-1"\n'
        f'cidr_block = "{cidr}"',
    )  # fmt: skip


def test_rules_with_numbers_are_judged_with_those_that_are_heard_before() -> None:
    acl, every = resource("aws_network_acl", "n"), entry("b", 200, "allow", "0.0.0.0/0")
    deny = acl + every + entry("a", 100, "deny", "10.0.0.0/8")
    assert told(deny, acl + every + entry("a", 100, "deny", "10.0.0.0/7")) == ""
    assert told(deny, acl + every + entry("a", 100, "deny", "10.0.0.0/9")) == (
        "aws_network_acl_rule.a: it admits 10.128.0.0/9 by tcp, which it did not"
    )
    assert told(acl + every, acl + entry("b", 200, "allow", "10.0.0.0/8")) == ""


def cluster(cidrs: str | None) -> str:
    listed = f"public_access_cidrs = {cidrs}\n" if cidrs else ""
    return VARIABLE + resource("aws_eks_cluster", body=f"vpc_config {{\n{listed}}}")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (None, TEN, ""),
        (WORLD, TEN, ""),
        (WORLD, UNKNOWN, ""),
        (TEN, WORLD, "aws_eks_cluster.a: vpc_config.public_access_cidrs lets in addresses that it did not"),
        (TEN, UNKNOWN, "aws_eks_cluster.a: it is unknown whether vpc_config.public_access_cidrs lets in more"),
    ],
)
def test_a_list_of_who_is_let_in_does_not_grow(before: str | None, after: str | None, reason: str) -> None:
    assert told(cluster(before), cluster(after)) == reason


# --- keys -------------------------------------------------------------------------------------------------------

APPROVED = "arn:aws:kms:eu-west-1:111122223333:key/1"


def encrypted(key: str, *blocks: str) -> str:
    return resource("aws_ebs_volume", body=f"kms_key_id = {key}") + "".join(blocks)


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (encrypted(f'"{APPROVED}"'), ""),
        (encrypted('"alias/aws/ebs"'), ""),
        (encrypted('"arn:aws:kms:eu-west-1:111122223333:alias/aws/ebs"'), ""),
        (encrypted('"alias/ours"', resource("aws_kms_alias", "k", 'name = "alias/ours"')), ""),
        (encrypted(f'"{APPROVED}2"'),
         f"aws_ebs_volume.a: kms_key_id: names a key that is neither approved nor in this tree: {APPROVED}2"),
        (encrypted('"arn:aws:kms:eu-west-1:${data.aws_caller_identity.me.account_id}:key/2"',
                   'data "aws_caller_identity" "me" {}\n'),
         "aws_ebs_volume.a: kms_key_id: names a key that is neither approved nor in this tree: "
         "arn:aws:kms:eu-west-1:*:key/2"),
        (encrypted("aws_kms_key.k.arn", resource("aws_kms_key", "k", "enable_key_rotation = true")), ""),
        (encrypted("aws_kms_key.k.arn", resource("aws_kms_key", "k", "deletion_window_in_days = 7")), ""),
        (encrypted("aws_kms_key.k.arn", resource("aws_kms_key", "k", "is_enabled = false")),
         "aws_ebs_volume.a: kms_key_id: aws_kms_key.k is a key that is disabled"),
        (encrypted("aws_kms_key.k.arn", resource("aws_kms_key", "k", "bypass_policy_lockout_safety_check = true")),
         "aws_ebs_volume.a: kms_key_id: aws_kms_key.k is a key whose policy may lock everybody out"),
        (encrypted("aws_kms_key.k.arn", resource("aws_kms_key", "k", 'key_usage = "SIGN_VERIFY"')),
         "aws_ebs_volume.a: kms_key_id: aws_kms_key.k is a key that does not encrypt"),
        (encrypted("aws_kms_key.k.arn", resource("aws_kms_key", "k", f"policy = {policy(allow('kms:*', ME))}")), ""),
        (encrypted("aws_kms_key.k.arn", resource("aws_kms_key", "k", f"policy = {policy(allow('kms:*'))}")),
         "aws_kms_key.k: policy: a new policy grants to everyone"),
        (encrypted("aws_kms_key.k.arn", resource("aws_kms_key", "k", f"policy = {policy(allow('kms:List*', ME))}")),
         "aws_ebs_volume.a: kms_key_id: aws_kms_key.k is a key whose policy lets nobody encrypt"),
        (encrypted("data.aws_kms_alias.k.target_key_arn", 'data "aws_kms_alias" "k" {\nname = "alias/theirs"\n}\n'),
         "data.aws_kms_alias.k looks up a key that is neither approved nor in this tree: alias/theirs"),
        (encrypted("data.aws_kms_alias.k.target_key_arn", 'data "aws_kms_alias" "k" {\nname = "alias/aws/ebs"\n}\n'), ""),
        (encrypted("aws_s3_bucket.b.arn", BUCKET), "aws_ebs_volume.a: kms_key_id: aws_s3_bucket.b is not a key"),
    ],
)  # fmt: skip
def test_a_key_that_is_named_can_be_used(after: str, reason: str) -> None:
    assert told(resource("aws_ebs_volume"), after, approved_kms_keys=[APPROVED]) == reason


def test_a_new_key_is_usable_whoever_names_it() -> None:
    reason = "aws_kms_key.k is a key that is disabled"
    assert told(BUCKET, BUCKET + resource("aws_kms_key", "k", "is_enabled = false")) == reason
