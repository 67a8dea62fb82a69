"""A check as a Rego module that denies, and leaves undecided, what native evaluation does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, TypeAlias

from copilot.checks import operators
from copilot.checks.language import (
    All,
    AnyOf,
    Attr,
    Bounds,
    Check,
    Condition,
    Exists,
    Leaf,
    Not,
    Param,
    Path,
    Quantified,
)  # fmt: skip
from copilot.compiling.input import digest, is_fact, operand
from copilot.iac import facts

Kind: TypeAlias = Literal["argument", "blocks", "either"]
SEPARATOR = ",\n\t\t"
"""Engines limit the length of a line."""
LEVELS = 10
"""How deep the values of a plan are read."""
_LETTER = {True: "t", False: "f", None: "u"}


class Inexpressible(Exception):
    """The check says something that the target cannot say; the text is the reason."""


@lru_cache(maxsize=1)
def library() -> str:
    """The Rego that every compiled check imports as `data.ccopilot.lib`."""
    folder = resources.files("copilot.compiling")
    level = folder.joinpath("level.rego").read_text("utf-8")
    # Rego has no recursion: what tags the values of a plan stands there once for each level of nesting.
    levels = [level.replace("tag@", f"tag{n}").replace("tag+", f"tag{n + 1}") for n in range(LEVELS)]
    last = f'\ntag{LEVELS}(_, _, _) := {{"k": "unknown", "reason": "nested too deeply"}}\n'
    return folder.joinpath("lib.rego").read_text("utf-8") + "".join(levels) + last


def package(check: Check) -> str:
    """The package of the check's module."""
    return "ccopilot.checks." + check.id.replace("-", "_")


def compile_check(check: Check) -> str:
    """The Rego v1 module of the check; Inexpressible when it cannot be said."""
    return _Compiler(check).module()


def kind_of(type: str, steps: tuple[str, ...], *, data: bool = False) -> Kind:
    """Whether an argument or blocks stand at these names of the type; "either" where the facts do not say."""
    data = data or type.startswith("data.")
    name = type.removeprefix("data.")
    known = facts.data_type(name) if data else facts.resource_type(name)
    found = known.argument(steps) if known is not None else None
    if isinstance(found, facts.ArgumentFacts):
        return "argument"
    return "blocks" if isinstance(found, facts.BlockFacts) and not found.as_attribute else "either"


