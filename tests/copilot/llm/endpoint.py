"""A real HTTP server on loopback that behaves as a test says, well or badly."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import BaseModel, ConfigDict

from copilot.llm.asking import Message, Question, Rendered


class Word(BaseModel):
    """What the questions of these tests ask for."""

    model_config = ConfigDict(extra="forbid")

    word: str
    length: int = 0


SECRET = "sk-" + "planted0123456789abcdef"
GOOD = '{"word": "theodolite", "length": 10}'


def question(text: str = "Which word?", sample: int = 0, task: Any = "answer") -> Question[Word]:
    messages = (Message("system", "Answer in JSON."), Message("user", text))
    return Question(task, Rendered("probe", 1, "d1", messages), Word, sample)


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Behaviour = Callable[[BaseHTTPRequestHandler, Received], None]


@dataclass
class Endpoint:
    """Where the server listens, and what it was asked."""

    port: int
    received: list[Received] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@contextlib.contextmanager
def serving(*behaviours: Behaviour) -> Iterator[Endpoint]:
    """A server that behaves so, one after the other; the last one stays."""
    script = list(behaviours)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["content-length"]))
            received = Received(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(data))
            here.received.append(received)
            behaviour = script.pop(0) if len(script) > 1 else script[0]
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                behaviour(self, received)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    here = Endpoint(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        here.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def reply(status: int, body: bytes | str | dict[str, Any], **headers: str) -> Behaviour:
    """Send a status and a body."""
    data = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body

    def behave(handler: BaseHTTPRequestHandler, _: Received) -> None:
        handler.send_response(status)
        given = {"content_type": "application/json", **headers}
        for name, value in given.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return behave


def completion(
    text: str | None = GOOD, finish: str = "stop", *, refusal: str | None = None, usage: bool = True
) -> dict[str, Any]:
    """The body of a chat completion."""
    message = {"role": "assistant", "content": text, "refusal": refusal}
    body: dict[str, Any] = {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "served-name",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }  # fmt: skip
    if usage:
        body["usage"] = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return body


def says(text: str | None = GOOD, finish: str = "stop", **more: Any) -> Behaviour:
    """Answer with a text."""
    return reply(200, completion(text, finish, **more))


def error(status: int, message: str, code: str | None = None, **headers: str) -> Behaviour:
    """Refuse as OpenAI does."""
    return reply(status, {"error": {"message": message, "type": "error", "param": None, "code": code}}, **headers)
