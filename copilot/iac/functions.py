"""Terraform's functions over values: what the configuration decides is computed, the rest is an `Unknown` that says why.

Elements that a collection function hands on keep their own places; what is newly computed lies where the call is.
Unknown(reason="invalid") is a call that Terraform itself refuses for certain (so `try` may go on to its next argument),
"function" one that this module cannot judge, "budget" one whose result would be too big, "computed" one that waits for
values of the running system, "file" one whose file is not in the snapshot.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import math
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, Final, Literal, NoReturn, Protocol, TypeAlias

from copilot.model import Encoded, Known, List, Map, Null, Place, Places, Ref, Template, Unknown, Value

MAX_TEXT: Final = 1 << 20
MAX_ELEMENTS: Final = 10_000
MAX_WIDTH: Final = 10_000
MAX_DEPTH: Final = 100
MAX_RANGE: Final = 1024  # Terraform's own limit
_MAX_BITS: Final = 4096  # of an integer; beyond it decimal conversion is slow
_MAX_SCAN: Final = 1 << 26  # characters one regular expression may walk over, matches counted from their start


class Reader(Protocol):
    """The files of the snapshot; every path is POSIX and relative to its root."""

    def read(self, path: str) -> bytes | None:
        """The bytes of the file, None when the snapshot has none there."""

    def glob(self, folder: str, pattern: str) -> list[str]:
        """The files below `folder` that match Terraform's `fileset` pattern, relative to `folder`."""


@dataclass(frozen=True, slots=True)
class Call:
    """Where a function is called: the place of the call, the snapshot's files, and the module's folder in it."""

    place: Place
    reader: Reader
    folder: str


Render: TypeAlias = Callable[[str, Mapping[str, Value], Place], Value]
"""Evaluates the text of a template with these variables; the place is where the text begins."""


def call(name: str, args: tuple[Value, ...], context: Call, *, template: Render) -> Value:
    """The value of `name(args...)`; it never raises, a failure is an Unknown with its reason."""
    name = name.removeprefix("core::")
    places = (context.place,)
    known = _REGISTRY.get(name)
    if known is None:
        return Unknown("function", name[:200], places=places)
    least, most, function = known
    if name not in ("try", "can"):
        for arg in args:
            if isinstance(arg, Unknown) and arg.reason == "invalid":
                return _used(arg, context.place)
    if len(args) < least or (most is not None and len(args) > most):
        return Unknown("invalid", f"{name}: takes {_arity(least, most)}, not {len(args)}", places=places)
    try:
        return function(args, _Site(name, context, template))
    except _Invalid as error:
        return Unknown("invalid", f"{name}: {error}", places=places)
    except _Wrong as error:
        return Unknown("function", f"{name}: {error}", places=places)
    except _Undecided as error:
        cause = error.value
        if isinstance(cause, Unknown):
            return _used(cause, context.place)
        return Unknown("computed", name, places=places, sensitive=cause.sensitive)
    except (_TooMuch, RecursionError, MemoryError):
        return Unknown("budget", name, places=places)
    except (ValueError, ArithmeticError) as error:
        return Unknown("function", f"{name}: {type(error).__name__}", places=places)


def names() -> frozenset[str]:
    """The names of the functions that `call` knows."""
    return frozenset(_REGISTRY)


# --- how a function fails ---------------------------------------------------------------------------------------
# No message holds the text of an argument: it may be secret.


class _Invalid(Exception):
    """Terraform refuses the call."""


class _Wrong(Exception):
    """The call cannot be judged here."""


class _TooMuch(Exception):
    """The result would pass a budget."""


class _Undecided(Exception):
    """The result waits for this value."""

    def __init__(self, value: Value) -> None:
        self.value = value


@dataclass(frozen=True, slots=True)
class _Site:
    """A call in progress."""

    name: str
    context: Call
    template: Render

    @property
    def places(self) -> Places:
        return (self.context.place,)

    def known(self, value: str | float | bool, *sources: Value) -> Known:
        """A newly computed scalar, secret when one of its sources is."""
        if isinstance(value, float):
            value = _whole(value)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise _TooMuch
        return Known(value, places=self.places, sensitive=_secret(*sources))

    def text(self, value: str, secret: bool) -> Known:
        """A newly computed text."""
        if len(value) > MAX_TEXT:
            raise _TooMuch
        return Known(value, places=self.places, sensitive=secret)

    def list(
        self, items: Iterable[Value], *sources: Value, open: bool = False, kind: Literal["list", "set"] = "list"
    ) -> List:
        """A new list around these items; it is secret when a list it is made from is, beside what its items are."""
        elements = tuple(itertools.islice(items, MAX_ELEMENTS + 1))
        if len(elements) > MAX_ELEMENTS:
            raise _TooMuch
        return List(elements, open, kind, places=self.places, sensitive=any(source.sensitive for source in sources))

    def map(self, items: Mapping[str, Value], *sources: Value, open: bool = False) -> Map:
        """A new map of these items; it is secret when a source is, beside what its items are."""
        if len(items) > MAX_ELEMENTS:
            raise _TooMuch
        return Map(items, open, places=self.places, sensitive=any(source.sensitive for source in sources))

    def chosen(self, value: Value, *sources: Value) -> Value:
        """The value itself, used at this call; secret when what it was chosen from is."""
        secret = value.sensitive or any(source.sensitive for source in sources)
        return replace(value, places=(self.context.place, *value.places), sensitive=secret)

    def unknown(self, *sources: Value) -> Unknown:
        """What only the running system decides."""
        return Unknown("computed", self.name, places=self.places, sensitive=any(source.sensitive for source in sources))


_Function: TypeAlias = Callable[[tuple[Value, ...], _Site], Value]
_REGISTRY: Final[dict[str, tuple[int, int | None, _Function]]] = {}


def _function(name: str, least: int, most: int | None) -> Callable[[_Function], _Function]:
    """Register a function of `least` to `most` arguments."""

    def register(function: _Function) -> _Function:
        _REGISTRY[name] = (least, most, function)
        return function

    return register


def _scalar(name: str, parameters: str, compute: Callable[..., Any], *, repeat: bool = False) -> None:
    """Register a function of plain values: `s` text, `n` number, `i` whole number, `S` list of texts, `N` of numbers.

    With `repeat` the last parameter may come any number of times. A list that it returns becomes a list of texts.
    """
    converters = [_CONVERTERS[letter] for letter in parameters]

    def function(args: tuple[Value, ...], site: _Site) -> Value:
        converter = itertools.chain(converters, itertools.repeat(converters[-1]))
        result = compute(*(convert(arg) for convert, arg in zip(converter, args, strict=False)))
        if isinstance(result, list):
            if len(result) > MAX_ELEMENTS:
                raise _TooMuch
            secret = _secret(*args)
            return site.list(Known(item, places=site.places, sensitive=secret) for item in result)
        return site.known(result, *args)

    _REGISTRY[name] = (len(parameters), None if repeat else len(parameters), function)


def _arity(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} arguments"
    return f"{least} arguments" if least == most else f"{least} to {most} arguments"


# --- reading arguments ------------------------------------------------------------------------------------------


def _used(value: Value, place: Place) -> Value:
    return replace(value, places=(place, *value.places))


def _refuse(value: Value, wanted: str) -> NoReturn:
    """Raise what an argument that is not a `wanted` means: it waits, or it is wrong."""
    if isinstance(value, Unknown | Ref | Template):
        raise _Undecided(value)
    if isinstance(value, Null):
        raise _Invalid(f"{wanted} is needed, not null")
    raise _Invalid(f"{wanted} is needed")


def _secret(*values: Value) -> bool:
    """Whether one of the values, or anything in them, is secret."""
    stack: list[tuple[Value, int]] = [(value, 0) for value in values]
    seen = 0
    while stack:
        value, depth = stack.pop()
        if value.sensitive:
            return True
        seen += 1
        if depth > MAX_DEPTH or seen > 10 * MAX_ELEMENTS:
            raise _TooMuch
        match value:
            case List():
                stack.extend((item, depth + 1) for item in value.items)
            case Map():
                stack.extend((item, depth + 1) for item in value.items.values())
            case Template():
                stack.extend((part, depth + 1) for part in value.parts)
            case Encoded():
                stack.append((value.inner, depth + 1))
    return False


def _number_text(number: float) -> str:
    """A number as Terraform writes it: no exponent, no trailing `.0`."""
    number = _whole(number)
    return str(number) if isinstance(number, int) else format(Decimal(repr(number)), "f")


def _whole(number: float) -> int | float:
    """The number, as an int when it is one; huge ones are refused."""
    if isinstance(number, float):
        if not math.isfinite(number):
            raise _Wrong("the result is not a finite number")
        if not number.is_integer():
            return number
        number = int(Decimal(repr(number)))
    if number.bit_length() > _MAX_BITS:
        raise _TooMuch
    return number


def _text(value: Value) -> str:
    match value:
        case Known(value=bool() as flag):
            return "true" if flag else "false"
        case Known(value=str() as text):
            return text
        case Known(value=int() | float() as number):
            return _number_text(number)
        case Encoded():
            return _encoded_text(value)
        case Template() if all(isinstance(part, Known) for part in value.parts):
            return "".join(map(_text, value.parts))
    _refuse(value, "text")


_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")


