"""Golden examples are what a model is shown as right, so nothing may be found in them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from copilot import pipeline
from copilot.controls import load_controls
from copilot.snapshot import Snapshot
from tests.trees import library, settings

GOLDEN = Path(__file__).parent.parent.parent / "corpus" / "golden"
NAMES = sorted(folder.name for folder in GOLDEN.iterdir())


def test_there_are_at_least_thirty_of_four_providers() -> None:
    providers = [yaml.safe_load((GOLDEN / name / "golden.yaml").read_text("utf-8"))["provider"] for name in NAMES]
    assert len(NAMES) >= 30
    assert set(providers) == {"aws", "azurerm", "google", "kubernetes"}


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_example_passes_every_check_and_names_controls_that_exist(name: str) -> None:
    told = yaml.safe_load((GOLDEN / name / "golden.yaml").read_text("utf-8"))
    assert set(told) == {"title", "description", "provider", "controls"}
    assert set(told["controls"]) <= set(load_controls())
    given = settings(drafts=False)
    snapshot = Snapshot.from_folder(GOLDEN / name)
    done = pipeline.scan(snapshot, type(given)(**{**given.__dict__, "only": frozenset(library().checks)}), subject=name)
    assert [(f.check, f.address, f.reason) for f in done.review.findings] == []
    assert [g for g in done.review.gaps if g.kind == "unread"] == []
    strange = [
        f.reason for f in done.review.undecided if "has no default" not in f.reason and "is not known" not in f.reason
    ]
    assert strange == []
