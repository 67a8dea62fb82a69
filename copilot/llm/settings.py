"""Which language model is asked, how, and what it may cost: settings of whoever runs the program, never of a repository.

The file is described in docs/settings.md, section "Models". The environment fills in what the file leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

from copilot.errors import SettingsInvalid
from copilot.llm.asking import Task
from copilot.policy import Field, document, version_of

FILE: Final = "settings.yaml"
OPENAI: Final = "https://api.openai.com/v1"
DEFAULT_KEY_ENV: Final = "OPENAI_API_KEY"

StructuredOutput = Literal["auto", "json_schema", "json_object", "none"]
"""How the endpoint is told to keep to a schema; `auto` starts with the strictest and steps down where it is refused."""


@dataclass(frozen=True, slots=True)
class Azure:
    """What Azure wants besides an address: the version of its interface, and the deployment that serves the model."""

    api_version: str
    deployment: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is asked. The key and the headers' values stand in no repr: both may be secrets."""

    base_url: str
    model: str
    key: str = field(default="", repr=False)
    azure: Azure | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str = field(default="", repr=False)
    timeout_seconds: float = 120.0
    max_output_tokens: int = 4096
    temperature: float | None = None
    structured_output: StructuredOutput = "auto"


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent at most; None is without a limit."""

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost."""

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Everything that is set about language models; there is one only where a model is configured."""

    endpoint: Endpoint
    by_task: Mapping[Task, Endpoint] = field(default_factory=dict)
    fallback: Endpoint | None = None
    retries: int = 2
    review: Budget = field(default_factory=Budget)
    day: Budget = field(default_factory=Budget)
    prices: Mapping[str, Price] = field(default_factory=dict)
    currency: str = "USD"
    cache: bool = True
    samples: int = 2
    rounds: int = 2
    prompt_tokens: int = 12_000

    def for_task(self, task: Task) -> Endpoint:
        """Where the questions of a task go."""
        return self.by_task.get(task, self.endpoint)


def load(environment: Mapping[str, str], home: Path) -> ModelSettings | None:
    """The settings that the file and the environment say, or None when they name no model.

    The file is the one that CCOPILOT_SETTINGS names, which must be there, or `settings.yaml` in `home`. CCOPILOT_MODEL
    and OPENAI_BASE_URL go before what the file says, as an option on a command line would.
    """
    named = environment.get("CCOPILOT_SETTINGS", "")
    file = Path(named).expanduser() if named else home / FILE
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        if named:
            raise SettingsInvalid(f"{file}: there is no such file", hint="CCOPILOT_SETTINGS names it") from error
        return parse(None, str(file), environment)
    except OSError as error:
        raise SettingsInvalid(f"{file}: {error.strerror or error}", hint="check the path") from error
    return parse(data, str(file), environment)


def parse(data: bytes | None, file: str, environment: Mapping[str, str]) -> ModelSettings | None:
    """The settings that the text of a file says, filled in from the environment."""
    top: dict[str, Field] = {}
    if data is not None:
        top = document(data, file).mapping({"version", "llm"})
        version_of(top, file)
    entries = top["llm"].mapping(_FIELDS) if "llm" in top else {}
    base_url = _variable(environment, "OPENAI_BASE_URL") or (_url(entries["base_url"]) if "base_url" in entries else "")
    azure = _azure(entries["azure"]) if "azure" in entries else None
    if azure is not None and not base_url:
        raise entries["azure"].refuse("wants `base_url` too, such as https://NAME.openai.azure.com")
    model = environment.get("CCOPILOT_MODEL", "").strip() or (entries["model"].text() if "model" in entries else "")
    model = model or (azure.deployment if azure is not None else "")
    endpoint = Endpoint(
        base_url=base_url or OPENAI, model=model, azure=azure,
        key=_key(entries.get("api_key_env"), environment, DEFAULT_KEY_ENV),
        headers=_headers(entries["headers"]) if "headers" in entries else {},
        proxy=_url(entries["proxy"]) if "proxy" in entries else "", **_call(entries),
    )  # fmt: skip
    by_task = _by_task(entries["models"], endpoint) if "models" in entries else {}
    fallback = _fallback(entries["fallback"], endpoint, environment) if "fallback" in entries else None
    budgets = entries["budgets"].mapping({"review", "day"}) if "budgets" in entries else {}
    prices = _prices(entries["prices"]) if "prices" in entries else {}
    settings = ModelSettings(
        endpoint=endpoint, by_task=by_task, fallback=fallback,
        review=_budget(budgets["review"]) if "review" in budgets else Budget(),
        day=_budget(budgets["day"]) if "day" in budgets else Budget(),
        prices=prices,
        currency=entries["currency"].text() if "currency" in entries else "USD",
        cache=entries["cache"].boolean() if "cache" in entries else True,
        **{name: _whole(entries[name], least, most) for name, (least, most) in _WHOLE.items() if name in entries},
    )  # fmt: skip
    if not model:
        if by_task or fallback is not None:
            raise top["llm"].refuse("names models for some purposes and none for the rest; say `model`")
        return None
    for budget in budgets.values():
        if _budget(budget).money is None:
            continue
        for each in (endpoint, *by_task.values(), *([fallback] if fallback else ())):
            if each.model not in prices:
                raise budget.refuse(
                    f"limits money, and `prices` says nothing of {each.model!r}; add prices.{name_of(each.model)}"
                )
    return settings


def name_of(model: str) -> str:
    """A model's name as a key of YAML."""
    return model if re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", model) else f'"{model}"'


