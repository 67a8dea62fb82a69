"""What an operator sees of the App: metrics, traces and logs. Ids, numbers and names of ours; no content, and no secret.

Every process has one set of each. Metrics name no repository, account or person, since whoever may read them need not be
one who may read those. Spans and log lines carry the ids by which a review is found again (`Ids`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TextIO, TypedDict, Unpack
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from copilot import __version__
from copilot.redaction import CLOSING, OPENING, Redactor, logs

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

    from github_app.judged import Judged

SETTINGS: Final = frozenset(
    f"OTEL_EXPORTER_OTLP_{kind}{name}" for kind in ("", "TRACES_") for name in ("ENDPOINT", "PROTOCOL", "INSECURE")
) | {"OTEL_SERVICE_NAME"}
"""What every process is to know of a collector; what a collector wants for a token is not among them."""

_log = logging.getLogger(__name__)


class _Hiding(Redactor):
    """Also replaces texts that are secret here though they look like any word: the settings of this process."""

    def __init__(self) -> None:
        super().__init__()
        self.settings: set[str] = set()

    def redact(self, text: str, *, path: str = "") -> str:
        for secret in self.settings:
            text = text.replace(secret, f"{OPENING}setting:1{CLOSING}")
        return super().redact(text, path=path)


_hidden = _Hiding()


def never_tell(*secrets: str) -> None:
    """Take these texts for secrets in every log line and span of this process, whatever they look like; of an address, also
    the password in it. What has fewer than four characters would hide half of every line, and is left alone."""
    passwords = [urlsplit(each).password or "" for each in secrets if "://" in each]
    for secret in (each for each in (*secrets, *passwords) if len(each) >= 4):
        _hidden.settings.add(secret)
        _hidden.know(secret, "setting")


# --- ids -------------------------------------------------------------------------------------------------------------


class Ids(TypedDict, total=False):
    """By what a delivery, a job or a review is found again. Nothing else may stand in a span or a log line's fields."""

    delivery: str
    job: str
    key: str
    installation: int
    repository: int
    pull: int
    head: str
    worker: str
    step: str


_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}")
_bound: ContextVar[Mapping[str, str | int]] = ContextVar("ids", default={})  # noqa: B039 - it is never changed in place


def _checked(ids: Mapping[str, Any]) -> dict[str, str | int]:
    out: dict[str, str | int] = {}
    for name, value in ids.items():
        if name not in Ids.__annotations__:
            raise TypeError(f"{name} is none of the ids that telemetry may carry")
        if isinstance(value, int):
            out[name] = value
        else:
            out[name] = _hidden.redact(value) if _ID.fullmatch(value) else "not an id"
    return out


@contextlib.contextmanager
def bound(**ids: Unpack[Ids]) -> Iterator[None]:
    """Have every log line inside carry these ids; a text that does not look like an id is left out."""
    with _carrying(_checked(ids)):
        yield


@contextlib.contextmanager
def _carrying(ids: Mapping[str, str | int]) -> Iterator[None]:
    before = _bound.set({**_bound.get(), **ids})
    try:
        yield
    finally:
        _bound.reset(before)


def _attributes(ids: Mapping[str, str | int]) -> dict[str, str | int]:
    return {f"ccopilot.{name}": value for name, value in ids.items()}


# --- metrics -----------------------------------------------------------------------------------------------------------

Stage = Literal["read", "judge", "publish", "whole"]
"""`judge` holds the wait for a worker; `whole` is from the check run's beginning until its conclusion stood there."""

Fate = Literal["applied", "fixed_otherwise", "ignored", "dismissed"]
Meaning = Literal["useful", "wrong"]

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_SLOW: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0)


class Standing(Protocol):
    """What the database knows of the work now. Each is asked whenever metrics are read, so each is one quick query."""

    def jobs(self) -> Mapping[str, int]:
        """How many jobs of each kind have not ended."""

    def heartbeats(self) -> Mapping[str, float]:
        """Seconds since each worker was last heard of, by its id."""

    def deliveries(self) -> int:
        """How many deliveries wait in the inbox to become jobs."""


