"""Kubernetes manifests as objects with places, and the checks that ship for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.checks import library
from copilot.checks.evaluate import judge_world
from copilot.checks.language import Param
from copilot.edits import yaml as edit
from copilot.edits.patched import apply
from copilot.iac.kubernetes import MAX_BYTES, evaluate_manifests, resolved
from copilot.model import Gap, Known, List, Map, Null, Place, Resource, Root, Template, Unknown, Value, World, plain
from copilot.snapshot import Snapshot

ROOT = Root("k8s", kind="kubernetes")
LIBRARY = library.load()
OURS = [id for id in LIBRARY.checks if id.startswith("k8s-")]


def world(text: str | bytes, name: str = "a.yaml", **others: str) -> World:
    files: dict[str, str | bytes] = {f"k8s/{name}": text}
    return evaluate_manifests(Snapshot.of({**files, **others}), ROOT)


def only(text: str | bytes) -> Resource:
    found = world(text)
    assert tuple(found.gaps) == ()
    (resource,) = found.resources
    return resource


def at(resource: Resource, *steps: str | int) -> Value:
    value: Value = resource.body
    for step in steps:
        if isinstance(step, int):
            assert isinstance(value, List)
            value = value.items[step]
        else:
            assert isinstance(value, Map)
            value = value.items[step]
    return value


def text_at(data: str | bytes, place: Place) -> str:
    raw = data.encode() if isinstance(data, str) else data
    return raw[place.start : place.end].decode()


POD = """\
# a pod
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
    - name: app
      image: "nginx:1.27"
      env: [{name: A, value: é}, {name: B, value: }]
      securityContext:
        privileged: yes
        runAsUser: 0644
    # the second
    -
      name: side
