"""tests: cases made from the finding and its control, before and without the draft; red before, green after, and red
again on nearly every small falsification of the patch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from copilot.edits.patched import Patched, Replacement, apply, as_edits
from copilot.errors import InvalidEdit
from copilot.iac import syntax
from copilot.model import Finding, Verdict
from copilot.snapshot import Snapshot
from validators.case import Case

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
        return case.verdict("tests", "not_applicable", "other elements of the resource still fail; resolves judges this one")
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
        return case.verdict("tests", "fail", f"{len(alive)} of {total} falsified patches still pass, such as {alive[0]}")
    return case.verdict("tests", "pass", f"{len(tests)} tests red before and green after; {total - len(alive)} of {total} mutants caught")


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
            world = case.assessor.evaluate(snapshot, root)
        assert world is not None
        for test in tests:
            if (test.root, test.environment) == (root.folder, root.environment):
                if case.state(world, test.check, test.address) != "pass":
                    return True
    return False


def mutants(case: Case) -> Iterator[tuple[str, list[Patched]]]:
    """Falsified patches: each hunk undone, and each decisive literal that the patch wrote turned over. For a number
    there are several ways to be wrong (too small, too large); it is caught when one of them is."""
    seen = 0
    if len(case.patched.hunks) > 1:
        for hunk in case.patched.hunks:
            if seen >= MAX_MUTANTS:
                return
            seen += 1
            yield f"{hunk.path}:{hunk.after[0]} undone", [case.patched.without([hunk])]
    for path, start, end, values in _spoilt(case):
        if seen >= MAX_MUTANTS:
            return
        seen += 1
        data = case.patched.after.read(path) or b""
        variants = []
        for new in values:
            try:
                edits = as_edits(case.patched.after, [Replacement(path, start, end, new)])
                variants.append(apply(case.patched.after, edits))
            except InvalidEdit:
                continue
        line = data.count(b"\n", 0, start) + 1
        if variants:
            yield f"{path}:{line} with {values[0].decode()}", variants


def _spoilt(case: Case) -> Iterator[tuple[str, int, int, list[bytes]]]:
    """Literals on added lines that the checks of the targets read, each with a value that must not do."""
    read = {place[:3] for target in case.targets for place in _read_after(case, target)}
    for source in case.sources(case.patched.after):
        ranges = [h.after for h in case.patched.hunks if h.path == source.path]
        for literal in _literals(source.body):
            line = source.place(literal.start, literal.end).line
            if not any(low <= line < high for low, high in ranges):
                continue
            if (source.path, literal.start, literal.end) not in read:
                continue
            values = [new for new in _turned(literal.value) if source.data[literal.start : literal.end] != new]
            if values:
                yield source.path, literal.start, literal.end, values


def _read_after(case: Case, target: Finding) -> Iterator[tuple[str, int, int]]:
    """The places whose values the target's check reads on the patched tree."""
    for o in target.occurrences:
        for world, judged in zip(case.after.worlds, case.after.judgements, strict=True):
            if (world.root.folder, world.root.environment) != (o.root, o.environment):
                continue
            for judgement in judged:
                if judgement.check.id == target.check and judgement.resource.address == o.address:
                    for leaf in judgement.outcome.leaves():
                        if leaf.truth is True and leaf.places:
                            last = leaf.places[-1]
                            yield last.path, last.start, last.end


def _literals(body: syntax.Body) -> Iterator[syntax.Literal]:
    for attribute in body.attributes:
        for node in syntax.walk(attribute.expr):
            if isinstance(node, syntax.Literal):
                yield node
    for block in body.blocks:
        yield from _literals(block.body)


def _turned(value: object) -> list[bytes]:
    if isinstance(value, bool):
        return [b"false" if value else b"true"]
    if isinstance(value, int | float):
        return [b"0", b"1", b"999999"]
    if isinstance(value, str):
        return [b'""']
    return []
