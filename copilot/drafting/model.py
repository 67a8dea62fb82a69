"""Remediation by a language model, where rules end: a finding and its surroundings to a patch, or to why there is none.

A model is shown the tree within a budget, secrets replaced; it has no tools, and what it answers is read by a closed
schema. Its patch is a draft like any other: `copilot.gate` decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

from copilot.checks import wording
from copilot.checks.language import Check, Exists, Linked
from copilot.controls import control
from copilot.drafting.excerpts import Excerpt, Read, TooLarge, excerpts
from copilot.errors import UnknownId
from copilot.findings import leaves_of
from copilot.iac import facts
from copilot.llm import prompts
from copilot.llm.asking import LanguageModel, Message, NoAnswer, Question, Rendered, Task
from copilot.model import (
    Call,
    Citation,
    Drafting,
    Edit,
    Finding,
    Passage,
    Patch,
    Verdict,
    World,
)
from copilot.snapshot import Snapshot

CHARACTERS_PER_TOKEN: Final = 3
"""Configuration has many short words and signs; prose would have four."""


# --- the answer ----------------------------------------------------------------------------------------------------


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class EditAnswer(_Closed):
    """One edit: in the file at `path`, the text `find`, which occurs exactly once, becomes `replace`."""

    path: str = Field(min_length=1, max_length=400)
    find: str = Field(max_length=20_000, description='exact text of the file; "" makes a new file')
    replace: str = Field(max_length=40_000)


class CitationAnswer(_Closed):
    """A passage that was shown, and words that stand in it."""

    passage: str = Field(min_length=1, max_length=200)
    quote: str = Field(default="", max_length=1_000)


class Remediation(_Closed):
    """Edits with a summary, or the reason to abstain."""

    edits: tuple[EditAnswer, ...] = Field(default=(), max_length=20, strict=False)
    summary: str = Field(default="", max_length=400)
    safety: Literal["safe", "changes_behaviour", "replaces", "unknown"] = "unknown"
    cites: tuple[CitationAnswer, ...] = Field(default=(), max_length=8, strict=False)
    abstain: str = Field(default="", max_length=600, description="why only a person can decide this")

    @model_validator(mode="after")
    def _one_of_two(self) -> Remediation:
        if bool(self.edits) == bool(self.abstain.strip()):
            raise ValueError("give either edits or abstain")
        return self


# --- what is asked -------------------------------------------------------------------------------------------------


class Redacts(Protocol):
    """Whatever replaces secrets by placeholders."""

    def learn(self, *texts: str) -> None:
        """See the secrets of texts, to know them where nothing around them tells."""
        ...

    def redact(self, text: str, *, path: str = "") -> str:
        """The text with each secret replaced."""
        ...


Lookup = Callable[[Finding, Check], Sequence[Passage]]
"""What is known about a finding that may be shown in work for this repository."""


def nothing_looked_up(finding: Finding, check: Check) -> Sequence[Passage]:
    """No passages."""
    return ()


@dataclass(frozen=True, slots=True)
class Brief:
    """What a model is told of the findings of one resource, and what of it may be cited."""

    findings: tuple[Finding, ...]
    prompt: Rendered
    shown: tuple[Passage, ...]
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sample came to so far: a patch, or the reason why there is none; with every call that it took."""

    brief: Brief
    sample: int
    conversation: Rendered
    calls: tuple[Call, ...]
    said: str = ""
    patch: Patch | None = None
    reason: str = ""
    mendable: bool = False
    """There is no patch, yet a note on what is wrong may lead to one: the answer was not in the form asked for."""

    @property
    def rounds(self) -> int:
        return len(self.calls) - 1


