"""Rego beside a check, evaluated in this process by regorus.

Only Rego that ships with the program (or that its own corpus tests hold) may come here: a recursive function or deep
nesting ends the process by a signal that nothing can catch, already while it is parsed. What strangers or a model wrote
is not even parsed in this process.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from copilot.errors import CorpusInvalid
from copilot.sandbox import BUILTINS, syntax
from copilot.sandbox.syntax import one_line

PACKAGE = "ccopilot.check"
MAX_DEPTH = 127
"""How deep the engine reads an input."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the policy denies and what it leaves undecided: pairs of path and message, sorted."""

    denied: tuple[tuple[str, str], ...] = ()
    undecided: tuple[tuple[str, str], ...] = ()


def evaluate(policy_source: str, input: dict[str, Any]) -> Answer:
    """What `deny` and `undecided` of the shipped policy hold for this input.

    An input that the engine cannot read, and a fault while it evaluates, is undecided with the reason. A builtin that is
    given another type than it takes is such a fault (in OPA it would be undefined, and `not` of it true): a policy asks
    `is_string` first. CorpusInvalid: the policy does not parse, is not of the package, calls what it may not, or answers
    in another form.
    """
    engine = _engine(policy_source)
    try:
        text = json.dumps(input, allow_nan=False)
    except RecursionError:
        return _undecided("the input is nested too deeply")
    except (TypeError, ValueError) as error:
        return _undecided(f"the input is not JSON: {one_line(error)}")
    if _depth(text) > MAX_DEPTH:
        return _undecided("the input is nested too deeply")
    answers: dict[str, tuple[tuple[str, str], ...]] = {}
    faults: list[tuple[str, str]] = []
    defined = _rules(policy_source)
    for rule in ("deny", "undecided"):
        if rule not in defined:
            continue
        try:
            # A copy each time: an engine remembers what it evaluated, and errors leave it half done.
            copy = engine.clone()
            copy.set_input_json(text)
            found = json.loads(copy.eval_rule_as_json(f"data.{PACKAGE}.{rule}"))
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:  # a panic of the engine is not an Exception
            faults.append(("", f"the policy could not be evaluated: {one_line(error)}"))
            continue
        answers[rule] = _pairs(found, rule)
    return Answer(answers.get("deny", ()), (*answers.get("undecided", ()), *dict.fromkeys(faults)))


def run_tests(policy_source: str, test_source: str) -> tuple[tuple[str, bool], ...]:
    """Each `test_` rule of the shipped test with whether it holds; CorpusInvalid when there is none or it fails to run."""
    engine = _engine(policy_source, test_source)
    names = sorted(name for name in _rules(policy_source, test_source) if name.startswith("test_"))
    if not names:
        raise CorpusInvalid("policy_test.rego holds no test_ rule")
    package = _packages(policy_source, test_source)[-1]
    results = []
    for name in names:
        try:
            found = json.loads(engine.clone().eval_rule_as_json(f"data.{package}.{name}"))
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:
            raise CorpusInvalid(f"policy_test.rego: {name} could not be evaluated: {one_line(error)}") from error
        results.append((name, found is True))
    return tuple(results)


def _undecided(reason: str) -> Answer:
    return Answer((), (("", reason),))


def _pairs(found: Any, rule: str) -> tuple[tuple[str, str], ...]:
    """The set of a rule as pairs; anything but objects of path and message is a fault of the policy."""
    if not isinstance(found, list):
        raise CorpusInvalid(f"policy.rego: {rule} is not a set")
    pairs = []
    for item in found:
        if (
            not isinstance(item, dict)
            or set(item) != {"path", "message"}
            or not all(isinstance(v, str) for v in item.values())
        ):
            raise CorpusInvalid(
                f"policy.rego: {rule} holds something else than {{path, message}}: {json.dumps(item)[:80]}"
            )
        pairs.append((item["path"], item["message"]))
    return tuple(sorted(pairs))


def _depth(text: str) -> int:
    """How deep the JSON is nested, without descending into it."""
    depth = deepest = 0
    inside = escaped = False
    for char in text:
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


# --- the engine -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _engine(*sources: str) -> Any:
    """An engine that has parsed these, after every call in them was found to be allowed."""
    engine, trees = _parsed(sources)
    for ast, name in zip(trees, _names(sources), strict=True):
        package = syntax.package(ast)
        allowed = {PACKAGE} if name == "policy.rego" else {PACKAGE, f"{PACKAGE}_test", f"{PACKAGE}.test"}
        if package not in allowed:
            raise CorpusInvalid(f"{name} is of package {package}, not {PACKAGE}")
    if stranger := syntax.stranger(list(trees), list(_names(sources)), BUILTINS):
        raise CorpusInvalid(stranger)
    return engine


@lru_cache(maxsize=256)
def _parsed(sources: tuple[str, ...]) -> tuple[Any, tuple[syntax.Ast, ...]]:
    import regorus

    engine = regorus.Engine()
    for name, source in zip(_names(sources), sources, strict=True):
        try:
            engine.add_policy(name, source)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:
            raise CorpusInvalid(f"{name} does not parse: {one_line(error)}") from error
    return engine, tuple(module["ast"] for module in json.loads(engine.get_ast_as_json()))


def _names(sources: tuple[str, ...]) -> tuple[str, ...]:
    return ("policy.rego", "policy_test.rego")[: len(sources)]


def _packages(*sources: str) -> tuple[str, ...]:
    return tuple(map(syntax.package, _parsed(sources)[1]))


def _rules(*sources: str) -> frozenset[str]:
    """The names of the rules that these define."""
    return frozenset(name for ast in _parsed(sources)[1] for name in syntax.heads(ast))
