"""`ccopilot fix`: the approved patches of a scan as one change, printed or written; all of it or nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from copilot.edits.patched import Patched, apply, merged
from copilot.errors import UsageError
from copilot.model import Abstained, Approved, Withheld
from copilot.pipeline import Run


@dataclass(frozen=True)
class Plan:
    """What would be written, and what becomes of the rest."""

    patched: Patched | None
    approved: int
    drafts: int
    held_back: Mapping[str, int]
    replacing: tuple[str, ...]

    @property
    def diff(self) -> str:
        """The whole change as git writes it."""
        return self.patched.diff if self.patched else ""

    def told(self, *, written: bool) -> str:
        """A few lines for a person: what was or would be written, and why not more."""
        verb = "wrote" if written else "would write"
        files = len(self.patched.files) if self.patched else 0
        lines = [f"{verb} {self.drafts} approved patches for {self.approved} findings in {files} files"]
        for reason, count in sorted(self.held_back.items(), key=lambda item: (-item[1], item[0]))[:8]:
            lines.append(f"  {count:4} without one: {reason}")
        for address in self.replacing:
            lines.append(f"  {address} would be destroyed and made anew: allow it with --allow-replace '{address}'")
        return "\n".join(lines) + "\n"


def plan(done: Run, *, allow_replace: frozenset[str]) -> Plan:
    """The approved patches that may be written: those that replace an address only where that is allowed."""
    chosen: dict[int, Approved] = {}
    held: dict[str, int] = {}
    settled = 0
    replacing: set[str] = set()
    for remedy in done.review.remedies.values():
        match remedy:
            case Approved():
                missing = set(remedy.replaces) - allow_replace
                if missing:
                    replacing |= missing
                    held["it replaces a resource"] = held.get("it replaces a resource", 0) + 1
                else:
                    chosen[id(remedy)] = remedy
                    settled += 1
            case Withheld(reason=reason):
                name = f"withheld by {reason.split(':')[0]}"
                held[name] = held.get(name, 0) + 1
            case Abstained(needs=needs, reason=reason):
                name = f"needs the parameter {needs[0]}" if needs else reason
                held[name] = held.get(name, 0) + 1
    patches = list(chosen.values())
    patched = apply(done.snapshot, merged(done.snapshot, [p.draft.edits for p in patches])) if patches else None
    return Plan(patched, settled, len(patches), held, tuple(sorted(replacing)))


def write(planned: Plan, folder: Path) -> None:
    """Write the change: only where every file is still what was read, and each file in one step.

    UsageError, with nothing written, when a file changed since it was read.
    """
    patched = planned.patched
    if patched is None:
        return
    staged: list[tuple[str, Path]] = []
    try:
        for path in patched.files:
            target = folder / path
            before = patched.before.read(path)
            now = target.read_bytes() if target.is_file() else None
            if now != before:
                raise UsageError(f"{path} changed since it was read; nothing was written", hint="run fix again")
            after = patched.after.read(path)
            if after is None:
                continue
            handle, name = tempfile.mkstemp(prefix=".ccopilot-", dir=target.parent)
            with os.fdopen(handle, "wb") as stream:
                stream.write(after)
            mode = target.stat().st_mode if target.exists() else 0o644
            Path(name).chmod(mode & 0o7777)
            staged.append((name, target))
        for name, target in staged:
            Path(name).replace(target)
        for path in patched.files:
            if patched.after.read(path) is None:
                (folder / path).unlink()
    finally:
        for name, _ in staged:
            Path(name).unlink(missing_ok=True)
