"""Judging resources: what a check says of one, as a tree of outcomes that explains itself.

Every condition comes out true, false or unknown. A leaf of the tree keeps what it read, where that stands, and a
clause that says so; for what is absent it keeps the innermost thing that is there. Values are looked up by key, never
listed: the configuration may be evaluated lazily, and most of it is never asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from copilot.checks import operators
from copilot.checks.language import (
    POD_TEMPLATES,
    All,
    AnyOf,
    Attr,
    Bounds,
    Check,
    Condition,
    Exists,
    Leaf,
    Linked,
    Network,
    Not,
    Op,
    Param,
    Path,
    PolicyCondition,
    Quantified,
    Quantifier,
    RegoCondition,
    nodes,
    operands,
    own_paths,
    show_path,
)
from copilot.checks.links import Links
from copilot.checks.operators import both, either, opposite, show
from copilot.checks.walking import MORE, Reading, first_present, inherited, opened, undecided, walk
from copilot.errors import SettingsInvalid
from copilot.model import (
    Encoded,
    Known,
    List,
    Map,
    Null,
    Outcome,
    Place,
    Places,
    Ref,
    Resource,
    Template,
    Truth,
    Unknown,
    Value,
    World,
    plain,
)

JudgementVerdict: TypeAlias = Literal["pass", "fail", "undecided", "not_applicable"]
Parameters: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a check says of a resource, and why: the outcome of `must`, or of `when` where that settles it."""

    check: Check
    resource: Resource
    verdict: JudgementVerdict
    outcome: Outcome


def judge(check: Check, resource: Resource, world: World, parameters: Parameters) -> Judgement:
    """The judgement of the check on one resource that it covers."""
    return _judge(check, resource, _Case(world, parameters, _links_of(world)))


def truth_of(condition: Condition, check: Check, resource: Resource, world: World, parameters: Parameters) -> Truth:
    """The truth of a condition of the check, asked of one subject (of its pod, where the check is about pods)."""
    scope = _scope_of(_Case(world, parameters, _links_of(world)), resource)
    return _evaluate(condition, _pod(scope) if check.subject.kind == "pod" else scope).truth


def judge_world(checks: Iterable[Check], world: World, parameters: Parameters) -> Iterator[Judgement]:
    """Every judgement of the checks on the world: resource by resource, and last on the root itself."""
    return rejudge(checks, world, parameters, lambda _check, _resource: None)


def rejudge(
    checks: Iterable[Check], world: World, parameters: Parameters, known: Callable[[Check, Resource], Judgement | None]
) -> Iterator[Judgement]:
    """As `judge_world`, taking over each judgement that `known` still has."""
    case = _Case(world, parameters, _links_of(world))
    checks = tuple(checks)
    covering: dict[tuple[str, str], tuple[Check, ...]] = {}
    for resource in world.resources:
        key = (resource.mode, resource.type)
        found = covering.get(key)
        if found is None:
            found = covering[key] = tuple(
                check for check in checks if check.subject.kind != "root" and check.subject.covers(*key)
            )
        for check in found:
            yield known(check, resource) or _judge(check, resource, case)
    for check in checks:
        if check.subject.kind == "root" and (root := root_subject(check, world)) is not None:
            yield _judge(check, root, case)


def looks_beside(check: Check, types: Collection[str]) -> bool:
    """Whether what the check says of one resource can depend on others of these types (`data.TYPE` for data sources)."""
    for node in check.nodes():
        match node:
            case Linked() | Exists():
                if any(_among(name, types) for name in node.types):
                    return True
            case Network():
                if any(_among(name, types) for also in node.also for name in also.types):
                    return True
            case RegoCondition():
                return True
            case _:
                continue
    return False


def _among(name: str, types: Collection[str]) -> bool:
    return name in types or f"data.{name}" in types or name.removeprefix("data.") in types


