"""How checks come out: true, false and unknown, and why."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.checks.evaluate import Judgement, judge, judge_world
from copilot.checks.language import Check, parse_check
from copilot.errors import SettingsInvalid
from copilot.model import Known, List, Map, Outcome, Resource, Template, Truth, Value, World
from tests.builders import (
    Blocks,
    Set,
    check_data,
    encoded,
    manifest,
    place,
    ref,
    resource,
    secret,
    some_of,
    template,
    unknown,
    value,
    world,
)

TRUTHS: dict[str, Truth] = {"pass": True, "fail": False, "undecided": None}


def check(must: Any, *types: str, **more: Any) -> Check:
    return parse_check(check_data(must, *types, **more), file="check.yaml")


def judged(must: Any, body: Mapping[str, Any], *others: Resource, closed: bool = True, **parameters: Any) -> Judgement:
    subject = resource("aws_thing.t", body)
    return judge(check(must), subject, world(subject, *others, closed=closed), parameters)


def truth(must: Any, body: Mapping[str, Any], *others: Resource, **more: Any) -> Truth:
    return TRUTHS[judged(must, body, *others, **more).verdict]


def reasons(judgement: Judgement) -> list[str]:
    return [leaf.reason for leaf in judgement.outcome.culprits(judgement.outcome.truth)]


def leaf(op: str, operand: Any, **more: Any) -> dict[str, Any]:
    return {"path": "a", op: operand, "absent": "unknown", **more}


# --- operators ----------------------------------------------------------------------------------------------------

GAP = unknown()
NAME = ref("aws_x.y.name")


@pytest.mark.parametrize(
    ("op", "operand", "given_value", "expected"),
    [
        ("equals", True, True, True),
        ("equals", True, "true", True),
        ("equals", True, False, False),
        ("equals", True, 1, False),
        ("equals", 1, "1", True),
        ("equals", "1.0", 1, True),
        ("equals", "a", "A", False),
        ("equals", "a", GAP, None),
        ("equals", "a", NAME, None),
        ("equals", "arn:x", template("arn:", NAME), None),
        ("equals", "urn:x", template("arn:", NAME), False),
        ("equals", "a-b-c", template("a", NAME, "-b-", NAME, "c"), None),
        ("equals", "a-x-c", template("a", NAME, "-b-", NAME, "c"), False),
        ("equals", ["a", "b"], ["b", "a"], True),
        ("equals", ["a", "b"], ["a"], False),
        ("equals", ["a"], ["a", "b"], False),
        ("equals", ["a", "b"], ["a", GAP], None),
        ("equals", ["a", "b", "c"], ["a", GAP], False),
        ("equals", ["a"], some_of(["a"]), None),
        ("equals", {"a": 1}, {"a": "1"}, True),
        ("equals", {"a": 1}, {"a": 1, "b": 2}, False),
        ("equals", {"a": 1}, encoded({"a": 1}), True),
        ("equals", {"a": 1}, '{"a": 1}', True),
        ("in", ["a", "b"], "b", True),
        ("in", ["a", "b"], "c", False),
        ("in", ["a", "b"], GAP, None),
        ("matches", "a.c", "abc", True),
        ("matches", "a.c", "abcd", False),
        ("matches", "(?i)ABC", "abc", True),
        ("matches", "1|2", 2, True),
        ("matches", "a.*", template("a", NAME), None),
        ("starts_with", "arn:aws:", template("arn:aws:iam::", NAME), True),
        ("starts_with", "arn:aws:iam", template("arn:", NAME), None),
        ("starts_with", "arn:aws:", template("urn:", NAME), False),
        ("ends_with", "/*", template(NAME, "/*"), True),
        ("ends_with", "/*", template(NAME, "/x"), False),
        ("ends_with", "a/*", template(NAME, "/*"), None),
        ("contains", "b", "abc", True),
        ("contains", "x", "abc", False),
        ("contains", "x", template("abc", NAME), None),
        ("contains", "b", template("abc", NAME), True),
        ("contains", "b", ["a", "b"], True),
        ("contains", "b", ["abc"], False),
        ("contains", "b", ["a", GAP], None),
        ("contains", "b", some_of(["a"]), None),
        ("contains_all", ["a", "b"], Set(["b", "a", "c"]), True),
        ("contains_all", ["a", "b"], ["a"], False),
        ("contains_all", ["a", "b"], some_of(["a"]), None),
        ("subset_of", ["a", "b"], ["a"], True),
        ("subset_of", ["a", "b"], ["a", "c"], False),
        ("subset_of", ["a", "b"], some_of(["a"]), None),
        ("subset_of", ["a", "b"], some_of(["c"]), False),
        ("subset_of", ["a", "b"], "a", True),
        ("at_least", 7, 7, True),
        ("at_least", 7, "30", True),
        ("at_least", 7, 6.5, False),
        ("at_least", 7, "many", None),
        ("at_least", 7, GAP, None),
        ("at_most", 7, 8, False),
        ("between", [1, 90], 90, True),
        ("between", [1, 90], 0, False),
        ("present", True, "x", True),
        ("present", True, "", False),
        ("present", True, [], False),
        ("present", True, {}, True),
        ("present", True, False, True),
        ("present", True, NAME, True),
        ("present", True, GAP, None),
        ("present", True, some_of([]), None),
        ("present", True, template(NAME, GAP), True),
        ("present", True, template(GAP, GAP), None),
        ("present", False, "x", False),
        ("present", False, "", True),
        ("defined", True, "", True),
        ("defined", True, [], True),
        ("defined", True, GAP, None),
        ("empty", True, "", True),
        ("empty", True, [], True),
        ("empty", True, {}, True),
        ("empty", True, "x", False),
        ("empty", True, NAME, None),
        ("empty", False, some_of(["a"]), True),
        ("empty", False, some_of([]), None),
        ("length", {"at_least": 2}, ["a", "b"], True),
        ("length", {"at_least": 2}, "a", False),
        ("length", {"at_least": 2}, some_of(["a", "b"]), True),
        ("length", {"at_most": 2}, some_of(["a", "b"]), None),
        ("length", {"at_most": 1}, some_of(["a", "b"]), False),
        ("length", {"at_least": 3}, template("abc", NAME), True),
        ("refers_to", "aws_x", NAME, True),
        ("refers_to", "aws_kms_key", NAME, False),
        ("refers_to", "aws_x", template("arn:", NAME), True),
        ("refers_to", "data.aws_x", ref("data.aws_x.y.arn"), True),
        ("refers_to", "aws_x", ref("data.aws_x.y.arn"), False),
        ("refers_to", "aws_x", ref('module.m["k"].aws_x.y[0].arn'), True),
        ("refers_to", "aws_x", "arn:aws:x", False),
        ("refers_to", "aws_x", GAP, None),
        ("secret", True, "AKIAIOSFODNN7EXAMPLE", True),
        ("secret", True, "hello", False),
        ("secret", True, NAME, False),
        ("secret", True, GAP, None),
        ("secret", False, "hello", True),
        ("version", {"at_least": "1.21"}, "1.21.3", True),
        ("version", {"at_least": "1.21"}, "v1.9", False),
        ("version", {"at_least": "1.21"}, "1", None),
        ("version", {"at_least": "1.0"}, "1", True),
        ("version", {"at_most": "1.21"}, "1.21.3", True),
        ("version", {"at_least": "1.21"}, "latest", None),
        ("within", ["10.0.0.0/8"], "10.1.0.0/16", True),
        ("within", ["10.0.0.0/8"], ["10.1.0.0/16", "192.168.0.0/16"], False),
        ("within", ["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8", True),
        ("within", ["10.0.0.0/8"], ["10.0.0.1", GAP], None),
        ("within", ["10.0.0.0/8"], "*", False),
        ("within", ["10.0.0.0/8"], "VirtualNetwork", None),
        ("within", ["::/0"], "10.0.0.0/8", False),
    ],
)  # fmt: skip
def test_an_operator_decides_what_the_value_decides(op: str, operand: Any, given_value: Any, expected: Truth) -> None:
    more = {} if op in ("present", "defined") else {"absent": "unknown"}
    assert truth({"path": "a", op: operand, **more}, {"a": given_value}) is expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("master_password", "hunter2", True),
        ("password", "arn:aws:secretsmanager:eu-west-1:1:secret:x", False),
        ("secret_name", "production/db", False),
        ("description", "a description of twenty words", False),
        ("value", "ghp_" + "a1B2" * 9, True),
        ("user_data", "export DB_PASSWORD=Zq8kLm2x", True),
        ("url", "postgres://app:s3cr3tpw@db/x", True),
        ("value", "kJ8sQ2mXv9Lp4RtY7wZb1NcD", True),
        ("id", "4f1d2e3c-aaaa-bbbb-cccc-1234567890ab", False),
    ],
)  # fmt: skip
def test_a_credential_is_known_by_its_shape_its_entropy_or_where_it_stands(
    name: str, text: str, expected: bool
) -> None:
    assert truth({"path": name, "secret": True, "absent": False}, {name: text}) is expected


def test_an_operand_may_be_a_parameter_of_the_repository() -> None:
    must = leaf("in", {"param": "keys"})
    assert truth(must, {"a": "k1"}, keys=["k1", "k2"]) is True
    assert truth(must, {"a": "k3"}, keys=["k1", "k2"]) is False
    assert reasons(judged(must, {"a": "k1"})) == ["a is not decided: needs parameter keys"]


def test_an_operand_may_be_another_value_of_the_subject() -> None:
    must = leaf("equals", {"attr": "b.c"})
    assert truth(must, {"a": 5, "b": {"c": "5"}}) is True
    assert truth(must, {"a": 5, "b": {"c": 6}}) is False
    assert truth(must, {"a": NAME, "b": {"c": ref("aws_x.y.name")}}) is True
    assert truth(must, {"a": 5, "b": {"c": GAP}}) is None
    assert reasons(judged(must, {"a": 5})) == ["a is 5, and b.c is absent"]


def test_an_attr_inside_elements_is_still_that_of_the_subject() -> None:
    must = {"every": "rules", "that": {"path": "port", "equals": {"attr": "port"}, "absent": False}}
    assert truth(must, {"port": 1, "rules": [{"port": 1}]}) is True
    assert truth(must, {"port": 2, "rules": [{"port": 1}]}) is False


def test_operators_on_text_and_numbers_take_parameters_and_attributes_too() -> None:
    assert truth(leaf("starts_with", {"attr": "b"}), {"a": "xy", "b": "x"}) is True
    assert truth(leaf("starts_with", {"attr": "b"}), {"a": "xy", "b": NAME}) is None
    assert truth(leaf("contains", {"attr": "b"}), {"a": "xyz", "b": "y"}) is True
    assert truth(leaf("at_least", {"attr": "b"}), {"a": 2, "b": "3"}) is False
    assert truth(leaf("between", [1, {"param": "most"}]), {"a": 5}, most=4) is False
    assert truth(leaf("between", [1, {"param": "most"}]), {"a": 5}) is None
    assert truth(leaf("within", {"param": "ours"}), {"a": "10.1.0.0/16"}, ours=["10.0.0.0/8"]) is True
    assert truth(leaf("within", [{"attr": "b"}]), {"a": "10.1.0.0/16", "b": "10.0.0.0/8"}) is True


@pytest.mark.parametrize(
    ("must", "message"),
    [
        (leaf("matches", {"param": "p"}), "parameter p: '(' is no RE2 pattern: missing ): ("),
        (leaf("within", {"param": "p"}), "parameter p: '(' is not a CIDR"),
        ({"network": "a", "admits": {"cidr": {"param": "p"}}}, "parameter p: '(' is not a CIDR"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(must: Any, message: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        judged(must, {"a": "10.0.0.0/8"}, p=["("] if "path" not in must or "within" in must else "(")
    assert str(caught.value) == message


def test_a_sensitive_attribute_is_compared_and_not_shown() -> None:
    found = judged(leaf("equals", {"attr": "b"}), {"a": "x", "b": secret("hunter2")})
    assert (found.verdict, found.outcome.reason) == ("fail", 'a is "x", must be a sensitive value')


def test_in_a_container_an_attribute_is_that_of_the_container() -> None:
    must = {"path": "image", "equals": {"attr": "name"}, "absent": False}
    found = [each.verdict for each in judge_world([check(must, "$container")], world(containers("c0", "c0")), {})]
    assert found == ["fail"]


# --- absence ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("absent", "expected"), [(True, True), (False, False), ("unknown", None)])
def test_an_absent_path_means_what_the_check_says(absent: Any, expected: Truth) -> None:
    assert truth(leaf("equals", 1, absent=absent), {}) is expected


def test_null_is_absent_in_terraform_and_a_value_in_kubernetes() -> None:
    must = {"path": "spec.a", "equals": False, "absent": True}
    assert truth(must, {"spec": {"a": None}}) is True
    pod = manifest("Thing", "t", {"spec": {"a": None}})
    verdict = judge(check(must, subject={"kinds": ["Thing"]}), pod, world(pod), {})
    assert (verdict.verdict, verdict.outcome.reason) == ("fail", "spec.a is null, must be false")
    defined = {"path": "spec.a", "defined": True}
    assert judge(check(defined, subject={"kinds": ["Thing"]}), pod, world(pod), {}).verdict == "fail"


def test_the_default_of_the_provider_is_judged_where_it_is_documented() -> None:
    must = {"path": "storage_encrypted", "equals": True, "absent": "default"}
    instance = resource("aws_db_instance.d", {})
    found = judge(check(must, "aws_db_instance"), instance, world(instance), {})
    assert found.verdict == "fail"
    assert found.outcome.reason == "storage_encrypted is absent, which means false, must be true"
    assert reasons(judged({"path": "nothing", "equals": 1, "absent": "default"}, {})) == [
        "nothing is absent: what its absence means is not documented"
    ]


def test_an_absent_path_is_placed_at_the_innermost_thing_that_is_there() -> None:
    inner = Map({}, places=(place("main.tf", 700),))
    found = judged({"path": "a.b.c", "equals": 1, "absent": False}, {"a": Blocks([{"b": Blocks([inner])}])})
    assert (found.outcome.path, found.outcome.reason) == ("a.b.c", "a.b.c is absent")
    assert found.outcome.places == inner.places


def test_an_absent_argument_of_a_resource_is_placed_at_its_header() -> None:
    found = judged({"path": "a", "present": True}, {})
    assert found.outcome.places == (found.resource.header,)


def test_a_written_null_is_placed_where_it_is_written() -> None:
    found = judged({"path": "a", "present": True}, {"a": None})
    assert found.outcome.reason == "a is null"
    assert found.outcome.places == found.resource.body.items["a"].places


def test_an_absent_block_of_which_none_is_made_is_absent() -> None:
    assert truth({"path": "a", "defined": True}, {"a": Blocks([])}) is False
    assert truth({"path": "a", "defined": True}, {"a": []}) is True


def test_a_key_that_may_be_merged_in_is_undecided() -> None:
    body = {"tags": Map({"a": value(1)}, open=True)}
    assert truth({"path": "tags.a", "present": True}, body) is True
    assert truth({"path": "tags.b", "present": True}, body) is None


# --- paths --------------------------------------------------------------------------------------------------------


def test_a_path_that_crosses_a_list_means_each_of_its_elements() -> None:
    must = {"path": "a.b", "equals": 1, "absent": False}
    assert truth(must, {"a": Blocks([{"b": 1}, {"b": 1}])}) is True
    assert truth(must, {"a": Blocks([{"b": 1}, {"b": 2}])}) is False
    assert truth(must, {"a": Blocks([{"b": 1}, {}])}) is False
    assert truth({**must, "absent": True}, {"a": Blocks([{"b": 1}, {}])}) is True
    assert truth({**must, "absent": True}, {"a": Blocks([])}) is True
    assert truth(must, {"a": some_of([{"b": 1}], "blocks")}) is None
    assert truth(must, {"a": some_of([{"b": 2}], "blocks")}) is False


def test_only_the_elements_at_fault_are_culprits() -> None:
    found = judged({"path": "a.b", "equals": 1, "absent": False}, {"a": Blocks([{"b": 1}, {"b": 2}, {}])})
    assert reasons(found) == ["a.b is 2, must be 1", "a.b is absent"]


def test_an_operator_on_one_value_is_asked_of_each_element_of_a_list() -> None:
    must = leaf("starts_with", "10.", absent=True)
    assert truth(must, {"a": ["10.0.0.0/8", "10.1.0.0/16"]}) is True
    assert truth(must, {"a": ["10.0.0.0/8", "0.0.0.0/0"]}) is False
    assert truth(must, {"a": []}) is True


def test_a_position_names_one_element_of_a_list_and_none_of_a_set() -> None:
    must = {"path": "a[1]", "equals": "y", "absent": False}
    assert truth(must, {"a": ["x", "y"]}) is True
    assert truth(must, {"a": ["x"]}) is False
    assert truth(must, {"a": some_of(["x"])}) is None
    assert truth(must, {"a": Set(["x", "y"])}) is None
    assert truth({"path": "a[0].b", "equals": 1, "absent": False}, {"a": {"b": 1}}) is True


def test_the_first_of_the_alternatives_that_is_present_is_taken() -> None:
    must = {"path": ["new.a", "old"], "equals": 1, "absent": False}
    assert truth(must, {"old": 1}) is True
    assert truth(must, {"new": Blocks([{"a": 2}]), "old": 1}) is False
    assert truth(must, {"new": Blocks([{"a": ""}]), "old": 1}) is True
    assert judged(must, {}).outcome.path == "new.a"


def test_documents_written_as_text_are_walked_like_structure() -> None:
    must = {"path": "policy.Statement.Effect", "equals": "Deny", "absent": False}
    for policy in (
        encoded({"Statement": [{"Effect": "Deny"}]}),
        '{"Statement": [{"Effect": "Deny"}]}',
        "Statement:\n- Effect: Deny\n",
    ):
        assert truth(must, {"policy": policy}) is True
    assert truth(must, {"policy": '{"Statement": [{"Effect": "Allow"}]}'}) is False
    assert truth(must, {"policy": "not a document"}) is None
    assert truth(must, {"policy": ref("aws_x.y.json")}) is None
    hole = template('{"Statement": [{"Effect": "Deny", "Resource": "', ref("aws_x.y.arn"), '/*"}]}')
    assert truth(must, {"policy": hole}) is True


def test_a_dot_is_the_thing_itself() -> None:
    assert truth({"every": "a", "that": {"path": ".", "equals": "x", "absent": False}}, {"a": ["x", "x"]}) is True


# --- combinations -------------------------------------------------------------------------------------------------

KLEENE: dict[Truth, Any] = {True: 1, False: 2, None: GAP}


def named(name: str) -> dict[str, Any]:
    return {"path": name, "equals": 1, "absent": "unknown"}


@pytest.mark.parametrize("a", [True, False, None])
@pytest.mark.parametrize("b", [True, False, None])
def test_all_any_and_not_follow_kleene(a: Truth, b: Truth) -> None:
    body = {"a": KLEENE[a], "b": KLEENE[b]}
    rank = {False: 0, None: 1, True: 2}
    assert truth({"all": [named("a"), named("b")]}, body) is min(a, b, key=rank.__getitem__)
    assert truth({"any": [named("a"), named("b")]}, body) is max(a, b, key=rank.__getitem__)
    assert truth({"not": named("a")}, body) is {True: False, False: True, None: None}[a]


@pytest.mark.parametrize(
    ("quantifier", "elements", "expected"),
    [
        ("some", [], False), ("every", [], True), ("none", [], True),
        ("some", [1, 2], True), ("every", [1, 2], False), ("none", [1, 2], False),
        ("some", [2], False), ("every", [1, 1], True), ("none", [2], True),
        ("some", [2, GAP], None), ("every", [1, GAP], None), ("none", [2, GAP], None),
        ("some", [1, GAP], True), ("every", [2, GAP], False), ("none", [1, GAP], False),
        ("some", some_of([2]), None), ("some", some_of([1]), True), ("every", some_of([1]), None),
        ("every", some_of([2]), False), ("none", some_of([2]), None), ("none", some_of([1]), False),
        ("some", GAP, None), ("every", GAP, None), ("none", NAME, None),
    ],
)  # fmt: skip
def test_a_quantifier_counts_elements(quantifier: str, elements: Any, expected: Truth) -> None:
    assert truth({quantifier: "a", "that": {"path": ".", "equals": 1, "absent": False}}, {"a": elements}) is expected


def test_a_quantifier_may_say_what_an_absent_path_means() -> None:
    that = {"path": ".", "equals": 1, "absent": False}
    assert truth({"every": "a", "that": that, "absent": False}, {}) is False
    assert truth({"some": "a", "that": that, "absent": "unknown"}, {}) is None
    assert truth({"every": "a", "that": that, "absent": False}, {"a": []}) is True
    assert truth({"every": "a", "that": that, "absent": False}, {"a": Blocks([])}) is False


def test_a_quantifier_gathers_the_elements_of_every_list_on_the_way() -> None:
    body = {"rule": Blocks([{"cidrs": ["a"]}, {}, {"cidrs": ["b", "c"]}])}
    assert truth({"some": "rule.cidrs", "that": {"path": ".", "equals": "c", "absent": False}}, body) is True
    assert truth({"every": "rule.cidrs", "that": {"path": ".", "equals": "c", "absent": False}}, body) is False


def test_the_values_of_a_map_are_its_elements_and_their_keys_can_be_judged() -> None:
    must = {"every": "env", "that": {"any": [{"path": "$key", "matches": "[A-Z]+", "absent": False}, named("x")]}}
    assert truth(must, {"env": {"ABC": {"x": 2}, "abc": {"x": 1}}}) is True
    found = judged(must, {"env": {"abc": {"x": 2}}})
    assert [(each.path, each.reason) for each in found.outcome.culprits()] == [
        ("env.abc", 'env.abc is "abc", must match [A-Z]+'),
        ("env.abc.x", "env.abc.x is 2, must be 1"),
    ]


def test_one_value_stands_for_a_list_of_one() -> None:
    must = {"some": "policy.Action", "that": {"path": ".", "equals": "*", "absent": False}}
    assert truth(must, {"policy": encoded({"Action": "*"})}) is True
    assert truth(must, {"policy": encoded({"Action": ["a", "*"]})}) is True


def test_below_none_and_not_the_culprits_are_what_holds() -> None:
    body = {"a": Blocks([{"b": 1}, {"b": 2}])}
    assert reasons(judged({"none": "a", "that": named("b")}, body)) == ["a.b is 1"]
    assert reasons(judged({"not": {"some": "a", "that": named("b")}}, body)) == ["a.b is 1"]


def test_when_decides_whether_the_check_applies() -> None:
    subject = resource("aws_thing.t", {"a": 1})
    for a, verdict in ((1, "pass"), (2, "not_applicable"), (GAP, "undecided")):
        subject = resource("aws_thing.t", {"a": a})
        found = judge(check({"path": "a", "present": True}, when=named("a")), subject, world(subject), {})
        assert found.verdict == verdict


# --- ignored changes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        (("a",), None), (("a.b",), None), (("*",), None), (("all",), None), (("a[0].b",), None),
        (("a.c",), True), (("ab",), True), ((), True), (("tags",), True),
    ],
)  # fmt: skip
def test_what_is_ignored_after_creation_is_undecided(ignored: tuple[str, ...], expected: Truth) -> None:
    subject = resource("aws_thing.t", {"a": Blocks([{"b": 1}])}, ignored=ignored)
    found = judge(check({"path": "a.b", "equals": 1, "absent": False}), subject, world(subject), {})
    assert TRUTHS[found.verdict] is expected


def test_an_ignored_map_key_is_undecided_and_its_neighbours_are_not() -> None:
    subject = resource("aws_thing.t", {"tags": {"a": 1, "b": 1}}, ignored=('tags["a"]',))
    must = {"every": "tags", "that": {"path": ".", "equals": 1, "absent": False}}
    found = judge(check(must), subject, world(subject), {})
    assert reasons(found) == ["tags.a is not decided: lifecycle.ignore_changes leaves what is there alone"]


# --- links --------------------------------------------------------------------------------------------------------


def bucket(name: str = "b", body: Mapping[str, Any] | None = None, **more: Any) -> Resource:
    return resource(f"aws_bucket.{name}", body, **more)


def versioning(target: Any, on: Any = True, name: str = "v", **more: Any) -> Resource:
    return resource(f"aws_versioning.{name}", {"bucket": target, "on": on}, **more)


ON = {"path": "on", "equals": True, "absent": False}
VERSIONED = {"linked": "aws_versioning", "by": "bucket", "some": ON, "unlinked": False}


def versioned(subject: Resource, *others: Resource, must: Any = VERSIONED, closed: bool = True) -> Judgement:
    return judge(check(must, "aws_bucket"), subject, world(subject, *others, closed=closed), {})


@pytest.mark.parametrize(
    ("subject", "others", "expected"),
    [
        (bucket(), [], False),
        (bucket(), [versioning(ref("aws_bucket.b.id"))], True),
        (bucket(), [versioning(ref("aws_bucket.b.id"), on=False)], False),
        (bucket(), [versioning(ref("aws_bucket.b.id"), on=GAP)], None),
        (bucket(), [versioning(ref("aws_bucket.other.id"))], False),
        (bucket(), [versioning(template(ref("aws_bucket.b.id")))], True),
        (bucket(), [versioning(template("", ref("aws_bucket.b.id"), ""))], True),
        (bucket(), [versioning(template("x-", ref("aws_bucket.b.id")))], False),
        (bucket(), [versioning([ref("aws_bucket.x.id"), ref("aws_bucket.b.id")])], True),
        (bucket(), [versioning(GAP)], None),
        (bucket(), [versioning(GAP, on=False)], False),
        (bucket(), [versioning(ref("aws_bucket.b.id"), conditional=True)], None),
        (bucket(), [versioning(ref("aws_bucket.b.id"), on=False, conditional=True)], False),
        (bucket(), [versioning(ref("aws_bucket.b[?].id"))], None),
        (bucket("b[0]"), [versioning(ref("aws_bucket.b[0].id"))], True),
        (bucket("b[0]"), [versioning(ref("aws_bucket.b[1].id"))], False),
        (bucket("b[?]"), [versioning(ref("aws_bucket.b[?].id"))], None),
        (bucket("b", {"bucket": "logs"}), [versioning("logs")], True),
        (bucket("b", {"bucket": "logs"}), [versioning("other")], False),
        (bucket("b", {"bucket": "logs"}), [versioning("arn:aws:s3:::logs")], False),
        (bucket("b", {"bucket": GAP}), [versioning("logs")], None),
        (bucket("b", {"bucket": template("x-", GAP)}), [versioning("logs")], None),
        (bucket("b", {"bucket": ref("random_pet.p.id")}), [versioning(ref("random_pet.p.id"))], True),
        (
            bucket("b", {"bucket": template("x-", ref("random_pet.p.id"))}),
            [versioning(template("x", "-", ref("random_pet.p.id")))],
            True,
        ),
        (bucket("b", {"bucket": "logs"}), [versioning(template("l", GAP))], None),
        (bucket("b", {"bucket": "logs"}), [versioning(template("x", GAP))], False),
    ],
)  # fmt: skip
def test_a_link_holds_by_reference_or_by_the_same_name(
    subject: Resource, others: list[Resource], expected: Truth
) -> None:
    assert TRUTHS[versioned(subject, *others).verdict] is expected


def test_a_link_holds_through_the_argument_of_another_resource_and_through_a_data_source() -> None:
    block = resource("aws_block.p", {"bucket": ref("aws_bucket.b.id")})
    assert versioned(bucket(), block, versioning(ref("aws_block.p.bucket"))).verdict == "pass"
    data = resource("data.aws_bucket.d", {"bucket": "logs"})
    named_bucket = bucket("b", {"bucket": "logs"})
    assert versioned(named_bucket, data, versioning(ref("data.aws_bucket.d.id"))).verdict == "pass"


def test_the_path_that_names_are_compared_with_can_be_named() -> None:
    must = {**VERSIONED, "match": "label"}
    assert versioned(bucket("b", {"label": "x", "bucket": "y"}), versioning("x"), must=must).verdict == "pass"
    assert versioned(bucket("b", {"label": "x", "bucket": "y"}), versioning("y"), must=must).verdict == "fail"


def test_nothing_can_be_called_unlinked_in_a_world_that_is_not_closed() -> None:
    found = versioned(bucket(), closed=False)
    assert reasons(found) == ["whether a aws_versioning is linked is not decided: parts of the root are out of sight"]


def test_an_unlinked_subject_is_told_at_its_own_header() -> None:
    subject = bucket()
    found = versioned(subject, versioning(ref("aws_bucket.other.id")))
    assert (found.outcome.reason, found.outcome.places) == ("no aws_versioning is linked", (subject.header,))
    assert found.outcome.children == ()


def test_a_linked_resource_at_fault_is_named_with_its_own_places() -> None:
    other = versioning(ref("aws_bucket.b.id"), on=False)
    [culprit] = versioned(bucket(), other).outcome.culprits()
    assert (culprit.address, culprit.path, culprit.reason) == ("aws_versioning.v", "on", "on is false, must be true")
    assert culprit.places == other.body.items["on"].places


def test_a_remedy_that_may_not_exist_is_named() -> None:
    found = versioned(bucket(), versioning(ref("aws_bucket.b.id"), conditional=True))
    assert reasons(found) == ["aws_versioning.v may not exist: its count is not decided"]
    assert reasons(versioned(bucket(), versioning(GAP))) == ["whether aws_versioning.v is linked is not decided"]


@pytest.mark.parametrize(
    ("quantifier", "on", "unlinked", "expected"),
    [
        ("every", (True, True), False, True), ("every", (True, False), True, False), ("every", (), True, True),
        ("none", (True, False), True, False), ("none", (False,), True, True), ("none", (), "unknown", None),
        ("some", (False, True), False, True),
    ],
)  # fmt: skip
def test_linked_resources_are_counted(quantifier: str, on: tuple[bool, ...], unlinked: Any, expected: Truth) -> None:
    others = [versioning(ref("aws_bucket.b.id"), each, f"v{i}") for i, each in enumerate(on)]
    must = {"linked": "aws_versioning", "by": "bucket", quantifier: ON, "unlinked": unlinked}
    assert TRUTHS[versioned(bucket(), *others, must=must).verdict] is expected


FROM = {
    "linked": "aws_role",
    "from": "role",
    "some": {"path": "safe", "equals": True, "absent": False},
    "unlinked": False,
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (ref("aws_role.r.arn"), True),
        (ref("aws_role.bad.arn"), False),
        (ref("aws_role.elsewhere.arn"), None),
        (template(ref("aws_role.r.arn")), True),
        ("app", True),
        ("nobody", False),
        (GAP, None),
        (None, False),
        (ref("aws_other.o.arn"), False),
        (ref("aws_role.r[?].arn"), None),
    ],
)  # fmt: skip
def test_a_link_can_be_followed_from_the_subject(written: Any, expected: Truth) -> None:
    roles = (
        resource("aws_role.r", {"name": "app", "safe": True}),
        resource("aws_role.bad", {"safe": False}),
        resource("aws_other.o", {}),
    )
    assert truth(FROM, {"role": written}, *roles) is expected


def test_data_sources_can_be_reached_by_a_link() -> None:
    must = {**FROM, "linked": ["aws_role", "data.aws_role"]}
    assert truth(must, {"role": ref("data.aws_role.d.arn")}, resource("data.aws_role.d", {"safe": True})) is True


def test_links_nest() -> None:
    must = {
        "linked": "aws_versioning", "by": "bucket", "unlinked": False,
        "some": {"linked": "aws_role", "from": "role", "some": {"path": "ok", "equals": 1, "absent": False}, "unlinked": False},
    }  # fmt: skip
    linked = resource("aws_versioning.v", {"bucket": ref("aws_bucket.b.id"), "role": ref("aws_role.r.arn")})
    assert versioned(bucket(), linked, resource("aws_role.r", {"ok": 1}), must=must).verdict == "pass"
    [culprit] = versioned(bucket(), linked, resource("aws_role.r", {"ok": 2}), must=must).outcome.culprits()
    assert (culprit.address, culprit.reason) == ("aws_role.r", "ok is 2, must be 1")


def test_objects_of_different_namespaces_do_not_share_a_name() -> None:
    must = {
        "linked": "Policy",
        "by": "spec.target",
        "some": {"path": "spec.on", "equals": True, "absent": False},
        "unlinked": False,
    }
    app = manifest("App", "web", {"metadata": {"name": "web", "namespace": "a"}})
    for namespace, verdict in (("a", "pass"), ("b", "fail")):
        other = manifest("Policy", "p", {"metadata": {"namespace": namespace}, "spec": {"target": "web", "on": True}})
        found = judge(check(must, subject={"kinds": ["App"]}), app, world(app, other), {})
        assert found.verdict == verdict


def test_links_of_many_resources_are_linear() -> None:
    count = 1500
    buckets = [bucket(f"b{i}") for i in range(count)]
    versionings = [versioning(ref(f"aws_bucket.b{i}.id"), name=f"v{i}") for i in range(count)]
    everything = world(*buckets, *versionings)
    start = time.perf_counter()
    verdicts = {each.verdict for each in judge_world([check(VERSIONED, "aws_bucket")], everything, {})}
    assert verdicts == {"pass"}
    assert time.perf_counter() - start < 5, "each look-up goes through an index"


# --- the root -----------------------------------------------------------------------------------------------------


def root_verdicts(must: Any, *resources: Resource, closed: bool = True) -> list[tuple[str, str, str]]:
    checks = [check(must, subject={"root": ["aws_instance"]})]
    found = judge_world(checks, world(*resources, closed=closed), {})
    return [(each.resource.type, each.verdict, each.outcome.reason) for each in found]


def test_the_root_is_judged_where_it_has_such_a_resource() -> None:
    instance, trail = resource("aws_instance.i", {}), resource("aws_trail.t", {"on": True})
    must = {"exists": "aws_trail", "that": ON}
    assert root_verdicts(must, trail) == []
    assert root_verdicts(must, instance, trail) == [("root", "pass", "")]
    assert root_verdicts(must, instance) == [("root", "fail", "there is no aws_trail")]
    assert root_verdicts(must, instance, resource("aws_trail.t", {"on": False})) == [
        ("root", "fail", "there is no aws_trail that meets it")
    ]
    assert root_verdicts(must, instance, closed=False) == [
        ("root", "undecided", "whether there is a aws_trail is not decided: parts of the root are out of sight")
    ]
    maybe = resource("aws_trail.t", {"on": True}, conditional=True)
    assert [verdict for _, verdict, _ in root_verdicts(must, instance, maybe)] == ["undecided"]


def test_a_finding_on_the_root_stands_at_its_first_resource() -> None:
    first, second = resource("aws_instance.a", {}), resource("aws_instance.b", {})
    [found] = judge_world(
        [check({"exists": "aws_trail"}, subject={"root": ["aws_instance"]})], world(second, first), {}
    )
    assert found.outcome.places == (first.header,)


# --- subjects -----------------------------------------------------------------------------------------------------


def test_each_check_judges_what_its_subject_names() -> None:
    everything = world(
        resource("aws_a.x", {}),
        resource("data.aws_a.x", {}),
        resource("google_a.x", {}),
        manifest("Deployment", "d", {}),
        resource("provider.aws", {}, mode="provider", type="provider.aws"),
        resource("terraform", {}, mode="block", type="terraform"),
    )
    subjects = {
        "types": ["aws_a"], "data": ["aws_a"], "providers": ["aws"], "kinds": ["Deployment"],
        "blocks": ["provider.aws", "terraform"],
    }  # fmt: skip
    found = {
        kind: [
            each.resource.address
            for each in judge_world([check({"path": "z", "present": False}, subject={kind: names})], everything, {})
        ]
        for kind, names in subjects.items()
    }
    assert found == {
        "types": ["aws_a.x"], "data": ["data.aws_a.x"], "providers": ["aws_a.x"], "kinds": ["Deployment.d"],
        "blocks": ["provider.aws", "terraform"],
    }  # fmt: skip


POD = {"hostNetwork": True, "containers": [{"name": "a", "image": "x"}]}


@pytest.mark.parametrize(
    ("kind", "body", "path"),
    [
        ("Pod", {"spec": POD}, "spec.hostNetwork"),
        ("Deployment", {"spec": {"template": {"spec": POD}}}, "spec.template.spec.hostNetwork"),
        (
            "CronJob", {"spec": {"jobTemplate": {"spec": {"template": {"spec": POD}}}}},
            "spec.jobTemplate.spec.template.spec.hostNetwork",
        ),
    ],
)  # fmt: skip
def test_a_pod_is_judged_wherever_it_is_carried(kind: str, body: Any, path: str) -> None:
    carrier = manifest(kind, "c", body)
    must = {"path": "hostNetwork", "equals": False, "absent": True}
    [found] = judge_world([check(must, "$pod")], world(carrier), {})
    assert (found.verdict, found.outcome.path, found.outcome.reason) == ("fail", path, f"{path} is true, must be false")


def test_the_metadata_of_a_pod_is_that_of_its_template() -> None:
    body = {"spec": {"template": {"metadata": {"labels": {"app": "x"}}, "spec": POD}}}
    must = {"path": "$metadata.labels.app", "equals": "x", "absent": False}
    [found] = judge_world([check(must, "$pod")], world(manifest("Deployment", "d", body)), {})
    assert (found.verdict, found.outcome.path) == ("pass", "spec.template.metadata.labels.app")


def test_an_object_that_carries_no_pod_is_not_judged_as_one() -> None:
    [found] = judge_world([check({"path": "a", "present": True}, "$pod")], world(manifest("Deployment", "d", {})), {})
    assert (found.verdict, found.outcome.reason) == ("not_applicable", "it carries no pod")


def containers(*images: Any, **pod: Any) -> Resource:
    items = [{"name": f"c{i}", "image": image} for i, image in enumerate(images)]
    return manifest("Pod", "p", {"spec": {"containers": items[:1], "initContainers": items[1:], **pod}})


IMAGE = {"path": "image", "equals": "good", "absent": False}


@pytest.mark.parametrize(
    ("images", "verdict"),
    [(("good", "good"), "pass"), (("good", "bad"), "fail"), (("good", GAP), "undecided"), (("bad", GAP), "fail")],
)
def test_every_container_is_judged_and_the_worst_counts(images: tuple[Any, ...], verdict: str) -> None:
    [found] = judge_world([check(IMAGE, "$container")], world(containers(*images)), {})
    assert found.verdict == verdict


def test_only_the_containers_at_fault_are_culprits() -> None:
    [found] = judge_world([check({"not": IMAGE}, "$container")], world(containers("good", "bad")), {})
    assert [(each.path, each.reason) for each in found.outcome.culprits()] == [
        ("spec.containers.image", 'spec.containers.image is "good"')
    ]


def test_a_container_reaches_its_pod() -> None:
    must = {"any": [{"path": "securityContext.runAsNonRoot", "equals": True, "absent": False},
                    {"path": "$pod.securityContext.runAsNonRoot", "equals": True, "absent": False}]}  # fmt: skip
    pod = containers("x", securityContext={"runAsNonRoot": True})
    assert [each.verdict for each in judge_world([check(must, "$container")], world(pod), {})] == ["pass"]
    assert [each.verdict for each in judge_world([check(must, "$container")], world(containers("x")), {})] == ["fail"]


def test_containers_to_which_the_check_does_not_apply_are_left_out() -> None:
    apply = check({"path": "x", "present": True}, "$container", when=IMAGE)
    assert [each.verdict for each in judge_world([apply], world(containers("bad")), {})] == ["not_applicable"]


# --- networks, policies, Rego -------------------------------------------------------------------------------------

SSH = {"not": {"network": "ingress", "admits": {"cidr": "world", "ports": [22]},
               "also": [{"linked": "aws_rule", "by": "group"}]}}  # fmt: skip


def rule(*cidrs: Any, port: Any = 22) -> dict[str, Any]:
    return {"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": list(cidrs)}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], True), ([rule("10.0.0.0/8")], True), ([rule("0.0.0.0/0")], False), ([rule("0.0.0.0/0", port=443)], True),
        ([rule("0.0.0.0/1"), rule("128.0.0.0/1")], False), ([rule(GAP)], None),
    ],
)  # fmt: skip
def test_rules_are_judged_together(rules: list[Any], expected: Truth) -> None:
    assert truth(SSH, {"ingress": Blocks(rules)}) is expected


def test_the_rule_that_lets_the_world_in_is_the_culprit() -> None:
    found = judged(SSH, {"ingress": Blocks([rule("10.0.0.0/8"), rule("0.0.0.0/0")])})
    [culprit] = found.outcome.culprits()
    assert culprit.path == "ingress"
    assert "0.0.0.0/0" in culprit.reason
    rules = found.resource.body.items["ingress"]
    assert isinstance(rules, List)
    cidrs = rules.items[1].items["cidr_blocks"]  # type: ignore[attr-defined]
    assert culprit.places == cidrs.items[0].places


def test_linked_rules_join_in_unless_they_admit_by_themselves() -> None:
    def linked(cidr: str, name: str) -> Resource:
        return resource(f"aws_rule.{name}", {**rule(cidr), "type": "ingress", "group": ref("aws_thing.t.id")})

    assert truth(SSH, {}, linked("0.0.0.0/2", "a"), linked("128.0.0.0/2", "b")) is False
    assert truth(SSH, {}, linked("0.0.0.0/0", "a")) is True
    assert truth(SSH, {"ingress": Blocks([rule("0.0.0.0/2")])}, linked("128.0.0.0/2", "b")) is False


def test_networks_may_come_from_a_parameter() -> None:
    must = {"not": {"network": "ingress", "admits": {"cidr": {"param": "forbidden"}, "ports": "any"}}}
    body = {"ingress": Blocks([rule("10.0.0.0/8")])}
    assert truth(must, body, forbidden=["10.0.0.0/8"]) is False
    assert truth(must, body, forbidden=["192.168.0.0/16"]) is True
    assert reasons(judged(must, body)) == ["ingress is not decided: needs parameter forbidden"]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [("*", False), ({"AWS": ["*"]}, False), ({"AWS": "arn:aws:iam::1:root"}, True), (GAP, None)],
)
def test_a_policy_is_asked_what_it_allows(principal: Any, expected: Truth) -> None:
    must = {"not": {"policy": "policy", "allows": {"principal": "any", "action": "s3:GetObject"}}}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*"}
    assert truth(must, {"policy": encoded({"Statement": [statement]})}) is expected
    assert truth(must, {}) is True


def test_the_member_of_the_statement_at_fault_is_the_culprit() -> None:
    must = {"not": {"policy": "policy", "allows": {"principal": "any", "action": "s3:GetObject"}}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    [culprit] = judged(must, {"policy": encoded({"Statement": [statement]})}).outcome.culprits()
    assert culprit.path == "policy.Statement.Principal"


REGO = """package ccopilot.check

