"""narrow: what was too wide became narrower in effect, and what a model lets in is what the tree speaks of."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from ipaddress import ip_network
from itertools import product
from typing import Any, Final

from copilot.checks import network, policies
from copilot.checks.language import PolicyCondition
from copilot.model import Encoded, List, Map, Null, Resource, Template, Value, Verdict, World, plain
from validators.case import Case
from validators.differences import Difference, differences, leaves, mentions, refers
from validators.honest import _documents, _group, _statements
from validators.names import from_nowhere

HOPS = 3
"""How far, from reference to reference, a thing may be from the finding's resource that has to do with it."""


def check(case: Case) -> Verdict:
    """Fail a patch with which a role grants more, or what was too wide is said in other words; or that mounts another
    folder of the node, or keeps data in one that ends with the pod. A model's draft fails also where it lets in networks,
    names or rights of which neither the tree nor the settings speak, or names a thing for which nothing here speaks."""
    looks = [_grown, _spelt_out, _any_source, _peers, _folders]
    if case.draft.origin == "model":
        looks += [
            _networks,
            _strangers,
            _beside_the_resource,
            _powers,
            _unneeded,
            _public,
            _without_rules,
            _nowhere,
            _idle,
            _rights,
        ]
    for change in differences(case):
        if change.after is None:
            continue
        for look in looks:
            problem = look(case, change)
            if problem:
                return case.verdict("narrow", "fail", f"{change.address}: {problem}")
    return case.verdict("narrow", "pass", "nothing wide in other words")


@cache
def data() -> Mapping[str, Any]:
    """What the names in grants and admissions stand for."""
    import yaml

    kept: Mapping[str, Any] = yaml.safe_load((files("validators") / "narrowing.yaml").read_text("utf-8"))
    return kept


def _text(case: Case) -> str:
    """Every file of the affected roots as it was, comments too."""
    cached: str | None = case.__dict__.get("_before_text")
    if cached is None:
        read = (case.patched.before.read(name) or b"" for name in sorted(case.files))
        cached = "\n".join(data.decode("utf-8", "replace") for data in read)
        case.__dict__["_before_text"] = cached
    return cached


def _each(value: Any) -> list[Any]:
    """The items of a list; a lone thing as its only item."""
    return value if isinstance(value, list) else [] if value is None else [value]


# --- rights -----------------------------------------------------------------------------------------------------

