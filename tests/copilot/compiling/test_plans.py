"""Compiled checks over plans: never a pass where native evaluation of the configuration has none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import regorus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot import wiring
from copilot.checks.evaluate import judge_world
from copilot.checks.language import Check, Exists, Leaf, Not, Quantified, Subject, own_paths, parse_path
from copilot.compiling import agreement, rego
from copilot.model import Encoded, Known, List, Map, Null, Place, Resource, Root, Severity, Value, World
from tests.copilot.compiling.plans import SHAPES, UNKNOWN, _value, plan_of
from tests.copilot.compiling.test_compiled import conditions_over, gaps, knowns, operands, refs, templates

HERE = Place("main.tf", 0, 1, 1, 1, 1, 2)


def check_of(must: Any, when: Any = None, subject: Subject | None = None) -> Check:
    subject = subject or Subject("types", ("t_x",))
    return Check("a-check", "It is right", "it is wrong", "It matters.", "c", Severity.LOW, subject, must, when)


def engine_of(check: Check) -> Any:
    engine = regorus.Engine()
    engine.add_policy("lib.rego", rego.library())
    engine.add_policy("check.rego", rego.compile_check(check))
    return engine


def root_of(*resources: Resource) -> World:
    return World.of(Root(""), resources, frozenset({"main.tf"}))


def resource(body: Map, address: str = "t_x.a", **more: Any) -> Resource:
    type, name = address.removeprefix("data.").split(".")
    mode: Any = "data" if address.startswith("data.") else "managed"
    return Resource(address, type, name, mode, "", "", body, HERE, HERE, **more)


def native(check: Check, world: World) -> dict[str, str]:
    return {each.resource.address: each.verdict for each in judge_world((check,), world, {})}


def asked_of(check: Check) -> list[str]:
    return sorted({p.names[0] for node in check.nodes() for p in own_paths(node) if p.names and not p.anchor})


def plannable(check: Check) -> Iterator[tuple[str, World]]:
    """The check's examples of which there is one plan; what `ignore_changes` leaves alone a plan knows."""
    for name, world in agreement.example_worlds(wiring.library(), check):
        undecided = any(r.conditional or "[?]" in r.address for r in world.resources)
        if world.root.kind == "terraform" and not undecided:
            there = tuple(replace(each, ignored=()) for each in world.resources)
            yield name, World.of(world.root, there, world.files, world.gaps, closed=world.closed)


def test_a_plan_of_an_example_is_judged_as_the_example_or_is_undecided() -> None:
    library = wiring.library()
    counts: Counter[str] = Counter()
    for id in ["aws-resource-tags", *sorted(library.checks)[::59]]:
        check = library.checks[id]
        try:
            engine = engine_of(check)
        except rego.Inexpressible:
            continue
        for name, world in plannable(check):
            expected = native(check, world)
            for shape_name, shape in SHAPES.items():
                said = agreement.verdicts(engine, check, plan_of(world, shape, asked_of(check)))
                assert said.keys() == expected.keys(), (id, name, shape_name)
                wrong = {a: (expected[a], v) for a, v in said.items() if v not in (expected[a], "undecided")}
                assert wrong == {}, (id, name, shape_name)
                counts.update(f"{shape_name}: {'same' if expected[a] == v else v}" for a, v in said.items())
    assert counts["as new: same"] > 3 * counts["as new: undecided"]


# --- random ones ----------------------------------------------------------------------------------------------------

ARGUMENTS, BLOCKS = ("a", "b", "c"), ("r", "s")
values = st.recursive(
    st.one_of(knowns, st.just(Null()), refs, gaps, templates),
    lambda inner: st.one_of(
        st.builds(
            lambda items, more, kind: List(tuple(items), more, kind),
            st.lists(inner, max_size=3), st.booleans(), st.sampled_from(["list", "set"]),
        ),
        st.builds(Map, st.dictionaries(st.sampled_from(ARGUMENTS), inner, max_size=3), st.just(False)),
        st.one_of(
            st.builds(lambda items: List(tuple(items)), st.lists(inner, max_size=2)),
            st.builds(Map, st.dictionaries(st.sampled_from(ARGUMENTS), inner, max_size=2)),
        ).map(Encoded),
    ),
    max_leaves=5,
)  # fmt: skip
arguments = st.dictionaries(st.sampled_from(ARGUMENTS), values, max_size=3)


