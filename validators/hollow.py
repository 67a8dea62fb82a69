"""Values that a provider takes and that leave what was asked for in name only; see hollow.yaml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Any

from copilot.checks.language import Linked, own_paths
from validators.case import Case
from validators.differences import Difference, PlainPath, leaves
from validators.honest import _statements


def hollow(case: Case, change: Difference) -> str:
    """What a patch writes that means nothing, or no less than what was there; "" if nothing."""
    assert change.after is not None
    return (
        _rows(case, change)
        or _same_in_other_letters(change)
        or _origins_of_anybody(change)
        or _backwards(change)
        or _loose_conditions(case, change)
        or _denials(change)
        or _claims(change)
        or _quantities(change)
        or _secret_of_no_secret(change)
        or _another_identity(case, change)
        or _other_ports(change)
        or _profile_missing(change)
    )


@cache
def rows() -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """The rows of hollow.yaml by resource type."""
    import yaml

    kept = yaml.safe_load((files("validators") / "hollow.yaml").read_text("utf-8"))
    out: dict[str, list[Mapping[str, Any]]] = {}
    for row in kept:
        for type in row["types"]:
            out.setdefault(type, []).append(row)
    return {type: tuple(each) for type, each in out.items()}


def _rows(case: Case, change: Difference) -> str:
    assert change.after is not None
    there = {path[: n + 1] for path, _ in leaves(change.new) for n in range(len(path))}
    for row in rows().get(change.after.type, ()):
        path = tuple(row["path"].split(".")) if row["path"] else ()
        if row.get("existing") and change.before is None:
            continue
        if "beside" in row and tuple(row["beside"].split(".")) not in there:
            continue
        values: list[Any] = list(_fresh(change, path)) if path else [None] if change.before is None else []
        for value in values:
            if not isinstance(value, dict) and _is_hollow(case, row, value, there):
                return f"{row['path'] or change.after.type} {'' if value is None else f'{value!r:.60} '}{row['why']}"
    return ""


def _fresh(change: Difference, path: PlainPath) -> Iterator[Any]:
    """The values at a path that are more often there than before."""
    olds = Counter(repr(value) for at, value in leaves(change.old) if at == path)
    for at, value in leaves(change.new):
        if at == path:
            if olds[repr(value)]:
                olds[repr(value)] -= 1
            else:
                yield value


def _is_hollow(case: Case, row: Mapping[str, Any], value: Any, there: set[PlainPath]) -> bool:
    if value in row.get("but", ()):
        return False
    if "needs" in row:
        asked = "value" not in row or str(value).lower() == str(row["value"]).lower()
        return asked and not any(tuple(path.split(".")) in there for path in row["needs"])
    text = str(value)
    if "none_of" in row:
        return text.lower() in [each.lower() for each in row["none_of"]]
    if "matches" in row:
        return re.fullmatch(row["matches"], text, re.DOTALL) is None
    if "not_matching" in row:
        return re.fullmatch(row["not_matching"], text, re.DOTALL) is not None
    if "expires_within" in row:
        return _never_ends(text, case.today, row["expires_within"])
    try:
        number = Decimal(text)
    except InvalidOperation:
        return True
    return number < Decimal(str(row.get("least", number))) or number > Decimal(str(row.get("most", number)))


def _never_ends(text: str, today: date | None, years: int) -> bool:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", text)
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        day = None
    if day is None:
        return True
    return today is not None and not today < day <= today + timedelta(days=366 * years)


def _same_in_other_letters(change: Difference) -> str:
    """A name that differs from what it replaces in capitals or blanks alone: whoever reads names without regard to them
    reads the same."""
    if not isinstance(change.old, dict):
        return ""
    olds: dict[PlainPath, list[Any]] = {}
    for path, value in leaves(change.old):
        olds.setdefault(path, []).append(value)
    for path, value in leaves(change.new):
        if not isinstance(value, str) or not path or path[-1] not in _NAMES or value in olds.get(path, ()):
            continue
        if any(isinstance(old, str) and _folded(old) == _folded(value) for old in olds.get(path, ())):
            return f"{'.'.join(path)}: {value[:60]} is what was there in other letters"
    return ""


_NAMES = frozenset({"role_definition_name", "role", "member", "members", "principal", "actions", "data_actions"})


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


_ANY_ORIGIN = re.compile(
    r"(?i)null|(?:\*|https?|capacitor|file)?:?(?://)?\*?(?:\.?[a-z]{2,3})?(?::(?:\*|\d+))?/?|https?://\*(?:\.[a-z]{2,})?(?::\S*)?/?"
)


def _origins_of_anybody(change: Difference) -> str:
    """An origin that is newly let in and is anybody's page."""
    for path, value in leaves(change.new):
        if path and re.fullmatch(r"allow(?:ed)?_origins?", path[-1]) and isinstance(value, str):
            if value in [old for at, old in leaves(change.old) if at == path]:
                continue
            if _ANY_ORIGIN.fullmatch(value):
                return f"{'.'.join(path)}: {value!r} is every origin, or one that anybody can take"
    return ""


