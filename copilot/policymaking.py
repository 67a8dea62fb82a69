"""Policies from plain language, as a person meets them: the bench they are tried on, reports, files, and the one step
by which an accepted policy becomes a check of a repository.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from copilot import __version__, corpus, sandbox
from copilot.checks.language import Check, parse_check
from copilot.checks.library import Library, load_from
from copilot.compiling import checkov, rego
from copilot.compiling.input import export_input
from copilot.drafting.policies import Drafted, NoPolicy, Unanswered
from copilot.drafting.policy_cases import Policy, PolicyCase, judged, world_of
from copilot.drafting.policy_engines import LIMITS, Engine, Ruling, Written
from copilot.drafting.policy_gate import (
    ApprovedPolicy,
    Bench,
    Decided,
    Trial,
    UnverifiedPolicy,
    WithheldPolicy,
    judge,
    read_yaml,
)
from copilot.errors import CorpusInvalid, UsageError
from copilot.model import Citation, Passage, PassageKind, World, without_keys
from copilot.policy import PARAMETERS
from copilot.scanners.checkov import VARIABLE, Checkov, CheckovFailed

FORMATS: Final = ("terminal", "json", "markdown")
TARGETS: Final = ("rego", "checkov")
"""What an accepted policy can be compiled to; the first where nobody names any."""
DRAFT: Final = "policy.json"
"""The draft in full, as `policy add` reads it back."""
OWN: Final = ".compliance/checks"


def bench(library: Library, *, compiled: Engine | None = None, compiler: Callable[[Check], str] | None = None) -> Bench:
    """What policies are tried with: the library's examples, the corpus's proof, the sandbox, the compiler to Rego."""
    return Bench(
        library, corpus.contradictions, proof, corpus.files_of, Written(), compiled or Compiled(), compiler or to_rego,
        frozenset(PARAMETERS),
    )  # fmt: skip


def to_rego(check: Check) -> str:
    """The check as a Rego module; ValueError when it cannot be said in Rego."""
    try:
        return rego.compile_check(check)
    except rego.Inexpressible as reason:
        raise ValueError(str(reason)) from reason


class Compiled:
    """A check that was compiled to Rego, asked of exported trees in the sandbox."""

    def available(self) -> str:
        """Why there is no sandbox here; "" when there is one."""
        return sandbox.available()

    def refused(self, source: str) -> str:
        """Why this Rego is not evaluated; "" when it is."""
        found = sandbox.inspect(self._modules(source))
        return "" if found.outcome == "read" else found.reason or found.outcome

    def ask(
        self, source: str, check: Check, worlds: Sequence[World], parameters: Mapping[str, Any]
    ) -> tuple[Ruling, ...]:
        """What it says of each tree, all subjects together."""
        results = sandbox.evaluate_many(self._modules(source), self._queries(check, worlds, parameters), limits=LIMITS)
        return tuple(_ruling(result) for result in results)

    def covered(
        self, source: str, check: Check, worlds: Sequence[World], parameters: Mapping[str, Any]
    ) -> tuple[float, tuple[int, ...]]:
        """By the engine's own report, of the check's module alone."""
        queries = [
            each
            for rule in ("deny", "undecided", "verdicts", "warn")
            for each in self._queries(check, worlds, parameters, rule)
        ]
        lines = sandbox.coverage(self._modules(source), queries, limits=LIMITS).lines.get("policy.rego")
        return (0.0, ()) if lines is None else (lines.rate, tuple(sorted(lines.missed)))

    def _modules(self, source: str) -> list[tuple[str, str]]:
        return [("policy.rego", source), ("lib.rego", rego.library())]

    def _queries(
        self, check: Check, worlds: Sequence[World], parameters: Mapping[str, Any], rule: str = "verdicts"
    ) -> list[tuple[str, Any]]:
        query = f"data.{rego.package(check)}.{rule}"
        return [(query, export_input(world, parameters, [check], sensitive=True)) for world in worlds]


def _ruling(result: sandbox.Result) -> Ruling:
    if result.outcome != "value" or not isinstance(result.value, dict):
        return Ruling(None, result.reason or result.outcome)
    verdicts = set(result.value.values())
    return Ruling("deny" if "fail" in verdicts else "undecided" if "undecided" in verdicts else "neither")


def proof(policy: Policy, check: Check) -> list[str]:
    """What the corpus's own proof holds against the check and its cases, every machine rewrite of them included."""
    with tempfile.TemporaryDirectory(prefix="ccopilot-policy-") as folder:
        for path, text in files(policy, check).items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        return [
            problem.removeprefix(f"{check.id}: ") for problem in corpus.check(load_from([Path(folder)]), ids=[check.id])
        ]


