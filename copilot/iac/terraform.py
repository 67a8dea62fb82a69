"""Terraform, evaluated: a folder of a snapshot to the resources it would make, each value with where it was written.

Nothing is run and nothing outside the snapshot is read. What the configuration does not decide is a value with a
reason; what could not be read is a gap. Evaluation is lazy (an argument nobody reads costs nothing) and bounded.
"""

from __future__ import annotations

import posixpath
import sys
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from copilot.iac import functions, hcl, policy_document, syntax, tfjson
from copilot.iac.syntax import Attribute, Block, Body, Expr, Source
from copilot.model import (
    Encoded,
    Gap,
    Key,
    Known,
    List,
    Map,
    ModuleCall,
    Null,
    Origin,
    Place,
    Places,
    Ref,
    Resource,
    Root,
    Scalar,
    Template,
    Unknown,
    Value,
    World,
    signature,
    text_of,
)
from copilot.snapshot import Snapshot

MAX_INSTANCES = 100
MAX_STEPS = 4_000_000
MAX_TEXT = 1024 * 1024
MAX_DEPTH = 250
MAX_PARTS = 2_000
MAX_MODULE_DEPTH = 15
MAX_ELEMENTS = 20_000


class SourceCache:
    """Syntax trees by path and content, so that a file is read once however many trees it stands in."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, bytes], Source] = {}

    def read(self, path: str, data: bytes) -> Source:
        key = (path, data)
        source = self._sources.get(key)
        if source is None:
            if path.endswith(".tfvars.json"):
                source = tfjson.values(path, data)
            elif path.endswith(".json"):
                source = tfjson.read(path, data)
            else:
                source = hcl.read(path, data)
            self._sources[key] = source
        return source


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """The world that a root came to in another tree, and the paths whose bytes differ from that tree's."""

    world: World
    changed: frozenset[str]


def evaluate_root(
    snapshot: Snapshot, root: Root, *, cache: SourceCache | None = None, earlier: Earlier | None = None
) -> World:
    """The world of one root: every resource instance, with the gaps met on the way.

    With `earlier`, the resources of module calls whose files and arguments are the same are those of the earlier world
    (a module depends on nothing else); their places are that tree's.
    """
    if sys.getrecursionlimit() < 12_000:
        sys.setrecursionlimit(12_000)
    return _Evaluation(snapshot, root, cache or SourceCache(), earlier).world()


def configuration_files(snapshot: Snapshot, folder: str) -> list[str]:
    """The files that make up the module in a folder, in Terraform's order (overrides last)."""
    paths = [p for p in snapshot.files_in(folder) if p.endswith((".tf", ".tf.json", ".tofu"))]
    return sorted(paths, key=lambda p: (_is_override(p), p))


def _is_configuration(path: str) -> bool:
    return path.endswith((".tf", ".tf.json", ".tofu", ".tfvars", ".tfvars.json"))


def _is_override(path: str) -> bool:
    stem = posixpath.basename(path).removesuffix(".json").removesuffix(".tf")
    return stem == "override" or stem.endswith("_override")


# --- the static side of a module ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Declaration:
    """A block of a module with what override files lay over it; the first layer is the declaring one."""

    block: Block
    layers: tuple[tuple[Body, Source], ...]

    @property
    def source(self) -> Source:
        return self.layers[0][1]

    @property
    def header(self) -> Place:
        return self.source.place(self.block.start, self.block.header_end)

    @property
    def place(self) -> Place:
        return self.source.place(self.block.start, self.block.end)

    def attribute(self, name: str) -> tuple[Attribute, Source] | None:
        for body, source in reversed(self.layers):
            found = body.attribute(name)
            if found is not None:
                return found, source
        return None

    def nested(self, kind: str) -> list[tuple[Block, Source]]:
        for body, source in reversed(self.layers):
            found = [(block, source) for block in body.blocks_of(kind)]
            if found:
                return found
        return []


@dataclass(slots=True, eq=False)
class Module:
    """The declarations of one folder."""

    folder: str
    sources: tuple[Source, ...]
    variables: dict[str, Declaration] = field(default_factory=dict)
    locals: dict[str, tuple[Attribute, Source]] = field(default_factory=dict)
    outputs: dict[str, Declaration] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Declaration] = field(default_factory=dict)
    calls: dict[str, Declaration] = field(default_factory=dict)
    others: list[Declaration] = field(default_factory=list)


def load_module(snapshot: Snapshot, folder: str, cache: SourceCache) -> Module:
    """The declarations of the module in a folder; broken files contribute what is whole in them."""
    module = Module(
        folder, tuple(cache.read(p, snapshot.read(p) or b"") for p in configuration_files(snapshot, folder))
    )
    for source in module.sources:
        overriding = _is_override(source.path)
        for block in source.body.blocks:
            _declare(module, block, source, overriding)
    return module


def _declare(module: Module, block: Block, source: Source, overriding: bool) -> None:
    kind, labels = block.type, block.labels
    made = Declaration(block, ((block.body, source),))

    def put(table: dict[Any, Declaration], key: Any) -> None:
        before = table.get(key)
        if before is not None and overriding:
            table[key] = Declaration(before.block, (*before.layers, (block.body, source)))
        elif before is None:
            table[key] = made

    if kind == "locals":
        for attribute in block.body.attributes:
            if overriding or attribute.name not in module.locals:
                module.locals[attribute.name] = (attribute, source)
    elif kind in ("resource", "data", "ephemeral") and len(labels) == 2:
        put(module.resources, ("resource" if kind == "resource" else "data", labels[0], labels[1]))
    elif kind == "variable" and labels:
        put(module.variables, labels[0])
    elif kind == "output" and labels:
        put(module.outputs, labels[0])
    elif kind == "module" and labels:
        put(module.calls, labels[0])
    elif kind in ("provider", "terraform"):
        module.others.append(made)


# --- evaluation --------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Scope:
    """One call of a module: its inputs, and what has been evaluated in it so far."""

    module: Module
    prefix: str
    inputs: Mapping[str, Callable[[], Value]]
    conditional: bool = False
    callers: Places = ()
    depth: int = 0
    variables: dict[str, Value] = field(default_factory=dict)
    locals: dict[str, Value] = field(default_factory=dict)
    instances: dict[tuple[str, str, str], _Instances] = field(default_factory=dict)
    children: dict[str, _Children] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class _Frame:
    """Where an expression is evaluated: file, module call, and the names that `for`, `each` and `count` bring."""

    source: Source
    scope: _Scope
    names: Mapping[str, Value] = field(default_factory=dict)

    def bind(self, names: Mapping[str, Value]) -> _Frame:
        return _Frame(self.source, self.scope, {**self.names, **names})

    def in_source(self, source: Source) -> _Frame:
        return self if source is self.source else _Frame(source, self.scope, self.names)


@dataclass(slots=True, eq=False)
class _Instances:
    """The instances of a resource: one, or by count, or by for_each; `open` when there may be more."""

    kind: str
    known: dict[Key | None, Resource]
    open: bool


