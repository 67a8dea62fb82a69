"""Every fix that ships settles the bad examples of its check, or abstains: no draft leaves its finding or brings another."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from copilot.assessment import Assessor
from copilot.checks.library import Library, load
from copilot.drafting import recipes
from copilot.edits.patched import apply
from copilot.model import Abstained, Root
from copilot.snapshot import Snapshot

PARAMETERS = {
    "approved_kms_keys": ["arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
    "allowed_networks": ["10.0.0.0/8", "192.168.0.0/16", "fd00::/8"],
    "log_bucket": "central-logs",
    "access_log_destination_arn": "arn:aws:s3:::central-logs",
    "log_retention_days": 365,
}


@cache
def library() -> Library:
    return load()


def fixable() -> list[str]:
    return [id for id, check in library().checks.items() if any(check.fixes())]


@pytest.mark.parametrize("id", fixable())
def test_a_recipe_settles_its_finding_and_brings_no_other(id: str) -> None:
    check = library().checks[id]
    assessor = Assessor(lambda types: [check], lambda environment: PARAMETERS)
    for example in library().examples(id).bad:
        snapshot = _snapshot(example)
        before = assessor.assess(snapshot, [Root("")])
        known = {finding.fingerprint for finding in before.findings}
        for finding in before.findings:
            if finding.status != "fail":
                continue
            draft = recipes.draft(finding, check, before.worlds[0], snapshot, PARAMETERS)
            if isinstance(draft, Abstained):
                assert draft.reason, example
                continue
            after = assessor.assess(apply(snapshot, draft.edits).after, [Root("")])
            left = {found.fingerprint for found in after.findings}
            assert finding.fingerprint not in left, (example, draft.summary)
            assert left <= known, (example, draft.summary)
            assert after.gaps == before.gaps, (example, draft.summary)


def _snapshot(example: Path) -> Snapshot:
    return Snapshot.from_folder(example) if example.is_dir() else Snapshot.of({example.name: example.read_bytes()})
