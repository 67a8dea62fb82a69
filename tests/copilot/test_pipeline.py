"""A whole run in process: what is judged, which exceptions count, which patches are shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from copilot import baseline, render
from copilot.edits.patched import apply, merged
from copilot.errors import SettingsInvalid
from copilot.model import Abstained, Approved, Gap, Review, Severity
from copilot.pipeline import Settings
from copilot.pipeline import scan as scan_tree
from copilot.policy import PATH, parse
from copilot.snapshot import Snapshot
from tests.trees import ACLS, KEY, QUEUE, SSH, VOLUME, group, key, queue, review, scan, settings, volume, write

Files = dict[str, str]
WAIVERS = ".compliance/waivers.yaml"
WAIVED = f"version: 1\nwaivers:\n  - {{check: {VOLUME}, address: aws_ebs_volume.v, until: 2027-01-31, reason: because, owner: me}}\n"
IGNORED = f'# ccopilot:ignore {VOLUME} until=2027-01-31 reason="because"\n' + volume()


def shown(found: Review) -> list[tuple[str, str, str | None, bool]]:
    """(check, relation, exemption, whether something is requested) of each failure."""
    return [(f.check, f.relation, f.exempt, bool(f.requested)) for f in found.findings]


def formats(of: Review) -> str:
    return "".join(render.render(of, name, render.Options(verbose=True)) for name in render.FORMATS) + json.dumps(
        of.record
    )


# --- exceptions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exception", "code", "name"),
    [({WAIVERS: WAIVED}, {}, "waived"), ({}, {"main.tf": IGNORED}, "suppressed")],
    ids=["waiver", "suppression"],
)
def test_an_exception_counts_from_the_merge_base_and_is_only_requested_by_a_change(
    exception: Files, code: Files, name: str
) -> None:
    plain, excepted = {"main.tf": volume()}, {"main.tf": volume(), **exception, **code}
    other = {"queue.tf": queue()}
    given = settings(VOLUME)
    assert shown(review(excepted, {**excepted, **other}, given)) == [(VOLUME, "existing", name, False)]
    asked = review({}, excepted, given)
    assert (shown(asked), asked.conclusion.exit_code) == ([(VOLUME, "introduced", None, True)], 1)
    assert scan(excepted, given).review.conclusion.exit_code == 0
    assert [each[2:] for each in shown(review(excepted, {**plain, **other}, given))] == [(None, False)]


def test_an_exception_has_ended_after_its_last_day() -> None:
    given = settings(VOLUME)
    for files in ({"main.tf": volume(), WAIVERS: WAIVED}, {"main.tf": IGNORED}):
        ends = [
            scan(files, replace(given, today=day)).review.conclusion.exit_code
            for day in map(type(given.today).fromisoformat, ("2027-01-31", "2027-02-01"))
        ]
        assert ends == [0, 1]


def test_a_baseline_counts_from_the_merge_base() -> None:
    given = settings(VOLUME)
    plain = {"main.tf": volume()}
    known = {baseline.PATH: baseline.write(scan(plain, given).review.findings).decode()}
    assert shown(scan({**plain, **known}, given).review) == [(VOLUME, "existing", "baseline", False)]
    moved = {"b.tf": volume(), **known}
    assert shown(review({**plain, **known}, moved, given))[0][2] == "baseline"
    assert review({}, {**plain, **known}, given).conclusion.exit_code == 1


def test_exceptions_hide_nothing_from_the_gate() -> None:
    """A fix of one finding must not break what a waiver lives with elsewhere; raw results decide."""
    files = {"main.tf": volume() + key(), WAIVERS: WAIVED}
    done = scan(files, settings(VOLUME, KEY, drafts=True))
    ((name, remedy),) = done.review.remedies.items()
    assert isinstance(remedy, Approved)
    assert name == next(f.fingerprint for f in done.review.findings if f.check == KEY)


# --- policy -------------------------------------------------------------------------------------------------------


def test_a_broken_policy_is_refused_with_file_and_line() -> None:
    with pytest.raises(SettingsInvalid, match=r"^\.compliance/copilot\.yaml:2: "):
        parse(b"version: 1\nenforcment: observe\n", PATH)


def test_the_policy_given_decides_whatever_the_head_says() -> None:
    strict, loose = parse(b"version: 1\n"), "version: 1\nenforcement: observe\n"
    change = review({}, {"main.tf": volume(), PATH: loose}, settings(VOLUME, policy=strict))
    assert (change.findings[0].enforcement, change.conclusion.exit_code) == ("enforce", 1)


def test_what_the_policy_excludes_is_neither_found_nor_unread() -> None:
    policy = parse(b"version: 1\nexclude: [old/**]\n")
    files = {"old/main.tf": volume(), "old/broken.tf": "resource {{{", "main.tf": volume(encrypted="true")}
    done = scan(files, settings(VOLUME, policy=policy)).review
    assert (done.findings, done.gaps, done.conclusion.exit_code) == ((), (), 0)


def test_severity_and_skips_leave_checks_out_and_fail_on_replaces_enforcement() -> None:
    files = {"main.tf": volume() + key() + group("0.0.0.0/0")}
    assert [f.check for f in scan(files, settings(severity=Severity.HIGH)).review.findings] == [SSH, VOLUME]
    assert [f.check for f in scan(files, settings(skip=frozenset({SSH}))).review.findings] == [VOLUME, KEY]
    only_key = settings(KEY)
    ends = [
        scan(files, replace(only_key, fail_on=each)).review.conclusion.exit_code
        for each in (None, Severity.MEDIUM, Severity.HIGH)
    ]
    assert ends == [0, 1, 0]


# --- what is judged -----------------------------------------------------------------------------------------------


def test_a_change_that_touches_no_root_is_clean_and_says_so() -> None:
    done = review({"main.tf": volume()}, {"main.tf": volume(), "README.md": "hello"})
    assert (done.roots, done.findings, done.conclusion.title) == ((), (), "the change touches nothing that is judged")


def test_only_the_roots_that_reach_the_change_are_judged() -> None:
    before = {"a/main.tf": volume(), "b/main.tf": volume()}
    done = review(before, {**before, "a/more.tf": queue()})
    assert [root.name for root in done.roots] == ["a"]


def test_a_new_root_is_judged_and_a_deleted_one_leaves_nothing_behind() -> None:
    one = {"a/main.tf": volume()}
    added = review(one, {**one, "b/main.tf": volume()})
    assert [(f.relation, str(f.place)) for f in added.findings] == [("introduced", "b/main.tf:4")]
    removed = review({**one, "b/main.tf": volume()}, one)
    assert (removed.findings, removed.gaps, removed.conclusion.exit_code) == ((), (), 0)


def test_binary_and_renamed_files_are_no_obstacle() -> None:
    before = {"main.tf": volume(), "logo.png": b"\x89PNG\x00\xff"}
    after = {"renamed.tf": volume(), "logo.png": b"\x89PNG\x00\xfe"}
    done = review(before, after)
    assert ([f.relation for f in done.findings], done.conclusion.exit_code) == (["touched"], 0)


def test_what_cannot_be_read_makes_it_incomplete_whatever_else_is_clean() -> None:
    for broken in (b"resource \xff\xfe {}", b'resource "aws_sqs_queue" {{{\n'):
        done = scan({"main.tf": volume(encrypted="true"), "broken.tf": broken}).review
        assert (done.conclusion.state, done.conclusion.exit_code) == ("incomplete", 2)
        assert {gap.path for gap in done.gaps if gap.kind == "unread"} == {"broken.tf"}


def test_a_change_that_breaks_a_file_is_incomplete_and_one_elsewhere_is_not_blamed_for_it() -> None:
    good, broken = {"a/main.tf": volume(encrypted="true")}, {"a/main.tf": "resource {{{"}
    assert review(good, broken).conclusion.exit_code == 2
    assert (
        review(
            {**broken, "b/main.tf": queue()}, {**broken, "b/main.tf": queue() + "\n"}, settings(VOLUME)
        ).conclusion.exit_code
        == 0
    )


def test_a_link_out_of_the_tree_that_looks_like_configuration_is_unread(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"secret.tf": volume()})
    tree = write(tmp_path / "tree", {"a/main.tf": volume(encrypted="true"), "docs/x": "x"})
    (tree / "docs" / "logo").symlink_to(tmp_path / "outside" / "secret.tf")
    clean = scan_tree(Snapshot.from_folder(tree), settings(), subject="t").review
    assert clean.conclusion.exit_code == 0
    (tree / "b").mkdir()
    (tree / "b" / "main.tf").symlink_to(tmp_path / "outside" / "secret.tf")
    done = scan_tree(Snapshot.from_folder(tree), settings(), subject="t").review
    assert done.conclusion.exit_code == 2
    assert done.gaps == (Gap("unread", "a symbolic link out of the tree is not followed", "b/main.tf", 1),)


# --- secrets ------------------------------------------------------------------------------------------------------


def test_no_report_and_no_record_shows_a_secret() -> None:
    secret = "hunter2-Very-S3cret"
    files = {
        "main.tf": f"""variable "password" {{
  sensitive = true
  default   = "{secret}"
}}