@dataclass(slots=True, eq=False)
class _Children:
    """The scopes of a module call, or why it is out of sight."""

    kind: str
    known: dict[Key | None, _Scope]
    open: bool
    missing: Unknown | None = None


class _Evaluation:
    def __init__(self, snapshot: Snapshot, root: Root, cache: SourceCache, earlier: Earlier | None) -> None:
        self.earlier = earlier if earlier is not None and all(map(_is_configuration, earlier.changed)) else None
        self.taken_over = False
        self.calls: dict[str, ModuleCall] = {}
        self.snapshot = snapshot
        self.root = root
        self.cache = cache
        self.modules: dict[str, Module] = {}
        self.files: set[str] = set()
        self.gaps: dict[tuple[str, str, str, int], Gap] = {}
        self.steps = 0
        self.depth = 0
        self.escaped: set[str] = set()
        self.missing: dict[str, Place] = {}
        self.installed = self._installed()

    # --- assembling the world ---

    def world(self) -> World:
        module = self.module(self.root.folder)
        scope = _Scope(module, "", self._inputs(module))
        resources: list[Resource] = []
        self._collect(scope, resources)
        if self.taken_over and self.earlier is not None:
            before, changed = self.earlier.world, self.earlier.changed
            self.files |= {path for path in before.files if path in self.snapshot}
            self.escaped |= before.escaped
            self.missing.update(before.missing)
            for gap in before.gaps:
                if gap.path not in changed:
                    self.note(gap)
        closed = not any(gap.kind == "unread" for gap in self.gaps.values())
        return World.of(
            self.root, tuple(resources), frozenset(self.files), _LiveGaps(self.gaps), closed=closed,
            escaped=frozenset(self.escaped), missing=self.missing,
            calls=self.calls,
        )  # fmt: skip

    def _collect(self, scope: _Scope, out: list[Resource]) -> None:
        for kind, type_, name in scope.module.resources:
            out.extend(self.instances(scope, kind, type_, name).known.values())
        for declaration in scope.module.others:
            labels = declaration.block.labels
            frame = _Frame(declaration.source, scope)
            body = self.block_body(declaration.layers, frame, declaration.header, None)
            if declaration.block.type == "provider" and labels:
                alias = body.items.get("alias")
                suffix = f".{alias.value}" if isinstance(alias, Known) else ""
                mode: Any = "provider"
                address, type_ = f"{scope.prefix}provider.{labels[0]}{suffix}", f"provider.{labels[0]}"
            else:
                mode, address, type_ = "block", f"{scope.prefix}{declaration.block.type}", declaration.block.type
            out.append(
                Resource(
                    address,
                    type_,
                    labels[0] if labels else type_,
                    mode,
                    scope.prefix.rstrip("."),
                    scope.module.folder,
                    body,
                    declaration.place,
                    declaration.header,
                    callers=scope.callers,
                    conditional=scope.conditional,
                )  # fmt: skip
            )
        for name in scope.module.calls:
            for child in self.children(scope, name).known.values():
                self.calls[child.prefix] = ModuleCall(child.module.folder, child.inputs, child.conditional)
                if not self._take_over(child, out):
                    self._collect(child, out)

    def _take_over(self, scope: _Scope, out: list[Resource]) -> bool:
        """Add the resources of a module call as they were in the earlier world, when nothing of it changed."""
        if self.earlier is None:
            return False
        world = self.earlier.world
        call = world.calls.get(scope.prefix)
        if call is None or call.folder != scope.module.folder or call.conditional != scope.conditional:
            return False
        inside = {prefix: each for prefix, each in world.calls.items() if prefix.startswith(scope.prefix)}
        folders = {each.folder for each in inside.values()}
        if any(posixpath.dirname(path) in folders for path in self.earlier.changed):
            return False
        if set(call.inputs) != set(scope.inputs):
            return False
        if any(signature(call.inputs[name]()) != signature(given()) for name, given in scope.inputs.items()):
            return False
        module = scope.prefix.rstrip(".")
        out.extend(r for r in world.resources if r.module == module or r.module.startswith(scope.prefix))
        self.calls.update(inside)
        self.taken_over = True
        return True

    def module(self, folder: str) -> Module:
        if folder not in self.modules:
            module = load_module(self.snapshot, folder, self.cache)
            self.modules[folder] = module
            for source in module.sources:
                self.files.add(source.path)
                for gap in source.gaps:
                    self.note(gap)
            for gap in self.snapshot.gaps:
                if posixpath.dirname(gap.path) == folder and gap.path.endswith((".tf", ".tf.json")):
                    self.note(gap)
        return self.modules[folder]

    def note(self, gap: Gap) -> None:
        self.gaps.setdefault((gap.kind, gap.reason, gap.path, gap.line), gap)

    def gap(self, reason: str, place: Place, *, kind: Any = "unread", remedy: str = "") -> None:
        self.note(Gap(kind, reason, place.path, place.line, remedy=remedy))

    def _inputs(self, module: Module) -> dict[str, Callable[[], Value]]:
        folder = self.root.folder
        names = {posixpath.basename(p): p for p in self.snapshot.files_in(folder)}
        order: list[str] = [n for n in ("terraform.tfvars", "terraform.tfvars.json") if n in names]
        order += sorted(n for n in names if n.endswith((".auto.tfvars", ".auto.tfvars.json")))
        paths = [names[n] for n in order] + list(self.root.var_files)
        inputs: dict[str, Callable[[], Value]] = {}
        for path in paths:
            data = self.snapshot.read(path)
            if data is None:
                self.note(
                    Gap("unread", "this variable file does not exist", path, 1, remedy="mend the root's var_files")
                )
                continue
            source = self.cache.read(path, data)
            self.files.add(path)
            for gap in source.gaps:
                self.note(gap)
            scope = _Scope(Module(folder, ()), "", {})
            for attribute in source.body.attributes:
                inputs[attribute.name] = _thunk(self, attribute.expr, _Frame(source, scope))
        return inputs

    def _installed(self) -> dict[str, str]:
        """Where `terraform init` put the modules of this root, by module path, as far as that lies in the snapshot."""
        import json

        data = self.snapshot.read(posixpath.join(self.root.folder, ".terraform/modules/modules.json"))
        if not data:
            return {}
        try:
            entries = json.loads(data).get("Modules", [])
            return {str(e["Key"]): posixpath.normpath(posixpath.join(self.root.folder, str(e["Dir"]))) for e in entries}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    # --- modules ---

    def children(self, scope: _Scope, name: str) -> _Children:
        known = scope.children.get(name)
        if known is None:
            guard = f"module.{name}"
            if guard in scope.busy:
                return _Children("single", {}, False, Unknown("cycle", guard))
            scope.busy.add(guard)
            known = self._children(scope, name)
            scope.busy.discard(guard)
            scope.children[name] = known
        return known

    def _children(self, scope: _Scope, name: str) -> _Children:
        declaration = scope.module.calls[name]
        frame = _Frame(declaration.source, scope)
        found = declaration.attribute("source")
        source = self.expr(found[0].expr, frame.in_source(found[1])) if found else Unknown("invalid", "no source")
        folder = self._folder_of(scope, name, source)
        header = declaration.header
        if folder is None:
            what = str(source.value) if isinstance(source, Known) else str(source)
            self.missing[f"{scope.prefix}module.{name}"] = header
            self.note(
                Gap(
                    "out_of_sight",
                    f"module {what} is not in this tree",
                    header.path,
                    header.line,
                    address=f"{scope.prefix}module.{name}",
                    remedy="run `terraform init` so that it lies in .terraform/modules, or review it where it lives",
                )  # fmt: skip
            )
            self._escape(declaration, frame)
            return _Children("single", {}, False, Unknown("module", what))
        if scope.depth >= MAX_MODULE_DEPTH or self._calls_itself(scope, folder):
            self.gap(f"module {name} calls itself, or modules nest deeper than {MAX_MODULE_DEPTH}", header)
            return _Children("single", {}, False, Unknown("cycle", f"module.{name}"))
        module = self.module(folder)
        if not module.sources:
            self.gap(f"module {name}: there is no configuration in {folder or '.'}", header, kind="out_of_sight")
            self._escape(declaration, frame)
            return _Children("single", {}, False, Unknown("module", folder))
        kind, keys, is_open = self.expansion(declaration, frame)
        children: dict[Key | None, _Scope] = {}
        for key, names, conditional in keys:
            inner = frame.bind(names)
            inputs: dict[str, Callable[[], Value]] = {}
            for body, from_source in declaration.layers:
                for attribute in body.attributes:
                    if attribute.name not in _CALL_META:
                        inputs[attribute.name] = _thunk(self, attribute.expr, inner.in_source(from_source))
            children[key] = _Scope(
                module, f"{scope.prefix}module.{name}{_suffix(key)}.", inputs, scope.conditional or conditional,
                (*scope.callers, header), scope.depth + 1,
            )  # fmt: skip
        return _Children(kind, children, is_open)

    def _folder_of(self, scope: _Scope, name: str, source: Value) -> str | None:
        if not isinstance(source, Known):
            return None
        text = str(source.value)
        if text.startswith(("./", "../")) or text in (".", ".."):
            folder = posixpath.normpath(posixpath.join(scope.module.folder, text))
            return None if folder.startswith("..") else ("" if folder == "." else folder)
        path = ".".join(p.removeprefix("module.") for p in (*_module_names(scope.prefix), name))
        folder = self.installed.get(path, "")
        return folder if folder and self.snapshot.files_in(folder) else None

    @staticmethod
    def _calls_itself(scope: _Scope, folder: str) -> bool:
        return folder == scope.module.folder or scope.depth >= MAX_MODULE_DEPTH

    def _escape(self, declaration: Declaration, frame: _Frame) -> None:
        """Remember what a module out of sight is given: it may link anything to that."""
        for body, source in declaration.layers:
            for attribute in body.attributes:
                if attribute.name not in ("source", "version", "providers"):
                    self.escaped.update(_mentions(self.expr(attribute.expr, frame.in_source(source)), 0))

    # --- instances ---

    def expansion(
        self, declaration: Declaration, frame: _Frame
    ) -> tuple[str, list[tuple[Key | None, dict[str, Value], bool]], bool]:
        """How often a block with count or for_each stands there: (kind, [(key, names it brings, conditional)], open)."""
        count, for_each = declaration.attribute("count"), declaration.attribute("for_each")
        if count:
            value = self.expr(count[0].expr, frame.in_source(count[1]))
            place = count[1].place(count[0].start, count[0].end)
            number = _number(value)
            if number is None or number < 0:
                index: Value = Unknown("count", "", places=(place,))
                return "count", [(0, {"count": _object({"index": index}, place)}, True)], True
            if number > MAX_INSTANCES:
                self.gap(f"count = {number:g}: instances beyond {MAX_INSTANCES} are not evaluated", place)
            keys = range(min(int(number), MAX_INSTANCES))
            return (
                "count",
                [(i, {"count": _object({"index": Known(i, places=(place,))}, place)}, False) for i in keys],
                number > MAX_INSTANCES,
            )
        if for_each:
            value = self.expr(for_each[0].expr, frame.in_source(for_each[1]))
            place = for_each[1].place(for_each[0].start, for_each[0].end)
            entries: list[tuple[Key, Value]] = []
            is_open = True
            match value:
                case Map():
                    entries, is_open = [(key, value.items[key]) for key in sorted(value.items)], value.open
                case List():
                    texts = {str(item.value): item for item in value.items if isinstance(item, Known)}
                    entries = [(key, texts[key]) for key in sorted(texts)]
                    is_open = value.open or any(not isinstance(item, Known) for item in value.items)
            if len(entries) > MAX_INSTANCES:
                self.gap(f"for_each over {len(entries)} keys: only {MAX_INSTANCES} are evaluated", place)
                entries, is_open = entries[:MAX_INSTANCES], True
            out: list[tuple[Key | None, dict[str, Value], bool]] = [
                (key, {"each": _object({"key": Known(key, places=(place,)), "value": item}, place)}, False)
                for key, item in entries
            ]
            if is_open:
                why = value if isinstance(value, Unknown) else Unknown("for_each")
                each = _object({"key": replace(why, places=(place,)), "value": replace(why, places=(place,))}, place)
                out.append(("?", {"each": each}, True))
            return "for_each", out, is_open
        return "single", [(None, {}, False)], False

    def instances(self, scope: _Scope, kind: str, type_: str, name: str) -> _Instances:
        key = (kind, type_, name)
        found = scope.instances.get(key)
        if found is None:
            guard = f"{type_}.{name}"
            if guard in scope.busy:
                return _Instances("single", {}, True)
            scope.busy.add(guard)
            found = self._instances(scope, kind, type_, name)
            scope.busy.discard(guard)
            scope.instances[key] = found
        return found

    def _instances(self, scope: _Scope, kind: str, type_: str, name: str) -> _Instances:
        declaration = scope.module.resources[(kind, type_, name)]
        frame = _Frame(declaration.source, scope)
        how, keys, is_open = self.expansion(declaration, frame)
        base = f"{scope.prefix}{'data.' if kind == 'data' else ''}{type_}.{name}"
        place, header = declaration.place, declaration.header
        ignored = self._ignored(declaration)
        known: dict[Key | None, Resource] = {}
        for key, names, conditional in keys:
            body = self.block_body(declaration.layers, frame.bind(names) if names else frame, header, type_)
            known[key] = Resource(
                f"{base}{_suffix(key)}", type_, name, "data" if kind == "data" else "managed", scope.prefix.rstrip("."),
                scope.module.folder, body, place, header, key, conditional or scope.conditional, ignored, scope.callers,
            )  # fmt: skip
        return _Instances(how, known, is_open)

    @staticmethod
    def _ignored(declaration: Declaration) -> tuple[str, ...]:
        out: list[str] = []
        for block, _ in declaration.nested("lifecycle"):
            attribute = block.body.attribute("ignore_changes")
            if attribute is None:
                continue
            expr = attribute.expr
            for item in expr.items if isinstance(expr, syntax.Tuple) else (expr,):
                if isinstance(item, syntax.Traversal):
                    names = [step.name for step in item.steps if isinstance(step, syntax.Attr)]
                    out.append("*" if item.root == "all" and not names else ".".join((item.root, *names)))
                elif isinstance(item, syntax.Literal):
                    out.append("*" if item.value in ("all", "*") else str(item.value))
        return tuple(out)

    # --- bodies ---

    def block_body(
        self, layers: tuple[tuple[Body, Source], ...], frame: _Frame, header: Place, type_: str | None,
        path: tuple[str, ...] = (),
    ) -> Map:  # fmt: skip
        return Map(_BlockItems(self, layers, frame, type_, path), places=(header,))

    # --- names ---

    def variable(self, scope: _Scope, name: str) -> Value:
        if name not in scope.variables:
            guard = f"var.{name}"
            if guard in scope.busy:
                return Unknown("cycle", guard)
            scope.busy.add(guard)
            scope.variables[name] = self._variable(scope, name)
            scope.busy.discard(guard)
        return scope.variables[name]

    def _variable(self, scope: _Scope, name: str) -> Value:
        declaration = scope.module.variables.get(name)
        given = scope.inputs.get(name)
        if declaration is None:
            return Unknown("undeclared", f"var.{name}")
        value: Value | None = given() if given else None
        frame = _Frame(declaration.source, _Scope(Module(scope.module.folder, ()), "", {}))
        default = declaration.attribute("default")
        nullable = declaration.attribute("nullable")
        forbids_null = bool(
            nullable and isinstance(nullable[0].expr, syntax.Literal) and nullable[0].expr.value is False
        )
        if value is None or (isinstance(value, Null) and forbids_null):
            if default:
                value = self.expr(default[0].expr, frame.in_source(default[1]))
            else:
                value = Unknown("variable", name, places=(declaration.header,))
        wanted = declaration.attribute("type")
        if wanted:
            value = self.convert(value, wanted[0].expr, frame.in_source(wanted[1]), 0)
        secret = declaration.attribute("sensitive")
        if secret and isinstance(secret[0].expr, syntax.Literal) and secret[0].expr.value is True:
            value = replace(value, sensitive=True)
        return value

    def convert(self, value: Value, wanted: Expr, frame: _Frame, depth: int) -> Value:
        """The value as a variable's type makes it: scalars converted, optional attributes filled in."""
        if depth > 20 or isinstance(value, Null | Unknown | Ref):
            return value
        if isinstance(wanted, syntax.Traversal) and not wanted.steps:
            return _scalar_as(value, wanted.root)
        if not isinstance(wanted, syntax.Call) or not wanted.args:
            return value
        inner = wanted.args[0]
        match wanted.name, value:
            case ("optional", _):
                return self.convert(value, inner, frame, depth + 1)
            case ("list" | "set", List()):
                items = tuple(self.convert(item, inner, frame, depth + 1) for item in value.items)
                if wanted.name == "set":
                    items = _distinct(items)
                return replace(value, items=items, kind=wanted.name)
            case ("map", Map()):
                return replace(
                    value, items={k: self.convert(v, inner, frame, depth + 1) for k, v in value.items.items()}
                )
            case ("object", Map()) if isinstance(inner, syntax.Object):
                out = dict(value.items)
                for key, type_ in inner.items:
                    if not isinstance(key, syntax.Literal):
                        continue
                    name = str(key.value)
                    optional = isinstance(type_, syntax.Call) and type_.name == "optional"
                    has_default = optional and isinstance(type_, syntax.Call) and len(type_.args) > 1
                    if name in out and not (isinstance(out[name], Null) and has_default):
                        out[name] = self.convert(out[name], type_, frame, depth + 1)
                    elif has_default and isinstance(type_, syntax.Call):
                        out[name] = self.convert(self.expr(type_.args[1], frame), type_.args[0], frame, depth + 1)
                    elif optional and not value.open:
                        out[name] = Null(places=(frame.source.place(key.start, key.end),))
                return replace(value, items=out)
        return value

    def local(self, scope: _Scope, name: str) -> Value:
        if name not in scope.locals:
            found = scope.module.locals.get(name)
            if found is None:
                return Unknown("undeclared", f"local.{name}")
            attribute, source = found
            guard = f"local.{name}"
            if guard in scope.busy:
                self.gap(f"{guard} refers to itself", source.place(attribute.start, attribute.end))
                return Unknown("cycle", guard)
            scope.busy.add(guard)
            scope.locals[name] = self.expr(attribute.expr, _Frame(source, scope))
            scope.busy.discard(guard)
        return scope.locals[name]

    def resource_value(self, scope: _Scope, kind: str, type_: str, name: str) -> Value:
        """A resource as a value: an object, or a list or map of them under count and for_each."""
        base = f"{scope.prefix}{'data.' if kind == 'data' else ''}{type_}.{name}"
        if (kind, type_, name) not in scope.module.resources:
            # In a part of a configuration what is declared elsewhere is referred to all the same.
            known = "_" in type_ and name
            return Ref(origin=Origin(base, ())) if known else Unknown("undeclared", f"{type_}.{name}")
        found = self.instances(scope, kind, type_, name)
        views = {key: self.view(resource) for key, resource in found.known.items()}
        if found.kind == "single":
            return views.get(None) or Ref(origin=Origin(base, ()))
        if found.kind == "count":
            return List(tuple(views.values()), found.open, origin=Origin(base, ()))
        return Map({str(key): view for key, view in views.items()}, found.open, origin=Origin(base, ()))

    def view(self, resource: Resource) -> Map:
        return Map(_Attributes(self, resource), True, origin=Origin(resource.address, ()), places=(resource.header,))

    def module_value(self, scope: _Scope, name: str) -> Value:
        if name not in scope.module.calls:
            return Unknown("undeclared", f"module.{name}")
        found = self.children(scope, name)
        if found.missing is not None:
            return found.missing
        views: dict[Key | None, Value] = {key: Map(_Outputs(self, child)) for key, child in found.known.items()}
        if found.kind == "single":
            return views.get(None) or Unknown("cycle", f"module.{name}")
        if found.kind == "count":
            return List(tuple(views.values()), found.open)
        return Map({str(key): view for key, view in views.items()}, found.open)

    def output(self, scope: _Scope, name: str) -> Value:
        declaration = scope.module.outputs[name]
        guard = f"output.{name}"
        if guard in scope.busy:
            return Unknown("cycle", guard)
        found = declaration.attribute("value")
        if found is None:
            return Unknown("invalid", guard)
        scope.busy.add(guard)
        value = self.expr(found[0].expr, _Frame(found[1], scope))
        scope.busy.discard(guard)
        secret = declaration.attribute("sensitive")
        if secret and isinstance(secret[0].expr, syntax.Literal) and secret[0].expr.value is True:
            value = replace(value, sensitive=True)
        return value

    # --- expressions ---

    def expr(self, node: Expr, frame: _Frame) -> Value:
        """The value of an expression; never raises."""
        self.steps += 1
        if self.steps > MAX_STEPS or self.depth > MAX_DEPTH:
            place = frame.source.place(node.start, node.end)
            self.gap("the configuration takes too long to evaluate, or nests too deeply", place)
            return Unknown("budget", places=(place,))
        self.depth += 1
        try:
            return _EVALUATORS[type(node)](self, node, frame)
        except KeyError:
            return Unknown("syntax", type(node).__name__, places=(frame.source.place(node.start, node.end),))
        finally:
            self.depth -= 1

    def literal(self, node: syntax.Literal, frame: _Frame) -> Value:
        place = frame.source.place(node.start, node.end)
        if node.value is None:
            return Null(places=(place,))
        return Known(node.value, places=(place,), offsets=node.offsets)

    def template(self, node: syntax.TemplateExpr, frame: _Frame) -> Value:
        place = frame.source.place(node.start, node.end)
        if node.wrap:
            return _via(self.expr(node.parts[0], frame), place)
        parts: list[Value] = []
        self._parts(node, frame, parts)
        return self.text(parts, place)

    def _parts(self, node: syntax.TemplateExpr, frame: _Frame, out: list[Value]) -> None:
        for part in node.parts:
            if len(out) > MAX_PARTS:
                return
            match part:
                case syntax.TemplateIf():
                    condition = _truth(self.expr(part.condition, frame))
                    if condition is None:
                        out.append(Unknown("condition"))
                    elif condition:
                        self._parts(part.then, frame, out)
                    elif part.otherwise is not None:
                        self._parts(part.otherwise, frame, out)
                case syntax.TemplateFor():
                    collection = self.expr(part.collection, frame)
                    entries = _entries(collection)
                    if entries is None or (isinstance(collection, List | Map) and collection.open):
                        out.append(collection if isinstance(collection, Unknown) else Unknown("for"))
                        continue
                    for key, item in entries:
                        names = {part.name: item, **({part.key: key} if part.key else {})}
                        self._parts(part.body, frame.bind(names), out)
                        if len(out) > MAX_PARTS:
                            break
                case syntax.Literal():
                    out.append(self.literal(part, frame))
                case _:
                    out.append(self.expr(part, frame))

    def text(self, parts: list[Value], place: Place) -> Value:
        """The text that the parts make together: Known when all are, else a Template."""
        if len(parts) > MAX_PARTS:
            self.gap("a text of too many parts", place)
            return Unknown("budget", "text", places=(place,))
        flat: list[Value] = []
        offsets: list[tuple[int, int]] = []
        sensitive = False
        size = 0
        for part in parts:
            sensitive = sensitive or part.sensitive
            for piece in part.parts if isinstance(part, Template) else (part,):
                match piece:
                    case Known():
                        written = text_of(piece.value)
                        if piece.written is not None and piece.written.path == place.path and piece.offsets:
                            here = piece.written.start >= place.start and piece.written.end <= place.end
                            offsets += [(size + at, byte) for at, byte in piece.offsets] if here else []
                        size += len(written)
                        if flat and isinstance(flat[-1], Known) and flat[-1].origin is None and piece.origin is None:
                            flat[-1] = Known(f"{flat[-1].value}{written}")
                        else:
                            flat.append(Known(written, origin=piece.origin))
                    case Unknown(reason="budget"):
                        return replace(piece, places=(place,))
                    case Ref() | Unknown() | Encoded():
                        flat.append(piece)
                    case Null() | List() | Map():
                        flat.append(Unknown("invalid", "not text"))
        if size > MAX_TEXT or len(flat) > MAX_PARTS:
            self.gap("a text grows beyond 1 MiB", place)
            return Unknown("budget", "text", places=(place,))
        if all(isinstance(piece, Known) for piece in flat):
            whole = "".join(str(piece.value) for piece in flat if isinstance(piece, Known))
            return Known(whole, places=(place,), sensitive=sensitive, offsets=tuple(offsets))
        return Template(tuple(flat), places=(place,), sensitive=sensitive, offsets=tuple(offsets))

    def traversal(self, node: syntax.Traversal, frame: _Frame) -> Value:
        scope, steps = frame.scope, node.steps
        root = node.root
        place = frame.source.place(node.start, node.end)
        first = steps[0].name if steps and isinstance(steps[0], syntax.Attr) else ""
        if root in frame.names:
            value = frame.names[root]
        elif not first:
            return Unknown("undeclared", root, places=(place,))
        elif root == "var":
            value, steps = self.variable(scope, first), steps[1:]
        elif root == "local":
            value, steps = self.local(scope, first), steps[1:]
        elif root == "module":
            value, steps = self.module_value(scope, first), steps[1:]
        elif root == "path":
            folder = scope.module.folder if first == "module" else self.root.folder
            value = Known(posixpath.relpath(folder or ".", self.root.folder or "."))
            steps = steps[1:]
        elif root in ("each", "count", "self", "terraform"):
            detail = f"{root}.{first}"
            value, steps = Unknown("workspace" if root == "terraform" else "unsupported", detail), ()
        elif root in ("data", "ephemeral"):
            second = steps[1].name if len(steps) > 1 and isinstance(steps[1], syntax.Attr) else ""
            value, steps = self.resource_value(scope, "data", first, second), steps[2:]
        else:
            value, steps = self.resource_value(scope, "resource", root, first), steps[1:]
        return _via(self.take(value, steps, frame), place)

    def postfix(self, node: syntax.Postfix, frame: _Frame) -> Value:
        return _via(
            self.take(self.expr(node.base, frame), node.steps, frame), frame.source.place(node.start, node.end)
        )  # fmt: skip

    def take(self, value: Value, steps: syntax.Steps, frame: _Frame) -> Value:
        """The steps taken on a value; what lies behind an unknown is unknown for the same reason."""
        for step in steps:
            match step:
                case syntax.Attr(name=name):
                    value = member(value, name)
                case syntax.Index(key=key):
                    index = self.expr(key, frame)
                    if isinstance(index, Known):
                        value = member(value, index.value)
                    elif value.origin is not None and not value.origin.path and isinstance(value, List | Map):
                        value = Ref(origin=Origin(f"{value.origin.address}[?]", ()))
                    else:
                        value = (
                            replace(index, places=()) if isinstance(index, Unknown) else Unknown("computed", "index")
                        )
                case syntax.Splat(steps=inner):
                    value = self.splat(value, inner, frame)
        return value

    def splat(self, value: Value, steps: syntax.Steps, frame: _Frame) -> Value:
        match value:
            case List():
                items = tuple(self.take(item, steps, frame) for item in value.items)
                return replace(value, items=items, origin=None, kind="list")
            case Null():
                return List(())
            case Unknown() | Ref():
                return List((), True, origin=value.origin)
        return List((self.take(value, steps, frame),))

    def call(self, node: syntax.Call, frame: _Frame) -> Value:
        place = frame.source.place(node.start, node.end)
        if node.name.startswith("\0"):
            self.gap("an expression nested too deeply", place)
            return Unknown("budget", "nesting", places=(place,))
        args = [self.expr(arg, frame) for arg in node.args]
        if node.expand and args:
            last = args.pop()
            if not isinstance(last, List) or last.open:
                why = last if isinstance(last, Unknown) else Unknown("computed", node.name)
                return replace(why, places=(place,))
            args += last.items

        def render(text: str, names: Mapping[str, Value], at: Place) -> Value:
            parsed = hcl.template(at.path, text)
            if parsed is None:
                return Unknown("invalid", "template", places=(at,))
            source = Source(at.path, text.encode(), Body((), ()))
            inner = _Frame(source, _Scope(Module("", ()), "", {}), dict(names))
            parts: list[Value] = []
            self._parts(parsed, inner, parts)
            # The places inside a rendered template are those of another text; the call is where it is written.
            flat = [replace(p, places=(at,), offsets=()) if isinstance(p, Known) else p for p in parts]
            return self.text(flat, at) if not parsed.wrap else _via(flat[0], at)

        context = functions.Call(place, self.snapshot, self.root.folder)
        value = functions.call(node.name, tuple(args), context, template=render)
        if isinstance(value, Unknown) and value.reason == "budget":
            self.gap(f"{node.name}() makes something too large", place)
        return value

    def conditional(self, node: syntax.Conditional, frame: _Frame) -> Value:
        condition = self.expr(node.condition, frame)
        place = frame.source.place(node.start, node.end)
        truth = _truth(condition)
        if truth is None:
            then, otherwise = self.expr(node.then, frame), self.expr(node.otherwise, frame)
            if _same(then, otherwise):
                return _via(then, place)
            why = condition if isinstance(condition, Unknown) else Unknown("condition", _named(condition))
            return Unknown(why.reason, why.detail, places=(place,), sensitive=condition.sensitive)
        return _via(self.expr(node.then if truth else node.otherwise, frame), place)

    def binary(self, node: syntax.Binary, frame: _Frame) -> Value:
        place = frame.source.place(node.start, node.end)
        left, right = self.expr(node.left, frame), self.expr(node.right, frame)
        sensitive = left.sensitive or right.sensitive
        operator = node.operator
        if operator in ("&&", "||"):
            a, b = _truth(left), _truth(right)
            absorbing = operator == "||"
            if a is absorbing or b is absorbing:
                return Known(absorbing, places=(place,), sensitive=sensitive)
            if a is not None and b is not None:
                return Known(not absorbing, places=(place,), sensitive=sensitive)
            return _because(left if a is None else right, place)
        if operator in ("==", "!="):
            same = _equal(left, right)
            if same is None:
                unknown = left if not isinstance(left, Known | Null | List | Map) else right
                return _because(unknown, place)
            return Known(same is (operator == "=="), places=(place,), sensitive=sensitive)
        x, y = _number(left), _number(right)
        if x is None or y is None:
            return _because(left if x is None else right, place)
        try:
            result: Scalar
            match operator:
                case "+":
                    result = x + y
                case "-":
                    result = x - y
                case "*":
                    result = x * y
                case "/":
                    result = x / y
                    result = int(result) if result.is_integer() else result
                case "%":
                    result = x - y * int(x / y)
                case "<":
                    result = x < y
                case "<=":
                    result = x <= y
                case ">":
                    result = x > y
                case _:
                    result = x >= y
            if isinstance(result, int) and not isinstance(result, bool) and abs(result) > 10**300:
                raise OverflowError
        except (ZeroDivisionError, OverflowError, ValueError):
            return Unknown("invalid", f"arithmetic ({operator})", places=(place,))
        return Known(result, places=(place,), sensitive=sensitive)

    def unary(self, node: syntax.Unary, frame: _Frame) -> Value:
        place = frame.source.place(node.start, node.end)
        value = self.expr(node.operand, frame)
        if node.operator == "!":
            truth = _truth(value)
            return (
                _because(value, place)
                if truth is None
                else Known(not truth, places=(place,), sensitive=value.sensitive)
            )
        number = _number(value)
        return _because(value, place) if number is None else Known(-number, places=(place,), sensitive=value.sensitive)

    def tuple(self, node: syntax.Tuple, frame: _Frame) -> Value:
        place = frame.source.place(node.start, node.end)
        return List(tuple(self.expr(item, frame) for item in node.items), places=(place,))

    def object(self, node: syntax.Object, frame: _Frame) -> Value:
        items: dict[str, Value] = {}
        is_open = False
        place = frame.source.place(node.start, node.end)
        for key, value in node.items:
            name = self.expr(key, frame)
            if isinstance(name, Known):
                items[text_of(name.value)] = self.expr(value, frame)
            else:
                is_open = True
        return Map(items, is_open, places=(place,))

    def comprehension(self, node: syntax.For, frame: _Frame) -> Value:
        place = frame.source.place(node.start, node.end)
        collection = self.expr(node.collection, frame)
        entries = _entries(collection)
        makes_map = node.key_result is not None
        if entries is None:
            why = collection if isinstance(collection, Unknown | Ref) else Unknown("invalid", "for over no collection")
            return (
                Map({}, True, places=(place, *why.places)) if makes_map else List((), True, places=(place, *why.places))
            )
        is_open = isinstance(collection, List | Map) and collection.open
        items: list[Value] = []
        mapping: dict[str, Value] = {}
        groups: dict[str, list[Value]] = {}
        for number, (key, item) in enumerate(entries):
            if number > MAX_ELEMENTS:
                self.gap("a `for` over too many elements", place)
                is_open = True
                break
            names = {node.name: item, **({node.key: key} if node.key else {})}
            inner = frame.bind(names)
            if node.condition is not None:
                keep = _truth(self.expr(node.condition, inner))
                if keep is None:
                    is_open = True
                if not keep:
                    continue
            if node.key_result is None:
                items.append(self.expr(node.result, inner))
                continue
            name = self.expr(node.key_result, inner)
            if not isinstance(name, Known):
                is_open = True
                continue
            text = text_of(name.value)
            if node.group:
                groups.setdefault(text, []).append(self.expr(node.result, inner))
            else:
                mapping[text] = self.expr(node.result, inner)
        if makes_map:
            made = {k: List(tuple(v), places=(place,)) for k, v in groups.items()} if node.group else mapping
            return Map(made, is_open, places=(place,), sensitive=collection.sensitive)
        return List(tuple(items), is_open, places=(place,), sensitive=collection.sensitive)