_ROLES = re.compile(r"(?:Cluster)?Role|kubernetes_(?:cluster_)?role(?:_v1)?")
_READS = frozenset({"get", "list", "watch"})
_WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a rule of a role lets do: verbs, on kinds of API groups (or on URLs), on all objects or those of these names."""

    groups: frozenset[str]
    kinds: frozenset[str]
    verbs: frozenset[str]
    names: frozenset[str]
    urls: frozenset[str]

    def covers(self, group: str, kind: str, verb: str, names: frozenset[str]) -> bool:
        """Whether it lets do this on every object, or on those of these names."""
        return (
            bool({group, "*"} & self.groups)
            and bool({kind, "*", f"*/{kind.partition('/')[2]}"} & self.kinds)
            and bool({verb, "*"} & self.verbs)
            and (not self.names or (bool(names) and names <= self.names))
        )


_MEMBERS = (
    ("apiGroups", "api_groups"), ("resources",), ("verbs",), ("resourceNames", "resource_names"),
    ("nonResourceURLs", "non_resource_urls"),
)  # fmt: skip


def _rules(body: Any) -> list[_Rule]:
    found = _each(body.get("rules", body.get("rule"))) if isinstance(body, dict) else []
    return [
        _Rule(*(frozenset(_said_there(item) for name in names for item in _each(rule.get(name))) for names in _MEMBERS))
        for rule in found if isinstance(rule, dict)
    ]  # fmt: skip


def _said_there(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item, sort_keys=True, default=str)


def _grown(case: Case, change: Difference) -> str:
    """A role that lets do what none of its rules let do before."""
    assert change.after is not None
    if change.before is None or not _ROLES.fullmatch(change.after.type):
        return ""
    olds = _rules(change.old)

    def less(group: str, kind: str, verb: str) -> bool:
        # Whoever writes may come to read what it wrote, where a person or a recipe says so; secrets, and what acts when it is read, aside.
        base = kind.partition("/")[0]
        known = {each.partition("/")[0] for old in olds if group in old.groups for each in old.kinds}
        read = verb in _READS and kind != "secrets" and not ("/" in kind and kind in data()["powers"])
        return case.draft.origin != "model" and read and base in known

    for rule in _rules(change.new):
        if rule in olds:
            continue
        for group, kind, verb in product(rule.groups, rule.kinds, rule.verbs):
            if not any(old.covers(group, kind, verb, rule.names) for old in olds) and not less(group, kind, verb):
                return f"it grants {verb} on {kind} of {group or 'the core group'}, which it did not"
        for url, verb in product(rule.urls, rule.verbs):
            if not any({url, "*"} & old.urls and {verb, "*"} & old.verbs for old in olds):
                return f"it grants {verb} on {url}, which it did not"
    return ""


def _spelt_out(case: Case, change: Difference) -> str:
    """A role whose wildcard gave way to a list of all that it stood for."""
    assert change.after is not None
    if change.before is None or not _ROLES.fullmatch(change.after.type):
        return ""
    olds = _rules(change.old)
    fresh = [rule for rule in _rules(change.new) if rule not in olds and not rule.names]
    verbs = frozenset(data()["verbs"])
    if any("*" in old.verbs for old in olds):
        # Where the kind is named, all verbs but the one that clears a namespace may be what a controller needs.
        for rule in fresh:
            if verbs <= rule.verbs or (verbs - rule.verbs == {"deletecollection"} and len(rule.kinds) > 1):
                return "every verb is named where a wildcard stood, which grants no less"
    if any("*" in old.kinds for old in olds):
        changing = frozenset(kind for rule in fresh if rule.verbs & (_WRITES | {"*"}) for kind in rule.kinds)
        reading = frozenset(kind for rule in fresh for kind in rule.kinds)
        for group, known in data()["kinds"].items():
            told = f"the group {group}" if group else "the core group"
            if 4 * len(changing & set(known)) >= 3 * len(known):
                return f"nearly every kind of {told} may be changed where a wildcard stood"
            if not group and "secrets" in reading and 4 * len(reading & set(known)) >= 3 * len(known):
                return f"nearly every kind of {told} is named where a wildcard stood, secrets among them"
    return ""


def _powers(case: Case, change: Difference) -> str:
    """A right that leads to others, which a role names where a wildcard stood and of which the tree does not speak."""
    assert change.after is not None
    if not _ROLES.fullmatch(change.after.type):
        return _wildcard_in_wildcard(change)
    olds = _rules(change.old)
    text = _text(case).lower()
    for rule in _rules(change.new):
        if rule in olds:
            continue
        for name in sorted(rule.kinds | rule.verbs):
            words = data()["powers"].get(name)
            if words is None or any(name in old.kinds | old.verbs for old in olds):
                continue
            if not any(word in text for word in words):
                return f"nothing here says that it needs {name}, which leads to more than a role says"
    return ""


def _wildcard_in_wildcard(change: Difference) -> str:
    """A role of Azure that was to do everything and is to do everything of a kind."""
    assert change.after is not None
    if change.before is None or change.after.type != "azurerm_role_definition":
        return ""
    olds, news = (
        [v for path, v in leaves(side) if path[-1:] in (("actions",), ("data_actions",)) and isinstance(v, str)]
        for side in (change.old, change.new)
    )
    if "*" not in olds:
        return ""
    for action in news:
        if action not in olds and action.endswith("*"):
            return f"{action} in place of everything still stands for what nobody named"
    return ""


def _beside_the_resource(case: Case, change: Difference) -> str:
    """A policy on every resource that holds only because of a condition on how the right is used."""
    assert change.after is not None
    keys = frozenset(key.lower() for key in data()["beside_the_resource"])
    olds = _statements(change.before)
    used = {
        key
        for statement in _statements(change.after) if statement not in olds
        for operator in _each(statement.get("Condition")) if isinstance(operator, dict)
        for block in operator.values() if isinstance(block, dict)
        for key in block if key.lower() in keys
    }  # fmt: skip
    if not used:
        return ""
    nodes = (node for target in case.targets for node in case.checks[target.check].nodes())
    asked = [
        node.spec for node in nodes if isinstance(node, PolicyCondition) and isinstance(node.spec, policies.Allows)
    ]
    for spec in asked:
        if not (spec.resource or spec.principal) or not spec.unless & keys:
            continue
        wider = replace(spec, unless=spec.unless - keys)
        for documents in _documents(change.after).values():
            if any(policies.allows(document, wider).truth for document in documents):
                return f"{sorted(used)[0]} says how a right is used; it is still on every resource"
    return ""


# --- networks ---------------------------------------------------------------------------------------------------

_NETWORK = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?:/\d{1,3})?")
_PLACE = re.compile(
    r"(?i)cidr|range|prefix|address|sourceip|source_ip|_ips?$|^ips?$|allowed|authorized|destination|start_ip|end_ip"
)
_TAGS = frozenset({"VirtualNetwork"})
"""Names for networks of which some may be anybody's: every peered one, and what is connected to it from outside."""


