"""The corpus for people and for `make check`: what is in it, one entry of it, and the proof that it is consistent."""

from __future__ import annotations

import difflib
import multiprocessing
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from copilot import controls, findings, rewrites
from copilot.assessment import Assessor
from copilot.checks import rego, wording
from copilot.checks.evaluate import Judgement, Parameters
from copilot.checks.language import (
    Attr,
    Check,
    Condition,
    Exists,
    Leaf,
    Linked,
    Network,
    Quantified,
    RegoCondition,
    Subject,
    inside,
    operands,
    own_paths,
)
from copilot.checks.library import Library
from copilot.controls import Control
from copilot.drafting import recipes
from copilot.edits.patched import apply
from copilot.errors import CorpusInvalid, InvalidEdit, SettingsInvalid, UnknownId
from copilot.iac import facts
from copilot.model import Known, Outcome, Patch, Place, Root, World, without_keys
from copilot.policy import PARAMETERS
from copilot.snapshot import Snapshot

WIDTH: Final = 100
MAX_TITLE: Final = 140
MAX_MESSAGE: Final = 125
MAX_RATIONALE: Final = 240
PROCESSES: Final = 2
PARAMETERS_FILE: Final = "parameters.yaml"
"""Beside a `check.yaml`: the parameters that its examples were written for."""

_SMALL_NAMES: Final = frozenset({"etcd", "kubelet", "kubeconfig"})
"""Names of programs, which stay small at the start of a title."""

# --- lists and entries --------------------------------------------------------------------------------------------


def listing(library: Library, control: str = "") -> str:
    """Every check under its control: id, severity, safety of the fix (`-` without one), title."""
    if control and control not in controls.load_controls():
        near = difflib.get_close_matches(control, controls.load_controls(), n=3)
        raise UnknownId(f"no control is called {control!r}" + (f"; near are {', '.join(near)}" if near else ""))
    by_control: dict[str, list[Check]] = {}
    for check in library.checks.values():
        if not control or check.control == control:
            by_control.setdefault(check.control, []).append(check)
    out: list[str] = []
    for id, checks in sorted(by_control.items()):
        out += [f"{id}: {_title_of(id)}", ""]
        wide = max(len(check.id) for check in checks)
        for check in sorted(checks, key=lambda each: (-each.severity, each.id)):
            start = f"  {check.id:{wide}}  {check.severity!s:8}  {_safety(check):17}  "
            out += _wrapped(check.title, start, " " * len(start))
        out.append("")
    total = sum(map(len, by_control.values()))
    with_fix = sum(1 for checks in by_control.values() for check in checks if _safety(check) != "-")
    return "\n".join([*out, f"{total} checks of {len(by_control)} controls, {with_fix} with a fix", ""])


def show(library: Library, id: str) -> str:
    """One entry in full: a control, a framework requirement (`SOC2-TSC-2017 CC6.1`, or `CC6.1`), or checks by any id."""
    wanted = id.strip()
    if wanted.lower() in controls.load_controls():
        return _ended(_control(library, controls.control(wanted.lower())))
    if found := _requirements(wanted):
        return _ended(_requirement_lines(library, found))
    try:
        ids = library.resolve(wanted)
    except UnknownId as error:
        near = difflib.get_close_matches(wanted.lower(), controls.load_controls(), n=2)
        raise UnknownId(f"{error}" + (f"; controls near are {', '.join(near)}" if near else "")) from None
    parts = [_check(library, library.checks[each]) for each in ids]
    rule = ["", "-" * WIDTH, ""]
    return _ended([line for i, part in enumerate(parts) for line in ([*rule, *part] if i else part)])


