"""Whether a patched tree is right: the assertions of a case over its resources, written apart from the gate.

Nothing here is shared with the condition language's evaluator or with a validator, so that an error in those cannot hide
itself. Assertions have three values; an unknown one is not held.

What stands at a path is read as JSON data. A reference is the text `${address.attribute}`: it is itself, and equals no
literal (the ARN of an S3 bucket of the tree whose name is written is that ARN). `null` is absent. A text that holds JSON
is walked into. A value that the configuration does not decide makes an assertion about it unknown.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from copilot.model import Truth, World, plain

Step = str | int
Op = Literal[
    "equals", "not_equals", "contains", "not_contains", "present", "matches", "at_least", "at_most", "in", "subset_of",
]  # fmt: skip
OPS: tuple[Op, ...] = (
    "equals", "not_equals", "contains", "not_contains", "present", "matches", "at_least", "at_most", "in", "subset_of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A value that the configuration does not decide, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource of a tree: its type, and its arguments as data."""

    address: str
    type: str
    mode: str
    data: Any
    conditional: bool


@dataclass(frozen=True)
class Tree:
    """The resources of one root by address."""

    root: str
    things: Mapping[str, Thing]
    closed: bool


def tree_of(world: World) -> Tree:
    """The resources of an evaluated root; secrets are compared like anything else, and never printed from here."""
    buckets = {
        r.address: name
        for r in world.resources
        if r.type == "aws_s3_bucket" and r.mode == "managed"
        and isinstance(name := plain(r.body, sensitive=True).get("bucket"), str)
    }  # fmt: skip
    things = {
        r.address: Thing(
            r.address, r.type, r.mode, _read(plain(r.body, sensitive=True), buckets), r.conditional
        )
        for r in world.resources
        if r.mode in ("managed", "object", "data", "provider")
    }  # fmt: skip
    return Tree(f"{world.root.name}@{world.root.environment}", things, world.closed)


def _read(data: Any, buckets: Mapping[str, str]) -> Any:
    """The data with references as texts and what is undecided as `Unsaid`; an open list or map holds an Unsaid more."""
    if isinstance(data, dict):
        if "$unknown" in data:
            return Unsaid(str(data["$unknown"]))
        if "$ref" in data:
            return _reference(str(data["$ref"]), buckets)
        if "$template" in data:
            parts = [_read(part, buckets) for part in data["$template"]]
            unsaid = next((part for part in parts if isinstance(part, Unsaid)), None)
            return unsaid or "".join(part if isinstance(part, str) else json.dumps(part, default=str) for part in parts)
        out = {key: _read(value, buckets) for key, value in data.items() if key != "$open" and value is not None}
        return {**out, "$more": Unsaid("there may be more")} if "$open" in data else out
    if isinstance(data, list):
        return [
            Unsaid("there may be more") if item == {"$open": True} else _read(item, buckets)
            for item in data
            if item is not None
        ]
    return data


def _reference(text: str, buckets: Mapping[str, str]) -> str:
    address, _, attribute = text.rpartition(".")
    if address in buckets and attribute == "arn":
        return f"arn:aws:s3:::{buckets[address]}"
    if address in buckets and attribute in ("id", "bucket"):
        return buckets[address]
    return f"${{{text}}}"


# --- paths --------------------------------------------------------------------------------------------------------

_STEP = re.compile(r'\[(\d+)\]|\["([^"\]]*)"\]|([^.\[\]]+)')


