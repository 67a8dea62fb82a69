"""Snapshots are the only way to see files, whatever they are made from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from copilot.errors import NotARepository, UsageError
from copilot.model import Gap
from copilot.snapshot import Snapshot, git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A real git repository with one commit on main."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}

    def run(*args: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *args], check=True, capture_output=True, env=environment)

    run("init", "--initial-branch=main")
    run("config", "user.email", "a@example.com")
    run("config", "user.name", "A")
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "main.tf").write_text("a = 1\n")
    (tmp_path / "naïve name.tf").write_bytes(b"\xff\x00\r\n")
    (tmp_path / ".gitignore").write_text("ignored.tf\n.terraform\n")
    (tmp_path / "inside.tf").symlink_to("env/main.tf")
    (tmp_path / "outside.tf").symlink_to("/etc/passwd")
    run("add", "-A")
    run("commit", "-m", "one")
    return tmp_path


def test_a_commit_is_read_without_a_checkout(repository: Path) -> None:
    (repository / "env" / "main.tf").write_text("a = 2\n")
    tree = Snapshot.from_git(repository, "HEAD")
    assert tree.paths == (".gitignore", "env/main.tf", "inside.tf", "naïve name.tf")
    assert tree.read("env/main.tf") == b"a = 1\n"
    assert tree.read("inside.tf") == b"a = 1\n"
    assert tree.read("naïve name.tf") == b"\xff\x00\r\n"
    assert tree.gaps == (Gap("unread", "a symbolic link out of the tree is not followed", "outside.tf", 1),)


def test_a_work_tree_is_what_git_tracks_and_does_not_ignore_and_what_init_installed(repository: Path) -> None:
    (repository / "new.tf").write_text("b = 1\n")
    (repository / "ignored.tf").write_text("c = 1\n")
    modules = repository / ".terraform" / "modules"
    modules.mkdir(parents=True)
    (modules / "modules.json").write_text("{}")
    (repository / "env" / "main.tf").unlink()
    tree = Snapshot.from_worktree(repository)
    assert tree.paths == (".gitignore", ".terraform/modules/modules.json", "naïve name.tf", "new.tf")
    assert tree.gaps == (Gap("unread", "a symbolic link out of the tree is not followed", "outside.tf", 1),)


def test_a_folder_leaves_out_what_is_not_configuration(tmp_path: Path) -> None:
    for name in (
        ".git/config",
        "node_modules/a.tf",
        ".terraform/providers/x",
        ".terraform/modules/m/main.tf",
        "a/b.tf",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert Snapshot.from_folder(tmp_path).paths == (".terraform/modules/m/main.tf", "a/b.tf")


def test_a_folder_that_is_not_there_is_a_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        Snapshot.from_folder(tmp_path / "none")


def test_outside_a_repository_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotARepository):
        git(tmp_path, "rev-parse", "HEAD")


def test_a_changed_snapshot_replaces_adds_and_removes_and_leaves_the_old_one() -> None:
    old = Snapshot.of({"a.tf": "1", "b.tf": "2"})
    new = old.changed({"a.tf": b"3", "b.tf": None, "c/d.tf": b"4"})
    assert {path: new.read(path) for path in new.paths} == {"a.tf": b"3", "c/d.tf": b"4"}
    assert new.files_in("c") == ("c/d.tf",)
    assert {path: old.read(path) for path in old.paths} == {"a.tf": b"1", "b.tf": b"2"}
    assert new.digest == Snapshot.of({"c/d.tf": "4", "a.tf": "3"}).digest
    assert new.digest != old.digest


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.json", ["a.json"]),
        ("**/*.json", ["a.json", "x/b.json"]),
        ("x/?.json", ["x/b.json"]),
        ("{a,x/b}.json", ["a.json", "x/b.json"]),
    ],
)
def test_fileset_patterns_mean_what_terraform_means(pattern: str, found: list[str]) -> None:
    tree = Snapshot.of({"m/a.json": "", "m/x/b.json": "", "m/c.tf": "", "other/a.json": ""})
    assert tree.glob("m", pattern) == found


def test_a_file_beyond_the_limit_is_reported_by_whoever_parses_it(tmp_path: Path) -> None:
    from copilot.iac.terraform import evaluate_root
    from copilot.model import Root

    (tmp_path / "main.tf").write_bytes(b'resource "aws_x" "x" {}\n' + b"#" * (17 * 1024 * 1024))
    world = evaluate_root(Snapshot.from_folder(tmp_path), Root(""))
    assert [(gap.kind, gap.path, gap.reason) for gap in world.gaps] == [
        ("unread", "main.tf", "the file is larger than 4 MiB")
    ]


def test_modules_that_init_installed_below_a_subfolder_are_part_of_the_work_tree(repository: Path) -> None:
    folder = repository / "env" / ".terraform" / "modules" / "m"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text("")
    assert "env/.terraform/modules/m/main.tf" in Snapshot.from_worktree(repository).paths
