"""honest: the patch repairs the resource instead of hiding it, muting the scanner, or paying with another risk."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from copilot.checks import network, policies
from copilot.iac import hcl
from copilot.iac.decode import decoded
from copilot.iac.syntax import Attribute, Block, Body, Source
from copilot.model import Encoded, Known, List, Map, Null, Place, Ref, Resource, Value, Verdict, World, plain
from validators.case import Case, blocks, managed
from validators.differences import Difference, differences, leaves, mentions, refers

# What tells a scanner, ours or another's, to look away.
SUPPRESSION = re.compile(
    r"(?i)ccopilot\s*:\s*ignore|checkov\s*:\s*skip|bridgecrew\s*:\s*skip|tfsec\s*:\s*ignore|trivy\s*:\s*ignore|"
    r"kics-scan\s+(?:ignore|disable|enable)|terrascan\s*:\s*skip|tflint-ignore|nosec|snyk\s*:\s*ignore|semgrep|regula|noqa|"
    r"\bts\s*:\s*skip|pragma:\s*allowlist|gitleaks\s*:\s*allow"
)
# The annotations and metadata that do so in YAML and JSON, where they are no comments.
ANNOTATION = re.compile(
    r"(?i)checkov\.io/skip|bridgecrew\.io/skip|runterrascan\.io/skip|ignore-check\.kube-linter\.io|"
    r"polaris\.fairwinds\.com/[\w-]*exempt|kube-score/ignore|kubesec\.io/ignore"
)
_META: Mapping[str, tuple[str, ...]] = {
    "resource": ("count", "for_each", "provider"),
    "data": ("count", "for_each", "provider"),
    "ephemeral": ("count", "for_each", "provider"),
    "module": ("count", "for_each", "providers", "source", "version"),
}
Rules = list[tuple[Value, Place | None]]
Header = tuple[str, str]
"""The folder and the name of a block: `resource.aws_vpc.main`."""


def check(case: Case) -> Verdict:
    """Fail a patch that removes, renames or multiplies a resource, changes what decides whether and where it exists,
    adds a suppression, grants or admits more than before, or encrypts with a key that nobody can use."""
    for look in (_addresses, _meta, _suppressions, _grants, _admitted, _keys):
        problem = look(case)
        if problem:
            return case.verdict("honest", "fail", problem)
    return case.verdict("honest", "pass", "the same resources, no suppression, no wider grant or admission")


def _addresses(case: Case) -> str:
    for before, after in case.pairs():
        olds, news = managed(before), managed(after)
        for address, resource in olds.items():
            if address not in news:
                return f"{address} is gone"
            if news[address].conditional and not resource.conditional:
                return f"{address} may no longer exist"
            ignored = [path for path in news[address].ignored if path not in resource.ignored]
            if ignored and "*" not in resource.ignored:
                return f"{address} ignores changes of {'everything' if '*' in ignored else ', '.join(ignored)}"
        known = {(r.folder, r.type, r.name) for r in olds.values()}
        for address, resource in news.items():
            if address not in olds and (resource.folder, resource.type, resource.name) in known:
                return f"{address}: another instance of an existing resource"
    return ""


# --- what stands around a resource ---


def _meta(case: Case) -> str:
    """Changes of what stands around a resource: count, for_each, provider, lifecycle, module source, provisioners."""
    before, after = (_declared(_modules(case, before=side)) for side in (True, False))
    for header, bodies in after.items():
        olds = before.get(header, [])
        name = header[1]
        kind = name.split(".")[0]
        if kind in ("removed", "moved", "import"):
            if Counter(map(_said, bodies)) - Counter(map(_said, olds)):
                return f"a new {kind} block changes what the state holds"
            continue
        runs = _commands(bodies) - _commands(olds)
        if runs:
            return f"{name} gets or changes a {next(iter(runs))[0]}"
        if name.startswith("data.external.") and not olds:
            return f"{name} runs a program"
        if not olds:
            continue
        if len(bodies) > len(olds) and kind in _META:
            return f"{name} is declared once more"
        for argument in _META.get(kind, ()):
            old, new = _texts(olds, argument), _texts(bodies, argument)
            if old != new:
                return f"{name} {'gets a' if not old else 'loses its' if not new else 'changes its'} {argument}"
        problem = _lifecycle(olds, bodies)
        if problem:
            return f"{name} {problem}"
    lost = _validations(before) - _validations(after)
    return f"a validation is removed from {next(iter(lost))[0]}" if lost else ""


Declared = Mapping[Header, list[tuple[Source, Block]]]


def _modules(case: Case, *, before: bool) -> Iterator[Source]:
    """Every configuration file of the folders in which the patch changes one: a block may move, or be overridden."""
    snapshot = case.patched.before if before else case.patched.after
    for folder in sorted({posixpath.dirname(path) for path in case.patched.files if path.endswith(_CONFIGURATION)}):
        yield from case.module_sources(snapshot, folder)


_CONFIGURATION = (".tf", ".tf.json", ".tofu", ".tofu.json")


def _declared(sources: Iterable[Source]) -> Declared:
    out: dict[Header, list[tuple[Source, Block]]] = {}
    for source in sources:
        for block in source.body.blocks:
            out.setdefault((posixpath.dirname(source.path), ".".join((block.type, *block.labels))), []).append(
                (source, block)
            )
    return out


def _text(source: Source, attribute: Attribute) -> str:
    return " ".join(source.data[attribute.value_start : attribute.value_end].decode("utf-8", "replace").split())


def _texts(bodies: list[tuple[Source, Block]], argument: str) -> list[str]:
    """What an argument is said to be, in each of the blocks that say it."""
    found = ((source, block.body.attribute(argument)) for source, block in bodies)
    return sorted(_text(source, attribute) for source, attribute in found if attribute is not None)


def _said(body: tuple[Source, Block]) -> str:
    return _normal(body[0], body[1].body)


def _normal(source: Source, body: Body) -> str:
    """A body as text, whatever the order and the spaces."""
    parts = [f"{a.name}={_text(source, a)}" for a in body.attributes]
    parts += [f"{'.'.join((b.type, *b.labels))}{{{_normal(source, b.body)}}}" for b in body.blocks]
    return ";".join(sorted(parts))


def _commands(bodies: list[tuple[Source, Block]]) -> Counter[tuple[str, str]]:
    """The provisioners of the blocks, and how they connect: what runs beside Terraform."""
    return Counter(
        (nested.type, f"{nested.labels} {_normal(source, nested.body)}")
        for source, block in bodies for kind in ("provisioner", "connection") for nested in block.body.blocks_of(kind)
    )  # fmt: skip


def _lifecycle(olds: list[tuple[Source, Block]], news: list[tuple[Source, Block]]) -> str:
    """What of the lifecycle is changed; protection against destruction and further conditions may be added.

    The paths of ignore_changes are told from the resources; here what cannot be read as paths must stay as it is.
    """
    old, new = (
        [(s, nested) for s, block in side for nested in block.body.blocks_of("lifecycle")] for side in (olds, news)
    )
    if "true" in _texts(old, "prevent_destroy") and "true" not in _texts(new, "prevent_destroy"):
        return "is no longer protected by prevent_destroy"
    for argument in ("create_before_destroy", "replace_triggered_by"):
        if _texts(old, argument) != _texts(new, argument):
            return f"changes {argument} of its lifecycle"
    before, after = (_ignored(side) for side in (old, new))
    if "all" not in before and (after - before):
        return f"ignores changes of {'everything' if 'all' in after else ', '.join(sorted(after - before))}"
    return ""


def _ignored(bodies: list[tuple[Source, Block]]) -> set[str]:
    return {
        item.strip().strip('"') for text in _texts(bodies, "ignore_changes") for item in text.strip("[] ").split(",")
        if item.strip()
    }  # fmt: skip


def _validations(declared: Declared) -> Counter[tuple[str, str]]:
    """What the configuration demands of its inputs and results, and what it keeps secret."""
    out: Counter[tuple[str, str]] = Counter()
    for (_, name), bodies in declared.items():
        kind = name.split(".")[0]
        for source, block in bodies:
            for _, nested in blocks([Source(source.path, source.data, block.body, ())]):
                if nested.type in ("validation", "precondition", "postcondition") or (
                    kind == "check" and nested.type == "assert"
                ):
                    out[name, _normal(source, nested.body)] += 1
            attribute = block.body.attribute("sensitive")
            if attribute is not None and kind in ("variable", "output") and _text(source, attribute) == "true":
                out[name, "sensitive"] += 1
    return out


# --- suppressions ---


def _suppressions(case: Case) -> str:
    for path in case.patched.files:
        before, after = (_suppressed(path, tree.read(path)) for tree in (case.patched.before, case.patched.after))
        added = after - before
        if added:
            return f"{path}: adds a suppression: {next(iter(added))[:80]}"
    return ""


def _suppressed(path: str, data: bytes | None) -> Counter[str]:
    """The suppressions in a file: in its comments, and in annotations."""
    text = (data or b"").decode("utf-8", "replace")
    found = Counter(" ".join(line.split()) for line in text.splitlines() if ANNOTATION.search(line))
    if not SUPPRESSION.search(text):
        return found
    if path.endswith((".yaml", ".yml", ".yaml.tpl", ".yml.tpl")):
        comments = re.findall(r"(?m)(?:^|(?<=\s))#.*$", text)
    else:
        comments = hcl.comments(text)
    found.update(" ".join(comment.split()) for comment in comments if SUPPRESSION.search(comment))
    return found


def _same_rest(case: Case) -> bool:
    """Whether what the configuration does not decide of a list can only be what it was.

    That is so when every dynamic block is as it was, and nothing that is changed or added around them can bring items.
    """
    cached: bool | None = case.__dict__.get("_same_rest")
    if cached is None:
        before, after = (Counter(_parts(_modules(case, before=side))) for side in (True, False))
        inputs = any(path.endswith((".tfvars", ".tfvars.json")) for path in case.patched.files)
        cached = not inputs and not any(
            _BRINGS.search(text) or " dynamic." in name for name, text in (*(before - after), *(after - before))
        )
        case.__dict__["_same_rest"] = cached
    return cached


_BRINGS = re.compile(
    r"\b(?:var|local|module|each|data)\.|\bfor\b|\b(?:concat|merge|flatten|setunion|compact|distinct)\("
)


def _parts(sources: Iterable[Source]) -> Iterator[tuple[str, str]]:
    """Each dynamic block, and each argument outside of them, as text under the block that it stands in."""
    for source in sources:
        stack = [(".".join((block.type, *block.labels)), block) for block in source.body.blocks]
        while stack:
            name, block = stack.pop()
            if block.type == "dynamic":
                yield name, _normal(source, block.body)
                continue
            yield from ((f"{name} {a.name}", _text(source, a)) for a in block.body.attributes)
            stack += [(f"{name} {'.'.join((b.type, *b.labels))}", b) for b in block.body.blocks]


# --- grants ---


def _grants(case: Case) -> str:
    changes = differences(case)
    for change in changes:
        after = change.after
        if after is None or after.mode not in ("managed", "object"):
            continue
        problem = _attached(change)
        if problem:
            return f"{change.address}: {problem}"
        news = _documents(after)
        olds = _documents(change.before) if change.before is not None else {}
        for path, documents in news.items():
            document = _together(documents)
            if path in olds:
                problem = policies.widened(_together(olds[path]), document, same_rest=_same_rest(case))
            else:
                problem = _new_grant(case, change, path, document)
            if problem:
                return f"{change.address}: {path}: {problem}"
        for path, documents in olds.items():
            if path not in news:
                problem = policies.widened(_together(documents), _instead(case, change, path))
                if problem:
                    return f"{change.address}: {path}: {problem}"
    return ""


def _together(documents: list[Value]) -> Value:
    return documents[0] if len(documents) == 1 else List(tuple(documents))


def _new_grant(case: Case, change: Difference, path: str, document: Value) -> str:
    """What a policy grants where none could be read before: what another one granted, or nothing that is too much."""
    if change.before is not None:
        there = [value for value in _at(change.before.body, path.split(".")) if not isinstance(value, Null)]
        if there:
            return policies.widened(_together(there), document)
    world = case.before.world(change.root, change.environment)
    linked = [world.by_address[name] for name in _named(change.new, world)] if world is not None else []
    given = [each for resource in linked for documents in _documents(resource).values() for each in documents]
    if given and not policies.widened(List(tuple(given)), document):
        return ""
    return _open_grant(document)


def _named(data: Any, world: World) -> list[str]:
    """The addresses of the resources of a world that references in the data are to."""
    found = dict.fromkeys(mentions(data))
    return [address for address in world.by_address if any(_within(name, address) for name in found)]


def _within(name: str, address: str) -> bool:
    return name == address or name.startswith((f"{address}.", f"{address}["))


def _instead(case: Case, change: Difference, path: str) -> Value:
    """What stands where a policy stood: a value that cannot be read, or the policies of new resources linked to this."""
    assert change.after is not None
    there = [value for value in _at(change.after.body, path.split(".")) if not isinstance(value, Null)]
    if there:
        return _together(there)
    linked = [
        document
        for other in differences(case)
        if other.before is None and other.after is not None and (other.root, other.environment) == (change.root, change.environment)
        and refers(other.new, change.address)
        for documents in _documents(other.after).values() for document in documents
    ]  # fmt: skip
    return List(tuple(linked)) if linked else Null()


def _at(value: Value, path: list[str]) -> Iterator[Value]:
    """What stands at a path of names; lists are gone through."""
    if isinstance(value, List):
        for item in value.items:
            yield from _at(item, path)
    elif not path:
        yield value
    elif isinstance(value, Map) and path[0] in value.items:
        yield from _at(value.items[path[0]], path[1:])


def _open_grant(document: Value) -> str:
    """What a policy that was not there before grants to everyone, or of everything."""
    for spec, words in ((_EVERYONE, "grants to everyone"), (_EVERYTHING, "grants everything")):
        answer = policies.allows(document, spec)
        if answer.truth is not False:
            return (
                f"a new policy {words}" if answer.truth else f"a new policy of which it is unknown whether it {words}"
            )
    return ""


# A condition on one of these says who it is; any other leaves everyone in.
_IDENTITY = ["aws:Source*", "aws:Principal*", "kms:CallerAccount", "kms:ViaService", "sts:ExternalId"]
_EVERYONE = policies.parse_allows({"principal": "any", "unless": [key.lower() for key in _IDENTITY]}, "honest")
_EVERYTHING = policies.parse_allows({"action": "*", "resource": "*"}, "honest")
_ENCRYPTS = policies.parse_allows({"action": ["kms:Encrypt", "kms:GenerateDataKey"]}, "honest")
_FAR_REACHING = re.compile(
    r"arn:aws[\w-]*:iam::aws:policy/(?:[\w-]+/)*(?:AdministratorAccess|PowerUserAccess|\w*FullAccess\w*)"
)


def _attached(change: Difference) -> str:
    """A policy of Amazon's own that grants whole services, attached where it was not."""
    old = {value for _, value in leaves(change.old) if isinstance(value, str)} if change.old else set()
    for path, value in leaves(change.new):
        if isinstance(value, str) and value not in old and _FAR_REACHING.fullmatch(value):
            return f"{'.'.join(path)} attaches {value.rpartition('/')[2]}"
    return ""


