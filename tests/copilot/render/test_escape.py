"""Every string from outside shows itself, and does nothing else, in every format."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from copilot.model import Known, Outcome, Place, Severity
from copilot.render import FORMATS, Options, render
from copilot.render.escape import Redaction, cells, code, fenced, html, markdown, sarif_text, unicode_text, uri, visible
from tests.copilot.render import reviews

SARIF = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text())

NASTY = (
    "\x1b[31m", "\x1b]8;;http://evil.example\x07", "\x00", "\x07", "\x7f", "\x9b31m", "\r", "\n", "\t", "\u2028", "\u202e", "\u2066",
    "\u200b", "\u200d", "\ufeff", "\u00ad", "\u3164", "\U000e0041", "\udc80", "\ud800", "<script>alert(1)</script>", "<!--", "-->",
    "&#64;", '"><img src=x onerror=a()>', "' onclick='", "@team/all", "@user", "#12", "GH-7", "owner/repo#3", "https://evil.example",
    "www.evil.example", "a@evil.example", "[x](javascript:a())", "![x](http://evil.example/p.png)", "[x][y]", "[y]: http://evil.example",
    "`", "``", "```", "````suggestion", "~~~", "# ", "- ", "1. ", "> ", "| a | b |", "---", "===", "**b**", "__b__", "~~s~~", "$x$", ":tada:",
    "9d41a02c1f", "\\", "{0}", "](0)", "::error::", "%0A", "../..", "//host", "a:b", " ", "e\u0301\u0301\u0301\u0301\u0301\u0301",
    "@@ -1,1 +1,1 @@", "diff --git a/x b/x", "--- a/x", "漢字", "ok",
)  # fmt: skip
hostile = st.lists(st.sampled_from(NASTY) | st.text(max_size=6), min_size=1, max_size=6).map("".join).filter(bool)
everything = example("".join(NASTY))
apart = example(" ".join(NASTY))
few = settings(max_examples=40, deadline=None)


def unseen(text: str) -> set[str]:
    """Characters of a report that nobody would see; line breaks are its own."""
    return {char for char in text if char != "\n" and not char.isprintable()}


# --- whole reports ----------------------------------------------------------------------------------------------


@few
@given(hostile)
@everything
@apart
def test_no_report_holds_a_character_that_nobody_sees(text: str) -> None:
    review = reviews.hostile(text)
    shown = {format: unseen(render(review, format)) for format in FORMATS}
    assert shown == {format: set() for format in FORMATS}


@few
@given(hostile)
@everything
@apart
def test_the_only_escape_sequences_are_colours_of_the_report(text: str) -> None:
    review = reviews.hostile(text)
    coloured = re.sub(r"\x1b\[(?:0|[0-9]{1,2}(?:;[0-9]{2})?)m", "", render(review, "terminal", Options(colour=True)))
    lines = [line.rstrip(" ") for line in coloured.split("\n")]
    assert lines == [line.rstrip(" ") for line in render(review, "terminal").split("\n")]


@few
@given(hostile)
@everything
@apart
def test_a_terminal_without_unicode_gets_ascii(text: str) -> None:
    assert render(reviews.hostile(text), "terminal", Options(unicode=False)).isascii()


@few
@given(hostile)
@everything
@apart
def test_markdown_holds_no_link_no_html_and_no_mention(text: str) -> None:
    tokens = (
        MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(render(reviews.hostile(text), "markdown"))
    )
    inside = [child for token in tokens for child in token.children or ()]
    ours = {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "fence", "bullet_list_open",
        "bullet_list_close", "list_item_open", "list_item_close",
    }  # fmt: skip
    assert {token.type for token in tokens} <= ours
    assert {token.type for token in inside} <= {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
    prose = "\n".join(token.content for token in inside if token.type == "text")
    assert re.findall(r"@|#\d|://|www\.|[<>$\[\]]|(?i:gh)-\d|:\w+:|\b(?=\w*\d)[0-9a-f]{7,}\b", prose) == []


@few
@given(hostile)
@everything
@apart
def test_html_holds_its_own_elements_alone(text: str) -> None:
    page = _Page()
    page.feed(render(reviews.hostile(text), "html"))
    assert page.tags <= _TAGS
    assert page.attributes <= {
        "aria-label", "aria-labelledby", "charset", "class", "content", "href", "http-equiv", "id", "lang", "name", "open", "scope",
    }  # fmt: skip
    assert {target[:1] for target in page.targets} <= {"#"}
    assert page.left == []


_TAGS = {
    "a", "article", "body", "code", "dd", "del", "details", "div", "dl", "dt", "footer", "h1", "h2", "h3", "head", "header", "html",
    "ins", "li", "main", "mark", "meta", "nav", "p", "pre", "section", "span", "strong", "style", "summary", "table", "tbody", "td",
    "th", "thead", "title", "tr", "ul",
}  # fmt: skip
_VOID = {"meta"}


class _Page(HTMLParser):
    """The elements of a page, its links, and what was not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.targets: set[str] = set()
        self.left: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.targets |= {value or "" for name, value in attrs if name in ("href", "src", "action")}
        if tag not in _VOID:
            self.left.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.left.pop() == tag


