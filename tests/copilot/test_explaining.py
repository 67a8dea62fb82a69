"""One finding explained: found by any of its names, its chain, its tree, and what would settle it."""

from __future__ import annotations

from datetime import date

import pytest

from copilot import explaining, pipeline, wiring
from copilot.checks import library as libraries
from copilot.errors import UnknownId
from copilot.pipeline import Run, Settings
from copilot.policy import Policy
from copilot.snapshot import Snapshot

MAIN = """
variable "encrypted" {}
variable "stored" { default = false }
module "orders" {
  source = "./database"
  stored = var.stored
}
resource "aws_db_instance" "open" {
  storage_encrypted = var.encrypted
}
resource "aws_db_instance" "billing" {
  password = "hunter2SuperSecret!9x"
}
resource "aws_security_group" "web" {
  name = "web"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_sqs_queue" "one" {
  sqs_managed_sse_enabled = false
}
resource "aws_sqs_queue" "two" {
  sqs_managed_sse_enabled = false
}
"""
DATABASE = """
variable "stored" {}
resource "aws_db_instance" "orders" {
  storage_encrypted = var.stored
}
"""
CHECKS = frozenset(
    {"aws-rds-instance-encrypted", "aws-sg-ingress-ssh-world", "aws-sqs-queue-encrypted", "aws-rds-password-literal"}
)


@pytest.fixture(scope="module")
def run() -> Run:
    settings = Settings(
        library=libraries.load(), policy=Policy.default(), today=date(2026, 11, 1), summaries=wiring.summaries,
        only=CHECKS, drafts=False,
    )  # fmt: skip
    return pipeline.scan(Snapshot.of({"main.tf": MAIN, "database/main.tf": DATABASE}), settings, subject=".")


def test_the_chain_goes_from_where_it_is_used_to_where_it_is_written(run: Run) -> None:
    told = explaining.explain(run, "aws-rds-instance-encrypted@module.orders.aws_db_instance.orders")
    assert told[told.index("Where") : told.index("To accept")] == (
        "Where\n"
        "  used         database/main.tf:4\n"
        "       4 |   storage_encrypted = var.stored\n"
        "  handed on by main.tf:6\n"
        "       6 |   stored = var.stored\n"
        "  written      main.tf:3\n"
        '       3 | variable "stored" { default = false }\n'
        "\n"
        "Why (✓ holds, ✗ does not, ? is not decided), on module.orders.aws_db_instance.orders\n"
        "  ✗ storage_encrypted is false, must be true\n"
        "\n"
        "What would make it pass\n"
        "  - set storage_encrypted = true (replaces the resource: it is destroyed and made anew)\n"
        "\n"
    )


def test_a_finding_is_found_by_its_fingerprint_by_its_check_and_by_a_peers_id(run: Run) -> None:
    [finding] = [each for each in run.review.findings if each.check == "aws-sg-ingress-ssh-world"]
    told = explaining.explain(run, finding.fingerprint[:6])
    assert told.startswith("aws_security_group.web: Opens SSH (port 22) to the whole internet\n")
    assert explaining.explain(run, "aws-sg-ingress-ssh-world") == told
    assert explaining.explain(run, "CKV_AWS_24@aws_security_group.web") == told


def test_the_tree_is_drawn_with_the_reason_at_each_leaf(run: Run) -> None:
    told = explaining.explain(run, "aws-sg-ingress-ssh-world")
    assert "  ✗ not:\n  └─ ✓ ingress: 0.0.0.0/0 reaches tcp port 22\n" in told


def test_a_fix_that_needs_a_decision_names_the_parameter(run: Run) -> None:
    told = " ".join(explaining.explain(run, "aws-sg-ingress-ssh-world").split())
    assert "set parameter allowed_networks in .compliance/copilot.yaml first" in told


def test_an_undecided_finding_says_what_would_decide_it(run: Run) -> None:
    told = explaining.explain(run, "aws-rds-instance-encrypted@aws_db_instance.open")
    assert "  ? storage_encrypted is not decided: variable(encrypted) has no default\n" in told
    assert (
        "What would decide it\n  - give variable encrypted a default, or a value in a tfvars file of this root" in told
    )


def test_it_says_how_to_ask_for_a_waiver(run: Run) -> None:
    told = explaining.explain(run, "aws-sqs-queue-encrypted@aws_sqs_queue.one")
    assert "  ccopilot waiver request aws-sqs-queue-encrypted aws_sqs_queue.one \\\n" in told


def test_a_check_that_is_found_twice_asks_which(run: Run) -> None:
    with pytest.raises(UnknownId, match=r"names 2 findings: .* \(aws_sqs_queue.one main.tf:\d+\), "):
        explaining.explain(run, "aws-sqs-queue-encrypted")


def test_what_is_not_found_names_what_comes_close(run: Run) -> None:
    with pytest.raises(UnknownId, match=r"near are aws-sqs-queue-encrypted@aws_sqs_queue.one"):
        explaining.explain(run, "aws-sqs-queue-encrypted@aws_sqs_queue.three")
    with pytest.raises(UnknownId, match=r"near are .*aws-sg-ingress-ssh-world"):
        explaining.explain(run, "aws-sg-ingress-ssh-word")


def test_a_credential_is_not_shown(run: Run) -> None:
    told = explaining.explain(run, "aws-rds-password-literal@aws_db_instance.billing")
    assert "hunter2" not in told
    assert '  password = "[secret]"' in told
