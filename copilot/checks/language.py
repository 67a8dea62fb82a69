"""The condition language: what a check may say, parsed strictly from YAML data into frozen nodes.

`docs/condition-language.md` is the reference. Nothing is evaluated here (see `copilot.checks.evaluate`): a node says
what stands in the file, with every path parsed once. Whatever does not read is refused by `CorpusInvalid`, which
names the file and the keys that lead to the fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NoReturn, TypeAlias

from copilot.errors import CorpusInvalid
from copilot.model import Safety, Severity

if TYPE_CHECKING:
    from copilot.checks.network import Admits
    from copilot.checks.policies import Allows, Denies

# --- paths ------------------------------------------------------------------------------------------------------

Anchor: TypeAlias = Literal["", "key", "pod", "metadata"]
Step: TypeAlias = str | int

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_POSITION = re.compile(r"\[(\d+)\]")
_ANCHOR = re.compile(r"\$(key|pod|metadata)(?![A-Za-z0-9_-])")


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a value to values inside it; `names` are its steps without positions, `shown` what people read."""

    text: str
    steps: tuple[Step, ...]
    anchor: Anchor = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(step for step in self.steps if isinstance(step, str))

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=8192)
def parse_path(text: str) -> Path:
    """The path that `text` spells; ValueError says what is wrong with it."""
    if text == ".":
        return Path(text, ())
    at = 0
    anchor: Any = ""
    steps: list[Step] = []
    if found := _ANCHOR.match(text):
        anchor, at = found[1], found.end()
        if anchor == "key" and at < len(text):
            raise ValueError(f"{text!r}: nothing follows $key")
        if at < len(text):
            at = _after_dot(text, at)
    while at < len(text) or not (steps or anchor):
        if found := _BARE.match(text, at):
            steps.append(found[0])
        elif found := _QUOTED.match(text, at):
            steps.append(re.sub(r"\\(.)", r"\1", found[1]))
        elif found := _POSITION.match(text, at):
            steps.append(int(found[1]))
        else:
            raise ValueError(f"{text!r} does not read as a path at position {at + 1}: put odd keys in quotes")
        at = found.end()
        if at < len(text) and text[at] != "[":
            at = _after_dot(text, at)
    return Path(text, tuple(steps), anchor)


def _after_dot(text: str, at: int) -> int:
    if text[at] != "." or at + 1 == len(text):
        raise ValueError(f"{text!r} does not read as a path at position {at + 1}: put odd keys in quotes")
    return at + 1


def show_path(steps: tuple[str, ...]) -> str:
    """The steps as a path that `parse_path` reads back."""
    return ".".join(step if _BARE.fullmatch(step) else f'"{_escaped(step)}"' for step in steps)


def _escaped(step: str) -> str:
    return step.replace("\\", "\\\\").replace('"', '\\"')


# --- values in conditions and fixes -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter that a repository sets in its `.compliance/copilot.yaml`."""

    name: str


