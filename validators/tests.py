"""tests: cases made from the finding and its control, before and without the draft; red before, green after, and red
again on nearly every small falsification of the patch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from copilot.checks.language import Leaf
from copilot.edits.patched import Patched, Replacement, apply, as_edits
from copilot.errors import InvalidEdit
from copilot.iac import syntax
from copilot.model import Finding, Known, Outcome, Verdict
from copilot.snapshot import Snapshot
from validators import valid
from validators.case import Case
from validators.minimal import counterpart, idle_by_nature

KILLED = 0.9
MAX_MUTANTS = 12


@dataclass(frozen=True, slots=True)
class Expectation:
    """A resource, in a root, must pass a check."""

    root: str
    environment: str
    address: str
    check: str


def expectations(case: Case, targets: tuple[Finding, ...]) -> tuple[Expectation, ...]:
    """The generated tests: the target's check on every occurrence, and what else of its control held there before."""
    out: dict[Expectation, None] = {}
    controls = {target.control for target in targets}
    for target in targets:
        for o in target.occurrences:
            out[Expectation(o.root, o.environment, o.address, target.check)] = None
    places = {(e.root, e.environment, e.address) for e in out}
    for (check, root, environment, address), verdict in case.before.verdicts.items():
        if verdict == "pass" and (root, environment, address) in places and case.checks[check].control in controls:
            out[Expectation(root, environment, address, check)] = None
    return tuple(out)


def check(case: Case) -> Verdict:
    """Pass when the generated tests are red on the tree, green on the patched tree, and red on at least 90 % of the
    patch's mutants (each reverts or spoils one value that the patch writes)."""
    tests = expectations(case, case.targets)
    elements = len(tests) and any(
        case.after.verdicts.get((t.check, t.root, t.environment, t.address)) == "fail" for t in tests
    )
    if elements:
        return case.verdict(
            "tests", "not_applicable", "other elements of the resource still fail; resolves judges this one"
        )
    if not red(case, case.patched.before, tests):
        return case.verdict("tests", "fail", "the generated tests are green without the patch")
    if red(case, case.patched.after, tests):
        return case.verdict("tests", "fail", "the generated tests are red with the patch")
    alive, total = [], 0
    for place, variants in mutants(case):
        total += 1
        if not any(red(case, mutant.after, tests) for mutant in variants):
            alive.append(place)
    if total and (total - len(alive)) / total < KILLED:
        return case.verdict(
            "tests", "fail", f"{len(alive)} of {total} falsified patches still pass, such as {alive[0]}"
        )
    return case.verdict(
        "tests",
        "pass",
        f"{len(tests)} tests red before and green after; {total - len(alive)} of {total} mutants caught",
    )


def red(case: Case, snapshot: Snapshot, tests: tuple[Expectation, ...]) -> bool:
    """Whether a test fails on the tree; a resource that is gone, undecided or out of reach fails too."""
    roots = {(t.root, t.environment) for t in tests}
    for root in case.roots:
        if (root.folder, root.environment) not in roots:
            continue
        if snapshot is case.patched.after:
            world = case.after.world(root.folder, root.environment)
        elif snapshot is case.patched.before:
            world = case.before.world(root.folder, root.environment)
        else:
            world = case.evaluated(snapshot, root)
        assert world is not None
        for test in tests:
            if (test.root, test.environment) == (root.folder, root.environment):
                if case.state(world, test.check, test.address) != "pass":
                    return True
    return False


def mutants(case: Case) -> Iterator[tuple[str, list[Patched]]]:
    """Falsified patches: each hunk undone, and each decisive literal that the patch wrote made into what it was, or
    turned over. A literal has several falsifications, of which one at least must be noticed: what is wrong instead of
    90 days may be 0 or 10,000."""
    seen = 0
    if len(case.patched.hunks) > 1:
        for hunk in case.patched.hunks:
            if seen >= MAX_MUTANTS:
                return
            if idle_by_nature(case, hunk):
                continue
            other = counterpart(case, hunk)
            undone = case.patched.without([hunk] if other is None else [hunk, other])
            if valid.problems(case, undone):
                continue  # Terraform would refuse it: that is no falsification that a test has to notice
            seen += 1
            yield f"{hunk.path}:{hunk.after[0]} undone", [undone]
    for path, start, end, news in _spoilt(case):
        if seen >= MAX_MUTANTS:
            return
        made = []
        for new in news:
            try:
                made.append(
                    apply(case.patched.after, as_edits(case.patched.after, [Replacement(path, start, end, new)]))
                )
            except InvalidEdit:
                continue
        if not made:
            continue
        seen += 1
        data = case.patched.after.read(path) or b""
        line = data.count(b"\n", 0, start) + 1
        yield f"{path}:{line} with {' or '.join(new.decode() for new in news)}", made


def _spoilt(case: Case) -> Iterator[tuple[str, int, int, list[bytes]]]:
    """Literals on added lines that the checks of the targets read, each with values of which one must not do."""
    read = {place[:3] for target in case.targets for place in _read_after(case, target)}
    for source in case.sources(case.patched.after):
        ranges = [h.after for h in case.patched.hunks if h.path == source.path]
        before = _texts_before(case, source.path)
        for name, literal in _literals(source.body):
            line = source.place(literal.start, literal.end).line
            if not any(low <= line < high for low, high in ranges):
                continue
            if (source.path, literal.start, literal.end) not in read:
                continue
            now = source.data[literal.start : literal.end]
            news = [new for new in (*before.get(name, ()), *_turned(literal.value)) if new != now]
            if news:
                yield source.path, literal.start, literal.end, list(dict.fromkeys(news))[:6]


def _texts_before(case: Case, path: str) -> dict[str, list[bytes]]:
    """The literals that stood under each argument's name in the file before."""
    data = case.patched.before.read(path)
    out: dict[str, list[bytes]] = {}
    if data is not None:
        for name, literal in _literals(case.assessor.cache.read(path, data).body):
            out.setdefault(name, []).append(data[literal.start : literal.end])
    return out


def _read_after(case: Case, target: Finding) -> Iterator[tuple[str, int, int]]:
    """The places whose values decide for the target's check on the patched tree; where it asks for presence alone, any
    value does, and none is decisive."""
    for o in target.occurrences:
        for world, judged in zip(case.after.worlds, case.after.judgements, strict=True):
            if (world.root.folder, world.root.environment) != (o.root, o.environment):
                continue
            for judgement in judged:
                if judgement.check.id == target.check and judgement.resource.address == o.address:
                    for leaf in judgement.outcome.leaves():
                        if leaf.truth is True and leaf.places and _decides_by_value(leaf):
                            last = leaf.places[-1]
                            yield last.path, last.start, last.end


def _decides_by_value(leaf: Outcome) -> bool:
    condition = leaf.condition
    if not isinstance(condition, Leaf):
        return True
    return (
        condition.op != "defined"
        and isinstance(leaf.value, Known)
        and all(p.names[-1:] != ("$key",) for p in condition.paths)
    )


def _literals(body: syntax.Body) -> Iterator[tuple[str, syntax.Literal]]:
    for attribute in body.attributes:
        for node in syntax.walk(attribute.expr):
            if isinstance(node, syntax.Literal):
                yield attribute.name, node
    for block in body.blocks:
        yield from _literals(block.body)


def _turned(value: object) -> list[bytes]:
    if isinstance(value, bool):
        return [b"false" if value else b"true"]
    if isinstance(value, int | float):
        return [b"0", b"1", b"-1", b"100000"]
    if isinstance(value, str):
        return [b'""']
    return []
