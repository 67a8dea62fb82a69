"""Following a path into a value: through blocks, maps, lists, and documents that are written as text.

A path that crosses a list leads to each of its elements, so a walk gives several readings. What is absent is a
reading too: it keeps the places of the innermost thing that is there, which is where the absent one would be written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from copilot.checks.language import Path, Step
from copilot.model import Encoded, Known, List, Map, Null, Places, Ref, Template, Unknown, Value

MORE = "a dynamic block or an undecided list may add more"


class Reading(NamedTuple):
    """What stands at the end of a path: `value` is None where it is absent, a Null where `null` is written there.

    `places` is the chain of the value, or of the innermost thing that is present on the way to it.
    """

    value: Value | None
    places: Places
    absent: bool = False


def walk(value: Value | None, steps: tuple[Step, ...], places: Places, *, null_is_absent: bool) -> list[Reading]:
    """Every reading at the end of `steps`, at least one; an open list adds one that is Unknown."""
    if value is None:
        return [Reading(None, places, absent=True)]
    if len(steps) == 1 and type(value) is Map and not value.sensitive:
        # Most paths are one argument that stands there or does not; the long way comes to the same.
        child = value.items.get(steps[0]) if isinstance(steps[0], str) else None
        if child is None and steps[0] != 0 and not value.open:
            return [Reading(None, value.places or places, absent=True)]
        if type(child) is Known:
            return [Reading(child, child.places or value.places or places)]
    found: list[Reading] = []
    _walk(value, steps, 0, value.places or places, null_is_absent, False, found)
    return found


def inherited(value: Value, *, sensitive: bool) -> Value:
    """The value, sensitive if what it was found in is."""
    return replace(value, sensitive=True) if sensitive and not value.sensitive else value


def _walk(
    value: Value,
    steps: tuple[Step, ...],
    at: int,
    places: Places,
    null_is_absent: bool,
    sensitive: bool,
    found: list[Reading],
) -> None:
    while True:
        kind = type(value)
        sensitive = sensitive or value.sensitive
        if at == len(steps):
            if kind is Null and null_is_absent:
                found.append(Reading(value, value.places or places, absent=True))
            elif kind is List and not value.items and value.kind == "blocks" and not value.open:  # type: ignore[attr-defined]
                found.append(Reading(None, places, absent=True))
            else:
                found.append(Reading(inherited(value, sensitive=sensitive), value.places or places))
            return
        step = steps[at]
        if isinstance(value, Map):
            at += 1
            places = value.places or places
            if step == 0:  # one block, written as an object, is a list of one
                continue
            child = value.items.get(step) if isinstance(step, str) else None
            if child is None:
                if value.open:
                    found.append(Reading(Unknown("more", "more keys may be merged in", places=places), places))
                else:
                    found.append(Reading(None, places, absent=True))
                return
            value = child
        elif isinstance(value, List):
            if not isinstance(step, int):
                _each(value, steps, at, value.places or places, null_is_absent, sensitive, found)
                return
            at += 1
            if step < len(value.items) and (value.kind != "set" or (len(value.items) == 1 and not value.open)):
                value = value.items[step]
                places = value.places or places
            elif value.open or step < len(value.items):
                found.append(Reading(Unknown("position", "which element this is, is not decided"), places))
                return
            else:
                found.append(Reading(None, value.places or places, absent=True))
                return
        elif isinstance(value, Unknown | Ref):
            found.append(Reading(undecided(value), value.places or places))
            return
        elif isinstance(value, Encoded | Template) or (isinstance(value, Known) and isinstance(value.value, str)):
            inner = opened(value)
            if inner is None:
                _unopened(value, value.places or places, found)
                return
            value, places = inner, inner.places or value.places or places
        else:  # a number, a boolean, null: nothing can be inside
            found.append(Reading(None, value.places or places, absent=True))
            return


def _each(
    value: List,
    steps: tuple[Step, ...],
    at: int,
    places: Places,
    null_is_absent: bool,
    sensitive: bool,
    found: list[Reading],
) -> None:
    for item in value.items:
        if isinstance(item, Null):
            found.append(Reading(None, item.places or places, absent=True))
        else:
            _walk(item, steps, at, item.places or places, null_is_absent, sensitive, found)
    if value.open:
        found.append(Reading(Unknown("more", MORE, places=places), places))
    elif not value.items:
        found.append(Reading(None, places, absent=True))


def _unopened(value: Value, places: Places, found: list[Reading]) -> None:
    if isinstance(value, Known) and not str(value.value).strip():
        found.append(Reading(None, places, absent=True))
    else:
        found.append(Reading(Unknown("text", "it does not read as JSON or YAML", places=places), places))


def opened(value: Value) -> Value | None:
    """The structure that a text encodes, or None."""
    from copilot.iac.decode import decoded  # here, because it brings a YAML parser that many a scan never needs

    return decoded(value)


def undecided(value: Unknown | Ref) -> Unknown:
    """The same gap, said of what is inside the value."""
    if isinstance(value, Unknown):
        return value
    return Unknown("reference", str(value.origin), places=value.places, sensitive=value.sensitive)


def first_present(
    value: Value | None, paths: Iterable[Path], places: Places, *, null_is_absent: bool
) -> tuple[Path, list[Reading]]:
    """The readings of the first path at which something stands that is not empty, else not absent; else the first's."""
    chosen: tuple[Path, list[Reading]] | None = None
    fallback: tuple[Path, list[Reading]] | None = None
    for path in paths:
        readings = walk(value, path.steps, places, null_is_absent=null_is_absent)
        if any(not reading.absent and not _empty(reading.value) for reading in readings):
            return path, readings
        if fallback is None and not all(reading.absent for reading in readings):
            fallback = path, readings
        chosen = chosen or (path, readings)
    found = fallback or chosen
    assert found is not None, "a condition has at least one path"
    return found


def _empty(value: Value | None) -> bool:
    match value:
        case None | Null():
            return True
        case Known():
            return value.value == ""
        case List():
            return not value.items and not value.open
    return False
