"""valid: Terraform would accept the patched files as far as can be known without running it."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from copilot.edits.patched import Patched
from copilot.iac import facts, syntax
from copilot.iac.syntax import Attribute, Block, Body, Source
from copilot.iac.terraform import META_ARGUMENTS
from copilot.model import Verdict
from copilot.snapshot import Snapshot
from validators.case import Case

_BUILTIN = frozenset({"var", "local", "module", "data", "each", "count", "self", "path", "terraform", "ephemeral"})
_META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "timeouts", "dynamic"})
_BOOLEAN = frozenset({"true", "false"})


def check(case: Case) -> Verdict:
    """Fail a patch after which something does not parse, stands twice, refers to nothing, or is no argument of its type.

    Only what the patch adds is held against it: what was wrong before is not its fault.
    """
    found = problems(case, case.patched)
    if not found:
        found = _second_parser(case)
    if found:
        return case.verdict("valid", "fail", found[0])
    return case.verdict("valid", "pass", "parses twice over; names, references, arguments and types are in order")


def problems(case: Case, patched: Patched) -> list[str]:
    """What is not valid in the patched tree and was not wrong before; the first few are enough to refuse it."""
    out: list[str] = []
    folders: set[str] = set()
    for path in patched.files:
        after = patched.after.read(path)
        if after is None or not path.endswith((".tf", ".tf.json", ".tfvars", ".tfvars.json", ".tofu")):
            continue
        source = case.assessor.cache.read(path, after)
        before = patched.before.read(path)
        old = case.assessor.cache.read(path, before) if before is not None else None
        known = Counter(gap.reason for gap in old.gaps) if old else Counter()
        for gap in source.gaps:
            if known[gap.reason] <= 0:
                out.append(f"{path}:{gap.line}: {gap.reason}")
            known[gap.reason] -= 1
        if out:
            return out
        folders.add(posixpath.dirname(path))
        out += _twice(source, old)
    for folder in sorted(folders):
        out += _module(case, patched, folder)
    return out


# --- twice ---


def _twice(source: Source, old: Source | None) -> list[str]:
    before = Counter(_doubles(old.body, "")) if old else Counter()
    return [
        f"{source.path}: {name} is set twice"
        for name, count in Counter(_doubles(source.body, "")).items()
        if count > before[name]
    ]


def _doubles(body: Body, at: str) -> Iterator[str]:
    for name, count in Counter(a.name for a in body.attributes).items():
        if count > 1:
            yield f"{at}{name}"
    for block in body.blocks:
        if any(block.type == a.name for a in body.attributes):
            yield f"{at}{block.type}"
        label = ".".join((block.type, *block.labels))
        yield from _doubles(block.body, f"{at}{label}.")


# --- one module ---


def _module(case: Case, patched: Patched, folder: str) -> list[str]:
    sources = case.module_sources(patched.after, folder)
    before = case.module_sources(patched.before, folder)
    out = []
    old_names = Counter(_addresses(before))
    for address, count in Counter(_addresses(sources)).items():
        if count > 1 and count > old_names[address]:
            out.append(f"{folder or '.'}: {address} is declared twice")
    declared = set(_addresses(sources))
    old_texts = {text for source in before for text in _block_texts(source)}
    missing_before = {m for source in before for m in _missing(source, set(_addresses(before)), None)}
    for source in sources:
        if source.path not in patched.files:
            # A declaration that went away is missed where it is used, wherever that is.
            out += [m for m in _missing(source, declared, None) if m not in missing_before]
            continue
        out += [m for m in _missing(source, declared, old_texts) if m not in missing_before]
        for block in source.body.blocks:
            if _text(source, block) not in old_texts:
                out += _arguments(case, patched.before, source, block, before)
                out += _call(case, patched.after, source, block)
    out += [f"{folder or '.'}: {ring}" for ring in _rings(sources) - _rings(before)]
    for path in patched.files:
        if posixpath.dirname(path) == folder and path.endswith(".tfvars"):
            out += _values(case, patched, path, declared)
    return out


def _addresses(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        if posixpath.basename(source.path).removesuffix(".tf").endswith("override"):
            continue
        for block in source.body.blocks:
            match block.type, block.labels:
                case "resource", (kind, name):
                    yield f"{kind}.{name}"
                case (("data" | "ephemeral"), (kind, name)):
                    yield f"data.{kind}.{name}"
                case "variable", (name,):
                    yield f"var.{name}"
                case "module", (name,):
                    yield f"module.{name}"
                case "output", (name,):
                    yield f"output.{name}"
                case "locals", _:
                    yield from (f"local.{attribute.name}" for attribute in block.body.attributes)


def _text(source: Source, block: Block) -> str:
    return source.data[block.start : block.end].decode("utf-8", "replace")


def _block_texts(source: Source) -> Iterator[str]:
    for block in source.body.blocks:
        yield _text(source, block)


# --- references ---


def _missing(source: Source, declared: set[str], old_texts: set[str] | None) -> list[str]:
    """References of the file's (changed) blocks to what is not declared."""
    out = []
    for block in source.body.blocks:
        if old_texts is not None and _text(source, block) in old_texts:
            continue
        if block.type in ("terraform", "variable", "moved", "import", "removed"):
            continue
        for name in _references(block.body, frozenset()):
            if name not in declared:
                out.append(f"{source.path}: {name} is not declared")
    return out


