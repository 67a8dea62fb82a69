"""Where each character of a text stands in its file, however it is written there."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.iac import hcl, syntax
from copilot.iac.decode import decoded
from copilot.iac.terraform import evaluate_root
from copilot.model import Map, Root
from copilot.snapshot import Snapshot

_SPELLED = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\t": "\\t",
    "é": "\\u00e9",
    "😀": "\\U0001F600",
    "$": "$${",
    "%": "%%{",
}


def literals(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each literal of the expression, and its runs: the text of the run, and what the file says there."""
    data = f"a = {text}\n".encode()
    (attribute,) = hcl.read("a.tf", data).body.attributes
    out = []
    for node in syntax.walk(attribute.expr):
        if isinstance(node, syntax.Literal) and isinstance(node.value, str):
            ends = [*node.offsets[1:], (len(node.value), len(data))]
            runs = [(node.value[at:to], byte) for (at, byte), (to, _) in zip(node.offsets, ends, strict=True)]
            spelled = [data[byte : byte + 40].decode("utf-8", "ignore").split("\n")[0] for _, byte in runs]
            out.append((node.value, [(run, there) for (run, _), there in zip(runs, spelled, strict=True)]))
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"plain"', [("plain", [("plain", 'plain"')])]),
        (r'"a\"b"', [('a"b', [("a", r'a\"b"'), ('"', r'\"b"'), ("b", 'b"')])]),
        (r'"é\u00e9"', [("éé", [("é", r'é\u00e9"'), ("é", r'\u00e9"'), ("", '"')])]),
        ('"$${x}"', [("${x}", [("$", '$${x}"'), ("{x}", '{x}"')])]),
        ('"${v}%%{x}"', [("%{x}", [("%", '%%{x}"'), ("{x}", '{x}"')])]),
        ("<<E\na$${b}\nE", [("a${b}\n", [("a", "a$${b}"), ("$", "$${b}"), ("{b}\n", "{b}")])]),
        ("<<-E\n  a\n    $${b}\n  E", [("a\n  ${b}\n", [("a\n", "a"), ("  ", "  $${b}"), ("$", "$${b}"), ("{b}\n", "{b}")])]),
    ],
)  # fmt: skip
def test_every_escape_is_a_run_of_its_own(text: str, expected: list[tuple[str, list[tuple[str, str]]]]) -> None:
    assert literals(text) == expected


def test_what_a_marker_strips_is_not_counted() -> None:
    inside = literals("<<E\n%{ if true ~}\n   $${y} \n%{~ endif }\nE")
    assert ("${y}", [("$", "$${y} "), ("{y}", "{y} ")]) in inside


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*_SPELLED, "a", "ü", " "]), min_size=1, max_size=12))
def test_every_character_of_a_quoted_text_is_found_where_it_is_spelled(characters: list[str]) -> None:
    spelled = [_SPELLED.get(character, character) for character in characters]
    data = f'a = "{"".join(spelled)}"\n'.encode()
    (attribute,) = hcl.read("a.tf", data).body.attributes
    expr = attribute.expr
    assert isinstance(expr, syntax.Literal)
    text = str(expr.value)
    starts: dict[int, int] = {}
    for (at, byte), (to, _) in pairwise([*expr.offsets, (len(text), 0)]):
        for index in range(at, to):
            starts[index] = byte + len(text[at:index].encode())
    position, byte = 0, len(b'a = "')
    for character, there in zip(characters, spelled, strict=True):
        assert starts[position] == byte
        position += 2 if character in "$%" else 1
        byte += len(there.encode())


def test_a_value_of_a_policy_in_a_quoted_text_is_placed_exactly() -> None:
    text = r'resource "aws_sqs_queue" "q" { policy = "{\"Statement\": {\"Action\": \"sqs:é\", \"Effect\": \"Deny\"}}" }'
    world = evaluate_root(Snapshot.of({"main.tf": text}), Root(""))
    document = decoded(world.by_address["aws_sqs_queue.q"].body.items["policy"])
    assert isinstance(document, Map)
    statement = document.items["Statement"]
    assert isinstance(statement, Map)
    places = [statement.items[name].written for name in ("Action", "Effect")]
    found = [text.encode()[place.start : place.end].decode() for place in places if place is not None]
    assert found == [r"\"sqs:é\"", r"\"Deny\""]