def _documents(resource: Resource) -> Mapping[str, list[Value]]:
    """The policy documents that a resource carries, by path; several where the path leads through a list."""
    out: dict[str, list[Value]] = {}
    stack: list[tuple[str, Value, int]] = [("", resource.body, 0)]
    while stack:
        path, value, depth = stack.pop()
        inner = value if isinstance(value, (Map, List)) else decoded(value)
        if isinstance(inner, Map) and "Statement" in inner.items:
            out.setdefault(path, []).insert(0, inner)
        elif depth < 5 and isinstance(value, Map):
            stack += [(f"{path}.{name}".lstrip("."), value.items[name], depth + 1) for name in value.items]
        elif depth < 5 and isinstance(value, List):
            stack += [(path, item, depth + 1) for item in value.items]
    return out


def _statements(resource: Resource | None) -> list[dict[str, Any]]:
    """The statements of every policy document that a resource carries."""
    out: list[dict[str, Any]] = []
    for documents in _documents(resource).values() if resource is not None else ():
        for document in documents:
            listed = plain(document, sensitive=True).get("Statement")
            out += [item for item in (listed if isinstance(listed, list) else [listed]) if isinstance(item, dict)]
    return out


# --- what is admitted ---

_GROUPS = ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
_LINKS: Mapping[str, str] = {
    **dict.fromkeys(_GROUPS, "security_group_id"),
    "aws_network_acl_rule": "network_acl_id",
    "azurerm_network_security_rule": "network_security_group_name",
}
"""Rules that are resources, and the argument that names the group (or list) that they belong to."""