class Intake:
    """The metrics of the process that takes deliveries, which also hands out those of the others."""

    def __init__(self) -> None:
        r = self.registry = CollectorRegistry()
        self._deliveries = Counter("ccopilot_deliveries", "Deliveries by what became of them", ["outcome"], registry=r)
        self._delivery_seconds = Histogram(
            "ccopilot_delivery_seconds", "Seconds until a delivery was answered", registry=r, buckets=_FAST
        )

    def delivery(self, outcome: str, seconds: float) -> None:
        """A delivery was answered."""
        self._deliveries.labels(outcome).inc()
        self._delivery_seconds.observe(seconds)

    def told(self, beside: Iterable[Path] = ()) -> bytes:
        """These metrics as Prometheus reads them, and what other processes wrote beside them."""
        out = [generate_latest(self.registry)]
        for path in beside:
            with contextlib.suppress(OSError):  # that process has written nothing yet
                out.append(path.read_bytes())
        return b"".join(out)


class Metrics:
    """The metrics of the process that does the steps of jobs. What is counted in a step may be counted again when that
    step is run again after a crash."""

    def __init__(self) -> None:
        r = self.registry = CollectorRegistry()
        Info("ccopilot_build", "The version that runs", registry=r).info({"version": __version__})
        self._written = Gauge(
            "ccopilot_metrics_written_seconds", "When these were written, in seconds since 1970", registry=r
        )
        self._reviews = Counter("ccopilot_reviews", "Reviews by their conclusion", ["conclusion"], registry=r)
        self._review_seconds = Histogram(
            "ccopilot_review_seconds", "Seconds of a review by stage", ["stage"], registry=r, buckets=_SLOW
        )
        self._drafts = Counter(
            "ccopilot_drafts", "Drafted fixes by who drafted and what the gate said", ["origin", "outcome"], registry=r
        )
        self._refusals = Counter(
            "ccopilot_draft_refusals",
            "Withheld drafts by each validator that did not pass them",
            ["validator"],
            registry=r,
        )
        self._calls = Counter(
            "ccopilot_model_calls",
            "Questions to the language model by how they ended",
            ["outcome", "cached"],
            registry=r,
        )
        self._tokens = Counter("ccopilot_model_tokens", "Tokens sent and received", ["direction"], registry=r)
        self._cost = Counter(
            "ccopilot_model_cost", "What the model cost, in the money of the configured prices", registry=r
        )
        self._fates = Counter("ccopilot_suggestions", "Suggestions by what became of them", ["fate"], registry=r)
        self._reactions = Counter("ccopilot_reactions", "People's reactions to comments", ["meaning"], registry=r)
        self._remaining = Gauge(
            "ccopilot_github_rate_limit_remaining", "Requests that GitHub allows yet", ["installation"], registry=r
        )

    def stage(self, stage: Stage, seconds: float) -> None:
        """A stage of a review came to its end."""
        self._review_seconds.labels(stage).observe(seconds)

    def review(self, judged: Judged) -> None:
        """A review was published: its conclusion, its drafts, and what the model was asked."""
        self._reviews.labels(judged.publication.conclusion).inc()
        asked: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        for draft in judged.record.get("drafts", ()):
            how = draft.get("drafting")
            self._drafts.labels(draft.get("origin") or ("model" if how else "recipe"), draft["outcome"]).inc()
            if draft["outcome"] == "withheld":
                for name in sorted({v["validator"] for v in draft["verdicts"] if v["outcome"] in ("fail", "unknown")}):
                    self._refusals.labels(name).inc()
            for call in (how or {}).get("calls", ()):
                # Drafts that came of one conversation each tell all of it.
                asked[call["prompt"], call["digest"], call["sample"], call["round"]] = call
        for call in asked.values():
            self._calls.labels(call["outcome"], "yes" if call["cached"] else "no").inc()
            if not call["cached"]:
                self._tokens.labels("sent").inc(call["input_tokens"])
                self._tokens.labels("received").inc(call["output_tokens"])
                self._cost.inc(call["money"])

    def ended(self, how: Literal["superseded", "failed", "cancelled"]) -> None:
        """A review ended without a conclusion of its own."""
        self._reviews.labels(how).inc()

    def fate(self, fate: Fate) -> None:
        """What became of a suggestion was seen."""
        self._fates.labels(fate).inc()

    def reaction(self, meaning: Meaning) -> None:
        """Somebody said what a comment was worth."""
        self._reactions.labels(meaning).inc()

    def rate_limit(self, installation: int, remaining: int) -> None:
        """GitHub said how many more requests it allows an installation."""
        self._remaining.labels(str(installation)).set(remaining)

    def watch(self, standing: Standing) -> None:
        """Also tell what the database knows, each time that metrics are read."""
        self.registry.register(_Collector(standing))

    def write(self, path: Path) -> None:
        """Put them where the intake finds them, whole or not at all."""
        self._written.set_to_current_time()
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_bytes(generate_latest(self.registry))
        beside.replace(path)


