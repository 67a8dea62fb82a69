"""The vocabulary: places, values, resources, findings, drafts, verdicts, reviews.

Everything here is a frozen value. A value of the configuration keeps where it was written; a gap is a value with a
reason; a draft becomes publishable only as `Approved`, which `copilot.gate.decide` alone makes.
"""

from __future__ import annotations

import enum
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

Scalar = str | int | float | bool
Key = str | int


class Severity(enum.IntEnum):
    """How bad it is when a check fails; ordered."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Severity:
        """The severity of that name; ValueError for another."""
        try:
            return cls[text.upper()]
        except KeyError:
            raise ValueError(f"{text!r} is not one of critical, high, medium, low") from None


# --- places -----------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """A range of bytes in a file of the snapshot; lines and columns count from 1, `end` is exclusive."""

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


Places = tuple[Place, ...]
"""The chain of a value: first where it is used (the argument), then each frame that hands it on, last where it is written."""


# --- values -----------------------------------------------------------------------------------------------------


class Origin(NamedTuple):
    """The resource attribute that a value was read from: `address` of the instance, and the path behind it."""

    address: str
    path: tuple[Key, ...]

    def __str__(self) -> str:
        return ".".join((self.address, *map(str, self.path)))


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A value of the configuration: its chain of places, whether it is secret, and the attribute it was read from."""

    places: Places = field(default=(), kw_only=True)
    sensitive: bool = field(default=False, kw_only=True)
    origin: Origin | None = field(default=None, kw_only=True)

    @property
    def written(self) -> Place | None:
        """Where the value is written, the last place of its chain."""
        return self.places[-1] if self.places else None


@dataclass(frozen=True, slots=True, eq=False)
class Known(Value):
    """A string, number or boolean that the configuration decides."""

    value: Scalar
    offsets: tuple[tuple[int, int], ...] = field(default=(), kw_only=True)
    """For text that may hold JSON or YAML: (offset in the text, byte offset in the file) of each literal run."""


@dataclass(frozen=True, slots=True, eq=False)
class Null(Value):
    """The literal `null` (absent in Terraform, a value in Kubernetes)."""


@dataclass(frozen=True, slots=True, eq=False)
class Ref(Value):
    """An attribute of another resource that only the provider knows; `origin` says which."""


@dataclass(frozen=True, slots=True, eq=False)
class Template(Value):
    """Text of which some parts are references or unknown: `parts` are Known strings and other values, in order."""

    parts: tuple[Value, ...]
    offsets: tuple[tuple[int, int], ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class List(Value):
    """A list, tuple, set or repeated block; `open` means there may be more items than these."""

    items: tuple[Value, ...]
    open: bool = False
    kind: Literal["list", "set", "blocks"] = "list"


@dataclass(frozen=True, slots=True, eq=False)
class Map(Value):
    """A map, object or the body of a block; `open` means there may be more keys than these.

    `items` may be lazy: looking a key up evaluates it. For the body of a block the first place is its header.
    """

    items: Mapping[str, Value]
    open: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Encoded(Value):
    """Text that is the JSON or YAML encoding of `inner`, kept as structure (jsonencode, a rendered policy document)."""

    inner: Value
    encoding: Literal["json", "yaml", "base64"] = "json"


@dataclass(frozen=True, slots=True, eq=False)
class Unknown(Value):
    """A value that the configuration does not decide, and why: `reason` is a kind, `detail` names the thing."""

    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason}({self.detail})" if self.detail else self.reason


def text_of(scalar: Scalar) -> str:
    """The text that Terraform makes of a scalar: `true`, `3`, `1.5`."""
    if isinstance(scalar, str):
        return scalar
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return str(int(scalar)) if isinstance(scalar, float) and scalar.is_integer() else str(scalar)


def plain(value: Value, *, sensitive: bool = False) -> Any:
    """The value as JSON data: unknowns as `{"$unknown": reason}`, references as `{"$ref": "address.path"}`,
    templates as `{"$template": [parts]}`, encoded structures as the structure. Sensitive values become
    `{"$sensitive": true}` unless `sensitive` is given."""
    if value.sensitive and not sensitive:
        return {"$sensitive": True}
    match value:
        case Known():
            return value.value
        case Null():
            return None
        case Ref():
            return {"$ref": str(value.origin)}
        case Template():
            return {"$template": [plain(part, sensitive=sensitive) for part in value.parts]}
        case List():
            items = [plain(item, sensitive=sensitive) for item in value.items]
            return [*items, {"$open": True}] if value.open else items
        case Map():
            entries = {key: plain(item, sensitive=sensitive) for key, item in value.items.items()}
            return {**entries, "$open": True} if value.open else entries
        case Encoded():
            return plain(value.inner, sensitive=sensitive)
        case Unknown():
            return {"$unknown": str(value)}
    raise AssertionError(type(value))


