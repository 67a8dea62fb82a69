"""What `ccopilot eval` does: arguments as they were typed, text on stdout, an exit code.

0: it went well; 1: a figure is below what was wanted; 2: cases without an outcome; 4: the model was away.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from copilot import __version__, wiring
from copilot.errors import SettingsInvalid, UsageError
from copilot.llm.asking import LanguageModel
from copilot.llm.scripted import Scripted
from copilot.redaction import Redactor
from copilot.snapshot import git
from evals import cases, running, runs, summary
from evals.cases import TASKS, Case, Task
from evals.figures import Compared, Share
from evals.recording import Replayed
from evals.running import Bench, ModelAway
from evals.runs import Run

BELOW, INCOMPLETE, AWAY = 1, 2, 4
ASKS = ("remediation", "policy")
"""The tasks that ask a model; an attack's case holds its own model's answers."""


def run(
    task: str, *, model: str, folder: Path | None, limit: int, samples: int, output: Path | None, resume: Path | None,
    fail_under: str,
) -> int:  # fmt: skip
    """Run a task's cases and print their figures."""
    task = _task(task)
    wanted = thresholds(task, fail_under)
    if samples < 1 or limit < 0:
        raise UsageError("--samples is 1 or more, --limit is not negative")
    if task in ASKS and not model:
        raise UsageError(f"{task} asks a model, and none is named", hint="--model NAME, or --model scripted:FILE")
    if task not in ASKS and model:
        raise UsageError(f"{task} asks no model", hint="leave --model out")
    chosen = cases.load(task, folder)[: limit or None]
    before = runs.load(resume) if resume is not None else None
    now = datetime.now(UTC)
    place = output or resume or Path(f"eval-{task}-{now:%Y%m%dT%H%M%SZ}.jsonl.gz")
    if before is None and place.exists():
        raise UsageError(f"{place}: is there already", hint="--resume goes on with it; or name another with --output")
    about = _about(task, model, samples, now)
    if before is not None:
        for name in ("task", "model", "samples"):
            if before.about.get(name) != about[name]:
                raise UsageError(
                    f"{resume}: its {name} is {before.about.get(name)!r}, not {about[name]!r}",
                    hint="a run is resumed as it was begun",
                )
        about = {**before.about, "resumed": [*before.about.get("resumed", []), about["started"]]}
    library = wiring.library()
    for case in chosen:
        if isinstance(case, cases.RemediationCase | cases.InjectionCase):
            library.resolve(
                case.check
            )  # one that nobody knows is a fault of the case, and said before a model is asked
    asked = _model(model) if task in ASKS else None
    bench = Bench(library, date.fromisoformat(about["today"]), wiring.summaries, Redactor, asked, samples)
    done = running.run(chosen, bench, about, place, before=before, progress=wiring.progress())
    _print(done)
    sys.stdout.write(f"\nwritten to {place}\n")
    return _conclude(done, wanted)


def compare(first: Path, second: Path) -> int:
    """Print two runs of one task beside each other, case by case."""
    a, b = runs.load(first), runs.load(second)
    if a.task != b.task:
        raise UsageError(f"{first} is of {a.task}, {second} of {b.task}", hint="compare two runs of one task")
    found = summary.compared(a, b)
    if not found or not found[0].cases:
        raise UsageError("the two runs have no case in common", hint="a case is the same when its file is")
    alone = len({c.id for c in a.scored} ^ {c.id for c in b.scored})
    sys.stdout.write(f"{a.task}, {found[0].cases} cases in both" + (f", {alone} in one alone\n" if alone else "\n"))
    sys.stdout.write(f"  first:  {a.about.get('model') or 'no model'} ({first})\n")
    sys.stdout.write(f"  second: {b.about.get('model') or 'no model'} ({second})\n\n")
    sys.stdout.write(f"{'':<24}{'first':>9}{'second':>9}{'change':>9}  {'95 % interval':<20}{'p':>7}  test\n")
    for each in found:
        sys.stdout.write(_compared(each) + "\n")
    return 0


def _compared(each: Compared) -> str:
    low, high = each.interval
    interval = f"[{low:+.3f}, {high:+.3f}]"
    sides = f" ({each.only_first} : {each.only_second})"
    return (
        f"{each.what:<24}{each.first:>9.3f}{each.second:>9.3f}{each.difference:>+9.3f}  {interval:<20}{each.p:>7.3f}"
        f"  {each.test}{sides}"
    )


def report(paths: Sequence[Path], output: Path) -> int:
    """Write the page that shows runs."""
    from evals import report as reports

    page = reports.page([runs.load(path) for path in paths])
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, "utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror or error}", hint="name a place that can be written") from error
    sys.stdout.write(f"written to {output}\n")
    return 0