@dataclass(frozen=True, slots=True)
class Attr:
    """Another value of the check's subject."""

    path: Path


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """In a fix: a reference to that attribute of the subject."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Expression:
    """In a fix: an HCL expression, written as it stands."""

    text: str


FixKind: TypeAlias = Literal[
    "set", "remove", "remove_element", "replace_element", "add_block", "add_linked", "add_statement", "narrow"
]


@dataclass(frozen=True, slots=True)
class Fix:
    """How the node that carries it is repaired; `needs` names every parameter that its value takes.

    `value` is what the kind takes (True for `remove` and `remove_element`), with Param, SubjectRef and Expression in
    place of `{param: …}`, `{ref: …}` and `{expr: …}`.
    """

    kind: FixKind
    value: Any
    safety: Safety
    source: str = ""
    needs: tuple[str, ...] = ()


# --- conditions -------------------------------------------------------------------------------------------------

Absent: TypeAlias = bool | Literal["default"] | None
Quantifier: TypeAlias = Literal["some", "every", "none"]
Op: TypeAlias = Literal[
    "equals", "in", "matches", "starts_with", "ends_with", "contains", "contains_all", "subset_of", "at_least",
    "at_most", "between", "present", "defined", "empty", "length", "refers_to", "secret", "version", "within",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """What `length`, `version` and `between` compare with: both ends are included."""

    at_least: Any = None
    at_most: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One operator on what stands at the first present of `paths`; `absent` is its truth when none is.

    `operand` is a literal, Param or Attr; for operators that take several, a tuple of these, or one Param.
    """

    negates: ClassVar[bool] = False
    paths: tuple[Path, ...]
    op: Op
    operand: Any
    absent: Absent = None
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class All:
    """True when every condition is."""

    negates: ClassVar[bool] = False
    conditions: tuple[Condition, ...]
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf:
    """True when one of the conditions is."""

    negates: ClassVar[bool] = False
    conditions: tuple[Condition, ...]
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Not:
    """True when the condition is false."""

    negates: ClassVar[bool] = True
    condition: Condition
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Quantified:
    """How many of the elements at the path meet `that`; `absent_said` tells whether the check says `absent`."""

    quantifier: Quantifier
    paths: tuple[Path, ...]
    that: Condition
    absent_said: bool = False
    absent: Absent = None
    fix: Fix | None = None

    @property
    def negates(self) -> bool:
        return self.quantifier == "none"


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """How many of the resources linked to the subject meet `that`.

    With `by`, those whose path refers to the subject; with `from_`, those that the subject's path refers to. `match`
    names the identifier that names are compared with, of the subject (`by`) or of the other (`from_`).
    """

    types: tuple[str, ...]
    quantifier: Quantifier
    that: Condition
    unlinked: bool | None
    by: tuple[Path, ...] = ()
    from_: tuple[Path, ...] = ()
    match: tuple[Path, ...] = ()
    fix: Fix | None = None

    @property
    def negates(self) -> bool:
        return self.quantifier == "none"


