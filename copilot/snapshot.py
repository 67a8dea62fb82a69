"""Snapshots: path -> bytes, the only way the engine sees files; nothing outside one exists for it.

Paths are POSIX, relative, without `.` or `..` parts. A snapshot is made from a folder, a git revision, or a dict, and
`changed` lays edits over one without copying it.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from copilot.errors import NotARepository, UsageError
from copilot.model import Gap

MAX_BYTES = 16 * 1024 * 1024
"""Of a larger file only so much is read, and one byte more: enough for whoever parses it to see that it is too large."""

_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".mypy_cache", ".pytest_cache"})


class Snapshot:
    """Files by path, read when first asked for; `digest` names the whole content."""

    def __init__(self, files: Mapping[str, bytes], *, gaps: tuple[Gap, ...] = ()) -> None:
        self._files = files
        self.gaps = gaps
        """Links out of the tree and other things that look like files and cannot be read."""

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every path, sorted."""
        return tuple(sorted(self._files))

    @cached_property
    def _folders(self) -> Mapping[str, tuple[str, ...]]:
        folders: dict[str, list[str]] = {}
        for path in self.paths:
            folders.setdefault(posixpath.dirname(path), []).append(path)
        return {folder: tuple(paths) for folder, paths in folders.items()}

    @property
    def folders(self) -> Iterable[str]:
        """Folders that directly hold a file, sorted by first path."""
        return self._folders

    def files_in(self, folder: str) -> tuple[str, ...]:
        """The paths directly in a folder ("" is the top)."""
        return self._folders.get(folder, ())

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None when there is none at that path."""
        return self._files.get(path)

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def glob(self, folder: str, pattern: str) -> list[str]:
        """Paths below `folder`, relative to it, that match Terraform's `fileset` pattern (`*`, `?`, `**`, `{a,b}`)."""
        prefix = f"{folder}/" if folder else ""
        patterns = [re.compile(_glob_regex(p)) for p in _braces(pattern)]
        inside = (p[len(prefix) :] for p in self.paths if p.startswith(prefix))
        return [p for p in inside if any(r.fullmatch(p) for r in patterns)]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every path and its bytes."""
        total = hashlib.sha256()
        for path in self.paths:
            data = self._files.get(path) or b""
            total.update(f"{path}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
            total.update(data)
        return total.hexdigest()

    def changed(self, edits: Mapping[str, bytes | None]) -> Snapshot:
        """This snapshot with some files replaced, added, or (None) removed."""
        removed = {path for path, data in edits.items() if data is None}
        return Snapshot(
            _Layered(self._files, {p: d for p, d in edits.items() if d is not None}, removed), gaps=self.gaps
        )

    @property
    def layered_paths(self) -> frozenset[str]:
        """The paths that `changed` laid over another snapshot; every path when this is no changed one."""
        files = self._files
        if not isinstance(files, _Layered):
            return frozenset(self.paths)
        out: set[str] = set()
        while isinstance(files, _Layered):
            out |= set(files.above) | files.removed
            files = files.below
        return frozenset(out)

    @classmethod
    def of(cls, files: Mapping[str, str | bytes]) -> Snapshot:
        """A snapshot of a dict."""
        return cls({path: data.encode() if isinstance(data, str) else data for path, data in files.items()})

    @classmethod
    def from_folder(cls, folder: Path, *, paths: Iterable[str] | None = None) -> Snapshot:
        """A snapshot of a folder (or of the given paths in it), read lazily; links that leave it are gaps."""
        top = folder.resolve()
        if not top.is_dir():
            raise UsageError(f"{folder}: not a folder", hint="name a folder, or leave the path out for this one")
        files: dict[str, Path] = {}
        gaps: list[Gap] = []
        candidates = _walk(top) if paths is None else (top / p for p in paths)
        for path in candidates:
            name = path.relative_to(top).as_posix()
            if path.is_symlink():
                target = path.resolve()
                if not target.is_relative_to(top):
                    gaps.append(Gap("unread", "a symbolic link out of the tree is not followed", name, 1))
                    continue
                if not target.is_file():
                    continue
            elif not path.is_file():
                continue
            files[name] = path
        return cls(_OnDisk(files), gaps=tuple(gaps))

    @classmethod
    def from_git(cls, repository: Path, revision: str) -> Snapshot:
        """A snapshot of a commit's tree; no checkout is made."""
        listing = git(repository, "ls-tree", "-r", "-z", "--full-tree", revision)
        blobs: dict[str, str] = {}
        gaps: list[Gap] = []
        links: dict[str, str] = {}
        for entry in listing.split(b"\0"):
            if not entry:
                continue
            meta, _, raw = entry.partition(b"\t")
            mode, kind, sha = meta.decode().split()
            path = raw.decode("utf-8", "surrogateescape")
            if kind == "blob":
                blobs[path] = sha
                if mode == "120000":
                    links[path] = sha
            elif kind == "commit":
                gaps.append(Gap("out_of_sight", "a submodule, which is not part of this tree", path))
        store = _InGit(repository, blobs)
        for path in links:
            target = posixpath.normpath(
                posixpath.join(posixpath.dirname(path), (store.get(path) or b"").decode("utf-8", "replace"))
            )
            if target.startswith(("../", "/")) or target == "..":
                gaps.append(Gap("unread", "a symbolic link out of the tree is not followed", path, 1))
                blobs.pop(path)
            elif target in blobs:
                blobs[path] = blobs[target]
            else:
                blobs.pop(path)
        return cls(store, gaps=tuple(gaps))

    @classmethod
    def from_worktree(cls, repository: Path) -> Snapshot:
        """A snapshot of a git work tree as it stands: tracked files, and untracked ones that git does not ignore.

        Modules that Terraform installed under `.terraform/modules` are read too, though git ignores them.
        """
        names = git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0")
        paths = {name.decode("utf-8", "surrogateescape") for name in names if name}
        for installed in _installed(repository):
            for folder, _, files in os.walk(installed):
                paths.update((Path(folder) / file).relative_to(repository).as_posix() for file in files)
        return cls.from_folder(repository, paths=sorted(paths))


