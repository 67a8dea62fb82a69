"""What an operator sees: numbers that add up, spans that hang together over processes, and no secret anywhere."""

from __future__ import annotations

import concurrent.futures
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from copilot import __version__
from github_app import edge, telemetry
from github_app.client import GitHub
from github_app.inbox import Inbox
from github_app.telemetry import Intake, Metrics
from tests.github_app.conftest import served
from tests.github_app.double import Double
from tests.github_app.test_edge import delivery, get, post
from tests.github_app.test_events import SECRET
from tests.github_app.test_judged import judge
from tests.trees import key, volume

TOP = Path(__file__).parents[2]
TOKEN = "ghs_" + "16C7e42F292c6912E7710c838347Ae178B4a"
PASSWORD = "correct horse battery staple 9"
KEY = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA4mH5qkLs42hKbXUAaMK6wPFFavsCOimItbuc63OQ14qPmuz9\n" * 4 + "-----END RSA PRIVATE KEY-----"  # fmt: skip
SHA = "3f786850e387550fdab836ed7e6dc881de23001b"


def samples(metrics: Metrics) -> dict[str, float]:
    """Every sample but those of histograms' buckets and of creation times."""
    out = {}
    for line in generate_latest(metrics.registry).decode().splitlines():
        name, _, value = line.rpartition(" ")
        if line and not line.startswith("#") and "_bucket" not in name and "_created" not in name:
            out[name] = float(value)
    return out


# --- metrics -----------------------------------------------------------------------------------------------------------


def test_a_review_is_counted_with_its_stages_and_drafts() -> None:
    judged = judge({"main.tf": "\n"}, {"main.tf": key() + volume()})
    metrics = Metrics()
    metrics.stage("judge", 1.5)
    metrics.stage("whole", 4.0)
    metrics.review(judged)
    metrics.ended("superseded")
    found = samples(metrics)
    assert found['ccopilot_reviews_total{conclusion="failure"}'] == 1
    assert found['ccopilot_reviews_total{conclusion="superseded"}'] == 1
    assert found['ccopilot_review_seconds_sum{stage="judge"}'] == 1.5
    assert found['ccopilot_review_seconds_count{stage="whole"}'] == 1
    assert found['ccopilot_drafts_total{origin="recipe",outcome="approved"}'] == len(judged.fixes) == 2
    assert found[f'ccopilot_build_info{{version="{__version__}"}}'] == 1


def call(**changed: Any) -> dict[str, Any]:
    return {
        "prompt": "remediate", "version": 1, "digest": "d", "sample": 0, "round": 0, "outcome": "edits", "input_tokens": 100,
        "output_tokens": 10, "money": 0.25, "cached": False, **changed,
    }  # fmt: skip


def test_what_the_model_was_asked_is_counted_once_though_several_drafts_came_of_it() -> None:
    drafting = {"model": "m", "samples": 2, "agreed": 2, "rounds": 0, "calls": [call(), call(sample=1, cached=True), call(round=1, outcome="timeout", input_tokens=0, output_tokens=0, money=0.0)]}  # fmt: skip
    verdicts = [
        {"validator": "applies", "outcome": "pass"}, {"validator": "honest", "outcome": "fail"},
        {"validator": "tests", "outcome": "unknown"}, {"validator": "minimal", "outcome": "not_applicable"},
    ]  # fmt: skip
    record = {
        "drafts": [
            {"outcome": "withheld", "origin": "model", "verdicts": verdicts, "drafting": drafting},
            {"outcome": "abstained", "drafting": drafting},
            {"outcome": "abstained"},
        ]
    }
    metrics = Metrics()
    metrics.review(replace(judge({"main.tf": "\n"}, {"main.tf": "\n"}), record=record))
    found = {name: value for name, value in samples(metrics).items() if "draft" in name or "model" in name}
    assert found == {
        'ccopilot_drafts_total{origin="model",outcome="withheld"}': 1,
        'ccopilot_drafts_total{origin="model",outcome="abstained"}': 1,
        'ccopilot_drafts_total{origin="recipe",outcome="abstained"}': 1,
        'ccopilot_draft_refusals_total{validator="honest"}': 1,
        'ccopilot_draft_refusals_total{validator="tests"}': 1,
        'ccopilot_model_calls_total{cached="no",outcome="edits"}': 1,
        'ccopilot_model_calls_total{cached="yes",outcome="edits"}': 1,
        'ccopilot_model_calls_total{cached="no",outcome="timeout"}': 1,
        'ccopilot_model_tokens_total{direction="sent"}': 100,
        'ccopilot_model_tokens_total{direction="received"}': 10,
        "ccopilot_model_cost_total": 0.25,
    }


