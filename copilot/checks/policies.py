"""What the statements of an IAM policy document grant and deny.

Actions and resources are patterns, so "does it grant this" is a question about languages: whether every name that the
question stands for is matched by the statements together. Three answers: what is not known widens what a statement
*may* grant and leaves alone what it *surely* grants; unknown is the answer only where the two differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from copilot.checks.network import Addresses, covers_world, network_of
from copilot.errors import CorpusInvalid
from copilot.iac.decode import decoded, repeated
from copilot.model import Encoded, Known, List, Map, Null, Places, Ref, Template, Truth, Unknown, Value, plain

# --- the questions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allows:
    """What a policy should be asked to grant; a member that is None does not matter.

    `actions`: one of them is enough, or with `together` each of them must be granted. A statement whose condition
    restricts one of the keys in `unless` does not count.
    """

    principal: str | None = None
    actions: tuple[str, ...] = ()
    together: bool = False
    resource: str | None = None
    unless: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Denies:
    """What a policy should deny to every principal, under no more than this condition: operator, key, value."""

    actions: tuple[str, ...] = ()
    together: bool = False
    resource: str | None = None
    condition: tuple[tuple[str, str, str], ...] = ()
    resource_ends: str = ""
    """How the name of a resource that is covered ends: "/*" for what lies in a bucket, and not the bucket alone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it is so (None: unknown), the members of statements that make it so, and why.

    A culprit is a path inside the document, such as `Statement[1].Action`, and the chain of places of what stands there.
    """

    truth: Truth
    culprits: tuple[tuple[str, Places], ...] = ()
    reason: str = ""


def parse_allows(data: Any, where: str) -> Allows:
    """Read `{principal, action, resource, unless}` of a check; CorpusInvalid names the fault."""
    _fields(data, {"principal", "action", "resource", "unless"}, "allows", where)
    unless = data.get("unless", [])
    if not isinstance(unless, list) or not all(isinstance(key, str) for key in unless):
        raise CorpusInvalid(f"{where}: unless is a list of condition keys")
    if not {"principal", "action", "resource"} & set(data):
        raise CorpusInvalid(f"{where}: allows names a principal, an action or a resource")
    actions, together = _actions(data.get("action"), where)
    return Allows(
        _string(data, "principal", where), actions, together, _string(data, "resource", where),
        frozenset(key.lower() for key in unless),
    )  # fmt: skip


def parse_denies(data: Any, where: str) -> Denies:
    """Read `{action, resource, resource_ends, condition}` of a check; CorpusInvalid names the fault."""
    _fields(data, {"action", "resource", "resource_ends", "condition"}, "denies", where)
    actions, together = _actions(data.get("action"), where)
    if not actions:
        raise CorpusInvalid(f"{where}: denies names an action")
    condition = data.get("condition", {})
    pairs: list[tuple[str, str, str]] = []
    if not isinstance(condition, Mapping):
        raise CorpusInvalid(f"{where}: condition is {{operator: {{key: value}}}}")
    for operator, keys in condition.items():
        if not isinstance(keys, Mapping) or not keys:
            raise CorpusInvalid(f"{where}: condition is {{operator: {{key: value}}}}")
        for key, value in keys.items():
            if not isinstance(value, (str, bool, int, float)):
                raise CorpusInvalid(f"{where}: the value of {key} is a string, a number or a boolean")
            pairs.append((str(operator), str(key), _scalar(value)))
    return Denies(
        actions, together, _string(data, "resource", where), tuple(pairs), _string(data, "resource_ends", where) or ""
    )


def _fields(data: Any, known: set[str], name: str, where: str) -> None:
    if not isinstance(data, Mapping):
        raise CorpusInvalid(f"{where}: {name} is a mapping with {', '.join(sorted(known))}")
    if strangers := sorted(set(map(str, data)) - known):
        raise CorpusInvalid(f"{where}: {name} does not know {', '.join(strangers)}")


def _string(data: Mapping[str, Any], name: str, where: str) -> str | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise CorpusInvalid(f"{where}: {name} is a string")
    return value


def _actions(data: Any, where: str) -> tuple[tuple[str, ...], bool]:
    together = isinstance(data, Mapping)
    if together:
        if set(data) != {"all"}:
            raise CorpusInvalid(f"{where}: action is an action, a list of them, or {{all: [...]}}")
        data = data["all"]
    if data is None:
        return (), False
    actions = [data] if isinstance(data, str) else data
    if not isinstance(actions, list) or not actions:
        raise CorpusInvalid(f"{where}: action is an action, a list of them, or {{all: [...]}}")
    for action in actions:
        if not isinstance(action, str) or not re.fullmatch(r"\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+", action):
            raise CorpusInvalid(f"{where}: {action!r} is not an action such as s3:GetObject, s3:* or *")
    return tuple(actions), together


def _scalar(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- patterns ---------------------------------------------------------------------------------------------------

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_STEPS = 2_000_000
"""How many steps of a pattern the comparison may take; past that the answer is unknown."""

_FEW = 32
"""Of how many statements those are told apart that a grant does not need."""


def matches(pattern: str, text: str) -> bool:
    """Whether the text is one that the pattern stands for: `*` is any text, `?` any one character, case counts."""
    return _regex(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    # Runs of stars are one star: `a**b` must not cost what nested repetition costs.
    pieces = re.split(r"([*?])", re.sub(r"\*+", "*", pattern))
    return re.compile(
        "".join({"*": ".*", "?": "."}.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL
    )  # fmt: skip


Said = Callable[[Callable[[int], bool]], bool]
"""A claim about a name, told by which of the patterns (by number) match it."""


def _always(query: str, patterns: Sequence[str], claim: Said, *, actions: bool) -> Truth:
    """Whether the claim holds of every name that the query stands for; None when that takes too long to find out.

    Names of actions are `service:Action`, the action a letter and at least two more letters or digits: no shorter one
    exists, so `s3:?*` is the whole of s3. The names are explored symbol by symbol, remembering for each pattern how far
    it may have come; symbols that no pattern mentions behave alike, so one of a kind stands for them.
    """
    if not re.search(r"[*?]", query):
        return claim(lambda number: matches(patterns[number], query))
    globs = [re.sub(r"\*+", "*", glob) for glob in (query, *patterns)]
    used = set("".join(globs)) - set("*?")
    alphabet = sorted(used | _strangers(used, actions=actions))
    start = (0, tuple(_closure(glob, 1) for glob in globs))
    seen, stack, steps = {start}, [start], 0
    while stack:
        phase, states = stack.pop()
        if not states[0]:
            continue
        ends = [bool(state >> len(glob) & 1) for state, glob in zip(states, globs, strict=True)]
        if ends[0] and phase in ((5,) if actions else (0,)) and not claim(lambda number: ends[number + 1]):  # noqa: B023
            return False
        for symbol in alphabet:
            following = _phase(phase, symbol) if actions else 0
            if following < 0:
                continue
            steps += len(globs)
            if steps > _STEPS:
                return None
            reached = (following, tuple(_step(glob, state, symbol) for glob, state in zip(globs, states, strict=True)))
            if reached not in seen:
                seen.add(reached)
                stack.append(reached)
    return True


def _strangers(used: set[str], *, actions: bool) -> set[str]:
    kinds = (_LETTERS, _DIGITS, "-", ":") if actions else (_LETTERS, _DIGITS, "-", ":", "/")
    return {next((char for char in kind if char not in used), kind[0]) for kind in kinds}


def _phase(phase: int, symbol: str) -> int:
    """Where in `service:Action` a symbol leads: 0 nothing yet, 1 in the service, 2 behind the colon, 3-5 letters."""
    if phase < 2:
        if symbol == ":":
            return 2 if phase == 1 else -1
        return 1 if symbol in _LETTERS or (phase == 1 and (symbol in _DIGITS or symbol == "-")) else -1
    if symbol in _LETTERS or (phase > 2 and symbol in _DIGITS):
        return min(phase + 1, 5)
    return -1


def _closure(glob: str, state: int) -> int:
    """The positions (bits) that are reached without a symbol: a star may stand for nothing."""
    for index, char in enumerate(glob):
        if char == "*" and state >> index & 1:
            state |= 1 << index + 1
    return state


@lru_cache(maxsize=1 << 16)
def _step(glob: str, state: int, symbol: str) -> int:
    if not state:
        return 0
    following = 0
    for index, char in enumerate(glob):
        if state >> index & 1:
            if char == "*":
                following |= 1 << index
            elif char in ("?", symbol):
                following |= 1 << index + 1
    return _closure(glob, following)


# --- documents --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The patterns of a member: surely these, possibly these too; `negated` for NotAction and NotResource.

    `places` are those of the member, `each` those of a pattern.
    """

    name: str
    sure: tuple[str, ...]
    may: tuple[str, ...]
    negated: bool
    places: Places
    each: Mapping[str, Places]
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class _Statement:
    path: str
    body: Map
    effect: str | None
    """Allow or Deny; None when it is not known."""
    actions: _Patterns | None
    resources: _Patterns | None


