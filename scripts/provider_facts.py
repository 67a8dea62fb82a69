"""Regenerate `corpus/facts/<provider>.json.gz` from the provider's published CDK for Terraform bindings.

    python scripts/provider_facts.py aws azurerm google kubernetes

The bindings carry a machine-readable assembly (jsii) of every class, made by a generator from the provider's own
schema. Nothing is typed from memory: the same wheel gives the same bytes. `corpus/facts/README.md` says what the
tables hold and what they cannot know.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

FORMAT = 1
PACKAGES = {name: f"cdktf-cdktf-provider-{name}" for name in ("aws", "azurerm", "google", "kubernetes")}
# The last versions that were published (December 2025): pinned, so that a rerun reproduces what is checked in.
VERSIONS = {"aws": "21.22.1", "azurerm": "14.23.1", "google": "16.12.1", "kubernetes": "12.1.1"}
KINDS = {"cdktf.TerraformResource": "resource", "cdktf.TerraformDataSource": "data"}
SCALARS = {"string": "string", "number": "number", "boolean": "bool", "any": "any"}
RUNTIME_TYPES = {
    "cdktf.IResolvable": "bool",  # the getter of a read-only boolean
    "cdktf.StringMap": "map(string)",
    "cdktf.NumberMap": "map(number)",
    "cdktf.BooleanMap": "map(bool)",
    "cdktf.AnyMap": "map(any)",
    "cdktf.StringMapList": "list(map(string))",
    "cdktf.NumberMapList": "list(map(number))",
    "cdktf.BooleanMapList": "list(map(bool))",
}
# A link's anchor is the exact Terraform name; its text repeats it after the class name.
ANCHOR = re.compile(r"#([A-Za-z0-9_]+) [A-Za-z0-9]+#\1\}")
REPRESENTS = re.compile(r"^Represents a \{@link \S+ ([a-z0-9_]+)\}")
PROVIDER_VERSION = re.compile(r"provider version (\d+\.\d+\.\d+)")

# A body maps each name to "<mark><type>" (an argument: "!" required, "=" read-only, "" optional) or to
# ["<how many><marks>", body] (nested: "1" at most one, "*" many, "%" keyed; "!" required; "@" written as an attribute;
# body null: the bindings do not say what is inside).
Body = dict[str, Any]


class UnreadableAssembly(Exception):
    """The assembly has a shape this script does not know, so nothing may be written from it."""


class Assembly:
    """The classes of one provider's bindings, read as facts."""

    def __init__(self, types: dict[str, Any]) -> None:
        self._types = types
        self.unlinked: list[str] = []  # settings whose link was lost, so that their name follows the rule instead
        self._spellings = self._read_spellings()

    def facts(self) -> list[tuple[str, str, Body | None]]:
        """Every resource and data source as (kind, type, body), sorted."""
        found: list[tuple[str, str, Body | None]] = []
        for cls in self._types.values():
            kind = KINDS.get(cls.get("base", ""))
            if kind is None:
                continue
            represents = REPRESENTS.match(cls["docs"]["summary"])
            if represents is None:
                raise UnreadableAssembly(f"{cls['fqn']}: no type name")
            # The configuration is the constructor's last parameter; it is not always called <Class>Config.
            config = cls["initializer"]["parameters"][-1]["type"]["fqn"]
            found.append((kind, represents[1], self._body(config, cls["fqn"], ())))
        return sorted(found, key=lambda row: row[:2])

    def _read_spellings(self) -> dict[str, set[str]]:
        spellings: dict[str, set[str]] = defaultdict(set)
        for interface in self._types.values():
            if interface["kind"] == "interface":
                for prop in interface.get("properties", ()):
                    if anchor := ANCHOR.search(_text(prop)):
                        spellings[prop["name"]].add(anchor[1])
        return spellings

    def _body(self, struct: str, reader: str, above: tuple[str, ...]) -> Body | None:
        """What may be written by `struct`, plus what only its reader class has: the read-only attributes."""
        if struct in above:
            return None
        body: Body = {}
        settable = set()
        for prop in self._types[struct].get("properties", ()):
            settable |= {prop["name"], prop["name"] + "Input"}
            anchor = ANCHOR.search(_text(prop))
            if anchor is None:
                self.unlinked.append(f"{struct.rsplit('.', 1)[-1]}.{prop['name']}")
            name = anchor[1] if anchor else self._spelling(prop["name"])
            body[name] = self._setting(name, prop, (*above, struct))
        for prop in self._types.get(reader, {}).get("properties", ()):
            if prop.get("static") or prop["name"] == "internalValue" or prop["name"] in settable:
                continue
            body.setdefault(self._spelling(prop["name"]), "=" + self._type(prop["type"]))
        return body

    def _setting(self, name: str, prop: dict[str, Any], above: tuple[str, ...]) -> str | list[Any]:
        required = "" if prop.get("optional") else "!"
        block = prop.get("docs", {}).get("summary") == f"{name} block."
        how_many, struct = self._nesting(prop["type"])
        if struct is not None:
            marks = how_many + required + ("" if block else "@")
            return [marks, self._body(struct, struct + "OutputReference", above)]
        if block:
            # The bindings cut deeply recursive blocks down to `any`.
            return ["*" + required, None]
        return required + self._type(prop["type"])

    def _nesting(self, shape: dict[str, Any]) -> tuple[str, str | None]:
        if self._is_struct(shape):
            return "1", shape["fqn"]
        for member in shape.get("union", {}).get("types", ()):
            collection = member.get("collection")
            if collection and self._is_struct(collection["elementtype"]):
                return ("%" if collection["kind"] == "map" else "*"), collection["elementtype"]["fqn"]
        return "", None

    def _is_struct(self, shape: dict[str, Any]) -> bool:
        return bool(self._types.get(shape.get("fqn", ""), {}).get("kind") == "interface")

    def _type(self, shape: dict[str, Any]) -> str:
        if "primitive" in shape:
            return SCALARS[shape["primitive"]]
        if "collection" in shape:
            outer = {"array": "list", "map": "map"}[shape["collection"]["kind"]]
            return f"{outer}({self._type(shape['collection']['elementtype'])})"
        if "union" in shape:
            members = [m for m in shape["union"]["types"] if m.get("fqn") != "cdktf.IResolvable"]
            if len(members) == 1:
                return self._type(members[0])
        fqn = shape.get("fqn", "")
        if fqn in RUNTIME_TYPES:
            return RUNTIME_TYPES[fqn]
        base = self._types.get(fqn, {}).get("base")
        if base in ("cdktf.ComplexList", "cdktf.ComplexMap", "cdktf.ComplexObject", "cdktf.MapList"):
            return {
                "cdktf.ComplexList": "list(object)",
                "cdktf.ComplexMap": "map(object)",
                "cdktf.ComplexObject": "object",
                "cdktf.MapList": "list(map(any))",
            }[base]
        raise UnreadableAssembly(f"no type for {shape}")

    def _spelling(self, camel: str) -> str:
        """The Terraform name of a read-only attribute, which carries no link: as settings spell it, else by rule."""
        known = self._spellings.get(camel, set())
        if len(known) == 1:
            return next(iter(known))
        return re.sub(r"([A-Z])", r"_\1", camel).lower()


