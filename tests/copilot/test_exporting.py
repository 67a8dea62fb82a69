"""The input of compiled checks: the roots, values and parameters of `scan`."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import regorus

from copilot import wiring
from copilot.compiling import agreement, rego
from tests.trees import VOLUME, volume, write

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # typer asks click for names that are going away
    from copilot import cli

OPEN = 'variable "e" {}\n' + volume(encrypted="var.e")
ENVIRONMENTS = {
    "main.tf": OPEN, "dev.tfvars": "e = false\n", "prod.tfvars": "e = true\n", "other/main.tf": OPEN,
    ".compliance/copilot.yaml": (
        "version: 1\nparameters: {log_bucket: logs}\nenvironments:\n"
        "  prod: {roots: ['.'], var_files: [prod.tfvars], parameters: {log_bucket: prod-logs}}\n"
        "  dev: {roots: ['.'], var_files: [dev.tfvars]}\n"
    ),
}  # fmt: skip


class Said(NamedTuple):
    code: int
    out: str
    err: str


Export = Callable[..., Said]


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Export:
    """Run `ccopilot export input.json` in an empty folder."""
    monkeypatch.setenv("CCOPILOT_HOME", str(tmp_path / "home"))
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")

    def run(*args: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["ccopilot", "export", "input.json", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


def verdict(document: Any) -> dict[str, str]:
    check = wiring.library().checks[VOLUME]
    engine = regorus.Engine()
    engine.add_policy("lib.rego", rego.library())
    engine.add_policy("check.rego", rego.compile_check(check))
    return agreement.verdicts(engine, check, document)


def test_one_root_is_printed_as_scan_sees_it(export: Export) -> None:
    write(Path(), {"main.tf": OPEN, "terraform.tfvars": "e = true\n"})
    said = export("--check", VOLUME)
    document = json.loads(said.out)
    assert (said.code, document["root"], document["environment"]) == (0, ".", "")
    assert verdict(document) == {"aws_ebs_volume.v": "pass"}


def test_several_roots_are_named_and_none_is_printed_for_another(export: Export) -> None:
    write(Path(), ENVIRONMENTS)
    said = export()
    assert (said.code, said.out) == (3, "")
    assert "3 roots: .@dev, .@prod, other" in said.err
    assert "--root" in said.err and "--output" in said.err


def test_a_root_is_chosen_by_folder_and_environment_with_its_parameters(export: Export) -> None:
    write(Path(), ENVIRONMENTS)
    found = {name: json.loads(export("--root", name).out) for name in (".@prod", "@dev", "other", "other/")}
    assert {name: (d["environment"], *verdict(d).values()) for name, d in found.items()} == {
        ".@prod": ("prod", "pass"), "@dev": ("dev", "fail"), "other": ("", "undecided"), "other/": ("", "undecided"),
    }  # fmt: skip
    assert [found[name]["parameters"]["log_bucket"]["v"] for name in (".@prod", "@dev")] == ["prod-logs", "logs"]
    assert export("--root", "nowhere").code == 3


def test_each_root_becomes_a_file_below_the_folder(export: Export) -> None:
    write(Path(), ENVIRONMENTS)
    assert export("-o", "../out").code == 0
    out = Path("../out")
    written = {path.relative_to(out).as_posix(): json.loads(path.read_text()) for path in out.rglob("*.json")}
    assert {name: (d["root"], d["environment"]) for name, d in written.items()} == {
        "input.prod.json": (".", "prod"), "input.dev.json": (".", "dev"), "other/input.json": ("other", ""),
    }  # fmt: skip
    again = export("-o", "../out")
    assert (again.code, "is not an empty folder" in again.err) == (3, True)


def test_var_files_and_a_plan_decide_as_they_do_for_scan(export: Export) -> None:
    write(Path(), {"main.tf": OPEN, "a.tfvars": "e = false\n"})
    assert verdict(json.loads(export().out)) == {"aws_ebs_volume.v": "undecided"}
    said = json.loads(export("--var-file", "a.tfvars", "--environment", "prod").out)
    assert (said["environment"], verdict(said)) == ("prod", {"aws_ebs_volume.v": "fail"})
    entry = {"address": "aws_ebs_volume.v", "mode": "managed", "type": "aws_ebs_volume", "name": "v"}
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{**entry, "values": {"encrypted": True}}]}},
        "resource_changes": [{**entry, "change": {"after_unknown": {}}}],
    }
    Path("../plan.json").write_text(json.dumps(plan))
    assert verdict(json.loads(export("--plan", "../plan.json").out)) == {"aws_ebs_volume.v": "pass"}


def test_what_cannot_be_read_is_told_and_leaves_the_root_open(export: Export) -> None:
    write(Path(), {"main.tf": OPEN, "broken.tf": "resource {{{"})
    said = export()
    assert json.loads(said.out)["closed"] is False
    assert "note: broken.tf" in said.err
