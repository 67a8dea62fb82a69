"""What the condition language reads, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from copilot.checks.language import (
    All,
    AnyOf,
    Attr,
    Bounds,
    Exists,
    Expression,
    Fix,
    Leaf,
    Linked,
    Network,
    Not,
    Param,
    Path,
    PolicyCondition,
    Quantified,
    RegoCondition,
    Subject,
    SubjectRef,
    nodes,
    parse_check,
    parse_condition,
    parse_path,
    show_path,
)
from copilot.errors import CorpusInvalid
from copilot.model import Severity
from tests.builders import check_data

EQUALS = {"path": "a", "equals": True, "absent": False}


def refusal(data: Any, **more: Any) -> str:
    with pytest.raises(CorpusInvalid) as caught:
        parse_condition(data, file="check.yaml", **more)
    return str(caught.value)


# --- paths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (".", Path(".", ())),
        ("a", Path("a", ("a",))),
        ("a.b-c.d_1", Path("a.b-c.d_1", ("a", "b-c", "d_1"))),
        ('tags."my.key"', Path('tags."my.key"', ("tags", "my.key"))),
        ('a."say \\"hi\\"".b', Path('a."say \\"hi\\"".b', ("a", 'say "hi"', "b"))),
        ("a[0].b[12]", Path("a[0].b[12]", ("a", 0, "b", 12))),
        ("[0].b", Path("[0].b", (0, "b"))),
        ("$key", Path("$key", (), "key")),
        ("$pod.hostNetwork", Path("$pod.hostNetwork", ("hostNetwork",), "pod")),
        ("$metadata.labels", Path("$metadata.labels", ("labels",), "metadata")),
        ("$metadata", Path("$metadata", (), "metadata")),
    ],
)
def test_a_path_is_read_into_steps(text: str, path: Path) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text", ["", "a.", ".a", "a..b", "a b", "a*", "a[x]", "a[0", 'a."b', "$other.a", "$key.a", "a]"]
)
def test_a_path_that_does_not_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"path|follows"):
        parse_path(text)


def test_a_path_that_is_shown_reads_back_as_the_same_steps() -> None:
    steps = ("tags", "my.key", 'a "quote"', "back\\slash", "plain")
    assert parse_path(show_path(steps)).steps == steps


# --- conditions -------------------------------------------------------------------------------------------------


def test_a_leaf_keeps_its_paths_operator_operand_absence_and_fix() -> None:
    node = parse_condition(
        {
            "path": ["a.b", "c"], "in": ["x", {"param": "allowed"}, {"attr": "d"}], "absent": "unknown",
            "fix": {"set": {"param": "allowed"}, "safety": "safe", "source": "docs"},
        }
    )  # fmt: skip
    assert isinstance(node, Leaf)
    assert node.paths == (parse_path("a.b"), parse_path("c"))
    assert (node.op, node.operand, node.absent) == ("in", ("x", Param("allowed"), Attr(parse_path("d"))), None)
    assert node.fix == Fix("set", Param("allowed"), "safe", "docs", ("allowed",))


@pytest.mark.parametrize(
    ("op", "written", "operand"),
    [
        ("equals", "x", "x"),
        ("equals", {"param": "p"}, Param("p")),
        ("equals", {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ("between", [1, 5], Bounds(1, 5)),
        ("length", {"at_least": 2}, Bounds(2, None)),
        ("version", {"at_least": "1.21"}, Bounds("1.21", None)),
        ("refers_to", "aws_kms_key", ("aws_kms_key",)),
        ("refers_to", ["aws_kms_key", "data.aws_kms_key"], ("aws_kms_key", "data.aws_kms_key")),
        ("at_least", 3, 3),
        ("subset_of", {"param": "p"}, Param("p")),
    ],
)
def test_an_operand_is_read_as_its_operator_takes_it(op: str, written: Any, operand: Any) -> None:
    node = parse_condition({"path": "a", op: written, "absent": False})
    assert isinstance(node, Leaf)
    assert node.operand == operand


def test_conditions_nest_in_the_order_in_which_they_are_written() -> None:
    node = parse_condition({"all": [{"any": [EQUALS, {"not": EQUALS}]}, {"none": "b", "that": EQUALS}]})
    assert [type(each) for each in nodes(node)] == [All, AnyOf, Leaf, Not, Leaf, Quantified, Leaf]


def test_not_and_none_turn_over_what_is_at_fault_below_them() -> None:
    assert parse_condition({"not": EQUALS}).negates is True
    assert parse_condition({"none": "b", "that": EQUALS}).negates is True
    assert parse_condition({"some": "b", "that": EQUALS}).negates is False
    assert parse_condition({"linked": "t", "by": "b", "none": EQUALS, "unlinked": True}).negates is True
    assert parse_condition(EQUALS).negates is False


def test_a_link_is_read_in_both_directions() -> None:
    by = parse_condition(
        {"linked": ["t", "u"], "by": ["b", "c"], "match": "name", "every": EQUALS, "unlinked": "unknown"}
    )
    assert isinstance(by, Linked)
    assert (by.types, by.quantifier, by.unlinked) == (("t", "u"), "every", None)
    assert (by.by, by.from_, by.match) == ((parse_path("b"), parse_path("c")), (), (parse_path("name"),))
    from_ = parse_condition({"linked": "t", "from": "role", "some": EQUALS, "unlinked": False})
    assert isinstance(from_, Linked)
    assert (from_.by, from_.from_, from_.unlinked) == ((), (parse_path("role"),), False)


def test_exists_needs_no_further_condition() -> None:
    node = parse_condition({"exists": "aws_cloudtrail"})
    assert isinstance(node, Exists)
    assert (node.types, node.that) == (("aws_cloudtrail",), None)


def test_a_network_condition_hands_its_direction_to_the_question() -> None:
    node = parse_condition(
        {
            "network": "egress", "admits": {"cidr": "world", "ports": [22]}, "direction": "egress",
            "also": [{"linked": "aws_security_group_rule", "by": "security_group_id"}],
        }
    )  # fmt: skip
    assert isinstance(node, Network)
    assert (node.spec.direction, node.spec.ports) == ("egress", ((22, 22),))
    assert (node.also[0].types, node.also[0].by) == (("aws_security_group_rule",), (parse_path("security_group_id"),))


def test_a_policy_condition_says_what_is_allowed_or_denied() -> None:
    node = parse_condition({"policy": "policy", "allows": {"principal": "any", "action": "s3:GetObject"}})
    assert isinstance(node, PolicyCondition)
    assert node.effect == "allows"


def test_rego_takes_the_policy_beside_the_check() -> None:
    node = parse_condition({"rego": True}, rego="package ccopilot.check")
    assert isinstance(node, RegoCondition)
    assert node.source == "package ccopilot.check"


def test_values_of_a_fix_may_be_parameters_references_and_expressions_at_any_depth() -> None:
    node = parse_condition(
        {
            "linked": "aws_x", "by": "b", "some": EQUALS, "unlinked": False,
            "fix": {
                "add_linked": {"type": "aws_x", "body": {"b": {"ref": "id"}, "c": [{"param": "p"}], "d": {"expr": "1 + 1"}}},
                "safety": "changes_behaviour", "needs": ["q"],
            },
        }
    )  # fmt: skip
    assert node.fix == Fix(
        "add_linked",
        {"type": "aws_x", "body": {"b": SubjectRef("id"), "c": [Param("p")], "d": Expression("1 + 1")}},
        "changes_behaviour",
        "",
        ("q", "p"),
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"path": "a", "equals": 1}, "check.yaml: absent: is missing: equals must say what an absent path means"),
        ({"path": "a", "absent": True}, "check.yaml: the top: has no operator: a leaf has one operator"),
        (
            {"path": "a", "equals": 1, "present": True, "absent": True},
            "check.yaml: the top: has equals and present: a leaf has one operator",
        ),
        (
            {"all": [EQUALS, {"not": {**EQUALS, "fixx": 1}}]},
            "check.yaml: all[1].not.fixx: is not known here; known are ",
        ),
        ({"path": "a..b", "present": True}, "check.yaml: path: 'a..b' does not read as a path at position 3"),
        ({"path": "a", "equals": 1, "absent": "maybe"}, "check.yaml: absent: is one of true, false, unknown, default"),
        ({"path": "a", "present": "yes"}, "check.yaml: present: is true or false, not text"),
        ({"path": "a", "matches": "(?=x)", "absent": False}, "check.yaml: matches: RE2 has no look-around"),
        ({"path": "a", "matches": r"(a)\1", "absent": False}, "check.yaml: matches: RE2 has no look-around"),
        ({"path": "a", "matches": "(a", "absent": False}, "check.yaml: matches: '(a' is no RE2 pattern: missing )"),
        (
            {"path": "a", "within": ["10.0.0.1/8"], "absent": False},
            "check.yaml: within[0]: 10.0.0.1/8 has host bits set",
        ),
        ({"path": "a", "at_least": "x", "absent": False}, "check.yaml: at_least: is a number, not text"),
        ({"path": "a", "between": [1], "absent": False}, "check.yaml: between: is two numbers"),
        (
            {"path": "a", "version": {"at_least": 1.21}, "absent": False},
            "check.yaml: version.at_least: is a dotted version",
        ),
        ({"path": "a", "in": [], "absent": False}, "check.yaml: in: is a list of values"),
        ({"all": []}, "check.yaml: all: is a list of conditions"),
        ({}, "check.yaml: the top: is no condition: it has nothing"),
        ("a", "check.yaml: the top: a condition is a map, not text"),
        ({**EQUALS, "not": EQUALS}, "check.yaml: the top: says path and not, which are conditions of their own"),
        ({"some": "a"}, "check.yaml: that: is missing"),
        ({"some": "a", "every": "b", "that": EQUALS}, "check.yaml: the top: says one of some, every, none"),
        ({"linked": "t", "some": EQUALS, "unlinked": True}, "check.yaml: the top: says either by or from"),
        ({"linked": "t", "by": "b", "some": EQUALS}, "check.yaml: unlinked: is missing"),
        ({"network": "."}, "check.yaml: admits: is missing"),
        ({"policy": "p"}, "check.yaml: the top: says either allows or denies"),
        ({"rego": True}, "check.yaml: rego: there is no policy.rego beside the check"),
        ({"rego": False}, "check.yaml: rego: is true"),
    ],
)
def test_a_condition_that_does_not_read_is_refused_with_the_way_to_the_fault(data: Any, message: str) -> None:
    assert refusal(data).startswith(message)


@pytest.mark.parametrize(
    ("node", "fix", "message"),
    [
        (EQUALS, {"set": 1}, "fix.safety: is one of safe, changes_behaviour, replaces"),
        (EQUALS, {"safety": "safe"}, "fix: says one of set, remove"),
        (EQUALS, {"set": 1, "remove": True, "safety": "safe"}, "fix: says one of set, remove"),
        (EQUALS, {"add_statement": {}, "safety": "safe"}, "fix.add_statement: does not fit a leaf condition"),
        ({"some": "a", "that": EQUALS}, {"set": 1, "safety": "safe"}, "fix.set: does not fit a some condition"),
        ({"all": [EQUALS]}, {"set": 1, "safety": "safe"}, "fix: is not known here"),
        (
            {"exists": "t"},
            {"add_linked": {"type": "u", "body": {}}, "safety": "safe"},
            "fix.add_linked: adds a u, which",
        ),
        ({"exists": "t"}, {"add_linked": {"type": "t"}, "safety": "safe"}, "fix.add_linked: has type and body"),
        (EQUALS, {"remove": False, "safety": "safe"}, "fix.remove: is true"),
        (EQUALS, {"add_block": {"name": "b", "body": []}, "safety": "safe"}, "fix.add_block.body: is not a list"),
        ({"network": ".", "admits": {}}, {"narrow": ["10.0.0.0/8"], "safety": "safe"}, "fix.narrow: is {param: NAME}"),
        ({"path": "$key", "present": True}, {"set": 1, "safety": "safe"}, "fix.set: a key cannot be set"),
    ],
)
def test_a_fix_that_does_not_fit_its_node_is_refused(node: Any, fix: Any, message: str) -> None:
    assert refusal({**node, "fix": fix}).startswith(f"check.yaml: {message}")


@pytest.mark.parametrize(
    ("must", "message"),
    [
        (
            {"path": "a", "equals": True, "absent": False, "fix": {"set": False, "safety": "safe"}},
            "must.fix: the fix sets what the condition refuses",
        ),
        (
            {"not": {"path": "a", "at_least": 7, "absent": False, "fix": {"set": 8, "safety": "safe"}}},
            "must.not.fix: the fix sets what the condition asks",
        ),
        (
            {"none": "b", "that": {"path": "a", "in": ["x"], "absent": False, "fix": {"set": "x", "safety": "safe"}}},
            "must.that.fix: the fix sets what the condition asks",
        ),
    ],
)
def test_a_fix_that_does_not_settle_its_condition_is_refused(must: Any, message: str) -> None:
    with pytest.raises(CorpusInvalid) as caught:
        parse_check(check_data(must), file="check.yaml")
    assert str(caught.value) == f"check.yaml: {message}"


def test_a_fix_in_when_is_refused() -> None:
    when = {**EQUALS, "fix": {"set": True, "safety": "safe"}}
    with pytest.raises(CorpusInvalid, match=r"^check.yaml: when: a fix stands in must"):
        parse_check(check_data(EQUALS, when=when), file="check.yaml")


# --- checks -----------------------------------------------------------------------------------------------------


def test_a_check_is_read_whole() -> None:
    check = parse_check(
        check_data(
            {"any": [EQUALS, {"path": "k", "equals": {"param": "key"}, "absent": False}]},
            "aws_sqs_queue",
            when={"path": "a", "present": True},
            peers=["CKV_AWS_27"],
            references=["https://example.com/"],
        ),
        file="check.yaml",
    )
    assert (check.id, check.severity, check.subject) == ("a-check", Severity.HIGH, Subject("types", ("aws_sqs_queue",)))
    assert (check.peers, check.references, check.parameters) == (("CKV_AWS_27",), ("https://example.com/",), ("key",))
    assert [type(node) for node in check.nodes()] == [Leaf, AnyOf, Leaf, Leaf]


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ({"data": ["aws_ami"]}, Subject("data", ("aws_ami",))),
        ({"providers": ["aws"]}, Subject("providers", ("aws",))),
        ({"kinds": ["Deployment"]}, Subject("kinds", ("Deployment",))),
        ({"types": ["$pod"]}, Subject("pod")),
        ({"types": ["$container"]}, Subject("container")),
        ({"blocks": ["provider.aws", "terraform"]}, Subject("blocks", ("provider.aws", "terraform"))),
        ({"root": ["aws_instance"]}, Subject("root", ("aws_instance",))),
    ],
)
def test_a_subject_says_what_the_check_is_about(written: Any, subject: Subject) -> None:
    assert parse_check(check_data(EQUALS, subject=written), file="check.yaml").subject == subject


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"severity": "worst"}, "severity: 'worst' is not one of critical, high, medium, low"),
        ({"id": "Not An Id"}, "id: 'Not An Id' is not words"),
        ({"titel": "x"}, "titel: is not known here"),
        ({"subject": {}}, "subject: says one of"),
        ({"subject": {"types": []}}, "subject.types: names nothing"),
        ({"subject": {"types": ["$pod", "aws_x"]}}, "subject.types: $pod or $container stands alone"),
        ({"must": {"path": "$pod.a", "present": True}}, "subject: $pod.a is read, which only $pod and $container"),
        ({"when": {"path": "a", "equals": 1}}, "when.absent: is missing"),
    ],
)
def test_a_check_that_does_not_read_is_refused(more: Any, message: str) -> None:
    with pytest.raises(CorpusInvalid) as caught:
        parse_check(
            check_data(EQUALS, **{key: item for key, item in more.items() if key != "must"}) | more, file="check.yaml"
        )
    assert str(caught.value).startswith(f"check.yaml: {message}")


@pytest.mark.parametrize("field", ["id", "title", "message", "rationale", "control", "severity", "subject", "must"])
def test_a_check_without_a_field_is_refused(field: str) -> None:
    data = check_data(EQUALS)
    del data[field]
    with pytest.raises(CorpusInvalid, match=rf"^check.yaml: {field}: is missing$"):
        parse_check(data, file="check.yaml")