def signature(value: Value) -> object:
    """What a value is, without where it stands: equal for two values exactly when no check can tell them apart."""
    match value:
        case Known(value=scalar):
            what: object = (type(scalar).__name__, scalar)
        case List():
            what = (value.kind, value.open, tuple(signature(item) for item in value.items))
        case Map():
            what = ("map", value.open, {key: signature(item) for key, item in value.items.items()})
        case Template():
            what = ("template", tuple(signature(part) for part in value.parts))
        case Encoded():
            what = (value.encoding, signature(value.inner))
        case Unknown():
            what = ("unknown", value.reason, value.detail)
        case _:
            what = type(value).__name__
    return (what, value.origin) if value.origin is not None or value.sensitive else what


# --- resources --------------------------------------------------------------------------------------------------

_KEYS = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+|\?)\]')


def without_keys(address: str) -> str:
    """The address without instance keys: `module.a["x"].aws_vpc.v[0]` -> `module.a.aws_vpc.v`."""
    return _KEYS.sub("", address) if "[" in address else address


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One instance of a resource, data source, provider or manifest object, evaluated.

    `address` is the full address inside the root; `module` the module path in front of it ("" in the root) and
    `folder` the folder whose file declares it. `conditional`: it may not exist (count or for_each is unknown).
    `ignored` are the paths of `lifecycle.ignore_changes` ("*" for all). `callers` are the places of the module calls
    that lead here, outermost first.
    """

    address: str
    type: str
    name: str
    mode: Literal["managed", "data", "provider", "object", "block"]
    module: str
    folder: str
    body: Map
    block: Place
    header: Place
    key: Key | None = None
    conditional: bool = False
    ignored: tuple[str, ...] = ()
    callers: Places = ()


GapKind = Literal["unread", "undecided", "out_of_sight", "lost_sight"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the review could not see or decide: what, where, why, and what a person can do about it."""

    kind: GapKind
    reason: str
    path: str = ""
    line: int = 0
    check: str = ""
    address: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """What is evaluated: a folder with its var files, under a name of an environment."""

    folder: str
    environment: str = ""
    var_files: tuple[str, ...] = ()
    kind: Literal["terraform", "kubernetes"] = "terraform"

    @property
    def name(self) -> str:
        return self.folder or "."


@dataclass(frozen=True, slots=True, eq=False)
class ModuleCall:
    """A call of a module that was evaluated: the module's folder, and its arguments, evaluated when asked for."""

    folder: str
    inputs: Mapping[str, Callable[[], Value]]
    conditional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A root, evaluated: its resources, the files it read, and what was not seen.

    Evaluation is lazy, so `gaps` may grow while checks read; read them last.
    `closed` is false when resources may exist that are not here (a module out of sight, an unread file): then
    "there is none" cannot be said. `escaped` are the addresses and known texts that are handed to modules out of sight:
    of a resource among them, "nothing else refers to it" cannot be said either. `missing` are the calls of modules
    that are out of sight, by address, with their headers; `calls` those that were followed, by address prefix.
    """

    root: Root
    resources: tuple[Resource, ...]
    files: frozenset[str]
    gaps: Collection[Gap] = ()
    closed: bool = True
    escaped: frozenset[str] = frozenset()
    missing: Mapping[str, Place] = field(default_factory=dict)
    calls: Mapping[str, ModuleCall] = field(default_factory=dict)
    by_type: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)
    by_address: Mapping[str, Resource] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        root: Root,
        resources: tuple[Resource, ...],
        files: frozenset[str],
        gaps: Collection[Gap] = (),
        *,
        closed: bool = True,
        escaped: frozenset[str] = frozenset(),
        missing: Mapping[str, Place] | None = None,
        calls: Mapping[str, ModuleCall] | None = None,
    ) -> World:
        """The world with its two indexes built; data sources are indexed as `data.TYPE`."""
        by_type: dict[str, list[Resource]] = {}
        for resource in resources:
            by_type.setdefault(f"data.{resource.type}" if resource.mode == "data" else resource.type, []).append(
                resource
            )
        return cls(
            root, resources, files, gaps, closed, escaped, missing or {}, calls or {},
            {kind: tuple(items) for kind, items in by_type.items()},
            {resource.address: resource for resource in resources},
        )  # fmt: skip


# --- findings ---------------------------------------------------------------------------------------------------

Truth = bool | None
"""Kleene's three values; None is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Why a condition came out as it did: one node per condition, each leaf with its truth, path and places.

    `condition` is the node of the check it evaluates (it may carry a fix); `address` the resource that was read, when
    that is not the subject; `value` is what the leaf read (None when absent); `element` the element of a list judged.
    """

    truth: Truth
    condition: Any
    path: str = ""
    places: Places = ()
    reason: str = ""
    children: tuple[Outcome, ...] = ()
    address: str = ""
    value: Value | None = None

    def leaves(self) -> Iterator[Outcome]:
        """The leaves of the tree, in the order of evaluation."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def culprits(self, truth: Truth = False) -> Iterator[Outcome]:
        """The leaves that make this node what it is: those reached through children of the wanted truth.

        Below a `not` the wanted truth turns over; the condition node says so by its `negates` attribute.
        """
        if self.truth is not truth:
            return
        if not self.children:
            yield self
            return
        wanted = (None if truth is None else not truth) if getattr(self.condition, "negates", False) else truth
        for child in self.children:
            yield from child.culprits(wanted)