def test_fates_and_reactions_are_counted() -> None:
    metrics = Metrics()
    metrics.fate("applied")
    metrics.fate("ignored")
    metrics.reaction("wrong")
    found = samples(metrics)
    assert (
        found['ccopilot_suggestions_total{fate="applied"}'] == found['ccopilot_suggestions_total{fate="ignored"}'] == 1
    )
    assert found['ccopilot_reactions_total{meaning="wrong"}'] == 1


def test_how_many_requests_github_allows_is_told_after_each(double: Double) -> None:
    metrics = Metrics()
    github = GitHub(
        double.name, lambda: "good", base_url=double.url, timeout=5, allowed=lambda left: metrics.rate_limit(99, left)
    )
    github.pull(1)
    assert samples(metrics)['ccopilot_github_rate_limit_remaining{installation="99"}'] == 5000 - double._count
    github.default_branch()
    assert samples(metrics)['ccopilot_github_rate_limit_remaining{installation="99"}'] == 4998


class Database:
    """What stands in the database, until it is away."""

    away = False

    def jobs(self) -> Mapping[str, int]:
        if self.away:
            raise OSError(f"connection to postgresql://copilot:{PASSWORD}@db failed")
        return {"review": 3, "comment": 1}

    def heartbeats(self) -> Mapping[str, float]:
        return {"worker-1": 2.5}

    def deliveries(self) -> int:
        return 7


def test_what_stands_in_the_database_is_read_with_the_metrics() -> None:
    metrics = Metrics()
    metrics.watch(Database())
    found = samples(metrics)
    assert found["ccopilot_database_up"] == 1
    assert found['ccopilot_jobs{kind="review"}'] == 3
    assert found['ccopilot_worker_heartbeat_age_seconds{worker="worker-1"}'] == 2.5
    assert found["ccopilot_deliveries_waiting"] == 7


def test_a_database_that_is_away_hides_no_other_metric(lines: io.StringIO) -> None:
    metrics, database = Metrics(), Database()
    database.away = True  # also while it is watched for the first time
    metrics.watch(database)
    metrics.ended("failed")
    found = samples(metrics)
    assert found["ccopilot_database_up"] == 0 and found['ccopilot_reviews_total{conclusion="failed"}'] == 1
    assert "ccopilot_deliveries_waiting" not in found
    assert PASSWORD not in lines.getvalue() and "OSError" in lines.getvalue()


def test_the_intake_tells_its_metrics_and_those_that_other_processes_wrote(inbox: Inbox, tmp_path: Path) -> None:
    steps, nobodys = tmp_path / "steps.prom", tmp_path / "none.prom"
    with served(edge.build(inbox, [SECRET], metrics=(nobodys, steps))) as there:
        post(there, *delivery("one"))
        alone = get(there, "/metrics")[1]
        metrics = Metrics()
        metrics.watch(Database())
        metrics.ended("failed")
        metrics.write(steps)
        both = get(there, "/metrics")[1]
    assert 'ccopilot_deliveries_total{outcome="accepted"} 1.0' in alone and "ccopilot_reviews" not in alone
    families = [each.name for each in text_string_to_metric_families(both)]
    assert len(families) == len(set(families)) and {"ccopilot_deliveries", "ccopilot_reviews", "ccopilot_jobs"} <= set(
        families
    )
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".sqlite" and path.is_file()] == ["steps.prom"]


def test_the_documentation_lists_every_metric() -> None:
    metrics = Metrics()
    metrics.watch(Database())
    names = {each.name for registry in (metrics.registry, Intake().registry) for each in registry.collect()}
    text = (TOP / "docs" / "github-app.md").read_text("utf-8")
    assert {name for name in names if f"`{name}" not in text} == set()


