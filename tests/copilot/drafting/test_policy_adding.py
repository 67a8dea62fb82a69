"""From a requirement to a check of the repository that finds a violation: draft, add, prove, scan."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from copilot import policymaking, sandbox, wiring
from copilot.checks import library
from copilot.compiling import checkov
from copilot.drafting.policy_gate import ApprovedPolicy
from copilot.llm.scripted import Scripted
from copilot.scanners.checkov import Checkov
from tests.copilot.drafting.drafted_policies import CHECK, REQUIREMENT, all_tests, answer_of, case, check, tree

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # typer asks click for names that are going away
    from copilot import cli

pytestmark = pytest.mark.skipif(bool(sandbox.available()), reason="foreign Rego is not evaluated here")

Run = Callable[..., tuple[int, str]]
ID = "own-log-retention-90"


@pytest.fixture
def ccopilot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, in an empty repository: exit code and report."""
    monkeypatch.setenv("CCOPILOT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CCOPILOT_CHECKOV", raising=False)
    (tmp_path / "repository").mkdir()
    monkeypatch.chdir(tmp_path / "repository")

    def command(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["ccopilot", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return command


def scripted(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(wiring, "language_model", lambda: Scripted(lines))


def found(said: tuple[int, str]) -> list[tuple[str, str]]:
    """The findings of our own checks in a report: check and address."""
    data = json.loads(said[1])
    return [(each["check"], each["address"]) for each in data["findings"] if each["check"].startswith("own-")]


def log_group(days: int, more: str = "") -> str:
    return f'resource "aws_cloudwatch_log_group" "app" {{\n  name              = "app"\n  retention_in_days = {days}\n{more}}}\n'


def test_an_accepted_policy_becomes_a_check_that_proves_itself_and_finds_a_violation(
    ccopilot: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    scripted(monkeypatch, all_tests(), check())
    code, said = ccopilot("policy", "draft", REQUIREMENT, "--target", "rego,checkov", "-f", "json", "-o", str(out))
    report = json.loads(said)
    assert (code, report["state"], sorted(report["targets"])) == (0, "accepted", ["checkov", "rego"])
    assert {v["outcome"] for v in report["verdicts"]} == {"pass"}
    written = {path.name for path in out.iterdir()}
    assert written == {"policy.json", "check.yaml", "policy.rego", "checkov.yaml", "report.md", "cases"}

    assert ccopilot("policy", "add", str(out))[0] == 0
    made = Path(".compliance/checks", ID)
    assert {path.name for path in made.iterdir()} == {"check.yaml", "good", "bad", "undecided"}
    assert (made / "check.yaml").read_text() == CHECK
    assert ccopilot("corpus", "check", ID, "--folder", ".compliance/checks", "--quiet") == (0, "")

    Path("main.tf").write_text(log_group(30))
    assert found(ccopilot("scan", "-f", "json", "--no-model")) == [(ID, "aws_cloudwatch_log_group.app")]
    Path("main.tf").write_text(log_group(365))
    assert found(ccopilot("scan", "-f", "json", "--no-model")) == []


KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER = KEY.replace("1111", "9999")
KEYED = CHECK[: CHECK.index("control:")].replace(ID, "own-log-keys") + (
    "control: encryption-at-rest-storage\nseverity: high\nsubject: {types: [aws_cloudwatch_log_group]}\n"
    "must: {path: kms_key_id, in: {param: approved_kms_keys}, absent: false}\n"
)
KEYED_CASES = [
    case("ours", "allow", tree(f'  kms_key_id = "{KEY}"\n')),
    case("ours-local", "allow", tree("  kms_key_id = local.k\n", before=f'locals {{\n  k = "{KEY}"\n}}\n\n')),
    case("another", "deny", tree(f'  kms_key_id = "{OTHER}"\n')),
    case("none", "deny", tree("")),
    case("unset", "undecided", tree("  kms_key_id = var.k\n", before='variable "k" {}\n\n')),
]


def keyed() -> tuple[str, str]:
    parameters = [{"name": "approved_kms_keys", "values": [KEY]}]
    return answer_of(KEYED_CASES, parameters=parameters), check(KEYED, control="encryption-at-rest-storage")


def test_a_check_with_a_parameter_is_proved_with_the_values_of_its_tests_and_keeps_them(
    ccopilot: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    scripted(monkeypatch, *keyed())
    requirement = "All log storage is encrypted at rest with company-managed keys."
    code, said = ccopilot("policy", "draft", requirement, "-f", "json", "-o", str(out), "--target", "checkov")
    report = json.loads(said)
    verdicts = {each["validator"]: each["outcome"] for each in report["verdicts"]}
    assert (code, verdicts["proved"]) == (0, "pass"), report["verdicts"]
    assert report["compiled"] == [
        {"target": "checkov", "outcome": "refused", "reason": "a comparison with something else than a literal"}
    ]
    assert not (out / "checkov.yaml").exists()

    assert ccopilot("policy", "add", str(out))[0] == 0
    made = Path(".compliance/checks/own-log-keys")
    assert yaml.safe_load((made / "parameters.yaml").read_text()) == {"approved_kms_keys": [KEY]}
    assert ccopilot("corpus", "check", "own-log-keys", "--folder", ".compliance/checks", "--quiet") == (0, "")
    (made / "parameters.yaml").write_text(f"approved_kms_keys: ['{OTHER}']\n")
    assert ccopilot("corpus", "check", "own-log-keys", "--folder", ".compliance/checks", "--quiet")[0] == 1

    # What holds for the repository is what its settings say, not what the examples were written for.
    Path("main.tf").write_text(log_group(365, f'  kms_key_id        = "{OTHER}"\n'))
    assert found(ccopilot("scan", "-f", "json", "--no-model")) == []
    Path(".compliance/copilot.yaml").write_text(f"version: 1\nparameters: {{approved_kms_keys: ['{KEY}']}}\n")
    assert found(ccopilot("scan", "-f", "json", "--no-model")) == [("own-log-keys", "aws_cloudwatch_log_group.app")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "is not a map of parameters"),
        ("log_bucket: x", "is not a map of parameters"),
        ("approved_kms_keys: {a: b}", "is not text, a number, or a list"),
        ("{", "is not YAML"),
    ],
)
def test_parameters_of_examples_that_do_not_read_are_a_contradiction(tmp_path: Path, text: str, reason: str) -> None:
    from copilot import corpus

    (tmp_path / "own-log-keys").mkdir()
    (tmp_path / "own-log-keys/check.yaml").write_text(KEYED)
    (tmp_path / "own-log-keys/parameters.yaml").write_text(text)
    problems = corpus.check(library.load_from([tmp_path]), ids=["own-log-keys"])
    assert any(reason in problem for problem in problems), problems


# --- Checkov ----------------------------------------------------------------------------------------------------------

CHECKOV = """\
#!{python}
import json, sys
at = lambda name: sys.argv[sys.argv.index(name) + 1]
rows = {{"passed_checks": [], "failed_checks": []}}
for tree, kind in {said!r}:
    rows[kind].append({{"check_id": at("--check"), "file_path": "/" + tree + "/main.tf",
                       "resource": "aws_cloudwatch_log_group.app"}})
assert open(at("--external-checks-dir") + "/policy.yaml").read().startswith("metadata:")
print(json.dumps({{"results": rows}}))
"""


def checkov_that_says(folder: Path, said: list[tuple[str, str]]) -> Checkov:
    program = folder / "checkov"
    program.write_text(CHECKOV.format(python=sys.executable, said=said))
    program.chmod(0o755)
    return Checkov(program)


def accepted() -> Any:
    from tests.copilot.drafting.drafted_policies import drafted

    text = CHECK[: CHECK.index("must:")] + "must: {path: retention_in_days, at_least: 90, absent: false}\n"
    cases = [each for each in json.loads(all_tests())["cases"] if "never-expires" not in each["name"]]
    cases.append(case("left-out", "deny", tree("")))
    done, _ = drafted(answer_of(cases), check(text))
    assert isinstance(done.outcome, ApprovedPolicy), done.outcome
    return done


def test_a_policy_for_checkov_is_tried_there_on_the_tests_and_refused_where_checkov_says_something_else(
    tmp_path: Path,
) -> None:
    done = accepted()
    right = [
        ("just-below", "failed_checks"), ("one-day", "failed_checks"), ("exactly-at-the-bound", "passed_checks"),
        ("a-year", "passed_checks"), ("left-out", "failed_checks"),
    ]  # fmt: skip
    module = ("through-a-module", "failed_checks")
    program = checkov_that_says(tmp_path, [*right, module])
    # A resource of a module has another address there.
    made = policymaking.compiled(done, ["checkov"], program)["checkov"]
    assert made.outcome == "refused" and "through-a-module is nothing where it is fail here" in made.reason
    assert made.text == "" and "checkov.yaml" not in policymaking.as_files(done, {"checkov": made})

    wrong = checkov_that_says(tmp_path, [("just-below", "passed_checks")])
    made = policymaking.compiled(done, ["checkov"], wrong)["checkov"]
    assert (made.outcome, made.reason) == (
        "refused", "in Checkov, aws_cloudwatch_log_group.app of just-below is pass where it is fail here"
    )  # fmt: skip


def test_without_a_checkov_the_policy_says_that_it_was_not_tried() -> None:
    done = accepted()
    made = policymaking.compiled(done, ["rego", "checkov"])
    assert made["checkov"].outcome == "not_tried"
    assert yaml.safe_load(made["checkov"].text)["metadata"]["id"] == "CCOPILOT_OWN_LOG_RETENTION_90"
    assert "NOT TRIED: compiled; no Checkov is here" in " ".join(policymaking.as_text(done, made).split())
    assert sorted(set(policymaking.as_files(done, made)) & {"checkov.yaml", "policy.rego"}) == [
        "checkov.yaml",
        "policy.rego",
    ]


def test_a_checkov_that_does_not_answer_leaves_it_untried(tmp_path: Path) -> None:
    program = tmp_path / "checkov"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    made = policymaking.compiled(accepted(), ["checkov"], Checkov(program))["checkov"]
    assert (made.outcome, made.reason) == (
        "not_tried", "compiled; Checkov did not answer: Checkov ended with 3: it said nothing"
    )  # fmt: skip


def test_targets_are_named_apart_or_joined_by_commas() -> None:
    assert policymaking.targets(()) == ("rego",)
    assert policymaking.targets(("checkov,rego", "rego")) == ("checkov", "rego")
    assert checkov.policy_id(library.load().checks["aws-ebs-volume-encrypted"]) == "CCOPILOT_AWS_EBS_VOLUME_ENCRYPTED"
