"""A stateful double of GitHub over a real git repository, served over real HTTP on loopback.

It enforces what GitHub enforces and its description does not say: where a comment may stand, who may change what, how
long a text may be, what a token may do. Every request is held against the description, and every answer is made to fit it.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import jwt

from github_app.diff import FileDiff, read
from github_app.permissions import EVENTS, asked
from tests.github_app import contract
from tests.trees import Repository

BOT = "ccopilot[bot]"
REPO = "/repos/{owner}/{repo}"
NEEDS = {
    "check-runs": "checks",
    "reviews": "pull_requests",
    "comments": "pull_requests",
    "replies": "pull_requests",
    "reactions": "pull_requests",
    "pulls": "pull_requests",
    "memberships": "members",
    "collaborators": "metadata",
}


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}


@dataclass
class Pull:
    number: int
    head: str
    base_ref: str = "main"
    draft: bool = False
    state: str = "open"
    fork: bool = False
    head_ref: str = "feature"
    author: str = "author"
    title: str = "A change"
    body: str = ""
    merged: bool = False
    forked_at: str = ""
    """Where it left its base, once it is merged: its changes are listed from there ever after."""
    updated: str = "2026-11-01T00:00:00Z"
    bot: bool = False


@dataclass
class Double:
    """GitHub with one repository. `faults` maps the number of a request (from 0) to what goes wrong with it: `before:STATUS`
    (nothing is done), `after:STATUS` (it is done and the answer is an error), `cut:before`, `cut:after`."""

    repository: Repository
    name: str = "acme/infra"
    pulls: dict[int, Pull] = field(default_factory=dict)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    line_comments: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    reactions: set[tuple[str, int, str]] = field(default_factory=set)
    minimised: set[str] = field(default_factory=set)
    people: dict[str, str] = field(default_factory=dict)
    """What people may do, by the name of their role."""
    teams: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each team (`acme/platform`), who is in it, and whether that is active or pending."""
    opinions: list[tuple[str, int, str, str]] = field(default_factory=list)
    """Reactions of people: pulls or issues, the comment, content, login."""
    resolved: dict[int, str] = field(default_factory=dict)
    """Threads that somebody resolved, by their first comment."""
    tokens: dict[str, dict[str, str]] = field(
        default_factory=lambda: {"good": {"checks": "write", "pull_requests": "write", "contents": "read"}}
    )
    id: int = 7
    installation: int = 99
    beside: Double | None = None
    """Another repository on the same server, of an installation of its own."""
    faults: dict[int, str] = field(default_factory=dict)
    faulty: Callable[[str, str, bytes], str] | None = None
    """Told of every request, with its verb, path and body, before it is done; what it gives goes wrong, "" for nothing."""
    log: list[tuple[str, str, int]] = field(default_factory=list)
    pem: str = "-----BEGIN RSA PRIVATE KEY-----\nof-an-app-that-was-made\n-----END RSA PRIVATE KEY-----\n"
    """The private key of every App that is made from a manifest."""
    app_key: Any = None
    """The public key of the App, number 4711, whose installation has this repository."""
    issued: list[tuple[int, list[int], dict[str, str]]] = field(default_factory=list)
    asks: dict[str, str] = field(default_factory=lambda: asked(commits=False))
    """The permissions that the App asks every installation for."""
    hears: tuple[str, ...] = tuple(each.name for each in EVENTS)
    installed: list[dict[str, Any]] = field(default_factory=list)
    hook: dict[str, Any] = field(
        default_factory=lambda: {
            "url": "https://copilot.example/webhook", "content_type": "json", "secret": "********", "insecure_ssl": "0"
        }
    )  # fmt: skip
    manifests: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Apps that were made from a manifest, by the code that is exchanged for their secrets; each code works once."""
    granted: dict[str, str] = field(
        default_factory=lambda: {"checks": "write", "pull_requests": "write", "contents": "read", "metadata": "read"}
    )
    """What the installation grants: a token gets no more."""
    cuts_trees: bool = False
    has_archive: bool = True
    _count: int = 0
    _next: int = 1000

    def __post_init__(self) -> None:
        double = self
        self._lock = threading.RLock()

        class Handler(_Handler):
            gives = double

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.host}/api/v3"

    @property
    def writes(self) -> list[tuple[str, str, int]]:
        return [entry for entry in self.log if entry[0] != "GET"]

    def number(self) -> int:
        self._next += 1
        return self._next

    def git(self, *args: str, given: bytes | None = None, names: dict[str, str] | None = None) -> bytes:
        command = ["git", "-C", str(self.repository.folder), *args]
        env = {**os.environ, **names} if names else None
        done = subprocess.run(command, capture_output=True, check=False, input=given, env=env)
        if done.returncode:
            raise Refusal(404, "Not Found")
        return done.stdout

    def tip(self, branch: str) -> str:
        return self.git("rev-parse", "--verify", f"refs/heads/{branch}^{{commit}}").decode().strip()

    def say(self, login: str, body: str, *, number: int = 1, thread: int | None = None) -> int:
        """Somebody writes a comment in the conversation, or answers in a thread; its number."""
        id = self.number()
        said = {"id": id, "user": _user(login), "body": body, "pull": number}
        if thread is None:
            self.comments.append({**said, "node_id": f"I{id}"})
        else:
            above = self.find(self.line_comments, str(thread))
            self.line_comments.append({**above, **said, "node_id": f"L{id}", "in_reply_to_id": above["id"]})
        return id

    def vote(self, login: str, state: str = "APPROVED", *, number: int = 1, commit: str = "") -> None:
        """Somebody reviews a pull request, at its head unless a commit is given."""
        id = self.number()
        self.reviews.append({"id": id, "node_id": f"R{id}", "body": "", "user": _user(login), "state": state,
                             "commit_id": commit or self.pulls[number].head, "pull": number})  # fmt: skip

    def merge(self, number: int) -> None:
        """Somebody merges a pull request whose base has not moved."""
        pull = self.pulls[number]
        pull.forked_at = self.merge_base(f"refs/heads/{pull.base_ref}", pull.head)
        self.git("update-ref", f"refs/heads/{pull.base_ref}", pull.head)
        pull.state, pull.merged = "closed", True

    def merge_base(self, base: str, head: str) -> str:
        return self.git("merge-base", base, head).decode().strip()

    def files(self, base: str, head: str) -> list[dict[str, Any]]:
        """The changed files as GitHub lists them."""
        found = (
            self.git("diff", "--raw", "-z", "-M", "--no-abbrev", base, head)
            .decode("utf-8", "surrogateescape")
            .split("\0")
        )
        out = []
        at = 0
        while at < len(found) - 1:
            status = found[at].split()[4]
            moved = status[0] in "RC"
            old, path = found[at + 1], found[at + 2 if moved else at + 1]
            at += 3 if moved else 2
            text = self.git("diff", "-U3", "-M", base, head, "--", *({old, path})).decode("utf-8", "surrogateescape")
            start = text.find("\n@@ ")
            names = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}
            entry = {"filename": path, "status": names[status[0]], "sha": "0" * 40}
            if start >= 0:
                entry["patch"] = text[start + 1 :].removesuffix("\n")
            if moved:
                entry["previous_filename"] = old
            out.append(entry)
        return out

    def diff(self, pull: Pull, commit: str) -> dict[str, FileDiff]:
        base = self.merge_base(f"refs/heads/{pull.base_ref}", commit)
        return {each["filename"]: read(each["filename"], each.get("patch")) for each in self.files(base, commit)}

    # --- one request ---

    def handle(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Any, dict[str, str]]:
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/codeload/"):
            return self._codeload(parts.path)
        token = (headers.get("Authorization") or "").removeprefix("token ").removeprefix("Bearer ")
        other = self.beside
        if other is not None and (
            f"/repos/{other.name}/" in f"{parts.path}/" or f"/installations/{other.installation}/" in parts.path
            or (parts.path == "/api/graphql" and token in other.tokens and token not in self.tokens)
        ):  # fmt: skip
            return other.handle(method, target, headers, body)
        if parts.path.endswith("/settings/apps/new"):
            return self._new_app(method, parts.path, query, body)
        if parts.path.startswith("/api/v3/app-manifests/"):
            return self._converted(method, parts.path.removeprefix("/api/v3"))
        if parts.path.startswith("/api/v3/app/") or parts.path == "/api/v3/app":
            return self._app(
                method, parts.path.removeprefix("/api/v3"), token, json.loads(body) if body else None, query
            )
        if token not in self.tokens:
            raise Refusal(401, "Bad credentials")
        data = json.loads(body) if body else None
        if parts.path == "/api/graphql":
            return self._graphql(data)
        path = unquote(parts.path.removeprefix("/api/v3"))
        route = contract.route(method, path)
        if route is None:
            raise Refusal(404, "Not Found")
        if found := contract.problems(method, route.template, data):
            raise Refusal(422, f"Invalid request. {found}")
        if "repo" in route.values and f"{route.values['owner']}/{route.values['repo']}" != self.name:
            raise Refusal(404, "Not Found")
        self._permitted(method, route.template, self.tokens[token])
        tail = route.template.removeprefix(REPO)
        act: Callable[..., tuple[int, Any]] | None = _ROUTES.get((method, tail))
        if act is None:
            raise Refusal(501, f"the double does not do {method} {tail}")
        status, values = act(self, route.values, query, data)
        if status == 302:
            return 302, None, {"Location": values}
        if isinstance(values, list) and method == "GET":
            page, size = int(query.get("page", 1)), int(query.get("per_page", 30))
            values = values[(page - 1) * size : page * size]
        if isinstance(values, dict) and isinstance(values.get("check_runs"), list):
            page, size = int(query.get("page", 1)), int(query.get("per_page", 30))
            values["check_runs"] = values["check_runs"][(page - 1) * size : page * size]
        made = contract.answer(method, route.template, status, values)
        wrong = contract.problems(method, route.template, made, str(status))
        assert not wrong, f"the double answers {method} {tail} with what GitHub would not: {wrong}"
        return status, made, {}

    def _permitted(self, method: str, template: str, granted: dict[str, str]) -> None:
        needed = next((NEEDS[word] for word in reversed(template.split("/")) if word in NEEDS), "contents")
        if needed == "metadata":  # every token may read that
            return
        have = granted.get(needed, "")
        if not have or (method != "GET" and have != "write"):
            raise Refusal(403, "Resource not accessible by integration")

    def _codeload(self, path: str) -> tuple[int, Any, dict[str, str]]:
        if not self.has_archive:
            raise Refusal(404, "Not Found")
        commit = path.rsplit("/", 1)[1]
        return 200, self.git("archive", "--format=tar.gz", f"--prefix=acme-infra-{commit[:7]}/", commit), {}

    def _new_app(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any, dict[str, str]]:
        """The page on which a person creates an App from a manifest, and who agrees at once."""
        form = {name: values[-1] for name, values in parse_qs(body.decode()).items()}
        if method != "POST" or "manifest" not in form:
            raise Refusal(404, "Not Found")
        manifest = json.loads(form["manifest"])
        permissions = contract.description()["components"]["schemas"]["app-permissions"]["properties"]
        for name, access in manifest["default_permissions"].items():
            if access not in permissions[name]["enum"]:
                raise Refusal(422, f"{name} cannot be {access}")
        for event in manifest["default_events"]:
            if next(each.permission for each in EVENTS if each.name == event) not in manifest["default_permissions"]:
                raise Refusal(422, f"Default events unsupported: {event}")
        for place in (manifest["url"], manifest["hook_attributes"]["url"], manifest["redirect_url"]):
            if urlsplit(place).scheme not in ("http", "https"):
                raise Refusal(422, "Url must be a valid URL")
        code = f"code{self.number()}"
        owner = path.split("/")[2] if path.startswith("/organizations/") else "somebody"
        self.manifests[code] = {**manifest, "owner": owner}
        mark = "&" if "?" in manifest["redirect_url"] else "?"
        place = f"{manifest['redirect_url']}{mark}code={code}" + (
            f"&state={quote(query['state'])}" if "state" in query else ""
        )
        return 302, None, {"Location": place}

    def _converted(self, method: str, path: str) -> tuple[int, Any, dict[str, str]]:
        route = contract.route(method, path)
        made = self.manifests.pop(route.values["code"], None) if route else None
        if route is None or made is None:
            raise Refusal(404, "Not Found")
        id = self.number()
        values = {
            "id": id, "slug": "made", "name": made["name"], "html_url": f"{self.host}/apps/made", "pem": self.pem,
            "webhook_secret": f"hook{id}" * 8, "client_id": "Iv1.x", "client_secret": "client-secret-of-the-double",
            "permissions": made["default_permissions"], "events": made["default_events"], "owner": _user(made["owner"]),
        }  # fmt: skip
        return 201, self._fitting(method, route, 201, values), {}

    def _fitting(self, method: str, route: contract.Route, status: int, values: Any) -> Any:
        made = contract.answer(method, route.template, status, values)
        wrong = contract.problems(method, route.template, made, str(status))
        assert not wrong, f"the double answers {method} {route.template} with what GitHub would not: {wrong}"
        return made

    def install(self, account: str, permissions: dict[str, str], *, suspended: bool = False) -> None:
        """Have the App installed for an account, with what it granted."""
        self.installed.append(
            {"id": self.number(), "account": _user(account), "permissions": permissions, "events": list(self.hears),
             "html_url": f"{self.host}/organizations/{account}/settings/installations/1", "app_id": 4711,
             "target_type": "Organization", "suspended_at": "2026-11-01T00:00:00Z" if suspended else None}
        )  # fmt: skip

    def _app(
        self, method: str, path: str, token: str, data: Any, query: dict[str, str]
    ) -> tuple[int, Any, dict[str, str]]:
        try:
            claims = jwt.decode(token, self.app_key, algorithms=["RS256"], options={"verify_aud": False})
        except jwt.InvalidTokenError:
            raise Refusal(401, "A JSON web token could not be decoded") from None
        route = contract.route(method, path)
        if route is None or claims["iss"] not in ("4711", 4711):
            raise Refusal(404, "Integration not found")
        about: dict[str, Callable[[], Any]] = {
            "/app": lambda: {
                "id": 4711, "slug": "ccopilot", "name": "ccopilot", "html_url": f"{self.host}/apps/ccopilot",
                "permissions": self.asks, "events": list(self.hears), "owner": _user("acme"),
            },
            "/app/hook/config": lambda: self.hook,
            "/app/installations": lambda: self.installed,
        }  # fmt: skip
        if method == "GET" and route.template in about:
            values = about[route.template]()
            if isinstance(values, list):
                page, size = int(query.get("page", 1)), int(query.get("per_page", 30))
                values = values[(page - 1) * size : page * size]
            return 200, self._fitting(method, route, 200, values), {}
        if route.values.get("installation_id") != str(self.installation):
            raise Refusal(404, "Not Found")
        if found := contract.problems(method, route.template, data):
            raise Refusal(422, f"Invalid request. {found}")
        if data["repository_ids"] != [self.id]:
            raise Refusal(422, "There is at least one repository that does not exist or is not accessible")
        made = f"ghs_double{self.id}x{self.number()}"
        granted = data.get("permissions", {})
        if any(self.granted.get(name) not in (level, "write") for name, level in granted.items()):
            raise Refusal(422, "The permissions requested are not granted to this installation.")
        self.tokens[made] = granted
        self.issued.append((self.installation, data["repository_ids"], granted))
        ends = datetime.fromtimestamp(1_800_000_000 + 3600 * len(self.issued), UTC).isoformat()
        return (
            201,
            contract.answer(method, route.template, 201, {"token": made, "expires_at": ends, "permissions": granted}),
            {},
        )

    def _graphql(self, data: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        if "viewer" in data["query"]:
            return 200, {"data": {"viewer": {"login": BOT}}}, {}
        if "reviewThreads" in data["query"]:
            return (
                200,
                {"data": {"repository": {"pullRequest": {"reviewThreads": self._threads(data["variables"])}}}},
                {},
            )
        node = data["variables"]["input"]["subjectId"]
        if node not in {each["node_id"] for each in self.line_comments}:
            return (
                200,
                {"data": {"minimizeComment": None}, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve"}]},
                {},
            )
        self.minimised.add(node)
        return 200, {"data": {"minimizeComment": {"minimizedComment": {"isMinimized": True}}}}, {}

    def _threads(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The threads of a pull request, fifty to a page as it is asked for."""
        if f"{asked['owner']}/{asked['name']}" != self.name or asked["number"] not in self.pulls:
            raise Refusal(404, "Not Found")
        first = [c for c in self.line_comments if c["pull"] == asked["number"] and not c.get("in_reply_to_id")]
        at = int(asked["after"] or 0)
        nodes = []
        for above in first[at : at + 50]:
            inside = [c for c in self.line_comments if above["id"] in (c["id"], c.get("in_reply_to_id"))]
            resolver = self.resolved.get(above["id"])
            nodes.append({
                "isResolved": resolver is not None, "resolvedBy": {"login": resolver} if resolver else None,
                "comments": {"nodes": [{"databaseId": c["id"], "isMinimized": c["node_id"] in self.minimised}
                                       for c in inside[:50]]},
            })  # fmt: skip
        return {"pageInfo": {"hasNextPage": at + 50 < len(first), "endCursor": str(at + 50)}, "nodes": nodes}

    def find(self, items: list[dict[str, Any]], id: str) -> dict[str, Any]:
        for each in items:
            if each["id"] == int(id):
                return each
        raise Refusal(404, "Not Found")

    def of(self, number: str) -> Pull:
        if int(number) not in self.pulls:
            raise Refusal(404, "Not Found")
        return self.pulls[int(number)]

    def exists(self, commit: str) -> None:
        try:
            self.git("cat-file", "-e", f"{commit}^{{commit}}")
        except Refusal:
            raise Refusal(422, f"No commit found for SHA: {commit}") from None

    def text(self, body: Any) -> str:
        if not isinstance(body, str) or not body.strip():
            raise Refusal(422, "Body can't be blank")
        if len(body) > 65_536:
            raise Refusal(422, "body is too long (maximum is 65536 characters)")
        return body