def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path such as `a.b[0]["c.d"]`; ValueError when it is none."""
    if path in ("", "."):
        return ()
    out: list[Step] = []
    at = 0
    while at < len(path):
        if path[at] == "." and out:
            at += 1
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError(f"{path!r} is no path")
        index, quoted, name = match.groups()
        out.append(int(index) if index is not None else quoted if quoted is not None else name)
        at = match.end()
    return tuple(out)


_ABSENT = object()


def readings(data: Any, path: Sequence[Step]) -> Iterator[Any]:
    """What stands at a path: one reading for each element of the lists on the way; `_ABSENT` where there is nothing."""
    if isinstance(data, Unsaid):
        yield data
        return
    if not path:
        yield data
        return
    data = _decoded(data)
    first, rest = path[0], path[1:]
    if isinstance(data, list):
        if isinstance(first, int):
            yield from readings(data[first], rest) if first < len(data) else [_ABSENT]
            return
        if not data:
            yield _ABSENT
        for item in data:
            yield from readings(item, path)
        return
    if isinstance(data, dict):
        if first == 0 and "0" not in data:  # one block is a list of one
            yield from readings(data, rest)
        elif str(first) in data:
            yield from readings(data[str(first)], rest)
        else:
            yield data.get("$more", _ABSENT)
        return
    yield _ABSENT


def _decoded(data: Any) -> Any:
    if isinstance(data, str) and data.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return data
    return data


# --- assertions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class At:
    """What stands at a path of a resource ("" inside `that`: of the one under test)."""

    resource: str
    path: tuple[Step, ...]
    op: Op
    value: Any
    said: str


@dataclass(frozen=True, slots=True)
class Exists:
    """The resource is there, or is not."""

    resource: str
    exists: bool
    said: str


@dataclass(frozen=True, slots=True)
class Grants:
    """Whether the IAM document at a path allows an action on a resource in some circumstances."""

    resource: str
    path: tuple[Step, ...]
    action: str
    on: str
    wanted: bool
    said: str


@dataclass(frozen=True, slots=True)
class Admits:
    """Whether the rules at a path let a network reach a port."""

    resource: str
    path: tuple[Step, ...]
    cidr: str
    port: int | None
    protocol: str
    wanted: bool
    said: str


@dataclass(frozen=True, slots=True)
class Both:
    """All or any of some assertions, or the opposite of one."""

    how: Literal["all", "any", "not"]
    parts: tuple[Assertion, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Among:
    """Some resource of a type, or none, is such that all of `that` holds of it."""

    how: Literal["some", "none"]
    type: str
    that: tuple[Assertion, ...]
    said: str


Assertion = At | Exists | Grants | Admits | Both | Among


@dataclass(frozen=True, slots=True)
class Kept:
    """What has to stay as it was: a resource, a path of one ("" for all of it), or every `others`."""

    resource: str
    path: tuple[Step, ...]
    said: str


def truth(assertion: Assertion, trees: Sequence[Tree], of: Thing | None = None) -> Truth:
    """Whether an assertion holds in every root that has its resource; None when that is not decided."""
    match assertion:
        case Both(how="not", parts=(part,)):
            inner = truth(part, trees, of)
            return None if inner is None else not inner
        case Both(how="all", parts=parts):
            return _all(truth(part, trees, of) for part in parts)
        case Both(how="any", parts=parts):
            return _any(truth(part, trees, of) for part in parts)
        case Among(how=how, type=type, that=that):
            found = _any(
                _all([None if thing.conditional else True, *(truth(part, trees, thing) for part in that)])
                for tree in trees
                for thing in tree.things.values()
                if (f"data.{thing.type}" if thing.mode == "data" else thing.type) == type
            )
            if found is not True and not all(tree.closed for tree in trees):
                found = None
            return found if how == "some" else None if found is None else not found
        case Exists(resource=resource, exists=exists):
            there = any(resource in tree.things for tree in trees)
            if not there and not all(tree.closed for tree in trees):
                return None
            return there is exists
    assert not isinstance(assertion, Both)
    things = [of] if of is not None and not assertion.resource else [
        tree.things[assertion.resource] for tree in trees if assertion.resource in tree.things
    ]  # fmt: skip
    if not things:
        return False  # a resource that is gone is no way to keep what was to hold of it
    return _all(_of_thing(assertion, thing) for thing in things)


def _of_thing(assertion: At | Grants | Admits, thing: Thing) -> Truth:
    found = list(readings(thing.data, assertion.path))
    match assertion:
        case At(op=op, value=value):
            return _operator(op, found, value)
        case Grants():
            answer = _any(granted(each, assertion.action, assertion.on) for each in found)
        case Admits():
            answer = admitted(found, assertion.cidr, assertion.port, assertion.protocol)
    return None if answer is None else answer is assertion.wanted


def _all(truths: Iterable[Truth]) -> Truth:
    known = list(truths)
    return False if False in known else None if None in known else True


def _any(truths: Iterable[Truth]) -> Truth:
    known = list(truths)
    return True if True in known else None if None in known else False


def _operator(op: Op, found: list[Any], wanted: Any) -> Truth:
    match op:
        case "present":
            there = _any(None if isinstance(each, Unsaid) else each is not _ABSENT for each in found)
            return None if there is None else there is bool(wanted)
        case "contains":
            return _any(_contains(each, wanted) for each in found)
        case "not_contains":
            inner = _any(_contains(each, wanted) for each in found)
            return None if inner is None else not inner
        case "matches":
            return _any(_matches(leaf, str(wanted)) for each in found for leaf in _leaves(each))
        case "not_equals":
            return _all(
                None if (same := _equal(each, wanted)) is None else not same for each in _elements(found, wanted)
            )
        case "equals":
            return _all(_equal(each, wanted) for each in _elements(found, wanted))
        case "in":
            return _all(_any(_equal(each, one) for one in wanted) for each in _elements(found, ""))
        case "subset_of":
            if not any(each is not _ABSENT for each in found):
                return False
            elements = [each for each in _elements(found, "") if each is not _ABSENT]
            return _all(_any(_equal(each, one) for one in wanted) for each in elements)
        case "at_least" | "at_most":
            return _all(_compared(each, wanted, op) for each in _elements(found, ""))


def _elements(found: list[Any], wanted: Any) -> Iterator[Any]:
    """The readings, lists opened up unless a list is what is wanted."""
    for each in found:
        each = _decoded(each) if isinstance(wanted, list | dict) else each
        if isinstance(each, list) and not isinstance(wanted, list):
            yield from each or [_ABSENT]
        else:
            yield each


def _equal(found: Any, wanted: Any) -> Truth:
    if isinstance(found, Unsaid):
        return None
    if found is _ABSENT:
        return wanted is None
    if isinstance(found, list) and isinstance(wanted, list):
        if any(isinstance(item, Unsaid) for item in found):
            return None
        return len(found) == len(wanted) and _all(_equal(a, b) for a, b in zip(found, wanted)) is True
    if isinstance(found, dict) and isinstance(wanted, dict):
        if "$more" in found:
            return None
        return set(found) == set(wanted) and _all(_equal(found[key], wanted[key]) for key in wanted)
    return _scalar(found) == _scalar(wanted)


def _scalar(value: Any) -> str:
    """Terraform's text of a scalar: `true` and true are one, as 1 and 1.0 are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def _leaves(data: Any) -> Iterator[Any]:
    """Every scalar and every key below a reading."""
    data = _decoded(data)
    if isinstance(data, dict):
        for key, value in data.items():
            if key != "$more":
                yield key
            yield from _leaves(value)
    elif isinstance(data, list):
        for item in data:
            yield from _leaves(item)
    elif data is not _ABSENT:
        yield data


