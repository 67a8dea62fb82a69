"""Changes of manifests: what is asked for, in the file's own form, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from copilot.edits import yaml as edit
from copilot.edits.hcl import CannotEdit
from copilot.edits.patched import Replacement, apply, as_edits
from copilot.edits.yaml import Change
from copilot.iac import kubernetes
from copilot.iac.kubernetes import data_of
from copilot.model import Place
from copilot.snapshot import Snapshot

PATH = "pod.yaml"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  # the one that matters
  containers:
    - name: app  # first
      image: 'nginx:1.27'
      securityContext:
        privileged: true  # for now
        capabilities:
          add: [NET_ADMIN, SYS_TIME]
    - name: side
      image: busybox
      args:
        - a
        - b
  volumes: []
"""


def whole(data: bytes, document: int = 0) -> Place:
    stream = kubernetes.read(PATH, data)
    node = stream.documents[document]
    return stream.place(node.start, node.end)


def made(data: bytes, replacements: list[Replacement]) -> bytes:
    snapshot = Snapshot({PATH: data})
    return apply(snapshot, as_edits(snapshot, replacements)).after.read(PATH) or b""


def steps(path: str) -> edit.Steps:
    return tuple(int(step) if step.isdigit() else step for step in path.split("."))


def setting(text: str, path: str, value: Any) -> str:
    data = text.encode()
    return made(data, edit.set_value(data, PATH, whole(data), steps(path), value)).decode()


def removing(text: str, path: str) -> str:
    data = text.encode()
    return made(data, edit.remove(data, PATH, whole(data), steps(path))).decode()


def appending(text: str, path: str, value: Any) -> str:
    data = text.encode()
    return made(data, edit.append(data, PATH, whole(data), steps(path), value)).decode()


# --- setting ---


def test_a_scalar_is_replaced_where_it_stands_and_its_comment_stays() -> None:
    after = setting(POD, "spec.containers.0.securityContext.privileged", False)
    assert after == POD.replace("privileged: true  # for now", "privileged: false  # for now")


def test_a_string_keeps_the_quotes_of_the_one_before() -> None:
    after = setting(POD, "spec.containers.0.image", "nginx@sha256:0")
    assert after == POD.replace("'nginx:1.27'", "'nginx@sha256:0'")


def test_a_key_is_added_behind_the_others_with_the_maps_on_the_way() -> None:
    assert setting(POD, "spec.containers.1.securityContext.capabilities.drop", ["ALL"]) == POD.replace(
        "        - b\n",
        "        - b\n      securityContext:\n        capabilities:\n          drop:\n            - ALL\n",
    )


def test_a_key_added_to_a_map_on_one_line_stays_on_it() -> None:
    assert setting(POD, "metadata.labels.tier", "front end") == POD.replace(
        "{app: web}", '{app: web, tier: "front end"}'
    )


def test_an_empty_value_becomes_a_map() -> None:
    assert setting("a:\nb: 1\n", "a.c", 2) == "a:\n  c: 2\nb: 1\n"


def test_text_that_would_read_as_something_else_is_quoted() -> None:
    texts = ["yes", "on", "0644", "1_000", "null", "", "a: b", "# no", "- x", "${A}", "é", "a\nb", "<<", "\u2028"]
    assert setting("a: 1\n", "b", texts) == (
        'a: 1\nb:\n  - "yes"\n  - "on"\n  - "0644"\n  - "1_000"\n  - "null"\n  - ""\n  - "a: b"\n  - "# no"\n  - "- x"\n'
        '  - "${A}"\n  - "é"\n  - "a\\nb"\n  - "<<"\n  - "\\u2028"\n'
    )


def test_lists_stand_as_far_in_as_the_file_has_them() -> None:
    text = "a:\n- 1\nb: 2\n"
    assert setting(text, "c", [{"d": 1, "e": [2]}]) == text + "c:\n- d: 1\n  e:\n  - 2\n"


def test_line_endings_and_a_byte_order_mark_are_kept() -> None:
    text = "\ufeff" + POD.replace("\n", "\r\n")
    after = setting(text, "spec.containers.1.securityContext.privileged", False)
    expected = POD.replace("        - b\n", "        - b\n      securityContext:\n        privileged: false\n")
    assert after == "\ufeff" + expected.replace("\n", "\r\n")


def test_json_is_changed_as_json_with_the_indentation_it_has() -> None:
    text = json.dumps({"kind": "Pod", "spec": {"containers": [{"name": "a"}]}}, indent=4)
    after = setting(text, "spec.containers.0.securityContext", {"privileged": False})
    data = {"kind": "Pod", "spec": {"containers": [{"name": "a", "securityContext": {"privileged": False}}]}}
    assert after == json.dumps(data, indent=4)