def git(repository: Path, *args: str) -> bytes:
    """What git prints; NotARepository or UsageError with git's own words when it fails.

    Hooks, pagers and the repository's own helpers are off: a work tree under review is data.
    """
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", str(repository), *args]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
    except FileNotFoundError as error:
        raise NotARepository("git is not installed") from error
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    message = said[-1] if said else f"git {args[0]} failed"
    if "not a git repository" in message:
        raise NotARepository(f"{repository}: not inside a git work tree")
    raise UsageError(f"git {args[0]}: {message}", hint="check the revision's name")


def _installed(top: Path) -> Iterator[Path]:
    """Every `.terraform/modules` of the tree; a folder with configuration of its own may stand anywhere."""
    for folder, folders, _ in os.walk(top):
        if ".terraform" in folders and (Path(folder) / ".terraform" / "modules").is_dir():
            yield Path(folder) / ".terraform" / "modules"
        folders[:] = [name for name in folders if name not in _SKIPPED and name != ".terraform"]


def _walk(top: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(top):
        here = Path(folder)
        inside_terraform = here.name == ".terraform"
        folders[:] = sorted(f for f in folders if f not in _SKIPPED and (not inside_terraform or f == "modules"))
        yield from (here / link for link in list(folders) if (here / link).is_symlink())
        yield from (here / file for file in sorted(files))


def _braces(pattern: str) -> list[str]:
    match = re.search(r"\{([^{}]*)\}", pattern)
    if not match:
        return [pattern]
    options = match.group(1).split(",")[:50]
    return [p for option in options for p in _braces(pattern[: match.start()] + option + pattern[match.end() :])][:200]


def _glob_regex(pattern: str) -> str:
    out, at = "", 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            out, at = out + "(?:[^/]+/){0,40}", at + 3
        elif pattern.startswith("**", at):
            out, at = out + ".*", at + 2
        elif pattern[at] == "*":
            out, at = out + "[^/]*", at + 1
        elif pattern[at] == "?":
            out, at = out + "[^/]", at + 1
        else:
            out, at = out + re.escape(pattern[at]), at + 1
    return out


def matches(path: str, pattern: str) -> bool:
    """Whether a path matches a glob of ours (`*` stays within a folder, `**` does not)."""
    return re.fullmatch(_glob_regex(pattern), path) is not None


class _OnDisk(Mapping[str, bytes]):
    """Files of a folder, read once, when asked."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._paths = files
        self._read: dict[str, bytes] = {}

    def __getitem__(self, path: str) -> bytes:
        if path not in self._read:
            place = self._paths[path]
            try:
                with place.open("rb") as stream:
                    data = stream.read(MAX_BYTES + 1)
            except OSError:
                raise KeyError(path) from None
            self._read[path] = data
        return self._read[path]

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class _InGit(Mapping[str, bytes]):
    """Blobs of a commit, read in one batch per folder listing or one by one, when asked."""

    def __init__(self, repository: Path, blobs: dict[str, str]) -> None:
        self._repository = repository
        self._blobs = blobs
        self._read: dict[str, bytes] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def __getitem__(self, path: str) -> bytes:
        sha = self._blobs[path]
        if sha not in self._read:
            self._read[sha] = self._cat(sha)
        return self._read[sha]

    def _cat(self, sha: str) -> bytes:
        if self._process is None:
            self._process = subprocess.Popen(
                ["git", "-C", str(self._repository), "cat-file", "--batch"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{sha}\n".encode())
        self._process.stdin.flush()
        size = int(self._process.stdout.readline().split()[2])
        data = self._process.stdout.read(size)
        self._process.stdout.read(1)
        return data[: MAX_BYTES + 1]

    def __del__(self) -> None:
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                if stream:
                    stream.close()
            self._process.wait()

    def __contains__(self, path: object) -> bool:
        return path in self._blobs

    def __iter__(self) -> Iterator[str]:
        return iter(self._blobs)

    def __len__(self) -> int:
        return len(self._blobs)


class _Layered(Mapping[str, bytes]):
    """A mapping with some entries replaced and some removed."""

    def __init__(self, below: Mapping[str, bytes], above: Mapping[str, bytes], removed: set[str]) -> None:
        self.below, self.above, self.removed = below, above, removed

    def __getitem__(self, path: str) -> bytes:
        if path in self.above:
            return self.above[path]
        if path in self.removed:
            raise KeyError(path)
        return self.below[path]

    def __contains__(self, path: object) -> bool:
        return path in self.above or (path not in self.removed and path in self.below)

    def __iter__(self) -> Iterator[str]:
        yield from self.above
        yield from (p for p in self.below if p not in self.above and p not in self.removed)

    def __len__(self) -> int:
        return sum(1 for _ in self)