class _Compiler:
    """Unrolls one check into a function per condition."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.functions: list[str] = []
        self.count = 0

    def module(self) -> str:
        check, kind = self.check, self.check.subject.kind
        types = check.subject.names if kind in ("types", "data") else ()
        plain = kind not in ("container", "root")
        when = self.node(check.when, types, (), plain) if check.when is not None else None
        must = self.node(check.must, types, (), plain)
        applies = f"{when}(s)" if when else '"t"'
        paths = next((node.paths for node in check.nodes() if isinstance(node, Leaf | Quantified)), ())
        entry = {"path": paths[0].text if paths else "", "message": check.message}
        return "\n".join(
            [
                f"# {check.title}. Written from the check {check.id}; change that, not this.",
                f"package {package(check)}\n",
                "import rego.v1\n\nimport data.ccopilot.lib\n",
                f'verdict(s) := "not_applicable" if {{\n\t{applies} == "f"\n}} else := "undecided" if {{\n'
                f'\t{applies} == "u"\n}} else := "fail" if {{\n\t{must}(s) == "f"\n}} else := "pass" if {{\n'
                f'\t{must}(s) == "t"\n}} else := "undecided"\n',
                self.subjects(),
                # conftest wants `msg`, and passes over what is neither denied nor warned of.
                f'said(address) := object.union({_json(entry)}, {{"address": address, "msg": msg}}) if {{\n'
                f'\tmsg := concat("", [address, ": ", {_json(check.message)}])\n}}\n',
                'deny contains said(address) if {\n\tsome address, verdict_of in verdicts\n\tverdict_of == "fail"\n}\n',
                "undecided contains said(address) if {\n\tsome address, verdict_of in verdicts\n"
                '\tverdict_of == "undecided"\n}\n',
                "warn := {open_ |\n\tsome entry in undecided; "
                'open_ := object.union(entry, {"msg": concat("", ["undecided: ", entry.msg])})\n}\n',
                *self.functions,
            ]
        )

    def subjects(self) -> str:
        kind, names = self.check.subject.kind, sorted(self.check.subject.names)
        listed = "{" + ",\n\t\t".join(map(_json, names)) + "}" if names else "set()"
        if kind == "root":
            return (
                'verdicts[name] := verdict(lib.root_scope) if {\n\tname := "root"\n\tsome r in lib.resources\n'
                f'\tr.mode in {{"managed", "object"}}\n\tr.type in {listed}\n}}\n'
            )
        if kind in ("pod", "container"):
            chosen = 'r.mode == "object"\n\tnot is_null(object.get(r, "pod", null))'
        elif kind == "providers":
            chosen = f'r.mode == "managed"\n\tsplit(r.type, "_")[0] in {listed}'
        elif kind in ("types", "data", "kinds"):
            mode = {"types": "managed", "data": "data", "kinds": "object"}[kind]
            chosen = f"r.mode == {_json(mode)}\n\tr.type in {listed}"
        else:
            raise Inexpressible(f"its subject is of kind {kind}, which the export does not tell apart")
        if kind == "container":
            return (
                'each(r, item) := "undecided" if {\n\titem.gap\n} else := verdict(lib.element_scope(lib.scope(r), item))\n\n'
                'worst(found) := "fail" if {\n\t"fail" in found\n} else := "undecided" if {\n\t"undecided" in found\n}'
                ' else := "pass" if {\n\t"pass" in found\n} else := "not_applicable"\n\n'
                f"verdicts[r.address] := worst({{v | some item in lib.containers(r); v := each(r, item)}}) if {{\n"
                f"\tsome r in lib.resources\n\t{chosen}\n}}\n"
            )
        scope = "pod_scope" if kind == "pod" else "scope"
        return f"verdicts[r.address] := verdict(lib.{scope}(r)) if {{\n\tsome r in lib.resources\n\t{chosen}\n}}\n"

    def function(self, body: str) -> str:
        self.count += 1
        name = f"n{self.count}"
        self.functions.append(f'{name}(s) := truth if {{\n{body}\n}} else := "u"\n')
        return name

    def node(self, node: Condition, types: tuple[str, ...], prefix: tuple[str, ...] | None, plain: bool) -> str:
        if is_fact(node):
            if not plain:
                raise Inexpressible(f"{type(node).__name__.lower()} of an element or of another resource")
            return self.function(f"\ttruth := lib.fact(s, {_json(digest(node))})")
        match node:
            case All() | AnyOf():
                names = [self.node(each, types, prefix, plain) for each in node.conditions]
                word = "both" if isinstance(node, All) else "either"
                return self.function(f"\ttruth := lib.{word}({{{SEPARATOR.join(f'{n}(s)' for n in names)}}})")
            case Not():
                inner = self.node(node.condition, types, prefix, plain)
                return self.function(f"\ttruth := lib.opposite({inner}(s))")
            case Leaf():
                return self.leaf(node, types, prefix)
            case Quantified():
                return self.quantified(node, types, prefix)
            case Exists():
                return self.exists(node)
        raise Inexpressible("it is Rego already" if type(node).__name__ == "RegoCondition" else type(node).__name__)

    def read(self, paths: tuple[Path, ...], types: tuple[str, ...], prefix: tuple[str, ...] | None) -> str:
        anchors = [path.anchor for path in paths if path.anchor]
        if anchors and anchors[0] == "key":
            return "lib.key_read(s)"
        if anchors:
            prefix = None
        base, chosen = "s.value", paths
        if anchors:
            base, chosen = f"s.{anchors[0]}", tuple(path for path in paths if path.anchor == anchors[0])
        alternatives = []
        for path in chosen:
            found = f"[lib.start({base})]"
            for step in path.steps:
                word = "step" if isinstance(step, str) else "position"
                found = f"lib.{word}({found}, {_json(step)})"
            kinds = self.kinds(types, None if prefix is None else (*prefix, *path.names))
            alternatives.append(f"lib.finish({found}, s.res, {_json(kinds)})")
        names = _json([list(path.names) for path in chosen])
        return f"lib.read(s, [{SEPARATOR.join(alternatives)}], {names})"

    def kinds(self, types: tuple[str, ...], steps: tuple[str, ...] | None) -> Kind | dict[str, Kind]:
        """What stands at the steps by the facts: one word where it is the same for all types."""
        if steps is None or not types:
            return "either"
        data = self.check.subject.kind == "data" and types == self.check.subject.names
        named = {f"data.{name}" if data else name: kind_of(name, steps, data=data) for name in types}
        return next(iter(named.values())) if len(set(named.values())) == 1 else named

    def leaf(self, node: Leaf, types: tuple[str, ...], prefix: tuple[str, ...] | None) -> str:
        op, wanted = self.operand(node)
        spec = f'"op": {_json(op)}, "w": {wanted}, "each": {_json(node.op in operators.ELEMENTWISE)}'
        word = "leaf"
        if node.absent == "default":
            word = "leaf_default"
            spec += f', "absent": "u", "defaults": {_json(self.defaults(node, types, prefix))}'
        else:
            spec += f', "absent": {_json(_LETTER[node.absent])}'
        return self.function(
            f"\tfound := {self.read(node.paths, types, prefix)}\n\ttruth := lib.{word}(s, found, {{{spec}}})"
        )

    def defaults(self, node: Leaf, types: tuple[str, ...], prefix: tuple[str, ...] | None) -> dict[str, list[str]]:
        if prefix is None or not types or any(path.anchor for path in node.paths):
            raise Inexpressible("a documented default of something whose place is not fixed")
        if any(isinstance(each, Param | Attr) for each in _operands(node)):
            raise Inexpressible("a documented default compared with a parameter")
        table = {}
        for name in types:
            row = []
            for path in node.paths:
                steps = (*prefix, *path.names)
                value = facts.default(name, steps)
                if value is None or facts.account_dependent(name, steps):
                    row.append("u")
                else:
                    usual = operators.as_value(value)
                    row.append(_LETTER[operators.decide(node.op, node.operand, usual, steps[-1])])
            table[name] = row
        return table

    def operand(self, node: Leaf) -> tuple[str, str]:
        if any(isinstance(each, Attr) for each in _operands(node)):
            raise Inexpressible("a comparison with another value of the subject")
        op: str = node.op
        if op in ("at_least", "at_most"):
            return "between", self.bounds({op: node.operand})
        if op in ("between", "length"):
            assert isinstance(node.operand, Bounds)
            ends = {"at_least": node.operand.at_least, "at_most": node.operand.at_most}
            if op == "length" and any(isinstance(each, Param) for each in ends.values()):
                raise Inexpressible("a length that is a parameter")
            return op, self.bounds({name: value for name, value in ends.items() if value is not None})
        if op in ("present", "defined", "empty"):
            return op, _json(node.operand)
        if op == "refers_to":
            return op, _json(list(node.operand))
        if isinstance(node.operand, Param):
            several = op in ("in", "contains_all", "subset_of")
            if op not in ("in", "contains_all", "subset_of", "equals", "matches", "starts_with", "ends_with"):
                raise Inexpressible(f"{op} with a parameter")
            return op, f"lib.{'several' if several else 'one'}({_json(node.operand.name)})"
        if op in ("in", "contains_all", "subset_of"):
            return op, "[" + ",\n\t\t".join(self.value(each) for each in node.operand) + "]"
        return op, self.value(node.operand)

    def bounds(self, ends: Mapping[str, Any]) -> str:
        said = {
            name: f"lib.one({_json(value.name)})" if isinstance(value, Param) else self.value(value)
            for name, value in ends.items()
        }
        written = "{" + ", ".join(f'"{name}": {value}' for name, value in said.items()) + "}"
        return f"lib.bounds({written})" if any(isinstance(value, Param) for value in ends.values()) else written

    def value(self, literal: Any) -> str:
        if isinstance(literal, Param | Attr):
            raise Inexpressible("a parameter among other values")
        found = operand(literal)
        if not isinstance(found, dict):
            raise Inexpressible("a comparison with a list or a map")
        return _json(found)

    def quantified(self, node: Quantified, types: tuple[str, ...], prefix: tuple[str, ...] | None) -> str:
        fixed = prefix is not None and len(node.paths) == 1 and not node.paths[0].anchor
        inner = self.node(node.that, types, (*(prefix or ()), *node.paths[0].names) if fixed else None, False)
        absent = node.absent if node.absent_said else node.quantifier != "some"
        truths = f"{{t | some item in lib.members(s, found); t := e{inner}(s, item)}}"
        self.functions.append(
            f'e{inner}(s, item) := "u" if {{\n\titem.gap\n}} else := {inner}(lib.element_scope(s, item))\n'
        )
        word = "both" if node.quantifier == "every" else "either"
        summed = f"lib.{word}({truths})"
        if node.quantifier == "none":
            summed = f"lib.opposite({summed})"
        self.count += 1
        name = f"n{self.count}"
        read = self.read(node.paths, types, prefix)
        vacuous = node.quantifier != "some"
        either = "" if absent is vacuous else f'"u" if {{\n\tlib.hardly_there({read})\n}} else := '
        self.functions.append(
            f"{name}(s) := {either}{_json(_LETTER[absent if absent != 'default' else None])} if {{\n"
            f"\tlib.all_absent({read})\n}} else := truth if {{\n"
            f'\tfound := {read}\n\ttruth := {summed}\n}} else := "u"\n'
        )
        return name

    def exists(self, node: Exists) -> str:
        listed = "{" + ",\n\t\t".join(map(_json, sorted(node.types))) + "}"
        truth = '"t"'
        if node.that is not None:
            truth = f"{self.node(node.that, node.types, (), False)}(lib.other_scope(s, r))"
        return self.function(
            f"\tfound := lib.either({{t |\n\t\tsome r in lib.resources\n\t\tlib.key_of(r) in {listed}\n"
            f"\t\tt := lib.doubted(r, {truth})\n\t}})\n\ttruth := lib.sighted(found, {listed})"
        )


def _operands(node: Leaf) -> tuple[Any, ...]:
    from copilot.checks.language import operands

    return operands(node)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) < 200 else json.dumps(value, ensure_ascii=True, indent=1)