def _statements(document: Value) -> tuple[list[_Statement], tuple[str, Places] | None]:
    """The statements of a document, and what of it could not be read."""
    structure = _structure(document)
    if isinstance(structure, Null) or (isinstance(structure, Known) and structure.value == ""):
        return [], None
    if isinstance(structure, List):
        # Several documents that hold together (inline policies), each named by its position.
        found: list[_Statement] = []
        doubt = (("", structure.places)) if structure.open else None
        for number, item in enumerate(structure.items):
            if isinstance(item, Map) and ("Effect" in item.items):
                found.append(_statement(item, f"[{number}]"))
                continue
            statements, unclear = _statements(item)
            found.extend(_moved(statement, f"[{number}].") for statement in statements)
            doubt = doubt or unclear
        return found, (("there may be more documents", doubt[1]) if doubt and not doubt[0] else doubt)
    if not isinstance(structure, Map):
        return [], (_why(structure), structure.places or document.places)
    statement = structure.items.get("Statement")
    if statement is None or isinstance(statement, Null):
        return [], ("the document may say more", structure.places) if structure.open else None
    if isinstance(statement, Encoded):
        statement = statement.inner
    if isinstance(statement, Map):
        return [_statement(statement, "Statement")], None
    if not isinstance(statement, List):
        return [], (_why(statement), statement.places or structure.places)
    doubts: list[tuple[str, Places]] = []
    statements = []
    for number, item in enumerate(statement.items):
        body = item.inner if isinstance(item, Encoded) else item
        if isinstance(body, Map):
            statements.append(_statement(body, f"Statement[{number}]"))
        elif not isinstance(body, Null):
            doubts.append((_why(body), body.places or statement.places))
    if statement.open:
        doubts.append(("there may be more statements", statement.places))
    return statements, doubts[0] if doubts else None


def _structure(document: Value) -> Value:
    """The document as structure, where it is text that can be read."""
    structure = document
    for _ in range(4):  # text in text: jsonencode of a string that is JSON
        if isinstance(structure, (Encoded, Template)) or (
            isinstance(structure, Known) and isinstance(structure.value, str)
        ):
            read = decoded(structure)
            if read is None:
                break
            structure = read
    return structure


def _moved(statement: _Statement, prefix: str) -> _Statement:
    return _Statement(
        prefix + statement.path, statement.body, statement.effect, statement.actions, statement.resources
    )  # fmt: skip


def _statement(body: Map, path: str) -> _Statement:
    effect = body.items.get("Effect")
    said: str | None = ""
    if isinstance(effect, Known):
        said = str(effect.value)
    elif effect is not None or body.open:
        said = None
    return _Statement(path, body, said, _patterns(body, "Action", fold=True), _patterns(body, "Resource", fold=False))


def _patterns(body: Map, name: str, *, fold: bool) -> _Patterns | None:
    """The patterns of `Action` or `NotAction` (`Resource`, `NotResource`); None when the statement has neither."""
    for key, negated in ((name, False), (f"Not{name}", True)):
        member = body.items.get(key)
        if member is None or isinstance(member, Null):
            continue
        sure: list[str] = []
        may: list[str] = []
        each: dict[str, Places] = {}
        items = member.items if isinstance(member, List) else (member,)
        for item in items:
            pattern, certain = _pattern(item)
            pattern = pattern.lower() if fold else pattern
            (sure if certain else may).append(pattern)
            each.setdefault(pattern, item.places or member.places)
        if isinstance(member, List) and member.open:
            may.append("*")
        return _Patterns(key, tuple(sure), tuple(may), negated, member.places or body.places, each, tuple(items))
    if body.open:
        return _Patterns(name, (), ("*",), False, body.places, {})
    return None


def _pattern(value: Value) -> tuple[str, bool]:
    """The pattern, and whether it is known; what is not known may be anything, a reference only one thing."""
    match value:
        case Known():
            return _scalar(value.value), True
        case Ref():
            return _REFERENCE, True
        case Template(parts=parts):
            pieces = [_pattern(part) for part in parts]
            return "".join(piece for piece, _ in pieces), all(certain for _, certain in pieces)
    return "*", False


# Stands in a pattern for the attribute of a resource: one name, not known, and without a wildcard.
_REFERENCE = "\x00"


def _why(value: Value) -> str:
    match value:
        case Unknown():
            return f"{value} is not known"
        case Ref():
            return f"{value.origin} is not known"
        case Template(parts=parts):
            return next(
                (_why(part) for part in parts if not isinstance(part, Known)), "the text is not a policy document"
            )
    return "it is not a policy document"


# --- allows -----------------------------------------------------------------------------------------------------