def files(policy: Policy, check: Check) -> dict[str, bytes]:
    """The folder of the check: its `check.yaml`, and each case that shows what the check says as an example.

    Cases that it does not apply to are no examples. Where nothing is left undecided and a bad case with its deciding
    literals unset would be, that one is added.
    """
    top = check.id
    out = {f"{top}/check.yaml": policy.check.encode()}
    given = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in policy.parameters
        if name in check.parameters
    }
    if given:
        import yaml

        text = "# What the examples were written for; the settings say what holds for the repository.\n"
        out[f"{top}/{corpus.PARAMETERS_FILE}"] = (text + yaml.safe_dump(given, allow_unicode=True)).encode()
    kinds: Counter[str] = Counter()
    bad: list[PolicyCase] = []
    for case in policy.cases:
        verdicts = {str(j.verdict) for j in judged(check, world_of(case.data), dict(policy.parameters))}
        kind = {"deny": "bad", "allow": "good", "undecided": "undecided"}.get(case.expect)
        if kind is None or {"bad": "fail", "good": "pass", "undecided": "undecided"}[kind] not in verdicts:
            continue
        kinds[kind] += 1
        bad += [case] if kind == "bad" else []
        for path, data in case.data.items():
            out[f"{top}/{kind}/{case.name}/{path}"] = data
    if not kinds["undecided"]:
        for case in bad:
            unset = corpus.opened(check, case.data, dict(policy.parameters))
            if unset is not None:
                out.update({f"{top}/undecided/{case.name}/{path}": data for path, data in unset.items()})
                break
    return out


def search(library: Library) -> Callable[[str, str, int], Sequence[Passage]]:
    """A search by words over what ships with the program; nothing of a repository is in it."""
    from copilot.knowledge.lexical import Texts
    from copilot.knowledge.passages import corpus as passages

    texts = Texts.of(passages(library))

    def find(text: str, kind: PassageKind, k: int) -> list[Passage]:
        found = [each.id for each in texts.ranked(text, kinds=(kind,), k=k)]
        named = [id for id in texts.named(text) if id.startswith(f"{kind}:")] if len(text) < 100 else []
        entries = (texts.entry(id) for id in dict.fromkeys([*named, *found]))
        return [entry.passage for entry in entries if entry is not None][:k]

    return find  # type: ignore[return-value]


def targets(given: Sequence[str]) -> tuple[str, ...]:
    """The languages that somebody asked for, each apart or joined by commas; UsageError for one that there is not."""
    names = [name.strip() for each in given for name in each.split(",")]
    for name in names:
        if name not in TARGETS:
            raise UsageError(f"--target {name}: not one of {', '.join(TARGETS)}")
    return tuple(dict.fromkeys(names)) or TARGETS[:1]


@dataclass(frozen=True, slots=True)
class Compilation:
    """A policy in the language of another engine: its text ("" where there is none), and what became of it."""

    text: str
    outcome: Literal["pass", "refused", "not_tried"]
    reason: str


