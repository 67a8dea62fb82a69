"""The only place with GitHub HTTP: one repository, seen through one token.

Reads are retried by PyGithub; a write is sent once, and whoever repeats one looks first whether it was done. What GitHub
answers becomes values of ours here, and its failures errors of ours.
"""

from __future__ import annotations

import base64
import hashlib
import io
import posixpath
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import github
import jwt
import requests
from github import Auth, Github, GithubException
from urllib3 import Retry

from copilot.errors import ServiceFailed, UsageError
from copilot.model import Gap
from copilot.snapshot import MAX_BYTES, Snapshot
from github_app.diff import FileDiff, NoPatch, read

API: Final = "https://api.github.com"
MAX_ARCHIVE: Final = 512 * 1024 * 1024
"""Of a larger archive nothing is judged: a review of half a repository is none."""
_MARGIN: Final = 300.0
"""Seconds that a token must hold yet, so that it does not end in the middle of a job's step."""
MAX_FILES: Final = 3000
"""GitHub lists no more changed files of a pull request."""


class GitHubFailed(ServiceFailed):
    """GitHub did not do what was asked; `again` says whether asking later may help."""

    again = False
    hint = "`ccopilot doctor` compares the permissions that were granted with those that are needed"


class Unauthorised(GitHubFailed):
    """The token is wrong or has expired: a new one may do."""

    again = True


class Forbidden(GitHubFailed):
    """The token may not do this."""


class NotThere(GitHubFailed):
    """There is no such thing, or the token may not see it."""


class Unprocessable(GitHubFailed):
    """GitHub refuses what was sent: a line outside the diff, a body too long."""


class Conflict(GitHubFailed):
    """Somebody else was faster."""

    again = True


class Limited(GitHubFailed):
    """Too many requests; `seconds` is how long GitHub wants us to wait."""

    again = True

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unavailable(GitHubFailed):
    """No answer, or one that says that GitHub is not well; what was asked may have been done."""

    again = True
    hint = "the job is tried again by itself"


class KeyUnusable(UsageError):
    """The App's private key is none."""

    hint = "it is the PEM file that GitHub gave out, whole, with its first and last line"