def allows(document: Value, spec: Allows) -> Answer:
    """Whether the Allow statements of the document grant it.

    A question with a wildcard is about all that it stands for: statements may grant that together, as `iam:A*` to
    `iam:Z*` do. A Deny that covers what is asked, for the same or more principals and resources and under no condition,
    takes it away; what cannot be read of the document is not expected to. NotPrincipal is everybody, NotAction everything but; `*` is granted by a NotAction that leaves IAM in,
    since who may change IAM may do everything.
    """
    statements, doubt = _statements(document)
    unclear = doubt is not None or any(statement.effect is None for statement in statements)
    denying = [statement for statement in statements if statement.effect in (None, "Deny")]
    questions: tuple[str | None, ...] = spec.actions or (None,)
    answers = [_granted(statements, denying, question, spec) for question in questions]
    if unclear:
        where = doubt or next(
            (f"the effect of {each.path} is not known", each.body.places) for each in statements if each.effect is None
        )
        answers = [
            answer if answer.truth else Answer(None, (("", where[1]),), where[0] or "it is not known")
            for answer in answers
        ]
    return _all(answers) if spec.together else _any(answers)


def _any(answers: Sequence[Answer]) -> Answer:
    true = [answer for answer in answers if answer.truth]
    if true:
        return Answer(True, _together(true), true[0].reason)
    return next((answer for answer in answers if answer.truth is None), answers[0])


def _all(answers: Sequence[Answer]) -> Answer:
    for wanted in (False, None):
        for answer in answers:
            if answer.truth is wanted:
                return answer
    return Answer(True, _together(answers), ", and ".join(dict.fromkeys(answer.reason for answer in answers)))


def _together(answers: Iterable[Answer]) -> tuple[tuple[str, Places], ...]:
    return tuple(dict.fromkeys(culprit for answer in answers for culprit in answer.culprits))


def _granted(
    statements: Sequence[_Statement], denying: Sequence[_Statement], action: str | None, spec: Allows
) -> Answer:
    """Whether the statements grant one action (or pattern of actions; None for any at all)."""
    considered: list[tuple[_Statement, Truth]] = []
    for statement in statements:
        if statement.effect in (None, "Allow"):
            truth = _and(
                _principal(statement, spec.principal), _resource(statement, spec.resource, action),
                _not(_restricted(statement.body, spec.unless)),
            )  # fmt: skip
            if truth is not False and statement.effect == "Allow":
                denied = _taken_away(statement, denying, action)
                truth = _and(truth, _not(denied))
            if truth is not False:
                considered.append((statement, truth if statement.effect else None))
    for surely in (True, False):
        held = [statement for statement, truth in considered if truth is True or not surely]
        covering = _cover(held, action, surely=surely)
        if covering is None:
            return Answer(
                None, tuple(_culprit(each, action, spec) for each in held), "the patterns are too many to compare"
            )
        if covering:
            culprits = tuple(_culprit(statement, action, spec) for statement in covering)
            if surely:
                return Answer(True, culprits, _clause(covering, action, spec))
            return Answer(None, culprits, _doubt(covering, spec))
    return Answer(False, (), "no statement grants it")


def _cover(statements: Sequence[_Statement], action: str | None, *, surely: bool) -> list[_Statement] | None:
    """The statements that grant the action, each alone, or else all together; None when it cannot be found out."""
    if action is None:
        return [each for each in statements if each.actions or not surely] or list(statements)
    alone: list[_Statement] = []
    for statement in statements:
        truth = _covered([statement], action, surely=surely)
        if truth is None:
            return None
        if truth:
            alone.append(statement)
    if alone or len(statements) < 2 or "*" not in action:
        return alone
    truth = _covered(statements, action, surely=surely)
    if not truth:
        return None if truth is None else []
    needed = list(statements)
    for statement in statements if len(statements) <= _FEW else ():  # those that add nothing are not at fault
        rest = [other for other in needed if other is not statement]
        if _covered(rest, action, surely=surely):
            needed = rest
    return needed


def _covered(statements: Sequence[_Statement], action: str, *, surely: bool) -> Truth:
    """Whether each action that is asked for is one that a statement names."""
    question = action.lower()
    patterns: list[str] = []
    rules: list[tuple[bool, range]] = []
    for statement in statements:
        member = statement.actions
        if member is None:
            continue
        # What NotAction surely leaves out is less than what it may leave out.
        chosen = member.sure if surely != member.negated else (*member.sure, *member.may)
        if member.negated and question == "*":
            if _leaves_out("iam:*", chosen):
                return True
            continue
        rules.append((member.negated, range(len(patterns), len(patterns) + len(chosen))))
        patterns.extend(chosen)
    if not rules:
        return False
    return _always(
        question, patterns, lambda hit: any(any(map(hit, numbers)) != negated for negated, numbers in rules), actions=True
    )  # fmt: skip


def _leaves_out(question: str, patterns: Sequence[str]) -> Truth:
    """Whether none of the patterns has a name in common with the question."""
    return _always(question, patterns, lambda hit: not any(map(hit, range(len(patterns)))), actions=True)


def _culprit(statement: _Statement, action: str | None, spec: Allows) -> tuple[str, Places]:
    """The member of the statement that the question is about, first the principal, then the action, then the resource."""
    if spec.principal is not None:
        for name in ("Principal", "NotPrincipal"):
            member = statement.body.items.get(name)
            if member is not None:
                return f"{statement.path}.{name}", _narrow(member, spec.principal) or statement.body.places
    patterns = statement.actions if action is not None else statement.resources
    if patterns is None:
        return statement.path, statement.body.places
    return f"{statement.path}.{patterns.name}", _guilty(patterns, action if action is not None else spec.resource)


def _narrow(member: Value, wanted: str) -> Places:
    """The place of the principal that is at fault, where it is one of many."""
    for _, value in _principals(member):
        text = value.value if isinstance(value, Known) else None
        if text == "*" or (wanted != "any" and text == wanted):
            return value.places or member.places
    return member.places


def _guilty(patterns: _Patterns, question: str | None) -> Places:
    """The places of the one pattern that covers the question, or of the whole member."""
    if question and not patterns.negated:
        folded = question.lower() if patterns.name == "Action" else question
        for pattern, places in patterns.each.items():
            if pattern == folded or matches(pattern, folded):
                return places
    return patterns.places


def _clause(statements: Sequence[_Statement], action: str | None, spec: Allows) -> str:
    paths = ", ".join(statement.path for statement in statements[:3])
    whom = {"any": " to everybody", "account": " to another account", None: ""}.get(
        spec.principal, f" to {spec.principal}"
    )
    what = action or "something"
    where = " on every resource" if spec.resource == "*" else f" on {spec.resource}" if spec.resource else ""
    return f"{paths} grant{'s' if len(statements) == 1 else ''} {what}{whom}{where}"


