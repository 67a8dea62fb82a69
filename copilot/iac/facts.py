"""What a provider's types accept, which changes replace a resource, and what an absent argument means.

The tables are generated (`scripts/provider_facts.py`) or kept with a source per row; `corpus/facts/README.md` says
what they cannot know. None is always *not known*, never *not so*: providers move on after a table is made.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from copilot.errors import CorpusInvalid

FORMAT: Final = 1
PROVIDERS: Final = ("aws", "azurerm", "google", "kubernetes")

Kind: TypeAlias = Literal["resource", "data"]
Path: TypeAlias = tuple[str, ...]
Default: TypeAlias = str | bool | int | tuple[str, ...] | None
When: TypeAlias = Literal["always", "removed", "sometimes"]


@dataclass(frozen=True, slots=True)
class ArgumentFacts:
    """One argument, or one read-only attribute (`computed_only`), of a type."""

    name: str
    type: str
    """`string`, `number`, `bool`, `any`, `object`, or `list(…)` / `map(…)` of one; a set is written `list`."""
    required: bool
    computed_only: bool


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """One nested block, or an attribute of objects that is written with `=` (`as_attribute`)."""

    name: str
    many: bool
    required: bool
    as_attribute: bool
    open: bool = False
    """The table does not say what is inside (deeply recursive blocks): nothing in it can be called unknown."""


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """The arguments and blocks of one resource or data source type."""

    kind: Kind
    type: str
    _body: Mapping[str, Any] = field(repr=False)

    def argument(self, path: Path) -> ArgumentFacts | BlockFacts | None:
        """What stands at `path` (names only, no indices), or None where the table has nothing there.

        None below an `open` block, below a map and below a read-only object means that the table ends there, not
        that the name is wrong: ask about the parent before refusing.
        """
        if not path:
            return None
        body = self._inside(path[:-1])
        entry = None if body is None else body.get(path[-1])
        return None if entry is None else _read(path[-1], entry)

    def names(self, path: Path = ()) -> tuple[str, ...]:
        """Every name that may be written at the top level, or inside the block at `path`; sorted."""
        return tuple(sorted(n for n, e in (self._inside(path) or {}).items() if not _read_only(e)))

    def required(self, path: Path = ()) -> tuple[str, ...]:
        """The arguments and blocks that must be there at the top level, or inside the block at `path`; sorted."""
        return tuple(sorted(n for n, e in (self._inside(path) or {}).items() if "!" in _marks(e)))

    def knows(self, path: Path) -> bool:
        """Whether the table describes the place that `path` lies in, so that a name missing there is a wrong name."""
        return bool(path) and self._inside(path[:-1]) is not None

    def _inside(self, path: Path) -> Mapping[str, Any] | None:
        body: Mapping[str, Any] | None = self._body
        for name in path:
            entry = None if body is None else body.get(name)
            if not isinstance(entry, list):
                return None
            body = entry[1]
        return body


@dataclass(frozen=True, slots=True)
class Replacement:
    """Changing the argument destroys the resource, with what it stores, and makes a new one."""

    source: str
    note: str
    when: When = "always"
    """`removed`: only taking it out or turning it off; `sometimes`: it depends on what the configuration hides."""


class Source(NamedTuple):
    """Where one provider's table was read from."""

    provider: str
    package: str
    version: str
    provider_version: str | None
    wheel_sha256: str
    resources: int
    data_sources: int


@lru_cache(maxsize=4096)
def resource_type(type: str) -> TypeFacts | None:
    """The facts of a resource type, or None where no table has it."""
    return _find("resource", type)


@lru_cache(maxsize=4096)
def data_type(type: str) -> TypeFacts | None:
    """The facts of a data source type, or None where no table has it."""
    return _find("data", type)


def source(provider: str) -> Source:
    """Which package and version the table of `provider` was read from."""
    if provider not in PROVIDERS:
        raise KeyError(provider)
    header = json.loads(_table(provider).split(b"\n", 1)[0])
    return Source(**{name: header[name] for name in Source._fields})


def replaces(type: str, path: Path) -> Replacement | None:
    """Why changing `path` replaces a resource of `type`; None says only that no row does.

    A row covers what lies below its path, and the nearest row counts. For a type that `stateful` names, a path that
    is not `in_place` either is of unknown safety, and unknown counts as replacing.
    """
    row = _nearest(type, path)
    return row if isinstance(row, Replacement) else None


def in_place(type: str, path: Path) -> bool:
    """Whether the provider was read to change `path` of a stateful `type` without replacing the resource."""
    return _nearest(type, path) == "in place"


def stateful(type: str) -> bool:
    """Whether resources of this type hold data (or an identity others hold on to) that replacing them loses."""
    return type in _replaces()[2]


def default(type: str, path: Path) -> Default:
    """The documented value of an argument that is absent; None where it is computed, or not in the table."""
    return _defaults()[0].get((type, path))


