"""The page about the App says what the program does: the permissions with their reasons, the settings, the commands."""

from __future__ import annotations

import re
from pathlib import Path

from github_app.commands import HELP
from github_app.permissions import EVENTS, PERMISSIONS

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "github-app.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The rows of the table that begins with this heading."""
    found = PAGE[PAGE.index(heading) :].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found]


def test_the_permissions_are_those_of_the_table_with_its_reasons() -> None:
    assert rows("| permission | access | because |") == [
        [f"`{p.name}`", p.access + (" (only for commits)" if p.commits else ""), p.why] for p in PERMISSIONS
    ]


def test_the_events_are_those_of_the_table_with_what_they_are_for() -> None:
    assert rows("| event | comes with | means |") == [[f"`{e.name}`", f"`{e.permission}`", e.why] for e in EVENTS]


def test_every_setting_that_is_read_is_told() -> None:
    read: set[str] = set()
    for path in (TOP / "github_app").glob("*.py"):
        read |= set(re.findall(r"CCOPILOT_(?:GITHUB|DATABASE)_[A-Z_]*[A-Z]\b", path.read_text("utf-8")))
    named = {re.sub(r"_FILE$", "", name) for name in read}
    assert {name for name in named if f"| `{name}` |" not in PAGE} == set()


def test_every_command_is_told() -> None:
    for line in HELP.splitlines():
        for command in re.findall(r"`(/compliance [^`]+)`", line):
            assert f"`{command}`" in PAGE


def test_the_links_within_the_page_lead_somewhere() -> None:
    def anchor(heading: str) -> str:
        return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")

    anchors = {anchor(heading) for heading in re.findall(r"^##+ (.+)$", PAGE, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
    for place in re.findall(r"\]\(([\w.-]+\.md)", PAGE):
        assert (TOP / "docs" / place).is_file(), place
