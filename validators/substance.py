"""substance: the thing is repaired; it is not emptied, renamed out of sight, or made into something that cannot be read."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from copilot.checks import policies
from copilot.model import Known, List, Map, Verdict
from copilot.redaction.credentials import looks_secret
from validators.case import Case
from validators.differences import Difference, PlainPath, differences, leaves
from validators.hollow import hollow
from validators.honest import _documents, _statements

_NOTHING = Map({"Statement": List(())})
"""A policy that neither allows nor denies."""

_SECRETS = frozenset({"secrets-not-in-code", "secret-rotation-and-store"})


def check(case: Case) -> Verdict:
    """Fail a patch that blanks a value, writes an address range that is none, takes a policy apart so that nothing
    reads it as one, keeps a secret under another name, makes another kind of thing of the resource, logs into itself,
    names every resource of a kind in place of every resource, or writes a value that means nothing (see hollow)."""
    for change in differences(case):
        if change.after is None:
            continue
        problem = (
            _into_itself(change)
            or _strange_log(case, change)
            or _malformed(change)
            or _strangers(case, change)
            or _loose(case, change)
            or _root_user(change)
            or hollow(case, change)
        )
        if problem:
            return case.verdict("substance", "fail", f"{change.address}: {problem}")
        if change.before is None:
            continue
        problem = (
            _another_kind(change)
            or _emptied(change)
            or _ranges(change)
            or _documents_lost(change)
            or _renamed_secret(case, change)
            or _other_values(case, change)
            or _all_of_a_kind(change)
            or _anybodys_service(change)
            or _named_otherwise(change)
        )
        if problem:
            return case.verdict("substance", "fail", f"{change.address}: {problem}")
    return case.verdict("substance", "pass", "what was there is there")


def _by_path(data: Any) -> dict[PlainPath, list[Any]]:
    out: dict[PlainPath, list[Any]] = {}
    for path, value in leaves(data):
        out.setdefault(path, []).append(value)
    return out


@cache
def kinds() -> Mapping[str, Mapping[PlainPath, Sequence[Sequence[str]]]]:
    """By resource type: the arguments that say what kind of thing it is, and the values of each kind."""
    import yaml

    kept = yaml.safe_load((files("validators") / "kinds.yaml").read_text("utf-8"))
    return {type: {tuple(path.split(".")): groups for path, groups in rows.items()} for type, rows in kept.items()}


def _another_kind(change: Difference) -> str:
    assert change.before is not None
    rows = kinds().get(change.before.type)
    if not rows:
        return ""
    olds, news = _by_path(change.old), _by_path(change.new)
    for path, groups in rows.items():
        was, now = (str(side.get(path, [""])[0]) for side in (olds, news))
        if was != now and path in olds and not any(was in group and now in group for group in groups):
            return f"{'.'.join(path)} makes another kind of thing of it: {was} became {now or 'the default'}"
    return ""


_TARGETS = ("target_bucket", "log_bucket", "logging_bucket")


def _into_itself(change: Difference) -> str:
    """A log that is written into what it is the log of."""
    assert change.after is not None
    for path, value in leaves(change.new):
        if not path or path[-1] not in _TARGETS:
            continue
        own = change.new.get("bucket", change.new.get("name")) if isinstance(change.new, dict) else None
        target = str(value.get("$ref", "")) if isinstance(value, dict) else value
        source = str(own.get("$ref", "")) if isinstance(own, dict) else own
        if target and (target == source or _thing(str(target)) in (_thing(str(source)), change.address)):
            return f"{'.'.join(path)} is what is logged: it would log into itself"
    return ""


_BUCKETS = (("aws_s3_bucket", "bucket"), ("google_storage_bucket", "name"))


def _strange_log(case: Case, change: Difference) -> str:
    """A bucket for logs that is neither in this tree nor the one that the settings name: who owns it reads along."""
    known = {str(case.assessor.parameters(change.environment).get("log_bucket", ""))}
    known |= (
        {str(value) for path, value in leaves(change.old) if path and path[-1] in _TARGETS} if change.old else set()
    )
    world = case.after.world(change.root, change.environment)
    for path, value in leaves(change.new):
        if not path or path[-1] not in _TARGETS or not isinstance(value, str) or not value or value in known:
            continue
        named = (
            r.body.items.get(name) for type, name in _BUCKETS for r in (world.by_type.get(type, ()) if world else ())
        )
        if not any(isinstance(name, Known) and name.value == value for name in named):
            return f"{'.'.join(path)} is a bucket that is neither in this tree nor in the settings: {value[:60]}"
    return ""


def _strangers(case: Case, change: Difference) -> str:
    """Whom the policy of a new resource lets in by name though nothing here named them before."""
    if change.before is not None or change.after is None:
        return ""
    for statement in _statements(change.after):
        if statement.get("Effect") != "Allow" or not isinstance(statement.get("Principal"), dict):
            continue
        for path, value in leaves(statement["Principal"]):
            if path[:1] == ("Service",) or not isinstance(value, str) or value == "*":
                continue
            if not any(value.encode() in (case.patched.before.read(name) or b"") for name in case.files):
                return f"its policy lets in {value[:80]}, whom nothing here named before"
    return ""


_ACCOUNT = re.compile(r"arn:[\w-]+:[\w-]*:[\w-]*:(\d{12}):")
_ANY_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:$]*[*?][^:$]*:")
_LETTER = re.compile(r"[\w-]+:(?:\w{1,2}|\w{0,2}\?.*)\*")


def _loose(case: Case, change: Difference) -> str:
    """What an Allow that was not there before lets in by its form: everything but a name, verbs by their first letters,
    principals of any account, an account that nothing here names."""
    assert change.after is not None
    olds = _statements(change.before)
    spared = any("NotResource" in old for old in olds)
    for statement in _statements(change.after):
        if statement in olds or statement.get("Effect") != "Allow":
            continue
        if "NotResource" in statement and not spared:
            return "a statement allows every resource but those it names"
        for path, value in leaves(statement):
            if not isinstance(value, str):
                continue
            if path[:1] == ("Action",) and _LETTER.fullmatch(value) and not _written(case, value):
                return f"{value} stands for actions by their first letters"
            if path[:1] == ("Principal",) and _ANY_ACCOUNT.match(value) and not _written(case, value):
                return f"{value[:80]} stands for every account"
            # A person may know an account that nothing here names, and recipes write what the settings say; a model that
            # comes up with one has it from somebody else.
            for account in _ACCOUNT.findall(value) if case.draft.origin == "model" else ():
                if not _written(case, account) and account not in str(case.assessor.parameters(change.environment)):
                    return f"account {account} is named neither in this tree nor in the settings"
    return ""


def _written(case: Case, text: str) -> bool:
    """Whether a text stands in a file of the affected roots as they were."""
    return any(text.encode() in (case.patched.before.read(name) or b"") for name in case.files)


def _root_user(change: Difference) -> str:
    """A container or pod that is newly said to run as user 0, or to run as that user and not as root at once."""
    before, after = (_as_root(side) if side else (0, 0) for side in (change.old, change.new))
    if after[0] > before[0]:
        return "it runs as user 0"
    return "it is to run as user 0 and not as root, so that it does not start" if after[1] > before[1] else ""


def _as_root(data: Any) -> tuple[int, int]:
    """How often user 0 is said, and how often beside the promise not to be root."""
    if isinstance(data, list):
        found = [_as_root(item) for item in data]
    elif isinstance(data, dict):
        user, promise = (data.get(a, data.get(b)) for a, b in _RUN_AS)
        here = str(user) == "0"
        found = [(int(here), int(here and str(promise).lower() == "true")), *(_as_root(item) for item in data.values())]
    else:
        return 0, 0
    return sum(first for first, _ in found), sum(second for _, second in found)


_RUN_AS = (("runAsUser", "run_as_user"), ("runAsNonRoot", "run_as_non_root"))


def _thing(reference: str) -> str:
    """The address in a reference to an attribute; a name as it is."""
    return reference.rpartition(".")[0] if reference.count(".") >= 2 else reference


def _emptied(change: Difference) -> str:
    """A text that became empty: to a check that is absence, to a provider an error or another default."""
    olds = _by_path(change.old)
    for path, values in _by_path(change.new).items():
        if path[-1:] in (("apiGroups",), ("api_groups",)):
            continue  # the empty name is that of the core group
        if values.count("") > olds.get(path, []).count("") and any(old != "" for old in olds.get(path, [])):
            return f"{'.'.join(path)} is blanked, not set"
    return ""


def _ranges(change: Difference) -> str:
    """What is written where addresses belong, and is no range of them."""
    olds = _by_path(change.old)
    for path, values in _by_path(change.new).items():
        if (
            path
            and path[-1] in ("protocol", "ip_protocol")
            and _FILTERS.search(change.before.type if change.before else "")
        ):
            strange = [
                v for v in values if isinstance(v, str) and v not in olds.get(path, []) and not _PROTOCOL.fullmatch(v)
            ]
            if strange:
                return f"{'.'.join(path)}: {strange[0][:40]!r} is no protocol"
        if not path or not re.search(r"cidr|source_ranges|address_prefix", path[-1]):
            continue
        for value in values:
            if isinstance(value, str) and value not in olds.get(path, []) and not _is_range(value):
                return f"{'.'.join(path)}: {value[:40]!r} is no range of addresses"
    return ""


_FILTERS = re.compile(r"security_group|secgroup|firewall|network_acl|security_rule")
_PROTOCOL = re.compile(
    r"(?i)tcp|udp|icmp|icmpv6|icmp6|ipv6-icmp|all|any|gre|esp|ah|sctp|ipip|vrrp|tcp_udp|-1|\*|\d{1,3}"
)


def _is_range(text: str) -> bool:
    if re.fullmatch(r"[A-Za-z]\w*", text) and text in ("VirtualNetwork", "AzureLoadBalancer", "Internet"):
        return True
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _documents_lost(change: Difference) -> str:
    """A policy that is no policy any more, though something stands in its place; or that denied something and is gone."""
    assert change.before is not None and change.after is not None
    news = _documents(change.after)
    there = {".".join(path[: n + 1]) for path, _ in leaves(change.new) for n in range(len(path))}
    for path, documents in _documents(change.before).items():
        if path in news:
            continue
        if path in there:
            return f"{path} is no policy any more"
        if any(_denies(document) for document in documents):
            return f"{path} is gone, and what it denied with it"
    return ""


_STATEMENT = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
)


def _malformed(change: Difference) -> str:
    """A statement of a policy that was changed, which lacks what every statement has, or says what none may."""
    assert change.after is not None
    olds = _statements(change.before)
    for statement in _statements(change.after):
        if statement in olds or any(key.startswith("$") for key in statement):
            continue
        strange = sorted(set(statement) - _STATEMENT)
        if strange:
            return f"a policy statement has no {strange[0]}"
        if "Effect" not in statement or not {"Action", "NotAction"} & set(statement):
            return "a policy statement without an effect or an action"
    return ""


_ALL_OF_A_KIND = re.compile(
    r"arn:[^:]*:(?!s3:|execute-api:)[^:]*:[^:]*:[^:]*:(?:[a-z-]+[/:]|key|parameter|role|secret|user)[*?/:]*\*[*?/:]*"
)


def _all_of_a_kind(change: Difference) -> str:
    """An Allow on every resource that came to name all of one kind, such as every key of any account: an action on keys
    reaches no less by it, though no reader sees `*` any more."""
    olds = [statement for statement in _statements(change.before) if statement.get("Effect") == "Allow"]
    if not any("*" in _texts(statement.get("Resource")) for statement in olds):
        return ""
    for statement in _statements(change.after):
        if statement.get("Effect") != "Allow" or statement in olds:
            continue
        for text in _texts(statement.get("Resource")):
            if _ALL_OF_A_KIND.fullmatch(text):
                return f"{text} for every resource leaves out none that the actions are about"
    return ""


def _anybodys_service(change: Difference) -> str:
    """A statement for everybody that came to be for a service without a source: whoever uses the service is let in.

    A role is another matter: a service assumes it for the resource that was given the role.
    """
    assert change.after is not None
    olds = [statement for statement in _statements(change.before) if statement.get("Effect") == "Allow"]
    if change.after.type == "aws_iam_role" or not any(_for_everybody(statement.get("Principal")) for statement in olds):
        return ""
    for statement in _statements(change.after):
        principal = statement.get("Principal")
        if statement in olds or statement.get("Effect") != "Allow" or statement.get("Condition"):
            continue
        if isinstance(principal, dict) and "Service" in principal:
            return "a service in place of everybody, tied to no source, lets in whoever uses the service"
    return ""


def _for_everybody(principal: Any) -> bool:
    return principal == "*" or (isinstance(principal, dict) and any("*" in _texts(each) for each in principal.values()))


_ANYBODYS_DOMAINS = frozenset(
    f"domain:{name}"
    for name in ("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com")
)


def _named_otherwise(change: Difference) -> str:
    """A text that is new and says what was there in another way: a folder of the node with dots or doubled slashes, a
    mail provider's domain for all accounts, a name that no object can have."""
    olds = _by_path(change.old)
    for path, text in leaves(change.new):
        if not isinstance(text, str) or text in olds.get(path, ()):
            continue
        names = [step for step in path if not step.startswith("[")]
        if names[-2:] in (["hostPath", "path"], ["host_path", "path"]) and not _plain_path(text):
            return f"{text!r} is not the plain name of a folder"
        if text in _ANYBODYS_DOMAINS:
            return f"{text} is everybody with an account there"
        if names[-1:] in (["resource_names"], ["resourceNames"]) and not text.strip():
            return "an empty name of an object names none"
    return ""


