"""What policy documents grant and deny: statements, patterns, principals, conditions, and what is not known."""

from __future__ import annotations

import json
import re
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.checks.policies import (
    Allows,
    Answer,
    Denies,
    allows,
    denies,
    matches,
    parse_allows,
    parse_denies,
    widened,
)
from copilot.errors import CorpusInvalid
from copilot.model import Encoded, Known, List, Map, Null, Origin, Place, Ref, Template, Truth, Unknown, Value

VARIABLE = Unknown("variable", "x")
BUCKET = Ref(origin=Origin("aws_s3_bucket.b", ("arn",)))
ACCOUNT = Ref(origin=Origin("data.aws_caller_identity.me", ("account_id",)))


def written(data: Any) -> Value:
    """The data as values; every text stands at a place whose path is the text."""
    match data:
        case Value():
            return data
        case dict():
            return Map({key: written(item) for key, item in data.items()})
        case list():
            return List(tuple(written(item) for item in data))
        case None:
            return Null()
        case str():
            return Known(data, places=(Place(data, 0, 1, 1, 1, 1, 2),))
    return Known(data)


def document(*statements: Any) -> Value:
    return written({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource), "Effect": "Deny", **more}


def grants(*statements: Any, **spec: Any) -> Truth:
    return allows(document(*statements), parse_allows(spec, "check")).truth


# --- actions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said", "expected"),
    [
        ("iam:PassRole", "iam:PassRole", True),
        ("iam:PassRole", "IAM:passrole", True),
        ("iam:PassRole", "iam:*", True),
        ("iam:PassRole", "iam:Pass*", True),
        ("iam:PassRole", "iam:Pass????", True),
        ("iam:PassRole", "iam:Pass???", False),
        ("iam:PassRole", "*", True),
        ("iam:PassRole", "i*:*", True),
        ("iam:PassRole", "[iI]am:*", False),
        ("iam:PassRole", "iam:PassRole2", False),
        ("iam:PassRole", ["s3:*", "iam:PassRole"], True),
        ("iam:PassRole", [], False),
        ("s3:*", "s3:*", True),
        ("s3:*", "*", True),
        ("s3:*", "s*:*", True),
        ("s3:*", "s3:Get*", False),
        ("s3:*", "s3:?*", True),
        ("s3:*", "s3:**", True),
        ("s3:*", ["s3:Get*", "s3:Put*"], False),
        ("s3:Get*", ["s3:Get*", "s3:Put*"], True),
        ("s3:Get*", "s3:G*t*", True),
        ("s3:Get*", "s3:GetObject", False),
        ("iam:*", [f"iam:{letter}*" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"], True),
        ("iam:*", [f"iam:{letter}*" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXY"], False),
        ("*", "*", True),
        ("*", "*:*", True),
        ("*", "**", True),
        ("*", "?*", True),
        ("*", "?*:?*", True),
        ("*", "s*:*", False),
        ("*", "iam:*", False),
        ("*", "*:Get*", False),
    ],
)
def test_actions_are_patterns_without_case(asked: str, said: Any, expected: bool) -> None:
    assert grants(allow(said), action=asked) is expected


def test_letters_may_be_granted_by_several_statements() -> None:
    halves = [allow([f"iam:{letter}*" for letter in part]) for part in ("abcdefghijklm", "nopqrstuvwxyz")]
    assert grants(*halves, action="iam:*") is True
    assert grants(halves[0], action="iam:*") is False


@pytest.mark.parametrize(
    ("asked", "but", "expected"),
    [
        ("iam:PassRole", "s3:*", True),
        ("iam:PassRole", "iam:*", False),
        ("iam:PassRole", ["iam:Pass*"], False),
        ("iam:*", "s3:*", True),
        ("iam:*", "iam:PassRole", False),
        ("*", [], True),
        ("*", "organizations:*", True),
        ("*", ["iam:*", "organizations:*"], False),
        ("*", "iam:PassRole", False),
        ("*", "*", False),
    ],
)
def test_not_action_is_everything_but(asked: str, but: Any, expected: bool) -> None:
    assert grants({"Effect": "Allow", "NotAction": but, "Resource": "*"}, action=asked) is expected


def test_a_list_of_actions_asks_for_one_and_all_for_each() -> None:
    pair = ["iam:PassRole", "lambda:CreateFunction"]
    assert grants(allow("lambda:*"), action=pair) is True
    assert grants(allow("lambda:*"), action={"all": pair}) is False
    assert grants(allow("lambda:*"), allow("iam:Pass*"), action={"all": pair}) is True
    assert grants(allow("lambda:*"), allow(VARIABLE), action={"all": pair}) is None


def glob_regex(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern))


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_a_pattern_matches_as_its_regular_expression_does(pattern: str, text: str) -> None:
    assert matches(pattern, text) is (glob_regex(pattern).fullmatch(text) is not None)


names = [f"s:{''.join(letters)}" for length in (3, 4, 5, 6) for letters in product("ab", repeat=length)]
globs = st.text("ab*?", min_size=1, max_size=4).map(lambda tail: f"s:{tail}")


@given(st.lists(globs, max_size=4), globs)
@settings(max_examples=150, deadline=None)
def test_a_pattern_of_actions_is_granted_only_when_each_of_its_names_is(said: list[str], asked: str) -> None:
    """By brute force: every name over two letters that the question stands for is matched by some pattern."""
    answer = grants(allow(said), action=asked)
    matched = all(
        any(glob_regex(pattern).fullmatch(name) for pattern in said)
        for name in names
        if glob_regex(asked).fullmatch(name)
    )
    if answer:
        assert matched
    if not matched:
        assert answer is False


# --- resources --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "**",
        "?*",
        "*/*",
        "arn:aws:*:*:*:*",
        "arn:aws:s3:::*",
        "arn:*:s3:::*",
        ["x", "*"],
        "arn:aws:s3:::*/*",
        "arn:*",
        "*:*",
    ],
)
def test_resources_that_are_restricted_in_name_only_are_not_restricted(resource: Any) -> None:
    assert grants(allow(resource=resource), action="s3:GetObject", resource="*") is True


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:s3:::bucket",
        "arn:aws:s3:::bucket/*",
        "arn:aws:s3:::b*",
        "arn:aws:sqs:*:123456789012:*",
        BUCKET,
        Template((BUCKET, Known("/*"))),
        [],
        "arn:aws:sqs:*:*:*",
    ],
)
def test_a_resource_that_is_named_is_restricted(resource: Any) -> None:
    assert grants(allow(resource=resource), action="s3:GetObject", resource="*") is False