def to_checkov(policy: Policy, check: Check, program: Checkov | None) -> Compilation:
    """The policy as Checkov's YAML, tried on its cases in the Checkov that is there; refused where it cannot be said.

    Nothing may pass there that does not pass here. What is undecided here may fail there or be left out.
    """
    if policy.rego:
        return Compilation("", "refused", "it is written in Rego")
    try:
        text = checkov.compile_checkov(check)
    except rego.Inexpressible as reason:
        return Compilation("", "refused", str(reason))
    if program is None:
        return Compilation(text, "not_tried", f"compiled; no Checkov is here to try it in ({VARIABLE} names one)")
    try:
        said = program.applied(text, checkov.policy_id(check), {case.name: case.data for case in policy.cases})
    except CheckovFailed as error:
        return Compilation(text, "not_tried", f"compiled; Checkov did not answer: {error}")
    total = 0
    for case in policy.cases:
        judgements = judged(check, world_of(case.data), dict(policy.parameters))
        ours: dict[str, set[str]] = {}
        for judgement in judgements:
            ours.setdefault(without_keys(judgement.resource.address), set()).add(str(judgement.verdict))
        for address, verdicts in ours.items():
            total += 1
            theirs = said.get((case.name, address), "nothing")
            if theirs not in _AS_IN_CHECKOV[_worst(verdicts)]:
                return Compilation(
                    "",
                    "refused",
                    f"in Checkov, {address} of {case.name} is {theirs} where it is {_worst(verdicts)} here",
                )
    return Compilation(text, "pass", f"Checkov says the same of all {total} resources of the cases")


_AS_IN_CHECKOV: Final[Mapping[str, tuple[str, ...]]] = {
    "fail": ("fail",), "undecided": ("fail", "nothing"), "pass": ("pass",), "not_applicable": ("pass", "nothing"),
}  # fmt: skip


def _worst(verdicts: set[str]) -> str:
    return next(name for name in _AS_IN_CHECKOV if name in verdicts)


def compiled(drafted: Drafted, wanted: Sequence[str], program: Checkov | None = None) -> Mapping[str, Compilation]:
    """An accepted policy in each of the languages; nothing of what is not accepted."""
    outcome = drafted.outcome
    if not isinstance(outcome, ApprovedPolicy):
        return {}
    out: dict[str, Compilation] = {}
    for name in wanted:
        if name == "rego":
            out[name] = Compilation(outcome.rego, "pass", "tried on its cases in the engine")
        else:
            check = parse_check(_check_of(outcome.policy), file="check.yaml", rego=outcome.policy.rego or None)
            out[name] = to_checkov(outcome.policy, check, program)
    return out


def policy_of(drafted: Drafted) -> Policy:
    """The policy that was accepted."""
    assert isinstance(drafted.outcome, ApprovedPolicy)
    return drafted.outcome.policy


# --- what is kept -------------------------------------------------------------------------------------------------


def as_files(drafted: Drafted, made: Mapping[str, Compilation] | None = None) -> dict[str, bytes]:
    """What `--output` writes: the draft, its check and targets, its cases, and the report; only of what was approved."""
    if not isinstance(drafted.outcome, ApprovedPolicy):
        return {}
    policy = drafted.outcome.policy
    made = compiled(drafted, TARGETS[:1]) if made is None else made
    out = {DRAFT: (json.dumps(_stored(policy), indent=1, ensure_ascii=False) + "\n").encode()}
    out["check.yaml"] = policy.check.encode()
    if "rego" in made or policy.rego:
        out["policy.rego"] = drafted.outcome.rego.encode()
    if "checkov" in made and made["checkov"].text:
        out["checkov.yaml"] = made["checkov"].text.encode()
    for case in policy.cases:
        out |= {f"cases/{case.expect}/{case.name}/{path}": data for path, data in case.data.items()}
    out["report.md"] = as_markdown(drafted, made).encode("utf-8", "replace")
    return out


