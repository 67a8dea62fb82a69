"""One finding, explained: the sentence, the places its value came through, the judgement as a tree, the way out."""

from __future__ import annotations

import difflib
import shlex
import textwrap
from collections.abc import Iterator
from typing import Final

from copilot.checks import operators, wording
from copilot.checks.language import Check, Condition, Fix, Leaf
from copilot.errors import UnknownId
from copilot.findings import leaves_of
from copilot.iac import facts
from copilot.model import CheckSummary, Finding, Known, Outcome, Place, Resource, Truth, Unknown, without_keys
from copilot.pipeline import Run
from copilot.render.escape import Redaction, unicode_text
from copilot.render.excerpts import excerpt

WIDTH: Final = 100
MAX_CHILDREN: Final = 12
"""How many branches of one node are drawn."""
MIN_PREFIX: Final = 4
_MARKS: Final = {True: "✓", False: "✗", None: "?"}


def explain(run: Run, wanted: str) -> str:
    """The finding that `wanted` names, in full: a fingerprint or its beginning, `CHECK@ADDRESS`, or a check found once.

    Checks go by our ids or a peer's. UnknownId names what comes close, or the findings among which to choose.
    """
    finding = _find(run, wanted.strip())
    summary = run.review.checks[finding.check]
    # The assessor knows the checks of this run; by type it parses no more than are needed.
    check = _check_of(run, finding)
    hide = _redaction(run, finding)
    parts = (
        _head(finding, summary),
        _chain(run, finding),
        _why(finding),
        _way_out(run, finding, check),
        _waive(finding),
    )
    lines = [line for part in parts for line in [*part, ""]]
    return hide("\n".join(unicode_text(line).rstrip() for line in lines).rstrip() + "\n")


def _redaction(run: Run, finding: Finding) -> Redaction:
    """What the review hides, and every literal that was read from an argument for credentials, whatever was asked."""
    found = set(Redaction.of(run.review).secrets)
    for occurrence in finding.occurrences:
        for leaf in occurrence.outcome.leaves():
            name = leaf.path.rpartition(".")[2]
            if isinstance(leaf.value, Known) and operators.decide("secret", True, leaf.value, name):
                found.add(str(leaf.value.value))
    return Redaction(tuple(sorted(filter(None, found), key=lambda text: (-len(text), text))))


# --- finding it ---------------------------------------------------------------------------------------------------


def _find(run: Run, wanted: str) -> Finding:
    every = (*run.review.findings, *run.review.undecided)
    name, at, address = wanted.partition("@")
    if not at and (" " in wanted):
        name, at, address = wanted.partition(" ")
    address = address.strip()
    if not at and len(wanted) >= MIN_PREFIX:
        found = [finding for finding in every if finding.fingerprint.startswith(wanted.lower())]
        if found:
            return _only(found, wanted)
    ids = {
        id for id, check in run.review.checks.items() if name.lower() in (id, *(peer.lower() for peer in check.peers))
    }
    found = [finding for finding in every if finding.check in ids and (not at or _is_at(finding, address))]
    if found:
        return _only(found, wanted)
    known = [f"{finding.check}@{finding.address}" for finding in every]
    peers = [peer.lower() for check in run.review.checks.values() for peer in check.peers]
    near = difflib.get_close_matches(wanted, [*dict.fromkeys(known), *run.review.checks, *peers], n=3, cutoff=0.5)
    if ids:  # the check is known, so its findings are what comes close
        near = [each for each in known if each.partition("@")[0] in ids][:5]
    message = f"no finding is known as {wanted!r}" + (f"; near are {', '.join(near)}" if near else "")
    raise UnknownId(message, hint="`ccopilot scan` lists the findings; in --format json each has its fingerprint")


def _is_at(finding: Finding, address: str) -> bool:
    addresses = {finding.address, *(occurrence.address for occurrence in finding.occurrences)}
    return address in addresses or address in {without_keys(each) for each in addresses}


