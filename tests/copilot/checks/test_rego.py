"""Rego beside a check: its answers, its limits, and what it may not call."""

from __future__ import annotations

import json
from typing import Any

import pytest
import regorus

from copilot.checks.rego import BUILTINS, MAX_DEPTH, Answer, evaluate, run_tests
from copilot.errors import CorpusInvalid

POLICY = """package ccopilot.check
import rego.v1

deny contains {"path": "acl", "message": sprintf("is %s", [input.resource.values.acl])} if {
    is_public(input.resource.values.acl)
}

undecided contains {"path": "acl", "message": "is not known"} if input.resource.values.acl["$unknown"]

is_public(acl) if {
    is_string(acl)
    startswith(acl, "public")
}
"""
TESTS = """package ccopilot.check_test
import rego.v1
import data.ccopilot.check

test_public_is_denied if count(check.deny) == 1 with input as {"resource": {"values": {"acl": "public-read"}}}
test_private_is_denied if count(check.deny) == 1 with input as {"resource": {"values": {"acl": "private"}}}
"""


def resource(**values: Any) -> dict[str, Any]:
    return {
        "resource": {"address": "aws_s3_bucket.b", "type": "aws_s3_bucket", "name": "b", "values": values},
        "resources": [],
    }


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_policy_denies_and_leaves_undecided() -> None:
    assert evaluate(POLICY, resource(acl="public-read")) == Answer((("acl", "is public-read"),), ())
    assert evaluate(POLICY, resource(acl="private")) == Answer()
    assert evaluate(POLICY, resource(acl={"$unknown": "variable(x)"})) == Answer((), (("acl", "is not known"),))
    assert evaluate(POLICY, resource()) == Answer()


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    asked = [resource(acl=acl) for acl in ("public-read", "private", "public-read-write", "private")]
    answers = [evaluate(POLICY, each).denied for each in asked]
    assert answers == [(("acl", "is public-read"),), (), (("acl", "is public-read-write"),), ()]


def test_a_policy_may_say_only_one_of_the_two() -> None:
    policy = 'package ccopilot.check\nundecided contains {"path": "", "message": "m"} if input.x'
    assert evaluate(policy, {"x": True}) == Answer((), (("", "m"),))


def test_tests_are_named_and_answered() -> None:
    assert run_tests(POLICY, TESTS) == (("test_private_is_denied", False), ("test_public_is_denied", True))


def test_tests_may_stand_in_the_package_of_the_policy() -> None:
    tests = 'package ccopilot.check\nimport rego.v1\ntest_a if is_public("public-read")\ntest_b if not is_public("private")\n'
    assert run_tests(POLICY, tests) == (("test_a", True), ("test_b", True))


def test_a_test_file_without_tests_is_refused() -> None:
    with pytest.raises(CorpusInvalid, match="holds no test_ rule"):
        run_tests(POLICY, "package ccopilot.check_test\nx := 1")


@pytest.mark.parametrize("levels", [MAX_DEPTH, 200, 3000, 100_000])
def test_an_input_that_is_nested_too_deeply_is_undecided(levels: int) -> None:
    assert evaluate(POLICY, {"x": nested(levels)}) == Answer((), (("", "the input is nested too deeply"),))


def test_an_input_at_the_limit_is_read() -> None:
    text = json.dumps({"x": nested(MAX_DEPTH - 1), "brackets": '[[["\\' * 200})
    assert evaluate(POLICY, {**json.loads(text), **resource(acl="public")}).denied == (("acl", "is public"),)


def test_an_input_that_is_not_json_is_undecided() -> None:
    assert evaluate(POLICY, {"x": float("nan")}).undecided[0][1].startswith("the input is not JSON")
    assert evaluate(POLICY, {"x": {1, 2}}).undecided[0][1].startswith("the input is not JSON")


def test_a_fault_while_evaluating_is_undecided_in_one_line() -> None:
    policy = POLICY + '\ndeny contains {"path": "", "message": "m"} if to_number(input.x) > 1'
    reason = "the policy could not be evaluated: policy.rego:15:62: could not parse string as number"
    assert evaluate(policy, {"x": "abc"}) == Answer((), (("", reason),))
    unknown = resource(acl={"$unknown": "variable(x)"})
    assert evaluate(policy, {"x": "abc", **unknown}) == Answer((), (("acl", "is not known"), ("", reason)))


@pytest.mark.parametrize(
    "call",
    [
        'http.send({"url": "x"})', "time.now_ns()", "opa.runtime()", 'rand.intn("a", 2)', "made.up(1)", "data.other.f(1)",
        'uuid.rfc4122("a")', "print(1)", 'trace("x")', "[http.send({}) | true][0]", "is_public(time.now_ns())",
    ],
)  # fmt: skip
def test_a_builtin_off_the_list_is_refused_before_anything_runs(call: str) -> None:
    with pytest.raises(CorpusInvalid, match=r"policy\.rego calls"):
        evaluate(f"{POLICY}\nx if not {call}", resource())


def test_a_test_may_call_no_more_than_a_policy() -> None:
    with pytest.raises(CorpusInvalid, match=r"policy_test\.rego calls time\.now_ns"):
        run_tests(POLICY, TESTS + "\ntest_x if time.now_ns() > 0")


def test_own_functions_may_be_called_by_their_full_name() -> None:
    tests = TESTS + '\ntest_f if check.is_public("public")\ntest_g if data.ccopilot.check.is_public("public")'
    assert dict(run_tests(POLICY, tests))["test_f"] is True
    assert dict(run_tests(POLICY, tests))["test_g"] is True


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_every_builtin_on_the_list_is_one_of_the_engine(name: str) -> None:
    said = []
    for arguments in ("", "1", "1, 1", "1, 1, 1", "1, 1, 1, 1"):
        engine = regorus.Engine()
        try:
            engine.add_policy("p.rego", f"package p\nx := {name}({arguments})")
            engine.eval_rule_as_json("data.p.x")
        except RuntimeError as error:
            said.append(str(error))
    assert not any("could not find function" in each for each in said)


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (
            "package ccopilot.check\nfoo bar",
            "policy.rego does not parse: policy.rego:2:1: rule must have a body or assignment",
        ),
        ("package other\nx := 1", "policy.rego is of package other, not ccopilot.check"),
        ("package ccopilot.check\ndeny := 1", "policy.rego: deny is not a set"),
        (
            'package ccopilot.check\ndeny contains "x"',
            'policy.rego: deny holds something else than {path, message}: "x"',
        ),
        ('package ccopilot.check\ndeny contains {"path": 1, "message": "m"}', "policy.rego: deny holds something else"),
    ],
)
def test_a_policy_of_another_form_is_refused(policy: str, fault: str) -> None:
    with pytest.raises(CorpusInvalid) as caught:
        evaluate(policy, {})
    assert str(caught.value).startswith(fault)
