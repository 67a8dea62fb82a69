import json
import re

import pytest
import regorus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot import sandbox, wiring
from copilot.checks.evaluate import judge_world
from copilot.checks.language import All, AnyOf, Bounds, Check, Leaf, Not, Param, Quantified, Subject, parse_path
from copilot.compiling import agreement, bundle, rego
from copilot.compiling.input import export_input
from copilot.model import (
    Encoded,
    Known,
    List,
    Map,
    Null,
    Origin,
    Place,
    Ref,
    Resource,
    Root,
    Severity,
    Template,
    Unknown,
    World,
)

HERE = Place("main.tf", 0, 1, 1, 1, 1, 2)


def check_of(must, when=None):
    return Check(
        "a-check",
        "It is right",
        "it is wrong",
        "It matters.",
        "c",
        Severity.LOW,
        Subject("types", ("t_x",)),
        must,
        when,
    )


def world_of(body):
    resource = Resource("t_x.a", "t_x", "a", "managed", "", "", body, HERE, HERE)
    return World.of(Root(""), (resource,), frozenset({"main.tf"}))


def engine_of(check):
    engine = regorus.Engine()
    engine.add_policy("lib.rego", rego.library())
    engine.add_policy("check.rego", rego.compile_check(check))
    return engine


def test_the_compiled_checks_say_of_every_example_what_native_evaluation_says():
    library = wiring.library()
    found = agreement.compare(library, sorted(library.checks)[::8])
    assert found.differences == []
    assert found.compiled >= 120
    assert {"pass", "fail", "undecided"} <= set(found.verdicts)


names = st.sampled_from(["a", "b", "c"])
texts = st.sampled_from(["", "a", "ab", "abc", "1", "2.5", "true", "x.y", '{"a": "ab"}', '["a", "b"]', "a: b"])
scalars = st.one_of(texts, st.integers(-2, 3), st.booleans(), st.sampled_from([0.5, 2.0]))
knowns = scalars.map(Known)
refs = st.just(Ref(origin=Origin("t_y.k", ("arn",))))
gaps = st.sampled_from([Unknown("variable", "var.v"), Unknown("reference", "x", origin=Origin("t_y.k", ("id",)))])
templates = st.lists(st.one_of(texts.map(Known), refs, gaps), min_size=1, max_size=3).map(
    lambda parts: Template(tuple(parts))
)


def encoded(value):
    """The value encoded, unless it is so twice already: nobody writes that."""
    twice = isinstance(value, Encoded) and isinstance(value.inner, Encoded)
    return value if twice else Encoded(value)


values = st.recursive(
    st.one_of(knowns, st.just(Null()), refs, gaps, templates),
    lambda inner: st.one_of(
        st.builds(
            lambda items, more, kind: List(tuple(items), more, kind),
            st.lists(inner, max_size=3),
            st.booleans(),
            st.sampled_from(["list", "set", "blocks"]),
        ),
        st.builds(Map, st.dictionaries(names, inner, max_size=3), st.booleans()),
        inner.map(encoded),
    ),
    max_leaves=6,
)
bodies = st.builds(Map, st.dictionaries(names, values, max_size=3))
paths = st.lists(st.sampled_from(["a", "b", "a.b", "b.a", "c", "a[0]", "a[0].b", "."]), min_size=1, max_size=2).map(
    lambda found: tuple(map(parse_path, found))
)
truths = st.sampled_from([True, False, None])
several = st.lists(scalars, min_size=1, max_size=2).map(tuple)
numbers = st.integers(-1, 3)
operands = st.one_of(
    st.tuples(st.sampled_from(["equals", "contains"]), scalars),
    st.tuples(st.sampled_from(["in", "contains_all", "subset_of"]), several),
    st.tuples(st.sampled_from(["starts_with", "ends_with"]), texts),
    st.tuples(st.just("matches"), st.sampled_from(["a.*", "(?i)AB", "[0-9]", "a|ab"])),
    st.tuples(st.sampled_from(["at_least", "at_most"]), numbers),
    st.tuples(st.just("between"), st.builds(Bounds, numbers, numbers)),
    st.tuples(st.just("length"), st.builds(Bounds, st.integers(0, 2), st.integers(0, 3))),
    st.tuples(st.sampled_from(["present", "defined", "empty"]), st.booleans()),
    st.tuples(st.just("refers_to"), st.sampled_from([("t_y",), ("t_z",)])),
)