def root_subject(check: Check, world: World) -> Resource | None:
    """The root as a resource, which stands where its first resource of the subject's types does; None without one."""
    found = [
        r for name in check.subject.names for r in world.by_type.get(name, ()) if check.subject.covers(r.mode, name)
    ]
    if not found:
        return None
    first = min(found, key=lambda resource: (resource.header.path, resource.header.start))
    body = Map({}, places=(first.header,))
    return Resource("root", "root", world.root.name, "block", "", world.root.folder, body, first.block, first.header)


# --- the case -----------------------------------------------------------------------------------------------------

_recent: tuple[tuple[World, Links], ...] = ()


def _links_of(world: World) -> Links:
    """The links of the world; those of the last two worlds are kept, as a change is judged before and after."""
    global _recent
    for known, links in _recent:
        if known is world:
            return links
    links = Links(world)
    _recent = ((world, links), *_recent[:1])
    return links


@dataclass(slots=True, eq=False)
class _Case:
    """What every condition of one run shares."""

    world: World
    parameters: Parameters
    links: Links
    plain_world: list[dict[str, Any]] | None = None
    existing: dict[Exists, tuple[Outcome, ...]] = field(default_factory=dict)
    """What `exists` found where that is the same for every subject."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scope:
    """What a condition is asked of: a value, and how it was reached.

    `steps` are the keys that lead from the body of `resource` to `value`; `subject` is the check's own subject, and
    `home` its scope (None: this one); `address` names the resource in outcomes when it is not the subject; `template`
    is what holds the pod.
    """

    case: _Case
    subject: Resource
    resource: Resource
    value: Value | None
    steps: tuple[str, ...]
    places: Places
    address: str = ""
    key: Known | None = None
    template: _Scope | None = None
    home: _Scope | None = None

    @property
    def null_is_absent(self) -> bool:
        return self.resource.mode != "object"


def _scope_of(case: _Case, resource: Resource) -> _Scope:
    return _Scope(case, resource, resource, resource.body, (), resource.body.places or (resource.header,))


def _at(scope: _Scope, other: Resource) -> _Scope:
    """The scope of another resource, asked about for the sake of the same subject."""
    return _Scope(
        scope.case,
        scope.subject,
        other,
        other.body,
        (),
        other.body.places or (other.header,),
        address="" if other is scope.subject else other.address,
        template=scope.template,
        home=scope.home or scope,
    )


def _judge(check: Check, resource: Resource, case: _Case) -> Judgement:
    scope = _scope_of(case, resource)
    match check.subject.kind:
        case "pod":
            pod = _pod(scope)
            verdict, outcome = (
                _verdict(check, pod) if pod.value is not None else ("not_applicable", _no_pod(check, pod))
            )
        case "container":
            verdict, outcome = _judge_containers(check, _pod(scope))
        case _:
            verdict, outcome = _verdict(check, scope)
    return Judgement(check, resource, verdict, outcome)


def _verdict(check: Check, scope: _Scope) -> tuple[JudgementVerdict, Outcome]:
    if check.when is not None:
        applies = _evaluate(check.when, scope)
        if applies.truth is False:
            return "not_applicable", applies
        if applies.truth is None:
            return "undecided", applies
    outcome = _evaluate(check.must, scope)
    return ("undecided" if outcome.truth is None else "pass" if outcome.truth else "fail"), outcome


# --- pods ---------------------------------------------------------------------------------------------------------

_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")


def _pod(scope: _Scope) -> _Scope:
    """The pod's spec in the object; its value is None where there is none."""
    template = _inner(scope, POD_TEMPLATES.get(scope.resource.type, ()))
    spec = _inner(template, ("spec",))
    return replace(spec, template=template)


def _inner(scope: _Scope, steps: tuple[str, ...]) -> _Scope:
    reading = walk(scope.value, steps, scope.places, null_is_absent=True)[0]
    value = None if reading.absent else reading.value
    return replace(scope, value=value, steps=scope.steps + steps, places=reading.places)


def _no_pod(check: Check, pod: _Scope) -> Outcome:
    return Outcome(False, check.subject, show_path(pod.steps), pod.places, "it carries no pod")


