"""Exchanges with a real language model, recorded over HTTP and replayed: `make record` asks the model again.

A cassette holds what was sent and what came back, without host, key, or any header that says where and when it was made.
When it is replayed, nothing is connected to, and a request that differs in method, path or body is an error.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import vcr

FOLDER: Final = Path(__file__).parent / "cassettes"
HOST: Final = "llm.invalid"
RECORDING: Final = os.environ.get("CCOPILOT_RECORD", "")
"""The base URL of the endpoint to record from; empty when cassettes are replayed."""

URL: Final = RECORDING or f"http://{HOST}/v1"
MODEL: Final = os.environ.get("CCOPILOT_RECORD_MODEL") or "recorded"
KEY: Final = os.environ.get("OPENAI_API_KEY", "") if RECORDING else ""

_KEPT: Final = {"content-type"}


def _request(request: Any) -> Any:
    request.uri = f"http://{HOST}/v1{request.uri.removeprefix(RECORDING.rstrip('/'))}" if RECORDING else request.uri
    # Which model answered stands in the response; whoever replays asks for none by name.
    request.body = json.dumps({**json.loads(request.body), "model": "recorded"}, ensure_ascii=False).encode()
    request.headers = {name: value for name, value in request.headers.items() if name.lower() in _KEPT}
    return request


def _response(response: Any) -> Any:
    """The answer, without what tells one endpoint, account or moment from another."""
    headers = {name.lower(): value for name, value in response["headers"].items() if name.lower() in _KEPT}
    body = json.loads(response["body"]["string"])
    kept = {name: body[name] for name in ("object", "model", "choices", "usage", "error") if name in body}
    text = json.dumps({"id": "recorded", "created": 0, **kept}, ensure_ascii=False)
    if KEY:
        text = text.replace(KEY, "[withheld]")
    return {**response, "headers": headers, "body": {"string": text.encode()}}


@contextlib.contextmanager
def recorded(name: str) -> Iterator[None]:
    """Replay the cassette of that name, all of it; or record it when CCOPILOT_RECORD names an endpoint."""
    file = FOLDER / f"{name}.yaml"
    if RECORDING:
        file.unlink(missing_ok=True)
    player = vcr.VCR(
        record_mode=vcr.mode.ONCE if RECORDING else vcr.mode.NONE, match_on=["method", "path", "body"],
        before_record_request=_request, before_record_response=_response,
    )  # fmt: skip
    with player.use_cassette(str(file)) as cassette:
        yield
    assert RECORDING or cassette.all_played, f"{file.name} holds exchanges that nothing asks for"
