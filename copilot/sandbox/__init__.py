"""Where Rego that a stranger or a model wrote is evaluated: a forked child that can open, start and connect nothing.

A recursive function or deep nesting ends the engine by a signal, already while it is parsed; a builtin that is missing
is silently undefined, and so the `not` of it true. So nothing foreign is even parsed in this process. A small process
(the zygote, `copilot.sandbox.zygote`) imports the engine once and forks for every call; the fork gives up every system
call that it does not need, is limited in time and memory, and refuses to evaluate what calls a builtin that is not
allowed. Whatever goes wrong in it is a `Result` here.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

Module: TypeAlias = tuple[str, str]
"""A name and the Rego text."""

# What Rego here may call: pure, and present in the engine. One that is absent would be silently undefined, and so the
# `not` of it true; one that reads the clock, the network or the environment would answer differently tomorrow.
BUILTINS: Final = frozenset(
    """
    abs array.concat array.reverse array.slice base64.decode base64.encode base64.is_valid base64url.decode
    base64url.encode bits.and bits.lsh bits.negate bits.or bits.rsh bits.xor ceil concat contains count endswith floor
    format_int glob.match graph.reachable hex.decode hex.encode indexof indexof_n intersection is_array is_boolean is_null is_number
    is_object is_set is_string json.filter json.is_valid json.marshal json.remove json.unmarshal lower max min
    net.cidr_contains net.cidr_is_valid numbers.range object.filter object.get object.keys object.remove object.subset object.union object.union_n product
    regex.find_all_string_submatch_n regex.find_n regex.is_valid regex.match regex.replace regex.split replace round semver.compare semver.is_valid sort
    split sprintf startswith strings.any_prefix_match strings.any_suffix_match strings.count strings.replace_n
    strings.reverse substring sum to_number trim trim_left trim_prefix trim_right trim_space trim_suffix type_name union
    units.parse units.parse_bytes upper walk yaml.is_valid yaml.unmarshal
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use; a call that uses more is killed."""

    cpu_seconds: int = 2
    wall_seconds: float = 5.0
    memory_bytes: int = 256 * 1024 * 1024
    answer_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Result:
    """What a query came to; `value` is there when the outcome is `value`, `reason` when it is anything else.

    error: it does not parse, or a fault while it was evaluated; refused: it calls what it may not, or there is no
    sandbox here; killed: it went past a limit, crashed the engine, or asked the system for something.
    """

    outcome: Literal["value", "undefined", "error", "refused", "killed"]
    value: Any = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """What stands in a module: rules, calls (own functions too) and imports are sorted, each once."""

    name: str
    package: str
    rules: tuple[str, ...]
    calls: tuple[str, ...]
    imports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What stands in modules, read without evaluating them; `read` when all of them parse and call what they may."""

    outcome: Literal["read", "error", "refused", "killed"]
    modules: tuple[ModuleFacts, ...] = ()
    reason: str = ""

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(module.package for module in self.modules)

    @property
    def rules(self) -> frozenset[str]:
        return frozenset(rule for module in self.modules for rule in module.rules)

    @property
    def calls(self) -> frozenset[str]:
        return frozenset(call for module in self.modules for call in module.calls)

    @property
    def imports(self) -> frozenset[str]:
        return frozenset(name for module in self.modules for name in module.imports)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a module that hold something to evaluate: those that were, and those that were not."""

    executed: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()

    @property
    def rate(self) -> float:
        """The share that was evaluated; 1 where there is nothing to evaluate."""
        total = len(self.executed) + len(self.missed)
        return len(self.executed) / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What each query came to, and by module's name the lines that all of them together evaluated."""

    results: tuple[Result, ...]
    lines: Mapping[str, Lines]


def available() -> str:
    """Why foreign Rego cannot be evaluated here, in a sentence; "" when it can."""
    return _SANDBOX.available()