def _parsed_number(text: str) -> int | float | None:
    """The number that the text is in decimal notation, None when it is none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    exponent = found[1] or "0"
    if len(text) > 1000 or len(exponent) > 5 or abs(int(exponent)) > 1000:
        raise _TooMuch
    with localcontext() as exact:
        exact.prec = 2500
        number = Decimal(text)
        if number == number.to_integral_value():
            return _whole(int(number))
        return float(number)


def _number(value: Value) -> int | float:
    match value:
        case Known(value=bool()):
            raise _Invalid("a number is needed")
        case Known(value=str() as text):
            number = _parsed_number(text)
            if number is None:
                raise _Invalid("the text is not a number")
            return number
        case Known(value=int() | float() as number):
            return _whole(number)
    _refuse(value, "a number")


def _int(value: Value) -> int:
    number = _number(value)
    if isinstance(number, float):
        raise _Invalid("a whole number is needed")
    return number


def _index(value: Value) -> int:
    """A whole number that counts elements or characters."""
    number = _int(value)
    if abs(number) > 1 << 62:
        raise _TooMuch
    return number


def _bool(value: Value) -> bool:
    match value:
        case Known(value=bool() as flag):
            return flag
        case Known(value="true" | "1"):
            return True
        case Known(value="false" | "0"):
            return False
    _refuse(value, "true or false")


def _list(value: Value) -> List:
    if isinstance(value, List):
        return value
    if isinstance(value, Template):
        raise _Invalid("a list is needed")
    _refuse(value, "a list")


def _closed(value: Value) -> List:
    """The list, when all its elements are there and in order."""
    items = _list(value)
    if items.open:
        raise _Undecided(items)
    return items


def _map(value: Value) -> Map:
    if isinstance(value, Map):
        return value
    if isinstance(value, Template):
        raise _Invalid("a map is needed")
    _refuse(value, "a map")


_CONVERTERS: Final[dict[str, Callable[[Value], Any]]] = {
    "s": _text,
    "n": _number,
    "i": _index,
    "S": lambda value: [_text(item) for item in _closed(value).items],
    "N": lambda value: [_number(item) for item in _closed(value).items],
}


# --- text made of parts -----------------------------------------------------------------------------------------


def _compose(parts: Iterable[str | Value], site: _Site, *, secret: bool = False) -> Value:
    """The parts as one text: Known when all are decided, a Template when some are not."""
    merged: list[list[str] | Value] = []
    size = 0
    stack = [iter(parts)]
    while stack:
        part = next(stack[-1], None)
        if part is None:
            stack.pop()
            continue
        if isinstance(part, Value):
            secret = secret or _secret(part)
            if isinstance(part, Template):
                stack.append(iter(part.parts))
                if len(stack) > MAX_DEPTH:
                    raise _TooMuch
                continue
            try:
                text = _text(part)
            except _Undecided:
                merged.append(part)
                if len(merged) > MAX_ELEMENTS:
                    raise _TooMuch from None
                continue
        else:
            text = part
        size += len(text)
        if size > MAX_TEXT:
            raise _TooMuch
        last = merged[-1] if merged else None
        if isinstance(last, list):
            last.append(text)
        elif text:
            merged.append([text])
    if not merged:
        return site.text("", secret)
    if len(merged) == 1 and isinstance(merged[0], list):
        return site.text("".join(merged[0]), secret)
    return Template(
        tuple(Known("".join(part), places=site.places) if isinstance(part, list) else part for part in merged),
        places=site.places,
        sensitive=secret,
    )


def _ends(value: Value) -> tuple[str, str]:
    """The text that a Template surely begins with, and the one it surely ends with."""
    if not isinstance(value, Template) or not value.parts:
        return "", ""
    head, tail = value.parts[0], value.parts[-1]
    return (
        head.value if isinstance(head, Known) and isinstance(head.value, str) else "",
        tail.value if isinstance(tail, Known) and isinstance(tail.value, str) else "",
    )


_FOLDED: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_FOLDED)


def _json(value: Value, depth: int = 0) -> str:
    """The value as `jsonencode` writes it; Undecided when a part of it is."""
    if depth > MAX_DEPTH:
        raise _TooMuch
    match value:
        case Null():
            return "null"
        case Known(value=bool() as flag):
            return "true" if flag else "false"
        case Known(value=int() | float() as number):
            return _number_text(number)
        case Known() | Encoded() | Template():
            return _quoted(_text(value))
        case List() if not value.open:
            return _bounded("[", ",", "]", (_json(item, depth + 1) for item in value.items))
        case Map() if not value.open:
            entries = (f"{_quoted(key)}:{_json(value.items[key], depth + 1)}" for key in sorted(value.items))
            return _bounded("{", ",", "}", entries)
    raise _Undecided(value)


def _bounded(start: str, separator: str, end: str, texts: Iterable[str]) -> str:
    kept: list[str] = []
    size = 0
    for text in texts:
        size += len(text) + 1
        if size > MAX_TEXT:
            raise _TooMuch
        kept.append(text)
    return start + separator.join(kept) + end


def _encoded_text(value: Encoded) -> str:
    if value.encoding == "json":
        return _json(value.inner)
    if value.encoding == "base64":
        return _base64(_text(value.inner).encode())
    raise _Undecided(value)


# --- comparing values -------------------------------------------------------------------------------------------

_Identity: TypeAlias = tuple[Any, ...]


def _identity(value: Value, depth: int = 0) -> _Identity | None:
    """What two equal values share and two different ones do not; None when the value is not decided."""
    if depth > MAX_DEPTH:
        raise _TooMuch
    match value:
        case Null():
            return ("null",)
        case Known(value=bool() as flag):
            return ("bool", flag)
        case Known(value=str() as text):
            return ("text", text)
        case Known(value=number):
            return ("number", number)
        case Encoded():
            try:
                return ("text", _text(value))
            except _Undecided:
                return None
        case List() if not value.open:
            items = [_identity(item, depth + 1) for item in value.items]
            return None if None in items else ("set" if value.kind == "set" else "list", *items)
        case Map() if not value.open:
            entries = [(key, _identity(value.items[key], depth + 1)) for key in sorted(value.items)]
            return None if any(identity is None for _, identity in entries) else ("map", *entries)
    return None


def _among(value: Value, items: Iterable[Value], *, open: bool) -> bool | None:
    """Whether one of the items equals the value; None when that is not decided."""
    wanted = _identity(value)
    undecided = open
    for item in items:
        identity = _identity(item)
        if identity is not None and identity == wanted:
            return True
        if isinstance(value, Ref) and isinstance(item, Ref) and value.origin and value.origin == item.origin:
            return True
        undecided = undecided or identity is None or wanted is None
    return None if undecided else False


def _unified(items: Sequence[Value]) -> tuple[Value, ...]:
    """The items as elements of one type: numbers and booleans become text when there is text among them."""
    kinds = {type(item.value) for item in items if isinstance(item, Known)}
    textual = str in kinds or any(isinstance(item, Template | Encoded) for item in items)
    if not textual or kinds <= {str}:
        return tuple(items)
    return tuple(
        replace(item, value=_text(item)) if isinstance(item, Known) and not isinstance(item.value, str) else item
        for item in items
    )


def _distinct(items: Iterable[Value]) -> list[Value]:
    """The items without those that surely repeat an earlier one; the undecided ones stay."""
    seen: set[_Identity] = set()
    kept: list[Value] = []
    for item in items:
        identity: _Identity | None = _identity(item)
        if identity is None and isinstance(item, Ref) and item.origin is not None:
            identity = ("ref", item.origin)
        if identity is None or identity not in seen:
            kept.append(item)
            if len(kept) > MAX_ELEMENTS:
                raise _TooMuch
        if identity is not None:
            seen.add(identity)
    return kept


def _set(items: Sequence[Value], site: _Site, *sources: Value, open: bool = False) -> List:
    """The items as a set: unified, without repetitions, in Terraform's order."""
    kept = _distinct(_unified(items))
    scalars = [item.value for item in kept if isinstance(item, Known)]
    if len(scalars) == len(kept):
        kept.sort(key=lambda item: item.value)  # type: ignore[attr-defined]
    return site.list(kept, *sources, open=open, kind="set")


def _sets(args: tuple[Value, ...]) -> Iterator[tuple[tuple[Value, ...], bool]]:
    """Each argument as (items, open), in one element type; what is not decided is empty and open."""
    lists = [None if isinstance(arg, Unknown | Ref) else _list(arg) for arg in args]
    items = _unified([item for one in lists if one for item in one.items])
    start = 0
    for one in lists:
        end = start + (len(one.items) if one else 0)
        yield items[start:end], one is None or one.open
        start = end


# --- numbers ----------------------------------------------------------------------------------------------------


def _log(number: float, base: float) -> float:
    if number <= 0 or base <= 0 or base == 1:
        raise _Wrong("the logarithm is not finite")
    return math.log(number) / math.log(base)


def _pow(number: float, power: float) -> float:
    try:
        return math.pow(number, power)
    except (ValueError, OverflowError):
        raise _Wrong("the power is not a finite number") from None


def _digit(character: str, base: int) -> int:
    if "0" <= character <= "9":
        return ord(character) - 48
    if "a" <= character <= "z":
        return ord(character) - 87
    if "A" <= character <= "Z":
        return ord(character) - (29 if base > 36 else 55)
    return 99


@_function("parseint", 2, 2)
def _parseint(args: tuple[Value, ...], site: _Site) -> Value:
    text, base = _text(args[0]), _int(args[1])
    if not 2 <= base <= 62:
        raise _Invalid("the base is from 2 to 62")
    digits = text[1:] if text[:1] in ("+", "-") else text
    if len(digits) > 1000:
        raise _TooMuch
    number = 0
    for character in digits:
        digit = _digit(character, base)
        if digit >= base:
            raise _Invalid("the text is not a number in that base")
        number = number * base + digit
    if not digits:
        raise _Invalid("the text is not a number in that base")
    return site.known(_whole(-number if text[0] == "-" else number), *args)


