"""hygiene: what a person will read is what it seems to be, and says nothing to a program that reads along."""

from __future__ import annotations

import pytest

from copilot.model import Citation
from tests.trees import key
from tests.validators.cases import FIXED, TREE, adding, case, told
from validators import hygiene

HIDDEN = {
    "bidi": "\u202e", "isolate": "\u2066", "zero width": "\u200b", "joiner": "\u200d", "word joiner": "\u2060",
    "byte order mark": "\ufeff", "tag": "\U000e0041", "variation": "\ufe0f", "variation supplement": "\U000e0100",
    "private use": "\ue000", "escape": "\x1b[31m", "bell": "\x07", "soft hyphen": "\u00ad", "filler": "\u3164",
    "braille blank": "\u2800", "no-break space": "\u00a0", "line separator": "\u2028", "piled marks": "a\u0301\u0302\u0303",
}  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_hidden_is_added_or_said(name: str) -> None:
    strange = HIDDEN[name]
    assert told(hygiene.check, case(after=adding(f"# the{strange} key\n")))
    assert told(hygiene.check, case(after=adding(f'locals {{\n  a = "x{strange}y"\n}}\n')))
    assert told(hygiene.check, case(summary=f"Rotate{strange} it")).startswith("the summary has ")
    assert told(hygiene.check, case(cites=(Citation("p", f"a{strange}b"),))).startswith("a citation has ")


def test_a_new_file_has_a_name_that_can_be_read() -> None:
    after = adding("# more\n", "m\u200b.tf")
    assert told(hygiene.check, case(after=after)) == "the name of a file has a hidden character U+200B"


@pytest.mark.parametrize("splitting", ["\u2028", "\x0b", "\x0c", "\x85", "\x1c"])
def test_a_character_that_some_programs_take_for_the_end_of_a_line_moves_no_line_out_of_sight(splitting: str) -> None:
    there = {"main.tf": "#" + splitting * 9 + "\n" + key()}
    after = {"main.tf": there["main.tf"].replace(key(), FIXED["main.tf"]) + "# ask @ops\n"}
    assert told(hygiene.check, case(there, after)).endswith("a comment or description with a mention")


def test_a_carriage_return_inside_a_line_is_refused() -> None:
    assert "carriage return" in told(hygiene.check, case(after=adding("# harmless\rresource\n")))


def test_text_in_another_language_is_text() -> None:
    for said in ("Clés renouvelées chaque année", "ключ обновляется", "鍵を毎年更新する", "größer – „sicher“"):
        assert told(hygiene.check, case(after=adding(f"# {said}\n"), summary=said)) == ""


@pytest.mark.parametrize("word", ["аdmin", "pаypal", "ｇithub", "αdmin"])
def test_letters_of_several_scripts_in_one_word_are_refused(word: str) -> None:
    assert "scripts" in told(hygiene.check, case(after=adding(f'locals {{\n  a = "{word}"\n}}\n')))


@pytest.mark.parametrize(
    ("there", "new"),
    [("logs", "1ogs"), ("admin", "adrnin"), ("audit_log", "audit-log"), ("vault", "vauIt"), ("oscar", "0scar")],
)
def test_a_new_name_that_looks_like_one_that_is_there_is_refused(there: str, new: str) -> None:
    before = {"main.tf": key() + f'resource "aws_sns_topic" "{there}" {{\n}}\n'}
    after = {
        "main.tf": before["main.tf"].replace(key(), FIXED["main.tf"]) + f'resource "aws_sns_topic" "{new}" {{\n}}\n'
    }
    assert told(hygiene.check, case(before, after)) == f"the name {new} looks like {there}, which is another"


def test_a_name_in_letters_that_nobody_types_is_refused() -> None:
    assert "not in plain letters" in told(hygiene.check, case(after=adding('resource "aws_sns_topic" "асе" {\n}\n')))


def test_an_address_that_looks_like_one_of_the_tree_is_refused() -> None:
    role = 'locals {\n  role = "arn:aws:iam::111122223333:role/%s"\n}\n'
    before = {"main.tf": key() + role.replace("%s", "admin")}
    after = {"main.tf": FIXED["main.tf"] + role.replace("%s", "adrnin")}
    assert "looks like 'arn:aws:iam::111122223333:role/admin'" in told(hygiene.check, case(before, after))
    other = {"main.tf": FIXED["main.tf"] + role.replace("%s", "auditor")}
    assert told(hygiene.check, case(before, other)) == ""


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("# " + "x" * 600 + "\n", "a line of 602 columns"),
        ('locals {\n  a = "x"' + " " * 200 + 'b = "y"\n}\n', "text behind a wide gap"),
        ("\n" * 40 + "# below\n", "text below many empty lines"),
    ],
)
def test_nothing_is_pushed_out_of_sight(lines: str, reason: str) -> None:
    assert told(hygiene.check, case(after=adding(lines))).endswith(reason)


SAID = {
    "a link": [
        "see https://evil.example/x",
        "javascript:alert(1)",
        "www.evil.example",
        "mailto:a@b.example",
        "[a]: http://x",
    ],
    "a mention": ["ask @acme/security", "thanks @octocat"],
    "markup": ["<img src=x>", "![a](b)", "[a](b)", "```suggestion", "~~~", "&#60;b", "a <!-- b"],
    "a reference that links or closes an issue": ["fixes #12", "Closes acme/infra#3", "resolved: GH-7"],
    "a command": ["please /compliance waive all", "then /approve", "/lgtm"],
    "a directive to another program": ["[skip ci]", "***NO_CI***"],
}
_SAID = [(reason, text) for reason, texts in SAID.items() for text in texts]


@pytest.mark.parametrize(("reason", "text"), _SAID)
def test_comments_descriptions_summaries_and_quotations_only_tell(reason: str, text: str) -> None:
    assert told(hygiene.check, case(summary=text)) == f"the summary has {reason}"
    assert told(hygiene.check, case(cites=(Citation("p", text),))) == f"a citation has {reason}"
    assert told(hygiene.check, case(after=adding(f"# {text}\n"))).endswith(f"a comment or description with {reason}")
    described = adding(f'resource "aws_sns_topic" "t" {{\n  description = "{text}"\n}}\n')
    assert told(hygiene.check, case(after=described)).endswith(f"a comment or description with {reason}")


@pytest.mark.parametrize(
    "text",
    ["Encrypt the volume with the key of the settings", "mail ops at the usual address", "needs version 5.0 or later",
     "fixes the rotation", "and/or", "10.0.0.0/8 only", "key = var.key", "a < b and c > d", "rule /healthz of the balancer"],
)  # fmt: skip
def test_plain_sentences_pass(text: str) -> None:
    assert told(hygiene.check, case(after=adding(f"# {text}\n"), summary=text)) == ""


def test_a_bare_number_of_an_issue_counts_where_it_becomes_a_link() -> None:
    assert told(hygiene.check, case(summary="see #12")) == "the summary has a reference that links or closes an issue"
    assert told(hygiene.check, case(after=adding("# colour is #123\n"))) == ""


def test_what_stood_there_before_is_nobody_s_deception() -> None:
    noted = {"main.tf": key(more="  # see https://wiki.example/keys @ops\n")}
    after = {"main.tf": key(more="  # see https://wiki.example/keys @ops\n  enable_key_rotation = true\n")}
    assert told(hygiene.check, case(noted, after)) == ""
    assert told(hygiene.check, case(TREE, FIXED)) == ""
