"""Which resources of a world belong together: one refers to the other, or both bear the same known name.

Links are indexed once for a type and a path, so asking for every subject costs one look-up each. What is not decided
(an unknown name, an instance of an unknown key) is kept apart: such a resource *may* be linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from copilot.checks.language import Path, parse_path
from copilot.checks.operators import canonical, runs, text_may_be, type_of
from copilot.checks.walking import MORE, Reading, first_present, walk
from copilot.model import (
    Key,
    Known,
    List,
    Null,
    Places,
    Ref,
    Resource,
    Template,
    Unknown,
    Value,
    World,
    without_keys,
)

IDENTIFIERS: Final[tuple[Path, ...]] = tuple(
    map(
        parse_path,
        (
            "id", "arn", "name", "bucket", "identifier", "cluster_identifier", "key_id", "function_name", "domain_name",
            "family", "cluster_name", "repository", "repository_name", "self_link", "url", "alias", "metadata.name",
        ),
    )
)  # fmt: skip
"""The arguments that others know a resource by, where a check names none."""

_NAMESPACE: Final = parse_path("metadata.namespace")
_HOPS: Final = 8


class Linkage(NamedTuple):
    """The resources that are linked, those that may be, and why there may be others ("" when there are none)."""

    sure: tuple[Resource, ...]
    maybe: tuple[Resource, ...]
    open: str = ""


_Target: TypeAlias = tuple[Literal["address", "loose", "name", "undecided"], str | tuple[str, ...] | Value]


class _Index:
    """For one type and path: the resources by what their value there names."""

    def __init__(self) -> None:
        self.by_address: dict[str, list[Resource]] = {}
        self.by_bare: dict[str, list[Resource]] = {}
        self.loose: dict[str, list[Resource]] = {}
        self.by_name: dict[tuple[str, ...], list[Resource]] = {}
        self.named: list[Resource] = []
        self.undecided: list[tuple[Resource, Value]] = []


class Links:
    """The links of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._indexes: dict[tuple[str, tuple[Path, ...], bool], _Index] = {}

    def to(self, subject: Resource, types: tuple[str, ...], by: tuple[Path, ...], match: tuple[Path, ...]) -> Linkage:
        """The resources of these types whose value at `by` refers to the subject, or bears its name."""
        names, unnamed = self._names(subject, match)
        sure: dict[str, Resource] = {}
        maybe: dict[str, Resource] = {}
        loose = "[?]" in subject.address
        bare = without_keys(subject.address)
        for type in types:
            index = self._index(type, by, identifiers=False)
            if loose:
                _put(maybe, index.by_bare.get(bare, ()))
            else:
                _put(sure, index.by_address.get(subject.address, ()))
                _put(maybe, index.loose.get(bare, ()))
            for name in names:
                _put(sure, (other for other in index.by_name.get(name, ()) if _same_namespace(subject, other)))
            if unnamed:
                _put(maybe, (other for other in index.named if _same_namespace(subject, other)))
            for other, value in index.undecided:
                if _may_name(value, names, unnamed):
                    maybe[other.address] = other
        return _linkage(sure, maybe, subject)

    def out(
        self, home: Resource, readings: Iterable[Reading], types: tuple[str, ...], match: tuple[Path, ...]
    ) -> Linkage:
        """The resources of these types that the values refer to, or whose name they bear."""
        sure: dict[str, Resource] = {}
        maybe: dict[str, Resource] = {}
        reason = ""
        for reading in readings:
            if reading.value is None or reading.absent:
                continue
            for kind, target in self._targets(reading.value):
                if kind == "address":
                    assert isinstance(target, str)
                    other = self._world.by_address.get(target)
                    if other is None:
                        if type_of(target) in types:
                            reason = f"{target} is not in sight"
                    elif _key(other) in types:
                        sure[other.address] = other
                elif kind == "loose":
                    assert isinstance(target, str)
                    if type_of(target) in types:
                        candidates = self._world.by_type.get(type_of(target), ())
                        _put(maybe, (other for other in candidates if without_keys(other.address) == target))
                elif kind == "name":
                    assert isinstance(target, tuple)
                    for type in types:
                        index = self._index(type, match or IDENTIFIERS, identifiers=True)
                        _put(sure, (o for o in index.by_name.get(target, ()) if _same_namespace(home, o)))
                        _put(maybe, (o for o, value in index.undecided if _may_name(value, (target,), unnamed=False)))
                else:
                    assert isinstance(target, Value)
                    reason = reason or "what it refers to is not decided"
                    for type in types:
                        fitting = self._index(type, match or IDENTIFIERS, identifiers=True)
                        for name, others in fitting.by_name.items():
                            if _may_name(target, (name,), unnamed=False):
                                _put(maybe, others)
        found = _linkage(sure, maybe, home)
        return Linkage(found.sure, found.maybe, reason)

    def _index(self, type: str, paths: tuple[Path, ...], *, identifiers: bool) -> _Index:
        key = (type, paths, identifiers)
        index = self._indexes.get(key)
        if index is None:
            index = self._indexes[key] = _Index()
            for resource in self._world.by_type.get(type, ()):
                for value in _values(resource, paths, every=identifiers):
                    self._enter(index, resource, value, identifiers=identifiers)
        return index

    def _enter(self, index: _Index, resource: Resource, value: Value, *, identifiers: bool) -> None:
        if identifiers:
            name = canonical(value)
            if name is not None and name != ("=",):
                index.by_name.setdefault(name, []).append(resource)
            elif name is None and isinstance(value, Unknown | Template):
                index.undecided.append((resource, value))
            return
        referring = False
        for kind, target in self._targets(value):
            if kind == "address":
                assert isinstance(target, str)
                referring = True
                index.by_address.setdefault(target, []).append(resource)
                index.by_bare.setdefault(without_keys(target), []).append(resource)
            elif kind == "loose":
                assert isinstance(target, str)
                referring = True
                index.loose.setdefault(target, []).append(resource)
                index.by_bare.setdefault(target, []).append(resource)
            elif kind == "name":
                assert isinstance(target, tuple)
                index.by_name.setdefault(target, []).append(resource)
                if not referring and target[0][0] == "=":
                    index.named.append(resource)
            else:
                assert isinstance(target, Value)
                index.undecided.append((resource, target))

    def _targets(self, value: Value, hops: int = _HOPS) -> Iterator[_Target]:
        """What a link value names: addresses first, then names, then what is not decided."""
        if isinstance(value, Template):
            parts = [part for part in value.parts if not (isinstance(part, Known) and part.value == "")]
            if len(parts) == 1 and not isinstance(parts[0], Known):
                value = parts[0]
        if isinstance(value, List):
            for item in value.items:
                yield from self._targets(item, hops)
            if value.open:
                yield "undecided", Unknown("more", MORE, places=value.places)
            return
        if value.origin is not None:
            address = value.origin.address
            yield ("loose", without_keys(address)) if "[?]" in address else ("address", address)
            if hops and (other := self._world.by_address.get(address)) is not None:
                for next_value in self._behind(other, value.origin.path):
                    if next_value is not value and next_value.origin != value.origin:
                        yield from self._targets(next_value, hops - 1)
        if isinstance(value, Known | Ref | Template):
            name = canonical(value)
            if name is not None and name != ("=",):
                yield "name", name
            elif name is None and value.origin is None:
                yield "undecided", value
        elif isinstance(value, Unknown) and value.origin is None:
            yield "undecided", value

    def _behind(self, resource: Resource, path: tuple[Key, ...]) -> Iterator[Value]:
        """What the configuration says the attribute is: the argument of that name; of a data source, what it is found by."""
        readings = walk(resource.body, path, (), null_is_absent=True)
        if len(readings) == 1 and readings[0].value is not None and not readings[0].absent:
            yield readings[0].value
        elif resource.mode == "data":
            yield from (value for value in _values(resource, IDENTIFIERS, every=True) if not isinstance(value, Unknown))

    def _names(self, subject: Resource, match: tuple[Path, ...]) -> tuple[tuple[tuple[str, ...], ...], bool]:
        """The names of the subject, and whether it has one that is not decided."""
        names: list[tuple[str, ...]] = []
        unnamed = False
        for value in _values(subject, match or IDENTIFIERS, every=True):
            name = canonical(value)
            if name is None:
                unnamed = unnamed or isinstance(value, Unknown | Template)
            elif name != ("=",):
                names.append(name)
        return tuple(dict.fromkeys(names)), unnamed