def _sum(numbers: list[int | float]) -> int | float:
    if not numbers:
        raise _Invalid("there is nothing to add")
    if all(isinstance(number, int) for number in numbers):
        return _whole(sum(numbers))
    with localcontext() as exact:
        exact.prec = 200
        return float(sum(Decimal(repr(number)) for number in numbers))


@_function("range", 1, 3)
def _range(args: tuple[Value, ...], site: _Site) -> Value:
    given = [Decimal(repr(_number(arg))) for arg in args]
    start, limit = (Decimal(0), given[0]) if len(given) == 1 else given[:2]
    step = given[2] if len(given) == 3 else Decimal(-1 if limit < start else 1)
    if step == 0 and start != limit:
        raise _Invalid("the step is not zero")
    if (limit > start and step < 0) or (limit < start and step > 0):
        raise _Invalid("the step leads away from the limit")
    secret = _secret(*args)
    items: list[Value] = []
    while start < limit if step > 0 else start > limit:
        if len(items) >= MAX_RANGE:
            raise _TooMuch
        number = int(start) if start == start.to_integral_value() else float(start)
        items.append(Known(number, places=site.places, sensitive=secret))
        start += step
    return site.list(items, *args)


def _signum(number: float) -> int:
    if isinstance(number, float):
        raise _Invalid("a whole number is needed")
    return (number > 0) - (number < 0)


_scalar("abs", "n", abs)
_scalar("ceil", "n", math.ceil)
_scalar("floor", "n", math.floor)
_scalar("log", "nn", _log)
_scalar("max", "n", lambda *numbers: max(numbers), repeat=True)
_scalar("min", "n", lambda *numbers: min(numbers), repeat=True)
_scalar("pow", "nn", _pow)
_scalar("signum", "n", _signum)
_scalar("sum", "N", _sum)


# --- text -------------------------------------------------------------------------------------------------------


def _graphemes(text: str) -> list[str]:
    """The text in characters as a reader counts them (combining marks and joined emoji stay with their base)."""
    if text.isascii():
        return list(text) if "\r\n" not in text else re.findall(r"\r\n|.", text, re.DOTALL)
    import unicodedata

    text = unicodedata.normalize("NFC", text)  # as Terraform keeps every text
    starts: list[int] = []
    before = ""
    for position, character in enumerate(text):
        extends = unicodedata.category(character) in ("Mn", "Me", "Mc") or "\U0001f3fb" <= character <= "\U0001f3ff"
        joined = character == "\u200d" or before == "\u200d" or (before == "\r" and character == "\n")
        if not before or not (extends or joined):
            starts.append(position)
        before = character
    return [text[start:end] for start, end in itertools.pairwise([*starts, len(text)])]


def _substr(text: str, offset: int, length: int) -> str:
    characters = _graphemes(text)
    if offset < 0:
        offset = max(0, offset + len(characters))
    return "".join(characters[offset:] if length < 0 else characters[offset : offset + length])


def _title(text: str) -> str:
    return re.sub(r"(?<![\w])[^\W\d_]", lambda found: _single(found[0], str.title), text)


def _single(character: str, change: Callable[[str], str]) -> str:
    """One character changed where that gives one character, as Go maps case."""
    changed = change(character)
    return changed if len(changed) == 1 else character


def _case(text: str, change: Callable[[str], str]) -> str:
    changed = change(text)
    return changed if len(changed) == len(text) else "".join(_single(character, change) for character in text)


def _indent(width: int, text: str) -> str:
    if width < 0:
        raise _Invalid("the width is not negative")
    if width > MAX_WIDTH or len(text) + text.count("\n") * width > MAX_TEXT:
        raise _TooMuch
    return text.replace("\n", "\n" + " " * width)


_SPACE: Final = " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def _by_part(name: str, change: Callable[[str], str]) -> None:
    """Register a function that changes each character on its own, so the decided parts of a Template stay decided."""

    def function(args: tuple[Value, ...], site: _Site) -> Value:
        if not isinstance(args[0], Template):
            return site.known(change(_text(args[0])), args[0])
        parts = [change(_text(part)) if isinstance(part, Known) else site.unknown(part) for part in args[0].parts]
        return _compose(parts, site, secret=_secret(args[0]))

    _REGISTRY[name] = (1, 1, function)


_by_part("lower", lambda text: _case(text, str.lower))
_by_part("upper", lambda text: _case(text, str.upper))


def _trimmed(name: str, parameters: int, trim: Callable[[str, str], str], *, head: bool, tail: bool) -> None:
    """Register a function that trims the ends; a Template whose ends are long enough is trimmed too.

    The trimmed piece must leave something of the decided run, else the cut could go on into what is not decided.
    """

    def function(args: tuple[Value, ...], site: _Site) -> Value:
        pattern = _text(args[1]) if parameters == 2 else ""
        subject = args[0]
        if not isinstance(subject, Template):
            return site.known(trim(_text(subject), pattern), *args)
        parts: list[str | Value] = list(subject.parts)
        for wanted, position in ((head, 0), (tail, -1)):
            if not wanted:
                continue
            run = parts[position] if parts else None
            if not isinstance(run, Known) or len(_text(run)) < len(pattern):
                raise _Undecided(subject)
            text = _text(run)
            # A mark at the inner side keeps the other end of the run from being trimmed.
            marked = trim(text + "\0", pattern).removesuffix("\0") if position == 0 else trim("\0" + text, pattern)[1:]
            if not marked and (name in ("trim", "trimspace", "chomp")):
                raise _Undecided(subject)
            parts[position] = marked
        return _compose(parts, site, secret=_secret(*args))

    _REGISTRY[name] = (parameters, parameters, function)


_trimmed("trim", 2, lambda text, cut: text.strip("".join(dict.fromkeys(cut))) if cut else text, head=True, tail=True)
_trimmed("trimprefix", 2, str.removeprefix, head=True, tail=False)
_trimmed("trimsuffix", 2, str.removesuffix, head=False, tail=True)
_trimmed("trimspace", 1, lambda text, _: text.strip(_SPACE), head=True, tail=True)
_trimmed("chomp", 1, lambda text, _: text.rstrip("\r\n"), head=False, tail=True)

_scalar("indent", "is", _indent)
_scalar("split", "ss", lambda separator, text: text.split(separator) if separator else _graphemes(text))
_scalar("strrev", "s", lambda text: "".join(reversed(_graphemes(text))))
_scalar("substr", "sii", _substr)
_scalar("title", "s", _title)


@_function("startswith", 2, 2)
def _startswith(args: tuple[Value, ...], site: _Site) -> Value:
    prefix, head = _text(args[1]), _ends(args[0])[0]
    if isinstance(args[0], Template) and (head.startswith(prefix) or not prefix.startswith(head)):
        return site.known(head.startswith(prefix), *args)
    return site.known(_text(args[0]).startswith(prefix), *args)


@_function("endswith", 2, 2)
def _endswith(args: tuple[Value, ...], site: _Site) -> Value:
    suffix, tail = _text(args[1]), _ends(args[0])[1]
    if isinstance(args[0], Template) and (tail.endswith(suffix) or not suffix.endswith(tail)):
        return site.known(tail.endswith(suffix), *args)
    return site.known(_text(args[0]).endswith(suffix), *args)


@_function("strcontains", 2, 2)
def _strcontains(args: tuple[Value, ...], site: _Site) -> Value:
    wanted = _text(args[1])
    subject = args[0]
    if isinstance(subject, Template) and any(isinstance(p, Known) and wanted in _text(p) for p in subject.parts):
        return site.known(True, *args)
    return site.known(wanted in _text(subject), *args)


@_function("join", 1, None)
def _join(args: tuple[Value, ...], site: _Site) -> Value:
    separator = args[0]
    if not isinstance(separator, Unknown | Ref | Template):
        _text(separator)
    parts: list[str | Value] = []
    for arg in args[1:]:
        for item in _closed(arg).items:
            if isinstance(item, Null | List | Map):
                raise _Invalid("the elements are texts")
            parts += [separator, item] if parts else [item]
    return _compose(parts, site, secret=any(arg.sensitive for arg in args))


@_function("sort", 1, 1)
def _sort(args: tuple[Value, ...], site: _Site) -> Value:
    items = _list(args[0])
    texts: list[tuple[str, Value]] = []
    for item in items.items:
        try:
            text = _text(item)
        except _Undecided:
            # The same elements, in an order that is not known: an open list has no positions.
            return site.list(items.items, items, open=True)
        texts.append((text, replace(item, value=text) if isinstance(item, Known) else item))
    texts.sort(key=lambda pair: pair[0])
    return site.list((item for _, item in texts), items, open=items.open)


# --- format -----------------------------------------------------------------------------------------------------

_VERB: Final = re.compile(
    r"%(?P<flags>[ +\-0#]*)(?P<width>[0-9]*)(?:\.(?P<precision>[0-9]*))?(?:\[(?P<index>[0-9]+)\])?(?P<verb>[a-zA-Z%])"
)