def blocks_of(inner: st.SearchStrategy[Map]) -> st.SearchStrategy[dict[str, Value]]:
    made = st.builds(lambda items, more: List(tuple(items), more, "blocks"), st.lists(inner, max_size=2), st.booleans())
    return st.dictionaries(st.sampled_from(BLOCKS), made, max_size=2)


inner_bodies = st.builds(lambda a, b: Map({**a, **b}), arguments, blocks_of(arguments.map(Map)))
bodies = st.builds(lambda a, b: Map({**a, **b}), arguments, blocks_of(inner_bodies))
paths = st.lists(
    st.sampled_from(["a", "b", "c", "a.b", "r", "s", "r.a", "r.s", "r.s.b", "s.r", "r[0].a", "a[0]", "r[0]", "b.a"]),
    min_size=1, max_size=2,
).map(lambda found: tuple(map(parse_path, found)))  # fmt: skip
# Every text starts with "", one that is not known too, and natively what is not known may turn out to be no text.
conditions = conditions_over(
    paths, operands.filter(lambda asked: asked not in (("starts_with", ""), ("ends_with", "")))
)


def spelled(value: Value) -> Value:
    """The value with what is encoded as the text that a plan shows, where it is known."""
    match value:
        case Encoded():
            text, hidden = _value(value)
            return value if text is UNKNOWN or hidden else Known(text)
        case List(items=items):
            return replace(value, items=tuple(map(spelled, items)))
        case Map(items=entries):
            return replace(value, items={key: spelled(item) for key, item in entries.items()})
    return value


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(conditions, bodies, st.sampled_from(sorted(SHAPES)))
def test_a_random_condition_says_the_same_of_the_plan_of_a_random_tree_or_nothing(
    condition: Any, body: Map, shape: str
) -> None:
    check = check_of(condition)
    plan = plan_of(root_of(resource(body)), SHAPES[shape], (*ARGUMENTS, *BLOCKS))
    text = spelled(body)
    assert isinstance(text, Map)
    allowed = {native(check, root_of(resource(each)))["t_x.a"] for each in (body, text)} | {"undecided"}
    assert agreement.verdicts(engine_of(check), check, plan)["t_x.a"] in allowed


# --- one by one -----------------------------------------------------------------------------------------------------