def account_dependent(type: str, path: Path) -> bool:
    """Whether an account or region setting can change what absence means, so that the default is only usual."""
    return (type, path) in _defaults()[1]


def former(type: str, path: Path = ()) -> bool:
    """Whether a type, or just this argument of it, is of a version of the provider that no table was made of."""
    return ".".join((type, *path)) in _former()


def _find(kind: Kind, type: str) -> TypeFacts | None:
    provider = type.partition("_")[0]
    if provider not in PROVIDERS or not (type.isascii() and type.isidentifier()):
        return None
    table = _table(provider)
    # One type is one line: finding and parsing it costs 0.2 ms; parsing all of a provider's costs 15.
    start = table.find(f'\n["{kind}","{type}",'.encode())
    if start < 0:
        return None
    _, _, body = json.loads(table[start + 1 : table.index(b"\n", start + 1)])
    return TypeFacts(kind, type, body)


@cache
def _table(provider: str) -> bytes:
    table = zlib.decompress(_read_file(f"{provider}.json.gz"), wbits=31)
    found = json.loads(table[: table.index(b"\n")])["format"]
    if found != FORMAT:
        message = f"corpus/facts/{provider}.json.gz is of format {found}, and this program reads {FORMAT}"
        raise CorpusInvalid(message, hint="install the program anew: its code and its data are of different versions")
    return table


def _read_file(name: str) -> bytes:
    # Not importlib.resources, nor pathlib: importing those costs more than reading the table.
    import corpus

    with open(os.path.join(next(iter(corpus.__path__)), "facts", name), "rb") as stream:  # noqa: PTH123
        return stream.read()


def _read(name: str, entry: str | list[Any]) -> ArgumentFacts | BlockFacts:
    marks = _marks(entry)
    if isinstance(entry, list):
        return BlockFacts(name, marks[0] != "1", "!" in marks, "@" in marks, open=entry[1] is None)
    return ArgumentFacts(name, entry.lstrip("!="), "!" in marks, "=" in marks)


def _marks(entry: str | list[Any]) -> str:
    return str(entry[0])


def _read_only(entry: str | list[Any]) -> bool:
    return isinstance(entry, str) and entry.startswith("=")


def _load_yaml(name: str) -> Any:
    import yaml  # here, because most callers never ask for what it costs 20 ms to read

    return yaml.load(_read_file(name), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _nearest(type: str, path: Path) -> Replacement | Literal["in place"] | None:
    always, rows, _ = _replaces()
    if path and path[0] in always and type in rows:
        return "in place"
    of_type = rows.get(type, {})
    return next((of_type[path[:n]] for n in range(len(path), 0, -1) if path[:n] in of_type), None)


@cache
def _replaces() -> tuple[frozenset[str], dict[str, dict[Path, Replacement | Literal["in place"]]], frozenset[str]]:
    kept = _load_yaml("replaces.yaml")
    rows: dict[str, dict[Path, Replacement | Literal["in place"]]] = {}
    for type, of_type in kept["types"].items():
        rows[type] = {_path(written): "in place" for written in of_type["in_place"]}
        for written, row in of_type["replaces"].items():
            row = row or {"note": "", "when": "always"}
            rows[type][_path(written)] = Replacement(of_type["source"], row["note"], row["when"])
    return frozenset(kept["always_in_place"]), rows, frozenset(rows) | frozenset(kept["stateful"])


def conflicts(type: str) -> tuple[frozenset[str], ...]:
    """Pairs of arguments that the provider refuses together on a resource of the type, as far as is kept."""
    rows = _conflicts().get(type, ())
    known = resource_type(type)
    names = set(known.names()) if known is not None else set()
    prefixed = (frozenset({name, f"{name}_prefix"}) for name in sorted(names) if f"{name}_prefix" in names)
    return (*rows, *prefixed)


@cache
def _conflicts() -> dict[str, tuple[frozenset[str], ...]]:
    kept = _load_yaml("conflicts.yaml")["types"]
    return {type: tuple(frozenset(pair) for pair in of_type["together"]) for type, of_type in kept.items()}


@cache
def _former() -> frozenset[str]:
    kept = _load_yaml("former.yaml")
    return frozenset((*kept["types"], *kept["arguments"]))


@cache
def _defaults() -> tuple[dict[tuple[str, Path], Default], frozenset[tuple[str, Path]]]:
    kept = _load_yaml("defaults.yaml")["types"]
    values: dict[tuple[str, Path], Default] = {}
    for type, of_type in kept.items():
        for written, value in of_type["defaults"].items():
            values[type, _path(written)] = tuple(value) if isinstance(value, list) else value
    usual = {(type, _path(w)) for type, of_type in kept.items() for w in of_type.get("account_dependent", ())}
    return values, frozenset(usual)


def _path(written: str) -> Path:
    return tuple(written.split("."))
