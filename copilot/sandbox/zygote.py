"""The process that evaluates foreign Rego: it imports the engine once, and forks for every call.

It runs with no environment, in `/`, in a session of its own, and reads from its standard input one file descriptor
for each call: the fork reads the request from it and writes the answer to it; when the fork has ended, the zygote adds
how. A fork is confined (`confine`) before it looks at anything that it was sent. Nothing here is for use from another
process than that one.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from copilot.sandbox import syntax

ANSWER: Final = 3
"""The file descriptor of a fork's answer, the only one that it has besides the null device."""

_ALLOWED: Final = (
    "brk", "clock_getres", "clock_gettime", "exit", "exit_group", "futex", "getpid", "getrandom", "gettid",
    "gettimeofday", "madvise", "mmap", "mprotect", "mremap", "munmap", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sched_getaffinity", "sched_yield", "sigaltstack",
)  # fmt: skip
# The engine adds a backtrace to its errors, for which it looks for its own file: told no, it goes on without.
_TOLD_NO: Final = (
    "access", "faccessat", "fstat", "getcwd", "ioctl", "lseek", "lstat", "newfstatat", "open", "openat", "poll",
    "read", "readlink", "readlinkat", "stat", "statx",
)  # fmt: skip
_EPERM: Final = 1
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38


def serve() -> None:
    """Say whether forks can be confined here; then fork for every descriptor that arrives, until the parent closes."""
    control = socket.socket(fileno=0)
    unfit = _unfit()
    _drop_privileges()
    control.sendall(json.dumps({"unfit": unfit}).encode() + b"\n")
    if not unfit:
        gc.freeze()  # what forks share is not copied for a collection
        _loop(control)


def _unfit() -> str:
    if sys.platform != "linux":
        return "foreign Rego is confined by seccomp, which this system does not have"
    try:
        import pyseccomp  # type: ignore[import-untyped]  # noqa: F401
    except (ImportError, RuntimeError, OSError):
        return "foreign Rego is confined by libseccomp, which is not installed here"
    try:
        import regorus  # noqa: F401
    except ImportError:
        return "the Rego engine is not installed here"
    # Some container hosts load a filter and do not keep to it.
    pid = os.fork()
    if pid == 0:
        try:
            confine(1, 5.0, 1 << 30)
            try:
                os.open("/dev/null", os.O_RDONLY)
            except PermissionError:
                os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1] != 0:
        return "foreign Rego is confined by seccomp, which this system does not keep"
    return ""


def _drop_privileges() -> None:
    """Root becomes nobody, where the system lets it; what is needed is imported by then."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)


def _loop(control: socket.socket) -> None:
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    running: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
            _reap(running)
        if control.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not message and not descriptors:
                return  # the parent has gone; forks end by their limits or with us
            for descriptor in descriptors:
                pid = os.fork()
                if pid == 0:
                    _fork(descriptor)
                running[pid] = descriptor
        _reap(running)


def _reap(running: dict[int, int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        descriptor = running.pop(pid)
        # A parent that has stopped reading must not stop the zygote: for one that reads, there is room within a second.
        with socket.socket(fileno=descriptor) as answer, contextlib.suppress(OSError):
            answer.settimeout(1)
            answer.sendall(struct.pack("!i", status))


def _fork(descriptor: int) -> None:
    """Everything that a fork does; it does not return."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(descriptor, ANSWER)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.closerange(ANSWER + 1, 4096)
        (length,) = struct.unpack("!Q", _read(8))
        request = json.loads(_read(length))
        confine(*request["limits"])
        TASKS[request["task"]](request)
        code = 0
    except MemoryError:
        code = 12
    except BaseException:  # noqa: S110  a fork ends here whatever happened; the parent sees that it did not answer
        pass
    finally:
        os._exit(code)


def _read(length: int) -> bytes:
    read = bytearray()
    while len(read) < length:
        got = os.read(ANSWER, min(length - len(read), 1 << 20))
        if not got:
            os._exit(1)
        read += got
    return bytes(read)


