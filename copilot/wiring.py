"""Builds what the commands run with: library, policy, settings, snapshots, changes. The only place that reads the
environment, the clock and the disk's layout."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot import policy as policies
from copilot.changes import Change
from copilot.checks import library as libraries
from copilot.checks.language import Check
from copilot.errors import CorpusInvalid, NotARepository, SettingsInvalid, UsageError, installing
from copilot.model import CheckSummary, Finding, Passage, Root, Severity
from copilot.pipeline import Settings
from copilot.policy import Policy
from copilot.scanners import checkov
from copilot.snapshot import Snapshot, git
from validators.case import NO_TOOLS, Tools

if TYPE_CHECKING:
    from copilot.drafting.model import Lookup, ModelDrafter
    from copilot.drafting.policy_gate import Bench
    from copilot.knowledge.embeddings import Embedder
    from copilot.knowledge.lexical import Texts
    from copilot.knowledge.search import Knowledge
    from copilot.knowledge.store import Store
    from copilot.llm.asking import LanguageModel
    from copilot.llm.runtime import Metered
    from copilot.llm.settings import ModelSettings


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
        kept = json.loads(store.read_text("utf-8"))
    except (OSError, ValueError):
        kept = None
    if isinstance(kept, dict):
        known = kept
    fresh = False
    for id in sorted(ids):
        stamp = _stamp(folder / f"{id}.yaml")
        entry = known.get(id)
        if (
            isinstance(entry, list) and len(entry) == 3 and entry[0] == stamp and isinstance(entry[2], dict)
            and all(isinstance(requirements, list) for requirements in entry[2].values())
        ):  # fmt: skip
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


def model_settings() -> ModelSettings | None:
    """What whoever runs this has set about language models; None when no model is configured."""
    from copilot.llm.settings import load

    return load(os.environ, home())


def model() -> Metered | None:
    """The language model of one review, within its budgets; None when none is configured."""
    found = model_settings()
    if found is None:
        return None
    if missing := missing_packages("langchain_openai", "openai"):
        raise UsageError(
            f"a model is configured, and {' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not installed",
            hint=installing("llm"),
        )
    from copilot.llm.runtime import metered

    return metered(found, home())


def missing_packages(*names: str) -> list[str]:
    """Those of some packages that are not installed; none is imported to find out."""
    from importlib.util import find_spec

    return [name for name in names if find_spec(name) is None]


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
    folder: Path = Path()
    drafts: bool = True
    drafter: ModelDrafter | None = None


def settings(asked: Asked, snapshot: Snapshot, *, proposed: Snapshot | None = None) -> Settings:
    """The settings of a run over a tree whose policy, and checks of its own, are those of `snapshot`.

    A policy that a change proposes does not count yet, but it must read.
    """
    from copilot import baseline as baselines

    known = _with_own_checks(snapshot)
    if proposed is not None and proposed.read(policies.PATH) != snapshot.read(policies.PATH):
        policies.load(proposed)
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
        var_files = tuple(_var_file(given, asked.folder, snapshot) for given in asked.var_files)
        roots = (Root(asked.under, asked.environment, var_files),)
    elif asked.environment:
        raise UsageError(
            f"--environment {asked.environment} names what --var-file or --plan says, and neither is given"
        )
    return Settings(
        library=known, policy=ours, today=_today(asked.now), summaries=summaries,
        only=frozenset(id for given in asked.checks for id in known.resolve(given)),
        skip=frozenset(id for given in asked.skip for id in known.resolve(given)),
        severity=_severity("--severity", asked.severity), fail_on=_severity("--fail-on", asked.fail_on), under=asked.under, drafts=asked.drafts,
        roots=roots, plan=plan, tools=_tools(ours), drafter=asked.drafter if asked.drafts else None,
        baseline=None if asked.baseline is None else baselines.parse(_read(asked.baseline), str(asked.baseline)),
    )  # fmt: skip


def named_checkov() -> checkov.Checkov | None:
    """The Checkov that CCOPILOT_CHECKOV names; one that is only on PATH is not asked unbidden, since it takes seconds."""
    return checkov.find() if os.environ.get(checkov.VARIABLE) else None


def _tools(policy: Policy) -> Tools:
    """Checkov, where it is named, or where the policy demands it and it is there at all."""
    if policy.demands_second_opinion:
        return Tools(checkov.find(), demanded=True)
    found = named_checkov()
    return NO_TOOLS if found is None else Tools(found)


OWN_CHECKS = ".compliance/checks/"


def _with_own_checks(snapshot: Snapshot) -> libraries.Library:
    """The library, with the checks that the tree keeps under `.compliance/checks`.

    They are taken from the tree that decides (the merge base of a review), not from the disk, where the change under
    review may have rewritten them.
    """
    files = {path: snapshot.read(path) or b"" for path in snapshot.paths if path.startswith(OWN_CHECKS)}
    if not files:
        return library()
    top = cache() / "checks" / Snapshot(files).digest
    try:
        if not top.is_dir():
            top.parent.mkdir(parents=True, exist_ok=True)
            making = Path(tempfile.mkdtemp(dir=top.parent))
            for path, data in files.items():
                (making / path).parent.mkdir(parents=True, exist_ok=True)
                (making / path).write_bytes(data)
            making.rename(top)
    except OSError as error:
        if not top.is_dir():  # else another run was faster
            raise SettingsInvalid(
                f"{error.filename or top}: {error.strerror or error}",
                hint="let CCOPILOT_HOME name a folder to write to",
            ) from error
    folder = top / OWN_CHECKS
    try:
        known = library([folder])
        for id in known.checks:
            if known.folder(id).is_relative_to(folder):
                known.checks[id]
    except CorpusInvalid as error:
        raise SettingsInvalid(str(error), hint="docs/condition-language.md says how a check is written") from error
    return known


def drafter(asked: LanguageModel, *, limits: Any = None, lookup: Lookup | None = None) -> ModelDrafter:
    """A drafter that asks this model, shows it no secret, and keeps to the limits of the settings about models.

    `limits` has `samples`, `rounds` and `prompt_tokens`; without it the drafter's own hold. `lookup` finds the passages to
    show; without it they come from the corpus.
    """
    from copilot.drafting import model
    from copilot.redaction import Redactor

    made = model.ModelDrafter(asked, Redactor(), lookup or _looked_up())
    if limits is None:
        return made
    return replace(made, samples=limits.samples, rounds=limits.rounds, tokens=limits.prompt_tokens)


def _looked_up() -> Lookup:
    """Passages of the corpus for a finding; the corpus is read when the first is asked for."""
    known: list[Knowledge] = []

    def find(finding: Finding, check: Check) -> Sequence[Passage]:
        if not known:
            known.append(knowledge())
        return known[0].context_for(finding, check, viewer=None)

    return find


def _var_file(given: str, folder: Path, snapshot: Snapshot) -> str:
    """The path in the snapshot of a variable file named from here, or from the folder that is read."""
    for path in (Path(given), folder / given):
        try:
            inside = path.resolve().relative_to(folder.resolve()).as_posix()
        except ValueError:
            continue
        if inside in snapshot:
            return inside
    raise UsageError(f"--var-file {given}: there is no such file in {folder}", hint="name a file of the folder")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"{path}: {error.strerror or error}", hint="check the path") from error


def _severity(option: str, text: str) -> Severity | None:
    if not text:
        return None
    try:
        return Severity.parse(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error


def _today(text: str) -> date:
    if not text:
        return date.today()
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()
    except ValueError as error:
        raise UsageError(f"--now {text}: not a date", hint="write it like 2026-11-23") from error


# --- models ---------------------------------------------------------------------------------------------------------


def language_model() -> Metered:
    """The configured language model; UsageError where none is."""
    found = model()
    if found is None:
        raise UsageError(
            "no language model is set up", hint="set CCOPILOT_MODEL and OPENAI_BASE_URL; docs/settings.md has the rest"
        )
    return found


def policy_bench(path: Path) -> Bench:
    """What drafted policies are tried with: the library, the checks that the tree has of its own included."""
    from copilot import policymaking

    return policymaking.bench(_with_own_checks(Snapshot.from_folder(path)))


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
    repository = toplevel(path)
    if base and _is_folder(base, repository):
        if head and not Path(head).is_dir():
            raise UsageError(f"--head {head}: not a folder, as --base is", hint="give two folders, or two revisions")
        other = Path(head) if head else path
        change = Change(Snapshot.from_folder(Path(base)), Snapshot.from_folder(other))
        mixed = Path(base).is_absolute() != other.is_absolute()
        shared = "" if mixed else os.path.commonpath([base, other])
        return Comparison(change, base, str(other), shared or "two folders", None, "")
    if path.is_file():
        raise UsageError(f"{path}: not a folder", hint="a change is reviewed folder by folder; name the one it is in")
    if repository is None:
        raise NotARepository(f"{path}: not inside a git work tree")
    under = path.resolve().relative_to(repository.resolve()).as_posix()
    under = "" if under == "." else under
    tip = _commit(repository, head or "HEAD")
    origin = base or _default_branch(repository)
    merge_base = _merge_base(repository, origin, head or "HEAD", tip)
    before = Snapshot.from_git(repository, merge_base)
    after = Snapshot.from_git(repository, tip) if head else Snapshot.from_worktree(repository)
    if not head:
        before = _with_installed(before, after)
    if under and not any(
        folder == under or folder.startswith(f"{under}/") for tree in (before, after) for folder in tree.folders
    ):
        raise UsageError(f"{path}: there is no such folder on either side of the change", hint="check the path")
    label = f"{origin} ({merge_base[:9]})"
    return Comparison(Change(before, after), label, head or "work tree", repository.name, repository, under)


def _is_folder(text: str, repository: Path | None) -> bool:
    """Whether a text names a folder; a bare name that is also a revision names the revision, as it does for git."""
    if not Path(text).is_dir():
        return False
    if repository is None or text.startswith((".", "/", "~")) or text.endswith("/"):
        return True
    try:
        _commit(repository, text)
    except UsageError:
        return True
    return False


def _with_installed(before: Snapshot, after: Snapshot) -> Snapshot:
    """The merge base with the modules that are installed in the work tree: git knows them on neither side, and what
    they hold is not the change's doing."""
    installed = {
        path: data
        for path in after.paths
        if "/.terraform/modules/" in f"/{path}" and path not in before and (data := after.read(path)) is not None
    }
    return before.changed(installed) if installed else before


