"""A finding lives where its value was written, and keeps its name when everything but the thing itself changes."""

from __future__ import annotations

import pytest

from copilot.findings import by_fingerprint, leaves_of, parts, worst_first
from copilot.model import Finding, Root
from tests.trees import ACLS, KEY, SSH, VOLUME, findings, group, key, queue, volume

MODULE = 'variable "encrypted" { default = true }\n' + volume(encrypted="var.encrypted")


def one(files: dict[str, str], *roots: Root, check: str = VOLUME) -> Finding:
    (found,) = findings(files, *roots, checks=(check,))
    return found


def shown(finding: Finding) -> tuple[str, str, list[str], list[str]]:
    """Address, folder, the chain of places, and the callers."""
    return finding.address, finding.folder, list(map(str, finding.places)), list(map(str, finding.callers))


# --- where a finding lives ----------------------------------------------------------------------------------------


def test_an_argument_written_in_the_root_lives_on_its_line() -> None:
    assert shown(one({"main.tf": volume()})) == ("aws_ebs_volume.v", "", ["main.tf:4"], [])


def test_a_default_lives_in_its_variable() -> None:
    files = {"main.tf": volume(encrypted="var.e"), "variables.tf": 'variable "e" {\n  default = false\n}\n'}
    assert shown(one(files)) == ("aws_ebs_volume.v", "", ["main.tf:4", "variables.tf:2"], [])


def test_what_a_variable_file_says_lives_there() -> None:
    files = {"main.tf": 'variable "e" {}\n' + volume(encrypted="var.e"), "terraform.tfvars": "\ne = false\n"}
    assert shown(one(files)) == ("aws_ebs_volume.v", "", ["main.tf:5", "terraform.tfvars:2"], [])


def test_an_argument_of_a_module_lives_at_the_caller() -> None:
    files = {"main.tf": 'module "m" {\n  source    = "./m"\n  encrypted = false\n}\n', "m/main.tf": MODULE}
    assert shown(one(files)) == ("module.m.aws_ebs_volume.v", "m", ["m/main.tf:5", "main.tf:3"], [])


def test_what_is_absent_lives_on_the_header_of_the_innermost_block() -> None:
    found = one({"main.tf": "\n" + key()}, check=KEY)
    assert shown(found) == ("aws_kms_key.k", "", ["main.tf:2"], [])
    place = found.place
    assert (place.column, place.end_line) == (1, 2)


def test_what_a_module_writes_is_one_finding_however_often_it_is_called() -> None:
    call = 'module "{}" {{\n  source = "../m"\n}}\n'
    files = {
        "a/main.tf": call.format("x") + call.format("y"),
        "b/main.tf": call.format("z"),
        "m/main.tf": volume(),
    }
    found = one(files)
    assert shown(found) == ("aws_ebs_volume.v", "m", ["m/main.tf:4"], ["a/main.tf:1", "a/main.tf:4", "b/main.tf:1"])
    assert [(o.root, o.address) for o in found.occurrences] == [
        ("a", "module.x.aws_ebs_volume.v"), ("a", "module.y.aws_ebs_volume.v"), ("b", "module.z.aws_ebs_volume.v"),
    ]  # fmt: skip


def test_what_callers_write_is_one_finding_for_each() -> None:
    call = 'module "{}" {{\n  source    = "./m"\n  encrypted = {}\n}}\n'
    files = {
        "main.tf": call.format("x", "false") + call.format("y", "true") + call.format("z", "false"),
        "m/main.tf": MODULE,
    }
    assert [shown(each)[2][-1] for each in findings(files, checks=(VOLUME,))] == ["main.tf:3", "main.tf:11"]


def test_what_a_module_in_between_writes_is_one_finding_in_that_module() -> None:
    root = 'module "outer" {\n  source = "../middle"\n}\n'
    files = {
        "a/main.tf": root, "b/main.tf": root,
        "middle/main.tf": 'module "inner" {\n  source    = "../inner"\n  encrypted = false\n}\n',
        "inner/main.tf": MODULE,
    }  # fmt: skip
    found = one(files)
    assert shown(found) == (
        "module.inner.aws_ebs_volume.v", "middle", ["inner/main.tf:5", "middle/main.tf:3"], ["a/main.tf:1", "b/main.tf:1"],
    )  # fmt: skip
    assert [o.address for o in found.occurrences] == ["module.outer.module.inner.aws_ebs_volume.v"] * 2


def test_examples_below_a_module_are_callers_and_no_part_of_it() -> None:
    call = 'module "m" {\n  source    = "../.."\n  encrypted = false\n}\n'
    files = {"m/main.tf": MODULE, "m/examples/x/main.tf": call, "m/examples/y/main.tf": call}
    assert [shown(each)[2][-1] for each in findings(files, checks=(VOLUME,))] == [
        "m/examples/x/main.tf:3", "m/examples/y/main.tf:3",
    ]  # fmt: skip


def test_the_same_thing_in_two_environments_is_one_finding_with_both() -> None:
    roots = Root("", "dev", ("dev.tfvars",)), Root("", "prod", ("prod.tfvars",))
    found = one({"main.tf": volume(), "dev.tfvars": "", "prod.tfvars": ""}, *roots)
    assert (found.environments, len(found.occurrences)) == (("dev", "prod"), 2)


def test_what_each_environment_writes_is_a_finding_of_its_own() -> None:
    roots = Root("", "dev", ("dev.tfvars",)), Root("", "prod", ("prod.tfvars",))
    files = {
        "main.tf": 'variable "e" {}\n' + volume(encrypted="var.e"), "dev.tfvars": "e = false\n", "prod.tfvars": "e = false\n",
    }  # fmt: skip
    found = findings(files, *roots, checks=(VOLUME,))
    assert [(f.environments, str(f.place)) for f in found] == [(("dev",), "dev.tfvars:1"), (("prod",), "prod.tfvars:1")]
    assert len(by_fingerprint(found)) == 2