_INLINE = (
    "aws_security_group", "aws_default_security_group", "aws_network_acl", "aws_default_network_acl",
    "aws_db_security_group", "aws_redshift_security_group", "azurerm_network_security_group",
)  # fmt: skip
_ALONE = ("google_compute_firewall",)
_LISTED = re.compile(
    r"cidr|source_ranges|ip_rules|ip_range|allowed_ip|authorized|whitelist|allowlist|trusted|start_ip|end_ip"
)
_NO_ADMISSION = ("aws_vpc", "aws_subnet", "aws_route", "aws_default_route", "aws_vpc_ipv4", "google_compute_subnetwork")


def _admitted(case: Case) -> str:
    for change in differences(case):
        after = change.after
        if after is None or after.mode != "managed":
            continue
        if after.type not in (*_LINKS, *_INLINE, *_ALONE):
            problem = _listed(change)
            if problem:
                return f"{change.address}: {problem}"
            continue
        for direction in _DIRECTIONS:
            problem = _wider(case, change, direction)
            if problem:
                return f"{change.address}: {problem}"
    return ""


_DIRECTIONS: tuple[Literal["ingress", "egress"], ...] = ("ingress", "egress")


def _wider(case: Case, change: Difference, direction: Literal["ingress", "egress"]) -> str:
    """What the resource admits that neither it nor the others of its group did."""
    assert change.after is not None
    same = _same_rest(case)
    old = _rules(change.before, direction) if change.before is not None else []
    new = _rules(change.after, direction)
    ordered = change.after.type in ("aws_network_acl_rule", "azurerm_network_security_rule")
    if not ordered:
        problem = network.widened(old, new, direction=direction, same_rest=same)
        if not problem or change.after.type in _ALONE:
            return problem
    worlds = [assessment.world(change.root, change.environment) for assessment in (case.before, case.after)]
    if worlds[0] is None or worlds[1] is None:
        return "the root is not there"
    whole = _group(worlds[0], change.after, direction)
    if ordered:  # what a rule lets through is told by those that are heard before it
        new = _group(worlds[1], change.after, direction)
    return network.widened(whole, new, direction=direction, same_rest=same)