def test_every_resource_of_one_service_is_not_full_administration() -> None:
    assert grants(allow("*", "arn:aws:s3:::*"), action="*", resource="*") is False
    assert grants(allow("*", "arn:aws:s3:::*"), action="s3:*", resource="*") is True


def test_not_resource_is_everything_but() -> None:
    but = {"Effect": "Allow", "Action": "*"}
    assert grants({**but, "NotResource": "arn:aws:s3:::b"}, action="*", resource="*") is True
    assert grants({**but, "NotResource": "*"}, action="*", resource="*") is False
    assert grants({**but, "NotResource": "arn:aws:s3:::b"}, action="*", resource="arn:aws:s3:::b") is False
    assert grants({**but, "NotResource": "arn:aws:s3:::b"}, action="*", resource="arn:aws:s3:::c") is True


def test_a_resource_by_name_is_covered_by_patterns() -> None:
    assert grants(allow(resource="arn:aws:s3:::b*"), action="s3:GetObject", resource="arn:aws:s3:::bucket/key") is True
    assert grants(allow(resource="arn:aws:s3:::b*"), action="s3:GetObject", resource="arn:aws:s3:::bucket/*") is True
    assert grants(allow(resource="arn:aws:s3:::b?"), action="s3:GetObject", resource="arn:aws:s3:::b*") is False
    assert grants(allow(resource=BUCKET), action="s3:GetObject", resource="arn:aws:s3:::bucket") is None


# --- principals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "anybody", "account"),
    [
        ("*", True, False),
        ({"AWS": "*"}, True, False),
        ({"AWS": ["arn:aws:iam::123456789012:root", "*"]}, True, True),
        ({"AWS": "arn:aws:iam::123456789012:root"}, False, True),
        ({"AWS": "arn:aws-us-gov:iam::123456789012:root"}, False, True),
        ({"AWS": "123456789012"}, False, True),
        ({"AWS": "arn:aws:iam::123456789012:role/deploy"}, False, False),
        ({"AWS": Template((Known("arn:aws:iam::"), ACCOUNT, Known(":root")))}, False, False),
        ({"AWS": Template((Known("arn:aws:iam::"), VARIABLE, Known(":root")))}, False, None),
        ({"AWS": Ref(origin=Origin("aws_iam_role.r", ("arn",)))}, False, False),
        ({"Service": "ec2.amazonaws.com"}, False, False),
        ({"AWS": VARIABLE}, None, None),
        (VARIABLE, None, None),
        ({"AWS": ["*", VARIABLE]}, True, None),
        (List((), open=True), None, None),
        (None, False, False),
    ],
)
def test_principals_are_read_in_every_form(principal: Any, anybody: Truth, account: Truth) -> None:
    statement = allow(Principal=principal)
    assert grants(statement, principal="any") is anybody
    assert grants(statement, principal="account") is account


