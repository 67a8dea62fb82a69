"""Whether compiled checks say what native evaluation says, example by example."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from copilot.assessment import Assessor
from copilot.checks.evaluate import judge_world
from copilot.checks.language import Check
from copilot.checks.library import Library
from copilot.compiling import rego
from copilot.compiling.input import export_input
from copilot.model import Root, World
from copilot.snapshot import Snapshot


@dataclass(slots=True)
class Agreement:
    """What was compared: checks compiled, those refused with the reason, verdicts, and each that differs."""

    compiled: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(library: Library, ids: Iterable[str]) -> Agreement:
    """The agreement of these checks on their examples, sensitive values included, undecided included."""
    found = Agreement()
    base = _engine()
    for id in ids:
        check = library.checks[id]
        try:
            module = rego.compile_check(check)
        except rego.Inexpressible as refusal:
            found.refused[id] = str(refusal)
            continue
        found.compiled += 1
        engine = base.clone()
        try:
            engine.add_policy(f"{id}.rego", module)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:  # a panic of the engine is not an Exception
            found.differences.append(f"{id}: does not parse: {error}")
            continue
        for name, world in example_worlds(library, check):
            native = {each.resource.address: each.verdict for each in judge_world((check,), world, {})}
            try:
                compiled = verdicts(engine, check, export_input(world, {}, (check,), sensitive=True))
            except (KeyboardInterrupt, SystemExit, MemoryError):
                raise
            except BaseException as error:
                found.differences.append(f"{id} {name}: could not be evaluated: {error}")
                continue
            found.verdicts.update(native.values())
            if native != compiled:
                found.differences.append(f"{id} {name}: native {native}, compiled {compiled}")
    return found


def example_worlds(library: Library, check: Check) -> Iterator[tuple[str, World]]:
    """Each example of the check, evaluated; its name says whether it is good, bad or undecided."""
    for kind, paths in library.examples(check.id)._asdict().items():
        for path in paths:
            files = {path.name: path.read_bytes()} if path.is_file() else _folder(path)
            terraform = any(name.endswith((".tf", ".tf.json")) for name in files)
            assessor = Assessor(lambda _: (), lambda _: {})
            root = Root("", kind="terraform" if terraform else "kubernetes")
            yield f"{kind}/{path.name}", assessor.evaluate(Snapshot(files), root)


def verdicts(engine: Any, check: Check, data: Any) -> dict[str, str]:
    """The verdict of each subject, as the compiled check says it."""
    copy = engine.clone()
    copy.set_input_json(json.dumps(data))
    answer = json.loads(copy.eval_rule_as_json(f"data.{rego.package(check)}.verdicts") or "{}")
    return answer if isinstance(answer, dict) else {}


def _engine() -> Any:
    import regorus

    engine = regorus.Engine()
    engine.add_policy("lib.rego", rego.library())
    return engine


def _folder(path: Path) -> dict[str, bytes]:
    snapshot = Snapshot.from_folder(path)
    return {name: snapshot.read(name) or b"" for name in snapshot.paths}
