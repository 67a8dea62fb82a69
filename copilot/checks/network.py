"""What the rules of a firewall, taken together, let in or out.

Rules are read in the spellings of the providers (security groups, network ACLs, Google and Azure firewalls, bare lists
of CIDRs) into one form: action, addresses, ports by protocol. Addresses are sets of integer ranges, so two halves of
the world are the world. Whatever is not known widens what *may* be admitted and leaves alone what *surely* is; the
answer is unknown only where the two differ.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)
from typing import Any, Literal, TypeVar

from copilot.errors import CorpusInvalid, SettingsInvalid
from copilot.model import Encoded, Known, List, Map, Null, Place, Places, Ref, Template, Truth, Unknown, Value, plain

Direction = Literal["ingress", "egress"]
Range = tuple[int, int]
"""Both ends included."""

Slack = tuple[int, int]
"""How many IPv4 and IPv6 addresses a rule may admit at a place that is not known."""

PORTS: Range = (0, 65535)
_PROTOCOLS = ("tcp", "udp")
_EVERY_PORT: Mapping[str, tuple[Range, ...]] = dict.fromkeys(_PROTOCOLS, (PORTS,))
_T = TypeVar("_T")


# --- address sets -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Addresses:
    """A set of addresses of both families, each as sorted, disjoint, not adjacent ranges of integers."""

    v4: tuple[Range, ...] = ()
    v6: tuple[Range, ...] = ()

    @classmethod
    def of(cls, networks: Iterable[IPv4Network | IPv6Network]) -> Addresses:
        """The union of these networks."""
        ranges: tuple[list[Range], list[Range]] = ([], [])
        for network in networks:
            ranges[network.version == 6].append((int(network.network_address), int(network.broadcast_address)))
        return cls(_merged(ranges[0]), _merged(ranges[1]))

    def __or__(self, other: Addresses) -> Addresses:
        return Addresses(_merged((*self.v4, *other.v4)), _merged((*self.v6, *other.v6)))

    def __sub__(self, other: Addresses) -> Addresses:
        return Addresses(_minus(self.v4, other.v4), _minus(self.v6, other.v6))

    def __and__(self, other: Addresses) -> Addresses:
        return self - (self - other)

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)


def _merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    merged: list[Range] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def _minus(ranges: tuple[Range, ...], holes: tuple[Range, ...]) -> tuple[Range, ...]:
    left: list[Range] = []
    starts = [first for first, _ in holes]
    for first, last in ranges:
        index = max(bisect_right(starts, first) - 1, 0)
        while first <= last:
            while index < len(holes) and holes[index][1] < first:
                index += 1
            if index == len(holes) or holes[index][0] > last:
                left.append((first, last))
                break
            if holes[index][0] > first:
                left.append((first, holes[index][0] - 1))
            first = holes[index][1] + 1
    return tuple(left)


def _size(ranges: tuple[Range, ...]) -> int:
    return sum(last - first + 1 for first, last in ranges)


NONE = Addresses()
EVERYWHERE = Addresses(((0, 2**32 - 1),), ((0, 2**128 - 1),))

# IANA's registries of special-purpose addresses: what is never routed on the public internet.
_NOT_PUBLIC = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 "
    "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001:db8::/32 2001::/23 2002::/16"
)
PUBLIC = Addresses(EVERYWHERE.v4, Addresses.of([IPv6Network("2000::/3")]).v6) - Addresses.of(
    ip_network(text) for text in _NOT_PUBLIC.split()
)
"""The public internet: all of IPv4, and 2000::/3 of IPv6, without what is private, local, reserved or multicast."""


@lru_cache(maxsize=4096)
def network_of(text: str) -> Addresses | None:
    """The addresses of a CIDR, an address, or a name for everywhere; None when it is none of these."""
    text = text.strip()
    if text.lower() in ("*", "any", "internet", "all", "<nw>/0", "/0"):
        return EVERYWHERE
    try:
        return Addresses.of([ip_network(text, strict=False)])
    except ValueError:
        return None


def covers_world(networks: Addresses, *, slack: Slack = (0, 0)) -> bool:
    """Whether these are at least half of the public IPv4 or IPv6 addresses; `slack` more may lie anywhere."""
    return _covers(networks, PUBLIC, slack)


@lru_cache(maxsize=4096)
def _covers(networks: Addresses, wanted: Addresses, slack: Slack) -> bool:
    """At least half of the wanted addresses of one family."""
    found = networks & wanted
    return any(
        _size(all_) > 0 and 2 * (_size(part) + more) >= _size(all_)
        for part, all_, more in ((found.v4, wanted.v4, slack[0]), (found.v6, wanted.v6, slack[1]))
    )


# --- the question -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Admits:
    """Which addresses, on which ports, by which protocol, in which direction.

    `networks` are the listed networks, each judged alone; None stands for the world. `parameter` names the parameter
    that gives them and is not resolved yet (see `given`).
    """

    networks: tuple[Addresses, ...] | None = None
    ports: tuple[Range, ...] | Literal["any", "all"] = "any"
    protocol: Literal["tcp", "udp", "any"] = "any"
    direction: Direction = "ingress"
    parameter: str = ""

    def given(self, cidrs: Sequence[str]) -> Admits:
        """The same question about the networks that the parameter names; SettingsInvalid when they are none."""
        try:
            networks = _networks(cidrs, f"parameter {self.parameter}")
        except CorpusInvalid as error:
            raise SettingsInvalid(str(error)) from None
        return Admits(networks, self.ports, self.protocol, self.direction)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the rules admit it (None: unknown), the places of the elements that make it so, and why."""

    truth: Truth
    culprits: tuple[Places, ...] = ()
    reason: str = ""


