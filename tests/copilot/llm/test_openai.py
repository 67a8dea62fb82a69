"""An endpoint may answer in any way, or not at all: every call ends in time with an answer or the reason for none."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from copilot.llm.asking import Answer, NoAnswer, Usage
from copilot.llm.openai import OpenAICompatible
from copilot.llm.runtime import Attempt
from copilot.llm.settings import Azure, Endpoint
from tests.copilot.llm.endpoint import (
    SECRET,
    Behaviour,
    Received,
    Word,
    completion,
    error,
    question,
    reply,
    says,
    serving,
)  # fmt: skip


def provider(url: str, **more: Any) -> OpenAICompatible:
    size = {"max_bytes": more.pop("max_bytes")} if "max_bytes" in more else {}
    return OpenAICompatible(Endpoint(url, "m", SECRET, **{"timeout_seconds": 20.0, **more}), **size)


def attempt(*behaviours: Behaviour, **more: Any) -> Attempt[Word]:
    with serving(*behaviours) as at:
        return provider(at.url, **more).attempt(question())


def why(said: Attempt[Word]) -> tuple[str, str]:
    assert isinstance(said.result, NoAnswer)
    assert SECRET not in repr(said)
    return said.result.failure, said.result.detail


def test_an_answer_is_a_value_with_what_it_cost() -> None:
    said = attempt(says())
    assert isinstance(said.result, Answer)
    usage = said.result.usage
    assert said.result.value == Word(word="theodolite", length=10)
    assert usage == Usage("m", "probe", 1, "d1", 100, 20, usage.seconds) and 0 < usage.seconds < 20


def test_what_is_sent_is_what_was_asked_and_no_more() -> None:
    with serving(says()) as at:
        provider(at.url, headers={"x-team": "platform"}, max_output_tokens=77).attempt(question())
    (sent,) = at.received
    assert sent.path == "/v1/chat/completions"
    assert (sent.headers["authorization"], sent.headers["x-team"]) == (f"Bearer {SECRET}", "platform")
    assert sent.headers["accept-encoding"] == "identity"
    assert sent.body == {
        "model": "m",
        "messages": [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": "Which word?"}],
        "max_completion_tokens": 77,
        "stream": False,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "Word",
                "strict": True,
                "schema": {
                    "title": "Word",
                    "description": "What the questions of these tests ask for.",
                    "type": "object",
                    "properties": {
                        "word": {"title": "Word", "type": "string"},
                        "length": {"title": "Length", "type": "integer", "default": 0},
                    },
                    "required": ["word", "length"],
                    "additionalProperties": False,
                },
            },
        },
    }


def test_a_temperature_is_sent_when_it_is_set() -> None:
    with serving(says()) as at:
        provider(at.url, temperature=0.2, structured_output="none").attempt(question())
    assert (at.received[0].body["temperature"], "response_format" in at.received[0].body) == (0.2, False)


def test_azure_is_asked_at_its_deployment() -> None:
    with serving(says()) as at:
        OpenAICompatible(
            Endpoint(f"http://127.0.0.1:{at.port}", "d", SECRET, azure=Azure("2024-10-21", "d"))
        ).attempt(question())  # fmt: skip
    (sent,) = at.received
    assert sent.path == "/openai/deployments/d/chat/completions?api-version=2024-10-21"
    assert sent.headers["api-key"] == SECRET and "authorization" not in sent.headers


# --- structured output ---------------------------------------------------------------------------------------------

NO_SCHEMA = error(400, "response_format json_schema is not supported by this model")


def formats(received: list[Received]) -> list[str | None]:
    return [each.body.get("response_format", {}).get("type") for each in received]


def test_an_endpoint_that_knows_no_schema_is_asked_for_less_and_that_is_remembered() -> None:
    with serving(NO_SCHEMA, error(422, "unknown field response_format"), says()) as at:
        model = provider(at.url)
        first, second = model.attempt(question()), model.attempt(question())
    assert isinstance(first.result, Answer) and isinstance(second.result, Answer)
    assert formats(at.received) == ["json_schema", "json_object", None, None]


def test_what_the_settings_say_is_not_stepped_down_from() -> None:
    with serving(NO_SCHEMA) as at:
        said = provider(at.url, structured_output="json_schema").attempt(question())
    assert why(said) == ("rejected", "HTTP 400: response_format json_schema is not supported by this model")
    assert formats(at.received) == ["json_schema"]


# --- no answer, and why --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "failure", "detail"),
    [
        (says("{"), "invalid", "Invalid JSON: EOF while parsing an object at line 1 column 1"),
        (says("The word is theodolite."), "invalid", "Invalid JSON: expected value at line 1 column 1"),
        (says('{"word": 3}'), "invalid", "word: Input should be a valid string"),
        (says('{"word": "a", "approve": true}'), "invalid", "approve: Extra inputs are not permitted"),
        (says(""), "empty", "it wrote nothing"),
        (says(None), "empty", "it wrote nothing"),
        (reply(200, {**completion(), "choices": []}), "empty", "it wrote nothing"),
        (says('{"word": "theo', "length"), "truncated", "it stopped after 20 tokens"),
        (says(None, refusal="I cannot help with that."), "refused", "I cannot help with that."),
        (says("", "content_filter"), "filtered", "the endpoint's content filter held it back"),
        (error(400, "flagged", "content_filter"), "filtered", "the endpoint's content filter refused the question"),
        (error(401, f"Incorrect API key provided: {SECRET}"), "unauthorised", "HTTP 401: the endpoint does not accept the key"),
        (error(403, f"{SECRET} may not"), "unauthorised", "HTTP 403: the endpoint does not accept the key"),
        (error(404, "The model `m` does not exist"), "not_found", "HTTP 404: no such model or address at the endpoint"),
        (reply(404, "<html>404</html>", content_type="text/html"), "not_found", "HTTP 404: no such model or address at the endpoint"),
        (error(400, f"bad \x1b[31m{SECRET}\nrequest"), "rejected", "HTTP 400: bad [31m[withheld] request"),
        (error(413, "too large"), "rejected", "HTTP 413: too large"),
        (error(429, "slow down"), "rate_limited", "HTTP 429: slow down"),
        (error(500, "oops"), "unreachable", "HTTP 500"),
        (reply(502, "<html>Bad gateway</html>", content_type="text/html"), "unreachable", "HTTP 502"),
        (reply(302, "", location="http://127.0.0.1:9/v1"), "unreachable", "HTTP 302: it redirects to another address, which is not followed"),
        (reply(200, "<html>Log in</html>", content_type="text/html"), "unreachable", "it answered with something else than a completion"),
        (reply(200, "{\"choices\": [", content_type="application/json"), "unreachable", "it answered with something else than a completion"),
        (reply(200, "[]"), "unreachable", "it answered with something else than a completion"),
        (reply(200, {"choices": None}), "unreachable", "it answered with something else than a completion"),
        (reply(200, {"error": {"message": SECRET}}), "unreachable", "it answered with something else than a completion"),
        (reply(200, gzip.compress(json.dumps(completion()).encode()), content_encoding="gzip"), "unreachable", "it sends compressed answers, which were not asked for"),
    ],
)  # fmt: skip
def test_whatever_goes_wrong_is_a_reason(behaviour: Behaviour, failure: str, detail: str) -> None:
    assert why(attempt(behaviour)) == (failure, detail)


def test_only_429_and_5xx_may_be_tried_again() -> None:
    retried = {
        status: (said.retry, said.retry_after)
        for status in (400, 401, 404, 429, 500, 503)
        for said in [attempt(error(status, "no", retry_after="7"))]
    }
    assert retried == {
        400: (False, None), 401: (False, None), 404: (False, None), 429: (True, 7.0), 500: (True, 7.0), 503: (True, 7.0)
    }  # fmt: skip
    assert not attempt(error(429, "quota", "insufficient_quota")).retry


def test_a_date_to_wait_for_is_understood() -> None:
    at = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    waits = attempt(error(429, "no", retry_after=at)).retry_after
    assert waits is not None and 20 < waits <= 31
    assert attempt(error(429, "no", retry_after="soon")).retry_after is None


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = provider(f"http://127.0.0.1:{port}/v1").attempt(question())
    failure, detail = why(said)
    assert (failure, said.retry, said.unbilled) == ("unreachable", False, True)
    assert detail.startswith("no connection: ") and "refused" in detail


def drops(handler: BaseHTTPRequestHandler, _: Received) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": ')
    handler.wfile.flush()


def test_a_connection_that_breaks_in_the_middle() -> None:
    assert why(attempt(drops))[0] == "unreachable"


@pytest.mark.parametrize("where", ["before", "headers", "body", "trickle"])
def test_a_call_ends_at_its_deadline_wherever_the_endpoint_stops(where: str) -> None:
    over = threading.Event()

    def behave(handler: BaseHTTPRequestHandler, _: Received) -> None:
        if where == "headers":  # a header that never ends; no read of it takes long
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        elif where != "before":
            handler.send_response(200)
            handler.send_header("content-type", "application/json")
            handler.send_header("content-length", "100000")
            handler.end_headers()
        while not over.wait(0.05):
            if where in ("headers", "trickle"):
                handler.wfile.write(b" ")

    began = time.monotonic()
    with serving(behave) as at:
        said = provider(at.url, timeout_seconds=1.0).attempt(question())
        took = time.monotonic() - began
        over.set()
    assert why(said)[0] == "timeout"
    assert not said.unbilled and not said.retry
    assert 0.9 < took < 5


def test_a_body_without_end_is_cut_off() -> None:
    def behave(handler: BaseHTTPRequestHandler, _: Received) -> None:
        handler.send_response(200)
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        while True:
            handler.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")

    assert why(attempt(behave, max_bytes=300_000)) == ("unreachable", "it sent more than 300,000 bytes")


def test_a_key_that_an_answer_repeats_is_taken_out() -> None:
    said = attempt(says(json.dumps({"word": SECRET})))
    assert isinstance(said.result, Answer) and said.result.value == Word(word="[withheld]")
    assert SECRET not in repr(said)


def test_the_proxy_of_the_settings_is_the_one_that_is_used() -> None:
    with serving(says()) as proxy:
        said = OpenAICompatible(
            Endpoint("http://llm.invalid/v1", "m", SECRET, proxy=f"http://127.0.0.1:{proxy.port}", timeout_seconds=20)
        ).attempt(question())
    assert isinstance(said.result, Answer)
    assert [each.path for each in proxy.received] == ["http://llm.invalid/v1/chat/completions"]


# --- connections ---------------------------------------------------------------------------------------------------


def test_no_connection_is_made_but_to_the_model_whatever_the_environment_says(tmp_path: Path) -> None:
    counted: list[object] = []
    listener = socket.create_server(("127.0.0.1", 0))
    elsewhere = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def count() -> None:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                return
            counted.append(address)
            connection.close()

    counter = threading.Thread(target=count, daemon=True)
    counter.start()
    program = textwrap.dedent("""
        import time
        from copilot import wiring
        from tests.copilot.llm.endpoint import question
        model = wiring.model()
        for sample in range(2):
            print(model.ask(question(sample=sample)).value.word)
        time.sleep(1)  # a tracer would send what it gathered in the background
    """)
    try:
        with serving(says()) as at:
            environment = {
                "PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3]), "CCOPILOT_HOME": str(tmp_path),
                "OPENAI_BASE_URL": at.url, "OPENAI_API_KEY": SECRET, "CCOPILOT_MODEL": "m",
                **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), elsewhere),
                "LANGSMITH_TRACING": "true", "LANGSMITH_TRACING_V2": "true", "LANGCHAIN_TRACING_V2": "true",
                "LANGCHAIN_TRACING": "true", "LANGSMITH_ENDPOINT": elsewhere, "LANGCHAIN_ENDPOINT": elsewhere,
                "LANGSMITH_API_KEY": "lsv2_x", "LANGCHAIN_API_KEY": "lsv2_x", "LANGSMITH_PROJECT": "p",

                "LANGCHAIN_HANDLER": "langchain", "LANGSMITH_GATEWAY": "true", "LANGSMITH_GATEWAY_URL": elsewhere,
                "OTEL_EXPORTER_OTLP_ENDPOINT": elsewhere, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": elsewhere,
                "OTEL_TRACES_EXPORTER": "otlp", "OPENAI_API_BASE": elsewhere, "OPENAI_PROXY": elsewhere,
            }  # fmt: skip
            done = subprocess.run(
                [sys.executable, "-c", program],
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
    finally:
        listener.close()
    assert (done.returncode, done.stdout) == (0, "theodolite\ntheodolite\n"), done.stderr
    assert len(at.received) == 2
    assert counted == []


def test_the_provider_shows_no_key() -> None:
    assert SECRET not in repr(provider("http://127.0.0.1:1/v1"))
