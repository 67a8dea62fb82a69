"""Checks as Checkov policies: what cannot be said is refused, and nothing that is not a value passes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from copilot import wiring
from copilot.checks.evaluate import judge_world
from copilot.checks.language import All, AnyOf, Check, Leaf, Not, Param, Quantified, Subject, parse_path
from copilot.compiling import agreement, checkov, rego
from copilot.model import Severity, without_keys


def check_of(must: Any, when: Any = None, types: tuple[str, ...] = ("aws_instance",)) -> Check:
    return Check(
        "a-check", "It is right", "it is wrong", "It matters.", "c", Severity.LOW, Subject("types", types), must, when
    )


def leaf(path: str, op: Any, operand: Any, absent: Any = False) -> Leaf:
    return Leaf((parse_path(path),), op, operand, absent)


def definition(must: Any, when: Any = None, types: tuple[str, ...] = ("aws_instance",)) -> Any:
    return yaml.safe_load(checkov.compile_checkov(check_of(must, when, types)))["definition"]


def asked(attribute: str, operator: str, **value: Any) -> dict[str, Any]:
    return {
        "cond_type": "attribute", "resource_types": ["aws_instance"], "attribute": attribute, "operator": operator, **value
    }  # fmt: skip


def unresolved(attribute: str) -> dict[str, Any]:
    return asked(attribute, "regex_match", value=checkov._UNRESOLVED)


def test_a_comparison_that_lets_pass_also_asks_that_there_is_a_value() -> None:
    assert definition(leaf("metadata_options.http_tokens", "in", ("required", "x"), True)) == {
        "or": [
            asked("metadata_options.http_tokens", "not_exists"),
            {
                "and": [
                    asked("metadata_options.http_tokens", "exists"),
                    {"not": unresolved("metadata_options.http_tokens")},
                    {
                        "or": [
                            asked("metadata_options.http_tokens", "equals", value="required"),
                            asked("metadata_options.http_tokens", "equals", value="x"),
                        ]
                    },
                ]
            },
        ]
    }


def test_a_comparison_whose_falsehood_lets_pass_also_holds_of_what_is_no_value() -> None:
    found = definition(leaf("ami", "equals", "b", False), when=leaf("ami", "starts_with", "a", False))
    assert found["or"][0] == {
        "not": {
            "and": [
                asked("ami", "exists"),
                {"or": [asked("ami", "starting_with", value="a"), {"not": {"not": unresolved("ami")}}]},
            ]
        }
    }
    assert definition(Not(Not(leaf("ami", "equals", "b")))) == {"not": {"not": definition(leaf("ami", "equals", "b"))}}


def test_flags_of_a_pattern_stand_in_front_and_its_end_is_the_end() -> None:
    found = definition(leaf("ami", "matches", "(?i)on|1"))
    assert found["and"][2]["value"] == r"(?i)^(?:on|1)\Z"
    assert re.match(found["and"][2]["value"], "ON") and not re.match(found["and"][2]["value"], "on\n")


def test_a_number_is_compared_only_where_a_number_stands() -> None:
    found = definition(leaf("metadata_options.http_put_response_hop_limit", "at_most", 2))
    asks = asked("metadata_options.http_put_response_hop_limit", "regex_match", value=checkov._NUMBER)
    assert found["and"][1] == asks


@pytest.mark.parametrize(
    ("must", "types", "reason"),
    [
        (Quantified("some", (parse_path("a"),), leaf("b", "equals", 1)), ("t_x",), "quantified"),
        (Leaf((parse_path("a"), parse_path("b")), "equals", 1, False), ("t_x",), "alternatives"),
        (leaf("ami", "equals", "x", None), ("aws_instance",), "an absent value that is undecided"),
        (leaf("ami", "equals", Param("p")), ("aws_instance",), "something else than a literal"),
        (leaf("ingress.protocol", "equals", "x"), ("aws_security_group",), "several blocks"),
        (leaf("a.b", "equals", "x"), ("t_x",), "several blocks"),
        (leaf("root_block_device[0].encrypted", "equals", True), ("aws_instance",), "an element by its position"),
        (leaf("vpc_security_group_ids", "equals", "x"), ("aws_instance",), "a list or a map"),
        (Not(leaf("a", "equals", "x")), ("t_x",), "what may be a list"),
        (Not(leaf("security_groups", "contains", "x")), ("aws_instance",), "one that is not known reads as empty"),
        (leaf("ami", "contains", "x"), ("aws_instance",), "not surely a list"),
        (leaf("ami", "matches", "a(?i)b"), ("aws_instance",), "flags inside"),
        (leaf("ami", "matches", "true|x"), ("aws_instance",), "true or false as text"),
        (leaf("ami", "present", True), ("aws_instance",), "the operator present"),
    ],
)
def test_what_checkov_cannot_say_or_would_misread_is_refused_with_the_reason(
    must: Any, types: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(rego.Inexpressible, match=reason):
        checkov.compile_checkov(check_of(must, None, types))


def test_the_policy_says_that_undecided_is_lost() -> None:
    text = checkov.compile_checkov(check_of(AnyOf((All((leaf("ami", "defined", True),)),))))
    assert checkov.UNDECIDED in yaml.safe_load(text)["metadata"]["guideline"]
    assert "&id" not in text


# --- in Checkov itself, where CCOPILOT_CHECKOV names one ------------------------------------------------------------

TRICKS = """
variable "type" { type = string }
variable "list" { type = list(string) }
resource "aws_instance" "named_like_its_type" { ami = var.type }
resource "aws_instance" "reference" { ami = foo_x.y.arn }
resource "aws_instance" "function" { ami = lower(foo_x.y.arn) }
resource "aws_instance" "text" { ami = "a-${foo_x.y.arn}" }
resource "aws_instance" "other" { ami = "other" }
resource "aws_instance" "wanted" { ami = "wanted" }
resource "aws_instance" "absent" {}
"""


def run_checkov(program: str, tree: Path, policies: Path, home: Path) -> dict[tuple[str, str, str], set[str]]:
    """What it says: by folder of the tree, policy and address."""
    done = subprocess.run(
        [program, "-d", str(tree), "--framework", "terraform", "-o", "json", "--compact", "--soft-fail", "--skip-download",
         "--download-external-modules", "false", "--external-checks-dir", str(policies), "--check", "CCOPILOT_*"],
        capture_output=True, env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LOG_LEVEL": "ERROR"},
        timeout=600, check=True,
    )  # fmt: skip
    report = json.loads(done.stdout)
    report = report if isinstance(report, dict) else report[0]
    said: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for kind, verdict in (("passed_checks", "pass"), ("failed_checks", "fail")):
        for each in report["results"][kind]:
            place = each["file_path"].strip("/").rpartition("/")[0]
            said[place, each["check_id"], without_keys(each["resource"])].add(verdict)
    return said


@pytest.fixture
def program() -> str:
    found = os.environ.get("CCOPILOT_CHECKOV")
    if not found:
        pytest.skip("CCOPILOT_CHECKOV names no Checkov")
    return found


def test_checkov_lets_nothing_pass_that_it_does_not_resolve(program: str, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/main.tf").write_text(TRICKS)
    (tmp_path / "policies").mkdir()
    wanted = check_of(leaf("ami", "in", ("wanted", "x"), False))
    unwanted = check_of(Not(leaf("ami", "matches", "(?i)OTHER", False)))
    for name, check in (("wanted", wanted), ("unwanted", unwanted)):
        text = checkov.compile_checkov(check).replace("CCOPILOT_A_CHECK", f"CCOPILOT_{name.upper()}")
        (tmp_path / f"policies/{name}.yaml").write_text(text)
    said = run_checkov(program, tmp_path / "tree", tmp_path / "policies", tmp_path)
    passed = {(id, address) for (_, id, address), verdicts in said.items() if "pass" in verdicts}
    assert passed == {
        ("CCOPILOT_WANTED", "aws_instance.wanted"),
        ("CCOPILOT_UNWANTED", "aws_instance.wanted"),
        ("CCOPILOT_UNWANTED", "aws_instance.absent"),
    }


def test_checkov_says_of_the_examples_what_native_evaluation_says_and_passes_nothing_undecided(
    program: str, tmp_path: Path
) -> None:
    library = wiring.library()
    compiled = []
    (tmp_path / "policies").mkdir()
    for id in sorted(library.checks):
        try:
            text = checkov.compile_checkov(library.checks[id])
        except rego.Inexpressible:
            continue
        (tmp_path / f"policies/{id}.yaml").write_text(text)
        compiled.append(library.checks[id])
    native: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for check in compiled:
        for kind, paths in library.examples(check.id)._asdict().items():
            for path in paths:
                place = f"{check.id}/{kind}-{path.name}"
                target = tmp_path / "tree" / place
                target.mkdir(parents=True)
                files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
                for file in files:
                    copy = target / file.relative_to(path.parent if path.is_file() else path)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(file.read_bytes())
        for name, world in agreement.example_worlds(library, check):
            for judged in judge_world(compiled, world, {}):
                id = f"CCOPILOT_{judged.check.id.upper().replace('-', '_')}"
                place = f"{check.id}/{name.replace('/', '-', 1)}"
                native[place, id, without_keys(judged.resource.address)].add(judged.verdict)
    said = run_checkov(program, tmp_path / "tree", tmp_path / "policies", tmp_path)
    counts = Counter(
        ("+".join(sorted(native.get(key, {"none"}))), "+".join(sorted(said.get(key, {"none"}))))
        for key in native.keys() | {key for key in said if key[0] in {place for place, _, _ in native}}
    )
    wrong = {pair: n for pair, n in counts.items() if pair not in ALIKE}
    assert wrong == {}
    assert counts["pass", "pass"] > 1000 and counts["fail", "fail"] > 1000


ALIKE = {
    ("pass", "pass"), ("fail", "fail"), ("not_applicable", "pass"), ("undecided", "none"), ("undecided", "fail"),
}  # fmt: skip
