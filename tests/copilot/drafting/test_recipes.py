"""Recipes repair a finding where its value is written, or say why they do not."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from copilot.assessment import Assessment, Assessor
from copilot.checks.language import Check, parse_check
from copilot.drafting import recipes
from copilot.edits.patched import apply
from copilot.model import Abstained, Patch, Root
from copilot.snapshot import Snapshot

ENCRYPTED = "{path: storage_encrypted, equals: true, absent: false, fix: {set: true, safety: safe, source: docs}}"
VERSIONED = """
linked: aws_s3_bucket_versioning
by: bucket
some: {path: versioning_configuration.status, equals: Enabled, absent: false}
unlinked: false
fix: {add_linked: {type: aws_s3_bucket_versioning, body: {bucket: {ref: id}, versioning_configuration: {status: Enabled}}}, safety: safe}
"""
TLS_ONLY = """
policy: policy
denies: {action: "s3:*", condition: {Bool: {"aws:SecureTransport": "false"}}}
fix:
  add_statement: {Sid: Tls, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {Bool: {"aws:SecureTransport": "false"}}}
  safety: changes_behaviour
"""
CLOSED = """
not:
  network: ingress
  admits: {cidr: world, ports: [22], protocol: tcp}
  fix: {narrow: {param: networks}, safety: changes_behaviour}
"""
LIVE = "{path: rule.inner.live, equals: true, absent: false, fix: {set: true, safety: safe}}"


class Case:
    """A check on one root, and what the recipe makes of its findings."""

    def __init__(
        self, must: str, files: dict[str, str], *, type: str = "aws_db_instance", var_file: str = "", **parameters: Any
    ) -> None:  # fmt: skip
        data = {"title": "t", "message": "m", "rationale": "r", "control": "k", "severity": "high"}
        self.check: Check = parse_check(
            {**data, "id": "c", "subject": {"types": [type]}, "must": yaml.safe_load(must)}, file="check.yaml"
        )
        self.snapshot = Snapshot.of(files)
        self.root = Root("", var_files=(var_file,) if var_file else ())
        self.parameters = parameters
        self.before = self.assess(self.snapshot)
        assert [finding.status for finding in self.before.findings] != []

    def assess(self, snapshot: Snapshot) -> Assessment:
        return Assessor(lambda types: [self.check], lambda environment: self.parameters).assess(snapshot, [self.root])

    def drafts(self) -> list[Patch | Abstained]:
        (world,) = self.before.worlds
        return [recipes.draft(f, self.check, world, self.snapshot, self.parameters) for f in self.before.findings]

    def group(self) -> tuple[Patch | Abstained, ...]:
        (world,) = self.before.worlds
        findings = [(finding, self.check) for finding in self.before.findings]
        return recipes.draft_group(findings, world, self.snapshot, self.parameters)

    def patch(self) -> Patch:
        """The first draft, which settles its finding."""
        draft = self.drafts()[0]
        assert isinstance(draft, Patch), draft
        left = {finding.fingerprint for finding in self.assess(apply(self.snapshot, draft.edits).after).findings}
        assert not left & set(draft.findings)
        return draft

    def lines(self) -> list[str]:
        """The lines that the first draft removes and adds, with their file where there are several."""
        diff = apply(self.snapshot, self.patch().edits).diff.splitlines()
        return [line for line in diff if line[:1] in "+-" and line[:3] not in ("---", "+++")]

    def reason(self) -> str:
        draft = self.drafts()[0]
        assert isinstance(draft, Abstained), draft
        return draft.reason


DATABASE = 'resource "aws_db_instance" "a" {\n  storage_encrypted = var.on\n}\n'


# --- where the value is written ---


def test_a_literal_argument_is_set_where_it_stands() -> None:
    case = Case(ENCRYPTED, {"main.tf": 'resource "aws_db_instance" "a" {\n  storage_encrypted = false # later\n}\n'})
    assert case.lines() == ["-  storage_encrypted = false # later", "+  storage_encrypted = true # later"]


def test_a_draft_says_what_it_does_with_its_safety_and_sources() -> None:
    case = Case(ENCRYPTED, {"main.tf": 'resource "aws_db_instance" "a" {\n  name = "x"\n}\n'})
    patch = case.patch()
    # The check calls it safe; the kept facts know that the provider replaces the instance.
    assert (patch.origin, patch.summary, patch.safety, patch.sources, patch.replaces) == (
        "recipe", "sets storage_encrypted = true on aws_db_instance.a", "replaces", ("docs",), ("aws_db_instance.a",),
    )  # fmt: skip


def test_of_several_paths_the_one_that_the_type_has_is_written() -> None:
    must = """
