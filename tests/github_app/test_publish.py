"""A pull request gets one review, whatever goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from copilot import pipeline
from copilot.changes import Change
from github_app.client import GitHub, Limited, Unauthorised, Unavailable, Unprocessable
from github_app.publication import Annotation, Inline, Publication, marker, prepare
from github_app.publish import Receipt, Superseded, begin, findings_of, publish
from tests.github_app.double import BOT, Double
from tests.trees import key, settings, volume

KEY = "0123456789abcdef"


def prepared(github: GitHub) -> Publication:
    """What the review of pull request 1 is to show."""
    pull = github.pull(1)
    change = Change(github.snapshot(github.merge_base(pull.base, pull.head)), github.snapshot(pull.head))
    done = pipeline.review(change, settings(drafts=True), subject="s", base="b", head="h").review
    return prepare(done, change.after, github.diffs(1)[0], head=pull.head)


def run(github: GitHub, publication: Publication, key: str = KEY, newest: Callable[[], bool] = lambda: True) -> Receipt:
    return publish(github, 1, publication, key=key, me=BOT, newest=newest)


def shown(double: Double) -> tuple[int, int, int, list[tuple[str, str | None]]]:
    """Reviews, comments on lines, comments in the conversation, and check runs with their conclusions."""
    return (
        len(double.reviews), len(double.line_comments), len(double.comments),
        [(c["external_id"], c["conclusion"]) for c in double.checks],
    )  # fmt: skip


def test_a_review_is_one_review_one_summary_one_check(double: Double, github: GitHub) -> None:
    run(github, prepared(github))
    assert shown(double) == (1, 2, 1, [(KEY, "failure")])
    assert sorted((c["line"], c["start_line"]) for c in double.line_comments) == [(7, None), (12, None)]
    assert len(double.checks[0]["annotations"]) == 2


def test_publishing_again_changes_nothing(double: Double, github: GitHub) -> None:
    publication = prepared(github)
    first = run(github, publication)
    before = shown(double)
    again = run(github, publication)
    assert shown(double) == before
    assert (again.review, again.summary, again.check_run) == (first.review, first.summary, first.check_run)


def test_a_check_run_stands_there_before_anything_is_judged(double: Double, github: GitHub) -> None:
    head = double.pulls[1].head
    assert begin(github, head, KEY) == begin(github, head, KEY)
    assert shown(double) == (0, 0, 0, [(KEY, None)])


@pytest.mark.parametrize("fault", ["before:502", "after:502", "cut:before", "cut:after", "before:429", "before:401"])
def test_a_fault_at_every_request_in_turn_ends_in_one_review(double: Double, github: GitHub, fault: str) -> None:
    publication = prepared(github)
    start = double._count
    run(github, publication, key="clean")
    requests = double._count - start
    wanted = shown(double)
    for at in range(requests):
        double.reviews.clear()
        double.line_comments.clear()
        double.comments.clear()
        double.checks.clear()
        double.faults = {double._count + at: fault}
        for _ in range(6):
            with suppress(Unavailable, Limited, Unauthorised):
                run(github, publication, key="clean")
                break
        assert shown(double) == wanted, f"request {at} of {requests}"


def test_the_next_push_settles_what_is_gone_and_repeats_nothing(double: Double, github: GitHub) -> None:
    run(github, prepared(github))
    double.pulls[1].head = double.repository.commit(
        {"main.tf": volume("old", "true") + key(more="  enable_key_rotation = true\n") + volume("new")}
    )
    run(github, prepared(github), key="second")
    assert len(double.reviews) == 1 and len(double.line_comments) == 2 and len(double.comments) == 1
    assert len(double.minimised) == 1
    gone = [c for c in double.line_comments if c["node_id"] in double.minimised]
    assert gone[0]["body"].startswith(f"Fixed in {double.pulls[1].head[:7]}.")


DATABASE = """\
resource "aws_db_instance" "this" {{
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.t4g.medium"
  storage_encrypted   = false
  publicly_accessible = {}
}}
"""


def test_a_graver_finding_on_a_resource_that_has_a_comment_gets_one_of_its_own(double: Double, github: GitHub) -> None:
    def pushed(public: str, key: str) -> list[int]:
        double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true") + DATABASE.format(public)})
        pull = github.pull(1)
        change = Change(github.snapshot(github.merge_base(pull.base, pull.head)), github.snapshot(pull.head))
        given = settings("aws-rds-instance-encrypted", "aws-rds-public-access")
        done = pipeline.review(change, given, subject="s", base="b", head="h").review
        run(github, prepare(done, change.after, github.diffs(1)[0], head=pull.head), key=key)
        return [len(findings_of(comment["body"])) for comment in double.line_comments]

    assert pushed("false", "first") == [1]
    assert pushed("true", "second") == [1, 2]
    assert pushed("true # said", "third") == [1, 2]


def test_a_comment_that_a_person_answered_says_that_it_is_over_and_stays_in_sight(
    double: Double, github: GitHub
) -> None:
    run(github, prepared(github))
    first, second = [c["id"] for c in double.line_comments]
    double.say("eve", "is that so?", thread=first)
    double.say("dependabot[bot]", "beep", thread=second)
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true")})
    for _ in range(2):
        run(github, prepared(github), key="second")
    heads = [c["body"].split("\n", 1)[0] for c in double.line_comments if c["id"] in (first, second)]
    assert heads == [f"Fixed in {double.pulls[1].head[:7]}."] * 2
    assert double.minimised == {f"L{second}"} and len(double.line_comments) == 4


def test_a_finding_that_is_there_and_not_told_any_more_is_not_said_to_be_fixed(double: Double, github: GitHub) -> None:
    publication = prepared(github)
    run(github, publication)
    gone, waived = (each.findings for each in publication.inline)
    run(github, replace(publication, inline=(), fingerprints=(), untold=waived), key="second")
    heads = {c["body"].split(" in ", 1)[0] for c in double.line_comments if marker(waived[0]) in c["body"]}
    assert heads == {"Not told any more"}
    assert {c["body"].split(" in ", 1)[0] for c in double.line_comments if marker(gone[0]) in c["body"]} == {"Fixed"}


def test_a_comment_as_long_as_github_takes_can_be_settled(double: Double, github: GitHub) -> None:
    publication = prepared(github)
    first = publication.inline[0]
    long = replace(first, body="x" * (65_500 - len(marker(first.findings[0]))) + "\n" + marker(first.findings[0]))
    run(github, replace(publication, inline=(long,)))
    run(github, replace(publication, inline=(), fingerprints=()), key="second")
    (comment,) = double.line_comments
    assert comment["body"].startswith("Fixed in ") and marker(first.findings[0]) in comment["body"]


def test_a_change_that_becomes_clean_says_so_in_the_summary_that_is_there(double: Double, github: GitHub) -> None:
    run(github, prepared(github))
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true")})
    run(github, prepared(github), key="second")
    assert [c["external_id"] for c in double.checks if c["conclusion"] == "success"] == ["second"]
    assert len(double.comments) == 1 and "Nothing is left to do here" in double.comments[0]["body"]
    assert len(double.minimised) == 2


def test_a_clean_change_gets_a_green_check_and_no_word(double: Double, github: GitHub) -> None:
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true")})
    run(github, prepared(github))
    assert shown(double) == (0, 0, 0, [(KEY, "success")])


def test_for_a_head_that_is_not_the_newest_nothing_is_posted(double: Double, github: GitHub) -> None:
    with pytest.raises(Superseded):
        run(github, prepared(github), newest=lambda: False)
    assert shown(double) == (0, 0, 0, [(KEY, None)])


def test_a_head_that_is_overtaken_half_way_gets_no_conclusion(double: Double, github: GitHub) -> None:
    answers = iter([True, True, False])
    with pytest.raises(Superseded):
        run(github, prepared(github), newest=lambda: next(answers))
    assert double.checks[0]["conclusion"] is None


def test_a_strangers_comment_with_our_mark_is_neither_counted_nor_touched(double: Double, github: GitHub) -> None:
    publication = prepared(github)
    forged = {"id": 5, "node_id": "F", "user": {"login": "eve", "id": 9, "type": "User"}, "pull": 1, "path": "main.tf",
              "line": 1, "body": "\n".join(marker(f) for f in publication.fingerprints)}  # fmt: skip
    double.line_comments.append(dict(forged))
    double.comments.append({**forged, "id": 6, "body": "<!-- ccopilot:summary --> all is well"})
    run(github, publication)
    assert len(double.line_comments) == 3 and double.line_comments[0] == forged
    assert double.comments[0]["body"] == "<!-- ccopilot:summary --> all is well" and len(double.comments) == 2


def test_a_line_that_github_does_not_take_costs_the_comments_and_never_the_conclusion(
    double: Double, github: GitHub
) -> None:
    publication = prepared(github)
    wrong = replace(publication, inline=(replace(publication.inline[0], line=4000),))
    found = run(github, wrong)
    assert found.review is None and shown(double) == (0, 0, 1, [(KEY, "failure")])


def test_many_annotations_come_in_batches_and_all_of_them_arrive(double: Double, github: GitHub) -> None:
    head = double.pulls[1].head
    every = tuple(Annotation("main.tf", n, n, "notice", "t", "m") for n in range(1, 124))
    run(github, Publication(head, "neutral", "title", "report", annotations=every))
    assert len(double.checks[0]["annotations"]) == 123 and double.checks[0]["conclusion"] == "neutral"


@pytest.mark.parametrize(
    "comment",
    [Inline("main.tf", "RIGHT", None, 400, "b", ()), Inline("nowhere.tf", "RIGHT", None, 1, "b", ()), Inline("main.tf", "RIGHT", 9, 8, "b", ()),
     Inline("main.tf", "RIGHT", None, 8, "x" * 65_537, ()), Inline("main.tf", "RIGHT", None, 8, " ", ())],
)  # fmt: skip
def test_the_double_refuses_what_github_refuses(double: Double, github: GitHub, comment: Inline) -> None:
    sent = {"path": comment.path, "side": comment.side, "line": comment.line, "body": comment.body}
    if comment.start is not None:
        sent |= {"start_line": comment.start, "start_side": comment.side}
    with pytest.raises(Unprocessable):
        github.review(1, double.pulls[1].head, "body", [sent])
    assert double.reviews == [] and double.line_comments == []


def test_the_double_refuses_a_conclusion_that_is_none_fifty_one_annotations_and_a_commit_that_is_not_there(
    double: Double, github: GitHub
) -> None:
    id = github.start_check("compliance", double.pulls[1].head, KEY)
    note = {"path": "main.tf", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
    for data in (
        {"status": "completed"},
        {"conclusion": "perfect"},
        {"output": {"title": "t", "summary": "s", "annotations": [note] * 51}},
        {"output": {"title": "t", "summary": "x" * 65_536}},
    ):
        with pytest.raises(Unprocessable):
            github.update_check(id, data)
    with pytest.raises(Unprocessable):
        github.start_check("compliance", "0" * 40, KEY)