def _contains(found: Any, wanted: Any) -> Truth:
    return _any(None if isinstance(leaf, Unsaid) else _scalar(wanted) in _scalar(leaf) for leaf in _leaves(found))


def _matches(leaf: Any, pattern: str) -> Truth:
    import re2

    return None if isinstance(leaf, Unsaid) else re2.search(pattern, _scalar(leaf)) is not None


def _compared(found: Any, wanted: Any, op: str) -> Truth:
    if isinstance(found, Unsaid):
        return None
    try:
        number = float(found)
    except (TypeError, ValueError):
        return False
    return bool(number >= wanted if op == "at_least" else number <= wanted)


# --- IAM ----------------------------------------------------------------------------------------------------------


def granted(document: Any, action: str, on: str) -> Truth:
    """Whether an IAM document allows an action on a resource, in some circumstances.

    Some `Allow` covers both, and no `Deny` without a condition does. A condition narrows when, not what: an `Allow` under
    one grants, a `Deny` under one does not take away. `*` and `?` are wildcards of the document; in the question they are
    plain signs, so that `resource: "*"` asks whether all is granted. A statement without `Resource` (a trust policy)
    covers every resource.
    """
    document = _decoded(document)
    if document is _ABSENT:
        return False
    if not isinstance(document, dict):
        return None
    statements = document.get("Statement", [])
    allows: list[Truth] = []
    denies: list[Truth] = []
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            allows.append(None)
            continue
        covers = _all([_listed(statement, "Action", action.lower(), fold=True), _listed(statement, "Resource", on)])
        effect = statement.get("Effect")
        if effect == "Deny":
            if not statement.get("Condition"):
                denies.append(covers)
        elif effect == "Allow" or not isinstance(effect, str):
            allows.append(covers if effect == "Allow" or covers is False else None)
    denied = _any(denies)
    return _all([_any(allows), None if denied is None else not denied])


