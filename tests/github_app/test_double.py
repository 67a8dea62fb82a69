"""The double refuses what GitHub refuses, on each route that writes to git, opens pull requests, or tells about people."""

from __future__ import annotations

import re

import pytest
import requests

from github_app.client import Forbidden, GitHub, NotThere, Pull, Reaction, Thread, Unprocessable, Vote
from tests.github_app.double import _ROUTES, BOT, NEEDS, Double
from tests.github_app.judging import WRITING

NOWHERE = "1" * 40


@pytest.fixture
def writer(double: Double) -> GitHub:
    double.tokens["writer"] = dict(WRITING)
    return GitHub(double.name, lambda: "writer", base_url=double.url, timeout=5)


def test_without_contents_write_no_git_object_is_made(double: Double, github: GitHub) -> None:
    head = double.pulls[1].head
    tree = github.commit(head).tree
    for ask in (
        lambda: github.make_blob(b"x"),
        lambda: github.make_tree(tree, {}),
        lambda: github.make_commit("m", tree, head),
        lambda: github.make_branch("b", head),
    ):
        with pytest.raises(Forbidden, match="not accessible by integration"):
            ask()
    double.tokens["good"]["pull_requests"] = "read"
    with pytest.raises(Forbidden):
        github.open_pull("feature", "main", "t", "b")


def test_blobs_trees_and_commits_are_gits_own(double: Double, writer: GitHub) -> None:
    head = double.pulls[1].head
    blob = writer.make_blob(b"\0binary\r\n")
    assert writer.blob(blob) == b"\0binary\r\n"
    tree = writer.make_tree(writer.commit(head).tree, {"a/b": ("100755", blob), "README.md": None})
    assert double.git("ls-tree", "-r", tree).decode().split("\n")[0] == f"100755 blob {blob}\ta/b"
    commit = writer.make_commit("words\n\nmore", tree, head)
    found = writer.commit(commit)
    assert (found.sha, found.tree, found.parents) == (commit, tree, (head,))
    assert set(writer.entries(commit)) == {"a/b", "main.tf"}


def test_what_git_does_not_have_makes_no_tree_commit_or_branch(double: Double, writer: GitHub) -> None:
    head = double.pulls[1].head
    tree = writer.commit(head).tree
    blob = writer.make_blob(b"x")
    for ask, said in (
        (lambda: writer.make_tree(tree, {"a": ("100644", NOWHERE)}), "does not exist"),
        (lambda: writer.make_tree(tree, {"a": ("100644", tree)}), "does not exist"),
        (lambda: writer.make_tree(tree, {"../a": ("100644", blob)}), "malformed path"),
        (lambda: writer.make_tree(tree, {"a": ("777", blob)}), "Invalid request"),
        (lambda: writer.make_tree(tree, {"nowhere": None}), "BadObjectState"),
        (lambda: writer.make_commit("m", NOWHERE, head), "Tree SHA does not exist"),
        (lambda: writer.make_commit("m", tree, NOWHERE), "Commit SHA does not exist"),
        (lambda: writer.make_branch("b", NOWHERE), "Object does not exist"),
        (lambda: writer.make_branch("b..c", head), "not a valid ref name"),
        (lambda: writer.make_branch("feature", head), "Reference already exists"),
        (lambda: writer.make_branch("feature/below", head), "Reference already exists"),
        (lambda: writer._send("POST", "/git/blobs", {"content": "?", "encoding": "base64"}), "not valid Base64"),
        (lambda: writer._send("POST", "/git/blobs", {"encoding": "utf-8"}), "Invalid request"),
    ):
        with pytest.raises(Unprocessable, match=said):
            ask()
    with pytest.raises(NotThere):
        writer.commit(NOWHERE)
    assert writer.branch("feature") == head and writer.branch("nowhere") is None