def _judge_containers(check: Check, pod: _Scope) -> tuple[JudgementVerdict, Outcome]:
    """Each container on its own, and the worst of their verdicts for the object."""
    judged: list[tuple[JudgementVerdict, Outcome]] = []
    for name in _CONTAINERS:
        for reading in walk(pod.value, (name,), pod.places, null_is_absent=True):
            if reading.absent or reading.value is None:
                continue
            steps = (*pod.steps, name)
            found = _elements(reading)
            for _, element in found.items:
                scope = replace(pod, value=element, steps=steps, places=element.places or reading.places)
                verdict, outcome = _verdict(check, scope)
                if outcome.children:
                    outcome = replace(outcome, value=element)
                else:  # the container names the finding, so it stands above the one leaf that was read of it
                    outcome = replace(outcome, children=(outcome,), value=element)
                judged.append((verdict, outcome))
            if found.gap is not None:
                judged.append(("undecided", _gap(check.subject, show_path(steps), found.gap, reading.places, pod)))
    for verdict, truth in (("fail", False), ("undecided", None), ("pass", True)):
        children = tuple(outcome for found_verdict, outcome in judged if found_verdict == verdict)
        if children:
            return verdict, Outcome(truth, check.subject, show_path(pod.steps), pod.places, "", children)
    children = tuple(outcome for _, outcome in judged)
    if children:
        return "not_applicable", Outcome(False, check.subject, show_path(pod.steps), pod.places, "", children)
    return "not_applicable", _no_pod(check, pod)


# --- conditions ---------------------------------------------------------------------------------------------------


def _evaluate(condition: Condition, scope: _Scope) -> Outcome:
    return _EVALUATE[type(condition)](condition, scope)


def _all(node: All, scope: _Scope) -> Outcome:
    children = tuple(_evaluate(child, scope) for child in node.conditions)
    return Outcome(both(child.truth for child in children), node, children=children, address=scope.address)


def _any_of(node: AnyOf, scope: _Scope) -> Outcome:
    children = tuple(_evaluate(child, scope) for child in node.conditions)
    return Outcome(either(child.truth for child in children), node, children=children, address=scope.address)


def _not(node: Not, scope: _Scope) -> Outcome:
    child = _evaluate(node.condition, scope)
    return Outcome(opposite(child.truth), node, children=(child,), address=scope.address)


def _read(scope: _Scope, paths: Sequence[Path]) -> tuple[tuple[str, ...], list[Reading]]:
    """The readings at the first present path, and its steps from the resource; what is ignored is Unknown."""
    anchored = next((path for path in paths if path.anchor), None)
    if anchored is not None:
        if anchored.anchor == "key":
            if scope.key is None:
                return scope.steps, [Reading(None, scope.places, absent=True)]
            return scope.steps, [Reading(scope.key, scope.key.places or scope.places)]
        template = scope.template
        assert template is not None, "the parser admits $pod and $metadata only where there is a pod"
        member = "spec" if anchored.anchor == "pod" else "metadata"
        base = _inner(template, (member,))
        plain_paths = [replace(path, anchor="") for path in paths if path.anchor == anchored.anchor]
        return _read(replace(base, key=None), plain_paths)
    path, readings = first_present(scope.value, paths, scope.places, null_is_absent=scope.null_is_absent)
    steps = scope.steps + path.names
    if scope.resource.ignored and _ignored(scope.resource.ignored, steps):
        readings = [Reading(Unknown("ignored", "", places=reading.places), reading.places) for reading in readings]
    return steps, readings