def _doubt(statements: Sequence[_Statement], spec: Allows) -> str:
    """The first thing that is not known in these statements."""
    names = (
        *(("Principal", "NotPrincipal") if spec.principal else ()), "Action", "NotAction",
        *(("Resource", "NotResource") if spec.resource else ()), *(("Condition",) if spec.unless else ()), "Effect",
    )  # fmt: skip
    for statement in statements:
        for name in names:
            member = statement.body.items.get(name)
            unknown = next(_unknowns(member), None) if member is not None else None
            if unknown is not None:
                return f"in {statement.path}.{name}, {_why(unknown)}"
    return "a statement may say more"


def _unknowns(value: Value, depth: int = 0) -> Iterator[Value]:
    match value:
        case Unknown():
            yield value
        case Template(parts=items) | List(items=items):
            for item in items:
                if depth < 8:
                    yield from _unknowns(item, depth + 1)
        case Map(items=entries):
            for item in entries.values():
                if depth < 8:
                    yield from _unknowns(item, depth + 1)


# --- Kleene -----------------------------------------------------------------------------------------------------


def _and(*truths: Truth) -> Truth:
    return False if False in truths else None if None in truths else True


def _or(truths: Iterable[Truth]) -> Truth:
    truths = tuple(truths)
    return True if True in truths else None if None in truths else False


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


# --- principals -------------------------------------------------------------------------------------------------

_ACCOUNT = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:root|\d{12}")
_OWN_ACCOUNT = ("aws_caller_identity", "AWS::AccountId")


def _principals(member: Value) -> Iterator[tuple[str, Value]]:
    """The principals of a member with their kind: `"*"` has none, `{AWS: [...]}` gives AWS for each."""
    match member:
        case Map(items=entries):
            for kind, value in entries.items():
                for item in value.items if isinstance(value, List) else (value,):
                    yield kind, item
                if isinstance(value, List) and value.open:
                    yield kind, Unknown("open", "there may be more principals", places=value.places)
            if member.open:
                yield "", Unknown("open", "there may be more principals", places=member.places)
        case List(items=items):
            for item in items:
                yield from _principals(item)
            if member.open:
                yield "", Unknown("open", "there may be more principals", places=member.places)
        case _:
            yield "", member


def _principal(statement: _Statement, wanted: str | None) -> Truth:
    """Whether the statement is for the principal that is asked about; one without principals is for its holder."""
    if wanted is None:
        return True
    body = statement.body
    excluded = body.items.get("NotPrincipal")
    if excluded is not None and not isinstance(excluded, Null):
        if wanted in ("any", "account"):
            return wanted == "any"
        return _not(_or(_is_principal(item, wanted) for _, item in _principals(excluded)))
    member = body.items.get("Principal")
    if member is None or isinstance(member, Null):
        return None if body.open else False
    return _or(_is_principal(item, wanted) for _, item in _principals(member))


def _is_principal(value: Value, wanted: str) -> Truth:
    match value:
        case Known():
            text = _scalar(value.value)
            if wanted == "any":
                return text == "*"
            if wanted == "account":
                return _ACCOUNT.fullmatch(text) is not None
            return text in ("*", wanted)
        case Ref() | Null():
            return False
        case Template(parts=parts):
            literal = "".join(_scalar(part.value) for part in parts if isinstance(part, Known))
            if wanted == "any" and literal.strip("*"):
                return False
            if any(isinstance(part, Ref) and part.origin and _is_own(str(part.origin)) for part in parts):
                return False
            pattern, certain = _pattern(value)
            if wanted not in ("any", "account") and not matches(pattern.replace(_REFERENCE, "*"), wanted):
                return False
            if wanted == "account" and not re.fullmatch(
                r"arn:(aws[a-z-]*|\*|\x00):iam::[\d*\x00]+:root|[\d*\x00]+|[*\x00]", pattern
            ):
                return False
            return False if certain and wanted == "any" else None
    return None


def _is_own(origin: str) -> bool:
    return any(name in origin for name in _OWN_ACCOUNT)


# --- resources --------------------------------------------------------------------------------------------------

_WILD = re.compile(r"[*?/:]*\*[*?/:]*")


def _unrestricted(pattern: str) -> bool:
    """Whether the pattern restricts in name only: `*/*`, `?*`, `arn:aws:s3:::*`, `arn:aws:*:*:*:*`."""
    if pattern.startswith("arn:"):
        segments = pattern.split(":", 5)
        if len(segments) < 6:
            return all(re.fullmatch(r"[*?]+", segment) for segment in segments[2:]) and "*" in segments[-1]
        return all(re.fullmatch(r"[*?]*", segment) for segment in segments[3:5]) and bool(_WILD.fullmatch(segments[5]))
    return bool(_WILD.fullmatch(pattern))


def _everything(pattern: str, action: str | None) -> bool:
    """Whether no resource that the action could be about is left out: an ARN names one service, so not another's."""
    if not _unrestricted(pattern):
        return False
    segments = pattern.split(":") if pattern.startswith("arn:") else []
    service = segments[2] if len(segments) > 2 else "*"
    if action is None or re.fullmatch(r"[*?]+", service):
        return True
    return matches(service, action.split(":")[0].lower())


def _resource(statement: _Statement, wanted: str | None, action: str | None) -> Truth:
    """Whether the statement is about the resource; `*` asks whether it is about every one."""
    if wanted is None:
        return True
    member = statement.resources
    if member is None:
        return False
    if member.negated:
        excluded = member.sure
        if wanted == "*":
            # Everything but a few; nothing when it excludes everything.
            if any(_everything(pattern, action) for pattern in excluded):
                return False
            return None if any(_everything(pattern, action) for pattern in member.may) else True
        return _between(
            _inside(wanted, (*excluded, *member.may), negated=True), _inside(wanted, excluded, negated=True)
        )  # fmt: skip
    if wanted == "*":
        if any(_everything(pattern, action) for pattern in member.sure):
            return True
        return None if any(_everything(pattern, action) for pattern in member.may) else False
    # A reference is one name, which may be the one that is asked about.
    sure = [pattern for pattern in member.sure if _REFERENCE not in pattern]
    may = [pattern.replace(_REFERENCE, "*") for pattern in (*member.sure, *member.may)]
    return _between(_inside(wanted, sure), _inside(wanted, may))


def _ends(statement: _Statement, ending: str) -> Truth:
    """Whether a resource of the statement has a name that ends like this; every name is one of everything."""
    if not ending:
        return True
    member = statement.resources
    if member is None:
        return False
    if member.negated:
        return None
    if any(pattern.endswith(ending) or not pattern.strip("*") for pattern in member.sure):
        return True
    return None if member.may else False


def _between(surely: Truth, possibly: Truth) -> Truth:
    return True if surely else False if possibly is False else None


def _inside(wanted: str, patterns: Sequence[str], *, negated: bool = False) -> Truth:
    return _always(
        wanted, patterns, lambda hit: any(map(hit, range(len(patterns)))) != negated, actions=False
    )  # fmt: skip


# --- conditions -------------------------------------------------------------------------------------------------

