"""What the tables answer, whether the kept lists agree with them, and that one wheel gives one set of bytes."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from copilot.iac import facts
from copilot.iac.facts import ArgumentFacts, BlockFacts, Replacement

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "corpus" / "facts"
KEPT_REPLACES = yaml.safe_load((FOLDER / "replaces.yaml").read_text())
KEPT_DEFAULTS = yaml.safe_load((FOLDER / "defaults.yaml").read_text())
KEPT_FORMER = yaml.safe_load((FOLDER / "former.yaml").read_text())


def string(name: str, *, required: bool = False, computed_only: bool = False) -> ArgumentFacts:
    return ArgumentFacts(name, "string", required, computed_only)


def flag(name: str, *, required: bool = False) -> ArgumentFacts:
    return ArgumentFacts(name, "bool", required, computed_only=False)


KNOWN: list[tuple[str, str, ArgumentFacts | BlockFacts]] = [
    ("aws_db_instance", "instance_class", string("instance_class", required=True)),
    ("aws_db_instance", "storage_encrypted", flag("storage_encrypted")),
    ("aws_db_instance", "address", string("address", computed_only=True)),
    (
        "aws_db_instance",
        "vpc_security_group_ids",
        ArgumentFacts("vpc_security_group_ids", "list(string)", False, False),
    ),
    ("aws_db_instance", "tags", ArgumentFacts("tags", "map(string)", False, False)),
    ("aws_iam_policy", "policy", string("policy", required=True)),
    ("aws_cloudtrail", "enable_log_file_validation", flag("enable_log_file_validation")),
    ("aws_eks_cluster", "vpc_config", BlockFacts("vpc_config", many=False, required=True, as_attribute=False)),
    ("aws_eks_cluster", "vpc_config.endpoint_public_access", flag("endpoint_public_access")),
    ("aws_eks_cluster", "vpc_config.vpc_id", string("vpc_id", computed_only=True)),
    ("aws_instance", "metadata_options.http_tokens", string("http_tokens")),
    ("aws_security_group", "ingress", BlockFacts("ingress", many=True, required=False, as_attribute=True)),
    ("aws_security_group", "ingress.from_port", ArgumentFacts("from_port", "number", False, False)),
    (
        "aws_s3_bucket_server_side_encryption_configuration",
        "rule.apply_server_side_encryption_by_default.sse_algorithm",
        string("sse_algorithm", required=True),
    ),
    (
        "aws_wafv2_web_acl",
        "rule.statement",
        BlockFacts("statement", many=True, required=False, as_attribute=False, open=True),
    ),
    ("azurerm_storage_account", "min_tls_version", string("min_tls_version")),
    ("azurerm_storage_account", "https_traffic_only_enabled", flag("https_traffic_only_enabled")),
    ("google_storage_bucket", "uniform_bucket_level_access", flag("uniform_bucket_level_access")),
    ("google_compute_instance", "boot_disk", BlockFacts("boot_disk", many=False, required=True, as_attribute=False)),
    ("google_container_cluster", "private_cluster_config.enable_private_nodes", flag("enable_private_nodes")),
    ("google_pubsub_topic", "message_transforms.javascript_udf.code", string("code", required=True)),
    ("kubernetes_deployment_v1", "spec.template.spec.container.security_context.run_as_user", string("run_as_user")),
    ("kubernetes_deployment_v1", "metadata.name", string("name")),
]


@pytest.mark.parametrize(("type", "path", "expected"), KNOWN, ids=[f"{t}.{p}" for t, p, _ in KNOWN])
def test_known_facts_are_in_the_tables(type: str, path: str, expected: ArgumentFacts | BlockFacts) -> None:
    found = facts.resource_type(type)
    assert found is not None
    assert found.argument(tuple(path.split("."))) == expected


def test_a_data_source_is_not_the_resource_of_the_same_name() -> None:
    resource, data = facts.resource_type("aws_kms_key"), facts.data_type("aws_kms_key")
    assert resource is not None and data is not None
    assert resource.argument(("key_id",)) == string("key_id", computed_only=True)
    assert data.argument(("key_id",)) == string("key_id", required=True)


@pytest.mark.parametrize("type", ["aws_no_such_thing", "datadog_monitor", "aws_", "", 'aws_kms_key",{}', "aws_kms_kéy"])
def test_a_type_that_no_table_has_is_unknown(type: str) -> None:
    assert (facts.resource_type(type), facts.data_type(type)) == (None, None)


def test_what_is_required_is_named_per_block() -> None:
    cluster = facts.resource_type("aws_eks_cluster")
    assert cluster is not None
    assert cluster.required() == ("name", "role_arn", "vpc_config")
    assert cluster.required(("vpc_config",)) == ("subnet_ids",)
    assert cluster.required(("name",)) == ()


def test_read_only_attributes_are_not_among_the_names_to_write() -> None:
    key = facts.resource_type("aws_kms_key")
    assert key is not None
    assert "enable_key_rotation" in key.names() and "arn" not in key.names()


def test_a_wrong_name_is_told_from_a_place_the_table_does_not_describe() -> None:
    acl = facts.resource_type("aws_wafv2_web_acl")
    assert acl is not None
    assert (acl.argument(("rule", "naem")), acl.knows(("rule", "naem"))) == (None, True)
    inside = ("rule", "statement", "and_statement", "statement")
    assert (acl.argument(inside), acl.knows(inside)) == (None, False)


def test_every_type_of_every_table_can_be_looked_up() -> None:
    for provider in facts.PROVIDERS:
        lines = gzip.decompress((FOLDER / f"{provider}.json.gz").read_bytes()).splitlines()
        kinds = [json.loads(line)[:2] for line in lines[1:]]
        source = facts.source(provider)
        assert kinds == sorted(kinds)
        assert len(kinds) == source.resources + source.data_sources
        for kind, type in (kinds[0], kinds[len(kinds) // 2], kinds[-1]):
            found = facts.resource_type(type) if kind == "resource" else facts.data_type(type)
            assert found is not None and found.names()


def test_each_table_names_the_wheel_that_the_readme_and_the_script_name() -> None:
    readme = (FOLDER / "README.md").read_text()
    script = generator()
    for provider in facts.PROVIDERS:
        source = facts.source(provider)
        assert (source.package, source.version) == (script.PACKAGES[provider], script.VERSIONS[provider])
        cells = (f"`{provider}.json.gz`", f"`{source.package}`", source.version)
        made_for = f"hashicorp/{provider} {source.provider_version}"
        assert f"| {' | '.join(cells)} | {made_for} | `{source.wheel_sha256}` |" in readme
    assert script.FORMAT == facts.FORMAT
    assert tuple(sorted(script.PACKAGES)) == facts.PROVIDERS


def test_encrypting_a_database_replaces_it_and_protecting_it_does_not() -> None:
    row = facts.replaces("aws_db_instance", ("storage_encrypted",))
    assert row == Replacement(source=KEPT_REPLACES["types"]["aws_db_instance"]["source"], note="", when="always")
    assert facts.replaces("aws_db_instance", ("deletion_protection",)) is None
    assert facts.in_place("aws_db_instance", ("deletion_protection",))


def test_the_row_nearest_to_a_path_counts() -> None:
    below = ("encryption_configuration", "kms_key")
    assert facts.replaces("aws_ecr_repository", below) == facts.replaces("aws_ecr_repository", below[:1]) is not None
    assert facts.in_place("aws_msk_cluster", ("encryption_info", "encryption_in_transit", "client_broker"))
    assert not facts.in_place("aws_msk_cluster", ("encryption_info", "encryption_in_transit", "in_cluster"))


def test_an_argument_without_a_row_is_neither_safe_nor_replacing_and_the_type_says_that_it_matters() -> None:
    path = ("ebs_block_device", "encrypted")
    assert (facts.replaces("aws_instance", path), facts.in_place("aws_instance", path)) == (None, False)
    assert facts.stateful("aws_instance") and facts.stateful("aws_mq_broker")
    assert not facts.stateful("aws_iam_role") and not facts.in_place("aws_iam_role", ("tags",))


def test_turning_envelope_encryption_on_is_told_from_turning_it_off() -> None:
    row = facts.replaces("aws_eks_cluster", ("encryption_config", "provider", "key_arn"))
    assert row is not None and row.when == "removed"


@pytest.mark.parametrize(
    ("type", "path", "value"),
    [
        ("aws_eks_cluster", "vpc_config.endpoint_public_access", True),
        ("aws_eks_cluster", "vpc_config.public_access_cidrs", ("0.0.0.0/0",)),
        ("aws_lb", "drop_invalid_header_fields", False),
        ("aws_db_instance", "storage_encrypted", False),
        ("aws_kms_key", "enable_key_rotation", False),
        ("aws_iam_account_password_policy", "minimum_password_length", 6),
        ("aws_ecr_repository", "image_tag_mutability", "MUTABLE"),
        ("aws_redshift_cluster", "publicly_accessible", None),
        ("aws_instance", "metadata_options.http_tokens", None),
        ("aws_sqs_queue", "sqs_managed_sse_enabled", None),
    ],
)
def test_an_absent_argument_means_what_is_documented_or_is_unknown(type: str, path: str, value: facts.Default) -> None:
    assert facts.default(type, tuple(path.split("."))) == value


def test_a_default_that_the_account_can_change_says_so() -> None:
    assert facts.default("aws_ebs_volume", ("encrypted",)) is False
    assert facts.account_dependent("aws_ebs_volume", ("encrypted",))
    assert not facts.account_dependent("aws_efs_file_system", ("encrypted",))


def test_every_kept_row_names_a_type_and_an_argument_of_the_tables() -> None:
    strangers = []
    for type, rows in KEPT_REPLACES["types"].items():
        strangers += [(type, path) for path in (*rows["replaces"], *rows["in_place"]) if settable(type, path) is None]
    for type, rows in KEPT_DEFAULTS["types"].items():
        strangers += [
            (type, path) for path in (*rows["defaults"], *rows.get("unknown", ())) if settable(type, path) is None
        ]
    strangers += [(type, "") for type in KEPT_REPLACES["stateful"] if facts.resource_type(type) is None]
    assert strangers == []


def test_every_default_has_the_type_of_its_argument_and_every_type_a_source() -> None:
    types = {bool: "bool", int: "number", str: "string", list: "list(string)"}
    for type, rows in KEPT_DEFAULTS["types"].items():
        assert re.match(r"(docs|schema) [a-z]", rows["source"]), type
        assert set(rows.get("account_dependent", ())) <= set(rows["defaults"]), type
        assert not set(rows.get("unknown", ())) & set(rows["defaults"]), type
        for path, value in rows["defaults"].items():
            argument = settable(type, path)
            assert isinstance(argument, ArgumentFacts) and argument.type == types[value.__class__], (type, path)


def test_no_argument_is_both_replacing_and_in_place_and_every_condition_is_explained() -> None:
    for type, rows in KEPT_REPLACES["types"].items():
        assert re.match(r"(docs|schema) (r/|internal/service/)", rows["source"]), type
        # A row covers what lies below it, so an in-place row above a replacing one would speak for its block.
        assert not [p for p in rows["replaces"] for q in rows["in_place"] if f"{p}.".startswith(f"{q}.")], type
        for path, row in rows["replaces"].items():
            assert row is None or (row["when"] in ("removed", "sometimes") and row["note"]), (type, path)


def test_a_former_name_is_one_that_the_tables_lack_and_stands_for_itself_alone() -> None:
    assert facts.former("azurerm_sql_server")
    assert not facts.former("azurerm_mssql_server")
    assert facts.former("azurerm_kubernetes_cluster", ("role_based_access_control", "enabled"))
    assert not facts.former("azurerm_kubernetes_cluster", ("role_based_access_control", "enable"))
    assert [type for type in KEPT_FORMER["types"] if facts.resource_type(type)] == []
    paths = [written.split(".") for written in KEPT_FORMER["arguments"]]
    assert [type for type, *_ in paths if facts.resource_type(type) is None] == []
    assert [way for type, *way in paths if (known := facts.resource_type(type)) and known.argument(tuple(way))] == []


def test_looking_up_one_type_imports_nothing_heavy() -> None:
    code = (
        "import sys; from copilot.iac import facts; assert facts.resource_type('aws_db_instance').required();"
        "print(*sorted({'yaml', 'pydantic', 'gzip', 'pathlib', 'importlib.resources', 'tempfile'} & set(sys.modules)))"
    )
    # -S: what an environment's site hooks import is not this module's doing.
    ran = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "\n"


def test_a_wheel_is_read_whole_and_always_gives_the_same_bytes(tmp_path: Path) -> None:
    script = generator()
    wheel = tiny_wheel(tmp_path)
    first = script.table("aws", wheel)
    header, *rows = [json.loads(line) for line in gzip.decompress(first).splitlines()]
    assert script.table("aws", wheel) == first
    assert first[4:8] == b"\0\0\0\0"
    assert (header["format"], header["provider_version"], header["resources"], header["data_sources"]) == (
        1,
        "9.8.7",
        1,
        0,
    )
    assert rows == [
        [
            "resource",
            "aws_thing",
            {
                "arn": "=string",
                "cut": ["*", None],
                "name": "!string",
                "part": ["*!", {"is_on": "bool", "part": ["1", None]}],
                "rows": ["*@", {"is_on": "bool", "part": ["1", None]}],
            },
        ]
    ]


def settable(type: str, path: str) -> ArgumentFacts | BlockFacts | None:
    found = facts.resource_type(type)
    argument = None if found is None else found.argument(tuple(path.split(".")))
    return None if isinstance(argument, ArgumentFacts) and argument.computed_only else argument


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("provider_facts", ROOT / "scripts" / "provider_facts.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tiny_wheel(folder: Path) -> Path:
    """A wheel as the bindings' makers build them, with one resource whose block contains itself."""
    many = {
        "union": {
            "types": [{"fqn": "cdktf.IResolvable"}, {"collection": {"elementtype": {"fqn": "p.Part"}, "kind": "array"}}]
        }
    }

    def setting(
        name: str, type: dict[str, Any], *, block: bool = False, optional: bool = True, camel: str = ""
    ) -> dict[str, Any]:
        link = f"{{@link https://docs.example/thing#{name} Thing#{name}}}"
        docs = {"summary": f"{name} block.", "remarks": link} if block else {"summary": link}
        return {"name": camel or name, "type": type, "docs": docs, "optional": optional}

    config = {
        "kind": "interface",
        "fqn": "p.ThingConfig",
        "properties": [
            setting("name", {"primitive": "string"}, optional=False),
            setting("part", many, block=True, optional=False),
            setting("rows", many),
            setting("cut", {"primitive": "any"}, block=True),
        ],
    }
    part = {
        "kind": "interface",
        "fqn": "p.Part",
        "properties": [
            setting(
                "is_on", {"union": {"types": [{"primitive": "boolean"}, {"fqn": "cdktf.IResolvable"}]}}, camel="isOn"
            ),
            setting("part", {"fqn": "p.Part"}, block=True),
        ],
    }
    thing = {
        "kind": "class",
        "fqn": "p.Thing",
        "base": "cdktf.TerraformResource",
        "docs": {"summary": "Represents a {@link https://docs.example/thing aws_thing}."},
        "initializer": {"parameters": [{"name": "config", "type": {"fqn": "p.ThingConfig"}}]},
        "properties": [
            {"name": "tfResourceType", "static": True, "type": {"primitive": "string"}},
            {"name": "arn", "type": {"primitive": "string"}},
            {"name": "nameInput", "type": {"primitive": "string"}},
        ],
    }
    assembly = json.dumps({"types": {each["fqn"]: each for each in (config, part, thing)}}).encode()
    tgz = io.BytesIO()
    with tarfile.open(fileobj=tgz, mode="w:gz") as tar:
        entry = tarfile.TarInfo("package/.jsii")
        entry.size = len(assembly)
        tar.addfile(entry, io.BytesIO(assembly))
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny/_jsii/tiny@1.0.jsii.tgz", tgz.getvalue())
        archive.writestr("tiny-1.0.dist-info/METADATA", "Bindings for hashicorp/aws provider version 9.8.7\n")
    return wheel
