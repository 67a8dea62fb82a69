"""The edge answers commands out of its database, writes branches with a token for that alone, and keeps what became of
suggestions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from copilot import waivers
from copilot.snapshot import Snapshot
from github_app import jobs
from github_app.client import App, GitHub
from github_app.commanding import COMMITS, Kept, answers, note
from github_app.inbox import Inbox
from github_app.jobs import Edge
from github_app.publish import publish
from github_app.store import Job, PullRow, ReviewRow, Store, url_of
from tests.github_app.double import BOT, Double
from tests.github_app.judging import NOW, judge, said
from tests.trees import key, volume


@pytest.fixture
def edge(double: Double, app_key: str, tmp_path: Path) -> Iterator[Edge]:
    store = Store(url_of("", tmp_path / "home"))
    inbox = Inbox(tmp_path / "home" / "inbox.sqlite3")
    app = App(4711, app_key, base_url=double.url)
    with store.writing() as c:
        store.installation(c, 99, "acme", "active")
    double.people["ada"] = "write"
    yield Edge(
        store, inbox, app, api_url=double.url, answer=answers(app, api_url=double.url), clock=lambda: NOW.timestamp()
    )
    inbox.close()
    store.close()


def reviewed(edge: Edge, double: Double, github: GitHub, name: str) -> str:
    """The pull request's head as it is now, judged, published, and in the database; the review's key."""
    found = replace(judge(github), key=name)
    publish(github, 1, found.publication, key=name, me=BOT, newest=lambda: True)
    row = ReviewRow(
        name, "job", 99, 7, double.name, 1, found.head, found.merge_base, 0, "2026-11-23", False, "", 1, 0.0
    )
    edge.store.put_review(row)
    top = double.repository.folder
    trees = [
        edge.store.put_tree(7, each, "all", Snapshot.from_git(top, each), 0.0)
        for each in (found.merge_base, found.head)
    ]
    edge.store.gathered(name, *trees, {})
    edge.store.judge(name, found.to_json(), found.digest)
    with edge.store.writing() as c:
        if edge.store.pull(7, 1, c) is None:
            edge.store.put_pull(c, PullRow(7, 1, 99, double.name, found.head, 0.0))
    edge.store.receipt(row, {}, now=0.0, anew=None)
    return name


def commented(edge: Edge, double: Double, body: str) -> Job:
    """The job of a comment of Ada's."""
    job = Job(
        f"comment-{len(double.comments)}", "comment", 99, 7, double.name, 1, "", event=jobs._json(said(double, body))
    )
    with edge.store.writing() as c:
        edge.store.add_job(c, job, 0.0)
    return job


def test_a_command_is_answered_from_the_review_that_was_shown(double: Double, github: GitHub, edge: Edge) -> None:
    assert Kept(edge.store).latest(7, 1) is None
    reviewed(edge, double, github, "first")
    latest = Kept(edge.store).latest(7, 1)
    assert latest is not None and latest.key == "first"
    assert edge.answer(commented(edge, double, "/compliance explain aws-kms-key-rotation").id)["effects"] == []
    assert "`aws_kms_key.k` at `main.tf:6`" in double.comments[-1]["body"]
    assert edge.answer(commented(edge, double, "/compliance pause").id) == {"then": "go", "effects": ["pause"]}


def test_a_branch_is_written_with_a_token_for_that_alone_where_it_is_granted(
    double: Double, github: GitHub, edge: Edge
) -> None:
    reviewed(edge, double, github, "first")
    edge.answer(commented(edge, double, "/compliance fix").id)
    assert double.comments[-1]["body"].startswith("This App may not make a branch here") and list(double.pulls) == [1]
    double.granted["contents"] = "write"
    edge.answer(commented(edge, double, "/compliance fix").id)
    assert list(double.pulls) == [1, 2]
    assert [each for _, _, each in double.issued if each.get("contents") == "write"] == [dict(COMMITS)]


def test_what_became_of_suggestions_is_kept_at_the_next_review_and_at_the_merge(
    double: Double, github: GitHub, edge: Edge
) -> None:
    first = reviewed(edge, double, github, "first")
    kept = Kept(edge.store).latest(7, 1)
    assert kept is not None
    fingerprint = {each.check: each.fingerprint for each in kept.told}
    line = next(c for c in double.line_comments if fingerprint["aws-ebs-volume-encrypted"] in c["body"])
    double.opinions.append(("pulls", line["id"], "+1", "ada"))
    text = volume("old", "true") + key() + volume("new")
    (fix,) = (each for each in kept.fixes if not each.replaces)
    for edit in fix.edits:
        text = text.replace(edit.find, edit.replace or "")
    double.pulls[1].head = double.repository.commit({"main.tf": text})
    second = reviewed(edge, double, github, "second")
    found = note(edge.store, github, first, second, me=BOT, merged=False, at=1.0)
    assert {each.check: (each.outcome, each.said) for each in found} == {
        "aws-kms-key-rotation": ("applied", ""), "aws-ebs-volume-encrypted": ("open", "useful"),
    }  # fmt: skip
    job = Job("merged-1", "merged", 99, 7, double.name, 1, double.pulls[1].head)
    with edge.store.writing() as c:
        edge.store.add_job(c, job, 0.0)
    assert edge.fates(job.id) == {"then": "done"} == edge.fates(job.id)
    assert edge.store.fates(7, 1) == {
        fingerprint["aws-kms-key-rotation"]: "applied", fingerprint["aws-ebs-volume-encrypted"]: "ignored",
    }  # fmt: skip


