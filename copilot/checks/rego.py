"""Rego beside a check, evaluated in this process by regorus.

Only Rego that ships with the program (or that its own corpus tests hold) may come here: a recursive function or deep
nesting ends the process by a signal that nothing can catch, already while it is parsed. What strangers or a model wrote
is not even parsed in this process.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from copilot.errors import CorpusInvalid

PACKAGE = "ccopilot.check"
MAX_DEPTH = 127
"""How deep the engine reads an input."""

# What a check may call: pure, and present in the engine. One that is absent would be silently undefined, and so the
# `not` of it true; one that reads the clock, the network or the environment would answer differently tomorrow.
BUILTINS = frozenset(
    """
    abs array.concat array.reverse array.slice base64.decode base64.encode base64.is_valid base64url.decode
    base64url.encode bits.and bits.lsh bits.negate bits.or bits.rsh bits.xor ceil concat contains count endswith floor
    format_int glob.match graph.reachable hex.decode hex.encode indexof indexof_n intersection is_array is_boolean is_null is_number
    is_object is_set is_string json.filter json.is_valid json.marshal json.remove json.unmarshal lower max min
    net.cidr_contains net.cidr_is_valid numbers.range object.filter object.get object.keys object.remove object.subset object.union object.union_n product
    regex.find_all_string_submatch_n regex.find_n regex.is_valid regex.match regex.replace regex.split replace round semver.compare semver.is_valid sort
    split sprintf startswith strings.any_prefix_match strings.any_suffix_match strings.count strings.replace_n
    strings.reverse substring sum to_number trim trim_left trim_prefix trim_right trim_space trim_suffix type_name union
    units.parse units.parse_bytes upper walk yaml.is_valid yaml.unmarshal
    """.split()  # noqa: SIM905
)


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
        return _undecided(f"the input is not JSON: {_one_line(error)}")
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
            faults.append(("", f"the policy could not be evaluated: {_one_line(error)}"))
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
            raise CorpusInvalid(f"policy_test.rego: {name} could not be evaluated: {_one_line(error)}") from error
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


def _one_line(error: BaseException) -> str:
    """The line that says what happened, with where; below it the engine puts a backtrace of the process."""
    lines = [line.strip() for line in str(error).partition("Stack backtrace:")[0].splitlines() if line.strip()]
    what = next((line.removeprefix("error:").strip() for line in lines if line.startswith("error:")), "")
    where = next((line.removeprefix("-->").strip() for line in lines if line.startswith("-->")), "")
    said = f"{where}: {what}" if what and where else what or next(iter(lines), type(error).__name__)
    return said[:200]


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
    engine, tree = _parsed(sources)
    for module, name in zip(tree, _names(sources), strict=True):
        package = _dotted(module["ast"]["package"]["refr"])
        allowed = {PACKAGE} if name == "policy.rego" else {PACKAGE, f"{PACKAGE}_test", f"{PACKAGE}.test"}
        if package not in allowed:
            raise CorpusInvalid(f"{name} is of package {package}, not {PACKAGE}")
    own = _defined(tree)
    for module, name in zip(tree, _names(sources), strict=True):
        for called in _calls(module["ast"]):
            if called not in BUILTINS and called not in own:
                raise CorpusInvalid(f"{name} calls {called}, which a check may not")
    return engine


@lru_cache(maxsize=256)
def _parsed(sources: tuple[str, ...]) -> tuple[Any, list[dict[str, Any]]]:
    import regorus

    engine = regorus.Engine()
    for name, source in zip(_names(sources), sources, strict=True):
        try:
            engine.add_policy(name, source)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:
            raise CorpusInvalid(f"{name} does not parse: {_one_line(error)}") from error
    return engine, json.loads(engine.get_ast_as_json())


def _names(sources: tuple[str, ...]) -> tuple[str, ...]:
    return ("policy.rego", "policy_test.rego")[: len(sources)]


def _packages(*sources: str) -> tuple[str, ...]:
    return tuple(_dotted(module["ast"]["package"]["refr"]) for module in _parsed(sources)[1])


def _rules(*sources: str) -> frozenset[str]:
    """The names of the rules that these define."""
    return frozenset(name for module in _parsed(sources)[1] for name in _heads(module["ast"]))


def _defined(tree: list[dict[str, Any]]) -> frozenset[str]:
    """What calls may name besides builtins: the functions of these modules, alone or behind `data.` and the package."""
    names: set[str] = set()
    for module in tree:
        package = _dotted(module["ast"]["package"]["refr"])
        for name in _heads(module["ast"]):
            names |= {name, f"data.{package}.{name}"}
        for imported in module["ast"].get("imports") or ():
            path = _dotted(imported["refr"])
            alias = (
                (imported.get("as") or {}).get("text") if isinstance(imported.get("as"), dict) else imported.get("as")
            )
            local = alias or path.rpartition(".")[2]
            for other in tree:
                if path == f"data.{_dotted(other['ast']['package']['refr'])}":
                    names |= {f"{local}.{name}" for name in _heads(other["ast"])}
    return frozenset(names)


def _heads(ast: dict[str, Any]) -> Iterator[str]:
    for rule in ast.get("rules") or ():
        spec = rule.get("Spec") or rule.get("Default") or {}
        if "head" in spec:
            (head,) = spec["head"].values()
            yield _dotted(head["refr"]).partition("[")[0]
        elif "refr" in spec:
            yield _dotted(spec["refr"]).partition("[")[0]


def _calls(node: Any) -> Iterator[str]:
    """The names of all that is called, anywhere in the tree."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            call = node.get("Call")
            if isinstance(call, dict) and "fcn" in call:
                yield _dotted(call["fcn"])
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _dotted(reference: dict[str, Any]) -> str:
    """`a.b.c` as it is written; what is looked up by anything but a name is shown as [...]."""
    names: list[str] = []
    while True:
        ((kind, node),) = reference.items()
        if kind == "RefDot":
            field = node["field"]
            names.append(str(field[1] if isinstance(field, list) else field.get("text", field)))
            reference = node["refr"]
        elif kind == "RefBrack":
            index = node.get("index") or {}
            names.append(str(index["String"]["value"]) if "String" in index else "[...]")
            reference = node["refr"]
        else:
            names.append(str(node.get("value", f"<{kind}>")) if isinstance(node, dict) else f"<{kind}>")
            return ".".join(reversed(names)).replace(".[...]", "[...]")