@dataclass(frozen=True, slots=True)
class Registration:
    """The App as GitHub knows it: what it asks every installation for."""

    slug: str
    page: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the App is installed, and what it was granted there, which may be less than what it asks for."""

    id: int
    account: str
    page: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    suspended: bool


@dataclass(frozen=True, slots=True)
class Hook:
    """How GitHub sends deliveries; the secret itself it tells nobody."""

    url: str
    json: bool
    signed: bool
    verified: bool


@dataclass(frozen=True, slots=True)
class Created:
    """An App that GitHub made from a manifest, with its secrets, which it tells this once."""

    id: int
    slug: str
    page: str
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as it stands now; `head_ref` is its branch, which for a fork is one of the fork's. `updated`, in seconds,
    tells an old answer of GitHub from a new one."""

    number: int
    head: str
    base: str
    base_ref: str
    draft: bool
    open: bool
    from_fork: bool
    head_ref: str = ""
    author: str = ""
    merged: bool = False
    body: str = field(default="", repr=False)
    updated: float = 0.0
    author_is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment that stands on a pull request; `thread` is the review comment that it answers."""

    id: int
    node: str
    author: str
    body: str
    path: str = ""
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """A review by what it says of a commit: APPROVED, CHANGES_REQUESTED, DISMISSED, COMMENTED, PENDING."""

    id: int
    author: str
    state: str
    commit: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """What somebody made of a comment: `+1`, `-1`, `eyes` and so on."""

    author: str
    content: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread of review comments by the number of its first one: who resolved it ("" while nobody did), and which of its
    comments are folded."""

    comment: int
    resolved_by: str = ""
    folded: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit's tree and what it follows."""

    sha: str
    tree: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run by its number, with the key that it was made for."""

    id: int
    key: str
    status: str
    conclusion: str


class GitHub:
    """One repository (`owner/name`), through the token that `token` gives; it is asked for one when the last was refused.

    `allowed` is told after each request how many more GitHub allows.
    """

    def __init__(
        self,
        repository: str,
        token: Callable[[], str],
        *,
        base_url: str = API,
        timeout: int = 20,
        verify: bool | str = True,
        allowed: Callable[[int], None] | None = None,
    ) -> None:
        self.repository = repository
        self._token = token
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._verify = verify
        self._allowed = allowed
        self._connected: Github | None = None

    # --- what stands there ---

    def pull(self, number: int) -> Pull:
        """The pull request now; its head may differ from what an event said."""
        return _pull(self._get(f"/pulls/{number}"))

    def pulls(self, *, head: str = "", base: str = "", state: str = "open") -> tuple[Pull, ...]:
        """The pull requests from a branch of this repository, or into one, or both."""
        asked = {"state": state, "base": base, "head": f"{self.repository.partition('/')[0]}:{head}" if head else ""}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items() if value)
        return tuple(_pull(each) for each in self._pages(f"/pulls?{query}"))

    def merge_base(self, base: str, head: str) -> str:
        """The commit that two commits have in common."""
        return str(self._get(f"/compare/{base}...{head}?per_page=1")["merge_base_commit"]["sha"])

    def default_branch(self) -> str:
        """The name of the default branch."""
        return str(self._get("")["default_branch"])

    def diffs(self, number: int) -> tuple[Mapping[str, FileDiff], bool]:
        """The pull request's diff by path, and whether GitHub listed all of it."""
        out: dict[str, FileDiff] = {}
        count = 0
        for each in self._pages(f"/pulls/{number}/files"):
            count += 1
            try:
                out[each["filename"]] = read(each["filename"], each.get("patch"))
            except NoPatch:
                out[each["filename"]] = FileDiff(each["filename"])
        return out, count < MAX_FILES

    def snapshot(self, commit: str) -> Snapshot:
        """Every file of a commit, each held against its id in the tree.

        The archive is one request, and not the truth: `.gitattributes` takes files out of it (export-ignore) and changes
        others (export-subst). What is missing there or differs is fetched one by one.
        """
        entries = self._tree(commit)
        archive = self._archive(commit)
        files: dict[str, bytes] = {}
        links: dict[str, str] = {}
        gaps: list[Gap] = []
        for path, mode, sha in entries:
            if mode == "160000":
                gaps.append(Gap("out_of_sight", "a submodule, which is not part of this tree", path))
                continue
            data = archive.get(path)
            if data is None or _blob_id(data, len(sha)) != sha:
                data = self._blob(sha)
            if mode == "120000":
                links[path] = posixpath.normpath(
                    posixpath.join(posixpath.dirname(path), data.decode("utf-8", "replace"))
                )
            else:
                files[path] = data[: MAX_BYTES + 1]
        for path, target in links.items():
            if target.startswith(("../", "/")) or target == "..":
                gaps.append(Gap("unread", "a symbolic link out of the tree is not followed", path, 1))
            elif target in files:
                files[path] = files[target]
        return Snapshot(files, gaps=tuple(gaps))

    def file(self, path: str, ref: str) -> bytes | None:
        """One file at a revision; None where there is none."""
        try:
            found = self._get(f"/contents/{quote(path)}?ref={quote(ref, safe='')}")
        except NotThere:
            return None
        return (
            base64.b64decode(found["content"])
            if isinstance(found, dict) and found.get("encoding") == "base64"
            else None
        )

    def permission(self, user: str) -> str:
        """What a person may do here: admin, write, read, none. GitHub counts `maintain` as write and `triage` as read,
        and a role of the organisation's own as the one that it is built on."""
        try:
            return str(self._get(f"/collaborators/{quote(user, safe='')}/permission")["permission"])
        except NotThere:
            return "none"

    def is_member(self, organisation: str, team: str, user: str) -> bool | None:
        """Whether somebody is in a team; None where the token may not see that. Who was only asked to join is not."""
        path = "/orgs/{}/teams/{}/memberships/{}".format(*(quote(each, safe="") for each in (organisation, team, user)))
        try:
            found = self._call(lambda: self._requester.requestJsonAndCheck("GET", path)[1])
        except NotThere:
            return False
        except Forbidden:
            return None
        return bool(found["state"] == "active")

    def branch(self, name: str) -> str | None:
        """The commit at the tip of a branch; None where there is no such branch."""
        try:
            return str(self._get(f"/git/ref/heads/{quote(name)}")["object"]["sha"])
        except NotThere:
            return None

    def commit(self, sha: str) -> Commit:
        """A commit."""
        found = self._get(f"/git/commits/{sha}")
        return Commit(found["sha"], found["tree"]["sha"], tuple(each["sha"] for each in found["parents"]))

    def entries(self, commit: str) -> Mapping[str, tuple[str, str]]:
        """Mode and blob of every file, link and submodule of a commit, by path."""
        return {path: (mode, sha) for path, mode, sha in self._tree(commit)}

    def blob(self, sha: str) -> bytes:
        """The bytes of a blob; GitHubFailed when they are not those of that name."""
        data = self._blob(sha)
        if _blob_id(data, len(sha)) != sha:
            raise GitHubFailed(f"the blob {sha} is another")
        return data

    def number(self) -> int:
        """The repository's number, which stays when it is renamed."""
        return int(self._get("")["id"])

    def viewer(self) -> str:
        """The login under which the token writes. The REST route for it is closed to the tokens of Apps and Actions."""
        answer = self._call(lambda: self._requester.graphql_query("query { viewer { login } }", {})[1])
        return str(answer["data"]["viewer"]["login"])

    # --- what we said before ---

    def review_comments(self, number: int) -> tuple[Posted, ...]:
        """Every comment on lines of the pull request, oldest first."""
        return tuple(
            Posted(c["id"], c["node_id"], _login(c), c.get("body") or "", c["path"], c.get("in_reply_to_id"))
            for c in self._pages(f"/pulls/{number}/comments")
        )

    def comments(self, number: int) -> tuple[Posted, ...]:
        """Every comment in the conversation, oldest first."""
        return tuple(
            Posted(c["id"], c["node_id"], _login(c), c.get("body") or "")
            for c in self._pages(f"/issues/{number}/comments")
        )

    def reviews(self, number: int) -> tuple[Posted, ...]:
        """Every review, oldest first."""
        return tuple(
            Posted(r["id"], r["node_id"], _login(r), r.get("body") or "")
            for r in self._pages(f"/pulls/{number}/reviews")
        )

    def votes(self, number: int) -> tuple[Vote, ...]:
        """Every review of the pull request with its state, oldest first."""
        return tuple(
            Vote(r["id"], _login(r), r["state"], r.get("commit_id") or "")
            for r in self._pages(f"/pulls/{number}/reviews")
        )

    def reactions(self, comment: int, *, on_lines: bool) -> tuple[Reaction, ...]:
        """What people made of a comment."""
        kind = "pulls" if on_lines else "issues"
        return tuple(Reaction(_login(r), r["content"]) for r in self._pages(f"/{kind}/comments/{comment}/reactions"))

    def threads(self, number: int) -> tuple[Thread, ...]:
        """Every thread of review comments; REST does not tell who resolved one."""
        owner, _, name = self.repository.partition("/")
        out: list[Thread] = []
        after: str | None = None
        while True:
            asked = {"owner": owner, "name": name, "number": number, "after": after}
            said = self._call(lambda: self._requester.graphql_query(_THREADS, asked)[1])  # noqa: B023 - called at once
            found = said["data"]["repository"]["pullRequest"]["reviewThreads"]
            for node in found["nodes"]:
                inside = [each for each in node["comments"]["nodes"] if each.get("databaseId")]
                if not inside:
                    continue
                resolver = (node.get("resolvedBy") or {}).get("login") or "?"
                folded = frozenset(int(each["databaseId"]) for each in inside if each["isMinimized"])
                out.append(Thread(int(inside[0]["databaseId"]), resolver if node["isResolved"] else "", folded))
            if not found["pageInfo"]["hasNextPage"]:
                return tuple(out)
            after = found["pageInfo"]["endCursor"]

    def check_runs(self, head: str, name: str) -> tuple[CheckRun, ...]:
        """The check runs of that name on a commit, with the keys that they were made for."""
        return tuple(
            CheckRun(c["id"], c.get("external_id") or "", c["status"], c.get("conclusion") or "")
            for c in self._pages(f"/commits/{head}/check-runs?check_name={name}", inside="check_runs")
        )

    # --- what is written: once each ---

    def start_check(self, name: str, head: str, key: str, *, status: str = "queued") -> int:
        """Make a check run; its number."""
        data = {"name": name, "head_sha": head, "external_id": key, "status": status}
        return int(self._send("POST", "/check-runs", data)["id"])

    def update_check(self, id: int, data: Mapping[str, Any]) -> None:
        """Change a check run."""
        self._send("PATCH", f"/check-runs/{id}", data)

    def review(self, number: int, head: str, body: str, comments: list[dict[str, Any]]) -> int:
        """Post one review with all of its comments; its number."""
        data = {"commit_id": head, "event": "COMMENT", "body": body, "comments": comments}
        return int(self._send("POST", f"/pulls/{number}/reviews", data)["id"])

    def comment(self, number: int, body: str) -> int:
        """Post a comment in the conversation; its number."""
        return int(self._send("POST", f"/issues/{number}/comments", {"body": body})["id"])

    def edit_comment(self, id: int, body: str) -> None:
        """Change a comment of the conversation."""
        self._send("PATCH", f"/issues/comments/{id}", {"body": body})

    def edit_review_comment(self, id: int, body: str) -> None:
        """Change a comment on lines."""
        self._send("PATCH", f"/pulls/comments/{id}", {"body": body})

    def reply(self, number: int, thread: int, body: str) -> int:
        """Answer in the thread of a review comment; the answer's number."""
        return int(self._send("POST", f"/pulls/{number}/comments/{thread}/replies", {"body": body})["id"])

    def react(self, comment: int, content: str, *, on_lines: bool) -> None:
        """Put a reaction on a comment; doing so twice leaves one."""
        kind = "pulls" if on_lines else "issues"
        self._send("POST", f"/{kind}/comments/{comment}/reactions", {"content": content})

    def minimise(self, node: str) -> None:
        """Fold a comment as resolved; twice is the same as once."""
        self._call(
            lambda: self._requester.graphql_named_mutation(
                "minimizeComment", {"subjectId": node, "classifier": "RESOLVED"}, "minimizedComment { isMinimized }"
            )
        )

    def make_blob(self, data: bytes) -> str:
        """Keep bytes under their name; the same bytes twice are one blob."""
        sent = {"content": base64.b64encode(data).decode(), "encoding": "base64"}
        made = str(self._send("POST", "/git/blobs", sent)["sha"])
        if _blob_id(data, len(made)) != made:
            raise GitHubFailed(f"what was kept as {made} is not what was sent")
        return made

    def make_tree(self, base: str, entries: Mapping[str, tuple[str, str] | None]) -> str:
        """The tree `base` with these paths at a mode and blob, or without them (None); twice is the same tree."""
        changed = [
            {"path": path, "mode": entry[0] if entry else "100644", "type": "blob", "sha": entry[1] if entry else None}
            for path, entry in entries.items()
        ]
        return str(self._send("POST", "/git/trees", {"base_tree": base, "tree": changed})["sha"])

    def make_commit(self, message: str, tree: str, parent: str) -> str:
        """A commit that no branch names yet. It is the App's own: GitHub signs what names no author."""
        return str(self._send("POST", "/git/commits", {"message": message, "tree": tree, "parents": [parent]})["sha"])

    def make_branch(self, name: str, commit: str) -> None:
        """A new branch; Unprocessable when there is one of that name."""
        self._send("POST", "/git/refs", {"ref": f"refs/heads/{name}", "sha": commit})

    def open_pull(self, head: str, base: str, title: str, body: str) -> Pull:
        """Open a pull request from one branch of this repository into another."""
        data = {"head": head, "base": base, "title": title, "body": body}
        return _pull(self._send("POST", "/pulls", data))

    # --- the wire ---

    @property
    def _requester(self) -> Any:
        if self._connected is None:
            self._connected = Github(
                auth=Auth.Token(self._token()), base_url=self._base_url, timeout=self._timeout, per_page=100, lazy=True,
                retry=_retry(),
                seconds_between_requests=None, seconds_between_writes=None, user_agent="ccopilot", verify=self._verify,
            )  # fmt: skip
        return self._connected.requester

    def _call(self, ask: Callable[[], Any]) -> Any:
        try:
            return _called(ask)
        except Unauthorised:
            self._connected = None  # the next call asks for a new token
            raise
        finally:
            if self._allowed is not None and self._connected is not None:
                left = self._connected.requester.rate_limiting[0]
                if left >= 0:  # it is less while GitHub has said nothing
                    self._allowed(left)

    def _get(self, path: str) -> Any:
        return self._call(lambda: self._requester.requestJsonAndCheck("GET", f"/repos/{self.repository}{path}")[1])

    def _pages(self, path: str, *, inside: str = "") -> Iterator[Any]:
        page = 1
        while True:
            mark = "&" if "?" in path else "?"
            found = self._get(f"{path}{mark}per_page=100&page={page}")
            items = found[inside] if inside else found
            yield from items
            if len(items) < 100:
                return
            page += 1

    def _send(self, verb: str, path: str, data: Mapping[str, Any]) -> Any:
        url = f"/repos/{self.repository}{path}"
        return self._call(lambda: self._requester.requestJsonAndCheck(verb, url, input=dict(data))[1])

    def _tree(self, commit: str) -> list[tuple[str, str, str]]:
        """Path, mode and blob id of everything in a commit; a tree that GitHub cuts short is read folder by folder."""
        root = self._get(f"/git/commits/{commit}")["tree"]["sha"]
        found = self._get(f"/git/trees/{root}?recursive=1")
        if not found.get("truncated"):
            return [(e["path"], e["mode"], e["sha"]) for e in found["tree"] if e["type"] != "tree"]
        out: list[tuple[str, str, str]] = []
        pending = [("", root)]
        while pending:
            above, sha = pending.pop()
            for entry in self._get(f"/git/trees/{sha}")["tree"]:
                path = f"{above}{entry['path']}"
                if entry["type"] == "tree":
                    pending.append((f"{path}/", entry["sha"]))
                else:
                    out.append((path, entry["mode"], entry["sha"]))
        return out

    def _blob(self, sha: str) -> bytes:
        return base64.b64decode(self._get(f"/git/blobs/{sha}")["content"])

    def _archive(self, commit: str) -> dict[str, bytes]:
        """The files of the commit's archive by path; empty where it cannot be had, since each can be fetched alone."""
        url = f"/repos/{self.repository}/tarball/{commit}"
        headers = self._call(lambda: self._requester.requestJson("GET", url))[1]
        place = headers.get("location")
        if not place:
            return {}
        try:
            # The address carries what it needs; our token goes to the API alone.
            with requests.get(place, timeout=self._timeout, stream=True, verify=self._verify) as answer:
                if answer.status_code != 200:
                    return {}
                data = answer.raw.read(MAX_ARCHIVE + 1)
        except requests.exceptions.RequestException as error:
            raise Unavailable(f"the archive did not arrive: {type(error).__name__}") from error
        if len(data) > MAX_ARCHIVE:
            raise Unprocessable(f"the archive has more than {MAX_ARCHIVE >> 20} MiB")
        out: dict[str, bytes] = {}
        try:
            with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
                for member in archive:
                    _, _, path = member.name.partition("/")
                    if member.isreg() and path and member.size <= MAX_BYTES:
                        stream = archive.extractfile(member)
                        out[path] = stream.read() if stream else b""
        except (tarfile.TarError, EOFError, OSError):
            return out
        return out


