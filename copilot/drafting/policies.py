"""Policies from plain language: a requirement, tests made from it, and then a check that has not seen them.

Two calls that know nothing of each other's answer but the requirement as it was understood: the tests first, from the
requirement alone; then the check, from the requirement, passages of the control library, like checks and facts. What
the condition language cannot say becomes Rego. A fault that is the policy's goes back in one precise note, at most
twice; a test is never changed to fit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from copilot.checks.language import Check, RegoCondition
from copilot.drafting import policy_gate
from copilot.drafting.policy_cases import (
    MAX_CASES,
    Dropped,
    Expected,
    Policy,
    PolicyCase,
    explained,
    judged,
    sane,
)
from copilot.drafting.policy_gate import (
    ApprovedPolicy,
    Bench,
    Decided,
    Trial,
    UnverifiedPolicy,
    WithheldPolicy,
    examine,
)
from copilot.errors import UsageError
from copilot.iac import facts
from copilot.llm import prompts
from copilot.llm.asking import Answer, LanguageModel, Message, NoAnswer, Question, Rendered, Usage
from copilot.model import Citation, Passage, Verdict

REPAIRS: Final = 2
MAX_REQUIREMENT: Final = 4000
SHOWN_CONTROLS: Final = 6
SHOWN_CHECKS: Final = 3
MAX_FACTS: Final = 6000
"""Characters of facts for one type; what lies deep is left out first."""

Search: TypeAlias = Callable[[str, str, int], Sequence[Passage]]
"""(text, kind of passage, how many) -> the passages that fit best, best first."""

# --- what the model answers ---------------------------------------------------------------------------------------


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileAnswer(_Closed):
    """One file of a case."""

    path: str
    text: str


class CaseAnswer(_Closed):
    """One case."""

    name: str
    expect: Expected
    why: str = Field(max_length=600)
    files: list[FileAnswer] = Field(max_length=20)


class ParameterAnswer(_Closed):
    """A parameter of the settings, with the values that the cases take it to have."""

    name: str
    values: list[str] = Field(max_length=20)


class TestsAnswer(_Closed):
    """The requirement as understood, and its cases."""

    __test__ = False

    understood: str = Field(min_length=1, max_length=4000)
    assumptions: list[str] = Field(max_length=20)
    resource_types: list[str] = Field(max_length=12)
    parameters: list[ParameterAnswer] = Field(max_length=4)
    cases: list[CaseAnswer] = Field(max_length=2 * MAX_CASES)


class CiteAnswer(_Closed):
    """A passage relied on."""

    passage: str
    quote: str


class CheckAnswer(_Closed):
    """A check, or why there is none."""

    form: Literal["check", "rego", "neither"]
    check: str = Field(max_length=12_000)
    cites: list[CiteAnswer] = Field(max_length=20)
    reason: str = Field(max_length=2000)


class RegoAnswer(_Closed):
    """A check whose condition is Rego."""

    check: str = Field(max_length=4000)
    rego: str = Field(max_length=20_000)
    cites: list[CiteAnswer] = Field(max_length=20)


# --- what comes of it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The model gave no answer."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoPolicy:
    """There is nothing to judge: the cases are too few, or the model says that no policy can say it."""

    reason: str
    understood: str = ""
    assumptions: tuple[str, ...] = ()
    cases: tuple[PolicyCase, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """What became of a requirement.

    `dropped` are the cases that were none, of every round of tests; `rounds` how often the policy was repaired;
    `repairs` the notes that it was repaired by; `passages` what the model was shown.
    """

    requirement: str
    outcome: Decided | NoPolicy | Unanswered
    dropped: tuple[Dropped, ...] = ()
    repairs: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    usages: tuple[Usage, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tests:
    understood: str
    assumptions: tuple[str, ...]
    types: tuple[str, ...]
    parameters: tuple[tuple[str, Any], ...]
    cases: tuple[PolicyCase, ...]

    @property
    def text(self) -> str:
        """The understanding as it is handed on: without a word of the cases."""
        assumed = "".join(f"\n- {assumption}" for assumption in self.assumptions)
        return self.understood + (f"\n\nAssumed:{assumed}" if assumed else "")


def draft(requirement: str, model: LanguageModel, bench: Bench, search: Search) -> Drafted:
    """A policy for the requirement that the gate has judged, or why there is none."""
    requirement = requirement.strip()
    if not requirement:
        raise UsageError("the requirement says nothing", hint='ccopilot policy draft "All buckets are encrypted"')
    if len(requirement) > MAX_REQUIREMENT:
        raise UsageError(
            f"the requirement has {len(requirement):,} characters, {MAX_REQUIREMENT:,} are allowed",
            hint="draft one policy for one requirement",
        )
    return _Drafting(requirement, model, bench, search).run()


_Schema = TypeVar("_Schema", bound=BaseModel)


class _Drafting:
    """One requirement on its way; it remembers what was spent."""

    def __init__(self, requirement: str, model: LanguageModel, bench: Bench, search: Search) -> None:
        self.requirement = requirement
        self.model = model
        self.bench = bench
        self.search = search
        self.usages: list[Usage] = []
        self.dropped: list[Dropped] = []
        self.repairs: list[str] = []
        self.passages: tuple[Passage, ...] = ()

    def run(self) -> Drafted:
        outcome = self._outcome()
        return Drafted(
            self.requirement, outcome, tuple(self.dropped), tuple(self.repairs), self.passages, tuple(self.usages)
        )

    def _outcome(self) -> Decided | NoPolicy | Unanswered:
        tests = self._tests()
        if not isinstance(tests, _Tests):
            return tests
        self.passages = self._retrieved(tests)
        prompt = prompts.load("policy-check").render(
            requirement=self.requirement, understood=tests.text, controls=_shown(self.passages),
            examples=self._examples(tests) or "none", facts=_facts(tests.types), parameters=self._parameters,
        )  # fmt: skip
        answer = self._ask(prompt, CheckAnswer)
        if isinstance(answer, NoAnswer):
            return Unanswered(str(answer))
        if answer.value.form == "neither":
            return NoPolicy(
                f"the model says that no policy can say it: {_line(answer.value.reason)}", tests.understood,
                tests.assumptions, tests.cases,
            )  # fmt: skip
        if answer.value.form == "check":
            return self._repaired(tests, prompt, answer, CheckAnswer)
        prompt = prompts.load("policy-rego").render(
            requirement=self.requirement, understood=tests.text, reason=answer.value.reason,
            controls=_shown(self.passages), facts=_facts(tests.types), parameters=self._parameters,
        )  # fmt: skip
        written = self._ask(prompt, RegoAnswer)
        if isinstance(written, NoAnswer):
            return Unanswered(str(written))
        return self._repaired(tests, prompt, written, RegoAnswer)

    def _ask(self, prompt: Rendered, schema: type[_Schema], sample: int = 0) -> Answer[_Schema] | NoAnswer:
        answer = self.model.ask(Question("policy", prompt, schema, sample))
        self.usages.append(answer.usage)
        return answer

    @property
    def _parameters(self) -> str:
        return ", ".join(sorted(self.bench.known_parameters)) or "none"

    # tests

    def _tests(self) -> _Tests | NoPolicy | Unanswered:
        """Cases enough to judge by. Where too few of the first are sane, the model is told why and asked once more;
        there is no policy yet that they could be made to fit."""
        prompt = prompts.load("policy-tests").render(requirement=self.requirement, parameters=self._parameters)
        asked = prompt
        short = ""
        for _ in range(2):
            answer = self._ask(asked, TestsAnswer)
            if isinstance(answer, NoAnswer):
                return Unanswered(str(answer))
            value = answer.value
            kept = sane([_case(case) for case in value.cases])
            self.dropped += kept.dropped
            strangers = [p.name for p in value.parameters if p.name not in self.bench.known_parameters]
            short = f"there is no parameter {', '.join(strangers)}" if strangers else kept.short
            if not short:
                return _Tests(
                    value.understood.strip(), tuple(map(str.strip, value.assumptions)), tuple(value.resource_types),
                    tuple((p.name, _value(p)) for p in value.parameters), kept.cases,
                )  # fmt: skip
            faults = [f"{each.name}: {each.reason}" for each in kept.dropped]
            asked = _again(prompt, answer.text, "\n".join([short, *faults]))
        return NoPolicy(short, value.understood, tuple(value.assumptions), kept.cases)

    def _more(self, tests: _Tests) -> _Tests:
        """The tests, and those of another sample that was asked the same, of the requirement alone; without these where the
        sample gives a parameter other values."""
        prompt = prompts.load("policy-tests").render(requirement=self.requirement, parameters=self._parameters)
        answer = self._ask(prompt, TestsAnswer, 1)
        if isinstance(answer, NoAnswer):
            return tests
        given = {p.name: _value(p) for p in answer.value.parameters}
        known = dict(tests.parameters)
        if any(name not in known or known[name] != value for name, value in given.items()):
            return tests
        taken = {case.name for case in tests.cases}
        more = [_renamed(_case(case), taken) for case in answer.value.cases]
        kept = sane([*tests.cases, *more])
        self.dropped += kept.dropped
        return replace(tests, cases=kept.cases)

    # context

    def _retrieved(self, tests: _Tests) -> tuple[Passage, ...]:
        text = f"{self.requirement}\n{tests.understood}"
        found = [
            *self.search(self.requirement, "control", SHOWN_CONTROLS),
            *self.search(text, "control", SHOWN_CONTROLS),
        ]
        # The controls of checks about the same types are candidates too, whatever words the requirement has.
        found += [
            passage
            for control in dict.fromkeys(check.control for check in self._like(tests))
            for passage in self.search(control, "control", 2)
            if passage.id == f"control:{control}"
        ]
        return tuple({passage.id: passage for passage in found if passage.scope is None}.values())[: SHOWN_CONTROLS + 2]

    def _like(self, tests: _Tests) -> list[Check]:
        """Checks that a search finds and that are about one of the types; then any that a search finds."""
        text = f"{self.requirement}\n{tests.understood}\n{' '.join(tests.types)}"
        ids = [passage.id.removeprefix("check:") for passage in self.search(text, "check", 24)]
        checks = [self.bench.library.checks[id] for id in ids if id in self.bench.library.checks]
        checks = [c for c in checks if not any(isinstance(node, RegoCondition) for node in c.nodes())]
        near = [check for check in checks if set(check.subject.names) & set(tests.types)]
        return [*near, *(check for check in checks if check not in near)][:SHOWN_CHECKS]

    def _examples(self, tests: _Tests) -> str:
        return "\n---\n".join(_example(self.bench.library.checks.data(check.id)) for check in self._like(tests))

    # judging and repair

    def _repaired(
        self, tests: _Tests, prompt: Rendered, answer: Answer[Any], schema: type[CheckAnswer] | type[RegoAnswer]
    ) -> Decided | Unanswered:
        policy = self._policy(tests, answer.value)
        decided, verdicts, trial = self._judged(policy)
        drawn = False
        while True:
            if not drawn and _only_weak(verdicts):
                drawn = True
                tests = self._more(tests)
                policy = self._policy(tests, answer.value)
                decided, verdicts, trial = self._judged(policy)
            if len(self.repairs) >= REPAIRS or not (fault := _fault(trial, verdicts)):
                break
            self.repairs.append(fault)
            found = self._ask(_again(prompt, answer.text, fault), schema)
            if isinstance(found, NoAnswer):
                break  # what was refused stays refused, with its reason
            if isinstance(found.value, CheckAnswer) and found.value.form != "check":
                break
            again = self._policy(tests, found.value)
            if again.digest == policy.digest:
                break  # it stands by its answer: the cases and the policy contradict each other
            policy, answer = again, found
            decided, verdicts, trial = self._judged(policy)
        return decided

    def _judged(self, policy: Policy) -> tuple[Decided, tuple[Verdict, ...], Trial]:
        trial = Trial(policy, self.bench, self.passages)
        verdicts = examine(trial)
        return policy_gate.decide(trial, verdicts), verdicts, trial

    def _policy(self, tests: _Tests, value: CheckAnswer | RegoAnswer) -> Policy:
        cites = tuple(Citation(cite.passage, cite.quote.strip()) for cite in value.cites)
        check = value.check.strip() + "\n"
        rego = value.rego.strip() + "\n" if isinstance(value, RegoAnswer) else ""
        return Policy(
            self.requirement, tests.understood, tests.assumptions, check, rego, tests.cases, tests.parameters,
            tuple(passage.id for passage in self.passages), cites,
        )  # fmt: skip


def _case(case: CaseAnswer) -> PolicyCase:
    return PolicyCase(
        case.name, case.expect, case.why.strip(), tuple(sorted((file.path, _ended(file.text)) for file in case.files))
    )


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _value(parameter: ParameterAnswer) -> Any:
    """A parameter as the settings would hold it: the names that end in what there is one of hold one value."""
    values = tuple(parameter.values)
    if parameter.name.endswith("_days") and len(values) == 1 and values[0].isdecimal():
        return int(values[0])
    several = parameter.name.startswith(("approved_", "allowed_", "required_"))
    return values if several or len(values) != 1 else values[0]


def _again(prompt: Rendered, answer: str, fault: str) -> Rendered:
    """The conversation with the answer, and the note of what is wrong with it."""
    note = prompts.load("policy-repair").render(fault=fault[:12_000])
    first, *rest = prompt.messages
    system = Message("system", f"{first.text}\n\n{note.messages[0].text}")
    return Rendered(
        note.id, note.version, note.digest, (system, *rest, Message("assistant", answer), note.messages[1])
    )  # fmt: skip


def _renamed(case: PolicyCase, taken: set[str]) -> PolicyCase:
    """The case under a name that is free."""
    return replace(case, name=f"again-{case.name}"[:60]) if case.name in taken else case


def _only_weak(verdicts: Sequence[Verdict]) -> bool:
    """Whether nothing stands against the policy but that its cases would not notice all that could be wrong with it."""
    return [v.validator for v in verdicts if v.outcome == "fail"] == ["mutants"]


def _fault(trial: Trial, verdicts: Sequence[Verdict]) -> str:
    """What the policy itself is to blame for, in words that it can be mended by; "" when it is not.

    Cases too few or too weak are no fault of the policy, and neither is an engine that is missing.
    """
    refused = next((v for v in verdicts if v.outcome == "fail" and v.validator not in ("cases", "mutants")), None)
    if refused is None or any(v.validator == "cases" and v.outcome == "fail" for v in verdicts):
        return ""
    if refused.validator != "tests":
        return f"{refused.validator}: {refused.reason}"
    lines = []
    for case, world, ruling in zip(trial.kept.cases, trial.worlds, trial.rulings, strict=True):
        if ruling.said == case.said:
            continue
        lines.append(f"A case that is to be {case.expect} ({case.why}) comes out as {ruling.said or ruling.reason}:")
        lines += [f"--- {path}\n{text.rstrip()}" for path, text in case.files]
        if trial.form == "check":
            lines += [f"* {line}" for line in explained(judged(trial.check, world, trial.parameters))]
        if sum(map(len, lines)) > 9000:
            lines.append("(and more cases like these)")
            break
    return "\n".join(lines)


# --- texts for prompts --------------------------------------------------------------------------------------------


def _shown(passages: Sequence[Passage]) -> str:
    """Each control with its id, up to where it says how it is proved and what it answers: no policy is made of that."""
    texts = (passage.text.partition("\nWhat shows it:")[0].partition("\nHow:")[0] for passage in passages)
    return "\n\n".join(f"[{p.id}]\n{text}" for p, text in zip(passages, texts, strict=True)) or "none"


def _facts(types: Collection[str]) -> str:
    """The arguments of these types, shallow ones first where there are too many."""
    return "\n\n".join(filter(None, map(_facts_of, dict.fromkeys(types)))) or "none are known"


def _facts_of(type: str) -> str:
    known = facts.resource_type(type) or facts.data_type(type)
    if known is None:
        return f"{type}: not in the tables" if type.partition("_")[0] in facts.PROVIDERS else ""
    for depth in (4, 3, 2, 1, 0):
        text = f"{type}: {', '.join(_arguments(known, (), depth))}"
        if len(text) <= MAX_FACTS:
            return text
    return text[:MAX_FACTS]


def _arguments(known: facts.TypeFacts, path: tuple[str, ...], depth: int) -> Iterator[str]:
    for name in known.names(path):
        found = known.argument((*path, name))
        mark = "!" if found is not None and found.required else ""
        default = facts.default(known.type, (*path, name))
        if isinstance(found, facts.BlockFacts):
            inside = ", ".join(_arguments(known, (*path, name), depth - 1)) if depth and not found.open else "…"
            yield f"{name}{mark} [{inside}]"
        else:
            kind = "" if found is None or found.type in ("string", "any") else f" {found.type}"
            yield f"{name}{mark}{kind}" + ("" if default is None else f" (default {json.dumps(default)})")


def as_yaml(data: Mapping[str, Any]) -> str:
    """YAML text of a check: a key a line, what stands in it in flow style, nothing by reference."""
    import yaml

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def flow(value: Any) -> str:
        text = yaml.dump(
            value, Dumper=Plain, allow_unicode=True, width=10_000, sort_keys=False, default_flow_style=True
        )
        return text.removesuffix("...\n").strip()

    return "".join(f"{key}: {flow(value)}\n" for key, value in data.items())


def _example(data: Mapping[str, Any]) -> str:
    """A check of the library as an example of the language: without fixes, and with the first of many types only."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(item) for key, item in value.items() if key != "fix"}
        return [bare(item) for item in value] if isinstance(value, list) else value

    shown = {key: bare(value) for key, value in data.items() if key not in ("peers", "references")}
    shown["subject"] = {kind: names[:4] for kind, names in shown["subject"].items()}
    return as_yaml(shown)


def _line(text: str) -> str:
    return " ".join(text.split())[:500]


__all__ = [
    "ApprovedPolicy", "Drafted", "NoPolicy", "Search", "Unanswered", "UnverifiedPolicy", "WithheldPolicy", "draft",
]  # fmt: skip
