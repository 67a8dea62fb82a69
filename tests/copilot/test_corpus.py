"""The corpus: its lists and entries, and that a check which contradicts itself is found and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot import corpus
from copilot.checks import library as libraries
from copilot.checks.library import Library
from copilot.errors import UnknownId

CHECK = """
id: aws-sqs-queue-encrypted
title: SQS queues are encrypted at rest
message: messages lie unencrypted at rest
rationale: Messages often carry personal data.
control: encryption-at-rest-storage
severity: high
subject: {types: [aws_sqs_queue]}
must: {path: sqs_managed_sse_enabled, equals: true, absent: false, fix: {set: true, safety: safe}}
peers: [CKV_AWS_27]
"""
QUEUE = 'resource "aws_sqs_queue" "q" {\n  sqs_managed_sse_enabled = %s\n}\n'
GOOD, BAD = QUEUE % "true", QUEUE % "false"
UNDECIDED = 'variable "on" {}\n' + QUEUE % "var.on"


@pytest.fixture(scope="module")
def shipped() -> Library:
    return libraries.load()


def planted(folder: Path, text: str = CHECK, **examples: str) -> Library:
    """A library of one check with these examples (`good`, `bad`, `undecided`)."""
    at = folder / "checks" / "aws" / "aws-sqs-queue-encrypted"
    at.mkdir(parents=True)
    (at / "check.yaml").write_text(text)
    for kind, written in {"good": GOOD, "bad": BAD, "undecided": UNDECIDED, **examples}.items():
        if written:
            (at / kind).mkdir()
            (at / kind / "main.tf").write_text(written)
    return libraries.load_from([folder / "checks"])


def problems(library: Library) -> list[str]:
    return [each.removeprefix("aws-sqs-queue-encrypted: ") for each in corpus.check(library)]


# --- the proof ----------------------------------------------------------------------------------------------------


def test_a_check_that_is_right_has_no_contradictions_and_says_what_was_done(tmp_path: Path) -> None:
    said: list[str] = []
    assert corpus.check(planted(tmp_path), report=said.append) == []
    [line] = said
    assert line.startswith("1 checks, 3 examples, ") and line.endswith(
        " 1 fixes carried out, 0 Rego tests: 0 contradictions\n"
    )


def test_a_sample_of_the_shipped_checks_holds(shipped: Library) -> None:
    sample = [
        "aws-s3-bucket-encryption",
        "aws-sg-ingress-ssh-world",
        "aws-sqs-queue-tls-only",
        "aws-user-data-credentials",
    ]
    assert corpus.check(shipped, ids=sample) == []


def test_an_example_that_comes_out_otherwise_is_named(tmp_path: Path) -> None:
    assert problems(planted(tmp_path, bad=GOOD, undecided=BAD)) == [
        "bad/main.tf: is to be fail, and is pass",
        "undecided/main.tf: holds something that is fail",
        "undecided/main.tf: is to be undecided, and is fail",
    ]


def test_an_example_to_which_the_check_does_not_apply_shows_nothing(tmp_path: Path) -> None:
    other = 'resource "aws_sns_topic" "t" {}\n'
    assert problems(planted(tmp_path, good=other)) == [
        "good/main.tf: is to be pass, and is nothing that the check applies to"
    ]


def test_an_example_that_does_not_parse_is_named(tmp_path: Path) -> None:
    [problem] = problems(planted(tmp_path, good=GOOD + 'resource "aws_sqs_queue" {{{\n'))
    assert problem.startswith("good/main.tf: cannot be read: line ")


def test_missing_examples_are_named_and_an_undecided_one_where_it_is_possible(tmp_path: Path) -> None:
    assert problems(planted(tmp_path, good="", undecided="")) == [
        "has no good example",
        "has no undecided example, and bad/main.tf with its deciding literals unset would be one",
    ]


def test_unknown_controls_parameters_types_and_arguments_are_named(tmp_path: Path) -> None:
    text = CHECK.replace("encryption-at-rest-storage", "encryption-of-everything").replace(
        "must: {",
        "must:\n  any:\n  - {path: kms_key, in: {param: my_keys}, absent: false}\n  - {linked: aws_sqs_rule, by: x, some: {path: y, present: true}, unlinked: false}\n  - {",
    )
    assert problems(planted(tmp_path, text)) == [
        "no aws_sqs_queue has kms_key",
        "the provider has no type aws_sqs_rule",
        "the settings know no parameter my_keys",
        "there is no control encryption-of-everything",
    ]


def test_names_of_earlier_versions_of_a_provider_are_not_called_unknown(tmp_path: Path) -> None:
    text = CHECK.replace(
        "must: {",
        "must:\n  any:\n  - {linked: azurerm_sql_server, by: x, some: {path: y, present: true}, unlinked: false}\n"
        "  - {linked: azurerm_storage_account, by: [enable_https_traffic_only, enable_https_traffic],"
        " some: {path: name, present: true}, unlinked: false}\n  - {",
    )
    assert problems(planted(tmp_path, text)) == ["no azurerm_storage_account has enable_https_traffic"]


def test_texts_that_do_not_read_as_they_are_used_are_named(tmp_path: Path) -> None:
    text = CHECK.replace("at rest\nmessage: messages", "at rest.\nmessage: Messages").replace(
        "[CKV_AWS_27]", "[S.1, s.1]"
    )
    assert problems(planted(tmp_path, text.replace("personal data.", "personal data"))) == [
        "the message starts with a capital, but is the rest of a sentence",
        "the peer s.1 stands twice",
        "the rationale does not end with a full stop",
        "the title ends with a full stop",
    ]


def test_a_fix_that_sets_what_the_condition_refuses_is_named(tmp_path: Path) -> None:
    found = corpus.check(planted(tmp_path, CHECK.replace("set: true", "set: false")))
    assert found[0].endswith("check.yaml: must.fix: the fix sets what the condition refuses")


def test_a_fix_that_is_carried_out_and_settles_nothing_is_named(tmp_path: Path) -> None:
    linked = """
  linked: aws_sqs_queue_policy
  by: queue_url
  some: {path: policy, present: true}
  unlinked: false
  fix: {add_linked: {type: aws_sqs_queue_policy, body: {queue_url: {ref: id}}}, safety: safe}"""
    text = f"{CHECK[: CHECK.index('must:')]}must:{linked}\n"
    policy = 'resource "aws_sqs_queue_policy" "p" {\n  queue_url = aws_sqs_queue.q.id\n  policy = %s\n}\n'
    library = planted(
        tmp_path, text, good=GOOD + policy % '"{}"', undecided='variable "p" {}\n' + GOOD + policy % "var.p"
    )
    [problem] = problems(library)
    assert problem.startswith("bad/main.tf: the fix (") and problem.endswith(") does not settle it")


def test_a_check_that_looks_at_where_a_thing_is_written_is_found_by_a_rewrite(tmp_path: Path) -> None:
    library = planted(tmp_path, f"{CHECK[: CHECK.index('must:')]}must: {{rego: true}}\n", undecided="")
    folder = library.folder("aws-sqs-queue-encrypted")
    (folder / "policy.rego").write_text(
        """package ccopilot.check