path: [spec.template.spec.host_pid, spec.host_pid, spec.job_template.spec.template.spec.host_pid]
equals: false
absent: false
fix: {set: false, safety: safe}
"""

    def written(type: str, body: str) -> tuple[str, list[str]]:
        case = Case(must, {"main.tf": f'resource "{type}" "a" {{\n{body}}}\n'}, type=type)
        return case.patch().summary, case.lines()

    pod = "  spec {\n    node_name = 1\n  }\n"
    assert written("kubernetes_pod_v1", pod) == (
        "sets spec.host_pid = false on kubernetes_pod_v1.a", ["+    host_pid  = false"],
    )  # fmt: skip
    inner = "  spec {\n    template {\n      spec {}\n    }\n  }\n"
    assert written("kubernetes_deployment_v1", inner) == (
        "sets spec.template.spec.host_pid = false on kubernetes_deployment_v1.a",
        ["-      spec {}", "+      spec {", "+        host_pid = false", "+      }"],
    )
    # The path that is written ends in another block than the first one does.
    job = (
        "  spec {\n    job_template {\n      spec {\n        template {\n          spec {\n            node_name = 1\n"
    )
    assert written("kubernetes_cron_job_v1", job + "          }\n        }\n      }\n    }\n  }\n") == (
        "sets spec.job_template.spec.template.spec.host_pid = false on kubernetes_cron_job_v1.a",
        ["+            host_pid  = false"],
    )
    # Of a type that no table has, nothing is known against the first.
    assert written("example_pod", pod)[0] == "sets spec.template.spec.host_pid = false on example_pod.a"


def test_of_several_paths_in_an_element_the_one_that_the_type_has_is_written() -> None:
    must = """