def rescore(path: Path, *, folder: Path | None, replay: bool, output: Path | None, fail_under: str) -> int:
    """Score a run's outcomes again by the cases as they are now; with `replay`, have today's pipeline make them anew from
    the recorded answers."""
    old = runs.load(path)
    task = _task(old.task)
    wanted = thresholds(task, fail_under)
    done = rescored(old, cases.load(task, folder), replay=replay)
    changed = [
        case.id for case in done.scored for before in old.scored if before.id == case.id and before.score != case.score
    ]
    if output is not None:
        runs.write(done, output)
    _print(done)
    sys.stdout.write(f"\n{len(changed)} of {len(done.cases)} cases score differently than in {path}\n")
    for id in changed:
        sys.stdout.write(f"  {id}\n")
    return _conclude(done, wanted)


def rescored(old: Run, chosen: Sequence[Case], *, replay: bool) -> Run:
    """A run with scores by cases as they are now. A case that the run has and that is gone, or that cannot be scored, is
    an error of the result."""
    by_id = {case.id: case for case in chosen}
    library = wiring.library()
    model = str(old.about.get("model") or "")
    bench = Bench(
        library, date.fromisoformat(str(old.about["today"])), wiring.summaries, Redactor,
        samples=int(old.about.get("samples") or 1),
    )  # fmt: skip
    out = []
    for entry in old.cases:
        case = by_id.get(entry.id)
        try:
            if case is None:
                raise UsageError("there is no such case any more")
            result = entry.result
            if replay:
                result = json.loads(json.dumps(bench.try_(case, Replayed.of(model, entry.answers))))
            if result is None:
                out.append(entry)
                continue
            score = json.loads(json.dumps(bench.score(case, result)))
            out.append(replace(entry, digest=case.digest, result=result, score=score, error=None))
        except Exception as error:  # as in a run: an error of this case, and no score
            said = {"kind": type(error).__name__, "message": str(error)[:2000]}
            out.append(replace(entry, score=None, error=said))
    return Run(old.about, tuple(out), complete=old.complete, path=old.path)


def fit(path: Path, *, risk: float) -> int:
    """Print the threshold of confidence that a run suggests, fitted on one half, with the figures of the other."""
    given = runs.load(path)
    if given.task != "remediation":
        raise UsageError(f"{path} is of {given.task}", hint="confidence is fitted on a run of remediation")
    if not 0 <= risk < 1:
        raise UsageError("--risk is at least 0 and less than 1")
    found = summary.fit(given, risk)
    if found.threshold is None:
        sys.stdout.write(
            f"no confidence keeps the share of wrong drafts at {risk:g} on the {found.fitted_on} fitting cases\n"
        )
        return BELOW
    sys.stdout.write(
        f"threshold: {found.threshold:g}, fitted on {found.fitted_on} cases\n"
        f"on the other half: precision {_shown(found.precision)}; coverage {_shown(found.coverage)}\n"
        "curve of the fitting half (share of samples that agree, coverage, precision):\n"
    )
    for point in found.curve:
        sys.stdout.write(f"  - [{point.threshold:.3f}, {point.coverage:.3f}, {1 - point.risk:.3f}]\n")
    return 0


# --- arguments ----------------------------------------------------------------------------------------------------


def _task(text: str) -> Task:
    for task in TASKS:
        if task == text:
            return task
    raise UsageError(f"there is no task {text!r}", hint=f"one of {', '.join(TASKS)}")


def thresholds(task: str, text: str) -> dict[str, float]:
    """`precision=0.99,coverage=0.2` as data."""
    known = summary.measures(Run({"task": task})) if task != "retrieval" else _RANKED
    out: dict[str, float] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, value = part.partition("=")
        if name not in known:
            raise UsageError(f"--fail-under {part}: no figure {name!r}", hint=f"one of {', '.join(known)}")
        try:
            out[name] = float(value)
        except ValueError:
            raise UsageError(f"--fail-under {part}: wants a number", hint="--fail-under precision=0.99") from None
    return out


_RANKED = dict.fromkeys(
    [*summary.RANKING, *(f"{mode}.{name}" for mode in ("lexical", "vector", "fused") for name in summary.RANKING)]
)


