"""Processes of the App that die where a test says: real ones, forked from one that has imported everything.

They differ from `ccopilot serve` in how they are started and in where they die, and in nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from github_app import durable, jobs, serve, worker
from github_app.client import App
from github_app.durable import COMMANDS, JUDGING, REVIEWS
from github_app.inbox import Inbox
from github_app.jobs import Said
from github_app.store import Store, url_of

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.github_app.mortal"])


@dataclass(frozen=True)
class Life:
    """What a process is to do. `deaths` are steps with `:before` or `:after`; it dies at each of them once, over all of
    its lives. `holds` is a file: while it is there, judging waits."""

    home: Path
    api_url: str
    app_key: str
    database: str = ""
    listens: tuple[str, ...] = (REVIEWS, COMMANDS, JUDGING)
    kind: str = "edge"
    slots: int = 1
    deaths: tuple[str, ...] = ()
    holds: Path | None = None
    version: str = ""
    constants: Mapping[str, float] = field(default_factory=dict)


def begin(life: Life) -> BaseProcess:
    """A process that lives it."""
    made = FORKS.Process(target=lived, args=(life,), daemon=True)
    made.start()
    return made


def kill(process: BaseProcess) -> None:
    """SIGKILL, and wait until it is over."""
    process.kill()
    process.join()


def lived(life: Life) -> None:
    os.environ["CCOPILOT_HOME"] = str(life.home)
    for name, value in life.constants.items():
        setattr(durable, name, value)
    if life.version:
        durable.VERSION = jobs.VERSION = life.version  # type: ignore[misc]
    store = Store(url_of(life.database, life.home))
    presence = durable.enter(store, life.home, life.kind, slots=life.slots, version=life.version or durable.VERSION)
    edge = _Mortal(
        store, Inbox(serve.inbox_of(life.home)), App(4711, life.app_key, base_url=life.api_url), api_url=life.api_url
    )
    edge.life = life
    if life.kind == "edge":
        jobs.register(edge)
    if JUDGING in life.listens:
        judged = worker.judge

        def judge(*args: Any) -> Said:
            _perhaps(life, "judge:before")
            while life.holds is not None and life.holds.exists():
                time.sleep(0.02)
            said = judged(*args)
            _perhaps(life, "judge:after")
            return said

        worker.judge = judge
        worker.register(store, model=lambda: None)
    durable.launch(store, presence.executor, life.listens, poll=0.05)
    over = threading.Event()
    if life.kind == "edge":
        serve.keep_going(edge, over)
    else:
        over.wait()


class _Mortal(jobs.Edge):
    life: Life

    def run(self, name: str, *args: Any) -> Said:
        _perhaps(self.life, f"{name}:before")
        said = super().run(name, *args)
        _perhaps(self.life, f"{name}:after")
        return said


def _perhaps(life: Life, point: str) -> None:
    if point not in life.deaths:
        return
    mark = life.home / "died" / point
    if not mark.exists():
        mark.parent.mkdir(exist_ok=True)
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
