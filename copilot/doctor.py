"""What this installation can do: its extras, its state folder, the sandbox, and the models that are configured.

A model is asked one small question, so that what is told is what was seen. No key is in any line.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from copilot import __version__
from copilot.errors import installing

if TYPE_CHECKING:
    from copilot.llm.settings import Endpoint, ModelSettings

State = Literal["ok", "off", "warns", "failed"]
"""`off`: not there, and nothing that was set up needs it. `warns`: it works, and somebody should look at it."""

EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "llm": ("detect_secrets", "langchain_openai", "openai"),
    "retrieval": ("chromadb", "numpy", "onnxruntime", "tokenizers"),
    "evals": ("inspect_ai",),
    "github": ("github",),
    "app": ("cryptography", "dbos", "fastapi", "github", "opentelemetry", "prometheus_client", "psycopg", "sqlalchemy", "uvicorn"),
    "sentence-transformers": ("sentence_transformers", "torch"),
}  # fmt: skip
"""The extras of the distribution, each with the modules that it brings."""

WORD: Final = "theodolite"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    subject: str
    state: State
    detail: str


def examine(settings: ModelSettings | None, home: Path) -> Iterator[Line]:
    """One line after the other, each when it is known; asking a model may take as long as its settings allow."""
    yield Line("ccopilot", "ok", f"{__version__}, Python {platform.python_version()}, {platform.system()}")
    yield _state(home)
    for extra, modules in EXTRAS.items():
        missing = [name for name in modules if find_spec(name) is None]
        yield Line(
            f"extra {extra}", "off" if missing else "ok",
            f"not installed: {', '.join(missing)}; {installing(extra)}" if missing else "installed",
        )  # fmt: skip
    yield _sandbox()
    yield _checkov()
    if settings is None:
        yield Line("model", "off", "none is configured; CCOPILOT_MODEL names one, docs/settings.md says more")
        return
    if find_spec("langchain_openai") is None:
        yield Line("model", "failed", "one is configured, and the extra llm is not installed")
        return
    for subject, endpoint in _endpoints(settings):
        yield _asked(subject, endpoint, settings, home)


def failed(lines: list[Line]) -> bool:
    """Whether something that is configured does not work."""
    return any(line.state == "failed" for line in lines)


def told(line: Line) -> str:
    """A line for people."""
    return f"{line.state:7}{line.subject:30} {line.detail}\n"


def _state(home: Path) -> Line:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        return Line("state folder", "failed", f"{home}: {error.strerror or error}; let CCOPILOT_HOME name another")
    size = sum(_size(Path(folder) / name) for folder, _, names in os.walk(home) for name in names)
    return Line("state folder", "ok", f"{home}, {size / 1_000_000:.1f} MB")


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0


def _sandbox() -> Line:
    from copilot import sandbox

    # It says why there is none; the empty text means that there is one.
    available: Callable[[], str] | None = getattr(sandbox, "available", None)
    if available is None:
        return Line("sandbox", "off", "this release has none")
    missing = available()
    return Line("sandbox", "off" if missing else "ok", missing or "drafted policies run in it")


def _checkov() -> Line:
    from copilot.scanners import checkov

    found = checkov.find() if os.environ.get(checkov.VARIABLE) else None
    if found is None:
        return Line("checkov", "off", f"{checkov.VARIABLE} names none, so fixes have no second opinion")
    try:
        return Line("checkov", "ok", f"{found.version()} at {found.program} is the second opinion on fixes")
    except checkov.CheckovFailed as error:
        return Line("checkov", "failed", f"{checkov.VARIABLE}={found.program}: {error}")


def _endpoints(settings: ModelSettings) -> Iterator[tuple[str, Endpoint]]:
    """Each model that may be asked, once, with what it is for."""
    purposes: dict[tuple[str, str], list[str]] = {}
    found: dict[tuple[str, str], Endpoint] = {}
    named = [("model", settings.endpoint), *((f"model for {task}", each) for task, each in settings.by_task.items())]
    if settings.fallback is not None:
        named.append(("fallback", settings.fallback))
    for purpose, endpoint in named:
        key = (endpoint.base_url, endpoint.model)
        found.setdefault(key, endpoint)
        purposes.setdefault(key, []).append(purpose)
    for key, endpoint in found.items():
        yield ", ".join(purposes[key]), endpoint


def _asked(subject: str, endpoint: Endpoint, settings: ModelSettings, home: Path) -> Line:
    from pydantic import BaseModel, ConfigDict

    from copilot.llm import prompts
    from copilot.llm.asking import NoAnswer, Question
    from copilot.llm.openai import OpenAICompatible
    from copilot.llm.runtime import metered

    class Probe(BaseModel):
        """The word of the material, and how many letters it has."""

        model_config = ConfigDict(extra="forbid")

        word: str
        length: int

    alone = replace(settings, endpoint=endpoint, by_task={}, fallback=None, cache=False, retries=0)
    model = metered(alone, home)
    where = f"{endpoint.model} at {_shown(endpoint.base_url)}"
    said = model.ask(Question("answer", prompts.load("probe").render(instrument=WORD), Probe))
    if isinstance(said, NoAnswer):
        return Line(subject, "failed", f"{where}: {said.failure}: {said.detail}")
    provider = model.providers[None]
    structured = provider.structured if isinstance(provider, OpenAICompatible) else "unknown"
    right = said.value.word.strip().lower() == WORD and said.value.length == len(WORD)
    return Line(
        subject, "ok",
        f"{where} answers in {said.usage.seconds:.1f} s; structured output: {structured};"
        f" its answer was {'right' if right else 'wrong'}; {model.told()}",
    )  # fmt: skip


def _shown(url: str) -> str:
    """An address without what may stand before its host: a name and a password."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
