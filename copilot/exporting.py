"""A tree as the input of compiled checks: the roots that `scan` judges, as it evaluates them, a document for each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copilot.compiling.input import export_input
from copilot.errors import UsageError
from copilot.model import Gap, Root
from copilot.pipeline import Settings, evaluated
from copilot.snapshot import Snapshot


def documents(
    snapshot: Snapshot, settings: Settings, *, root: str = ""
) -> tuple[Mapping[Root, Mapping[str, Any]], tuple[Gap, ...]]:
    """The document of each root, or of those that `root` names, and what could not be read; UsageError for no root.

    `root` is a folder, `FOLDER@ENVIRONMENT`, or `@ENVIRONMENT`. What is sensitive is withheld.
    """
    worlds, gaps = evaluated(snapshot, settings, lambda found: not root or _named(found, root))
    if not worlds:
        what = f"no root is {root}" if root else "there is no root"
        raise UsageError(what, hint="`ccopilot scan` lists the roots, as FOLDER or FOLDER@ENVIRONMENT")
    checks = [
        check for check in map(settings.library.checks.__getitem__, settings.library.checks) if settings.runs(check)
    ]
    made = {
        world.root: export_input(world, settings.policy.parameters_for(world.root.environment), checks)
        for world in worlds
    }
    left = tuple(dict.fromkeys((*gaps, *(gap for world in worlds for gap in world.gaps))))
    return made, left


def _named(root: Root, wanted: str) -> bool:
    folder, _, environment = wanted.partition("@")
    of_folder = not folder or folder.rstrip("/") in (root.name, root.folder)
    return of_folder and (not environment or environment == root.environment)


def shown(root: Root) -> str:
    """The name of the root as `--root` takes it."""
    return f"{root.name}@{root.environment}" if root.environment else root.name


def only(made: Mapping[Root, Mapping[str, Any]]) -> str:
    """The one document as text; UsageError when there are several, since engines read one input at a time."""
    if len(made) > 1:
        names = ", ".join(map(shown, made))
        raise UsageError(
            f"there are {len(made)} roots: {names}"[:400],
            hint="name one by --root, or give --output FOLDER for a file for each",
        )
    return text(next(iter(made.values())))


def text(document: Mapping[str, Any]) -> str:
    """The document as it is printed and written."""
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def write(made: Mapping[Root, Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write each document to its root's folder below this one, as `input.json` or `input.ENVIRONMENT.json`."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder", hint="name a folder that does not exist")
    written: list[Path] = []
    for root, document in made.items():
        environment = re.sub(r"[^A-Za-z0-9_.-]", "-", root.environment)
        path = folder / root.folder / f"input{f'.{environment}' if environment else ''}.json"
        if path in written:
            raise UsageError(f"two roots would be written to {path}", hint="name one of them by --root")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(document), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror or error}", hint="name a place that can be written") from error
        written.append(path)
    return written
