"""`fix`: one change that git applies, written whole or not at all, and never over what somebody else wrote."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from copilot.edits.patched import apply
from copilot.errors import UsageError
from copilot.fixing import Plan, plan, write
from copilot.model import Approved, Edit
from copilot.pipeline import Run, scan
from copilot.snapshot import Snapshot
from tests import trees
from tests.trees import KEY, QUEUE, SSH, VOLUME, Repository, group, key, queue, settings, volume

FILES = {"main.tf": key("a") + queue("b"), "m/main.tf": key("c")}
TEMPORARY = ".ccopilot-"


def run(folder: Path, *checks: str) -> Run:
    return scan(Snapshot.from_folder(folder), settings(*(checks or (KEY, QUEUE)), drafts=True), subject="t")


def planned(folder: Path, *checks: str, allow: frozenset[str] = frozenset()) -> Plan:
    return plan(run(folder, *checks), allow_replace=allow)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".git" not in p.parts
    }


def test_the_diff_applies_with_git_and_makes_what_writing_makes(tmp_path: Path) -> None:
    one, two = (Repository(tmp_path / name, FILES).folder for name in ("one", "two"))
    made = planned(one)
    subprocess.run(["git", "-C", str(one), "apply", "--whitespace=nowarn", "-"], input=made.diff.encode(), check=True)
    write(planned(two), two)
    assert contents(one) == contents(two)
    assert all(contents(two)[path] != text.encode() for path, text in FILES.items())


def test_after_writing_a_scan_does_not_report_them_any_more(tmp_path: Path) -> None:
    trees.write(tmp_path, FILES)
    assert len(run(tmp_path).review.findings) == 3
    made = planned(tmp_path)
    assert (made.approved, made.drafts) == (3, 3)
    write(made, tmp_path)
    assert run(tmp_path).review.findings == ()
    assert planned(tmp_path).patched is None
    assert [p for p in tmp_path.rglob("*") if p.name.startswith(TEMPORARY)] == []


def test_what_was_changed_meanwhile_stops_everything(tmp_path: Path) -> None:
    trees.write(tmp_path, FILES)
    made = planned(tmp_path)
    (tmp_path / "m" / "main.tf").write_text("# mine\n" + FILES["m/main.tf"])
    before = contents(tmp_path)
    with pytest.raises(UsageError, match=r"^m/main\.tf changed since it was read; nothing was written$"):
        write(made, tmp_path)
    assert contents(tmp_path) == before


def test_what_was_removed_meanwhile_stops_everything(tmp_path: Path) -> None:
    trees.write(tmp_path, FILES)
    made = planned(tmp_path)
    (tmp_path / "main.tf").unlink()
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="changed since it was read"):
        write(made, tmp_path)
    assert contents(tmp_path) == before


def test_a_failure_half_way_puts_everything_back(tmp_path: Path) -> None:
    """The first file is replaced, and the second cannot be: a folder has come to stand in its place."""
    trees.write(tmp_path, FILES)
    snapshot = Snapshot.from_folder(tmp_path)
    edits = (Edit("main.tf", '"a"\n', '"z"\n'), Edit("new.tf", "", key("n")))
    made = Plan(apply(snapshot, edits), 1, 1, {}, ())
    (tmp_path / "new.tf").mkdir()
    before = contents(tmp_path)
    with pytest.raises(UsageError, match=r"new\.tf: .*; nothing was written$"):
        write(made, tmp_path)
    assert contents(tmp_path) == before
    (tmp_path / "new.tf").rmdir()
    write(made, tmp_path)
    assert contents(tmp_path).keys() == {*before, "new.tf"}


def test_a_file_that_the_change_removes_is_removed(tmp_path: Path) -> None:
    trees.write(tmp_path, FILES)
    edits = (Edit("m/main.tf", FILES["m/main.tf"], None), Edit("main.tf", '"a"\n', '"z"\n'))
    write(Plan(apply(Snapshot.from_folder(tmp_path), edits), 1, 1, {}, ()), tmp_path)
    assert set(contents(tmp_path)) == {"main.tf"}


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_written_is_the_persons_business(tmp_path: Path) -> None:
    trees.write(tmp_path, FILES)
    made = planned(tmp_path)
    (tmp_path / "m").chmod(0o500)
    try:
        with pytest.raises(UsageError, match="nothing was written"):
            write(made, tmp_path)
    finally:
        (tmp_path / "m").chmod(0o700)


def test_modes_line_endings_and_the_byte_order_mark_survive(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + FILES["main.tf"].replace("\n", "\r\n").encode()
    trees.write(tmp_path, {"main.tf": data})
    (tmp_path / "main.tf").chmod(0o640)
    write(planned(tmp_path), tmp_path)
    after = (tmp_path / "main.tf").read_bytes()
    assert stat.S_IMODE((tmp_path / "main.tf").stat().st_mode) == 0o640
    assert after.startswith(b"\xef\xbb\xbfresource") and after.count(b"\n") == after.count(b"\r\n") > data.count(b"\n")


def test_behind_a_link_the_file_is_written_and_the_link_stays(tmp_path: Path) -> None:
    trees.write(tmp_path, {"real/main.tf": key(), "other/x.txt": ""})
    (tmp_path / "other" / "main.tf").symlink_to("../real/main.tf")
    made = planned(tmp_path, KEY)
    write(made, tmp_path)
    assert (tmp_path / "other" / "main.tf").is_symlink()
    assert "enable_key_rotation = true" in (tmp_path / "real" / "main.tf").read_text()


def test_what_replaces_a_resource_is_written_only_where_its_address_is_allowed(tmp_path: Path) -> None:
    trees.write(tmp_path, {"main.tf": volume()})
    held = planned(tmp_path, VOLUME)
    assert (held.diff, held.replacing, held.held_back) == ("", ("aws_ebs_volume.v",), {"it replaces a resource": 1})
    assert held.told(written=False) == (
        "there is no approved patch to write\n"
        "     1 without one: it replaces a resource\n"
        "  aws_ebs_volume.v would be destroyed and made anew: allow it with --allow-replace 'aws_ebs_volume.v'\n"
    )
    write(held, tmp_path)
    assert contents(tmp_path) == {"main.tf": volume().encode()}
    assert planned(tmp_path, VOLUME, allow=frozenset({"aws_ebs_volume.other"})).diff == ""
    write(planned(tmp_path, VOLUME, allow=frozenset({"aws_ebs_volume.v"})), tmp_path)
    assert contents(tmp_path) == {"main.tf": volume(encrypted="true").encode()}


def test_what_replaces_a_resource_holds_up_nothing_else_that_is_wrong_with_it(tmp_path: Path) -> None:
    database = """\