def _control(library: Library, control: Control) -> list[str]:
    out = [f"{control.title}", f"control {control.id}, {control.severity}, owner: {control.owner_role}", ""]
    if control.environments != ("all",):
        out += [f"holds in {', '.join(control.environments)}", ""]
    for name, text in (
        ("What must be true", control.statement), ("Why", control.rationale), ("What happens otherwise", control.risk),
        ("How to meet it", control.guidance),
    ):  # fmt: skip
        out += [name, *_wrapped(text, "  "), ""]
    out.append("What shows it")
    for need in control.evidence:
        due = _due(need.every)
        out += _wrapped(f"{need.proves}: {need.how} ({due})", "  - ", "    ")
    out += ["", "Framework requirements (~ is our own judgement, not a published mapping)"]
    frameworks = controls.load_frameworks()
    for mapping in sorted(control.mappings, key=lambda each: (each.framework, controls.natural(each.requirement))):
        title = frameworks[mapping.framework].requirements.get(mapping.requirement, "")
        mark = "~" if mapping.opinion else " "
        start = f"  {mark} {mapping.framework:24} {mapping.requirement:16} "
        out += _wrapped(f"{title} ({mapping.relationship})" if title else mapping.relationship, start, " " * len(start))
    mine = sorted(
        (check for check in library.checks.values() if check.control == control.id), key=lambda c: (-c.severity, c.id)
    )
    return [*out, "", f"Checks ({len(mine)})", *(line for check in mine for line in _one_line(check))]


def _due(every: str) -> str:
    if every == "change":
        return "with every change"
    count, unit = every[1:-1], {"D": "day", "W": "week", "M": "month", "Y": "year"}[every[-1]]
    return f"every {unit}" if count == "1" else f"every {count} {unit}s"


def _one_line(check: Check, pad: str = "  ") -> list[str]:
    return _wrapped(check.title, f"{pad}{check.severity!s:8}  {check.id}: ", pad + " " * 10)


def _requirements(wanted: str) -> list[tuple[str, str]]:
    """(framework, requirement) for `FRAMEWORK REQUIREMENT`, or for a requirement's id in every framework that has it."""
    first, _, rest = wanted.partition(" ")
    frameworks = controls.load_frameworks()
    for name, asked in ((first, rest.strip()), ("", wanted)):
        found = [
            (id, requirement)
            for id, framework in frameworks.items()
            if not name or id.lower() == name.lower()
            for requirement in framework.requirements
            if requirement.lower() == asked.lower()
        ]
        if found:
            return found
    return []


def _requirement_lines(library: Library, found: Sequence[tuple[str, str]]) -> list[str]:
    out: list[str] = []
    frameworks = controls.load_frameworks()
    for framework, requirement in found:
        out += _wrapped(f"{framework} {requirement}: {frameworks[framework].requirements[requirement]}", "", "  ")
        answering = [
            (control, mapping)
            for control in controls.load_controls().values()
            for mapping in control.mappings
            if (mapping.framework, mapping.requirement) == (framework, requirement)
        ]
        if not answering:
            out.append("  no control of the library answers it")
        for control, mapping in answering:
            opinion = ", our own judgement" if mapping.opinion else ""
            out += ["", *_wrapped(f"{control.id}: {control.title} ({mapping.relationship}{opinion})", "  ", "    ")]
            checks = [check for check in library.checks.values() if check.control == control.id]
            out += [line for check in checks for line in _one_line(check, "    ")]
        out.append("")
    return out


def _check(library: Library, check: Check) -> list[str]:
    out = [*_wrapped(check.title, ""), f"check {check.id}, {check.severity}, control {check.control}", ""]
    out += [*_wrapped(check.rationale, "  "), "", *_field("About", wording.subject(check.subject))]
    if check.when is not None:
        out += ["", "When", *_indented(wording.lines(check.when))]
    out += ["", "What must hold", *_indented(wording.lines(check.must)), ""]
    fixes = list(check.fixes())
    out.append("Fix" if fixes else "Fix: none by machine")
    for node, fix in fixes:
        out += _wrapped(wording.fix(node, fix), "  - ", "    ")
        out += _wrapped(f"{wording.SAFETY[fix.safety]}", "    ")
        if fix.needs:
            out += _wrapped(f"needs parameter {', '.join(fix.needs)} of .compliance/copilot.yaml", "    ")
        if fix.source:
            out += _wrapped(f"source: {fix.source}", "    ")
    if check.peers:
        out += ["", *_field("Known as", ", ".join(check.peers))]
    out += [line for url in check.references for line in ["", f"See {url}"]]
    by_framework = _frameworks_of(check.control)
    if by_framework:
        out += ["", "Answers"]
        out += [line for name, ids in by_framework.items() for line in _wrapped(", ".join(ids), f"  {name}: ", "    ")]
    return [*out, "", *_examples(library, check)]