def _references(body: Body, bound: frozenset[str]) -> Iterator[str]:
    for attribute in body.attributes:
        if attribute.name in ("depends_on", "ignore_changes", "replace_triggered_by", "provider", "providers"):
            continue
        yield from _named(attribute.expr, bound)
    for block in body.blocks:
        inner = bound
        if block.type == "dynamic" and block.labels:
            iterator = block.body.attribute("iterator")
            name = iterator.expr.root if iterator and isinstance(iterator.expr, syntax.Traversal) else block.labels[0]
            inner = bound | {name}
        yield from _references(block.body, inner)


def _named(expr: syntax.Expr, bound: frozenset[str]) -> Iterator[str]:
    match expr:
        case syntax.Traversal(root=root, steps=steps) if root not in bound:
            first = steps[0].name if steps and isinstance(steps[0], syntax.Attr) else ""
            second = steps[1].name if len(steps) > 1 and isinstance(steps[1], syntax.Attr) else ""
            if root in ("var", "local", "module"):
                yield f"{root}.{first}"
            elif root in ("data", "ephemeral"):
                yield f"data.{first}.{second}"
            elif root not in _BUILTIN:
                yield f"{root}.{first}"
        case syntax.For(key=key, name=name):
            yield from _named(expr.collection, bound)
            inner = bound | {name} | ({key} if key else set())
            for part in (expr.key_result, expr.result, expr.condition):
                if part is not None:
                    yield from _named(part, inner)
            return
        case syntax.TemplateFor(key=key, name=name):
            yield from _named(expr.collection, bound)
            yield from _named(expr.body, bound | {name} | ({key} if key else set()))
            return
        case syntax.Call(name=function) if function == "templatestring":
            return
    for child in syntax.children(expr):
        yield from _named(child, bound)


# --- rings ---


def _rings(sources: list[Source]) -> set[str]:
    """Declarations of a module that depend on themselves, each ring told once."""
    needs: dict[str, set[str]] = {}
    for source in sources:
        for block in source.body.blocks:
            if block.type == "locals":
                for attribute in block.body.attributes:
                    needs.setdefault(f"local.{attribute.name}", set()).update(_named(attribute.expr, frozenset()))
                continue
            match block.type, block.labels:
                case "resource", (kind, name):
                    address = f"{kind}.{name}"
                case "data", (kind, name):
                    address = f"data.{kind}.{name}"
                case _:
                    continue  # a module is no single thing: its parts depend on what they read, one by one
            wanted = needs.setdefault(address, set())
            wanted.update(_references(block.body, frozenset()))
            after = block.body.attribute("depends_on")
            if after is not None:
                wanted.update(_named(after.expr, frozenset()))
    out: set[str] = set()
    done: set[str] = set()
    for start in sorted(needs):
        if start in done:
            continue
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(sorted(needs[start])))]
        way = [start]
        while stack:
            needed = next(stack[-1][1], None)
            if needed is None:
                done.add(way.pop())
                stack.pop()
            elif needed in way:
                out.add(f"{' needs '.join([*way[way.index(needed) :], needed])}, which is a ring")
            elif needed in needs and needed not in done:
                way.append(needed)
                stack.append((needed, iter(sorted(needs[needed]))))
    return out