def _plain_path(text: str) -> bool:
    return text.startswith("/") and posixpath.normpath(text).lstrip("/") == text.strip("/") and "//" not in text


def _texts(data: Any) -> list[str]:
    return [each for each in (data if isinstance(data, list) else [data]) if isinstance(each, str)]


def _denies(document: Any) -> bool:
    return bool(policies.widened(document, _NOTHING))


def _renamed_secret(case: Case, change: Difference) -> str:
    """A secret that is still there under a name that does not say so."""
    if not any(case.checks[t.check].control in _SECRETS for t in case.targets):
        return ""
    olds, news = (dict(_pairs(data)) for data in (change.old, change.new))
    for name, value in news.items():
        if name not in olds and any(old not in news and value == was for old, was in olds.items()):
            return f"the value of {next(o for o, was in olds.items() if was == value)} is kept under the name {name}"
    return ""


_SECRET_NAME = re.compile(r"(?i)pass|pwd|secret|token|key|cred|auth|user_data|content|config|script")


def _other_values(case: Case, change: Difference) -> str:
    """Beside the secret that is taken out, other values that change, or more that come than go."""
    here = (change.root, change.environment, change.address)
    if not any(
        case.checks[t.check].control in _SECRETS and (o.root, o.environment, o.address) == here
        for t in case.targets for o in t.occurrences
    ):  # fmt: skip
        return ""
    olds, news = (dict(_environment(data)) for data in (change.old, change.new))
    gone = [name for name in olds if name not in news]
    fresh = [name for name in news if name not in olds]
    for name in olds:
        if name in news and news[name] != olds[name] and not (_SECRET_NAME.search(name) or looks_secret(olds[name])):
            return f"{name} changes, which is no secret"
    for name in gone:
        if not (_SECRET_NAME.search(name) or looks_secret(olds[name])) and olds[name] not in news.values():
            return f"{name} is taken out, which is no secret"
    if gone and len(fresh) > len(gone):
        return f"{', '.join(fresh)} come in place of {', '.join(gone)}"
    return ""


def _environment(data: Any) -> Iterator[tuple[str, str]]:
    """The variables that a program is started with, wherever in the resource they are said."""
    if isinstance(data, dict):
        for key, item in data.items():
            yield from (
                _pairs(item)
                if key in ("environment", "environment_variable", "variables", "env")
                else _environment(item)
            )
    elif isinstance(data, list):
        for item in data:
            yield from _environment(item)


def _pairs(data: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Names with literal texts: members of maps, and elements that have a `name` and a `value`."""
    if depth > 12:
        return
    if isinstance(data, dict):
        if any(key.startswith("$") for key in data):
            return
        name, value = data.get("name", data.get("key")), data.get("value")
        if isinstance(name, str) and isinstance(value, str):
            yield name, value
            return
        if "valueFrom" in data:
            return
        for key, item in data.items():
            if isinstance(item, str) and item:
                yield key, item
            else:
                yield from _pairs(item, depth + 1)
    elif isinstance(data, list):
        for item in data:
            yield from _pairs(item, depth + 1)
