"""A change: two snapshots, and which lines differ; how a finding stands to it, and where in the diff it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from copilot.edits.patched import changed_lines
from copilot.model import Finding, Place, Relation
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
    def _lines(self) -> Mapping[str, tuple[frozenset[int], frozenset[int]]]:
        out = {}
        for path in self.paths:
            new = self.after.read(path)
            if new is None:
                continue
            changed: set[int] = set()
            context: set[int] = set()
            for start, end in changed_lines(self.before.read(path) or b"", new):
                changed.update(range(start, end))
                context.update(range(max(1, start - CONTEXT), end + CONTEXT))
            out[path] = (frozenset(changed), frozenset(context))
        return out

    def changed(self, place: Place) -> bool:
        """Whether a line of the place was added or changed."""
        lines = self._lines.get(place.path)
        return lines is not None and any(line in lines[0] for line in range(place.line, place.end_line + 1))

    def shown(self, place: Place) -> bool:
        """Whether the place begins on a line that the diff shows."""
        lines = self._lines.get(place.path)
        return lines is not None and place.line in lines[1]

    def related(
        self, head: Iterable[Finding], base: Iterable[Finding], passed: frozenset[tuple[str, str, str]]
    ) -> tuple[Finding, ...]:
        """The head's findings, each related to the change; `passed` are (check, root, address) that passed on the base.

        *Introduced*: fails on the head and not on the merge base. *Touched*: fails on both, and the change touches a
        line of its chain. What passed on the base and is undecided on the head has *lost sight*.
        """
        before = {f"{finding.status} {finding.fingerprint}" for finding in base}
        out: list[Finding] = []
        for finding in head:
            anchor = next((p for p in finding.places if self.changed(p)), None)
            anchor = anchor or next((p for p in finding.places if self.shown(p)), None)
            relation: Relation = "existing"
            status = finding.status
            if f"{finding.status} {finding.fingerprint}" not in before:
                relation = "introduced"
                if status == "undecided" and any(
                    (finding.check, o.root, o.address) in passed for o in finding.occurrences
                ):
                    status = "lost_sight"
            elif any(self.changed(place) for place in finding.places):
                relation = "touched"
            out.append(replace(finding, anchor=anchor, relation=relation, status=status))
        return tuple(out)