resource "aws_db_instance" "orders" {
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.t4g.medium"
  storage_encrypted   = false
  publicly_accessible = true
}
"""
    trees.write(tmp_path, {"main.tf": database})
    made = planned(tmp_path, "aws-rds-public-access", "aws-rds-instance-encrypted")
    assert (made.approved, made.replacing) == (1, ("aws_db_instance.orders",))
    write(made, tmp_path)
    calm = database.replace("publicly_accessible = true", "publicly_accessible = false")
    assert contents(tmp_path) == {"main.tf": calm.encode()}
    allowed = frozenset({"aws_db_instance.orders"})
    write(planned(tmp_path, "aws-rds-public-access", "aws-rds-instance-encrypted", allow=allowed), tmp_path)
    assert contents(tmp_path) == {
        "main.tf": calm.replace("storage_encrypted   = false", "storage_encrypted   = true").encode()
    }


def test_two_findings_of_one_resource_are_written_together(tmp_path: Path) -> None:
    block = 'resource "aws_s3_bucket_public_access_block" "p" {\n  bucket                  = "b"\n  block_public_acls       = false\n  block_public_policy     = false\n  ignore_public_acls      = true\n  restrict_public_buckets = true\n}\n'
    trees.write(tmp_path, {"main.tf": block})
    made = planned(tmp_path, "aws-s3-block-public-acls", "aws-s3-block-public-policy")
    assert (made.approved, made.drafts, made.told(written=True)) == (
        2,
        1,
        "wrote 1 approved patch for 2 findings in 1 file\n",
    )
    write(made, tmp_path)
    assert contents(tmp_path) == {"main.tf": block.replace("false", "true").encode()}


def test_what_has_no_patch_is_counted_with_the_reason(tmp_path: Path) -> None:
    trees.write(tmp_path, {"main.tf": group("0.0.0.0/0") + key()})
    made = planned(tmp_path, SSH, KEY)
    assert made.told(written=False) == (
        "would write 1 approved patch for 1 finding in 1 file\n"
        "     1 without one: needs the parameter allowed_networks\n"
    )


def test_only_approved_patches_are_planned(tmp_path: Path) -> None:
    trees.write(tmp_path, FILES)
    done = run(tmp_path)
    chosen = {edit for r in done.review.remedies.values() if isinstance(r, Approved) for edit in r.draft.edits}
    assert set(plan(done, allow_replace=frozenset()).patched.files) == {edit.path for edit in chosen}  # type: ignore[union-attr]