# Keys that every request carries: for these `...IfExists` restricts as much as the operator without it.
_ALWAYS_THERE = frozenset({"aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:requestedregion"})
# `repo:*`, `repo:*/infrastructure:*`: anybody may own a repository of whatever name, so only its owner says who may come.
_WIDE_VALUE = re.compile(r"[*?/]*\*[*?/]*|o-[*?]+(/[*?/]*)?|(repo|project_path):\*.*", re.DOTALL)


def _conditions(body: Map) -> Iterator[tuple[str, str, tuple[Value, ...]]]:
    """The conditions of a statement: operator, key, and values; an Unknown stands for what is not known."""
    condition = body.items.get("Condition")
    if condition is None or isinstance(condition, Null):
        if body.open:
            yield "", "", (Unknown("open", "the statement may say more", places=body.places),)
        return
    if not isinstance(condition, Map):
        yield "", "", (condition,)
        return
    if condition.open:
        yield "", "", (Unknown("open", "there may be more conditions", places=condition.places),)
    for operator, keys in condition.items.items():
        if not isinstance(keys, Map):
            yield operator, "", (keys,)
            continue
        if keys.open:
            yield operator, "", (Unknown("open", "there may be more conditions", places=keys.places),)
        for key, value in keys.items.items():
            values = value.items if isinstance(value, List) else (value,)
            if isinstance(value, List) and value.open:
                values = (*values, Unknown("open", "there may be more values", places=value.places))
            yield operator, key, values


def _restricted(body: Map, unless: frozenset[str]) -> Truth:
    """Whether a condition restricts who the statement is for, by one of these keys."""
    if not unless:
        return False
    found = list(_conditions(body))
    # {"Null": {key: "false"}} asks for the key to be there, which makes good what IfExists and ForAllValues let pass.
    required = {
        key.lower() for operator, key, values in found
        if operator.lower() == "null" and all(_known(value) == "false" for value in values)
    }  # fmt: skip
    truths: list[Truth] = []
    for operator, key, values in found:
        if not key:
            truths.append(None)
        elif any(matches(pattern, key.lower()) for pattern in unless):
            truths.append(_restricts(operator, values, there=key.lower() in _ALWAYS_THERE | required))
    return _or(truths)


def _known(value: Value) -> str | None:
    return _scalar(value.value) if isinstance(value, Known) else None


def _restricts(operator: str, values: Sequence[Value], *, there: bool) -> Truth:
    """Whether the operator with these values, of which one is enough, keeps anybody out."""
    name = operator.lower()
    quantifier, _, rest = name.rpartition(":")
    if quantifier == "forallvalues" and not there:
        return False  # true of a request without the key
    if rest.endswith("ifexists"):
        rest = rest.removesuffix("ifexists")
        if not there:
            return False
    if "not" in rest or rest == "null":
        return False  # everybody but
    if rest == "bool":
        return _every(_not_text(value, "false") for value in values)
    if rest == "ipaddress":
        return _restricting_networks(values)
    if rest in ("stringlike", "arnlike", "arnequals"):
        return _every(_narrows(value) for value in values)
    return True  # StringEquals, numbers, dates: any value keeps the others out


def _every(truths: Iterable[Truth]) -> Truth:
    return _and(*truths)


def _not_text(value: Value, text: str) -> Truth:
    known = _known(value)
    return (known.lower() != text) if known is not None else None


def _narrows(value: Value) -> Truth:
    """Whether the pattern leaves something out that matters."""
    pattern, certain = _pattern(value)
    wide = _WIDE_VALUE.fullmatch(pattern) is not None or _unrestricted(pattern)
    return True if not wide else False if certain else None


def _restricting_networks(values: Sequence[Value]) -> Truth:
    union, unknown = Addresses(), False
    for value in values:
        text = _known(value)
        network = network_of(text) if text is not None else None
        if network is None:
            unknown = unknown or not isinstance(value, Ref)
        else:
            union = union | network
    return False if covers_world(union) else None if unknown else True


# --- denies -----------------------------------------------------------------------------------------------------


def denies(document: Value, spec: Denies) -> Answer:
    """Whether Deny statements for every principal cover it, under no more than the condition that is asked for."""
    statements, doubt = _statements(document)
    considered: list[tuple[_Statement, Truth]] = []
    for statement in statements:
        if statement.effect in (None, "Deny"):
            truth = _and(
                _for_everybody(statement), True if spec.resource is None else _resource(statement, spec.resource, None),
                _ends(statement, spec.resource_ends), _under(statement.body, spec.condition),
                True if statement.effect else None,
            )  # fmt: skip
            if truth is not False:
                considered.append((statement, truth))
    answers: list[Answer] = []
    for action in spec.actions:
        answer = Answer(False, (), f"no statement denies {action}")
        for surely in (True, False):
            held = [statement for statement, truth in considered if truth is True or not surely]
            covering = _cover(held, action, surely=surely)
            if covering is None or covering:
                culprits = tuple(_culprit(each, action, Allows()) for each in covering or held)
                paths = ", ".join(each.path for each in covering or held)
                truth = True if surely and covering else None
                answer = Answer(truth, culprits, f"{paths} {'denies' if truth else 'may deny'} {action}")
                break
        answers.append(answer)
    if doubt:
        answers = [answer if answer.truth else Answer(None, (("", doubt[1]),), doubt[0]) for answer in answers]
    return _all(answers) if spec.together else _any(answers)


def _for_everybody(statement: _Statement) -> Truth:
    if statement.body.items.get("Principal") is None and statement.body.items.get("NotPrincipal") is None:
        return None if statement.body.open else True  # a policy of an identity: for whoever holds it
    if statement.body.items.get("NotPrincipal") is not None:
        return False  # everybody but
    return _principal(statement, "any")


def _under(body: Map, asked: Sequence[tuple[str, str, str]]) -> Truth:
    """Whether each condition of the statement is one that was asked for: any other narrows the Deny."""
    return _and(
        *(_or(_says(operator, key, values, want) for want in asked) if key else None for operator, key, values in
          _conditions(body))
    )  # fmt: skip


_EQUALITY = {"bool", "stringequals", "stringequalsignorecase"}
_INEQUALITY = {"stringnotequals", "stringnotequalsignorecase"}


def _says(operator: str, key: str, values: Sequence[Value], asked: tuple[str, str, str]) -> Truth:
    """Whether a condition is at least as wide as the one that was asked for."""
    wanted, wanted_key, text = asked
    if key.lower() != wanted_key.lower():
        return False
    # A Deny with IfExists holds for requests without the key too.
    name, want = operator.lower().removesuffix("ifexists"), wanted.lower().removesuffix("ifexists")
    narrower = wanted.lower().endswith("ifexists") and not operator.lower().endswith("ifexists")
    if narrower and key.lower() not in _ALWAYS_THERE:
        return False
    if want == "bool" and name in _EQUALITY | _INEQUALITY:
        opposite = {"true": "false", "false": "true"}[text.lower()] if name in _INEQUALITY else text
        return _or(_same(value, opposite) for value in values)
    if name != want:
        return False
    if name.startswith(("numericlessthan", "numericgreaterthan")):
        return _or(_as_wide(value, text, less=name.startswith("numericless")) for value in values)
    return _or(_same(value, text) for value in values)