_EVALUATORS: dict[type[Expr], Callable[[_Evaluation, Any, _Frame], Value]] = {
    syntax.Literal: _Evaluation.literal,
    syntax.TemplateExpr: _Evaluation.template,
    syntax.Traversal: _Evaluation.traversal,
    syntax.Postfix: _Evaluation.postfix,
    syntax.Call: _Evaluation.call,
    syntax.Conditional: _Evaluation.conditional,
    syntax.Binary: _Evaluation.binary,
    syntax.Unary: _Evaluation.unary,
    syntax.Tuple: _Evaluation.tuple,
    syntax.Object: _Evaluation.object,
    syntax.For: _Evaluation.comprehension,
}

_WHEN_MADE = frozenset({"count", "for_each", "depends_on"})
_CALL_META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})


# --- lazy mappings -------------------------------------------------------------------------------------------------


class _LiveGaps(Collection[Gap]):
    """The gaps met so far: evaluation is lazy, so some come up only when a check reads the argument."""

    def __init__(self, gaps: Mapping[Any, Gap]) -> None:
        self._gaps = gaps

    def __iter__(self) -> Iterator[Gap]:
        return iter(sorted(self._gaps.values(), key=lambda gap: (gap.path, gap.line, gap.kind, gap.reason)))

    def __len__(self) -> int:
        return len(self._gaps)

    def __contains__(self, gap: object) -> bool:
        return gap in self._gaps.values()