@dataclass(frozen=True, slots=True)
class _Verb:
    """One directive of a format: `%-10.3s`."""

    letter: str
    flags: str
    width: int
    precision: int | None

    @property
    def bare(self) -> bool:
        return not self.flags and not self.width and self.precision is None

    def pad(self, text: str, *, numeric: bool = False) -> str:
        if len(text) >= self.width:
            return text
        if "-" in self.flags:
            return text.ljust(self.width)
        if "0" not in self.flags:
            return text.rjust(self.width)
        sign = text[0] if numeric and text[0] in "+- " else ""
        return sign + text[len(sign) :].rjust(self.width - len(sign), "0")

    def signed(self, text: str) -> str:
        if text.startswith("-"):
            return text
        return "+" + text if "+" in self.flags else " " + text if " " in self.flags else text


def _small(digits: str) -> int:
    number = int(digits[:6] or "0")
    if len(digits) > 6 or number > MAX_WIDTH:
        raise _TooMuch
    return number


def _shortest(number: float) -> str:
    """A number as `%v` writes it: its shortest digits, with an exponent below 1e-4 and from 1e6 on."""
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    assert isinstance(exponent, int)
    kept = "".join(map(str, digits)).lstrip("0")
    point = len(kept) + exponent
    kept = kept.rstrip("0")
    if not kept:
        return "0"
    power = point - 1
    if -4 <= power < 6:
        text = format(abs(Decimal(repr(number))), "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = kept[0] + ("." + kept[1:] if kept[1:] else "") + f"e{'-' if power < 0 else '+'}{abs(power):02d}"
    return "-" + text if sign else text


def _formatted(verb: _Verb, value: Value) -> str:
    """The text of one directive; Undecided when the value is."""
    letter = verb.letter
    if letter == "v":
        if isinstance(value, Null):
            raise _Undecided(value)
        if "#" in verb.flags or isinstance(value, List | Map):
            return verb.pad(_json(value))
        if isinstance(value, Known) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
            return verb.pad(verb.signed(_shortest(_whole(value.value))), numeric=True)
        return verb.pad(_text(value))
    if letter == "t":
        return "true" if _bool(value) else "false"
    if letter in "sq":
        text = _text(value)
        if letter == "q":
            return verb.pad(_quoted(text))
        return verb.pad(text if verb.precision is None else "".join(_graphemes(text)[: verb.precision]))
    if letter in "bdoxX":
        whole = _int(value)
        text = format(abs(whole), letter)
        if verb.precision is not None:
            text = text.rjust(verb.precision, "0")
        if "#" in verb.flags:
            text = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(letter, "") + text
        return verb.pad(verb.signed("-" + text if whole < 0 else text), numeric=True)
    if letter in "eEfgG":
        number = _number(value)
        if letter in "gG" and verb.precision is None:
            text = _shortest(number)
            return verb.pad(verb.signed(text.upper() if letter == "G" else text), numeric=True)
        places = 6 if verb.precision is None else verb.precision
        if letter == "f":
            with localcontext() as exact:
                exact.prec = MAX_WIDTH + 2000
                text = format(Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN), "f")
        else:
            text = format(float(number), f".{places}{letter}")
        return verb.pad(verb.signed(text), numeric=True)
    raise _Invalid("the format has a verb that does not exist")


def _format_parts(spec: str, args: Sequence[Value], site: _Site) -> list[str | Value]:
    """The literal runs and the formatted arguments, in order; what is not decided stands for itself."""
    parts: list[str | Value] = []
    following = highest = position = 0
    while (at := spec.find("%", position)) >= 0:
        parts.append(spec[position:at])
        found = _VERB.match(spec, at)
        if found is None:
            raise _Invalid("the format has a verb that does not exist")
        position = found.end()
        if found["verb"] == "%":
            parts.append("%")
            continue
        precision = found["precision"]
        verb = _Verb(
            found["verb"], found["flags"], _small(found["width"]), None if precision is None else _small(precision)
        )
        following = _small(found["index"]) if found["index"] else following + 1
        highest = max(highest, following)
        if not 1 <= following <= len(args):
            raise _Invalid("the format has more verbs than there are arguments")
        if len(parts) > MAX_ELEMENTS:
            raise _TooMuch
        value = args[following - 1]
        try:
            parts.append(_formatted(verb, value))
        except _Undecided as error:
            natural = verb.bare and verb.letter in "sdv" and isinstance(value, Unknown | Ref | Template | Encoded)
            if not natural and isinstance(error.value, Unknown):
                parts.append(replace(error.value, places=site.places))
            else:
                parts.append(value if natural else site.unknown(value))
    if highest < len(args):
        raise _Invalid("there are more arguments than the format uses")
    parts.append(spec[position:])
    return parts


@_function("format", 1, None)
def _format(args: tuple[Value, ...], site: _Site) -> Value:
    return _compose(_format_parts(_text(args[0]), args[1:], site), site, secret=_secret(*args))


@_function("formatlist", 1, None)
def _formatlist(args: tuple[Value, ...], site: _Site) -> Value:
    spec = _text(args[0])
    rows = [arg for arg in args[1:] if isinstance(arg, List)]
    if any(isinstance(arg, Unknown | Ref) for arg in args[1:]):
        raise _Undecided(next(arg for arg in args[1:] if isinstance(arg, Unknown | Ref)))
    open = any(row.open for row in rows)
    lengths = {len(row.items) for row in rows}
    if open and len(rows) > 1:
        return site.list((), *rows, open=True)
    if len(lengths) > 1:
        raise _Invalid("the lists have different lengths")
    length = lengths.pop() if lengths else 1
    if length > MAX_ELEMENTS:
        raise _TooMuch
    secret = _secret(args[0])
    items: list[Value] = []
    size = 0
    for index in range(length):
        row = [arg.items[index] if isinstance(arg, List) else arg for arg in args[1:]]
        item = _compose(_format_parts(spec, row, site), site, secret=secret or _secret(*row))
        size += len(item.value) if isinstance(item, Known) and isinstance(item.value, str) else 0
        if size > MAX_TEXT:
            raise _TooMuch
        items.append(item)
    return site.list(items, *rows, open=open)


# --- regular expressions ----------------------------------------------------------------------------------------


def _pattern(text: str) -> Any:
    """The compiled pattern; RE2, so no pattern can take more than linear time for a match."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error:
        raise _Invalid("the pattern is not a regular expression of RE2") from None


def _matches(pattern: Any, text: str) -> Iterator[Any]:
    """The matches from left to right, as Go counts them: none is empty right behind the one before it."""
    spent = 0
    last = -1
    for count, found in enumerate(pattern.finditer(text)):
        spent += len(text) - found.start()
        if spent > _MAX_SCAN or count > MAX_ELEMENTS:
            raise _TooMuch
        if found.start() == found.end() == last:
            continue
        last = found.end()
        yield found


def _captured(pattern: Any, found: Any, site: _Site, secret: bool) -> Value:
    """What `regex` gives for a match: its text, the list of its groups, or the map of its named groups."""

    def piece(text: str | None) -> Value:
        if text is None:
            return Null(places=site.places, sensitive=secret)
        return site.text(text, secret)

    if not pattern.groups:
        return piece(found.group())
    if not pattern.groupindex:
        return List(tuple(map(piece, found.groups())), places=site.places)
    if len(pattern.groupindex) != pattern.groups:
        raise _Invalid("the groups of the pattern are all named or none is")
    return Map({name: piece(found.group(name)) for name in sorted(pattern.groupindex)}, places=site.places)


@_function("regex", 2, 2)
def _regex(args: tuple[Value, ...], site: _Site) -> Value:
    pattern, text = _pattern(_text(args[0])), _text(args[1])
    for found in _matches(pattern, text):
        return _captured(pattern, found, site, _secret(*args))
    raise _Invalid("the pattern does not match")


@_function("regexall", 2, 2)
def _regexall(args: tuple[Value, ...], site: _Site) -> Value:
    pattern, text, secret = _pattern(_text(args[0])), _text(args[1]), _secret(*args)
    return site.list(_captured(pattern, found, site, secret) for found in _matches(pattern, text))


_EXPANSION: Final = re.compile(r"\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})")


def _expanded(replacement: str, pattern: Any, found: Any) -> str:
    """The replacement with `$1`, `${name}` and `$$` filled in; a group that does not exist is empty."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name.isdigit():
            number = int(name[:4])
            return (found.group(number) or "") if number <= pattern.groups else ""
        return (found.group(name) or "") if name in pattern.groupindex else ""

    return _EXPANSION.sub(group, replacement)


def _regex_replace(text: str, source: str, replacement: str) -> str:
    pattern = _pattern(source)
    pieces: list[str] = []
    position = size = 0
    for found in _matches(pattern, text):
        pieces += [text[position : found.start()], _expanded(replacement, pattern, found)]
        size += len(pieces[-1]) + len(pieces[-2])
        if size > MAX_TEXT:
            raise _TooMuch
        position = found.end()
    return "".join([*pieces, text[position:]])


