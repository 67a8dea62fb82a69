"""The gate for drafted policies: what each must survive, and the one place where one becomes approved.

It denies when in doubt. What is required, and how much of it, is data (`policy_gate.yaml`). A policy for which only an
engine is missing is *unverified*: it may be shown, marked, to the person who asked, and is written nowhere.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any, Final, Literal, TypeAlias

from copilot.checks.language import Check, Leaf, Param, RegoCondition, operands, own_paths, parse_check
from copilot.checks.library import Library
from copilot.drafting.policy_cases import Kept, Policy, Said, judged, said, sane, world_of
from copilot.drafting.policy_engines import Engine, Ruling
from copilot.drafting.policy_mutants import Mutant, RegoMutant, mutants, rego_mutants, told, variations
from copilot.errors import CorpusInvalid
from copilot.model import Passage, Verdict, VerdictOutcome, World
from copilot.redaction.credentials import looks_secret
from validators.hygiene import hidden, speaks

Form: TypeAlias = Literal["check", "rego"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What `policy_gate.yaml` says."""

    required: Mapping[str, tuple[str, ...]]
    by_engine: Mapping[str, tuple[str, ...]]
    mutants_killed: float
    lines_covered: float
    like_bad_denied: float
    like_good_denied: float


@functools.cache
def bounds() -> Bounds:
    """The shipped bounds."""
    import yaml

    kept = yaml.safe_load((resources.files("copilot.drafting") / "policy_gate.yaml").read_text("utf-8"))
    required, by_engine = (
        {form: tuple(names) for form, names in kept.pop(name).items()} for name in ("required", "by_engine")
    )
    return Bounds(required, by_engine, **kept)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a policy is tried with, none of it of the draft's making.

    `contradictions` says what the corpus would hold against a check's texts and names; `prove` what is wrong with a
    check and its examples, machine rewrites included, once they lie in a folder. `written` evaluates Rego that a model
    wrote; `compiler` turns a check into Rego (ValueError: it does not compile), which `compiled` evaluates. `files`
    reads an example of the corpus.
    """

    library: Library
    contradictions: Callable[[Check], Sequence[str]]
    prove: Callable[[Policy, Check], Sequence[str]]
    files: Callable[[Any], Mapping[str, bytes]]
    written: Engine
    compiled: Engine | None = None
    compiler: Callable[[Check], str] | None = None
    known_parameters: frozenset[str] = frozenset()


class Trial:
    """One policy on the bench; everything that several verdicts need is worked out once."""

    def __init__(self, policy: Policy, bench: Bench, shown: Sequence[Passage] | None = None) -> None:
        self.policy = policy
        self.bench = bench
        self.shown = None if shown is None else {passage.id: passage for passage in shown}
        """The passages that the model saw; None when they are not at hand any more, and only their ids are."""

    @property
    def form(self) -> Form:
        return "rego" if self.policy.rego else "check"

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """The YAML of the check; CorpusInvalid when it does not read."""
        return read_yaml(self.policy.check)

    @cached_property
    def check(self) -> Check:
        """The check; CorpusInvalid when it does not read."""
        return parse_check(self.data, file="check.yaml", rego=self.policy.rego or None)

    @cached_property
    def kept(self) -> Kept:
        return sane(self.policy.cases)

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        return tuple(world_of(case.data) for case in self.kept.cases)

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        return dict(self.policy.parameters)

    @cached_property
    def rulings(self) -> tuple[Ruling, ...]:
        """What the policy, in the language in which it was drafted, says of each case."""
        return self.rule(self.check, self.policy.rego, self.worlds, self.parameters)

    @cached_property
    def variations(self) -> tuple[World, ...]:
        """The trees of the cases with what the check reads varied by machine; none where it looks beyond its subject."""
        return tuple(variations(self.check, self.worlds))

    @cached_property
    def varied(self) -> tuple[Ruling, ...]:
        """What the check says of the variations."""
        return self.rule(self.check, "", self.variations, self.parameters)

    def rule(
        self, check: Check, rego: str, worlds: Sequence[World], parameters: Mapping[str, Any]
    ) -> tuple[Ruling, ...]:
        """What a policy of the same language says of trees."""
        if self.form == "rego":
            return self.bench.written.ask(rego, check, worlds, parameters)
        return tuple(Ruling(said(judged(check, world, parameters))) for world in worlds)

    @cached_property
    def rego(self) -> str:
        """The Rego of the policy: as it was written, or as it compiles."""
        if self.form == "rego":
            return self.policy.rego
        if self.bench.compiler is None:
            raise _NoEngine("no compiler to Rego is installed")
        return self.bench.compiler(self.check)

    @property
    def engine(self) -> Engine:
        """What evaluates its Rego."""
        engine = self.bench.written if self.form == "rego" else self.bench.compiled
        if engine is None:
            raise _NoEngine("no engine for compiled Rego is installed")
        if missing := engine.available():
            raise _NoEngine(missing)
        return engine

    def verdict(self, name: str, outcome: VerdictOutcome, reason: str) -> Verdict:
        return Verdict(name, outcome, reason, self.policy.digest, self.policy.tree)


class _NoEngine(Exception):
    """What would have to be evaluated cannot be here."""


@dataclass(frozen=True, slots=True)
class _Seal:
    policy: str
    tree: str


@dataclass(frozen=True, slots=True)
class ApprovedPolicy:
    """A policy that survived all that is required of it, with its Rego. Only `decide` makes one."""

    policy: Policy
    verdicts: tuple[Verdict, ...]
    rego: str
    seal: _Seal = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if type(self.seal) is not _Seal or (self.seal.policy, self.seal.tree) != (self.policy.digest, self.policy.tree):
            raise TypeError("an ApprovedPolicy is made by copilot.drafting.policy_gate.decide alone")


@dataclass(frozen=True, slots=True)
class UnverifiedPolicy:
    """A policy that nothing refused, and that could not be tried in full here; never written, never added."""

    policy: Policy
    verdicts: tuple[Verdict, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class WithheldPolicy:
    """A policy that was refused, or of which something is not known."""

    policy: Policy
    verdicts: tuple[Verdict, ...]
    reason: str


Decided: TypeAlias = ApprovedPolicy | UnverifiedPolicy | WithheldPolicy


def examine(trial: Trial) -> tuple[Verdict, ...]:
    """Every required verdict; those that need a check that reads are unknown where there is none."""
    verdicts: list[Verdict] = []
    for name in bounds().required[trial.form]:
        broken = next((v for v in verdicts if _stops(trial.form, v, name)), None)
        if broken is not None:
            verdicts.append(trial.verdict(name, "unknown", f"not tried: {broken.validator} refused it"))
            continue
        try:
            outcome, reason = _VALIDATORS[name](trial)
        except _NoEngine as missing:
            outcome, reason = "unknown", f"no engine: {missing}"
        except CorpusInvalid as error:
            outcome, reason = "fail", str(error)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # whatever goes wrong in judging denies the draft
            outcome, reason = "unknown", f"{type(error).__name__}: {error}"[:300]
        verdicts.append(trial.verdict(name, outcome, reason))
    return tuple(verdicts)


def decide(trial: Trial, verdicts: Sequence[Verdict]) -> Decided:
    """Approved when every required verdict is there, is of this policy on these cases, and passes or does not apply."""
    policy = trial.policy
    by_name = {verdict.validator: verdict for verdict in verdicts}
    reason = ""
    for name in bounds().required[trial.form]:
        verdict = by_name.get(name)
        if verdict is None:
            reason = reason or f"no verdict of {name}"
        elif (verdict.draft, verdict.tree) != (policy.digest, policy.tree):
            reason = reason or f"{name}: its verdict is of another policy or of other cases"
    open_ = [v for v in verdicts if v.outcome not in ("pass", "not_applicable")]
    engine = bounds().by_engine[trial.form]
    if not reason and open_:
        if all(v.outcome == "unknown" and v.reason.startswith("no engine: ") and v.validator in engine for v in open_):
            return UnverifiedPolicy(policy, tuple(verdicts), open_[0].reason)
        worst = next((v for v in open_ if v.outcome == "fail"), open_[0])
        reason = f"{worst.validator}: {worst.reason}"
    if reason:
        return WithheldPolicy(policy, tuple(verdicts), reason)
    return ApprovedPolicy(policy, tuple(verdicts), trial.rego, seal=_Seal(policy.digest, policy.tree))


def judge(trial: Trial) -> Decided:
    """Examine and decide."""
    return decide(trial, examine(trial))


# --- the validators -----------------------------------------------------------------------------------------------

Answer: TypeAlias = tuple[VerdictOutcome, str]
_ALONE: Final = frozenset({"reads", "plain", "cited", "figures", "cases"})
_BASIC: Final = frozenset({"reads", "cases"})


def _stops(form: Form, verdict: Verdict, name: str) -> bool:
    """Whether a verdict leaves nothing to try by the validator of that name."""
    if name in _ALONE:
        return False
    if verdict.validator in _BASIC and verdict.outcome != "pass":
        return True
    # Rego that does not come to an answer on its own cases may have taken all the time it has: once is enough.
    if form == "rego" and verdict.validator == "tests" and verdict.outcome != "pass":
        return not verdict.reason.startswith("no engine: ")
    if verdict.outcome != "fail":
        return False
    # What ended the engine once is not given to it again; and who is wrong about a case tells nothing of mutants.
    return (form == "rego" and verdict.validator == "compiles") or (verdict.validator == "tests" and name == "mutants")


def read_yaml(text: str) -> Mapping[str, Any]:
    """The map that the YAML text of a check says; CorpusInvalid for anything else."""
    import yaml

    try:
        depth = deepest = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise CorpusInvalid("check.yaml: aliases are not taken")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            deepest = max(deepest, depth)
            if deepest > 40:
                raise CorpusInvalid("check.yaml: nested too deeply")
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        raise CorpusInvalid(f"check.yaml{where}: {getattr(error, 'problem', None) or 'is not YAML'}") from error
    except RecursionError:
        raise CorpusInvalid("check.yaml: nested too deeply") from None
    if not isinstance(data, dict):
        raise CorpusInvalid("check.yaml: is a map")
    return data


def _reads(trial: Trial) -> Answer:
    check = trial.check
    holds = any(isinstance(node, RegoCondition) for node in check.nodes())
    if holds and check.when is not None:
        return "fail", "a check in Rego has no when: the Rego itself says what it applies to"
    if holds and check.subject.kind not in ("types", "data", "providers", "kinds"):
        return "fail", f"a check in Rego is not about {check.subject.kind}"
    if strangers := [name for name in check.parameters if name not in trial.bench.known_parameters]:
        return "fail", f"the settings know no parameter {', '.join(strangers)}"
    if check.id in trial.bench.library.checks:
        return "fail", f"{check.id} is the id of a check that is there"
    if found := trial.bench.contradictions(check):
        return "fail", "; ".join(found[:3])
    return "pass", "reads as a check; its types and paths are the providers'"


def _plain(trial: Trial) -> Answer:
    """What people will read holds nothing hidden, no link, mention or markup, and no credential."""
    texts = [trial.policy.understood, *trial.policy.assumptions, *(case.why for case in trial.policy.cases)]
    try:
        check = trial.check
        texts += [check.title, check.message, check.rationale]
    except CorpusInvalid:
        texts.append("")
    for text in texts:
        if strange := hidden(text) or speaks(text):
            return "fail", f"a text for people has {strange}"
        if looks_secret(text):
            return "fail", "a text for people holds what looks like a credential"
    if strange := next(filter(None, map(hidden, (trial.policy.check, trial.policy.rego))), ""):
        return "fail", f"the policy has {strange}"
    return "pass", "plain text"


def _cited(trial: Trial) -> Answer:
    shown = set(trial.policy.shown)
    if strangers := sorted({c.passage for c in trial.policy.cites} - shown):
        return "fail", f"never shown: {', '.join(strangers)}"
    control = f"control:{trial.check.control}"
    names = {name for name in shown if name in (control, trial.check.control)}
    if not names:
        return "fail", f"the control {trial.check.control} was not among the passages shown"
    if not names & {c.passage for c in trial.policy.cites}:
        return "fail", f"the control {trial.check.control} is not cited"
    for cite in trial.policy.cites:
        if cite.quote and trial.shown is not None:
            if " ".join(cite.quote.split()) not in " ".join(trial.shown[cite.passage].text.split()):
                return "fail", f"{cite.passage} does not say {cite.quote[:80]!r}"
    return "pass", f"maps to {trial.check.control}; every passage cited was shown"


_SAYS: Final = frozenset({"id", "title", "message", "rationale", "control", "severity", "peers", "references", "tags"})
"""What a check says of itself, which is not what it asks."""
_FIGURE: Final = re.compile(
    r"(?<![\w.])(\d{1,6})[ -]?(second|minute|hour|day|week|month|year|character|replica|bit|percent|%)", re.IGNORECASE
)
_TIMES: Final[Mapping[str, tuple[int, ...]]] = {
    "second": (1,), "minute": (1, 60), "hour": (1, 60, 3600), "day": (1, 24, 1440, 86400),
    "week": (1, 7, 168, 10080, 604800), "month": (1, 28, 30, 31), "year": (1, 12, 52, 360, 365, 366),
}  # fmt: skip
"""What one of a unit is in smaller ones. A month or year in hours or less is a number that nobody can know beforehand."""


def _figures(trial: Trial) -> Answer:
    """One of the figures that the requirement states with their units stands in the policy, or one beside it ("more than 90
    days"). The others may be told for what they explain, a default or an exception; a bound that the settings keep is no
    figure of the policy's."""
    policy = trial.policy
    asks = {name: part for name, part in trial.data.items() if name not in _SAYS}
    code = re.sub(r"(?m)#.*$|\"message\": \"[^\"]*\"", "", policy.rego)
    texts = f"{asks} {code} {[value for _, value in policy.parameters]}"
    there = {int(found) for found in re.findall(r"\d+", texts)}
    stated = [(int(number), unit.lower()) for number, unit in _FIGURE.findall(policy.requirement)]
    if not stated:
        return "not_applicable", "no figure is stated"
    if trial.check.parameters:
        return "not_applicable", f"what it asks is kept in the settings ({', '.join(trial.check.parameters)})"

    def stands(number: int, unit: str) -> bool:
        allowed = {number * times + off for times in _TIMES.get(unit, (1,)) for off in (-1, 0, 1)}
        return bool(allowed & there) or (unit in ("month", "year") and any(value > 300 for value in there))

    held = ", ".join(f"{number} {unit}" for number, unit in stated if stands(number, unit))
    if held:
        return "pass", f"holds what is stated: {held}"
    said = ", ".join(f"{number} {unit}{'s' * (unit in _TIMES and number > 1)}" for number, unit in stated)
    return "fail", f"the requirement says {said}, and the policy holds no such figure"


def _cases(trial: Trial) -> Answer:
    if short := trial.kept.short:
        return "fail", short
    kept, dropped = trial.kept.cases, trial.kept.dropped
    counts = {
        expect: sum(c.expect == expect for c in kept) for expect in ("deny", "allow", "undecided", "not_applicable")
    }
    told_counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    return "pass", told_counts + (f"; {len(dropped)} dropped" if dropped else "")


def _tests(trial: Trial) -> Answer:
    wrong = [
        f"{case.name} is to be {case.expect} and is {ruling.said or ruling.reason}"
        for case, ruling in zip(trial.kept.cases, _ruled(trial), strict=True)
        if ruling.said != case.said
    ]
    total = len(trial.kept.cases)
    if wrong:
        return "fail", f"{len(wrong)} of {total} cases are red: {'; '.join(wrong[:3])}"
    return "pass", f"all {total} cases come out as they should"


def _ruled(trial: Trial) -> tuple[Ruling, ...]:
    if trial.form == "rego":
        _ = trial.engine
    return trial.rulings


def _both_ways(trial: Trial) -> Answer:
    rulings = _ruled(trial)
    if not any(ruling.said == "deny" for ruling in rulings):
        return "fail", "it denies none of the cases"
    if trial.form == "rego":
        pairs = zip(trial.worlds, rulings, strict=True)
        check = trial.check
        allowed = any(
            r.said == "neither" and any(check.subject.covers(x.mode, x.type) for x in w.resources) for w, r in pairs
        )
    else:
        allowed = any(
            "pass" in verdicts and not verdicts & {"fail", "undecided"}
            for world in trial.worlds
            if (verdicts := {str(j.verdict) for j in judged(trial.check, world, trial.parameters)})
        )
    return (
        ("pass", "denies something and allows something")
        if allowed
        else ("fail", "it allows nothing that it applies to")
    )


def _like_examples(trial: Trial) -> Answer:
    """Hold the policy against checks of the same control that read a same argument of a same type.

    It passes when it tells the examples of one of them apart: denies enough of the bad, and no good one but for a stricter
    bound, a parameter, or an argument that the other check says nothing of. Where it denies the good ones of all its like
    beside the bad, it asks for something else of the same arguments, and the examples say nothing about that. It fails
    when it lets pass what all its like deny, or denies more of what they call good than of what they call bad.
    """
    check, limits = trial.check, bounds()
    beside = against = ""
    for other in _like(trial):
        bad, good, strict = [0, 0], [0, 0], 0
        for counts, paths in zip((bad, good), (trial.bench.library.examples(other.id)[i] for i in (1, 0)), strict=True):
            found = (world_of(trial.bench.files(path)) for path in paths)
            worlds = [w for w in found if _is_about(trial, w)]
            rulings = trial.rule(check, trial.policy.rego, worlds, {}) if worlds else ()
            counts[:] = sum(r.said == "deny" for r in rulings), len(rulings)
            if counts is good and trial.form == "check":
                strict = sum(_stricter(check, other, world) for world in worlds)
        if not bad[1] or not good[1]:
            continue
        counted = f"{other.id}: denies {bad[0]} of {bad[1]} bad and {good[0]} of {good[1]} good examples"
        denied, wrongly = bad[0] / bad[1], (good[0] - strict) / good[1]
        if denied >= limits.like_bad_denied and wrongly <= limits.like_good_denied:
            return "pass", counted + (" (those for a stricter bound or another argument)" if strict else "")
        if denied >= limits.like_bad_denied and denied >= wrongly:
            beside = beside or counted
        else:
            against = against or counted
    if beside:
        return "not_applicable", f"it asks for something else of the same arguments ({beside})"
    if against:
        return "fail", f"it does not tell apart the examples of any like check of the control ({against})"
    return "not_applicable", "no example of a check of the control is about the same arguments of what it asks of"


def _is_about(trial: Trial, world: World) -> bool:
    """Whether a tree holds something that the policy asks of. What a check's own condition leaves out says nothing about it."""
    check = trial.check
    if trial.form == "rego":
        return any(check.subject.covers(r.mode, r.type) for r in world.resources)
    return any(j.verdict != "not_applicable" for j in judged(check, world, {}))


def _like(trial: Trial) -> Iterator[Check]:
    check = trial.check
    for id in trial.bench.library.checks:
        other = trial.bench.library.checks[id]
        if other.control != check.control or other.subject.kind != check.subject.kind:
            continue
        same = bool(set(other.subject.names) & set(check.subject.names)) or not check.subject.names
        if same and (trial.form == "rego" or _shares_a_path(check, other)):
            yield other


_BOUNDS: Final = frozenset({"at_least", "at_most", "between", "length", "version"})


def _stricter(check: Check, other: Check, world: World) -> bool:
    """Whether the check denies something here, and only for a bound, a parameter, or an argument that the other does
    not read."""
    theirs = {path.names for node in other.nodes() for path in own_paths(node)}
    failed = [j for j in judged(check, world, {}) if j.verdict == "fail"]
    for judgement in failed:
        for leaf in judgement.outcome.culprits(False):
            node = leaf.condition
            ours = {path.names for path in own_paths(node)}
            bound = isinstance(node, Leaf) and (node.op in _BOUNDS or any(isinstance(o, Param) for o in operands(node)))
            if ours & theirs and not bound:
                return False
    return bool(failed)


def _shares_a_path(one: Check, other: Check) -> bool:
    def read(check: Check) -> set[tuple[str, ...]]:
        return {path.names for node in check.nodes() for path in own_paths(node) if path.names}

    return bool(read(one) & read(other))


def _mutants(trial: Trial) -> Answer:
    """The share of mutants that the cases notice, of those that read and that are not the policy in other words."""
    survivors: list[Mutant | RegoMutant] = []
    total = same = 0
    if trial.form == "rego":
        _ = trial.engine
    made: Iterator[Mutant | RegoMutant] = (
        rego_mutants(trial.policy.rego) if trial.form == "rego" else mutants(trial.data)
    )
    for mutant in made:
        rulings = _of_mutant(trial, mutant, trial.worlds)
        if rulings is None:
            continue
        if any(r.said != case.said for case, r in zip(trial.kept.cases, rulings, strict=True)):
            total += 1
        elif _no_other(trial, mutant):
            same += 1
        else:
            total += 1
            survivors.append(mutant)
    if not total:
        return "unknown", "it has no mutant that reads"
    killed = total - len(survivors)
    share = f"{killed} of {total} mutants are noticed" + (f" ({same} more say the same in other words)" if same else "")
    if killed / total < bounds().mutants_killed:
        return "fail", f"the cases are too weak: {share}; not noticed: {told(survivors)}"
    return "pass", share + (f"; not noticed: {told(survivors)}" if survivors else "")


def _no_other(trial: Trial, mutant: Mutant | RegoMutant) -> bool:
    """Whether a mutant that the cases do not notice says the same as the policy of every variation of them."""
    if isinstance(mutant, RegoMutant) or not trial.variations:
        return False
    found = _of_mutant(trial, mutant, trial.variations)
    return found is not None and [r.said for r in found] == [r.said for r in trial.varied]


def _of_mutant(trial: Trial, mutant: Mutant | RegoMutant, worlds: Sequence[World]) -> tuple[Ruling, ...] | None:
    """What a mutant says of the cases; None when it does not read, so that it is none."""
    if isinstance(mutant, RegoMutant):
        found = trial.bench.written.ask(mutant.source, trial.check, worlds, trial.parameters)
        return None if all(r.said is None for r in found) else found
    try:
        check = parse_check(mutant.data, file="check.yaml", thorough=False)
    except CorpusInvalid:
        return None
    return trial.rule(check, "", worlds, trial.parameters)


def _proved(trial: Trial) -> Answer:
    """As a check of the repository, with the cases as its examples, it holds under every machine rewrite."""
    if missing := [name for name in trial.check.parameters if name not in trial.parameters]:
        return "not_applicable", f"its examples need parameters that no test gives ({', '.join(missing)})"
    if found := trial.bench.prove(trial.policy, trial.check):
        return "fail", "; ".join(found[:2])
    return "pass", "its examples, rewritten by machine, come out the same"


def _compiles(trial: Trial) -> Answer:
    engine = trial.engine
    source = trial.rego
    if reason := engine.refused(source):
        return "fail", reason
    return "pass", "parses in the engine, and calls nothing that reads the network, the clock or the environment"


def _agrees(trial: Trial) -> Answer:
    rulings = trial.engine.ask(trial.rego, trial.check, trial.worlds, trial.parameters)
    for case, ours, theirs in zip(trial.kept.cases, trial.rulings, rulings, strict=True):
        if ours.said != theirs.said:
            return "fail", f"{case.name}: natively {ours.said}, compiled {theirs.said or theirs.reason}"
    return "pass", f"native and compiled say the same of {len(rulings)} cases"


def _covered(trial: Trial) -> Answer:
    rate, missed = trial.engine.covered(trial.rego, trial.check, trial.worlds, trial.parameters)
    said_rate = f"{rate:.0%} of its lines are reached"
    if rate < bounds().lines_covered:
        return "fail", f"{said_rate}; missed: lines {', '.join(map(str, missed[:8]))}"
    return "pass", said_rate


_VALIDATORS: Final[Mapping[str, Callable[[Trial], Answer]]] = {
    "reads": _reads, "plain": _plain, "cited": _cited, "figures": _figures, "cases": _cases, "tests": _tests, "both_ways": _both_ways,
    "like_examples": _like_examples, "mutants": _mutants, "proved": _proved, "compiles": _compiles, "agrees": _agrees,
    "covered": _covered,
}  # fmt: skip

__all__ = [
    "ApprovedPolicy", "Bench", "Decided", "Said", "Trial", "UnverifiedPolicy", "WithheldPolicy", "decide", "examine",
    "judge", "read_yaml",
]  # fmt: skip