def _rules(resource: Resource, direction: str) -> Rules:
    """The rules of one direction that a resource carries, inline or as itself."""
    items = resource.body.items
    if resource.type in _LINKS or resource.type in _ALONE:
        if resource.type.startswith("aws_vpc_security_group_") and f"_{direction}_" not in resource.type:
            return []
        return [(resource.body, resource.header)]
    name = "security_rule" if resource.type.startswith("azurerm_") else direction
    found = items.get(name)
    if found is None or isinstance(found, Null):
        return []
    if isinstance(found, List) and not found.open:
        return [(item, item.written) for item in found.items]
    return [(found, found.written)]


def _group(world: World, member: Resource, direction: str) -> Rules:
    """Every rule of the group (or list) that a resource is or belongs to."""
    wanted = _belongs(member)
    out: Rules = []
    for resource in world.resources:
        inline = resource.type in _INLINE
        if resource.mode != "managed" or not (inline or resource.type in _LINKS):
            continue
        if resource.address == member.address or wanted & _belongs(resource):
            out += _rules(resource, direction)
    return out


def _belongs(resource: Resource) -> set[str]:
    """The names of the group that a resource is, or that its rule belongs to."""
    if resource.type in _INLINE:
        names = {f"address {resource.address}"}
        given = resource.body.items.get("name")
    else:
        names = set()
        given = resource.body.items.get(_LINKS[resource.type])
        if given is not None and given.origin is not None:
            names.add(f"address {given.origin.address}")
    if isinstance(given, Known) and (resource.type.startswith("azurerm_") or resource.type in _LINKS):
        names.add(f"name {given.value}")
    elif given is not None and resource.type in _LINKS and not isinstance(given, (Known, Ref, Null)):
        names.add(f"value {plain(given, sensitive=True)}")
    return names