# --- arguments ---


def _arguments(case: Case, tree: Snapshot, source: Source, block: Block, before: list[Source]) -> list[str]:
    if block.type not in ("resource", "data") or len(block.labels) != 2:
        return []
    kind = block.labels[0]
    known = facts.resource_type(kind) if block.type == "resource" else facts.data_type(kind)
    if known is None:
        return []
    old = next(
        (b for s in before for b in s.body.blocks if b.type == block.type and b.labels == block.labels), None
    )  # fmt: skip
    at = f"{source.path}: {kind}.{block.labels[1]}"
    for pair in facts.conflicts(kind) if block.type == "resource" else ():
        if _sets(block.body, pair) and not (old is not None and _sets(old.body, pair)):
            return [f"{at}: the provider refuses {' and '.join(sorted(pair))} together"]
    return [f"{at}: {problem}" for problem in _body_problems(known, block.body, old.body if old else None, ())]


def _sets(body: Body, names: frozenset[str]) -> bool:
    """Whether the body gives every one of these arguments a value (a literal false or null does not count)."""
    for name in names:
        attribute = body.attribute(name)
        if attribute is None:
            return False
        if isinstance(attribute.expr, syntax.Literal) and attribute.expr.value in (None, False):
            return False
    return True


def _body_problems(known: facts.TypeFacts, body: Body, old: Body | None, path: tuple[str, ...]) -> Iterator[str]:
    had = {a.name for a in old.attributes} | {_name(b) for b in old.blocks} if old else set()
    for attribute in body.attributes:
        where = (*path, attribute.name)
        if not path and attribute.name in META_ARGUMENTS:
            continue
        found = known.argument(where)
        if found is None:
            if attribute.name not in had and _unheard_of(known, where):
                yield f"there is no argument {'.'.join(where)}"
            continue
        if isinstance(found, facts.BlockFacts):
            if attribute.name not in had and not found.as_attribute:
                if isinstance(attribute.expr, syntax.Literal):
                    yield f"{'.'.join(where)} is a block, not an argument"
            continue
        if found.computed_only and attribute.name not in had:
            yield f"{'.'.join(where)} is set by the provider"
        problem = _type_problem(attribute, found.type)
        if problem and (old is None or not _same_attribute(old, attribute)):
            yield f"{'.'.join(where)} {problem}"
    names = {a.name for a in body.attributes} | {_name(b) for b in body.blocks}
    if old is None or had - names:
        for name in known.required(path):
            if name not in names and (old is None or name in had):
                yield f"{'.'.join((*path, name))} is required"
    for block in body.blocks:
        name = _name(block)
        if not path and name in META_ARGUMENTS | {"timeouts"}:
            continue
        where = (*path, name)
        found = known.argument(where)
        inner = next(iter(block.body.blocks_of("content")), None) if block.type == "dynamic" else block
        if inner is None:
            continue
        if found is None:
            if name not in had and _unheard_of(known, where):
                yield f"there is no block {'.'.join(where)}"
            continue
        if isinstance(found, facts.ArgumentFacts):
            if name not in had:
                yield f"{'.'.join(where)} is an argument, not a block"
            continue
        same = [b for b in body.blocks if _name(b) == name]
        before = [b for b in old.blocks if _name(b) == name] if old else []
        if not found.many and len(same) > 1 and len(before) < 2 and block is same[0]:
            yield f"{'.'.join(where)} stands twice"
        position = same.index(block)
        earlier = before[position].body if position < len(before) else None
        yield from _body_problems(known, inner.body, earlier, where)


