"""GitHub as values: whole trees, real diffs, and failures that say what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from copilot.snapshot import Snapshot
from github_app import client
from github_app.client import (
    App,
    Forbidden,
    GitHub,
    GitHubFailed,
    Limited,
    NotThere,
    Pull,
    Unauthorised,
    Unavailable,
    Unprocessable,
)
from tests.github_app.double import Double


def same(a: Snapshot, b: Snapshot) -> None:
    assert {p: a.read(p) for p in a.paths} == {p: b.read(p) for p in b.paths}
    assert sorted(a.gaps, key=str) == sorted(b.gaps, key=str)


def test_a_pull_request_is_read_as_it_stands(double: Double, github: GitHub) -> None:
    head = double.pulls[1].head
    base = double.repository.git("rev-parse", "main")
    updated = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    assert github.pull(1) == Pull(1, head, base, "main", False, True, False, "feature", "author", updated=updated)
    assert github.merge_base(base, head) == base
    assert github.default_branch() == "main"


def test_a_snapshot_is_the_commits_tree_whatever_the_archive_leaves_out_or_rewrites(
    double: Double, github: GitHub
) -> None:
    files: dict[str, str | bytes] = {
        ".gitattributes": "hidden/** export-ignore\nversion.tf export-subst\n",
        "hidden/open.tf": 'resource "aws_sqs_queue" "q" {}\n',
        "version.tf": "# $Format:%H$\n",
        "blob.bin": bytes(range(256)) * 10,
        "näme with blanks.tf": "# x\n",
        "deep/er/than/most/main.tf": "# y\n",
    }
    double.repository.write(files)
    top = double.repository.folder
    (top / "link.tf").symlink_to("main.tf")
    (top / "out.tf").symlink_to("../../etc/passwd")
    double.repository.commit()
    sha = double.repository.git("rev-parse", "HEAD")
    double.repository.git("update-index", "--add", "--cacheinfo", f"160000,{sha},vendored")
    double.repository.git("commit", "--quiet", "-m", "a submodule")
    head = double.repository.git("rev-parse", "HEAD")
    same(github.snapshot(head), Snapshot.from_git(top, head))
    double.cuts_trees = True
    same(github.snapshot(head), Snapshot.from_git(top, head))
    double.has_archive = False
    same(github.snapshot(head), Snapshot.from_git(top, head))


def test_three_hundred_changed_files_come_over_pages_and_renames_and_binaries_are_known(
    double: Double, github: GitHub
) -> None:
    many: dict[str, str | bytes] = {f"m/{n:03}.tf": f"# {n}\n" for n in range(310)}
    double.pulls[1].head = double.repository.commit(
        {**many, "b.bin": b"\0\1\2" * 50, "moved.md": "text\n"}, removed=("README.md",)
    )
    found, complete = github.diffs(1)
    assert complete and len(found) == 313
    assert found["m/300.tf"].shows(1, 1) and not found["b.bin"].hunks and not found["moved.md"].hunks


def test_a_list_that_github_cuts_is_said(double: Double, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_FILES", 1)
    assert github.diffs(1)[1] is False


def test_a_file_and_a_permission_are_read(double: Double, github: GitHub) -> None:
    double.people["ada"] = "write"
    assert github.file("README.md", "main") == b"text\n"
    assert github.file("nothing.md", "main") is None
    assert (github.permission("ada"), github.permission("eve")) == ("write", "none")


@pytest.mark.parametrize(
    ("status", "error"),
    [("401", Unauthorised), ("403", Limited), ("404", NotThere), ("422", Unprocessable), ("429", Limited)],
)
def test_a_refusal_of_github_is_an_error_of_ours(
    double: Double, github: GitHub, status: str, error: type[GitHubFailed]
) -> None:
    double.faults[0] = f"before:{status}"
    with pytest.raises(error):
        github.comment(1, "x")
    assert len(double.log) == 1


@pytest.mark.parametrize("fault", ["before:502", "after:502", "cut:before", "cut:after", "after:500"])
def test_a_write_is_sent_once_whatever_becomes_of_it(double: Double, github: GitHub, fault: str) -> None:
    double.faults[0] = fault
    with pytest.raises(Unavailable):
        github.comment(1, "x")
    assert len(double.log) == 1
    assert len(double.comments) == (1 if "after" in fault else 0)


def test_a_read_is_tried_again(double: Double, github: GitHub) -> None:
    double.faults = {0: "before:502", 1: "cut:before"}
    assert github.default_branch() == "main"


def test_an_expired_token_is_replaced_by_the_next_call(double: Double) -> None:
    tokens = iter(["expired", "good"])
    found = GitHub(double.name, lambda: next(tokens), base_url=double.url)
    with pytest.raises(Unauthorised):
        found.pull(1)
    assert found.pull(1).number == 1


def test_a_token_without_a_permission_is_told_apart_from_a_limit(double: Double) -> None:
    double.tokens["weak"] = {"contents": "read", "pull_requests": "read"}
    found = GitHub(double.name, lambda: "weak", base_url=double.url)
    with pytest.raises(Forbidden, match="not accessible"):
        found.start_check("compliance", double.pulls[1].head, "k")


def test_what_does_not_listen_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        GitHub("a/b", lambda: "t", base_url="http://127.0.0.1:9").pull(1)


def test_a_token_is_narrowed_to_one_repository_and_asked_for_again_before_it_ends(double: Double, app_key: str) -> None:
    now = [1_800_000_000.0]
    app = App(4711, app_key, base_url=double.url, clock=lambda: now[0])
    token = app.token(installation=99, repository=7, permissions={"checks": "write", "contents": "read"})
    first = token()
    assert token() == first
    assert double.issued == [(99, [7], {"checks": "write", "contents": "read"})]
    now[0] += 3600 - 200
    assert token() != first
    assert GitHub(double.name, token, base_url=double.url).start_check("compliance", double.pulls[1].head, "k") > 0


def test_a_key_that_is_not_the_apps_gets_no_token(double: Double, app_key: str) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with pytest.raises(Unauthorised):
        App(4711, pem, base_url=double.url).token(installation=99, repository=7, permissions={})()


def test_a_repository_that_the_installation_does_not_have_gets_no_token(double: Double, app_key: str) -> None:
    with pytest.raises(Unprocessable):
        App(4711, app_key, base_url=double.url).token(installation=99, repository=8, permissions={})()