class _Collector:
    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def _families(self) -> tuple[GaugeMetricFamily, ...]:
        return (
            GaugeMetricFamily("ccopilot_database_up", "Whether the database answered"),
            GaugeMetricFamily("ccopilot_jobs", "Jobs that have not ended", labels=["kind"]),
            GaugeMetricFamily(
                "ccopilot_worker_heartbeat_age_seconds", "Seconds since a worker was last heard of", labels=["worker"]
            ),
            GaugeMetricFamily("ccopilot_deliveries_waiting", "Deliveries that have become no job yet"),
        )

    def describe(self) -> Iterable[Metric]:
        return self._families()

    def collect(self) -> Iterable[Metric]:
        up, jobs, beats, waiting = families = self._families()
        try:
            for kind, number in self._standing.jobs().items():
                jobs.add_metric([kind], number)
            for worker, seconds in self._standing.heartbeats().items():
                beats.add_metric([worker], seconds)
            waiting.add_metric([], self._standing.deliveries())
        except Exception as error:  # whatever ails the database, the other metrics are read all the same
            _log.warning("the database did not answer for the metrics: %s", type(error).__name__)
            up.add_metric([], 0)
            return (up,)
        up.add_metric([], 1)
        return families


# --- traces ------------------------------------------------------------------------------------------------------------

_TEXT: Final = TraceContextTextMapPropagator()
_ours: list[TracerProvider] = []
"""Not the provider of the whole process: other libraries put contents into theirs."""
_forced: ContextVar[tuple[int, int] | None] = ContextVar("forced", default=None)


@contextlib.contextmanager
def span(name: str, *, parent: str = "", **ids: Unpack[Ids]) -> Iterator[None]:
    """A span with these ids, and log lines with them. `name` is a word of the program; `parent` is what `trace_of` gave,
    maybe in another process. A failure leaves the kind of the error, never what it says.
    """
    context = _TEXT.extract({"traceparent": parent}, Context()) if parent else None
    known = _checked(ids)
    with (
        _carrying(known),
        _tracer().start_as_current_span(
            name, context, attributes=_attributes(known), record_exception=False, set_status_on_exception=False
        ) as made,
    ):
        try:
            yield
        except BaseException as error:
            made.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


@contextlib.contextmanager
def root(name: str, id: str, **ids: Unpack[Ids]) -> Iterator[None]:
    """The first span of a trace, whose numbers follow from the id of a delivery or a job: `trace_of` finds them without
    asking anybody, in any process and after any crash. The span in which it is begun is linked to.
    """
    cause = trace.get_current_span().get_span_context()
    links = [trace.Link(cause)] if cause.is_valid else []
    known = _checked(ids)
    forced = _forced.set(_numbers(id))
    try:
        # What a sender says of traces is not ours.
        context = trace.set_span_in_context(trace.INVALID_SPAN, Context())
        with _tracer().start_as_current_span(
            name,
            context,
            attributes=_attributes(known),
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ):
            _forced.set(None)
            with _carrying(known):
                yield
    finally:
        _forced.reset(forced)


def trace_of(id: str) -> str:
    """What a span that follows from a delivery or belongs to a job has as its parent, as the text that W3C defines."""
    of_trace, of_span = _numbers(id)
    return f"00-{of_trace:032x}-{of_span:016x}-01"


