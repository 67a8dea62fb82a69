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

    Paths hold names only (elements of lists have none); a path that is new or gone as a whole ends where it begins.
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
    """The paths at which two pieces of JSON data differ."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and not _marker(old) and not _marker(new):
        for key in {**old, **new}:
            if key in old and key in new:
                yield from changed_paths(old[key], new[key], (*at, key))
            else:
                yield (*at, key)
        return
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for first, second in zip(old, new, strict=True):
            yield from changed_paths(first, second, at)
        return
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
