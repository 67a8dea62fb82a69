"""The roots of a tree are found without evaluating it, and a change reaches the roots that read what it touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.model import Root
from copilot.policy import Policy, load, parse
from copilot.roots import affected, find_roots
from copilot.snapshot import Snapshot

EXAMPLE = Path(__file__).parents[2] / "examples" / "harbor" / "head"
POD = "apiVersion: v1\nkind: Pod\n"


def call(source: str) -> str:
    return f'module "m" {{\n  source = "{source}"\n}}\n'


def found(files: dict[str, str], policy: str = "", under: str = "") -> list[Root]:
    given = parse(f"version: 1\n{policy}".encode()) if policy else Policy.default()
    return list(find_roots(Snapshot.of(files), given, under).roots)


def test_the_example_has_its_two_environments() -> None:
    tree = Snapshot.from_folder(EXAMPLE)
    roots = (Root("environments/production", "production"), Root("environments/staging", "staging"))
    assert find_roots(tree, load(tree)).roots == find_roots(tree, Policy.default()).roots == roots


def test_a_folder_that_nobody_calls_is_a_root() -> None:
    files = {"a/main.tf": call("../m"), "m/main.tf": call("./n"), "m/n/main.tf": "", "b/main.tf": call("registry/x/y")}
    assert found(files) == [Root("a"), Root("b")]


@pytest.mark.parametrize(
    ("extra", "is_root"),
    [
        ({"m/x.tf": 'terraform {\n  backend "s3" {}\n}\n'}, True),
        ({"m/x.tf": "terraform {\n  cloud {}\n}\n"}, True),
        ({"m/x.tf": 'provider "aws" {\n  region = "x"\n}\n'}, True),
        ({"m/terraform.tfvars": "a = 1\n"}, True),
        ({"m/x.tf": 'provider "aws" {\n  alias = "x"\n}\n'}, False),
        ({"m/x.tf": "terraform {}\n"}, False),
    ],
)
def test_a_called_folder_is_a_root_when_it_has_what_only_roots_have(extra: dict[str, str], is_root: bool) -> None:
    roots = found({"a/main.tf": call("../m"), "m/main.tf": "", **extra})
    assert roots == ([Root("a"), Root("m")] if is_root else [Root("a")])


def test_modules_that_only_call_each_other_are_not_lost() -> None:
    assert found({"a/main.tf": call("../b"), "b/main.tf": call("../a")}) == [Root("a")]


def test_callers_outside_the_folder_asked_for_do_not_count() -> None:
    files = {"a/main.tf": call("../m/x"), "m/x/main.tf": "", "m/y/main.tf": ""}
    assert found(files, under="m") == [Root("m/x"), Root("m/y")]


def test_what_is_excluded_is_neither_root_nor_caller() -> None:
    files = {"main.tf": "", "examples/e/main.tf": call("../..")}
    assert (found(files), found(files, 'exclude: ["examples/**"]')) == ([Root("examples/e")], [Root("")])


def test_variable_files_named_for_environments_make_a_root_each() -> None:
    files = {"i/main.tf": "", "i/prod.tfvars": "", "i/vars/staging.tfvars": "", "i/common.tfvars": "", "i/x.tfvars": ""}
    assert found(files) == [
        Root("i", "production", ("i/common.tfvars", "i/prod.tfvars")),
        Root("i", "staging", ("i/common.tfvars", "i/vars/staging.tfvars")),
    ]


def test_an_environment_takes_the_policy_s_spelling() -> None:
    files = {"live/eu-prod/main.tf": "", "live-chat/main.tf": ""}
    assert found(files) == [Root("live-chat"), Root("live/eu-prod", "production")]
    assert found(files, "environments: {prd: {}}") == [Root("live-chat"), Root("live/eu-prod", "prd")]


def test_listed_roots_have_their_environment_and_the_others_are_still_found() -> None:
    files = {
        "i/main.tf": "",
        "i/live.tfvars": "",
        "vars/all.tfvars": "",
        "e/x/main.tf": "",
        "e/x/y/main.tf": "",
        "z/main.tf": "",
    }
    policy = """
environments:
  one: {roots: [i], var_files: [live.tfvars, vars/all.tfvars]}
  two: {roots: ["e/*"]}
