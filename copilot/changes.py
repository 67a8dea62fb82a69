"""A change: two snapshots, and which lines differ; how a finding stands to it, and where in the diff it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from copilot.edits.patched import changed_lines
from copilot.findings import leaves_of, parts
from copilot.model import Finding, Place, Relation, without_keys
from copilot.snapshot import Snapshot

CONTEXT = 3
"""Unchanged lines around a change that belong to its hunk, as on GitHub."""


class Change:
    """`before` (the merge base) and `after` (the head), and their difference by path and line."""

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self.before = before
        self.after = after

    @cached_property
    def paths(self) -> frozenset[str]:
        """Paths that were added, removed or changed."""
        before, after = self.before, self.after
        return frozenset(p for p in {*before.paths, *after.paths} if before.read(p) != after.read(p))

    @cached_property
    def _lines(self) -> Mapping[str, _Lines]:
        out: dict[str, _Lines] = {}
        for path in self.paths:
            new = self.after.read(path)
            if new is None:
                continue
            changed: set[int] = set()
            context: set[int] = set()
            gone: set[int] = set()
            for start, end in changed_lines(self.before.read(path) or b"", new):
                changed.update(range(start, end))
                context.update(range(max(1, start - CONTEXT), end + CONTEXT))
                if start == end:
                    gone.add(start)
            out[path] = _Lines(frozenset(changed), frozenset(context), frozenset(gone))
        return out

    def changed(self, place: Place) -> bool:
        """Whether a line of the place was added or changed, or one between its lines taken away."""
        lines = self._lines.get(place.path)
        return lines is not None and (
            any(line in lines.changed for line in range(place.line, place.end_line + 1))
            or any(line in lines.gone for line in range(place.line + 1, place.end_line + 1))
        )

    def shown(self, place: Place) -> bool:
        """Whether the place begins on a line that the diff shows."""
        lines = self._lines.get(place.path)
        return lines is not None and place.line in lines.shown

    def related(
        self, head: Iterable[Finding], base: Iterable[Finding], passed: frozenset[tuple[str, str, str]]
    ) -> tuple[Finding, ...]:
        """The head's findings, each related to the change; `passed` are (check, root, address) that passed on the base.

        *Introduced*: fails on the head and not on the merge base; so is what fails at an address of a root where it did
        not (one more call of a module that fails), or in a part in which it did not. What is left of a finding that
        got better is not. *Touched*: fails on both, and the change touches a line of its chain. What passed on the
        base and is undecided on the head has *lost sight*.
        """
        before = _Before(base)
        out: list[Finding] = []
        for finding in head:
            relation: Relation = "existing"
            status = finding.status
            chain = finding.places
            if before.lacks(finding):
                relation = "introduced"
                finding = self._placed(finding)
                chain = (*finding.places, *finding.callers)
                if status == "undecided" and any(
                    (finding.check, o.root, o.address) in passed for o in finding.occurrences
                ):
                    status = "lost_sight"
            elif any(self.changed(place) for place in finding.places):
                relation = "touched"
            anchor = next((p for p in chain if self.changed(p)), None)
            anchor = anchor or next((p for p in chain if self.shown(p)), None)
            out.append(replace(finding, anchor=anchor, relation=relation, status=status))
        return tuple(out)

    def _placed(self, finding: Finding) -> Finding:
        """The finding at the first of its leaves that the change touches: of elements that read alike, the new one."""
        if any(self.changed(place) for place in finding.places) or finding.status != "fail":
            return finding
        for occurrence in finding.occurrences:
            for leaf in leaves_of(finding, occurrence):
                if any(self.changed(place) for place in leaf.places):
                    return replace(finding, places=leaf.places, path=leaf.path)
        return finding


class _Lines(NamedTuple):
    """Of a file of the head: lines that were added or changed, lines that the diff shows, lines before which some went
    away."""

    changed: frozenset[int]
    shown: frozenset[int]
    gone: frozenset[int]


class _Before:
    """What failed or was undecided on the merge base: by name, and for findings about whole resources by part."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._addresses: dict[tuple[str, str], set[tuple[str, str]]] = {}
        self._parts: dict[tuple[str, str, str], dict[str, int]] = {}  # by check, root and address
        for finding in findings:
            self._addresses.setdefault((finding.status, finding.fingerprint), set()).update(_addresses(finding))
            for at, path, count in _parts(finding):
                known = self._parts.setdefault((finding.check, *at), {})
                known[path] = max(count, known.get(path, 0))

    def lacks(self, finding: Finding) -> bool:
        """Whether the finding, at one of its addresses or in one of its parts, is not among them."""
        known = self._addresses.get((finding.status, finding.fingerprint))
        if known is not None and not _addresses(finding) <= known:
            return True
        here = _parts(finding)
        if here:
            return any(self._parts.get((finding.check, *at), {}).get(path, 0) < count for at, path, count in here)
        return known is None


def _parts(finding: Finding) -> list[tuple[tuple[str, str], str, int]]:
    """Root and address, path, and how often it is at fault there."""
    if finding.status != "fail":
        return []
    return [
        ((occurrence.root, without_keys(occurrence.address)), path, count)
        for occurrence in finding.occurrences
        for path, count in parts(finding, occurrence).items()
    ]


def _addresses(finding: Finding) -> frozenset[tuple[str, str]]:
    return frozenset((occurrence.root, without_keys(occurrence.address)) for occurrence in finding.occurrences)
