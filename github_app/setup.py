"""`/setup`: an App is made from a manifest, and its secrets come to lie in files that nobody else on the machine reads.

It is a program of its own (`ccopilot setup`), so what takes deliveries never serves it. A page is shown only to whoever has
the token that the program printed; what comes back from GitHub counts only with the state that such a page was given, once.
No secret is in a page: what a browser was shown lies in its history, its cache and the memory of its extensions.
"""

from __future__ import annotations

import contextlib
import hmac
import html
import json
import logging
import os
import re
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from copilot.errors import UsageError
from github_app.client import API, Created, GitHubFailed, NotThere, created
from github_app.permissions import EVENTS, PERMISSIONS, asked
from github_app.settings import web_url

_log = logging.getLogger(__name__)
FOLDER: Final = "github-app"
KEY, SECRET, SETTINGS = "private-key.pem", "webhook-secret", "app.env"
_HOUR: Final = 3600.0
"""GitHub's code holds for an hour, so a state need not hold for longer."""
_STATES: Final = 100
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
_ORGANISATION: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,98}[A-Za-z0-9])?")


class SetUpAlready(UsageError):
    """The secrets of an App lie here already, and are not written over."""

    hint = "move that folder away, or let CCOPILOT_HOME name another"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The App that somebody wants: under which name, where GitHub is to send deliveries, and for whom it is registered.

    `organisation` "" registers it for the person in the browser. `commits` also asks for what `/compliance fix` needs.
    """

    url: str
    name: str = "Compliance copilot"
    organisation: str = ""
    commits: bool = False
    api_url: str = API

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        near = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if not parts.netloc or (parts.scheme != "https" and not (near and parts.scheme == "http")):
            raise UsageError(
                f"--url {self.url}: not an address that starts with https://", hint="GitHub sends deliveries there"
            )
        if parts.query or parts.fragment or parts.username is not None:
            raise UsageError(f"--url {self.url}: only scheme, host and path belong there")
        if self.organisation and not _ORGANISATION.fullmatch(self.organisation):
            raise UsageError(f"--organisation {self.organisation}: not the name of an organisation")
        if not 0 < len(self.name) <= 34:
            raise UsageError("--name: GitHub takes names of 1 to 34 characters")

    def manifest(self, back: str) -> dict[str, Any]:
        """The manifest as GitHub reads it; `back` is where the browser is sent with the code."""
        return {
            "name": self.name,
            "url": self.url,
            "description": "Reviews changes to infrastructure code, and shows only fixes that were proved.",
            "public": False,
            "redirect_url": back,
            "hook_attributes": {"url": f"{self.url.rstrip('/')}/webhook", "active": True},
            "default_permissions": asked(commits=self.commits),
            "default_events": [each.name for each in EVENTS],
        }

    def page(self, state: str) -> str:
        """The page of GitHub that takes the manifest."""
        whose = f"organizations/{self.organisation}/" if self.organisation else ""
        return f"{web_url(self.api_url)}/{whose}settings/apps/new?state={quote(state, safe='')}"


@dataclass(frozen=True, slots=True)
class Kept:
    """An App that was made, and where its secrets lie."""

    id: int
    page: str
    settings: Mapping[str, str]
    file: Path
    signed: bool


def reserve(home: Path) -> Path:
    """The folder for the App's secrets, which holds none yet and can be written: the code is exchanged only once."""
    folder = home / FOLDER
    for name in (KEY, SECRET, SETTINGS):
        if (folder / name).exists():
            raise SetUpAlready(f"{folder / name} is there already")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        (folder / ".probe").touch()
        (folder / ".probe").unlink()
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror or error}", hint="let CCOPILOT_HOME name another") from error
    return folder