def parse_admits(data: Any, where: str) -> Admits:
    """Read `{cidr, ports, protocol}` of a check, with `direction` if it is given too; CorpusInvalid names the fault."""
    if not isinstance(data, Mapping):
        raise CorpusInvalid(f"{where}: admits is a mapping with cidr, ports and protocol")
    if strangers := sorted(set(data) - {"cidr", "ports", "protocol", "direction"}):
        raise CorpusInvalid(f"{where}: admits does not know {', '.join(map(str, strangers))}")
    cidr, protocol, direction = data.get("cidr", "world"), data.get("protocol", "any"), data.get("direction", "ingress")
    parameter, networks = "", None
    if isinstance(cidr, Mapping):
        parameter = cidr.get("param", "")
        if set(cidr) != {"param"} or not isinstance(parameter, str) or not parameter:
            raise CorpusInvalid(f"{where}: cidr is world, a list of CIDRs, or {{param: name}}")
    elif cidr != "world":
        networks = _networks([cidr] if isinstance(cidr, str) else cidr, where)
    if protocol not in ("tcp", "udp", "any"):
        raise CorpusInvalid(f"{where}: protocol is tcp, udp or any, not {protocol!r}")
    if direction not in ("ingress", "egress"):
        raise CorpusInvalid(f"{where}: direction is ingress or egress, not {direction!r}")
    return Admits(networks, _wanted_ports(data.get("ports", "any"), where), protocol, direction, parameter)


def _networks(cidrs: Any, where: str) -> tuple[Addresses, ...]:
    if not isinstance(cidrs, Sequence) or isinstance(cidrs, str) or not cidrs:
        raise CorpusInvalid(f"{where}: cidr is world, a list of CIDRs, or {{param: name}}")
    networks = []
    for cidr in cidrs:
        try:
            networks.append(Addresses.of([ip_network(cidr, strict=False)]))
        except (ValueError, TypeError):
            raise CorpusInvalid(f"{where}: {cidr!r} is not a CIDR") from None
    return tuple(networks)


def _wanted_ports(ports: Any, where: str) -> tuple[Range, ...] | Literal["any", "all"]:
    if ports == "any":
        return "any"
    if ports == "all":
        return "all"
    wanted: list[Range] = []
    for port in ports if isinstance(ports, Sequence) and not isinstance(ports, str) else [ports]:
        found = None if isinstance(port, bool) else _port_range(str(port))
        if found is None or not PORTS[0] <= found[0] <= found[1] <= PORTS[1]:
            raise CorpusInvalid(f"{where}: {port!r} is not a port or a range of ports")
        wanted.append(found)
    if not wanted:
        raise CorpusInvalid(f"{where}: ports is a list, any or all")
    return _merged(wanted)


def _port_range(text: str) -> Range | None:
    match = re.fullmatch(r"\s*(\d{1,5})(?:\s*[-/:]\s*(\d{1,5}))?\s*", text)
    return (int(match[1]), int(match[2] or match[1])) if match else None


# --- rules ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Element:
    """One source or destination of a rule: what it surely is, what it may be, and where it stands."""

    sure: Addresses
    may: Addresses
    places: Places
    text: str
    slack: Slack = (0, 0)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule, read. `sure` and `may` are the ports by protocol; `counts` says whether the rule applies at all."""

    elements: tuple[_Element, ...]
    sure: Mapping[str, tuple[Range, ...]]
    may: Mapping[str, tuple[Range, ...]]
    allows: Truth = True
    counts: Truth = True
    order: int | None = 0
    """None when the number is not known."""
    ordered: bool = False
    doubts: tuple[tuple[str, Places], ...] = ()
    """What is not known of the rule, and where that stands."""
    places: Places = ()


def admits(rules: Sequence[tuple[Value, Place | None]], spec: Admits, *, open: bool) -> Answer:
    """Whether the rules, taken together, let at least half of the asked addresses through on one of the asked ports.

    A rule is a block, an element of a list, a whole resource, or a bare CIDR (which admits every port); the place beside
    it is used where its value has none. `open`: there may be more rules than these. A list of networks is admitted when
    one of them is, at least by half. Rules that deny are heard in the order of their numbers, and the first one decides.
    """
    if spec.parameter:
        return Answer(None, (), f"needs parameter {spec.parameter}")
    read: list[_Rule] = []
    doubts: list[tuple[str, Places]] = []
    for value, place in rules:
        fallback = (place,) if place else ()
        for item in _rules_of(value, spec.direction, fallback):
            if isinstance(item, _Rule):
                if item.counts is not False:
                    read.append(item)
            else:
                doubts.append(item)
    if open:
        doubts.append(("there may be more rules", ()))

    # A rule that is not seen could deny what the others allow, where rules are heard in order.
    sure = None if doubts and any(rule.ordered for rule in read) else _decide(read, spec, surely=True)
    if sure is not None:
        return sure
    if not doubts:
        possible = _decide(read, spec, surely=False)
        if possible is None:
            return Answer(False, (), "no rule admits it")
        # A doubt about a rule that admits nothing in any case is no reason.
        matter = [rule for rule in read if rule.allows is not True or _decide([rule], spec, surely=False)]
        doubts = [doubt for rule in matter or read for doubt in rule.doubts]
        if not doubts:
            doubts = [(possible.reason, places) for places in possible.culprits]
    return Answer(None, tuple(places for _, places in doubts if places), doubts[0][0] if doubts else "rules not known")


def _decide(rules: list[_Rule], spec: Admits, *, surely: bool) -> Answer | None:
    """The answer when the rules admit it, surely or possibly; None when they do not."""
    protocols = _PROTOCOLS if spec.protocol == "any" else (spec.protocol,)
    wanted: tuple[Range, ...] = (PORTS,) if isinstance(spec.ports, str) else spec.ports
    allowing = [rule for rule in rules if rule.allows is not False]
    if _admitted(allowing, spec, surely=surely) is None:
        return None  # not even all of them on one port
    for protocol in protocols:
        if spec.ports == "all":
            # Port 0 is reserved: a range from 1 is every port.
            answer = _decide_all(rules, spec, protocol, surely=surely)
            if answer is not None:
                return answer
            continue
        seen: set[tuple[int, ...]] = set()
        found: dict[Places, str] = {}
        union: Answer | None = None
        for first, active in _intervals(rules, protocol, wanted, surely=surely):
            key = tuple(active)
            if key in seen:
                continue
            seen.add(key)
            passed = _admitted([rules[index] for index in active], spec, surely=surely)
            if passed is None:
                continue
            elements, alone = passed
            reason = f"{_names(elements)} reaches {protocol} port {first}"
            if not surely:
                return Answer(None, tuple(_distinct(element.places for element in elements)), reason)
            if alone:
                found.update({element.places: reason for element in elements})
            union = union or Answer(True, tuple(_distinct(element.places for element in elements)), reason)
        if found:
            return Answer(True, tuple(places for places in found if places), next(iter(found.values())))
        if union:
            return union
    return None


def _decide_all(rules: list[_Rule], spec: Admits, protocol: str, *, surely: bool) -> Answer | None:
    elements: list[_Element] = []
    memo: dict[tuple[int, ...], tuple[list[_Element], bool] | None] = {}
    for _, active in _intervals(rules, protocol, ((1, PORTS[1]),), surely=surely):
        key = tuple(active)
        if key not in memo:
            memo[key] = _admitted([rules[index] for index in active], spec, surely=surely)
        answer = memo[key]
        if answer is None:
            return None
        elements.extend(element for element in answer[0] if element not in elements)
    places = tuple(_distinct(element.places for element in elements))
    return Answer(True, places, f"{_names(elements)} reaches every {protocol} port")


def _intervals(
    rules: list[_Rule], protocol: str, wanted: tuple[Range, ...], *, surely: bool
) -> Iterator[tuple[int, list[int]]]:
    """The wanted ports in pieces over which the same rules apply: the first port, and the rules' indexes."""
    ports = [(rule.sure if surely else rule.may).get(protocol, ()) for rule in rules]
    # A rule that denies stands in the way of what is sure wherever it may apply.
    for index, rule in enumerate(rules):
        if rule.allows is not True:
            ports[index] = (rule.may if surely else rule.sure).get(protocol, ())
            if rule.allows is None:
                ports[index] = rule.may.get(protocol, ())
    cuts = sorted({edge for ranges in ports for first, last in ranges for edge in (first, last + 1)})
    for first, last in wanted:
        edges = [first, *(cut for cut in cuts if first < cut <= last)]
        for edge in edges:
            yield edge, [i for i, ranges in enumerate(ports) if any(a <= edge <= b for a, b in ranges)]