@dataclass(frozen=True)
class ModelDrafter:
    """Drafts by a language model. `samples` are drawn apart; each refused one may be mended `rounds` times; `tokens` is the
    room for everything that is shown."""

    model: LanguageModel
    redactor: Redacts
    lookup: Lookup = nothing_looked_up
    samples: int = 2
    rounds: int = 2
    tokens: int = 12_000

    def brief(
        self,
        failing: Sequence[tuple[Finding, Check]],
        world: World,
        snapshot: Snapshot,
        parameters: Mapping[str, Any],
        read: Read,
    ) -> Brief | str:
        """What the model is told of the findings of one resource, or why it cannot be told enough."""
        room = self.tokens * CHARACTERS_PER_TOKEN
        findings = tuple(finding for finding, _ in failing)
        hidden = self._hidden(findings, snapshot)
        said = {
            "finding": self._clean("\n\n".join("\n".join(_finding(finding, world, hidden)) for finding in findings)),
            "condition": "\n".join(
                line for _, check in failing for line in _condition(check, several=len(failing) > 1)
            ),
            "control": "\n".join(dict.fromkeys(line for pair in failing for line in _control(*pair))),
            "parameters": self._clean(_parameters(parameters)),
            "facts": "\n".join(_facts(failing, world, room // 5)) or "Nothing is known of this type.",
        }
        room -= sum(map(len, said.values()))
        shown, used = [], 0
        found = {passage.id: passage for pair in failing for passage in self.lookup(*pair)}
        for passage in found.values():
            text = self._clean(passage.text)
            if used + len(text) <= room // 4:
                shown.append(replace(passage, text=text))
                used += len(text)
        try:
            pieces = excerpts(findings, world, snapshot, read, room=max(0, room - used))
        except TooLarge as error:
            return str(error)
        pieces = tuple(replace(piece, text=self.redactor.redact(piece.text, path=piece.path)) for piece in pieces)
        prompt = prompts.load("remediate").render(
            **said, schema=_schema(), passages=list(_passages(shown)) or "none", tree=list(_tree(pieces))
        )
        return Brief(findings, prompt, tuple(shown), snapshot)

    def ask(self, brief: Brief, sample: int) -> Attempt:
        """What the model drafts, drawn anew for each sample."""
        return self._asked(Attempt(brief, sample, brief.prompt, ()), "remediate", brief.prompt)

    def mend(self, attempt: Attempt, problem: str) -> Attempt:
        """What the model makes of a note on what is wrong with its answer."""
        note = prompts.load("repair").render(
            problem=self._clean(problem), round=str(attempt.rounds + 1), rounds=str(self.rounds)
        )
        more = (Message("assistant", attempt.said), note.messages[-1])
        conversation = attempt.conversation.followed_by(*more)
        asked = Rendered(note.id, note.version, note.digest, conversation.messages)
        return self._asked(attempt, "repair", asked)

    def _asked(self, attempt: Attempt, task: Task, prompt: Rendered) -> Attempt:
        answer = self.model.ask(Question(task, prompt, Remediation, attempt.sample))
        usage = answer.usage
        if isinstance(answer, NoAnswer):
            outcome, value = str(answer.failure), None
        else:
            value = answer.value
            outcome = "abstained" if value.abstain.strip() else "edits"
        call = Call(
            prompt.id, prompt.version, prompt.digest, attempt.sample, len(attempt.calls), outcome, usage.input_tokens,
            usage.output_tokens, usage.money, usage.cached,
        )  # fmt: skip
        after = replace(
            attempt, conversation=prompt, calls=(*attempt.calls, call), said=self._clean(answer.text), patch=None,
            reason="", mendable=False,
        )  # fmt: skip
        if isinstance(answer, NoAnswer):
            return replace(after, reason=_line(self._clean(str(answer))), mendable=answer.failure == "invalid")
        assert value is not None
        if value.abstain.strip():
            return replace(after, reason=f"the model abstained: {_line(self._clean(value.abstain))}")
        return replace(after, patch=self._patch(attempt.brief, value))

    def _patch(self, brief: Brief, value: Remediation) -> Patch:
        edits = tuple(_fitted(edit, brief.snapshot) for edit in value.edits)
        # What a model says of safety is a claim: the gate computes what is destroyed, and of the rest it only knows that
        # something changes.
        claimed: Literal["replaces", "unknown", "changes_behaviour"] = (
            value.safety if value.safety in ("replaces", "unknown") else "changes_behaviour"
        )
        return Patch(
            tuple(each.fingerprint for each in brief.findings), edits, "model", claimed, _line(value.summary),
            cites=tuple(Citation(each.passage, each.quote) for each in value.cites),
        )  # fmt: skip

    def _clean(self, text: str) -> str:
        return self.redactor.redact(text)

    def _hidden(self, findings: Sequence[Finding], snapshot: Snapshot) -> frozenset[tuple[str, int]]:
        """The lines of the findings' files on which secrets stand.

        A reason quotes the value that fails, away from the name that gives it away; a secret which only its place tells
        could not be known there.
        """
        paths = {place.path for finding in findings for place in finding.places}
        paths |= {
            place.path
            for finding in findings
            for o in finding.occurrences
            for leaf in leaves_of(finding, o)
            for place in leaf.places
        }
        texts = {path: (snapshot.read(path) or b"").decode("utf-8", "replace") for path in sorted(paths)}
        self.redactor.learn(*texts.values())
        out: set[tuple[str, int]] = set()
        for path, text in texts.items():
            shown = set(self.redactor.redact(text, path=path).splitlines())
            out.update((path, n) for n, line in enumerate(text.splitlines(), 1) if line not in shown)
        return frozenset(out)


def drafting(model: str, attempts: Sequence[Attempt], *, agreed: int = 0) -> Drafting:
    """How a draft came about, from every sample that was drawn for it."""
    return Drafting(
        model, len(attempts), agreed, max((attempt.rounds for attempt in attempts), default=0),
        tuple(call for attempt in attempts for call in attempt.calls),
    )  # fmt: skip


def nothing(attempt: Attempt) -> Patch:
    """A sample that drafted nothing, as a patch that changes nothing: it agrees with no other."""
    findings = tuple(each.fingerprint for each in attempt.brief.findings)
    return Patch(findings, (), "model", "unknown", attempt.reason or "nothing drafted")


def _line(text: str) -> str:
    return " ".join(text.split())


def _fitted(edit: EditAnswer, snapshot: Snapshot) -> Edit:
    """The edit in the file's own line ends.

    Two things are forgiven, where what is meant is still exact. A file whose lines all end in CR LF was shown with them, and
    models write LF; and a text that is the end of a file without a last line end is written with one. Nothing else is
    guessed: a text that differs by a blank is not found.
    """
    data = snapshot.read(edit.path)
    find, written = edit.find, edit.replace
    if data is None or not find:
        return Edit(edit.path, find, written)
    text = data.decode("utf-8", "replace")
    if "\r\n" in text and text.count("\r\n") == text.count("\n") and "\r\n" not in find:
        find = find.replace("\n", "\r\n")
        written = written.replace("\r\n", "\n").replace("\n", "\r\n")
    if text.count(find) == 0:
        end = "\r\n" if find.endswith("\r\n") else "\n"
        if find.endswith(end) and text.endswith(find.removesuffix(end)):
            find, written = find.removesuffix(end), written.removesuffix(end)
    return Edit(edit.path, find, written)


# --- what a refusal tells the model --------------------------------------------------------------------------------

_UNSAID: Final[Mapping[str, str]] = {
    "tests": "the finding is not repaired for certain: falsifying what the patch writes goes unnoticed",
    "second_opinion": "another reader of the configuration sees a new problem in what the patch writes",
    "secrets": "a text in the patch looks like a credential; nothing secret may be written down",
}
"""What a model is told where the validator's own words would say more about the validator than about the patch."""
_TOLD: Final[Mapping[str, str]] = {
    "schema": "the answer is not complete",
    "applies": "an edit does not apply",
    "scope": "the patch touches files that it must leave alone",
    "hygiene": "the text that people would read is not plain",
    "valid": "the configuration would not be valid any more",
    "resolves": "the finding is not settled",
    "honest": "the patch weakens something, or hides the problem instead of repairing it",
    "substance": "the patch only looks like a repair",
    "surroundings": "the patch changes what stands around the resources",
    "no_new_findings": "the patch breaks something that was right before",
    "blast_radius": "the patch changes more than the finding asks for",
    "minimal": "a part of the patch is not needed",
    "citations": "a citation does not hold",
}


def problem(verdict: Verdict) -> str:
    """What is wrong about a patch, for whoever drafted it: the result, where it is, and nothing about how it was found."""
    if verdict.validator in _UNSAID:
        return _UNSAID[verdict.validator]
    return f"{_TOLD.get(verdict.validator, 'the patch is refused')}: {_line(verdict.reason)}"


# --- what is shown -------------------------------------------------------------------------------------------------


def _finding(finding: Finding, world: World, hidden: frozenset[tuple[str, int]]) -> Iterator[str]:
    yield f"{finding.address}: {finding.message}."
    yield f"It stands at {finding.place}, check {finding.check}, severity {finding.severity}."
    addresses = list(dict.fromkeys(o.address for o in finding.occurrences))
    if addresses != [finding.address]:
        yield f"Instances that fail: {', '.join(addresses[:8])}{' …' if len(addresses) > 8 else ''}."
    yield "Why it fails:"
    told: dict[str, None] = {}
    for occurrence in finding.occurrences[:4]:
        for leaf in leaves_of(finding, occurrence):
            where = f" [{leaf.address}]" if leaf.address else ""
            at = f" ({leaf.places[-1]})" if leaf.places else ""
            lines = ((place.path, n) for place in leaf.places for n in range(place.line, place.end_line + 1))
            secret = '"' in leaf.reason and any(line in hidden for line in lines)
            reason = "its value is a secret" if secret else leaf.reason or "does not hold"
            told[f"- {leaf.path or 'it'}{where}{at}: {reason}"] = None
    yield from list(told)[:12]


def _condition(check: Check, *, several: bool) -> Iterator[str]:
    if several:
        yield f"{check.id}:"
    yield from wording.lines(check.must)


def _control(finding: Finding, check: Check) -> Iterator[str]:
    yield f"{check.title}. {_line(check.rationale)}"
    try:
        behind = control(finding.control)
    except UnknownId:
        return
    yield f"{behind.id}: {_line(behind.statement)}"
    yield f"How to meet it: {_line(behind.guidance)}"


def _parameters(parameters: Mapping[str, Any]) -> str:
    return json.dumps(dict(parameters), sort_keys=True, ensure_ascii=False, default=str) if parameters else "none"


def _facts(failing: Sequence[tuple[Finding, Check]], world: World, room: int) -> Iterator[str]:
    """Arguments of the types in question, the findings' own first, as far as there is room."""
    addresses = [o.address for finding, _ in failing for o in finding.occurrences]
    types = [r.type for address in addresses if (r := world.by_address.get(address)) is not None]
    nodes = [node for _, check in failing for node in check.nodes()]
    types += [name for node in nodes if isinstance(node, Linked | Exists) for name in node.types]
    for type in dict.fromkeys(types):
        known = facts.resource_type(type)
        if known is None:
            continue
        text = f"{type}: {_arguments(known, (), 2)}"
        if len(text) > room:
            text = f"{type}: {_arguments(known, (), 0)}"
        if len(text) > room:
            return
        room -= len(text)
        yield text
        lasting = [name for name in known.names() if facts.replaces(type, (name,)) is not None]
        if lasting:
            yield f"  Changing {', '.join(lasting)} destroys a {type} and makes it anew."


def _arguments(known: facts.TypeFacts, path: tuple[str, ...], depth: int) -> str:
    required = set(known.required(path))
    out = []
    for name in known.names(path):
        mark = " required" if name in required else ""
        entry = known.argument((*path, name))
        if isinstance(entry, facts.BlockFacts):
            inside = f" {{ {_arguments(known, (*path, name), depth - 1)} }}" if depth and not entry.open else " {…}"
            out.append(f"{name}{mark}{' =' if entry.as_attribute else ''}{inside}")
        elif entry is not None:
            out.append(f"{name} {entry.type}{mark}")
    return "; ".join(out)


def _tree(pieces: Sequence[Excerpt]) -> Iterator[str]:
    for piece in pieces:
        part = "the whole file" if piece.whole else f"lines {piece.first} to {piece.last} of {piece.lines}"
        yield f"file {json.dumps(piece.path, ensure_ascii=False)}, {part}\n{piece.text.removesuffix(chr(10))}\n"


def _passages(shown: Sequence[Passage]) -> Iterator[str]:
    for passage in shown:
        yield f"passage {json.dumps(passage.id, ensure_ascii=False)} ({passage.kind})\n{passage.text.removesuffix(chr(10))}\n"


def _schema() -> str:
    return json.dumps(Remediation.model_json_schema(), sort_keys=True)