@few
@given(hostile)
@everything
@apart
def test_sarif_of_any_text_is_valid_and_its_messages_hold_no_link(text: str) -> None:
    log = json.loads(render(reviews.hostile(text), "sarif"))
    jsonschema.Draft4Validator(SARIF).validate(log)
    (run,) = log["runs"]
    messages = [result["message"]["text"] for result in run["results"]]
    assert [message for message in messages if re.search(r"\]\(|\{\d+\}", message)] == []
    uris = {
        location["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
        for location in result["locations"]
    }
    assert all(re.fullmatch(r"(?!//)[A-Za-z0-9._~!$'()*,;=@%/-]+", uri) for uri in uris)


@few
@given(hostile)
@everything
@apart
def test_every_report_can_be_written_as_utf_8(text: str) -> None:
    review = reviews.hostile(text)
    assert all(render(review, format).encode() for format in FORMATS)


# --- text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs"),
        ("Größe — 漢字", "Größe — 漢字"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred", "<U+001B>[31mred"),
        ("user\u202egpj.exe", "user<U+202E>gpj.exe"),
        ("a\u200bb\u00a0c\u3164d", "a<U+200B>b<U+00A0>c<U+3164>d"),
        ("byte \udcff", "byte <U+DCFF>"),
        ("e\u0301", "e\u0301"),
        ("x" + "\u0336" * 5, "x" + "\u0336" * 3 + "<U+0336><U+0336>"),
    ],
)
def test_what_the_eye_would_miss_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_tabs_of_an_excerpt_are_blanks() -> None:
    assert visible("\ta = 1", tabs=True) == "    a = 1"


def test_wide_characters_take_two_cells_and_accents_none() -> None:
    assert (cells("abc"), cells("漢字"), cells("e\u0301")) == (3, 4, 1)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (
            "The bucket (in production) isn't encrypted, 90% of it.",
            "The bucket (in production) isn't encrypted, 90% of it.",
        ),
        ("module.db.aws_db_instance.this is public", "`module.db.aws_db_instance.this` is public"),
        ("ask @team, see #12", "ask `@team`, see `#12`"),
        ("see (https://evil.example).", "see (`https://evil.example`)."),
        ("[click here](http://x)", "`[click` `here](http://x)`"),
        ("1. first", "`1`. first"),
        ("- item", "`-` item"),
        ("a `b` c", "a `` `b` `` c"),
        ("fixed in 9d41a02c, x-1234567 and GH-7", "fixed in `9d41a02c`, `x-1234567` and `GH-7`"),
        ("SC-7(5) and <b>", "`SC-7(5)` and `<b>`"),
        ("", ""),
    ],
)
def test_plain_words_are_prose_and_all_others_are_code(text: str, written: str) -> None:
    assert markdown(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [("a", "`a`"), ("", "`(empty)`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), (" a", "`  a `"), ("a``", "``` a`` ```")],
)
def test_code_has_a_fence_that_its_text_does_not_have(text: str, written: str) -> None:
    assert code(text) == written


def test_a_fence_is_longer_than_any_inside() -> None:
    assert fenced(["````suggestion", "x", "````"], "diff") == "`````diff\n````suggestion\nx\n````\n`````"


def test_html_is_text() -> None:
    assert html("<a href='x'>\x00&") == "&lt;a href=&#x27;x&#x27;&gt;&lt;U+0000&gt;&amp;"


def test_a_message_of_sarif_has_no_link_and_no_argument() -> None:
    assert sarif_text("[x](0) {1} {a}") == "[x] (0) { 1} {a}"


def test_json_keeps_text_and_shows_what_is_not_unicode() -> None:
    assert unicode_text("a\u202e\udcff") == "a\u202e<U+DCFF>"


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        ("modules/a/main.tf", "modules/a/main.tf"),
        ("a b/ü#1.tf", "a%20b/%C3%BC%231.tf"),
        ("c:/x?y", "c%3A/x%3Fy"),
        ("\udcff.tf", "%FF.tf"),
        ("\ud800.tf", "%3F.tf"),
        ("//host/x", ".///host/x"),
    ],
)
def test_a_path_is_a_relative_reference(path: str, reference: str) -> None:
    assert uri(path) == reference


