"""What stands between a question and an endpoint: the cache, budgets, the circuit breaker, retries, the fallback.

The order is the promise. What the cache knows costs nothing; what could go over a budget is not sent; an endpoint that keeps
failing is left alone for a while; 429 and 5xx alone are tried again; another model is asked only where the transport failed,
never because an answer was not liked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Generic, Protocol

from copilot.llm.asking import Answer, Failure, NoAnswer, Question, Schema, Task, Usage, read
from copilot.llm.settings import Budget, Endpoint, ModelSettings, Price

TRANSPORT: Final[frozenset[Failure]] = frozenset({"timeout", "unreachable", "rate_limited", "circuit_open"})
"""Failures after which a fallback is asked: nothing was said that anybody could have disliked."""

LONGEST_WAIT: Final = 60.0
OPEN_AFTER: Final = 4
OPEN_SECONDS: Final = 60.0

_CACHE_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Schema]):
    """What one exchange brought; whether trying again may help, and when; `unbilled`: it cannot have cost anything."""

    result: Answer[Schema] | NoAnswer
    retry: bool = False
    retry_after: float | None = None
    unbilled: bool = False


class Provider(Protocol):
    """One model at one endpoint, asked once. It never raises for what the endpoint or the network does."""

    @property
    def endpoint(self) -> Endpoint: ...

    def attempt(self, question: Question[Schema]) -> Attempt[Schema]:
        """The answer to one question, or why there is none."""
        ...


# --- budgets -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent, or set aside for calls under way."""

    calls: int = 0
    tokens: int = 0
    money: float = 0.0

    def plus(self, other: Spent) -> Spent:
        return Spent(self.calls + other.calls, self.tokens + other.tokens, self.money + other.money)

    def over(self, budget: Budget) -> str:
        """Which limit of a budget this is over, in words; empty when none."""
        if budget.calls is not None and self.calls > budget.calls:
            return f"{budget.calls:,} calls"
        if budget.tokens is not None and self.tokens > budget.tokens:
            return f"{budget.tokens:,} tokens"
        if budget.money is not None and self.money > budget.money + 1e-9:
            return f"{budget.money:g} in money"
        return ""


