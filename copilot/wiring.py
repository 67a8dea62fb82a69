"""Builds what the commands run with: library, policy, settings, snapshots, changes. The only place that reads the
environment, the clock and the disk's layout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from copilot import policy as policies
from copilot.changes import Change
from copilot.checks import library as libraries
from copilot.checks.language import Check
from copilot.errors import NotARepository, SettingsInvalid, UsageError
from copilot.model import CheckSummary, Root, Severity
from copilot.pipeline import Settings
from copilot.policy import Policy
from copilot.snapshot import Snapshot, git


def home() -> Path:
    """Where state lives: CCOPILOT_HOME, or the platform's folder for a user's data."""
    given = os.environ.get("CCOPILOT_HOME")
    if given:
        return Path(given).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ccopilot"
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "ccopilot"


def cache() -> Path:
    """Where what can be made again lives."""
    return home() / "cache"


def library(extra: Sequence[Path] = ()) -> libraries.Library:
    """The checks that ship with the program, and those of extra folders."""
    return libraries.load(extra=extra, cache=cache())


def summaries(checks: Iterable[Check]) -> Mapping[str, CheckSummary]:
    """What reports say of checks and their controls."""
    wanted = list(checks)
    controls = _controls({check.control for check in wanted})
    return {
        check.id: CheckSummary(
            check.id, check.title, check.message, check.rationale, check.severity, check.control,
            controls[check.control][0], controls[check.control][1], check.peers, check.references,
        )
        for check in wanted
    }  # fmt: skip


def _controls(ids: set[str]) -> dict[str, tuple[str, dict[str, tuple[str, ...]]]]:
    """Title and framework requirements of controls; remembered, since reading a control takes longer than a scan."""
    from importlib.resources import files

    folder = files("corpus") / "controls"
    out: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {}
    store = cache() / "controls.json"
    known: dict[str, list[object]] = {}
    try:
        known = json.loads(store.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    fresh = False
    for id in sorted(ids):
        stamp = _stamp(folder / f"{id}.yaml")
        entry = known.get(id)
        if isinstance(entry, list) and len(entry) == 3 and entry[0] == stamp and isinstance(entry[2], dict):
            out[id] = (str(entry[1]), {str(k): tuple(v) for k, v in entry[2].items()})
            continue
        from copilot.controls import control

        found = control(id)
        by_framework = {name: tuple(requirements) for name, requirements in found.by_framework().items()}
        out[id] = (found.title, by_framework)
        known[id] = [stamp, found.title, by_framework]
        fresh = True
    if fresh:
        write_quietly(store, json.dumps(known).encode())
    return out


def _stamp(path: object) -> str:
    try:
        stat = Path(str(path)).stat()
    except OSError:
        return ""
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def write_quietly(path: Path, data: bytes) -> None:
    """Write a file that can be made again; a folder that cannot be written is no reason to stop."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        return


@dataclass(frozen=True)
class Asked:
    """What the command line asks of a run, not yet resolved."""

    checks: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    severity: str = ""
    fail_on: str = ""
    now: str = ""
    policy: Path | None = None
    baseline: Path | None = None
    var_files: tuple[str, ...] = ()
    environment: str = ""
    plan: Path | None = None
    under: str = ""
    drafts: bool = True


def settings(asked: Asked, snapshot: Snapshot, *, repository: Path | None = None) -> Settings:
    """The settings of a run over a tree whose policy is that of `snapshot`."""
    from copilot import baseline as baselines

    extra = repository / ".compliance" / "checks" if repository is not None else None
    known = library([extra] if extra is not None and extra.is_dir() else [])
    if asked.policy is not None:
        given = _read(asked.policy)
        ours: Policy = policies.parse(given, str(asked.policy), resolve=known.resolve)
    else:
        ours = policies.load(snapshot, resolve=known.resolve)
    roots: tuple[Root, ...] = ()
    plan = None
    if asked.plan is not None:
        from copilot.iac.plan import parse

        plan = parse(_read(asked.plan), str(asked.plan))
    if asked.var_files or plan is not None:
        roots = (Root(asked.under, asked.environment, asked.var_files),)
    return Settings(
        library=known, policy=ours, today=_today(asked.now), summaries=summaries,
        only=frozenset(id for given in asked.checks for id in known.resolve(given)),
        skip=frozenset(id for given in asked.skip for id in known.resolve(given)),
        severity=_severity(asked.severity), fail_on=_severity(asked.fail_on), under=asked.under, drafts=asked.drafts,
        roots=roots, plan=plan,
        baseline=None if asked.baseline is None else baselines.parse(_read(asked.baseline), str(asked.baseline)),
    )  # fmt: skip


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"{path}: {error.strerror or error}", hint="check the path") from error


def _severity(text: str) -> Severity | None:
    if not text:
        return None
    try:
        return Severity.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _today(text: str) -> date:
    if not text:
        return date.today()
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise UsageError(f"--now {text}: not a date", hint="write it like 2026-11-23") from error


# --- trees ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """Two trees to compare, with their names for people."""

    change: Change
    base: str
    head: str
    subject: str
    repository: Path | None
    under: str


def toplevel(path: Path) -> Path | None:
    """The top of the git work tree that holds the path, or None."""
    try:
        return Path(
            os.fsdecode(git(path if path.is_dir() else path.parent, "rev-parse", "--show-toplevel").rstrip(b"\n"))
        )
    except NotARepository:
        return None


def compare(path: Path, base: str, head: str) -> Comparison:
    """The change between two trees: folders, revisions, or by default the merge base and the work tree."""
    if base and Path(base).is_dir() and (not head or Path(head).is_dir()):
        after = Path(head) if head else path
        change = Change(Snapshot.from_folder(Path(base)), Snapshot.from_folder(after))
        return Comparison(change, base, str(after), os.path.commonpath([base, after]) or "two folders", None, "")
    repository = toplevel(path)
    if repository is None:
        raise NotARepository(f"{path}: not inside a git work tree")
    under = path.resolve().relative_to(repository.resolve()).as_posix()
    tip = head or "HEAD"
    origin = base or _default_branch(repository)
    merge_base = git(repository, "merge-base", origin, tip).decode().strip()
    before = Snapshot.from_git(repository, merge_base)
    after_tree = (
        Snapshot.from_git(repository, _commit(repository, head)) if head else Snapshot.from_worktree(repository)
    )
    label = f"{origin} ({merge_base[:9]})"
    return Comparison(
        Change(before, after_tree), label, head or "work tree", repository.name, repository,
        "" if under == "." else under,
    )  # fmt: skip


def _commit(repository: Path, revision: str) -> str:
    return git(repository, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()


def _default_branch(repository: Path) -> str:
    """The branch that changes are made against: the remote's head, else main or master."""
    try:
        return git(repository, "rev-parse", "--abbrev-ref", "origin/HEAD").decode().strip()
    except UsageError:
        pass
    for name in ("origin/main", "origin/master", "main", "master"):
        try:
            git(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        except UsageError:
            continue
        return name
    raise UsageError("there is no default branch to compare with", hint="name one with --base")


def progress(stream: object = None) -> Callable[[str], None]:
    """A reporter of progress: one line that rewrites itself on a terminal, nothing elsewhere."""
    out = sys.stderr
    if not out.isatty():
        return lambda _: None

    def report(text: str) -> None:
        out.write(f"\r\x1b[2K{text}" if text else "\r\x1b[2K")
        out.flush()

    return report