def keep(folder: Path, made: Created, api_url: str) -> Kept:
    """Write the secrets, each into a file of its own for its owner alone, and the settings that name them."""
    settings = {"CCOPILOT_GITHUB_APP_ID": str(made.id), "CCOPILOT_GITHUB_PRIVATE_KEY_FILE": str(folder / KEY)}
    _write(folder / KEY, made.private_key)
    if made.webhook_secret:
        _write(folder / SECRET, made.webhook_secret)
        settings["CCOPILOT_GITHUB_WEBHOOK_SECRET_FILE"] = str(folder / SECRET)
    if api_url != API:
        settings["CCOPILOT_GITHUB_API_URL"] = api_url
    _write(folder / SETTINGS, "".join(f"{name}={value}\n" for name, value in settings.items()))
    return Kept(made.id, made.page, settings, folder / SETTINGS, bool(made.webhook_secret))


def _write(path: Path, text: str) -> None:
    """A new file that nobody else can ever have read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


@dataclass
class _States:
    """The states that pages were given, each good once and for an hour."""

    clock: Callable[[], float] = time.monotonic
    given: dict[str, float] = field(default_factory=dict, repr=False)

    def give(self) -> str:
        made = secrets.token_urlsafe(32)
        while len(self.given) >= _STATES:
            self.given.pop(next(iter(self.given)))
        self.given[made] = self.clock()
        return made

    def take(self, state: str) -> bool:
        found = next((each for each in self.given if hmac.compare_digest(each.encode(), state.encode())), None)
        return found is not None and self.clock() - self.given.pop(found) < _HOUR


def build(
    wanted: Wanted,
    folder: Path,
    token: str,
    done: Callable[[Kept], None],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The two pages: `/setup?token=…` with the form, and `/setup/callback`, to which GitHub sends the browser back.

    `done` is called once the secrets lie in their files.
    """
    app = FastAPI(title="ccopilot setup", docs_url=None, redoc_url=None, openapi_url=None)
    states = _States(clock)
    finished: list[Kept] = []

    def page(title: str, body: str, status: int = 200) -> HTMLResponse:
        return HTMLResponse(_page(title, body), status, headers={
            # The form goes to GitHub; what it answers may send the browser on to us.
            "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; "
            f"form-action {web_url(wanted.api_url)} 'self'; frame-ancestors 'none'; base-uri 'none'",
            "Cache-Control": "no-store", "Referrer-Policy": "strict-origin", "X-Content-Type-Options": "nosniff",
        })  # fmt: skip

    printed = token.encode()

    @app.get("/setup")
    def form(request: Request, token: str = "") -> HTMLResponse:
        if not hmac.compare_digest(token.encode(), printed):
            return page("Not for you", "<p>Open the address that <code>ccopilot setup</code> printed, whole.</p>", 403)
        if finished:
            return page("Done", "<p>The App is made. Its settings lie where the terminal says.</p>")
        manifest = wanted.manifest(f"{str(request.base_url).rstrip('/')}/setup/callback")
        return page("Create the GitHub App", _form(wanted, manifest, states.give()))

    @app.get("/setup/callback")
    def callback(code: str = "", state: str = "") -> HTMLResponse:
        if not states.take(state):
            said = "<p>Nobody asked for this here, or it was more than an hour ago, or it was done already. Begin anew.</p>"
            return page("Refused", said, 403)
        if finished or not _CODE.fullmatch(code):
            return page("Refused", "<p>GitHub sent no code.</p>", 400)
        try:
            made = created(code, base_url=wanted.api_url)
        except NotThere:
            return page("Refused", "<p>GitHub does not know this code: it works once, and for an hour.</p>", 400)
        except GitHubFailed as error:
            _log.error("the code could not be exchanged: %s", type(error).__name__)
            return page("GitHub did not answer", f"<p>{html.escape(str(error))}</p><p>Begin anew.</p>", 502)
        try:
            kept = keep(folder, made, wanted.api_url)
        except OSError as error:
            _log.error("the secrets could not be written: %s", error.strerror)
            return page("Not kept", _lost(made, folder, error), 500)
        finished.append(kept)
        done(kept)
        return page("The App is made", _made(kept))

    return app