def _listed(change: Difference) -> str:
    """An address that a list of those who are let in (of a cluster, a database, an account) has, and had not."""
    assert change.after is not None
    if change.after.type.startswith(_NO_ADMISSION):
        return ""
    old, new = (_networks(side) for side in (change.old, change.new))
    said = {path for path, _ in leaves(change.old)} if change.old else set()
    for path, (networks, unknown) in new.items():
        name = ".".join(path)
        if path not in said:
            # A list that was not there let in everybody or nobody, by type: only the world is surely more than nobody.
            if network.covers_world(networks) and not (change.before is not None and path[-1] in _OPEN_WITHOUT):
                return f"{name} lets everybody in"
            continue
        was, known = old.get(path, (network.NONE, frozenset()))
        if networks - was:
            return f"{name} lets in addresses that it did not"
        if unknown - known and was.v4 != network.EVERYWHERE.v4:
            return f"it is unknown whether {name} lets in more"
    return ""


_OPEN_WITHOUT = ("public_access_cidrs",)
"""Lists without which everybody is let in."""

_Let = tuple[network.Addresses, frozenset[str]]


def _networks(data: Any) -> dict[tuple[str, ...], _Let]:
    """For each list of who is let in, its addresses and what of it is not known."""
    out: dict[tuple[str, ...], _Let] = {}
    for path, value in leaves(data) if data else ():
        if not any(_LISTED.search(name) for name in path):
            continue
        if len(path) == 1 and path[0] in _SPANS and (span := _span(data, path[0])) is not None:
            out[path] = span, frozenset()
            continue
        networks, unknown = out.get(path, (network.NONE, frozenset()))
        if isinstance(value, dict):
            out[path] = networks, unknown | {str(value)}
        elif isinstance(value, str) and (found := network.network_of(value)) is not None:
            out[path] = networks | found, unknown
    return out