def _networks(case: Case, change: Difference) -> str:
    """A network that is newly named, and lies in none that the tree or the settings name."""
    there = {value for _, value in leaves(change.old) if isinstance(value, str)} if change.old else set()
    for path, value in _said(change):
        if path and isinstance(value, dict) and _PLACE.search(path[-1]) and _around_an_address(value):
            return f"{'.'.join(path)}: a network around an address is wider than the address"
        if not isinstance(value, str) or value in there or not path:
            continue
        if value in _TAGS and _PLACE.search(path[-1]) and not re.search(rf"\b{value}\b", _text(case)):
            return f"{'.'.join(path)}: {value} is every network that is connected, and nothing here names it"
        found = _network_at(path[-1], value)
        if found is None or network.covers_world(found):
            continue  # that it is the world is for others to say
        if not any(not found - known for known in _known_networks(case, change)):
            return f"{'.'.join(path)}: {value[:60]} lies in no network that this tree or the settings name"
    return ""


def _around_an_address(value: Mapping[str, Any]) -> bool:
    """Whether a text is an address that only the provider knows, and the bits of more than that address."""
    parts = value.get("$template") or [""]
    bits = re.fullmatch(r"/(\d{1,3})", parts[-1]) if isinstance(parts[-1], str) else None
    return bits is not None and bits[1] not in ("32", "128")


def _said(change: Difference) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield from leaves(change.new)
    olds = _statements(change.before)
    for statement in _statements(change.after):
        if statement not in olds:
            yield from leaves(statement)


def _network_at(name: str, value: str) -> network.Addresses | None:
    if not _NETWORK.fullmatch(value) or not ("/" in value or _PLACE.search(name)):
        return None
    return network.network_of(value)


def _known_networks(case: Case, change: Difference) -> list[network.Addresses]:
    """The networks that are named before and after, in the text or by what it comes to, those of the settings, and those
    that a provider publishes. One that the patch replaces says nothing of what may come in its place, and the world is no
    network that somebody knows."""
    key = f"_known_networks {change.environment}"
    cached: list[network.Addresses] | None = case.__dict__.get(key)
    if cached is None:
        after = "\n".join(
            (case.patched.after.read(name) or b"").decode("utf-8", "replace") for name in sorted(case.files)
        )
        names = _named(_text(case)) & _named(after)
        values = [_values(assessment.worlds) for assessment in (case.before, case.after)]
        names |= values[0] & values[1]
        names |= {v for _, v in leaves(_data(case.assessor.parameters(change.environment))) if isinstance(v, str)}
        names |= {row["network"] for row in data()["published"]}
        found = (network.network_of(name) for name in names if _NETWORK.fullmatch(name))
        cached = [each for each in found if each is not None and not network.covers_world(each)]
        case.__dict__[key] = cached
    return cached