def conditions_over(paths, operands=operands):
    """Conditions that ask of what stands at these paths."""
    leaves = st.builds(lambda path, asked, absent: Leaf(path, asked[0], asked[1], absent), paths, operands, truths)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda found: All(tuple(found))),
            st.lists(inner, min_size=1, max_size=3).map(lambda found: AnyOf(tuple(found))),
            inner.map(Not),
            st.builds(Quantified, st.sampled_from(["some", "every", "none"]), paths, inner, st.booleans(), truths),
        ),
        max_leaves=4,
    )


conditions = conditions_over(paths)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(conditions, st.lists(bodies, min_size=1, max_size=3))
def test_a_random_condition_says_the_same_of_a_random_tree_in_both(condition, trees):
    check = check_of(condition)
    engine = engine_of(check)
    for body in trees:
        world = world_of(body)
        native = {each.resource.address: each.verdict for each in judge_world((check,), world, {})}
        assert agreement.verdicts(engine, check, export_input(world, {}, (check,))) == native


def test_what_is_sensitive_is_withheld_and_so_undecided():
    check = check_of(Leaf((parse_path("a"),), "equals", "hush", False))
    data = export_input(world_of(Map({"a": Known("hush", sensitive=True)})), {}, (check,))
    assert "hush" not in json.dumps(data)
    assert agreement.verdicts(engine_of(check), check, data) == {"t_x.a": "undecided"}


def test_a_plan_is_read_as_it_is_and_what_is_known_after_apply_is_undecided():
    check = check_of(Quantified("every", (parse_path("rule"),), Leaf((parse_path("on"),), "equals", True, False)))

    def plan(rules, after):
        address = "module.m.t_x.a"
        resource = {"address": address, "type": "t_x", "name": "a", "mode": "managed", "values": {"rule": rules}}
        return {
            "planned_values": {"root_module": {"child_modules": [{"address": "module.m", "resources": [resource]}]}},
            "resource_changes": [{"address": address, "change": {"after_unknown": {"rule": after}}}],
        }

    engine = engine_of(check)
    assert agreement.verdicts(engine, check, plan([{"on": True}], [{}])) == {"module.m.t_x.a": "pass"}
    assert agreement.verdicts(engine, check, plan([{"on": False}], [{}])) == {"module.m.t_x.a": "fail"}
    assert agreement.verdicts(engine, check, plan([{}], [{"on": True}])) == {"module.m.t_x.a": "undecided"}


def test_a_missing_fact_is_undecided_never_a_pass():
    check = check_of(Leaf((parse_path("a"),), "secret", False, True))
    world = world_of(Map({"a": Known("word")}))
    engine = engine_of(check)
    data = export_input(world, {}, (check,))
    assert agreement.verdicts(engine, check, data) == {"t_x.a": "pass"}
    data["resources"][0]["$facts"] = {}
    assert agreement.verdicts(engine, check, data) == {"t_x.a": "undecided"}


@pytest.mark.skipif(bool(sandbox.available()), reason="foreign Rego is not evaluated here")
def test_a_compiled_check_calls_only_what_the_sandbox_allows():
    library = wiring.library()
    module = rego.compile_check(library.checks["aws-sqs-queue-encrypted"])
    found = sandbox.inspect([("lib.rego", rego.library()), ("check.rego", module)])
    assert found.outcome == "read", found.reason


def test_the_bundle_holds_a_module_and_tests_for_each_check_and_they_pass():
    library = wiring.library()
    ids = ["aws-sqs-queue-encrypted", *sorted(library.checks)[::200]]
    found = bundle.bundle(library, ids)
    count, failed = bundle.run_tests(found)
    assert failed == []
    assert count >= 3 * len(found.compiled)
    assert json.loads(found.files[".manifest"])["roots"] == ["ccopilot"]


