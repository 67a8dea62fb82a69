"""How a finding stands to a change, and where in the diff it is shown."""

from __future__ import annotations

import pytest

from copilot.assessment import Assessor
from copilot.changes import Change
from copilot.checks.language import parse_check
from copilot.model import Place, Root
from copilot.policy import Policy
from copilot.roots import find_roots
from copilot.snapshot import Snapshot
from tests.builders import check_data
from tests.trees import CHECKS, KEY, VOLUME, group, key, queue, settings, volume

Files = dict[str, str]
MODULE = 'variable "encrypted" { default = true }\n' + volume(encrypted="var.encrypted")


def related(before: Files, after: Files, *checks: str, roots: tuple[Root, ...] = ()) -> list[tuple[str, str, str, str]]:
    """(relation, status, address, anchor) of each of the head's findings."""
    assessor: Assessor = settings(*(checks or CHECKS)).assessor()
    trees = [Snapshot.of(files) for files in (before, after)]
    old, new = (assessor.assess(tree, roots or find_roots(tree, Policy.default()).roots) for tree in trees)
    found = Change(*trees).related(new.findings, old.findings, old.passed)
    return [(f.relation, f.status, f.address, str(f.anchor or "")) for f in found]


def test_what_fails_on_the_head_alone_is_introduced() -> None:
    assert related({"main.tf": volume(encrypted="true")}, {"main.tf": volume()}) == [
        ("introduced", "fail", "aws_ebs_volume.v", "main.tf:4")
    ]


def test_what_fails_on_both_is_touched_when_its_line_changed_and_existing_otherwise() -> None:
    before = {"main.tf": volume("a") + queue() + volume("b")}
    after = {"main.tf": volume("a", encrypted="(false)") + queue() + volume("b")}
    assert related(before, after, VOLUME) == [
        ("touched", "fail", "aws_ebs_volume.a", "main.tf:4"),
        ("existing", "fail", "aws_ebs_volume.b", ""),
    ]


def test_a_finding_beside_a_change_is_anchored_where_the_diff_shows_it() -> None:
    before = {"main.tf": volume()}
    assert related(before, {"main.tf": volume().replace("1\n", "2\n")}) == [
        ("existing", "fail", "aws_ebs_volume.v", "main.tf:4")
    ]


def test_a_deleted_argument_introduces_and_is_anchored_on_the_header_that_the_diff_shows() -> None:
    before = {"main.tf": key(more="  enable_key_rotation = true\n")}
    assert related(before, {"main.tf": key()}) == [("introduced", "fail", "aws_kms_key.k", "main.tf:1")]


def test_an_argument_deleted_far_from_the_header_has_no_anchor() -> None:
    padding = "".join(f"  # line {i}\n" for i in range(9))
    before = {"main.tf": key(more=f"{padding}  enable_key_rotation = true\n")}
    assert related(before, {"main.tf": key(more=padding)}) == [("introduced", "fail", "aws_kms_key.k", "")]


def test_a_line_taken_out_of_a_chain_touches_it() -> None:
    change = Change(Snapshot.of({"f": "1\n2\n3\n4\n"}), Snapshot.of({"f": "1\n2\n4\n"}))
    inside, above = Place("f", 2, 6, 2, 1, 3, 1), Place("f", 0, 2, 1, 1, 2, 1)
    assert (change.changed(inside), change.changed(above)) == (True, False)


def test_a_value_changed_in_a_variable_file_touches_a_finding_in_a_module() -> None:
    root = 'variable "e" {}\nmodule "m" {\n  source    = "./m"\n  encrypted = var.e\n}\n'
    before = {"main.tf": root, "m/main.tf": MODULE, "terraform.tfvars": "e = false\n"}
    after = {**before, "terraform.tfvars": 'e = "false"\n'}
    assert related(before, after) == [("touched", "fail", "module.m.aws_ebs_volume.v", "terraform.tfvars:1")]


def test_a_value_changed_in_a_variable_file_introduces_in_a_module() -> None:
    root = 'variable "e" {}\nmodule "m" {\n  source    = "./m"\n  encrypted = var.e\n}\n'
    before = {"main.tf": root, "m/main.tf": MODULE, "terraform.tfvars": "e = true\n"}
    after = {**before, "terraform.tfvars": "e = false\n"}
    assert related(before, after) == [("introduced", "fail", "module.m.aws_ebs_volume.v", "terraform.tfvars:1")]


@pytest.mark.parametrize(
    "after", [{"b.tf": volume()}, {"main.tf": "\n\n# moved\n" + volume()}], ids=["renamed", "moved"]
)
def test_a_file_renamed_or_lines_moved_introduce_nothing(after: Files) -> None:
    assert [each[0] for each in related({"main.tf": volume()}, after)] in (["existing"], ["touched"])