def _admitted(rules: list[_Rule], spec: Admits, *, surely: bool) -> tuple[list[_Element], bool] | None:
    """The elements that admit the asked addresses, and whether each of them does so alone; None when they do not."""
    wanted = (PUBLIC,) if spec.networks is None else spec.networks
    passed: list[tuple[_Element, Addresses, Slack]] = []
    blocked = NONE
    for rule in sorted(rules, key=lambda rule: _turn(rule, surely=surely)):
        if rule.allows is True or (rule.allows is None and not surely):
            if surely and rule.counts is not True:
                continue
            for element in rule.elements:
                through = (element.sure if surely else element.may) - blocked
                slack = (0, 0) if surely else element.slack
                if through or any(slack):
                    passed.append((element, through, slack))
        elif surely:
            blocked = _union([blocked, *(element.may for element in rule.elements)])
        elif rule.allows is False and rule.counts is True:
            blocked = _union([blocked, *(element.sure for element in rule.elements)])
    for network in wanted:
        alone = [element for element, through, slack in passed if _covers(through, network, slack)]
        if alone:
            return alone, True
        slack = (sum(each[2][0] for each in passed), sum(each[2][1] for each in passed))
        if not _covers(_union([through for _, through, _ in passed]), network, slack):
            continue
        # The largest first, until they are enough: a single address beside two halves of the world is not at fault.
        chosen: list[_Element] = []
        so_far, extra = NONE, (0, 0)
        for element, through, slack in sorted(passed, key=lambda each: -_size((each[1] & network).v4) - sum(each[2])):
            chosen.append(element)
            so_far, extra = so_far | through, (extra[0] + slack[0], extra[1] + slack[1])
            if _covers(so_far, network, extra):
                return chosen, False
        return chosen, False
    return None


def _turn(rule: _Rule, *, surely: bool) -> tuple[int, int, int]:
    """When a rule is heard: by its number; at the same number, or at an unknown one, as is worse for the answer."""
    denies = rule.allows is not True if surely else rule.allows is False
    if rule.order is None:
        return (0 if denies == surely else 2, 0, 0)
    return (1, rule.order, 0 if denies else 1)


def _union(sets: Iterable[Addresses]) -> Addresses:
    sets = list(sets)
    return Addresses(_merged(r for each in sets for r in each.v4), _merged(r for each in sets for r in each.v6))


def _names(elements: Sequence[_Element]) -> str:
    names = list(_distinct(element.text for element in elements))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more together" if len(names) > 3 else "")


def _distinct(items: Iterable[_T]) -> Iterator[_T]:
    return iter(dict.fromkeys(item for item in items if item))


# --- the spellings ----------------------------------------------------------------------------------------------

_CIDRS = {
    "ingress": (
        "cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "cidr_block", "ipv6_cidr_block", "cidr_ip", "cidr",
        "ipv6_cidr_ip", "source_ranges", "src_ip_ranges", "source_address_prefix", "source_address_prefixes",
        "source_addresses", "source_ips", "remote_ip_prefix", "source", "value", "ip_range",
    ),
    "egress": (
        "cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "cidr_block", "ipv6_cidr_block", "cidr_ip", "cidr",
        "ipv6_cidr_ip", "destination_ranges", "dest_ip_ranges", "destination_address_prefix",
        "destination_address_prefixes", "destination_addresses", "destination_ips", "remote_ip_prefix", "destination",
        "value", "ip_range",
    ),
}  # fmt: skip
_PORT_LISTS = ("destination_port_range", "destination_port_ranges", "ports", "port_range", "port", "destination_ports")
_PORT_BOUNDS = (("from_port", "to_port"), ("port_range_min", "port_range_max"), ("start_port", "end_port"))
_ORDERS = ("rule_number", "rule_no", "priority")
_ACTIONS = ("rule_action", "action", "access", "policy")
_ALLOW = {"allow", "accept", "permit"}
_DENY = {"deny", "drop", "block", "reject"}
_NESTED = {
    "ingress": ("ingress", "security_rule", "inbound_rule", "inbound", "security_group_ingress"),
    "egress": ("egress", "security_rule", "outbound_rule", "outbound", "security_group_egress"),
}
_NUMBERED = {"6": "tcp", "17": "udp", "-1": "all", "*": "all", "any": "all", "all": "all", "": "all"}
_AZURE_TAG = re.compile(r"[A-Z][A-Za-z]+(\.[A-Za-z0-9]+)?")

