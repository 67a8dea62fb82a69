"""What the App needs to run, from the environment of whoever runs it; secrets are files or variables, never arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from copilot.errors import UsageError
from github_app.client import API


class AppUnset(UsageError):
    """The App cannot start: the message names every setting that is missing or wrong."""

    hint = "docs/github-app.md says where each comes from"


SHORT: Final = 16
"""A webhook secret of fewer bytes can be guessed from one delivery by whoever sees it."""


@dataclass(frozen=True, slots=True)
class AppSettings:
    """Who the App is to GitHub. Secrets are left out of its text."""

    app_id: int
    private_key: str = field(repr=False)
    webhook_secrets: tuple[bytes, ...] = field(repr=False)
    api_url: str = API
    database_url: str = field(default="", repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> AppSettings:
        """The settings in an environment; AppUnset tells everything that is wrong at once."""
        problems: list[str] = []
        id = environment.get("CCOPILOT_GITHUB_APP_ID", "").strip()
        if not id.isascii() or not id.isdigit():
            problems.append("CCOPILOT_GITHUB_APP_ID is the App's number")
        key = _secret(environment, "CCOPILOT_GITHUB_PRIVATE_KEY", problems)
        if key is not None:
            key = key.replace("\\n", "\n") if "\n" not in key.strip() else key
            if "PRIVATE KEY-----" not in key:
                problems.append("CCOPILOT_GITHUB_PRIVATE_KEY (or …_FILE, a path) is the App's private key in PEM")
        secret = _secret(environment, "CCOPILOT_GITHUB_WEBHOOK_SECRET", problems)
        secrets = tuple(each.encode() for each in (secret or "").split())
        if secret is not None and not secrets:
            problems.append(
                "CCOPILOT_GITHUB_WEBHOOK_SECRET (or …_FILE, a path) is the webhook's secret (two, with a blank between, "
                "while one replaces the other)"
            )
        url = api_url(environment)
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            problems.append("CCOPILOT_GITHUB_API_URL starts with https://")
        database = _secret(environment, "CCOPILOT_DATABASE_URL", problems)
        if problems:
            raise AppUnset("the GitHub App is not set up:\n  " + "\n  ".join(problems))
        return cls(int(id), key or "", secrets, url, (database or "").strip())


def _secret(environment: Mapping[str, str], name: str, problems: list[str]) -> str | None:
    """A setting that may lie in a file instead, which `NAME_FILE` names; None where that file cannot be read."""
    given, place = environment.get(name, ""), environment.get(f"{name}_FILE", "")
    if given or not place:
        return given
    try:
        return Path(place).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{name}_FILE={place}: {getattr(error, 'strerror', None) or 'is no text'}")
        return None


def database_url(environment: Mapping[str, str]) -> str:
    """The address of the database, which is all that a worker needs to know of these settings; empty where none is set."""
    problems: list[str] = []
    found = _secret(environment, "CCOPILOT_DATABASE_URL", problems)
    if found is None:
        raise AppUnset(problems[0])
    return found.strip()


def api_url(environment: Mapping[str, str]) -> str:
    """The address of GitHub's API."""
    return (environment.get("CCOPILOT_GITHUB_API_URL", "") or API).rstrip("/")


def web_url(api: str) -> str:
    """The address of the pages that belong to an API: github.com, a GitHub Enterprise server, or a tenant of ghe.com."""
    parts = urlsplit(api)
    if parts.path.rstrip("/") == "/api/v3":
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