def _stored(policy: Policy) -> dict[str, Any]:
    return {
        "version": 1, "requirement": policy.requirement, "understood": policy.understood,
        "assumptions": list(policy.assumptions), "check": policy.check, "rego": policy.rego,
        "parameters": dict(policy.parameters), "shown": list(policy.shown),
        "cites": [{"passage": c.passage, "quote": c.quote} for c in policy.cites],
        "cases": [
            {"name": c.name, "expect": c.expect, "why": c.why, "files": dict(c.files)} for c in policy.cases
        ],
    }  # fmt: skip


def stored(data: bytes, name: str) -> Policy:
    """The draft that `--output` wrote; UsageError when it is none."""
    hint = "name a folder that `ccopilot policy draft … --output` wrote"
    try:
        given = json.loads(data)
        if given["version"] != 1:
            raise UsageError(f"{name}: is of version {given['version']!r}", hint=hint)
        cases = []
        for case in given["cases"]:
            if case["expect"] not in ("deny", "allow", "undecided", "not_applicable"):
                raise ValueError(f"nothing is expected to be {case['expect']!r}")
            texts = tuple(sorted((str(path), str(text)) for path, text in case["files"].items()))
            cases.append(PolicyCase(str(case["name"]), case["expect"], str(case["why"]), texts))
        parameters = tuple(
            (str(key), tuple(value) if isinstance(value, list) else value) for key, value in given["parameters"].items()
        )
        cites = tuple(Citation(str(cite["passage"]), str(cite["quote"])) for cite in given["cites"])
        return Policy(
            str(given["requirement"]), str(given["understood"]), tuple(map(str, given["assumptions"])),
            str(given["check"]), str(given["rego"]), tuple(cases), parameters, tuple(map(str, given["shown"])), cites,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{name}: is not a drafted policy: {error}"[:300], hint=hint) from error


def added(policy: Policy, on: Bench, shown: Sequence[Passage] | None = None) -> tuple[Decided, dict[str, bytes]]:
    """The policy judged again, whatever was said of it before, and the files that make it a check of a repository.

    There are files only for one that is approved now and is written in the condition language: a repository's checks
    run in this program's own process, where foreign Rego has no place.
    """
    trial = Trial(policy, on, shown)
    decided = judge(trial)
    if not isinstance(decided, ApprovedPolicy):
        return decided, {}
    if policy.rego:
        raise UsageError(
            "the policy is written in Rego by a model, and a repository's own checks run in this program's process, "
            "outside of the sandbox: it is not added",
            hint="say the requirement in what the condition language can say, or review policy.rego and run it elsewhere",
        )
    return decided, {f"{OWN}/{path}": data for path, data in files(policy, trial.check).items()}


def write(target: Path, made: Mapping[str, bytes]) -> None:
    """Write the files, none over one that is there with other bytes."""
    for path, data in made.items():
        there = target / path
        if there.exists() and (not there.is_file() or there.read_bytes() != data):
            raise UsageError(f"{there} is there already", hint="move it away, or give the policy another id")
    try:
        for path, data in made.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"{error.filename or target}: {error.strerror or error}", hint="name a place that can be written"
        ) from error


# --- reports ------------------------------------------------------------------------------------------------------


def exit_code(drafted: Drafted) -> int:
    """0 accepted, 1 withheld or unverified, 4 when the model did not answer."""
    return 4 if isinstance(drafted.outcome, Unanswered) else 0 if isinstance(drafted.outcome, ApprovedPolicy) else 1


def head(outcome: Decided | NoPolicy | Unanswered) -> str:
    match outcome:
        case ApprovedPolicy():
            return "accepted: every validator passes"
        case UnverifiedPolicy(reason=reason):
            return f"UNVERIFIED: nothing refused it, but it could not be tried in full here ({reason})"
        case WithheldPolicy(reason=reason) | NoPolicy(reason=reason):
            return f"withheld: {reason}"
        case Unanswered(reason=reason):
            return f"no policy: {reason}"


def _check_of(policy: Policy) -> Mapping[str, Any]:
    try:
        return read_yaml(policy.check)
    except CorpusInvalid:
        return {}