# --- secrets ----------------------------------------------------------------------------------------------------

KEY = "AKIA-not-a-real-key-0001"
FILE = "main.tf"
LEAKY = {FILE: f'provider "x" {{\n  token = "{KEY}"\n}}\n'.encode()}


def leak(*, sensitive: bool, operand: bool = False, op: str = "secret") -> set[str]:
    """The formats in which a secret shows that a finding stands on."""
    place = reviews.at(FILE, f'"{KEY}"', LEAKY)
    inner = Place(FILE, place.start, place.end, *place[3:])
    value = Known(KEY, places=(inner,), sensitive=sensitive)
    found = Outcome(False, reviews.leaf("token", op, operand), "token", (place,), value=value)
    of = reviews.check("secrets", "No secrets in code", Severity.CRITICAL, "secrets-not-in-code")
    finding = reviews.finding(of, f"Holds {KEY}", "provider.x", "token", place, outcome=found, folder="")
    draft = reviews.patch(f'  token = "{KEY}"\n', f"  token = var.token # was {KEY}\n", FILE, finding.fingerprint)
    diff = f'diff --git a/{FILE} b/{FILE}\n--- a/{FILE}\n+++ b/{FILE}\n@@ -2 +2 @@\n-  token = "{KEY}"\n+  token = var.token # was {KEY}\n'
    review = reviews.review(
        (finding,), sources=LEAKY, checks={of.id: of}, remedies={finding.fingerprint: reviews.approved(draft, diff)},
        record={"drafts": [draft.edits[0].find]},
    )  # fmt: skip
    return {format for format in FORMATS if KEY in render(review, format)}


def test_a_credential_that_a_check_found_is_in_no_report() -> None:
    assert leak(sensitive=False) == set()


def test_a_sensitive_value_is_in_no_report() -> None:
    assert leak(sensitive=True, op="equals") == set()


def test_a_credential_that_no_check_asked_about_is_in_no_report_either() -> None:
    assert leak(sensitive=False, operand=True) == set()


def test_what_stands_under_a_credentials_name_is_hidden_and_names_and_references_are_not() -> None:
    source = b"""
      password      = "hunter2hunter2"
      master_secret = var.database_password
      secret_name   = "prod/database"
      ssl_policy    = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      data_token: s3cr3tv4lue99
    """
    found = Redaction.of(reviews.review((), sources={"main.tf": source}))
    assert set(found.secrets) == {"hunter2hunter2", "s3cr3tv4lue99"}


def test_a_word_that_is_a_secret_somewhere_leaves_addresses_paths_and_labels_readable() -> None:
    hide = Redaction(("shared", "hunter2hunter2"))
    shown = (
        'resource "aws_efs_file_system" "shared" {\naws_security_group.shared in shared/main.tf: shared-net, shared.id'
    )
    assert hide(shown) == shown and not hide.hides(shown)
    assert hide('DB_TOKEN = "shared"') == 'DB_TOKEN = "[secret]"'
    assert hide("it is shared.") == "it is [secret]."
    assert hide("postgres://app:shared@db") == "postgres://app:[secret]@db"
    assert hide("shared") == "[secret]"


def test_a_secret_that_is_no_plain_word_is_hidden_wherever_it_stands() -> None:
    assert Redaction(("hunter2hunter2",))("aws_x.hunter2hunter2/y") == "aws_x.[secret]/y"