def _text(prop: dict[str, Any]) -> str:
    # Provider texts with at-signs in them are read as tags by the assembly's maker, so the link may stand anywhere.
    docs = prop.get("docs", {})
    return "\n".join([*(v for v in docs.values() if isinstance(v, str)), *docs.get("custom", {}).values()])


def download(provider: str, into: Path) -> Path:
    """The pinned wheel, fetched by the ordinary client."""
    requirement = f"{PACKAGES[provider]}=={VERSIONS[provider]}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"]
    subprocess.run([*command, str(into), requirement], check=True)
    (wheel,) = into.glob("*.whl")
    return wheel


def table(provider: str, wheel: Path) -> bytes:
    """The facts of one wheel as gzipped JSON lines: a header, then one line a type."""
    with zipfile.ZipFile(wheel) as archive:
        (assembly_name,) = [name for name in archive.namelist() if name.endswith(".jsii.tgz")]
        (metadata_name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(metadata_name).decode()
        with tarfile.open(fileobj=io.BytesIO(archive.read(assembly_name))) as tar:
            member = tar.extractfile("package/.jsii")
            if member is None:
                raise UnreadableAssembly(f"{wheel.name}: no assembly")
            types = json.load(member)["types"]
    stated = PROVIDER_VERSION.search(metadata)
    assembly = Assembly(types)
    facts = assembly.facts()
    header = {
        "format": FORMAT,
        "provider": provider,
        "package": PACKAGES[provider],
        "version": VERSIONS[provider],
        "provider_version": stated[1] if stated else None,
        "wheel": wheel.name,
        "wheel_sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "licence": "MPL-2.0",
        "resources": sum(kind == "resource" for kind, _, _ in facts),
        "data_sources": sum(kind == "data" for kind, _, _ in facts),
        "names_by_rule": sorted(set(assembly.unlinked)),
    }
    lines = [json.dumps(row, sort_keys=True, separators=(",", ":")) for row in (header, *facts)]
    out = io.BytesIO()
    # GzipFile rather than gzip.compress: it writes the header itself, so neither time nor platform shows in it.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as stream:
        stream.write("".join(line + "\n" for line in lines).encode("ascii"))
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description="Regenerate corpus/facts from the providers' published bindings.")
    parser.add_argument("providers", nargs="+", choices=sorted(PACKAGES))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "corpus" / "facts")
    parser.add_argument("--wheels", type=Path, help="read wheels that were downloaded before instead of fetching them")
    arguments = parser.parse_args()
    for provider in arguments.providers:
        with tempfile.TemporaryDirectory() as folder:
            if arguments.wheels:
                (wheel,) = arguments.wheels.glob(f"cdktf_cdktf_provider_{provider}-{VERSIONS[provider]}-*.whl")
            else:
                wheel = download(provider, Path(folder))
            target = arguments.out / f"{provider}.json.gz"
            target.write_bytes(table(provider, wheel))
        print(f"{target}: {target.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