resource "aws_db_instance" "d" {{
  password          = var.password
  storage_encrypted = false
}}
""",
    }
    checks = ("aws-rds-password-literal", "aws-rds-instance-encrypted")
    done = scan(files, settings(*checks, drafts=True)).review
    assert {f.check for f in done.findings} == set(checks)
    assert secret not in formats(done)
    assert secret not in formats(review({}, files, settings(*checks, drafts=True)))


def test_a_credential_beside_a_fix_is_in_no_report_either() -> None:
    secret = "hunter2-Very-S3cret"
    files = {
        "main.tf": f"""resource "aws_db_instance" "d" {{
  password            = "{secret}"
  publicly_accessible = true
}}
""",
    }
    given = settings("aws-rds-password-literal", "aws-rds-public-access", drafts=True)
    for done in (scan(files, given).review, review({}, files, given)):
        assert "Approved" in {type(remedy).__name__ for remedy in done.remedies.values()}
        assert secret not in formats(done)


# --- the same again -----------------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes() -> None:
    files = {"main.tf": volume() + key() + group("0.0.0.0/0", "0.0.0.0/0"), "q/main.tf": queue()}
    again = dict(reversed(files.items()))
    assert formats(review({}, files, settings(drafts=True))) == formats(review({}, again, settings(drafts=True)))
    assert formats(scan(files).review) == formats(scan(again).review)


# --- patches ------------------------------------------------------------------------------------------------------

BLOCK = 'resource "aws_s3_bucket_public_access_block" "p" {{\n  bucket                  = "b"\n{}}}\n'
FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def drafted(files: Files, *checks: str, **more: object) -> tuple[Review, Settings]:
    given = settings(*checks, drafts=True, **more)
    return scan(files, given).review, given


def test_findings_of_one_resource_are_settled_by_one_patch() -> None:
    body = "".join(f"  {name} = {'false' if name.startswith('block') else 'true'}\n" for name in FLAGS)
    done, _ = drafted({"main.tf": BLOCK.format(body)}, ACLS, "aws-s3-block-public-policy")
    remedies = list(done.remedies.values())
    assert len(done.findings) == len(remedies) == 2
    assert remedies[0] is remedies[1]
    assert isinstance(remedies[0], Approved)
    assert set(remedies[0].draft.findings) == {f.fingerprint for f in done.findings}


def test_a_module_in_two_roots_is_patched_once_and_judged_in_both() -> None:
    call = 'module "m" {\n  source = "../m"\n}\n'
    done, _ = drafted({"a/main.tf": call, "b/main.tf": call, "m/main.tf": key()}, KEY)
    (remedy,) = done.remedies.values()
    assert isinstance(remedy, Approved)
    assert [edit.path for edit in remedy.draft.edits] == ["m/main.tf"]


def test_a_fix_that_needs_a_parameter_abstains_and_keeps_its_finding() -> None:
    done, _ = drafted({"main.tf": group("0.0.0.0/0")}, SSH)
    (remedy,) = done.remedies.values()
    assert isinstance(remedy, Abstained)
    assert (len(done.findings), remedy.needs) == (1, ("allowed_networks",))


def test_approved_patches_of_one_review_never_overlap_and_hold_together() -> None:
    files = {"main.tf": key("a") + key("b") + queue("c") + queue("d") + key("e")}
    done, given = drafted(files, KEY, QUEUE)
    approved = list({id(r): r for r in done.remedies.values() if isinstance(r, Approved)}.values())
    assert len(approved) == 5
    snapshot = Snapshot.of(files)
    whole = apply(snapshot, merged(snapshot, [r.draft.edits for r in approved]))
    assert scan_tree(whole.after, replace(given, drafts=False), subject="t").review.findings == ()


def test_a_review_drafts_for_what_the_change_made_or_touched_alone() -> None:
    before = {"main.tf": key("old") + "\n" * 9}
    done = review(before, {"main.tf": before["main.tf"] + key("new")}, settings(KEY, drafts=True))
    assert [(f.address, f.relation, f.fingerprint in done.remedies) for f in done.findings] == [
        ("aws_kms_key.new", "introduced", True),
        ("aws_kms_key.old", "existing", False),
    ]


def test_a_review_drafts_no_more_fixes_than_the_policy_says_and_says_so() -> None:
    from copilot.policy import Limits

    given = settings(KEY, VOLUME)
    given = replace(given, drafts=True, policy=replace(given.policy, limits=Limits(remedies=1)))
    found = review({}, {"main.tf": volume() + key()}, given)
    (over,) = [r for r in found.remedies.values() if isinstance(r, Abstained) and "limits.remedies" in r.reason]
    assert over.findings == tuple(f.fingerprint for f in found.findings if f.check == KEY)
