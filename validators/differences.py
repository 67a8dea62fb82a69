"""What a patch changes in the resources themselves: their values before and after, path by path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from copilot.assessment import ResourceKey
from copilot.model import Resource, plain
from validators.case import Case

PlainPath = tuple[str, ...]
META = frozenset({"count", "for_each", "provider", "lifecycle", "depends_on", "provisioner", "connection"})


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """One resource in one root, before and after (None: not there), with the paths whose values differ.

    Paths hold names only (elements of lists have none); see `changed_paths`.
    """

    root: str
    environment: str
    address: str
    before: Resource | None
    after: Resource | None
    old: Any
    new: Any
    paths: tuple[PlainPath, ...]


def differences(case: Case) -> tuple[Difference, ...]:
    """Every resource, data source and provider that differs between the two trees, in every affected root."""
    cached: tuple[Difference, ...] | None = case.__dict__.get("_differences")
    if cached is None:
        cached = tuple(_differences(case))
        case.__dict__["_differences"] = cached
    return cached


def _differences(case: Case) -> Iterator[Difference]:
    signatures = zip(case.before.signatures, case.after.signatures, strict=True)
    for (before, after), (olds, news) in zip(case.pairs(), signatures, strict=True):
        first: dict[ResourceKey, Resource] = {(r.mode, r.address): r for r in before.resources}
        second: dict[ResourceKey, Resource] = {(r.mode, r.address): r for r in after.resources}
        for key in {**olds, **news}:
            if key in olds and key in news and olds[key] == news[key]:
                continue
            was, now = first.get(key), second.get(key)
            some = was or now
            assert some is not None
            old, new = (None if r is None else plain(r.body, sensitive=True) for r in (was, now))
            paths = tuple(sorted(set(changed_paths(old, new)))) if was and now else ()
            yield Difference(before.root.folder, before.root.environment, some.address, was, now, old, new, paths)


def changed_paths(old: Any, new: Any, at: PlainPath = ()) -> Iterator[PlainPath]:
    """The paths at which two pieces of JSON data differ.

    What is new as a whole ends where it begins. What is gone is told leaf by leaf, and so is an element that a list
    gained or lost: whoever takes away a container changes its image too, not only what was wrong with it.
    """
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and not _marker(old) and not _marker(new):
        for key in {**old, **new}:
            if key in old and key in new:
                yield from changed_paths(old[key], new[key], (*at, key))
            elif key in old:
                yield from _ends(old[key], (*at, key))
            else:
                yield (*at, key)
        return
    if isinstance(old, list) and isinstance(new, list):
        yield from _changed_elements(old, new, at)
        return
    yield at


def _changed_elements(old: list[Any], new: list[Any], at: PlainPath) -> Iterator[PlainPath]:
    """Elements that stand in both lists are the same whatever their order; of the others the most alike belong together."""
    fresh = list(new)
    lost = []
    for item in old:
        if item in fresh:
            fresh.remove(item)
        else:
            lost.append(item)
    if len(lost) == len(fresh) == len(old):
        pairs = list(zip(lost, fresh, strict=True))
        lost, fresh = [], []
    else:
        pairs = []
        for item in tuple(lost):
            if not fresh:
                break
            nearest = max(fresh, key=lambda other: _likeness(item, other))
            if _likeness(item, nearest) > 0 or len(lost) == len(fresh):
                pairs.append((item, nearest))
                lost.remove(item)
                fresh.remove(nearest)
    found = False
    for first, second in pairs:
        found = True
        yield from changed_paths(first, second, at)
    for item in (*lost, *fresh):
        found = True
        yield from _ends(item, at)
    if not found:
        yield at  # the order alone differs


def _likeness(first: Any, second: Any) -> int:
    """How many leaves two pieces of JSON data have in common."""
    others = list(leaves(second))
    return sum(leaf in others for leaf in leaves(first))


def _ends(data: Any, at: PlainPath) -> Iterator[PlainPath]:
    """The paths of all leaves, and the path itself where there is none."""
    found = False
    for path, _ in leaves(data, at):
        found = True
        yield path
    if not found:
        yield at


def _marker(data: dict[str, Any]) -> bool:
    return any(key in data for key in ("$ref", "$unknown", "$template", "$sensitive"))


def leaves(data: Any, at: PlainPath = ()) -> Iterator[tuple[PlainPath, Any]]:
    """Every scalar (or marker) of a piece of JSON data with its path."""
    if isinstance(data, dict) and not _marker(data):
        for key, value in data.items():
            yield from leaves(value, (*at, key))
    elif isinstance(data, list):
        for value in data:
            yield from leaves(value, at)
    else:
        yield at, data


def mentions(data: Any) -> Iterator[str]:
    """The addresses that references in a piece of JSON data name (with the attribute behind them)."""
    if isinstance(data, dict):
        if "$ref" in data:
            yield str(data["$ref"])
        for value in data.values():
            yield from mentions(value)
    elif isinstance(data, list):
        for value in data:
            yield from mentions(value)


def refers(data: Any, address: str) -> bool:
    """Whether some reference in the data is to the resource at the address."""
    return any(m == address or m.startswith((f"{address}.", f"{address}[")) for m in mentions(data))