class _Lazy(Mapping[str, Value]):
    """A mapping whose values are evaluated when looked up, once."""

    def __init__(self) -> None:
        self._made: dict[str, Value] = {}

    @abstractmethod
    def _names(self) -> Iterable[str]:
        """The keys, without evaluating anything."""

    @abstractmethod
    def _make(self, name: str) -> Value:
        """The value of a key; KeyError when there is none."""

    def __getitem__(self, name: str) -> Value:
        value = self._made.get(name)
        if value is None:
            value = self._made[name] = self._make(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return sum(1 for _ in self._names())


class _BlockItems(_Lazy):
    """The arguments and nested blocks of a block, evaluated one by one."""

    def __init__(
        self, evaluation: _Evaluation, layers: tuple[tuple[Body, Source], ...], frame: _Frame, type_: str | None,
        path: tuple[str, ...],
    ) -> None:  # fmt: skip
        super().__init__()
        self.evaluation, self.frame, self.type, self.path = evaluation, frame, type_, path
        self.attributes: dict[str, tuple[Attribute, Source]] = {}
        self.blocks: dict[str, list[tuple[Block, Source]]] = {}
        for body, source in layers:
            fresh: dict[str, list[tuple[Block, Source]]] = {}
            for attribute in body.attributes:
                # What decides whether, how often and when a resource is made is no argument of it.
                if path or type_ is None or attribute.name not in _WHEN_MADE:
                    self.attributes[attribute.name] = (attribute, source)
            for block in body.blocks:
                name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
                fresh.setdefault(name, []).append((block, source))
            self.blocks.update(fresh)

    def _names(self) -> Iterable[str]:
        yield from self.attributes
        yield from (name for name in self.blocks if name not in self.attributes)

    def __contains__(self, name: object) -> bool:
        return name in self.attributes or name in self.blocks

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self.attributes or name in self.blocks else default

    def _make(self, name: str) -> Value:
        found = self.attributes.get(name)
        if found is not None:
            attribute, source = found
            value = self.evaluation.expr(attribute.expr, self.frame.in_source(source))
            return self._as_block(name, value) if source.path.endswith(".json") else value
        return self._blocks(name, self.blocks[name])

    def _as_block(self, name: str, value: Value) -> Value:
        """In JSON syntax one object may stand for a list of one block; the facts say where."""
        from copilot.iac import facts

        if isinstance(value, Map) and self.type:
            known = facts.resource_type(self.type)
            if known is not None and isinstance(known.argument((*self.path, name)), facts.BlockFacts):
                return List((value,), kind="blocks", places=value.places)
        return value

    def _blocks(self, name: str, blocks: list[tuple[Block, Source]]) -> Value:
        items: list[Value] = []
        is_open = False
        places: Places = ()
        for block, source in blocks:
            header = source.place(block.start, block.header_end)
            places = places or (header,)
            frame = self.frame.in_source(source)
            if block.type == "dynamic" and block.labels:
                is_open = self._dynamic(block, source, header, items) or is_open
            else:
                path = (*self.path, name)
                items.append(self.evaluation.block_body(((block.body, source),), frame, header, self.type, path))
        return List(tuple(items), is_open, "blocks", places=places)

    def _dynamic(self, block: Block, source: Source, header: Place, items: list[Value]) -> bool:
        frame = self.frame.in_source(source)
        for_each = block.body.attribute("for_each")
        content = next(block.body.blocks_of("content"), None)
        iterator = block.body.attribute("iterator")
        name = block.labels[0]
        if for_each is None or content is None:
            return True
        variable = iterator.expr.root if iterator and isinstance(iterator.expr, syntax.Traversal) else name
        collection = self.evaluation.expr(for_each.expr, frame)
        entries = _entries(collection)
        if entries is None:
            return True
        inside = source.place(content.start, content.header_end)
        for key, item in entries[:MAX_INSTANCES]:
            names = {variable: _object({"key": key, "value": item}, header)}
            items.append(
                self.evaluation.block_body(
                    ((content.body, source),), frame.bind(names), inside, self.type, (*self.path, name)
                )  # fmt: skip
            )
        return len(entries) > MAX_INSTANCES or (isinstance(collection, List | Map) and collection.open)


class _Attributes(_Lazy):
    """A resource seen from outside: what it is given, and for the rest a reference to what the provider makes."""

    def __init__(self, evaluation: _Evaluation, resource: Resource) -> None:
        super().__init__()
        self.evaluation, self.resource = evaluation, resource

    def _names(self) -> Iterable[str]:
        return iter(self.resource.body.items)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name]

    def _make(self, name: str) -> Value:
        resource = self.resource
        origin = Origin(resource.address, (name,))
        if resource.mode == "data" and resource.type == "aws_iam_policy_document" and name in ("json", "minified_json"):
            return policy_document.render(resource, origin)
        given = resource.body.items.get(name) if name not in META_ARGUMENTS else None
        if given is None or isinstance(given, Null):
            return Ref(origin=origin)
        return replace(given, origin=origin)