def _plain_replace(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise _TooMuch
    return text.replace(old, new)


@_function("replace", 3, 3)
def _replace(args: tuple[Value, ...], site: _Site) -> Value:
    old, new = _text(args[1]), args[2]
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return site.known(_regex_replace(_text(args[0]), old[1:-1], _text(new)), *args)
    if isinstance(args[0], Template) and len(old) == 1:
        # One character cannot lie across the border of two parts.
        parts = [
            _plain_replace(_text(part), old, _text(new)) if isinstance(part, Known) else site.unknown(part)
            for part in args[0].parts
        ]
        return _compose(parts, site, secret=_secret(*args))
    return site.known(_plain_replace(_text(args[0]), old, _text(new)), *args)


# --- collections ------------------------------------------------------------------------------------------------


class _Merged(Mapping[str, Value]):
    """Keys with the mapping each is read from, so that what is lazy in a mapping stays so."""

    def __init__(self, sources: dict[str, Mapping[str, Value]]) -> None:
        self._sources = sources

    def __getitem__(self, key: str) -> Value:
        return self._sources[key][key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def __contains__(self, key: object) -> bool:
        return key in self._sources


@_function("merge", 0, None)
def _merge(args: tuple[Value, ...], site: _Site) -> Value:
    sources: dict[str, Mapping[str, Value]] = {}
    decided: set[str] = set()
    read = 0
    open = False
    for arg in args:
        if isinstance(arg, Null):
            continue
        if isinstance(arg, Unknown | Ref) or (isinstance(arg, Map) and arg.open):
            # It may override whatever stands before it.
            hidden = _used(arg, site.context.place) if isinstance(arg, Unknown) else site.unknown(arg)
            sources.update((key, {key: hidden}) for key in decided)
            decided.clear()
            open = True
            if not isinstance(arg, Map):
                continue
        items = _map(arg).items
        read += len(items)
        if read > 10 * MAX_ELEMENTS:
            raise _TooMuch
        sources.update((key, items) for key in items)
        decided.update(items)
    return site.map(_Merged(sources), *args, open=open)


@_function("concat", 1, None)
def _concat(args: tuple[Value, ...], site: _Site) -> Value:
    items: list[Value] = []
    open = False
    for arg in args:
        if isinstance(arg, Unknown | Ref):
            open = True
            continue
        one = _list(arg)
        open = open or one.open
        items += one.items
        if len(items) > MAX_ELEMENTS:
            raise _TooMuch
    return site.list(items, *args, open=open)


@_function("flatten", 1, 1)
def _flatten(args: tuple[Value, ...], site: _Site) -> Value:
    items: list[Value] = []
    open = secret = False
    stack: list[Iterator[Value]] = [iter((_list(args[0]),))]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, List):
            open, secret = open or item.open, secret or item.sensitive
            stack.append(iter(item.items))
        elif isinstance(item, Unknown | Ref):
            open = True  # it may be a list of any length
        else:
            items.append(item)
        if len(items) > MAX_ELEMENTS or len(stack) > MAX_DEPTH:
            raise _TooMuch
    return List(tuple(items), open, places=site.places, sensitive=secret)


@_function("lookup", 2, 3)
def _lookup(args: tuple[Value, ...], site: _Site) -> Value:
    entries, key = _map(args[0]), _text(args[1])
    if key in entries.items:
        return site.chosen(entries.items[key], entries, args[1])
    if entries.open:
        raise _Undecided(entries)
    if len(args) == 3:
        return site.chosen(args[2], entries, args[1])
    raise _Invalid("the map has no such key")


@_function("element", 2, 2)
def _element(args: tuple[Value, ...], site: _Site) -> Value:
    items, index = _closed(args[0]), _int(args[1])
    if not items.items:
        raise _Invalid("the list is empty")
    if index < 0 and index % len(items.items):
        raise _Wrong("versions of Terraform differ on negative positions")
    if items.kind == "set":
        raise _Undecided(items)
    return site.chosen(items.items[index % len(items.items)], items, args[1])


def _empty(value: Value) -> bool | None:
    """Whether `coalesce` passes the value over; None when that is not decided."""
    match value:
        case Null():
            return True
        case Known():
            return value.value == "" and isinstance(value.value, str)
        case Template():
            return False if any(isinstance(part, Known) and part.value != "" for part in value.parts) else None
        case Unknown() | Ref():
            return None
    return False


@_function("coalesce", 1, None)
def _coalesce(args: tuple[Value, ...], site: _Site) -> Value:
    for index, arg in enumerate(args):
        empty = _empty(arg)
        if empty is None:
            raise _Undecided(arg)
        if not empty:
            return site.chosen(_unified(args)[index], *args[:index])
    raise _Invalid("no argument is set")


@_function("coalescelist", 1, None)
def _coalescelist(args: tuple[Value, ...], site: _Site) -> Value:
    for arg in args:
        items = _list(arg)
        if items.items:
            return site.chosen(items)
        if items.open:
            raise _Undecided(items)
    raise _Invalid("every list is empty")


@_function("compact", 1, 1)
def _compact(args: tuple[Value, ...], site: _Site) -> Value:
    source = _list(args[0])
    open = source.open
    kept: list[Value] = []
    for item in source.items:
        if isinstance(item, List | Map):
            raise _Invalid("the elements are texts")
        empty = _empty(item)
        if empty is False or (empty is None and isinstance(item, Ref)):
            kept.append(item)
        # What may be empty may be there or not.
        open = open or empty is None
    return site.list(_unified(kept), source, open=open)


@_function("contains", 2, 2)
def _contains(args: tuple[Value, ...], site: _Site) -> Value:
    source, wanted = _list(args[0]), args[1]
    if isinstance(wanted, Null):
        raise _Invalid("a value is needed, not null")
    found = _among(wanted, source.items, open=source.open)
    if found is None:
        raise _Undecided(wanted if isinstance(wanted, Unknown) else source)
    return site.known(found, *args)


@_function("index", 2, 2)
def _position(args: tuple[Value, ...], site: _Site) -> Value:
    source, wanted = _closed(args[0]), _identity(args[1])
    if wanted is None:
        raise _Undecided(args[1])
    for position, item in enumerate(source.items):
        identity = _identity(item)
        if identity is None:
            raise _Undecided(item)
        if identity == wanted:
            return site.known(position, *args)
    raise _Invalid("the list does not hold the value")


@_function("length", 1, 1)
def _length(args: tuple[Value, ...], site: _Site) -> Value:
    subject = args[0]
    match subject:
        case List():
            repeats = subject.kind == "set" and len(subject.items) > 1
            if subject.open or (repeats and any(_identity(item) is None for item in subject.items)):
                raise _Undecided(subject)
            return Known(len(subject.items), places=site.places, sensitive=subject.sensitive)
        case Map():
            if subject.open:
                raise _Undecided(subject)
            return Known(len(subject.items), places=site.places, sensitive=subject.sensitive)
        case Known(value=int() | float() | bool()):
            raise _Invalid("a text, list or map is needed")
    return site.known(len(_graphemes(_text(subject))), subject)


@_function("keys", 1, 1)
def _keys(args: tuple[Value, ...], site: _Site) -> Value:
    entries = _map(args[0])
    names = (Known(key, places=site.places, sensitive=entries.sensitive) for key in sorted(entries.items))
    return site.list(names, entries, open=entries.open)


@_function("values", 1, 1)
def _values(args: tuple[Value, ...], site: _Site) -> Value:
    entries = _map(args[0])
    return site.list((entries.items[key] for key in sorted(entries.items)), entries, open=entries.open)


@_function("reverse", 1, 1)
def _reverse(args: tuple[Value, ...], site: _Site) -> Value:
    source = _list(args[0])
    return site.list(reversed(source.items), source, open=source.open)


@_function("slice", 3, 3)
def _slice(args: tuple[Value, ...], site: _Site) -> Value:
    source, start, end = _list(args[0]), _int(args[1]), _int(args[2])
    if source.open:
        return site.list((), source, open=True)
    if source.kind == "set":
        raise _Invalid("a set has no order")
    if not 0 <= start <= end <= len(source.items):
        raise _Invalid("the positions lie outside the list")
    return site.list(source.items[start:end], source)


@_function("chunklist", 2, 2)
def _chunklist(args: tuple[Value, ...], site: _Site) -> Value:
    source, size = _closed(args[0]), _int(args[1])
    if size < 0:
        raise _Invalid("the size is not negative")
    items = source.items
    size = min(size, len(items)) or len(items) or 1
    return site.list((site.list(items[at : at + size], source) for at in range(0, len(items), size)), source)


@_function("distinct", 1, 1)
def _distinct_list(args: tuple[Value, ...], site: _Site) -> Value:
    source = _list(args[0])
    return site.list(_distinct(_unified(source.items)), source, open=source.open)


@_function("matchkeys", 3, 3)
def _matchkeys(args: tuple[Value, ...], site: _Site) -> Value:
    chosen, keys, searched = _list(args[0]), _list(args[1]), _list(args[2])
    if chosen.open or keys.open:
        return site.list((), *args, open=True)
    if len(chosen.items) != len(keys.items):
        raise _Invalid("the lists of values and keys have the same length")
    unified = _unified([*keys.items, *searched.items])
    keys_of, wanted = unified[: len(keys.items)], unified[len(keys.items) :]
    _bound_comparisons(keys_of, wanted)
    found = [_among(key, wanted, open=searched.open) for key in keys_of]
    items = (item for item, here in zip(chosen.items, found, strict=True) if here)
    return site.list(items, *args, open=None in found)


@_function("one", 1, 1)
def _one(args: tuple[Value, ...], site: _Site) -> Value:
    source = _list(args[0])
    if len(source.items) > 1:
        if source.kind == "set":
            _length(args, site)  # elements that may be equal may be one
        raise _Invalid("the list has more than one element")
    if source.open:
        raise _Undecided(source)
    return (
        site.chosen(source.items[0], source) if source.items else Null(places=site.places, sensitive=source.sensitive)
    )


def _truth(name: str, decisive: bool) -> None:
    """Register `alltrue` or `anytrue`: one element of the decisive value decides."""

    def function(args: tuple[Value, ...], site: _Site) -> Value:
        source = _list(args[0])
        waiting: Value | None = source if source.open else None
        for item in source.items:
            if isinstance(item, Unknown | Ref | Template):
                waiting = waiting or item
            elif (not isinstance(item, Null) and _bool(item)) is decisive:
                return site.known(decisive, *args)
        if waiting is not None:
            raise _Undecided(waiting)
        return site.known(not decisive, *args)

    _REGISTRY[name] = (1, 1, function)


_truth("alltrue", False)
_truth("anytrue", True)


@_function("setunion", 1, None)
def _setunion(args: tuple[Value, ...], site: _Site) -> Value:
    sets = list(_sets(args))
    return _set([item for items, _ in sets for item in items], site, *args, open=any(open for _, open in sets))


@_function("setintersection", 1, None)
def _setintersection(args: tuple[Value, ...], site: _Site) -> Value:
    (first, open), *others = _sets(args)
    _bound_comparisons(first, *(items for items, _ in others))
    kept: list[Value] = []
    for item in first:
        found = [_among(item, items, open=other) for items, other in others]
        if all(found):
            kept.append(item)
        elif False not in found:
            open = True
    # A member of the first set that is not seen can only stay when every other set may hold it.
    return _set(kept, site, *args, open=open)


@_function("setsubtract", 2, 2)
def _setsubtract(args: tuple[Value, ...], site: _Site) -> Value:
    (first, open), (removed, removed_open) = _sets(args)
    _bound_comparisons(first, removed)
    found = [_among(item, removed, open=removed_open) for item in first]
    kept = [item for item, here in zip(first, found, strict=True) if here is False]
    return _set(kept, site, *args, open=open or None in found)


def _bound_comparisons(first: Sequence[Value], *others: Sequence[Value]) -> None:
    if len(first) * sum(map(len, others)) > 20 * MAX_ELEMENTS:
        raise _TooMuch


@_function("setproduct", 2, None)
def _setproduct(args: tuple[Value, ...], site: _Site) -> Value:
    lists = [List((), open=True) if isinstance(arg, Unknown | Ref) else _list(arg) for arg in args]
    if math.prod(len(one.items) for one in lists) > MAX_ELEMENTS:
        raise _TooMuch
    open = any(one.open for one in lists) and all(one.items or one.open for one in lists)
    rows = (List(row, places=site.places) for row in itertools.product(*(one.items for one in lists)))
    kind: Literal["list", "set"] = "set" if all(one.kind == "set" for one in lists) else "list"
    return site.list(rows, *args, open=open, kind=kind)


@_function("transpose", 1, 1)
def _transpose(args: tuple[Value, ...], site: _Site) -> Value:
    entries = _map(args[0])
    found: dict[str, list[Value]] = {}
    open = entries.open
    size = 0
    for key in sorted(entries.items):
        row = entries.items[key]
        if isinstance(row, Unknown | Ref):
            open = True
            continue
        row = _list(row)
        open = open or row.open
        secret = entries.sensitive or _secret(row)
        for item in row.items:
            if isinstance(item, Unknown | Ref | Template):
                open = True
                continue
            found.setdefault(_text(item), []).append(Known(key, places=site.places, sensitive=secret))
            size += 1
            if size > MAX_ELEMENTS:
                raise _TooMuch
    items = {key: site.list(found[key], entries, open=open) for key in sorted(found)}
    return site.map(items, entries, open=open)


@_function("zipmap", 2, 2)
def _zipmap(args: tuple[Value, ...], site: _Site) -> Value:
    if any(isinstance(arg, Unknown | Ref) or (isinstance(arg, List) and arg.open) for arg in args):
        return site.map({}, *args, open=True)
    keys, found = _list(args[0]), _list(args[1])
    if len(keys.items) != len(found.items):
        raise _Invalid("the lists of keys and values have the same length")
    items: dict[str, Value] = {}
    hidden: dict[str, Value] = {}
    open = False
    for key, item in zip(keys.items, found.items, strict=True):
        try:
            name = _text(key)
        except _Undecided:
            open = True
            hidden.update(items)  # the key may repeat any of them
            items.clear()
            continue
        items[name] = item
    return site.map({**dict.fromkeys(hidden, site.unknown()), **items}, *args, open=open)


# --- conversion -------------------------------------------------------------------------------------------------


def _conversion(name: str, convert: Callable[[Value], str | int | float | bool], same: type) -> None:
    """Register a conversion of scalars; what is of that type already, null, or a reference, is the value itself."""

    def function(args: tuple[Value, ...], site: _Site) -> Value:
        value = args[0]
        passes = isinstance(value, Null | Ref) or (name == "tostring" and isinstance(value, Template | Encoded))
        is_same = isinstance(value, Known) and isinstance(value.value, same)
        if passes or (is_same and (name != "tonumber" or not isinstance(value.value, bool))):  # type: ignore[attr-defined]
            return site.chosen(value)
        return site.known(convert(value), value)

    _REGISTRY[name] = (1, 1, function)


_conversion("tostring", _text, str)
_conversion("tonumber", _number, (int, float))  # type: ignore[arg-type]
_conversion("tobool", _bool, bool)


@_function("tolist", 1, 1)
def _tolist(args: tuple[Value, ...], site: _Site) -> Value:
    if isinstance(args[0], Null | Ref):
        return site.chosen(args[0])
    source = _list(args[0])
    return site.list(_unified(source.items), source, open=source.open)


@_function("toset", 1, 1)
def _toset(args: tuple[Value, ...], site: _Site) -> Value:
    if isinstance(args[0], Null | Ref):
        return site.chosen(args[0])
    source = _list(args[0])
    return _set(source.items, site, source, open=source.open)


@_function("tomap", 1, 1)
def _tomap(args: tuple[Value, ...], site: _Site) -> Value:
    if isinstance(args[0], Null | Ref):
        return site.chosen(args[0])
    return site.chosen(_map(args[0]))


@_function("try", 1, None)
def _try(args: tuple[Value, ...], site: _Site) -> Value:
    for arg in args:
        if not (isinstance(arg, Unknown) and arg.reason == "invalid"):
            return site.chosen(arg)
    raise _Invalid("no argument is valid")


@_function("can", 1, 1)
def _can(args: tuple[Value, ...], site: _Site) -> Value:
    if isinstance(args[0], Unknown):
        if args[0].reason != "invalid":
            raise _Undecided(args[0])
        return Known(False, places=site.places)
    return Known(True, places=site.places)


@_function("sensitive", 1, 1)
def _sensitive(args: tuple[Value, ...], site: _Site) -> Value:
    return replace(site.chosen(args[0]), sensitive=True)


@_function("nonsensitive", 1, 1)
def _nonsensitive(args: tuple[Value, ...], site: _Site) -> Value:
    return replace(site.chosen(args[0]), sensitive=False)


@_function("issensitive", 1, 1)
def _issensitive(args: tuple[Value, ...], site: _Site) -> Value:
    if isinstance(args[0], Unknown) and not args[0].sensitive:
        raise _Undecided(args[0])
    return Known(args[0].sensitive, places=site.places)


# --- encodings --------------------------------------------------------------------------------------------------


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise _Invalid("the text is not base64") from None


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _Invalid("the bytes are not UTF-8 text") from None


@_function("base64encode", 1, 1)
def _base64encode(args: tuple[Value, ...], site: _Site) -> Value:
    match args[0]:
        case Known():
            return site.known(_base64(_text(args[0]).encode()), args[0])
        case Null() | List() | Map():
            raise _Invalid("text is needed")
    return Encoded(args[0], "base64", places=site.places, sensitive=_secret(args[0]))


@_function("base64decode", 1, 1)
def _base64decode(args: tuple[Value, ...], site: _Site) -> Value:
    if isinstance(args[0], Encoded) and args[0].encoding == "base64":
        return site.chosen(args[0].inner, args[0])
    return site.known(_utf8(_unbase64(_text(args[0]))), args[0])


_CHARSETS: Final = re.compile(
    r"utf-8|utf-16[bl]e|iso-8859-(?:[1-9]|1[03-6])|windows-125[0-8]|us-ascii|koi8-[ru]|macintosh"
)


def _charset(name: str) -> str:
    if not _CHARSETS.fullmatch(name.lower()):
        raise _Wrong("the encoding is not known here")
    return name.lower()


def _textdecode(text: str, charset: str) -> str:
    try:
        return _unbase64(text).decode(_charset(charset))
    except UnicodeDecodeError:
        raise _Invalid("the bytes are not text of that encoding") from None


_scalar("textencodebase64", "ss", lambda text, charset: _base64(text.encode(_charset(charset))))
_scalar("textdecodebase64", "ss", _textdecode)


def _urlencode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text)