def _unheard_of(known: facts.TypeFacts, where: tuple[str, ...]) -> bool:
    """Whether the table describes the place and has no such name there, nor had an earlier provider."""
    return known.knows(where) and not facts.former(known.type, where)


def _name(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _same_attribute(old: Body, attribute: Attribute) -> bool:
    before = old.attribute(attribute.name)
    return before is not None and type(before.expr) is type(attribute.expr)


def _type_problem(attribute: Attribute, wanted: str) -> str:
    expr = attribute.expr
    if isinstance(expr, syntax.Literal) and expr.value is not None:
        value = expr.value
        if wanted == "bool" and not (isinstance(value, bool) or str(value) in _BOOLEAN):
            return "takes true or false"
        if wanted == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
            return "takes a number"
        if wanted.startswith(("list", "set", "map")):
            return f"takes a {wanted.split('(')[0]}"
    if isinstance(expr, syntax.Tuple) and wanted in ("bool", "number", "string"):
        return f"takes one {wanted}"
    if isinstance(expr, syntax.Object) and wanted in ("bool", "number", "string"):
        return f"takes one {wanted}"
    if isinstance(expr, syntax.Object) and wanted.startswith(("list", "set")):
        return "takes a list"
    return ""


# --- calls and values ---


def _call(case: Case, tree: Snapshot, source: Source, block: Block) -> list[str]:
    """Arguments of a local module that it has no variable for, and variables without default that it is not given."""
    where = block.body.attribute("source") if block.type == "module" else None
    if where is None or not isinstance(where.expr, syntax.Literal):
        return []
    text = str(where.expr.value)
    if not text.startswith("."):
        return []
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), text))
    sources = case.module_sources(tree, "" if folder == "." else folder)
    variables = {b.labels[0]: b for s in sources for b in s.body.blocks if b.type == "variable" and b.labels}
    if not sources:
        return [f"{source.path}: module {block.labels[0]}: there is no module in {folder}"]
    given = {a.name for a in block.body.attributes} - {
        "source",
        "version",
        "count",
        "for_each",
        "providers",
        "depends_on",
    }
    name = f"{source.path}: module.{block.labels[0]}"
    out = [f"{name} has no variable {argument}" for argument in sorted(given - set(variables))]
    needed = {v for v, b in variables.items() if b.body.attribute("default") is None}
    return out + [f"{name} is not given {argument}" for argument in sorted(needed - given)]


def _values(case: Case, patched: Patched, path: str, declared: set[str]) -> list[str]:
    data, old = patched.after.read(path), patched.before.read(path)
    before = {a.name for a in case.assessor.cache.read(path, old).body.attributes} if old else set()
    names = [a.name for a in case.assessor.cache.read(path, data or b"").body.attributes]
    return [f"{path}: there is no variable {n}" for n in names if f"var.{n}" not in declared and n not in before]


# --- the second parser ---


@lru_cache(maxsize=512)
def _refused(text: str) -> str:
    """Why python-hcl2 does not parse the text; "" when it does. The same block comes up in draft after draft."""
    import hcl2

    try:
        hcl2.loads(text)
    except Exception as error:  # whatever it raises, it did not parse
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return ""


def _second_parser(case: Case) -> list[str]:
    """Blocks that the patch touches and that python-hcl2, which shares no code with ours, does not parse."""
    for source in case.sources(case.patched.after):
        if source.path.endswith(".json"):
            continue
        ranges = [h.after for h in case.patched.hunks if h.path == source.path]
        for block in source.body.blocks:
            place = source.place(block.start, block.end)
            if not any(low <= place.end_line and place.line < max(high, low + 1) for low, high in ranges):
                continue
            text = _text(source, block).replace("\r\n", "\n")
            said = _refused(text + "\n")
            if said:
                old = case.patched.before.read(source.path)
                if old is not None and _text(source, block).encode() in old:
                    continue
                return [f"{source.path}:{place.line}: the second parser refuses it: {said[:120]}"]
    return []
