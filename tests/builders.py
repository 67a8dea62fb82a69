"""Small configurations made by hand: values, resources and worlds as the readers would hand them over."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from copilot.model import (
    Encoded,
    Known,
    List,
    Map,
    Null,
    Origin,
    Place,
    Ref,
    Resource,
    Root,
    Template,
    Unknown,
    Value,
    World,
)

_lines = itertools.count(1)


def place(path: str = "main.tf", line: int | None = None) -> Place:
    """A place of its own: every call is another line unless one is given."""
    line = next(_lines) if line is None else line
    return Place(path, line * 100, line * 100 + 10, line, 1, line, 11)


class Blocks(list[Any]):
    """A repeated block."""


class Set(list[Any]):
    """A set, which has no order."""


def value(data: Any) -> Value:
    """The data as a value, each part with a place of its own; what is a Value already stays as it is."""
    here = (place(),)
    match data:
        case Value():
            return data if data.places else replace(data, places=here)
        case None:
            return Null(places=here)
        case str() | bool() | int() | float():
            return Known(data, places=here)
        case Blocks():
            return List(tuple(map(value, data)), kind="blocks", places=here)
        case Set():
            return List(tuple(map(value, data)), kind="set", places=here)
        case list():
            return List(tuple(map(value, data)), places=here)
        case dict():
            return Map({key: value(item) for key, item in data.items()}, places=here)
    raise TypeError(type(data))


def ref(text: str) -> Ref:
    """A reference to `ADDRESS.attribute`."""
    address, _, attribute = text.rpartition(".")
    return Ref(origin=Origin(address, (attribute,)))


def unknown(name: str = "v") -> Unknown:
    """A variable without a default."""
    return Unknown("variable", name)


def template(*parts: Any) -> Template:
    """Text with references or gaps in it."""
    return Template(tuple(map(value, parts)))


def encoded(data: Any) -> Encoded:
    """What `jsonencode(data)` gives."""
    return Encoded(value(data))


def some_of(data: list[Any], kind: Any = "list") -> List:
    """A list that may have more elements than these."""
    return List(tuple(map(value, data)), open=True, kind=kind)


def secret(data: Any) -> Value:
    """The data as a sensitive value."""
    return replace(value(data), sensitive=True)


def resource(address: str, body: Mapping[str, Any] | None = None, **more: Any) -> Resource:
    """A resource at that address; `data.` and `module.` in front of it are read, and everything else by keyword."""
    bare = address
    module = ""
    while bare.startswith("module."):
        _, name, bare = bare.split(".", 2)
        module = f"{module}.module.{name}" if module else f"module.{name}"
    mode: Any = "managed"
    if bare.startswith("data."):
        mode, bare = "data", bare[5:]
    type, _, name = bare.partition(".")
    header = place()
    return Resource(
        **{
            "address": address,
            "type": type,
            "name": name.partition("[")[0],
            "mode": mode,
            "module": module,
            "folder": "",
            "body": Map({key: value(item) for key, item in (body or {}).items()}, places=(header,)),
            "block": header,
            "header": header,
            **more,
        }
    )


def manifest(kind: str, name: str, body: Mapping[str, Any]) -> Resource:
    """A Kubernetes object."""
    full = {"kind": kind, "metadata": {"name": name, **body.get("metadata", {})}}
    return resource(f"{kind}.{name}", {**body, **full}, mode="object")


def world(*resources: Resource, closed: bool = True) -> World:
    """The world of these resources."""
    return World.of(Root("."), tuple(resources), frozenset({"main.tf"}), closed=closed)


def check_data(must: Any, *types: str, **more: Any) -> dict[str, Any]:
    """A check as YAML data, about these types (or about the `subject` that is given)."""
    return {
        "id": "a-check",
        "title": "Things are right",
        "message": "is not right",
        "rationale": "It matters.",
        "control": "a-control",
        "severity": "high",
        "subject": {"types": list(types or ("aws_thing",))},
        "must": must,
        **more,
    }


def shown(resources: Iterable[Resource]) -> list[str]:
    """The addresses."""
    return [item.address for item in resources]
