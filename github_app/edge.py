"""The edge: takes deliveries, checks their signature, puts them into the inbox, and answers. It does nothing else."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from github_app import events, telemetry
from github_app.inbox import Inbox, InboxClosed, delivery_of
from github_app.telemetry import Intake

_log = logging.getLogger(__name__)


def build(inbox: Inbox, secrets: Sequence[bytes], *, metrics: Sequence[Path] = ()) -> FastAPI:
    """The web application: `/webhook`, `/healthz`, `/metrics`. `metrics` are files in which other processes write theirs."""
    app = FastAPI(title="ccopilot", docs_url=None, redoc_url=None, openapi_url=None)
    counted = Intake()

    @app.post("/webhook")
    async def webhook(request: Request) -> Response:
        began = time.perf_counter()
        status, outcome = await _taken(request, inbox, secrets)
        counted.delivery(outcome, time.perf_counter() - began)
        return Response(outcome, status_code=status, media_type="text/plain")

    @app.get("/healthz")
    async def healthz() -> Response:
        alive = inbox.alive
        return Response(
            "ok" if alive else "the inbox takes nothing", status_code=200 if alive else 503, media_type="text/plain"
        )

    @app.get("/metrics")
    def told() -> Response:  # in a thread, since it reads files
        return Response(counted.told(metrics), media_type=CONTENT_TYPE_LATEST)

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
    with telemetry.root("delivery", delivery_of(event), delivery=delivery_of(event)):
        try:
            new = await asyncio.wrap_future(inbox.put(event))
        except (InboxClosed, sqlite3.Error) as error:
            _log.error("a delivery could not be kept: %s", type(error).__name__)
            return 503, "not_kept"
    return 202, "accepted" if new else "known"