def _frameworks_of(control: str) -> Mapping[str, list[str]]:
    try:
        return controls.control(control).by_framework()
    except UnknownId:
        return {}


def _examples(library: Library, check: Check) -> list[str]:
    """Each bad example as the difference to the good one of the same name; the others by name."""
    examples = library.examples(check.id)
    good = {path.name: path for path in examples.good}
    out: list[str] = []
    for path in examples.bad:
        other = good.get(path.name)
        if path.is_dir() or other is None or other.is_dir():
            continue
        before, after = (each.read_text("utf-8").splitlines() for each in (path, other))
        diff = difflib.unified_diff(before, after, f"bad/{path.name}", f"good/{path.name}", lineterm="", n=99)
        out += [f"Example {path.name}: what is wrong (-) and right (+)"]
        out += [f"  {line}" for line in diff if not line.startswith(("---", "+++", "@@"))]
        out.append("")
    names = [f"{kind}/{path.name}" for kind, paths in examples._asdict().items() for path in paths]
    return [*out, *_field("Examples", ", ".join(names) or "none")]


def _title_of(control: str) -> str:
    try:
        return controls.control(control).title
    except UnknownId:
        return "(no such control)"


def _safety(check: Check) -> str:
    """The safety of the most careful fix."""
    order = ("safe", "changes_behaviour", "unknown", "replaces")
    return min((fix.safety for _, fix in check.fixes()), key=order.index, default="-")


def _wrapped(text: str, start: str, more: str | None = None) -> list[str]:
    more = start if more is None else more
    room = WIDTH if WIDTH - len(more) >= 30 else len(more) + 60
    return textwrap.wrap(
        " ".join(text.split()), room, initial_indent=start, subsequent_indent=more, break_long_words=False,
        break_on_hyphens=False,
    ) or [start.rstrip()]  # fmt: skip


def _field(name: str, text: str) -> list[str]:
    return _wrapped(text, f"{name}: ", "  ")


def _indented(lines: Iterable[str]) -> list[str]:
    out = []
    for line in lines:
        pad = " " * (2 + len(line) - len(line.lstrip()))
        out += _wrapped(line, pad, f"{pad}  ")
    return out


