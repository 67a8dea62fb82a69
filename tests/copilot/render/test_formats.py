"""The formats as a set: what is registered, and what holds of each of them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import copilot.render
from copilot.render import FORMATS, render
from tests.copilot.render import reviews


def test_the_folder_and_the_registry_agree() -> None:
    names = [path.stem for path in Path(copilot.render.__file__).parent.glob("*.py") if path.stem != "__init__"]
    assert {name for name in names if hasattr(import_module(f"copilot.render.{name}"), "render")} == set(FORMATS)


def test_a_format_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        render(reviews.review(), "pdf")


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_review_gives_the_same_text(format: str) -> None:
    assert render(reviews.pull_request(), format) == render(reviews.pull_request(), format)


@pytest.mark.parametrize("format", FORMATS)
def test_a_report_ends_with_one_line_break(format: str) -> None:
    text = render(reviews.review(), format)
    assert (text[-1:], text[-2:-1].strip()) == ("\n", text[-2:-1])


@pytest.mark.parametrize("format", ["terminal", "markdown", "html"])
def test_people_read_the_conclusion_and_every_kind_of_gap_first(format: str) -> None:
    review = reviews.review(gaps=reviews.GAPS, undecided=(reviews.NO_BACKUPS, reviews.VOLUME_UNKNOWN))
    text = render(review, format)
    start = text[text.index("<h1>") :] if format == "html" else text
    first = "\n".join(start.splitlines()[:4])
    assert "No findings" in first
    assert "1 unread, 1 lost sight of, 1 undecided, 1 out of sight" in first


@pytest.mark.parametrize("format", ["terminal", "markdown", "html"])
def test_gaps_that_the_title_counts_are_not_counted_again(format: str) -> None:
    assert "1 unread, 1 lost sight of, 1 undecided, 1 out of sight" not in render(
        reviews.pull_request(), format
    ).replace("(1 unread, 1 lost sight of, 1 undecided, 1 out of sight)", "")


@pytest.mark.parametrize("format", ["terminal", "markdown", "html"])
def test_older_findings_of_a_review_are_counted_and_not_shown(format: str) -> None:
    text = render(reviews.pull_request(), format)
    assert "3 older findings in the affected roots are not shown" in text
    assert "1 finding in the baseline is not shown" in text
    assert [older.fingerprint for older in reviews.OLDER if older.fingerprint in text] == []


@pytest.mark.parametrize("format", ["terminal", "markdown", "html"])
def test_a_draft_that_settles_two_findings_is_shown_once(format: str) -> None:
    one, two = reviews.DATABASE_PUBLIC, reviews.WORLD
    both = reviews.approved(reviews.PUBLIC_PATCH, reviews.PUBLIC_DIFF)
    text = render(reviews.review((one, two), remedies={one.fingerprint: both, two.fingerprint: both}), format)
    assert text.count("-  publicly_accessible = true") == 1
    assert "ettled by" in text


@pytest.mark.parametrize("format", ["terminal", "markdown", "html"])
def test_a_suggestion_that_recreates_a_resource_says_so(format: str) -> None:
    found = reviews.DATABASE_PUBLIC
    draft = reviews.patch(
        "  size      = 200\n",
        "  size      = 100\n",
        reviews.PRODUCTION,
        found.fingerprint,
        replaces=("aws_ebs_volume.ocr_scratch",),
    )
    text = render(reviews.review((found,), remedies={found.fingerprint: reviews.approved(draft, "")}), format)
    assert "destroys and recreates " in text


def test_a_format_is_imported_when_it_is_asked_for() -> None:
    asked = "import sys, copilot.render; copilot.render.render; print([m for m in sys.modules if m.startswith(('copilot.render.', 'rich'))])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