_SPANS = {
    "start_ip": "end_ip",
    "start_ip_address": "end_ip_address",
    "end_ip": "start_ip",
    "end_ip_address": "start_ip_address",
}


def _span(data: Any, name: str) -> network.Addresses | None:
    """The addresses from the one to the other, where both are known; they let in together, not each by itself."""
    bounds = sorted((name, _SPANS[name]), reverse=True)
    try:
        first, last = (ipaddress.IPv4Address(data.get(bound)) for bound in bounds)
        ranges = list(ipaddress.summarize_address_range(first, last))
    except (ValueError, TypeError):
        return None
    out = network.NONE
    for each in ranges:
        found = network.network_of(str(each))
        out = out if found is None else out | found
    return out


# --- keys ---


def _keys(case: Case) -> str:
    """Encryption keys that the patch names or makes and that cannot be known to be usable."""
    for change in differences(case):
        if change.after is None:
            continue
        approved = {str(key) for key in case.assessor.parameters(change.environment).get("approved_kms_keys", ())}
        problem = _unusable(change.after, approved)
        if problem and (change.before is None or problem != _unusable(change.before, approved)):
            return f"{change.address} {problem}"
        if change.after.mode != "managed":
            continue
        old = [value for _, value in leaves(change.old)] if change.old else []
        world = case.after.world(change.root, change.environment)
        for path, value in leaves(change.new):
            if not path or not _is_key_argument(path[-1]) or value in old or world is None:
                continue
            problem = _key(value, approved | _aliases(world), world)
            if problem:
                return f"{change.address}: {'.'.join(path)}: {problem}"
    return ""