META_ARGUMENTS = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"})


class _Outputs(_Lazy):
    """The outputs of a module call."""

    def __init__(self, evaluation: _Evaluation, scope: _Scope) -> None:
        super().__init__()
        self.evaluation, self.scope = evaluation, scope

    def _names(self) -> Iterable[str]:
        return iter(self.scope.module.outputs)

    def _make(self, name: str) -> Value:
        if name not in self.scope.module.outputs:
            raise KeyError(name)
        return self.evaluation.output(self.scope, name)


# --- small things about values -------------------------------------------------------------------------------------


def member(value: Value, key: Scalar) -> Value:
    """`value[key]` or `value.key`, as Terraform takes it."""
    match value:
        case Map():
            try:
                found = value.items[text_of(key)]
            except KeyError:
                if value.open:
                    return Unknown("open", str(key), sensitive=value.sensitive)
                return Unknown("invalid", f"no attribute {key}")
            return _inside(found, value, key)
        case List():
            index = _whole(key)
            if index is None:
                # `block.attr` on a list of one block: Terraform refuses it, old configurations have it
                if len(value.items) == 1 and isinstance(key, str):
                    return member(value.items[0], key)
                return Unknown("invalid", f"no element {key}")
            if 0 <= index < len(value.items):
                return _inside(value.items[index], value, index)
            if value.open and value.origin is not None and not value.origin.path:
                return Ref(origin=Origin(f"{value.origin.address}[{index}]", ()))
            return Unknown("open" if value.open else "invalid", f"element {index}")
        case Ref() if value.origin is not None:
            step: Key = key if isinstance(key, str) else int(key)
            return Ref(origin=Origin(value.origin.address, (*value.origin.path, step)), sensitive=value.sensitive)
        case Encoded() | Known() | Template():
            return Unknown("invalid", f"no attribute {key} in text")
        case Null():
            return Unknown("invalid", f"attribute {key} of null")
    return replace(value, places=())


