"""The App's jobs in the test's own process: the same workflows on the same queues, with a worker beside them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from github_app import durable, events, jobs, serve, worker
from github_app.client import App
from github_app.durable import COMMANDS, JUDGING, REVIEWS, Places, Presence
from github_app.inbox import Inbox
from github_app.store import Store, url_of
from tests.github_app.double import Double
from tests.github_app.serving import PAYLOADS, SECRET, pull_request, signed, until


class Running:
    """Everything that `ccopilot serve` runs but its web server, until `stop`."""

    def __init__(
        self, double: Double, home: Path, app_key: str, *, database: str = "", model: Callable[[], Any] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        home.mkdir(exist_ok=True)
        self.double = double
        self.store = Store(url_of(database, home))
        self.presence: Presence = durable.enter(self.store, home, "edge", lost=lambda: None)
        self.inbox = Inbox(serve.inbox_of(home))
        app = App(4711, app_key, base_url=double.url)
        self.edge = jobs.Edge(
            self.store, self.inbox, app, api_url=double.url, patience=0.001, clock=clock
        )  # fmt: skip
        jobs.register(self.edge)
        worker.register(self.store, model)
        durable.launch(self.store, self.presence.executor, [REVIEWS, COMMANDS, JUDGING], poll=0.02, places=Places())
        self._over = threading.Event()
        self._keeps = threading.Thread(target=serve.keep_going, args=(self.edge, self._over), daemon=True)
        self._sent = 0

    def going(self) -> Running:
        """With deliveries taken on, and what happens by itself happening."""
        self._keeps.start()
        return self

    def send(self, body: Mapping[str, Any], event: str = "pull_request", delivery: str = "") -> None:
        """A delivery, as the intake takes it."""
        self._sent += 1
        data, headers = signed(body, event, delivery or f"delivery-{self._sent}")
        self.inbox.put(events.parse(headers, data, [SECRET.encode()])).result(5)

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until nothing is left to do."""
        until(
            lambda: not self.inbox.count(after=self.store.taken(self.inbox.id)) and not self.store.unfinished(), seconds
        )

    def opened(self, number: int = 1, **more: Any) -> None:
        """The delivery of the pull request as it is now, and all that comes of it."""
        self.send(pull_request(self.double, number, **more))
        self.settle()

    def titles(self) -> list[tuple[str, str | None, str]]:
        """Status, conclusion and title of every check run, the oldest first."""
        return [(c["status"], c["conclusion"], c["title"]) for c in self.double.checks]

    def stop(self) -> None:
        self._over.set()
        if self._keeps.is_alive():
            self._keeps.join(10)
        durable.stop()
        self.inbox.close()
        self.presence.leave()
        self.store.close()


def payload(double: Double, name: str, **more: Any) -> dict[str, Any]:
    """One of GitHub's own examples, of the double's repository."""
    body: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    top = pull_request(double)
    body |= {"repository": top["repository"], "installation": top["installation"]}
    return {**body, **more}