# How many leading bits at least are fixed in what such an attribute can hold, whatever the provider puts there.
_FIXED_BITS = {
    ("aws_vpc", "cidr_block"): 16, ("aws_subnet", "cidr_block"): 16, ("aws_default_vpc", "cidr_block"): 16,
    ("azurerm_public_ip", "ip_address"): 32, ("aws_eip", "public_ip"): 32, ("google_compute_address", "address"): 32,
}  # fmt: skip


_LATELY = 64
_lately: dict[tuple[int, Direction, Places], tuple[Value, tuple[_Rule | tuple[str, Places], ...]]] = {}


def _rules_of(value: Value, direction: Direction, fallback: Places) -> tuple[_Rule | tuple[str, Places], ...]:
    """The rules that a value stands for, kept for the checks that ask the same value next, one kind of port each."""
    key = (id(value), direction, fallback)
    known = _lately.get(key)
    if known is not None and known[0] is value:  # the value is kept too, so that its id is nobody else's
        return known[1]
    rules = tuple(_expanded(value, direction, fallback))
    if len(_lately) >= _LATELY:
        _lately.clear()
    _lately[key] = (value, rules)
    return rules


def _expanded(value: Value, direction: Direction, fallback: Places) -> Iterator[_Rule | tuple[str, Places]]:
    """The rules that a value stands for; what cannot be read is a doubt with its reason."""
    places = value.places or fallback
    match value:
        case Null():
            return
        case Encoded(inner=inner):
            yield from _expanded(inner, direction, places)
        case List(items=items):
            for item in items:
                yield from _expanded(item, direction, places)
            if value.open:
                yield "there may be more rules", places
        case Map():
            nested = [found for name in _NESTED[direction] if (found := _nested(value, name)) is not None]
            for rules in nested:
                yield from _expanded(rules, direction, places)
            if not nested or any(_get(value, name) is not None for name in _CIDRS[direction]):
                yield from _read(value, direction, places)
        case Known(value=str()) | Template() | Ref():
            element = _element(value, places)
            yield _Rule((element,), _EVERY_PORT, _EVERY_PORT, doubts=_doubts(element), places=places)
        case _:
            yield _reason(value), places


def _nested(value: Map, name: str) -> Value | None:
    """The rules inside a resource; the `egress = true` of an ACL's rule is a direction."""
    found = _get(value, name)
    if name == "egress" and any(_get(value, other) is not None for other in ("rule_number", "rule_action")):
        return None
    return None if isinstance(found, Known) else found


def _read(rule: Map, direction: Direction, places: Places) -> Iterator[_Rule | tuple[str, Places]]:
    counts = _direction(rule, direction)
    disabled = _get(rule, "disabled")
    if disabled is not None:
        off = _boolean(disabled)
        counts = False if off is True else (None if off is None and counts is not False else counts)
    if counts is False:
        return
    elements, doubts = _elements(rule, direction, places)
    action, order, ordered = _action(rule), _order(rule), any(_get(rule, name) is not None for name in _ORDERS)
    named = (("direction", counts is None), ("action", action is None), ("number", order is None))
    doubts += tuple((f"the {name} is not known", places) for name, unclear in named if unclear)
    google = [(kind, block) for kind in ("allow", "deny") for block in _blocks(_get(rule, kind))]
    if google or _get(rule, "source_ranges") is not None:
        for kind, block in google:
            if isinstance(block, Map):
                sure, may, faults = _ports(block)
                yield _Rule(
                    elements, sure, may, kind == "allow", counts, 1000 if not ordered else order, True,
                    (*doubts, *((fault, block.places or places) for fault in faults)), places,
                )  # fmt: skip
            else:
                yield _reason(block), block.places or places
        return
    sure, may, faults = _ports(rule)
    doubts += tuple((fault, places) for fault in faults)
    yield _Rule(elements, sure, may, action, counts, order, ordered, doubts, places)
    if rule.open:
        yield "the rule may say more", places


def _get(rule: Map, name: str) -> Value | None:
    """The argument, under its Terraform or its CloudFormation name; None when it is absent or null."""
    value = rule.items.get(name)
    if value is None:
        value = rule.items.get(_in_cloudformation(name))
    if isinstance(value, Encoded):
        value = value.inner
    return None if value is None or isinstance(value, Null) else value


