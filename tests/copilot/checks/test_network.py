"""What firewall rules admit: every spelling, unions of addresses, and the answer when something is not known."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.checks.network import (
    PUBLIC,
    Addresses,
    Admits,
    Answer,
    admits,
    covers_world,
    network_of,
    parse_admits,
    widened,
)
from copilot.errors import CorpusInvalid, SettingsInvalid
from copilot.model import Encoded, Known, List, Map, Null, Origin, Place, Places, Ref, Template, Truth, Unknown, Value

VARIABLE = Unknown("variable", "x")
SSH = parse_admits({"cidr": "world", "ports": [22], "protocol": "tcp"}, "check")
WORLD = "0.0.0.0/0"


def written(data: Any, line: int = 0) -> Value:
    """The data as values; every literal text stands at a place whose path is the text."""
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


def judge(*rules: Any, spec: Admits = SSH, open: bool = False) -> Answer:
    return admits([(written(rule), Place("rule", 0, 1, 1, 1, 1, 2)) for rule in rules], spec, open=open)


def truth(*rules: Any, spec: Admits = SSH, open: bool = False) -> Truth:
    return judge(*rules, spec=spec, open=open).truth


def names(places: tuple[Places, ...]) -> list[str]:
    return [chain[-1].path for chain in places]


def tcp(port: Any, last: Any = None, **more: Any) -> dict[str, Any]:
    return {"from_port": port, "to_port": port if last is None else last, "protocol": "tcp", **more}


# --- sets of addresses ------------------------------------------------------------------------------------------

small = st.lists(st.tuples(st.integers(0, 31), st.integers(0, 31)).map(lambda pair: (min(pair), max(pair))), max_size=6)


def members(ranges: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> set[int]:
    return {number for first, last in ranges for number in range(first, last + 1)}


@given(small, small)
def test_sets_of_addresses_are_the_sets_of_their_members(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    a = Addresses() | Addresses(v4=tuple(left))
    b = Addresses() | Addresses(v4=tuple(right))
    assert members((a | b).v4) == members(left) | members(right)
    assert members((a - b).v4) == members(left) - members(right)
    assert members((a & b).v4) == members(left) & members(right)
    for each in (a | b, a - b, a & b):
        assert all(first <= last for first, last in each.v4)
        assert all(one[1] + 1 < other[0] for one, other in zip(each.v4, each.v4[1:]))


cidrs = st.tuples(st.integers(0, 255), st.integers(24, 32)).map(lambda pair: f"198.51.7.{pair[0]}/{pair[1]}")


@given(st.lists(st.tuples(cidrs, st.integers(1, 6), st.integers(1, 6), st.booleans()), max_size=6), st.integers(1, 6))
@settings(max_examples=200, deadline=None)
def test_ordered_rules_agree_with_asking_for_each_address_and_port(
    rules: list[tuple[str, int, int, bool]], port: int
) -> None:
    """By brute force: for each address, the first rule in order that matches decides."""
    passed = 0
    for address in ip_network("198.51.7.0/24"):
        for cidr, first, last, allow in rules:
            if first <= port <= last and address in ip_network(cidr, strict=False):
                passed += allow
                break
    spec = parse_admits({"cidr": ["198.51.7.0/24"], "ports": [port], "protocol": "tcp"}, "check")
    values = [
        tcp(first, last, cidr_block=cidr, rule_no=number, action="allow" if allow else "deny")
        for number, (cidr, first, last, allow) in enumerate(rules, 1)
    ]
    assert truth(*reversed(values), spec=spec) is (passed >= 128)


@given(st.lists(st.tuples(cidrs, st.sampled_from(["known", "unknown"]), st.booleans()), max_size=5), st.data())
@settings(max_examples=150, deadline=None)
def test_an_answer_with_unknowns_is_that_of_whatever_they_turn_out_to_be(
    rules: list[tuple[str, str, bool]], data: st.DataObject
) -> None:
    spec = parse_admits({"cidr": ["198.51.7.0/24"], "ports": [22], "protocol": "tcp"}, "check")

    def nacl(number: int, cidr: Any, allow: bool) -> dict[str, Any]:
        return tcp(22, cidr_block=cidr, rule_no=number, action="allow" if allow else "deny")

    vague = [nacl(n, VARIABLE if kind == "unknown" else cidr, allow) for n, (cidr, kind, allow) in enumerate(rules)]
    exact = [
        nacl(n, data.draw(cidrs) if kind == "unknown" else cidr, allow) for n, (cidr, kind, allow) in enumerate(rules)
    ]
    answer = truth(*vague, spec=spec)
    assert answer is None or answer is truth(*exact, spec=spec)


# --- the world --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (["0.0.0.0/0"], True),
        (["1.2.3.4/0"], True),
        (["0.0.0.0/1", "128.0.0.0/1"], True),
        (["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"], True),
        (["::/0"], True),
        (["2000::/3"], True),
        (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"], False),
        (["128.0.0.0/2"], False),
        (["8.8.8.8"], False),
        (["fc00::/7"], False),
        ([], False),
    ],
)
def test_the_world_is_half_of_the_public_addresses(blocks: list[str], expected: bool) -> None:
    assert truth(tcp(22, cidr_blocks=blocks)) is expected
    assert truth(*[tcp(22, cidr_blocks=[block]) for block in blocks]) is expected
    assert covers_world(Addresses.of(ip_network(block, strict=False) for block in blocks)) is expected


def test_what_is_not_routed_is_not_public() -> None:
    private = network_of("10.0.0.0/8")
    assert private is not None
    assert not private & PUBLIC
    assert network_of("not a network") is None


# --- spellings --------------------------------------------------------------------------------------------------

AZURE = {"direction": "Inbound", "access": "Allow", "priority": 100, "protocol": "Tcp"}
GOOGLE_SSH = {"allow": [{"protocol": "tcp", "ports": ["20-25"]}]}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # security groups
        (tcp(22, cidr_blocks=[WORLD]), True),
        (tcp(0, 65535, ipv6_cidr_blocks=["::/0"]), True),
        (tcp("20", "30", cidr_blocks=[WORLD]), True),
        (tcp(80, 443, cidr_blocks=[WORLD]), False),
        (tcp(0, 0, cidr_blocks=[WORLD]), False),
        ({"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [WORLD]}, True),
        ({"from_port": 0, "to_port": 0, "protocol": -1, "cidr_blocks": [WORLD]}, True),
        ({"from_port": 22, "to_port": 22, "protocol": "6", "cidr_blocks": [WORLD]}, True),
        ({"from_port": 22, "to_port": 22, "protocol": "udp", "cidr_blocks": [WORLD]}, False),
        ({"from_port": -1, "to_port": -1, "protocol": "icmp", "cidr_blocks": [WORLD]}, False),
        (tcp(22, security_groups=["sg-1"], self=True, prefix_list_ids=["pl-1"]), False),
        (tcp(22, cidr_blocks=None, ipv6_cidr_blocks=["::/0"]), True),
        ({"ingress": [tcp(22, cidr_blocks=[WORLD])]}, True),
        ({"ingress": [], "egress": [tcp(22, cidr_blocks=[WORLD])]}, False),
        (tcp(22, type="ingress", cidr_blocks=[WORLD]), True),
        (tcp(22, type="egress", cidr_blocks=[WORLD]), False),
        ({"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": WORLD}, True),
        ({"ip_protocol": "-1", "cidr_ipv6": "::/0"}, True),
        ({"ip_protocol": "-1", "referenced_security_group_id": "sg-1"}, False),
        ({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": WORLD}, True),
        # network ACLs
        (tcp(22, rule_number=100, rule_action="allow", egress=False, cidr_block=WORLD), True),
        (tcp(22, rule_number=100, rule_action="allow", cidr_block=WORLD), True),
        (tcp(22, rule_number=100, rule_action="allow", egress=True, cidr_block=WORLD), False),
        (tcp(22, rule_number=100, rule_action="deny", cidr_block=WORLD), False),
        (tcp(22, rule_no=100, action="ALLOW", ipv6_cidr_block="::/0"), True),
        # Google
        ({**GOOGLE_SSH, "source_ranges": [WORLD]}, True),
        ({**GOOGLE_SSH, "source_ranges": [WORLD], "direction": "EGRESS"}, False),
        ({**GOOGLE_SSH, "source_ranges": [WORLD], "disabled": True}, False),
        ({**GOOGLE_SSH, "source_tags": ["web"]}, False),
        (GOOGLE_SSH, True),
        ({"allow": [{"protocol": "all"}], "source_ranges": [WORLD]}, True),
        ({"allow": [{"protocol": "tcp"}], "source_ranges": [WORLD]}, True),
        ({"allow": [{"protocol": "tcp", "ports": ["80", "443"]}], "source_ranges": [WORLD]}, False),
        ({"deny": [{"protocol": "tcp"}], "source_ranges": [WORLD]}, False),
        # Azure
        ({**AZURE, "destination_port_range": "22", "source_address_prefix": "*"}, True),
        ({**AZURE, "destination_port_range": "*", "source_address_prefix": "Internet"}, True),
        ({**AZURE, "destination_port_ranges": ["80", "20-30"], "source_address_prefixes": [WORLD]}, True),
        ({**AZURE, "destination_port_range": "443", "source_address_prefix": "*"}, False),
        ({**AZURE, "protocol": "*", "destination_port_range": "443", "source_address_prefix": "*"}, False),
        ({**AZURE, "protocol": "*", "destination_port_range": "22", "source_address_prefix": "*"}, True),
        ({**AZURE, "destination_port_range": "22", "source_address_prefix": "VirtualNetwork"}, False),
        ({**AZURE, "access": "Deny", "destination_port_range": "22", "source_address_prefix": "*"}, False),
        ({**AZURE, "direction": "Outbound", "destination_port_range": "22", "source_address_prefix": "*"}, False),
        ({"security_rule": [{**AZURE, "destination_port_range": "22", "source_address_prefix": "*"}]}, True),
        ({"start_ip_address": "0.0.0.0", "end_ip_address": "255.255.255.255"}, True),
        ({"start_ip_address": "0.0.0.0", "end_ip_address": "0.0.0.0"}, False),
        # bare addresses, and others
        (WORLD, True),
        ("10.0.0.0/8", False),
        ({"cidr_block": WORLD, "display_name": "all"}, True),
        ({"name": "all", "value": WORLD}, True),
        ({"protocol": "tcp", "port_range": "22", "source_addresses": [WORLD, "::/0"]}, True),
        ({"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": WORLD}, True),
        ({"type": "ingress", "ip_protocol": "tcp", "policy": "accept", "port_range": "22/22", "cidr_ip": WORLD}, True),
        (Encoded(Map({"cidr_blocks": List((Known(WORLD),))})), True),
        (Null(), False),
    ],
)  # fmt: skip
def test_rules_are_read_in_every_spelling(rule: Any, expected: bool) -> None:
    assert truth(rule) is expected


def test_egress_reads_the_destinations() -> None:
    spec = parse_admits({"cidr": "world", "ports": "any", "direction": "egress"}, "check")
    assert truth({"protocol": "-1", "cidr_blocks": [WORLD], "type": "egress"}, spec=spec) is True
    assert truth({"egress": [{"protocol": "-1", "cidr_blocks": [WORLD]}]}, spec=spec) is True
    rule = {**GOOGLE_SSH, "direction": "EGRESS", "destination_ranges": ["10.0.0.0/8"]}
    assert truth(rule, spec=spec) is False
    assert truth({**GOOGLE_SSH, "direction": "EGRESS"}, spec=spec) is True
    azure = {**AZURE, "direction": "Outbound", "destination_port_range": "*", "destination_address_prefix": "*"}
    assert truth({**azure, "source_address_prefix": "10.0.0.1"}, spec=spec) is True


# --- ports ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ports", "rules", "expected"),
    [
        ([22, "3000-4000"], [(3389, 3389)], True),
        ([22, "3000-4000"], [(80, 2999)], False),
        ("any", [(443, 443)], True),
        ("any", [], False),
        ("all", [(0, 65535)], True),
        ("all", [(1, 65535)], True),
        ("all", [(0, 1023), (1024, 65535)], True),
        ("all", [(0, 1023), (1025, 65535)], False),
        (443, [(443, 443)], True),
    ],
)
def test_one_of_the_asked_ports_is_enough_and_all_are_all(
    ports: Any, rules: list[tuple[int, int]], expected: bool
) -> None:
    spec = parse_admits({"cidr": "world", "ports": ports}, "check")
    assert truth(*[tcp(*pair, cidr_blocks=[WORLD]) for pair in rules], spec=spec) is expected


def test_halves_of_the_world_must_meet_on_a_port() -> None:
    low, high = "0.0.0.0/2", "128.0.0.0/1"
    assert truth(tcp(22, cidr_blocks=[low]), tcp(22, cidr_blocks=[high])) is True
    spec = parse_admits({"cidr": "world", "ports": "any", "protocol": "tcp"}, "check")
    assert truth(tcp(20, 22, cidr_blocks=[low]), tcp(23, 30, cidr_blocks=[high]), spec=spec) is False
    assert truth(tcp(20, 25, cidr_blocks=[low]), tcp(23, 30, cidr_blocks=[high]), spec=spec) is True


# --- listed networks --------------------------------------------------------------------------------------------


def test_listed_networks_are_judged_each_alone() -> None:
    spec = parse_admits({"cidr": ["10.0.0.0/8", "192.168.0.0/16"], "ports": "any"}, "check")
    assert truth(tcp(22, cidr_blocks=["192.168.0.0/17"]), spec=spec) is True
    assert truth(tcp(22, cidr_blocks=["192.168.0.0/18", "10.1.0.0/16"]), spec=spec) is False


def test_networks_of_a_parameter_are_needed_before_the_answer() -> None:
    spec = parse_admits({"cidr": {"param": "office"}, "ports": [22]}, "check")
    assert judge(tcp(22, cidr_blocks=["8.8.8.0/24"]), spec=spec) == Answer(None, (), "needs parameter office")
    assert truth(tcp(22, cidr_blocks=["8.8.8.0/24"]), spec=spec.given(["8.8.8.0/24"])) is True
    with pytest.raises(SettingsInvalid, match="parameter office: 'nowhere' is not a CIDR"):
        spec.given(["nowhere"])


# --- what is not known ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "expected", "reason"),
    [
        ([tcp(22, cidr_blocks=[VARIABLE])], None, "variable(x) is not known"),
        ([tcp(22, cidr_blocks=VARIABLE)], None, "variable(x) is not known"),
        ([VARIABLE], None, "variable(x) is not known"),
        ([tcp(VARIABLE, cidr_blocks=[WORLD])], None, "variable(x) is not known"),
        ([{**tcp(22, cidr_blocks=[WORLD]), "protocol": VARIABLE}], None, "variable(x) is not known"),
        ([tcp(22, cidr_blocks=[WORLD, VARIABLE])], True, "0.0.0.0/0 reaches tcp port 22"),
        ([tcp(22, cidr_blocks=[VARIABLE]), tcp(22, cidr_blocks=[WORLD])], True, "0.0.0.0/0 reaches tcp port 22"),
        ([tcp(80, cidr_blocks=[VARIABLE])], False, "no rule admits it"),
        ([tcp(VARIABLE, 21, cidr_blocks=[WORLD])], False, "no rule admits it"),
        ([tcp(22, cidr_blocks=["10.0.0.0/8"], type=VARIABLE)], False, "no rule admits it"),
        ([tcp(22, cidr_blocks=[Template((VARIABLE, Known(".0.0/0")))])], None, "variable(x) is not known"),
        ([tcp(22, cidr_blocks=["everywhere"])], None, "'everywhere' is not a CIDR"),
        ([tcp(22, cidr_blocks=List((), open=True))], None, "there may be more addresses"),
        ([List((), open=True)], None, "there may be more rules"),
        ([tcp(22, cidr_blocks=[WORLD], type=VARIABLE)], None, "the direction is not known"),
        ([tcp(22, cidr_block=WORLD, rule_no=1, action=VARIABLE)], None, "the action is not known"),
    ],
)
def test_what_is_not_known_decides_nothing_that_others_do_not(rules: list[Any], expected: Truth, reason: str) -> None:
    answer = judge(*rules)
    assert (answer.truth, answer.reason) == (expected, reason)


def test_a_single_address_that_is_not_known_is_not_the_world() -> None:
    single = Template((VARIABLE, Known("/32")))
    assert truth(tcp(22, cidr_blocks=[single])) is False
    assert truth(tcp(22, cidr_blocks=[single]), spec=parse_admits({"cidr": ["10.0.0.1/32"]}, "check")) is None
    assert truth(tcp(22, cidr_blocks=[Template((VARIABLE, Known("/0")))])) is None


def test_the_cidr_of_a_network_of_the_provider_is_not_the_world() -> None:
    vpc = Ref(origin=Origin("module.net.aws_vpc.main", ("cidr_block",)))
    assert truth(tcp(22, cidr_blocks=[vpc])) is False
    assert truth(tcp(22, cidr_blocks=[Ref(origin=Origin("custom_thing.main", ("cidr",)))])) is None


def test_an_open_list_needs_a_witness() -> None:
    assert truth(open=True) is None
    assert truth(tcp(22, cidr_blocks=[WORLD]), open=True) is True


def test_rules_that_are_heard_in_order_may_be_stopped_by_one_that_is_not_seen() -> None:
    allow = tcp(22, cidr_block=WORLD, rule_no=100, action="allow")
    assert truth(allow) is True
    assert truth(allow, open=True) is None


def test_the_first_rule_that_matches_decides() -> None:
    allow = tcp(0, 65535, cidr_block=WORLD, rule_no=100, action="allow")
    deny = tcp(22, cidr_block=WORLD, action="deny")
    assert truth(allow, {**deny, "rule_no": 90}) is False
    assert truth(allow, {**deny, "rule_no": 110}) is True
    assert truth(allow, {**deny, "rule_no": VARIABLE}) is None
    assert truth(allow, {**deny, "rule_no": 90, "cidr_block": VARIABLE}) is None


# --- culprits ---------------------------------------------------------------------------------------------------


def test_the_elements_at_fault_are_those_that_open_the_world() -> None:
    answer = judge(
        tcp(22, cidr_blocks=["8.8.8.8/32", WORLD]),
        tcp(22, ipv6_cidr_blocks=["::/0"]),
        tcp(443, cidr_blocks=["0.0.0.0/0"]),
    )
    assert (answer.truth, names(answer.culprits), answer.reason) == (
        True, ["0.0.0.0/0", "::/0"], "0.0.0.0/0, ::/0 reaches tcp port 22"
    )  # fmt: skip


def test_only_what_is_needed_for_a_union_is_at_fault() -> None:
    answer = judge(tcp(22, cidr_blocks=["8.8.8.8/32", "128.0.0.0/2", "0.0.0.0/2", "64.0.0.0/2"]))
    assert (answer.truth, len(answer.culprits), "8.8.8.8/32" in names(answer.culprits)) == (True, 2, False)


def test_a_rule_without_addresses_is_at_fault_itself() -> None:
    assert names(judge(GOOGLE_SSH).culprits) == ["rule"]


# --- the question -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("world", "admits is a mapping"),
        ({"cidrs": "world"}, "does not know cidrs"),
        ({"cidr": ["10.0.0.0/33"]}, "'10.0.0.0/33' is not a CIDR"),
        ({"cidr": []}, "cidr is world"),
        ({"cidr": {"attr": "x"}}, "cidr is world"),
        ({"ports": [70000]}, "70000 is not a port"),
        ({"ports": ["9-3"]}, "'9-3' is not a port"),
        ({"ports": [True]}, "True is not a port"),
        ({"ports": []}, "ports is a list"),
        ({"protocol": "icmp"}, "protocol is tcp, udp or any"),
        ({"direction": "in"}, "direction is ingress or egress"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(data: Any, fault: str) -> None:
    with pytest.raises(CorpusInvalid, match=fault.replace("(", r"\(")):
        parse_admits(data, "aws-x/check.yaml: must")


# --- what a change adds -----------------------------------------------------------------------------------------


def grown(old: list[Any], new: list[Any], **more: Any) -> str:
    """The same question about lists of rules as data."""
    return widened(*([(written(rule), None) for rule in side] for side in (old, new)), **more)


GROUP, OTHER = (Ref(origin=Origin(f"aws_security_group.{name}", ("id",))) for name in "ab")
SSH_ANY, SSH_TEN = tcp(22, cidr_blocks=[WORLD]), tcp(22, cidr_blocks=["10.0.0.0/8"])


def acl(number: int, action: str, cidr: Any, port: int = 22, **more: Any) -> dict[str, Any]:
    return {**tcp(port), "rule_no": number, "action": action, "cidr_block": cidr, **more}


def azure(priority: int, access: str, source: str, **more: Any) -> dict[str, Any]:
    return {
        "priority": priority, "access": access, "direction": "Inbound", "protocol": "Tcp", "destination_port_range": "22",
        "source_address_prefix": source, "destination_address_prefix": "*", "source_port_range": "*", **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([SSH_ANY], []),
        ([SSH_ANY], [SSH_TEN]),
        ([SSH_TEN], [{**SSH_TEN, "description": "bastion"}]),
        ([tcp(0, 100, cidr_blocks=[WORLD])], [tcp(22, cidr_blocks=["10.0.0.0/8"]), tcp(80, cidr_blocks=[WORLD])]),
        ([tcp(0, 50, cidr_blocks=[WORLD]), tcp(51, 99, cidr_blocks=[WORLD])], [tcp(40, 60, cidr_blocks=[WORLD])]),
        ([tcp(22, cidr_blocks=["0.0.0.0/1", "128.0.0.0/1"])], [SSH_ANY]),
        ([{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [WORLD]}],
         [SSH_TEN, {"from_port": 8, "to_port": 0, "protocol": "icmp", "cidr_blocks": ["10.0.0.0/8"]}]),
        ([SSH_ANY], [tcp(22, security_groups=[GROUP])]),
        ([SSH_ANY], [tcp(22, cidr_blocks=[VARIABLE])]),
        ([tcp(22, cidr_blocks=[VARIABLE], self=True)], [tcp(22, cidr_blocks=[VARIABLE])]),
        ([tcp(22, ipv6_cidr_blocks=["::/0"])], [tcp(22, cidr_ipv6="fd00::/8")]),
        ([tcp(VARIABLE, cidr_blocks=[WORLD])], [tcp(VARIABLE, cidr_blocks=["10.0.0.0/8"])]),
        ([{"ip_protocol": VARIABLE, "cidr_ipv4": WORLD}], [{"ip_protocol": VARIABLE, "cidr_ipv4": "10.0.0.0/8"}]),
        ([VARIABLE, SSH_ANY], [VARIABLE, SSH_TEN]),
        (["0.0.0.0/0"], ["10.0.0.0/8", "192.168.0.0/16"]),
        ([acl(100, "allow", WORLD)], [acl(90, "deny", "10.0.0.0/8"), acl(100, "allow", WORLD)]),
        ([acl(100, "allow", WORLD)], [acl(200, "allow", "10.0.0.0/8")]),
        ([acl(100, "allow", WORLD), acl(200, "deny", WORLD)], [acl(100, "allow", WORLD)]),
        ([acl(90, "deny", VARIABLE), acl(100, "allow", WORLD)], [acl(90, "deny", VARIABLE), acl(100, "allow", "10.0.0.0/8")]),
        ([azure(100, "Allow", "*")], [azure(100, "Allow", "VirtualNetwork")]),
        ([azure(100, "Allow", "*")], [azure(100, "Deny", "*")]),
        ([azure(100, "Deny", "*", destination_address_prefix="10.0.0.4"), azure(200, "Allow", "*")],
         [azure(100, "Deny", "*", destination_address_prefix="10.0.0.4"), azure(200, "Allow", "10.0.0.0/8")]),
        ([{"allow": [{"protocol": "tcp"}]}], [{"allow": [{"protocol": "tcp", "ports": ["22"]}], "source_ranges": ["10.0.0.0/8"]}]),
        ([{"allow": [{"protocol": "all"}], "source_ranges": [WORLD]}],
         [{"allow": [{"protocol": "tcp"}], "source_ranges": [WORLD], "target_tags": ["web"]}]),
    ],
)  # fmt: skip
def test_rules_that_admit_no_more_are_not_widened(old: list[Any], new: list[Any]) -> None:
    assert grown(old, new) == ""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ([SSH_TEN], [SSH_ANY], "it admits 0.0.0.0/5 by tcp on port 22, which it did not"),
        ([SSH_TEN], [tcp(22, 23, cidr_blocks=["10.0.0.0/8"])], "it admits 10.0.0.0/8 by tcp on port 23, which it did not"),
        ([SSH_TEN], [{**SSH_TEN, "protocol": "-1"}], "it admits 10.0.0.0/8 by tcp on ports 0-21, which it did not"),
        ([tcp(0, 65535, cidr_blocks=["10.0.0.0/8"]), {**SSH_TEN, "protocol": "udp", "from_port": 0, "to_port": 65535}],
         [{**SSH_TEN, "protocol": "-1"}], "it admits 10.0.0.0/8 by other protocols, which it did not"),
        ([SSH_TEN], [{**SSH_TEN, "protocol": "udp"}], "it admits 10.0.0.0/8 by udp on port 22, which it did not"),
        ([SSH_ANY], [tcp(22, ipv6_cidr_blocks=["fd00::/8"])], "it admits fd00::/8 by tcp on port 22, which it did not"),
        ([SSH_ANY], [tcp(22, ipv6_cidr_blocks=[VARIABLE])], "it admits variable(x) by tcp on port 22, which it did not"),
        ([tcp(22, security_groups=[GROUP])], [tcp(22, security_groups=[GROUP, OTHER])],
         "it admits aws_security_group.b.id by tcp on port 22, which it did not"),
        ([SSH_TEN], [tcp(22, security_groups=[GROUP])],
         "it admits aws_security_group.a.id by tcp on port 22, which it did not"),
        ([SSH_TEN], [tcp(22, self=True)], "it admits self by tcp on port 22, which it did not"),
        ([SSH_TEN], [tcp(VARIABLE, cidr_blocks=["10.0.0.0/8"])], "it admits 10.0.0.0/8 by tcp, which it did not"),
        ([SSH_TEN], [VARIABLE], "it is unknown whether more is admitted: variable(x) is not known"),
        ([], [SSH_TEN], "it admits 10.0.0.0/8 by tcp on port 22, which it did not"),
        ([acl(90, "deny", "10.0.0.0/8"), acl(100, "allow", WORLD)], [acl(100, "allow", WORLD)],
         "it admits 10.0.0.0/8 by tcp on port 22, which it did not"),
        ([acl(90, "deny", "10.0.0.0/8"), acl(100, "allow", WORLD)], [acl(190, "deny", "10.0.0.0/8"), acl(100, "allow", WORLD)],
         "it admits 10.0.0.0/8 by tcp on port 22, which it did not"),
        ([acl(90, "deny", VARIABLE), acl(100, "allow", WORLD)], [acl(100, "allow", WORLD)],
         "a rule that denies is gone or narrower"),
        ([acl(90, "deny", VARIABLE), acl(100, "allow", WORLD)], [acl(90, "deny", VARIABLE), acl(80, "allow", WORLD)],
         "it is unknown whether more is admitted: a rule comes before one that denies"),
        ([azure(100, "Deny", "*")], [], "it admits 0.0.0.0/0 by tcp on port 22, which it did not"),
        ([{"allow": [{"protocol": "tcp"}], "source_ranges": [WORLD], "target_tags": ["web"]}],
         [{"allow": [{"protocol": "tcp"}], "source_ranges": [WORLD]}], "it admits 0.0.0.0/0 by tcp, which it did not"),
        ([{"allow": [{"protocol": "tcp"}], "source_tags": ["web"]}], [{"allow": [{"protocol": "tcp"}], "source_tags": ["app"]}],
         "it admits app by tcp, which it did not"),
    ],
)  # fmt: skip
def test_what_rules_admit_beyond_what_they_admitted_is_named(old: list[Any], new: list[Any], told: str) -> None:
    assert grown(old, new) == told


def test_rules_out_of_sight_are_the_same_only_on_the_word_of_whoever_asks() -> None:
    old, new = (List((written(rule),), open=True) for rule in (SSH_ANY, SSH_TEN))
    assert grown([old], [old]) == ""
    assert grown([old], [new]) == "it is unknown whether more is admitted: there may be more rules"
    assert grown([old], [new], same_rest=True) == ""


def test_what_goes_out_is_told_by_destinations() -> None:
    old = {"allow": [{"protocol": "tcp"}], "direction": "EGRESS", "destination_ranges": ["10.0.0.0/8"]}
    new = {**old, "destination_ranges": [WORLD]}
    assert grown([old], [new]) == ""
    assert grown([old], [new], direction="egress") == "it admits 0.0.0.0/5 by tcp, which it did not"


_NETWORKS = st.sampled_from(["10.0.0.0/29", "10.0.0.0/30", "10.0.0.4/30", "10.0.0.2/31", "10.0.0.7/32", "fd00::/126"])
_SPAN = st.tuples(st.integers(1, 4), st.integers(1, 4)).map(sorted)


@st.composite
def _numbered(draw: st.DrawFn) -> dict[str, Any]:
    first, last = draw(_SPAN)
    cidr = draw(_NETWORKS)
    return {
        "rule_no": draw(st.integers(1, 5)), "action": draw(st.sampled_from(["allow", "deny"])), "from_port": first,
        "to_port": last, "protocol": draw(st.sampled_from(["tcp", "udp", "-1"])),
        "ipv6_cidr_block" if ":" in cidr else "cidr_block": cidr,
    }  # fmt: skip


@st.composite
def _unnumbered(draw: st.DrawFn) -> dict[str, Any]:
    rule = draw(_numbered())
    cidrs = {"cidr_blocks": draw(st.lists(_NETWORKS.filter(lambda cidr: "." in cidr), max_size=2))}
    if draw(st.booleans()):
        cidrs["ipv6_cidr_blocks"] = ["fd00::/126"]
    return {**{name: rule[name] for name in ("from_port", "to_port", "protocol")}, **cidrs}


def _admitted(rules: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    """Every packet out of a tiny world that the rules let in, told by trying each."""
    hosts = [str(host) for cidr in ("10.0.0.0/29", "fd00::/126") for host in ip_network(cidr)]

    def admitted(host: str, protocol: str, port: int) -> bool:
        for rule in sorted(rules, key=lambda rule: (rule.get("rule_no", 0), rule.get("action", "allow") == "allow")):
            cidrs = [
                *rule.get("cidr_blocks", []), *rule.get("ipv6_cidr_blocks", []),
                *(rule[name] for name in ("cidr_block", "ipv6_cidr_block") if name in rule),
            ]  # fmt: skip
            ports = range(65536) if rule["protocol"] == "-1" else range(rule["from_port"], rule["to_port"] + 1)
            if rule["protocol"] in (protocol, "-1") and port in ports:
                if any(ip_address(host) in ip_network(cidr) for cidr in cidrs):
                    return bool(rule.get("action", "allow") == "allow")
        return False

    return {
        (host, protocol, port)
        for host in hosts for protocol in ("tcp", "udp", "icmp") for port in range(6) if admitted(host, protocol, port)
    }  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.one_of(*(st.tuples(st.lists(r, max_size=3), st.lists(r, max_size=3)) for r in (_numbered(), _unnumbered()))))
def test_rules_are_widened_exactly_when_a_packet_gets_in_that_did_not(
    sides: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    old, new = sides
    assert (grown(old, new) == "") == (_admitted(new) <= _admitted(old))
    assert grown(old, old) == ""
