"""A plan laid over its configuration: it decides what was open, and knows no more than it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from copilot.errors import UsageError
from copilot.iac.plan import MAX_DEPTH, overlay, parse
from copilot.iac.terraform import evaluate_root
from copilot.model import Known, Null, Root, Unknown, World, plain
from copilot.snapshot import Snapshot
from tests.trees import KEY, VOLUME, settings, volume

OPEN = 'variable "e" {}\n' + volume(encrypted="var.e")


def entry(address: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    type, name = (
        address.rpartition("]")[0].partition("[")[0].split(".")[-2:]
        if address.endswith("]")
        else address.split(".")[-2:]
    )
    return {"address": address, "mode": "managed", "type": type, "name": name, "values": values, **more}


def planned(*resources: dict[str, Any], unknown: dict[str, Any] | None = None, modules: Any = ()) -> dict[str, Any]:
    changes = [{"address": r["address"], "change": {"after_unknown": unknown or {}}} for r in resources]
    root = {"resources": list(resources), "child_modules": list(modules)}
    return {"format_version": "1.2", "planned_values": {"root_module": root}, "resource_changes": changes}


def laid(text: str, plan: dict[str, Any]) -> World:
    world = evaluate_root(Snapshot.of({"main.tf": text}), Root(""))
    return overlay(world, parse(json.dumps(plan).encode(), "plan.json"))


def of(world: World, name: str) -> Any:
    (resource,) = (
        world.resources if len(world.resources) == 1 else [r for r in world.resources if r.mode == "managed"][:1]
    )
    return resource.body.items[name]


def verdicts(text: str, plan: dict[str, Any], check: str = VOLUME) -> list[tuple[str, str, str]]:
    given = settings(check, plan=plan)
    made = given.assessor().assess(Snapshot.of({"main.tf": text}), [Root("")])
    return [(f.address, f.status, str(f.place)) for f in made.findings]


def test_a_variable_given_at_run_time_is_decided_and_stands_where_it_is_written() -> None:
    assert verdicts(OPEN, planned(entry("aws_ebs_volume.v", {"encrypted": True}))) == []
    ((address, status, place),) = verdicts(OPEN, planned(entry("aws_ebs_volume.v", {"encrypted": False})))
    assert (address, status, place.partition(":")[0]) == ("aws_ebs_volume.v", "fail", "main.tf")


def test_what_the_configuration_decides_stays_whatever_an_old_plan_says() -> None:
    assert of(laid(volume(), planned(entry("aws_ebs_volume.v", {"encrypted": True}))), "encrypted").value is False


def test_a_null_given_at_run_time_is_no_value() -> None:
    text = OPEN.replace("encrypted         = var.e", "kms_key_id = var.e")
    assert isinstance(of(laid(text, planned(entry("aws_ebs_volume.v", {"kms_key_id": None}))), "kms_key_id"), Null)


def test_what_is_known_after_apply_stays_unknown() -> None:
    world = laid(OPEN, planned(entry("aws_ebs_volume.v", {"size": 1}), unknown={"encrypted": True}))
    assert isinstance(of(world, "encrypted"), Unknown)
    assert [
        status for _, status, _ in verdicts(OPEN, planned(entry("aws_ebs_volume.v", {}), unknown={"encrypted": True}))
    ] == ["undecided"]


@pytest.mark.parametrize(
    "text",
    [
        'variable "p" {}\nresource "aws_db_instance" "d" {\n  password = var.p\n}\n',
        'resource "aws_db_instance" "d" {\n  password = "s3cret"\n}\n',
    ],
)
def test_what_the_plan_calls_sensitive_is_sensitive(text: str) -> None:
    world = laid(text, planned(entry("aws_db_instance.d", {"password": "s3cret"}, sensitive_values={"password": True})))
    password = of(world, "password")
    assert (isinstance(password, Known), plain(password)) == (True, {"$sensitive": True})


def test_the_plan_says_how_many_there_are() -> None:
    text = 'variable "n" {}\n' + volume().replace("{\n", "{\n  count = var.n\n", 1)
    three = planned(
        *(entry(f"aws_ebs_volume.v[{i}]", {"encrypted": False}, index=i) for i in range(3)), entry("aws_kms_key.k", {})
    )
    world = laid(text + 'resource "aws_kms_key" "k" {}\n', three)
    assert [(r.address, r.conditional) for r in world.resources if r.type == "aws_ebs_volume"] == [
        (f"aws_ebs_volume.v[{i}]", False) for i in range(3)
    ]
    none = laid(text + 'resource "aws_kms_key" "k" {}\n', planned(entry("aws_kms_key.k", {})))
    assert [r.address for r in none.resources if r.mode == "managed"] == ["aws_kms_key.k"]


REGISTRY = 'module "keys" {\n  source  = "acme/kms/aws"\n  version = "1.0.0"\n}\n'


def test_resources_of_a_registry_module_are_placed_at_the_call() -> None:
    inside = {
        "resources": [entry("module.keys.aws_kms_key.k", {"enable_key_rotation": False})],
        "address": "module.keys",
    }
    plan = planned(modules=[inside])
    assert verdicts(REGISTRY, plan, KEY) == [("module.keys.aws_kms_key.k", "fail", "main.tf:1")]
    world = laid(REGISTRY, plan)
    assert ([gap for gap in world.gaps if gap.kind == "out_of_sight"], world.closed) == ([], True)


def test_what_nothing_here_declares_is_out_of_sight() -> None:
    world = laid(volume(), planned(entry("aws_ebs_volume.v", {}), entry("aws_kms_key.elsewhere", {})))
    assert [(gap.kind, gap.address) for gap in world.gaps] == [("out_of_sight", "aws_kms_key.elsewhere")]


def test_a_plan_of_another_folder_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^the plan is not of \.: nothing there declares aws_kms_key\.elsewhere$"):
        laid(volume(), planned(entry("aws_kms_key.elsewhere", {})))


def nested(depth: int) -> Any:
    data: Any = "x"
    for _ in range(depth):
        data = [data]
    return data


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff\xfe", b"{", b"[]", b"null", b"3", b"{}", b"[" * 100_000,
        json.dumps({"format_version": "1.2"}).encode(),
        json.dumps({"format_version": "1.2", "planned_values": None}).encode(),
        json.dumps({"format_version": "1.2", "planned_values": []}).encode(),
        json.dumps({"format_version": "1.2", "planned_values": {"root_module": []}}).encode(),
        json.dumps(planned({"address": "aws_ebs_volume.v"})).encode(),
        json.dumps(planned({**entry("a.b", {}), "address": 3})).encode(),
        json.dumps(planned(entry("a.b", []))).encode(),  # type: ignore[arg-type]
        json.dumps(planned(entry("a.b", {"x": nested(MAX_DEPTH)}))).encode(),
        json.dumps({**planned(entry("a.b", {})), "resource_changes": [{"address": "a.b", "change": None}]}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_with_the_way_to_make_one(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"^plan\.json: not ") as caught:
        parse(data, "plan.json")
    assert (caught.value.exit_code, "terraform show -json" in caught.value.hint) == (3, True)


def test_empty_and_strange_parts_of_a_plan_are_no_obstacle() -> None:
    world = evaluate_root(Snapshot.of({"main.tf": volume()}), Root(""))
    for more in ({"planned_values": {}}, {"resource_changes": None}, {"resource_changes": [3, {"address": []}]}):
        plan = parse(json.dumps({**planned(entry("aws_ebs_volume.v", {})), **more}).encode(), "plan.json")
        assert [r.address for r in overlay(world, plan).resources] == ["aws_ebs_volume.v"]
