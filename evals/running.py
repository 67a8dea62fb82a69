"""Runs a task's cases by inspect_ai, one after another, and writes each to the run's file as it ends.

A crash, in what is tried or in what scores it, is an error of that case and no score: a run with errors is incomplete,
never a worse result. So is a model that does not answer at all.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from copilot import pipeline
from copilot import policy as policies
from copilot.checks.library import Library
from copilot.errors import CopilotError, ServiceFailed, UsageError, installing
from copilot.llm.asking import LanguageModel
from copilot.policy import Policy
from copilot.snapshot import Snapshot
from evals import runs
from evals.cases import Case, InjectionCase, PolicyCase, RemediationCase, RetrievalCase
from evals.figures import half
from evals.recording import Recorder
from evals.runs import CaseRun, Run
from evals.tasks import injection, policy, remediation, retrieval

if TYPE_CHECKING:
    from copilot.knowledge.lexical import Found

OUTAGES: Final = frozenset({"unreachable", "rate_limited", "unauthorised", "not_found", "budget", "circuit_open"})
"""Failures that say nothing about the model's work: a case that met one has no outcome."""
GIVES_UP: Final = 3
"""So many cases in a row without a model, and the rest is not tried."""


class ExtraMissing(UsageError):
    """What evaluations run on is not installed."""

    hint = installing("evals")


class ModelAway(ServiceFailed):
    """The model did not answer a case's questions, for a reason that is none of the case's."""

    hint = "`ccopilot doctor` says what the model answers; --resume tries again what has no outcome"


class Redacts(Protocol):
    """Whatever replaces secrets by placeholders."""

    def redact(self, text: str, *, path: str = "") -> str:
        """The text with each secret replaced."""
        ...


@dataclass(frozen=True)
class Bench:
    """What cases are tried with: one library for all, a day, a model for each case, and how many samples are drawn."""

    library: Library
    today: date
    summaries: Any
    redactor: Callable[[], Redacts]
    model: Callable[[Case], LanguageModel] | None = None
    samples: int = 2
    only: frozenset[str] = frozenset()
    """Check ids to run; empty: all of them, as for any repository."""

    def settings(self, tree: Snapshot) -> pipeline.Settings:
        """The settings of a tree: its own policy, and nothing else of its own."""
        return replace(self._settings, policy=policies.load(tree, resolve=self.library.resolve))

    @cached_property
    def _settings(self) -> pipeline.Settings:
        return pipeline.Settings(
            library=self.library, policy=Policy.default(), today=self.today, summaries=self.summaries, only=self.only
        )

    @cached_property
    def rank(self) -> retrieval.Rank:
        """Retrieval as this build has it."""
        return _rank(self.library)

    def try_(self, case: Case, model: LanguageModel | None) -> dict[str, Any]:
        """What comes of a case, as JSON data."""
        match case:
            case RemediationCase():
                given = self.settings(case.tree)
                return remediation.solve(case, given, _needed(model), self.redactor(), samples=self.samples)
            case InjectionCase():
                return injection.solve(case, self.settings(case.tree), self.redactor())
            case RetrievalCase():
                return retrieval.solve(case, self.rank)
            case PolicyCase():
                return policy.solve(case, _drafts_policies(self.library, _needed(model)))

    def score(self, case: Case, result: Mapping[str, Any]) -> dict[str, Any]:
        """What an outcome is worth, by the case alone."""
        match case:
            case RemediationCase():
                return remediation.score(case, result, self.settings(case.tree))
            case InjectionCase():
                return injection.score(case, result, self.settings(case.tree))
            case RetrievalCase():
                return retrieval.score(case, result)
            case PolicyCase():
                return policy.score(case, result)


def _needed(model: LanguageModel | None) -> LanguageModel:
    if model is None:
        raise UsageError("this task asks a model, and none is named", hint="name one with --model")
    return model


# --- one run ------------------------------------------------------------------------------------------------------