def start_traces() -> bool:
    """Send spans to the collector that OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) names; false where none is
    named, or the package that sends them is not installed."""
    if not any(os.environ.get(f"OTEL_EXPORTER_OTLP_{name}") for name in ("ENDPOINT", "TRACES_ENDPOINT")):
        return False
    exporter = _exporter()
    if exporter is None:
        _log.warning(
            "traces are asked for, and no exporter is installed: pip install opentelemetry-exporter-otlp-proto-http"
        )
        return False
    trace_to(exporter, at_once=False)
    return True


def trace_to(exporter: SpanExporter, *, at_once: bool = True) -> None:
    """Give spans to an exporter, each when it ends, or many together a little later."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Numbers(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            forced = _forced.get()
            return forced[0] if forced else super().generate_trace_id()

        def generate_span_id(self) -> int:
            forced = _forced.get()
            return forced[1] if forced else super().generate_span_id()

    stop_traces()
    name = os.environ.get("OTEL_SERVICE_NAME") or "ccopilot"
    made = TracerProvider(
        resource=Resource.create({"service.name": name, "service.version": __version__}), id_generator=Numbers(),
        shutdown_on_exit=False,
    )  # fmt: skip
    made.add_span_processor(SimpleSpanProcessor(exporter) if at_once else BatchSpanProcessor(exporter))
    _ours.append(made)


def stop_traces() -> None:
    """Send what waits to be sent, and no more."""
    while _ours:
        _ours.pop().shutdown()


def _numbers(id: str) -> tuple[int, int]:
    found = hashlib.sha256(f"trace {id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(found[:16]) or 1, int.from_bytes(found[16:24]) or 1


def _tracer() -> Tracer:
    return _ours[-1].get_tracer("ccopilot", __version__) if _ours else trace.NoOpTracer()


def _exporter() -> SpanExporter | None:
    """The exporter of the protocol that is asked for, or of one that is installed where nothing is said."""
    wanted = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")
    if wanted in ("", "http/protobuf"):
        with contextlib.suppress(ImportError):
            from opentelemetry.exporter.otlp.proto.http import trace_exporter as over_http  # type: ignore[import-not-found, unused-ignore]

            return over_http.OTLPSpanExporter()  # type: ignore[no-any-return, unused-ignore]
    if wanted in ("", "grpc"):
        with contextlib.suppress(ImportError):
            from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as over_grpc

            return over_grpc.OTLPSpanExporter()
    return None


# --- logs --------------------------------------------------------------------------------------------------------------

_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_OURS: Final = ("copilot", "github_app", "validators", "evals")
_ADOPTED: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "dbos")


class _Identified(logging.Filter):
    """Puts the bound ids and the trace on each record, before it is redacted."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _bound.get().items():
            setattr(record, name, value)
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            record.trace = f"{context.trace_id:032x}"
        return True


class _AsJson(logging.Formatter):
    """One line of JSON for each record."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in _PLAIN and name not in said}
        if record.exc_text:
            said["exception"] = record.exc_text
        if record.stack_info:
            said["stack"] = record.stack_info
        return json.dumps(said, ensure_ascii=False, default=str)


class _AsText(logging.Formatter):
    """A line for people, with the ids at its end."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        ids = " ".join(f"{name}={value}" for name, value in vars(record).items() if name in Ids.__annotations__)
        return f"{line}  [{ids}]" if ids and "\n" not in line else line


def log_to_stderr(
    *, json: bool = True, level: int = logging.INFO, stream: TextIO | None = None, logger: logging.Logger | None = None
) -> logging.Handler:
    """Write what is logged to stderr, redacted: of ours from `level` up, of other libraries warnings alone."""
    root = logger or logging.getLogger()
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_AsJson() if json else _AsText("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(_Identified())
    root.addHandler(handler)
    root.setLevel(logging.WARNING if logger is None else level)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    adopt()
    logs.install(root, _hidden)
    return handler


def adopt() -> None:
    """Have libraries that bring handlers of their own log through ours; to be called again after one was started."""
    for name in _ADOPTED:
        found = logging.getLogger(name)
        found.handlers.clear()
        found.propagate = True
        found.setLevel(logging.WARNING)
