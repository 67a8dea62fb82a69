"""The corpus as an OPA bundle: the library, a module per check, and tests made from the examples."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from copilot.checks.evaluate import judge_world
from copilot.checks.language import Check
from copilot.checks.library import Library
from copilot.compiling import rego
from copilot.compiling.agreement import example_worlds
from copilot.compiling.input import export_input


@dataclass(slots=True)
class Bundle:
    """The files by their path in the bundle, the checks that stand in it, and those refused with the reason."""

    files: dict[str, str] = field(default_factory=dict)
    compiled: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def bundle(library: Library, ids: Iterable[str], *, tests: bool = True) -> Bundle:
    """The bundle of these checks, each with a test from one example of each kind."""
    found = Bundle()
    found.files["lib.rego"] = rego.library()
    for id in ids:
        check = library.checks[id]
        try:
            module = rego.compile_check(check)
        except rego.Inexpressible as refusal:
            found.refused[id] = str(refusal)
            continue
        found.compiled.append(id)
        found.files[f"checks/{id}.rego"] = module
        if tests and (text := _tests(library, check)):
            found.files[f"checks/{id}_test.rego"] = text
    found.files[".manifest"] = json.dumps({"revision": library.digest, "roots": ["ccopilot"], "rego_version": 1}) + "\n"
    return found


def run_tests(found: Bundle) -> tuple[int, list[str]]:
    """How many of the bundle's tests were run in this process, and those that do not hold."""
    import regorus

    base = regorus.Engine()
    base.add_policy("lib.rego", found.files["lib.rego"])
    count, failed = 0, []
    for id in found.compiled:
        text = found.files.get(f"checks/{id}_test.rego")
        if text is None:
            continue
        engine = base.clone()
        engine.add_policy(f"{id}.rego", found.files[f"checks/{id}.rego"])
        engine.add_policy(f"{id}_test.rego", text)
        package = f"ccopilot.checks.{id.replace('-', '_')}_test"
        for name in (line.split()[0] for line in text.splitlines() if line.startswith("test_")):
            count += 1
            if json.loads(engine.clone().eval_rule_as_json(f"data.{package}.{name}")) is not True:
                failed.append(f"{id}: {name}")
    return count, failed


def refusals(found: Bundle) -> list[str]:
    """How many checks were refused for which reason, most first."""
    return [f"{count} {reason}" for reason, count in Counter(found.refused.values()).most_common()]


def _tests(library: Library, check: Check) -> str:
    package = rego.package(check)
    out = [f"package {package}_test\n", "import rego.v1\n", f"import data.{package} as policy\n"]
    seen: set[str] = set()
    for name, world in example_worlds(library, check):
        kind = name.partition("/")[0]
        if kind in seen:
            continue
        seen.add(kind)
        native = list(judge_world((check,), world, {}))
        data = json.dumps(export_input(world, {}, (check,)), ensure_ascii=True, separators=(",", ":"))
        for rule, verdict in (("deny", "fail"), ("undecided", "undecided")):
            expected = json.dumps(sorted({each.resource.address for each in native if each.verdict == verdict}))
            out.append(
                f"test_{kind}_{rule} if {{\n\tfound := {{each.address | some each in policy.{rule}}} with input as {data}\n"
                f"\tfound == {{address | some address in {expected}}}\n}}\n"
            )
    return "\n".join(out) if seen else ""