# --- traces ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    telemetry.trace_to(exporter)
    yield exporter
    telemetry.stop_traces()


def ended(spans: InMemorySpanExporter) -> dict[str, Any]:
    return {each.name: each for each in spans.get_finished_spans()}


def test_a_job_has_a_trace_of_its_own_in_every_process_and_leads_back_to_its_delivery(
    spans: InMemorySpanExporter,
) -> None:
    with telemetry.root(
        "delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958", delivery="72d3162e-cc78-11e3-81ab-4c9367dc0958"
    ):
        pass
    # What comes after knows the ids alone: of the delivery, then of the job.
    with telemetry.span("forward", parent=telemetry.trace_of("72d3162e-cc78-11e3-81ab-4c9367dc0958")):
        with telemetry.root("review", "review-1", job="review-1", pull=3):
            pass
    with concurrent.futures.ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(_judge, telemetry.trace_of("review-1")).result()
    found = ended(spans)
    assert found["delivery"].parent is None and found["review"].parent is None
    assert found["forward"].parent.span_id == found["delivery"].context.span_id
    assert [each.context.span_id for each in found["review"].links] == [found["forward"].context.span_id]
    assert found["judge"].context.trace_id == found["review"].context.trace_id
    assert found["judge"].parent.span_id == found["review"].context.span_id
    assert dict(found["review"].attributes) == {"ccopilot.job": "review-1", "ccopilot.pull": 3}


def _judge(parent: str) -> None:
    with telemetry.span("judge", parent=parent, head=SHA):
        pass


def test_the_edge_begins_a_trace_for_each_delivery(
    port: int,
    inbox: Inbox,
    spans: InMemorySpanExporter,
) -> None:
    post(port, *delivery("one"))
    (span,) = spans.get_finished_spans()
    assert telemetry.trace_of("one").split("-")[1:3] == [
        f"{span.context.trace_id:032x}",
        f"{span.context.span_id:016x}",
    ]
    assert dict(span.attributes or {}) == {"ccopilot.delivery": "one"}


def test_other_deliveries_have_other_traces_and_spans_within_have_ids_of_their_own(spans: InMemorySpanExporter) -> None:
    for name in ("one", "two"):
        with telemetry.root("delivery", name), telemetry.span("forward"):
            pass
    found = spans.get_finished_spans()
    assert len({each.context.trace_id for each in found}) == 2
    assert len({each.context.span_id for each in found}) == 4


def test_a_failure_leaves_its_kind_and_not_what_it_says(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError), telemetry.span("judge", key="k"):
        raise ValueError(f"no good: {TOKEN}")
    (span,) = spans.get_finished_spans()
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, "ValueError", ())
    assert TOKEN not in span.to_json()


def test_a_span_carries_ids_and_nothing_else(spans: InMemorySpanExporter) -> None:
    telemetry.never_tell("worker-password-of-somebody")
    with telemetry.span("judge", key=f"the key is {PASSWORD}", head=TOKEN, worker="worker-password-of-somebody"):
        pass
    with pytest.raises(TypeError), telemetry.span("judge", title="Add a bucket"):  # type: ignore[call-arg]
        pass
    (span,) = spans.get_finished_spans()
    told = span.to_json()
    assert PASSWORD not in told and TOKEN not in told and "worker-password" not in told
    assert span.attributes is not None and span.attributes["ccopilot.key"] == "not an id"


def test_a_parent_that_is_none_begins_anew(spans: InMemorySpanExporter) -> None:
    with telemetry.span("review", parent="00-zz-zz-01"):
        pass
    assert spans.get_finished_spans()[0].parent is None


def test_the_process_has_no_provider_into_which_other_libraries_could_write(spans: InMemorySpanExporter) -> None:
    with trace.get_tracer("another-library").start_as_current_span("prompt", attributes={"prompt": "text"}):
        pass
    assert spans.get_finished_spans() == ()


def test_without_a_collector_that_is_named_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", raising=False)
    assert telemetry.start_traces() is False
    with telemetry.root("delivery", "one"), telemetry.span("review", parent=telemetry.trace_of("one")):
        assert not trace.get_current_span().is_recording()


def test_an_exporter_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch, lines: io.StringIO) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
    assert telemetry.start_traces() is False
    assert "no exporter is installed" in lines.getvalue()