def _parameters(policy: Policy) -> list[str]:
    try:
        return list(parse_check(_check_of(policy), file="check.yaml", rego=policy.rego or None).parameters)
    except CorpusInvalid:
        return []


def as_data(drafted: Drafted, made: Mapping[str, Compilation] | None = None) -> dict[str, Any]:
    """The report as JSON data."""
    outcome = drafted.outcome
    made = compiled(drafted, TARGETS[:1]) if made is None else made
    out: dict[str, Any] = {
        "version": 1,
        "tool": {"name": "ccopilot", "version": __version__},
        "requirement": drafted.requirement,
        "state": {
            ApprovedPolicy: "accepted", UnverifiedPolicy: "unverified", WithheldPolicy: "withheld",
            NoPolicy: "withheld", Unanswered: "unanswered",
        }[type(outcome)],
        "reason": "" if isinstance(outcome, ApprovedPolicy) else outcome.reason,
        "dropped": [{"name": each.name, "reason": each.reason} for each in drafted.dropped],
        "repairs": list(drafted.repairs),
        "usage": [
            {"model": u.model, "prompt": u.prompt, "prompt_version": u.prompt_version, "prompt_digest": u.prompt_digest,
             "input_tokens": u.input_tokens, "output_tokens": u.output_tokens, "cached": u.cached}
            for u in drafted.usages
        ],
    }  # fmt: skip
    if isinstance(outcome, NoPolicy):
        out |= {"understood": outcome.understood, "assumptions": list(outcome.assumptions)}
    if isinstance(outcome, ApprovedPolicy | UnverifiedPolicy | WithheldPolicy):
        policy = outcome.policy
        titles = {passage.id: passage.title for passage in drafted.passages}
        out |= _stored(policy)
        out |= {
            "needs": _parameters(policy),
            "cites": [{"passage": c.passage, "title": titles.get(c.passage, ""), "quote": c.quote} for c in policy.cites],
            "targets": {name: each.text for name, each in made.items() if each.text},
            "compiled": [
                {"target": name, "outcome": each.outcome, "reason": each.reason} for name, each in made.items()
            ],
            "verdicts": [
                {"validator": v.validator, "outcome": v.outcome, "reason": v.reason} for v in outcome.verdicts
            ],
        }  # fmt: skip
    return out


def as_json(drafted: Drafted, made: Mapping[str, Compilation] | None = None) -> str:
    """The report as JSON."""
    return json.dumps(as_data(drafted, made), indent=2, ensure_ascii=False) + "\n"


def as_text(drafted: Drafted, made: Mapping[str, Compilation] | None = None) -> str:
    """The report for a terminal."""
    from copilot.render.escape import visible

    return "\n".join(visible(line) for line in _lines(drafted, made)).rstrip() + "\n"