_scalar("urlencode", "s", _urlencode)


@_function("jsonencode", 1, 1)
def _jsonencode(args: tuple[Value, ...], site: _Site) -> Value:
    return Encoded(args[0], "json", places=site.places, sensitive=_secret(args[0]))


@_function("yamlencode", 1, 1)
def _yamlencode(args: tuple[Value, ...], site: _Site) -> Value:
    return Encoded(args[0], "yaml", places=site.places, sensitive=_secret(args[0]))


class _Decoded:
    """Builds values from decoded data, within the budgets; they lie at the call, then where the text is."""

    def __init__(self, source: Value, site: _Site) -> None:
        self.places: Places = (site.context.place, *source.places)
        self.sensitive = _secret(source)

    def scalar(self, data: str | float | bool | None) -> Value:
        if data is None:
            return Null(places=self.places, sensitive=self.sensitive)
        if isinstance(data, str):
            data = _LONE.sub("\ufffd", data)
        elif not isinstance(data, bool):
            data = _whole(data)
        return Known(data, places=self.places, sensitive=self.sensitive)

    def list(self, items: Iterable[Value]) -> List:
        return List(tuple(items), places=self.places, sensitive=self.sensitive)

    def map(self, items: dict[str, Value]) -> Map:
        return Map(items, places=self.places, sensitive=self.sensitive)