"""
    assert found(files, policy) == [
        Root("e/x", "two"), Root("e/x/y"), Root("i", "one", ("i/live.tfvars", "vars/all.tfvars")), Root("z"),
    ]  # fmt: skip


def test_a_listed_root_that_is_not_there_is_named() -> None:
    survey = find_roots(Snapshot.of({}), parse(b"version: 1\nenvironments: {p: {roots: [gone]}}"))
    assert [(gap.kind, gap.path, gap.reason) for gap in survey.gaps] == [
        (
            "out_of_sight",
            ".compliance/copilot.yaml",
            "`roots` of the environment p lists gone, where there is no configuration",
        )
    ]


def test_manifests_are_a_root_for_each_topmost_folder() -> None:
    files = {
        "k/prod/a.yaml": POD, "k/prod/sub/b.yml": POD, "k/other/c.yaml": "# no\na: 1\n---\n" + POD, "x/values.yaml": "a: 1\n",
        ".github/w.yaml": POD,
    }  # fmt: skip
    assert found(files) == [Root("k/other", "", (), "kubernetes"), Root("k/prod", "production", (), "kubernetes")]


def test_what_other_tools_build_is_out_of_sight_and_quoted_braces_are_text() -> None:
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: x\n", "chart/templates/a.yaml": POD + "{{ x }}", "g/terragrunt.hcl": "",
        "j/a.yaml": POD + "x: {{ y }}\n", "k/a.yaml": POD, "k/kustomization.yaml": "apiVersion: k\nkind: K\n",
        "w/a.yaml": POD + 'x: "{{ y }}"\n', "t/main.tf": "locals {\n  a = terraform.workspace\n}\n",
    }  # fmt: skip
    survey = find_roots(Snapshot.of(files), Policy.default())
    assert [root.folder for root in survey.roots] == ["k", "t", "w"]
    assert [(gap.kind, gap.path, gap.line) for gap in survey.gaps] == [
        ("out_of_sight", "chart/Chart.yaml", 1), ("out_of_sight", "g/terragrunt.hcl", 1), ("out_of_sight", "j/a.yaml", 3),
        ("out_of_sight", "k/kustomization.yaml", 1), ("out_of_sight", "t/main.tf", 2),
    ]  # fmt: skip


TREE = {
    "a/main.tf": call("../m") + 'locals {\n  t = file("${path.module}/t.json")\n}\n',
    "a/t.json": "{}", "a/README.md": "", "a/sub/main.tf": "", "v/p.tfvars": "", "b/main.tf": "",
    "m/main.tf": call("./n") + 'locals {\n  p = "${path.module}/../shared/p.json"\n  q = file(local.p)\n}\n',
    "m/n/main.tf": 'locals {\n  f = fileset("${path.module}/files", "*")\n}\n', "m/n/files/x": "", "shared/p.json": "{}",
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("a/main.tf", True), ("a/new.tf", True), ("a/terraform.tfvars", True), ("v/p.tfvars", True), ("a/t.json", True),
        ("m/main.tf", True), ("m/n/main.tf", True), ("m/n/files/x", True), ("m/n/files/new", True), ("shared/p.json", True),
        ("b/main.tf", False), ("README.md", False), ("shared/q.json", False), ("v/q.tfvars", False),
    ],
)  # fmt: skip
def test_a_change_affects_the_root_that_reads_the_file(path: str, reached: bool) -> None:
    tree, roots = Snapshot.of(TREE), (Root("a", "p", ("v/p.tfvars",)),)
    assert affected(roots, tree, tree, [path]) == (roots if reached else ())


def test_a_call_or_file_that_the_change_removes_still_counts() -> None:
    before = Snapshot.of(TREE)
    after = before.changed({"a/main.tf": b"", "m/main.tf": None, "m/n/main.tf": None})
    assert affected((Root("a"), Root("b")), before, after, ["m/n/main.tf"]) == (Root("a"),)


def test_manifests_below_the_folder_affect_it() -> None:
    root, tree = Root("k", "", (), "kubernetes"), Snapshot.of({"k/a.yaml": POD})
    assert [affected((root,), tree, tree, [path]) for path in ("k/s/new.yaml", "kk/a.yaml")] == [(root,), ()]


def test_the_examples_of_a_check_of_the_repository_are_no_roots() -> None:
    own = ".compliance/checks/own-x"
    files = {"a/main.tf": "", f"{own}/bad/one/main.tf": "", f"{own}/good/one/m/main.tf": "", f"{own}/other/main.tf": ""}
    assert found({**files, f"{own}/check.yaml": "id: own-x"}) == [Root(f"{own}/other"), Root("a")]
    assert Root(f"{own}/bad/one") in found(files)  # nothing there is a check