def evaluate(
    modules: Sequence[Module],
    query: str,
    input: Any = None,
    data: Any = None,
    *,
    limits: Limits = Limits(),
    allowed: Collection[str] = BUILTINS,
) -> Result:
    """What the query (a reference such as `data.ccopilot.check.deny`) comes to for this input."""
    return _SANDBOX.evaluate_many(modules, [(query, input)], data, limits=limits, allowed=allowed)[0]


def evaluate_many(
    modules: Sequence[Module],
    queries: Sequence[tuple[str, Any]],
    data: Any = None,
    *,
    limits: Limits = Limits(),
    allowed: Collection[str] = BUILTINS,
) -> tuple[Result, ...]:
    """What each query comes to for its input; the modules are parsed once, and the limits hold for all together."""
    return _SANDBOX.evaluate_many(modules, queries, data, limits=limits, allowed=allowed)


def inspect(
    modules: Sequence[Module],
    *,
    limits: Limits = Limits(),
    allowed: Collection[str] = BUILTINS,
) -> Inspection:
    """What stands in the modules; refused when they call anything but `allowed` and their own functions."""
    return _SANDBOX.inspect(modules, limits=limits, allowed=allowed)


def coverage(
    modules: Sequence[Module],
    queries: Sequence[tuple[str, Any]],
    data: Any = None,
    *,
    limits: Limits = Limits(),
    allowed: Collection[str] = BUILTINS,
) -> Coverage:
    """What the queries come to, and which lines of the modules they evaluated."""
    return _SANDBOX.coverage(modules, queries, data, limits=limits, allowed=allowed)


# --- the parent's side ------------------------------------------------------------------------------------------

_QUERY: Final = re.compile(r'data(?:\.[A-Za-z_][A-Za-z0-9_]*|\["[^"\\\n]*"\])+')
_ROOT: Final = str(Path(__file__).resolve().parents[2])
_PROGRAM: Final = "import sys; sys.path.insert(0, sys.argv[1]); from copilot.sandbox.zygote import serve; serve()"
_GRACE: Final = 2.0
"""How much longer than a call's wall time we wait for the word that it ended."""


class _Zygote:
    """The process that forks; `unfit` says why what it forks would not be confined."""

    def __init__(self, program: str) -> None:
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", program, _ROOT],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        self.control.settimeout(20)
        hello = bytearray()
        try:
            while not hello.endswith(b"\n") and (got := self.control.recv(4096)):
                hello += got
            self.unfit = str(json.loads(hello)["unfit"])
        except (OSError, ValueError, KeyError, TypeError):
            self.unfit = "the process that would evaluate it does not start"

    def stop(self) -> None:
        self.control.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)