def _inside(found: Value, container: Value, key: Scalar) -> Value:
    changes: dict[str, Any] = {}
    if container.sensitive and not found.sensitive:
        changes["sensitive"] = True
    if container.origin is not None and found.origin is None and container.origin.path:
        step: Key = key if isinstance(key, str) else int(key)
        changes["origin"] = Origin(container.origin.address, (*container.origin.path, step))
    return replace(found, **changes) if changes else found


def _via(value: Value, place: Place) -> Value:
    """The value, reached through one more place."""
    if value.places and value.places[0] == place:
        return value
    places = (place, *value.places)
    if type(value) is Known:  # most are, and `replace` takes five times as long
        return Known(
            value.value, places=places, sensitive=value.sensitive, origin=value.origin, offsets=value.offsets
        )  # fmt: skip
    if type(value) is Ref:
        return Ref(places=places, sensitive=value.sensitive, origin=value.origin)
    return replace(value, places=places)


def _thunk(evaluation: _Evaluation, expr: Expr, frame: _Frame) -> Callable[[], Value]:
    made: list[Value] = []

    def value() -> Value:
        if not made:
            made.append(evaluation.expr(expr, frame))
        return made[0]

    return value


def _object(items: Mapping[str, Value], place: Place) -> Map:
    return Map(items, places=(place,))