def _values(resource: Resource, paths: tuple[Path, ...], *, every: bool) -> Iterator[Value]:
    places: Places = (resource.header,)
    null_is_absent = resource.mode != "object"
    found: list[Reading] = []
    if every:
        for path in paths:
            found.extend(walk(resource.body, path.steps, places, null_is_absent=null_is_absent))
    else:
        found = first_present(resource.body, paths, places, null_is_absent=null_is_absent)[1]
    for reading in found:
        if reading.value is not None and not reading.absent and not isinstance(reading.value, Null):
            yield reading.value


def _may_name(value: Value, names: tuple[tuple[str, ...], ...], unnamed: bool) -> bool:
    """Whether an undecided value may turn out to be one of the names (or that of something whose name is undecided)."""
    if isinstance(value, Unknown) or unnamed:
        return True
    found = runs(value)
    return found is not None and any(
        len(name) > 1 or name[0][0] == "&" or text_may_be(found, name[0][1:]) for name in names
    )


def _same_namespace(one: Resource, other: Resource) -> bool:
    if one.mode != "object" or other.mode != "object":
        return True
    known = [
        {value.value for value in _values(side, (_NAMESPACE,), every=True) if isinstance(value, Known)}
        for side in (one, other)
    ]
    return not (known[0] and known[1]) or known[0] == known[1]


def _put(into: dict[str, Resource], resources: Iterable[Resource]) -> None:
    for resource in resources:
        into[resource.address] = resource


def _linkage(sure: dict[str, Resource], maybe: dict[str, Resource], home: Resource) -> Linkage:
    sure.pop(home.address, None)
    return Linkage(
        tuple(sure.values()),
        tuple(other for address, other in maybe.items() if address not in sure and address != home.address),
    )


def _key(resource: Resource) -> str:
    return f"data.{resource.type}" if resource.mode == "data" else resource.type