Status = Literal["fail", "undecided", "lost_sight"]
Relation = Literal["introduced", "touched", "existing"]
Exempt = Literal["waived", "suppressed", "baseline"]
Enforcement = Literal["observe", "warn", "enforce"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One instance of a finding: the resource's full address in one root, and the explanation of the failure."""

    root: str
    environment: str
    address: str
    outcome: Outcome = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that a resource fails (or does not decide), where its value was written.

    `fingerprint` holds no line, message or file: check, root or module folder, address without instance keys, path.
    `places` is the chain, first the argument, last where it is written; `place` is the last one. `environments` are
    those of the roots in which it occurs. `message` is a full sentence. `relation` is to the change under review.
    `enforcement` is what the policy does about it; `exempt` why it does not count, with a note and its last day; `requested` describes
    an exception that the change itself asks for, which does not count yet. `anchor` is the place of the chain that
    lies in the diff, when one does.
    """

    check: str
    control: str
    severity: Severity
    status: Status
    message: str
    address: str
    folder: str
    path: str
    places: Places
    fingerprint: str
    occurrences: tuple[Occurrence, ...] = field(compare=False)
    callers: Places = ()
    relation: Relation = "existing"
    reason: str = ""
    enforcement: Enforcement = "warn"
    exempt: Exempt | None = None
    exempt_note: str = ""
    exempt_until: date | None = None
    requested: str = ""
    anchor: Place | None = None

    @property
    def place(self) -> Place:
        """Where the finding is shown when there is no diff: where its value is written."""
        return self.places[-1]

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(sorted({occurrence.environment for occurrence in self.occurrences}))

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(sorted({occurrence.root for occurrence in self.occurrences}))


def fingerprint(check: str, folder: str, address: str, path: str) -> str:
    """A stable name for a finding: 20 hex digits over its check, folder, address without keys, and path."""
    text = json.dumps([check, folder, without_keys(address), path], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


# --- knowledge --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose a passage, record or accepted fix is: one repository of one installation."""

    installation: str
    owner: str
    repository: str
    visibility: Literal["public", "internal", "private"] = "private"

    def __str__(self) -> str:
        return f"{self.installation}/{self.owner}/{self.repository}"

    def shows_to(self, viewer: Scope) -> bool:
        """Whether what is of this scope may be shown in work for the viewer.

        It is the same repository, and no more open than it was: one that was opened to the world does not take along what
        was written while it was closed.
        """
        return (
            (self.installation, self.owner, self.repository) == (viewer.installation, viewer.owner, viewer.repository)
            and self.visibility in SEEN_BY[viewer.visibility]
        )  # fmt: skip


SEEN_BY: Mapping[str, tuple[str, ...]] = {
    "private": ("private", "internal", "public"),
    "internal": ("internal", "public"),
    "public": ("public",),
}
"""Of which visibilities a passage may be, for a viewer of this one."""

PassageKind = Literal["control", "requirement", "check", "golden", "evidence", "fix"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that may be shown to a model or a person, and cited by its id.

    `scope` is None for what ships with the program; what is somebody's is shown inside that repository alone. `digest` is
    the SHA-256 of the text; `source` where it came from (a file of the corpus, a pull request).
    """

    id: str
    kind: PassageKind
    title: str
    text: str
    source: str
    scope: Scope | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def visible_to(self, viewer: Scope | None) -> bool:
        """Whether it may be shown in work for this repository."""
        if self.scope is None:
            return True
        return viewer is not None and self.scope.shows_to(viewer)


@dataclass(frozen=True, slots=True)
class Citation:
    """A claim's support: a passage by its id, and words that stand in it verbatim ("" for the passage as a whole)."""

    passage: str
    quote: str = ""


# --- drafts and verdicts ----------------------------------------------------------------------------------------

Safety = Literal["safe", "changes_behaviour", "replaces", "unknown"]
DraftOrigin = Literal["recipe", "model", "foreign"]


@dataclass(frozen=True, slots=True)
class Edit:
    """In the file at `path`, replace `find`, which occurs exactly once, by `replace`.

    `find` "" makes a new file (which must not exist); `replace` None removes the file (`find` is then its whole text).
    Texts are what the file's bytes decode to as UTF-8, line endings and BOM included.
    """

    path: str
    find: str
    replace: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a language model: by which prompt it was asked, what it cost, and what came of it.

    `outcome` is "edits", "abstained", or the kind of failure. How long it took is not kept: records are the same for the
    same answers.
    """

    prompt: str
    version: int
    digest: str
    sample: int
    round: int
    outcome: str
    input_tokens: int = 0
    output_tokens: int = 0
    money: float = 0.0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Drafting:
    """How a model's draft came about: the model, how many samples were drawn and agreed, the rounds of repair, each call.

    `agreed` is 0 where agreement was never asked about.
    """

    model: str
    samples: int
    agreed: int
    rounds: int
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """A drafted change of files that settles the findings named by fingerprint.

    `safety` is what the recipe knows of the change in the running system; `replaces` names the addresses that would be
    destroyed and made anew. `cites` is what a model says that it relied on. `drafting` tells how a model came to it, and
    is no part of the draft itself.
    """

    findings: tuple[str, ...]
    edits: tuple[Edit, ...]
    origin: DraftOrigin
    safety: Safety
    summary: str
    sources: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    cites: tuple[Citation, ...] = ()
    drafting: Drafting | None = field(default=None, compare=False)

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical form of everything that is applied or claimed."""
        data = [
            list(self.findings), [[e.path, e.find, e.replace] for e in self.edits], self.origin, self.safety, self.summary,
            list(self.sources), list(self.replaces), [[c.passage, c.quote] for c in self.cites],
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Abstained:
    """No draft, and why; `needs` names the parameters that would make one possible."""

    findings: tuple[str, ...]
    reason: str
    needs: tuple[str, ...] = ()
    drafting: Drafting | None = field(default=None, compare=False)


VerdictOutcome = Literal["pass", "fail", "unknown", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one validator says of one draft on one tree (both by digest)."""

    validator: str
    outcome: VerdictOutcome
    reason: str
    draft: str
    tree: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A draft that is not shown, with every verdict that was reached and the reason in one sentence."""

    draft: Patch
    verdicts: tuple[Verdict, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Seal:
    """Made by the gate alone, for one draft; see `copilot.gate`."""

    draft: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A draft that survived every required validator. Only `copilot.gate.decide` makes one.

    `replaces` are the addresses that applying it would destroy and make anew: such a draft is never committable unasked.
    """

    draft: Patch
    verdicts: tuple[Verdict, ...]
    diff: str
    replaces: tuple[str, ...]
    seal: _Seal = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if type(self.seal) is not _Seal or self.seal.draft != self.draft.digest:
            raise TypeError("an Approved is made by copilot.gate.decide alone")


Remedy = Approved | Withheld | Abstained


# --- reviews ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """What a report says of a check and its control. `frameworks`: framework id -> requirement ids, sorted."""

    id: str
    title: str
    message: str
    rationale: str
    severity: Severity
    control: str
    control_title: str
    frameworks: Mapping[str, tuple[str, ...]]
    peers: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RootReport:
    """What was done in one root: counts of resources and evaluations by verdict."""

    name: str
    environment: str
    kind: str
    files: int
    resources: int
    passed: int
    failed: int
    undecided: int
    not_applicable: int


ConclusionState = Literal["clean", "findings", "observed", "incomplete"]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The one answer: its state, the exit code, and a title that names gaps when there are any.

    `blocking` counts the findings that the policy enforces and nothing exempts; `warning` and `observed` the others.
    """

    state: ConclusionState
    exit_code: int
    title: str
    blocking: int = 0
    warning: int = 0
    observed: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that a report shows, in order: findings worst first, undecided ones, gaps, remedies, the record.

    `findings` are those of status fail (a scan: all; a review: introduced and touched first, existing after);
    `undecided` those of status lost_sight (first) and undecided. `remedies` holds, by fingerprint, the approved draft,
    or why there is none. `sources` are the bytes of the files that findings stand in (for excerpts; not serialised).
    `record` is plain JSON data: digests of inputs, corpus and settings, and each draft with each verdict. `notes` are
    sentences about exceptions that do not count (malformed, expired, of another tool), with their place.
    """

    kind: Literal["review", "scan"]
    subject: str
    base: str
    head: str
    roots: tuple[RootReport, ...]
    checks: Mapping[str, CheckSummary]
    findings: tuple[Finding, ...]
    undecided: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    remedies: Mapping[str, Remedy]
    conclusion: Conclusion
    record: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    sources: Mapping[str, bytes] = field(repr=False, default_factory=dict)