def test_what_is_left_open_is_warned_of_and_what_is_denied_has_a_message():
    check = check_of(Leaf((parse_path("a"),), "equals", 1, False))
    engine = engine_of(check)
    said = {"path": "a", "message": "it is wrong", "address": "t_x.a"}
    for value, denied, warned in (
        (Known(1), [], []),
        (Known(2), [{**said, "msg": "t_x.a: it is wrong"}], []),
        (Unknown("variable", "var.v"), [], [{**said, "msg": "undecided: t_x.a: it is wrong"}]),
    ):
        engine.set_input_json(json.dumps(export_input(world_of(Map({"a": value})), {}, (check,))))
        ask = engine.clone().eval_rule_as_json
        assert json.loads(ask("data.ccopilot.checks.a_check.deny")) == denied
        assert json.loads(ask("data.ccopilot.checks.a_check.warn")) == warned


# The words that OPA knows as builtins without a dot, those of operators included: `==` is a call of `equal`.
BUILTINS = {
    "abs", "all", "and", "any", "array", "assign", "cast_array", "cast_boolean", "cast_null", "cast_object",
    "cast_set", "cast_string", "ceil", "concat", "contains", "count", "div", "endswith", "eq", "equal", "floor",
    "format_int", "gt", "gte", "indexof", "indexof_n", "intersection", "is_array", "is_boolean", "is_null",
    "is_number", "is_object", "is_set", "is_string", "lower", "lt", "lte", "max", "min", "minus", "mul", "neq", "opa",
    "or", "plus", "print", "product", "rem", "replace", "round", "set_diff", "sort", "split", "sprintf", "startswith",
    "strings_any", "substring", "sum", "time", "to_number", "trace", "trim", "trim_left", "trim_prefix", "trim_right",
    "trim_space", "trim_suffix", "type_name", "union", "upper", "walk",
}  # fmt: skip


def test_no_rule_of_the_library_is_named_like_a_builtin_which_makes_opa_call_it_recursive():
    named = set(re.findall(r"^([a-z_0-9]+)(?:\(| := | if | contains )", rego.library(), re.MULTILINE))
    assert len(named) > 100
    assert named & BUILTINS == set()


# Found by long random runs: what native evaluation and the compiled check once said differently.
DIFFERED = [
    (Leaf((parse_path("c"),), "contains_all", ("",), True), Map({"c": Encoded(Known(""))})),
    (Leaf((parse_path("a"),), "equals", "", True), Map({"a": Template((Known(""),))})),
    (Leaf((parse_path("a"),), "equals", 1, True), Map({"a": Template((Known("1"), Known(".0")))})),
    (Leaf((parse_path("a"),), "length", Bounds(0, 0), True), Map({"a": Encoded(Null())})),
    (Leaf((parse_path("a[0]"),), "matches", "a.*", True), Map({"a": Encoded(Encoded(Encoded(Known('{"a": "ab"}'))))})),
]


@pytest.mark.parametrize(("condition", "body"), DIFFERED)
def test_what_once_differed_is_the_same(condition, body):
    check, world = check_of(condition), world_of(body)
    native = {each.resource.address: each.verdict for each in judge_world((check,), world, {})}
    assert agreement.verdicts(engine_of(check), check, export_input(world, {}, (check,))) == native


@pytest.mark.parametrize("condition", [
    Leaf((parse_path("a"),), "at_least", Param("log_retention_days"), False),
    Leaf((parse_path("a"),), "at_most", Param("log_retention_days"), True),
    Leaf((parse_path("a"),), "between", Bounds(Param("log_retention_days"), 400), None),
])  # fmt: skip
@pytest.mark.parametrize("parameters", [{"log_retention_days": 365}, {"log_retention_days": 400}, {}])
def test_a_bound_that_is_a_parameter_is_the_settings_and_open_without_them(condition, parameters):
    check = check_of(condition)
    engine = engine_of(check)
    for value in (Known(30), Known(365), Known("400"), Known(500), Known("x"), Unknown("variable", "var.v"), None):
        world = world_of(Map({} if value is None else {"a": value}))
        native = {each.resource.address: each.verdict for each in judge_world((check,), world, parameters)}
        (said,) = agreement.verdicts(engine, check, export_input(world, parameters, (check,))).values()
        # Of a type that no facts know, an absent value and a bound that is missing leave it open.
        assert said in ({*native.values()} if parameters else {*native.values(), "undecided"}), value


def test_a_length_that_is_a_parameter_cannot_be_said():
    with pytest.raises(rego.Inexpressible, match="a length that is a parameter"):
        engine_of(check_of(Leaf((parse_path("a"),), "length", Bounds(Param("n"), None), False)))