class Sandbox:
    """One zygote and the calls to it; any number of threads may call at once."""

    def __init__(self, program: str = _PROGRAM) -> None:
        self._program = program
        self._forget()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # A forked child of this process starts its own: what two processes share, neither may end.
        self._lock = threading.Lock()
        self._zygote: _Zygote | None = None

    def close(self) -> None:
        """End the zygote; the next call starts another."""
        with self._lock:
            if self._zygote is not None:
                self._zygote.stop()
                self._zygote = None

    def available(self) -> str:
        with self._lock:
            return self._ready().unfit

    def evaluate_many(
        self,
        modules: Sequence[Module],
        queries: Sequence[tuple[str, Any]],
        data: Any,
        *,
        limits: Limits,
        allowed: Collection[str],
    ) -> tuple[Result, ...]:
        return self._evaluate("evaluate", modules, queries, data, limits, allowed)[0]

    def coverage(
        self,
        modules: Sequence[Module],
        queries: Sequence[tuple[str, Any]],
        data: Any,
        *,
        limits: Limits,
        allowed: Collection[str],
    ) -> Coverage:
        results, lines = self._evaluate("coverage", modules, queries, data, limits, allowed)
        return Coverage(results, lines)

    def inspect(self, modules: Sequence[Module], *, limits: Limits, allowed: Collection[str]) -> Inspection:
        frames, end = self._call({"task": "inspect", "modules": [*modules], "allowed": sorted(allowed)}, limits)
        facts: tuple[ModuleFacts, ...] = ()
        for kind, payload in frames:
            if kind == b"m":
                facts = _facts(payload)
            elif kind in (b"e", b"r"):
                return Inspection("error" if kind == b"e" else "refused", facts, _text(payload))
        if end.outcome != "value":
            return Inspection("refused" if end.outcome == "refused" else "killed", (), end.reason)
        return Inspection("read", facts)

    def _evaluate(
        self,
        task: str,
        modules: Sequence[Module],
        queries: Sequence[tuple[str, Any]],
        data: Any,
        limits: Limits,
        allowed: Collection[str],
    ) -> tuple[tuple[Result, ...], Mapping[str, Lines]]:
        faults: dict[int, Result] = {}
        asked: list[tuple[str, str]] = []
        for number, (query, input) in enumerate(queries):
            if not _QUERY.fullmatch(query):
                faults[number] = Result("refused", reason=f"{query[:80]!r} is not a reference to a rule")
                continue
            try:
                asked.append((query, _json(input)))
            except ValueError as error:
                faults[number] = Result("error", reason=str(error))
        request: dict[str, Any] = {
            "task": task,
            "modules": [*modules],
            "queries": asked,
            "allowed": sorted(allowed),
        }
        try:
            request["data"] = None if data is None else _json(data)
        except ValueError as error:
            return (Result("error", reason=str(error)),) * len(queries), {}
        frames, end = self._call(request, limits)
        answers: list[Result] = []
        lines: dict[str, Lines] = {}
        for kind, payload in frames:
            if kind in (b"R", b"E"):  # of the modules: nothing was evaluated
                failed = Result("refused" if kind == b"R" else "error", reason=_text(payload))
                answers = [failed] * len(asked)
                end = failed
            elif kind == b"c":
                lines = _lines(payload)
            elif kind in _READ:
                answers.append(_READ[kind](payload))
        if len(answers) < len(asked):
            lost = end if end.outcome != "value" else Result("killed", reason="it ended without an answer")
            answers += [lost] * (len(asked) - len(answers))
        given = iter(answers)
        return tuple(faults.get(number) or next(given) for number in range(len(queries))), lines

    def _ready(self) -> _Zygote:
        """The zygote that runs; the lock is held."""
        if self._zygote is not None and self._zygote.process.poll() is not None:
            self._zygote.stop()
            self._zygote = None
        if self._zygote is None:
            self._zygote = _Zygote(self._program)
        return self._zygote

    def _open(self) -> tuple[_Zygote, socket.socket | None]:
        """The zygote and a socket to a fresh fork of it; no socket when it is not fit."""
        for again in (True, False):
            with self._lock:
                zygote = self._ready()
                if zygote.unfit:
                    return zygote, None
                ours, theirs = socket.socketpair()
                try:
                    with theirs:
                        socket.send_fds(zygote.control, [b"f"], [theirs.fileno()])
                except OSError:  # it ended just now
                    ours.close()
                    self._drop(zygote)
                    if again:
                        continue
                    return zygote, None
                return zygote, ours
        raise AssertionError("the loop returns")

    def _drop(self, zygote: _Zygote) -> None:
        zygote.stop()
        if self._zygote is zygote:
            self._zygote = None

    def _call(
        self, request: dict[str, Any], limits: Limits, *, again: bool = True
    ) -> tuple[list[tuple[bytes, bytes]], Result]:
        """The frames that a fork wrote, and how it ended: a `value` when it ended as it should."""
        zygote, ours = self._open()
        if ours is None:
            return [], Result("refused", reason=zygote.unfit or "the sandbox does not stay up")
        request["limits"] = [
            max(1, math.ceil(limits.cpu_seconds)), limits.wall_seconds, limits.memory_bytes
        ]  # fmt: skip
        answer = bytearray()
        with ours:
            ours.settimeout(limits.wall_seconds + _GRACE)
            try:
                text = json.dumps(request).encode()
                # A fork that died while it read leaves a broken pipe; its end is told below.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    ours.sendall(struct.pack("!Q", len(text)) + text)
                while got := ours.recv(1 << 16):
                    answer += got
                    if len(answer) > limits.answer_bytes:
                        return [], Result("killed", reason="its answer is too long")
            except TimeoutError:
                with self._lock:
                    self._drop(zygote)
                return [], Result("killed", reason=f"it took longer than {limits.wall_seconds:g} s")
            except ConnectionResetError:
                pass
        if len(answer) < 4:  # the zygote adds how a fork ended; it is the zygote that ended
            with self._lock:
                self._drop(zygote)
            if again and not answer:
                return self._call(request, limits, again=False)
            return [], Result("killed", reason="the sandbox ended while it was evaluated")
        (status,) = struct.unpack("!i", answer[-4:])
        return list(_frames(bytes(answer[:-4]))), _end(status, limits)


