"""Recipes: the fix that a check carries, carried out where the finding's value is written.

A value is changed where it is written if nothing else uses it from there; otherwise where the resource takes it. What
cannot be done exactly, or would need a decision that nobody has taken, is refused with the reason.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from copilot.checks.language import (
    All,
    AnyOf,
    Check,
    Expression,
    Fix,
    Leaf,
    Linked,
    Network,
    Not,
    Param,
    PolicyCondition,
    Quantified,
    SubjectRef,
    parse_path,
    show_path,
)
from copilot.checks.walking import opened, walk
from copilot.drafting import summary
from copilot.edits import hcl as edit
from copilot.edits.hcl import CannotEdit, Changes, Code
from copilot.edits.patched import Replacement, apply, merged
from copilot.errors import InvalidEdit
from copilot.findings import faults, leaves_of
from copilot.iac import facts, hcl, syntax, tfjson
from copilot.iac.syntax import Attribute, Block, Expr, Object, Source, Tuple
from copilot.model import (
    Abstained,
    Edit,
    Encoded,
    Finding,
    Known,
    List,
    Map,
    Occurrence,
    Outcome,
    Patch,
    Place,
    Places,
    Resource,
    Safety,
    Value,
    World,
    without_keys,
)
from copilot.snapshot import Snapshot

_RANK: Final[Mapping[Safety, int]] = {"safe": 0, "changes_behaviour": 1, "unknown": 2, "replaces": 3}
_SOURCES: Final = frozenset(
    {"cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids", "self", "source_ranges", "source_tags"}
)
"""Arguments of a network rule of which it needs at least one."""
_TERRAFORM: Final = (".tf", ".tofu", ".tfvars", ".tf.json", ".tfvars.json")
_TOGETHER: Final = frozenset({"remove", "remove_element", "replace_element", "narrow"})
"""Fixes for which it matters how many elements of one list are at fault."""
MAX_OPTIONS: Final = 32
"""How many ways to repair one finding are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One fix to carry out: the node that carries it, and the parts of it that are at fault."""

    node: Outcome
    fix: Fix
    parts: tuple[Outcome, ...] = ()


Option: TypeAlias = tuple[Step, ...]


class NeedsParameter(CannotEdit):
    """The fix takes a value that only the repository's settings can give."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the value is a decision: set parameter {name}")
        self.name = name


def draft(
    finding: Finding, check: Check, world: World, snapshot: Snapshot, parameters: Mapping[str, Any]
) -> Patch | Abstained:
    """The patch that the check's fix makes for this finding, or why there is none."""
    return draft_group([(finding, check)], world, snapshot, parameters)[0]


def draft_group(
    findings: Sequence[tuple[Finding, Check]], world: World, snapshot: Snapshot, parameters: Mapping[str, Any]
) -> tuple[Patch | Abstained, ...]:
    """One patch for all of these findings that have a recipe, and an abstention for each that has none.

    A finding whose changes are in the way of those before it gets a patch of its own.
    """
    drafted: list[tuple[Finding, _Plan]] = []
    out: list[Patch | Abstained] = []
    for finding, check in findings:
        try:
            drafted.append((finding, _plan(finding, check, world, snapshot, parameters)))
        except NeedsParameter as needs:
            out.append(Abstained((finding.fingerprint,), str(needs), (needs.name,)))
        except (CannotEdit, InvalidEdit) as reason:
            out.append(Abstained((finding.fingerprint,), str(reason)))
    together: list[tuple[Finding, _Plan]] = []
    patch: Patch | None = None
    for one in drafted:
        try:
            patch, together = _patch([*together, one], snapshot), [*together, one]
        except (CannotEdit, InvalidEdit):
            try:
                out.append(_patch([one], snapshot))
            except (CannotEdit, InvalidEdit) as reason:
                out.append(Abstained((one[0].fingerprint,), str(reason)))
    return (patch, *out) if patch else tuple(out)


def combine(patches: Sequence[Patch], snapshot: Snapshot) -> Patch | None:
    """One patch that does what all of these do to the snapshot; None when they change the same lines differently."""
    try:
        edits = merged(snapshot, [patch.edits for patch in patches])
        after = apply(snapshot, edits).after
        for path in _once(e.path for e in edits if e.path.endswith(_TERRAFORM)):
            edit.check(path, snapshot.read(path) or b"", after.read(path) or b"")
    except InvalidEdit:
        return None
    return Patch(
        findings=_once(f for patch in patches for f in patch.findings), edits=edits, origin=patches[0].origin,
        safety=max((patch.safety for patch in patches), key=_RANK.__getitem__),
        summary=summary(patch.summary for patch in patches),
        sources=_once(s for patch in patches for s in patch.sources),
        replaces=_once(a for patch in patches for a in patch.replaces),
    )  # fmt: skip


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


@dataclass(frozen=True, slots=True, eq=False)
class _NewBlock:
    """A nested block that is missing in `holder`, with what one fix wants in it; `above` leads to the holder."""

    source: Source
    holder: Block
    above: tuple[str, ...]
    name: str
    body: Mapping[str, Any]
    target: Resource


@dataclass(slots=True)
class _Plan:
    """What a draft does to the bytes of the snapshot, and what there is to say of it."""

    changes: Changes = field(default_factory=list)
    blocks: list[_NewBlock] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    safety: Safety = "safe"

    def add(self, other: _Plan) -> None:
        self.changes += other.changes
        self.blocks += other.blocks
        self.said += other.said
        self.sources += other.sources
        self.replaces += other.replaces
        self.safety = max(self.safety, other.safety, key=_RANK.__getitem__)

    def written(self) -> Changes:
        """All changes; what several fixes want in one missing block is written as one block."""
        wanted: dict[tuple[str, int, str], list[_NewBlock]] = {}
        for block in self.blocks:
            wanted.setdefault((block.source.path, block.holder.start, block.name), []).append(block)
        return [*self.changes, *(change for blocks in wanted.values() for change in _one_block(blocks))]


def _one_block(blocks: Sequence[_NewBlock]) -> Changes:
    first = blocks[0]
    body: Mapping[str, Any] = {}
    for block in blocks:
        body = _together(body, block.body)
    path = (*first.above, first.name)
    _check_complete(_facts(first.target), path, body)
    if first.source.path.endswith(".json"):
        raise CannotEdit("JSON syntax")
    if _as_attribute(first.target, path):
        return edit.set_attribute(first.source, first.holder, [first.name], edit.literal(body))
    text = edit.nested_block_text(
        first.name, body, attribute=lambda inside: _as_attribute(first.target, (*first.above, *inside))
    )
    return edit.add_block(first.source, first.holder, text)