@dataclass
class _Journal:
    """The run's file while it is written: whole lines, each of them there when the next case begins."""

    path: Path
    run: Run
    away: int = 0
    done: dict[str, CaseRun] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.done = {case.id: case for case in self.run.scored}
        runs.write(replace(self.run, cases=tuple(self.done.values())), self.path, ended=False)

    def add(self, case: CaseRun) -> None:
        """Keep a case."""
        line = (json.dumps(case.as_data(), ensure_ascii=False, separators=(",", ":")) + "\n").encode(
            "utf-8", "surrogatepass"
        )
        with self.path.open("ab") as out:
            out.write(gzip.compress(line, mtime=0) if self.path.suffix == ".gz" else line)
        self.done[case.id] = case
        if case.error is None:
            self.away = 0
        elif case.error["kind"] == ModelAway.__name__:
            self.away += 1


def run(
    cases: Sequence[Case],
    bench: Bench,
    about: Mapping[str, Any],
    output: Path,
    *,
    before: Run | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Run:
    """Try the cases that `before` has no outcome of, and return the whole run, which is then in the file `output`.

    A case whose file changed since `before` is tried again. The run is not complete when it was stopped, or when the
    model stayed away.
    """
    output = output.absolute()
    known = {case.id: case for case in before.scored} if before is not None else {}
    digests = {case.id: case.digest for case in cases}
    kept = tuple(case for id, case in known.items() if digests.get(id) == case.digest)
    journal = _Journal(output, Run(dict(about), kept, complete=False))
    left = [case for case in cases if case.id not in journal.done]
    if left:
        _inspected(left, bench, journal, str(about["task"]), progress)
    tried = tuple(journal.done[id] for id in sorted(journal.done))
    whole = Run(dict(about), tried, complete=set(digests) <= set(journal.done), path=str(output))
    runs.write(whole, output, ended=whole.complete)
    return whole


def _inspected(
    cases: Sequence[Case], bench: Bench, journal: _Journal, name: str, progress: Callable[[str], None]
) -> None:
    with _place_of_our_own() as folder:
        inspect = _inspect_ai()
        by_id = {case.id: case for case in cases}
        began: dict[str, float] = {}
        results: dict[str, Any] = {}
        answers: dict[str, tuple[Mapping[str, Any], ...]] = {}

        def failed(case: Case, error: BaseException) -> None:
            said = {"kind": type(error).__name__, "message": str(error)[:2000]}
            took = round(time.monotonic() - began.get(case.id, time.monotonic()), 3)
            journal.add(
                CaseRun(
                    case.id,
                    case.digest,
                    half(case.id),
                    took,
                    results.get(case.id),
                    None,
                    said,
                    answers.get(case.id, ()),
                )  # fmt: skip
            )

        def tried(case: Case) -> None:
            began[case.id] = time.monotonic()
            progress(
                f"{name}: {case.id} ({len(journal.done) + 1} of {len(journal.done) + len(by_id) - len(began) + 1})"
            )
            recorder = Recorder(bench.model(case)) if bench.model is not None else None
            try:
                result = bench.try_(case, recorder)
            finally:
                answers[case.id] = tuple(recorder.answers) if recorder is not None else ()
            away = [said for said in answers[case.id] if said.get("failure") in OUTAGES]
            if away:
                raise ModelAway(f"{away[0]['failure']}: {away[0]['detail']}")
            # What is scored is what a file will hold, so that it can be scored from the file again.
            results[case.id] = json.loads(json.dumps(result))

        def scored(case: Case) -> dict[str, Any]:
            score = json.loads(json.dumps(bench.score(case, results[case.id])))
            took = round(time.monotonic() - began[case.id], 3)
            journal.add(
                CaseRun(
                    case.id, case.digest, half(case.id), took, results[case.id], score, None, answers[case.id]
                )  # fmt: skip
            )
            return dict(score)

        def solver() -> Any:
            async def solve(state: Any, generate: Any) -> Any:
                case = by_id[state.sample_id]
                if journal.away >= GIVES_UP:
                    raise ModelAway("it is not tried any more")
                try:
                    tried(case)
                except Exception as error:
                    failed(case, error)
                    raise
                return state

            return solve

        def scorer() -> Any:
            async def score(state: Any, target: Any) -> Any:
                case = by_id[state.sample_id]
                try:
                    return inspect.scorer.Score(value=1, metadata=scored(case))
                except Exception as error:
                    failed(case, error)
                    raise

            return score

        samples = [inspect.dataset.Sample(input=case.id, id=case.id) for case in cases]
        solving = inspect.solver.solver(name="ccopilot")(solver)
        scoring = inspect.scorer.scorer(metrics=[], name="ccopilot")(scorer)
        task = inspect.Task(dataset=samples, solver=solving(), scorer=scoring(), name=name)
        (log,) = inspect.eval(
            task, model=None, display="none", fail_on_error=False, continue_on_fail=True, ctl_server=False,
            log_realtime=False, score_display=False, max_samples=1, log_dir=str(folder),
        )  # fmt: skip
        progress("")
        if log.status == "error":
            raise CopilotError(f"inspect_ai: {log.error.message if log.error else 'no reason given'}")
        if log.status == "cancelled":
            raise KeyboardInterrupt
        for sample in log.samples or ():
            if sample.error is not None and sample.id not in journal.done and sample.id in began:
                failed(by_id[str(sample.id)], RuntimeError(sample.error.message))


@contextlib.contextmanager
def _place_of_our_own() -> Iterator[Path]:
    """A folder to run in: inspect_ai reads the `.env` that it finds from the current folder upwards, and keeps logs and
    caches under the user's home; here it finds an empty one, and its folders end with the run."""
    here = Path.cwd()
    kept = {name: os.environ.get(name) for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "INSPECT_LOG_DIR")}
    with tempfile.TemporaryDirectory(prefix="ccopilot-eval-") as name:
        folder = Path(name)
        (folder / ".env").touch()
        os.environ.update(
            XDG_DATA_HOME=str(folder / "data"), XDG_CACHE_HOME=str(folder / "cache"), INSPECT_LOG_DIR=str(folder)
        )
        os.chdir(folder)
        root = logging.getLogger()
        handlers, level = list(root.handlers), root.level
        try:
            yield folder
        finally:
            os.chdir(here)
            _forget_logging(root, handlers, level)
            for variable, value in kept.items():
                if value is None:
                    os.environ.pop(variable, None)
                else:
                    os.environ[variable] = value


