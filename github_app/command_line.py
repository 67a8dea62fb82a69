"""The App's commands as they are typed. The command line registers them at every start, so only a signature stands here:
what a command needs is imported when it runs."""

from __future__ import annotations

import gc
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

import typer

from copilot.errors import UsageError

COMMANDS: Final[tuple[Callable[..., None], ...]] = ()
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
        raise UsageError(
            f"the extra app is not installed: {', '.join(missing)}", hint="pip install 'compliance-copilot[app]'"
        )
    gc.enable()