@dataclass(frozen=True, slots=True, eq=False)
class Exists:
    """The root has a resource of one of the types (that meets `that`)."""

    negates: ClassVar[bool] = False
    types: tuple[str, ...]
    that: Condition | None = None
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Also:
    """Resources of these types whose `by` refers to the subject are rules too."""

    types: tuple[str, ...]
    by: tuple[Path, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The rules at the path (and the linked ones), taken together, admit what `spec` asks."""

    negates: ClassVar[bool] = False
    paths: tuple[Path, ...]
    spec: Admits
    also: tuple[Also, ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PolicyCondition:
    """Some statement of the policy at the path allows, or denies, what `spec` names."""

    negates: ClassVar[bool] = False
    paths: tuple[Path, ...]
    effect: Literal["allows", "denies"]
    spec: Allows | Denies
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RegoCondition:
    """What `policy.rego` beside the check denies and leaves undecided; `source` is its text."""

    negates: ClassVar[bool] = False
    source: str
    fix: Fix | None = None


Condition: TypeAlias = (
    Leaf | All | AnyOf | Not | Quantified | Linked | Exists | Network | PolicyCondition | RegoCondition
)


def inside(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that this one is made of."""
    match condition:
        case All() | AnyOf():
            return condition.conditions
        case Not():
            return (condition.condition,)
        case Quantified() | Linked():
            return (condition.that,)
        case Exists():
            return () if condition.that is None else (condition.that,)
    return ()


def nodes(condition: Condition) -> Iterator[Condition]:
    """The condition and everything in it, from the top."""
    yield condition
    for child in inside(condition):
        yield from nodes(child)


def own_paths(condition: Condition) -> tuple[Path, ...]:
    """The paths that the node itself reads, on the thing that it is asked of."""
    match condition:
        case Leaf():
            return condition.paths
        case Quantified() | Network() | PolicyCondition():
            return condition.paths
        case Linked():
            return condition.from_ or condition.match
    return ()


def operands(leaf: Leaf) -> tuple[Any, ...]:
    """What the leaf compares with, one by one: literals, parameters and attributes."""
    match leaf.operand:
        case tuple():
            return leaf.operand
        case Bounds(at_least, at_most):
            return (at_least, at_most)
    return (leaf.operand,)


# --- checks -----------------------------------------------------------------------------------------------------

SubjectKind: TypeAlias = Literal["types", "data", "providers", "kinds", "pod", "container", "blocks", "root"]

POD_TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "DeploymentConfig": ("spec", "template"),
    "Rollout": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where an object of the kind keeps its pod: the map that holds the pod's `metadata` and `spec`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check is about; `names` are types, kinds, providers or blocks, as `kind` says."""

    kind: SubjectKind
    names: tuple[str, ...] = ()

    def covers(self, mode: str, type: str) -> bool:
        """Whether resources of that mode and type are subjects (for `root`: bring the root in)."""
        match self.kind:
            case "types":
                return mode == "managed" and type in self.names
            case "root":
                return mode in ("managed", "object") and type in self.names
            case "data":
                return mode == "data" and type in self.names
            case "providers":
                return mode == "managed" and type.partition("_")[0] in self.names
            case "kinds":
                return mode == "object" and type in self.names
            case "pod" | "container":
                return mode == "object" and type in POD_TEMPLATES
            case "blocks":
                if mode == "provider":
                    return f"provider.{type.removeprefix('provider.')}" in self.names
                return mode == "block" and type in self.names

    def concerns(self, key: str) -> bool:
        """Whether a key of `World.by_type` may hold subjects."""
        if self.kind == "data":
            return key.startswith("data.") and key[5:] in self.names
        if self.kind == "blocks":
            return key in self.names or f"provider.{key}" in self.names
        if self.kind == "providers":
            return key.partition("_")[0] in self.names
        return key in POD_TEMPLATES if self.kind in ("pod", "container") else key in self.names


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One check of the library: what is right, what is wrong, and the condition that tells them apart."""

    id: str
    title: str
    message: str
    rationale: str
    control: str
    severity: Severity
    subject: Subject
    must: Condition
    when: Condition | None = None
    peers: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    def nodes(self) -> Iterator[Condition]:
        """Every condition of the check, `when` first."""
        if self.when is not None:
            yield from nodes(self.when)
        yield from nodes(self.must)

    def fixes(self) -> Iterator[tuple[Condition, Fix]]:
        """The nodes that can be repaired, each with its fix."""
        for node in self.nodes():
            if node.fix is not None:
                yield node, node.fix

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the check takes, those of its fixes included; sorted."""
        found: set[str] = set()
        for node in self.nodes():
            found.update(node.fix.needs if node.fix else ())
            if isinstance(node, Network) and node.spec.parameter:
                found.add(node.spec.parameter)
            if isinstance(node, Leaf):
                found.update(operand.name for operand in operands(node) if isinstance(operand, Param))
        return tuple(sorted(found))


# --- parsing ----------------------------------------------------------------------------------------------------

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NEEDS_NO_ABSENT: Final = frozenset({"present", "defined"})
_SEVERAL: Final = frozenset({"in", "contains_all", "subset_of", "within"})
_TEXT: Final = frozenset({"matches", "starts_with", "ends_with"})
_NUMBER: Final = frozenset({"at_least", "at_most"})
_FLAG: Final = frozenset({"present", "defined", "empty", "secret"})
_OPS: Final = frozenset(
    {"equals", "contains", "between", "length", "refers_to", "version"} | _SEVERAL | _TEXT | _NUMBER | _FLAG
)
_LEAF: Final = _OPS | {"path", "absent", "fix"}
_QUANTIFIERS: Final[tuple[Quantifier, ...]] = ("some", "every", "none")
_SUBJECTS: Final = frozenset({"types", "data", "providers", "kinds", "blocks", "root"})
_CHECK: Final = frozenset(
    {"id", "title", "message", "rationale", "control", "severity", "subject", "when", "must", "peers", "references"}
)
_FITS: Final[Mapping[str, tuple[type, ...]]] = {
    "set": (Leaf,),
    "remove": (Leaf, Quantified, Network, PolicyCondition),
    "remove_element": (Leaf, Quantified, Network, PolicyCondition),
    "replace_element": (Leaf, Quantified),
    "add_block": (Leaf, Quantified),
    "add_linked": (Linked, Exists),
    "add_statement": (PolicyCondition,),
    "narrow": (Network,),
}
_SAFETIES: Final[tuple[Safety, ...]] = ("safe", "changes_behaviour", "replaces")


def parse_check(data: Any, *, file: str, rego: str | None = None, thorough: bool = True) -> Check:
    """The check that the YAML data of `file` says; `rego` is the text of the `policy.rego` beside it.

    A `thorough` reading also compiles every pattern and asks of every fix whether it settles its condition, which a
    start in a hurry leaves to those who wrote the check.
    """
    return _Reader(file, rego, thorough=thorough).check(data)


def parse_condition(data: Any, *, file: str = "condition", rego: str | None = None) -> Condition:
    """The condition that the data says, outside any check."""
    return _Reader(file, rego).condition(data, "")


class _Reader:
    """Reads the data of one file; `at` is the way of keys to what is being read."""

    def __init__(self, file: str, rego: str | None, *, thorough: bool = True) -> None:
        self._thorough = thorough
        self._file = file
        self._rego = rego
        self._ways: dict[int, str] = {}

    def _refuse(self, at: str, problem: str) -> NoReturn:
        raise CorpusInvalid(f"{self._file}: {at or 'the top'}: {problem}")

    # checks

    def check(self, data: Any) -> Check:
        entries = self._entries(data, "", _CHECK)
        for key in ("id", "title", "message", "rationale", "control", "severity", "subject", "must"):
            if key not in entries:
                self._refuse(key, "is missing")
        id = self._text(entries["id"], "id")
        if not _ID.fullmatch(id):
            self._refuse("id", f"{id!r} is not words of small letters and digits joined by hyphens")
        try:
            severity = Severity.parse(self._text(entries["severity"], "severity"))
        except ValueError as error:
            self._refuse("severity", str(error))
        check = Check(
            id=id,
            title=self._text(entries["title"], "title"),
            message=self._text(entries["message"], "message"),
            rationale=self._text(entries["rationale"], "rationale"),
            control=self._text(entries["control"], "control"),
            severity=severity,
            subject=self._subject(entries["subject"]),
            when=self.condition(entries["when"], "when") if "when" in entries else None,
            must=self.condition(entries["must"], "must"),
            peers=self._texts(entries.get("peers", []), "peers"),
            references=self._texts(entries.get("references", []), "references"),
        )
        if check.when is not None and any(node.fix for node in nodes(check.when)):
            self._refuse("when", "a fix stands in must: what does not apply needs no repair")
        if self._thorough:
            self._check_settled(check.must, True)
        for node in check.nodes():
            for path in own_paths(node):
                if path.anchor in ("pod", "metadata") and check.subject.kind not in ("pod", "container"):
                    self._refuse("subject", f"{path} is read, which only $pod and $container subjects have")
        return check

    def _check_settled(self, node: Condition, wanted: bool) -> None:
        """Refuse a `set` whose literal leaves its leaf as it is."""
        if isinstance(node, Leaf) and node.fix is not None and node.fix.kind == "set":
            from copilot.checks.operators import ELEMENTWISE, as_value, both, decide

            value = node.fix.value
            asked = any(isinstance(operand, Param | Attr) for operand in operands(node))
            if not node.fix.needs and not _symbolic(value) and not asked:
                whole = node.op not in ELEMENTWISE or isinstance(node.operand, list | dict)
                items = value if isinstance(value, list) and not whole else [value]
                truth = both(decide(node.op, node.operand, as_value(item)) for item in items)
                if truth is not None and truth is not wanted:
                    self._refuse(
                        self._ways[id(node)], f"the fix sets what the condition {'refuses' if wanted else 'asks'}"
                    )
        for child in inside(node):
            self._check_settled(child, wanted is not node.negates)

    def _subject(self, data: Any) -> Subject:
        entries = self._entries(data, "subject", _SUBJECTS)
        if len(entries) != 1:
            self._refuse("subject", f"says one of {', '.join(sorted(_SUBJECTS))}")
        [(kind, written)] = entries.items()
        names = self._texts(written, f"subject.{kind}")
        if not names:
            self._refuse(f"subject.{kind}", "names nothing")
        if kind == "types" and any(name.startswith("$") for name in names):
            if names == ("$pod",):
                return Subject("pod")
            if names == ("$container",):
                return Subject("container")
            self._refuse("subject.types", "$pod or $container stands alone")
        return Subject(kind, names)  # type: ignore[arg-type]  # one of _SUBJECTS

    # conditions

    def condition(self, data: Any, at: str) -> Condition:
        if not isinstance(data, dict):
            self._refuse(at, f"a condition is a map, not {_kind(data)}")
        forms: Mapping[str, Callable[[dict[str, Any], str], Condition]] = {
            "path": self._leaf,
            "all": self._all,
            "any": self._any,
            "not": self._not,
            "linked": self._linked,
            "exists": self._exists,
            "network": self._network,
            "policy": self._policy,
            "rego": self._rego_condition,
        }
        found = [key for key in forms if key in data]
        if not found:
            quantifiers = [key for key in _QUANTIFIERS if key in data]
            if not quantifiers:
                self._refuse(at, f"is no condition: it has {', '.join(map(str, data)) or 'nothing'}")
            return self._quantified(data, at)
        if len(found) > 1:
            self._refuse(at, f"says {' and '.join(found)}, which are conditions of their own")
        return forms[found[0]](data, at)

    def _leaf(self, data: dict[str, Any], at: str) -> Condition:
        entries = self._entries(data, at, _LEAF)
        ops: list[Any] = [key for key in entries if key in _OPS]
        if len(ops) != 1:
            self._refuse(at, f"has {' and '.join(ops) if ops else 'no operator'}: a leaf has one operator")
        op: Op = ops[0]
        if op not in _NEEDS_NO_ABSENT and "absent" not in entries:
            self._refuse(_join(at, "absent"), f"is missing: {op} must say what an absent path means")
        leaf = Leaf(
            paths=self._paths(entries["path"], _join(at, "path")),
            op=op,
            operand=self._operand(op, entries[op], _join(at, op)),
            absent=self._absent(entries, at),
        )
        return self._with_fix(leaf, entries, at)

    def _operand(self, op: Op, data: Any, at: str) -> Any:
        if op in _FLAG:
            if not isinstance(data, bool):
                self._refuse(at, f"is true or false, not {_kind(data)}")
            return data
        if op == "refers_to":
            return self._texts([data] if isinstance(data, str) else data, at)
        if op in ("length", "version"):
            entries = self._entries(data, at, frozenset({"at_least", "at_most"}))
            if not entries:
                self._refuse(at, "says at_least or at_most")
            for key, bound in entries.items():
                if op == "length" and (not isinstance(bound, int) or isinstance(bound, bool)):
                    self._refuse(_join(at, key), "is a whole number")
                if op == "version" and not (isinstance(bound, str) and re.fullmatch(r"\d+(\.\d+)*", bound)):
                    self._refuse(_join(at, key), "is a dotted version in quotes")
            return Bounds(entries.get("at_least"), entries.get("at_most"))
        if op == "between":
            if not (isinstance(data, list) and len(data) == 2):
                self._refuse(at, "is two numbers, [from, to]")
            return Bounds(*(self._number(bound, f"{at}[{i}]") for i, bound in enumerate(data)))
        if op in _SEVERAL:
            if isinstance(data, dict):
                return self._value(data, at)
            if not isinstance(data, list) or not data:
                self._refuse(at, "is a list of values")
            values = tuple(self._value(item, f"{at}[{i}]") for i, item in enumerate(data))
            if op == "within":
                for i, value in enumerate(values):
                    self._check_cidr(value, f"{at}[{i}]")
            return values
        value = self._value(data, at)
        if isinstance(value, Param | Attr):
            return value
        if op in _NUMBER:
            return self._number(value, at)
        if op in _TEXT:
            if not isinstance(value, str) or not value:
                self._refuse(at, f"is text, not {_kind(value)}")
            if op == "matches":
                self._check_pattern(value, at)
        return value

    def _number(self, data: Any, at: str) -> Any:
        value = self._value(data, at)
        if isinstance(value, Param | Attr):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(at, f"is a number, not {_kind(value)}")
        return value

    def _check_pattern(self, pattern: str, at: str) -> None:
        if re.search(r"\(\?(?:[=!]|<[=!])", pattern) or re.search(r"(?<!\\)(?:\\\\)*\\[1-9]", pattern):
            self._refuse(at, "RE2 has no look-around and no back-reference")
        if self._thorough:
            from copilot.checks.operators import pattern as compiled

            try:
                compiled(pattern)
            except ValueError as error:
                self._refuse(at, str(error))

    def _check_cidr(self, value: Any, at: str) -> None:
        if isinstance(value, Param | Attr):
            return
        import ipaddress

        try:
            ipaddress.ip_network(value)
        except ValueError as error:
            self._refuse(at, str(error))

    def _all(self, data: dict[str, Any], at: str) -> Condition:
        self._entries(data, at, frozenset({"all"}))
        return All(self._conditions(data["all"], _join(at, "all")))

    def _any(self, data: dict[str, Any], at: str) -> Condition:
        self._entries(data, at, frozenset({"any"}))
        return AnyOf(self._conditions(data["any"], _join(at, "any")))

    def _not(self, data: dict[str, Any], at: str) -> Condition:
        self._entries(data, at, frozenset({"not"}))
        return Not(self.condition(data["not"], _join(at, "not")))

    def _conditions(self, data: Any, at: str) -> tuple[Condition, ...]:
        if not isinstance(data, list) or not data:
            self._refuse(at, "is a list of conditions")
        return tuple(self.condition(item, f"{at}[{i}]") for i, item in enumerate(data))

    def _quantifier(self, entries: dict[str, Any], at: str) -> Quantifier:
        found = [key for key in _QUANTIFIERS if key in entries]
        if len(found) != 1:
            self._refuse(at, "says one of some, every, none")
        return found[0]

    def _quantified(self, data: dict[str, Any], at: str) -> Condition:
        entries = self._entries(data, at, frozenset({*_QUANTIFIERS, "that", "absent", "fix"}))
        quantifier = self._quantifier(entries, at)
        if "that" not in entries:
            self._refuse(_join(at, "that"), "is missing")
        node = Quantified(
            quantifier=quantifier,
            paths=self._paths(entries[quantifier], _join(at, quantifier)),
            that=self.condition(entries["that"], _join(at, "that")),
            absent_said="absent" in entries,
            absent=self._absent(entries, at),
        )
        if node.absent == "default":
            self._refuse(_join(at, "absent"), "default is for leaves")
        return self._with_fix(node, entries, at)

    def _linked(self, data: dict[str, Any], at: str) -> Condition:
        entries = self._entries(
            data, at, frozenset({*_QUANTIFIERS, "linked", "by", "from", "match", "unlinked", "fix"})
        )
        quantifier = self._quantifier(entries, at)
        if ("by" in entries) == ("from" in entries):
            self._refuse(at, "says either by or from")
        if "unlinked" not in entries:
            self._refuse(_join(at, "unlinked"), "is missing: say what it means that there is no such resource")
        node = Linked(
            types=self._types(entries["linked"], _join(at, "linked")),
            quantifier=quantifier,
            that=self.condition(entries[quantifier], _join(at, quantifier)),
            unlinked=self._truth(entries["unlinked"], _join(at, "unlinked")),
            by=self._paths(entries["by"], _join(at, "by")) if "by" in entries else (),
            from_=self._paths(entries["from"], _join(at, "from")) if "from" in entries else (),
            match=self._paths(entries["match"], _join(at, "match")) if "match" in entries else (),
        )
        return self._with_fix(node, entries, at)

    def _exists(self, data: dict[str, Any], at: str) -> Condition:
        entries = self._entries(data, at, frozenset({"exists", "that", "fix"}))
        node = Exists(
            types=self._types(entries["exists"], _join(at, "exists")),
            that=self.condition(entries["that"], _join(at, "that")) if "that" in entries else None,
        )
        return self._with_fix(node, entries, at)

    def _network(self, data: dict[str, Any], at: str) -> Condition:
        from copilot.checks.network import parse_admits

        entries = self._entries(data, at, frozenset({"network", "admits", "direction", "also", "fix"}))
        if "admits" not in entries:
            self._refuse(_join(at, "admits"), "is missing")
        direction = entries.get("direction")
        if direction not in (None, "ingress", "egress"):
            self._refuse(_join(at, "direction"), "is ingress or egress")
        also = []
        written = entries.get("also", [])
        if not isinstance(written, list):
            self._refuse(_join(at, "also"), "is a list")
        for i, item in enumerate(written):
            place = f"{_join(at, 'also')}[{i}]"
            link = self._entries(item, place, frozenset({"linked", "by"}))
            if len(link) != 2:
                self._refuse(place, "says linked and by")
            also.append(Also(self._types(link["linked"], f"{place}.linked"), self._paths(link["by"], f"{place}.by")))
        admits = self._entries(entries["admits"], _join(at, "admits"), frozenset({"cidr", "ports", "protocol"}))
        asked = {**admits, "direction": direction} if direction else admits
        node = Network(
            paths=self._paths(entries["network"], _join(at, "network")),
            spec=parse_admits(asked, f"{self._file}: {_join(at, 'admits')}"),
            also=tuple(also),
        )
        return self._with_fix(node, entries, at)

    def _policy(self, data: dict[str, Any], at: str) -> Condition:
        from copilot.checks.policies import parse_allows, parse_denies

        entries = self._entries(data, at, frozenset({"policy", "allows", "denies", "fix"}))
        if ("allows" in entries) == ("denies" in entries):
            self._refuse(at, "says either allows or denies")
        effect: Literal["allows", "denies"] = "allows" if "allows" in entries else "denies"
        where = f"{self._file}: {_join(at, effect)}"
        node = PolicyCondition(
            paths=self._paths(entries["policy"], _join(at, "policy")),
            effect=effect,
            spec=parse_allows(entries[effect], where) if effect == "allows" else parse_denies(entries[effect], where),
        )
        return self._with_fix(node, entries, at)

    def _rego_condition(self, data: dict[str, Any], at: str) -> Condition:
        self._entries(data, at, frozenset({"rego"}))
        if data["rego"] is not True:
            self._refuse(_join(at, "rego"), "is true")
        if self._rego is None:
            self._refuse(_join(at, "rego"), "there is no policy.rego beside the check")
        return RegoCondition(self._rego)

    # fixes

    def _with_fix(self, node: Any, entries: dict[str, Any], at: str) -> Condition:
        if "fix" in entries:
            object.__setattr__(node, "fix", self._fix(entries["fix"], node, _join(at, "fix")))
            self._ways[id(node)] = _join(at, "fix")
        parsed: Condition = node
        return parsed

    def _fix(self, data: Any, node: Condition, at: str) -> Fix:
        entries = self._entries(data, at, frozenset({*_FITS, "safety", "source", "needs"}))
        kinds: list[Any] = [key for key in entries if key in _FITS]
        if len(kinds) != 1:
            self._refuse(at, f"says one of {', '.join(_FITS)}")
        kind: FixKind = kinds[0]
        here = _join(at, kind)
        if not isinstance(node, _FITS[kind]):
            self._refuse(here, f"does not fit a {_named(node)} condition")
        if entries.get("safety") not in _SAFETIES:
            self._refuse(_join(at, "safety"), f"is one of {', '.join(_SAFETIES)}")
        value = self._fix_value(entries[kind], here)
        if kind in ("remove", "remove_element") and value is not True:
            self._refuse(here, "is true")
        if kind == "narrow" and not isinstance(value, Param):
            self._refuse(here, "is {param: NAME}")
        if kind == "set" and any(path.anchor == "key" for path in own_paths(node)):
            self._refuse(here, "a key cannot be set")
        if kind == "add_block":
            self._shape(value, here, {"name": str, "body": dict})
        if kind == "add_linked":
            self._shape(value, here, {"type": str, "body": dict})
            if isinstance(node, Linked | Exists) and value["type"] not in node.types:
                self._refuse(here, f"adds a {value['type']}, which the condition does not look at")
        if kind == "add_statement" and not isinstance(value, dict):
            self._refuse(here, "is a statement, a map")
        declared = self._texts(entries.get("needs", []), _join(at, "needs"))
        return Fix(
            kind=kind,
            value=value,
            safety=entries["safety"],
            source=self._text(entries["source"], _join(at, "source")) if "source" in entries else "",
            needs=tuple(dict.fromkeys((*declared, *_params(entries[kind])))),
        )

    def _shape(self, value: Any, at: str, fields: Mapping[str, type]) -> None:
        if not isinstance(value, dict) or set(value) != set(fields):
            self._refuse(at, f"has {' and '.join(fields)}")
        for name, kind in fields.items():
            if not isinstance(value[name], kind):
                self._refuse(_join(at, name), f"is not {_kind(value[name])}")

    def _fix_value(self, data: Any, at: str) -> Any:
        if isinstance(data, dict):
            if len(data) == 1:
                [(key, inner)] = data.items()
                if key == "param":
                    return Param(self._text(inner, _join(at, key)))
                if key == "ref":
                    return SubjectRef(self._text(inner, _join(at, key)))
                if key == "expr":
                    return Expression(self._text(inner, _join(at, key)))
            return {str(key): self._fix_value(inner, _join(at, str(key))) for key, inner in data.items()}
        if isinstance(data, list):
            return [self._fix_value(item, f"{at}[{i}]") for i, item in enumerate(data)]
        return data

    # parts

    def _entries(self, data: Any, at: str, allowed: frozenset[str]) -> dict[str, Any]:
        if not isinstance(data, dict):
            self._refuse(at, f"is a map, not {_kind(data)}")
        for key in data:
            if key not in allowed:
                self._refuse(_join(at, str(key)), f"is not known here; known are {', '.join(sorted(allowed))}")
        return data

    def _text(self, data: Any, at: str) -> str:
        if not isinstance(data, str) or not data.strip():
            self._refuse(at, f"is text, not {_kind(data)}")
        return data.strip()

    def _texts(self, data: Any, at: str) -> tuple[str, ...]:
        if not isinstance(data, list):
            self._refuse(at, f"is a list, not {_kind(data)}")
        return tuple(self._text(item, f"{at}[{i}]") for i, item in enumerate(data))

    def _types(self, data: Any, at: str) -> tuple[str, ...]:
        types = self._texts([data] if isinstance(data, str) else data, at)
        if not types:
            self._refuse(at, "names no type")
        return types

    def _paths(self, data: Any, at: str) -> tuple[Path, ...]:
        written = self._texts([data] if isinstance(data, str) else data, at)
        if not written:
            self._refuse(at, "names no path")
        try:
            return tuple(parse_path(text) for text in written)
        except ValueError as error:
            self._refuse(at, str(error))

    def _absent(self, entries: dict[str, Any], at: str) -> Absent:
        written = entries.get("absent", "unknown")
        return "default" if written == "default" else self._truth(written, _join(at, "absent"), ", default")

    def _truth(self, data: Any, at: str, more: str = "") -> bool | None:
        if isinstance(data, bool):
            return data
        if data != "unknown":
            self._refuse(at, f"is one of true, false, unknown{more}")
        return None

    def _value(self, data: Any, at: str) -> Any:
        """A literal, Param or Attr."""
        if isinstance(data, dict) and len(data) == 1:
            [(key, inner)] = data.items()
            if key == "param":
                return Param(self._text(inner, _join(at, key)))
            if key == "attr":
                [path] = self._paths(inner if isinstance(inner, str) else None, _join(at, key))
                return Attr(path)
        return data


def _symbolic(value: Any) -> bool:
    """Whether a fix's value is more than a literal."""
    if isinstance(value, dict):
        return any(map(_symbolic, value.values()))
    return any(map(_symbolic, value)) if isinstance(value, list) else isinstance(value, Param | SubjectRef | Expression)


def _params(data: Any) -> tuple[str, ...]:
    """The parameters that YAML data names by `{param: NAME}`, in the order in which they stand."""
    if isinstance(data, dict):
        if len(data) == 1 and isinstance(name := data.get("param"), str):
            return (name,)
        data = list(data.values())
    return tuple(dict.fromkeys(name for item in data for name in _params(item))) if isinstance(data, list) else ()


def _join(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _kind(data: Any) -> str:
    match data:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text" if data.strip() else "empty text"
        case list():
            return "a list"
        case dict():
            return "a map"
    return f"a {type(data).__name__}"


def _named(node: Condition) -> str:
    return node.quantifier if isinstance(node, Quantified) else type(node).__name__.removesuffix("Condition").lower()
