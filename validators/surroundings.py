"""surroundings: what stands around the resources is left alone: settings, providers, outputs, code that runs, refactorings,
and services that put messages into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from copilot.checks.language import parse_path
from copilot.checks.links import Links
from copilot.edits.patched import Patched, Replacement, apply, as_edits
from copilot.errors import InvalidEdit
from copilot.iac import syntax
from copilot.iac.syntax import Attribute, Block, Body, Source
from copilot.model import Null, Resource, Verdict, plain
from validators.blast_radius import linked_paths
from validators.case import Case

_CARRIERS = frozenset({"resource", "data", "module", "locals", "variable", "output"})
"""Blocks that a fix may touch at all; every other (terraform, provider, moved, removed, import, check, …) it may not."""

_DOCUMENTS = frozenset({"aws_iam_policy_document", "google_iam_policy"})
"""Data sources that say nothing but what stands in them, so that their change shows in the resources that read them."""

_PROMISES = ("sensitive", "nullable", "ephemeral")
Key = tuple[str, ...]


def check(case: Case) -> Verdict:
    """Fail a patch that changes a provider, settings, an output, a provisioner or a module out of sight; that looks
    something up which could run code; that puts a remedy into another provider; that writes values nobody reads; or that
    sets a key where a service of the cloud puts messages, which it then may not."""
    for look in (_blocks, _unread_values, _locked_out):
        problem = look(case)
        if problem:
            return case.verdict("surroundings", "fail", problem)
    return case.verdict("surroundings", "pass", "only resources, modules and values differ")


# --- blocks ---


def _blocks(case: Case) -> str:
    before, after = (_by_key(case, tree) for tree in (case.patched.before, case.patched.after))
    targets = {o.address for t in case.targets for o in t.occurrences}
    for key in {**before, **after}:
        olds, news = before.get(key, []), after.get(key, [])
        if [_said(*old) for old in olds] == [_said(*new) for new in news]:
            continue
        name = ".".join(key)
        if key[0] not in _CARRIERS:
            if key[0] in ("terraform", "provider") and any(address.startswith(name) for address in targets):
                continue  # the finding is about that block; blast_radius says what of it may change
            return f"{name} is changed; a fix leaves it alone"
        if len(olds) > 1 or len(news) > 1:
            if key[0] != "locals":
                return f"{name} stands more than once"
            continue
        old = olds[0] if olds else None
        new = news[0] if news else None
        problem = _RULES[key[0]](case, name, old, new)
        if problem:
            return f"{name} {problem}"
    return ""


Written = tuple[Source, Block]


def _by_key(case: Case, tree: object) -> dict[Key, list[Written]]:
    out: dict[Key, list[Written]] = {}
    for source in case.sources(tree):  # type: ignore[arg-type]
        if source.path.endswith((".tfvars", ".tfvars.json")):
            continue
        for block in source.body.blocks:
            out.setdefault((block.type, *block.labels), []).append((source, block))
    return out


def _said(source: Source, block: Block) -> object:
    return _content(source, block.body)


def _content(source: Source, body: Body) -> object:
    """What a body says, without comments and spaces; the order of blocks counts."""
    return (
        {a.name: _text(source, a) for a in body.attributes},
        [(b.type, b.labels, _content(source, b.body)) for b in body.blocks],
    )


def _text(source: Source, attribute: Attribute) -> str:
    return " ".join(source.data[attribute.value_start : attribute.value_end].decode("utf-8", "replace").split())


def _resource(case: Case, name: str, old: Written | None, new: Written | None) -> str:
    if new is None:
        return ""  # see honest
    for kind in ("provisioner", "connection"):
        olds, news = ([_said(w[0], b) for b in w[1].body.blocks_of(kind)] if w else [] for w in (old, new))
        if olds != news:
            return f"gets another {kind}"
    if old is None and (given := new[1].body.attribute("provider")) is not None:
        if _text(new[0], given) not in _providers_of_targets(case):
            return "is made by another provider than what it is to repair"
    return ""


def _providers_of_targets(case: Case) -> set[str]:
    """The `provider` arguments of the blocks that the targets stand in."""
    names = {o.address.partition("[")[0].rpartition("module.")[2] for t in case.targets for o in t.occurrences}
    out: set[str] = set()
    for folder in {path.rpartition("/")[0] for path in case.patched.files}:
        for source in case.module_sources(case.patched.before, folder):
            for block in source.body.blocks_of("resource"):
                given = block.body.attribute("provider")
                if given is not None and any(name.endswith(".".join(block.labels)) for name in names):
                    out.add(_text(source, given))
    return out


def _data(case: Case, name: str, old: Written | None, new: Written | None) -> str:
    kind = (new or old or (None, None))[1].labels[0]  # type: ignore[union-attr]
    if (
        new is None
        or kind in _DOCUMENTS
        or any(f"{o.address}.".startswith(f"{name}.") for t in case.targets for o in t.occurrences)
    ):
        return ""
    looked_at = {name for t in case.targets for name in linked_paths(case.checks[t.check])}
    if old is not None:
        return "" if f"data.{kind}" in looked_at else "looks up something else, which cannot be seen here"
    providers = {
        r.type.partition("_")[0] for world in case.before.worlds for r in world.resources if r.mode == "managed"
    }
    if kind.partition("_")[0] not in providers:
        return "is of a provider that the tree does not use"
    return ""


def _module(case: Case, name: str, old: Written | None, new: Written | None) -> str:
    if new is None:
        return "is not called any more"
    where = new[1].body.attribute("source")
    if where is None or not isinstance(where.expr, syntax.Literal) or not str(where.expr.value).startswith("."):
        return "is out of sight, and what its arguments do with it"
    return ""


def _output(case: Case, name: str, old: Written | None, new: Written | None) -> str:
    if old is not None or new is None:
        return "is changed; others read it"
    calls = f".{new[1].labels[0]}"
    for path in case.files | set(case.patched.files):
        data = case.patched.after.read(path)
        if data and path.endswith(".tf") and path != new[0].path:
            text = data.decode("utf-8", "replace")
            if any(f"module.{call}{calls}" in text for call in _module_names(case)):
                return ""
    return "is new, and nobody reads it"


def _module_names(case: Case) -> set[str]:
    return {part for world in case.after.worlds for r in world.resources for part in _calls(r.module)}


def _calls(module: str) -> Iterator[str]:
    for part in module.split("module."):
        name = part.strip(".").partition("[")[0]
        if name:
            yield name


def _variable(case: Case, name: str, old: Written | None, new: Written | None) -> str:
    if old is None or new is None:
        return ""
    for argument in _PROMISES:
        first, second = (w[1].body.attribute(argument) for w in (old, new))
        if (first and _text(old[0], first)) != (second and _text(new[0], second)):
            return f"is no longer what it was: {argument}"
    return ""


def _locals(case: Case, name: str, old: Written | None, new: Written | None) -> str:
    return ""


_RULES = {
    "resource": _resource, "data": _data, "module": _module, "output": _output, "variable": _variable, "locals": _locals,
}  # fmt: skip


# --- values ---


def _unread_values(case: Case) -> str:
    """A value that the patch writes or changes and that no judged resource depends on."""
    for path, name, start, end, old in _values(case):
        if old is None:
            if not _mentioned(case, path, name):
                return f"{name} is new, and nothing reads it"
            continue
        undone = _undone(case.patched, path, start, end, old)
        if undone is not None and _same_worlds(case, undone):
            return f"{name} changes, and no resource that is judged depends on it"
    return ""


def _values(case: Case) -> Iterator[tuple[str, str, int, int, bytes | None]]:
    """Locals, defaults and tfvars entries that differ: path, name, where they stand now, and what stood there before."""
    for source in case.sources(case.patched.after):
        data = case.patched.before.read(source.path)
        before = dict(_named_values(case.assessor.cache.read(source.path, data))) if data is not None else {}
        elsewhere = _all_values(case)  # a value may move from one file to another
        for name, attribute in _named_values(source):
            text = source.data[attribute.value_start : attribute.value_end]
            old = before.get(name)
            if old is None:
                if name not in elsewhere:
                    yield source.path, name, attribute.value_start, attribute.value_end, None
                continue
            was = (data or b"")[old.value_start : old.value_end]
            if was != text:
                yield source.path, name, attribute.value_start, attribute.value_end, was
        for block in source.body.blocks_of("variable"):
            name = f"var.{block.labels[0]}" if block.labels else ""
            if block.body.attribute("default") is None and name and not _declared_before(case, source.path, name):
                yield source.path, name, block.start, block.end, None


def _declared_before(case: Case, path: str, name: str) -> bool:
    folder = path.rpartition("/")[0]
    return any(
        f"var.{block.labels[0]}" == name
        for source in case.module_sources(case.patched.before, folder)
        for block in source.body.blocks_of("variable")
        if block.labels
    )


def _all_values(case: Case) -> Mapping[str, None]:
    return {name: None for source in case.sources(case.patched.before) for name, _ in _named_values(source)}


def _named_values(source: Source) -> Iterator[tuple[str, Attribute]]:
    if source.path.endswith((".tfvars", ".tfvars.json")):
        yield from ((f"var.{attribute.name}", attribute) for attribute in source.body.attributes)
        return
    for block in source.body.blocks:
        if block.type == "locals":
            yield from ((f"local.{attribute.name}", attribute) for attribute in block.body.attributes)
        elif block.type == "variable" and block.labels:
            default = block.body.attribute("default")
            if default is not None:
                yield f"var.{block.labels[0]}", default


def _mentioned(case: Case, path: str, name: str) -> bool:
    """Whether the module that the value belongs to reads it."""
    folder = path.rpartition("/")[0]
    root, _, last = name.partition(".")
    for source in case.module_sources(case.patched.after, folder):
        for body in _bodies(source.body):
            for attribute in body.attributes:
                for node in syntax.walk(attribute.expr):
                    if isinstance(node, syntax.Traversal) and node.root == root and node.steps:
                        first = node.steps[0]
                        if isinstance(first, syntax.Attr) and first.name == last:
                            return True
    return False


def _bodies(body: Body) -> Iterator[Body]:
    yield body
    for block in body.blocks:
        yield from _bodies(block.body)


def _undone(patched: Patched, path: str, start: int, end: int, old: bytes) -> Patched | None:
    try:
        return apply(patched.after, as_edits(patched.after, [Replacement(path, start, end, old)]))
    except InvalidEdit:
        return None


def _same_worlds(case: Case, undone: Patched) -> bool:
    """Whether the judged resources are the same when one value is as it was."""
    from copilot.assessment import Assessment

    worlds = tuple(case.assessor.evaluate(undone.after, world.root) for world in case.after.worlds)
    again = Assessment(undone.after, worlds, ()).signatures
    return [_managed(s) for s in again] == [_managed(s) for s in case.after.signatures]


def _managed(signatures: Mapping[tuple[str, str], object]) -> dict[tuple[str, str], object]:
    return {key: value for key, value in signatures.items() if key[0] == "managed"}


# --- services ---


def _locked_out(case: Case) -> str:
    """A key that is new on what a service puts messages into: whether the key's policy lets it cannot be seen."""
    for before, after in case.pairs():
        links = Links(after)
        for kind, row in publishers().items():
            for resource in after.by_type.get(kind, ()):
                if _key(resource, row["key"]) in ("", _key(before.by_address.get(resource.address), row["key"])):
                    continue
                for type, paths in row["by"].items():
                    found = links.to(resource, (type,), tuple(map(parse_path, paths)), ()).sure
                    if found:
                        return (
                            f"{resource.address}: {found[0].address} has a service put messages there, which with "
                            f"{row['key']} it may only where the key's policy lets it; that is not seen here"
                        )
    return ""


def _key(resource: Resource | None, name: str) -> str:
    value = resource.body.items.get(name) if resource is not None else None
    return "" if value is None or isinstance(value, Null) else repr(plain(value, sensitive=True))


@cache
def publishers() -> Mapping[str, Any]:
    """Which services put messages into a resource that may have a key, by its type (see publishers.yaml)."""
    import yaml

    kept: Mapping[str, Any] = yaml.safe_load((files("validators") / "publishers.yaml").read_text("utf-8"))
    return kept