def test_one_more_call_of_a_module_that_fails_is_introduced_at_the_call() -> None:
    call = 'module "{}" {{\n  source = "./m"\n}}\n'
    before = {"main.tf": call.format("x"), "m/main.tf": volume()}
    after = {**before, "main.tf": call.format("x") + call.format("y")}
    assert related(before, after) == [("introduced", "fail", "aws_ebs_volume.v", "main.tf:4")]


def test_one_more_instance_of_a_resource_that_fails_is_not() -> None:
    more = {"main.tf": volume().replace("{\n", "{\n  count = 2\n", 1)}
    assert [each[0] for each in related({"main.tf": volume()}, more)] == ["existing"]


def test_one_more_bad_element_is_introduced_where_it_stands() -> None:
    before, after = {"main.tf": group("0.0.0.0/0")}, {"main.tf": group("0.0.0.0/0", "10.0.0.0/8", "0.0.0.0/1")}
    assert sorted(related(before, after)) == [
        ("existing", "fail", "aws_security_group.s", "main.tf:7"),
        ("introduced", "fail", "aws_security_group.s", "main.tf:19"),
    ]


def test_one_bad_element_less_is_not() -> None:
    before, after = {"main.tf": group("0.0.0.0/0", "0.0.0.0/0")}, {"main.tf": group("0.0.0.0/0")}
    assert [each[0] for each in related(before, after)] == ["existing"]


BOTH = parse_check(
    check_data({"all": [{"path": name, "equals": True, "absent": False} for name in ("one", "two", "three")]}), file="x"
)


@pytest.mark.parametrize(
    ("before", "after", "relation"),
    [
        ("", "one = true", "existing"),
        ("", "one = true\n  two = true", "existing"),
        ("one = true", "one = true\n  two = true", "existing"),
        ("one = true", "", "introduced"),
        ("one = true\n  two = true", "one = true", "introduced"),
        ("one = true\n  two = true", "one = true\n  three = true", "introduced"),
    ],
)
def test_half_a_repair_introduces_nothing_and_further_damage_does(before: str, after: str, relation: str) -> None:
    assessor = Assessor(lambda types: [BOTH], lambda environment: {})
    text = 'resource "aws_thing" "t" {{\n  {}\n}}\n'
    trees = [Snapshot.of({"main.tf": text.format(body)}) for body in (before, after)]
    old, new = (assessor.assess(tree, [Root("")]) for tree in trees)
    (found,) = Change(*trees).related(new.findings, old.findings, old.passed)
    assert found.relation == relation


def test_what_passed_and_is_undecided_now_has_been_lost_sight_of() -> None:
    after = {"main.tf": 'variable "e" {}\n' + volume(encrypted="var.e")}
    assert related({"main.tf": volume(encrypted="true")}, after) == [
        ("introduced", "lost_sight", "aws_ebs_volume.v", "main.tf:5")
    ]


@pytest.mark.parametrize(
    "before", [{"main.tf": volume()}, {"main.tf": queue()}], ids=["failed before", "was not there"]
)
def test_what_did_not_pass_before_is_undecided_and_not_lost(before: Files) -> None:
    after = {"main.tf": 'variable "e" {}\n' + volume(encrypted="var.e")}
    assert related(before, after, VOLUME) == [("introduced", "undecided", "aws_ebs_volume.v", "main.tf:5")]


def test_what_was_undecided_stays_existing_and_what_fails_then_is_introduced() -> None:
    open_ = {"main.tf": 'variable "e" {}\n' + volume(encrypted="var.e")}
    assert related(open_, {**open_, "other.tf": key()}, VOLUME) == [("existing", "undecided", "aws_ebs_volume.v", "")]
    assert related(open_, {"main.tf": 'variable "e" { default = false }\n' + volume(encrypted="var.e")}) == [
        ("introduced", "fail", "aws_ebs_volume.v", "main.tf:1")
    ]


def test_a_value_that_moves_from_a_module_to_its_caller_is_the_same_failure() -> None:
    call = 'module "m" {{\n  source = "./m"\n{}}}\n'
    before = {"main.tf": call.format(""), "m/main.tf": MODULE.replace("default = true", "default = false")}
    after = {"main.tf": call.format("  encrypted = false\n"), "m/main.tf": MODULE}
    assert related(before, after) == [("touched", "fail", "module.m.aws_ebs_volume.v", "main.tf:3")]


def test_the_paths_of_a_change_are_those_whose_bytes_differ() -> None:
    before = Snapshot.of({"same": "x", "changed": "x", "removed": "x", "binary": b"\xff\x00"})
    after = Snapshot.of({"same": "x", "changed": "y", "added": "", "binary": b"\xff\x01"})
    assert Change(before, after).paths == {"changed", "removed", "added", "binary"}


def test_key_rotation_added_to_one_key_leaves_the_other_existing() -> None:
    before = {"main.tf": key("a") + queue() + queue("r") + key("b")}
    after = {"main.tf": key("a", "  enable_key_rotation = true\n") + queue() + queue("r") + key("b")}
    assert related(before, after, KEY) == [("existing", "fail", "aws_kms_key.b", "")]