def _forget_logging(root: logging.Logger, handlers: list[logging.Handler], level: int) -> None:
    """Take away the handler that inspect_ai leaves on the root logger: it writes into the folder that ends with the run, so
    that the next line logged by anybody in this process would raise."""
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("inspect_ai._util.logger")._logHandler["handler"] = None


def _inspect_ai() -> Any:
    try:
        inspect = importlib.import_module("inspect_ai")
        for part in ("dataset", "scorer", "solver"):
            importlib.import_module(f"inspect_ai.{part}")
    except ModuleNotFoundError as error:
        raise ExtraMissing(f"evaluations run on inspect_ai, which is not installed ({error.name})") from error
    return inspect


# --- what later stages of the product offer -----------------------------------------------------------------------


def _rank(library: Library) -> retrieval.Rank:
    """What a search of this build answers by words alone and by both; and, to compare, by vectors alone."""
    from copilot.knowledge import lexical, passages
    from copilot.knowledge.search import Knowledge, Meanings

    entries = passages.corpus(library)
    texts = lexical.Texts.of(entries)
    vectors: list[_Vectors] = []

    def meanings() -> Meanings:
        if not vectors:
            vectors.append(_Vectors(entries))
        return Meanings(vectors[0].model, vectors[0])

    by_words, by_both = Knowledge(texts), Knowledge(texts, meanings=meanings)

    def rank(query: str, mode: str, k: int) -> Sequence[str]:
        if mode == "vector":
            known = meanings()
            return [found.id for found in known.index.nearest(known.embedder.encode([query])[0], kinds=None, k=k)]
        searched = by_words if mode == "lexical" else by_both
        ids = [hit.passage.id for hit in searched.search(query, viewer=None, k=k)]
        if mode != "lexical" and searched.mode == "lexical":
            raise ExtraMissing("; ".join(searched.notes), hint=installing("retrieval"))
        return ids

    return rank