def _backwards(change: Difference) -> str:
    """A range of addresses that ends before it begins, or an address that no host can have."""
    if not isinstance(change.new, dict) or change.old == change.new:
        return ""
    for path, value in leaves(change.new):
        if path[-1:] in (("start_ip_address",), ("end_ip_address",), ("start_ip",), ("end_ip",)):
            if value == "255.255.255.255" and (path, value) not in list(leaves(change.old)):
                return f"{'.'.join(path)}: no host has the address {value}"
    olds = list(_spans(change.old))
    for low, high, kind in _spans(change.new):
        if not kind.startswith("icmp") and kind not in ("1", "58") and low > high and (low, high, kind) not in olds:
            return f"a rule from port {low} to port {high} holds none"
    for first, last in (("start_ip_address", "end_ip_address"), ("start_ip", "end_ip")):
        ends = [change.new.get(first), change.new.get(last)]
        try:
            begin, end = (ip_address(each) for each in ends if isinstance(each, str))
        except ValueError:
            continue
        if int(begin) > int(end):
            return f"{first} {begin} lies after {last} {end}"
    return ""


def _spans(data: Any, depth: int = 0) -> Iterator[tuple[int, int, str]]:
    """The ports of rules, from one to another, and their protocol."""
    if depth > 6:
        return
    if isinstance(data, dict):
        with suppress(TypeError, ValueError):
            kind = str(data.get("ip_protocol", data.get("protocol"))).lower()
            yield int(data.get("from_port")), int(data.get("to_port")), kind  # type: ignore[arg-type]
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _spans(item, depth + 1)


# --- conditions of policies -------------------------------------------------------------------------------------

_WHO = re.compile(
    r"(?i)aws:(?:Source|Principal)(?:Arn|Account|OrgId|OrgPaths)|aws:SourceVpce?|aws:userid|aws:username|[\w.-]+:sub"
)
_ACCOUNT_OF = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([^:]*):.*")
_SUBJECT = re.compile(r"(?:repo|project_path):([^:]*)")


def _loose_conditions(case: Case, change: Difference) -> str:
    """A condition, newly written beside an Allow, that holds for anybody or for nobody."""
    olds = _statements(change.before)
    for statement in _statements(change.after):
        if statement in olds or statement.get("Effect") != "Allow" or not isinstance(statement.get("Condition"), dict):
            continue
        accounts = any("account" in key.lower() for key, _ in _asked(statement))
        for key, value in _asked(statement):
            if value == []:
                return f"the condition {key} names nothing"
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and _WHO.fullmatch(key) and _of_anybody(key, text, accounts, case):
                    return f"the condition {key}: {text[:60]} holds for anybody who takes such a name"
    return ""


