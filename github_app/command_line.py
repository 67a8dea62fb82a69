"""The App's commands as they are typed. The command line registers them at every start, so only a signature stands here:
what a command needs is imported when it runs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Annotated, Final

import typer

from copilot.errors import UsageError, installing


def setup(
    url: Annotated[
        str, typer.Option("--url", help="Where GitHub will reach `ccopilot serve`, like https://copilot.example.org.")
    ],
    name: Annotated[str, typer.Option("--name", help="The App's name, which no other App has.")] = "Compliance copilot",
    organisation: Annotated[
        str,
        typer.Option(
            "--organisation", "--organization", help="Register it for an organisation.", show_default="for you"
        ),
    ] = "",
    commits: Annotated[
        bool,
        typer.Option(
            "--commits/--no-commits", help="Also ask for what `/compliance fix` and `waive` need: contents: write."
        ),
    ] = False,
    host: Annotated[str, typer.Option("--host", help="Where the page listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Its port; 0 takes a free one.", min=0, max=65535)] = 8711,
) -> None:
    """Create the GitHub App from a manifest: serves /setup until it is made, and keeps its secrets in files."""
    lasting()
    from copilot import wiring
    from github_app import setup as setting_up
    from github_app.settings import api_url

    wanted = setting_up.Wanted(url, name, organisation, commits, api_url(os.environ))
    kept = setting_up.run(wanted, wiring.home(), host=host, port=port, said=_note)
    if kept is None:
        _note("no App was made\n")
        raise typer.Exit(130)
    sys.stdout.write("".join(f"{key}={value}\n" for key, value in kept.settings.items()))
    _note(f"these settings lie in {kept.file} too; install the App at {kept.page}/installations/new\n")


def serve(
    host: Annotated[str, typer.Option("--host", help="Where deliveries are taken.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Its port; 0 takes a free one.", min=0, max=65535)] = 8710,
    workers: Annotated[int, typer.Option("--workers", help="How many changes are judged at a time.", min=0)] = 1,
) -> None:
    """Review pull requests as a GitHub App: takes deliveries, posts reviews, and starts a worker that judges."""
    lasting()
    from copilot import wiring
    from github_app import serve as serving

    _logs()
    raise typer.Exit(serving.run(os.environ, wiring.home(), host=host, port=port, workers=workers))


def worker() -> None:
    """Judge changes for a `ccopilot serve` that has the same database, CCOPILOT_DATABASE_URL; it needs no GitHub."""
    lasting()
    from copilot import wiring
    from github_app import worker as working
    from github_app.settings import database_url

    shared = database_url(os.environ)
    if not shared:
        raise UsageError(
            "CCOPILOT_DATABASE_URL is not set, and a worker without it has a database of its own that nobody writes to",
            hint="give it the one of `ccopilot serve`; where both are on one machine, serve starts its own workers",
        )
    _logs()
    raise typer.Exit(working.run(wiring.home(), database_url=shared))


def _logs() -> None:
    from github_app import telemetry

    telemetry.log_to_stderr()
    telemetry.start_traces()


COMMANDS: Final[tuple[Callable[..., None], ...]] = (setup, serve, worker)
"""Each is named as its function is; a new one is written above and added here."""


def register(app: typer.Typer) -> None:
    """Add the App's commands to the command line."""
    for command in COMMANDS:
        app.command()(command)


def lasting() -> None:
    """What a command that serves begins with: the extra is there, and cycles are collected again.

    The command line turns the collector off for runs that end; a process that stays would grow without it.
    """
    from copilot.doctor import EXTRAS

    missing = [name for name in EXTRAS["app"] if find_spec(name) is None]
    if missing:
        raise UsageError(f"the extra app is not installed: {', '.join(missing)}", hint=installing("app"))
    gc.enable()


def _note(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