every: spec.container
that: {path: [is_privileged, security_context.privileged], equals: false, absent: false, fix: {set: false, safety: safe}}
"""

    def pod(container: str) -> Case:
        text = f'resource "kubernetes_pod_v1" "a" {{\n  spec {{\n    container {{\n{container}    }}\n  }}\n}}\n'
        return Case(must, {"main.tf": text}, type="kubernetes_pod_v1")

    assert pod('      name = "a"\n').lines() == [
        "+", "+      security_context {", "+        privileged = false", "+      }",
    ]  # fmt: skip
    # Which of the containers' blocks it would go into, the places of the element do not say.
    refused = pod("      security_context {\n        run_as_user = 1\n      }\n")
    assert refused.reason() == "where the argument would be written cannot be told"


def test_a_variable_with_one_user_is_repaired_in_its_variable_file() -> None:
    files = {"main.tf": DATABASE + 'variable "on" {}\n', "prod.tfvars": "on = false\n"}
    assert Case(ENCRYPTED, files, var_file="prod.tfvars").lines() == ["-on = false", "+on = true"]


def test_a_variable_that_feeds_something_else_is_overridden_where_it_is_used() -> None:
    shared = DATABASE + 'variable "on" {\n  default = false\n}\noutput "on" {\n  value = var.on\n}\n'
    assert Case(ENCRYPTED, {"main.tf": shared}).lines() == [
        "-  storage_encrypted = var.on", "+  storage_encrypted = true",
    ]  # fmt: skip


def test_a_variable_that_feeds_only_the_same_argument_is_repaired_for_all_who_take_it() -> None:
    both = DATABASE + DATABASE.replace('"a"', '"b"') + 'variable "on" {\n  default = false\n}\n'
    case = Case(ENCRYPTED, {"main.tf": both})
    assert case.lines() == ["-  default = false", "+  default = true"]
    assert case.patch().replaces == ("aws_db_instance.a", "aws_db_instance.b")


def test_a_module_argument_is_repaired_in_the_call_that_gives_it() -> None:
    calls = 'module "one" {\n  source = "./m"\n  on = false\n}\nmodule "two" {\n  source = "./m"\n  on = true\n}\n'
    case = Case(ENCRYPTED, {"main.tf": calls, "m/main.tf": DATABASE + 'variable "on" {}\n'})
    assert case.lines() == ["-  on = false", "+  on = true"]
    assert case.patch().edits[0].path == "main.tf"


def test_an_argument_absent_in_a_module_is_added_there_once_for_all_callers() -> None:
    calls = 'module "one" {\n  source = "./m"\n}\nmodule "two" {\n  source = "./m"\n}\n'
    case = Case(ENCRYPTED, {"main.tf": calls, "m/main.tf": 'resource "aws_db_instance" "a" {\n  name = "x"\n}\n'})
    assert case.lines() == ['-  name = "x"', '+  name              = "x"', "+  storage_encrypted = true"]
    assert case.patch().replaces == ("module.one.aws_db_instance.a", "module.two.aws_db_instance.a")


def test_a_value_that_is_worked_out_is_replaced_as_a_whole() -> None:
    text = 'variable "prod" {\n  default = false\n}\n' + DATABASE.replace("var.on", "var.prod ? true : false")
    case = Case(ENCRYPTED, {"main.tf": text})
    assert case.lines() == ["-  storage_encrypted = var.prod ? true : false", "+  storage_encrypted = true"]


def test_one_entry_of_a_map_under_for_each_is_repaired_alone() -> None:
    text = "locals {\n  all = {\n    a = { on = false }\n    b = { on = true }\n  }\n}\n"
    text += (
        'resource "aws_db_instance" "a" {\n  for_each          = local.all\n  storage_encrypted = each.value.on\n}\n'
    )
    case = Case(ENCRYPTED, {"main.tf": text})
    assert case.lines() == ["-    a = { on = false }", "+    a = { on = true }"]


def test_the_type_of_a_variable_is_never_edited() -> None:
    text = 'variable "cfg" {\n  type    = object({ on = optional(bool, false) })\n  default = {}\n}\n'
    case = Case(ENCRYPTED, {"main.tf": text + DATABASE.replace("var.on", "var.cfg.on")})
    assert case.lines() == ["-  storage_encrypted = var.cfg.on", "+  storage_encrypted = true"]


def test_missing_blocks_are_written_also_inside_a_dynamic_block() -> None:
    text = 'resource "x_thing" "a" {\n  dynamic "rule" {\n    for_each = [1]\n    content {\n      n = rule.value\n    }\n  }\n}\n'
    assert Case(LIVE, {"main.tf": text}, type="x_thing").lines() == [
        "+", "+      inner {", "+        live = true", "+      }",
    ]  # fmt: skip


def test_an_object_in_a_local_gets_the_key_it_lacks() -> None:
    must = "{path: settings.live, equals: true, absent: false, fix: {set: true, safety: safe}}"
    text = 'locals {\n  s = {\n    name = "x"\n  }\n}\nresource "x_thing" "a" {\n  settings = local.s\n}\n'
    assert Case(must, {"main.tf": text}, type="x_thing").lines() == ["+    live = true"]


def test_json_syntax_takes_another_value_but_no_new_argument() -> None:
    text = '{"resource": {"aws_db_instance": {"a": {"storage_encrypted": false}}}}\n'
    assert Case(ENCRYPTED, {"main.tf.json": text}).lines()[1] == "+" + text.replace("false", "true").strip()
    without = Case(ENCRYPTED, {"main.tf.json": text.replace('"storage_encrypted": false', "")})
    assert without.reason() == "JSON syntax"


def test_what_is_sensitive_is_left_alone() -> None:
    case = Case(ENCRYPTED, {"main.tf": DATABASE + 'variable "on" {\n  default   = false\n  sensitive = true\n}\n'})
    assert case.reason() == "the value is marked sensitive"


def test_a_list_gains_what_it_lacks_and_keeps_the_rest() -> None:
    must = "{path: logs, contains_all: [api, audit], absent: false, fix: {set: [api, audit], safety: safe}}"
    case = Case(must, {"main.tf": 'resource "x_thing" "a" {\n  logs = ["api", "other"]\n}\n'}, type="x_thing")
    assert case.lines() == ['-  logs = ["api", "other"]', '+  logs = ["api", "other", "audit"]']


# --- choices ---

EITHER = """
any:
  - {path: live, equals: true, absent: false, fix: {set: true, safety: changes_behaviour}}
  - {path: key, present: true, fix: {set: {param: keys}, safety: safe}}
