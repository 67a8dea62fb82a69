"""Any OpenAI-compatible endpoint, asked through langchain-openai: one attempt, which ends in time and never raises.

Three things are done here because a library cannot be trusted to do them. A call ends at its deadline even where bytes
trickle in for ever. Connections are made to the endpoint alone, whatever the environment says about proxies and tracing.
No text that leaves this module holds the key.
"""

from __future__ import annotations

import queue
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

from copilot.llm.asking import Failure, NoAnswer, Question, Schema, Usage, read
from copilot.llm.runtime import Attempt
from copilot.llm.settings import Endpoint

MAX_BYTES: Final = 8 * 1024 * 1024
"""No answer to a question of ours is nearly as long."""

_LEVELS: Final = ("json_schema", "json_object", "none")


class _TooLong(Exception):
    """The body is longer than MAX_BYTES."""


class _TooLate(Exception):
    """The deadline passed while the body came in."""


class _Compressed(Exception):
    """The body is compressed though we said that we read none such: its true length cannot be known before."""


@dataclass
class OpenAICompatible:
    """One model at one endpoint. `structured` is what the endpoint turned out to take, once it was asked."""

    endpoint: Endpoint
    max_bytes: int = MAX_BYTES
    structured: str = field(init=False)

    def __post_init__(self) -> None:
        wanted = self.endpoint.structured_output
        self.structured = _LEVELS[0] if wanted == "auto" else wanted

    @property
    def name(self) -> str:
        return self.endpoint.model

    def attempt(self, question: Question[Schema]) -> Attempt[Schema]:
        """The answer to one question, or why there is none, within the endpoint's time."""
        began = time.monotonic()
        deadline = began + self.endpoint.timeout_seconds
        while True:
            level = self.structured
            said = self._in_time(question, level, deadline)
            lower = _LEVELS.index(level) + 1
            if (
                isinstance(said, _Failed) and said.about_format and self.endpoint.structured_output == "auto"
                and lower < len(_LEVELS)
            ):  # fmt: skip
                self.structured = _LEVELS[lower]
                continue
            return self._judged(question, said, time.monotonic() - began)

    def _judged(self, question: Question[Schema], said: _Said | _Failed, seconds: float) -> Attempt[Schema]:
        prompt = question.prompt
        usage = Usage(
            self.name, prompt.id, prompt.version, prompt.digest, said.input_tokens, said.output_tokens, seconds=seconds
        )

        def none(failure: Failure, detail: str, text: str = "") -> Attempt[Schema]:
            return Attempt(NoAnswer(failure, self._clean(detail), text, usage))

        if isinstance(said, _Failed):
            return Attempt(
                NoAnswer(said.failure, self._clean(said.detail), "", usage), said.retry, said.retry_after, said.unbilled
            )
        # A model can say back what it was never told only by chance, a gateway can echo its request: the key goes.
        text = self._without_key(said.text)
        if said.refusal:
            return none("refused", said.refusal, text)
        if said.finish == "length":
            return none("truncated", f"it stopped after {said.output_tokens or 'too many'} tokens", text)
        if said.finish == "content_filter":
            return none("filtered", "the endpoint's content filter held it back", text)
        return Attempt(read(question, text, usage))

    def _in_time(self, question: Question[Any], level: str, deadline: float) -> _Said | _Failed:
        """What one exchange brought. It runs in a thread of its own: of a socket that says one byte now and then, no
        library's time-out promises an end. At the deadline the connection is closed and the thread left to its end."""
        limit = self.endpoint.timeout_seconds
        late = _Failed("timeout", f"it did not answer within {limit:g} seconds", unbilled=False)
        left = deadline - time.monotonic()
        if left <= 0:
            return late
        done: queue.SimpleQueue[_Said | _Failed | BaseException] = queue.SimpleQueue()
        transport = _transport(self.endpoint, deadline, self.max_bytes)

        def run() -> None:
            try:
                done.put(self._exchange(question, level, transport, left))
            except BaseException as error:
                done.put(error)

        threading.Thread(target=run, name="ccopilot-llm", daemon=True).start()
        try:
            said = done.get(timeout=left)
        except queue.Empty:
            return late
        finally:
            transport.close()
        if isinstance(said, BaseException):
            raise said
        return said

    def _exchange(self, question: Question[Any], level: str, transport: Any, left: float) -> _Said | _Failed:
        import openai
        from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

        kinds: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
        messages = [kinds[message.role](content=message.text) for message in question.prompt.messages]
        # In `extra_body`, since langchain-openai hands `response_format` to a parser that raises where we want to look.
        body: dict[str, Any] = {} if level == "none" else {"response_format": _format(question, level)}
        if question.sample:
            # A server that decodes greedily, or keeps answers, would else give the first sample again: no agreement at all.
            body["seed"] = question.sample
        extra = {"extra_body": body} if body else {}
        limit = f"{self.endpoint.timeout_seconds:g} seconds"
        chat = self._chat(transport, left)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about models and parameters; what matters comes back as an error
                # Not `invoke`: that looks for tracers, caches and callbacks that the environment may name.
                result = chat._generate(messages, **extra)
        except openai.APITimeoutError:
            return _Failed("timeout", f"it did not answer within {limit}", unbilled=False)
        except openai.APIConnectionError as error:
            return _Failed("unreachable", f"no connection: {_words(_root(error))}")
        except openai.APIStatusError as error:
            return _status(error)
        except _TooLate:
            return _Failed("timeout", f"it did not end within {limit}", unbilled=False)
        except _TooLong:
            return _Failed("unreachable", f"it sent more than {self.max_bytes:,} bytes", unbilled=False)
        except _Compressed:
            return _Failed("unreachable", "it sends compressed answers, which were not asked for", unbilled=False)
        except openai.OpenAIError as error:
            return _Failed("unreachable", f"no answer that can be read: {type(error).__name__}", unbilled=False)
        except Exception as error:
            # What the libraries raise at a body that is no completion: HTML, half a JSON text, `choices: null`, a list.
            if _is_transport(error):
                return _Failed("unreachable", f"the connection broke: {_words(error)}", unbilled=False)
            return _Failed("unreachable", "it answered with something else than a completion", unbilled=False)
        if not result.generations:
            return _Said()
        message = result.generations[0].message
        counted = getattr(message, "usage_metadata", None) or {}
        text = message.content if isinstance(message.content, str) else message.text
        return _Said(
            text if isinstance(text, str) else str(text),
            str((result.generations[0].generation_info or {}).get("finish_reason") or ""),
            str(message.additional_kwargs.get("refusal") or ""),
            _count(counted.get("input_tokens")), _count(counted.get("output_tokens")),
        )  # fmt: skip

    def _chat(self, transport: Any, left: float) -> Any:
        from langchain_openai import AzureChatOpenAI, ChatOpenAI
        from langchain_openai._compat import httpx

        at = self.endpoint
        # A redirect would carry a prompt, and maybe a key, to an address that nobody configured.
        common: dict[str, Any] = {"trust_env": False, "follow_redirects": False, "timeout": left}
        client = httpx.Client(transport=transport, **common)
        # Never used, and given all the same: without one the library makes its own, from the environment's proxies.
        unused = httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False), **common)
        options: dict[str, Any] = {
            "api_key": at.key or "none", "http_client": client, "http_async_client": unused, "max_retries": 0,
            "timeout": left, "use_responses_api": False, "cache": False, "streaming": False, "openai_proxy": None,
            "default_headers": {**at.headers, "Accept-Encoding": "identity"}, "max_tokens": at.max_output_tokens,
        }  # fmt: skip
        if at.temperature is not None:
            options["temperature"] = at.temperature
        if at.azure is not None:
            return AzureChatOpenAI(
                azure_endpoint=at.base_url, azure_deployment=at.azure.deployment, api_version=at.azure.api_version,
                azure_ad_token=None, model=at.model, **options,
            )  # fmt: skip
        return ChatOpenAI(base_url=at.base_url, model=at.model, **options)

    def _without_key(self, text: str) -> str:
        for secret in (self.endpoint.key, *self.endpoint.headers.values()):
            if len(secret) >= 6:
                text = text.replace(secret, "[withheld]")
        return text

    def _clean(self, detail: str) -> str:
        """A detail in one line, without the key and without characters that steer a terminal."""
        line = "".join(c if c.isprintable() else " " for c in self._without_key(detail))
        return " ".join(line.split())[:300]


