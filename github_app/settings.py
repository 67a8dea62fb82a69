"""What the App needs to run, from the environment of whoever runs it; secrets are files or variables, never arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from copilot.errors import UsageError
from github_app.client import API


class AppUnset(UsageError):
    """The App cannot start: the message names every setting that is missing or wrong."""

    hint = "docs/github-app.md says where each comes from"


@dataclass(frozen=True, slots=True)
class AppSettings:
    """Who the App is to GitHub. Secrets are left out of its text."""

    app_id: int
    private_key: str = field(repr=False)
    webhook_secrets: tuple[bytes, ...] = field(repr=False)
    api_url: str = API
    database_url: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> AppSettings:
        """The settings in an environment; AppUnset tells everything that is wrong at once."""
        problems: list[str] = []
        id = environment.get("CCOPILOT_GITHUB_APP_ID", "").strip()
        if not id.isascii() or not id.isdigit():
            problems.append("CCOPILOT_GITHUB_APP_ID is the App's number")
        key = environment.get("CCOPILOT_GITHUB_PRIVATE_KEY", "")
        place = environment.get("CCOPILOT_GITHUB_PRIVATE_KEY_FILE", "")
        if place and not key:
            try:
                key = Path(place).read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                problems.append(
                    f"CCOPILOT_GITHUB_PRIVATE_KEY_FILE={place}: {getattr(error, 'strerror', None) or 'is no text'}"
                )
        key = key.replace("\\n", "\n") if "\n" not in key.strip() else key
        if "PRIVATE KEY-----" not in key and not any("KEY_FILE" in each for each in problems):
            problems.append("CCOPILOT_GITHUB_PRIVATE_KEY (or …_FILE, a path) is the App's private key in PEM")
        secrets = tuple(each.encode() for each in environment.get("CCOPILOT_GITHUB_WEBHOOK_SECRET", "").split() if each)
        if not secrets:
            problems.append(
                "CCOPILOT_GITHUB_WEBHOOK_SECRET is the webhook's secret (two, with a blank between, while one replaces the other)"
            )
        url = environment.get("CCOPILOT_GITHUB_API_URL", "") or API
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            problems.append("CCOPILOT_GITHUB_API_URL starts with https://")
        if problems:
            raise AppUnset("the GitHub App is not set up:\n  " + "\n  ".join(problems))
        return cls(int(id), key, secrets, url, environment.get("CCOPILOT_DATABASE_URL", ""))