def test_a_literal_text_in_front_is_left_as_it_is() -> None:
    text = "a:\n  b: |\n    one\n    two\n\nc: 1\n"
    assert setting(text, "a.d", True) == "a:\n  b: |\n    one\n    two\n  d: true\n\nc: 1\n"


def test_what_an_alias_shares_is_not_changed_behind_its_back() -> None:
    text = "base: &b\n  x: 1\nother: *b\n"
    for path in ("other.x", "other"):
        with pytest.raises(CannotEdit, match="shared by an alias"):
            setting(text, path, 2)


def test_a_merged_scalar_is_overridden_beside_the_merge() -> None:
    text = "base: &b\n  x: 1\n  y: 2\nother:\n  <<: *b\n"
    assert setting(text, "other.x", 3) == text + "  x: 3\n"


# --- removing ---


def test_a_key_goes_with_its_line_and_comments_above_stay() -> None:
    after = removing(POD, "spec.containers.0.securityContext.privileged")
    assert after == POD.replace("        privileged: true  # for now\n", "")


def test_the_first_key_of_an_element_hands_its_sign_to_the_next() -> None:
    assert removing(POD, "spec.containers.1.name") == POD.replace("- name: side\n      image", "- image")


def test_an_element_goes_and_what_becomes_empty_stays() -> None:
    assert removing(POD, "spec.containers.0.securityContext.capabilities.add.0") == POD.replace("NET_ADMIN, ", "")
    assert removing(POD, "spec.containers.1.args.1") == POD.replace("        - b\n", "")
    assert removing("a:\n  b:\n    - c # d\ne: 1\n", "a.b.0") == "a:\n  b: [] # d\ne: 1\n"
    assert removing("a:\n  b: 1\n", "a.b") == "a: {}\n"


def test_the_last_element_of_json_takes_its_comma_along() -> None:
    assert removing('{\n  "a": 1,\n  "b": 2\n}\n', "b") == '{\n  "a": 1\n}\n'


# --- lists ---


def test_an_element_is_added_in_the_form_of_the_others() -> None:
    assert appending(POD, "spec.containers.0.securityContext.capabilities.add", "KILL") == POD.replace(
        "SYS_TIME]", "SYS_TIME, KILL]"
    )
    assert appending(POD, "spec.containers.1.args", {"c": 1, "d": 2}) == POD.replace(
        "        - b\n", "        - b\n        - c: 1\n          d: 2\n"
    )
    assert appending(POD, "spec.volumes", "v") == POD.replace("[]", "[v]")
    assert appending("a: 1\n", "b.c", "d") == "a: 1\nb:\n  c:\n    - d\n"


# --- places ---


def test_a_change_reaches_the_document_and_the_list_item_that_it_names() -> None:
    text = "kind: List\napiVersion: v1\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: a}\n"
    data = ("a: 1\n---\n" + text).encode()
    stream = kubernetes.read(PATH, data)
    (found,) = kubernetes.evaluate_manifests(Snapshot({PATH: data}), ROOT).resources
    assert stream.documents[1] is not None
    expected = data + b"    spec:\n      hostPID: false\n"
    assert made(data, edit.set_value(data, PATH, found.block, ("spec", "hostPID"), False)) == expected
    assert made(data, edit.set_value(data, PATH, found.header, ("spec", "hostPID"), False)) == expected


def test_the_way_to_a_value_is_found_by_its_place() -> None:
    data = POD.encode()
    (pod,) = kubernetes.evaluate_manifests(Snapshot({PATH: data}), ROOT).resources
    containers = pod.body.items["spec"].items["containers"]  # type: ignore[attr-defined]
    names = ("spec", "containers", "securityContext", "runAsNonRoot")
    second = containers.items[1]
    assert edit.steps_to(data, PATH, pod.block, second.places[-1], names) == (
        "spec", "containers", 1, "securityContext", "runAsNonRoot",
    )  # fmt: skip
    context = containers.items[0].items["securityContext"]
    assert edit.steps_to(data, PATH, pod.block, context.places[-1], names) == (
        "spec", "containers", 0, "securityContext", "runAsNonRoot",
    )  # fmt: skip


