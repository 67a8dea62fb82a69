"""`ccopilot serve`: one command, and the processes that it is made of.

The intake takes deliveries, and has the webhook's secret; this process does the steps of jobs, and has the App's key; the
worker judges, and has the model's key. They share the database and the inbox, and no memory.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from github_app import durable, jobs, telemetry, worker
from github_app.client import App
from github_app.durable import COMMANDS, REVIEWS, Places
from github_app.inbox import Inbox
from github_app.settings import AppSettings
from github_app.store import Store, url_of

GRACE: Final = 10.0
"""Seconds that steps under way have when the process is told to stop."""
BEHIND: Final = 5
"""How far behind the intake everything else stands, as `nice` counts."""
TOP: Final = Path(__file__).resolve().parent.parent

_log = logging.getLogger(__name__)


def run(
    environment: Mapping[str, str], home: Path, *, host: str, port: int, workers: int = 1, poll: float = 0.1
) -> int:
    """Serve until somebody says stop. AppUnset names everything that is missing, before anything is started."""
    settings = AppSettings.of(environment)
    secrets = [each.decode() for each in settings.webhook_secrets]
    telemetry.never_tell(settings.private_key, settings.database_url, *secrets)
    shared = {**environment, "CCOPILOT_DATABASE_URL": settings.database_url, "PYTHONPATH": _path(environment)}
    judges = worker.environment(shared, home)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with socket.create_server((host, port), backlog=2048) as listening:
        store = Store(url_of(settings.database_url, home))
        presence = durable.enter(store, home, "edge")
        inbox = Inbox(inbox_of(home))
        app = App(settings.app_id, settings.private_key, base_url=settings.api_url)
        edge = jobs.Edge(store, inbox, app, api_url=settings.api_url)
        jobs.register(edge)
        durable.launch(store, presence.executor, [REVIEWS, COMMANDS], poll=poll, places=Places())
        takes = _intake_environment(environment, settings, home)
        children = [
            Child("intake", [*_python(), "intake", str(listening.fileno())], takes, (listening.fileno(),)),
            *(Child("worker", [*_python(), "worker"], judges) for _ in range(workers)),
        ]
        for each in children:
            each.start()
        os.nice(BEHIND)  # a sender waits for the intake, and for nothing that happens after
        at = listening.getsockname()
        sys.stdout.write(f"http://{at[0]}:{at[1]}\n")
        sys.stdout.flush()
        try:
            keep_going(edge, over, children, metrics_of(home))
        finally:
            for each in reversed(children):
                each.stop()
            edge.stop(GRACE)
            inbox.close()
            presence.leave()
            _tried(partial(edge.metrics.write, metrics_of(home)))
            telemetry.stop_traces()
    sys.stdout.flush()
    os._exit(0)  # steps that wait are begun again at the next start; their threads are not waited for


def keep_going(
    edge: jobs.Edge, over: threading.Event, children: Sequence[Child] = (), metrics: Path | None = None
) -> None:
    """Make jobs of deliveries, look after what lives, and delete what is old, until somebody says stop."""
    every: list[tuple[float, Callable[[], Any]]] = [
        (5.0, edge.look_after), (10.0, edge.end_waivers), (3600.0, edge.forget),
    ]  # fmt: skip
    if metrics is not None:
        every.append((5.0, partial(edge.metrics.write, metrics)))
    due = [0.0] * len(every)
    pause = 0.03
    while not over.wait(pause):
        for child in children:
            child.look()
        # What arrives within a moment is taken on together: of each pull request only the newest, and the inbox is
        # written to seldom by others than the intake.
        pause = 0.15 if _tried(edge.forward) else 0.03
        for number, (seconds, what) in enumerate(every):
            if time.monotonic() >= due[number]:
                due[number] = time.monotonic() + seconds
                _tried(what)


def _tried(what: Callable[[], Any]) -> Any:
    try:
        return what()
    except Exception:  # a fault of the database now is none in a minute
        _log.exception("%s", getattr(what, "__name__", what))
        return None


class Child:
    """A process of ours that is started again when it ends before its time."""

    def __init__(
        self, name: str, command: list[str], environment: Mapping[str, str], passes: tuple[int, ...] = ()
    ) -> None:
        self.name = name
        self._command = command
        self._environment = dict(environment)
        self._passes = passes
        self._process: subprocess.Popen[bytes] | None = None
        self._again = 0.0
        self._failures = 0

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._command, env=self._environment, pass_fds=self._passes, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def look(self) -> None:
        """Start it again if it has ended, later each time that it ends soon."""
        if self._process is None:
            if time.monotonic() >= self._again:
                self.start()
            return
        code = self._process.poll()
        if code is None:
            return
        self._failures = self._failures + 1 if time.monotonic() - self._started < 30 else 0
        _log.error("the %s ended with %d; it is started again", self.name, code)
        self._again = time.monotonic() + min(60.0, 2.0**self._failures - 1)
        self._process = None

    def stop(self) -> None:
        """End it: kindly, then not."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _python() -> list[str]:
    # This very code, and no module that happens to lie where the command was typed.
    return [sys.executable, "-P", "-m", "github_app.serve"]


def _intake_environment(environment: Mapping[str, str], settings: AppSettings, home: Path) -> dict[str, str]:
    secrets = b" ".join(settings.webhook_secrets).decode()
    kept = {name: text for name, text in environment.items() if name in worker.PASSED - {"CCOPILOT_DATABASE_URL"}}
    return {
        **kept,
        "PYTHONPATH": _path(environment),
        "CCOPILOT_HOME": str(home),
        "CCOPILOT_GITHUB_WEBHOOK_SECRET": secrets,
    }


def _path(environment: Mapping[str, str]) -> str:
    given = environment.get("PYTHONPATH", "")
    return f"{TOP}{os.pathsep}{given}" if given else str(TOP)


def inbox_of(home: Path) -> Path:
    """Where the deliveries lie."""
    return home / "inbox.sqlite3"


def metrics_of(home: Path) -> Path:
    """Where the process of the steps writes its metrics, and the intake finds them."""
    return home / "metrics.prom"


def take(descriptor: int, environment: Mapping[str, str], home: Path) -> None:
    """The intake: answers deliveries on a socket that is open already."""
    import uvicorn

    from github_app import edge

    secrets = [each.encode() for each in environment.get("CCOPILOT_GITHUB_WEBHOOK_SECRET", "").split()]
    telemetry.never_tell(*map(bytes.decode, secrets))
    inbox = Inbox(inbox_of(home))
    config = uvicorn.Config(
        edge.build(inbox, secrets, metrics=(metrics_of(home),)),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        lifespan="off",
        log_config=None,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(
            number, lambda *_: None
        )  # uvicorn raises once more what it was told; what follows is still to be done
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])
    inbox.close()
    telemetry.stop_traces()


def _main(arguments: Sequence[str]) -> None:
    from copilot import wiring

    telemetry.log_to_stderr()
    telemetry.start_traces()
    if arguments[0] == "intake":
        take(int(arguments[1]), os.environ, wiring.home())
    else:
        os.nice(BEHIND)
        worker.run(wiring.home(), database_url=os.environ.get("CCOPILOT_DATABASE_URL", ""))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    _main(sys.argv[1:])