def test_not_principal_with_allow_is_everybody_and_nobody_named_is_nobody() -> None:
    assert grants(allow(NotPrincipal={"AWS": "123456789012"}), principal="any") is True
    assert grants(allow(), principal="any") is False
    assert grants(allow(Principal={"Service": "ec2.amazonaws.com"}), principal="ec2.amazonaws.com") is True


# --- conditions -------------------------------------------------------------------------------------------------

ORG, ARN_, ACCOUNT_, IP, TLS, MFA = (
    "aws:PrincipalOrgID", "aws:SourceArn", "aws:SourceAccount", "aws:SourceIp", "aws:SecureTransport", "aws:MultiFactorAuthPresent",
)  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "key", "value", "restricts"),
    [
        ("StringEquals", ORG, "o-abc", True),
        ("StringEquals", "AWS:principalorgid", ["o-abc", "o-def"], True),
        ("StringEquals", ORG, VARIABLE, True),
        ("StringEquals", "aws:UserAgent", "x", False),
        ("StringNotEquals", ORG, "o-abc", False),
        ("StringEqualsIfExists", ORG, "o-abc", False),
        ("ForAnyValue:StringEquals", ORG, "o-abc", True),
        ("ForAllValues:StringEquals", ORG, "o-abc", False),
        ("StringLike", ORG, "*", False),
        ("StringLike", ORG, "o-*", False),
        ("StringLike", ORG, ["o-abc", "*"], False),
        ("StringLike", ORG, "o-abc*", True),
        ("StringLike", ORG, VARIABLE, None),
        ("ArnLike", ARN_, "arn:aws:s3:::bucket", True),
        ("ArnLike", ARN_, BUCKET, True),
        ("ArnLike", ARN_, Template((BUCKET, Known("*"))), True),
        ("ArnLike", ARN_, "arn:aws:s3:::*", False),
        ("ArnLike", ARN_, "arn:aws:sns:*:*:*", False),
        ("ArnLike", ARN_, "arn:aws:sns:*:123456789012:*", True),
        ("ArnEquals", ARN_, "*", False),
        ("ArnNotEquals", ARN_, "arn:aws:s3:::bucket", False),
        ("IpAddress", IP, "203.0.113.0/24", True),
        ("IpAddress", IP, "0.0.0.0/0", False),
        ("IpAddress", IP, ["0.0.0.0/1", "128.0.0.0/1"], False),
        ("IpAddress", IP, VARIABLE, None),
        ("NotIpAddress", IP, "203.0.113.0/24", False),
        ("Bool", TLS, "true", True),
        ("Bool", TLS, True, True),
        ("Bool", MFA, "false", False),
        ("BoolIfExists", MFA, "true", False),
        ("BoolIfExists", TLS, "true", True),
        ("Null", ARN_, "false", False),
        ("NumericLessThan", ORG, 3600, True),
    ],
)
def test_a_condition_counts_when_it_keeps_somebody_out(operator: str, key: str, value: Any, restricts: Truth) -> None:
    statement = allow(Principal="*", Condition={operator: {key: value}})
    answer = grants(statement, principal="any", unless=[ORG, ARN_, ACCOUNT_, IP, TLS, MFA])
    assert answer is (None if restricts is None else not restricts)


def test_conditions_do_not_matter_where_none_was_asked_for() -> None:
    assert grants(allow(Principal="*", Condition={"StringEquals": {ORG: "o-abc"}}), principal="any") is True
    assert grants(allow(Principal="*", Condition=VARIABLE), principal="any") is True
    assert grants(allow(Principal="*", Condition=VARIABLE), principal="any", unless=[ORG]) is None


def test_what_must_be_there_makes_if_exists_restrict() -> None:
    condition = {"StringEqualsIfExists": {ORG: "o-abc"}, "Null": {ORG: "false"}}
    assert grants(allow(Principal="*", Condition=condition), principal="any", unless=[ORG]) is False


# --- what a Deny takes away -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (deny("s3:*"), False),
        (deny("s3:GetObject"), False),
        (deny("s3:Get*", "arn:aws:s3:::b"), False),
        (deny("s3:PutObject"), True),
        (deny("s3:*", "arn:aws:s3:::other"), True),
        (deny("s3:*", Condition={"Bool": {TLS: "false"}}), True),
        (deny("s3:*", Principal={"AWS": "123456789012"}), True),
        ({"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}, False),
        (deny("s3:*", Principal="*"), False),
    ],
)
def test_a_deny_of_the_same_or_more_takes_the_grant_away(taken: Any, expected: bool) -> None:
    said = allow("s3:GetObject", "arn:aws:s3:::b", Principal="*")
    assert grants(said, taken, principal="any", action="s3:GetObject") is expected