def _only(found: list[Finding], wanted: str) -> Finding:
    failed = [finding for finding in found if finding.status == "fail"]
    if len(found) > 1 and len(failed) == 1:
        return failed[0]
    if len(found) == 1:
        return found[0]
    some = ", ".join(f"{each.fingerprint} ({each.address} {each.place})" for each in found[:8])
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    raise UnknownId(f"{wanted!r} names {len(found)} findings: {some}{more}", hint="name one by its fingerprint")


def _check_of(run: Run, finding: Finding) -> Check:
    types = {key for world in run.assessment.worlds for key in world.by_type}
    return next(check for check in run.assessor.checks_for(types) if check.id == finding.check)


# --- the parts ----------------------------------------------------------------------------------------------------


def _head(finding: Finding, summary: CheckSummary) -> Iterator[str]:
    verb = {"fail": "fails", "undecided": "is not decided", "lost_sight": "is not decided any more"}[finding.status]
    yield from _wrapped(f"{finding.address}: {finding.message}", "")
    yield f"{finding.severity}, {summary.id} {verb} [{finding.fingerprint}]"
    yield from _wrapped(summary.rationale, "  ")
    yield ""
    yield from _wrapped(f"control {summary.control}: {summary.control_title}", "")
    for framework, ids in summary.frameworks.items():
        yield from _wrapped(", ".join(ids), f"  {framework}: ", "    ")
    if finding.exempt is not None:
        yield from _wrapped(f"It does not count: {finding.exempt}. {finding.exempt_note}", "")


def _chain(run: Run, finding: Finding) -> Iterator[str]:
    yield "Where"
    last = len(finding.places) - 1
    for i, place in enumerate(finding.places):
        verb = "written" if i == last else "used" if i == 0 else "handed on by"
        yield from _place(run, verb, place)
    for caller in finding.callers:
        yield from _place(run, "called by", caller)
    if len(finding.occurrences) > 1:
        addresses = [occurrence.address for occurrence in finding.occurrences]
        shown = ", ".join(dict.fromkeys(addresses[:6])) + (" …" if len(addresses) > 6 else "")
        yield from _wrapped(f"in {len(addresses)} instances: {shown}", "  ", "    ")


def _place(run: Run, verb: str, place: Place) -> Iterator[str]:
    yield f"  {verb:12} {place}"
    # A chain may pass through files in which no finding stands, which the review does not keep.
    data = run.snapshot.read(place.path)
    for line in excerpt({place.path: data} if data is not None else {}, place).lines:
        yield f"  {line.number:>6} | {line.text}"


def _why(finding: Finding) -> Iterator[str]:
    yield f"Why (✓ holds, ✗ does not, ? is not decided), on {finding.occurrences[0].address}"
    yield from _tree(finding.occurrences[0].outcome, "  ", "  ")


def _tree(node: Outcome, first: str, rest: str) -> Iterator[str]:
    yield from _wrapped(_said(node), f"{first}{_MARKS[node.truth]} ", f"{rest}  ")
    shown = node.children[:MAX_CHILDREN]
    left = len(node.children) - len(shown)
    for i, child in enumerate(shown):
        end = i == len(shown) - 1 and not left
        yield from _tree(child, f"{rest}{'└─ ' if end else '├─ '}", f"{rest}{'   ' if end else '│  '}")
    if left:
        yield f"{rest}└─ … and {left} more"


def _said(node: Outcome) -> str:
    condition = node.condition
    where = f" [{node.address}]" if node.address else ""
    if not node.children or node.reason:
        return (node.reason or "it holds" if node.truth else node.reason or "it does not hold") + where
    if isinstance(condition, Condition):
        return wording.lines(condition)[0] + where
    return f"each of {node.path}:{where}" if node.path else f"each of these:{where}"


def _way_out(run: Run, finding: Finding, check: Check) -> Iterator[str]:
    if finding.status != "fail":
        yield "What would decide it"
        reasons = dict.fromkeys(_deciding(finding))
        for reason in reasons:
            yield from _wrapped(reason, "  - ", "    ")
        return
    yield "What would make it pass"
    told = False
    occurrence = finding.occurrences[0]
    subject = _resource(run, finding)
    mine = set(map(id, leaves_of(finding, occurrence)))
    for line in dict.fromkeys(_repairs(occurrence.outcome, mine, subject, run)):
        told = True
        yield from _wrapped(line, "  - ", "    ")
    if not told:
        yield "  no machine fix is known; it has to be true that"
        for text in wording.lines(check.must):
            pad = " " * (4 + len(text) - len(text.lstrip()))
            yield from _wrapped(text, pad, f"{pad}  ")


