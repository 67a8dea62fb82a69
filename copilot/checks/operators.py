"""The operators of a leaf: what one value says about one demand, in Kleene's three values, and how that reads.

References and templates decide what the text around them decides; the rest of them is unknown. No text made here
shows a sensitive value, or one that looks like a credential.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from copilot.checks.language import Bounds, Op
from copilot.checks.walking import opened
from copilot.model import Encoded, Known, List, Map, Null, Ref, Template, Truth, Unknown, Value, without_keys
from copilot.redaction.credentials import looks_like_token, looks_secret

if TYPE_CHECKING:
    import ipaddress

    _Net: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

ELEMENTWISE: Final = frozenset(
    {
        "equals", "in", "matches", "starts_with", "ends_with", "at_least", "at_most", "between", "refers_to", "secret",
        "version",
    }
)  # fmt: skip
"""Operators on one value: of a list they are asked element by element (`equals` a list or map is not)."""


def decide(op: Op, operand: Any, value: Value, name: str = "") -> Truth:
    """Whether the operator holds of the value; `operand` is resolved, `name` is what the value is called."""
    if op == "secret":
        secret = _is_secret(value, name)
        return secret if operand or secret is None else not secret
    operand = tuple(map(_literal, operand)) if isinstance(operand, tuple) else _literal(operand)
    if isinstance(operand, Value) and op in ("matches", "starts_with", "ends_with"):
        return None
    return _DECIDE[op](operand, value)


def fault(op: Op, operands: Iterable[Any]) -> str:
    """What keeps the operator from taking these literals, which no check has proved; "" when nothing does."""
    for operand in operands:
        if op == "within" and _network(str(operand)) is None:
            return f"{operand!r} is not a CIDR"
        if op == "matches":
            try:
                pattern(text(operand))
            except ValueError as error:
                return str(error)
    return ""


def _literal(operand: Any) -> Any:
    """What another value of the subject says, where the configuration decides it."""
    if isinstance(operand, Bounds):
        return Bounds(_literal(operand.at_least), _literal(operand.at_most))
    return operand.value if isinstance(operand, Known) else operand


def as_value(data: Any) -> Value:
    """A literal as a value that stands nowhere."""
    match data:
        case None:
            return Null()
        case list() | tuple():
            return List(tuple(map(as_value, data)))
        case dict():
            return Map({str(key): as_value(item) for key, item in data.items()})
        case str() | int() | float():
            return Known(data)
    return Known(str(data))


# --- Kleene -----------------------------------------------------------------------------------------------------


def both(truths: Iterable[Truth]) -> Truth:
    """The conjunction: true of nothing."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def either(truths: Iterable[Truth]) -> Truth:
    """The disjunction: false of nothing."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def opposite(truth: Truth) -> Truth:
    """The negation: unknown stays unknown."""
    return None if truth is None else not truth


# --- text -------------------------------------------------------------------------------------------------------


def text(scalar: str | int | float | bool) -> str:
    """A scalar as the text that Terraform converts it to."""
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    if isinstance(scalar, float) and scalar.is_integer() and abs(scalar) < 1e16:
        return str(int(scalar))
    return str(scalar)


Runs: TypeAlias = tuple[str | None, ...]


def runs(value: Value) -> Runs | None:
    """The value as text: what is literal, and None for each part that is not decided; None when it is no text."""
    match value:
        case Known():
            return (text(value.value),)
        case Template():
            merged: list[str | None] = []
            for part in value.parts:
                for run in runs(part) or (None,):
                    if run is not None and merged and merged[-1] is not None:
                        merged[-1] += run
                    elif run != "" and not (run is None and merged and merged[-1] is None):
                        merged.append(run)
            return tuple(merged) or ("",)
        case Ref():
            form = form_of(value)
            return (None,) if form is None else tuple(run for run in (form.head, None, form.tail) if run != "")
        case Unknown() | Encoded():
            return (None,)
    return None


@dataclass(frozen=True, slots=True)
class Form:
    """What the provider documents of a text that only it knows: how it begins and ends, and a pattern of the whole."""

    head: str
    tail: str
    whole: re.Pattern[str]


_ACCOUNT = r"[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z0-9.-]+\.iam\.gserviceaccount\.com"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS = Form("", "", re.compile(rf"(?!0\.){_OCTET}(?:\.{_OCTET}){{3}}|[0-9a-f:]*[1-9a-f][0-9a-f:]*"))
FORMS: Mapping[tuple[str, str], Form] = {
    # hashicorp/google docs: google_service_account, attributes; accounts that Google makes by itself end otherwise.
    ("google_service_account", "email"): Form("", ".iam.gserviceaccount.com", re.compile(_ACCOUNT, re.I)),
    ("google_service_account", "member"): Form(
        "serviceAccount:", ".iam.gserviceaccount.com", re.compile("serviceAccount:" + _ACCOUNT, re.I)
    ),
    # AWS docs: ARNs of IAM; a policy that somebody makes is of an account, one of Amazon's own is of `aws`.
    ("aws_iam_policy", "arn"): Form("arn:", "", re.compile(r"arn:[a-z-]+:iam::\d{12}:policy/.+", re.I)),
    # An address that was handed out is one machine's, and never that which stands for all.
    ("azurerm_public_ip", "ip_address"): _ADDRESS,
    ("aws_eip", "public_ip"): _ADDRESS,
    ("google_compute_address", "address"): _ADDRESS,
}
"""By type and attribute of a resource that the configuration makes; what a data source looks up may be anything."""


def form_of(value: Value) -> Form | None:
    """The form of the attribute that a reference is to, where it is known for certain."""
    origin = value.origin
    if origin is None or len(origin.path) != 1:
        return None
    return FORMS.get((type_of(origin.address), str(origin.path[0])))


def text_may_be(found: Runs, wanted: str) -> bool:
    """Whether the undecided parts can be filled in so that the text becomes `wanted`."""
    if None not in found:
        return "".join(run or "" for run in found) == wanted
    head, tail = found[0] or "", found[-1] or ""
    if len(head) + len(tail) > len(wanted) or not (wanted.startswith(head) and wanted.endswith(tail)):
        return False
    at, end = len(head), len(wanted) - len(tail)
    for run in found[1:-1]:
        if run is not None:
            at = wanted.find(run, at, end)
            if at < 0:
                return False
            at += len(run)
    return True


def canonical(value: Value) -> tuple[str, ...] | None:
    """A key that two values share only if they are the same text whatever the references become; None if undecided."""
    match value:
        case Known():
            return ("=" + text(value.value),)
        case Ref(origin=origin) if origin is not None and "[?]" not in origin.address:
            return ("&" + str(origin),)
        case Template():
            parts: list[str] = []
            for part in value.parts:
                key = canonical(part)
                if key is None:
                    return None
                for piece in key:
                    if piece[0] == "=" and parts and parts[-1][0] == "=":
                        parts[-1] += piece[1:]
                    elif piece != "=":
                        parts.append(piece)
            return tuple(parts) or ("=",)
    return None


# --- equality ---------------------------------------------------------------------------------------------------


def _scalars_equal(value: Any, literal: Any) -> bool:
    if isinstance(value, str) and isinstance(literal, str):
        return value == literal
    if isinstance(value, str) or isinstance(literal, str):
        if isinstance(value, bool) or isinstance(literal, bool):
            return text(value) == text(literal)
        a, b = _number(value), _number(literal)
        return a is not None and a == b
    if isinstance(value, bool) or isinstance(literal, bool):
        return value is literal
    return bool(value == literal)


def equal(value: Value, literal: Any) -> Truth:
    """Whether the value equals a literal of the check (or another Value)."""
    if isinstance(literal, Value):
        return _same(value, literal)
    if isinstance(literal, list | tuple | dict) and isinstance(value, Known | Template | Encoded):
        inner = opened(value)
        if inner is None:
            return False if isinstance(value, Known) else None
        value = inner
    match value:
        case Null():
            return literal is None
        case Ref():
            form = form_of(value)
            return (
                False if form is not None and isinstance(literal, str) and not form.whole.fullmatch(literal) else None
            )
        case Unknown() | Encoded():
            return None
        case Known():
            return literal is not None and _scalars_equal(value.value, literal)
        case Template():
            if literal is None:
                return False
            found = runs(value) or ()
            if None not in found:
                return _scalars_equal("".join(run or "" for run in found), literal)
            return None if text_may_be(found, text(literal)) else False
        case List():
            return _list_equals(value, literal) if isinstance(literal, list | tuple) else False
        case Map():
            return _map_equals(value, literal) if isinstance(literal, dict) else False
    raise AssertionError(type(value))


def _list_equals(value: List, literal: Sequence[Any]) -> Truth:
    # Lists are compared as sets: most that hold many values are sets in the provider, written like lists.
    wanted = list(
        {text(element) if isinstance(element, _SCALAR) else id(element): element for element in literal}.values()
    )
    table = [[equal(item, element) for element in wanted] for item in value.items]
    found = [either(row) for row in table]
    present = [either(row[at] for row in table) for at in range(len(wanted))]
    if False in found:
        return False
    undecided = sum(None in row for row in table)
    if not value.open and sum(truth is not True for truth in present) > undecided:
        return False
    return None if value.open else both([*found, *present])


_SCALAR: Final = (str, int, float)


def _map_equals(value: Map, literal: Mapping[str, Any]) -> Truth:
    truths: list[Truth] = [False for key in value.items if key not in literal]
    for key, element in literal.items():
        inner = value.items.get(key)
        truths.append(equal(inner, element) if inner is not None else (None if value.open else False))
    if value.open:
        truths.append(None)
    return both(truths)


def _same(value: Value, other: Value) -> Truth:
    """Whether two values of the configuration are the same."""
    a, b = canonical(value), canonical(other)
    if a is not None and a == b:
        return True
    match value, other:
        case (_, Known()):
            return equal(value, other.value)
        case (Known(), _):
            return equal(other, value.value)
        case (Null(), Null()):
            return True
        case (List(), List()) if not other.open:
            return _list_equals(value, list(other.items))
        case (Map(), Map()) if not other.open:
            return _map_equals(value, dict(other.items))
        case (List(), List()) | (Map(), Map()):
            return None
        case (Ref() | Unknown() | Template() | Encoded(), _) | (_, Ref() | Unknown() | Template() | Encoded()):
            return None
    return False


# --- operators --------------------------------------------------------------------------------------------------


def _in(operand: Any, value: Value) -> Truth:
    return either(equal(value, literal) for literal in operand)


def _matches(operand: str, value: Value) -> Truth:
    found = runs(value)
    if found is None:
        return False
    if len(found) == 1 and found[0] is not None:
        try:
            return pattern(text(operand)).fullmatch(found[0]) is not None
        except ValueError:  # the pattern of a check is proved; one of a parameter may be anything
            return None
    return False if _never(text(operand), found, value) else None


def _never(operand: str, found: Runs, value: Value) -> bool:
    """Whether no text that begins and ends like this one matches: each alternative of the pattern begins or ends otherwise.

    Letters of either case count as the same, and where there is any doubt the pattern may match.
    """
    form = form_of(value)
    head, tail = (found[0] or "").lower(), (found[-1] or "").lower()
    if not (head or tail or form):
        return False
    for first, last, whole in _alternatives(operand):
        if whole and form is not None and not re.fullmatch(form.whole, first):
            continue
        if _agree(first, head) and _agree(last[::-1], tail[::-1]):
            return False
    return True


def _agree(one: str, other: str) -> bool:
    return all(a == b for a, b in zip(one, other, strict=False))


@lru_cache(maxsize=1024)
def _alternatives(source: str) -> tuple[tuple[str, str, bool], ...]:
    """The literal text, in small letters, that each alternative of a pattern begins and ends with, and whether that is all
    of it; nothing is said of a pattern that is not plain in both RE2 and Python."""
    from re import _parser  # the one parser of patterns at hand; read only

    source = source.replace("(?i)", "")  # letters of either case count as the same
    doubt = (("", "", False),)
    if re.search(r"\(\?|\[\[:|\\[pPQECzAbBZ]", source.replace("(?:", "(")):
        return doubt
    try:
        parsed = list(_parser.parse(source))
    except (re.error, OverflowError, RecursionError):
        return doubt
    branches = parsed[0][1][1] if len(parsed) == 1 and str(parsed[0][0]) == "BRANCH" else [parsed]
    out = []
    for branch in branches:
        nodes = [chr(what).lower() if str(kind) == "LITERAL" else None for kind, what in branch]
        bounds = [index for index, node in enumerate(nodes) if node is None] or [len(nodes)]
        first = "".join(node or "" for node in nodes[: bounds[0]])
        whole = None not in nodes
        out.append((first, first if whole else "".join(node or "" for node in nodes[bounds[-1] + 1 :]), whole))
    return tuple(out)


@lru_cache(maxsize=1024)
def pattern(source: str) -> Any:
    """The RE2 pattern, compiled; ValueError when it is none."""
    import re2  # here, because few scans need a pattern

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(source, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(f"{source!r} is no RE2 pattern: {reason}") from error


def _starts_with(operand: Any, value: Value) -> Truth:
    found, wanted = runs(value), text(operand)
    if found is None:
        return False
    head = found[0] or ""
    if head.startswith(wanted):
        return True
    return None if None in found and wanted.startswith(head) else False


def _ends_with(operand: Any, value: Value) -> Truth:
    found, wanted = runs(value), text(operand)
    if found is None:
        return False
    tail = found[-1] or ""
    if tail.endswith(wanted):
        return True
    return None if None in found and wanted.endswith(tail) else False


def _elements(value: Value, *, scalar: bool = True) -> tuple[tuple[Value, ...], bool] | None:
    """The elements of a list, and whether there may be more; one scalar counts as a list of one if `scalar`."""
    if isinstance(value, Encoded):
        value = value.inner
    if isinstance(value, List):
        return value.items, value.open
    if isinstance(value, Ref | Unknown):
        return (), True
    if isinstance(value, Template | Known) and not _blank(value):
        inner = opened(value)
        if isinstance(inner, List):
            return inner.items, inner.open
    if scalar and isinstance(value, Known | Template):
        return (value,), False
    return None


def _blank(value: Value) -> bool:
    return isinstance(value, Known) and not isinstance(value.value, str)


def _contains(operand: Any, value: Value) -> Truth:
    found = _elements(value, scalar=False)
    if found is not None and not isinstance(value, Ref | Unknown):
        return _has(found, operand)
    fragments = runs(value)
    if fragments is None or isinstance(operand, Value | list | dict):
        return None if isinstance(value, Ref | Unknown | Template) or isinstance(operand, Value) else False
    wanted = text(operand)
    if any(run is not None and wanted in run for run in fragments):
        return True
    return None if None in fragments else False


def _has(found: tuple[tuple[Value, ...], bool], literal: Any) -> Truth:
    items, more = found
    truth = either(equal(item, literal) for item in items)
    return None if truth is False and more else truth


def _contains_all(operand: Any, value: Value) -> Truth:
    found = _elements(value)
    return False if found is None else both(_has(found, literal) for literal in operand)


def _subset_of(operand: Any, value: Value) -> Truth:
    found = _elements(value)
    if found is None:
        return False
    items, more = found
    truth = both(_in(operand, item) for item in items)
    return None if truth is True and more else truth


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*", value):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    return None


def _between(bounds: Bounds, value: Value) -> Truth:
    if isinstance(value, List | Map | Null):
        return False
    number = _number(value.value) if isinstance(value, Known) else None
    if number is None:
        return None
    truths: list[Truth] = []
    if bounds.at_least is not None:
        truths.append(_at_least(number, bounds.at_least))
    if bounds.at_most is not None:
        truths.append(_at_least(bounds.at_most, number))
    return both(truths)


def _at_least(number: Any, bound: Any) -> Truth:
    numbers = [
        _number(side.value if isinstance(side, Known) else None if isinstance(side, Value) else side)
        for side in (number, bound)
    ]
    return None if numbers[0] is None or numbers[1] is None else numbers[0] >= numbers[1]


def _present(operand: bool, value: Value) -> Truth:
    match value:
        case Null():
            truth: Truth = False
        case Known():
            truth = value.value != ""
        case List():
            truth = True if value.items else (None if value.open else False)
        case Template():
            truth = any(run for run in runs(value) or ()) or any(isinstance(p, Ref) for p in value.parts) or None
        case Unknown():
            truth = None
        case _:
            truth = True
    return truth if operand else opposite(truth)


def _defined(operand: bool, value: Value) -> Truth:
    truth: Truth = None if isinstance(value, Unknown) else not isinstance(value, Null)
    return truth if operand else opposite(truth)


def _is_empty(operand: bool, value: Value) -> Truth:
    truth: Truth
    match value:
        case List() | Map():
            truth = False if len(value.items) else (None if value.open else True)
        case Known():
            truth = value.value == ""
        case Template():
            truth = False if any(run for run in runs(value) or ()) else None
        case Ref() | Unknown():
            truth = None
        case _:
            truth = False
    return truth if operand else opposite(truth)


def _length(bounds: Bounds, value: Value) -> Truth:
    if isinstance(value, Encoded):
        value = value.inner
    match value:
        case List() | Map():
            least, exact = len(value.items), not value.open
        case Known():
            least, exact = len(text(value.value)), True
        case Template():
            found = runs(value) or ()
            least, exact = sum(len(run or "") for run in found), None not in found
        case Null():
            return False
        case _:
            least, exact = 0, False
    truths: list[Truth] = []
    if bounds.at_least is not None:
        truths.append(True if least >= bounds.at_least else (False if exact else None))
    if bounds.at_most is not None:
        truths.append(False if least > bounds.at_most else (True if exact else None))
    return both(truths)


def _refers_to(types: tuple[str, ...], value: Value) -> Truth:
    if value.origin is not None and type_of(value.origin.address) in types:
        return True
    match value:
        case Template():
            return either(_refers_to(types, part) for part in value.parts)
        case Encoded():
            return _refers_to(types, value.inner)
        case Unknown():
            return None if value.origin is None else False
    return False


def type_of(address: str) -> str:
    """The type in a resource's address, `data.TYPE` for a data source."""
    parts = without_keys(address).split(".")
    while len(parts) > 2 and parts[0] == "module":
        parts = parts[2:]
    return ".".join(parts[:2]) if parts[0] == "data" else parts[0]


