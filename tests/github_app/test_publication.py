"""What a pull request is to show: on the right lines, once, escaped, and never a suggestion that cannot be committed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from copilot import pipeline
from copilot.changes import Change
from copilot.edits.patched import changed_lines
from copilot.pipeline import Settings
from copilot.policy import parse as parse_policy
from copilot.snapshot import Snapshot
from github_app.diff import FileDiff, Hunk
from github_app.publication import SUMMARY_MARKER, Publication, marker, prepare
from tests.trees import KEY, SSH, VOLUME, group, key, queue, settings, volume

HEAD = "a" * 40
Files = Mapping[str, str | bytes]


def diffs(before: Snapshot, after: Snapshot) -> dict[str, FileDiff]:
    """The diff with three lines of context, a hunk for each change."""
    out = {}
    for path in sorted({*before.paths, *after.paths}):
        new = after.read(path)
        if new is None or new == before.read(path):
            continue
        count = new.count(b"\n") + (not new.endswith(b"\n"))
        hunks = [
            Hunk(frozenset(), frozenset(range(max(1, low - 3), min(count, high + 2) + 1)))
            for low, high in changed_lines(before.read(path) or b"", new)
        ]
        out[path] = FileDiff(path, tuple(hunks))
    return out


def published(before: Files, after: Files, given: Settings | None = None, **more: int) -> Publication:
    change = Change(Snapshot.of(before), Snapshot.of(after))
    done = pipeline.review(change, given or settings(drafts=True), subject="s", base="b", head="h").review
    return prepare(done, change.after, diffs(change.before, change.after), head=HEAD, **more)


def test_a_clean_change_is_green_and_says_nothing_on_the_pull_request() -> None:
    found = published(
        {"main.tf": volume("v", "true")}, {"main.tf": volume("v", "true") + key(more="  enable_key_rotation = true\n")}
    )
    assert (found.conclusion, found.inline, found.summary, found.annotations) == ("success", (), "", ())


def test_a_finding_that_counts_for_nothing_here_is_there_and_untold() -> None:
    policy = parse_policy(b"version: 1\nenforcement: {medium: observe}\n")
    found = published({"main.tf": "\n"}, {"main.tf": key() + volume()}, settings(policy=policy))
    (comment,) = found.inline
    assert found.fingerprints == comment.findings and len(found.untold) == 1
    old = published({"main.tf": volume()}, {"main.tf": volume() + "# more\n"})
    assert (old.fingerprints, len(old.untold)) == ((), 1)


def test_a_fix_on_lines_of_the_diff_is_committable_and_stands_on_exactly_these_lines() -> None:
    found = published({"main.tf": "\n"}, {"main.tf": key(more="  enable_key_rotation = false\n")})
    (comment,) = found.inline
    where = (comment.path, comment.side, comment.start, comment.line, comment.committable)
    assert where == ("main.tf", "RIGHT", None, 3, True)
    assert "```suggestion\n  enable_key_rotation = true\n```" in comment.body
    assert marker(comment.findings[0]) in comment.body
    assert [(a.path, a.start, a.level) for a in found.annotations] == [("main.tf", 3, "warning")]


def test_a_fix_that_destroys_is_shown_and_never_one_click_away() -> None:
    found = published({"main.tf": "\n"}, {"main.tf": volume()})
    (comment,) = found.inline
    assert (comment.line, comment.committable, found.conclusion) == (4, False, "failure")
    assert "```suggestion" not in comment.body and "+  encrypted         = true" in comment.body


def test_a_missing_argument_is_suggested_behind_a_line_that_stays() -> None:
    found = published({"main.tf": "\n"}, {"main.tf": key()})
    (comment,) = found.inline
    assert comment.committable and comment.start is None and comment.line == 2
    assert '```suggestion\n  description = "k"\n  enable_key_rotation = true\n```' in comment.body.replace(
        "         =", " ="
    ).replace("description         =", "description =")


def test_what_the_diff_does_not_show_goes_to_the_summary() -> None:
    before: Files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  encrypted = true\n}\n',
        "m/main.tf": 'variable "encrypted" {\n  default = true\n}\n' + volume(encrypted="var.encrypted"),
    }
    after: Files = {**before, "main.tf": 'module "m" {\n  source = "./m"\n  encrypted = false\n}\n'}
    change = Change(Snapshot.of(before), Snapshot.of(after))
    done = pipeline.review(change, settings(drafts=True), subject="s", base="b", head="h").review
    found = prepare(done, change.after, {}, head=HEAD)
    assert found.inline == () and found.fingerprints[0] in found.summary and found.summary.startswith(SUMMARY_MARKER)


def test_repeats_are_one_comment_that_lists_the_others() -> None:
    files: Files = {"main.tf": "".join(volume(f"v{n}") for n in range(12))}
    found = published({"main.tf": "\n"}, files)
    (comment,) = found.inline
    assert "+ 11 like it" in comment.body and len(comment.findings) == 12


def test_no_more_comments_than_asked_for_and_the_rest_is_in_the_summary() -> None:
    files: Files = {"main.tf": volume() + key() + queue() + group("0.0.0.0/0")}
    found = published({"main.tf": "\n"}, files, limit=2)
    assert len(found.inline) == 2
    assert set(found.fingerprints) == {f for c in found.inline for f in c.findings} | {
        f for f in found.fingerprints if f in found.summary
    }


def test_a_file_with_carriage_returns_gets_a_patch_to_read_and_no_suggestion_to_commit() -> None:
    found = published({"main.tf": "\n"}, {"main.tf": volume().replace("\n", "\r\n")})
    (comment,) = found.inline
    assert not comment.committable and "```suggestion" not in comment.body and "```diff" in comment.body


def test_a_file_without_a_last_line_end_gets_no_suggestion_to_commit() -> None:
    found = published({"main.tf": "\n"}, {"main.tf": volume().rstrip("\n")})
    assert [c.committable for c in found.inline] == [False]


def test_text_that_would_be_masked_is_never_suggested() -> None:
    text = volume().replace(
        "  encrypted         = false\n",
        '  encrypted         = false # password = "hunter2hunter2-AKIAIOSFODNN7EXAMPLE"\n',
    )
    found = published({"main.tf": "\n"}, {"main.tf": text})
    assert all(
        "[secret]" not in part for c in found.inline if c.committable for part in [c.body.split("```suggestion")[1]]
    )


def test_names_of_strangers_cannot_mention_link_or_break_out() -> None:
    evil = 'resource "aws_ebs_volume" "v" {\n  availability_zone = "@acme/admins ``` <img src=x> [x](http://evil)"\n  size = 1\n  encrypted = false\n}\n'
    found = published({"main.tf": "\n"}, {"main.tf": evil})
    (comment,) = found.inline
    prose = re.sub(r"(?ms)^(`{3,}).*?^\1`*$", "", comment.body)
    assert prose != comment.body
    assert "<img" not in prose and "](http" not in prose


def test_what_is_only_observed_is_neutral_and_stays_off_the_lines() -> None:
    policy = parse_policy(b"version: 1\nenforcement: observe\n")
    found = published({"main.tf": "\n"}, {"main.tf": volume()}, settings(VOLUME, SSH, policy=policy, drafts=True))
    assert (found.conclusion, found.inline) == ("neutral", ())


def test_an_unread_file_is_never_green_nor_neutral() -> None:
    found = published(
        {"main.tf": volume("v", "true")}, {"main.tf": volume("v", "true"), "broken.tf": 'resource "a" {{{\n'}
    )
    assert found.conclusion == "action_required" and found.title.startswith("incomplete")


def test_annotations_come_in_batches_of_fifty() -> None:
    files: Files = {"main.tf": "".join(volume(f"v{n}") for n in range(61))}
    found = published({"main.tf": "\n"}, files)
    assert [len(batch) for batch in found.batches] == [50, 11]


DATABASE = """\
variable "public" {{ default = false }}
variable "encrypted" {{ default = true }}