def confine(cpu_seconds: int, wall_seconds: float, memory_bytes: int) -> None:
    """From here on this process computes, allocates and writes to what it has open, within these limits; nothing else."""
    import pyseccomp

    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_PDEATHSIG, int(signal.SIGKILL)), (_PR_SET_NO_NEW_PRIVS, 1)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    own = int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
        (resource.RLIMIT_AS, own + memory_bytes, own + memory_bytes),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, ANSWER + 1, ANSWER + 1),
    ):
        resource.setrlimit(kind, (soft, hard))
    for number in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)
    rules = pyseccomp.SyscallFilter(pyseccomp.KILL_PROCESS)
    for names, action in ((_ALLOWED, pyseccomp.ALLOW), (_TOLD_NO, pyseccomp.ERRNO(_EPERM))):
        for name in names:
            with contextlib.suppress(OSError, ValueError):  # some calls are of one processor only
                rules.add_rule(action, name)
    for descriptor in (2, ANSWER):
        rules.add_rule(pyseccomp.ALLOW, "write", pyseccomp.Arg(0, pyseccomp.EQ, descriptor))
    rules.add_rule(pyseccomp.ALLOW, "tgkill", pyseccomp.Arg(0, pyseccomp.EQ, os.getpid()))  # abort() is one to itself
    rules.load()


# --- what a fork is asked ---------------------------------------------------------------------------------------


def _write(kind: bytes, payload: str) -> None:
    """One frame of the answer: its kind, its length, and what it says."""
    encoded = payload.encode("utf-8", "replace")
    left = memoryview(kind + struct.pack("!I", len(encoded)) + encoded)
    while left:
        left = left[os.write(ANSWER, left) :]


def _prepared(request: dict[str, Any], *, failed: tuple[bytes, bytes]) -> Any | None:
    """An engine that holds the modules; None when they do not parse (first kind) or call what they may not (second)."""
    import regorus

    engine = regorus.Engine()
    names = []
    for name, source in request["modules"]:
        names.append(str(name))
        try:
            engine.add_policy(str(name), source)
        except MemoryError:
            raise
        except BaseException as error:  # a panic of the engine is not an Exception
            _write(failed[0], f"{name} does not parse: {syntax.one_line(error)}")
            return None
    try:
        trees = [module["ast"] for module in json.loads(engine.get_ast_as_json())]
    except RecursionError:
        _write(failed[1], "it is nested too deeply to be read")
        return None
    if request["task"] == "inspect":
        _write(b"m", json.dumps([_facts(name, tree) for name, tree in zip(names, trees, strict=True)]))
    stranger = syntax.stranger(trees, names, frozenset(request["allowed"]))
    if stranger:
        _write(failed[1], stranger)
        return None
    return engine


def _facts(name: str, tree: dict[str, Any]) -> list[Any]:
    return [
        name,
        syntax.package(tree),
        sorted(set(syntax.heads(tree))),
        sorted(set(syntax.calls(tree))),
        sorted({path for path, _ in syntax.imports(tree)}),
    ]


def _inspect(request: dict[str, Any]) -> None:
    _prepared(request, failed=(b"e", b"r"))


def _evaluate(request: dict[str, Any]) -> None:
    engine = _prepared(request, failed=(b"E", b"R"))
    if engine is None:
        return
    if request["data"] is not None:
        try:
            engine.add_data_json(request["data"])
        except BaseException as error:
            _write(b"E", f"the data does not read: {syntax.one_line(error)}")
            return
    covering = request["task"] == "coverage"
    executed: dict[str, set[int]] = {}
    lines: dict[str, set[int]] = {}
    for query, input in request["queries"]:
        # A copy each time: an engine remembers what it evaluated, and errors leave it half done.
        copy = engine.clone()
        copy.set_enable_coverage(covering)
        try:
            copy.set_input_json(input)
            answer = copy.eval_query_as_json(query)
        except MemoryError:
            raise
        except BaseException as error:
            _write(b"e", syntax.one_line(error))
        else:
            _write(b"v", answer)
        if covering:
            for file in json.loads(copy.get_coverage_report_as_json())["files"]:
                executed.setdefault(file["path"], set()).update(file["covered"])
                lines.setdefault(file["path"], set()).update(file["covered"], file["not_covered"])
    if covering:
        _write(
            b"c", json.dumps([[name, sorted(executed[name]), sorted(lines[name] - executed[name])] for name in lines])
        )


TASKS: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "inspect": _inspect,
    "evaluate": _evaluate,
    "coverage": _evaluate,
}
