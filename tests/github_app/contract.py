"""GitHub's published description, cut down: what a request may hold, and what an answer must."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator


class Route(NamedTuple):
    """A path of the description with its operation, and the values of the path's parameters."""

    template: str
    operation: Mapping[str, Any]
    values: Mapping[str, str]


@cache
def description() -> dict[str, Any]:
    data = gzip.decompress((Path(__file__).parent / "contract" / "openapi.json.gz").read_bytes())
    found: dict[str, Any] = _without_nullable(json.loads(data))
    return found


def _without_nullable(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type of null."""
    if isinstance(node, list):
        return [_without_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: _without_nullable(value) for key, value in node.items()}
    if out.pop("nullable", False) is True:
        return {"anyOf": [{"type": "null"}, out]}
    return out


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    out = []
    for template in description()["paths"]:
        # The last parameter of some paths holds slashes (a file's path, a ref).
        wide = template.endswith(("{path}", "{ref}", "{basehead}"))
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        if wide:
            pattern = re.sub(r"\[\^/\]\+\)$", ".+)", pattern)
        out.append((re.compile(pattern), template))
    return sorted(out, key=lambda pair: -len(pair[1]))


def route(method: str, path: str) -> Route | None:
    """The route of a request, or None where the description has none."""
    for pattern, template in _patterns():
        found = pattern.fullmatch(path)
        if found and method.lower() in description()["paths"][template]:
            return Route(template, description()["paths"][template][method.lower()], found.groupdict())
    return None


@cache
def _validator(method: str, template: str, part: str) -> Draft202012Validator | None:
    operation = description()["paths"][template][method]
    holder = operation.get("requestBody") if part == "request" else operation["responses"].get(part)
    if holder and "$ref" in holder:
        holder = _at(holder["$ref"])
    schema = ((holder or {}).get("content") or {}).get("application/json", {}).get("schema")
    return None if schema is None else Draft202012Validator({**schema, "components": description()["components"]})


def _at(reference: str) -> dict[str, Any]:
    node: Any = description()
    for key in reference.removeprefix("#/").split("/"):
        node = node[key]
    found: dict[str, Any] = node
    return found


def problems(method: str, template: str, body: Any, part: str = "request") -> list[str]:
    """What the description has against a request's body, or an answer's (`part` is then its status)."""
    validator = _validator(method.lower(), template, part)
    if validator is None:
        return []
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(body)][:3]


def answer(method: str, template: str, status: int, values: Any) -> Any:
    """An answer that holds these values, with everything else that the description requires filled in."""
    validator = _validator(method.lower(), template, str(status))
    if validator is None:
        return values
    schema = {key: value for key, value in validator.schema.items() if key != "components"}
    return _filled(schema, values)


def _filled(schema: Mapping[str, Any], values: Any) -> Any:
    if "$ref" in schema:
        return _filled(_at(schema["$ref"]), values)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            options = schema[several]
            if values is None and {"type": "null"} in options:
                return None
            fitting = [o for o in options if o != {"type": "null"} and _fits(o, values)]
            return _filled(fitting[0] if fitting else options[-1], values)
    if "allOf" in schema:
        for part in schema["allOf"]:
            values = _filled(part, values)
        return values
    kind = schema.get("type")
    if isinstance(values, list) and kind == "array":
        return [_filled(schema.get("items", {}), value) for value in values]
    if (kind == "object" or "properties" in schema) and (values is None or isinstance(values, dict)):
        known = schema.get("properties", {})
        out = dict(values or {})
        for name in schema.get("required", ()):
            out.setdefault(name, _missing(known.get(name, {})))
        return {
            name: _filled(known[name], value) if name in known and value is not None else value
            for name, value in out.items()
        }
    return values


def _fits(schema: Mapping[str, Any], values: Any) -> bool:
    if "$ref" in schema:
        return _fits(_at(schema["$ref"]), values)
    kinds = {"array": list, "object": dict, "string": str, "integer": int, "boolean": bool, "number": (int, float)}
    wanted = kinds.get(str(schema.get("type", "object" if "properties" in schema else "")))
    return wanted is None or values is None or isinstance(values, wanted)  # type: ignore[arg-type]


def _missing(schema: Mapping[str, Any]) -> Any:
    """Something that the schema accepts."""
    if "$ref" in schema:
        return _missing(_at(schema["$ref"]))
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return None if {"type": "null"} in schema[several] else _missing(schema[several][0])
    if "allOf" in schema:
        return _filled(schema, {})
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "string":
            if schema.get("format") == "uri":
                return "https://github.invalid/"
            return "2026-11-01T00:00:00Z" if schema.get("format") == "date-time" else "x" * schema.get("minLength", 0)
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return False
        case "array":
            return []
    return _filled(schema, {})
