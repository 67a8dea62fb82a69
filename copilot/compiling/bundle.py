"""The corpus as an OPA bundle: the library, a module per check, and tests made from the examples."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

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
        if tests:
            text, inputs = _tests(library, check)
            found.files[f"checks/{id}_test.rego"] = text
            found.files[_inputs(id)] = inputs
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
        examples = {id.replace("-", "_"): json.loads(found.files[_inputs(id)])}
        engine.add_data_json(json.dumps({"ccopilot": {"examples": examples}}))
        package = f"ccopilot.checks.{id.replace('-', '_')}_test"
        for name in (line.split()[0] for line in text.splitlines() if line.startswith("test_")):
            count += 1
            if json.loads(engine.clone().eval_rule_as_json(f"data.{package}.{name}")) is not True:
                failed.append(f"{id}: {name}")
    return count, failed


def _inputs(id: str) -> str:
    """Where the examples of the check stand: the folder is the path of the data."""
    return f"ccopilot/examples/{id.replace('-', '_')}/data.json"


def refusals(found: Bundle) -> list[str]:
    """How many checks were refused for which reason, most first."""
    return [f"{count} {reason}" for reason, count in Counter(found.refused.values()).most_common()]


def _tests(library: Library, check: Check) -> tuple[str, str]:
    """The test module and the inputs that it reads, which stand as data: an engine reads deeper JSON than Rego."""
    package = rego.package(check)
    name = check.id.replace("-", "_")
    out = [f"package {package}_test\n", "import rego.v1\n", f"import data.{package} as policy\n"]
    inputs: dict[str, object] = {}
    for example, world in example_worlds(library, check):
        kind = example.partition("/")[0]
        if kind in inputs:
            continue
        inputs[kind] = data = export_input(world, {}, (check,))
        withheld = '"reason": "sensitive"' in json.dumps(data)
        native = list(judge_world((check,), world, {}))
        for rule, verdict in (("deny", "fail"), ("undecided", "undecided")):
            if withheld:  # what is withheld is undecided here, and native evaluation may know it
                continue
            expected = json.dumps(
                sorted({each.resource.address for each in native if each.verdict == verdict}), indent=1
            )
            out.append(
                f"test_{kind}_{rule} if {{\n"
                f"\tanswer := policy.{rule} with input as data.ccopilot.examples.{name}.{kind}\n"
                f"\t{{each.address | some each in answer}} == {{address | some address in {expected}}}\n}}\n"
            )
    return "\n".join(out), json.dumps(inputs, ensure_ascii=True, separators=(",", ":")) + "\n"