deny contains {"path": "mode", "message": "mode is open"} if input.resource.values.mode == "open"

undecided contains {"path": "mode", "message": "mode is not decided"} if input.resource.values.mode["$unknown"]
"""


@pytest.mark.parametrize(("mode", "expected"), [("open", False), ("closed", True), (GAP, None)])
def test_rego_denies_or_leaves_undecided(mode: Any, expected: Truth) -> None:
    subject = resource("aws_thing.t", {"mode": mode})
    rego_check = parse_check(check_data({"rego": True}), file="check.yaml", rego=REGO)
    found = judge(rego_check, subject, world(subject), {})
    assert TRUTHS[found.verdict] is expected
    if expected is False:
        [culprit] = found.outcome.culprits()
        assert (culprit.path, culprit.reason) == ("mode", "mode is open")
        assert culprit.places == subject.body.items["mode"].places


# --- explanations -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("must", "body", "reason"),
    [
        (leaf("equals", True), {"a": False}, "a is false, must be true"),
        (leaf("equals", True, absent=False), {}, "a is absent"),
        (leaf("equals", True), {}, "a is absent, and what that means is not decided by the configuration"),
        (leaf("equals", True), {"a": unknown("kms_key")}, "a is not decided: variable(kms_key) has no default"),
        (leaf("equals", "x"), {"a": NAME}, "a is not decided: it is read from aws_x.y.name"),
        (leaf("equals", "x"), {"a": some_of([])}, "a is not decided: a dynamic block or an undecided list may add more"),
        (leaf("in", ["x", "y"]), {"a": "z"}, 'a is "z", must be one of "x", "y"'),
        (leaf("at_least", 7), {"a": 1}, "a is 1, must be at least 7"),
        (leaf("length", {"at_least": 2}), {"a": ["x"]}, 'a is ["x"], must have a length of at least 2'),
        (leaf("version", {"at_least": "1.2"}), {"a": "1.1"}, 'a is "1.1", must be version at least 1.2'),
        ({"path": "a", "present": True}, {"a": ""}, "a is empty"),
        ({"path": "a", "present": False}, {"a": "x"}, 'a is "x", must not be present'),
        (leaf("equals", "x"), {"a": "y" * 99}, f'a is "{"y" * 59}…", must be "x"'),
    ],
)  # fmt: skip
def test_a_leaf_says_in_a_clause_why_it_came_out_so(must: Any, body: Any, reason: str) -> None:
    assert judged(must, body).outcome.reason == reason


def every_outcome(outcome: Outcome) -> Iterator[Outcome]:
    yield outcome
    for child in outcome.children:
        yield from every_outcome(child)


@pytest.mark.parametrize(
    "must",
    [
        leaf("equals", "x"), leaf("in", ["x"]), leaf("matches", "x"), leaf("contains", "x"), leaf("subset_of", ["x"]),
        leaf("starts_with", "x"), leaf("within", ["10.0.0.0/8"]), leaf("secret", False), leaf("at_least", 3),
        {"path": "a", "present": False}, {"some": "a", "that": {"path": ".", "equals": "x", "absent": False}},
    ],
)  # fmt: skip
def test_nothing_secret_stands_in_a_reason(must: Any) -> None:
    token = "AKIAIOSFODNN7EXAMPLE"
    for given_value in (
        secret("hunter2"),
        secret(["hunter2"]),
        token,
        [secret("hunter2")],
        template(secret("hunter2"), NAME),
    ):
        for outcome in every_outcome(judged(must, {"a": given_value}).outcome):
            assert "hunter2" not in outcome.reason
            assert token not in outcome.reason


def test_sensitive_values_are_judged_like_others() -> None:
    assert truth(leaf("equals", "x"), {"a": secret("x")}) is True
    assert truth(leaf("equals", "x"), {"a": secret("y")}) is False


def test_a_body_is_never_listed_and_only_what_is_read_is_evaluated() -> None:
    asked: list[str] = []

    class Lazy(Mapping[str, Value]):
        def __getitem__(self, key: str) -> Value:
            asked.append(key)
            if key == "a":
                return value(1)
            raise KeyError(key)

        def __iter__(self) -> Iterator[str]:
            raise AssertionError("the body was listed")

        def __len__(self) -> int:
            raise AssertionError("the body was counted")

    subject = resource("aws_thing.t", {})
    subject = replace(subject, body=Map(Lazy(), places=(subject.header,)))
    must = {"all": [named("a"), {"path": ["b", "c"], "present": False}]}
    assert judge(check(must), subject, world(subject), {}).verdict == "pass"
    assert asked == ["a", "b", "c"]


# --- laws ---------------------------------------------------------------------------------------------------------

LAW = settings(deadline=None, database=None, max_examples=150)
NAMES = ("a", "b", "c")
scalars = st.sampled_from([1, 2, "x", "y", True, False, "", "10.0.0.0/8", "arn:x"])
leaves = st.builds(
    lambda path, op, absent: {"path": path, **op, "absent": absent},
    st.sampled_from([*NAMES, "l", "l.a", "m.a"]),
    st.sampled_from(
        [{"equals": 1}, {"equals": "x"}, {"in": ["x", 2]}, {"matches": "x|arn.*"}, {"starts_with": "ar"}, {"contains": "x"},
         {"subset_of": ["x", 1]}, {"at_least": 2}, {"empty": True}, {"length": {"at_least": 1}}, {"equals": {"attr": "b"}},
         {"within": ["10.0.0.0/8"]}, {"secret": True}, {"contains_all": ["x"]}, {"equals": ["x"]}]
    ),
    st.sampled_from([True, False, "unknown"]),
)  # fmt: skip
presences = st.builds(
    lambda path, op, yes: {"path": path, op: yes},
    st.sampled_from([*NAMES, "l", "l.a"]),
    st.sampled_from(["present", "defined"]),
    st.booleans(),
)
conditions = st.recursive(
    leaves | presences,
    lambda inner: st.one_of(
        st.builds(lambda each: {"all": each}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda each: {"any": each}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda each: {"not": each}, inner),
        st.builds(
            lambda quantifier, path, each: {quantifier: path, "that": each},
            st.sampled_from(["some", "every", "none"]),
            st.sampled_from(["l", "l.a", "m"]),
            inner,
        ),
    ),
    max_leaves=6,
)
gaps = st.builds(unknown, st.sampled_from(["u", "v"]))
values = st.recursive(
    scalars | gaps,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=2),
    max_leaves=5,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(NAMES, values),
        "l": st.lists(st.dictionaries(st.sampled_from(NAMES), values, max_size=2), max_size=3),
        "m": st.dictionaries(st.sampled_from(NAMES), values, max_size=2),
    },
)  # fmt: skip


@LAW
@given(st.lists(conditions, min_size=1, max_size=3), bodies)
def test_de_morgan(parts: list[Any], body: dict[str, Any]) -> None:
    negated = [{"not": part} for part in parts]
    assert truth({"not": {"all": parts}}, body) is truth({"any": negated}, body)
    assert truth({"not": {"any": parts}}, body) is truth({"all": negated}, body)


@LAW
@given(conditions, bodies)
def test_a_quantifier_is_the_opposite_of_the_other(that: Any, body: dict[str, Any]) -> None:
    assert truth({"every": "l", "that": that}, body) is truth({"none": "l", "that": {"not": that}}, body)
    assert truth({"none": "l", "that": that}, body) is truth({"not": {"some": "l", "that": that}}, body)


def filled(data: Any, fill: Mapping[str, Any]) -> Any:
    if isinstance(data, dict):
        return {key: filled(item, fill) for key, item in data.items()}
    if isinstance(data, list):
        return [filled(item, fill) for item in data]
    return fill[data.detail] if isinstance(data, Value) and not isinstance(data, Known) else data  # type: ignore[attr-defined]


@LAW
@given(conditions, bodies, scalars, scalars)
def test_deciding_an_unknown_never_turns_a_truth_over(must: Any, body: dict[str, Any], u: Any, v: Any) -> None:
    before = truth(must, body)
    after = truth(must, filled(body, {"u": u, "v": v}))
    assert before is None or after is before


@LAW
@given(conditions, bodies, st.randoms())
def test_the_order_of_elements_is_irrelevant_to_quantifiers(that: Any, body: dict[str, Any], random: Any) -> None:
    shuffled = list(body.get("l", []))
    random.shuffle(shuffled)
    for quantifier in ("some", "every", "none"):
        must = {quantifier: "l", "that": that}
        assert truth(must, body) is truth(must, {**body, "l": shuffled})


@LAW
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=4), st.permutations(["x", "y", "z", "w"]))
def test_the_names_of_instances_are_irrelevant(instances: list[tuple[bool, bool]], keys: list[str]) -> None:
    def build(names: list[str]) -> World:
        found: list[Resource] = []
        for name, (has, on) in zip(names, instances, strict=False):
            found.append(bucket(f'b["{name}"]'))
            if has:
                found.append(versioning(ref(f'aws_bucket.b["{name}"].id'), on, f'v["{name}"]'))
        return world(*found)

    def verdicts(everything: World) -> list[str]:
        return [each.verdict for each in judge_world([check(VERSIONED, "aws_bucket")], everything, {})]

    expected = ["pass" if has and on else "fail" for has, on in instances]
    assert verdicts(build(["x", "y", "z", "w"])) == verdicts(build(keys)) == expected


@LAW
@given(conditions, bodies)
def test_every_leaf_keeps_where_it_was_read_and_why(must: Any, body: dict[str, Any]) -> None:
    for outcome in judged(must, body).outcome.leaves():
        assert outcome.places
        assert outcome.reason


@LAW
@given(conditions, bodies)
def test_the_culprits_of_a_failure_explain_it(must: Any, body: dict[str, Any]) -> None:
    found = judged(must, body)
    assert list(found.outcome.culprits(found.outcome.truth)) != []


def test_a_template_with_nothing_undecided_in_it_is_its_text() -> None:
    assert truth(leaf("equals", "ab"), {"a": Template((value("a"), value("b")))}) is True
