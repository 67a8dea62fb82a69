"""Changes of HCL text: what is asked for, in the file's own form, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from copilot.edits import hcl as edit
from copilot.edits.patched import Replacement, apply
from copilot.errors import InvalidEdit
from copilot.iac import hcl, syntax
from copilot.iac.syntax import Block, Source
from copilot.snapshot import Snapshot

Change = Callable[[Source, Block], list[Replacement]]


def changed(text: str, *operations: Change) -> str:
    """The text after operations on its first top-level block."""
    data = text.encode()
    source = hcl.read("main.tf", data)
    assert source.gaps == ()
    replacements = [r for operation in operations for r in operation(source, source.body.blocks[0])]
    snapshot = Snapshot({"main.tf": data})
    after = apply(snapshot, edit.edits(snapshot, replacements)).after.read("main.tf")
    assert after is not None
    assert hcl.read("main.tf", after).gaps == ()
    return after.decode()


def setting(path: str, text: str) -> Change:
    steps: list[str | int] = [int(step) if step.isdigit() else step for step in path.split(".")]
    return lambda source, block: edit.set_attribute(source, block, steps, text)


def removing(name: str) -> Change:
    def operation(source: Source, block: Block) -> list[Replacement]:
        attribute = block.body.attribute(name)
        assert attribute is not None
        return edit.remove_attribute(source, block, attribute)

    return operation


def listed(name: str, operation: Callable[[Source, syntax.Tuple], list[Replacement]]) -> Change:
    def on_block(source: Source, block: Block) -> list[Replacement]:
        attribute = block.body.attribute(name)
        assert attribute is not None
        assert isinstance(attribute.expr, syntax.Tuple)
        return operation(source, attribute.expr)

    return on_block


# --- arguments ---


def test_a_value_is_replaced_and_the_rest_of_the_line_stays() -> None:
    before = 'resource "a" "b" {\n  x = false # why\n}\n'
    assert changed(before, setting("x", "true")) == 'resource "a" "b" {\n  x = true # why\n}\n'


def test_a_new_argument_joins_the_first_run_of_arguments_before_nested_blocks_and_tags() -> None:
    before = """resource "aws_db_instance" "main" {
  count = 1

  engine = "postgres"
  name   = "main" # the app's

  tags = {
    a = "b"
  }

  timeouts {
    create = "1h"
  }
}
"""
    after = before.replace(
        '  engine = "postgres"\n  name   = "main" # the app\'s\n',
        '  engine            = "postgres"\n  name              = "main" # the app\'s\n  storage_encrypted = true\n',
    )
    assert changed(before, setting("storage_encrypted", "true")) == after


def test_a_shorter_name_moves_no_other_line() -> None:
    before = 'resource "a" "b" {\n  long_name = 1\n  other     = 2\n}\n'
    assert changed(before, setting("x", "3")) == before.replace("2\n", "2\n  x         = 3\n")


def test_lines_that_were_not_aligned_are_not_aligned() -> None:
    before = 'resource "a" "b" {\n  a = 1\n  other = 2\n}\n'
    assert changed(before, setting("longer_name", "3")) == before.replace("2\n", "2\n  longer_name = 3\n")


def test_comments_behind_lines_keep_their_column_where_they_had_one() -> None:
    before = 'resource "a" "b" {\n  a   = 1   # one\n  bcd = 222 # two\n}\n'
    after = 'resource "a" "b" {\n  a     = 1   # one\n  bcd   = 222 # two\n  efghi = 3\n}\n'
    assert changed(before, setting("efghi", "3")) == after


def test_tabs_crlf_and_a_byte_order_mark_stay() -> None:
    before = '\ufeffresource "a" "b" {\r\n\tx = 1\r\n}\r\n'
    after = before.replace("}", "\ty = 2\r\n\r\n\tn {\r\n\t\tz = 3\r\n\t}\r\n}")
    assert changed(before, setting("y", "2"), setting("n.z", "3")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('resource "a" "b" {}\n', 'resource "a" "b" {\n  x = 1\n  y = 2\n}\n'),
        ('resource "a" "b" {\n}\n', 'resource "a" "b" {\n  x = 1\n  y = 2\n}\n'),
        ('resource "a" "b" { w = 0 }', 'resource "a" "b" {\n  w = 0\n  x = 1\n  y = 2\n}'),
        (
            'resource "a" "b" {\n  # what it is\n}\n',
            'resource "a" "b" {\n  # what it is\n  x = 1\n  y = 2\n}\n',
        ),
        (
            'resource "a" "b" {\n  for_each = var.all\n}\n',
            'resource "a" "b" {\n  for_each = var.all\n\n  x = 1\n\n  y = 2\n}\n',
        ),
        (
            'resource "a" "b" {\n  tags = {\n    k = "v"\n  }\n}\n',
            'resource "a" "b" {\n  x = 1\n\n  y = 2\n\n  tags = {\n    k = "v"\n  }\n}\n',
        ),
    ],
)
def test_blocks_without_an_ordinary_argument_take_one(before: str, after: str) -> None:
    assert changed(before, setting("x", "1"), setting("y", "2")) == after


def test_missing_blocks_on_the_way_are_written_behind_the_others_and_before_lifecycle() -> None:
    before = """resource "a" "b" {
  name = "n"

  one {
    x = 1
  }

  lifecycle {
    prevent_destroy = true
  }
}
"""
    after = """resource "a" "b" {
  name = "n"

  one {
    x = 1
  }

  two {
    three {
      y = true
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}
"""
    assert changed(before, setting("two.three.y", "true")) == after


def test_an_existing_block_takes_the_argument_and_a_number_picks_one_of_several() -> None:
    before = 'resource "a" "b" {\n  n {\n    x = 1\n  }\n\n  n {\n    x = 1\n  }\n}\n'
    after = 'resource "a" "b" {\n  n {\n    x = 1\n  }\n\n  n {\n    x = 2\n  }\n}\n'
    assert changed(before, setting("n.1.x", "2")) == after
    with pytest.raises(edit.CannotEdit, match="there are 2 `n` blocks"):
        changed(before, setting("n.x", "2"))


def test_the_content_of_a_dynamic_block_is_its_block() -> None:
    before = 'resource "a" "b" {\n  dynamic "n" {\n    for_each = var.l\n    content {\n      x = 1\n    }\n  }\n}\n'
    assert changed(before, setting("n.y", "2")) == before.replace("x = 1\n", "x = 1\n      y = 2\n")


def test_an_argument_inside_an_object_or_jsonencode_is_set_in_its_form() -> None:
    before = (
        'resource "a" "b" {\n  o = {\n    "x" : 1,\n    "y" : 2\n  }\n  j = jsonencode({\n    Version = 1\n  })\n}\n'
    )
    after = (
        'resource "a" "b" {\n  o = {\n    "x" : 1,\n    "y" : 2,\n    "z" : 3\n  }\n'
        '  j = jsonencode({\n    Version = 1\n    Id      = "i"\n  })\n}\n'
    )
    assert changed(before, setting("o.z", "3"), setting("j.Id", '"i"')) == after


def test_a_key_of_json_in_a_heredoc_keeps_the_rest_of_the_document() -> None:
    before = 'resource "a" "b" {\n  p = <<-EOT\n    {\n      "Version": "2012",\n      "X": [1, "${var.a}"]\n    }\n  EOT\n}\n'
    after = before.replace('"2012"', '"2020"')
    assert changed(before, setting("p.Version", '"2020"')) == after
    added = before.replace('"${var.a}"]\n', '"${var.a}"],\n      "Y": 1\n')
    assert changed(before, setting("p.Y", "1")) == added


def test_an_expression_that_is_not_written_out_is_refused() -> None:
    with pytest.raises(edit.CannotEdit, match="not written out"):
        changed('resource "a" "b" {\n  o = merge(var.x, {})\n}\n', setting("o.z", "3"))


def test_two_changes_of_one_value_are_refused_unless_they_are_the_same() -> None:
    before = 'resource "a" "b" {\n  x = 1\n}\n'
    assert changed(before, setting("x", "2"), setting("x", "2")) == before.replace("1", "2")
    with pytest.raises(InvalidEdit, match="overlap"):
        changed(before, setting("x", "2"), setting("x", "3"))


def test_a_change_that_would_not_parse_is_refused() -> None:
    with pytest.raises(InvalidEdit, match="would not parse"):
        changed('resource "a" "b" {\n  x = 1\n}\n', setting("x", "{"))


def test_a_name_is_never_set_twice_in_one_block() -> None:
    with pytest.raises(InvalidEdit, match="y would be set twice"):
        changed('resource "a" "b" {\n  x = 1\n}\n', setting("y", "1"), setting("y", "2"))


# --- removing ---


def test_a_removed_argument_takes_its_comment_and_one_of_two_blank_lines_along() -> None:
    before = 'resource "a" "b" {\n  a = 1\n\n  # stays\n\n  b = 2 # goes\n\n  c = 3\n}\n'
    assert changed(before, removing("b")) == 'resource "a" "b" {\n  a = 1\n\n  # stays\n\n  c = 3\n}\n'


def test_a_run_closes_up_when_its_longest_name_goes() -> None:
    before = 'resource "a" "b" {\n  a      = 1\n  longer = 2\n  bc     = 3\n}\n'
    assert changed(before, removing("longer")) == 'resource "a" "b" {\n  a  = 1\n  bc = 3\n}\n'


def test_a_nested_block_is_removed_with_its_blank_line() -> None:
    before = 'resource "a" "b" {\n  a = 1\n\n  n {\n    x = 1\n  }\n\n  m {}\n}\n'

    def operation(source: Source, block: Block) -> list[Replacement]:
        return edit.remove_block(source, block, block.body.blocks[0])

    assert changed(before, operation) == 'resource "a" "b" {\n  a = 1\n\n  m {}\n}\n'


# --- blocks beside ---


@pytest.mark.parametrize("tail", ["", "\n", '\n\nresource "c" "d" {}\n', '\nresource "c" "d" {}\n'])
def test_a_resource_is_put_right_behind_another_with_blank_lines_around(tail: str) -> None:
    text = edit.block_text(
        "resource", ["x", "y"], {"k": edit.Code("a.b.id"), "n": {"z": [1]}}, attribute=lambda path: False
    )
    after = changed('resource "a" "b" {\n}' + tail, lambda source, block: edit.append_resource(source, block, text))
    written = 'resource "x" "y" {\n  k = a.b.id\n\n  n {\n    z = [1]\n  }\n}'
    rest = tail.lstrip("\n")
    assert after == 'resource "a" "b" {\n}\n\n' + written + ("\n\n" + rest if rest else tail)


@pytest.mark.parametrize("tail", ["", '\nresource "c" "d" {}'])
def test_two_resources_behind_one_stand_one_blank_line_apart(tail: str) -> None:
    texts = [edit.block_text("resource", ["x", name], {"k": 1}, attribute=lambda path: False) for name in "yz"]
    operations: list[Change] = [
        lambda source, block, text=text: edit.append_resource(source, block, text)
        for text in texts  # type: ignore[misc]
    ]
    after = changed(f'resource "a" "b" {{\n}}{tail}\n', *operations)
    assert after == "\n\n".join(['resource "a" "b" {\n}', *texts, *([tail[1:]] if tail else [])]) + "\n"


# --- lists ---

ONE_LINE = 'resource "a" "b" {\n  l = ["a", "b", "c"]\n}\n'
LINES = 'resource "a" "b" {\n  l = [\n    "a", # first\n    "b", # second\n    "c" # third\n  ]\n}\n'


@pytest.mark.parametrize(
    ("positions", "after"),
    [
        ([0], '["b", "c"]'),
        ([1], '["a", "c"]'),
        ([2], '["a", "b"]'),
        ([0, 1], '["c"]'),
        ([1, 2], '["a"]'),
        ([0, 2], '["b"]'),
        ([0, 1, 2], "[]"),
    ],
)
def test_elements_leave_a_list_on_one_line(positions: list[int], after: str) -> None:
    result = changed(ONE_LINE, listed("l", lambda source, expr: edit.remove_elements(source, expr, positions)))
    assert result == f'resource "a" "b" {{\n  l = {after}\n}}\n'


def test_elements_leave_a_list_on_several_lines_with_their_comments() -> None:
    result = changed(LINES, listed("l", lambda source, expr: edit.remove_elements(source, expr, [1])))
    assert result == LINES.replace('    "b", # second\n', "")
    mixed = 'resource "a" "b" {\n  l = ["a",\n    "b", "c",\n  "d"]\n}\n'
    result = changed(mixed, listed("l", lambda source, expr: edit.remove_elements(source, expr, [2, 3])))
    assert result == 'resource "a" "b" {\n  l = ["a",\n    "b"]\n}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[]", '["z"]'),
        ('["a"]', '["a", "z"]'),
        ('["a",]', '["a", "z",]'),
        ('[\n    "a"\n  ]', '[\n    "a",\n    "z"\n  ]'),
        ('[\n    "a" # one\n  ]', '[\n    "a", # one\n    "z"\n  ]'),
        ('[\n    "a", # one\n  ]', '[\n    "a", # one\n    "z",\n  ]'),
    ],
)
def test_an_element_joins_a_list_in_its_form(before: str, after: str) -> None:
    text = 'resource "a" "b" {\n  l = %s\n}\n'
    assert changed(text % before, listed("l", lambda s, expr: edit.append_element(s, expr, '"z"'))) == text % after


# --- literals ---


def test_data_is_written_as_terraform_fmt_would() -> None:
    value = {"a": 1, "long_key": [True, None], "odd:key": 'q"${x}\n', "m": {"x": 1.5}, "l": [{"k": "v"}], "e": {}}
    assert edit.literal(value) == (
        '{\n  a         = 1\n  long_key  = [true, null]\n  "odd:key" = "q\\"$${x}\\n"\n'
        '  m = {\n    x = 1.5\n  }\n  l = [\n    {\n      k = "v"\n    },\n  ]\n  e = {}\n}'
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(0, 10**9) | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_a_literal_reads_back_as_what_it_was(value: object) -> None:
    assume(not isinstance(value, str) or "\x00" not in value)
    source = hcl.read("main.tf", f"x = {edit.literal(value)}\n".encode("utf-8", "replace"))
    if any("\x00" in part or not part.isprintable() for part in _texts(value)):
        return
    assert source.gaps == ()
    assert _data(source.body.attributes[0].expr) == value


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [t for k, v in value.items() for t in (k, *_texts(v))]
    return [t for v in value for t in _texts(v)] if isinstance(value, list) else []


def _data(expr: syntax.Expr) -> object:
    match expr:
        case syntax.Literal(value=value):
            return value
        case syntax.Tuple(items=items):
            return [_data(item) for item in items]
        case syntax.Object(items=pairs):
            return {_data(key): _data(value) for key, value in pairs}
    raise AssertionError(expr)


# --- properties ---

NAMES = st.sampled_from(["a", "bb", "name", "tags", "count", "depends_on", "a_longer_name", "kms_key_id"])
VALUES = st.sampled_from(
    ["1", "true", '"x"', "[1, 2]", "{\n    k = 1\n  }", "[\n    1,\n  ]", "<<EOT\nhello\nEOT", "f(1)"]
)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """The inside of a block, formatted as fmt does or not, with comments and blank lines."""
    lines: list[str] = []
    for name in draw(st.lists(NAMES, unique=True, max_size=6)):
        if draw(st.booleans()):
            lines.append(draw(st.sampled_from(["", "  # note", "  // note"])))
        pad = draw(st.sampled_from(["", "", "", "  "]))
        value = draw(VALUES)
        comment = "" if value.startswith("<<") else draw(st.sampled_from(["", "", " # c"]))
        lines.append(f"  {name}{pad} = {value}{comment}")
    for kind in draw(st.lists(st.sampled_from(["n", "lifecycle"]), max_size=2)):
        lines += draw(st.sampled_from([[""], []]))
        lines.append(f"  {kind} {{\n    x = 1\n  }}")
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    text = "\n".join(['resource "a" "b" {', *lines, "}"]) + draw(st.sampled_from(["\n", "", "\n\n# end\n"]))
    return text.replace("\n", eol)


@given(bodies())
def test_an_argument_set_and_removed_leaves_every_byte_as_it_was(before: str) -> None:
    after = changed(before, setting("zz_new", "true"))
    # Lines that were not aligned, and become so by the new line among them, are aligned lines afterwards.
    assume(_crooked(after) >= _crooked(before))
    assert changed(after, removing("zz_new")) == before


@given(bodies(), st.sampled_from(["zz", "a", "n.y", "new.block.arg"]), VALUES.filter(lambda value: "<<" not in value))
def test_a_set_argument_reads_back_and_every_other_one_reads_as_before(before: str, path: str, value: str) -> None:
    try:
        after = changed(before, setting(path, value))
    except edit.CannotEdit:
        assert before.count("\n  n {") + before.count("\r\n  n {") > 1
        return
    old, new = _arguments(before), _arguments(after)
    key = tuple(path.split("."))
    assert new.pop(key).replace(" ", "").replace("\r", "") == value.replace(" ", "")
    old.pop(key, None)
    assert new == old


def _arguments(text: str) -> dict[tuple[str, ...], str]:
    data = text.encode()
    out: dict[tuple[str, ...], str] = {}

    def visit(block: Block, path: tuple[str, ...]) -> None:
        for a in block.body.attributes:
            out[(*path, a.name)] = data[a.value_start : a.value_end].decode()
        for inner in block.body.blocks:
            visit(inner, (*path, inner.type))

    visit(hcl.read("main.tf", data).body.blocks[0], ())
    return out


def _crooked(text: str) -> int:
    """How many runs of lines are not aligned."""
    source = hcl.read("main.tf", text.encode())
    return sum(not edit._conforms(source.data, run) for run in edit._runs(source))