"""


# --- objects and places ---


def test_an_object_is_a_resource_with_its_header_and_its_block() -> None:
    pod = only(POD)
    assert (pod.address, pod.type, pod.name, pod.mode, pod.folder) == ("Pod/shop/web", "Pod", "web", "object", "k8s")
    assert (text_at(POD, pod.header), pod.header.line) == ("kind: Pod", 3)
    assert text_at(POD, pod.block) == POD[len("# a pod\n") :].rstrip()
    assert pod.body.places == (pod.header,)


def test_a_scalar_stands_at_its_own_bytes_and_a_collection_at_the_line_that_opens_it() -> None:
    pod = only(POD)
    shown = {
        ("spec",): ("spec:", 7),
        ("spec", "containers"): ("containers:", 8),
        ("spec", "containers", 0): ("- name: app", 9),
        ("spec", "containers", 0, "image"): ('"nginx:1.27"', 10),
        ("spec", "containers", 0, "env", 0, "value"): ("é", 11),
        ("spec", "containers", 0, "env", 1): ("{name: B, value: }", 11),
        ("spec", "containers", 0, "env", 1, "value"): ("value:", 11),
        ("spec", "containers", 0, "securityContext"): ("securityContext:", 12),
        ("spec", "containers", 0, "securityContext", "privileged"): ("yes", 13),
        ("spec", "containers", 1): ("-", 16),
    }
    found = {steps: at(pod, *steps).places[-1] for steps in shown}
    assert {steps: (text_at(POD, place), place.line) for steps, place in found.items()} == shown


@pytest.mark.parametrize("change", [lambda s: "\ufeff" + s, lambda s: s.replace("\n", "\r\n")])
def test_a_byte_order_mark_and_line_endings_move_no_place(change: object) -> None:
    text = change(POD)  # type: ignore[operator]
    pod = only(text)
    image = at(pod, "spec", "containers", 0, "image").places[-1]
    assert (text_at(text, image), image.line, image.column) == ('"nginx:1.27"', 10, 14)
    assert text_at(text, at(pod, "spec", "containers", 1).places[-1]) == "-"


def test_scalars_are_read_as_the_api_machinery_reads_them() -> None:
    read = {
        "yes": True, "on": True, "y": True, "No": False, "true": True, "~": None, "": None, "0644": 420, "0o17": 15,
        "1_000": 1000, "0x1F": 31, "0b11": 3, "1.5": 1.5, "1e3": 1000.0, "1.2.3": "1.2.3", "089": 89.0, "128Mi": "128Mi",
        "yEs": "yEs", "-": "-", "2024-01-01": "2024-01-01",
    }  # fmt: skip
    assert {text: resolved(text) for text in read} == read


def test_null_is_a_value_and_quotes_make_text() -> None:
    found = only('apiVersion: v1\nkind: X\na: null\nb:\nc: "yes"\nd: !!str 1\n')
    assert isinstance(at(found, "a"), Null)
    assert isinstance(at(found, "b"), Null)
    assert plain(found.body) == {"apiVersion": "v1", "kind": "X", "a": None, "b": None, "c": "yes", "d": "1"}


def test_aliases_and_merges_are_resolved_and_keep_where_the_value_is_written() -> None:
    text = "apiVersion: v1\nkind: X\nbase: &b {x: 1, z: 2}\none: *b\ntwo:\n  <<: *b\n  z: 3\n"
    found = only(text)
    assert plain(at(found, "one")) == {"x": 1, "z": 2}
    assert plain(at(found, "two")) == {"x": 1, "z": 3}
    assert [text_at(text, place) for place in at(found, "one").places] == ["*b", "&b {x: 1, z: 2}"]
    assert [text_at(text, place) for place in at(found, "two", "x").places] == ["1"]


def test_what_a_tool_still_fills_in_is_unknown() -> None:
    found = only('apiVersion: v1\nkind: X\na: ${TAG}\nb: "repo/app:{{ tag }}"\nc: $(HOME)\n')
    assert isinstance(at(found, "a"), Unknown)
    assert isinstance(at(found, "b"), Template)
    assert plain(at(found, "b")) == {"$template": ["repo/app:", {"$unknown": "template({{ tag }})"}]}
    assert isinstance(at(found, "c"), Known)


def test_what_a_secret_holds_is_sensitive() -> None:
    found = only("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n")
    assert plain(found.body) == {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"$sensitive": True},
    }  # fmt: skip


def test_documents_lists_and_json_are_all_read() -> None:
    files = {
        "k8s/a.yaml": "apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: default}\n---\n---\napiVersion: v1\nkind: B\n",
        "k8s/x/l.yml": "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: C, metadata: {name: c}}\n- 3\n",
        "k8s/b.json": '{\n\t"apiVersion": "v1", "kind": "D",\n\t"metadata": {"name": "d"}}',
        "k8s/values.yaml": "image: {tag: 1}\n",
        "other/e.yaml": "apiVersion: v1\nkind: E\n",
    }
    found = evaluate_manifests(Snapshot.of(files), ROOT)
    assert [resource.address for resource in found.resources] == ["A/a", "B", "D/d", "C/c"]
    assert (tuple(found.gaps), found.closed) == ((), True)
    assert found.files == {"k8s/a.yaml", "k8s/x/l.yml", "k8s/b.json"}


def test_objects_of_one_name_are_told_apart_by_their_files() -> None:
    one = "apiVersion: v1\nkind: A\nmetadata: {name: a}\n"
    found = evaluate_manifests(Snapshot.of({"k8s/dev/a.yaml": one, "k8s/prod/a.yaml": f"{one}---\n{one}"}), ROOT)
    assert [r.address for r in found.resources] == ["A/a@dev/a.yaml", "A/a@prod/a.yaml", "A/a@prod/a.yaml#2"]


# --- gaps ---

HEAD = "apiVersion: v1\nkind: X\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (HEAD + "a: 1\nb: 2\na: 3\n", 5, "the key 'a' stands twice in one map"),
        (HEAD + "a:\n\tb: 1\n", 4, "it does not read as YAML: found character that cannot start any token"),
        (HEAD.encode() + b"a: \xff\n", 3, "the file is not UTF-8"),
        (HEAD.encode("utf-16"), 1, "the file is not UTF-8"),
        (HEAD + "a: " + "[" * 20_000, 3, "nested over 100 levels"),
        (HEAD + "a: " + "[" * 20_000 + "]" * 20_000, 3, "nested over 100 levels"),
        (HEAD + "a: *b\n", 3, "the alias *b refers to nothing before it"),
        (HEAD + "a: &a [*a]\n", 3, "the alias *a refers to nothing before it"),
        (HEAD + "a:\n  <<: 3\n", 4, "what is merged by << is not a map"),
        (HEAD + "#" * MAX_BYTES, 1, "the file is larger than 4 MiB"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_gap_with_its_line(text: str | bytes, line: int, reason: str) -> None:
    found = world(text)
    assert tuple(found.gaps) == (Gap("unread", reason, "k8s/a.yaml", line),)
    assert (found.resources, found.closed) == ((), False)


def test_a_bomb_of_aliases_is_refused() -> None:
    levels = "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]\n" for i in range(1, 9))
    (gap,) = world(f"{HEAD}l0: &l0 [a, b]\n{levels}").gaps
    assert (gap.kind, gap.reason) == ("unread", "over 250000 values")


def test_aliases_cannot_nest_deeper_than_brackets() -> None:
    levels = "".join(f"l{i}: &l{i} {'[' * 30}*l{i - 1}{']' * 30}\n" for i in range(1, 5))
    (gap,) = world(f"{HEAD}l0: &l0 a\n{levels}").gaps
    assert (gap.kind, gap.reason) == ("unread", "nested over 100 levels")


def test_a_document_that_does_not_read_takes_those_before_it_not_along() -> None:
    found = world(f"{HEAD}---\n{HEAD}a: 1\na: 2\n---\n{HEAD}metadata: {{name: z}}\n---\na: [\n")
    assert [resource.address for resource in found.resources] == ["X", "X/z"]
    assert [(gap.kind, gap.line) for gap in found.gaps] == [("unread", 7), ("unread", 14)]


def test_the_templates_of_a_chart_are_out_of_sight_and_its_plain_manifests_are_not() -> None:
    template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n"
    found = evaluate_manifests(
        Snapshot.of(
            {"k8s/c/Chart.yaml": "apiVersion: v2\nname: c\n", "k8s/c/templates/p.yaml": template,
             "k8s/c/templates/q.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: q}\n", "k8s/loose.yaml": template}
        ),
        ROOT,
    )  # fmt: skip
    assert [resource.address for resource in found.resources] == ["Pod/q"]
    assert [(gap.kind, gap.path) for gap in found.gaps] == [
        ("out_of_sight", "k8s/loose.yaml"), ("out_of_sight", "k8s/c/Chart.yaml"),
    ]  # fmt: skip
    assert "Helm" in next(gap.reason for gap in found.gaps if gap.path == "k8s/c/Chart.yaml")


def test_a_kustomization_is_no_object_and_its_patches_are_out_of_sight() -> None:
    found = evaluate_manifests(
        Snapshot.of(
            {"k8s/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: p.yaml}]\n",
             "k8s/p.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: q}\n"}
        ),
        ROOT,
    )  # fmt: skip
    assert (found.resources, found.closed) == ((), False)
    assert [(gap.kind, gap.path) for gap in found.gaps] == [("out_of_sight", "k8s/p.yaml")]


# --- whatever the bytes ---

PIECES = st.sampled_from(
    ["apiVersion: v1\n", "kind: Pod\n", "a", ": ", "- ", "\n", "  ", "\n---\n", "{", "}", "[", "]", "&a ", "*a", "<<: ", "'",
     '"', "|\n", ">-\n", "!!x ", "? ", "#", "\t", ",", "\u2028", "\ufeff", "é", "{{ x }}", "\0", "\r", "%YAML 1.1\n", "~", "…"]
)  # fmt: skip


def _holds(found: World, data: bytes) -> None:
    for resource in found.resources:
        plain(resource.body)
        assert 0 <= resource.header.start < resource.header.end <= len(data)
        assert resource.block.start <= resource.header.start


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    data = b"apiVersion: v1\nkind: Pod\n" + data
    _holds(world(data), data)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_yaml_makes_the_reader_raise(text: str) -> None:
    data = ("apiVersion: v1\nkind: Pod\n" + text).encode()
    _holds(world(data), data)


# --- the checks ---


def _verdicts(id: str, example: Path) -> set[str]:
    snapshot = Snapshot({example.name: example.read_bytes()}) if example.is_file() else Snapshot.from_folder(example)
    found = evaluate_manifests(snapshot, Root("", kind="kubernetes"))
    assert tuple(found.gaps) == ()
    return {judgement.verdict for judgement in judge_world([LIBRARY.checks[id]], found, {})} - {"not_applicable"}


def _repaired(id: str, data: bytes) -> bytes:
    """The example with every `set` of the check carried out where a leaf is at fault."""
    snapshot = Snapshot({"a.yaml": data})
    found = evaluate_manifests(snapshot, Root("", kind="kubernetes"))
    changes = []
    for judgement in judge_world([LIBRARY.checks[id]], found, {}):
        for leaf in judgement.outcome.culprits() if judgement.verdict == "fail" else ():
            if (fix := leaf.condition.fix) is not None and fix.kind == "set":
                value = "256Mi" if isinstance(fix.value, Param) else fix.value
                block = judgement.resource.block
                steps = edit.steps_to(data, "a.yaml", block, leaf.places[-1], leaf.path.split("."))
                changes.append(edit.Change("set", block, steps, value))
    assert changes
    return apply(snapshot, edit.edits(snapshot, "a.yaml", changes)).after.read("a.yaml") or b""


@pytest.mark.parametrize("id", [id for id in OURS if any(fix.kind == "set" for _, fix in LIBRARY.checks[id].fixes())])
def test_a_fix_carried_out_on_a_bad_example_makes_it_pass(id: str, tmp_path: Path) -> None:
    for example in LIBRARY.examples(id).bad:
        repaired = tmp_path / example.name
        repaired.write_bytes(_repaired(id, example.read_bytes()))
        assert (example.name, _verdicts(id, repaired)) == (example.name, {"pass"})


@pytest.mark.parametrize("id", OURS)
def test_a_check_says_of_its_examples_what_their_folders_say(id: str) -> None:
    examples = LIBRARY.examples(id)
    assert examples.good
    assert examples.bad
    assert {path.name: _verdicts(id, path) for path in examples.good} == {path.name: {"pass"} for path in examples.good}
    assert {path.name: _verdicts(id, path) for path in examples.bad} == {path.name: {"fail"} for path in examples.bad}
    assert {path.name: _verdicts(id, path) for path in examples.undecided} == {
        path.name: {"undecided"} for path in examples.undecided
    }