def _ended(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


# --- the proof ----------------------------------------------------------------------------------------------------


class _Judged(NamedTuple):
    world: World
    judgements: tuple[Judgement, ...]

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each subject; addresses without instance keys, and without the module of a rewrite."""
        return {
            without_keys(each.resource.address).removeprefix(rewrites.MODULE): each.verdict for each in self.judgements
        }

    @property
    def unread(self) -> str:
        return next((f"line {gap.line}: {gap.reason}" for gap in self.world.gaps if gap.kind == "unread"), "")


class _Example(NamedTuple):
    kind: str
    name: str
    files: dict[str, bytes]
    judged: _Judged

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


_EXPECTED: Final = {"good": "pass", "bad": "fail", "undecided": "undecided"}


def check(
    library: Library, ids: Sequence[str] = (), rewrites: bool = True, report: Callable[[str], object] | None = None
) -> list[str]:
    """Every contradiction in these checks (all when none is named), each a line that names the check or its file.

    `report` is told what was done.
    """
    wanted = sorted({each for id in ids for each in library.resolve(id)} if ids else library.checks)
    prove = partial(_proved, library, rewrites=rewrites)
    if len(wanted) < 4 * PROCESSES:
        results = [prove(wanted)]
    else:
        # Neighbours in the alphabet are alike in cost, so they are dealt out in turn.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
            results = list(pool.map(prove, [wanted[start::PROCESSES] for start in range(PROCESSES)]))
    done: Counter[str] = Counter()
    for _, counted in results:
        done.update(counted)
    problems = sorted({problem for found, _ in results for problem in found})
    try:
        library.checks.prove()
    except CorpusInvalid as error:
        problems = [str(error), *(problem for problem in problems if str(error) not in problem)]
    if report is not None:
        report(
            f"{done['checks']} checks, {done['examples']} examples, {done['rewrites']} rewrites, "
            f"{done['fixes']} fixes carried out, {done['rego tests']} Rego tests: {len(problems)} contradictions\n"
        )
    return problems


def _proved(library: Library, ids: Sequence[str], *, rewrites: bool) -> tuple[list[str], Counter[str]]:
    problems: list[str] = []
    done: Counter[str] = Counter()
    for id in ids:
        done["checks"] += 1
        try:
            found = library.checks[id]
            problems += [f"{id}: {problem}" for problem in _problems(library, found, done, rewritten=rewrites)]
        except (CorpusInvalid, SettingsInvalid) as error:  # the latter for a parameter that an operator does not take
            problems.append(f"{id}: {error}")
    return problems, done


def _problems(library: Library, check: Check, done: Counter[str], *, rewritten: bool) -> Iterator[str]:
    yield from _said(check)
    yield from _unknown_names(check)
    yield from _rego_problems(library, check, done)
    given: Parameters = {}
    try:
        given = parameters_of(library, check)
    except CorpusInvalid as error:
        yield str(error)
    examples = [
        _Example(kind, path.name, files := _files(path), _judge(check, files, given))
        for kind, paths in library.examples(check.id)._asdict().items()
        for path in paths
    ]
    done["examples"] += len(examples)
    kinds = {example.kind for example in examples}
    yield from (f"has no {kind} example" for kind in ("good", "bad") if kind not in kinds)
    if "undecided" not in kinds and (example := next(filter(partial(_can_be_open, check, given), examples), None)):
        yield f"has no undecided example, and {example} with its deciding literals unset would be one"
    for example in examples:
        wrong = list(_wrong(example))
        yield from (f"{example}: {problem}" for problem in wrong)
        if wrong:
            continue
        yield from _fix_problems(check, given, example, done)
        if rewritten:
            yield from _rewrite_problems(check, given, example, examples, done)


def contradictions(check: Check) -> list[str]:
    """What is wrong with a check before any example is judged: its texts, its control, its types and paths."""
    return [*_said(check), *_unknown_names(check)]


def parameters_of(library: Library, check: Check) -> Parameters:
    """The parameters that the check's examples are judged with: those of `parameters.yaml` beside it, if there is one."""
    file = library.folder(check.id) / PARAMETERS_FILE
    if not check.parameters or not file.is_file():
        return {}
    import yaml

    try:
        kept = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise CorpusInvalid(f"{PARAMETERS_FILE}: is not YAML: {type(error).__name__}") from error
    if not isinstance(kept, dict) or not set(kept) <= set(check.parameters):
        raise CorpusInvalid(f"{PARAMETERS_FILE}: is not a map of parameters that the check asks for")
    given = {}
    for name, value in kept.items():
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | int | float) for item in items):
            raise CorpusInvalid(f"{PARAMETERS_FILE}: {name} is not text, a number, or a list of them")
        given[name] = tuple(value) if isinstance(value, list) else value
    return given


def files_of(example: Path) -> dict[str, bytes]:
    """The files of an example, by their paths in its root."""
    return _files(example)


def opened(check: Check, files: Mapping[str, bytes], given: Parameters) -> dict[str, bytes] | None:
    """A bad example with its deciding literals unset, where the check is undecided of that; None where it is not."""
    return _opened(check, given, _judge(check, files, given), files)


