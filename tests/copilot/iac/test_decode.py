"""JSON and YAML inside text: what is read, where it stands, and what cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.iac.decode import MAX_CHARACTERS, MAX_DEPTH, decoded, repeated
from copilot.iac.syntax import Body, Source
from copilot.iac.terraform import evaluate_root
from copilot.model import Encoded, Known, List, Map, Origin, Place, Ref, Root, Template, Unknown, Value, plain
from copilot.snapshot import Snapshot

ARN = Ref(origin=Origin("aws_s3_bucket.b", ("arn",)))
REF = {"$ref": "aws_s3_bucket.b.arn"}
VARIABLE = Unknown("variable", "x")


def read(value: Value) -> Any:
    """What the text holds, as JSON data; the value must hold something."""
    found = decoded(value)
    assert found is not None
    return plain(found)


def template(*parts: str | Value) -> Template:
    return Template(tuple(Known(part) if isinstance(part, str) else part for part in parts))


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
keys = st.text().filter(lambda key: key != "$open")
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
structures = st.lists(values, max_size=4) | st.dictionaries(keys, values, max_size=4)


@given(structures, st.booleans(), st.sampled_from([None, 2]))
@settings(max_examples=150, deadline=None)
def test_what_json_writes_is_read_back(data: Any, ascii_only: bool, indent: int | None) -> None:
    assert read(Known(json.dumps(data, ensure_ascii=ascii_only, indent=indent))) == data


@given(st.dictionaries(st.text(alphabet="abcXYZ-_", min_size=1), values, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_what_yaml_writes_is_read_back(data: dict[str, Any]) -> None:
    text = yaml.safe_dump({f"key{name}": value for name, value in data.items()}, allow_unicode=False)
    found = decoded(Known(text))
    assert isinstance(found, Map)
    assert set(found.items) == {f"key{name}" for name in data}


@given(st.binary(max_size=200), st.sampled_from(["", "{", "[", '{"a":', "a: ", "- ", "a:\n  - &x "]))
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_it_fail(data: bytes, start: str) -> None:
    text = start + data.decode("utf-8", "surrogateescape")
    assert decoded(Known(text)) is None or isinstance(decoded(Known(text)), Value)


@given(
    st.lists(
        st.sampled_from(['{"', '"', ":", ",", "[", "]", "}", "a", " ", "\\", "1", "\n", "- ", ARN, VARIABLE]),
        max_size=20,
    )
)
@settings(max_examples=400, deadline=None)
def test_no_template_makes_it_fail(parts: list[str | Value]) -> None:
    found = decoded(template("{", *parts))
    assert found is None or isinstance(found, Value)


def test_what_is_inserted_in_a_string_stays_beside_its_text_and_alone_is_itself() -> None:
    text = template('{"Resource": ["', ARN, '", "', ARN, '/*"], "', "Effect", '": "Allow"}')
    assert read(text) == {"Resource": [REF, {"$template": [REF, "/*"]}], "Effect": "Allow"}


def test_what_is_inserted_outside_a_string_is_the_value_there() -> None:
    policy = Encoded(Map({"Version": Known("2012-10-17")}))
    assert read(template('{"a": ', VARIABLE, ', "b": ', policy, "}")) == {
        "a": {"$unknown": "variable(x)"},
        "b": {"Version": "2012-10-17"},
    }


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (('{"a": [1, ', VARIABLE, "]}"), {"a": [1, {"$unknown": "variable(x)"}, {"$open": True}]}),
        (('{"a": 1 ', VARIABLE, "}"), {"a": 1, "$open": True}),
        (('{"a": 1, ', VARIABLE, ' "b": 2}'), {"a": 1, "b": 2, "$open": True}),
        (("{", VARIABLE, "}"), {"$open": True}),
        (('{"', VARIABLE, '": 1, "b": 2}'), {"b": 2, "$open": True}),
        (("[", ARN, ", 1]"), [REF, 1]),
        (('[{"a": 1}', VARIABLE, "]"), [{"a": 1}, {"$open": True}]),
    ],
)
def test_what_may_bring_more_entries_leaves_the_container_open(parts: tuple[str | Value, ...], expected: Any) -> None:
    assert read(template(*parts)) == expected


def test_templates_inside_templates_are_one_text() -> None:
    assert read(template('{"a": "', template("x-", ARN), '-y"}')) == {"a": {"$template": ["x-", REF, "-y"]}}


def test_characters_of_the_private_use_area_are_not_mistaken_for_holes() -> None:
    assert read(template('{"\ue000": "', ARN, '\ue000"}')) == {"\ue000": {"$template": [REF, "\ue000"]}}


def test_what_is_encoded_is_its_structure() -> None:
    inner = List((Known(1),))
    assert decoded(Encoded(inner)) is inner
    assert read(Encoded(Known('{"a": 1}'), "base64")) == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "hello",
        "5",
        "true",
        '"text"',
        "{",
        "[1",
        "[1,]",
        '{"a" 1}',
        "- a\n- b",
        "a: 1\n---\na: 2",
        "a: *b",
        "#!/bin/sh\nset -e\n",
    ],
)
def test_other_text_is_not_decoded(text: str) -> None:
    assert decoded(Known(text)) is None


def test_other_values_are_not_decoded() -> None:
    assert [
        decoded(value) for value in (Known(5), Known(True), ARN, VARIABLE, List(()), Map({}), template(VARIABLE))
    ] == [None] * 7


def test_a_key_that_is_written_twice_has_its_last_value_and_is_named() -> None:
    found = decoded(Known('{"a": 1, "b": 2, "a": 3}'))
    assert isinstance(found, Map)
    assert (plain(found), repeated(found)) == ({"a": 3, "b": 2}, ("a",))


def test_text_past_a_budget_is_unknown() -> None:
    deep = "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
    fine = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(Known(fine)) == json.loads(fine)
    assert read(Known(deep)) == {"$unknown": "budget(nested over 100 levels)"}
    assert read(Known("[" * 500_000)) == {"$unknown": "budget(nested over 100 levels)"}
    assert read(Known("a: " + "[" * 200)) == {"$unknown": "budget(nested over 100 levels)"}
    assert read(Known("[" + " " * MAX_CHARACTERS + "]")) == {"$unknown": "budget(text over 1 MiB)"}
    assert decoded(Known("x" * (MAX_CHARACTERS + 1))) is None


def test_aliases_may_not_grow_without_bound() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 9)]
    assert read(Known("\n".join(levels))) == {"$unknown": "budget(over 262144 values)"}


def test_numbers_no_reader_holds_are_unknown() -> None:
    assert read(Known("[1e999]")) == [{"$unknown": "unreadable(number out of range)"}]
    assert read(Known("[" + "9" * 5000 + "]")) == [{"$unknown": "unreadable(number out of range)"}]


def test_yaml_is_read_by_the_core_schema() -> None:
    text = "---\n# policy\nVersion: 2012-10-17\non: yes\nt: true\nn: ~\nport: 0x16\nhalf: 0.5\nq: '1'\nbase: &b {k: v}\nnext:\n  <<: *b\n  l: w\n"
    assert read(Known(text)) == {
        "Version": "2012-10-17", "on": "yes", "t": True, "n": None, "port": 22, "half": 0.5, "q": "1", "base": {"k": "v"},
        "next": {"l": "w", "k": "v"},
    }  # fmt: skip


def test_yaml_keeps_what_is_inserted() -> None:
    assert read(template("a: ", ARN, "\nb:\n  - x-", ARN, '\n  - "', VARIABLE, '"\n')) == {
        "a": REF,
        "b": [{"$template": ["x-", REF]}, {"$unknown": "variable(x)"}],
    }


def test_what_is_inside_a_secret_is_secret() -> None:
    found = decoded(Template((Known('{"a": "'), ARN, Known('", "b": 1}')), sensitive=True))
    assert isinstance(found, Map)
    assert (found.sensitive, [item.sensitive for item in found.items.values()]) == (True, [True, True])


# --- places -----------------------------------------------------------------------------------------------------


def everything(value: Value) -> list[Value]:
    below: list[Value] = []
    if isinstance(value, List):
        below = [found for item in value.items for found in everything(item)]
    elif isinstance(value, Map):
        below = [found for item in value.items.values() for found in everything(item)]
    return [value, *below]


def shown(value: Value, source: Source) -> list[str]:
    """The bytes at the place of each value below this one; lines and columns must be those of the bytes."""
    texts = []
    for found in everything(value):
        place = found.written
        assert place is not None
        assert place == source.place(place.start, place.end)
        texts.append(source.data[place.start : place.end].decode())
    return texts


def test_a_heredoc_knows_where_each_value_stands() -> None:
    source = Source("main.tf", 'policy = <<EOF\n{\n  "ä": "Allow",\n  "b": [1, true]\n}\nEOF\n'.encode(), Body((), ()))
    start = source.data.index(b"<<EOF")
    text_start = source.data.index(b"{")
    end = source.data.rindex(b"EOF") + 3
    text = source.data[text_start : source.data.rindex(b"EOF")].decode()
    found = decoded(Known(text, places=(source.place(start, end),), offsets=((0, text_start),)))
    assert found is not None
    assert shown(found, source) == ['{\n  "ä": "Allow",\n  "b": [1, true]\n}', '"Allow"', "[1, true]", "1", "true"]


def test_an_indented_heredoc_with_a_hole_knows_where_each_value_stands() -> None:
    data = b'x {\n  policy = <<-EOF\n    {\n      "a": "Allow",\n      "r": "${b.arn}/*",\n      "c": [1]\n    }\n  EOF\n}\n'
    source = Source("main.tf", data, Body((), ()))
    # The literal runs as the reader of HCL gives them: each line without its indentation, each side of the hole.
    runs, text = [], ""
    for line in ("{\n", '  "a": "Allow",\n'):
        runs.append((len(text), data.index(line.encode(), data.index(b"<<-"))))
        text += line
    runs.append((len(text), data.index(b'  "r": "')))
    text += '  "r": "'
    after = [(len(text), data.index(b'/*",'))]
    tail = '/*",\n'
    after.append((len(text) + len(tail), data.index(b'  "c": [1]')))
    tail += '  "c": [1]\n}\n'
    after.append((len(text) + len(tail) - 2, data.index(b"}\n  EOF")))
    whole = source.place(data.index(b"<<-"), data.index(b"EOF\n}") + 3)
    value = Template((Known(text), ARN, Known(tail)), places=(whole,), offsets=(*runs, *after))
    found = decoded(value)
    assert isinstance(found, Map)
    assert {
        key: source.data[item.written.start : item.written.end] for key, item in found.items.items() if item.written
    } == {
        "a": b'"Allow"',
        "r": b'"${b.arn}/*"',
        "c": b"[1]",
    }
    assert [item.written.line for item in found.items.values() if item.written] == [4, 5, 6]
    assert found.items["r"].written == source.place(data.index(b'"${'), data.index(b'/*"') + 3)


def test_a_quoted_text_knows_where_each_value_stands() -> None:
    source = Source("main.tf", b'policy = "{\\"a\\": \\"x\\"}"\n', Body((), ()))
    runs, text, at = [], "", source.data.index(b"{")
    while source.data[at : at + 1] != b'"':
        width = 2 if source.data[at : at + 1] == b"\\" else 1
        runs.append((len(text), at))
        text += source.data[at : at + width].decode()[-1]
        at += width
    found = decoded(Known(text, places=(source.place(9, at + 1),), offsets=tuple(runs)))
    assert isinstance(found, Map)
    assert [source.data[place.start : place.end] for place in found.items["a"].places] == [b'\\"x\\"']
    assert found.items["a"].written == source.place(18, 23)


def test_a_file_of_its_own_knows_where_each_value_stands() -> None:
    source = Source("policy.json", b'{\n "a": {"b": "c"}}\n', Body((), ()))
    used = Place("main.tf", 3, 9, 1, 4, 1, 10)
    found = decoded(Known(source.data.decode(), places=(used, source.place(0, len(source.data))), offsets=((0, 0),)))
    assert found is not None
    assert shown(found, source) == ['{\n "a": {"b": "c"}}', '{"b": "c"}', '"c"']
    assert {item.places[0] for item in everything(found)} == {used}


def test_yaml_knows_where_each_value_stands() -> None:
    source = Source("policy.yaml", b"\xc3\xa4: # \xc3\xa4\n  - x\n  - {k: 'v'}\nb: |\n  text\n", Body((), ()))
    found = decoded(Known(source.data.decode(), places=(source.place(0, len(source.data)),), offsets=((0, 0),)))
    assert found is not None
    assert shown(found, source)[1:5] == ["- x\n  - {k: 'v'}", "x", "{k: 'v'}", "'v'"]


def test_without_offsets_everything_stands_where_the_text_does() -> None:
    places = (Place("main.tf", 0, 9, 1, 1, 1, 10), Place("terraform.tfvars", 2, 40, 1, 3, 1, 41))
    found = decoded(Known('{"a": ["b"]}', places=places))
    assert found is not None
    assert {item.places for item in everything(found)} == {places}


@pytest.mark.parametrize(
    "written",
    [
        '<<EOF\n{"S": {\n  "a": "Allow",\n  "r": "${aws_s3_bucket.b.arn}/*", "c": [1]\n}}\nEOF',
        '<<-EOF\n    {"S": {\n      "a": "${local.allow}",\n      "r": "${aws_s3_bucket.b.arn}",\n      "c": [1]\n    }}\n  EOF',
        '"{\\"S\\": {\\"a\\": \\"Allow\\", \\"r\\": \\"${aws_s3_bucket.b.arn}\\", \\"c\\": [1]}}"',
    ],
    ids=["heredoc", "indented heredoc", "quoted"],
)
def test_places_in_evaluated_configuration_are_those_of_the_file(written: str) -> None:
    data = f'locals {{\n  allow = "Allow"\n}}\nresource "aws_sqs_queue" "q" {{\n  policy = {written}\n}}\n'.encode()
    source = Source("main.tf", data, Body((), ()))
    (queue,) = evaluate_root(Snapshot({"main.tf": data}), Root("")).resources
    found = decoded(queue.body.items["policy"])
    assert isinstance(found, Map)
    statement = found.items["S"]
    assert isinstance(statement, Map)
    assert plain(statement.items["a"]) == "Allow"
    for key, start in (("a", b"Allow"), ("c", b"[1]")):
        place = statement.items[key].written
        assert place is not None
        assert place == source.place(place.start, place.end)
        if b"${local" not in data or key == "c":
            assert start in source.data[place.start : place.end]
            assert written.startswith('"') or place.end - place.start <= len(start) + 2