@lru_cache(maxsize=256)
def _in_cloudformation(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


def _blocks(value: Value | None) -> tuple[Value, ...]:
    if isinstance(value, List):
        return (
            *value.items,
            *([Unknown("open", "there may be more blocks", places=value.places)] if value.open else []),
        )
    return () if value is None else (value,)


def _items(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, List) else (value,)


def _text(value: Value) -> str | None:
    """The value as text; None when it is not known."""
    if not isinstance(value, Known):
        return None
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    if isinstance(value.value, float) and value.value.is_integer():
        return str(int(value.value))
    return str(value.value).strip()


def _boolean(value: Value) -> Truth:
    return {"true": True, "1": True, "false": False, "0": False}.get((_text(value) or "").lower())


def _reason(value: Value) -> str:
    match value:
        case Unknown():
            return f"{value} is not known"
        case Ref():
            return f"{value.origin} is not known"
        case Template(parts=parts):
            return next((_reason(part) for part in parts if not isinstance(part, Known)), "text is not known")
    return f"a rule is not a {type(value).__name__.lower()}"


def _direction(rule: Map, direction: Direction) -> Truth:
    """Whether the rule is one of this direction; rules that do not say are."""
    kind = _get(rule, "type")
    if kind is not None and (_text(kind) or "ingress").lower() in ("ingress", "egress"):
        text = _text(kind)
        return None if text is None else text.lower() == direction
    egress = _get(rule, "egress")
    if egress is not None and not isinstance(egress, (List, Map)):
        is_egress = _boolean(egress)
        return None if is_egress is None else is_egress == (direction == "egress")
    if _get(rule, "rule_number") is not None and _get(rule, "rule_action") is not None:
        return direction == "ingress"  # aws_network_acl_rule: `egress` is false when it is not said
    said = _get(rule, "direction")
    if said is None:
        # google_compute_firewall is for ingress when it does not say.
        return direction == "ingress" or not _is_google(rule)
    text = _text(said)
    if text is None:
        return None
    return text.lower() in (("ingress", "inbound", "in") if direction == "ingress" else ("egress", "outbound", "out"))


def _action(rule: Map) -> Truth:
    for name in _ACTIONS:
        value = _get(rule, name)
        if value is not None:
            text = (_text(value) or "").lower()
            return True if text in _ALLOW else False if text in _DENY else None
    return True


def _order(rule: Map) -> int | None:
    for name in _ORDERS:
        value = _get(rule, name)
        if value is not None:
            text = _text(value) or ""
            return int(text) if re.fullmatch(r"\d{1,9}", text) else None
    return 0


def _elements(
    rule: Map, direction: Direction, places: Places
) -> tuple[tuple[_Element, ...], tuple[tuple[str, Places], ...]]:
    """The sources (or destinations) of a rule, and what is not known of them."""
    elements: list[_Element] = []
    bounds = (_get(rule, "start_ip_address"), _get(rule, "end_ip_address"))
    if bounds[0] is not None and bounds[1] is not None:
        elements.append(_between(bounds[0], bounds[1], places))
    for name in _CIDRS[direction]:
        value = _get(rule, name)
        if value is None or isinstance(value, Map):
            continue
        for item in _items(value):
            elements.append(_element(item, item.places or value.places or places, tags="prefix" in name))
        if isinstance(value, List) and value.open:
            elements.append(_Element(NONE, EVERYWHERE, value.places or places, "there may be more addresses"))
    if not elements and _is_google(rule) and not any(_get(rule, name) is not None for name in _OTHER_SOURCES):
        elements.append(_Element(EVERYWHERE, EVERYWHERE, places, "a rule without addresses"))
    return tuple(elements), tuple(doubt for element in elements for doubt in _doubts(element))


_OTHER_SOURCES = ("source_tags", "source_service_accounts", "source_ranges", "destination_ranges")


def _is_google(rule: Map) -> bool:
    """A Google firewall that names no source is open to everybody; a security group's rule then names another group."""
    return _get(rule, "allow") is not None or _get(rule, "deny") is not None


def _doubts(element: _Element) -> tuple[tuple[str, Places], ...]:
    return ((element.text, element.places),) if element.sure != element.may or any(element.slack) else ()


def _element(value: Value, places: Places, *, tags: bool = False) -> _Element:
    """One CIDR; where only its length is known it is that many addresses somewhere."""
    text = _text(value)
    if text is not None:
        network = network_of(text)
        if network is not None:
            shown = "0.0.0.0/0 and ::/0" if network == EVERYWHERE and text == "*" else text
            return _Element(network, network, places, shown)
        if not text or (tags and _AZURE_TAG.fullmatch(text)):
            return _Element(NONE, NONE, places, text or "nothing")  # a service tag is somebody's network, not the world
        return _Element(NONE, EVERYWHERE, places, f"{text!r} is not a CIDR")
    bits = None
    if isinstance(value, Template) and value.parts and isinstance(value.parts[-1], Known):
        match = re.search(r"/(\d{1,3})\Z", str(value.parts[-1].value))
        bits = int(match[1]) if match else None
    elif isinstance(value, Ref):
        bits = _bits(value)
    if isinstance(value, Map):
        inner = next(
            (item for name in ("cidr_block", "cidr", "value") if (item := _get(value, name)) is not None), None
        )
        if inner is not None and not isinstance(inner, Map):
            return _element(inner, inner.places or places)
    if bits:
        # Of which family it is, is not known either; a /32 of one and a /32 of the other are both far from the world.
        return _Element(NONE, NONE, places, _reason(value), (1 << max(32 - bits, 0), 1 << max(128 - bits, 0)))
    return _Element(NONE, EVERYWHERE, places, _reason(value))


def _bits(value: Ref) -> int | None:
    """How much of its addresses is fixed, at the least, in a network or address that only the provider knows."""
    if value.origin is None:
        return None
    kind = value.origin.address.rpartition(".")[0].rpartition(".")[2]
    return _FIXED_BITS.get((kind, str(value.origin.path[-1]) if value.origin.path else ""))


def _between(first: Value, last: Value, places: Places) -> _Element:
    texts = _text(first), _text(last)
    if isinstance(first, Ref) and isinstance(last, Ref) and first.origin == last.origin and _bits(first) == 32:
        return _Element(NONE, NONE, places, _reason(first), (1, 1))  # from an address to itself
    if texts[0] is None or texts[1] is None:
        return _Element(NONE, EVERYWHERE, places, _reason(first if texts[0] is None else last))
    try:
        low, high = ip_address(texts[0]), ip_address(texts[1])
    except ValueError:
        return _Element(NONE, EVERYWHERE, places, f"{texts[0]}-{texts[1]} is not a range of addresses")
    if int(high) == 0 or low.version != high.version or int(high) < int(low):
        return _Element(NONE, NONE, places, "nothing")  # Azure: 0.0.0.0 to 0.0.0.0 lets its own services in
    ranges = ((int(low), int(high)),)
    found = Addresses(v4=ranges) if low.version == 4 else Addresses(v6=ranges)
    return _Element(found, found, first.places or places, f"{texts[0]}-{texts[1]}")


_Ports = Mapping[str, tuple[Range, ...]]


def _ports(rule: Map) -> tuple[_Ports, _Ports, tuple[str, ...]]:
    """The ports by protocol that the rule surely and possibly means, and what is not known of them."""
    said = next((item for name in ("ip_protocol", "protocol") if (item := _get(rule, name)) is not None), None)
    protocols: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    if said is None:
        protocols, sure_protocol = _PROTOCOLS, True
    else:
        text = _text(said)
        if text is None:
            protocols, sure_protocol, doubts = _PROTOCOLS, False, (_reason(said),)
        else:
            name = _NUMBERED.get(text.lower(), text.lower())
            if name == "all":
                # With every protocol the ports of an AWS rule are not read; elsewhere (Azure) they are.
                protocols, sure_protocol = _PROTOCOLS, True
                if not any(_get(rule, key) is not None for key in _PORT_LISTS):
                    return _EVERY_PORT, _EVERY_PORT, ()
            else:
                protocols, sure_protocol = tuple(each for each in _PROTOCOLS if each == name), True
    sure, may, unclear = _port_ranges(rule)
    return (
        dict.fromkeys(protocols, sure if sure_protocol else ()),
        dict.fromkeys(protocols, may),
        (*doubts, *unclear) if protocols else (),
    )


def _port_ranges(rule: Map) -> tuple[tuple[Range, ...], tuple[Range, ...], tuple[str, ...]]:
    for low, high in _PORT_BOUNDS:
        first, last = _get(rule, low), _get(rule, high)
        if first is not None or last is not None:
            return _bounds(first, last)
    sure: list[Range] = []
    may: list[Range] = []
    doubts: list[str] = []
    said = False
    for name in _PORT_LISTS:
        value = _get(rule, name)
        if value is None:
            continue
        items = value.items if isinstance(value, List) else (value,)
        is_open = isinstance(value, List) and value.open
        if not items and not is_open:
            continue  # an empty list of ports means every port to those that have such a list
        said = True
        for item in items:
            text = _text(item)
            if text is None:
                may.append(PORTS)
                doubts.append(_reason(item))
                continue
            for piece in text.split(","):
                if piece.strip().lower() in ("*", "all", "any", "-1/-1", "", "0"):
                    sure.append(PORTS)
                elif (found := _port_range(piece)) is not None:
                    sure.append(found)
                else:
                    may.append(PORTS)
                    doubts.append(f"{piece!r} is not a port")
        if is_open:
            may.append(PORTS)
            doubts.append("there may be more ports")
    if not said:
        return (PORTS,), (PORTS,), ()
    return _merged(sure), _merged((*sure, *may)), tuple(doubts)


def _bounds(first: Value | None, last: Value | None) -> tuple[tuple[Range, ...], tuple[Range, ...], tuple[str, ...]]:
    numbers: list[int | None] = []
    doubts: list[str] = []
    for value, other in ((first, last), (last, first)):
        known = value if value is not None else other
        assert known is not None
        text = _text(known) or ""
        if re.fullmatch(r"-?\d{1,6}", text):
            numbers.append(int(text))
        else:
            numbers.append(None)
            doubts.append(_reason(known))
    low, high = numbers
    if low is None or high is None:
        bound = (low if low is not None and low > 0 else 0, high if high is not None and high >= 0 else PORTS[1])
        return (), (bound,), tuple(dict.fromkeys(doubts))
    if low < 0 or high < 0:
        return (PORTS,), (PORTS,), ()  # -1 means every port
    ranges = ((low, min(high, PORTS[1])),) if low <= high else ()
    return ranges, ranges, ()


# --- what a change adds -----------------------------------------------------------------------------------------

_SOURCES = (
    "security_groups", "source_security_group_id", "source_security_group_ids", "referenced_security_group_id",
    "prefix_list_ids", "prefix_list_id", "source_security_group", "destination_prefix_list_id", "source_prefix_list_id",
)  # fmt: skip
_ONE_SIDED = {
    "ingress": ("source_tags", "source_service_accounts", "source_application_security_group_ids"),
    "egress": ("destination_application_security_group_ids",),
}
_SCOPES = {
    "ingress": ("target_tags", "target_service_accounts", "source_port_range", "source_port_ranges", "network",
                "destination_address_prefix", "destination_address_prefixes", "destination_ranges",
                "destination_application_security_group_ids"),
    "egress": ("target_tags", "target_service_accounts", "source_port_range", "source_port_ranges", "network",
               "source_address_prefix", "source_address_prefixes", "source_ranges",
               "source_application_security_group_ids"),
}  # fmt: skip
"""What narrows a rule beside its addresses and ports: the machines it is for, the ports traffic comes from."""

_WORDS = ("description", "name", "tags", "tags_all", "labels", "id", "timeouts")
_KNOWN_PROTOCOLS = {"1": "icmp", "58": "icmpv6", "47": "gre", "50": "esp", "51": "ah", "132": "sctp"}
_POINTS = 1_000_000
"""How many pairs of a rule and a range of ports are looked at; past that it is unknown."""


def widened(
    old: Sequence[tuple[Value, Place | None]],
    new: Sequence[tuple[Value, Place | None]],
    *,
    direction: Direction = "ingress",
    same_rest: bool = False,
) -> str:
    """What the new rules, taken together, admit that the old ones did not; "" when that is surely nothing.

    Rules are as for `admits`. Rules with numbers are heard in their order. What is not known is the same where it is
    written the same, and is within everywhere. `same_rest`: what may follow in an open list is known to be the same.
    """
    sides: list[list[_Flow]] = []
    rests: list[dict[str, str]] = []
    for rules in (old, new):
        rest: dict[str, str] = {}
        sides.append([flow for value, _ in rules for flow in _flows(value, direction, rest, same_rest)])
        rests.append(rest)
    before, after = sides
    ordered = any(flow.order is not None for flow in (*before, *after))
    strange = {k: v for k, v in rests[1].items() if k not in rests[0]}
    if ordered:
        strange.update({k: v for k, v in rests[0].items() if k not in rests[1]})
    if strange:
        return f"it is unknown whether more is admitted: {next(iter(strange.values()))}"
    kept, known = {flow.same for flow in after}, {flow.same for flow in before}
    for flow in after:
        if flow.unclear and flow.same not in known:
            return f"it is unknown whether more is admitted: {flow.unclear}"
    for flow in before:
        if flow.allows is not True and not flow.plain:
            # It blocks some addresses or ports of which it is not known which: what it is heard before must stay.
            if flow.same not in kept:
                return "a rule that denies is gone or narrower"
            if any(f.allows is True and f.same not in known and (f.order or 0) <= (flow.order or 0) for f in after):
                return "it is unknown whether more is admitted: a rule comes before one that denies"
    if ordered and any(flow.unclear for flow in after):
        if any(flow.allows is not True and flow.same not in kept for flow in before):
            return "it is unknown whether more is admitted: a rule that denies is changed beside one that is not known"
    return _more(
        [flow for flow in before if not flow.unclear or (flow.allows is not True and flow.same not in kept)],
        [flow for flow in after if not flow.unclear and (ordered or flow.same not in known)],
    )


@dataclass(frozen=True, slots=True)
class _Flow:
    """A rule as the traffic it is about; `same` is equal for two rules that say the same thing."""

    same: str
    sources: Addresses
    named: frozenset[str]
    """Sources that are no addresses: groups, lists, tags, and what is not known; `6:` in front for IPv6 alone."""
    protocols: frozenset[str] | None
    """None for every protocol."""
    ports: tuple[Range, ...]
    tokens: frozenset[str]
    """Ports that are not known, and the types of ICMP."""
    allows: Truth = True
    order: int | None = None
    """Its turn; None where rules have none."""
    default: bool = False
    """Whether what no rule decides may be admitted by others: priorities of Google's and Azure's firewalls."""
    scope: str = "{}"
    """What else it is restricted to, as JSON."""
    unclear: str = ""

    @property
    def plain(self) -> bool:
        """Whether all of it is known as addresses and ports."""
        return not (self.unclear or self.named or self.tokens or self.scope != "{}")

    def covers(self, protocol: str, port: int | str) -> bool:
        """Whether the rule is about the port (or what is not known of one) by the protocol."""
        if self.protocols is not None and protocol not in self.protocols:
            return False
        if isinstance(port, str):
            return port in self.tokens or any(first <= 1 and last >= PORTS[1] for first, last in self.ports)
        return any(first <= port <= last for first, last in self.ports)

    def includes(self, name: str) -> bool:
        """Whether the rule is about a source that has a name and no address: everywhere is."""
        whole = EVERYWHERE.v6 if name.startswith("6:") else EVERYWHERE.v4
        return name in self.named or (self.sources.v6 if name.startswith("6:") else self.sources.v4) == whole


def _words(data: Any) -> str:
    return json.dumps(data, sort_keys=True, default=str)


def _flows(value: Value, direction: Direction, rest: dict[str, str], same_rest: bool) -> Iterator[_Flow]:
    """The rules that a value stands for; `rest` collects what cannot be read, with the reason."""
    match value:
        case Null():
            return
        case Encoded(inner=inner):
            yield from _flows(inner, direction, rest, same_rest)
        case List(items=items):
            for item in items:
                yield from _flows(item, direction, rest, same_rest)
            if value.open:
                rest["open" if same_rest else _words(plain(value, sensitive=True))] = "there may be more rules"
        case Map():
            nested = [found for name in _NESTED[direction] if (found := _nested(value, name)) is not None]
            for rules in nested:
                yield from _flows(rules, direction, rest, same_rest)
            if not nested or any(_get(value, name) is not None for name in _CIDRS[direction]):
                yield from _flow(value, direction)
        case Known(value=str()) | Template() | Ref():
            addresses, named = _source(value, value, "")
            yield _Flow(_words(plain(value, sensitive=True)), addresses, named, None, (PORTS,), frozenset())
        case _:
            rest[_words(plain(value, sensitive=True))] = _reason(value)


def _flow(rule: Map, direction: Direction) -> Iterator[_Flow]:
    counts = _direction(rule, direction)
    off = _get(rule, "disabled")
    if counts is False or (off is not None and _boolean(off) is True):
        return
    said = {
        key: item
        for key, item in plain(rule, sensitive=True).items()
        if key not in _WORDS and item not in (None, [], "")
    }
    sources, named = NONE, frozenset[str]()
    for name in (*_CIDRS[direction], *_SOURCES, *_ONE_SIDED[direction]):
        value = _get(rule, name)
        if value is None or isinstance(value, Map):
            continue
        for item in _items(value):
            found = _source(item, value, name)
            sources, named = sources | found[0], named | found[1]
        if isinstance(value, List) and value.open:
            named |= {f"{'6:' if 'ipv6' in name else ''}{_words(plain(value, sensitive=True))}"}
    bounds = (_get(rule, "start_ip_address"), _get(rule, "end_ip_address"))
    if bounds[0] is not None and bounds[1] is not None:
        element = _between(bounds[0], bounds[1], ())
        sources |= element.sure
        if element.sure != element.may:
            named |= {_words([plain(each, sensitive=True) for each in bounds if each is not None])}
    myself = _get(rule, "self")
    if myself is not None and _boolean(myself) is not False:
        named |= {"self" if _boolean(myself) else _words(["self", plain(myself, sensitive=True)])}
    if not sources and not named and _is_google(rule):
        sources = EVERYWHERE
    ordered = any(_get(rule, name) is not None for name in _ORDERS)
    order, action = _order(rule), _action(rule)
    doubts = {
        "the direction of a rule is not known": counts is None, "whether a rule is disabled is not known":
        off is not None and _boolean(off) is None, "the action of a rule is not known": action is None,
        "the number of a rule is not known": order is None, "a rule may say more": rule.open,
    }  # fmt: skip
    unclear = next((words for words, doubtful in doubts.items() if doubtful), "")
    scope = {name: plain(one, sensitive=True) for name in _SCOPES[direction] if (one := _get(rule, name)) is not None}
    narrow = _words({key: item for key, item in scope.items() if item not in ("*", [], ["*"])})
    turn = (order or 0) if ordered else None
    google = [(kind, block) for kind in ("allow", "deny") for block in _blocks(_get(rule, kind))]
    if not google:
        protocols, ports, tokens = _traffic(rule)
        yield _Flow(
            _words(said), sources, named, protocols, ports, tokens, action, turn,
            _get(rule, "priority") is not None, narrow, unclear,
        )  # fmt: skip
        return
    for kind, block in google:
        if isinstance(block, Map):
            protocols, ports, tokens = _traffic(block)
            more = "a rule may say more" if block.open else ""
        else:
            protocols, ports, tokens, more = None, (PORTS,), frozenset(), _reason(block)
        same = _words([{**said, "allow": None, "deny": None}, kind, plain(block, sensitive=True)])
        yield _Flow(
            same, sources, named, protocols, ports, tokens, kind == "allow", 1000 if turn is None else turn, True, narrow,
            unclear or more,
        )  # fmt: skip


def _source(value: Value, whole: Value, name: str) -> tuple[Addresses, frozenset[str]]:
    """The addresses that one source is, or the name by which it is known."""
    text = _text(value)
    if text == "" or isinstance(value, Null):
        return NONE, frozenset()
    if isinstance(value, Map):
        inner = next((item for key in ("cidr_block", "cidr", "value") if (item := _get(value, key)) is not None), None)
        if inner is not None and not isinstance(inner, (Map, List)):
            return _source(inner, inner, name)
    network = (
        network_of(text) if text is not None and (not name or name not in (*_SOURCES, *_ONE_SIDED["ingress"])) else None
    )
    if network is not None:
        return network, frozenset()
    said = plain(whole if isinstance(value, Unknown) and value.reason == "open" else value, sensitive=True)
    return NONE, frozenset({f"{'6:' if 'ipv6' in name else ''}{_words(said)}"})


def _traffic(rule: Map) -> tuple[frozenset[str] | None, tuple[Range, ...], frozenset[str]]:
    """The protocols (None for all), the ports, and the ports that are not known."""
    said = next((item for name in ("ip_protocol", "protocol") if (item := _get(rule, name)) is not None), None)
    lists = any(_get(rule, name) is not None for name in _PORT_LISTS)
    protocols: frozenset[str] | None = None
    if said is not None:
        text = _text(said)
        name = _words(plain(said, sensitive=True)) if text is None else _NUMBERED.get(text.lower(), text.lower())
        if name == "all" and not lists:
            return None, (PORTS,), frozenset()
        protocols = None if name == "all" else frozenset({_KNOWN_PROTOCOLS.get(name, name)})
    ranges, _, doubts = _port_ranges(rule)
    members = {
        name: plain(item, sensitive=True)
        for name in (*_PORT_LISTS, *(name for pair in _PORT_BOUNDS for name in pair), "icmp_type", "icmp_code")
        if (item := _get(rule, name)) is not None
    }
    if doubts:
        return protocols, (), frozenset({_words(members)})
    if protocols is not None and not protocols & {*_PROTOCOLS, "sctp"} and ranges != (PORTS,):
        return protocols, (), frozenset({_words(members)})  # types and codes of ICMP
    return protocols, ranges, frozenset()


def _more(before: Sequence[_Flow], after: Sequence[_Flow]) -> str:
    """Traffic that the rules after let through and those before do not, in words."""
    flows = (*before, *after)
    names = frozenset(name for flow in flows for name in flow.named)
    protocols = (*_PROTOCOLS, *sorted({"other", *(p for flow in flows for p in flow.protocols or ())} - {*_PROTOCOLS}))
    defaults = (False, True) if any(flow.default for flow in flows) else (False,)
    cuts = sorted({0, *(edge for flow in flows for first, last in flow.ports for edge in (first, last + 1))})
    points: list[int | str] = [cut for cut in cuts if cut <= PORTS[1]]
    points += sorted({token for flow in flows for token in flow.tokens})
    if len(points) * len(protocols) * len(flows) > _POINTS:
        return "it is unknown whether more is admitted: the rules are too many to compare"
    for scope in sorted({flow.scope for flow in after} or {"{}"}):
        olds, news = ([flow for flow in side if flow.scope in (scope, "{}")] for side in (before, after))
        for protocol in protocols:
            for point in points:
                held, now = ([f for f in side if f.covers(protocol, point)] for side in (olds, news))
                for default in defaults:
                    was, named = _let_through(held, names, default)
                    addresses, others = _let_through(now, names, default)
                    if addresses - was or others - named:
                        where = _told_port(protocol, point, cuts)
                        return f"it admits {_told(addresses - was, others - named)} {where}, which it did not"
    return ""


def _let_through(flows: Sequence[_Flow], names: frozenset[str], default: bool) -> tuple[Addresses, frozenset[str]]:
    """The sources that the rules, heard in their order, let through; `default`: so is what none of them decides."""
    passed, blocked = NONE, NONE
    through: set[str] = set()
    stopped: set[str] = set()
    for flow in sorted(flows, key=lambda flow: (flow.order or 0, flow.allows is True)):
        about = {name for name in names if flow.includes(name)}
        if flow.allows is True:
            passed = passed | (flow.sources - blocked)
            through |= about - stopped
        else:
            blocked = blocked | flow.sources
            stopped |= about
    if default:
        passed, through = passed | (EVERYWHERE - blocked), through | (names - stopped)
    return passed, frozenset(through)


def _told(addresses: Addresses, named: frozenset[str]) -> str:
    if addresses.v4:
        first = next(summarize_address_range(IPv4Address(addresses.v4[0][0]), IPv4Address(addresses.v4[0][1])))
        return str(first)
    if addresses.v6:
        return str(next(summarize_address_range(IPv6Address(addresses.v6[0][0]), IPv6Address(addresses.v6[0][1]))))
    name = sorted(named)[0].removeprefix("6:")
    found = re.fullmatch(r'\{"\$(?:ref|unknown)": "(.*)"\}|"(.*)"', name)
    return (found[1] or found[2]) if found else name


def _told_port(protocol: str, point: int | str, cuts: Sequence[int]) -> str:
    what = "by other protocols" if protocol == "other" else f"by {protocol}"
    if isinstance(point, str) or protocol not in _PROTOCOLS:
        return what
    last = next((cut for cut in cuts if cut > point), PORTS[1] + 1) - 1
    if (point, last) == PORTS:
        return what
    return f"{what} on port {point}" if last == point else f"{what} on ports {point}-{last}"
