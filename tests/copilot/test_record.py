"""The record of a run changes when anything that had a say changes, and never otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from copilot.baseline import Baseline, Known
from copilot.evidence.record import digest, inputs_digest
from copilot.model import Approved, Severity
from copilot.pipeline import Settings
from copilot.policy import parse
from copilot.snapshot import Snapshot
from tests.trees import KEY, VOLUME, key, review, scan, settings, volume

FILES = {"main.tf": volume() + key(), "README.md": "x"}


def record(files: dict[str, str] = FILES, given: Settings | None = None) -> Any:
    return scan(files, given or settings(VOLUME, KEY)).review.record


def test_the_digest_is_that_of_the_rest_and_the_record_is_plain_json() -> None:
    made = record()
    assert made["digest"] == digest(made) == digest({k: v for k, v in made.items() if k != "digest"})
    assert json.loads(json.dumps(made)) == made


def test_the_same_input_gives_the_same_record_and_unread_files_have_no_say() -> None:
    assert record() == record(dict(reversed(FILES.items()))) == record({**FILES, "README.md": "y"})


WAIVER = "version: 1\nwaivers: []\n"
EMPTY = '{"version": 1, "findings": []}\n'


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": FILES["main.tf"] + "\n"},
        {"main.tf": volume(encrypted="true") + key()},
        {"more.tf": "\n"},
        {".compliance/waivers.yaml": WAIVER},
        {".compliance/baseline.json": EMPTY},
    ],
    ids=["a byte", "a verdict", "a file", "waivers", "baseline"],
)
def test_it_changes_with_every_input(files: dict[str, str]) -> None:
    assert record({**FILES, **files})["digest"] != record()["digest"]


@pytest.mark.parametrize(
    "change",
    [
        {"policy": parse(b"version: 1\nenforcement: observe\n")},
        {"policy": parse(b"version: 1\nparameters: {log_bucket: central}\n")},
        {"today": date(2026, 11, 24)},
        {"only": frozenset({VOLUME})},
        {"skip": frozenset({"aws-sqs-queue-encrypted"})},
        {"severity": Severity.LOW},
        {"fail_on": Severity.CRITICAL},
        {"drafts": True},
        {"baseline": Baseline((Known(VOLUME, "", "aws_ebs_volume.v", "0" * 20),))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_it_changes_with_every_setting(change: dict[str, Any]) -> None:
    assert record(given=replace(settings(VOLUME, KEY), **change))["digest"] != record()["digest"]


def test_it_holds_each_draft_with_each_verdict_and_a_verdict_that_differs_changes_it() -> None:
    done = scan(FILES, settings(KEY, drafts=True)).review
    (drafted,) = done.record["drafts"]
    (remedy,) = done.remedies.values()
    assert isinstance(remedy, Approved)
    assert (drafted["outcome"], drafted["draft"]) == ("approved", remedy.draft.digest)
    assert [v["validator"] for v in drafted["verdicts"]] == [v.validator for v in remedy.verdicts]
    changed = json.loads(json.dumps(done.record))
    changed["drafts"][0]["verdicts"][0]["outcome"] = "fail"
    assert digest(changed) != done.record["digest"]


def test_a_review_holds_the_digests_of_both_sides() -> None:
    made = review({"main.tf": key()}, FILES, settings(VOLUME, KEY)).record
    assert set(made["inputs"]) == {"base", "head"}
    assert made["inputs"]["base"] != made["inputs"]["head"]
    assert [(f["check"], f["relation"]) for f in made["findings"]] == [(VOLUME, "introduced"), (KEY, "existing")]


def test_the_digest_of_inputs_tells_a_missing_file_from_an_empty_one() -> None:
    one = inputs_digest(Snapshot.of({"a": ""}), ["a"])
    assert inputs_digest(Snapshot.of({}), ["a"]) != one == inputs_digest(Snapshot.of({"a": "", "b": ""}), ["a", "a"])