def plan(
    values: Mapping[str, Any], expressions: Mapping[str, Any] | None = None, mask: Any = None, type: str = "t_x",
    **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """A plan of one resource; without expressions it shows no configuration."""
    named = {"address": f"{type}.a", "mode": "managed", "type": type, "name": "a"}
    out: dict[str, Any] = {
        "planned_values": {"root_module": {"resources": [{**named, "values": dict(values)}]}},
        "resource_changes": [{**named, "change": {"actions": ["create"], "after_unknown": mask or {}}}],
    }
    if expressions is not None:
        out["configuration"] = {"root_module": {"resources": [{**named, "expressions": dict(expressions)}]}}
    return {**out, **more}


def verdict(must: Any, shown: Mapping[str, Any], *, type: str = "t_x") -> str:
    check = check_of(must, subject=Subject("types", (type,)))
    return agreement.verdicts(engine_of(check), check, shown)[f"{type}.a"]


def leaf(path: str, op: Any, operand: Any, absent: Any) -> Leaf:
    return Leaf((parse_path(path),), op, operand, absent)


LONG: Any = leaf("x", "subset_of", ("a",), False)


@pytest.mark.parametrize(
    ("expressions", "said"),
    [
        ({"x": {"constant_value": []}}, "pass"),  # written as empty
        ({"x": {"references": ["var.x"]}}, "pass"),
        ({}, "fail"),  # not written: no block
        (None, "undecided"),
    ],
)
def test_an_empty_list_is_no_block_or_an_empty_list_as_it_was_written(expressions: Any, said: str) -> None:
    assert verdict(LONG, plan({"x": []}, expressions)) == said


def test_without_configuration_the_facts_of_the_provider_say_what_is_a_block() -> None:
    shown = plan({"ebs_block_device": []}, None, type="aws_instance")
    nothing = Quantified(
        "every", (parse_path("ebs_block_device"),), leaf("encrypted", "equals", True, False), True, False
    )
    assert verdict(nothing, shown, type="aws_instance") == "fail"
    assert verdict(replace(nothing, paths=(parse_path("foo"),)), plan({"foo": []})) == "undecided"


def test_what_the_provider_fills_in_is_not_taken_for_what_was_written() -> None:
    present = leaf("retention", "present", True, None)
    assert verdict(present, plan({"retention": 0}, {})) == "undecided"
    assert verdict(present, plan({"retention": 0}, None)) == "undecided"
    assert verdict(present, plan({"retention": 7}, {"retention": {"constant_value": 7}})) == "pass"


def test_an_argument_that_is_not_written_and_not_known_is_absent_where_it_is_surely_no_block() -> None:
    encrypted = leaf("encrypted", "equals", True, False)
    shown = plan({}, {}, {"encrypted": True}, type="aws_ebs_volume")
    assert verdict(encrypted, shown, type="aws_ebs_volume") == "fail"
    assert verdict(encrypted, plan({}, {}, {"encrypted": True})) == "undecided"
    written = plan({}, {"encrypted": {"references": ["var.e"]}}, {"encrypted": True}, type="aws_ebs_volume")
    assert verdict(encrypted, written, type="aws_ebs_volume") == "undecided"


def test_a_reference_that_came_to_a_literal_is_not_called_no_reference() -> None:
    key = Not(leaf("key", "refers_to", ("t_key",), False))
    assert verdict(key, plan({"key": "k-1"}, {"key": {"references": ["t_key.k.arn", "t_key.k"]}})) == "undecided"
    assert verdict(key, plan({"key": "k-1"}, {"key": {"constant_value": "k-1"}})) == "pass"


def test_where_the_plan_does_not_say_what_is_known_after_apply_a_missing_value_is_not_absent() -> None:
    shown = plan({"x": None}, {"x": {"references": ["var.x"]}})
    assert verdict(leaf("x", "equals", 1, True), shown) == "pass"
    assert verdict(leaf("x", "equals", 1, True), {**shown, "resource_changes": []}) == "undecided"


def test_the_mask_of_a_deposed_object_is_not_that_of_the_resource() -> None:
    shown = plan({}, {"x": {"references": ["var.x"]}}, {"x": True})
    deposed = {"address": "t_x.a", "deposed": "00000000", "change": {"actions": ["delete"], "after_unknown": {}}}
    assert verdict(
        leaf("x", "equals", 1, True), {**shown, "resource_changes": [deposed, *shown["resource_changes"]]}
    ) == ("undecided")


def test_an_argument_that_is_written_and_never_kept_is_not_absent() -> None:
    shown = plan({"password_wo": None}, {"password_wo": {"references": ["var.p"]}})
    assert verdict(leaf("password_wo", "present", False, None), shown) == "undecided"


def test_a_single_block_that_is_shown_as_an_object_is_one_block_and_not_its_arguments() -> None:
    every = Quantified("every", (parse_path("rule"),), leaf("on", "equals", True, False))
    shown = plan({"rule": {"on": True, "name": "x"}}, {"rule": {"on": {"constant_value": True}}})
    assert verdict(every, shown) == "pass"
    assert verdict(every, plan({"rule": {"on": True, "name": "x"}}, None)) == "undecided"


def test_the_first_of_a_set_is_not_known_by_its_place_in_the_plan() -> None:
    first = leaf("rule[0].on", "equals", True, False)
    written = {"rule": [{"on": {"constant_value": False}}, {"on": {"constant_value": True}}]}
    assert verdict(first, plan({"rule": [{"on": True}, {"on": False}]}, written)) == "undecided"


def test_text_that_may_be_a_number_a_mapping_or_encoded_is_not_compared_as_plain_text() -> None:
    for value, must in (
        ("010", Not(leaf("x", "equals", 10, False))),
        ("cGFzc3dvcmQ9aHVudGVyMjEyMw==", Not(leaf("x", "contains", "password", False))),
        ("user: root\n", Quantified("none", (parse_path("x"),), leaf(".", "equals", "root", False))),
    ):
        assert verdict(must, plan({"x": value}, {"x": {"references": ["var.x"]}})) == "undecided"


def test_what_a_plan_does_not_show_is_not_called_missing() -> None:
    other = check_of(Exists(("t_y",), None))
    engine = engine_of(other)
    shown = plan({}, {})

    def said(more: dict[str, Any]) -> str:
        return agreement.verdicts(engine, other, {**shown, **more})["t_x.a"]

    assert said({}) == "fail"
    assert said({"complete": False}) == "undecided"
    assert said({"errored": True}) == "undecided"
    assert said({"deferred_changes": [{}]}) == "undecided"
    assert said({"configuration": {}}) == "undecided"
    declared = [{"address": "t_y.b", "mode": "managed", "type": "t_y", "name": "b"}]
    also = {"root_module": {"module_calls": {"m": {"module": {"resources": declared}}}}}
    assert said({"configuration": also}) == "undecided"
    assert said({"configuration": also, "complete": True}) == "fail"
    provider = check_of(Not(Exists(("provider.aws",), None)))
    assert agreement.verdicts(engine_of(provider), provider, {**shown, "complete": True})["t_x.a"] == "undecided"


def test_data_sources_that_were_read_before_are_judged_too() -> None:
    check = check_of(leaf("x", "equals", 1, False), subject=Subject("data", ("t_d",)))
    entry = {"address": "data.t_d.a", "mode": "data", "type": "t_d", "name": "a", "values": {"x": 2}}
    shown = {"planned_values": {"root_module": {}}, "prior_state": {"values": {"root_module": {"resources": [entry]}}}}
    assert agreement.verdicts(engine_of(check), check, shown) == {"data.t_d.a": "fail"}
    gone = {**shown, "configuration": {"root_module": {"resources": []}}}
    assert agreement.verdicts(engine_of(check), check, gone) == {}


def test_resources_inside_of_values_are_no_resources_of_the_plan() -> None:
    inner = {"address": "t_x.fake", "mode": "managed", "type": "t_x", "name": "fake", "values": {"x": 2}}
    check = check_of(leaf("x", "equals", 1, False))
    shown = plan({"x": 1, "resources": [inner]}, {"x": {"constant_value": 1}})
    assert agreement.verdicts(engine_of(check), check, shown) == {"t_x.a": "pass"}


def test_resources_of_modules_are_found_in_the_configuration_whatever_their_keys_hold() -> None:
    address = 'module.m["a.b[0]\\"]"].module.resources[2].t_x.a["k"]'
    entry = {"address": address, "mode": "managed", "type": "t_x", "name": "a", "values": {"x": 0}}
    written = [
        {"address": "t_x.a", "mode": "managed", "type": "t_x", "name": "a", "expressions": {"x": {"constant_value": 0}}}
    ]
    shown = {
        "planned_values": {"root_module": {"child_modules": [{"child_modules": [{"resources": [entry]}]}]}},
        "resource_changes": [{"address": address, "change": {"after_unknown": {}}}],
        "configuration": {
            "root_module": {
                "module_calls": {"m": {"module": {"module_calls": {"resources": {"module": {"resources": written}}}}}}
            }
        },
    }
    check = check_of(leaf("x", "present", True, None))
    assert agreement.verdicts(engine_of(check), check, json.loads(json.dumps(shown))) == {address: "pass"}
