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
        if not self.drafts:
            lines = ["there is no approved patch to write"]
        else:
            for_ = f"{_n(self.approved, 'finding')} in {_n(files, 'file')}"
            lines = [f"{verb} {_n(self.drafts, 'approved patch', 'approved patches')} for {for_}"]
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
    """Write the change: only where every file is still what was read, each file in one step, all of them or none.

    UsageError, with nothing written, when a file changed since it was read or cannot be written.
    """
    patched = planned.patched
    if patched is None:
        return
    targets = _targets(patched, folder)
    staged: list[tuple[Path, Path]] = []
    done: list[tuple[Path, bytes | None]] = []
    try:
        for path, target in targets.items():
            after = patched.after.read(path)
            if after is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                staged.append((_staged(target, after), target))
        for path, target in targets.items():
            if _on_disk(target) != patched.before.read(path):
                raise UsageError(f"{path} changed since it was read; nothing was written", hint="run fix again")
        for name, target in staged:
            done.append((target, _on_disk(target)))
            name.replace(target)
        for path, target in targets.items():
            if patched.after.read(path) is None:
                done.append((target, _on_disk(target)))
                target.unlink()
    except OSError as error:
        for target, before in reversed(done):
            _restore(target, before)
        said = f"{error.filename2 or error.filename or folder}: {error.strerror or error}"
        raise UsageError(f"{said}; nothing was written", hint="mend that, and run fix again") from error
    finally:
        for name, _ in staged:
            name.unlink(missing_ok=True)


def _targets(patched: Patched, folder: Path) -> Mapping[str, Path]:
    """The file on disk behind each path; behind a link, what it leads to."""
    targets: dict[str, Path] = {}
    owners: dict[Path, str] = {}
    for path in patched.files:
        target = (folder / path).resolve() if (folder / path).is_symlink() else folder / path
        other = owners.setdefault(target.resolve(), path)
        if other != path and patched.after.read(other) != patched.after.read(path):
            raise UsageError(f"{other} and {path} are one file, and would be changed differently; nothing was written")
        if other == path:
            targets[path] = target
    return targets


def _staged(target: Path, data: bytes) -> Path:
    """A file beside the target with these bytes and the target's mode."""
    handle, name = tempfile.mkstemp(prefix=".ccopilot-", dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    Path(name).chmod((target.stat().st_mode if target.exists() else 0o644) & 0o7777)
    return Path(name)


def _on_disk(target: Path) -> bytes | None:
    return target.read_bytes() if target.is_file() else None


def _restore(target: Path, before: bytes | None) -> None:
    if _on_disk(target) == before:
        return
    if before is None:
        target.unlink(missing_ok=True)
    else:
        _staged(target, before).replace(target)


def _n(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