_WHOLE: Final = {"retries": (0, 10), "samples": (1, 9), "rounds": (0, 5), "prompt_tokens": (500, 1_000_000)}
_FIELDS: Final = {
    "base_url", "api_key_env", "azure", "headers", "model", "models", "fallback", "timeout_seconds", "retries",
    "max_output_tokens", "temperature", "structured_output", "budgets", "prices", "currency", "cache", "proxy", "samples",
    "rounds", "prompt_tokens",
}  # fmt: skip
_OURS: Final = frozenset({"authorization", "api-key", "content-length", "content-type", "host", "accept-encoding"})


def _call(entries: Mapping[str, Field]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if "timeout_seconds" in entries:
        out["timeout_seconds"] = entries["timeout_seconds"].decimal(least=1, most=3600)
    if "max_output_tokens" in entries:
        out["max_output_tokens"] = entries["max_output_tokens"].integer(least=16)
    if "temperature" in entries:
        out["temperature"] = entries["temperature"].decimal(least=0, most=2)
    if "structured_output" in entries:
        out["structured_output"] = entries["structured_output"].choice(get_args(StructuredOutput))
    return out


def _whole(at: Field, least: int, most: int) -> int:
    number = at.integer(least=least)
    if number > most:
        raise at.refuse(f"wants at most {most}")
    return number


def _azure(at: Field) -> Azure:
    entries = at.mapping({"api_version", "deployment"})
    for name in ("api_version", "deployment"):
        if name not in entries:
            raise at.refuse(f"says no `{name}`")
    return Azure(entries["api_version"].text(), entries["deployment"].text())


def _by_task(at: Field, endpoint: Endpoint) -> dict[Task, Endpoint]:
    if endpoint.azure is not None:
        raise at.refuse("a deployment of Azure serves one model; leave `models` out")
    entries = at.mapping(get_args(Task))
    return {task: replace(endpoint, model=entries[task].text()) for task in get_args(Task) if task in entries}


def _fallback(at: Field, endpoint: Endpoint, environment: Mapping[str, str]) -> Endpoint:
    entries = at.mapping({"model", "base_url", "api_key_env"})
    if "model" not in entries:
        raise at.refuse("says no `model`")
    model = entries["model"].text()
    if "base_url" not in entries:
        if endpoint.azure is not None:
            raise at.refuse("a deployment of Azure serves one model; say another `base_url`")
        key = _key(entries["api_key_env"], environment, "") if "api_key_env" in entries else endpoint.key
        return replace(endpoint, model=model, key=key)
    # Another host gets neither the key nor the headers that were meant for the first one.
    key = _key(entries["api_key_env"], environment, "") if "api_key_env" in entries else ""
    return replace(endpoint, base_url=_url(entries["base_url"]), model=model, key=key, azure=None, headers={})


def _key(at: Field | None, environment: Mapping[str, str], default: str) -> str:
    """The key itself, from the environment, or from the file that `NAME_FILE` names there; the settings never hold it."""
    name = at.text() if at is not None else default
    if at is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        # It may well be the key itself: the message does not repeat it.
        raise SettingsInvalid(f"{at.file}:{at.line}: {at.name}: wants the name of an environment variable, not a key")
    key = environment.get(name, "").strip()
    place = environment.get(f"{name}_FILE", "") if name and not key else ""
    if place:
        try:
            key = Path(place).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or "is no text"
            raise SettingsInvalid(
                f"the environment variable {name}_FILE: {place}: {said}", hint="let it name a file"
            ) from error
    if at is not None and not key:
        raise at.refuse(f"the environment variable {name} is not set; export it, or leave the field out")
    if not key.isascii() or not key.isprintable():
        raise SettingsInvalid(f"the environment variable {name} holds what no key holds", hint="export it anew")
    return key


def _headers(at: Field) -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in at.mapping().items():
        if not re.fullmatch(r"[A-Za-z0-9-]{1,80}", name) or name.lower() in _OURS:
            raise value.refuse(f"{name!r} cannot be a header of yours")
        text = value.text(numbers=True)
        if not text.isascii() or not text.isprintable():
            raise SettingsInvalid(f"{value.file}:{value.line}: {value.name}: wants printable ASCII")
        out[name] = text
    return out


def _budget(at: Field) -> Budget:
    entries = at.mapping({"calls", "tokens", "money"})
    return Budget(
        entries["calls"].integer(least=0) if "calls" in entries else None,
        entries["tokens"].integer(least=0) if "tokens" in entries else None,
        entries["money"].decimal() if "money" in entries else None,
    )


def _prices(at: Field) -> dict[str, Price]:
    out: dict[str, Price] = {}
    for model, price in at.mapping().items():
        entries = price.mapping({"input", "output"})
        for name in ("input", "output"):
            if name not in entries:
                raise price.refuse(f"says no `{name}`, the price of a million tokens")
        out[model] = Price(entries["input"].decimal(), entries["output"].decimal())
    return out


def _url(at: Field) -> str:
    problem = _wrong(at.text())
    if problem:
        # The address itself is not repeated: it may hold a password.
        raise SettingsInvalid(f"{at.file}:{at.line}: {at.name}: {problem}", hint="write it like https://llm.example/v1")
    return at.text().rstrip("/")


def _variable(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").strip()
    if not text:
        return ""
    if problem := _wrong(text):
        raise SettingsInvalid(f"environment: {name}: {problem}", hint="write it like https://llm.example/v1")
    return text.rstrip("/")


def _wrong(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        return "wants an address with http:// or https://, without a query"
    return ""