def test_an_undecided_check_is_a_finding_that_says_why() -> None:
    found = one({"main.tf": 'variable "e" {}\n' + volume(encrypted="var.e")})
    assert (found.status, found.path, str(found.place)) == ("undecided", "encrypted", "main.tf:1")
    assert found.reason == "encrypted is not decided: variable(e) has no default"


# --- what it is called --------------------------------------------------------------------------------------------

BEFORE = {"main.tf": volume() + group("0.0.0.0/0")}


def names(files: dict[str, str], *checks: str) -> set[str]:
    return {found.fingerprint for found in findings(files, checks=checks or (VOLUME, SSH))}


@pytest.mark.parametrize(
    "after",
    [
        {"main.tf": "# a line\n\n" + queue() + BEFORE["main.tf"]},
        {"other.tf": BEFORE["main.tf"]},
        {"a.tf": group("0.0.0.0/0"), "b.tf": volume()},
        {"main.tf": volume().replace("{\n", "{\n  count = 3\n", 1) + group("0.0.0.0/0")},
        {"main.tf": volume().replace("{\n", '{\n  for_each = toset(["x", "y"])\n', 1) + group("0.0.0.0/0")},
        {"main.tf": volume(encrypted='"false"') + group("10.0.0.0/8", "0.0.0.0/0")},
    ],
    ids=["lines move", "files are renamed", "files are split", "count", "for_each", "spelling and order"],
)  # fmt: skip
def test_a_fingerprint_stays(after: dict[str, str]) -> None:
    assert names(after) == names(BEFORE)


@pytest.mark.parametrize(
    "after",
    [{"x/main.tf": BEFORE["main.tf"]}, {"main.tf": volume("other") + group("0.0.0.0/0", name="other")}],
    ids=["another root", "another resource"],
)
def test_a_fingerprint_changes_with_what_it_is_about(after: dict[str, str]) -> None:
    assert names(after).isdisjoint(names(BEFORE))


def test_instances_of_one_resource_are_occurrences_of_one_finding() -> None:
    found = one({"main.tf": volume().replace("{\n", '{\n  for_each = toset(["x", "y"])\n', 1)})
    assert [o.address for o in found.occurrences] == ['aws_ebs_volume.v["x"]', 'aws_ebs_volume.v["y"]']


POD = """apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
"""
PRIVILEGED = "k8s-privileged"


def pod(*names: str) -> dict[str, str]:
    container = "    - {{name: {0}, image: {0}, securityContext: {{privileged: true}}}}\n"
    return {"pod.yaml": POD + "".join(map(container.format, names))}


def test_each_bad_element_is_a_finding_and_their_order_does_not_matter() -> None:
    two = names(pod("a", "b"), PRIVILEGED)
    assert names(pod("b", "a"), PRIVILEGED) == two
    assert (len(two), names(pod("b"), PRIVILEGED) < two) == (2, True)


def test_elements_that_read_alike_are_one_finding_however_many() -> None:
    assert names({"main.tf": group("0.0.0.0/0", "0.0.0.0/0")}, SSH) == names({"main.tf": group("0.0.0.0/0")}, SSH)


# --- what it says -------------------------------------------------------------------------------------------------


def test_the_leaves_of_an_occurrence_are_those_of_the_finding() -> None:
    for found in findings(pod("a", "b"), checks=(PRIVILEGED,)):
        (leaf,) = leaves_of(found, found.occurrences[0])
        assert leaf.places == found.places


def test_a_finding_knows_its_parts_and_a_named_element_has_none() -> None:
    def of(files: dict[str, str], check: str) -> list[object]:
        return [parts(each, each.occurrences[0]) for each in findings(files, checks=(check,))]

    block = 'resource "aws_s3_bucket_public_access_block" "p" {\n  bucket = "b"\n  block_public_acls = false\n}\n'
    assert of({"main.tf": block}, ACLS) == [{"block_public_acls": 1}]
    assert of({"main.tf": group("0.0.0.0/0", "0.0.0.0/0")}, SSH) == [{}]
    assert of(pod("a", "b"), PRIVILEGED) == [{}, {}]


def test_the_worst_come_first_whatever_order_they_are_found_in() -> None:
    found = findings({"main.tf": key() + volume() + group("0.0.0.0/0")})
    assert [f.check for f in worst_first(found)] == [SSH, VOLUME, KEY]
    assert worst_first(reversed(found)) == worst_first(found)


# --- which of several conditions is told --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "body", "reason", "line"),
    [
        ("aws-sqs-queue-encrypted", "sqs_managed_sse_enabled = false", "sqs_managed_sse_enabled is false, must be true", 2),
        ("aws-sqs-queue-encrypted", "", "sqs_managed_sse_enabled is absent", 1),
        ("aws-rds-default-port", 'engine = "postgres"', "port is absent", 1),
        ("aws-rds-default-port", 'engine = "sqlserver-ex"\n  port = 1433', "port is 1433", 3),
        ("aws-redshift-logs", "logging {\n    enable = false\n  }", "logging.enable is false, must be true", 3),
    ],
)  # fmt: skip
def test_of_alternatives_the_one_is_told_that_is_about_the_resource_or_has_a_fix(
    check: str, body: str, reason: str, line: int
) -> None:
    kind = {"sqs": "aws_sqs_queue", "rds": "aws_db_instance", "redshift": "aws_redshift_cluster"}[check.split("-")[1]]
    found = one({"main.tf": f'resource "{kind}" "x" {{\n  {body}\n}}\n'}, check=check)
    assert (found.reason, found.place.line) == (reason, line)