class Ledger:
    """What all processes that share a file have spent on each UTC day. What is set aside and never settled stays spent."""

    def __init__(self, file: Path, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now

    def reserve(self, spent: Spent, budget: Budget) -> int | str:
        """A reservation for what a call may cost, or which limit of the day's budget it would go over."""
        day = datetime.fromtimestamp(self._now(), UTC).date().isoformat()
        with self._open() as store:
            found = store.execute(
                "select count(*), coalesce(sum(tokens), 0), coalesce(sum(money), 0) from calls where day = ?", (day,)
            ).fetchone()
            over = Spent(*found).plus(spent).over(budget)
            if over:
                return over
            made = store.execute(
                "insert into calls (day, tokens, money) values (?, ?, ?)", (day, spent.tokens, spent.money)
            )
            return int(made.lastrowid or 0)

    def settle(self, reservation: int, spent: Spent | None) -> None:
        """Put right what was reserved; None when nothing was sent after all."""
        with self._open() as store:
            if spent is None:
                store.execute("delete from calls where id = ?", (reservation,))
            else:
                store.execute(
                    "update calls set tokens = ?, money = ? where id = ?", (spent.tokens, spent.money, reservation)
                )

    def today(self) -> Spent:
        """What this day has cost so far."""
        day = datetime.fromtimestamp(self._now(), UTC).date().isoformat()
        with self._open() as store:
            return Spent(
                *store.execute(
                    "select count(*), coalesce(sum(tokens), 0), coalesce(sum(money), 0) from calls where day = ?",
                    (day,),
                ).fetchone()
            )

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other process writes beside."""
        _private(self._file.parent)
        with contextlib.closing(sqlite3.connect(self._file, timeout=30, isolation_level=None)) as store:
            store.execute("begin immediate")
            try:
                store.execute(
                    "create table if not exists calls"
                    " (id integer primary key autoincrement, day text not null, tokens integer not null, money real not null)"
                )
                store.execute("create index if not exists by_day on calls (day)")
                yield store
                store.execute("commit")
            except BaseException:
                store.execute("rollback")
                raise


# --- the circuit breaker -------------------------------------------------------------------------------------------


@dataclass
class Breaker:
    """Leaves an endpoint alone for a while after it failed several times in a row; then one call tries it."""

    now: Callable[[], float] = time.monotonic
    failures: int = 0
    opened: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def waits(self) -> float:
        """Seconds for which nothing is sent yet; 0 when a call may go. After the wait, one call at a time may."""
        with self._lock:
            if self.opened is None:
                return 0.0
            left = self.opened + OPEN_SECONDS - self.now()
            if left <= 0:
                self.opened = self.now()  # this call tries; others wait for what it finds
                return 0.0
            return left

    def note(self, failure: Failure | None) -> None:
        """Learn how a call ended."""
        with self._lock:
            if failure not in ("timeout", "unreachable"):
                self.failures, self.opened = 0, None
                return
            self.failures += 1
            if self.failures >= OPEN_AFTER:
                self.opened = self.now()


# --- the cache -----------------------------------------------------------------------------------------------------


def cache_key(question: Question[Any], endpoint: Endpoint) -> str:
    """What tells apart two questions that may be answered differently."""
    prompt = question.prompt
    said = [
        _CACHE_FORMAT, prompt.id, prompt.version, prompt.digest, [[m.role, m.text] for m in prompt.messages],
        endpoint.base_url, endpoint.model, None if endpoint.azure is None else
        [endpoint.azure.api_version, endpoint.azure.deployment], question.schema.__name__,
        question.schema.model_json_schema(), endpoint.temperature, endpoint.max_output_tokens, endpoint.structured_output,
        question.sample,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


class Cache:
    """Texts of accepted answers, one file each, for nobody else on the machine to read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> str | None:
        try:
            kept = json.loads((self._folder / key[:2] / f"{key}.json").read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        text = kept.get("text") if isinstance(kept, dict) and kept.get("key") == key else None
        return text if isinstance(text, str) else None

    def put(self, key: str, text: str) -> None:
        """Keep a text; a folder that cannot be written is no reason to stop."""
        target = self._folder / key[:2] / f"{key}.json"
        beside = target.with_name(f".{key}.{os.getpid()}.{threading.get_ident()}")
        with contextlib.suppress(OSError):
            _private(self._folder)
            _private(target.parent)
            data = json.dumps({"key": key, "text": text}).encode()
            file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(data)
            beside.replace(target)


# --- all of it -----------------------------------------------------------------------------------------------------


@dataclass
class Metered:
    """A model within its limits; one of these serves one review. `calls` is what each call cost, in order."""

    providers: Mapping[Task | None, Provider]
    fallback: Provider | None = None
    retries: int = 2
    review: Budget = field(default_factory=Budget)
    day: Budget = field(default_factory=Budget)
    prices: Mapping[str, Price] = field(default_factory=dict)
    currency: str = "USD"
    ledger: Ledger | None = None
    cache: Cache | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    calls: list[Usage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._spent = Spent()
        self._lock = threading.Lock()
        self._breakers: dict[str, Breaker] = {}

    @property
    def name(self) -> str:
        """The model that is asked where no task names another."""
        return self.providers[None].endpoint.model

    def ask(self, question: Question[Schema]) -> Answer[Schema] | NoAnswer:
        """The answer to a question, or why there is none; every call is kept in `calls`."""
        provider = self.providers.get(question.task, self.providers[None])
        said = self._ask(provider, question)
        if isinstance(said, NoAnswer) and said.failure in TRANSPORT and self.fallback is not None:
            second = self._ask(self.fallback, question)
            if isinstance(second, NoAnswer):
                first = f"{provider.endpoint.model}: {said.failure}, {said.detail}"
                return replace(second, detail=f"{second.detail} (before that, {first})")
            return second
        return said

    def told(self) -> str:
        """What all calls cost, in a line for people."""
        sent = [usage for usage in self.calls if not usage.cached]
        parts = [_counted(len(sent), "call")]
        if kept := len(self.calls) - len(sent):
            parts.append(f"{_counted(kept, 'answer')} from the cache")
        parts.append(_counted(sum(each.input_tokens + each.output_tokens for each in sent), "token"))
        if self.prices:
            parts.append(f"{sum(each.money for each in sent):.4f} {self.currency}")
        return ", ".join([*parts, *sorted({each.model for each in self.calls})])

    def _ask(self, provider: Provider, question: Question[Schema]) -> Answer[Schema] | NoAnswer:
        key = cache_key(question, provider.endpoint) if self.cache is not None else ""
        known = self._known(provider, question, key)
        if known is not None:
            return known
        wait = 0.0
        for round in range(self.retries + 1):
            if wait:
                self.sleep(wait)
            attempt = self._attempt(provider, question)
            if isinstance(attempt.result, Answer):
                if self.cache is not None:
                    self.cache.put(key, attempt.result.text)
                return attempt.result
            if not attempt.retry:
                break
            wait = self._wait(round, attempt.retry_after)
            if wait > LONGEST_WAIT:
                break
        return attempt.result

    def _known(self, provider: Provider, question: Question[Schema], key: str) -> Answer[Schema] | None:
        text = self.cache.get(key) if self.cache is not None else None
        if text is None:
            return None
        prompt = question.prompt
        usage = Usage(provider.endpoint.model, prompt.id, prompt.version, prompt.digest, cached=True)
        found = read(question, text, usage)
        if isinstance(found, NoAnswer):  # a file that somebody changed
            return None
        self._keep(usage)
        return found

    def _attempt(self, provider: Provider, question: Question[Schema]) -> Attempt[Schema]:
        """One call, unless the breaker or a budget says no; what it cost is in the result and in `calls`."""
        prompt, at = question.prompt, provider.endpoint
        empty = Usage(at.model, prompt.id, prompt.version, prompt.digest)
        with self._lock:
            breaker = self._breakers.setdefault(at.base_url, Breaker(self.now))
        written = sum(len(message.text.encode("utf-8", "replace")) for message in prompt.messages)
        written += len(json.dumps(question.schema.model_json_schema()))  # counted where the endpoint is told of it
        # A token is a byte at least, so this is the most that the call can cost.
        most = self._cost(at.model, written + 16 * len(prompt.messages), at.max_output_tokens)
        reserved = self._reserve(most)
        if isinstance(reserved, str):
            return Attempt(NoAnswer("budget", reserved, "", empty))
        if left := breaker.waits():
            self._settle(reserved, most, None)
            return Attempt(
                NoAnswer("circuit_open", f"it failed {breaker.failures} times in a row; asked again in {left:.0f} seconds", "", empty)
            )  # fmt: skip
        attempt = None
        try:
            attempt = provider.attempt(question)
        finally:
            if attempt is None:  # interrupted: what was set aside stays so
                breaker.note("timeout")
        result = attempt.result
        breaker.note(result.failure if isinstance(result, NoAnswer) else None)
        counted = self._cost(at.model, result.usage.input_tokens, result.usage.output_tokens)
        usage = replace(result.usage, money=counted.money)
        if counted.tokens or attempt.unbilled:
            self._settle(reserved, most, counted)
        self._keep(usage)
        return replace(attempt, result=replace(result, usage=usage))

    def _cost(self, model: str, input: int, output: int) -> Spent:
        price = self.prices.get(model, Price(0.0, 0.0))
        return Spent(1, input + output, (input * price.input + output * price.output) / 1_000_000)

    def _reserve(self, most: Spent) -> int | str | None:
        with self._lock:
            over = self._spent.plus(most).over(self.review)
            if over:
                return f"the review's budget of {over} does not cover another call"
            reserved: int | str | None = None
            if self.ledger is not None:
                try:
                    reserved = self.ledger.reserve(most, self.day)
                except (OSError, sqlite3.Error) as error:
                    if self.day != Budget():
                        return f"what was spent today cannot be read: {error}"
            if isinstance(reserved, str):
                return f"the day's budget of {reserved} does not cover another call"
            self._spent = self._spent.plus(most)
            return reserved

    def _settle(self, reserved: int | None, most: Spent, spent: Spent | None) -> None:
        actual = spent or Spent()
        with self._lock:
            now = self._spent
            self._spent = Spent(
                now.calls - most.calls + actual.calls, now.tokens - most.tokens + actual.tokens,
                now.money - most.money + actual.money,
            )  # fmt: skip
        if self.ledger is not None and reserved is not None:
            with contextlib.suppress(OSError, sqlite3.Error):  # what was set aside stays so, which is the safe side
                self.ledger.settle(reserved, spent)

    def _wait(self, round: int, asked: float | None) -> float:
        """Seconds to wait: what the endpoint asks for, or twice as long each time; never all clients at once."""
        if asked is not None:
            return asked + self.jitter()
        return float(min(LONGEST_WAIT, 2.0**round) * (0.5 + self.jitter() / 2))

    def _keep(self, usage: Usage) -> None:
        with self._lock:
            self.calls.append(usage)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def metered(settings: ModelSettings, home: Path) -> Metered:
    """The model that the settings describe, with its ledger and cache under `home`."""
    from copilot.llm.openai import OpenAICompatible

    made: dict[Any, Provider] = {}

    def provider(endpoint: Endpoint) -> Provider:
        # Equal endpoints share what was learnt about them.
        return made.setdefault((endpoint.base_url, endpoint.model, endpoint.key), OpenAICompatible(endpoint))

    providers: dict[Task | None, Provider] = {None: provider(settings.endpoint)}
    for task, endpoint in settings.by_task.items():
        providers[task] = provider(endpoint)
    return Metered(
        providers=providers,
        fallback=provider(settings.fallback) if settings.fallback is not None else None,
        retries=settings.retries, review=settings.review, day=settings.day, prices=settings.prices,
        currency=settings.currency, ledger=Ledger(home / "llm.sqlite"),
        cache=Cache(home / "cache" / "llm") if settings.cache else None,
    )  # fmt: skip