def _same(value: Value, text: str) -> Truth:
    known = _known(value)
    return (known.lower() == text.lower()) if known is not None else None


def _as_wide(value: Value, text: str, *, less: bool) -> Truth:
    known = _known(value)
    if known is None:
        return None
    try:
        return float(known) >= float(text) if less else float(known) <= float(text)
    except ValueError:
        return False


# --- what a Deny takes away -------------------------------------------------------------------------------------


def _taken_away(statement: _Statement, denying: Sequence[_Statement], action: str | None) -> Truth:
    """Whether Deny statements without a condition cover what the statement grants of the question."""
    wide: list[tuple[_Statement, Truth]] = []
    for deny in denying:
        free = _not(_or(None if not key else True for _, key, _ in _conditions(deny.body)))
        truth = _and(
            True if deny.effect else None, free, _wider_principal(deny, statement), _wider_resource(deny, statement)
        )  # fmt: skip
        if truth is not False:
            wide.append((deny, truth))
    if not wide or statement.actions is None:
        return False
    if _all_denied(statement.actions, [deny for deny, truth in wide if truth], action, surely=True):
        return True
    return (
        None if _all_denied(statement.actions, [deny for deny, _ in wide], action, surely=False) is not False else False
    )


def _all_denied(granted: _Patterns, denying: Sequence[_Statement], action: str | None, *, surely: bool) -> Truth:
    """Whether each name that is asked for and granted is one that is denied."""
    # To be sure, what may be granted must be denied surely; to be possible, what is granted surely, possibly.
    patterns = list(granted.sure if surely == granted.negated else (*granted.sure, *granted.may))
    count = len(patterns)
    rules: list[tuple[bool, range]] = []
    for deny in denying:
        if deny.actions is not None:
            chosen = deny.actions.sure if surely != deny.actions.negated else (*deny.actions.sure, *deny.actions.may)
            rules.append((deny.actions.negated, range(len(patterns), len(patterns) + len(chosen))))
            patterns.extend(chosen)

    def denied_or_not_granted(hit: Callable[[int], bool]) -> bool:
        if any(map(hit, range(count))) == granted.negated:
            return True
        return any(any(map(hit, numbers)) != negated for negated, numbers in rules)

    return _always((action or "*").lower(), patterns, denied_or_not_granted, actions=True)


def _wider_principal(deny: _Statement, allow: _Statement) -> Truth:
    """Whether whoever the one is for, the other is for too."""
    everybody = _for_everybody(deny)
    member, other = deny.body.items.get("Principal"), allow.body.items.get("Principal")
    if everybody or member is None or other is None:
        return everybody
    held = {name for _, item in _principals(member) if (name := _identity(item))}
    if all(_identity(item) in held for _, item in _principals(other)):
        return True
    vague = next(_unknowns(member), next(_unknowns(other), None))
    return None if everybody is None or vague is not None else False


def _wider_resource(deny: _Statement, allow: _Statement) -> Truth:
    ours, theirs = deny.resources, allow.resources
    if ours is None or theirs is None:
        return ours is None and theirs is None
    vague: Truth = None if ours.may or theirs.may else False
    if ours.negated:
        return True if not ours.sure and not ours.may else vague
    if any(_unrestricted(pattern) and not pattern.startswith("arn:") for pattern in ours.sure):
        return True
    if theirs.negated:
        return vague
    held = {name for item in ours.values if (name := _identity(item))}
    same = all(
        _identity(item) in held or (isinstance(item, Known) and _inside(_scalar(item.value), ours.sure) is True)
        for item in theirs.values
    )  # fmt: skip
    return True if same and not theirs.may else vague


def _identity(value: Value) -> str | None:
    """A name by which two references or texts are known to be the same thing."""
    match value:
        case Known():
            return _scalar(value.value)
        case Ref() if value.origin:
            return f"${{{value.origin}}}"
        case Template(parts=parts):
            names = [_identity(part) for part in parts]
            return None if None in names else "".join(name or "" for name in names)
    return None


# --- what a change adds -----------------------------------------------------------------------------------------

_CELLS = 20_000
"""How many combinations of principal, action and resource are looked at; past that it is unknown."""

_VARIABLE = re.compile(r"\$\{[^{}*?$]+\}")
_ROOT = re.compile(r"(arn:[^:]*:iam::)?(?P<account>[^:/]+)(?(1):root)")
_MEMBER_OF = re.compile(r"arn:[^:]*:(?:iam|sts)::(?P<account>[^:/]+):(?!root\Z).+")
_HOLDER = ("", "")
"""Whoever holds a policy that names no principal."""


def widened(before: Value, after: Value, *, same_rest: bool = False) -> str:
    """Which part of the policy grants more than it did; "" when what it grants now is surely within what it granted.

    Every Allow must be within the Allows there were, every Deny there was within the Denies there are. What is not known
    is the same where it is written the same, and nothing else. `same_rest`: what may follow in an open list of
    statements is known to be the same in both.
    """
    names = _Symbols()
    olds, news = ([_reach(each, names) for each in _statements(side)[0]] for side in (before, after))
    rest = [_rest(side, same_rest) for side in (before, after)]
    if rest[0] != rest[1]:
        doubt = _statements(after)[1] or _statements(before)[1]
        return f"it is unknown whether it grants more: {doubt[0] if doubt else 'a part of it is not known'}"
    kept, known = {each.same for each in news}, {each.same for each in olds}
    for new in news:
        if new.same in known or new.effect == "Deny":
            continue
        if new.effect != "Allow":
            return f"it is unknown whether {new.path} grants more: its effect is not known"
        problem = _outside(new, [old for old in olds if old.effect == "Allow"], names)
        if problem:
            return problem
    for old in olds:
        if old.same in kept or old.effect == "Allow":
            continue
        if old.effect != "Deny":
            return f"it is unknown whether {old.path}, which is gone, denied something"
        problem = _outside(old, [new for new in news if new.effect == "Deny"], names)
        if problem:
            return f"the Deny of {old.path} is gone or narrower"
    return ""