def _repairs(outcome: Outcome, mine: set[int], subject: Resource | None, run: Run) -> Iterator[str]:
    """The fixes of the nodes that lead to the leaves at fault."""
    for node in _guilty(outcome, False, mine):
        fix = getattr(node.condition, "fix", None)
        if isinstance(fix, Fix):
            yield _repair(node, fix, subject, run)


def _guilty(node: Outcome, truth: Truth, mine: set[int]) -> Iterator[Outcome]:
    if node.truth is not truth or not any(id(leaf) in mine for leaf in node.culprits(truth)):
        return
    yield node
    wanted = not truth if getattr(node.condition, "negates", False) else truth
    for child in node.children:
        yield from _guilty(child, wanted, mine)


def _repair(node: Outcome, fix: Fix, subject: Resource | None, run: Run) -> str:
    text = wording.fix(node.condition, fix)
    notes = []
    if fix.safety != "safe":
        notes.append(wording.SAFETY[fix.safety])
    if subject is not None and isinstance(node.condition, Leaf) and fix.kind == "set" and not node.address:
        row = facts.replaces(subject.type, tuple(node.path.split(".")))
        if row is not None and fix.safety != "replaces":
            notes.append(f"changing it replaces the {subject.type}: {row.note}")
    parameters = _parameters(run)
    notes += [f"set parameter {name} in .compliance/copilot.yaml first" for name in fix.needs if name not in parameters]
    where = f" on {node.address}" if node.address else ""
    return text + where + (f" ({'; '.join(notes)})" if notes else "")


def _parameters(run: Run) -> frozenset[str]:
    return frozenset(
        name for world in run.assessment.worlds for name in run.assessor.parameters(world.root.environment)
    )


def _resource(run: Run, finding: Finding) -> Resource | None:
    occurrence = finding.occurrences[0]
    world = run.assessment.world(occurrence.root, occurrence.environment)
    return world.by_address.get(occurrence.address) if world is not None else None


def _deciding(finding: Finding) -> Iterator[str]:
    for leaf in finding.occurrences[0].outcome.culprits(None):
        value, where = leaf.value, leaf.path or "it"
        if isinstance(value, Unknown) and value.reason == "variable":
            yield f"give variable {value.detail} a default, or a value in a tfvars file of this root ({leaf.reason})"
        elif isinstance(value, Unknown) and value.reason == "module":
            yield f"bring module {value.detail} into sight: run `terraform init` ({leaf.reason})"
        elif isinstance(value, Unknown) and value.reason == "ignored":
            yield f"take {where} out of lifecycle.ignore_changes ({leaf.reason})"
        elif "needs parameter " in leaf.reason:
            name = leaf.reason.rpartition("needs parameter ")[2]
            yield f"set parameter {name} in .compliance/copilot.yaml"
        elif isinstance(leaf.condition, Condition) and leaf.value is None:
            yield f"say it: {wording.lines(leaf.condition)[0].strip().rstrip(':')} ({leaf.reason})"
        else:
            yield f"write {where} so that the configuration decides it ({leaf.reason})"


def _waive(finding: Finding) -> Iterator[str]:
    if finding.exempt is not None:
        return
    address = shlex.quote(finding.occurrences[0].address if finding.occurrences else finding.address)
    yield "To accept it for a while"
    yield f"  ccopilot waiver request {finding.check} {address} \\"
    yield "    --until YYYY-MM-DD --reason '…' --owner '…'"


def _wrapped(text: str, first: str, rest: str | None = None) -> list[str]:
    rest = first if rest is None else rest
    room = max(WIDTH, len(rest) + 40)
    return textwrap.wrap(
        " ".join(text.split()), room, initial_indent=first, subsequent_indent=rest, break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]  # fmt: skip
