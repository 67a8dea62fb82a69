"""The App, a GitHub double and the sample repository in one command, with a page that shows the pull request's thread.

    make demo-app            # or: python scripts/demo_app.py [--port 8790] [--once]

The App is the real one: `ccopilot serve` with its edge and worker, which knows the double as a GitHub of its own. What the
page shows is what lies in the double; its buttons do what a person does on GitHub, in the double's git repository, and send the
signed webhook that GitHub would send. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import hmac
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP), str(TOP / "scripts")]

import demo_page  # noqa: E402
from demo_page import History, Pushed, Thread  # noqa: E402

from github_app import permissions  # noqa: E402
from tests.github_app.double import Double, Pull  # noqa: E402
from tests.trees import Repository  # noqa: E402

NUMBER, AUTHOR, BRANCH = 17, "mara", "partners"
PEOPLE = {AUTHOR: "author, may write", "sam": "owns .compliance", "guest": "may only read"}
TITLE = "Add shipment documents bucket, reporting database, partner webhook service and an intake queue"
BODY = """\
Partners send us shipment documents from January on:

- a bucket for the documents, and a queue that takes them in
- a database that finance may report from
- a service that takes the partners' webhooks
"""
PROBLEM = """
resource "aws_ebs_volume" "scratch_{count}" {{
  availability_zone = "eu-central-1a"
  size              = 200
  encrypted         = false
}}
"""


class Refused(Exception):
    """What a person asked for cannot be done now."""


class Demo:
    """The double with its pull request, the App's processes, and what people do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = secrets.token_hex(16)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        base = {**_files(TOP / "examples" / "harbor" / "base"), ".github/CODEOWNERS": f"/.compliance/ @{AUTHOR} @sam\n"}
        repository = Repository(folder / "repository", base)
        repository.git("checkout", "--quiet", "-b", BRANCH)
        repository.write(_files(TOP / "examples" / "harbor" / "head"))
        repository.git("add", "--all")
        repository.git("commit", "--quiet", f"--author={AUTHOR} <{AUTHOR}@harbor.example>", "-m", "Partners")
        head = repository.git("rev-parse", "HEAD")
        self.double = Double(
            repository, name="harbor/infrastructure", app_key=self.key.public_key(),
            pulls={NUMBER: Pull(NUMBER, head, head_ref=BRANCH, author=AUTHOR, title=TITLE, body=BODY)},
            people={AUTHOR: "write", "sam": "admin", "guest": "read"},
            granted=permissions.asked(commits=True), asks=permissions.asked(commits=True),
        )  # fmt: skip
        self.pushed = [Pushed(NUMBER, 0, head, AUTHOR, "Partners")]
        self.deliveries: list[tuple[str, str, str]] = []
        self.seen: dict[int, list[tuple[float, str]]] = {}
        self.history = History(self.double)
        self._drawn: dict[int, dict[str, Any]] = {}
        self._sent = time.monotonic()
        self._acting = threading.Lock()
        self._over = threading.Event()
        self.app: subprocess.Popen[bytes] | None = None
        self.hook = ("127.0.0.1", _free_port())
        threading.Thread(target=self._watch, daemon=True).start()

    # --- the App ---

    def start(self) -> None:
        """Start the App's processes, and wait until it takes deliveries."""
        key = self.folder / "key.pem"
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
            )
        )
        key.chmod(0o600)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        environment = {
            **kept, "HOME": str(self.folder), "PYTHONPATH": str(TOP), "CCOPILOT_HOME": str(self.folder / "home"),
            "CCOPILOT_GITHUB_APP_ID": "4711", "CCOPILOT_GITHUB_PRIVATE_KEY_FILE": str(key),
            "CCOPILOT_GITHUB_WEBHOOK_SECRET": self.secret, "CCOPILOT_GITHUB_API_URL": self.double.url,
        }  # fmt: skip
        host, port = self.hook
        command = [sys.executable, "-m", "copilot.cli", "serve", "--host", host, "--port", str(port)]
        with (self.folder / "app.log").open("wb") as log:
            self.app = subprocess.Popen(
                command, env=environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        ends = time.monotonic() + 120
        while time.monotonic() < ends:
            if self.app.poll() is not None:
                break
            try:
                if _get(host, port, "/healthz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"the App did not start:\n{(self.folder / 'app.log').read_text('utf-8', 'replace')[-3000:]}")

    def stop(self) -> None:
        """End what was started."""
        self._over.set()
        if self.app is not None and self.app.poll() is None:
            self.app.terminate()
            try:
                self.app.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(self.app.pid, signal.SIGKILL)  # its own session: nothing else is in it
        self.double.close()

    def facts(self) -> list[str]:
        """The App's processes as the system sees them."""
        if self.app is None:
            return []
        pids = [self.app.pid]
        for pid in pids:
            try:
                pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split())
            except OSError:
                break
        return [f"{_called(pid)} (process {pid})" for pid in pids]

    def _watch(self) -> None:
        """Write down when a check run changes, in seconds since the webhook before it, and tell of what the App opened."""
        began: dict[int, float] = {}
        known = set(self.double.pulls)
        while not self._over.wait(0.05):
            with self.double._lock:
                new = [pull for number, pull in self.double.pulls.items() if number not in known]
                for pull in new:
                    known.add(pull.number)
                    said = self.double.git("log", "-1", "--format=%s", pull.head).decode().strip()
                    self.pushed.append(Pushed(pull.number, self.double.number(), pull.head, pull.author, said))
                    payload = self._pull_payload("opened", pull.number, pull.author)
                    threading.Thread(target=self.deliver, args=("pull_request", payload), daemon=True).start()
                for check in self.double.checks:
                    began.setdefault(check["id"], self._sent)
                    state = check["conclusion"] or check["status"]
                    steps = self.seen.setdefault(check["id"], [])
                    if not steps or steps[-1][1] != state:
                        steps.append((time.monotonic() - began[check["id"]], state))

    # --- webhooks ---

    def deliver(self, event: str, payload: dict[str, Any]) -> None:
        """Send a delivery as GitHub does: signed, with an id of its own, and what was answered written down."""
        body = json.dumps(payload).encode()
        headers = {
            "Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/double", "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest(),
        }  # fmt: skip
        self._sent = time.monotonic()
        at, action = datetime.now().strftime("%H:%M:%S"), payload.get("action", "")
        name = f"{event}.{action}" if action else event
        connection = http.client.HTTPConnection(*self.hook, timeout=10)  # GitHub gives a webhook ten seconds
        try:
            connection.request("POST", "/webhook", body, headers)
            answer = connection.getresponse()
            said = f"{answer.status} in {1000 * (time.monotonic() - self._sent):.0f} ms"
            answer.read()
        except OSError as error:
            said = f"not delivered: {type(error).__name__}"
        finally:
            connection.close()
        self.deliveries.append((at, name, said))

    def _payload(self, name: str, sender: str) -> dict[str, Any]:
        """An example payload of GitHub's, about this repository."""
        data = copy.deepcopy(_example(name))
        owner, _, short = self.double.name.partition("/")
        data["repository"] |= {"id": 7, "name": short, "full_name": self.double.name, "private": True,
                               "default_branch": "main"}  # fmt: skip
        data["repository"]["owner"] |= {"login": owner}
        data["installation"] = {"id": 99, "node_id": "x"}
        data["sender"] |= {"login": sender, "type": "Bot" if sender.endswith("[bot]") else "User"}
        return data

    def _pull_payload(self, action: str, number: int, sender: str, *, before: str = "") -> dict[str, Any]:
        pull = self.double.pulls[number]
        pull.updated = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        data = self._payload(f"pull_request.{action}", sender)
        data["number"] = number
        data["pull_request"] |= {
            "number": number, "state": pull.state, "title": pull.title, "body": pull.body, "draft": pull.draft,
            "merged": pull.merged, "updated_at": pull.updated,
        }  # fmt: skip
        bot = pull.author.endswith("[bot]")
        data["pull_request"]["user"] |= {"login": pull.author, "type": "Bot" if bot else "User"}
        data["pull_request"]["head"] |= {"sha": pull.head, "ref": pull.head_ref}
        data["pull_request"]["base"] |= {"sha": self.double.tip(pull.base_ref), "ref": pull.base_ref}
        for side in ("head", "base"):
            data["pull_request"][side]["repo"] |= {"id": 7}
        if before:
            data |= {"before": before, "after": pull.head}
        return data

    def open(self) -> None:
        """The pull request is opened."""
        self.deliver("pull_request", self._pull_payload("opened", NUMBER, AUTHOR))

    # --- what people do ---

    def act(self, number: int, name: str, who: str, data: dict[str, Any]) -> str:
        """Do what a button says, as one of the people; what came of it in words."""
        deeds: dict[str, Callable[[int, str, dict[str, Any]], str]] = {
            "comment": self._comment, "reply": self._reply, "commit": self._commit_suggestion, "all": self._commit_all,
            "problem": self._problem, "harmless": self._harmless, "rerun": self._rerun, "approve": self._approve,
            "merge": self._merge,
        }  # fmt: skip
        if number not in self.double.pulls or name not in deeds or who not in PEOPLE:
            raise Refused("there is no such thing")
        with self._acting:
            return deeds[name](number, who, data)

    def _comment(self, number: int, who: str, data: dict[str, Any]) -> str:
        with self.double._lock:
            id = self.double.say(who, data["body"], number=number)
        payload = self._payload("issue_comment.created", who)
        payload["issue"] |= {"number": number, "pull_request": {"url": "https://github.invalid/"}}
        payload["comment"] |= {"id": id, "node_id": f"I{id}", "body": data["body"]}
        payload["comment"]["user"] |= {"login": who, "type": "User"}
        self.deliver("issue_comment", payload)
        return ""

    def _reply(self, number: int, who: str, data: dict[str, Any]) -> str:
        with self.double._lock:
            id = self.double.say(who, data["body"], number=number, thread=data["comment"])
        payload = self._payload("pull_request_review_comment.created", who)
        payload["comment"] |= {"id": id, "node_id": f"L{id}", "body": data["body"], "in_reply_to_id": data["comment"]}
        payload["comment"]["user"] |= {"login": who, "type": "User"}
        payload["pull_request"] |= {"number": number}
        self.deliver("pull_request_review_comment", payload)
        return ""

    def _commit_suggestion(self, number: int, who: str, data: dict[str, Any]) -> str:
        with self.double._lock:
            comment = self.double.find(self.double.line_comments, data["comment"])
            found = demo_page.committed(self.thread(number), comment)
        if found is None:
            raise Refused("this suggestion cannot be committed any more")
        return self._push(number, who, f"Update {found[0]}", [found])

    def _commit_all(self, number: int, who: str, _: dict[str, Any]) -> str:
        """Every suggestion that can be committed, in one commit, as GitHub's batch does."""
        changed: dict[str, bytes] = {}
        with self.double._lock:
            for comment in self.double.line_comments:
                if comment["pull"] != number or comment["node_id"] in self.double.minimised:
                    continue
                thread = self.thread(number)
                thread.over = changed
                found = demo_page.committed(thread, comment)
                if found is not None:
                    changed[found[0]] = found[1]
        if not changed:
            raise Refused("there is no suggestion that can be committed")
        return self._push(number, who, "Apply suggestions from code review", list(changed.items()))

    def _problem(self, number: int, who: str, _: dict[str, Any]) -> str:
        path = "environments/production/partners.tf"
        now = self.double.git("cat-file", "blob", f"{self.double.pulls[number].head}:{path}").decode()
        text = now + PROBLEM.format(count=len(self.pushed))
        return self._push(number, who, "Scratch space for the import", [(path, text.encode())])

    def _harmless(self, number: int, who: str, _: dict[str, Any]) -> str:
        return self._push(number, who, "Say where the runbook is", [("RUNBOOK.md", f"{len(self.pushed)}\n".encode())])

    def _push(self, number: int, who: str, message: str, files: list[tuple[str, bytes]]) -> str:
        pull, repository = self.double.pulls[number], self.double.repository
        if pull.state != "open":
            raise Refused("the pull request is closed")
        with self.double._lock:
            before = pull.head
            repository.git("checkout", "--quiet", "--force", pull.head_ref)
            repository.write(dict(files))
            repository.git("add", "--all")
            repository.git(
                "commit", "--quiet", "--allow-empty", f"--author={who} <{who}@harbor.example>", "-m", message
            )
            pull.head = repository.git("rev-parse", "HEAD")
            self.pushed.append(Pushed(number, self.double.number(), pull.head, who, message))
            payload = self._pull_payload("synchronize", number, who, before=before)
        self.deliver("pull_request", payload)
        return f"pushed {pull.head[:7]}"

    def _rerun(self, number: int, who: str, _: dict[str, Any]) -> str:
        pull = self.double.pulls[number]
        runs = [c for c in self.double.checks if c["head_sha"] == pull.head and c["status"] == "completed"]
        if not runs:
            raise Refused("there is no finished check to run again")
        payload = self._payload("check_run.rerequested", who)
        payload["check_run"] |= {"id": runs[-1]["id"], "head_sha": pull.head, "pull_requests": [{"number": number}]}
        self.deliver("check_run", payload)
        return "asked for the check again"

    def _approve(self, number: int, who: str, _: dict[str, Any]) -> str:
        if self.double.pulls[number].author == who:
            raise Refused("nobody approves a pull request of their own")
        if self.double.people[who] == "read":
            raise Refused(f"{who} may not write here, so GitHub does not count it")
        with self.double._lock:
            self.double.vote(who, number=number)
        return f"{who} approved"

    def _merge(self, number: int, who: str, _: dict[str, Any]) -> str:
        pull = self.double.pulls[number]
        if pull.state != "open":
            raise Refused("the pull request is closed")
        if self.double.people[who] == "read":
            raise Refused(f"{who} may not write here")
        with self.double._lock:
            before = self.double.tip(pull.base_ref)
            if self.double.merge_base(before, pull.head) != before:
                raise Refused(f"{pull.base_ref} has got commits since; the double merges only what follows its tip")
            self.double.merge(number)
            if self.double.repository.git("rev-parse", "--abbrev-ref", "HEAD") == pull.base_ref:
                self.double.repository.git("reset", "--quiet", "--hard")
            closed = self._pull_payload("closed", number, who)
        self.deliver("pull_request", closed)
        if pull.base_ref == "main":
            push = self._payload("push", who)
            push |= {"ref": "refs/heads/main", "before": before, "after": pull.head, "deleted": False, "created": False}
            self.deliver("push", push)
        for other in self.double.pulls.values():
            if other.state == "open" and other.head_ref == pull.base_ref:
                old, other.head = other.head, pull.head
                self.pushed.append(Pushed(other.number, self.double.number(), pull.head, who, f"Merge #{number}"))
                self.deliver("pull_request", self._pull_payload("synchronize", other.number, who, before=old))
        return "merged"

    # --- the page ---

    def thread(self, number: int) -> Thread:
        return Thread(self.history, self.double, number, self.pushed, self.seen)

    def shown(self, number: int) -> dict[str, Any]:
        """All that the page of a pull request shows, drawn anew when something has happened."""
        double, facts = self.double, self.facts()
        with double._lock:
            happened = [
                double._count, double._next, len(self.deliveries), len(self.pushed), sum(map(len, self.seen.values())),
                [(p.head, p.state) for p in double.pulls.values()], facts,
            ]  # fmt: skip
            version = hashlib.sha256(json.dumps(happened).encode()).hexdigest()[:16]
            if self._drawn.get(number, {}).get("version") != version:
                side = demo_page.side(double, self.deliveries, number, facts)
                self._drawn[number] = {"version": version, "parts": self.thread(number).parts(), "side": side}
            return self._drawn[number]


class _Site(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a page that was closed is no error
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    demo: Demo
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        return

    def _ours(self) -> bool:
        """Whether it is this page that asks: no other site, under whatever name it reached this port."""
        port = self.server.server_address[1]
        hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        origin = self.headers.get("Origin", "")
        return self.headers.get("Host") in hosts and (not origin or origin.removeprefix("http://") in hosts)

    def do_GET(self) -> None:
        demo = self.demo
        path, _, seen = self.path.partition("?seen=")
        found = re.fullmatch(r"/(?:(thread|pull)/([1-9][0-9]{0,8}))?", path)
        number = int(found[2] or NUMBER) if found else 0
        if found is None or number not in demo.double.pulls or not self._ours():
            return self._answer(404, "text/plain", "not here\n")
        if found[1] == "thread":
            shown = demo.shown(number)
            return self._answer(
                200, "application/json", json.dumps({"same": True} if seen == shown["version"] else shown)
            )
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        page = demo_page.page(demo.double, number, demo.shown(number), PEOPLE, nonce)
        return self._answer(200, "text/html; charset=utf-8", page, {"Content-Security-Policy": policy})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, 100_000))
        found = re.fullmatch(r"/do/([1-9][0-9]{0,8})/([a-z]+)", self.path)
        if found is None or not self._ours() or self.headers.get("Content-Type") != "application/json":
            return self._answer(404, "application/json", '{"said": "not here"}')
        try:
            data = json.loads(body)
            said = self.demo.act(int(found[1]), found[2], data["who"], data)
        except Refused as refused:
            said = str(refused)
        return self._answer(200, "application/json", json.dumps({"said": said}))

    def _answer(self, status: int, kind: str, text: str, more: dict[str, str] | None = None) -> None:
        data = text.encode()
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(data)), "Cache-Control": "no-store",
                   "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", **(more or {})}  # fmt: skip
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _example(name: str) -> dict[str, Any]:
    path = TOP / "tests" / "github_app" / "payloads" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _files(folder: Path) -> dict[str, str | bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _get(host: str, port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _called(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return "a process"
    return next((f"ccopilot {name}" for name in ("intake", "worker", "serve") if name in words), Path(words[0]).name)


def outline(shown: dict[str, Any]) -> str:
    """What the page shows, as lines of text."""
    out = []
    for part in [*shown["parts"], {"id": "behind", "html": shown["side"]}]:
        text = re.sub(r"<(?:/p|/li|/tr|/div|/h[1-6]|br|/summary|/section|/pre)\b[^>]*>", "\n", part["html"])
        text = re.sub(r'</span>(?=<span class="(?:add|remove|same|hunk|file)")', "\n", text)
        lines = (" ".join(unescape(re.sub(r"<[^>]+>", " ", line)).split()) for line in text.split("\n"))
        out.append(f"[{part['id']}]\n" + "\n".join(line for line in lines if line))
    return "\n\n".join(out) + "\n"


def _tour(address: str) -> int:
    """Over HTTP, as a browser would: wait for the review, ask for help, commit a suggestion, and wait for the next review."""
    shown = _until(address, lambda text: re.search(r"→ (?!queued|in progress)", text.partition("[description]")[0]))
    suggestion = re.search(r'data-do="commit" data-comment="(\d+)"', json.dumps(shown).replace('\\"', '"'))
    if suggestion is not None:
        _do(address, "comment", {"body": "/compliance help"})
        _do(address, "commit", {"comment": int(suggestion[1])})
        shown = _until(address, lambda text: "Resolved" in text and "/compliance explain ID" in text)
    sys.stdout.write(outline(shown))
    return 0


def _until(address: str, done: Callable[[str], Any]) -> dict[str, Any]:
    """What the page shows once that is as wanted, or after minutes in which it never was."""
    ends = time.monotonic() + 180  # a loaded machine takes its time
    while True:
        with urllib.request.urlopen(f"{address}thread/{NUMBER}", timeout=30) as answer:
            shown: dict[str, Any] = json.load(answer)
        if done(outline(shown)):
            return shown
        if time.monotonic() > ends:
            raise SystemExit(f"nothing came of it; the page shows:\n{outline(shown)}")
        time.sleep(0.2)


def _do(address: str, name: str, data: dict[str, Any]) -> None:
    body = json.dumps({"who": AUTHOR, **data}).encode()
    asked = urllib.request.Request(f"{address}do/{NUMBER}/{name}", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(asked, timeout=30).close()


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--port", type=int, default=8790, help="where the page is served; 0: any free port")
    options.add_argument(
        "--once", action="store_true", help="do without a person what one would, print what the page shows, and end"
    )
    options.add_argument("--keep", type=Path, help="a folder that stays, instead of one that goes")
    given = options.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="ccopilot-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    demo = Demo(folder)
    handler = type("Handler", (_Handler,), {"demo": demo})
    try:
        site = _Site(("127.0.0.1", given.port), handler)
    except OSError as error:
        demo.stop()
        sys.exit(f"port {given.port}: {error.strerror}; take another with --port")
    threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    address = f"http://127.0.0.1:{site.server_address[1]}/"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        print(f"starting the App; the pull request is at {address}", file=sys.stderr, flush=True)
        demo.start()
        demo.open()
        if not given.once:
            print("a webhook was sent; stop with Ctrl-C", file=sys.stderr, flush=True)
            while demo.app is None or demo.app.poll() is None:
                time.sleep(0.5)
            print(f"the App has ended; its log is {folder / 'app.log'}", file=sys.stderr)
            return 4
        return _tour(address)
    except KeyboardInterrupt:
        return 0
    finally:
        site.shutdown()
        demo.stop()
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