def _listed(statement: Mapping[str, Any], name: str, asked: str, *, fold: bool = False) -> Truth:
    if name in statement:
        given, turned = statement[name], False
    elif f"Not{name}" in statement:
        given, turned = statement[f"Not{name}"], True
    else:
        return True if name == "Resource" and "$more" not in statement else None if "$more" in statement else False
    patterns = given if isinstance(given, list) else [given]
    found = _any(
        None if isinstance(each, Unsaid) else _glob(str(each), fold).match(asked) is not None for each in patterns
    )
    return found if not turned or found is None else not found


@functools.lru_cache(2048)
def _glob(pattern: str, fold: bool) -> re.Pattern[str]:
    text = pattern.lower() if fold else pattern
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in re.sub(r"\*+", "*", text))
    return re.compile(rf"(?s:{''.join(parts)})\Z")


# --- networks -----------------------------------------------------------------------------------------------------

_SOURCES = (
    "cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "source_ranges", "source_address_prefix",
    "source_address_prefixes", "source_cidr", "cidr_block", "ipv6_cidr_block",
)  # fmt: skip
_WORLD = {"*": ("0.0.0.0/0", "::/0"), "internet": ("0.0.0.0/0", "::/0"), "any": ("0.0.0.0/0", "::/0")}


def admitted(found: Sequence[Any], cidr: str, port: int | None, protocol: str) -> Truth:
    """Whether rules let every address of a network reach a port: one rule alone does, or two halves of the network do.

    Partly is unknown. A rule is a block of a security group, a rule resource, an Azure security rule or a Google
    firewall; those that name groups or prefix lists instead of networks admit no network. A rule that denies counts for
    nothing: what it takes away depends on priorities.
    """
    asked = ipaddress.ip_network(cidr, strict=False)
    pieces = [asked] if asked.prefixlen == asked.max_prefixlen else list(asked.subnets(1))
    return _halves([_piece_admitted(found, piece, port, protocol) for piece in pieces])


def _halves(truths: Sequence[Truth]) -> Truth:
    """All of it, none of it, or unknown."""
    return truths[0] if len(set(truths)) == 1 else None


def _piece_admitted(found: Sequence[Any], asked: Any, port: int | None, protocol: str) -> Truth:
    return _any(_rule_admits(rule, asked, port, protocol) for each in found for rule in _rules(each))


def _rules(data: Any) -> Iterator[Any]:
    data = _decoded(data)
    if isinstance(data, list):
        for item in data:
            yield from _rules(item)
    elif data is not _ABSENT:
        yield data


def _rule_admits(rule: Any, asked: Any, port: int | None, protocol: str) -> Truth:
    if not isinstance(rule, dict):
        return None
    for name, allowing in (("access", "allow"), ("rule_action", "allow"), ("direction", None), ("type", None)):
        if isinstance(rule.get(name), str):
            value = rule[name].lower()
            if (allowing and value != allowing) or value in ("outbound", "egress"):
                return False
    if rule.get("disabled") is True or ("deny" in rule and "allow" not in rule):
        return False
    sources = [source for name in _SOURCES if name in rule for source in _listing(rule[name])]
    by_network = _any(_covers(source, asked) for source in sources)
    if "$more" in rule and by_network is False:
        by_network = None
    by_port = _any(_port_open(part, port, protocol) for part in _listing(rule["allow"])) if "allow" in rule else (
        _port_open(rule, port, protocol)
    )  # fmt: skip
    return _all([by_network, by_port])