def _user(login: str = BOT) -> dict[str, Any]:
    return {"login": login, "id": 1, "type": "Bot" if login.endswith("[bot]") else "User"}


def _repository(d: Double, *_: Any) -> tuple[int, Any]:
    owner, name = d.name.split("/")
    return 200, {
        "id": d.id,
        "name": name,
        "full_name": d.name,
        "owner": _user(owner),
        "default_branch": "main",
        "private": True,
    }


def _pull(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    return 200, {**_described(d, d.of(v["pull_number"])), "merged": d.of(v["pull_number"]).merged}


def _described(d: Double, pull: Pull) -> dict[str, Any]:
    base = d.git("rev-parse", f"refs/heads/{pull.base_ref}").decode().strip()
    side = {"user": _user(pull.author), "label": "x"}
    repo = {"id": d.id}
    return {
        "number": pull.number, "state": pull.state, "draft": pull.draft, "user": _user(f"{pull.author}[bot]" if pull.bot else pull.author), "updated_at": pull.updated,
        "title": pull.title, "body": pull.body, "merged_at": "2026-11-01T00:00:00Z" if pull.merged else None,
        "head": {**side, "sha": pull.head, "ref": pull.head_ref, "repo": {"id": d.id + 1000} if pull.fork else repo},
        "base": {**side, "sha": base, "ref": pull.base_ref, "repo": repo},
    }  # fmt: skip


def _pulls(d: Double, _v: Any, query: Any, _: Any) -> tuple[int, Any]:
    owner = d.name.partition("/")[0]
    state, head, base = query.get("state", "open"), query.get("head"), query.get("base")
    return 200, [
        _described(d, pull)
        for pull in sorted(d.pulls.values(), key=lambda each: -each.number)
        if state in ("all", pull.state)
        and (head is None or head == f"{'stranger' if pull.fork else owner}:{pull.head_ref}")
        and (base is None or base == pull.base_ref)
    ]


def _open_pull(d: Double, _v: Any, _: Any, data: Any) -> tuple[int, Any]:
    owner, _sep, branch = data["head"].rpartition(":")
    if not data.get("title", "").strip() or len(data["title"]) > 256 or len(data.get("body") or "") > 65_536:
        raise Refusal(422, "Validation Failed")
    tips = []
    for name, place in ((data["base"], "base"), (branch, "head")):
        try:
            tips.append(d.tip(name))
        except Refusal:
            raise Refusal(422, f"Validation Failed: PullRequest {place} invalid") from None
    if any(p.state == "open" and (p.head_ref, p.base_ref, p.fork) == (branch, data["base"], False)
           for p in d.pulls.values()):  # fmt: skip
        raise Refusal(422, f"Validation Failed: A pull request already exists for {owner or 'acme'}:{branch}.")
    if not d.git("rev-list", "--max-count=1", f"{tips[0]}..{tips[1]}").strip():
        raise Refusal(422, f"Validation Failed: No commits between {data['base']} and {branch}")
    number = max(d.pulls, default=0) + 1
    d.pulls[number] = Pull(
        number, tips[1], data["base"], head_ref=branch, author=BOT, title=data["title"], body=data.get("body") or ""
    )
    return 201, {**_described(d, d.pulls[number]), "merged": False}


def _files(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    pull = d.of(v["pull_number"])
    base = pull.forked_at or d.merge_base(f"refs/heads/{pull.base_ref}", pull.head)
    return 200, d.files(base, pull.head)[:3000]


def _compare(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    base, _sep, head = v["basehead"].partition("...")
    return 200, {"merge_base_commit": {"sha": d.merge_base(base, head)}, "base_commit": {"sha": base}, "commits": []}


def _commit(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    sha = v["commit_sha"]
    parents = d.git("rev-list", "--parents", "--max-count=1", sha).decode().split()[1:]
    return 200, {
        "sha": sha, "tree": {"sha": d.git("rev-parse", f"{sha}^{{tree}}").decode().strip()},
        "parents": [{"sha": each, "url": "https://github.invalid/", "html_url": "https://github.invalid/"} for each in parents],
    }  # fmt: skip


def _make_blob(d: Double, _v: Any, _: Any, data: Any) -> tuple[int, Any]:
    content, encoding = data["content"], data.get("encoding", "utf-8")
    if encoding not in ("utf-8", "base64"):
        raise Refusal(422, "Invalid encoding")
    try:
        given = content.encode() if encoding == "utf-8" else base64.b64decode(content, validate=True)
    except ValueError:
        raise Refusal(422, "content is not valid Base64") from None
    return 201, {"sha": d.git("hash-object", "-w", "--stdin", given=given).decode().strip()}


def _make_tree(d: Double, _v: Any, _: Any, data: Any) -> tuple[int, Any]:
    with tempfile.TemporaryDirectory() as folder:
        names = {"GIT_INDEX_FILE": f"{folder}/index"}
        if data.get("base_tree"):
            d.git("read-tree", data["base_tree"], names=names)
        for each in data["tree"]:
            if "sha" in each and each["sha"] is None:
                if not d.git("ls-files", "--", each["path"], names=names):
                    raise Refusal(422, "GitRPC::BadObjectState")
                d.git("update-index", "--force-remove", "--", each["path"], names=names)
                continue
            try:
                if d.git("cat-file", "-t", each["sha"]).decode().strip() != each["type"]:
                    raise Refusal(422, f"tree.sha {each['sha']} is not a valid {each['type']}")
            except Refusal:
                raise Refusal(422, f"tree.sha {each['sha']} does not exist") from None
            entry = f"{each['mode']},{each['sha']},{each['path']}"
            try:
                d.git("update-index", "--add", "--cacheinfo", entry, names=names)
            except Refusal:
                raise Refusal(422, "tree.path contains a malformed path component") from None
        made = d.git("write-tree", names=names).decode().strip()
    return 201, {"sha": made, "tree": [], "truncated": False}


def _make_commit(d: Double, _v: Any, _: Any, data: Any) -> tuple[int, Any]:
    for sha, kind in ((data["tree"], "tree"), *((each, "commit") for each in data.get("parents") or ())):
        try:
            d.git("cat-file", "-e", f"{sha}^{{{kind}}}")
        except Refusal:
            raise Refusal(422, f"{kind.capitalize()} SHA does not exist") from None
    parents = [part for each in data.get("parents") or () for part in ("-p", each)]
    names = {"GIT_AUTHOR_DATE": f"{1_780_000_000 + d.number()} +0000", "GIT_CONFIG_GLOBAL": os.devnull}
    names["GIT_COMMITTER_DATE"] = names["GIT_AUTHOR_DATE"]
    for role in ("AUTHOR", "COMMITTER"):
        names |= {f"GIT_{role}_NAME": BOT, f"GIT_{role}_EMAIL": "bot@github.invalid"}
    made = d.git("commit-tree", data["tree"], *parents, given=data["message"].encode(), names=names).decode().strip()
    return 201, {
        "sha": made,
        "tree": {"sha": data["tree"], "url": "https://github.invalid/"},
        "message": data["message"],
    }


def _ref(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    sha = d.git("rev-parse", "--verify", f"refs/{v['ref']}").decode().strip()
    return 200, _pointing(f"refs/{v['ref']}", sha)


def _pointing(ref: str, sha: str) -> dict[str, Any]:
    return {"ref": ref, "object": {"sha": sha, "type": "commit", "url": "https://github.invalid/"}}


def _make_ref(d: Double, _v: Any, _: Any, data: Any) -> tuple[int, Any]:
    ref, sha = data["ref"], data["sha"]
    try:
        if not ref.startswith("refs/") or ref.count("/") < 2:
            raise Refusal(422, "")
        d.git("check-ref-format", ref)
    except Refusal:
        raise Refusal(422, f"{ref} is not a valid ref name.") from None
    try:
        d.exists(sha)
    except Refusal:
        raise Refusal(422, "Object does not exist") from None
    try:
        # Nothing stood there before: the forty zeroes say so, and git refuses otherwise.
        d.git("update-ref", ref, sha, "0" * 40)
    except Refusal:
        raise Refusal(422, "Reference already exists") from None
    return 201, _pointing(ref, sha)


def _membership(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    state = d.teams.get(f"{v['org']}/{v['team_slug']}", {}).get(v["username"])
    if state is None:
        raise Refusal(404, "Not Found")
    return 200, {"state": state, "role": "member", "url": "https://github.invalid/"}


def _tree(d: Double, v: Any, query: Any, _: Any) -> tuple[int, Any]:
    deep = "recursive" in query
    found = (
        d.git("ls-tree", "-z", *(["-r", "-t"] if deep else []), v["tree_sha"])
        .decode("utf-8", "surrogateescape")
        .split("\0")
    )
    entries = []
    for line in found[:-1]:
        meta, _sep, path = line.partition("\t")
        mode, kind, sha = meta.split()
        entries.append({"path": path, "mode": mode, "type": kind, "sha": sha})
    cut = d.cuts_trees and deep
    return 200, {"sha": v["tree_sha"], "tree": entries[:1] if cut else entries, "truncated": cut}


def _blob(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    data = d.git("cat-file", "blob", v["file_sha"])
    return 200, {
        "sha": v["file_sha"],
        "content": base64.b64encode(data).decode(),
        "encoding": "base64",
        "size": len(data),
    }


def _tarball(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    return 302, f"{d.host}/codeload/{v['ref']}"


def _contents(d: Double, v: Any, query: Any, _: Any) -> tuple[int, Any]:
    data = d.git("cat-file", "blob", f"{query.get('ref', 'main')}:{v['path']}")
    return 200, {
        "type": "file",
        "encoding": "base64",
        "content": base64.b64encode(data).decode(),
        "path": v["path"],
        "name": "x",
        "size": len(data),
        "sha": "0" * 40,
    }


def _permission(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
    role = d.people.get(v["username"], "none")
    if role == "gone":  # no account has that name any more
        raise Refusal(404, "Not Found")
    legacy = {"maintain": "write", "triage": "read"}.get(role, role)
    return 200, {"permission": legacy, "role_name": role, "user": None}


def _make_check(d: Double, v: Any, _: Any, data: Any) -> tuple[int, Any]:
    d.exists(data["head_sha"])
    made = {"id": d.number(), "node_id": "c", "name": data["name"], "head_sha": data["head_sha"], "external_id": data.get("external_id", ""),
            "status": "queued", "conclusion": None, "annotations": []}  # fmt: skip
    d.checks.append(made)
    _change(made, data)
    return 201, _shown(made)


def _change(check: dict[str, Any], data: dict[str, Any]) -> None:
    if data.get("status") == "completed" and not data.get("conclusion"):
        raise Refusal(422, "Invalid request. A completed check run wants a conclusion.")
    output = data.get("output") or {}
    if len(output.get("annotations") or ()) > 50:
        raise Refusal(422, "Invalid request. No more than 50 items are allowed.")
    if len(output.get("summary") or "") > 65_535:
        raise Refusal(422, "summary is too long")
    check["annotations"] += output.get("annotations") or []
    check["title"] = output.get("title", check.get("title"))
    check["summary"] = output.get("summary", check.get("summary"))
    check["status"] = "completed" if data.get("conclusion") else data.get("status", check["status"])
    check["conclusion"] = data.get("conclusion", check["conclusion"])


def _shown(check: dict[str, Any]) -> dict[str, Any]:
    hidden = {"annotations", "title", "summary"}
    output = {
        "title": check.get("title"),
        "summary": check.get("summary"),
        "text": None,
        "annotations_count": len(check["annotations"]),
    }
    return {
        **{k: value for k, value in check.items() if k not in hidden},
        "output": output,
        "pull_requests": [],
        "app": None,
        "check_suite": None,
    }


def _update_check(d: Double, v: Any, _: Any, data: Any) -> tuple[int, Any]:
    check = d.find(d.checks, v["check_run_id"])
    _change(check, data)
    return 200, _shown(check)


def _checks(d: Double, v: Any, query: Any, _: Any) -> tuple[int, Any]:
    found = [
        _shown(c) for c in d.checks if c["head_sha"] == v["ref"] and c["name"] == query.get("check_name", c["name"])
    ]
    return 200, {"total_count": len(found), "check_runs": found}


def _post_review(d: Double, v: Any, _: Any, data: Any) -> tuple[int, Any]:
    pull = d.of(v["pull_number"])
    commit = data.get("commit_id") or pull.head
    d.exists(commit)
    diff = d.diff(pull, commit)
    body = data.get("body") or ""
    if not body.strip() and not data.get("comments"):
        raise Refusal(422, "Unprocessable Entity: body can't be blank")
    if body:
        d.text(body)
    made = []
    for each in data.get("comments") or ():
        line, start, side = each.get("line"), each.get("start_line"), each.get("side", "RIGHT")
        file = diff.get(each["path"])
        if file is None:
            raise Refusal(422, "Unprocessable Entity: Path could not be resolved")
        if line is None or not file.shows(line if start is None else start, line, side):
            raise Refusal(422, "Unprocessable Entity: Line could not be resolved")
        if start is not None and start >= line:
            raise Refusal(422, "Unprocessable Entity: start_line must precede the end line")
        if side == "LEFT" and re.search(r"^`{3,}suggestion", each["body"], re.M):
            raise Refusal(422, "Unprocessable Entity: a suggestion stands on the right side")
        made.append(
            {"path": each["path"], "line": line, "start_line": start, "side": side, "body": d.text(each["body"])}
        )
    review = {
        "id": d.number(),
        "node_id": f"R{d._next}",
        "body": body,
        "user": _user(),
        "state": "COMMENTED",
        "commit_id": commit,
        "pull": pull.number,
    }
    d.reviews.append(review)
    for each in made:
        id = d.number()
        d.line_comments.append(
            {
                "id": id,
                "node_id": f"L{id}",
                "user": _user(),
                "pull": pull.number,
                "pull_request_review_id": review["id"],
                "commit_id": commit,
                **each,
            }
        )
    return 200, _without(review)


def _without(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != "pull"}


def _listed(name: str, key: str) -> Callable[..., tuple[int, Any]]:
    def act(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
        number = d.of(v[key]).number
        return 200, [_without(each) for each in getattr(d, name) if each["pull"] == number]

    return act


def _comment(d: Double, v: Any, _: Any, data: Any) -> tuple[int, Any]:
    id = d.number()
    made = {
        "id": id,
        "node_id": f"I{id}",
        "user": _user(),
        "body": d.text(data["body"]),
        "pull": d.of(v["issue_number"]).number,
    }
    d.comments.append(made)
    return 201, _without(made)


def _edited(name: str) -> Callable[..., tuple[int, Any]]:
    def act(d: Double, v: Any, _: Any, data: Any) -> tuple[int, Any]:
        found = d.find(getattr(d, name), v["comment_id"])
        if found["user"]["login"] != BOT:
            raise Refusal(403, "Resource not accessible by integration")
        found["body"] = d.text(data["body"])
        return 200, _without(found)

    return act


def _reply(d: Double, v: Any, _: Any, data: Any) -> tuple[int, Any]:
    above = d.find(d.line_comments, v["comment_id"])
    if above.get("in_reply_to_id"):
        raise Refusal(422, "replies to replies are not supported")
    id = d.number()
    made = {
        **above,
        "id": id,
        "node_id": f"L{id}",
        "user": _user(),
        "body": d.text(data["body"]),
        "in_reply_to_id": above["id"],
    }
    d.line_comments.append(made)
    return 201, _without(made)


def _react(kind: str) -> Callable[..., tuple[int, Any]]:
    def act(d: Double, v: Any, _: Any, data: Any) -> tuple[int, Any]:
        d.find(d.line_comments if kind == "pulls" else d.comments, v["comment_id"])
        entry = (kind, int(v["comment_id"]), data["content"])
        status = 200 if entry in d.reactions else 201
        d.reactions.add(entry)
        return status, {"id": 1, "node_id": "x", "user": _user(), "content": data["content"]}

    return act


def _reactions(kind: str) -> Callable[..., tuple[int, Any]]:
    def act(d: Double, v: Any, *_: Any) -> tuple[int, Any]:
        id = int(v["comment_id"])
        d.find(d.line_comments if kind == "pulls" else d.comments, v["comment_id"])
        ours = [(BOT, content) for k, at, content in sorted(d.reactions) if (k, at) == (kind, id)]
        theirs = [(login, content) for k, at, content, login in d.opinions if (k, at) == (kind, id)]
        return 200, [{"id": 1, "node_id": "x", "user": _user(who), "content": what} for who, what in [*ours, *theirs]]

    return act


_ROUTES: dict[tuple[str, str], Callable[..., tuple[int, Any]]] = {
    ("GET", ""): _repository,
    ("GET", "/pulls"): _pulls,
    ("POST", "/pulls"): _open_pull,
    ("GET", "/pulls/{pull_number}"): _pull,
    ("GET", "/pulls/{pull_number}/files"): _files,
    ("GET", "/pulls/{pull_number}/reviews"): _listed("reviews", "pull_number"),
    ("GET", "/pulls/{pull_number}/comments"): _listed("line_comments", "pull_number"),
    ("GET", "/issues/{issue_number}/comments"): _listed("comments", "issue_number"),
    ("GET", "/compare/{basehead}"): _compare,
    ("GET", "/git/commits/{commit_sha}"): _commit,
    ("GET", "/git/trees/{tree_sha}"): _tree,
    ("GET", "/git/blobs/{file_sha}"): _blob,
    ("GET", "/git/ref/{ref}"): _ref,
    ("POST", "/git/blobs"): _make_blob,
    ("POST", "/git/trees"): _make_tree,
    ("POST", "/git/commits"): _make_commit,
    ("POST", "/git/refs"): _make_ref,
    ("GET", "/issues/comments/{comment_id}/reactions"): _reactions("issues"),
    ("GET", "/pulls/comments/{comment_id}/reactions"): _reactions("pulls"),
    ("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}"): _membership,
    ("GET", "/tarball/{ref}"): _tarball,
    ("GET", "/contents/{path}"): _contents,
    ("GET", "/collaborators/{username}/permission"): _permission,
    ("GET", "/commits/{ref}/check-runs"): _checks,
    ("POST", "/check-runs"): _make_check,
    ("PATCH", "/check-runs/{check_run_id}"): _update_check,
    ("POST", "/pulls/{pull_number}/reviews"): _post_review,
    ("POST", "/pulls/{pull_number}/comments/{comment_id}/replies"): _reply,
    ("POST", "/issues/{issue_number}/comments"): _comment,
    ("PATCH", "/issues/comments/{comment_id}"): _edited("comments"),
    ("PATCH", "/pulls/comments/{comment_id}"): _edited("line_comments"),
    ("POST", "/issues/comments/{comment_id}/reactions"): _react("issues"),
    ("POST", "/pulls/comments/{comment_id}/reactions"): _react("pulls"),
}


class _Handler(BaseHTTPRequestHandler):
    gives: Double
    protocol_version = "HTTP/1.1"
    # Head and body are two packets; without this each answer waits 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        return

    def _serve(self) -> None:
        d = self.gives
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with d._lock:
            number = d._count
            d._count += 1
            fault = d.faults.pop(number, "") or (d.faulty(self.command, self.path, body) if d.faulty else "")
            when, _, what = fault.partition(":")
            if fault in ("cut:before",):
                d.log.append((self.command, self.path, 0))
                return self._hang_up()
            if when == "before":
                d.log.append((self.command, self.path, int(what)))
                return self._answer(
                    int(what), {"message": "Server Error"}, {"Retry-After": "1"} if what in ("403", "429") else {}
                )
            try:
                status, made, headers = d.handle(self.command, self.path, self.headers, body)
            except Refusal as refusal:
                status, made, headers = refusal.status, {"message": refusal.message}, refusal.headers
            d.log.append((self.command, self.path, status))
        if fault == "cut:after":
            return self._hang_up()
        if when == "after":
            return self._answer(int(what), {"message": "Server Error"}, {})
        return self._answer(status, made, headers)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _answer(self, status: int, made: Any, headers: dict[str, str]) -> None:
        raw = isinstance(made, bytes)
        data = made if raw else b"" if made is None else json.dumps(made).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/gzip" if raw else "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-RateLimit-Limit", "5000")
        self.send_header("X-RateLimit-Remaining", str(5000 - self.gives._count))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve
