"""Checkov in an environment of its own: what it finds in copies of a tree's files, and nothing else of the tree.

It never runs in our process (it pins half the world), reads no configuration of the repository (`.checkov.yaml` may name
programs), sees an empty home and an environment of a few names, and ends within a time limit with all that it started.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from copilot.errors import ServiceFailed
from copilot.model import without_keys

Framework = Literal["terraform", "kubernetes"]

VARIABLE: Final = "CCOPILOT_CHECKOV"
"""Names the program where it is not on PATH; empty: none is used, whatever is on PATH."""

_ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "terraform": (".tf", ".tf.json", ".tfvars", ".tfvars.json"),
    "kubernetes": (".yaml", ".yml", ".json"),
}
_OURS: Final = re.compile(r"(?:^|/)\.")
_LARGEST: Final = 64 << 20


class CheckovFailed(ServiceFailed):
    """Checkov did not answer: it crashed, took too long, or what it wrote is no report."""

    hint = f"`ccopilot doctor` says which Checkov is used; {VARIABLE}= uses none"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What Checkov finds: pairs of check id and address (without instance keys), suppressed ones too; and the files that
    it could not read."""

    found: frozenset[tuple[str, str]]
    addresses: frozenset[str]
    unread: frozenset[str]


@dataclass(frozen=True)
class Checkov:
    """A Checkov by its path. The same files are looked at once."""

    program: Path
    seconds: float = 120.0
    _kept: dict[str, Opinion] = field(default_factory=dict, repr=False, compare=False)

    def opinion(self, files: Mapping[str, bytes], framework: Framework) -> Opinion:
        """What it finds in these files (of which it is given those of the format); CheckovFailed when it does not say."""
        mine = {
            path: data
            for path, data in files.items()
            if path.endswith(_ENDINGS[framework]) and _OURS.search(path) is None
        }
        name = _digest(framework, mine)
        if name not in self._kept:
            self._kept[name] = self._run(mine, framework)
        return self._kept[name]

    def applied(self, policy: str, id: str, trees: Mapping[str, Mapping[str, bytes]]) -> Mapping[tuple[str, str], str]:
        """What a policy of this id in YAML says of each address in Terraform trees by name: "pass" or "fail".

        An address that it leaves out is missing; one of which both are said, of different instances, fails.
        """
        files = {f"{name}/{path}": data for name, tree in trees.items() for path, data in tree.items()}
        with self._laid(files) as top:
            (top / "policies").mkdir()
            (top / "policies" / "policy.yaml").write_text(policy, "utf-8")
            return _said(
                self._output(top, "terraform", "--external-checks-dir", str(top / "policies"), "--check", id), id
            )

    def _run(self, files: Mapping[str, bytes], framework: Framework) -> Opinion:
        with self._laid(files) as top:
            return read(self._output(top, framework))

    @staticmethod
    @contextlib.contextmanager
    def _laid(files: Mapping[str, bytes]) -> Iterator[Path]:
        """A folder with the files under `tree`, and an empty home."""
        with tempfile.TemporaryDirectory(prefix="ccopilot-checkov-") as folder:
            top = Path(folder)
            for name in ("tree", "home", "tmp"):
                (top / name).mkdir()
            for path, data in files.items():
                target = top / "tree" / path
                if not target.resolve().is_relative_to((top / "tree").resolve()):
                    raise CheckovFailed(f"{path} does not lie in the tree")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            yield top

    def version(self) -> str:
        """What it says that it is; CheckovFailed when it says nothing that reads like a version."""
        with tempfile.TemporaryDirectory(prefix="ccopilot-checkov-") as folder:
            top = Path(folder)
            for name in ("home", "tmp"):
                (top / name).mkdir()
            said = self._said(top, ["--version"]).strip()
        if not re.fullmatch(r"\d+(\.\d+){1,3}[\w.+-]{0,20}", said):
            raise CheckovFailed("what it says to --version is no version of Checkov")
        return said

    def _output(self, top: Path, framework: Framework, *more: str) -> str:
        return self._said(top, [
            "--directory", str(top / "tree"), "--framework", framework, "--output", "json",
            "--compact", "--quiet", "--soft-fail", "--skip-download", "--download-external-modules", "false", *more,
        ])  # fmt: skip

    def _said(self, top: Path, arguments: list[str]) -> str:
        command = [str(self.program), *arguments]
        environment = {
            "HOME": str(top / "home"), "TMPDIR": str(top / "tmp"), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
            "PYTHONNOUSERSITE": "1", "PYTHONSAFEPATH": "1", "ANSI_COLORS_DISABLED": "1", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        out, err = top / "out", top / "err"
        with out.open("wb") as written, err.open("wb") as said:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=written, stderr=said, cwd=top / "home", env=environment,
                    start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                raise CheckovFailed(f"{self.program}: {error.strerror}") from error
            try:
                code = process.wait(self.seconds)
            except subprocess.TimeoutExpired:
                raise CheckovFailed(f"Checkov took longer than {self.seconds:g} s") from None
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code != 0:
            last = err.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
            raise CheckovFailed(f"Checkov ended with {code}: {last[-1][:200] if last else 'it said nothing'}")
        if out.stat().st_size > _LARGEST:
            raise CheckovFailed("Checkov wrote more than any report has")
        return out.read_text("utf-8", "replace")


def find(named: str | None = None) -> Checkov | None:
    """The Checkov that is named (or by CCOPILOT_CHECKOV), else one on PATH that is not in our own environment."""
    wanted = named if named is not None else os.environ.get(VARIABLE)
    if wanted is not None:
        return Checkov(Path(wanted).absolute()) if wanted else None
    found = shutil.which("checkov")
    if found is None or Path(found).absolute().is_relative_to(Path(sys.prefix).absolute()):
        return None
    return Checkov(Path(found).absolute())


def read(text: str) -> Opinion:
    """The opinion in what Checkov wrote; CheckovFailed when that is no report of it."""
    try:
        data = json.loads(text)
        reports: Iterable[Any] = data if isinstance(data, list) else [data]
        found: set[tuple[str, str]] = set()
        addresses: set[str] = set()
        unread: set[str] = set()
        for report in reports:
            if "results" not in report:
                if "passed" not in report or report.get("resource_count", 0):
                    raise CheckovFailed("what Checkov wrote is not its report")
                continue  # nothing of the format in it
            results = report["results"]
            for row in (*results["failed_checks"], *results.get("skipped_checks", ())):
                found.add((str(row["check_id"]), without_keys(str(row["resource"]))))
            for kind in ("failed_checks", "skipped_checks", "passed_checks"):
                addresses.update(without_keys(str(row["resource"])) for row in results.get(kind, ()))
            unread.update(str(path).rpartition("/tree/")[2] for path in results.get("parsing_errors", ()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckovFailed(f"what Checkov wrote is not its report: {type(error).__name__}") from error
    return Opinion(frozenset(found), frozenset(addresses), frozenset(unread))


def _said(text: str, id: str) -> Mapping[tuple[str, str], str]:
    """What the report says of each address by the tree that it stands in."""
    said: dict[tuple[str, str], str] = {}
    try:
        data = json.loads(text)
        for report in data if isinstance(data, list) else [data]:
            results = report.get("results", {})
            for kind, verdict in (("passed_checks", "pass"), ("failed_checks", "fail")):
                for row in results.get(kind, ()):
                    if row["check_id"] == id:
                        tree = str(row["file_path"]).lstrip("/").partition("/")[0]
                        said[tree, without_keys(str(row["resource"]))] = verdict
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckovFailed(f"what Checkov wrote is not its report: {type(error).__name__}") from error
    return said


def _digest(framework: str, files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256(framework.encode())
    for path in sorted(files):
        total.update(f"\0{path}\0{len(files[path])}\0".encode("utf-8", "surrogateescape"))
        total.update(files[path])
    return total.hexdigest()