"""


def test_of_several_fixes_the_safest_is_taken() -> None:
    case = Case(EITHER, {"main.tf": 'resource "x_thing" "a" {}\n'}, type="x_thing", keys=["k1", "k2"])
    assert (case.patch().summary, case.patch().safety) == ('sets key = "k1" on x_thing.a', "safe")


def test_a_parameter_that_is_not_set_is_named() -> None:
    must = "{path: key, present: true, fix: {set: {param: keys}, safety: safe}}"
    case = Case(must, {"main.tf": 'resource "x_thing" "a" {}\n'}, type="x_thing")
    (draft,) = case.drafts()
    assert draft == Abstained(
        (case.before.findings[0].fingerprint,), "the value is a decision: set parameter keys", ("keys",)
    )  # fmt: skip


def test_everything_that_fails_is_repaired_or_nothing() -> None:
    must = (
        "all: [{path: a, equals: 1, absent: false, fix: {set: 1, safety: safe}}, {path: b, equals: 2, absent: false}]"
    )
    case = Case(must, {"main.tf": 'resource "x_thing" "a" {}\n'}, type="x_thing")
    assert case.reason() == "the check has no recipe for this"
    both = must.replace("absent: false}]", "absent: false, fix: {set: 2, safety: safe}}]")
    case = Case(both, {"main.tf": 'resource "x_thing" "a" {}\n'}, type="x_thing")
    assert case.lines()[-3:] == ["+  a = 1", "+  b = 2", "+}"]


def test_a_new_block_that_needs_more_than_the_fix_says_is_a_decision() -> None:
    must = "{path: access_log_settings.destination_arn, present: true, fix: {set: x, safety: safe}}"
    text = 'resource "aws_api_gateway_stage" "a" {\n  stage_name = "x"\n}\n'
    case = Case(must, {"main.tf": text}, type="aws_api_gateway_stage")
    assert case.reason() == "a new `access_log_settings` block needs format, which is a decision"


# --- other resources ---


@pytest.mark.parametrize(
    ("meta", "keys"), [("count = 2", "[count.index]"), ('for_each = toset(["a", "b"])', "[each.key]"), ("", "")]
)
def test_a_linked_resource_is_added_behind_the_subject_and_repeated_like_it(meta: str, keys: str) -> None:
    head = f"  {meta}\n\n" if meta else ""
    text = f'resource "aws_s3_bucket" "b" {{\n{head}  bucket = "x"\n}}\n\n# end\n'
    case = Case(VERSIONED, {"main.tf": text}, type="aws_s3_bucket")
    added = (
        f'resource "aws_s3_bucket_versioning" "b" {{\n{head}  bucket = aws_s3_bucket.b{keys}.id\n\n'
        '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n\n'
    )
    after = apply(case.snapshot, case.patch().edits).after.read("main.tf")
    assert after == text.replace("# end\n", added + "# end\n").encode()


def test_a_linked_resource_whose_address_is_taken_is_not_added() -> None:
    text = 'resource "aws_s3_bucket" "b" {}\nresource "aws_s3_bucket_versioning" "b" {\n  bucket = "other"\n}\n'
    case = Case(VERSIONED, {"main.tf": text}, type="aws_s3_bucket")
    assert case.reason() == "aws_s3_bucket_versioning.b exists, and does not settle it"


# --- networks and policies ---

GROUP = """resource "aws_security_group" "a" {
  ingress {
    from_port        = 22
    to_port          = 22
    protocol         = "tcp"
    cidr_blocks      = ["10.1.0.0/16", "0.0.0.0/0"] # why
    ipv6_cidr_blocks = ["::/0"]
  }
}
"""


def test_open_networks_are_narrowed_to_the_approved_ones_of_their_family() -> None:
    case = Case(CLOSED, {"main.tf": GROUP}, type="aws_security_group", networks=["10.1.0.0/16", "192.168.0.0/16"])
    assert case.lines() == [
        "-    from_port        = 22", "-    to_port          = 22", '-    protocol         = "tcp"',
        '-    cidr_blocks      = ["10.1.0.0/16", "0.0.0.0/0"] # why', '-    ipv6_cidr_blocks = ["::/0"]',
        "+    from_port   = 22", "+    to_port     = 22", '+    protocol    = "tcp"',
        '+    cidr_blocks = ["10.1.0.0/16", "192.168.0.0/16"] # why',
    ]  # fmt: skip


def test_rules_at_fault_leave_a_list_of_rules() -> None:
    rules = "".join(
        f'    {{\n      from_port   = {port}\n      to_port     = {port}\n      protocol    = "tcp"\n'
        '      cidr_blocks = ["0.0.0.0/0"]\n    },\n'
        for port in (22, 443)
    )
    must = CLOSED.replace("narrow: {param: networks}", "remove_element: true")
    case = Case(
        must,
        {"main.tf": f'resource "aws_security_group" "a" {{\n  ingress = [\n{rules}  ]\n}}\n'},
        type="aws_security_group",
    )
    assert case.lines()[1] == "-      from_port   = 22"
    assert len(case.lines()) == 6


DOCUMENT = """jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "*"
      },
    ]
  })"""
HEREDOC = """<<-EOT
    {
      "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.b.arn}/*"}
      ]
    }
  EOT"""


@pytest.mark.parametrize(
    ("document", "added"),
    [
        (DOCUMENT, ['+        Action    = "s3:*"', '+            "aws:SecureTransport" = "false"']),
        (HEREDOC, ['+          "Action": "s3:*",', '+              "aws:SecureTransport": "false"']),
        (
            "data.aws_iam_policy_document.d.json",
            ['+    actions   = ["s3:*"]', '+      variable = "aws:SecureTransport"'],
        ),
    ],
)
def test_a_statement_is_added_in_the_form_of_the_policy(document: str, added: list[str]) -> None:
    text = f'resource "aws_s3_bucket_policy" "b" {{\n  bucket = "b"\n  policy = {document}\n}}\n'
    text += 'data "aws_iam_policy_document" "d" {\n  statement {\n    actions   = ["s3:Get*"]\n    resources = ["*"]\n  }\n}\n'
    lines = Case(TLS_ONLY, {"main.tf": text}, type="aws_s3_bucket_policy").lines()
    assert [line for line in lines if line in added] == added


# --- several findings ---

RULES = 'resource "x_thing" "a" {\n  rule {\n    name = "one"\n  }\n\n  rule {\n    live = false\n  }\n}\n'
EVERY = "{every: rule, that: {path: live, equals: true, absent: false, fix: {set: true, safety: safe}}}"


def test_the_findings_of_a_resource_make_one_patch() -> None:
    case = Case(EVERY, {"main.tf": RULES}, type="x_thing")
    (patch,) = case.group()
    assert isinstance(patch, Patch)
    assert len(patch.findings) == 2
    assert case.assess(apply(case.snapshot, patch.edits).after).findings == ()


def test_patches_combine_unless_they_change_a_line_in_different_ways() -> None:
    case = Case(EVERY, {"main.tf": RULES}, type="x_thing")
    first, second = (draft for draft in case.drafts() if isinstance(draft, Patch))
    both = recipes.combine([first, second], case.snapshot)
    assert both is not None
    assert both.findings == (*first.findings, *second.findings)
    assert case.assess(apply(case.snapshot, both.edits).after).findings == ()
    other = Case(
        EVERY.replace("equals: true", "equals: 2").replace("set: true", "set: 2"), {"main.tf": RULES}, type="x_thing"
    ).drafts()
    assert recipes.combine([first, *(d for d in other if isinstance(d, Patch))], case.snapshot) is None


def test_two_arguments_of_one_missing_block_are_written_as_one_block() -> None:
    must = LIVE.replace("rule.inner.live", "rule.live")
    both = f"all: [{must}, {must.replace('rule.live', 'rule.kept')}]"
    case = Case(both, {"main.tf": 'resource "x_thing" "a" {\n  name = "x"\n}\n'}, type="x_thing")
    assert case.lines() == ["+", "+  rule {", "+    live = true", "+    kept = true", "+  }"]


def test_a_finding_that_wants_another_value_gets_a_patch_of_its_own() -> None:
    case = Case(
        "{path: key, present: true, fix: {set: a, safety: safe}}",
        {"main.tf": 'resource "x_thing" "a" {}\n'},
        type="x_thing",
    )
    rival = Case(
        "{path: key, equals: b, absent: false, fix: {set: b, safety: safe}}",
        {"main.tf": 'resource "x_thing" "a" {}\n'},
        type="x_thing",
    )
    findings = [(case.before.findings[0], case.check), (rival.before.findings[0], rival.check)]
    first, second = recipes.draft_group(findings, case.before.worlds[0], case.snapshot, {})
    assert isinstance(first, Patch)
    assert isinstance(second, Patch)
    assert (first.summary, second.summary) == ('sets key = "a" on x_thing.a', 'sets key = "b" on x_thing.a')
    assert recipes.combine([first, second], case.snapshot) is None
