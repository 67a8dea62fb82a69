"""A run file: one line of JSON for the run, one for each case, one at the end; gzipped when its name says so.

It holds what is needed to score the run again offline. Lines are written as cases end, so that a run which was stopped
can be resumed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from copilot.errors import UsageError

VERSION = 1


class RunInvalid(UsageError):
    """A file is no run that this release reads."""

    hint = "`ccopilot eval run` writes run files"


@dataclass(frozen=True)
class CaseRun:
    """One case of a run: what was answered and drafted, what it was worth, or the error that kept it from an outcome."""

    id: str
    digest: str
    half: str
    seconds: float
    result: Mapping[str, Any] | None
    score: Mapping[str, Any] | None
    error: Mapping[str, str] | None = None
    answers: tuple[Mapping[str, Any], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The line of this case."""
        return {
            "kind": "case", "id": self.id, "digest": self.digest, "half": self.half, "seconds": round(self.seconds, 3),
            "result": self.result, "score": self.score, "error": self.error, "answers": list(self.answers),
        }  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A run: what it was of (`about`: task, model, commit, dirty mark, settings, …), and its cases by id."""

    about: Mapping[str, Any]
    cases: tuple[CaseRun, ...] = ()
    complete: bool = True
    path: str = field(default="", compare=False)

    @property
    def task(self) -> str:
        return str(self.about["task"])

    @property
    def scored(self) -> tuple[CaseRun, ...]:
        return tuple(case for case in self.cases if case.score is not None)

    @property
    def failed(self) -> tuple[CaseRun, ...]:
        return tuple(case for case in self.cases if case.score is None)

    def scores(self, only: str = "") -> list[Mapping[str, Any]]:
        """The scores, those of one half alone where it is named."""
        return [case.score for case in self.cases if case.score is not None and only in ("", case.half)]


def lines(run: Run, *, ended: bool = True) -> Iterable[str]:
    """The lines of a run's file, the last one where every case was tried."""
    yield _line({"kind": "run", "version": VERSION, **run.about})
    for case in run.cases:
        yield _line(case.as_data())
    if ended:
        yield _line(end(run))


def end(run: Run) -> dict[str, Any]:
    """The last line: it is there when every case was tried."""
    return {"kind": "end", "cases": len(run.cases), "errors": len(run.failed)}


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


def write(run: Run, path: Path, *, ended: bool = True) -> None:
    """Write a run's file in one step."""
    data = "".join(lines(run, ended=ended)).encode("utf-8", "surrogatepass")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}", hint="name a place that can be written") from error


def load(path: Path) -> Run:
    """The run in a file, complete or not; a last line that was cut off is left out. RunInvalid when it is no run."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8", "surrogatepass")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RunInvalid(f"{path}: {error}") from error
    about: dict[str, Any] | None = None
    cases: dict[str, CaseRun] = {}
    complete = False
    numbered = text.splitlines()
    for number, line in enumerate(numbered, 1):
        try:
            entry = json.loads(line)
            kind = entry.pop("kind")
            if kind == "run":
                if entry.pop("version") != VERSION:
                    raise RunInvalid(f"{path}: this release reads version {VERSION} of run files")
                about = entry
            elif kind == "case":
                entry["answers"] = tuple(entry["answers"])
                cases[entry["id"]] = CaseRun(**entry)
            elif kind == "end":
                complete = True
        except RunInvalid:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if number == len(numbered) and not text.endswith("\n"):
                break
            raise RunInvalid(f"{path}:{number}: no line of a run: {error}") from error
    if about is None or "task" not in about:
        raise RunInvalid(f"{path}: it does not say what it is a run of")
    return Run(about, tuple(cases[id] for id in sorted(cases)), complete, str(path))