_THREADS: Final = """\
query Threads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          isResolved
          resolvedBy { login }
          comments(first: 50) { nodes { databaseId isMinimized } }
        }
      }
    }
  }
}"""


class App:
    """The App itself: gives tokens for one repository of an installation, with no more permissions than asked for."""

    def __init__(
        self,
        id: int,
        private_key: str,
        *,
        base_url: str = API,
        timeout: int = 20,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._id = id
        self._key = private_key
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._clock = clock

    def __repr__(self) -> str:
        return f"App({self._id})"

    def token(self, *, installation: int, repository: int, permissions: Mapping[str, str]) -> Callable[[], str]:
        """A function that gives a token which holds for some minutes yet. PyGithub's own cannot be narrowed."""
        kept: list[tuple[float, str]] = []

        def give() -> str:
            if not kept or kept[0][0] - self._clock() < _MARGIN:
                kept[:] = [self._fresh(installation, repository, permissions)]
            return kept[0][1]

        return give

    def registration(self) -> Registration:
        """The App as GitHub knows it."""
        found = self._ask("GET", "/app")
        return Registration(found["slug"], found["html_url"], dict(found["permissions"]), tuple(found["events"]))

    def installations(self) -> tuple[Installed, ...]:
        """Every installation, with what was granted there."""
        out: list[Installed] = []
        page = 1
        while True:
            found = self._ask("GET", f"/app/installations?per_page=100&page={page}")
            out += [
                Installed(
                    each["id"], (each["account"] or {}).get("login") or (each["account"] or {}).get("slug", ""),
                    each["html_url"], dict(each["permissions"]), tuple(each["events"]),
                    each.get("suspended_at") is not None,
                )
                for each in found
            ]  # fmt: skip
            if len(found) < 100:
                return tuple(out)
            page += 1

    def hook(self) -> Hook:
        """How GitHub sends the App's deliveries."""
        found = self._ask("GET", "/app/hook/config")
        return Hook(
            found.get("url") or "", found.get("content_type") == "json", bool(found.get("secret")),
            str(found.get("insecure_ssl", "0")) == "0",
        )  # fmt: skip

    def _fresh(self, installation: int, repository: int, permissions: Mapping[str, str]) -> tuple[float, str]:
        data: dict[str, Any] = {"repository_ids": [repository]}
        if permissions:
            data["permissions"] = dict(permissions)
        try:
            found = self._ask("POST", f"/app/installations/{installation}/access_tokens", data)
        except Unprocessable as error:
            if "permissions requested are not granted" in str(error):
                raise Forbidden(str(error)) from error
            raise
        return datetime.fromisoformat(found["expires_at"]).timestamp(), str(found["token"])

    def _ask(self, verb: str, path: str, data: Mapping[str, Any] | None = None) -> Any:
        requester = _connected(self._base_url, self._timeout, Auth.AppAuth(self._id, self._key)).requester
        try:
            return _called(
                lambda: requester.requestJsonAndCheck(verb, path, input=None if data is None else dict(data))[1]
            )
        except jwt.InvalidKeyError as error:
            raise KeyUnusable("the App's private key cannot be read") from error


def created(code: str, *, base_url: str = API, timeout: int = 20) -> Created:
    """The App that GitHub made from a manifest, for the code that it sent the browser back with. A code works once."""
    requester = _connected(base_url.rstrip("/"), timeout, None).requester
    found = _called(
        lambda: requester.requestJsonAndCheck("POST", f"/app-manifests/{quote(code, safe='')}/conversions")[1]
    )
    return Created(
        int(found["id"]), found.get("slug") or "", found["html_url"], found["pem"], found.get("webhook_secret") or ""
    )


def _connected(base_url: str, timeout: int, auth: Auth.Auth | None) -> Github:
    return Github(
        auth=auth, base_url=base_url, timeout=timeout, lazy=True, user_agent="ccopilot",
        retry=_retry(),
        seconds_between_requests=None, seconds_between_writes=None,
    )  # fmt: skip


def _retry() -> Retry:
    """Reads are repeated where GitHub is not well. Where it wants us to wait, whoever asked is told how long, and no
    thread sleeps here, as it would with PyGithub's own: a limit may hold for an hour."""
    return Retry(
        total=3, backoff_factor=0.2, allowed_methods=frozenset({"GET", "HEAD"}), status_forcelist=range(500, 600),
        respect_retry_after_header=False,
    )  # fmt: skip


def _called(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except GithubException as error:
        raise _translated(error) from error
    except requests.exceptions.RequestException as error:
        raise Unavailable(f"GitHub did not answer: {type(error).__name__}") from error


def _pull(found: Mapping[str, Any]) -> Pull:
    head, base = found["head"], found["base"]
    # A fork that was deleted has no repository any more.
    fork = head.get("repo") is None or head["repo"]["id"] != base["repo"]["id"]
    return Pull(
        found["number"], head["sha"], base["sha"], base["ref"], bool(found.get("draft")), found["state"] == "open", fork,
        head["ref"], _login(found), bool(found.get("merged_at")), found.get("body") or "",
        datetime.fromisoformat(found["updated_at"]).timestamp(), (found.get("user") or {}).get("type") == "Bot",
    )  # fmt: skip


def _login(found: Mapping[str, Any]) -> str:
    user = found.get("user")  # None when the account is gone
    return str(user["login"]) if user else ""


def _blob_id(data: bytes, length: int) -> str:
    total = hashlib.sha256() if length == 64 else hashlib.sha1(usedforsecurity=False)
    total.update(b"blob %d\0" % len(data) + data)
    return total.hexdigest()


def _translated(error: GithubException) -> GitHubFailed:
    status = error.status
    said = error.data.get("message", "") if isinstance(error.data, dict) else ""
    message = f"GitHub answered {status}: {said}"[:300]
    headers = error.headers or {}
    limited = isinstance(error, github.RateLimitExceededException) or "rate limit" in said.lower()
    if status == 429 or (status == 403 and (limited or "retry-after" in headers)):
        return Limited(message, _seconds(headers))
    known: dict[int, type[GitHubFailed]] = {
        401: Unauthorised,
        403: Forbidden,
        404: NotThere,
        409: Conflict,
        422: Unprocessable,
    }
    if status in known:
        return known[status](message)
    return Unavailable(message) if status >= 500 else GitHubFailed(message)


def _seconds(headers: Mapping[str, str]) -> float:
    try:
        if "retry-after" in headers:
            return max(1.0, float(headers["retry-after"]))
        if headers.get("x-ratelimit-remaining") == "0":
            return max(1.0, float(headers["x-ratelimit-reset"]) - time.time() + 1)
    except (KeyError, ValueError):
        pass
    return 60.0