def _entries(value: Value) -> list[tuple[Value, Value]] | None:
    """(key, element) of a collection that can be gone through, else None."""
    match value:
        case List():
            keyed = value.kind == "set"
            return [(item if keyed else Known(i), item) for i, item in enumerate(value.items)]
        case Map() if not isinstance(value.items, _Attributes):
            return [(Known(key), value.items[key]) for key in sorted(value.items)]
        case Null():
            return []
    return None


def _truth(value: Value) -> bool | None:
    if isinstance(value, Known):
        if isinstance(value.value, bool):
            return value.value
        return {"true": True, "false": False}.get(str(value.value))
    return None


def _number(value: Value) -> int | float | None:
    if not isinstance(value, Known):
        return None
    if isinstance(value.value, bool):
        return None
    if isinstance(value.value, int | float):
        return value.value
    try:
        return hcl.number(value.value) if value.value and len(value.value) < 60 else None
    except (ValueError, OverflowError):
        return None


def _whole(key: Scalar) -> int | None:
    if isinstance(key, bool):
        return None
    if isinstance(key, int | float):
        return int(key) if key == int(key) else None
    return int(key) if key.isdigit() and len(key) < 12 else None


def _equal(left: Value, right: Value) -> bool | None:
    match left, right:
        case Known(value=a), Known(value=b):
            return a == b and isinstance(a, bool) == isinstance(b, bool) and isinstance(a, str) == isinstance(b, str)
        case (Null(), Null()):
            return True
        case (Null(), Known() | List() | Map() | Encoded() | Template()) | (
            Known() | List() | Map() | Encoded() | Template(),
            Null(),
        ):
            return False
        case List(items=a), List(items=b) if not left.open and not right.open:
            if len(a) != len(b):
                return False
            each = [_equal(x, y) for x, y in zip(a, b, strict=True)]
            return None if None in each and False not in each else all(each)
        case Map(items=a), Map(items=b) if not left.open and not right.open:
            if set(a) != set(b):
                return False
            each = [_equal(a[key], b[key]) for key in a]
            return None if None in each and False not in each else all(each)
        case (Known(), List() | Map()) | (List() | Map(), Known()):
            return False
    return None


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, Ref) and isinstance(right, Ref):
        return left.origin == right.origin
    return _equal(left, right) is True


