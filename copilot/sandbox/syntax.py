"""What stands in parsed Rego: its packages, its rules and whatever it calls, from the engine's syntax tree.

Every walk is a loop, not a recursion, because the tree may be of text that wants to break its reader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeAlias

Ast: TypeAlias = dict[str, Any]


def package(ast: Ast) -> str:
    """The package that the module is of."""
    return dotted(ast["package"]["refr"])


def heads(ast: Ast) -> Iterator[str]:
    """The names of its rules, as often as each is written."""
    for rule in ast.get("rules") or ():
        spec = rule.get("Spec") or rule.get("Default") or {}
        if "head" in spec:
            (head,) = spec["head"].values()
            yield dotted(head["refr"]).partition("[")[0]
        elif "refr" in spec:
            yield dotted(spec["refr"]).partition("[")[0]


def imports(ast: Ast) -> Iterator[tuple[str, str]]:
    """Each import: what it names, and the name that it has in the module."""
    for imported in ast.get("imports") or ():
        path = dotted(imported["refr"])
        alias = imported.get("as")
        if isinstance(alias, dict):
            alias = alias.get("text")
        elif isinstance(alias, list):
            alias = alias[-1]
        yield path, alias or path.rpartition(".")[2]


def defined(modules: list[Ast]) -> frozenset[str]:
    """What calls may name besides builtins: the functions of these modules, alone or behind `data.` and the package."""
    names: set[str] = set()
    for ast in modules:
        own = package(ast)
        for name in heads(ast):
            names |= {name, f"data.{own}.{name}"}
        for path, local in imports(ast):
            for other in modules:
                if path == f"data.{package(other)}":
                    names |= {f"{local}.{name}" for name in heads(other)}
    return frozenset(names)


def calls(node: Any) -> Iterator[str]:
    """The names of all that is called, anywhere in the tree."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            call = node.get("Call")
            if isinstance(call, dict) and "fcn" in call:
                yield dotted(call["fcn"])
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def stranger(modules: list[Ast], names: list[str], allowed: Collection[str]) -> str:
    """What the modules call that is neither allowed nor theirs, as a sentence; "" when there is nothing."""
    own = defined(modules)
    for ast, name in zip(modules, names, strict=True):
        for called in calls(ast):
            if called not in allowed and called not in own:
                return f"{name} calls {called[:80]}, which it may not"
    return ""


def dotted(reference: dict[str, Any]) -> str:
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


def one_line(error: BaseException) -> str:
    """The line of an engine's error that says what happened, with where; below it stands a backtrace of the process."""
    lines = [line.strip() for line in str(error).partition("Stack backtrace:")[0].splitlines() if line.strip()]
    what = next((line.removeprefix("error:").strip() for line in lines if line.startswith("error:")), "")
    where = next((line.removeprefix("-->").strip() for line in lines if line.startswith("-->")), "")
    said = f"{where}: {what}" if what and where else what or next(iter(lines), type(error).__name__)
    return said[:200]