def _lines(drafted: Drafted, made: Mapping[str, Compilation] | None) -> Iterator[str]:
    import textwrap

    data = as_data(drafted, made)
    yield head(drafted.outcome)
    if "understood" in data:
        yield from (
            "",
            "As understood",
            *textwrap.wrap(data["understood"], 100, initial_indent="  ", subsequent_indent="  "),
        )
        for assumption in data["assumptions"]:
            yield from textwrap.wrap(f"- assumed: {assumption}", 100, initial_indent="  ", subsequent_indent="    ")
    if "check" not in data:
        return
    yield from ("", "Controls and passages")
    for cite in data["cites"]:
        quote = f': "{cite["quote"]}"' if cite["quote"] else ""
        yield f"  {cite['passage']}  {cite['title']}{quote}"
    yield from ("", "Check", *(f"  {line}" for line in data["check"].splitlines()))
    if data["rego"]:
        yield from (
            "",
            "Rego, written by the model",
            *(f"  {line}" for line in data["rego"].expandtabs(4).splitlines()),
        )
    for name, source in data["targets"].items():
        if source != data["rego"]:
            yield from ("", f"Compiled to {name}", *(f"  {line}" for line in source.expandtabs(4).splitlines()))
    for each in data["compiled"]:
        if each["target"] != "rego":
            marked = {"pass": "pass", "refused": "REFUSED", "not_tried": "NOT TRIED"}[each["outcome"]]
            yield from ("", f"As {each['target']}: {marked}: {each['reason']}")
    if data["needs"]:
        yield from ("", f"Needs parameters of .compliance/copilot.yaml: {', '.join(data['needs'])}")
    yield from ("", f"Tests ({len(data['cases'])}, made before the check and without it)")
    for case in data["cases"]:
        yield from textwrap.wrap(
            f"{case['expect']:14} {case['name']}: {case['why']}", 100, initial_indent="  ", subsequent_indent=" " * 17
        )
    for each in data["dropped"]:
        yield f"  dropped        {each['name']}: {each['reason']}"
    marks = {"pass": "pass", "fail": "FAIL", "unknown": "UNKNOWN", "not_applicable": "n/a"}
    yield from ("", "Verdicts")
    for verdict in data["verdicts"]:
        yield from textwrap.wrap(
            f"{marks[verdict['outcome']]:8} {verdict['validator']:14} {verdict['reason']}", 100, initial_indent="  ",
            subsequent_indent=" " * 26,
        )  # fmt: skip
    if data["repairs"]:
        yield from ("", f"Repaired {len(data['repairs'])} time{'s' if len(data['repairs']) > 1 else ''}; the notes")
        yield from (f"  - {' '.join(note.split())[:200]}" for note in data["repairs"])


def as_markdown(drafted: Drafted, made: Mapping[str, Compilation] | None = None) -> str:
    """The report as markdown."""
    from copilot.render.escape import code, fenced, markdown

    data = as_data(drafted, made)
    out = [f"**{markdown(head(drafted.outcome))}**", "", f"> {markdown(' '.join(drafted.requirement.split()))}", ""]
    if "understood" in data:
        out += [markdown(data["understood"]), "", *(f"- Assumed: {markdown(a)}" for a in data["assumptions"]), ""]
    if "check" in data:
        out += ["## Controls", ""]
        out += [
            f"- {code(c['passage'])} {markdown(c['title'])}" + (f": “{markdown(c['quote'])}”" if c["quote"] else "")
            for c in data["cites"]
        ]
        out += ["", "## Check", "", fenced(data["check"].splitlines(), "yaml"), ""]
        if data["rego"]:
            out += ["## Rego, written by the model", "", fenced(data["rego"].splitlines(), "rego"), ""]
        for name, source in data["targets"].items():
            if source != data["rego"]:
                out += [
                    f"## Compiled to {name}",
                    "",
                    fenced(source.splitlines(), "yaml" if name == "checkov" else name),
                    "",
                ]
        for each in data["compiled"]:
            if each["target"] != "rego":
                said = {"pass": "pass", "refused": "refused", "not_tried": "not tried"}[each["outcome"]]
                out += [f"As {code(each['target'])}: {said}: {markdown(each['reason'])}", ""]
        if data["needs"]:
            out += [f"Needs the parameters {', '.join(map(code, data['needs']))} of `.compliance/copilot.yaml`.", ""]
        out += ["## Tests", "", "| expected | case | why |", "|---|---|---|"]
        out += [
            f"| {c['expect']} | {code(c['name'])} | {markdown(' '.join(c['why'].split()))} |" for c in data["cases"]
        ]
        out += [f"| dropped | {code(d['name'])} | {markdown(d['reason'])} |" for d in data["dropped"]]
        out += ["", "## Verdicts", "", "| | validator | |", "|---|---|---|"]
        out += [f"| {v['outcome']} | {v['validator']} | {markdown(v['reason'])} |" for v in data["verdicts"]]
    return "\n".join(out).rstrip() + "\n"