def _because(value: Value, place: Place) -> Unknown:
    """Unknown for the reason that this operand is."""
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.detail, places=(place,), sensitive=value.sensitive)
    if isinstance(value, Ref | Template):
        return Unknown("computed", _named(value), places=(place,), sensitive=value.sensitive)
    return Unknown("invalid", "operand", places=(place,), sensitive=value.sensitive)


def _named(value: Value) -> str:
    return str(value.origin) if value.origin else ""


def _distinct(items: tuple[Value, ...]) -> tuple[Value, ...]:
    """The items of a set: of equal known ones the first."""
    seen: set[tuple[type, Scalar]] = set()
    out = []
    for item in items:
        if isinstance(item, Known):
            key = (type(item.value), item.value)
            if key in seen:
                continue
            seen.add(key)
        out.append(item)
    return tuple(out)


def _scalar_as(value: Value, wanted: str) -> Value:
    if not isinstance(value, Known):
        return value
    if wanted == "string" and not isinstance(value.value, str):
        return replace(value, value=text_of(value.value))
    if wanted == "number" and isinstance(value.value, str):
        number = _number(value)
        return value if number is None else replace(value, value=number)
    if wanted == "bool" and isinstance(value.value, str):
        truth = _truth(value)
        return value if truth is None else replace(value, value=truth)
    return value


def _suffix(key: Key | None) -> str:
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    if key == "?":
        return "[?]"
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'


def _module_names(prefix: str) -> list[str]:
    from copilot.model import without_keys

    parts = without_keys(prefix).rstrip(".").split(".")
    return [part for i, part in enumerate(parts) if i % 2 and parts[i - 1] == "module"]


def _mentions(value: Value, depth: int) -> Iterator[str]:
    """The addresses and texts that a value carries."""
    if value.origin is not None:
        yield value.origin.address
    if depth > 6:
        return
    match value:
        case Known(value=str(text)):
            yield text
        case Template(parts=parts):
            for part in parts:
                yield from _mentions(part, depth + 1)
        case List(items=items):
            for item in items:
                yield from _mentions(item, depth + 1)
        case Map(items=entries) if not isinstance(entries, _Attributes):
            for key in entries:
                yield from _mentions(entries[key], depth + 1)
        case Encoded(inner=inner):
            yield from _mentions(inner, depth + 1)