def test_several_changes_of_one_file_are_made_together() -> None:
    snapshot = Snapshot({PATH: POD.encode()})
    at = whole(POD.encode())
    base: edit.Steps = ("spec", "containers", 1, "securityContext")
    changes = [
        Change("remove", at, ("spec", "containers", 0, "securityContext", "capabilities", "add", 0)),
        Change("remove", at, ("spec", "containers", 0, "securityContext", "capabilities", "add", 1)),
        Change("set", at, (*base, "privileged"), False),
        Change("set", at, (*base, "privileged"), False),
        Change("set", at, (*base, "runAsNonRoot"), True),
    ]
    after = apply(snapshot, edit.edits(snapshot, PATH, changes)).after.read(PATH)
    assert (after or b"").decode() == POD.replace("[NET_ADMIN, SYS_TIME]", "[]").replace(
        "        - b\n", "        - b\n      securityContext:\n        privileged: false\n        runAsNonRoot: true\n"
    )


# --- properties ---

ROOT = kubernetes.Root("", kind="kubernetes")
KEYS = st.sampled_from(["a", "b", "name", "on", "x-y", "1", "é", "long key"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-99, 99),
    st.text(max_size=6),
    st.sampled_from(["yes", "0644", "a\nb\n", "# c"]),
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
MAPS = st.dictionaries(KEYS, DATA, min_size=1, max_size=4)


def written(data: Any, flow: bool | None, indent: int, crlf: bool) -> bytes:
    import yaml

    text = yaml.safe_dump(data, default_flow_style=flow, indent=indent, sort_keys=False, allow_unicode=True, width=60)
    return text.replace("\n", "\r\n").encode() if crlf else text.encode()


FORMS = st.tuples(MAPS, st.sampled_from([False, True, None]), st.sampled_from([2, 4]), st.booleans())


def _maps(data: Any, at: edit.Steps = ()) -> list[edit.Steps]:
    found = []
    if isinstance(data, dict) and data:
        found.append(at)
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in items:
        found += _maps(value, (*at, step))
    return found


@settings(deadline=None, max_examples=150)
@given(FORMS, DATA, st.integers(0, 50), st.lists(KEYS, max_size=2).map(tuple))
def test_a_key_that_is_set_and_removed_leaves_the_bytes_as_they_were(
    form: tuple[Any, bool | None, int, bool], value: Any, pick: int, below: edit.Steps
) -> None:
    data = written(*form)
    stream = kubernetes.read(PATH, data)
    assume(not stream.gaps)
    plain = data_of(stream.documents[0])
    maps = _maps(plain)
    top: edit.Steps = (*maps[pick % len(maps)], "new")
    with_key = made(data, edit.set_value(data, PATH, whole(data), (*top, *below), value))
    expected = value
    for step in reversed(below):
        expected = {step: expected}
    here = data_of(kubernetes.read(PATH, with_key).documents[0])
    for step in top:
        here = here[step]
    assert here == expected
    assert made(with_key, edit.remove(with_key, PATH, whole(with_key), top)) == data


@settings(deadline=None, max_examples=150)
@given(FORMS, DATA, st.integers(0, 50), st.sampled_from(["set", "remove", "append"]))
def test_a_change_is_made_exactly_or_refused(
    form: tuple[Any, bool | None, int, bool], value: Any, pick: int, kind: str
) -> None:
    data = written(*form)
    stream = kubernetes.read(PATH, data)
    assume(not stream.gaps)
    every = [steps for steps, _ in edit._below(stream.documents[0])]
    at = every[pick % len(every)]
    try:
        if kind == "remove":
            after = made(data, edit.remove(data, PATH, whole(data), at))
        elif kind == "set":
            after = made(data, edit.set_value(data, PATH, whole(data), at, value))
        else:
            after = made(data, edit.append(data, PATH, whole(data), at, value))
    except CannotEdit:
        return
    expected = data_of(stream.documents[0])
    here = expected
    for step in at[:-1]:
        here = here[step]
    if kind == "remove":
        del here[at[-1]]
    else:
        here[at[-1]] = value if kind == "set" else [*(here[at[-1]] or []), value]
    changed = data_of(kubernetes.read(PATH, after).documents[0])
    assert json.dumps(changed, sort_keys=True) == json.dumps(expected, sort_keys=True)


@settings(deadline=None, max_examples=150)
@given(FORMS, SCALARS, st.integers(0, 50))
def test_scalars_in_ordinary_text_are_never_refused(
    form: tuple[Any, bool | None, int, bool], value: Any, pick: int
) -> None:
    data = written(*form)
    stream = kubernetes.read(PATH, data)
    assume(not stream.gaps)
    every = [steps for steps, _ in edit._below(stream.documents[0])]
    at = every[pick % len(every)]
    after = made(data, edit.set_value(data, PATH, whole(data), at, value))
    here = data_of(kubernetes.read(PATH, after).documents[0])
    for step in at:
        here = here[step]
    assert here == value
