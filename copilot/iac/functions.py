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
from typing import Any, Final, NoReturn, Protocol, TypeAlias

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

    def known(self, value: str | int | float | bool, *sources: Value) -> Known:
        """A newly computed scalar, secret when one of its sources is."""
        if isinstance(value, float):
            value = _whole(value)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise _TooMuch
        return Known(value, places=self.places, sensitive=_secret(*sources))

    def text(self, value: str, secret: bool) -> Known:
        if len(value) > MAX_TEXT:
            raise _TooMuch
        return Known(value, places=self.places, sensitive=secret)

    def list(self, items: Iterable[Value], *sources: Value, open: bool = False, kind: Any = "list") -> List:
        """A new list around these items; it is secret when a list it is made from is, beside what its items are."""
        elements = tuple(itertools.islice(items, MAX_ELEMENTS + 1))
        if len(elements) > MAX_ELEMENTS:
            raise _TooMuch
        return List(elements, open, kind, places=self.places, sensitive=any(source.sensitive for source in sources))

    def map(self, items: Mapping[str, Value], *sources: Value, open: bool = False) -> Map:
        if len(items) > MAX_ELEMENTS:
            raise _TooMuch
        return Map(items, open, places=self.places, sensitive=any(source.sensitive for source in sources))

    def chosen(self, value: Value, *sources: Value) -> Value:
        """The value itself, used at this call; secret when what it was chosen from is."""
        secret = value.sensitive or any(source.sensitive for source in sources)
        return replace(value, places=(self.context.place, *value.places), sensitive=secret)

    def unknown(self, *sources: Value) -> Unknown:
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


def _number_text(number: int | float) -> str:
    """A number as Terraform writes it: no exponent, no trailing `.0`."""
    number = _whole(number)
    return str(number) if isinstance(number, int) else format(Decimal(repr(number)), "f")


def _whole(number: int | float) -> int | float:
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
        case Known(value=number):
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
        raise _Undecided(Ref(sensitive=items.sensitive))
    return items


def _map(value: Value) -> Map:
    if isinstance(value, Map):
        return value
    if isinstance(value, Template):
        raise _Invalid("a map is needed")
    _refuse(value, "a map")


def _undecided_collection(value: Value) -> bool:
    """Whether the value may turn out to be any list or map."""
    return isinstance(value, Unknown | Ref)


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
    merged: list[str | Value] = []
    size = 0

    def add(part: str | Value) -> None:
        nonlocal size, secret
        if isinstance(part, Template):
            secret = secret or part.sensitive
            for inner in part.parts:
                add(inner)
            return
        if isinstance(part, Value):
            secret = secret or part.sensitive
            try:
                part = _text(part)
            except _Undecided:
                merged.append(part)
                if len(merged) > MAX_ELEMENTS:
                    raise _TooMuch from None
                return
        size += len(part)
        if size > MAX_TEXT:
            raise _TooMuch
        if merged and isinstance(merged[-1], _Run):
            merged[-1].texts.append(part)
        elif part:
            merged.append(_Run([part]))  # type: ignore[arg-type]

    for part in parts:
        add(part)
    joined = [_run_text(part) for part in merged]
    if all(isinstance(part, str) for part in joined):
        return site.text("".join(map(str, joined)), secret)
    return Template(
        tuple(Known(part, places=site.places) if isinstance(part, str) else part for part in joined),
        places=site.places,
        sensitive=secret,
    )