def _end(status: int, limits: Limits) -> Result:
    if status == 0:
        return Result("value")
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        reasons = {
            signal.SIGXCPU: f"it used more than {limits.cpu_seconds} s of the processor",
            signal.SIGKILL: f"it used more than {limits.cpu_seconds} s of the processor",
            signal.SIGALRM: f"it took longer than {limits.wall_seconds:g} s",
            signal.SIGABRT: "it used more memory than it may, or broke the engine",
            signal.SIGSEGV: "it brought the engine down: it is recursive, or nested too deeply",
            signal.SIGBUS: "it brought the engine down: it is recursive, or nested too deeply",
            signal.SIGSYS: "it asked the system for something that it may not have",
        }
        by_number = {int(name): reason for name, reason in reasons.items()}
        return Result("killed", reason=by_number.get(number, f"it ended by signal {number}"))
    if os.WEXITSTATUS(status) == 12:
        return Result("killed", reason="it used more memory than it may, or broke the engine")
    return Result("killed", reason="it ended without an answer")


def _frames(answer: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What was written in whole; a fork that is killed while it writes leaves a part, which is not read."""
    at = 0
    while at + 5 <= len(answer):
        (length,) = struct.unpack_from("!I", answer, at + 1)
        if at + 5 + length > len(answer):
            return
        yield answer[at : at + 1], answer[at + 5 : at + 5 + length]
        at += 5 + length


def _json(value: Any) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except RecursionError:
        raise ValueError("the input is nested too deeply") from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"the input is not JSON: {error}"[:200]) from None


def _loaded(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _value(payload: bytes) -> Result:
    """What the engine answered to a query: one value, or nothing."""
    found = _loaded(payload)
    try:
        results = found["result"] if found else []
        return Result("value", results[0]["expressions"][0]["value"]) if results else Result("undefined")
    except (TypeError, LookupError):
        return Result("error", reason="its answer does not read")


def _text(payload: bytes) -> str:
    return payload.decode("utf-8", "replace")[:300]


_READ: Final[Mapping[bytes, Callable[[bytes], Result]]] = {
    b"v": _value,
    b"e": lambda payload: Result("error", reason=_text(payload)),
}


def _facts(payload: bytes) -> tuple[ModuleFacts, ...]:
    return tuple(
        ModuleFacts(name, package, tuple(rules), tuple(calls), tuple(imports))
        for name, package, rules, calls, imports in _loaded(payload) or ()
    )


def _lines(payload: bytes) -> dict[str, Lines]:
    return {name: Lines(frozenset(executed), frozenset(missed)) for name, executed, missed in _loaded(payload) or ()}


_SANDBOX: Final = Sandbox()