@lru_cache(maxsize=4096)
def _ignored(ignored: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    """Whether `lifecycle.ignore_changes` covers the path: Terraform then leaves alone what is there."""
    for text in ignored:
        if text in ("*", "all"):
            return True
        covered = tuple(
            bare or re.sub(r"\\(.)", r"\1", quoted)
            for bare, quoted in re.findall(r'([A-Za-z_][A-Za-z0-9_-]*)|\["((?:[^"\\]|\\.)*)"\]', text)
        )
        if covered and steps[: len(covered)] == covered:
            return True
    return False


def _gap(node: Any, path: str, gap: Unknown | Ref, places: Places, scope: _Scope) -> Outcome:
    reason = operators.why_undecided(gap)
    return Outcome(
        None, node, path, gap.places or places, f"{path or 'it'} is not decided: {reason}", (), scope.address, gap
    )


# leaves


def _leaf(node: Leaf, scope: _Scope) -> Outcome:
    steps, readings = _read(scope, node.paths)
    path = show_path(steps)
    operand, missing = _operand(node, scope)
    if node.op in operators.ELEMENTWISE and not isinstance(operand, list | dict):
        readings = [each for reading in readings for each in _spread(reading)]
    outcomes = tuple(_leaf_on(node, reading, steps, path, operand, missing, scope) for reading in readings)
    if len(outcomes) == 1:
        return outcomes[0]
    truth = both(outcome.truth for outcome in outcomes)
    first = next(outcome for outcome in outcomes if outcome.truth is truth)
    return Outcome(truth, node, path, first.places, first.reason, outcomes, scope.address, first.value)


def _spread(reading: Reading) -> list[Reading]:
    """The elements of a list, for operators that judge one value."""
    value = reading.value
    hidden = value is not None and value.sensitive
    if isinstance(value, Encoded):
        value = value.inner
    if reading.absent or not isinstance(value, List):
        return [reading]
    places = value.places or reading.places
    found = [
        each
        for item in (inherited(item, sensitive=hidden) for item in value.items)
        for each in _spread(Reading(item, item.places or places, absent=isinstance(item, Null)))
    ]
    if value.open:
        found.append(Reading(Unknown("more", MORE, places=places), places))
    return found or [Reading(None, places, absent=True)]


def _leaf_on(
    node: Leaf,
    reading: Reading,
    steps: tuple[str, ...],
    path: str,
    operand: Any,
    missing: str,
    scope: _Scope,
) -> Outcome:
    name = path or "it"
    value, places = reading.value, reading.places
    if reading.absent or value is None:
        if node.op == "present" or node.op == "defined":
            truth: Truth = not operand
            reason = f"{name} is {'null' if isinstance(value, Null) else 'absent'}"
            return Outcome(truth, node, path, places, reason, (), scope.address, value)
        if node.absent == "default":
            return _default(node, reading, steps, path, operand, missing, scope)
        reason = f"{name} is {'null' if isinstance(value, Null) else 'absent'}"
        if node.absent is None:
            reason += ", and what that means is not decided by the configuration"
        return Outcome(node.absent, node, path, places, reason, (), scope.address, value)
    if missing:
        return Outcome(None, node, path, places, f"{name} is not decided: {missing}", (), scope.address, value)
    if isinstance(operand, _Gone):
        reason = f"{name} is {show(value)}, and {operand.path} is absent"
        return Outcome(False, node, path, places, reason, (), scope.address, value)
    truth = operators.decide(node.op, operand, value, steps[-1] if steps else "")
    reason = operators.explain(path, node.op, operand, value, truth)
    return Outcome(truth, node, path, places, reason, (), scope.address, value)


def _default(
    node: Leaf, reading: Reading, steps: tuple[str, ...], path: str, operand: Any, missing: str, scope: _Scope
) -> Outcome:
    from copilot.iac import facts

    name, places, type = path or "it", reading.places, scope.resource.type
    value = facts.default(type, steps)
    if value is None or missing or facts.account_dependent(type, steps):
        why = missing or (
            "what its absence means is not documented"
            if value is None
            else "what its absence means depends on the account's settings"
        )
        return Outcome(None, node, path, places, f"{name} is absent: {why}", (), scope.address, reading.value)
    usual = replace(operators.as_value(value), places=places)
    truth = False if isinstance(operand, _Gone) else operators.decide(node.op, operand, usual, steps[-1])
    reason = f"{name} is absent, which means {show(value)}"
    if truth is False and not isinstance(operand, _Gone):
        reason += f", {operators.demand(node.op, operand)}"
    return Outcome(truth, node, path, places, reason, (), scope.address, reading.value)


class _Gone(NamedTuple):
    """The value that the operand names is absent."""

    path: str


def _operand(node: Leaf, scope: _Scope) -> tuple[Any, str]:
    """The operand with its parameters and attributes in place, or the reason why it cannot be had."""
    operand = node.operand
    if isinstance(operand, Param | Attr):
        resolved, missing = _resolve(operand, node.op, scope)
        if node.op in ("in", "contains_all", "subset_of", "within") and not missing:
            resolved = _several(resolved)
        return resolved, missing
    if isinstance(operand, Bounds) and any(isinstance(item, Param | Attr) for item in operands(node)):
        ends = [_resolve(end, node.op, scope) if isinstance(end, Param | Attr) else (end, "") for end in operands(node)]
        missing = next((missing for _, missing in ends if missing), "")
        gone = next((end for end, _ in ends if isinstance(end, _Gone)), None)
        return gone or Bounds(*(end for end, _ in ends)), missing
    if isinstance(operand, tuple) and any(isinstance(item, Param | Attr) for item in operand):
        items: list[Any] = []
        for item in operand:
            if isinstance(item, Param | Attr):
                resolved, missing = _resolve(item, node.op, scope)
                if missing:
                    return None, missing
                items.extend(() if isinstance(resolved, _Gone) else _several(resolved))
            else:
                items.append(item)
        return tuple(items), ""
    return operand, ""


def _several(resolved: Any) -> Any:
    if isinstance(resolved, _Gone):
        return resolved
    if isinstance(resolved, List) and not resolved.open:
        return resolved.items
    return tuple(resolved) if isinstance(resolved, list | tuple) else (resolved,)


def _resolve(operand: Param | Attr, op: Op, scope: _Scope) -> tuple[Any, str]:
    if isinstance(operand, Param):
        if operand.name not in scope.case.parameters:
            return None, f"needs parameter {operand.name}"
        value = scope.case.parameters[operand.name]
        if op in ("matches", "within") and (fault := operators.fault(op, _several(value))):
            raise SettingsInvalid(f"parameter {operand.name}: {fault}")
        return value, ""
    _, readings = _read(scope.home or scope, (operand.path,))
    if len(readings) != 1:
        return None, f"{operand.path} has several values"
    value = readings[0].value
    if readings[0].absent or value is None:
        return _Gone(operand.path.text), ""
    if isinstance(value, Unknown):
        return None, f"{operand.path} is not decided: {operators.why_undecided(value)}"
    return value, ""


# elements


class _Found(NamedTuple):
    """Elements, each with its key where it is one of a map, and why there may be more."""

    items: list[tuple[Known | None, Value]]
    gap: Unknown | Ref | None


def _elements(reading: Reading) -> _Found:
    """The elements of what was read: of a list, of a map by key, or the one value that stands for a list of one."""
    value = reading.value
    if reading.absent or value is None or isinstance(value, Null):
        return _Found([], None)
    hidden = value.sensitive
    if isinstance(value, Encoded):
        value = value.inner
    if isinstance(value, Known | Template):
        value = opened(value) or value if not isinstance(value, Known) or isinstance(value.value, str) else value
    more = Unknown("more", MORE, places=value.places)
    match value:
        case List():
            items: list[tuple[Known | None, Value]] = [
                (None, inherited(item, sensitive=hidden)) for item in value.items
            ]
            return _Found(items, more if value.open else None)
        case Map():
            items = [
                (Known(key, places=item.places, sensitive=hidden), inherited(item, sensitive=hidden))
                for key, item in value.items.items()
            ]
            return _Found(items, more if value.open else None)
        case Ref() if operators.form_of(value) is not None:
            pass  # a text, though not which
        case Unknown() | Ref():
            return _Found([], undecided(value))
    return _Found([(None, inherited(value, sensitive=hidden))], None)


def _quantified(node: Quantified, scope: _Scope) -> Outcome:
    steps, readings = _read(scope, node.paths)
    path = show_path(steps)
    places = readings[0].places
    if all(reading.absent for reading in readings):
        name = path or "it"
        if node.absent_said:
            reason = f"{name} is absent"
            if node.absent is None:
                reason += ", and what that means is not decided by the configuration"
            assert node.absent != "default"
            return Outcome(node.absent, node, path, places, reason, (), scope.address)
        reason = f"{name} is absent" if node.quantifier == "some" else f"{name} has no elements"
        return Outcome(node.quantifier != "some", node, path, places, reason, (), scope.address)
    children: list[Outcome] = []
    for reading in readings:
        found = _elements(reading)
        for key, element in found.items:
            inner = element.places or reading.places
            null = isinstance(element, Null) and scope.null_is_absent
            children.append(
                _evaluate(
                    node.that,
                    replace(
                        scope,
                        value=None if null else element,
                        steps=steps if key is None or key.sensitive else (*steps, str(key.value)),
                        places=inner,
                        key=scope.key if key is None else key,
                        home=scope.home or scope,
                    ),
                )
            )
        if found.gap is not None:
            children.append(_gap(node.that, path, found.gap, reading.places, scope))
    truth = _quantify(node.quantifier, [child.truth for child in children])
    if children:
        return Outcome(truth, node, path, places, "", tuple(children), scope.address)
    return Outcome(truth, node, path, places, f"{path or 'it'} has no elements", (), scope.address)


def _quantify(quantifier: Quantifier, truths: Iterable[Truth]) -> Truth:
    if quantifier == "every":
        return both(truths)
    return either(truths) if quantifier == "some" else opposite(either(truths))


# other resources


def _linked(node: Linked, scope: _Scope) -> Outcome:
    case, resource = scope.case, scope.resource
    places, path = scope.places, ""
    absent_here = False
    if node.by:
        found = case.links.to(resource, node.types, node.by, node.match)
    else:
        steps, readings = _read(scope, node.from_)
        path, places = show_path(steps), readings[0].places
        absent_here = all(reading.absent for reading in readings)
        gap = next((r.value for r in readings if isinstance(r.value, Unknown)), None)
        found = case.links.out(resource, readings, node.types, node.match)
        if gap is not None:
            found = found._replace(open=f"{path} is not decided: {operators.why_undecided(gap)}")
    sure = [other for other in found.sure if not other.conditional]
    doubtful = [other for other in found.sure if other.conditional]
    doubtful += found.maybe
    outcomes = {other.address: _evaluate(node.that, _at(scope, other)) for other in (*sure, *doubtful)}
    decided = [outcomes[other.address] for other in sure]
    possible = [outcomes[other.address] for other in doubtful]
    wanted = " or ".join(node.types)
    if decided:
        base = _quantify(node.quantifier, [outcome.truth for outcome in decided])
        reason = ""
    elif absent_here:
        base, reason = node.unlinked, f"{path or 'it'} is absent, so it refers to no {wanted}"
    elif found.open:
        base, reason = None, found.open
    elif not case.world.closed:
        base, reason = None, f"whether a {wanted} is linked is not decided: parts of the root are out of sight"
    else:
        base, reason = node.unlinked, f"no {wanted} is linked"
        if base is None:
            reason += ", and what that means is not decided by the configuration"
    # A resource that may not be linked, or may not exist, decides only where every case comes out the same.
    with_each = [_quantify(node.quantifier, [outcome.truth for outcome in (*decided, extra)]) for extra in possible]
    truth = base if all(other is base for other in with_each) else None
    if not decided and truth is base:
        return Outcome(truth, node, path, places, reason, (), scope.address)
    children = list(decided)
    if truth is None and base is not None:
        for other, outcome, alone in zip(doubtful, possible, with_each, strict=True):
            if alone is not base:
                children.append(_doubt(node, other, outcome, exists=other not in found.maybe))
        if base is not None and not any(child.truth is None for child in children):
            children.append(Outcome(None, node, path, places, "which of them holds is not decided", (), scope.address))
    return Outcome(truth, node, path, places, reason, tuple(children), scope.address)


def _doubt(node: Linked, other: Resource, outcome: Outcome, *, exists: bool) -> Outcome:
    if exists:
        reason = f"{other.address} may not exist: its count is not decided"
    else:
        reason = f"whether {other.address} is linked is not decided"
    return Outcome(None, node.that, outcome.path, (other.header,), reason, (), other.address)


def _exists(node: Exists, scope: _Scope) -> Outcome:
    case = scope.case
    wanted = " or ".join(node.types)
    children = case.existing.get(node)
    if children is None:
        children = tuple(
            _existing(node, scope, other) for type in node.types for other in case.world.by_type.get(type, ())
        )
        if not _asks_subject(node):
            case.existing[node] = children
    truth = either(child.truth for child in children)
    if truth is False and not case.world.closed:
        reason = f"whether there is a {wanted} is not decided: parts of the root are out of sight"
        return Outcome(None, node, "", scope.places, reason, (), scope.address)
    if truth is False:
        reason = f"there is no {wanted}" + (" that meets it" if children else "")
        # The others are not at fault that none of them is the one that is missing.
        return Outcome(False, node, "", scope.places, reason, (), scope.address)
    return Outcome(truth, node, "", scope.places, "", children, scope.address)


def _existing(node: Exists, scope: _Scope, other: Resource) -> Outcome:
    inner = replace(_at(scope, other), address=other.address)
    if node.that is None:
        outcome = Outcome(True, node, "", inner.places, f"{other.address} exists", (), other.address)
    else:
        outcome = _evaluate(node.that, inner)
    if other.conditional and outcome.truth is True:
        reason = f"{other.address} may not exist: its count is not decided"
        return Outcome(None, node, "", inner.places, reason, (), other.address)
    return outcome


@lru_cache(maxsize=1024)
def _asks_subject(node: Exists) -> bool:
    """Whether the condition compares with the subject, so that it comes out differently for each."""
    for inner in nodes(node):
        if isinstance(inner, Leaf):
            if any(isinstance(operand, Attr) for operand in operands(inner)):
                return True
        if any(path.anchor in ("pod", "metadata") for path in own_paths(inner)):
            return True
    return False


# networks, policies, Rego


def _network(node: Network, scope: _Scope) -> Outcome:
    from copilot.checks import network

    steps, readings = _read(scope, node.paths)
    path, places = show_path(steps), readings[0].places
    spec = node.spec
    if spec.parameter:
        if spec.parameter not in scope.case.parameters:
            reason = f"{path or 'it'} is not decided: needs parameter {spec.parameter}"
            return Outcome(None, node, path, places, reason, (), scope.address)
        spec = spec.given(_several(scope.case.parameters[spec.parameter]))
    rules: list[tuple[Value, Place | None]] = [
        (reading.value, reading.places[0] if reading.places else None)
        for reading in readings
        if reading.value is not None and not reading.absent
    ]
    more = False
    for also in node.also:
        found = scope.case.links.to(scope.resource, also.types, also.by, ())
        more = more or not scope.case.world.closed
        for other in found.sure:
            rule = (other.body, other.header)
            if network.admits([rule], spec, open=False).truth is True:
                continue  # its own finding
            if other.conditional:
                more = True
            else:
                rules.append(rule)
        more = more or any(
            network.admits([(other.body, other.header)], spec, open=False).truth is not True for other in found.maybe
        )
    answer = network.admits(rules, spec, open=more)
    culprits = [("", culprit) for culprit in answer.culprits]
    outcome = _answered(node, scope, path, places, answer.truth, culprits, answer.reason)
    if len(outcome.children) > 1:
        return replace(outcome, children=tuple(replace(c, value=_rule_at(rules, c.places)) for c in outcome.children))
    return replace(outcome, value=_rule_at(rules, outcome.places))


def _rule_at(rules: Iterable[tuple[Value, Place | None]], places: Places) -> Value | None:
    """The rule in which an address stands, without its description: what tells it from other rules at fault."""
    each = (rule for value, _ in rules for rule in (value.items if isinstance(value, List) else (value,)))
    for rule in each:
        if not isinstance(rule, Map):
            continue
        for name in rule.items:
            if name == "description":
                continue
            item = rule.items[name]
            inside = item.items if isinstance(item, List) else (item,)
            if any(value.places[-1:] == places[-1:] for value in (item, *inside) if value.places):
                return Map({key: rule.items[key] for key in rule.items if key != "description"}, places=rule.places)
    return None


def _policy(node: PolicyCondition, scope: _Scope) -> Outcome:
    from copilot.checks import policies

    steps, readings = _read(scope, node.paths)
    path = show_path(steps)
    outcomes: list[Outcome] = []
    for reading in readings:
        if reading.absent or reading.value is None:
            outcomes.append(Outcome(False, node, path, reading.places, f"{path or 'it'} is absent", (), scope.address))
            continue
        ask: Callable[..., Any] = policies.allows if node.effect == "allows" else policies.denies
        answer = ask(reading.value, node.spec)
        outcomes.append(
            _answered(node, scope, path, reading.places, answer.truth, answer.culprits, answer.reason, reading.value)
        )
    if len(outcomes) == 1:
        return outcomes[0]
    truth = either(outcome.truth for outcome in outcomes)
    return Outcome(truth, node, path, readings[0].places, "", tuple(outcomes), scope.address)


def _answered(
    node: Condition,
    scope: _Scope,
    path: str,
    places: Places,
    truth: Truth,
    culprits: Iterable[tuple[str, Places]],
    reason: str,
    value: Value | None = None,
) -> Outcome:
    """The outcome of a condition that another module answered: one child for each part of the answer at fault."""
    name = path or "it"
    said = f"{name} is not decided: {reason}" if truth is None else (f"{name}: {reason}" if reason else name)
    children = tuple(
        Outcome(
            truth,
            node,
            ".".join(filter(None, (path, re.sub(r"\[\d+\]", "", where)))),
            chain or places,
            said,
            (),
            scope.address,
        )
        for where, chain in culprits
    )
    if len(children) == 1:
        return replace(children[0], value=value)
    return Outcome(truth, node, path, places, said, children, scope.address, value)


def _rego(node: RegoCondition, scope: _Scope) -> Outcome:
    from copilot.checks import rego

    data: dict[str, Any] = {"resource": _as_data(scope.resource)}
    if "input.resources" in node.source:
        if scope.case.plain_world is None:
            scope.case.plain_world = [_as_data(resource) for resource in scope.case.world.resources]
        data["resources"] = scope.case.plain_world
    answer = rego.evaluate(node.source, data)
    truth: Truth = False if answer.denied else None if answer.undecided else True
    children = tuple(
        _rego_outcome(node, scope, outcome, path, message)
        for outcome, found in ((False, answer.denied), (None, answer.undecided))
        for path, message in found
    )
    if len(children) == 1:
        return children[0]
    return Outcome(truth, node, "", scope.places, "", children, scope.address)


def _rego_outcome(node: RegoCondition, scope: _Scope, truth: Truth, path: str, message: str) -> Outcome:
    from copilot.checks.language import parse_path

    try:
        steps = parse_path(path).steps if path else ()
    except ValueError:
        steps = ()
    reading = walk(scope.resource.body, steps, scope.places, null_is_absent=scope.null_is_absent)[0]
    names = show_path(tuple(step for step in steps if isinstance(step, str)))
    return Outcome(truth, node, names, reading.places, message, (), scope.address, reading.value)


def _as_data(resource: Resource) -> dict[str, Any]:
    return {"address": resource.address, "type": resource.type, "name": resource.name, "values": plain(resource.body)}


_EVALUATE: Final[Mapping[type, Callable[[Any, _Scope], Outcome]]] = {
    Leaf: _leaf,
    All: _all,
    AnyOf: _any_of,
    Not: _not,
    Quantified: _quantified,
    Linked: _linked,
    Exists: _exists,
    Network: _network,
    PolicyCondition: _policy,
    RegoCondition: _rego,
}