def test_a_pull_request_wants_two_branches_that_differ_and_is_opened_once(double: Double, writer: GitHub) -> None:
    head = double.pulls[1].head
    tree = writer.commit(head).tree
    writer.make_branch("mine", writer.make_commit("m", tree, head))
    writer.make_branch("same", head)
    made = writer.open_pull("mine", "feature", "title", "body")
    expected = Pull(2, made.head, head, "feature", False, True, False, "mine", BOT, False, "body", made.updated, True)
    assert made == expected
    for head_ref, base, title, body, said in (
        ("mine", "feature", "t", "b", "A pull request already exists for acme:mine"),
        ("same", "feature", "t", "b", "No commits between feature and same"),
        ("nowhere", "feature", "t", "b", "head invalid"),
        ("mine", "nowhere", "t", "b", "base invalid"),
        ("mine", "main", "t", "x" * 65_537, "Validation Failed"),
        ("mine", "main", "x" * 257, "b", "Validation Failed"),
    ):
        with pytest.raises(Unprocessable, match=said):
            writer.open_pull(head_ref, base, title, body)
    assert [p.number for p in writer.pulls(base="feature")] == [2]
    assert [p.number for p in writer.pulls(head="mine", state="all")] == [2]
    assert [p.number for p in writer.pulls()] == [2, 1] and writer.pulls(state="closed") == ()
    double.merge(2)
    (merged,) = writer.pulls(state="closed")
    assert (merged.merged, merged.open, writer.pull(2).merged) == (True, False, True)


def test_people_are_told_by_role_vote_reaction_team_and_thread(double: Double, github: GitHub) -> None:
    double.people = {"ada": "maintain", "bob": "triage", "eve": "gone"}
    assert [github.permission(each) for each in ("ada", "bob", "eve", "dan")] == ["write", "read", "none", "none"]
    double.vote("ada", "CHANGES_REQUESTED")
    assert github.votes(1) == (Vote(double.reviews[0]["id"], "ada", "CHANGES_REQUESTED", double.pulls[1].head),)
    line = {"path": "main.tf", "side": "RIGHT", "line": 7, "body": "b"}
    github.review(1, double.pulls[1].head, "b", [line] * 60)
    first, *others = [c["id"] for c in double.line_comments]
    github.react(first, "eyes", on_lines=True)
    double.opinions.append(("pulls", first, "-1", "ada"))
    assert github.reactions(first, on_lines=True) == (Reaction(BOT, "eyes"), Reaction("ada", "-1"))
    answer = double.say("ada", "no", thread=first)
    double.minimised.add(f"L{answer}")
    double.resolved[others[-1]] = "bob"
    found = github.threads(1)
    assert (found[0], found[-1], len(found)) == (Thread(first, "", frozenset({answer})), Thread(others[-1], "bob"), 60)
    for ask in (lambda: github.reactions(9, on_lines=False), lambda: github.reactions(9, on_lines=True),
                lambda: github.votes(9), lambda: github.threads(9)):  # fmt: skip
        with pytest.raises(NotThere):
            ask()


def test_a_team_is_seen_with_the_permission_alone(double: Double, github: GitHub) -> None:
    double.teams["acme/platform"] = {"ada": "active", "bob": "pending"}
    assert github.is_member("acme", "platform", "ada") is None
    double.tokens["good"]["members"] = "read"
    assert [github.is_member("acme", "platform", each) for each in ("ada", "bob", "eve")] == [True, False, False]


def test_a_path_and_a_branch_may_hold_what_an_address_may_not(double: Double, writer: GitHub) -> None:
    odd = "a folder/100%?#ä.tf"
    commit = double.repository.commit({odd: "# x\n"})
    assert writer.file(odd, commit) == b"# x\n"
    writer.make_branch("odd/100%#ä", commit)
    assert writer.branch("odd/100%#ä") == commit
    assert writer.file(odd, "odd/100%#ä") == b"# x\n"


@pytest.mark.parametrize(("method", "tail"), sorted(_ROUTES))
def test_every_route_refuses_a_token_that_is_none_and_one_that_may_nothing(
    double: Double, method: str, tail: str
) -> None:
    top = "" if tail.startswith(("/orgs", "/installation", "/rate_limit", "/user")) else f"/repos/{double.name}"
    path = re.sub(r"\{[^}]*\}", "1", f"{top}{tail}")
    double.tokens["nothing"] = {}
    needs = next((NEEDS[word] for word in reversed(tail.split("/")) if word in NEEDS), "contents")
    # What somebody may do here is told to every token: "none", of a stranger.
    nothing = {200} if needs == "metadata" else {403, 422}
    for token, statuses in (("none", {401}), ("nothing", nothing)):
        asked = requests.request(method, f"{double.url}{path}", headers={"Authorization": f"token {token}"}, timeout=5)
        assert asked.status_code in statuses, (path, asked.text)
