"""The worker: reads the trees that lie in the database, drafts, judges, and writes what it found out. It has no GitHub.

Its environment holds the model's key and where its files lie, and nothing of GitHub's: what a repository's files might
talk a model or a parser into has no token to take.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from dbos import DBOS

from copilot import wiring
from copilot.changes import Change
from copilot.checks.language import Check
from copilot.drafting.model import Lookup
from copilot.errors import CopilotError, UsageError
from copilot.knowledge.search import Knowledge
from copilot.llm.runtime import Metered
from copilot.llm.settings import Budget
from copilot.model import Finding, Passage
from github_app import durable, judged, telemetry
from github_app.durable import JUDGING, Places, Presence
from github_app.jobs import Said, scope_of
from github_app.reviewing import governed
from github_app.store import ReviewRow, Store, url_of

PASSED: Final = frozenset({
    "CCOPILOT_HOME", "CCOPILOT_SETTINGS", "CCOPILOT_CHECKOV", "CCOPILOT_CHROMA_URL", "CCOPILOT_DATABASE_URL",
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH",
    *telemetry.SETTINGS, "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
})  # fmt: skip
"""What a worker's environment may hold besides what the settings about models read."""
SLOTS: Final = 64
"""Workers of one CCOPILOT_HOME at most."""

_log = logging.getLogger(__name__)
Model = Callable[[], Metered | None]


def environment(given: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment of a worker: emptied, but for what it needs. A setting about models that names a secret of
    GitHub's as the model's key is refused."""
    from copilot.llm.settings import load

    asked = _Asked(given)
    load(asked, home)
    for name in asked.names:
        if "GITHUB" in name and name in given:
            raise UsageError(f"the settings about models name {name}, which is none of the model's")
    wanted = PASSED | asked.names
    out = {name: text for name, text in given.items() if name in wanted}
    return {**out, "CCOPILOT_HOME": str(home)}


class _Asked(Mapping[str, str]):
    """An environment that remembers which of its names were asked for."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def judge(store: Store, key: str, model: Model = wiring.model) -> Said:
    """Judge a review that was gathered, and write down what was found out, or why nothing was."""
    review = store.review(key)
    if review is None or review.digest:
        return {"then": "done"}
    try:
        with telemetry.span("judge", parent=telemetry.trace_of(review.job), job=review.job, key=key):
            change = Change(store.tree(review.before), store.tree(review.after))
            change = governed(change, store.tree(review.governing))
            asked = model()
            if asked is not None and not review.asks:  # what was answered before still holds; nothing is sent
                asked = replace(asked, review=Budget(calls=0), fallback=None)
            drafter = None
            if asked is not None:
                drafter = wiring.drafter(asked, limits=wiring.model_settings(), lookup=_passages(review))
            wanted = wiring.Asked(now=review.today, drafter=drafter)
            settings = wiring.settings(wanted, change.before, proposed=change.after)
            found = judged.judge(
                change, settings, store.diffs(key), key=key, subject=review.subject, merge_base=review.merge_base,
                head=review.head, limit=settings.policy.reviews.comments, progress=lambda text: store.progress(key, text),
            )  # fmt: skip
            text = found.to_json()
            store.judge(key, text, judged.digest_of(text))
    except CopilotError as error:
        store.fail(key, str(error))
    except Exception as error:
        _log.exception("review %s", key)
        store.fail(key, f"a bug of ours ({type(error).__name__})")
    return {"then": "done"}


def _passages(review: ReviewRow) -> Lookup:
    """What a model is shown for a finding: the corpus, and what this very repository taught."""
    known: list[Knowledge] = []
    viewer = scope_of(review)

    def find(finding: Finding, check: Check) -> Sequence[Passage]:
        if not known:
            known.append(wiring.knowledge())
        return known[0].context_for(finding, check, viewer=viewer)

    return find


def register(store: Store, model: Model = wiring.model) -> None:
    """Make the workflow known to DBOS in this process, before it is launched."""

    @DBOS.workflow(name="judge", max_recovery_attempts=4)
    def workflow(key: str) -> Said:
        return DBOS.run_step({"name": "judge"}, judge, store, key, model)


def run(home: Path, *, database_url: str = "", poll: float = 0.1) -> int:
    """Judge until somebody says stop; what is under way then is judged at the next start, or by another worker."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    telemetry.never_tell(database_url)
    store = Store(url_of(database_url, home))
    presence: Presence = durable.enter(store, home, "worker", slots=SLOTS)
    register(store)
    durable.launch(store, presence.executor, [JUDGING], poll=poll, places=Places(judging=1))
    _log.info("worker %s judges", presence.executor.id)
    wiring.library()
    parent = os.getppid()
    while not over.wait(1.0):
        if os.getppid() != parent:
            break  # whoever started it is gone
    presence.leave()
    telemetry.stop_traces()
    return 0
