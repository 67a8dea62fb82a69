"""What firewall rules admit: every spelling, unions of addresses, and the answer when something is not known."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.checks.network import PUBLIC, Addresses, Admits, Answer, admits, covers_world, network_of, parse_admits
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