import rego.v1

deny contains {"path": "sqs_managed_sse_enabled", "message": "it is off"} if {
    input.resource.values.sqs_managed_sse_enabled == false
}

deny contains {"path": "", "message": "it is in a module"} if startswith(input.resource.address, "module.")
"""
    )
    (folder / "policy_test.rego").write_text(
        """package ccopilot.check_test

import rego.v1
import data.ccopilot.check

test_off if count(check.deny) == 1 with input as {"resource": {"address": "a.b", "values": {"sqs_managed_sse_enabled": false}}}

test_wrong if count(check.deny) == 1 with input as {"resource": {"address": "a.b", "values": {}}}
"""
    )
    assert problems(libraries.load_from([tmp_path / "checks"])) == [
        "bad/main.tf, deciding literals unset: aws_sqs_queue.q is fail before and pass after",
        "good/main.tf, in a module: aws_sqs_queue.q is pass before and fail after",
        "policy_test.rego: test_wrong fails",
    ]


# --- lists and entries --------------------------------------------------------------------------------------------


def test_the_list_groups_checks_by_control_with_severity_and_safety(tmp_path: Path) -> None:
    assert corpus.listing(planted(tmp_path)) == (
        "encryption-at-rest-storage: Object, block and file storage is encrypted at rest\n\n"
        "  aws-sqs-queue-encrypted  high      safe               SQS queues are encrypted at rest\n\n"
        "1 checks of 1 controls, 1 with a fix\n"
    )


def test_the_list_of_an_unknown_control_names_what_comes_close(shipped: Library) -> None:
    with pytest.raises(UnknownId, match="no control is called 'encryption-at-rest'; near are encryption-at-rest-"):
        corpus.listing(shipped, control="encryption-at-rest")


def test_a_check_is_shown_by_a_peers_id_with_condition_fix_and_examples(tmp_path: Path) -> None:
    shown = corpus.show(planted(tmp_path), "ckv_aws_27")
    assert shown.startswith(
        "SQS queues are encrypted at rest\n"
        "check aws-sqs-queue-encrypted, high, control encryption-at-rest-storage\n\n"
        "  Messages often carry personal data.\n\n"
        "About: aws_sqs_queue\n\n"
        "What must hold\n"
        "  sqs_managed_sse_enabled is true (absent: does not hold)\n\n"
        "Fix\n"
        "  - set sqs_managed_sse_enabled = true\n"
        "    changes nothing that runs\n\n"
        "Known as: CKV_AWS_27\n"
    )
    assert "  -  sqs_managed_sse_enabled = false\n  +  sqs_managed_sse_enabled = true\n" in shown
    assert shown.endswith("Examples: good/main.tf, bad/main.tf, undecided/main.tf\n")


def test_a_control_is_shown_with_its_requirements_and_checks(shipped: Library) -> None:
    shown = corpus.show(shipped, "encryption-at-rest-storage")
    assert "  ~ SOC2-TSC-2017            CC6.1 " in shown
    assert "aws-s3-bucket-encryption: S3 buckets state how they encrypt" in shown


def test_a_requirement_is_shown_with_the_controls_that_answer_it(shipped: Library) -> None:
    shown = corpus.show(shipped, "soc2-tsc-2017 cc6.1")
    assert shown.startswith("SOC2-TSC-2017 CC6.1: ")
    assert "encryption-at-rest-storage: Object, block and file storage is encrypted at rest" in shown
    assert corpus.show(shipped, "CC6.1") == shown


def test_every_entry_fits_the_width(shipped: Library) -> None:
    for id in ("encryption-at-rest-storage", "CC6.1", "aws-sg-ingress-ssh-world", "CKV_AWS_19"):
        lines = corpus.show(shipped, id).splitlines()
        assert [line for line in lines if len(line) > corpus.WIDTH and " " in line.strip()] == []


def test_an_unknown_id_names_what_comes_close(shipped: Library) -> None:
    with pytest.raises(UnknownId, match="aws-s3-bucket-encryption"):
        corpus.show(shipped, "aws-s3-bucket-encrypted")