def _said(check: Check) -> Iterator[str]:
    """What is wrong with the texts, the control, the peers and the parameters."""
    try:
        controls.control(check.control)
    except UnknownId:
        yield f"there is no control {check.control}"
    for name, text, longest in (
        ("title", check.title, MAX_TITLE), ("message", check.message, MAX_MESSAGE),
        ("rationale", check.rationale, MAX_RATIONALE),
    ):  # fmt: skip
        if len(text) > longest:
            yield f"the {name} has {len(text)} characters, more than {longest}"
        if text.endswith(".") is not (name == "rationale"):
            yield f"the {name} {'does not end' if name == 'rationale' else 'ends'} with a full stop"
        if name == "message" and text[0].isupper() and not text.split()[0].isupper():
            yield "the message starts with a capital, but is the rest of a sentence"
        if name == "title" and text[0].islower() and text.split()[0] not in _SMALL_NAMES:
            yield "the title starts with a small letter"
    lowered = [peer.lower() for peer in check.peers]
    yield from (
        f"the peer {peer} stands twice" for peer in sorted({each for each in lowered if lowered.count(each) > 1})
    )
    yield from (f"the settings know no parameter {name}" for name in check.parameters if name not in PARAMETERS)


def _rego_problems(library: Library, check: Check, done: Counter[str]) -> Iterator[str]:
    for node in check.nodes():
        if not isinstance(node, RegoCondition):
            continue
        tests = library.folder(check.id) / "policy_test.rego"
        if not tests.is_file():
            yield "there is no policy_test.rego beside policy.rego"
            continue
        try:
            results = rego.run_tests(node.source, tests.read_text("utf-8"))
        except CorpusInvalid as error:
            yield str(error)
            continue
        done["rego tests"] += len(results)
        yield from (f"policy_test.rego: {name} fails" for name, passed in results if not passed)