def _together(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    out = dict(one)
    for key, value in other.items():
        before = out.get(key, value)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            out[key] = _together(before, value) if key in out else value
        elif before != value:
            raise CannotEdit(f"two fixes want another {key}")
        else:
            out[key] = value
    return out


def _check_complete(known: facts.TypeFacts | None, path: tuple[str, ...], body: Mapping[str, Any]) -> None:
    """CannotEdit when the provider wants more in a new block than stands in it."""
    missing = [name for name in (known.required(path) if known else ()) if name not in body]
    if missing:
        raise CannotEdit(f"a new `{path[-1]}` block needs {', '.join(missing)}, which is a decision")
    for key, value in body.items():
        if isinstance(value, Mapping):
            _check_complete(known, (*path, key), value)


def _patch(drafted: Sequence[tuple[Finding, _Plan]], snapshot: Snapshot) -> Patch:
    total = _Plan()
    for _, plan in drafted:
        total.add(plan)
    edits: tuple[Edit, ...] = edit.edits(snapshot, total.written())
    if not edits:
        raise InvalidEdit(drafted[0][0].place.path, "what the recipe would write stands there already")
    return Patch(
        findings=_once(finding.fingerprint for finding, _ in drafted), edits=edits, origin="recipe", safety=total.safety,
        summary=summary(total.said), sources=_once(filter(None, total.sources)), replaces=_once(total.replaces),
    )  # fmt: skip


def _plan(finding: Finding, check: Check, world: World, snapshot: Snapshot, parameters: Mapping[str, Any]) -> _Plan:
    if finding.status != "fail":
        raise CannotEdit("the finding is not decided, so there is nothing certain to repair")
    mine = [o for o in finding.occurrences if (o.root, o.environment) == (world.root.folder, world.root.environment)]
    if not mine:
        raise CannotEdit(f"the finding does not occur in {world.root.name}")
    files = _Files(snapshot)
    total = _Plan()
    for occurrence in mine:
        mine_here = set(map(id, _leaves(finding, occurrence)))
        options = list(itertools.islice(_options(occurrence.outcome, False, mine_here), MAX_OPTIONS))
        if not options:
            raise CannotEdit("the check has no recipe for this")
        carpenter = _Carpenter(check, world, files, parameters, occurrence.address, finding)
        total.add(_best(options, carpenter))
    return total


def _leaves(finding: Finding, occurrence: Occurrence) -> Iterator[Outcome]:
    """The leaves at fault; elements that read alike are one finding, so they are repaired together."""
    chosen = leaves_of(finding, occurrence)
    candidates = faults(occurrence.outcome)
    elements = {fault.element for fault in candidates if fault.leaves == chosen}
    for fault in candidates:
        if fault.element in elements:
            yield from fault.leaves


def _best(options: list[Option], carpenter: _Carpenter) -> _Plan:
    """The plan that is safest, and among those the smallest; the first reason when there is none."""
    plans: list[tuple[int, int, int, _Plan]] = []
    reasons: list[CannotEdit] = []
    for position, option in enumerate(options):
        plan = _Plan()
        try:
            for step in option:
                plan.add(carpenter.carry_out(step))
            size = sum(len(change.new) + change.end - change.start for change in plan.written())
        except CannotEdit as reason:
            reasons.append(reason)
            continue
        plans.append((_RANK[plan.safety], size, position, plan))
    if not plans:
        # What a person can answer is more use than what cannot be done.
        raise next((reason for reason in reasons if isinstance(reason, NeedsParameter)), reasons[0])
    return min(plans, key=lambda plan: plan[:3])[3]


# --- which fixes ---


def _options(node: Outcome, guilty: bool, mine: set[int] | None) -> Iterator[Option]:
    """The ways to turn a node that is `guilty`, each with every fix it takes; leaves that are not mine are left alone."""
    condition = node.condition
    fix: Fix | None = getattr(condition, "fix", None)
    if mine is not None and id(node) in mine:
        mine = None
    negates = bool(getattr(condition, "negates", False))
    inner = (not guilty) if negates else guilty
    parts = tuple(child for child in node.children if child.truth is inner and (mine is None or _touches(child, mine)))
    alike = any(part.condition is condition for part in parts)
    if alike and fix is not None and fix.kind in _TOGETHER and _needs_all(condition, guilty):
        yield (Step(node, fix, parts),)
        return
    if parts:
        below = [list(itertools.islice(_options(part, inner, mine), MAX_OPTIONS)) for part in parts]
        if _needs_all(condition, guilty):
            if all(below):
                for chosen in itertools.product(*below):
                    yield tuple(step for option in chosen for step in option)
        else:
            for found in below:
                yield from found
    if fix is not None and not alike:
        yield (Step(node, fix, parts),)


def _touches(node: Outcome, mine: set[int]) -> bool:
    return id(node) in mine or any(_touches(child, mine) for child in node.children)


def _needs_all(condition: Any, guilty: bool) -> bool:
    """Whether every part at fault must be repaired to turn the node, or one of them is enough."""
    match condition:
        case Leaf() | All() | Quantified(quantifier="every" | "none") | Linked(quantifier="every" | "none"):
            return not guilty
        case AnyOf() | Quantified() | Linked() | Network() | PolicyCondition():
            return guilty
        case Not():
            return True
    return True


# --- files ---


class _Files:
    """The syntax trees of a snapshot's files."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._read: dict[str, Source] = {}

    def source(self, path: str) -> Source:
        found = self._read.get(path)
        if found is None:
            if not path.endswith(_TERRAFORM):
                raise CannotEdit(f"{path} is not Terraform configuration")
            data = self.snapshot.read(path) or b""
            if path.endswith(".tfvars.json"):
                found = tfjson.values(path, data)
            else:
                found = tfjson.read(path, data) if path.endswith(".json") else hcl.read(path, data)
            self._read[path] = found
        return found

    def module(self, folder: str) -> list[Source]:
        """The configuration files of a folder."""
        paths = [p for p in self.snapshot.files_in(folder) if p.endswith((".tf", ".tf.json", ".tofu"))]
        return [self.source(path) for path in paths]

    def block(self, place: Place) -> tuple[Source, Block]:
        """The top-level block that starts at the place."""
        source = self.source(place.path)
        block = next((b for b in source.body.blocks if b.start == place.start), None)
        if block is None:
            raise CannotEdit(f"no block starts at {place}")
        return source, block

    def declares(self, folder: str, type: str, name: str) -> bool:
        """Whether a resource of that type and name stands in the folder."""
        return any(
            block.type == "resource" and block.labels == (type, name)
            for source in self.module(folder)
            for block in source.body.blocks
        )


@dataclass(frozen=True, slots=True)
class _Spot:
    """An expression that holds a value as a whole: replacing it changes that value alone."""

    source: Source
    block: Block | None
    attribute: Attribute
    keys: tuple[str, ...]
    """The keys inside the attribute's value that lead to the expression; `*` where it is any element of a list."""
    expr: Expr


def _spot(files: _Files, place: Place) -> _Spot | None:
    """Where a place stands, when it is a whole value inside nothing but objects, lists and encoded documents."""
    source = files.source(place.path)
    nodes = edit.enclosing(source, place.start, place.end)
    at = next((i for i, node in enumerate(nodes) if isinstance(node, Attribute)), None)
    if at is None:
        return None
    attribute = nodes[at]
    assert isinstance(attribute, Attribute)
    block = nodes[0] if isinstance(nodes[0], Block) else None
    keys: list[str] = []
    for outer, inner in itertools.pairwise(nodes[at + 1 :]):
        assert isinstance(outer, Expr)
        assert isinstance(inner, Expr)
        if isinstance(outer, Object):
            key = next((k for k, v in outer.items if v is inner), None)
            if key is None:
                return None  # the place is that of a key
            keys.append(str(key.value) if isinstance(key, syntax.Literal) else "*")
        elif isinstance(outer, Tuple):
            keys.append("*")
        elif not (isinstance(outer, syntax.Call) and outer.name == "jsonencode") and not edit.json_inside(
            source, outer
        ):
            return None
    expr = nodes[-1]
    if not isinstance(expr, Expr) or (expr.start, expr.end) != (place.start, place.end):
        return None
    return _Spot(source, block, attribute, tuple(keys), expr)


# --- carrying out ---


class _Carpenter:
    """Carries out fixes on one resource."""

    def __init__(
        self, check: Check, world: World, files: _Files, parameters: Mapping[str, Any], address: str, finding: Finding
    ) -> None:  # fmt: skip
        self.check = check
        self.world = world
        self.files = files
        self.parameters = parameters
        self.subject = world.by_address.get(address)
        self.finding = finding
        self.blocks: list[_NewBlock] = []
        self.alike: set[str] = set()
        """Other resources that a change reaches, because they take the same value for the same argument."""

    def carry_out(self, step: Step) -> _Plan:
        """The changes of one fix; CannotEdit says why there are none."""
        if step.node.value is not None and step.node.value.sensitive:
            raise CannotEdit("the value is marked sensitive")
        makers: Mapping[str, Callable[[Step], tuple[Changes, str]]] = {
            "set": self.set,
            "remove": self.remove,
            "remove_element": self.remove_element,
            "replace_element": self.replace_element,
            "narrow": self.narrow,
            "add_block": self.add_block,
            "add_linked": self.add_linked,
            "add_statement": self.add_statement,
        }
        self.alike, self.blocks = set(), []
        if step.fix.kind == "set" and step.node.value is None:
            step = replace(step, node=self.at_home(step.node))
        changes, said = makers[step.fix.kind](step)
        safety, replaced = step.fix.safety, []
        if step.fix.kind != "add_linked":
            target = self.target(step.node)
            names = _names(step.node)
            if target.mode == "managed" and names and facts.replaces(target.type, names):
                safety = "replaces"
            if safety == "replaces":
                replaced = [target.address, *sorted(self.alike - {target.address})]
        return _Plan(changes, self.blocks, [said], [step.fix.source], replaced, safety)

    def at_home(self, node: Outcome) -> Outcome:
        """A leaf that found none of its paths, moved from the first to the first that the target's type has."""
        paths = node.condition.paths if isinstance(node.condition, Leaf) else ()
        names, target = _names(node), self.target(node)
        known = _facts(target)
        if known is None or len(paths) < 2 or names[len(names) - len(paths[0].names) :] != paths[0].names:
            return node
        before = names[: len(names) - len(paths[0].names)]
        found = next((way for path in paths if _settable(known, way := (*before, *path.names))), names)
        if found == names:
            return node
        if before:  # in an element: the places are those of the one that was read
            return replace(node, path=show_path(found))
        ends = walk(target.body, found, (target.header,), null_is_absent=True)
        return replace(node, path=show_path(found), places=ends[0].places) if len(ends) == 1 else node

    def target(self, node: Outcome) -> Resource:
        """The resource that the node read."""
        found = self.world.by_address.get(node.address) if node.address else self.subject
        if found is None:
            raise CannotEdit("what is missing belongs to the whole root, not to one resource")
        if found.mode == "object":
            raise CannotEdit("recipes change Terraform, not manifests")
        return found

    def shown(self, resource: Resource) -> str:
        """How a summary names the resource: in a module that several calls may share, without its callers."""
        if self.finding.callers and resource.module:
            return f"{resource.type}.{resource.name} in {resource.folder}"
        return without_keys(resource.address)

    # values

    def value(self, written: Any, *, among: str = "", keys: str | None = "") -> Any:
        """A fix's value as data: parameters filled in, references and expressions as code.

        `among` is the module in which the value is written. `keys` are the instance keys that a reference to the
        subject takes; None where none can be said.
        """
        match written:
            case Param(name):
                if name not in self.parameters:
                    raise NeedsParameter(name)
                return self.parameters[name]
            case SubjectRef(attribute):
                return Code(f"{self.reference(among, keys)}.{attribute}")
            case Expression(text):
                return Code(self.expression(text, among, keys))
            case Mapping():
                return {key: self.value(item, among=among, keys=keys) for key, item in written.items()}
            case list() | tuple():
                return [self.value(item, among=among, keys=keys) for item in written]
        return written

    def reference(self, among: str, keys: str | None) -> str:
        if self.subject is None:
            raise CannotEdit("the fix refers to the subject, which is the whole root here")
        if self.subject.module != among:
            raise CannotEdit("the resource that the fix refers to is in another module")
        if keys is None:
            raise CannotEdit("which instance the fix refers to cannot be said here")
        return f"{'data.' if self.subject.mode == 'data' else ''}{self.subject.type}.{self.subject.name}{keys}"

    def expression(self, text: str, among: str, keys: str | None) -> str:
        """HCL text with `self.ATTRIBUTE` (in `${…}` or not) as a reference to the subject."""
        if "self." not in text:
            return text
        name = self.reference(among, keys)
        text = re.sub(r"\$\{\$\{self\.(\w+)\}\}", rf"${{{name}.\1}}", text)
        out, quote, at = "", False, 0
        for match in re.finditer(r'\\.|"|\$\{self\.(\w+)\}|\bself\.(\w+)', text):
            out += text[at : match.start()]
            at = match.end()
            if match[1]:
                out += f"${{{name}.{match[1]}}}" if quote else f"{name}.{match[1]}"
            elif match[2]:
                out += f"{name}.{match[2]}"
            else:
                quote ^= match[0] == '"'
                out += match[0]
        return out + text[at:]

    def argument_value(self, node: Outcome, written: Any, target: Resource) -> Any:
        """The value for an argument: of a list from the settings, one where the argument takes one."""
        value = self.value(written, among=target.module, keys=self._own_keys(target))
        known = _facts(target)
        described = known.argument(_names(node)) if known else None
        takes_list = isinstance(described, facts.ArgumentFacts) and described.type.startswith("list")
        if isinstance(written, Param):
            if isinstance(value, list | tuple) and not takes_list and not (node.value and isinstance(node.value, List)):
                if not value:
                    raise CannotEdit(f"parameter {written.name} is an empty list")
                return value[0]
            if takes_list and not isinstance(value, list | tuple):
                return [value]
        return value

    def _own_keys(self, target: Resource) -> str | None:
        """The keys by which a block of `target` names the subject; a resource cannot name itself."""
        if self.subject is None or target.address == self.subject.address:
            return None
        return "" if self.subject.key is None else None

    # set

    def set(self, step: Step) -> tuple[Changes, str]:
        node = step.node
        target = self.target(node)
        names = _names(node)
        if not names:
            raise CannotEdit("the fix does not say which argument")
        value = self.argument_value(node, step.fix.value, target)
        shown = f"{node.path} = {_short(value)}"
        changes, where = self.put(node, value) if node.value is not None else self.write(node, target, names, value)
        place = "" if where == target.block.path else f" (in {where})"
        return changes, f"sets {shown} on {self.shown(target)}{place}"

    def put(self, node: Outcome, value: Any) -> tuple[Changes, str]:
        """Another value in place of the one that was read, in the outermost frame that concerns nothing else."""
        places = node.places
        for at in range(len(places) - 1, -1, -1):
            spot = _spot(self.files, places[at])
            if spot is None and at == 0:
                spot = self._argument(places[0], _names(node))
            if spot is None or not self.may_change(places, at, spot):
                continue
            op = node.condition.op if isinstance(node.condition, Leaf) else ""
            if op in ("contains", "contains_all") and isinstance(spot.expr, Tuple):
                return self.extended(spot.source, spot.expr, value), spot.source.path
            return self.replaced(spot.source, spot.expr, value), spot.source.path
        raise CannotEdit("the value is worked out, and used in more places than this one")

    def replaced(self, source: Source, expr: Expr, value: Any) -> Changes:
        text = self.text(source, value, as_json=edit.in_json(source, expr))
        return edit.replace_value(source, expr.start, expr.end, text)

    def extended(self, source: Source, expr: Tuple, value: Any) -> Changes:
        """A list with what it lacks; what it holds stays."""
        wanted = value if isinstance(value, list | tuple) else [value]
        held = [item.value for item in expr.items if isinstance(item, syntax.Literal)]
        missing = [item for item in wanted if item not in held]
        if source.path.endswith(".json"):
            raise CannotEdit("JSON syntax")
        if not missing:
            raise CannotEdit("the list holds it already, in a form that does not count")
        as_json = edit.in_json(source, expr)
        texts = [self.text(source, item, as_json=as_json) for item in missing]
        if not expr.items:
            return edit.append_element(source, expr, ", ".join(texts))
        return [change for text in texts for change in edit.append_element(source, expr, text)]

    @staticmethod
    def text(source: Source, value: Any, *, as_json: bool) -> str:
        if source.path.endswith(".json"):
            if _has_code(value):
                raise CannotEdit("JSON syntax")
            text = json.dumps(value, ensure_ascii=False)
            # Strings of a configuration file are templates, those of a variable file are not.
            is_values = source.path.endswith(".tfvars.json")
            return text if is_values else text.replace("${", "$${").replace("%{", "%%{")
        return edit.json_literal(value) if as_json else edit.literal(value)

    def _argument(self, place: Place, names: tuple[str, ...]) -> _Spot | None:
        """The whole argument that a place lies in, when it is the one that was read."""
        source = self.files.source(place.path)
        nodes = edit.enclosing(source, place.start, place.end)
        attribute = next((node for node in nodes if isinstance(node, Attribute)), None)
        if attribute is None or attribute.name != names[-1] or not isinstance(nodes[0], Block):
            return None
        return _Spot(source, nodes[0], attribute, (), attribute.expr)

    def may_change(self, places: Places, at: int, spot: _Spot) -> bool:
        """Whether a change at that frame reaches nothing but what was read."""
        if spot.block is None and not spot.source.path.endswith((".tfvars", ".tfvars.json")):
            return False
        if spot.block is not None:
            if spot.block.type not in ("resource", "data", "provider", "terraform", "locals", "module", "variable"):
                return False
            if spot.block.type == "variable" and spot.attribute.name != "default":
                return False
        before = set(self.alike)
        if all(self.one_user(places[hop], places[hop - 1]) for hop in range(at, 0, -1)):
            return True
        self.alike = before
        return False

    def one_user(self, written: Place, used: Place) -> bool:
        """Whether what is written at a place is used nowhere but at the other, or everywhere alike."""
        source = self.files.source(written.path)
        nodes = edit.enclosing(source, written.start, written.end)
        attribute = next((node for node in nodes if isinstance(node, Attribute)), None)
        if attribute is None:
            return False
        spot = _spot(self.files, written)
        keys = spot.keys if spot else ()
        block = nodes[0] if isinstance(nodes[0], Block) else None
        if block is None:
            return self._used_once("var", attribute.name, self.world.root.folder, keys)
        folder = posixpath.dirname(written.path)
        match block.type:
            case "variable" if block.labels:
                return self._used_once("var", block.labels[0], folder, keys)
            case "locals":
                return self._used_once("local", attribute.name, folder, keys)
            case "module":
                return self._used_once("var", attribute.name, posixpath.dirname(used.path), keys)
            case "resource" | "data":
                return (
                    used.path == written.path
                    and block.start <= used.start < block.end
                    and self._alone(source, block, used)
                )
        return False

    def _alone(self, source: Source, block: Block, used: Place) -> bool:
        """Whether the text at a place stands once in its block (`each.value.x`, an iterator)."""
        text = source.data[used.start : used.end]
        return source.data.count(text, block.start, block.end) == 1

    def _used_once(self, root: str, name: str, folder: str, keys: tuple[str, ...]) -> bool:
        users = list(self._users(root, name, folder, keys))
        if len(users) <= 1:
            return True
        # Several arguments of one resource that hang on one switch are meant to turn together (`encrypted`, its key).
        if len({(block.type, block.labels) for block, *_ in users}) == 1 and users[0][0].type == "resource":
            return True
        kinds = {(block.type, block.labels[:1], attribute.name) for block, attribute, whole in users if whole}
        if len(kinds) > 1 or not all(whole for *_, whole in users) or next(iter(kinds))[0] != "resource":
            return False
        labels = {block.labels for block, *_ in users}
        self.alike |= {r.address for r in self.world.resources if r.folder == folder and (r.type, r.name) in labels}
        return True

    def _users(
        self, root: str, name: str, folder: str, keys: tuple[str, ...]
    ) -> Iterator[tuple[Block, Attribute, bool]]:
        """The arguments of a module that refer to a variable or local; the flag tells whether it is their whole value."""
        for source in self.files.module(folder):
            for block in source.body.blocks:
                if block.type == "variable":
                    continue
                for attribute in _attributes(block):
                    for node in syntax.walk(attribute.expr):
                        if isinstance(node, syntax.Traversal) and node.root == root and _leads(node.steps, name, keys):
                            yield block, attribute, node is attribute.expr

    def write(self, node: Outcome, target: Resource, names: tuple[str, ...], value: Any) -> tuple[Changes, str]:
        """An argument where there is none: in the innermost block or object that is there."""
        rest = _rest(target.body, names, node.places)
        if rest is None:
            if node.places[-1] != target.header:
                raise CannotEdit("where the argument would be written cannot be told")
            rest = names
        before = names[: len(names) - len(rest)]
        self.check_known(target, names)
        for at in range(len(node.places) - 1, -1, -1):
            place = node.places[at]
            source = self.files.source(place.path)
            nodes = edit.enclosing(source, place.start, place.end)
            block = nodes[-1] if nodes and isinstance(nodes[-1], Block) else None
            if block is not None and block.start == place.start:
                if block.type == "dynamic":
                    block = next(block.body.blocks_of("content"), block)
                return self.written(source, block, rest, value, target, before), source.path
            spot = _spot(self.files, place)
            if spot is None or not self.may_change(node.places, at, spot):
                continue
            text = self.text(
                source, value, as_json=edit.in_json(source, spot.expr) or bool(edit.json_inside(source, spot.expr))
            )
            return edit.set_inside(source, spot.expr, rest, text), source.path
        raise CannotEdit("the object that lacks it is worked out, or used in more places than this one")

    def written(
        self, source: Source, block: Block, rest: Sequence[str], value: Any, target: Resource, before: tuple[str, ...]
    ) -> Changes:  # fmt: skip
        if len(rest) > 1 and block.body.attribute(rest[0]) is None and not _inner(block, rest[0]):
            body: Any = value
            for name in reversed(rest[1:]):
                body = {name: body}
            self.blocks.append(_NewBlock(source, block, before, rest[0], body, target))
            return []
        return edit.set_attribute(source, block, rest, self.text(source, value, as_json=False))

    def check_known(self, target: Resource, names: tuple[str, ...]) -> None:
        """CannotEdit when the provider has no such argument."""
        known = _facts(target)
        if known is not None and known.knows(names) and not _settable(known, names):
            raise CannotEdit(f"{target.type} has no argument {'.'.join(names)} to set")

    # removing

    def remove(self, step: Step) -> tuple[Changes, str]:
        target = self.target(step.node)
        names = _names(step.node)
        said = f"removes {step.node.path or 'the rule'} from {self.shown(target)}"
        if isinstance(step.node.condition, Network | Quantified | PolicyCondition):
            changes = [change for part in step.parts or (step.node,) for change in self._remove_around(part, target)]
            return changes, said
        source, top = self.files.block(target.block)
        holders = [top]
        for name in names[:-1]:
            holders = [inner for holder in holders for inner in _inner(holder, name)]
        changes = []
        for holder in holders:
            attribute = holder.body.attribute(names[-1])
            if attribute is not None:
                changes += edit.remove_attribute(source, holder, attribute)
            for block in holder.body.blocks:
                if names[-1] == (block.labels[0] if block.type == "dynamic" and block.labels else block.type):
                    changes += edit.remove_block(source, holder, block)
        if not changes:
            raise CannotEdit("what is to be removed is not written in the resource itself")
        return changes, said

    def _remove_around(self, part: Outcome, target: Resource) -> Changes:
        """Remove the nested block, or the argument, that a place lies in."""
        place = part.places[-1]
        source = self.files.source(place.path)
        nodes = edit.enclosing(source, place.start, place.end)
        blocks = [node for node in nodes if isinstance(node, Block)]
        if not blocks or blocks[0].start != target.block.start or place.path != target.block.path:
            raise CannotEdit("what is to be removed is not written in the resource itself")
        if len(blocks) > 1:
            if any(block.type == "dynamic" for block in blocks):
                raise CannotEdit("the block is made by a `dynamic` block")
            return edit.remove_block(source, blocks[-2], blocks[-1])
        attribute = next((node for node in nodes if isinstance(node, Attribute)), None)
        if attribute is None:
            raise CannotEdit("nothing would remain of the resource")
        return edit.remove_attribute(source, blocks[0], attribute)

    def remove_element(self, step: Step) -> tuple[Changes, str]:
        target = self.target(step.node)
        changes: Changes = []
        lists: dict[tuple[str, int], tuple[Source, Tuple, list[int]]] = {}
        for source, holder, node in self.elements(step, target):
            if isinstance(holder, Tuple):
                key = (source.path, holder.start)
                lists.setdefault(key, (source, holder, []))[2].append(holder.items.index(node))
            elif isinstance(holder, Block):
                changes += edit.remove_block(source, holder, node)
            else:
                raise CannotEdit("nothing would remain of the resource")
        for source, listed, positions in lists.values():
            if len(set(positions)) == len(listed.items):
                changes += self._emptied(source, listed, target, step.node)
            else:
                changes += edit.remove_elements(source, listed, positions)
        shown = step.node.path or "rules"
        return changes, f"removes what is at fault from {shown} of {self.shown(target)}"

    def _emptied(self, source: Source, listed: Expr, target: Resource, node: Outcome | None) -> Changes:
        """Remove an argument of which nothing would remain, where the provider does without it."""
        spot = self._argument(node.places[0], _names(node)) if node and len(node.places) > 1 and node.path else None
        if spot is not None and isinstance(spot.expr, syntax.Traversal):
            source, listed = spot.source, spot.expr  # the resource does without what others may go on using
        nodes = edit.enclosing(source, listed.start, listed.end)
        blocks = [node for node in nodes if isinstance(node, Block)]
        attribute = nodes[len(blocks)] if len(blocks) < len(nodes) else None
        own = bool(blocks) and source.path == target.block.path and blocks[0].start == target.block.start
        if not own or not isinstance(attribute, Attribute) or attribute.expr is not listed:
            raise CannotEdit("nothing would remain in the list")
        known = _facts(target)
        path = (*(block.type for block in blocks[1:]), attribute.name)
        described = known.argument(path) if known else None
        if len(blocks) > 1:
            others = {other.name for other in blocks[-1].body.attributes} & _SOURCES - {attribute.name}
            if attribute.name not in _SOURCES:
                raise CannotEdit("nothing would remain in the list")
            if not others:
                return edit.remove_block(source, blocks[-2], blocks[-1])
        elif not isinstance(described, facts.ArgumentFacts) or described.required or attribute.name in _SOURCES:
            raise CannotEdit("nothing would remain in the list")
        return edit.remove_attribute(source, blocks[-1], attribute)

    def elements(self, step: Step, target: Resource) -> list[tuple[Source, Block | Tuple | None, Any]]:
        """The elements at fault, each with the list or block that holds it."""
        out: list[tuple[Source, Block | Tuple | None, Any]] = []
        names = _names(step.node)
        for part in step.parts or (step.node,):
            leaf = next((leaf for leaf in part.leaves() if leaf.places), part)
            found: list[tuple[Source, Block | Tuple | None, Any]] = []
            for at in range(len(leaf.places) - 1, -1, -1):
                found = self._elements_at(leaf.places, at, step.node.condition, names, target)
                if found:
                    break
            if not found:
                raise CannotEdit("the element at fault is not written out, or shared with others")
            out += found
        return out

    def _elements_at(
        self, places: Places, at: int, condition: Any, names: tuple[str, ...], target: Resource
    ) -> list[tuple[Source, Block | Tuple | None, Any]]:
        """The elements at fault that stand at one place of a chain, if they can go without touching anything else."""
        place = places[at]
        source = self.files.source(place.path)
        nodes = edit.enclosing(source, place.start, place.end)
        alone = all(self.one_user(places[hop], places[hop - 1]) for hop in range(at, 0, -1))
        if isinstance(condition, Leaf) and nodes and isinstance(nodes[-1], Tuple):
            operands = condition.operand if isinstance(condition.operand, tuple) else (condition.operand,)
            guilty = [i for i in nodes[-1].items if isinstance(i, syntax.Literal) and i.value in operands]
            return [(source, nodes[-1], item) for item in guilty] if alone else []
        found = _element(nodes, names, whole=isinstance(condition, Network | PolicyCondition | Leaf))
        if found is None:
            return []
        if isinstance(found[1], Block):
            own = place.path == target.block.path and target.block.start <= place.start < target.block.end
            return [(source, *found)] if own or self._only_document(nodes[0], place) else []
        return [(source, *found)] if alone else []

    def _only_document(self, top: edit.Node, place: Place) -> bool:
        """Whether it is a policy document that one place uses, and of which something would remain."""
        if not isinstance(top, Block) or (top.type, *top.labels[:1]) != ("data", "aws_iam_policy_document"):
            return False
        users = list(self._references(("data", *top.labels), posixpath.dirname(place.path)))
        return len(users) == 1 and len(list(top.body.blocks_of("statement"))) > 1

    def replace_element(self, step: Step) -> tuple[Changes, str]:
        target = self.target(step.node)
        value = self.value(step.fix.value, among=target.module, keys=self._own_keys(target))
        changes: Changes = []
        for source, holder, node in self.elements(step, target):
            if isinstance(node, Block):
                raise CannotEdit("the element is a block")
            if isinstance(holder, Tuple) and any(
                isinstance(i, syntax.Literal) and i.value == value for i in holder.items
            ):
                changes += edit.remove_elements(source, holder, [holder.items.index(node)])
            else:
                changes += self.replaced(source, node, value)
        return (
            changes,
            f"replaces what is at fault in {step.node.path} of {self.shown(target)} by {_short(value)}",
        )

    def narrow(self, step: Step) -> tuple[Changes, str]:
        given = self.value(step.fix.value)
        networks = [str(network) for network in (given if isinstance(given, list | tuple) else [given])]
        changes: Changes = []
        used: list[str] = []
        lists: dict[tuple[str, int], tuple[Source, Tuple, list[Expr]]] = {}
        for part in step.parts or (step.node,):
            if not part.places:
                raise CannotEdit("the rule at fault is not written out")
            spot = _spot(self.files, part.places[-1])
            if spot is None:
                raise CannotEdit("the network at fault is not written as a value of its own")
            if not self.may_change(part.places, len(part.places) - 1, spot):
                raise CannotEdit("the list of networks is used in more places than this one")
            nodes = edit.enclosing(spot.source, spot.expr.start, spot.expr.end)
            if len(nodes) > 1 and isinstance(nodes[-2], Tuple):
                key = (spot.source.path, nodes[-2].start)
                lists.setdefault(key, (spot.source, nodes[-2], []))[2].append(spot.expr)
                continue
            guilty = list(spot.expr.items) if isinstance(spot.expr, Tuple) else [spot.expr]
            family = _family(guilty)
            fitting = [network for network in networks if _version(network) == family]
            if not fitting:
                raise CannotEdit(f"none of the approved networks is IPv{family}")
            used += fitting if isinstance(spot.expr, Tuple) else fitting[:1]
            value = fitting if isinstance(spot.expr, Tuple) else fitting[0]
            changes += self.replaced(spot.source, spot.expr, value)
        for source, holder, items in lists.values():
            family = _family(items)
            kept = [item for item in holder.items if item not in items]
            present = {item.value for item in kept if isinstance(item, syntax.Literal)}
            fitting = [network for network in networks if _version(network) == family]
            fresh = [network for network in fitting if network not in present]
            used += fresh
            if fresh:
                text = ", ".join(edit.quoted(network) for network in fresh)
                changes += edit.replace_value(source, items[0].start, items[0].end, text)
                items = items[1:]
            elif not kept:
                changes += self._emptied(source, holder, self.target(step.node), None)
                continue
            changes += edit.remove_elements(source, holder, [holder.items.index(item) for item in items])
        what = f"{step.node.path or 'the rule'} of {self.shown(self.target(step.node))}"
        return (
            changes,
            f"narrows {what} to {', '.join(_once(used))}" if used else f"removes the open networks from {what}",
        )

    # adding

    def add_block(self, step: Step) -> tuple[Changes, str]:
        target = self.target(step.node)
        source, top = self.files.block(target.block)
        name = str(step.fix.value["name"])
        body = self.value(step.fix.value["body"], among=target.module, keys=self._own_keys(target))
        names = _names(step.node)
        above = names[: names.index(name)] if name in names else ()
        holder = top
        for outer in above:
            inner = _inner(holder, outer)
            if len(inner) != 1:
                raise CannotEdit(f"there is no single `{outer}` block to add `{name}` to")
            holder = inner[0]
        known = _facts(target)
        described = known.argument((*above, name)) if known else None
        if _inner(holder, name) and not (isinstance(described, facts.BlockFacts) and described.many):
            return self._completed(step, name, body, target)
        body = {key: _fitting(known, (*above, name, key), item) for key, item in body.items()}
        said = f"adds {name} to {self.shown(target)}"
        if isinstance(described, facts.BlockFacts) and described.many and not described.as_attribute:
            text = edit.nested_block_text(name, body, attribute=lambda path: _as_attribute(target, (*above, *path)))
            return edit.add_block(source, holder, text), said
        self.blocks.append(_NewBlock(source, holder, above, name, body, target))
        return [], said

    def _completed(self, step: Step, name: str, body: Any, target: Resource) -> tuple[Changes, str]:
        """A block that is there already gets the one argument that the node misses in it."""
        names = _names(step.node)
        value = body
        for key in names[names.index(name) + 1 :] if name in names else ():
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None or value is body:
            raise CannotEdit(f"there is a `{name}` block already")
        node = step.node
        changes, _ = self.put(node, value) if node.value is not None else self.write(node, target, names, value)
        return changes, f"sets {node.path} = {_short(value)} on {self.shown(target)}"

    def add_linked(self, step: Step) -> tuple[Changes, str]:
        subject = self.world.by_address.get(step.node.address) if step.node.address else self.subject
        type = str(step.fix.value["type"])
        if subject is None:
            place = step.node.places[-1] if step.node.places else self.finding.place
            source, after = self.files.block(place)
            folder, module, name, keys = self.world.root.folder, "", "main", ""
        else:
            source, after = self.files.block(subject.block)
            folder, module, name, keys = subject.folder, subject.module, subject.name, _repeated(after)
        if self.files.declares(folder, type, name):
            raise CannotEdit(f"{type}.{name} exists, and does not settle it")
        written = self.value(step.fix.value["body"], among=module, keys=keys)
        known = facts.resource_type(type)
        body: dict[str, Any] = {}
        if keys:
            meta = "count" if keys == "[count.index]" else "for_each"
            repeated = after.body.attribute(meta)
            assert repeated is not None
            body[meta] = Code(source.data[repeated.value_start : repeated.value_end].decode())
        rest = {key: _fitting(known, (key,), item) for key, item in written.items()}
        text = edit.block_text("resource", (type, name), rest, attribute=lambda path: _is_attribute(known, path))
        if body:
            [(meta, code)] = body.items()
            head, _, tail = text.partition("\n")
            text = f"{head}\n  {meta} = {code.text}\n\n{tail}"
        return edit.append_resource(source, after, text), f"adds {type}.{name}"

    def add_statement(self, step: Step) -> tuple[Changes, str]:
        target = self.target(step.node)
        said = f"adds a statement to {step.node.path or 'the policy'} of {self.shown(target)}"
        for at in range(len(step.node.places) - 1, -1, -1):
            place = step.node.places[at]
            source = self.files.source(place.path)
            nodes = edit.enclosing(source, place.start, place.end)
            top = nodes[0] if nodes and isinstance(nodes[0], Block) else None
            if top is not None and top.type == "data" and top.labels[:1] == ("aws_iam_policy_document",):
                if len(list(self._references(("data", *top.labels), posixpath.dirname(place.path)))) > 1:
                    raise CannotEdit("the policy document is used in more places than this one")
                if source.path.endswith(".json"):
                    raise CannotEdit("JSON syntax")
                statement = self.value(step.fix.value, among=target.module, keys=self._own_keys(target))
                return edit.add_block(source, top, _statement_block(statement)), said
            spot = _spot(self.files, place) or (self._argument(place, _names(step.node)) if at == 0 else None)
            document = _document(source, spot.expr) if spot else None
            if spot is None or document is None or not self.may_change(step.node.places, at, spot):
                continue
            statement = self.value(step.fix.value, among=target.module, keys=self._own_keys(target))
            return self._into(source, document, statement), said
        raise CannotEdit("the policy is not written out in a form that takes a statement")

    def _into(self, source: Source, document: Object, statement: Any) -> Changes:
        as_json = edit.in_json(source, document) or _in_heredoc(source, document)
        text = edit.json_literal(statement) if as_json else edit.literal(statement)
        held = next((v for k, v in document.items if isinstance(k, syntax.Literal) and k.value == "Statement"), None)
        if isinstance(held, Tuple):
            return edit.append_element(source, held, text)
        if isinstance(held, Object):
            placed = edit.replace_value(source, held.end, held.end, f", {text}]")
            return [Replacement(source.path, held.start, held.start, b"["), *placed]
        raise CannotEdit("the statements of the policy are not written out")

    def _references(self, names: tuple[str, ...], folder: str) -> Iterator[Expr]:
        for source in self.files.module(folder):
            for block in source.body.blocks:
                for attribute in _attributes(block):
                    for node in syntax.walk(attribute.expr):
                        if isinstance(node, syntax.Traversal) and node.root == names[0]:
                            steps = [step.name for step in node.steps if isinstance(step, syntax.Attr)]
                            if tuple(steps[: len(names) - 1]) == names[1:]:
                                yield node


# --- small things ---


def _names(node: Outcome) -> tuple[str, ...]:
    return parse_path(node.path).names if node.path else ()


def _short(value: Any) -> str:
    text = edit.literal(value)
    return text if "\n" not in text and len(text) <= 100 else "…"


def _has_code(value: Any) -> bool:
    if isinstance(value, Code):
        return True
    if isinstance(value, Mapping):
        return any(map(_has_code, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_code, value))


def _facts(resource: Resource) -> facts.TypeFacts | None:
    if resource.mode == "managed":
        return facts.resource_type(resource.type)
    return facts.data_type(resource.type) if resource.mode == "data" else None


def _settable(known: facts.TypeFacts, path: tuple[str, ...]) -> bool:
    described = known.argument(path)
    return described is not None and not (isinstance(described, facts.ArgumentFacts) and described.computed_only)


def _as_attribute(resource: Resource, path: tuple[str, ...]) -> bool:
    return _is_attribute(_facts(resource), path)


def _is_attribute(known: facts.TypeFacts | None, path: tuple[str, ...]) -> bool:
    """Whether what stands at the path is written with `=`; without facts, a nested map is a block."""
    described = known.argument(path) if known else None
    return described.as_attribute if isinstance(described, facts.BlockFacts) else described is not None


def _fitting(known: facts.TypeFacts | None, path: tuple[str, ...], value: Any) -> Any:
    """A value from the settings as the argument takes it: one of a list, or a list of one."""
    if isinstance(value, Mapping):
        return {key: _fitting(known, (*path, key), item) for key, item in value.items()}
    described = known.argument(path) if known else None
    if isinstance(described, facts.ArgumentFacts):
        if isinstance(value, list | tuple) and described.type in ("string", "number", "bool") and value:
            return value[0]
        if not isinstance(value, list | tuple | Code) and described.type.startswith("list"):
            return [value]
    return value


def _attributes(block: Block) -> Iterator[Attribute]:
    yield from block.body.attributes
    for inner in block.body.blocks:
        yield from _attributes(inner)


def _inner(block: Block, name: str) -> list[Block]:
    """The nested blocks of that name, and what a `dynamic` block of that name holds."""
    found = list(block.body.blocks_of(name))
    for made in block.body.blocks_of("dynamic"):
        if made.labels == (name,):
            found += made.body.blocks_of("content")
    return found


def _leads(steps: syntax.Steps, name: str, keys: tuple[str, ...]) -> bool:
    """Whether a traversal to the variable may read what stands behind these keys."""
    if not steps or not isinstance(steps[0], syntax.Attr) or steps[0].name != name:
        return False
    for step, key in zip(steps[1:], keys, strict=False):
        if isinstance(step, syntax.Attr):
            read = step.name
        elif isinstance(step, syntax.Index) and isinstance(step.key, syntax.Literal):
            read = str(step.key.value)
        else:
            return True
        if key != "*" and read != key:
            return False
    return True


def _rest(value: Value | None, names: tuple[str, ...], places: Places) -> tuple[str, ...] | None:
    """The names that are missing from the object at `places` on the way that `names` leads; None when it is not met."""
    if isinstance(value, Encoded):
        value = value.inner
    elif isinstance(value, Known) and isinstance(value.value, str) and names:
        value = opened(value)
    if isinstance(value, List):
        return next((rest for item in value.items if (rest := _rest(item, names, places)) is not None), None)
    if not isinstance(value, Map) or not names:
        return None
    child = value.items.get(names[0])
    if child is None:
        return names if value.places == places else None
    if isinstance(child, List) and not child.items and child.kind == "blocks":
        return names if value.places == places else None
    return _rest(child, names[1:], places)


def _element(
    nodes: Sequence[edit.Node], names: tuple[str, ...], *, whole: bool
) -> tuple[Block | Tuple | None, Block | Expr] | None:
    """The element that the nodes lie in: a nested block of that name, or an item of the list at `names`."""
    blocks = [node for node in nodes if isinstance(node, Block)]
    if not whole and len(blocks) > 1:
        for holder, inner in itertools.pairwise(blocks):
            if inner.type == names[-1]:
                return holder, inner
    listed = [(a, b) for a, b in itertools.pairwise(nodes) if isinstance(a, Tuple) and isinstance(b, Expr)]
    if listed:
        # Of a list with nothing else in it nothing would remain: then the element is the one around it.
        fuller = next((pair for pair in reversed(listed) if len(pair[0].items) > 1), None)
        if fuller or not (blocks and blocks[0].type == "data" and len(blocks) > 1):
            return fuller or listed[-1]
    if len(blocks) > 1 and blocks[-1].type != "content":
        return blocks[-2], blocks[-1]
    return None


def _family(items: Iterable[Expr]) -> int:
    families = {_version(str(item.value)) for item in items if isinstance(item, syntax.Literal)}
    if len(families) != 1 or 0 in families:
        raise CannotEdit("the networks at fault are not written out")
    return families.pop()


def _version(network: str) -> int:
    try:
        return ipaddress.ip_network(network, strict=False).version
    except ValueError:
        return 0


def _repeated(block: Block) -> str:
    """The keys by which another resource, repeated alike, names the instance of this one."""
    if block.body.attribute("count") is not None:
        return "[count.index]"
    return "[each.key]" if block.body.attribute("for_each") is not None else ""


def _in_heredoc(source: Source, document: Expr) -> bool:
    nodes = edit.enclosing(source, document.start, document.end)
    return any(isinstance(node, Expr) and source.data[node.start : node.start + 2] == b"<<" for node in nodes)


def _document(source: Source, expr: Expr) -> Object | None:
    """The policy document that an expression encodes, when it is written out."""
    if isinstance(expr, syntax.Call) and expr.name == "jsonencode" and len(expr.args) == 1:
        expr = expr.args[0]
    if isinstance(expr, Object):
        return expr
    inside = edit.json_inside(source, expr)
    return inside if isinstance(inside, Object) else None


_STATEMENT: Final = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}


def _statement_block(statement: Mapping[str, Any]) -> str:
    """A statement as a block of `aws_iam_policy_document`."""
    body: dict[str, Any] = {}
    for key, value in statement.items():
        if key in _STATEMENT:
            many = key not in ("Sid", "Effect") and not isinstance(value, list)
            body[_STATEMENT[key]] = [value] if many else value
    for key, name in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        if key in statement:
            who = statement[key]
            pairs = who.items() if isinstance(who, Mapping) else [("*", who)]
            body[name] = [{"type": kind, "identifiers": ids if isinstance(ids, list) else [ids]} for kind, ids in pairs]
    tests = [
        {"test": test, "variable": variable, "values": values if isinstance(values, list) else [values]}
        for test, pairs in statement.get("Condition", {}).items()
        for variable, values in pairs.items()
    ]
    if tests:
        body["condition"] = tests
    return edit.nested_block_text("statement", body)