def test_a_deny_of_one_action_leaves_full_administration() -> None:
    assert grants(allow("*"), deny("s3:DeleteBucket"), action="*", resource="*") is True
    assert grants(allow("*"), deny("*"), action="*", resource="*") is False


@pytest.mark.parametrize(
    "taken",
    [
        deny(VARIABLE),
        deny("s3:*", VARIABLE),
        deny("s3:*", Principal=VARIABLE),
        deny("s3:*", Condition=VARIABLE),
        {**deny("s3:*"), "Effect": VARIABLE},
        {"Effect": "Deny", "NotAction": VARIABLE, "Resource": "*"},
    ],
)
def test_a_deny_that_is_not_known_may_take_the_grant_away(taken: Any) -> None:
    assert grants(allow("s3:GetObject", Principal="*"), taken, principal="any", action="s3:GetObject") is None


# --- documents --------------------------------------------------------------------------------------------------


def test_a_document_is_read_in_every_form() -> None:
    data = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    spec = parse_allows({"action": "*", "resource": "*"}, "check")
    whole = (True, ("Statement.Action",))
    for form in (written(data), Encoded(written(data)), Known(json.dumps(data)), Encoded(Known(json.dumps(data)))):
        answer = allows(form, spec)
        assert (answer.truth, tuple(path for path, _ in answer.culprits)) == whole
    several = allows(List((written({"Statement": []}), Known(json.dumps(data)))), spec)
    assert (several.truth, [path for path, _ in several.culprits]) == (True, ["[1].Statement.Action"])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (Null(), False),
        (Known(""), False),
        (written({"Statement": []}), False),
        (VARIABLE, None),
        (Ref(origin=Origin("data.x.y", ("json",))), None),
        (Known("no policy"), None),
        (Template((VARIABLE, Known("-x"))), None),
        (written({"Statement": VARIABLE}), None),
        (written({"Statement": [VARIABLE]}), None),
        (written({"Statement": List((), open=True)}), None),
        (Map({}, open=True), None),
        (written({"Statement": [VARIABLE, allow("*")]}), True),
        (written({"Statement": [{**allow("*"), "Effect": VARIABLE}]}), None),
        (written({"Statement": [{**allow("*"), "Effect": "Permit"}]}), False),
        (written({"statement": [allow("*")]}), False),
    ],
)
def test_what_is_not_a_document_that_is_known_is_unknown(form: Value, expected: Truth) -> None:
    assert allows(form, parse_allows({"action": "*"}, "check")).truth is expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow(VARIABLE), None),
        (allow(["s3:Get*", VARIABLE]), None),
        (allow(["*", VARIABLE]), True),
        (allow(Template((Known("s3:"), VARIABLE))), False),
        (allow(Template((Known("iam:"), VARIABLE))), None),
        (allow("s3:*", VARIABLE), False),
        (allow("iam:*", VARIABLE), None),
        (allow("iam:*", Template((VARIABLE, Known("/*")))), None),
        (allow("iam:*", Template((Known("arn:aws:iam::1:role/"), VARIABLE))), False),
        (allow("iam:*", ["*", VARIABLE]), True),
        ({"Effect": "Allow", "NotAction": VARIABLE, "Resource": "*"}, None),
    ],
)
def test_what_is_not_known_matters_only_where_it_could(statement: Any, expected: Truth) -> None:
    assert grants(statement, action="iam:PassRole", resource="*") is expected


pieces = st.sampled_from(
    ["*", "iam:*", "iam:Pass*", "s3:*", "iam:PassRole", "arn:aws:iam::1:role/x", "arn:aws:iam:::*"]
)

conditions = st.sampled_from([{"Bool": {TLS: "true"}}, {"StringLike": {ORG: "*"}}, {"StringLike": {ORG: "o-a"}}])