def _files(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {path.name: path.read_bytes()}
    snapshot = Snapshot.from_folder(path)
    return {name: snapshot.read(name) or b"" for name in snapshot.paths}


def _judge(check: Check, files: Mapping[str, bytes], given: Parameters) -> _Judged:
    assessor = Assessor(lambda _: (check,), lambda _: given)
    manifests = not any(name.endswith((".tf", ".tf.json")) for name in files)
    root = Root("", kind="kubernetes" if manifests else "terraform")
    world = assessor.evaluate(Snapshot(files), root)
    return _Judged(world, assessor.judge(world))


def _wrong(example: _Example) -> Iterator[str]:
    verdicts = Counter(str(each.verdict) for each in example.judged.judgements)
    expected = _EXPECTED[example.kind]
    if example.judged.unread:
        yield f"cannot be read: {example.judged.unread}"
    if not verdicts[expected]:
        met = ", ".join(sorted(set(verdicts) - {"not_applicable"})) or "nothing that the check applies to"
        yield f"is to be {expected}, and is {met}"
    for verdict in ("fail", "undecided"):
        if verdicts[verdict] and example.kind == "good":
            yield f"holds something that is {verdict}"
    if verdicts["fail"] and example.kind == "undecided":
        yield "holds something that is fail"


def _fix_problems(check: Check, given: Parameters, example: _Example, done: Counter[str]) -> Iterator[str]:
    """A recipe that is carried out has to settle its finding."""
    if example.kind != "bad" or not any(True for _ in check.fixes()):
        return
    snapshot = Snapshot(example.files)
    found = [f for f in findings.gather(example.judged.world, example.judged.judgements) if f.status == "fail"]
    for finding in found:
        drafted = recipes.draft(finding, check, example.judged.world, snapshot, given)
        if not isinstance(drafted, Patch):
            continue
        done["fixes"] += 1
        try:
            after = apply(snapshot, drafted.edits).after
        except InvalidEdit as error:
            yield f"{example}: the fix does not apply: {error}"
            continue
        judged = _judge(check, {name: after.read(name) or b"" for name in after.paths}, given)
        left = findings.gather(judged.world, judged.judgements)
        names = {each.fingerprint for each in left}
        # A recipe that writes half of what is asked trades the finding for another one.
        fewer = sum(each.status == "fail" for each in left) < len(found)
        if finding.fingerprint in names or not fewer or judged.unread:
            yield f"{example}: the fix ({drafted.summary}) does not settle it"


# facts


class _Context(NamedTuple):
    """What paths are relative to: any of these types, and the ways into them."""

    types: tuple[str, ...]
    ways: tuple[tuple[str, ...], ...] = ((),)


def _unknown_names(check: Check) -> Iterator[str]:
    subject = check.subject
    if subject.kind not in ("types", "data", "root"):
        return
    types = tuple(f"data.{name}" if subject.kind == "data" else name for name in subject.names)
    yield from dict.fromkeys(_unknown_types(types))
    home = _Context(types)
    top = _Context(()) if subject.kind == "root" else home
    if check.when is not None:
        yield from dict.fromkeys(_unknown_paths(check.when, top, top, applies=True))
    yield from dict.fromkeys(_unknown_paths(check.must, top, top, applies=False))


def _unknown_types(types: Iterable[str]) -> Iterator[str]:
    for type in types:
        if facts.former(type) or type.removeprefix("data.").partition("_")[0] not in facts.PROVIDERS:
            continue
        if _table(type) is None:
            yield f"the provider has no type {type}"


def _unknown_paths(node: Condition, here: _Context, home: _Context, *, applies: bool) -> Iterator[str]:
    ways = [(*way, *path.names) for way in here.ways for path in own_paths(node) if not path.anchor]
    # What is said of other types of a family holds of those without the argument too.
    always = applies and isinstance(node, Leaf) and node.absent is True
    if not always and not (isinstance(node, Linked) and node.match):
        yield from _misses(here.types, ways)
    if isinstance(node, Leaf):
        asked = [operand.path.names for operand in operands(node) if isinstance(operand, Attr)]
        yield from _misses(home.types, asked)
    within = here
    match node:
        case Quantified():
            within = _Context(here.types, tuple(ways) or here.ways)
        case Linked():
            yield from _unknown_types(node.types)
            yield from _misses(node.types, [path.names for path in node.by])
            within = _Context(node.types)
        case Exists():
            yield from _unknown_types(node.types)
            within = _Context(node.types)
        case Network():
            for also in node.also:
                yield from _unknown_types(also.types)
                yield from _misses(also.types, [path.names for path in also.by])
    if node.fix is not None and node.fix.kind == "add_linked":
        yield from _misses((node.fix.value["type"],), [(name,) for name in node.fix.value["body"]])
    for child in inside(node):
        yield from _unknown_paths(child, within, home, applies=applies)


def _misses(types: Sequence[str], ways: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The ways that none of the types has."""
    if types:
        for way in ways:
            if not any(_has(type, way) for type in types):
                yield f"no {' or '.join(types)} has {'.'.join(way)}"


def _has(type: str, way: tuple[str, ...]) -> bool:
    table = _table(type)
    if table is None:
        return True
    for end in range(1, len(way) + 1):
        found = table.argument(way[:end])
        if found is None:
            # Every resource has an id that no table lists.
            return not table.knows(way[:end]) or way[:end] == ("id",) or facts.former(type, way)
        if isinstance(found, facts.ArgumentFacts):
            return True
    return True


def _table(type: str) -> facts.TypeFacts | None:
    return facts.data_type(type[5:]) if type.startswith("data.") else facts.resource_type(type)


# rewrites

_DECIDING: Final = frozenset(
    {"equals", "in", "matches", "starts_with", "ends_with", "contains", "at_least", "at_most", "between", "version"}
)


def _rewrite_problems(
    check: Check, given: Parameters, example: _Example, examples: Sequence[_Example], done: Counter[str]
) -> Iterator[str]:
    before = example.judged.verdicts
    for name, rewrite in rewrites.KEEPING.items():
        files = rewrite(example.files)
        if files is not None:
            done["rewrites"] += 1
            yield from _differences(f"{example}, {name}", before, _judge(check, files, given))
    yield from _doubts(check, given, example, done)
    if check.subject.kind != "root" and not any(isinstance(node, Exists) for node in check.nodes()):
        yield from _neighbours(check, given, example, examples, done)


def _differences(what: str, before: Mapping[str, str], judged: _Judged) -> Iterator[str]:
    after = judged.verdicts
    if judged.unread:
        yield f"{what}: cannot be read: {judged.unread}"
        return
    for address, verdict in before.items():
        if after.get(address) != verdict:
            yield f"{what}: {address} is {verdict} before and {after.get(address, 'not there')} after"


def _doubts(check: Check, given: Parameters, example: _Example, done: Counter[str]) -> Iterator[str]:
    """A literal that decides, taken away, leaves the verdict open: it never turns it over."""
    for judgement in example.judged.judgements:
        if judgement.verdict not in ("pass", "fail"):
            continue
        truth = judgement.verdict == "pass"
        leaves = list(judgement.outcome.culprits(truth))
        if any(isinstance(leaf.condition, Leaf) and leaf.condition.op == "secret" for leaf in leaves):
            continue  # a credential that is not in the text any more is none
        places = {place for leaf in leaves if (place := _literal_place(leaf))}
        files = rewrites.to_unset_variables(example.files, places)
        if files is None:
            continue
        done["rewrites"] += 1
        judged = _judge(check, files, given)
        address = without_keys(judgement.resource.address)
        after = judged.verdicts.get(address, "not there")
        what = f"{example}, deciding literals unset"
        all_open = all(
            isinstance(leaf.condition, Leaf) and leaf.condition.op in _DECIDING and _literal_place(leaf)
            for leaf in leaves
        )
        turned = "fail" if truth else "pass"
        if judged.unread:
            yield f"{what}: cannot be read: {judged.unread}"
        elif after == turned or (all_open and after != "undecided"):
            yield f"{what}: {address} is {judgement.verdict} before and {after} after"


def _can_be_open(check: Check, given: Parameters, example: _Example) -> bool:
    """Whether the check is undecided of the example once nobody sets what decides it."""
    return example.kind == "bad" and _opened(check, given, example.judged, example.files) is not None


def _opened(check: Check, given: Parameters, judged: _Judged, files: Mapping[str, bytes]) -> dict[str, bytes] | None:
    places = {
        place
        for judgement in judged.judgements
        if judgement.verdict == "fail"
        for leaf in judgement.outcome.culprits(False)
        if (place := _literal_place(leaf))
    }
    unset = rewrites.to_unset_variables(files, places)
    return unset if unset is not None and "undecided" in _judge(check, unset, given).verdicts.values() else None


def _literal_place(leaf: Outcome) -> Place | None:
    if isinstance(leaf.condition, Leaf) and any(path.anchor == "key" for path in leaf.condition.paths):
        return None
    if leaf.value is None:
        return leaf.places[-1] if leaf.places and not isinstance(leaf.condition, Leaf | Subject) else None
    return leaf.value.written if isinstance(leaf.value, Known) else None


def _neighbours(
    check: Check, given: Parameters, example: _Example, examples: Sequence[_Example], done: Counter[str]
) -> Iterator[str]:
    """Another resource beside it, or a linked one that belongs to something else, changes nothing."""
    other = _counterpart(example, examples)
    if other is None or example.kind == "undecided":
        return
    before = example.judged.verdicts
    copy = rewrites.renamed(other.files, example.files)
    if copy is None:
        return
    alone = _judge(check, copy, given).verdicts
    # Where the name decides, a renamed copy is another thing.
    if Counter(alone.values()) == Counter(other.judged.verdicts.values()):
        files = rewrites.beside(example.files, other.files)
        if files is not None:
            done["rewrites"] += 1
            yield from _differences(f"{example} beside {other}", {**before, **alone}, _judge(check, files, given))
    for node in check.nodes():
        if isinstance(node, Linked) and node.by:
            files = rewrites.with_decoy(example.files, other.files, node.types, node.by)
            if files is not None:
                done["rewrites"] += 1
                yield from _differences(
                    f"{example} with the links of {other} elsewhere", before, _judge(check, files, given)
                )


def _counterpart(example: _Example, examples: Sequence[_Example]) -> _Example | None:
    """The example of the other kind, if possible of the same name."""
    wanted = "good" if example.kind == "bad" else "bad"
    others = [each for each in examples if each.kind == wanted]
    return next((each for each in others if each.name == example.name), others[0] if others else None)