def _listing(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _covers(source: Any, asked: Any) -> Truth:
    if isinstance(source, Unsaid):
        return None
    text = str(source).lower()
    covered: list[Truth] = []
    for each in _WORLD.get(text, (text,)):
        try:
            network = ipaddress.ip_network(each, strict=False)
        except ValueError:
            continue  # a reference, or a service's name: no network
        if network.version != asked.version:
            continue
        covered.append(True if asked.subnet_of(network) else None if network.overlaps(asked) else False)
    return _any(covered)


def _port_open(rule: Any, port: int | None, protocol: str) -> Truth:
    if isinstance(rule, Unsaid):
        return None
    said = rule.get("protocol", rule.get("ip_protocol", "-1"))
    if isinstance(said, Unsaid):
        return None
    name = str(said).lower()
    everything = name in ("-1", "all", "*", "any")
    if not everything and name not in (protocol, {"tcp": "6", "udp": "17"}.get(protocol, protocol)):
        return False
    if port is None:
        return True
    if "ports" in rule or "destination_port_range" in rule or "destination_port_ranges" in rule:
        given = [*_listing(rule.get("ports", [])), *_listing(rule.get("destination_port_ranges", []))]
        given += _listing(rule["destination_port_range"]) if "destination_port_range" in rule else []
        return _any(None if isinstance(each, Unsaid) else _in_range(str(each), port) for each in given)
    if "from_port" not in rule or name in ("-1", "all"):
        return everything or "allow" not in rule
    low, high = rule["from_port"], rule.get("to_port", rule["from_port"])
    if isinstance(low, Unsaid) or isinstance(high, Unsaid):
        return None
    return int(low) <= port <= int(high) or int(low) == -1


def _in_range(text: str, port: int) -> bool:
    if text == "*":
        return True
    low, _, high = text.partition("-")
    return low.isdigit() and int(low) <= port <= int(high or low)


# --- judging ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a patched tree is right, and what of the case does not hold."""

    right: bool
    broken: tuple[str, ...]


def judge(
    must_hold: Sequence[Assertion], must_not_change: Sequence[Kept], before: Sequence[Tree], after: Sequence[Tree],
    *, address: str,
) -> Judged:  # fmt: skip
    """Hold the patched roots to a case: everything holds, and what had to stay stayed. What is unknown is not held."""
    broken = []
    for assertion in must_hold:
        held = truth(assertion, after)
        if held is not True:
            broken.append(f"{'not held' if held is False else 'not decided'}: {assertion.said}")
    for kept in must_not_change:
        broken += (f"changed: {address} ({kept.said})" for address in _changed(kept, before, after, address))
    return Judged(not broken, tuple(dict.fromkeys(broken)))


def _is(address: str, own: str) -> bool:
    """Whether an address is the finding's own: a finding inside a module is known by its address in there, too."""
    return address == own or (address.startswith("module.") and address.endswith(f".{own}"))


def _changed(kept: Kept, before: Sequence[Tree], after: Sequence[Tree], own: str) -> Iterator[str]:
    later = {tree.root: tree.things for tree in after}
    for tree in before:
        now = later.get(tree.root, {})
        for thing in tree.things.values():
            if kept.resource == "others":
                if _is(thing.address, own) or thing.mode == "data":
                    continue
            elif thing.address != kept.resource:
                continue
            same = thing.address in now and (
                list(readings(thing.data, kept.path)) == list(readings(now[thing.address].data, kept.path))
            )
            if not same:
                yield thing.address
    if kept.resource != "others" and not any(kept.resource in tree.things for tree in before):
        yield f"{kept.resource} (which never was there)"