def test_of_a_review_whose_trees_are_deleted_nothing_is_kept(double: Double, github: GitHub, edge: Edge) -> None:
    first = reviewed(edge, double, github, "first")
    edge.store.gathered(first, "gone", "gone", {})
    assert note(edge.store, github, first, first, me=BOT, merged=True, at=1.0) == ()
    assert note(edge.store, github, "nowhere", first, me=BOT, merged=True, at=1.0) == ()
    assert edge.store.fates(7, 1) == {}


def merged(edge: Edge, double: Double, github: GitHub) -> None:
    """Ada's waiver is merged, into a default branch where she and Bob own the file."""
    double.repository.git("checkout", "--quiet", "main")
    double.repository.commit({"CODEOWNERS": "/.compliance/ @ada @bob\n"})
    double.people["bob"] = "write"
    double.granted["contents"] = "write"
    reviewed(edge, double, github, "first")
    body = '/compliance waive aws-kms-key-rotation until=2026-12-24 reason="the vendor ships it"'
    edge.answer(commented(edge, double, body).id)
    assert [each[:2] for each in edge.store.asked(7)] == [(2, 99)]


def governs(edge: Edge, double: Double, github: GitHub) -> tuple[waivers.Waiver, ...]:
    """The waivers by which the default branch's newest commit governs."""
    tree = edge.store.tree(edge._governing_at(github, 7, double.tip("main"), 0.0))
    return waivers.load(tree)


def test_a_waiver_that_another_owner_approved_governs_and_who_did_is_kept(
    double: Double, github: GitHub, edge: Edge
) -> None:
    merged(edge, double, github)
    assert governs(edge, double, github) == ()
    double.vote("bob", number=2)
    double.merge(2)
    assert [each.owner for each in governs(edge, double, github)] == ["ada"]
    kept = json.loads(edge.store.granted(7, 2))
    assert (kept["state"], kept["approval"]["by"], kept["approval"]["rule"]) == ("granted", "bob", "CODEOWNERS:1")


@pytest.mark.parametrize("seen", [True, False])
def test_a_teams_approval_counts_where_the_installation_lets_us_see_who_is_in_it(
    double: Double, github: GitHub, edge: Edge, seen: bool
) -> None:
    merged(edge, double, github)
    double.repository.commit({"CODEOWNERS": "* @acme/platform\n"})
    double.teams["acme/platform"] = {"bob": "active"}
    if seen:
        double.granted["members"] = "read"
    double.vote("bob", number=2)
    double.pulls[2].forked_at = double.merge_base("main", double.pulls[2].head)
    double.repository.git("reset", "--quiet", "--hard")
    double.repository.git("merge", "--quiet", "--no-edit", double.pulls[2].head)
    double.pulls[2].state, double.pulls[2].merged = "closed", True
    assert [each.owner for each in governs(edge, double, github)] == (["ada"] if seen else [])


def test_a_waiver_that_nobody_else_approved_does_not_govern_until_somebody_does(
    double: Double, github: GitHub, edge: Edge
) -> None:
    merged(edge, double, github)
    double.merge(2)
    assert governs(edge, double, github) == ()
    assert governs(edge, double, github) == ()
    told = [c["body"] for c in double.comments if c["pull"] == 2]
    assert len(told) == 1 and told[0].startswith(
        "This waiver counts for nothing yet: `#2` was merged, and no owner of "
    )
    assert [each[3] for each in edge.store.asked(7)] == ["unapproved"]
    double.vote("bob", number=2)
    double.repository.git("reset", "--quiet", "--hard")
    double.repository.commit({"README.md": "more\n"})
    assert [each.owner for each in governs(edge, double, github)] == ["ada"]


def test_a_pull_request_that_was_closed_is_asked_about_no_more(double: Double, github: GitHub, edge: Edge) -> None:
    merged(edge, double, github)
    double.pulls[2].state = "closed"
    double.repository.commit({waivers.PATH: "version: 1\nwaivers: []\n"})
    assert governs(edge, double, github) == () == edge.store.asked(7)


def test_a_file_of_waivers_that_does_not_read_is_left_to_whoever_judges(
    double: Double, github: GitHub, edge: Edge
) -> None:
    merged(edge, double, github)
    double.merge(2)
    double.repository.git("reset", "--quiet", "--hard")
    double.repository.commit({waivers.PATH: "version: 7\n"})
    tree = edge.store.tree(edge._governing_at(github, 7, double.tip("main"), 0.0))
    assert tree.read(waivers.PATH) == b"version: 7\n"
