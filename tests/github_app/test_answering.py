"""Who may ask is answered once, in the place where they asked; nobody else gets a word."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from copilot import waivers
from github_app.answering import Answered, answer
from github_app.client import App, GitHub, Limited, Unauthorised, Unavailable
from github_app.events import Comment
from github_app.judged import Judged
from tests.github_app.double import BOT, Double
from tests.github_app.judging import NOW, WRITING, Kept, judge, said
from tests.trees import key, library, volume


@pytest.fixture
def kept(double: Double, github: GitHub) -> Kept:
    double.people["ada"] = "maintain"
    return Kept({(7, 1): judge(github)})


def run(github: GitHub, event: Comment, kept: Kept, **more: Any) -> Answered:
    return answer(event, github=github, known=kept, me=BOT, now=NOW, resolve=library().resolve, **more)


def writing(double: Double) -> GitHub:
    """The repository through a token that may write contents."""
    double.tokens["writer"] = dict(WRITING)
    return GitHub(double.name, lambda: "writer", base_url=double.url, timeout=5)


def words(double: Double) -> list[str]:
    """What we said in the conversation, without marks."""
    return [c["body"].split("\n\n<!--")[0] for c in double.comments if c["user"]["login"] == BOT]


def reactions(double: Double) -> list[str]:
    return sorted(content for _, _, content in double.reactions)


def finding(kept: Kept, check: str = "aws-kms-key-rotation") -> str:
    (told,) = kept.found[(7, 1)].told_of(check)
    return told.fingerprint


# --- who is answered ---


@pytest.mark.parametrize("body", ["/compliance fix", "/compliance nonsense", "/compliance pause"])
@pytest.mark.parametrize("role", ["read", "triage", "none", "gone"])
def test_a_stranger_gets_a_reaction_and_no_word(
    double: Double, github: GitHub, kept: Kept, body: str, role: str
) -> None:
    double.people["eve"] = role
    event = said(double, body, "eve")
    assert run(github, event, kept) == Answered("stranger")
    assert words(double) == [] and double.reactions == {("issues", event.id, "confused")}


@pytest.mark.parametrize("role", ["write", "maintain", "admin"])
def test_who_may_write_is_answered(double: Double, github: GitHub, kept: Kept, role: str) -> None:
    double.people["ada"] = role
    assert run(github, said(double, "/compliance help"), kept).outcome == "done"
    assert reactions(double) == ["+1", "eyes"]
    assert words(double)[0].startswith("- `/compliance explain ID` says why")


@pytest.mark.parametrize("login", [BOT, "dependabot[bot]"])
def test_a_bot_gives_no_commands_whatever_it_may(double: Double, github: GitHub, kept: Kept, login: str) -> None:
    double.people[login] = "admin"
    before = len(double.log)
    assert run(github, said(double, "/compliance rescan", login), kept) == Answered("ignored")
    assert len(double.log) == before


def test_what_is_no_command_asks_github_nothing(double: Double, github: GitHub, kept: Kept) -> None:
    before = len(double.log)
    assert run(github, said(double, "> /compliance rescan\n\nno, do not"), kept) == Answered("ignored")
    assert len(double.log) == before


def test_a_comment_that_was_deleted_is_withdrawn(double: Double, github: GitHub, kept: Kept) -> None:
    event = said(double, "/compliance pause")
    double.comments.clear()
    assert run(github, event, kept) == Answered("withdrawn")
    assert words(double) == []


def test_a_permission_that_was_taken_away_since_does_not_count(double: Double, github: GitHub, kept: Kept) -> None:
    event = said(double, "/compliance pause")
    double.people["ada"] = "read"
    assert run(github, event, kept) == Answered("stranger")


# --- once, and where ---


def test_on_lines_the_answer_is_a_reply_in_the_thread(double: Double, github: GitHub, kept: Kept) -> None:
    head = double.pulls[1].head
    github.review(1, head, "b", [{"path": "main.tf", "side": "RIGHT", "line": 7, "body": "a finding"}])
    thread = double.line_comments[0]["id"]
    event = said(double, "/compliance rescan", thread=thread)
    done = run(github, event, kept)
    assert (double.line_comments[-1]["id"], double.line_comments[-1]["in_reply_to_id"]) == (done.reply, thread)
    assert double.reactions == {("pulls", event.id, "eyes"), ("pulls", event.id, "+1")} and words(double) == []
    assert run(github, event, kept) == done and len(double.line_comments) == 3


def test_a_thread_that_is_gone_is_answered_in_the_conversation(double: Double, github: GitHub, kept: Kept) -> None:
    github.review(1, double.pulls[1].head, "b", [{"path": "main.tf", "side": "RIGHT", "line": 7, "body": "a finding"}])
    event = said(double, "/compliance rescan", thread=double.line_comments[0]["id"])
    del double.line_comments[0]
    done = run(github, event, kept)
    assert [c["id"] for c in double.comments] == [done.reply] == [run(github, event, kept).reply]


@pytest.mark.parametrize("fault", ["before:502", "after:502", "cut:before", "cut:after", "before:401"])
@pytest.mark.parametrize("body", ["/compliance rescan", "/compliance fix aws-kms-key-rotation", "waive"])
def test_a_fault_at_every_request_in_turn_ends_in_one_answer_and_one_pull_request(
    double: Double, github: GitHub, kept: Kept, body: str, fault: str
) -> None:
    if body == "waive":
        body = f'/compliance waive {finding(kept)} until=2026-12-24 reason="the vendor ships it"'
    writer = writing(double)
    start = double._count
    wanted = run(github, said(double, body), kept, writer=lambda: writer)
    requests = double._count - start
    for at in range(requests):
        double.comments.clear()
        for number in [n for n in double.pulls if n > 1]:
            double.git("update-ref", "-d", f"refs/heads/{double.pulls.pop(number).head_ref}")
        event = said(double, body)
        double.faults = {double._count + at: fault}
        for _ in range(4):
            with suppress(Unavailable, Limited, Unauthorised):
                found = run(github, event, kept, writer=lambda: writer)
                break
        assert (found.outcome, found.action, found.opened is None) == (
            wanted.outcome,
            wanted.action,
            wanted.opened is None,
        ), at
        assert len(words(double)) == 1 and len(double.pulls) == (1 if wanted.opened is None else 2), f"request {at}"


def test_a_mark_that_somebody_else_wrote_is_no_answer_of_ours(double: Double, github: GitHub, kept: Kept) -> None:
    event = said(double, "/compliance help")
    double.say("eve", f"<!-- ccopilot:answer:issue:{event.id} -->")
    run(github, event, kept)
    assert len(words(double)) == 1


# --- what is answered ---


def test_a_command_that_does_not_read_is_told_how_to_be_written(double: Double, github: GitHub, kept: Kept) -> None:
    assert run(github, said(double, "/compliance aprove @everyone"), kept).outcome == "misread"
    (text,) = words(double)
    assert text.startswith("there is no command 'aprove'; there are help") and "- `/compliance fix [ID]`" in text
    assert reactions(double) == ["confused", "eyes"]


@pytest.mark.parametrize("word", ["rescan", "pause", "resume"])
def test_what_the_jobs_must_do_is_a_value_and_is_acknowledged(
    double: Double, github: GitHub, kept: Kept, word: str
) -> None:
    event = said(double, f"/compliance {word}")
    done = run(github, event, kept)
    assert (done.outcome, done.action) == ("done", word) and len(words(double)) == 1
    assert run(github, event, kept) == done and len(words(double)) == 1
    double.pulls[1].state = "closed"
    assert run(github, said(double, f"/compliance {word}"), kept).action is None


def test_a_finding_is_explained_by_fingerprint_its_beginning_its_check_or_a_peers_id(
    double: Double, github: GitHub, kept: Kept
) -> None:
    name = finding(kept)
    for id in (name, name[:8], "aws-kms-key-rotation", "CKV_AWS_7"):
        assert run(github, said(double, f"/compliance explain {id}"), kept).outcome == "done"
    first, *others = words(double)
    assert first.startswith("**Medium: ") and "`aws_kms_key.k` at `main.tf:6`" in first and "```text" in first
    assert others == [first] * 3


def test_an_unknown_id_gets_the_near_ones(double: Double, github: GitHub, kept: Kept) -> None:
    assert run(github, said(double, "/compliance explain aws-kms-key-rotaton"), kept).outcome == "refused"
    assert words(double) == [
        f"Nothing that was found in `{double.pulls[1].head[:7]}` is called `aws-kms-key-rotaton`. Near are `aws-kms-key-rotation`."
    ]


@pytest.mark.parametrize("word", ["explain x1", "fix", 'waive x1 until=2026-12-24 reason="r"'])
def test_before_anything_was_judged_that_is_said(double: Double, github: GitHub, kept: Kept, word: str) -> None:
    assert run(github, said(double, f"/compliance {word}"), Kept()).outcome == "refused"
    assert words(double)[0].startswith("No commit of this pull request has been judged yet")


def test_an_older_judgement_says_of_which_commit_it_is(double: Double, github: GitHub, kept: Kept) -> None:
    old = double.pulls[1].head
    double.pulls[1].head = double.repository.commit({"README.md": "more\n"})
    run(github, said(double, "/compliance explain aws-kms-key-rotation"), kept)
    assert words(double)[0].startswith(
        f"This is what was found in `{old[:7]}`; `{double.pulls[1].head[:7]}` is not judged yet."
    )


def test_a_repositorys_text_pings_nobody_and_breaks_out_of_nothing(double: Double, github: GitHub, kept: Kept) -> None:
    judged = kept.found[(7, 1)]
    (told,) = judged.told_of("aws-kms-key-rotation")
    hostile = replace(
        told, message="@everyone <img src=x> fixes #1 ![x](http://e.example)", address="aws_kms_key.k`@eve`",
        explanation="```\n@everyone\n<!-- ccopilot:summary -->\n" + "\u202e" * 90_000,
    )  # fmt: skip
    hostile_kept = Kept({(7, 1): replace(judged, told=(hostile,))})
    run(github, said(double, f"/compliance explain {told.fingerprint}"), hostile_kept)
    (text,) = words(double)
    assert len(text) < 65_000
    head, _, shown = text.partition("````text\n")
    assert (
        "`@everyone` `<img` `src=x>` fixes `#1` `![x](http://e.example)`" in head
        and "`` aws_kms_key.k`@eve` ``" in head
    )
    assert shown.startswith("```\n@everyone\n") and shown.endswith("\n…\n````")


# --- fix and waive, in words; what they make is tested with the pull requests ---


def test_fix_makes_a_pull_request_and_leaves_out_what_would_replace(double: Double, github: GitHub, kept: Kept) -> None:
    writer = writing(double)
    done = run(github, said(double, "/compliance fix"), kept, writer=lambda: writer)
    assert done.opened is not None and (done.opened.number, done.opened.base) == (2, "feature")
    (text,) = words(double)
    assert text.startswith("#2 brings 1 approved patch as one commit into `feature`.")
    assert "would destroy and make anew `aws_ebs_volume.new`" in text


def test_fix_of_what_would_be_replaced_is_refused(double: Double, github: GitHub, kept: Kept) -> None:
    writer = writing(double)
    done = run(github, said(double, "/compliance fix aws-ebs-volume-encrypted"), kept, writer=lambda: writer)
    assert (done.outcome, done.opened, list(double.pulls)) == ("refused", None, [1])
    assert words(double)[0].startswith("It would destroy and make anew `aws_ebs_volume.new`")


def test_where_contents_may_not_be_written_that_is_said(
    double: Double, github: GitHub, kept: Kept, app_key: str
) -> None:
    app = App(4711, app_key, base_url=double.url)
    token = app.token(installation=99, repository=7, permissions={"contents": "write", "pull_requests": "write"})
    ungranted = GitHub(double.name, token, base_url=double.url)
    for more in ({}, {"writer": lambda: ungranted}):
        assert run(github, said(double, "/compliance fix"), kept, **more).outcome == "refused"
    assert [text.startswith("This App may not make a branch here") for text in words(double)] == [True, True]
    assert list(double.pulls) == [1] and reactions(double) == ["confused", "confused", "eyes", "eyes"]


def test_a_waiver_that_is_asked_for_is_a_pull_request_and_counts_where_it_is_in_both_trees(
    double: Double, github: GitHub, kept: Kept
) -> None:
    writer = writing(double)
    body = f'/compliance waive {finding(kept)[:10]} until=2026-12-24 reason="the vendor ships it"'
    done = run(github, said(double, body), kept, writer=lambda: writer)
    assert done.opened is not None and done.opened.waiver is not None
    assert (done.opened.waiver.owner, done.opened.waiver.until) == ("ada", date(2026, 12, 24))
    assert words(double)[0].startswith("#2 asks for the waiver. It counts once another owner")
    double.merge(2)
    double.repository.git("merge", "--quiet", "--no-edit", "main")
    double.pulls[1].head = double.repository.git("rev-parse", "HEAD")
    again: Judged = judge(github)
    (told,) = again.told_of("aws-kms-key-rotation")
    assert (told.exempt, again.waived_until) == ("waived", date(2026, 12, 24))
    refused = run(github, said(double, body), Kept({(7, 1): again}), writer=lambda: writer)
    assert refused.outcome == "refused"
    assert words(double)[-1].startswith("It does not count as it is: waived until 2026-12-24")


def test_a_check_with_several_findings_names_no_waiver(double: Double, github: GitHub, kept: Kept) -> None:
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true") + key() + key("other")})
    several = Kept({(7, 1): judge(github)})
    body = '/compliance waive aws-kms-key-rotation until=2026-12-24 reason="r"'
    assert run(github, said(double, body), several).outcome == "refused"
    (text,) = words(double)
    assert text.startswith("`aws-kms-key-rotation` names 2 findings; a waiver is for one of them:\n- `")
    assert waivers.PATH not in double.git("ls-tree", "-r", "--name-only", "main").decode()
