"""The App as real processes against the double: started, told of events, killed, started again."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import requests

from github_app.store import Store, url_of
from tests.github_app.double import Double

SECRET = "a-secret-of-the-webhook"
TOP = Path(__file__).resolve().parent.parent.parent
PAYLOADS = Path(__file__).parent / "payloads"


@cache
def _payload(name: str) -> str:
    return (PAYLOADS / f"{name}.json").read_text("utf-8")


def pull_request(
    double: Double, number: int = 1, *, action: str = "opened", head: str = "", updated: str = "", **more: Any
) -> dict[str, Any]:
    """The delivery of a pull request of the double as it is now, or as it was."""
    body: dict[str, Any] = json.loads(_payload("pull_request.opened"))
    pull = double.pulls[number]
    owner, name = double.name.split("/")
    repository = {
        **body["repository"],
        "id": double.id,
        "name": name,
        "full_name": double.name,
        "default_branch": "main",
    }
    repository["private"] = True
    repository["owner"] = {**repository["owner"], "login": owner}
    body |= {"action": action, "number": number, "repository": repository, "installation": {"id": double.installation}}
    body["pull_request"] |= {
        "number": number, "updated_at": updated or pull.updated, "draft": pull.draft,
        "state": pull.state, "merged": False, **more,
    }  # fmt: skip
    if action == "edited":
        body["changes"] = {"base": {"ref": {"from": "main"}, "sha": {"from": "0" * 40}}}
    body["pull_request"]["user"] |= {"login": "author", "type": "Bot" if pull.bot else "User"}
    body["pull_request"]["head"] |= {"sha": head or pull.head}
    body["pull_request"]["head"]["repo"] = repository
    body["pull_request"]["base"] |= {
        "sha": double.git("rev-parse", pull.base_ref).decode().strip(),
        "ref": pull.base_ref,
    }
    body["pull_request"]["base"]["repo"] = repository
    return body


def signed(body: Mapping[str, Any], event: str, delivery: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers as GitHub sends them."""
    data = json.dumps(body).encode()
    signature = hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()
    return data, {
        "X-GitHub-Event": event, "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": f"sha256={signature}",
        "Content-Type": "application/json",
    }  # fmt: skip


def until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What a function gives once that is true; AssertionError when it never is."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} seconds: {what}")


class Served:
    """`ccopilot serve` over a home; `start` gives a process of its own, with its intake and worker."""

    def __init__(
        self, double: Double, home: Path, app_key: str, *, database: str = "", command: list[str] | None = None
    ) -> None:
        self.double = double
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "CCOPILOT_HOME": str(home), "PYTHONPATH": str(TOP),
            "CCOPILOT_GITHUB_APP_ID": "4711", "CCOPILOT_GITHUB_PRIVATE_KEY": app_key,
            "CCOPILOT_GITHUB_WEBHOOK_SECRET": SECRET, "CCOPILOT_GITHUB_API_URL": double.url,
            "CCOPILOT_DATABASE_URL": database,
        }  # fmt: skip
        self.command = command or [sys.executable, "-m", "copilot.cli", "serve", "--port", "0"]
        self.store_url = url_of(database, home)
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self.log = home.parent / f"{home.name}.log"

    def start(self, **more: str) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command, env={**self.environment, **more}, cwd=TOP, stdout=subprocess.PIPE, stderr=log, text=True
            )  # fmt: skip
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, self.log.read_text()
        assert requests.get(f"{self.url}/healthz", timeout=60).ok

    def send(self, body: Mapping[str, Any], event: str = "pull_request", delivery: str = "") -> int:
        data, headers = signed(body, event, delivery or f"d-{time.monotonic_ns()}")
        return requests.post(f"{self.url}/webhook", data=data, headers=headers, timeout=10).status_code

    def children(self) -> list[int]:
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(each) for each in found]

    def kill(self) -> None:
        """SIGKILL to the process; its children end, or are ended, too."""
        if self.process is None:
            return
        try:
            children = self.children()
        except OSError:
            children = []
        self.process.kill()
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()
        self.process = None

    def stop(self) -> int:
        """SIGTERM, and how it ended."""
        assert self.process is not None
        self.process.terminate()
        self.process.communicate(timeout=30)
        code = self.process.returncode
        self.process = None
        return code

    def store(self) -> Store:
        return Store(self.store_url)

    def concluded(self, number: int = 1) -> Any:
        """The check runs of the newest head that came to an end."""
        head = self.double.pulls[number].head
        return [c for c in self.double.checks if c["head_sha"] == head and c["status"] == "completed"]