@dataclass(frozen=True, slots=True)
class _Said:
    text: str = ""
    finish: str = ""
    refusal: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class _Failed:
    failure: Failure
    detail: str
    retry: bool = False
    retry_after: float | None = None
    unbilled: bool = True
    about_format: bool = False
    input_tokens: int = 0
    output_tokens: int = 0


def _status(error: Any) -> _Failed:
    """What a status says. The server's own words stand only where they cannot be about the key."""
    status = int(error.status_code)
    words = _server_words(error)
    if status in (401, 403):
        return _Failed("unauthorised", f"HTTP {status}: the endpoint does not accept the key")
    if status == 404:
        return _Failed("not_found", "HTTP 404: no such model or address at the endpoint")
    if status == 429:
        spent = getattr(error, "code", None) == "insufficient_quota"  # waiting does not help
        return _Failed("rate_limited", f"HTTP 429{words}", retry=not spent, retry_after=_retry_after(error.response))
    if status >= 500:
        return _Failed("unreachable", f"HTTP {status}", retry=True, retry_after=_retry_after(error.response))
    if 300 <= status < 400:
        return _Failed("unreachable", f"HTTP {status}: it redirects to another address, which is not followed")
    if status == 400 and getattr(error, "code", None) == "content_filter":
        return _Failed("filtered", "the endpoint's content filter refused the question")
    lowered = words.lower()
    about_format = status in (400, 422) and any(
        word in lowered for word in ("response_format", "json_schema", "json_object", "structured output")
    )
    return _Failed("rejected", f"HTTP {status}{words}", about_format=about_format)