def _version(bounds: Bounds, value: Value) -> Truth:
    if isinstance(value, List | Map | Null):
        return False
    found = re.match(r"\s*[vV]?(\d+(?:\.\d+)*)", text(value.value)) if isinstance(value, Known) else None
    if found is None:
        return None
    version = tuple(map(int, found[1].split(".")))
    truths: list[Truth] = []
    for bound, sign in ((bounds.at_least, 1), (bounds.at_most, -1)):
        if bound is not None:
            limit = tuple(map(int, bound.split(".")))
            shared = min(len(version), len(limit))
            if version[:shared] != limit[:shared]:
                truths.append((version[:shared] > limit[:shared]) == (sign > 0))
            else:  # `1` may be any 1.x, so it says nothing about 1.21
                truths.append(True if len(version) >= len(limit) or not any(limit[shared:]) else None)
    return both(truths)


_EVERYWHERE: Final = frozenset({"*", "any", "internet", "0/0"})


def _within(operand: Any, value: Value) -> Truth:
    limits = _networks(tuple(str(cidr) for cidr in operand if not isinstance(cidr, Value)))
    known = not any(isinstance(cidr, Value) or _network(str(cidr)) is None for cidr in operand)
    found = _elements(value)
    if found is None:
        return False
    items, more = found
    truths: list[Truth] = [None] if more else []
    for item in items:
        if isinstance(item, List):
            truths.append(_within(operand, item))
            continue
        if not isinstance(item, Known):
            truths.append(None if isinstance(item, Ref | Unknown | Template) else False)
            continue
        written = text(item.value).strip()
        network = _network(written)
        if network is None:
            truths.append(False if written.lower() in _EVERYWHERE else None)
            continue
        inside = any(network.version == limit.version and network.subnet_of(limit) for limit in limits)  # type: ignore[arg-type]
        truths.append(True if inside else (False if known else None))
    return both(truths)