class _Symbols:
    """A character of its own for each thing that is not known, by which it is told from others and found again."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}
        self.known: dict[str, str] = {}

    def symbol(self, what: Any) -> str:
        """The character of a piece of JSON data."""
        text = what if isinstance(what, str) else json.dumps(what, sort_keys=True, default=str)
        symbol = self.of.setdefault(text, chr(0xF0000 + len(self.of)))
        self.known[symbol] = text
        return symbol

    def text(self, value: Value, whole: Value) -> str:
        """The value as a pattern; of what is open all that is known is the whole that it stands in."""
        match value:
            case Known(value=str() as content):
                # A variable of the policy language is one text that is not known here.
                return _VARIABLE.sub(lambda match: self.symbol(match[0]), content)
            case Known():
                return _scalar(value.value)
            case Template(parts=parts):
                return "".join(self.text(part, whole) for part in parts)
            case Unknown(reason="open"):
                return self.symbol(plain(whole, sensitive=True))
        return self.symbol(plain(value, sensitive=True))

    def shown(self, text: str) -> str:
        """The pattern as a person reads it."""
        for symbol in set(text) & set(self.known):
            what = self.known[symbol]
            found = re.fullmatch(r'\{"\$(?:ref|unknown)": "(.*)"\}', what)
            text = text.replace(symbol, f"${{{found[1]}}}" if found else what)
        return text

    def vague(self, text: str) -> bool:
        """Whether something in the pattern is not known."""
        return any(char in self.known for char in text)


@dataclass(frozen=True, slots=True)
class _Names:
    """The patterns of a member; `negated`: everything but these."""

    member: str
    patterns: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class _Reach:
    """The requests that a statement is about. `same` is equal for two statements that say the same thing."""

    path: str
    effect: str | None
    same: str
    principals: frozenset[tuple[str, str]]
    excluding: bool
    actions: _Names
    resources: _Names
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    unclear: str


def _rest(document: Value, same_rest: bool) -> list[str]:
    """What stands among the statements of a document and is none that can be read, in an order of its own."""
    structure = _structure(document)
    rest: list[Any] = []
    match structure:
        case Null() | Known(value=""):
            pass
        case List(items=items):
            for item in items:
                if not (isinstance(item, Map) and "Effect" in item.items):
                    rest += _rest(item, same_rest)
            if structure.open:
                rest.append("open" if same_rest else plain(structure, sensitive=True))
        case Map(items=entries):
            statement = entries.get("Statement")
            statement = statement.inner if isinstance(statement, Encoded) else statement
            if statement is None or isinstance(statement, Null):
                rest += ["open"] if structure.open else []
            elif isinstance(statement, List):
                inner = [item.inner if isinstance(item, Encoded) else item for item in statement.items]
                rest += [plain(item, sensitive=True) for item in inner if not isinstance(item, (Map, Null))]
                if statement.open:
                    rest.append("open" if same_rest else plain(statement, sensitive=True))
            elif not isinstance(statement, Map):
                rest.append(plain(statement, sensitive=True))
        case _:
            rest.append(plain(structure, sensitive=True))
    return sorted(each if isinstance(each, str) else json.dumps(each, sort_keys=True, default=str) for each in rest)


def _reach(statement: _Statement, names: _Symbols) -> _Reach:
    body = statement.body
    said = plain(body, sensitive=True)
    twice = sorted(_twice(body))
    said.pop("Sid", None)
    excluded = body.items.get("NotPrincipal")
    excluding = excluded is not None and not isinstance(excluded, Null)
    unclear = "it may say more" if body.open else f"it says {twice[0]} twice" if twice else ""
    for name in ("Action", "Resource", "Principal"):
        if all(not isinstance(body.items.get(key, Null()), Null) for key in (name, f"Not{name}")):
            unclear = f"it has both {name} and Not{name}"
    return _Reach(
        statement.path, statement.effect, json.dumps([said, twice], sort_keys=True, default=str),
        _who(excluded if excluding else body.items.get("Principal"), names), excluding,
        _member(body, "Action", names), _member(body, "Resource", names), tuple(_required(body, names)), unclear,
    )  # fmt: skip


def _twice(value: Value, depth: int = 0) -> set[str]:
    """The keys that are written twice somewhere in a statement: readers disagree which of them counts."""
    if not isinstance(value, Map) or depth > 4:
        return set()
    found = set(repeated(value))
    for item in value.items.values():
        found |= _twice(item, depth + 1)
    return found


def _who(member: Value | None, names: _Symbols) -> frozenset[tuple[str, str]]:
    if member is None or isinstance(member, Null):
        return frozenset({_HOLDER})
    found = set()
    for kind, value in _principals(member):
        text = names.text(value, member)
        found.add(("AWS", "*") if text == "*" and kind in ("", "AWS") else (kind or "AWS", text))
    return frozenset(found)


def _member(body: Map, name: str, names: _Symbols) -> _Names:
    for key, negated in ((name, False), (f"Not{name}", True)):
        member = body.items.get(key)
        if member is None or isinstance(member, Null):
            continue
        items = member.items if isinstance(member, List) else (member,)
        patterns = [names.text(item, member) for item in items if not isinstance(item, Null)]
        if isinstance(member, List) and member.open:
            patterns.append(names.symbol(plain(member, sensitive=True)))
        if name == "Action":
            patterns = [pattern.lower() for pattern in patterns]
        return _Names(key, tuple(dict.fromkeys(patterns)), negated)
    # A trust policy names no resource: it is about the one that carries it. No action is no grant.
    return _Names(name, ("*",) if name == "Resource" else ())


def _required(body: Map, names: _Symbols) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    whole = body.items.get("Condition") or body
    for operator, key, values in _conditions(body):
        yield operator.lower(), key.lower(), tuple(names.text(value, whole) for value in values)


def _outside(small: _Reach, large: Sequence[_Reach], names: _Symbols) -> str:
    """What of the one statement is not within the others together; "" when all of it is."""
    if small.unclear:
        return f"it is unknown whether {small.path} grants more: {small.unclear}"
    large = [each for each in large if not each.unclear]
    principals: list[tuple[str, str] | None] = [None] if small.excluding else [*sorted(small.principals)]
    actions, resources = _pieces(small.actions), _pieces(small.resources)
    if len(principals) * len(actions) * len(resources) > _CELLS:
        return f"it is unknown whether {small.path} grants more: it is too long to compare"
    for principal in principals:
        for action in actions:
            for resource in resources:
                cell = _Cell(small, principal, action, resource)
                inside = _cell_inside(cell, large, names)
                if not inside:
                    return _grown(cell, large, names, unknown=inside is None)
    return ""


def _pieces(member: _Names) -> list[_Names]:
    if member.negated:
        return [member]
    return [_Names(member.member, (pattern,)) for pattern in member.patterns]


@dataclass(frozen=True, slots=True)
class _Cell:
    """One principal (None: everybody but), one pattern of actions and one of resources of a statement."""

    statement: _Reach
    principal: tuple[str, str] | None
    action: _Names
    resource: _Names


def _cell_inside(cell: _Cell, large: Sequence[_Reach], names: _Symbols, *, but: str = "") -> Truth:
    """Whether statements that are for the principal, under no more conditions, cover action and resource together.

    `but` is a dimension that is not looked at.
    """
    held = [
        each for each in large
        if (but == "principal" or _for(cell, each)) and (but == "condition" or not _missing(cell.statement, each, names))
    ]  # fmt: skip
    if not held:
        return False
    by_action = [each for each in held if but == "action" or _inside_all(cell.action, [each.actions], names)]
    by_resource = [each for each in held if but == "resource" or _inside_all(cell.resource, [each.resources], names)]
    if any(each in by_resource for each in by_action):
        return True
    truths = (
        by_resource and _inside_all(cell.action, [each.actions for each in by_resource], names),
        by_action and _inside_all(cell.resource, [each.resources for each in by_action], names),
    )
    return True if True in truths else None if None in truths else False


def _for(cell: _Cell, large: _Reach) -> bool:
    """Whether the statement is for the principal of the cell too."""
    if not large.excluding and ("AWS", "*") in large.principals and cell.principal != _HOLDER:
        return True
    if cell.principal is None:
        return large.excluding and large.principals <= cell.statement.principals
    if large.excluding:
        return False
    if cell.principal in large.principals:
        return True
    # Whoever trusts an account trusts everybody in it whom the account lets.
    kind, text = cell.principal
    account = _MEMBER_OF.fullmatch(text) or _ROOT.fullmatch(text)
    return kind == "AWS" and account is not None and any(
        other == "AWS" and (root := _ROOT.fullmatch(each)) is not None and root["account"] == account["account"]
        for other, each in large.principals
    )  # fmt: skip


def _inside_all(query: _Names, others: Sequence[_Names], names: _Symbols) -> Truth:
    """Whether every name that the query stands for is one that the others, together, stand for."""
    actions = query.member.endswith("Action")
    for pattern in () if query.negated else query.patterns:
        # A pattern without `?` that matches the text of another, wildcards and all, covers it.
        if any(
            not other.negated and any("?" not in each and matches(each, pattern) for each in other.patterns)
            for other in others
        ):
            return True
    texts = [*query.patterns, *(pattern for other in others for pattern in other.patterns)]
    vague = any(map(names.vague, texts))
    # A `?` would take a symbol for one character, and what it stands for may be longer.
    asked = "*" if query.negated else query.patterns[0] if query.patterns else ""
    if vague and any("?" in text for text in texts):
        return False
    patterns: list[str] = list(query.patterns) if query.negated else []
    excepted = len(patterns)
    rules: list[tuple[bool, range]] = []
    for other in others:
        rules.append((other.negated, range(len(patterns), len(patterns) + len(other.patterns))))
        patterns.extend(other.patterns)

    def claim(hit: Callable[[int], bool]) -> bool:
        return any(map(hit, range(excepted))) or any(any(map(hit, numbers)) != negated for negated, numbers in rules)

    return _always(asked, patterns, claim, actions=actions and not vague)


def _grown(cell: _Cell, large: Sequence[_Reach], names: _Symbols, *, unknown: bool) -> str:
    """The member of the statement that is to blame for a cell that is outside."""
    small = cell.statement
    if unknown:
        return f"it is unknown whether {small.path} grants more: its patterns are too many to compare"
    shown = {
        "action": (cell.action, small.actions), "resource": (cell.resource, small.resources),
    }  # fmt: skip
    for dimension, (piece, member) in shown.items():
        if _cell_inside(cell, large, names, but=dimension):
            listed = ", ".join(names.shown(pattern) for pattern in piece.patterns)
            if member.negated:
                return f"{small.path}.{member.member} excepts no more than {listed or 'nothing'}"
            return f"{small.path}.{member.member} adds {listed}"
    if _cell_inside(cell, large, names, but="principal"):
        if cell.principal is None:
            return f"{small.path}.NotPrincipal excepts fewer"
        return f"{small.path}.Principal adds {names.shown(cell.principal[1]) or 'whoever holds the policy'}"
    for each in large:
        missing = _missing(small, each, names)
        if missing and _cell_inside(cell, [each], names, but="condition"):
            return f"{small.path}: the condition {missing} is gone or looser"
    return f"{small.path} is new"


# --- conditions that a change keeps ---

_ANY_OF = {
    "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress", "bool",
    "binaryequals", "numericequals", "dateequals", "null",
}  # fmt: skip
_NONE_OF = {
    "stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike", "notipaddress",
    "numericnotequals", "datenotequals",
}  # fmt: skip


def _missing(small: _Reach, large: _Reach, names: _Symbols) -> str:
    """A key on which the large statement has a condition that no condition of the small one implies; "" for none."""
    for wanted in large.conditions:
        if not any(_implies(given, wanted, names) for given in small.conditions):
            return wanted[1] or wanted[0] or "of it"
    return ""


def _implies(
    given: tuple[str, str, tuple[str, ...]], wanted: tuple[str, str, tuple[str, ...]], names: _Symbols
) -> bool:  # fmt: skip
    """Whether every request that meets the one condition meets the other."""
    if given[1] != wanted[1]:
        return False
    if given[0] == wanted[0] and set(given[2]) == set(wanted[2]):
        return True
    if not given[1]:
        return False
    (quantifier, _, operator), (other_quantifier, _, other) = given[0].rpartition(":"), wanted[0].rpartition(":")
    if quantifier != other_quantifier:
        return False
    if operator.endswith("ifexists") and not other.endswith("ifexists") and given[1] not in _ALWAYS_THERE:
        return False
    operator, other = operator.removesuffix("ifexists"), other.removesuffix("ifexists")
    if operator in _ANY_OF and (operator == other or (operator, other) in _LOOSER):
        return all(_accepted(value, operator, other, wanted[2], names) for value in given[2])
    if operator != other:
        return False
    if operator in _NONE_OF:
        like = operator.replace("not", "")
        return all(_accepted(value, like, like, given[2], names) for value in wanted[2])
    if operator.startswith(("numericlessthan", "numericgreaterthan")):
        less = operator.startswith("numericless")
        try:
            bounds, others = [float(each) for each in given[2]], [float(each) for each in wanted[2]]
        except ValueError:
            return False
        return bool(bounds and others) and (max(bounds) <= max(others) if less else min(bounds) >= min(others))
    return False


_LOOSER = {("stringequals", "stringlike"), ("stringequals", "stringequalsignorecase"), ("arnequals", "arnlike"),
           ("arnlike", "arnequals")}  # fmt: skip


def _accepted(value: str, operator: str, other: str, values: Sequence[str], names: _Symbols) -> bool:
    """Whether what one value of a condition accepts is accepted by one of the values of the other."""
    if value in values:
        return True
    if other == "ipaddress":
        networks = [network for each in values if (network := network_of(each)) is not None]
        union = Addresses()
        for network in networks:
            union = union | network
        own = network_of(value)
        return own is not None and not own - union
    if other == "stringequalsignorecase":
        return value.lower() in {each.lower() for each in values}
    if other == "bool":
        return value.lower() in {each.lower() for each in values}
    if other in ("stringlike", "arnlike", "arnequals"):
        if operator == "stringequals":  # its wildcards are characters
            vague = names.vague(value)
            return any(matches(each, value) for each in values if not (vague and "?" in each))
        return _inside_all(_Names("Resource", (value,)), [_Names("Resource", tuple(values))], names) is True
    return False