def _model(given: str) -> Callable[[Case], LanguageModel]:
    """The model of each case, by what --model says."""
    kind, colon, rest = given.partition(":")
    if kind == "scripted" and colon:
        return _scripted(Path(rest))
    from copilot.llm.settings import load

    # One model is measured: what the settings say of single tasks, or of another one to fall back on, would mix two.
    found = load({**os.environ, "CCOPILOT_MODEL": given}, wiring.home())
    if found is None:
        raise UsageError(f"{given}: no endpoint is configured", hint="set OPENAI_API_KEY or OPENAI_BASE_URL")
    if missing := wiring.missing_packages("langchain_openai", "openai"):
        raise running.ExtraMissing(f"{' and '.join(missing)} not installed, which models are asked with")
    from copilot.llm.runtime import metered

    alone = replace(found, by_task={}, fallback=None)
    return lambda _: metered(alone, wiring.home())  # the budget of a review is that of a case


def _scripted(path: Path) -> Callable[[Case], LanguageModel]:
    """Answers from a file: a mapping of case ids to what the model writes there, in the order it is asked; the last one
    is said for good. An answer is a text, or fields that are written as JSON; `"*"` stands for every other case."""
    import yaml

    try:
        data = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise SettingsInvalid(f"{path}: {error.strerror or error}", hint="check the path") from error
    except yaml.YAMLError as error:
        raise SettingsInvalid(f"{path}: {str(error).splitlines()[0]}") from error
    hint = "docs/evaluation.md shows a file of scripted answers"
    if not isinstance(data, dict) or not all(isinstance(v, list) and v for v in data.values()):
        raise SettingsInvalid(f"{path}: wants a mapping of cases to lists of answers", hint=hint)

    def model(case: Case) -> LanguageModel:
        said = data.get(case.id, data.get("*"))
        if said is None:
            raise SettingsInvalid(f"{path}: says nothing of {case.id}", hint=hint)
        texts = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in said]
        asked: list[int] = []

        def next_(_: Any) -> str:
            asked.append(1)
            return texts[min(len(asked), len(texts)) - 1]

        return Scripted(next_, name=f"scripted:{path.name}")

    return model


def _about(task: str, model: str, samples: int, now: datetime) -> dict[str, Any]:
    prompts = {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest()[:16]
        for each in sorted(files("prompts").iterdir(), key=lambda entry: entry.name)
        if each.name.endswith(".md")
    }
    return {
        "task": task, "model": model, "samples": samples if task in ASKS else 1, "started": now.isoformat(timespec="seconds"),
        "today": now.date().isoformat(), "program": __version__, "python": platform.python_version(),
        "prompts": prompts, **_revision(),
    }  # fmt: skip


def _revision() -> dict[str, Any]:
    """The commit that the program was run from, with a mark when its files differed; nothing for an installed one."""
    here = Path(__file__).resolve().parent
    try:
        commit = git(here, "rev-parse", "HEAD").decode().strip()
        dirty = bool(git(here, "status", "--porcelain", "--untracked-files=no").strip())
    except UsageError:
        return {}
    return {"commit": commit, "dirty": dirty}


# --- what is printed ----------------------------------------------------------------------------------------------


def _shown(value: float | Share | None) -> str:
    if isinstance(value, Share):
        if value.value is None:
            return "none"
        low, high = value.wilson
        return f"{value.value:.3f} ({value.hits} of {value.total}; 95 %: {low:.3f} to {high:.3f})"
    return "none" if value is None else f"{value:.3f}"


def _n(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 else noun + 's'}"


def _print(done: Run) -> None:
    out = sys.stdout
    out.write(f"{done.task}: {_n(len(done.scored), 'case')} scored, {_n(len(done.failed), 'error')}\n")
    if done.scored:
        for name, value in summary.measures(done).items():
            out.write(f"  {name:<20} {_shown(value)}\n")
    spent = summary.cost(done.cases)
    if spent.calls:
        out.write(
            f"  calls {spent.calls}, tokens {spent.input_tokens:,} in and {spent.output_tokens:,} out, "
            f"money {spent.money:.4f}\n"
        )
    out.write(f"  seconds a case: median {spent.median:.2f}, 95 % within {spent.p95:.2f}\n")
    for case in done.failed:
        said: Mapping[str, str] = case.error or {}
        out.write(f"  error in {case.id}: {said.get('kind')}: {said.get('message', '')[:200]}\n")


def _conclude(done: Run, wanted: Mapping[str, float]) -> int:
    """The exit code: nothing is called good or bad while cases have no outcome."""
    if done.failed or not done.complete:
        away = {ModelAway.__name__}
        only_away = bool(done.failed) and all((case.error or {}).get("kind") in away for case in done.failed)
        why = f"{_n(len(done.failed), 'case')} ended in errors" if done.failed else "it was stopped before its end"
        sys.stderr.write(f"the run is not complete, {why}: its figures are those of the cases scored alone\n")
        return AWAY if only_away else INCOMPLETE
    missed = summary.unmet(done, wanted)
    for line in missed:
        sys.stderr.write(f"below the threshold: {line}\n")
    return BELOW if missed else 0