_PRIVATE: Final = network.Addresses.of(
    [ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")]
)
_WRITTEN = re.compile(rf"""^[^#]*(?:["']|[:\-]\s+)({_NETWORK.pattern})(?:["']|\s*$)""", re.MULTILINE)
"""A network that is all of a text, outside comments."""


def _named(text: str) -> set[str]:
    """The networks that a text names. In prose (a comment, a description, a tag) only private ones count: a sentence is
    what anybody can write, and a network of the internet that is let in on its word is a stranger's."""
    names = set(_NETWORK.findall(text))
    private = {name for name in names if (at := network.network_of(name)) is not None and not at - _PRIVATE}
    values = {name for line in text.splitlines() for part in line.split(",") for name in _WRITTEN.findall(part)}
    return private | (names & values)


def _data(value: Any) -> Any:
    """Settings as JSON data."""
    if isinstance(value, Mapping):
        return {str(key): _data(item) for key, item in value.items()}
    return [_data(item) for item in value] if isinstance(value, (list, tuple, set, frozenset)) else value


def _values(worlds: Sequence[World]) -> set[str]:
    return {
        value
        for world in worlds for resource in world.resources
        for _, value in leaves(plain(resource.body, sensitive=True)) if isinstance(value, str) and _NETWORK.fullmatch(value)
    }  # fmt: skip


_POLICIES = re.compile(r"NetworkPolicy|kubernetes_network_policy(?:_v1)?")


def _peers(case: Case, change: Difference) -> str:
    """Pods of every namespace, in place of addresses; or, from a model, pods by labels of which the tree does not speak."""
    assert change.after is not None
    if change.before is None or not _POLICIES.fullmatch(change.after.type):
        return ""
    olds = list(_selectors(change.old))
    for namespaces, pods in _selectors(change.new):
        if (namespaces, pods) in olds:
            continue
        if namespaces is not None and not any(True for _ in leaves(namespaces)) and pods is None:
            return "a selector without labels lets in every pod of every namespace"
        said = [value for side in (namespaces, pods) for _, value in leaves(side or {})]
        strange = next((v for v in said if isinstance(v, str) and v not in _text(case)), None)
        if case.draft.origin == "model" and strange is not None:
            return f"nothing here is called {strange[:60]}"
    return ""


def _selectors(body: Any) -> Iterator[tuple[Any, Any]]:
    """The namespaces and the pods that each peer of a network policy is told by."""
    specs = _each(body.get("spec")) if isinstance(body, dict) else []
    for rule in (rule for spec in specs if isinstance(spec, dict) for rule in _each(spec.get("ingress"))):
        for peer in _each(rule.get("from")) if isinstance(rule, dict) else ():
            if isinstance(peer, dict) and not _each(peer.get("ipBlock", peer.get("ip_block"))):
                sides = (("namespaceSelector", "namespace_selector"), ("podSelector", "pod_selector"))
                yield tuple(peer.get(a, peer.get(b)) for a, b in sides)  # type: ignore[misc]


# --- who ---------------------------------------------------------------------------------------------------------

_SOURCE_OF_ANYBODY = re.compile(r"arn:[^:]*:[\w*-]*:[*]?:[*]?:[*?/:]*\*[*?/:]*")
_MEMBER = re.compile(
    r"(?:user|group|serviceAccount|domain|projectViewer|projectEditor|projectOwner|principal|principalSet):(.+)"
)
_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:(?!aws:)\w*:(?:[\w.-]+[/:])*([\w+=,.@-]{2,})(?:[/:]\*)?")


def _any_source(case: Case, change: Difference) -> str:
    """A source that is newly asked for and is every thing of a service, of whatever account."""
    there = {value for _, value in leaves(change.old) if isinstance(value, str)} if change.old else set()
    for path, value in _said(change):
        if isinstance(value, str) and value not in there and path and _SOURCE.search(path[-1]):
            if _SOURCE_OF_ANYBODY.fullmatch(value):
                return f"{'.'.join(path)}: {value} is a source of anybody's"
    return ""


_KEPT = (("secretKeyRef",), ("configMapKeyRef",), ("secret_key_ref",), ("config_map_key_ref",))
"""Where a container takes a value from."""
_SOURCE = re.compile(r"(?i)aws:sourcearn$|^source_arn$")


def _strangers(case: Case, change: Difference) -> str:
    """Somebody, or something, who is let in by a name that stands neither in the tree nor in the settings."""
    there = {value for _, value in leaves(change.old) if isinstance(value, str)} if change.old else set()
    known = _text(case) + json.dumps(_data(case.assessor.parameters(change.environment)), default=str)
    made = {
        name for other in differences(case) if other.before is None and other.after for name in _called(other.after)
    }
    for path, value in _said(change):
        if not isinstance(value, str) or value in there:
            continue
        if path[-2:-1] in _KEPT and path[-1] == "name" and value not in known:
            return f"{value[:80]} is named neither in this tree nor in the settings"
        named = _MEMBER.fullmatch(value) or _ARN.fullmatch(value)
        if named is not None and named[1] not in known and named[1] not in made | {"root"}:
            return f"{value[:80]} is named neither in this tree nor in the settings"
    return ""


def _nowhere(case: Case, change: Difference) -> str:
    """Something outside the tree that is named by the form of its name, and of which neither the tree nor the settings speak."""
    assert change.after is not None
    known = _text(case) + json.dumps(_data(case.assessor.parameters(change.environment)), default=str)
    made = {
        name for other in differences(case) if other.before is None and other.after for name in _called(other.after)
    }
    there = [value for _, value in leaves(change.old)] if change.old else []
    own = change.after.type.endswith("_bucket") if change.before is None else False
    for path, value in _said(change):
        if not isinstance(value, str) or not path or value in there or (own and len(path) == 1):
            continue
        strange = from_nowhere(path, value, known, made)
        if strange:
            return f"{'.'.join(path)}: {strange[:80]} is named neither in this tree nor in the settings"
    return ""


def _rights(case: Case, change: Difference) -> str:
    """A right that is named where a wildcard stood, and leads to others, or is about one thing and given on all."""
    assert change.after is not None
    text = _text(case)
    for path, value in leaves(change.new):
        if path[-1:] == ("role",) and isinstance(value, str) and change.after.type.startswith("google_"):
            if re.fullmatch(data()["google_powers"], value) and value not in text:
                return f"{value} leads to more than it says, and nothing here speaks of it"
    olds = _statements(change.before)
    named = {action for old in olds if old.get("Effect") == "Allow" for action in _each(old.get("Action"))}
    for statement in _statements(change.after):
        if statement in olds or statement.get("Effect") != "Allow" or "Principal" in statement:
            continue
        everywhere = "*" in _each(statement.get("Resource"))
        for action in _each(statement.get("Action")):
            if not isinstance(action, str) or action in named:
                continue
            if everywhere and re.fullmatch(data()["of_one"], action):
                return f"{action} is about one resource and is given on every one"
            spoken = re.search(rf"(?<![\w*]){re.escape(action)}(?![\w*])", text)
            if re.fullmatch(data()["aws_powers"], action) and not spoken:
                return f"{action} leads to more than it says, and nothing here speaks of it"
    return ""


def _idle(case: Case, change: Difference) -> str:
    """A filter that is newly named, and lets everything through."""
    world = case.after.world(change.root, change.environment)
    if world is None or change.after is None:
        return ""
    known = set(mentions(change.old))
    for name in mentions(change.new):
        there = world.by_address.get(_address(name, world))
        row = data()["idle"].get(there.type) if there is not None and name not in known else None
        if row is None or there is None:
            continue
        body = plain(there.body, sensitive=True)
        acts = [(path, value) for path, value in leaves(body) if path[0] in ("rule", "rules", "custom_rules")]
        if not any(re.fullmatch(row["acts"], ".".join((*path, str(value)))) for path, value in acts):
            beside = [r for type in row["beside"] for r in world.by_type.get(type, ())]
            if not any(refers(plain(r.body, sensitive=True), there.address) for r in beside):
                return f"{there.address} lets everything through"
    return ""


# --- more than is needed ----------------------------------------------------------------------------------------


def _unneeded(case: Case, change: Difference) -> str:
    """Of things of a kind that are newly named, one that has nothing to do with the resource though another has, named
    beside it or not; or all that the tree has, none of which has."""
    before = case.before.world(change.root, change.environment)
    if before is None or change.after is None or change.after.mode == "data":
        return ""  # what a document of policy says is looked at in the policies that are made of it
    about = _about(case, change, before)
    there = {r.address for r in about} | {name for r in about for name in _origins(r.body)}
    for named in _together(change, before):
        kind = before.by_address[named[0]].type if named and named[0] in before.by_address else ""
        every = [r.address for r in before.by_type.get(kind, ()) if r.address not in there]
        near = [name for name in dict.fromkeys((*named, *every)) if _belongs(case, about, before, name)]
        alike = [name for name in (*named, *every) if name not in near and _sounds_like(case, about, before, name)]
        strange = [name for name in named if name not in near and name not in alike]
        if strange and (near or alike):
            return f"nothing here says that it needs {strange[0]}, and something speaks for {(*near, *alike)[0]}"
        if len(named) > 1 and len(strange) == len(named) and set(every) <= set(named):
            return f"it names every {kind} that there is, and nothing here says that it needs them"
    return ""


def _about(case: Case, change: Difference, world: World) -> list[Resource]:
    """The resource as it was; of a new one, those of the findings."""
    if change.before is not None:
        return [change.before]
    names = {
        o.address
        for t in case.targets
        for o in t.occurrences
        if (o.root, o.environment) == (change.root, change.environment)
    }
    return [resource for address, resource in world.by_address.items() if address in names]


def _together(change: Difference, world: World) -> Iterator[list[str]]:
    """What is newly named side by side: resources of one type in a policy or at one path, objects in a list of names."""
    assert change.after is not None
    known = set(_origins(change.before.body)) if change.before is not None else set()
    groups: dict[tuple[object, ...], list[str]] = {}
    olds = _statements(change.before)
    for statement in _statement_values(change.after):
        said = plain(statement, sensitive=True)
        if said not in olds and said.get("Effect") == "Allow":
            for member in ("Resource", "Principal"):
                for address in _origins(statement.items.get(member, Null())):
                    groups.setdefault((member, _type_of(address, world)), []).append(address)
    for path, value in _scalars(change.after.body):
        for address in _origins(value):
            groups.setdefault((path, _type_of(address, world)), []).append(address)
    there = list(leaves(change.old))
    for path, name in leaves(change.new):
        if (
            path[-1:] in (("resource_names",), ("resourceNames",))
            and isinstance(name, str)
            and (path, name) not in there
        ):
            groups.setdefault((path,), []).append(name)
    for names in groups.values():
        yield [
            name for name in dict.fromkeys(names) if name not in known and (name in world.by_address or "." not in name)
        ]


def _statement_values(resource: Resource) -> Iterator[Map]:
    for documents in _documents(resource).values():
        for document in documents:
            listed = document.items.get("Statement") if isinstance(document, Map) else None
            items = listed.items if isinstance(listed, List) else (listed,)
            yield from (item for item in items if isinstance(item, Map))


def _scalars(value: Value, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Every value that has no parts, by the names that lead to it; what is encoded is not gone into."""
    if isinstance(value, Map):
        for name, item in value.items.items():
            yield from _scalars(item, (*at, name))
    elif isinstance(value, List):
        for item in value.items:
            yield from _scalars(item, at)
    elif not isinstance(value, Encoded):
        yield at, value


def _type_of(address: str, world: World) -> str:
    found = world.by_address.get(address)
    return found.type if found is not None else ""


def _address(reference: str, world: World) -> str:
    """The address of the existing resource that a reference is to."""
    parts = reference.split(".")
    for length in range(len(parts), 1, -1):
        address = ".".join(parts[:length])
        if address in world.by_address:
            return address
    return ""


def _belongs(case: Case, about: Sequence[Resource], world: World, name: str) -> bool:
    """Whether something here ties the thing to the resource: a chain of references, or its name at the resource."""
    there = world.by_address.get(name)
    if there is not None and there.address in _near(case, about, world):
        return True
    names = {name} if there is None else {there.name, *_called(there)}
    words = f" {_words(_around(case, about, world))} "
    return any(f" {_words(each)} " in words for each in names if len(each) > 2)


def _sounds_like(case: Case, about: Sequence[Resource], world: World, name: str) -> bool:
    """Whether a word of the thing's name stands at the resource."""
    there = world.by_address.get(name)
    names = () if there is None else (there.name, *_called(there))
    around = set(_words(_around(case, about, world)).split())
    return any(word in around for each in names for word in _words(each).split() if len(word) > 3)


def _called(resource: Resource) -> set[str]:
    said = plain(resource.body, sensitive=True)
    names = [said.get(key) for key in ("name", "bucket", "identifier", "alias", "account_id")]
    names += [metadata.get("name") for metadata in _each(said.get("metadata")) if isinstance(metadata, dict)]
    return {name for name in names if isinstance(name, str)}


def _words(text: str) -> str:
    """A text as words in small letters: `OrdersTask-of_mine` is `orders task of mine`."""
    return " ".join(re.findall(r"[a-z]+|[0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()))


def _around(case: Case, about: Sequence[Resource], world: World) -> str:
    """The blocks of the resources with the comments above them, and those of the documents that they are made of."""
    made_of = (world.by_address.get(address) for resource in about for address in _origins(resource.body))
    documents = [each for each in made_of if each is not None and each.type == "aws_iam_policy_document"]
    return "\n".join(_block(case, each) for each in (*about, *documents))


def _block(case: Case, resource: Resource) -> str:
    place = resource.block
    lines = (case.patched.before.read(place.path) or b"").decode("utf-8", "replace").splitlines()
    first = place.line - 1
    while first > 0 and lines[first - 1].lstrip().startswith(("#", "//", "*", "/*")):
        first -= 1
    return "\n".join(lines[first : max(place.end_line, place.line)])


def _near(case: Case, about: Sequence[Resource], world: World) -> frozenset[str]:
    """The addresses that a few references, in either direction, lead to from the resources."""
    ties: dict[str, set[str]] = case.__dict__.setdefault("_ties", {}).setdefault(
        (world.root.folder, world.root.environment), {}
    )
    if not ties:
        for resource in world.resources:
            mine = ties.setdefault(resource.address, set())
            if resource.mode not in ("managed", "object") and resource.type != "aws_iam_policy_document":
                continue
            for address in _origins(resource.body):
                mine.add(address)
                ties.setdefault(address, set()).add(resource.address)
    reached = {resource.address for resource in about}
    edge = set(reached)
    for _ in range(HOPS):
        edge = {other for address in edge for other in ties.get(address, ())} - reached
        reached |= edge
    return frozenset(reached)


def _origins(value: Value, depth: int = 0) -> Iterator[str]:
    """The addresses that a value, and what it is made of, was read from."""
    if value.origin is not None:
        yield value.origin.address
    if depth > 20:
        return
    match value:
        case Map():
            for item in value.items.values():
                yield from _origins(item, depth + 1)
        case List():
            for item in value.items:
                yield from _origins(item, depth + 1)
        case Template():
            for part in value.parts:
                yield from _origins(part, depth + 1)
        case Encoded():
            yield from _origins(value.inner, depth + 1)


# --- groups -----------------------------------------------------------------------------------------------------

_SOURCES = frozenset(
    {"security_groups", "source_security_group_id", "source_security_group_ids", "referenced_security_group_id"}
)


def _public(case: Case, change: Difference) -> str:
    """A group that the public reaches, let in where machines are administered: whoever has the one has a way to the other."""
    assert change.after is not None
    world = case.after.world(change.root, change.environment)
    if world is None or not _administers(change):
        return ""
    known = set(mentions(change.old))
    for path, value in leaves(change.new):
        if not path or path[-1] not in _SOURCES:
            continue
        for name in mentions(value):
            group = world.by_address.get(_address(name, world))
            if group is None or name in known or group.type not in ("aws_security_group", "aws_default_security_group"):
                continue
            why = _reached(world, group)
            if why:
                return f"{'.'.join(path)}: {group.address} {why}"
    return ""


def _administers(change: Difference) -> bool:
    """Whether the resource lets in where machines are administered."""
    assert change.after is not None
    if change.after.type == "aws_eks_node_group":
        return True
    bodies = [change.new, *_each(change.new.get("ingress"))] if isinstance(change.new, dict) else []
    for body in bodies:
        if isinstance(body, dict) and str(body.get("ip_protocol", body.get("protocol"))) in ("-1", "all"):
            return True
        first, last = (body.get(name) if isinstance(body, dict) else None for name in ("from_port", "to_port"))
        try:
            if any(int(first) <= port <= int(last) for port in data()["administration"]):  # type: ignore[arg-type]
                return True
        except (TypeError, ValueError):
            continue
    return False


def _reached(world: World, group: Resource) -> str:
    """How the public reaches a group by other ports than those of administration, or that it says so; "" if not."""
    taken = sorted(data()["administration"])
    bounds = zip((0, *(port + 1 for port in taken)), (*(port - 1 for port in taken), 65535), strict=True)
    ports = tuple((low, high) for low, high in bounds if low <= high)
    answer = network.admits(_group(world, group, "ingress"), network.Admits(ports=ports), open=False)
    if answer.truth:
        return "is a group that admits the world itself"
    said = plain(group.body, sensitive=True)
    texts = [group.name, *(said.get(name) for name in ("name", "description"))]
    words = f" {_words(' '.join(text for text in texts if isinstance(text, str)))} "
    word = next((word for word in data()["public"] if f" {word} " in words), "")
    return f"is a group for the public by its own words: {word}" if word else ""


def _without_rules(case: Case, change: Difference) -> str:
    """A new group or firewall that has no rule: it says nothing of what the thing behind it serves."""
    row = data()["ruled"].get(change.after.type) if change.after is not None and change.before is None else None
    world = case.after.world(change.root, change.environment)
    if row is None or world is None or not isinstance(change.new, dict):
        return ""
    if any(change.new.get(name) for name in row["within"]):
        return ""
    for type, argument in row["beside"].items():
        for resource in world.by_type.get(type, ()):
            body = plain(resource.body, sensitive=True)
            value = body.get(argument)
            if refers(value, change.address) or (isinstance(value, str) and value == change.new.get("name")):
                return ""
    return "has no rule"


# --- folders of the node ----------------------------------------------------------------------------------------


def _folders(case: Case, change: Difference) -> str:
    """A volume that was a folder of the node and is another one, or an empty one where that cannot do."""
    assert change.after is not None
    if change.before is None:
        return ""
    olds = {str(v.get("name")): v for pod in _pods(change.old) for v in _volumes(pod)}
    for pod in _pods(change.new):
        for volume in _volumes(pod):
            old = _node_folder(olds.get(str(volume.get("name")), {}))
            if old is None or _node_folder(volume) == old:
                continue
            mounts = [mount for mount in _mounts(pod) if mount.get("name") == volume.get("name")]
            new = _node_folder(volume)
            if new is not None:
                problem = _other_folder(case, old, new, mounts)
            elif "emptyDir" in volume or "empty_dir" in volume:
                problem = _emptied(change.after.type, old, mounts)
            else:
                problem = ""
            if problem:
                return f"volume {volume.get('name')}: {problem}"
    return ""


def _other_folder(case: Case, old: str, new: str, mounts: list[dict[str, Any]]) -> str:
    """Why a folder of the node cannot stand for the one that was mounted."""
    inside = posixpath.normpath(new)
    if not inside.startswith(posixpath.normpath(old).rstrip("/") + "/"):
        return f"{new} is another folder of the node, not a part of {old}"
    if case.draft.origin != "model":
        return ""
    if inside not in _paths(_text(case)):
        return f"nothing here says that it needs {new} of the node"
    if not mounts or not all(_is_true(mount.get("readOnly", mount.get("read_only"))) for mount in mounts):
        return f"{new} of the node can be written"
    return ""


def _emptied(kind: str, old: str, mounts: list[dict[str, Any]]) -> str:
    """Why an empty folder that ends with the pod cannot stand for the node's."""
    if old.endswith(".sock"):
        return f"{old} is a socket, and an empty folder has none"
    if mounts and all(_is_true(mount.get("readOnly", mount.get("read_only"))) for mount in mounts):
        return "an empty folder that is only read holds nothing"
    if kind == "StatefulSet" or kind.startswith("kubernetes_stateful_set"):
        return "what a stateful set keeps would end with the pod"
    for mount in mounts:
        where = posixpath.normpath(str(mount.get("mountPath", mount.get("mount_path", ""))))
        for folder in data()["data_folders"]:
            if where == folder or where.startswith(f"{folder}/"):
                return f"what lies in {where} is data, and would end with the pod"
    return ""


def _is_true(value: Any) -> bool:
    return value is True or value == "true"


def _paths(text: str) -> frozenset[str]:
    """The folders that a text names in full, those of patterns up to the first wildcard."""
    found = re.findall(r"/[\w.*?{}\[\]-]+(?:/[\w.*?{}\[\]-]+)*/?", text)
    return frozenset(posixpath.normpath(re.split(r"/[^/]*[*?\[{]", each)[0]) for each in found)


def _pods(body: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The specifications of pods in a resource: whatever has containers."""
    if depth > 8:
        return
    if isinstance(body, dict):
        if "containers" in body or "container" in body:
            yield body
            return
        for value in body.values():
            yield from _pods(value, depth + 1)
    elif isinstance(body, list):
        for value in body:
            yield from _pods(value, depth + 1)


def _volumes(pod: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [v for v in _each(pod.get("volumes", pod.get("volume"))) if isinstance(v, dict)]


def _node_folder(volume: Mapping[str, Any]) -> str | None:
    for source in _each(volume.get("hostPath", volume.get("host_path"))):
        path = source.get("path") if isinstance(source, dict) else None
        if isinstance(path, str):
            return path
    return None


def _mounts(pod: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = ("containers", "initContainers", "ephemeralContainers", "container", "init_container")
    return [
        mount
        for name in names for container in _each(pod.get(name)) if isinstance(container, dict)
        for mount in _each(container.get("volumeMounts", container.get("volume_mount"))) if isinstance(mount, dict)
    ]  # fmt: skip