_KEYS = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_replica_external_key")
_KEY = re.compile(
    r"kms.*key|key_arn|encryption_key|kms_master|disk_encryption_set_id|key_vault_key_id|customer_managed_key|^kms_id$"
)
_NO_KEY = re.compile(r"reuse|public_key|(?:enabled|seconds|source|type|days|version|usage)$")


def _is_key_argument(name: str) -> bool:
    return bool(_KEY.search(name)) and not _NO_KEY.search(name)


def _key(value: Any, approved: set[str], world: World) -> str:
    """Why a key that is named cannot be used, or cannot be known to be."""
    if isinstance(value, str):
        return (
            "" if _usable(value, approved) else f"names a key that is neither approved nor in this tree: {value[:60]}"
        )
    if not isinstance(value, dict):
        return ""
    references = list(mentions(value))
    if "$template" in value and not any(_of_a_key(name, world) for name in references):
        text = "".join(part if isinstance(part, str) else "*" for part in value["$template"])
        return "" if _usable(text, approved) else f"names a key that is neither approved nor in this tree: {text[:60]}"
    return next((problem for name in references if (problem := _key_resource(name, world, approved))), "")


def _aliases(world: World) -> set[str]:
    """The names that keys are given in this tree."""
    names = (r.body.items.get("name") for r in world.by_type.get("aws_kms_alias", ()))
    return {str(name.value) for name in names if isinstance(name, Known)}


def _usable(value: str, approved: set[str]) -> bool:
    return (
        not value or value in approved or value.startswith("alias/aws/") or value in ("AWS_OWNED_KMS_KEY", "DEFAULT")
        or re.fullmatch(r"arn:[^:]*:kms:[^:]*:[^:]*:alias/aws/[\w-]+", value) is not None
    )  # fmt: skip


def _of_a_key(reference: str, world: World) -> bool:
    return any(_within(reference, address) and re.search("kms|key", r.type) for address, r in world.by_address.items())


def _key_resource(reference: str, world: World, approved: set[str], depth: int = 0) -> str:
    """Why what a reference leads to cannot be used as a key."""
    for address, resource in world.by_address.items():
        if not _within(reference, address) or depth > 4:
            continue
        if resource.mode == "data":
            return ""  # one that the patch adds is judged as a resource
        if resource.type == "aws_kms_alias":
            target = resource.body.items.get("target_key_id")
            return (
                _key_resource(str(target.origin), world, approved, depth + 1)
                if target is not None and target.origin
                else ""
            )
        problem = _unusable(resource, approved)
        if problem:
            return f"{address} {problem}"
        if re.search(r"kms|key|disk_encryption_set", resource.type):
            return ""
        # Another resource hands on the key that it uses itself, or has no key to give.
        return (
            "" if _is_key_argument(reference[len(address) :].lstrip(".").split(".")[-1]) else f"{address} is not a key"
        )
    return ""


def _unusable(resource: Resource, approved: set[str]) -> str:
    """Why a key (made here, or looked up) serves nobody, as a predicate; "" for a good key and for anything else."""
    said = {name: value.value for name, value in resource.body.items.items() if isinstance(value, Known)}
    if resource.mode == "data":
        name = {"aws_kms_alias": said.get("name"), "aws_kms_key": said.get("key_id")}.get(resource.type)
        if name is None or _usable(str(name), approved):
            return ""
        return f"looks up a key that is neither approved nor in this tree: {str(name)[:60]}"
    if resource.type not in _KEYS:
        return ""
    if any(str(said.get(name)).lower() == "false" for name in ("is_enabled", "enabled")):
        return "is a key that is disabled"
    if str(said.get("bypass_policy_lockout_safety_check")).lower() == "true":
        return "is a key whose policy may lock everybody out"
    if str(said.get("key_usage", "ENCRYPT_DECRYPT")) != "ENCRYPT_DECRYPT":
        return "is a key that does not encrypt"
    if str(said.get("customer_master_key_spec", "SYMMETRIC_DEFAULT")) != "SYMMETRIC_DEFAULT":
        return "is a key that services cannot encrypt with"
    policy = resource.body.items.get("policy")
    if isinstance(policy, (Known, Encoded)) and policies.allows(policy, _ENCRYPTS).truth is False:
        return "is a key whose policy lets nobody encrypt"
    return ""
