"""honest: the patch repairs the resource instead of hiding it, muting the scanner, or paying with another risk."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from copilot.checks import network, policies
from copilot.checks.decode import decoded
from copilot.iac import hcl
from copilot.iac.syntax import Body, Source
from copilot.model import Known, List, Map, Place, Resource, Value, Verdict, World
from validators.case import Case, managed
from validators.differences import Difference, differences, leaves, mentions

# What tells a scanner, ours or another's, to look away.
SUPPRESSION = re.compile(
    r"(?i)ccopilot\s*:\s*ignore|checkov\s*:\s*skip|bridgecrew\s*:\s*skip|tfsec\s*:\s*ignore|trivy\s*:\s*ignore|"
    r"kics-scan\s+(?:ignore|disable|enable)|terrascan\s*:\s*skip|tflint-ignore|nosec|snyk\s*:\s*ignore|semgrep|regula|noqa"
)
_META = ("count", "for_each", "provider", "providers", "source", "version")


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
        grown = Counter(r.type for r in news.values()) - Counter(r.type for r in olds.values())
        known = {(r.folder, r.type, r.name) for r in olds.values()}
        for address, resource in news.items():
            if address not in olds and (resource.folder, resource.type, resource.name) in known and grown[resource.type]:
                return f"{address}: another instance of an existing resource"
    return ""


def _meta(case: Case) -> str:
    """Changes of what stands around a resource: count, for_each, provider, lifecycle, module source."""
    befores = {key: value for source in case.sources(case.patched.before) for key, value in _metas(source)}
    afters = {key: value for source in case.sources(case.patched.after) for key, value in _metas(source)}
    for key, text in befores.items():
        if key in afters and afters[key] != text:
            return f"{key[1]} changes the {key[2]} of an existing block"
    for key in afters:
        header = key[:2]
        if key not in befores and any(k[:2] == header for k in befores):
            return f"{key[1]} gets a {key[2]}"
    validations = _validations(case, before=True) - _validations(case, before=False)
    return f"a validation or precondition is removed from {next(iter(validations))}" if validations else ""


def _metas(source: Source) -> Iterator[tuple[tuple[str, str, str], str]]:
    for block in source.body.blocks:
        if block.type not in ("resource", "data", "module"):
            continue
        name = ".".join((block.type, *block.labels))
        yield (source.path, name, ""), ""
        for argument in _META:
            attribute = block.body.attribute(argument)
            if attribute is not None:
                text = source.data[attribute.value_start : attribute.value_end]
                yield (source.path, name, argument), " ".join(text.decode("utf-8", "replace").split())
        for nested in block.body.blocks_of("lifecycle"):
            yield (source.path, name, "lifecycle"), _normal(source, nested.body)


def _normal(source: Source, body: Body) -> str:
    parts = [
        f"{a.name}={' '.join(source.data[a.value_start : a.value_end].decode('utf-8', 'replace').split())}"
        for a in body.attributes
    ]
    parts += [f"{b.type}{{{_normal(source, b.body)}}}" for b in body.blocks]
    return ";".join(sorted(parts))


def _validations(case: Case, *, before: bool) -> Counter[str]:
    out: Counter[str] = Counter()
    for source in case.sources(case.patched.before if before else case.patched.after):
        for block in source.body.blocks:
            for nested in block.body.blocks_of("validation"):
                out[f"{'.'.join((block.type, *block.labels))} ({_normal(source, nested.body)})"] += 1
            attribute = block.body.attribute("sensitive")
            if attribute is not None and block.type in ("variable", "output"):
                out[f"{'.'.join((block.type, *block.labels))} (sensitive)"] += 1
    return out


def _suppressions(case: Case) -> str:
    for path in case.patched.files:
        before, after = case.patched.before.read(path), case.patched.after.read(path)
        added = _suppressed(after) - _suppressed(before)
        if added:
            return f"{path}: adds a suppression: {next(iter(added))[:80]}"
    return ""


def _suppressed(data: bytes | None) -> Counter[str]:
    if not data or not SUPPRESSION.search(data.decode("utf-8", "replace")):
        return Counter()
    text = data.decode("utf-8", "replace")
    return Counter(" ".join(comment.split()) for comment in hcl.comments(text) if SUPPRESSION.search(comment))


# --- grants ---


def _grants(case: Case) -> str:
    for change in differences(case):
        if change.after is None or change.after.mode not in ("managed", "object"):
            continue
        olds = list(_documents(change.before)) if change.before is not None else []
        for path, document in _documents(change.after):
            before = next((old for where, old in olds if where == path), None)
            if before is None:
                if change.before is None or path in {where for where, _ in olds}:
                    before = None
                problem = _open_grant(document) if before is None else ""
            else:
                problem = policies.widened(before, document)
            if problem:
                return f"{change.address}: {path}: {problem}"
    return ""


def _open_grant(document: Value) -> str:
    """What a policy that was not there before grants to everyone, or of everything."""
    for spec, words in ((_EVERYONE, "grants to everyone"), (_EVERYTHING, "grants everything")):
        answer = policies.allows(document, spec)
        if answer.truth is not False:
            return f"a new policy {words}" if answer.truth else f"a new policy of which it is unknown whether it {words}"
    return ""


_EVERYONE = policies.parse_allows({"principal": "any"}, "honest")
_EVERYTHING = policies.parse_allows({"action": "*", "resource": "*"}, "honest")


def _documents(resource: Resource) -> Iterator[tuple[str, Value]]:
    """The policy documents that a resource carries, by path."""
    stack: list[tuple[str, Value, int]] = [("", resource.body, 0)]
    while stack:
        path, value, depth = stack.pop()
        if isinstance(value, Map):
            if "Statement" in value.items:
                yield path, value
                continue
            if depth < 4:
                stack += [(f"{path}.{k}".lstrip("."), value.items[k], depth + 1) for k in value.items]
        elif isinstance(value, List):
            if depth < 4:
                stack += [(path, item, depth + 1) for item in value.items]
        else:
            inner = decoded(value)
            if isinstance(inner, Map) and "Statement" in inner.items:
                yield path, inner


# --- what is admitted ---


def _admitted(case: Case) -> str:
    for change in differences(case):
        if change.after is None or change.after.mode != "managed":
            continue
        for direction in ("ingress", "egress"):
            new = _rules(change.after, direction)
            if not new:
                continue
            old = _rules(change.before, direction) if change.before is not None else []
            if change.before is None:
                old = _linked_rules(case, change, direction)
            problem = network.widened(old, new)
            if problem:
                return f"{change.address}: {problem}"
    return ""


def _rules(resource: Resource, direction: str) -> list[tuple[Value, Place | None]]:
    """The rules of one direction that a resource carries, inline or as itself."""
    items = resource.body.items
    found = items.get(direction)
    if isinstance(found, List):
        return [(item, item.written) for item in found.items]
    if resource.type in ("aws_security_group_rule", "aws_network_acl_rule"):
        kind, egress = items.get("type"), items.get("egress")
        outward = (isinstance(kind, Known) and kind.value == "egress") or (isinstance(egress, Known) and egress.value is True)
        return [(resource.body, resource.header)] if outward == (direction == "egress") else []
    if resource.type == f"aws_vpc_security_group_{direction}_rule":
        return [(resource.body, resource.header)]
    return []


def _linked_rules(case: Case, change: Difference, direction: str) -> list[tuple[Value, Place | None]]:
    """What the security group that a new rule resource belongs to admitted before, inline and by other rules."""
    world = case.before.world(change.root, change.environment)
    groups = [m.rsplit(".", 1)[0] for m in mentions(change.new)]
    out: list[tuple[Value, Place | None]] = []
    if world is None:
        return out
    for resource in world.resources:
        if resource.address in groups:
            out += _rules(resource, direction)
        elif resource.type.startswith(("aws_security_group_rule", "aws_vpc_security_group_")):
            key = "security_group_id"
            given = resource.body.items.get(key)
            if given is not None and given.origin is not None and given.origin.address in groups:
                out += _rules(resource, direction)
    return out


# --- keys ---


def _keys(case: Case) -> str:
    """Encryption keys that the patch names and that cannot be known to be usable."""
    for change in differences(case):
        if change.after is None or change.after.mode != "managed":
            continue
        keys = case.assessor.parameters(change.environment).get("approved_kms_keys", ())
        approved = {str(key) for key in keys}
        old = {value for path, value in leaves(change.old) if isinstance(value, str)} if change.old else set()
        world = case.after.world(change.root, change.environment)
        for path, value in leaves(change.new):
            name = path[-1] if path else ""
            if not _is_key_argument(name):
                continue
            if isinstance(value, str) and value not in old and not _usable(value, approved):
                return f"{change.address}: {'.'.join(path)} names a key that is neither approved nor in this tree: {value[:60]}"
            if isinstance(value, dict) and "$ref" in value and world is not None:
                problem = _key_resource(str(value["$ref"]), world)
                if problem:
                    return f"{change.address}: {'.'.join(path)}: {problem}"
    return ""


def _is_key_argument(name: str) -> bool:
    return bool(re.search(r"kms.*key|key_arn|encryption_key|kms_key|kms_master", name)) and "reuse" not in name and (
        not name.endswith(("enabled", "seconds", "source", "type"))
    )


def _usable(value: str, approved: set[str]) -> bool:
    return not value or value in approved or value.startswith("alias/aws/") or value in ("AWS_OWNED_KMS_KEY", "DEFAULT")


def _key_resource(reference: str, world: World) -> str:
    for address, resource in world.by_address.items():
        if reference == address or reference.startswith((f"{address}.", f"{address}[")):
            if resource.type == "aws_kms_alias":
                target: Any = resource.body.items.get("target_key_id")
                return _key_resource(str(target.origin), world) if target is not None and target.origin else ""
            if resource.type in ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key"):
                enabled = resource.body.items.get("is_enabled", resource.body.items.get("enabled"))
                if isinstance(enabled, Known) and str(enabled.value).lower() == "false":
                    return f"{address} is disabled"
                return ""
            if resource.type.startswith("data.") or resource.mode == "data":
                return ""
            return "" if "kms" in resource.type or "key" in resource.type else f"{address} is not a key"
    return ""