@lru_cache(maxsize=4096)
def _network(written: str) -> _Net | None:
    import ipaddress

    try:
        return ipaddress.ip_network(written, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _networks(written: tuple[str, ...]) -> tuple[_Net, ...]:
    import ipaddress

    found = [network for network in map(_network, written) if network is not None]
    joined: list[_Net] = []
    joined.extend(ipaddress.collapse_addresses(n for n in found if isinstance(n, ipaddress.IPv4Network)))
    joined.extend(ipaddress.collapse_addresses(n for n in found if isinstance(n, ipaddress.IPv6Network)))
    return tuple(joined)


_DECIDE: Final[Mapping[str, Callable[[Any, Value], Truth]]] = {
    "equals": lambda operand, value: equal(value, operand),
    "in": _in,
    "matches": _matches,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "contains": _contains,
    "contains_all": _contains_all,
    "subset_of": _subset_of,
    "at_least": lambda operand, value: _between(Bounds(at_least=operand), value),
    "at_most": lambda operand, value: _between(Bounds(at_most=operand), value),
    "between": _between,
    "present": _present,
    "defined": _defined,
    "empty": _is_empty,
    "length": _length,
    "refers_to": _refers_to,
    "version": _version,
    "within": _within,
}


# --- credentials ------------------------------------------------------------------------------------------------


def _is_secret(value: Value, name: str) -> Truth:
    match value:
        case Known():
            return isinstance(value.value, str) and looks_secret(value.value, name)
        case Template():
            if any(run is not None and looks_like_token(run) for run in runs(value) or ()):
                return True
            return None if any(isinstance(part, Unknown) for part in value.parts) else False
        case Unknown():
            return None
        case Encoded():
            return either(_is_secret(inner, key) for key, inner in _scalars(value.inner))
    return False


def _scalars(value: Value, name: str = "") -> Iterator[tuple[str, Value]]:
    match value:
        case Map():
            for key, inner in value.items.items():
                yield from _scalars(inner, key)
        case List():
            for inner in value.items:
                yield from _scalars(inner, name)
        case _:
            yield name, value


# --- how it reads -----------------------------------------------------------------------------------------------

_LONGEST: Final = 60


def show(value: Any) -> str:
    """The value for people: short, without anything secret."""
    if isinstance(value, Value) and value.sensitive:
        return "a sensitive value"
    match value:
        case Known():
            return show(value.value)
        case str():
            if looks_secret(value):
                return "a literal that looks like a credential"
            short = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
            return '"' + " ".join(short.split()) + '"'
        case bool() | int() | float():
            return text(value)
        case None | Null():
            return "null"
        case Ref():
            return str(value.origin)
        case Template():
            return show("".join(_shown_part(part) for part in value.parts))
        case List(items=items) | list(items) | tuple(items):
            shown = [show(item) for item in items[:4]]
            more = ["…"] if len(items) > 4 or (isinstance(value, List) and value.open) else []
            return "[" + ", ".join([*shown, *more]) + "]"
        case Map() | dict():
            return "a map"
        case Encoded():
            return "a document"
        case Unknown():
            return "not decided"
    return str(value)


def _shown_part(part: Value) -> str:
    return text(part.value) if isinstance(part, Known) and not part.sensitive else "…"


def why_undecided(value: Value | None) -> str:
    """Why nothing can be said of the value, as the rest of `… is not decided: `."""
    match value:
        case Unknown(reason="variable"):
            return f"{value} has no default"
        case Unknown(reason="reference"):
            return f"it is read from {value.detail}"
        case Unknown(reason="ignored"):
            return "lifecycle.ignore_changes leaves what is there alone"
        case Unknown(reason="more" | "text" | "position"):
            return value.detail
        case Unknown():
            return str(value)
        case Ref():
            return f"it is read from {value.origin}"
        case Template():
            gap = next((part for part in value.parts if not isinstance(part, Known)), None)
            return why_undecided(gap)
        case List(items=items):
            gap = next((item for item in items if isinstance(item, Unknown | Ref | Template)), None)
            return why_undecided(gap) if gap is not None else "there may be more elements"
        case Encoded():
            return "how the document is spelled is not decided"
        case Known():
            return f"{show(value)} cannot be compared"
    return "something in it is not decided"


def demand(op: Op, operand: Any) -> str:
    """What the operator asks, as `must …`."""
    several = ", ".join(map(show, operand)) if isinstance(operand, tuple | list) else show(operand)
    match op:
        case "equals":
            return f"must be {show(operand)}"
        case "in":
            return f"must be one of {several}"
        case "matches":
            return f"must match {operand}"
        case "starts_with":
            return f"must start with {show(operand)}"
        case "ends_with":
            return f"must end with {show(operand)}"
        case "contains":
            return f"must contain {show(operand)}"
        case "contains_all":
            return f"must contain {several}"
        case "subset_of":
            return f"may contain only {several}"
        case "at_least":
            return f"must be at least {show(operand)}"
        case "at_most":
            return f"must be at most {show(operand)}"
        case "between":
            return f"must be between {show(operand.at_least)} and {show(operand.at_most)}"
        case "present":
            return "must be present" if operand else "must not be present"
        case "defined":
            return "must be defined" if operand else "must not be defined"
        case "empty":
            return "must be empty" if operand else "must not be empty"
        case "length" | "version":
            ends = [("at least", operand.at_least), ("at most", operand.at_most)]
            bounds = " and ".join(f"{end} {bound}" for end, bound in ends if bound is not None)
            return f"must have a length of {bounds}" if op == "length" else f"must be version {bounds}"
        case "refers_to":
            return f"must refer to a resource of type {' or '.join(operand)}"
        case "secret":
            return "must look like a credential" if operand else "must not be a credential"
        case "within":
            return f"must lie within {several}"


def explain(path: str, op: Op, operand: Any, value: Value, truth: Truth) -> str:
    """One clause that says how the operator came out on the value at `path`, fit to follow a resource's name."""
    name = path or "it"
    if truth is None:
        return f"{name} is not decided: {why_undecided(value)}"
    if op == "secret":
        found = truth is operand
        return f"{name} is a literal that looks like a credential" if found else f"{name} is no credential in the text"
    if op == "present" and truth is not operand:
        return f"{name} is empty"
    if op == "present" and operand:
        return f"{name} is present"
    shown = f"{name} is {show(value)}"
    return shown if truth else f"{shown}, {demand(op, operand)}"
