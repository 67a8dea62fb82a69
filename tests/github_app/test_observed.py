"""A review by the real processes, as an operator sees it: one trace over all of them, numbers, lines; and no secret."""

from __future__ import annotations

import concurrent.futures
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.github_app.double import Double
from tests.github_app.serving import SECRET, Served, pull_request, until

grpc = pytest.importorskip("grpc")


class Collector:
    """A collector of traces over gRPC on loopback; `spans` are those that it was sent, with the bytes of each request."""

    def __init__(self) -> None:
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

        self.spans: list[Any] = []
        self.bytes = b""
        collector = self

        class Service(trace_service_pb2_grpc.TraceServiceServicer):
            def Export(self, request: Any, context: Any) -> Any:
                collector.bytes += request.SerializeToString()
                collector.spans += [s for r in request.resource_spans for c in r.scope_spans for s in c.spans]
                return trace_service_pb2.ExportTraceServiceResponse()

        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Service(), self._server)
        self.url = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def close(self) -> None:
        self._server.stop(0).wait()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def test_a_review_is_seen_from_its_delivery_to_its_end_and_no_secret_with_it(
    double: Double, tmp_path: Path, app_key: str, collector: Collector
) -> None:
    app = Served(double, tmp_path / "home", app_key)
    try:
        app.start(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
        assert app.send(pull_request(double), delivery="one") == 202
        until(app.concluded)
        until(lambda: app.store().outcomes() == {"published": 1})
        live = requests.get(f"{app.url}/metrics", timeout=30).text
        assert app.stop() == 0
    finally:
        app.kill()
    assert 'ccopilot_deliveries_total{outcome="accepted"} 1.0' in live and "ccopilot_database_up 1.0" in live
    written = (tmp_path / "home" / "metrics.prom").read_text("utf-8")
    conclusion = double.checks[0]["conclusion"]
    assert f'ccopilot_reviews_total{{conclusion="{conclusion}"}} 1.0' in written
    assert 'ccopilot_review_seconds_count{stage="judge"} 1.0' in written and "ccopilot_github_rate_limit" in written

    spans = {each.name: each for each in collector.spans}
    steps = ["begin", "gather", "watch", "judge", "publish", "close"]
    assert {"delivery", "forward", "review", *steps} <= set(spans)
    assert {spans[name].trace_id for name in steps} == {spans["review"].trace_id}
    assert {spans[name].parent_span_id for name in steps} == {spans["review"].span_id}
    assert spans["forward"].parent_span_id == spans["delivery"].span_id
    assert [link.span_id for link in spans["review"].links] == [spans["forward"].span_id]

    log = app.log.read_text("utf-8")
    assert [line for line in log.splitlines() if not line.startswith("{")] == []
    for line in log.splitlines():
        json.loads(line)
    tokens = [token for token in double.tokens if token != "good"]
    assert tokens
    for secret in (SECRET, *app_key.splitlines()[1:-1], *tokens, "main.tf", double.name):
        assert secret.encode() not in collector.bytes, secret
    for secret in (SECRET, *app_key.splitlines()[1:-1], *tokens):
        assert secret not in log + live + written, secret