def _asked(statement: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for operator, block in statement["Condition"].items():
        if isinstance(block, dict) and "Not" not in operator and not operator.startswith("Null"):
            yield from block.items()


def _of_anybody(key: str, text: str, accounts: bool, case: Case) -> bool:
    """Whether somebody else can be called this."""
    name = key.lower().partition(":")[2]
    if name == "sub":
        subject = _SUBJECT.match(text)
        if subject is None:
            return text.strip("*?:") == ""
        owner, _, thing = subject[1].partition("/")
        return _wild(owner) or not thing or (case.draft.origin == "model" and _wild(thing))
    arn = _ACCOUNT_OF.fullmatch(text)
    if arn is not None:
        bucket = text.split(":")[2] == "s3" and _wild(text.split(":")[5])
        return not accounts and (_wild(arn[1]) or bucket)
    return _wild(text) and name in _WHOLE


_WHOLE = frozenset({"sourceaccount", "principalaccount", "principalorgid", "sourceorgid", "sourcevpc", "sourcevpce"})


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


def _denials(change: Difference) -> str:
    """A Deny, newly written, that shuts everybody out of everything; or that is to keep a bucket's objects from travelling
    in the clear and names the bucket alone."""
    assert change.after is not None
    olds = _statements(change.before)
    for statement in _statements(change.after):
        if statement in olds or statement.get("Effect") != "Deny":
            continue
        actions = _listed(statement.get("Action"))
        everybody = statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        if everybody and not statement.get("Condition") and any(re.fullmatch(r"\*|[\w-]+:\*", str(a)) for a in actions):
            return "a Deny of everything for everybody, without a condition, leaves nobody in"
        if "aws:SecureTransport" in str(statement.get("Condition")) and any(str(a).startswith("s3:") for a in actions):
            resources = [_last_text(each) for each in _listed(statement.get("Resource"))]
            if not any("*" in text for text in resources):
                return "a Deny that names the bucket leaves out the objects in it"
    return ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _last_text(value: Any) -> str:
    """What a text ends in as far as it is known."""
    parts = _listed(value.get("$template")) if isinstance(value, dict) else [value]
    return parts[-1] if parts and isinstance(parts[-1], str) else ""


_CLAIM = re.compile(
    r"""(?:assertion|attribute|google)\.[\w.]+\s*(?:==\s*(["'])[^"']+\1|in\s*\[[^\]]+\]|\.startsWith\(\s*["'][^"']+[/:][^"']*["']\s*\))"""
    r"""|(["'])[^"']+\2\s*==\s*(?:assertion|attribute|google)\.[\w.]+"""
)


def _claims(change: Difference) -> str:
    """A condition on who may exchange a token that holds for whoever has one: in each of its alternatives a claim has to be
    held to a text."""
    assert change.after is not None
    if change.after.type != "google_iam_workload_identity_pool_provider":
        return ""
    for value in _fresh(change, ("attribute_condition",)):
        if isinstance(value, str) and not all(_CLAIM.search(each) for each in value.split("||")):
            return f"the condition {value[:60]} holds no claim to a value"
    return ""


# --- Kubernetes -------------------------------------------------------------------------------------------------

_QUANTITY = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(m|[kMGTPE]i?|Ki|[eE][+-]?\d+)?")
_POWERS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18} | {
    f"{letter}i": 1024 ** (n + 1) for n, letter in enumerate("KMGTPE")
}
LEAST_MEMORY = 6 * 1024**2
"""Below this no container starts: the runtime itself needs as much."""
MOST = {"memory": Decimal(1024**4), "cpu": Decimal(512)}
"""More than this no common node has, so that a bound above it binds nothing and a request above it is never met."""


def quantity(value: Any) -> Decimal | None:
    """A quantity as Kubernetes writes it, or None where it is none."""
    found = _QUANTITY.fullmatch(str(value))
    if found is None:
        return None
    unit = found[2] or ""
    if unit == "m":
        return Decimal(found[1]) / 1000
    if unit[:1] in ("e", "E") and len(unit) > 1 and unit != "Ei":
        return Decimal(found[1]) * Decimal(f"1e{int(unit[1:])}")
    return Decimal(found[1]) * Decimal(_POWERS[unit])