_LONE: Final = re.compile("[\ud800-\udfff]")
_JSON_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)


def _measure_json(text: str) -> None:
    """Refuse what is nested too deep or has too many elements, before anything recursive reads it."""
    depth = elements = 0
    for token in _JSON_TOKEN.finditer(text):
        match token[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case ",":
                elements += 1
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            raise _TooMuch


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(name)


@_function("jsondecode", 1, 1)
def _jsondecode(args: tuple[Value, ...], site: _Site) -> Value:
    source = args[0]
    if isinstance(source, Encoded) and source.encoding == "json":
        return site.chosen(source.inner, source)
    text = _text(source)
    if len(text) > MAX_TEXT:
        raise _TooMuch
    _measure_json(text)
    try:
        data = json.loads(text, parse_constant=_not_a_number, parse_float=_json_number, parse_int=_json_number)
    except ValueError:
        raise _Invalid("the text is not JSON") from None
    built = _Decoded(source, site)

    def build(data: Any) -> Value:
        if isinstance(data, list):
            return built.list(map(build, data))
        if isinstance(data, dict):
            return built.map({_LONE.sub("\ufffd", key): build(item) for key, item in data.items()})
        return built.scalar(data)

    return build(data)


def _json_number(text: str) -> int | float:
    number = _parsed_number(text)
    if number is None:
        raise ValueError(text)
    return number


_YAML_BOOL: Final = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
}
_YAML_INT: Final = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_YAML_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}:\d{2}:\d{2}))?(Z)?")


def _yaml_scalar(event: Any) -> str | int | float | bool | None:
    """A scalar as Terraform reads it: YAML 1.1's words for booleans, 1.2's octal numbers, no `1_000`."""
    text: str = event.value
    tag = event.tag or ""
    if tag not in ("", "!"):
        kind = tag.removeprefix("tag:yaml.org,2002:")
        if kind in ("str", "binary"):
            return text
        if kind == "null":
            return None
        raise _Wrong("a YAML tag is not known here")
    if tag == "!" or event.style:
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in _YAML_BOOL:
        return _YAML_BOOL[text]
    if _YAML_INT.fullmatch(text):
        if len(text) > 1000:
            raise _TooMuch
        return int(text, 0)
    if text[0] in "+-.0123456789":
        if re.fullmatch(r"[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", text):
            raise _Wrong("the number is not finite")
        number = _parsed_number(text)
        if number is not None:
            return number
        date = _YAML_DATE.fullmatch(text)
        if date is not None:
            year, month, day, time, _ = date.groups()
            return f"{year}-{month:>02}-{day:>02}T{time or '00:00:00':>08}Z"
    return text


@_function("yamldecode", 1, 1)
def _yamldecode(args: tuple[Value, ...], site: _Site) -> Value:
    source = args[0]
    if isinstance(source, Encoded) and source.encoding in ("yaml", "json"):
        return site.chosen(source.inner, source)
    text = _text(source)
    if len(text) > MAX_TEXT:
        raise _TooMuch
    import yaml

    try:
        return _Yaml(yaml, yaml.parse(text, Loader=yaml.CSafeLoader), _Decoded(source, site)).document()
    except yaml.YAMLError:
        raise _Invalid("the text is not YAML") from None


class _Yaml:
    """Builds the value of one YAML document from its events.

    Every alias counts the elements of what it stands for, so that a bomb of aliases is refused while it is small.
    """

    def __init__(self, yaml: Any, events: Iterator[Any], built: _Decoded) -> None:
        self._yaml = yaml
        self._events = events
        self._built = built
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._size = 0

    def document(self) -> Value:
        yaml = self._yaml
        result: Value | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if result is not None:
                    raise _Invalid("there is more than one YAML document")
                result = self._node(next(self._events), 0)
        if result is None:
            raise _Invalid("there is no YAML document")
        return result

    def _node(self, event: Any, depth: int) -> Value:
        yaml = self._yaml
        before = self._size
        self._grow(1)
        if depth > MAX_DEPTH:
            raise _TooMuch
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _Invalid("a YAML alias stands for nothing")
            value, size = self._anchors[event.anchor]
            self._grow(size)
            return value
        anchor = event.anchor
        if isinstance(event, yaml.ScalarEvent):
            value = self._built.scalar(_yaml_scalar(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(event, depth + 1))
            value = self._built.list(items)
        else:
            value = self._mapping(depth)
        if anchor:
            self._anchors[anchor] = (value, self._size - before)
        return value

    def _mapping(self, depth: int) -> Value:
        yaml = self._yaml
        written: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style
            key = self._node(event, depth + 1)
            item = self._node(next(self._events), depth + 1)
            if merge:
                if not isinstance(item, Map):
                    raise _Invalid("a YAML merge is of a map")
                merged.update(item.items)
            elif isinstance(key, Known):
                written[_text(key)] = item
            else:
                raise _Invalid("a YAML key is a scalar")
        return self._built.map({**merged, **written})

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_ELEMENTS:
            raise _TooMuch


_CSV_FIELD: Final = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\Z)')


def _csv_rows(text: str) -> Iterator[list[str]]:
    """The rows that are not empty lines; a quote inside a bare field is refused, as Go refuses it."""
    row: list[str] = []
    position = 0
    while position < len(text) or row:
        field = _CSV_FIELD.match(text, position)
        if field is None:
            raise _Invalid("the text is not CSV")
        position = field.end()
        row.append(field[2] if field[1] is None else field[1].replace('""', '"'))
        if len(row) > MAX_ELEMENTS:
            raise _TooMuch
        if field[3] != ",":
            if row != [""] or field[1] is not None:
                yield row
            row = []


@_function("csvdecode", 1, 1)
def _csvdecode(args: tuple[Value, ...], site: _Site) -> Value:
    text = _text(args[0])
    if len(text) > MAX_TEXT:
        raise _TooMuch
    rows = list(itertools.islice(_csv_rows(text), MAX_ELEMENTS + 1))
    if len(rows) * (len(rows[0]) if rows else 1) > MAX_ELEMENTS:
        raise _TooMuch
    if not rows or len(set(rows[0])) != len(rows[0]):
        raise _Invalid("the first row has a different name for each column")
    if any(len(row) != len(rows[0]) for row in rows):
        raise _Invalid("every row has as many fields as the first")
    built = _Decoded(args[0], site)
    return built.list(built.map(dict(zip(rows[0], map(built.scalar, row), strict=True))) for row in rows[1:])


# --- hashes -----------------------------------------------------------------------------------------------------


def _digest(algorithm: str, data: bytes) -> bytes:
    import hashlib

    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _hash(name: str, algorithm: str, write: Callable[[bytes], str]) -> None:
    """Register a hash of text, and the one of a file."""
    _scalar(name, "s", lambda text: write(_digest(algorithm, text.encode())))

    def of_file(args: tuple[Value, ...], site: _Site) -> Value:
        found = _file_at(args[0], site)
        return found if isinstance(found, Unknown) else site.known(write(_digest(algorithm, found[1])), args[0])

    _REGISTRY["file" + name] = (1, 1, of_file)


for _algorithm in ("md5", "sha1", "sha256", "sha512"):
    _hash(_algorithm, _algorithm, bytes.hex)
for _algorithm in ("sha256", "sha512"):
    _hash("base64" + _algorithm, _algorithm, _base64)


def _uuidv5(namespace: str, name: str) -> str:
    import uuid

    known = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    if namespace not in known and not re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", namespace):
        raise _Invalid("the namespace is dns, url, oid, x500 or a UUID")
    return str(uuid.uuid5(known.get(namespace) or uuid.UUID(namespace), name))


_scalar("uuidv5", "ss", _uuidv5)


# --- dates ------------------------------------------------------------------------------------------------------

_RFC3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_UNITS: Final = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
}  # fmt: skip


def _moment(text: str) -> tuple[Any, int]:
    """The local date and time of an RFC 3339 timestamp (to the second), and the nanoseconds behind it."""
    from datetime import datetime, timedelta, timezone

    found = _RFC3339.fullmatch(text)
    if found is None:
        raise _Invalid("the text is not an RFC 3339 timestamp")
    *numbers, fraction, sign, hours, minutes = found.groups()
    try:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(*map(int, numbers), tzinfo=zone), int((fraction or "").ljust(9, "0"))  # type: ignore[arg-type, misc]
    except ValueError:
        raise _Invalid("the timestamp is not a date that exists") from None


def _zone(moment: Any, *, colon: bool, zulu: str) -> str:
    minutes = int(moment.utcoffset().total_seconds()) // 60
    if minutes == 0 and zulu:
        return zulu
    sign, minutes = ("-" if minutes < 0 else "+"), abs(minutes)
    return f"{sign}{minutes // 60:02}{':' if colon else ''}{minutes % 60:02}"