def _merge_base(repository: Path, origin: str, name: str, tip: str) -> str:
    start = _commit(repository, origin)
    try:
        return git(repository, "merge-base", start, tip).decode().strip()
    except UsageError as error:
        raise UsageError(
            f"{origin} and {name} have no commit in common",
            hint="a shallow clone lacks it: git fetch --unshallow (in CI: fetch-depth: 0)",
        ) from error


def _commit(repository: Path, revision: str) -> str:
    try:
        return git(repository, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    except NotARepository:
        raise
    except UsageError as error:
        hint = "commit something first" if revision == "HEAD" else "a shallow clone has no others; check its name"
        raise UsageError(f"{revision}: there is no such revision here", hint=hint) from error


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


def progress() -> Callable[[str], None]:
    """A reporter of progress: one line that rewrites itself on a terminal, nothing elsewhere."""
    out = sys.stderr
    if not out.isatty():
        return lambda _: None

    def report(text: str) -> None:
        out.write(f"\r\x1b[2K{text}" if text else "\r\x1b[2K")
        out.flush()

    return report


# --- knowledge -----------------------------------------------------------------------------------------------------


def knowledge(*, url: str = "", embedder: Embedder | None = None) -> Knowledge:
    """The corpus, to be searched by names, words and meaning, with what repositories added to it.

    `url` is that of a Chroma server, else CCOPILOT_CHROMA_URL, else the index lies in the cache. Where the extra or an index
    of exactly this corpus is missing, names and words serve, and a note says so.
    """
    from copilot.knowledge.search import Knowledge, Meanings

    known = texts()

    def meanings() -> Meanings:
        from copilot.knowledge import embeddings, index

        digests = known.digests(scoped=False)
        server = url or os.environ.get("CCOPILOT_CHROMA_URL", "")
        if embedder is None and not server and not any(_knowledge().glob("vectors-*")):
            raise index.IndexMissing("the corpus has no index of meanings yet")  # not a reason to load a model
        chosen = embedder or embeddings.MiniLM()
        if server:
            return Meanings(chosen, index.open_server(server, digests, chosen.name))
        return Meanings(chosen, index.open_folder(_knowledge(), digests, chosen.name))

    return Knowledge(known, store=store(), meanings=meanings)


def texts() -> Texts:
    """The texts of the corpus, kept under the name of what they were made from."""
    import hashlib
    import sqlite3

    from copilot.knowledge import passages
    from copilot.knowledge.lexical import FORMAT, Texts

    known = library()
    said = f"{FORMAT} {passages.stamp(known)}"
    path = _knowledge() / f"texts-{hashlib.sha256(said.encode()).hexdigest()[:40]}.sqlite3"
    if path.is_file():
        try:
            return Texts.open(path)
        except sqlite3.Error:
            pass  # written by no program of ours, or cut short: made again
    entries = passages.corpus(known)
    try:
        return Texts.write(path, entries)
    except (OSError, sqlite3.Error):
        return Texts.of(entries)


def store() -> Store:
    """What repositories added to the knowledge."""
    from copilot.knowledge.store import Store

    return Store(home() / "knowledge.sqlite3")


def index_corpus(*, url: str = "", force: bool = False, embedder: Embedder | None = None) -> str:
    """Make the index of the corpus's meanings, unless it is there; where it is, in words."""
    from copilot.knowledge import embeddings, index

    server = url or os.environ.get("CCOPILOT_CHROMA_URL", "")
    entries = texts().entries(scoped=False)
    chosen = embedder or embeddings.MiniLM()
    show = bar("index")
    try:
        if server:
            called = index.build_on_server(server, entries, chosen, report=show, force=force)
            return f"{len(entries)} passages: {called} on {server}"
        return f"{len(entries)} passages: {index.build(_knowledge(), entries, chosen, report=show, force=force)}"
    finally:
        show(0, 0)


def _knowledge() -> Path:
    return cache() / "knowledge"


def bar(what: str) -> Callable[[int, int], None]:
    """A reporter of how much is done, as a bar on a terminal and nothing elsewhere; 0 of 0 wipes it."""
    report = progress()

    def show(done: int, of: int) -> None:
        filled = 30 * done // of if of else 0
        report(f"{what} [{'#' * filled}{'.' * (30 - filled)}] {done}/{of}" if of else "")

    return show