def run(wanted: Wanted, home: Path, *, host: str, port: int, said: Callable[[str], None]) -> Kept | None:
    """Serve the pages until the App is made; None when somebody ended it before. `said` is told where to go."""
    folder = reserve(home)
    token = secrets.token_urlsafe(24)
    found: list[Kept] = []
    server: uvicorn.Server

    def done(kept: Kept) -> None:
        found.append(kept)
        server.should_exit = True

    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UsageError(
            f"{host}:{port}: {error.strerror or error}", hint="--host and --port name another place"
        ) from error
    # No access log: the token stands in an address.
    config = uvicorn.Config(
        build(wanted, folder, token, done), log_level="warning", access_log=False, lifespan="off", server_header=False
    )
    server = uvicorn.Server(config)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    shown = f"[{shown}]" if ":" in shown else shown
    said(f"open http://{shown}:{listening.getsockname()[1]}/setup?token={token}\n")
    with contextlib.closing(listening), contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    return found[0] if found else None


# --- pages -----------------------------------------------------------------------------------------------------------

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;color:#1f2328;background:#fff}"
    "code,pre{font:14px/1.5 ui-monospace,monospace;background:#f3f4f6;padding:.1rem .3rem}pre{padding:.8rem;overflow:auto}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.3rem .8rem .3rem 0;vertical-align:top}"
    "button{font:inherit;padding:.5rem 1rem;border:0;border-radius:6px;background:#1a7f37;color:#fff}"
)


def _digest(style: str) -> str:
    import base64
    import hashlib

    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


_STYLE_DIGEST: Final = _digest(_STYLE)


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{html.escape(title)}</h1>{body}</main></body></html>\n"
    )


def _form(wanted: Wanted, manifest: Mapping[str, Any], state: str) -> str:
    e = html.escape
    rows = "".join(
        f"<tr><td>{e(each.name)}</td><td>{each.access}</td><td>{e(each.why.replace('`', ''))}</td></tr>"
        for each in PERMISSIONS
        if wanted.commits or not each.commits
    )
    where = e(f"the organisation {wanted.organisation}" if wanted.organisation else "your own account")
    return (
        f"<p>GitHub will show the App <b>{e(wanted.name)}</b> before it makes it for {where}, private to it. "
        f"Deliveries go to <code>{e(manifest['hook_attributes']['url'])}</code>.</p>"
        f"<table><thead><tr><th>Permission</th><th>Access</th><th>Because</th></tr></thead><tbody>{rows}</tbody></table>"
        f'<form action="{e(wanted.page(state))}" method="post">'
        f'<input type="hidden" name="manifest" value="{e(json.dumps(manifest))}">'
        "<p><button>Create it on GitHub</button></p></form>"
    )


def _made(kept: Kept) -> str:
    e = html.escape
    lines = e("".join(f"{name}={value}\n" for name, value in kept.settings.items()))
    unsigned = "" if kept.signed else (
        "<p><b>GitHub made no webhook secret.</b> Set one on the App's page and as CCOPILOT_GITHUB_WEBHOOK_SECRET.</p>"
    )  # fmt: skip
    return (
        f"<p>It has the number {kept.id}. Its private key and its webhook's secret lie in files for you alone, and are shown "
        f"nowhere. What <code>ccopilot serve</code> needs to know, as in <code>{e(str(kept.file))}</code>:</p>"
        f"<pre>{lines}</pre>{unsigned}"
        f'<p>Next: <a href="{e(kept.page)}/installations/new">install it</a>, then run <code>ccopilot doctor</code>.</p>'
    )


def _lost(made: Created, folder: Path, error: OSError) -> str:
    e = html.escape
    return (
        f"<p>The App {made.id} is made, and its secrets could not be written to <code>{e(str(folder))}</code>: "
        f"{e(error.strerror or 'no reason given')}. GitHub tells them only once: make a new private key and a new webhook "
        f'secret <a href="{e(made.page)}">on its page</a>, or delete it there.</p>'
    )