def _quantities(change: Difference) -> str:
    """A request or limit that is newly written and is none."""
    olds = list(_resources(change.old))
    for found in _resources(change.new):
        if found in olds:
            continue
        requests, limits = (part if isinstance(part, dict) else {} for part in (_one(found.get(n)) for n in _PARTS))
        for what, name, value in [
            (w, n, v) for w, part in (("request", requests), ("limit", limits)) for n, v in part.items()
        ]:
            if name not in MOST or isinstance(value, dict):
                continue
            amount = quantity(value)
            if amount is None:
                return f"the {what} of {name} {str(value)[:40]!r} is no quantity"
            if amount <= 0:
                return f"a {what} of {name} of 0 is none"
            if amount > MOST[name]:
                return f"no node has the {name} of the {what}: {value}"
            if name == "memory" and what == "limit" and amount < LEAST_MEMORY:
                return f"no container starts in {value} of memory"
            asked = quantity(requests.get(name, 0))
            if what == "limit" and asked is not None and amount < asked:
                return f"the limit of {name} {value} lies below the request {requests[name]}"
    return ""


_PARTS = ("requests", "limits")


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _resources(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """What containers ask for and are held to."""
    if depth > 12:
        return
    if isinstance(data, dict):
        for key, value in data.items():
            found = _one(value)
            if key == "resources" and isinstance(found, dict) and set(found) & set(_PARTS):
                yield found
            else:
                yield from _resources(value, depth + 1)
    elif isinstance(data, list):
        for item in data:
            yield from _resources(item, depth + 1)


def _variables(data: Any, depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """The variables of containers by name."""
    if depth > 14:
        return
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "env" and isinstance(value, list):
                yield from ((str(each.get("name")), each) for each in value if isinstance(each, dict))
            else:
                yield from _variables(value, depth + 1)
    elif isinstance(data, list):
        for item in data:
            yield from _variables(item, depth + 1)


def _secret_of_no_secret(change: Difference) -> str:
    """A variable that held a value and is now read from what keeps no secrets."""
    olds = {name for name, each in _variables(change.old) if isinstance(each.get("value"), str)}
    for name, each in _variables(change.new):
        source = _one(each.get("valueFrom", each.get("value_from")))
        if name in olds and isinstance(source, dict) and not {"secretKeyRef", "secret_key_ref"} & set(source):
            return f"{name} is read from {next(iter(source), 'nothing')}, which keeps no secret"
    return ""


_IDENTITIES = ("serviceAccountName", "service_account_name", "serviceAccount")


def _another_identity(case: Case, change: Difference) -> str:
    """A pod that runs under another account of the cluster than before, though no check asks under which."""
    if change.before is None:
        return ""
    accounts = [
        {str(value) for path, value in leaves(side) if path and path[-1] in _IDENTITIES and len(path) > 1}
        for side in (change.old, change.new)
    ]
    strange = sorted(accounts[1] - accounts[0])
    if not strange:
        return ""
    asked = (node for target in case.targets for node in case.checks[target.check].nodes())
    if any(
        path.names[-1:] in [(name,) for name in _IDENTITIES]
        for node in asked
        if not isinstance(node, Linked)
        for path in own_paths(node)
    ):
        return ""
    return f"it runs as another account: {strange[0]}"


def _other_ports(change: Difference) -> str:
    """Containers that listen elsewhere than before, where only what their ports are mapped to was in question."""
    if change.before is None or not isinstance(change.new, dict):
        return ""
    olds, news = (
        sorted(str(value) for path, value in leaves(side) if path[-1:] in (("containerPort",), ("container_port",)))
        for side in (change.old, change.new)
    )
    return "a container listens on another port" if len(olds) == len(news) and olds != news else ""


def _profile_missing(change: Difference) -> str:
    """A seccomp profile of the node that has no name: the API refuses it."""
    olds, news = (list(_profiles(side)) for side in (change.old, change.new))
    missing = [each for each in news if each.get("type") == "Localhost" and not set(each) & _PROFILE]
    return "a profile of the node without its name" if any(each not in olds for each in missing) else ""


_PROFILE = frozenset({"localhostProfile", "localhost_profile"})


def _profiles(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 14:
        return
    if isinstance(data, dict):
        for key, value in data.items():
            found = _one(value)
            if key in ("seccompProfile", "seccomp_profile") and isinstance(found, dict):
                yield found
            else:
                yield from _profiles(value, depth + 1)
    elif isinstance(data, list):
        for item in data:
            yield from _profiles(item, depth + 1)