def _timeadd(text: str, duration: str) -> str:
    from datetime import timedelta

    moment, nanoseconds = _moment(text)
    body = duration.lstrip("+-") if duration[:1] in ("+", "-") else duration
    total = 0
    if body != "0":
        if len(body) > 100 or not body or _DURATION.sub("", body):
            raise _Invalid("the text is not a duration")
        total = sum(int(Decimal(amount) * _UNITS[unit]) for amount, unit in _DURATION.findall(body))
    total = nanoseconds + (-total if duration[:1] == "-" else total)
    if abs(total) > 1 << 63:
        raise _Invalid("the duration is too long")
    try:
        moment += timedelta(seconds=total // 10**9)
    except OverflowError:
        raise _Wrong("the date is out of range") from None
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + _zone(moment, colon=True, zulu="Z")


def _timecmp(left: str, right: str) -> int:
    first, second = _moment(left), _moment(right)
    return (first > second) - (first < second)


_DATE_TOKEN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+", re.DOTALL)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _formatdate(spec: str, text: str) -> str:
    moment, _ = _moment(text)
    if len(spec) > 1000:
        raise _TooMuch
    half = (moment.hour + 11) % 12 + 1
    tokens: dict[str, str] = {
        "YYYY": f"{moment.year:04}", "YY": f"{moment.year % 100:02}",
        "MMMM": _MONTHS[moment.month - 1], "MMM": _MONTHS[moment.month - 1][:3], "MM": f"{moment.month:02}",
        "M": str(moment.month), "DD": f"{moment.day:02}", "D": str(moment.day),
        "EEEE": _DAYS[moment.weekday()], "EEE": _DAYS[moment.weekday()][:3],
        "hh": f"{moment.hour:02}", "h": str(moment.hour), "HH": f"{half:02}", "H": str(half),
        "AA": "AM" if moment.hour < 12 else "PM", "aa": "am" if moment.hour < 12 else "pm",
        "mm": f"{moment.minute:02}", "m": str(moment.minute), "ss": f"{moment.second:02}", "s": str(moment.second),
        "ZZZZZ": _zone(moment, colon=True, zulu=""), "ZZZZ": _zone(moment, colon=False, zulu=""),
        "ZZZ": _zone(moment, colon=False, zulu="UTC"), "Z": _zone(moment, colon=True, zulu="Z"),
    }  # fmt: skip
    pieces: list[str] = []
    position = 0
    for found in _DATE_TOKEN.finditer(spec):
        if found.start() != position:
            break
        position = found.end()
        if found[1] is not None:
            pieces.append(found[1].replace("''", "'"))
        elif found[2] is None:
            pieces.append(found[0])
        elif found[0] in tokens:
            pieces.append(tokens[found[0]])
        else:
            raise _Invalid("the format has letters that stand for nothing")
    if position != len(spec):
        raise _Invalid("a quote in the format is not closed")
    return "".join(pieces)


_scalar("formatdate", "ss", _formatdate)
_scalar("timeadd", "ss", _timeadd)
_scalar("timecmp", "ss", _timecmp)


@_function("timestamp", 0, 0)
@_function("plantimestamp", 0, 0)
@_function("uuid", 0, 0)
@_function("bcrypt", 1, 2)
@_function("rsadecrypt", 2, 2)
@_function("base64gzip", 1, 1)
def _computed(args: tuple[Value, ...], site: _Site) -> Value:
    return Unknown("computed", site.name, places=site.places, sensitive=_secret(*args))


# --- networks ---------------------------------------------------------------------------------------------------


def _network(text: str) -> Any:
    import ipaddress

    # As Terraform does, read octets with leading zeros as decimal numbers.
    text = re.sub(r"(?<![0-9a-fA-F:])0+(?=\d)", "", text) if ":" not in text else text
    address, slash, length = text.partition("/")
    if not slash or not length.isascii() or not length.isdigit() or "%" in address:
        raise _Invalid("the prefix is not in CIDR notation")
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _Invalid("the prefix is not in CIDR notation") from None


def _cidrhost(prefix: str, number: int) -> str:
    network = _network(prefix)
    if number >= network.num_addresses or -number > network.num_addresses:
        raise _Invalid("the network has no host of that number")
    return str(network[number])


def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version != 4:
        raise _Invalid("IPv6 has no netmasks")
    return str(network.netmask)


def _cidrsubnet(prefix: str, bits: int, number: int) -> str:
    network = _network(prefix)
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen:
        raise _Invalid("the prefix has not so many bits left")
    if not 0 <= number < 1 << bits:
        raise _Invalid("there is no subnet of that number")
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return str(type(network)((start, length)))


def _cidrsubnets(prefix: str, *bits: int) -> list[str]:
    network = _network(prefix)
    end = int(network.broadcast_address) + 1
    start = int(network.network_address)
    found: list[str] = []
    for more in bits:
        length = network.prefixlen + more
        if more < 1 or length > network.max_prefixlen:
            raise _Invalid("the prefix has not so many bits left")
        size = 1 << (network.max_prefixlen - length)
        start = -(-start // size) * size
        if start + size > end:
            raise _Invalid("the prefix has no room for all the subnets")
        found.append(str(type(network)((start, length))))
        start += size
    return found


_scalar("cidrhost", "si", _cidrhost)
_scalar("cidrnetmask", "s", _cidrnetmask)
_scalar("cidrsubnet", "sii", _cidrsubnet)
_scalar("cidrsubnets", "si", _cidrsubnets, repeat=True)


# --- files ------------------------------------------------------------------------------------------------------


def _candidates(path: str, folder: str) -> Iterator[str]:
    """Where in the snapshot a path may lie, likeliest first.

    A path made with `path.module` or `path.root` begins at the snapshot's root, any other in the module's folder.
    What leads out of the snapshot has no place in it.
    """
    folder = posixpath.normpath(folder or ".")
    from_root = path == folder or path.startswith(folder + "/")
    for candidate in (path, posixpath.join(folder, path)) if from_root else (posixpath.join(folder, path), path):
        resolved = posixpath.normpath(candidate)
        if not (resolved == ".." or resolved.startswith(("../", "/"))):
            yield resolved


def _missing(path: Value, site: _Site) -> Unknown:
    detail = "" if _secret(path) else _text(path)[:200]
    return Unknown("file", detail, places=site.places, sensitive=_secret(path))


def _file_at(path: Value, site: _Site) -> tuple[str, bytes] | Unknown:
    """The snapshot's path of the file, and its bytes."""
    text = _text(path)
    if not text.startswith(("/", "~")) and "\0" not in text:
        for candidate in _candidates(text, site.context.folder):
            data = site.context.reader.read(candidate)
            if data is not None:
                if len(data) > MAX_TEXT:
                    raise _TooMuch
                return candidate, data
    return _missing(path, site)


def _whole_file(path: str, data: bytes) -> Place:
    lines = data.count(b"\n") + 1
    return Place(path, 0, len(data), 1, 1, lines, len(data) - (data.rfind(b"\n") + 1) + 1)


@_function("file", 1, 1)
def _file(args: tuple[Value, ...], site: _Site) -> Value:
    found = _file_at(args[0], site)
    if isinstance(found, Unknown):
        return found
    places = (site.context.place, _whole_file(*found))
    return Known(_utf8(found[1]), places=places, sensitive=_secret(args[0]), offsets=((0, 0),))


@_function("fileexists", 1, 1)
def _fileexists(args: tuple[Value, ...], site: _Site) -> Value:
    found = _file_at(args[0], site)
    return found if isinstance(found, Unknown) else site.known(True, args[0])


@_function("filebase64", 1, 1)
def _filebase64(args: tuple[Value, ...], site: _Site) -> Value:
    found = _file_at(args[0], site)
    return found if isinstance(found, Unknown) else site.known(_base64(found[1]), args[0])


@_function("fileset", 2, 2)
def _fileset(args: tuple[Value, ...], site: _Site) -> Value:
    folder, pattern = _text(args[0]), _text(args[1])
    if not folder.startswith(("/", "~")) and "\0" not in folder:
        for candidate in _candidates(folder, site.context.folder):
            found = site.context.reader.glob("" if candidate == "." else candidate, pattern)
            if found:
                secret = _secret(*args)
                items = [Known(name, places=site.places, sensitive=secret) for name in sorted(set(found))]
                return site.list(items, *args, kind="set")
    return _missing(args[0], site)


@_function("templatefile", 2, 2)
def _templatefile(args: tuple[Value, ...], site: _Site) -> Value:
    found = _file_at(args[0], site)
    if isinstance(found, Unknown):
        return found
    variables = _map(args[1])
    result = site.template(_utf8(found[1]), variables.items, _whole_file(*found))
    return site.chosen(result, args[0], variables)


@_function("templatestring", 2, 2)
def _templatestring(args: tuple[Value, ...], site: _Site) -> Value:
    variables = _map(args[1])
    result = site.template(_text(args[0]), variables.items, args[0].written or site.context.place)
    return site.chosen(result, args[0], variables)


def _dirname(path: str) -> str:
    """The folder of a path, cleaned as Go cleans it."""
    folder = posixpath.normpath(path[: path.rfind("/") + 1] or ".")
    return "/" if folder == "//" else folder


def _basename(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


@_function("abspath", 1, 1)
def _abspath(args: tuple[Value, ...], site: _Site) -> Value:
    path = _text(args[0])
    if not path.startswith("/"):
        return site.unknown(*args)
    return site.known(posixpath.normpath("/" + path.lstrip("/")), *args)


@_function("pathexpand", 1, 1)
def _pathexpand(args: tuple[Value, ...], site: _Site) -> Value:
    path = _text(args[0])
    return site.unknown(*args) if path.startswith("~") else site.known(path, *args)


_scalar("basename", "s", _basename)
_scalar("dirname", "s", _dirname)
