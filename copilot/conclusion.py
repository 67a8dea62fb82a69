"""One table from (enforcement, findings, gaps) to a conclusion; exit codes come from it and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from copilot.model import Conclusion, ConclusionState, Finding, Gap, Severity

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 2


def counts(finding: Finding, *, kind: str) -> bool:
    """Whether a finding counts: not exempt, and in a review made or lost sight of by the change."""
    return finding.exempt is None and (kind == "scan" or finding.relation == "introduced")


def conclude(
    findings: Iterable[Finding], undecided: Iterable[Finding], gaps: Iterable[Gap], *, kind: str,
    blocking_gaps: frozenset[str] = frozenset(), fail_on: Severity | None = None, judged: bool = True,
) -> Conclusion:  # fmt: skip
    """The conclusion of a review or scan.

    A finding blocks where the policy enforces it, or with `fail_on` from that severity up. What lost sight blocks
    where its control is enforced. A gap of a kind in `blocking_gaps` blocks; anything unread makes it incomplete. Without `judged`, nothing was there to be judged, and
    the title says so.
    """
    findings, undecided = tuple(findings), tuple(undecided)
    failed = [f for f in findings if counts(f, kind=kind)]
    lost = [f for f in undecided if f.status == "lost_sight" and f.exempt is None]
    open_ = [f for f in undecided if f.status == "undecided" and f.exempt is None]
    gaps = tuple(gaps)
    unread = [g for g in gaps if g.kind == "unread"]
    hidden = [g for g in gaps if g.kind == "out_of_sight"]

    def blocks(finding: Finding) -> bool:
        return finding.severity >= fail_on if fail_on is not None else finding.enforcement == "enforce"

    blocking = sum(map(blocks, failed)) + sum(map(blocks, lost))
    warning = sum(1 for f in failed if not blocks(f) and f.enforcement != "observe")
    observed = sum(1 for f in failed if not blocks(f) and f.enforcement == "observe")
    gap_blocks = [
        f"{len(found)} {name}"
        for kind_of_gap, name, found in (("undecided", "undecided", open_), ("out_of_sight", "out of sight", hidden))
        if kind_of_gap in blocking_gaps and found
    ]
    exempt = sum(1 for f in findings if f.exempt is not None and (kind == "scan" or f.relation == "introduced"))

    parts = []
    if blocking:
        parts.append(f"{_n(blocking, 'finding')} block{'s' if blocking == 1 else ''}")
    if warning:
        parts.append(
            f"{warning} warn{'s' if warning == 1 else ''}" if parts else f"{_n(warning, 'finding')} to look at"
        )
    if observed:
        parts.append(f"{observed} observed" if parts else f"{_n(observed, 'finding')} observed")
    if gap_blocks:
        parts.append(f"what is {' and '.join(gap_blocks)} blocks")
    if not parts:
        clean = "no findings" if kind == "scan" else "the change breaks nothing"
        nothing = "nothing here to judge" if kind == "scan" else "the change touches nothing that is judged"
        parts.append(clean if judged else nothing)
    if exempt:
        parts.append(f"{exempt} exempt")
    notes = []
    if unread:
        notes.append(f"{len({g.path for g in unread}) or len(unread)} unread")
    if lost:
        notes.append(f"{len(lost)} lost sight of")
    if open_:
        notes.append(f"{len(open_)} undecided")
    if hidden:
        notes.append(f"{len(hidden)} out of sight")
    title = ", ".join(parts) + (f" ({', '.join(notes)})" if notes else "")
    if unread:
        title = f"incomplete: {title}"
    if blocking or gap_blocks:
        return Conclusion("findings", FINDINGS, title, blocking, warning, observed)
    if unread:
        return Conclusion("incomplete", INCOMPLETE, title, blocking, warning, observed)
    state: ConclusionState = "observed" if warning or observed else "clean"
    return Conclusion(state, CLEAN, title, blocking, warning, observed)


def _n(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