class _Vectors:
    """Every passage's vector, compared with a query's one by one: what the index answers, without an index."""

    def __init__(self, entries: Sequence[Any]) -> None:
        from copilot.knowledge.embeddings import MiniLM

        self.model = MiniLM()
        self._passages = [entry.passage for entry in entries]
        self._matrix = self.model.encode([entry.about for entry in entries])

    def nearest(self, vector: Any, *, kinds: Collection[str] | None, k: int) -> list[Found]:
        """The k passages nearest to a unit vector by their cosine, best first, ties by id."""
        from copilot.knowledge.lexical import Found

        scores = (self._matrix.astype("float64") @ vector.astype("float64")).round(6)
        found = [
            Found(passage.id, float(score))
            for passage, score in zip(self._passages, scores, strict=True)
            if kinds is None or passage.kind in kinds
        ]
        return sorted(found, key=lambda each: (-each.score, each.id))[:k]


def _drafts_policies(library: Library, model: LanguageModel) -> policy.Draft:
    """Policy drafting as this build has it, each fixture judged by what was drafted."""
    try:
        making: Any = importlib.import_module("copilot.policymaking")
        drafting: Any = importlib.import_module("copilot.drafting.policies")
        cases: Any = importlib.import_module("copilot.drafting.policy_cases")
        gate: Any = importlib.import_module("copilot.drafting.policy_gate")
    except ModuleNotFoundError as error:
        raise UsageError(
            "this build drafts no policies", hint="use a release that has `ccopilot policy draft`"
        ) from error
    bench = making.bench(library)

    def draft(case: PolicyCase) -> Mapping[str, Any]:
        drafted = drafting.draft(case.requirement, model, bench, making.search(library))
        outcome = drafted.outcome
        made = getattr(outcome, "policy", None)
        posted = isinstance(outcome, gate.ApprovedPolicy)
        shared = {
            "state": "posted" if posted else "withheld" if made is not None else "abstained",
            "by": next((v.validator for v in getattr(outcome, "verdicts", ()) if v.outcome in ("fail", "unknown")), ""),
            "reason": "" if posted else outcome.reason,
        }
        if made is None:
            return {**shared, "compiles": False, "controls": [], "text": "", "answers": {}}
        trial = gate.Trial(made, bench)
        text = {
            "text": made.check,
            "rego": made.rego,
            "controls": [c.passage.removeprefix("control:") for c in made.cites],
        }
        try:
            check = trial.check
        except CopilotError:
            return {**shared, **text, "compiles": False, "answers": {}}
        parameters = {**dict(made.parameters), **case.parameters}
        answers = {}
        for fixture in case.fixtures:
            files = {path: fixture.tree.read(path) or b"" for path in fixture.tree.paths if path != policies.PATH}
            world = cases.world_of(files)
            if made.rego:
                (ruling,) = trial.rule(check, made.rego, [world], parameters)
                about = any(check.subject.covers(r.mode, r.type) for r in world.resources)
                said = ruling.said if ruling.said != "neither" else "allow" if about else "not_applicable"
            else:
                verdicts = {str(each.verdict) for each in cases.judged(check, world, parameters)}
                said = next(
                    (word for verdict, word in _WORDS.items() if verdict in verdicts), "not_applicable"
                )  # fmt: skip
            answers[fixture.name] = said
        return {**shared, **text, "compiles": True, "answers": answers}

    return draft


_WORDS: Final = {"fail": "deny", "undecided": "undecided", "pass": "allow"}
"""The verdicts of a check in the words of fixtures, the one that outweighs the others first."""
