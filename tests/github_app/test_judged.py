"""What lies between worker and edge: it reads back as it was written, and nothing else does."""

from __future__ import annotations

import json
from datetime import date

import pytest

from copilot.changes import Change
from copilot.model import Edit
from copilot.snapshot import Snapshot
from github_app import judged
from github_app.judged import Judged, NotOurs
from tests.github_app.test_publication import HEAD, diffs
from tests.trees import key, settings, volume

WAIVERS = """\
version: 1
waivers:
  - {check: aws-kms-key-rotation, address: aws_kms_key.k, until: 2026-12-31, reason: migration, owner: platform}
  - {check: aws-kms-key-rotation, address: aws_kms_key.other, until: 2026-12-24, reason: migration, owner: platform}
"""


def judge(before: dict[str, str], after: dict[str, str]) -> Judged:
    change = Change(Snapshot.of(before), Snapshot.of(after))
    return judged.judge(
        change, settings(drafts=True, today=date(2026, 11, 27)), diffs(change.before, change.after), key="k", subject="o/r#1",
        merge_base="b" * 40, head=HEAD,
    )  # fmt: skip


def test_a_judgement_reads_back_as_it_was_written() -> None:
    made = judge({"main.tf": "\n"}, {"main.tf": key() + volume()})
    assert judged.read(made.to_json(), digest=made.digest) == made
    assert made.complete
    assert sorted((fix.committable, fix.by_model, bool(fix.replaces)) for fix in made.fixes) == [
        (False, False, True),
        (True, False, False),
    ]


def test_what_is_not_what_the_worker_wrote_is_not_read() -> None:
    made = judge({"main.tf": "\n"}, {"main.tf": key()})
    text = made.to_json()
    with pytest.raises(NotOurs, match="is not the one"):
        judged.read(text.replace('"complete":true', '"complete":false'), digest=made.digest)
    for changed in ({"extra": 1}, {"fixes": [{"edits": "x"}]}, {"version": 2}):
        other = json.dumps({**json.loads(text), **changed})
        with pytest.raises(NotOurs, match=r"of version 2|does not read"):
            judged.read(other, digest=judged.digest_of(other))


def test_a_finding_is_named_by_fingerprint_its_beginning_or_its_check() -> None:
    made = judge({"main.tf": "\n"}, {"main.tf": key() + volume()})
    (one,) = made.told_of("aws-kms-key-rotation")
    assert made.told_of(one.fingerprint) == made.told_of(one.fingerprint[:8]) == (one,)
    assert made.told_of(one.fingerprint[:7]) == ()
    assert one.explanation.count("aws_kms_key.k") > 1
    assert (one.path, one.line, one.relation) == ("main.tf", 1, "introduced")


def test_the_first_of_the_waivers_that_count_says_when_the_head_is_judged_anew() -> None:
    tree = {"main.tf": key() + key("other"), ".compliance/waivers.yaml": WAIVERS}
    made = judge(
        tree, {**tree, "main.tf": key(more="  multi_region = true\n") + key("other", more="  multi_region = true\n")}
    )
    assert made.waived_until == date(2026, 12, 24)
    assert judge({"main.tf": "\n"}, {"main.tf": key()}).waived_until is None


def test_the_edits_of_a_fix_are_those_of_the_draft() -> None:
    made = judge({"main.tf": "\n"}, {"main.tf": key(more="  enable_key_rotation = false\n")})
    (fix,) = made.fixes
    assert fix.edits == (Edit("main.tf", fix.edits[0].find, fix.edits[0].find.replace("false", "true")),)
    assert (fix.masked, fix.replaces) == (False, ())