def test_spans_reach_a_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    grpc = pytest.importorskip("grpc")
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

    received: list[str] = []

    class Collector(trace_service_pb2_grpc.TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:
            received.extend(s.name for r in request.resource_spans for c in r.scope_spans for s in c.spans)
            return trace_service_pb2.ExportTraceServiceResponse()

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Collector(), server)
    there = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{there}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    try:
        assert telemetry.start_traces() is True
        with telemetry.span("review", key="k"), telemetry.span("judge"):
            pass
        telemetry.stop_traces()
        assert received == ["judge", "review"]
    finally:
        telemetry.stop_traces()
        server.stop(0).wait()


# --- logs --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the App's own logger writes."""
    stream = io.StringIO()
    logger = logging.getLogger("github_app")
    handler = telemetry.log_to_stderr(stream=stream, logger=logger)
    yield stream
    logger.removeHandler(handler)
    for name in telemetry._OURS + telemetry._ADOPTED:
        logging.getLogger(name).setLevel(logging.NOTSET)


def told(lines: io.StringIO) -> list[dict[str, Any]]:
    return [{k: v for k, v in json.loads(line).items() if k != "time"} for line in lines.getvalue().splitlines()]


def test_a_line_is_json_with_the_ids_that_are_bound(lines: io.StringIO, spans: InMemorySpanExporter) -> None:
    log = logging.getLogger("github_app.jobs")
    with telemetry.span("review", parent=telemetry.trace_of("one"), delivery="one", key="k1", pull=3):
        log.info("the review\nbegins", extra={"attempt": 2})
    log.info("after")
    assert told(lines) == [
        {
            "level": "info", "logger": "github_app.jobs", "message": "the review\nbegins", "attempt": 2, "delivery": "one",
            "key": "k1", "pull": 3, "trace": telemetry.trace_of("one").split("-")[1],
        },
        {"level": "info", "logger": "github_app.jobs", "message": "after"},
    ]  # fmt: skip


def test_no_planted_secret_is_in_a_line(lines: io.StringIO) -> None:
    telemetry.never_tell(f"postgresql://copilot:{PASSWORD}@db/copilot")
    log = logging.getLogger("github_app.worker")
    with telemetry.bound(delivery=TOKEN, key=f"x {PASSWORD}"):
        log.warning("token %s and %s", TOKEN, PASSWORD, extra={"answer": {"body": [TOKEN]}})
        log.warning("wrong %d", TOKEN)
        try:
            raise RuntimeError(f"{KEY} for {PASSWORD}")
        except RuntimeError:
            log.exception("it failed with %s", KEY, stack_info=True)
    text = lines.getvalue()
    assert len(told(lines)) == 3 and "RuntimeError" in text
    for secret in (TOKEN, PASSWORD, "MIIEpAIBAAKCAQEA4mH5"):
        assert secret not in text


def test_a_whole_program_logs_so_and_other_libraries_only_warn() -> None:
    program = f"""
import logging
for name in ("uvicorn", "uvicorn.access", "dbos"):
    logging.getLogger(name).addHandler(logging.StreamHandler())
    logging.getLogger(name).propagate = False
from github_app import telemetry
telemetry.log_to_stderr()
logging.getLogger("uvicorn.access").info("GET /setup?token=x")
logging.getLogger("httpx").info("POST https://user:pass@models.example")
logging.getLogger("dbos").warning("{TOKEN} is away")
logging.getLogger("github_app.serve").info("ready")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=TOP,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(each["logger"], each["message"]) for each in found] == [
        ("dbos", "⟦secret:github_token:1⟧ is away"), ("github_app.serve", "ready"),
    ]  # fmt: skip
    assert done.stdout == ""


def test_a_line_for_people_ends_with_the_ids() -> None:
    stream, logger = io.StringIO(), logging.getLogger("github_app.people")
    handler = telemetry.log_to_stderr(json=False, stream=stream, logger=logger)
    try:
        with telemetry.bound(delivery="one", pull=3):
            logger.info("ready")
    finally:
        logger.removeHandler(handler)
    assert stream.getvalue().endswith("INFO    github_app.people: ready  [delivery=one pull=3]\n")