@st.composite
def vague_and_exact(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Statements with values that are not known, and the same with something in their place."""
    vague: list[Any] = []
    exact: list[Any] = []
    for _ in range(draw(st.integers(1, 3))):
        one: dict[str, Any] = {}
        other: dict[str, Any] = {}
        action = draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))
        resource = draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))
        for member, choices in (
            ("Effect", st.sampled_from(["Allow", "Deny"])),
            (action, st.lists(pieces, max_size=2)),
            (resource, st.just("*") | pieces),
            ("Principal", st.sampled_from(["*", "*", "*", "123456789012"])),
            ("Condition", st.just({}) | conditions),
        ):
            other[member] = draw(choices)
            one[member] = VARIABLE if draw(st.integers(0, 4)) == 0 else other[member]
        vague.append(one)
        exact.append(other)
    return vague, exact


@given(
    vague_and_exact(),
    st.sampled_from(["*", "iam:*", "iam:PassRole", "s3:Get*"]),
    st.sampled_from([None, "*", "arn:aws:iam::1:role/x"]),
)
@settings(max_examples=300, deadline=None)
def test_an_answer_with_unknowns_is_that_of_whatever_they_turn_out_to_be(
    statements: tuple[list[Any], list[Any]], action: str, resource: str | None
) -> None:
    spec: dict[str, Any] = {"principal": "any", "action": action, "resource": resource, "unless": [ORG, TLS]}
    vague, exact = (grants(*each, **spec) for each in statements)
    assert vague is None or vague is exact
    denial = parse_denies({"action": action, "resource": resource, "condition": {"Bool": {TLS: "true"}}}, "check")
    vague, exact = (denies(document(*each), denial).truth for each in statements)
    assert vague is None or vague is exact


# --- culprits ---------------------------------------------------------------------------------------------------


def shown(answer: Answer) -> list[tuple[str, str]]:
    return [(path, places[-1].path) for path, places in answer.culprits]


def test_the_culprit_is_the_member_and_stands_where_its_element_does() -> None:
    found = allows(
        document(allow(), allow(["s3:ListBucket", "*"])), parse_allows({"action": "*", "resource": "*"}, "c")
    )
    assert (shown(found), found.reason) == ([("Statement[1].Action", "*")], "Statement[1] grants * on every resource")
    public = allows(
        document(allow(Principal={"AWS": ["123456789012", "*"]})),
        parse_allows({"principal": "any", "action": "s3:*"}, "c"),
    )
    assert (public.truth, public.culprits, public.reason) == (False, (), "no statement grants it")
    public = allows(document(allow(Principal={"AWS": ["123456789012", "*"]})), parse_allows({"principal": "any"}, "c"))
    assert (shown(public), public.reason) == (
        [("Statement[0].Principal", "*")],
        "Statement[0] grants something to everybody",
    )


def test_statements_that_add_nothing_to_a_grant_are_not_at_fault() -> None:
    letters = [allow([f"iam:{letter}*" for letter in part]) for part in ("abcdefghijklm", "nopqrstuvwxyz")]
    found = allows(document(letters[0], allow("s3:Get*"), letters[1]), parse_allows({"action": "iam:*"}, "c"))
    assert [path for path, _ in found.culprits] == ["Statement[0].Action", "Statement[2].Action"]


def test_the_reason_names_what_is_not_known() -> None:
    found = allows(document(allow(VARIABLE)), parse_allows({"action": "iam:PassRole"}, "c"))
    assert (found.truth, found.reason) == (None, "in Statement[0].Action, variable(x) is not known")


# --- denies -----------------------------------------------------------------------------------------------------

PLAIN_HTTP = {"action": "s3:*", "condition": {"Bool": {TLS: "false"}}}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (deny("s3:*", Principal="*", Condition={"Bool": {TLS: "false"}}), True),
        (deny("s3:*", Principal={"AWS": "*"}, Condition={"Bool": {TLS: False}}), True),
        (deny("*", Principal="*", Condition={"Bool": {"AWS:securetransport": ["false"]}}), True),
        (deny("s3:*", Principal="*", Condition={"BoolIfExists": {TLS: "false"}}), True),
        (deny("s3:*", Principal="*", Condition={"StringNotEquals": {TLS: "true"}}), True),
        (deny("s3:*", Principal="*"), True),
        (deny("s3:*", Principal="*", Condition={"Bool": {TLS: "true"}}), False),
        (deny("s3:Get*", Principal="*", Condition={"Bool": {TLS: "false"}}), False),
        (deny("s3:*", Principal={"AWS": "123456789012"}, Condition={"Bool": {TLS: "false"}}), False),
        (deny("s3:*", NotPrincipal={"AWS": "123456789012"}, Condition={"Bool": {TLS: "false"}}), False),
        (deny("s3:*", Principal="*", Condition={"Bool": {TLS: "false"}, "IpAddress": {IP: "10.0.0.0/8"}}), False),
        (deny("s3:*", Principal="*", Condition={"Bool": {TLS: VARIABLE}}), None),
        (deny(VARIABLE, Principal="*", Condition={"Bool": {TLS: "false"}}), None),
        (deny("s3:*", Principal=VARIABLE, Condition={"Bool": {TLS: "false"}}), None),
        (allow("s3:*", Principal="*", Condition={"Bool": {TLS: "false"}}), False),
        (VARIABLE, None),
    ],
)
def test_a_deny_covers_when_it_is_for_everybody_and_under_no_other_condition(statement: Any, expected: Truth) -> None:
    assert denies(document(allow(), statement), parse_denies(PLAIN_HTTP, "check")).truth is expected


def test_a_deny_without_an_asked_condition_must_have_none() -> None:
    spec = parse_denies({"action": "s3:DeleteBucket", "resource": "*"}, "check")
    assert denies(document(deny("s3:Delete*")), spec).truth is True
    assert denies(document(deny("s3:Delete*", Condition={"Bool": {MFA: "false"}})), spec).truth is False
    assert denies(document(deny("s3:Delete*", "arn:aws:s3:::b")), spec).truth is False


def test_a_version_below_a_higher_one_is_denied_too() -> None:
    spec = parse_denies({"action": "s3:*", "condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}}, "check")
    for version, expected in ((1.2, True), ("1.3", True), (1.1, False)):
        statement = deny("s3:*", Principal="*", Condition={"NumericLessThan": {"s3:TlsVersion": version}})
        assert denies(document(statement), spec).truth is expected


# --- the questions ----------------------------------------------------------------------------------------------


def test_the_questions_are_read() -> None:
    assert parse_allows(
        {"principal": "any", "action": ["a:Bcd"], "resource": "*", "unless": ["aws:SourceArn"]}, "c"
    ) == Allows("any", ("a:Bcd",), False, "*", frozenset({"aws:sourcearn"}))
    assert parse_denies({**PLAIN_HTTP, "action": {"all": ["s3:*"]}}, "c") == Denies(
        ("s3:*",), True, None, (("Bool", TLS, "false"),)
    )


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("any", "allows is a mapping"),
        ({}, "allows names a principal"),
        ({"actions": "s3:*"}, "does not know actions"),
        ({"action": "s3"}, "'s3' is not an action"),
        ({"action": []}, "action is an action"),
        ({"action": {"any": ["s3:*"]}}, "action is an action"),
        ({"principal": ["any"]}, "principal is a string"),
        ({"action": "*", "unless": "aws:SourceArn"}, "unless is a list"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(data: Any, fault: str) -> None:
    with pytest.raises(CorpusInvalid, match=re.escape(fault)):
        parse_allows(data, "aws-x/check.yaml: must")


def test_a_denial_that_makes_no_sense_is_refused() -> None:
    for data in (
        {},
        {"action": "*", "condition": []},
        {"action": "*", "condition": {"Bool": {}}},
        {"action": "*", "principal": "any"},
    ):
        with pytest.raises(CorpusInvalid):
            parse_denies(data, "check")


# --- what a change adds -----------------------------------------------------------------------------------------


def grown(before: Any, after: Any, **more: Any) -> str:
    """The same question about lists of statements."""
    return widened(*(side if isinstance(side, Value) else document(*side) for side in (before, after)), **more)


ANYONE, ROOT = {"Principal": "*"}, {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
OPEN = List((Known("s3:GetObject"),), open=True)
FROM = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::logs-*"}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([allow("s3:*")], [allow(["s3:*", "s3:Get*"])]),
        ([allow("S3:GET*")], [allow("s3:GetObject")]),
        ([allow(["s3:Get*", "s3:Put*"])], [allow("s3:Put*"), allow("s3:GetObject")]),
        ([allow("s3:Put*"), allow("s3:Get*")], [allow(["s3:GetObject", "s3:PutObject"])]),
        ([allow([f"iam:{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"])], [allow("iam:*")]),
        ([allow("*")], [allow(None, NotAction="iam:*")]),
        ([allow(None, NotAction="iam:*")], [allow(None, NotAction=["iam:*", "sts:*"]), allow("s3:*")]),
        ([allow(resource="*")], [allow(resource=[BUCKET, "arn:aws:s3:::a/*"])]),
        ([allow(resource=["arn:aws:s3:::a*"])], [allow(resource="arn:aws:s3:::a/x?")]),
        ([allow(resource=BUCKET)], [allow(resource=BUCKET, action="S3:getobject")]),
        ([allow(resource="a/*")], [allow(resource="a/${aws:username}/*")]),
        ([allow(None, None, NotAction="iam:*", NotResource="a")], [allow("s3:*", "b")]),
        ([allow(**ANYONE)], [allow(Principal={"Service": "s3.amazonaws.com"})]),
        ([allow(**ROOT)], [allow(Principal={"AWS": "111122223333"})]),
        ([allow(**ROOT)], [allow(Principal={"AWS": "arn:aws:iam::111122223333:role/ci"})]),
        ([allow(NotPrincipal={"AWS": "a"})], [allow(NotPrincipal={"AWS": ["b", "a"]})]),
        ([allow()], [allow(Condition=FROM)]),
        ([allow(Condition=FROM)], [allow(Condition={"arnequals": {"AWS:SourceArn": "arn:aws:s3:::logs-a"}})]),
        ([allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})],
         [allow(Condition={"IpAddress": {"aws:SourceIp": ["10.1.0.0/16", "10.2.0.0/16"]}})]),
        ([allow(Condition={"StringNotEquals": {"aws:SourceVpc": "a"}})],
         [allow(Condition={"StringNotEquals": {"aws:SourceVpc": ["b", "a"]}})]),
        ([allow()], [allow(), deny("s3:*", **ANYONE)]),
        ([allow(), deny("s3:Put*")], [deny("s3:*"), allow(Sid="Read")]),
        ([deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})], [deny("s3:*")]),
        ([allow(VARIABLE, Condition=VARIABLE)], [allow(VARIABLE, Condition=VARIABLE), deny()]),
        ([allow(OPEN)], [allow("s3:GetObject"), deny()]),
        ([VARIABLE, allow()], [VARIABLE, deny()]),
        (VARIABLE, VARIABLE),
        (Null(), [deny()]),
    ],
)  # fmt: skip
def test_a_policy_that_grants_no_more_is_not_widened(before: Any, after: Any) -> None:
    assert grown(before, after) == ""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([allow(), allow("s3:Get*")], [allow(), allow(["s3:GetObject", "s3:PutObject"])],
         "Statement[1].Action adds s3:PutObject"),
        ([allow("s3:Get*")], [allow("s3:*")], "Statement[0].Action adds s3:*"),
        ([allow(None, NotAction=["iam:*", "sts:*"])], [allow(None, NotAction="iam:*")],
         "Statement[0].NotAction excepts no more than iam:*"),
        ([allow("s3:*")], [allow(None, NotAction="s3:*")], "Statement[0].NotAction excepts no more than s3:*"),
        ([allow(resource="a/*")], [allow(resource=["a/b", "b"])], "Statement[0].Resource adds b"),
        ([allow(resource="a/????????????????")], [allow(resource="a/${aws:username}")],
         "Statement[0].Resource adds a/${aws:username}"),
        ([allow(resource=BUCKET)], [allow(resource=Ref(origin=Origin("aws_s3_bucket.c", ("arn",))))],
         "Statement[0].Resource adds ${aws_s3_bucket.c.arn}"),
        ([allow("s3:Get*", "a"), allow("s3:Put*", "b")], [allow("s3:Get*", "b")], "Statement[0].Action adds s3:get*"),
        ([allow(**ROOT)], [allow(**ANYONE)], "Statement[0].Principal adds *"),
        ([allow(Principal={"AWS": "arn:aws:iam::111122223333:role/ci"})], [allow(**ROOT)],
         "Statement[0].Principal adds arn:aws:iam::111122223333:root"),
        ([allow(NotPrincipal={"AWS": ["b", "a"]})], [allow(NotPrincipal={"AWS": "a"})],
         "Statement[0].NotPrincipal excepts fewer"),
        ([allow(Condition=FROM)], [allow()], "Statement[0]: the condition aws:sourcearn is gone or looser"),
        ([allow(Condition=FROM)], [allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}})],
         "Statement[0]: the condition aws:sourcearn is gone or looser"),
        ([allow(Condition={"StringEquals": {"aws:SourceArn": "a"}})],
         [allow(Condition={"StringEqualsIfExists": {"aws:SourceArn": "a"}})],
         "Statement[0]: the condition aws:sourcearn is gone or looser"),
        ([allow(), deny()], [allow()], "the Deny of Statement[1] is gone or narrower"),
        ([deny("s3:*")], [deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
         "the Deny of Statement[0] is gone or narrower"),
        ([deny("s3:*", **ANYONE)], [deny("s3:*", **ROOT)], "the Deny of Statement[0] is gone or narrower"),
        ([allow()], [VARIABLE], "it is unknown whether it grants more: variable(x) is not known"),
        ([VARIABLE], [allow()], "it is unknown whether it grants more: variable(x) is not known"),
        ([allow()], VARIABLE, "it is unknown whether it grants more: variable(x) is not known"),
        ([allow(OPEN)], [allow(List((Known("s3:PutObject"),), open=True))], "Statement[0].Action adds s3:putobject"),
        ([allow()], [{**allow(), "Effect": VARIABLE}],
         "it is unknown whether Statement[0] grants more: its effect is not known"),
        ([], [allow("iam:PassRole")], "Statement[0] is new"),
    ],
)  # fmt: skip
def test_what_a_policy_grants_beyond_what_it_granted_is_named(before: Any, after: Any, told: str) -> None:
    assert grown(before, after).lower() == told.lower()


def test_open_statements_are_the_same_only_on_the_word_of_whoever_asks() -> None:
    before, after = (
        Map({"Statement": List(tuple(map(written, items)), open=True)}) for items in ([allow()], [allow(), deny()])
    )
    assert grown(before, before) == ""
    assert grown(before, after) == "it is unknown whether it grants more: there may be more statements"
    assert grown(before, after, same_rest=True) == ""


def test_a_key_that_is_written_twice_is_not_taken_for_either() -> None:
    twice = Known('{"Statement": {"Effect": "Allow", "Action": "s3:*", "Action": "s3:Get*", "Resource": "*"}}')
    assert grown([allow("s3:Get*")], twice) == "it is unknown whether Statement grants more: it says Action twice"


_WHO, _WHAT, _ON = ("arn:aws:iam::111122223333:role/a", "b"), ("s3:geta", "s3:getb", "s3:puta"), ("x", "y")
_ACTIONS = st.sampled_from(["s3:geta", "s3:getb", "s3:puta", "s3:get*", "s3:*a", "s3:*", "*", "s3:p?ta", "s3:get?"])
_RESOURCES = st.sampled_from(["x", "y", "*", "?"])


@st.composite
def _any_statement(draw: st.DrawFn) -> dict[str, Any]:
    out: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    out[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(st.lists(_ACTIONS, min_size=1, max_size=3))
    out[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(
        st.lists(_RESOURCES, min_size=1, max_size=2)
    )
    who = draw(st.sampled_from(["*", *_WHO, "111122223333"]))
    out[draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))] = {"AWS": [who]}
    if draw(st.booleans()):
        out["Condition"] = {"StringEquals": {"aws:k": draw(st.lists(st.sampled_from("12"), min_size=1, max_size=2))}}
    return out


def _granted(statements: list[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    """Every request out of a tiny world that the statements let through, told by trying each."""

    def about(statement: dict[str, Any], who: str, what: str, on: str, key: str) -> bool:
        def named(member: str, text: str) -> bool:
            for name in (member, f"Not{member}"):
                if name in statement:
                    return any(matches(pattern, text) for pattern in statement[name]) == (name == member)
            raise AssertionError(member)

        listed = (statement.get("Principal") or statement["NotPrincipal"])["AWS"]
        met = "*" in listed or who in listed or ("111122223333" in listed and "111122223333" in who)
        wanted = statement.get("Condition", {}).get("StringEquals", {}).get("aws:k", [key])
        return met == ("Principal" in statement) and named("Action", what) and named("Resource", on) and key in wanted

    def by(effect: str, *request: str) -> bool:
        return any(about(statement, *request) for statement in statements if statement["Effect"] == effect)

    requests = set(product(_WHO, _WHAT, _ON, "12"))
    return {request for request in requests if by("Allow", *request) and not by("Deny", *request)}


@settings(max_examples=400, deadline=None)
@given(st.lists(_any_statement(), max_size=3), st.lists(_any_statement(), max_size=3))
def test_what_is_not_widened_lets_no_request_through_that_was_kept_out(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    if not grown(before, after):
        assert _granted(after) <= _granted(before)


@settings(max_examples=150, deadline=None)
@given(st.lists(_any_statement(), min_size=1, max_size=4), st.randoms())
def test_a_policy_is_within_itself_in_any_order_and_with_fewer_grants(
    statements: list[dict[str, Any]], random: Any
) -> None:
    assert grown(statements, statements) == ""
    fewer = [each for each in statements if each["Effect"] == "Deny" or random.random() < 0.5]
    random.shuffle(fewer)
    assert grown(statements, fewer) == ""


@settings(max_examples=50, deadline=None)
@given(st.lists(_any_statement(), max_size=3))
def test_an_action_of_a_service_that_was_not_granted_is_always_noticed(statements: list[dict[str, Any]]) -> None:
    narrow = [each for each in statements if "NotAction" not in each and "*" not in each["Action"]]
    assert "Statement" in grown(narrow, [*narrow, allow("ec2:RunInstances", Principal="*")])