def _server_words(error: Any) -> str:
    body = error.body
    words = body.get("message") if isinstance(body, dict) else body if isinstance(body, str) else ""
    if not isinstance(words, str) or not words.strip():
        words = getattr(error.response, "text", "") or ""
    return "" if "<html" in words[:500].lower() or not words.strip() else f": {words[:2000]}"


def _retry_after(response: Any) -> float | None:
    """Seconds that the endpoint asks us to wait, said in seconds or as a date."""
    text = str(response.headers.get("retry-after", "")).strip()
    if not text:
        return None
    try:
        return max(0.0, float(text)) if text.replace(".", "", 1).isdigit() else _until(text)
    except (ValueError, TypeError, OverflowError):
        return None


def _until(text: str) -> float:
    from email.utils import parsedate_to_datetime

    return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())


def _root(error: BaseException) -> BaseException:
    """What began it: the libraries wrap each other's errors."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _is_transport(error: BaseException) -> bool:
    from langchain_openai._compat import httpx

    return isinstance(error, httpx.TransportError)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _format(question: Question[Any], level: str) -> dict[str, Any]:
    if level == "json_object":
        return {"type": "json_object"}
    import openai

    # The strict form that endpoints want (every field required, no others) is what the SDK makes for tools.
    schema = cast("dict[str, Any]", openai.pydantic_function_tool(question.schema)["function"]["parameters"])
    return {
        "type": "json_schema", "json_schema": {"name": question.schema.__name__, "schema": schema, "strict": True}
    }  # fmt: skip


_tls_lock: Final = threading.Lock()
_tls_context: list[ssl.SSLContext] = []


def _tls() -> ssl.SSLContext:
    """What this machine trusts, and what certifi does; made once, since that takes as long as a small scan."""
    with _tls_lock:
        if not _tls_context:
            import certifi

            context = ssl.create_default_context()
            context.load_verify_locations(certifi.where())
            _tls_context.append(context)
        return _tls_context[0]


def _transport(endpoint: Endpoint, deadline: float, max_bytes: int) -> Any:
    """A transport that reads bodies up to a length and a time."""
    from langchain_openai._compat import httpx

    class Body(httpx.SyncByteStream):
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in self._inner:
                size += len(chunk)
                if size > max_bytes:
                    raise _TooLong
                if time.monotonic() > deadline:
                    raise _TooLate
                yield chunk

        def close(self) -> None:
            self._inner.close()

    class Bounded(httpx.HTTPTransport):
        def handle_request(self, request: Any) -> Any:
            response = super().handle_request(request)
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                response.close()
                raise _Compressed
            return httpx.Response(
                response.status_code, headers=response.headers, stream=Body(response.stream),
                extensions=response.extensions,
            )  # fmt: skip

    return Bounded(verify=_tls(), trust_env=False, proxy=endpoint.proxy or None)
