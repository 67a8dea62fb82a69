"""The edge: takes deliveries, checks their signature, puts them into the inbox, and answers. It does nothing else."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Sequence

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from github_app import events
from github_app.inbox import Inbox, InboxClosed

_log = logging.getLogger(__name__)
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


def build(inbox: Inbox, secrets: Sequence[bytes]) -> FastAPI:
    """The web application: `/webhook`, `/healthz`, `/metrics`."""
    app = FastAPI(title="ccopilot", docs_url=None, redoc_url=None, openapi_url=None)
    registry = CollectorRegistry()
    taken = Counter("ccopilot_deliveries", "Deliveries by what became of them", ["outcome"], registry=registry)
    seconds = Histogram(
        "ccopilot_delivery_seconds", "Seconds until a delivery was answered", registry=registry, buckets=_BUCKETS
    )

    @app.post("/webhook")
    async def webhook(request: Request) -> Response:
        began = time.perf_counter()
        status, outcome = await _taken(request, inbox, secrets)
        taken.labels(outcome).inc()
        seconds.observe(time.perf_counter() - began)
        return Response(outcome, status_code=status, media_type="text/plain")

    @app.get("/healthz")
    async def healthz() -> Response:
        alive = inbox.alive
        return Response(
            "ok" if alive else "the inbox takes nothing", status_code=200 if alive else 503, media_type="text/plain"
        )

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


async def _taken(request: Request, inbox: Inbox, secrets: Sequence[bytes]) -> tuple[int, str]:
    """The answer to a delivery: a status and one word, which says nothing that the sender does not know."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > events.MAX_BYTES:
        return 413, "too_large"
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > events.MAX_BYTES:
            return 413, "too_large"
    try:
        event = events.parse(request.headers, bytes(body), secrets)
    except events.Refused as refused:
        _log.warning("a delivery was refused: %s", type(refused).__name__)
        return refused.status, {401: "unsigned", 413: "too_large"}.get(refused.status, "malformed")
    if isinstance(event, events.Ignored):
        return 202, "ignored"
    try:
        new = await asyncio.wrap_future(inbox.put(event))
    except (InboxClosed, sqlite3.Error) as error:
        _log.error("a delivery could not be kept: %s", type(error).__name__)
        return 503, "not_kept"
    return 202, "accepted" if new else "known"
