"""secrets: what a patch adds holds no credential: no new one, none of the tree's, in no form."""

from __future__ import annotations

import base64

import pytest

from copilot.model import Citation
from tests.trees import key
from tests.validators.cases import FIXED, TREE, adding, case, told
from validators import secrets

TOKEN = "gh" + "p_" + "q7Rz2LmX9vKt4WbN8cYp3HdG6sFj1TeA5uQo"
PASSWORD = "Tr0ub4dor-and-3x"
DATABASE = f'resource "aws_db_instance" "d" {{\n  identifier = "d"\n  password   = "{PASSWORD}"\n}}\n'
HELD = {"main.tf": key(), "db.tf": DATABASE}


def held(**files: str) -> dict[str, str]:
    return {**HELD, **FIXED, **{name.replace("_", "."): text for name, text in files.items()}}


def test_a_fix_without_secrets_passes() -> None:
    assert told(secrets.check, case()) == ""
    assert told(secrets.check, case(HELD, held())) == ""


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (f'locals {{\n  t = "{TOKEN}"\n}}\n', "main.tf: a literal that looks like a credential (github_token)"),
        (f"# {TOKEN}\n", "main.tf: a literal that looks like a credential (github_token)"),
        ('locals {\n  db_password = "hunter2"\n}\n', "main.tf: a literal that looks like a credential (password)"),
        ('locals {\n  p = "⟦secret:password:1⟧"\n}\n', "main.tf: a secret's placeholder would be written"),
        (f'locals {{\n  u = "{base64.b64encode(b"export DB_PASSWORD=hunter22").decode()}"\n}}\n',
         "main.tf: a literal that looks like a credential (high_entropy)"),
    ],
)  # fmt: skip
def test_a_new_credential_is_refused(lines: str, reason: str) -> None:
    assert told(secrets.check, case(after=adding(lines))) == reason


def test_a_credential_in_a_new_file_is_refused() -> None:
    after = adding('variable "api_token" {\n  default = "a1b2c3d4e5f6"\n}\n', "more.tf")
    assert told(secrets.check, case(after=after)) == "more.tf: a literal that looks like a credential (secret)"


@pytest.mark.parametrize(
    "written",
    [PASSWORD, PASSWORD[::-1], base64.b64encode(PASSWORD.encode()).decode(), PASSWORD.encode().hex(),
     f'{PASSWORD[:8]}" + "{PASSWORD[8:]}'],
)  # fmt: skip
def test_a_secret_of_the_tree_goes_nowhere_else_in_any_form(written: str) -> None:
    reason = told(secrets.check, case(HELD, held(main_tf=FIXED["main.tf"] + f"# see {written}\n")))
    assert reason == "main.tf: a password of the tree stands in what is added"


def test_a_secret_is_not_decoded_into_the_open() -> None:
    coded = base64.b64encode(PASSWORD.encode()).decode()
    manifest = f'resource "kubernetes_secret_v1" "s" {{\n  data = {{\n    pin = "{coded}"\n  }}\n}}\n'
    before = {**TREE, "s.tf": manifest}
    after = {**before, **adding(f'locals {{\n  note = "{PASSWORD}"\n}}\n')}
    assert told(secrets.check, case(before, after)) == "main.tf: a password of the tree stands in what is added"


def test_a_secret_that_is_taken_out_or_indented_anew_is_let_through() -> None:
    assert told(secrets.check, case(HELD, held(db_tf=DATABASE.replace(f'"{PASSWORD}"', "var.password")))) == ""
    assert told(secrets.check, case(HELD, held(db_tf=DATABASE.replace("  password   =", "  password =")))) == ""


@pytest.mark.parametrize(
    ("summary", "quote", "reason"),
    [
        (f"use {TOKEN}", "", "the summary holds what looks like a credential (github_token)"),
        (f"it was {PASSWORD}", "", "the summary holds what looks like a credential (password)"),
        ("keep ⟦secret:password:1⟧", "", "the summary holds a secret's placeholder"),
        ("rotate", TOKEN, "a citation holds what looks like a credential (github_token)"),
        ("rotate", PASSWORD[::-1], "a citation holds what looks like a credential (password)"),
    ],
)
def test_what_is_said_holds_no_secret(summary: str, quote: str, reason: str) -> None:
    given = case(HELD, held(), summary=summary, cites=(Citation("p", quote),))
    assert told(secrets.check, given) == reason