resource "aws_db_instance" "this" {{
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.t4g.medium"
  publicly_accessible = {public}
  storage_encrypted   = {encrypted}
}}
"""
DATABASE_CHECKS = ("aws-rds-public-access", "aws-rds-instance-encrypted")


def test_one_address_in_two_roots_is_two_resources_with_a_comment_each() -> None:
    call = 'module "db" {{\n  source = "../../modules/db"\n  {}\n}}\n'
    module = DATABASE.format(public="var.public", encrypted="var.encrypted")
    before = {"modules/db/main.tf": module, "live/a/main.tf": "\n", "live/b/main.tf": "\n"}
    found = published(
        before,
        {**before, "live/a/main.tf": call.format("public = true"), "live/b/main.tf": call.format("encrypted = false")},
        settings(*DATABASE_CHECKS, drafts=True),
    )
    assert [(c.path, c.line, len(c.findings), c.committable) for c in found.inline] == [
        ("live/a/main.tf", 3, 1, True), ("live/b/main.tf", 3, 1, False),
    ]  # fmt: skip
    assert "live/b" not in found.inline[0].body


def test_what_destroys_is_a_patch_to_read_beside_the_suggestion_of_what_does_not() -> None:
    files = {"main.tf": DATABASE.format(public="true", encrypted="false")}
    found = published({"main.tf": "\n"}, files, settings(*DATABASE_CHECKS, drafts=True))
    (comment,) = found.inline
    assert (comment.line, len(comment.findings), comment.committable) == (8, 2, True)
    assert comment.body.count("```suggestion\n") == 1
    assert "```suggestion\n  publicly_accessible = false\n```" in comment.body
    assert "<summary>Patch that destroys and recreates</summary>" in comment.body
    assert "+  storage_encrypted   = true" in comment.body


def test_an_exception_that_the_change_asks_for_is_told_where_its_finding_is() -> None:
    ignored = f'# ccopilot:ignore {VOLUME} until=2027-01-31 reason="scratch space"\n' + volume()
    (comment,) = published({"main.tf": "\n"}, {"main.tf": ignored}).inline
    assert "Exception requested by this change, does not count yet: a suppression until 2027-01-31" in comment.body


def test_what_blocks_is_commented_on_before_what_only_warns() -> None:
    policy = parse_policy(b"version: 1\nenforcement: {high: warn, medium: enforce}\n")
    files: Files = {"main.tf": volume() + key()}
    found = published({"main.tf": "\n"}, files, settings(KEY, VOLUME, policy=policy), limit=1)
    (comment,) = found.inline
    assert "enable_key_rotation" in comment.body and "aws_ebs_volume.v" in found.summary
