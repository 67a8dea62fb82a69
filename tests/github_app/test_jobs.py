"""What becomes of a delivery: one review of the newest head, and a check run that never says more than was done."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.github_app.double import Double, Pull
from tests.github_app.running import Running, payload
from tests.github_app.serving import pull_request, until
from tests.trees import key, volume

Run = Callable[..., Running]


def push(double: Double, files: dict[str, str], number: int = 1, *, updated: str = "2026-11-02T00:00:00Z") -> str:
    """Commits come to the pull request's branch."""
    pull = double.pulls[number]
    pull.head, pull.updated = double.repository.commit(files), updated
    return pull.head


def test_the_newest_head_wins_and_for_an_older_one_nothing_is_posted(double: Double, run: Run) -> None:
    old = pull_request(double)
    new = push(double, {"main.tf": volume("old", "true")})
    running = run()
    running.send(old)
    running.send(pull_request(double, action="synchronize"))
    running.going().settle()
    assert [(c["head_sha"], c["conclusion"]) for c in double.checks] == [(new, "success")]
    # The older delivery comes late, and once more.
    running.send(old, delivery="late")
    running.settle()
    assert len(double.checks) == 1 and double.reviews == []


def test_a_head_that_is_overtaken_while_it_is_judged_is_given_up_and_the_newer_one_reviewed(
    double: Double, run: Run
) -> None:
    pushed: list[str] = []

    def model() -> None:
        if not pushed:
            pushed.append(push(double, {"main.tf": volume("old", "true")}))

    running = run(model=model).going()
    running.opened()  # no delivery tells of the newer head
    assert running.titles() == [
        ("completed", "cancelled", f"Not reviewed: {pushed[0][:7]} is the newest commit"),
        ("completed", "success", "the change touches nothing that is judged"),
    ]
    assert (double.reviews, double.comments) == ([], [])


def test_a_head_that_no_delivery_told_of_is_reviewed_all_the_same(double: Double, run: Run) -> None:
    old = pull_request(double)
    new = push(double, {"main.tf": volume("old", "true")})
    running = run().going()
    running.send(old)
    running.settle()
    assert [(c["head_sha"], c["conclusion"]) for c in double.checks] == [(new, "success")]
    assert running.store.outcomes() == {"superseded": 1, "published": 1}


def test_a_head_that_comes_back_is_reviewed_once_more(double: Double, run: Run) -> None:
    running = run().going()
    running.opened()
    first = double.pulls[1].head
    push(double, {"main.tf": volume("old", "true")})
    running.opened(action="synchronize")
    assert len(double.minimised) == 2
    double.pulls[1].head, double.pulls[1].updated = first, "2026-11-03T00:00:00Z"
    running.opened(action="synchronize")
    assert [c["conclusion"] for c in double.checks] == ["failure", "success", "failure"]
    assert len(double.line_comments) == 4


@pytest.mark.parametrize("fault", ["after:502", "cut:after", "before:429", "before:401"])
def test_when_every_request_fails_once_there_is_one_review(double: Double, run: Run, fault: str) -> None:
    failed: set[str] = set()

    def faulty(verb: str, path: str, body: bytes) -> str:
        name = f"{verb} {path} {body.decode()}"
        if name in failed or (fault == "before:401" and "codeload" in path):
            return ""
        failed.add(name)
        return fault

    double.faulty = faulty
    running = run().going()
    running.opened()
    assert running.titles() == [("completed", "failure", "1 finding blocks, 1 warns, 3 observed")]
    assert (len(double.reviews), len(double.line_comments), len(double.comments)) == (1, 2, 1)
    assert len(double.checks[0]["annotations"]) == 2


def test_a_review_that_cannot_run_is_a_failed_check_that_says_why(double: Double, run: Run) -> None:
    double.faulty = lambda verb, path, body: "before:400" if "/git/trees/" in path else ""
    running = run().going()
    running.opened()
    assert running.titles()[0][1] != "success"
    ((status, conclusion, title),) = running.titles()
    assert (status, conclusion) == ("completed", "failure") and title.startswith("The review did not run: ")
    assert running.store.outcomes() == {"failed": 1}


def test_a_policy_of_the_default_branch_that_does_not_read_is_said_where_it_is_wrong(double: Double, run: Run) -> None:
    double.repository.git("checkout", "--quiet", "main")
    double.repository.commit({".compliance/copilot.yaml": "version: 1\nreview: {}\n"})
    running = run().going()
    running.opened()
    ((_, conclusion, title),) = running.titles()
    assert conclusion == "failure" and ".compliance/copilot.yaml:2" in title


def test_a_policy_that_the_change_itself_spoils_is_a_failed_check(double: Double, run: Run) -> None:
    push(double, {".compliance/copilot.yaml": "version: 1\nreview: {}\n"})
    running = run().going()
    running.opened()
    ((_, conclusion, title),) = running.titles()
    assert conclusion == "failure" and ".compliance/copilot.yaml:2" in title


def test_where_the_app_was_removed_nothing_is_asked_of_github(double: Double, run: Run) -> None:
    running = run()
    running.send(
        payload(double, "installation.deleted", installation={"id": 99, "account": {"login": "acme"}}), "installation"
    )
    running.send(pull_request(double))
    running.going().settle()
    assert running.store.outcomes() == {"stopped": 1} and double.log == []
    running.send(
        payload(double, "installation.created", installation={"id": 99, "account": {"login": "acme"}}), "installation"
    )
    running.opened(action="reopened")
    assert [c["conclusion"] for c in double.checks] == ["failure"]


def test_a_change_of_the_base_is_judged_against_the_new_one(double: Double, run: Run) -> None:
    running = run().going()
    running.opened()
    double.repository.git("branch", "release", double.pulls[1].head)
    double.pulls[1].base_ref, double.pulls[1].updated = "release", "2026-11-02T00:00:00Z"
    running.opened(action="edited")
    assert [c["conclusion"] for c in double.checks] == ["failure", "success"]


def test_what_waits_is_neither_green_nor_over(double: Double, run: Run) -> None:
    double.pulls[1].draft = True
    running = run().going()
    running.opened()
    assert running.titles() == [
        ("queued", None, "Skipped: a draft is reviewed once it is ready (reviews.drafts)")
    ]  # fmt: skip
    double.pulls[1].draft, double.pulls[1].updated = False, "2026-11-02T00:00:00Z"
    running.opened(action="ready_for_review")
    assert [(c["status"], c["conclusion"]) for c in double.checks] == [("completed", "failure")]


def test_drafts_and_bots_are_as_the_default_branch_says(double: Double, run: Run) -> None:
    double.repository.git("checkout", "--quiet", "main")
    double.repository.commit(
        {".compliance/copilot.yaml": "version: 1\nreviews: {drafts: true, bots: false, comments: 1}\n"}
    )
    double.pulls[2] = Pull(2, double.pulls[1].head, bot=True)
    double.pulls[1].draft = True
    running = run().going()
    running.opened()
    assert len(double.line_comments) == 1  # and the rest in the summary
    running.opened(2)
    assert running.titles()[1] == (
        "queued",
        None,
        "Skipped: pull requests of bots are not reviewed here (reviews.bots)",
    )


def test_who_asks_again_gets_a_new_check_run_and_no_second_comment(double: Double, run: Run) -> None:
    running = run().going()
    running.opened()
    head = double.pulls[1].head
    again = payload(double, "check_run.rerequested")
    again["check_run"] |= {"head_sha": head, "pull_requests": []}  # as for a pull request of a fork
    running.send(again, "check_run", "again")
    running.send(again, "check_run", "again")
    running.settle()
    assert [c["conclusion"] for c in double.checks] == ["failure", "failure"]
    assert len({c["external_id"] for c in double.checks}) == 2
    assert (len(double.reviews), len(double.line_comments), len(double.comments)) == (1, 2, 1)


def test_a_merge_group_gets_a_check_run_and_no_comment(double: Double, run: Run) -> None:
    base = double.git("rev-parse", "main").decode().strip()
    body = payload(double, "pull_request.opened", action="checks_requested")
    body["merge_group"] = {"head_sha": double.pulls[1].head, "base_sha": base, "base_ref": "refs/heads/main",
                           "head_ref": "refs/heads/gh-readonly-queue/main/pr-1"}  # fmt: skip
    running = run().going()
    running.send(body, "merge_group")
    running.settle()
    assert [(c["conclusion"], len(c["annotations"])) for c in double.checks] == [("failure", 2)]
    assert (double.reviews, double.comments) == ([], [])


WAIVERS = """\
version: 1
waivers:
  - {check: aws-kms-key-rotation, address: aws_kms_key.k, until: 2026-12-24, reason: migration, owner: platform}
"""


def test_a_waiver_that_is_merged_counts_at_once_and_its_end_decides_the_head_anew(double: Double, run: Run) -> None:
    now = [datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()]
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true") + key()})
    models: list[None] = []
    running = run(clock=lambda: now[0], model=lambda: models.append(None)).going()
    running.opened()
    before = running.titles()[0]
    assert before[1] != "success" and "exempt" not in before[2]
    main = double.git("rev-parse", "main").decode().strip()
    double.repository.git("checkout", "--quiet", "main")
    after = double.repository.commit({".compliance/waivers.yaml": WAIVERS})
    body = payload(double, "push", ref="refs/heads/main", before=main, after=after, deleted=False)
    running.send(body, "push")
    until(lambda: len(double.checks) == 2)
    running.settle()
    assert "exempt" in double.checks[1]["title"]
    now[0] = datetime(2026, 12, 24, 23, 59, tzinfo=UTC).timestamp()
    assert running.edge.end_waivers() == 0
    now[0] = datetime(2026, 12, 25, 0, 0, tzinfo=UTC).timestamp()
    running.edge.end_waivers()
    until(lambda: len(double.checks) == 3)
    running.settle()
    assert (double.checks[2]["conclusion"], double.checks[2]["title"]) == (before[1], before[2])
    assert running.edge.end_waivers() == 0 and len(double.checks) == 3


def test_a_push_that_leaves_the_policy_alone_decides_nothing_anew(double: Double, run: Run) -> None:
    running = run().going()
    running.opened()
    main = double.git("rev-parse", "main").decode().strip()
    double.repository.git("checkout", "--quiet", "main")
    body = payload(double, "push", ref="refs/heads/main", before=main, deleted=False,
                   after=double.repository.commit({"README.md": "other\n"}))  # fmt: skip
    running.send(body, "push")
    running.settle()
    assert len(double.checks) == 1


def test_many_deliveries_twice_out_of_order_and_at_once_are_one_review_each(double: Double, run: Run) -> None:
    many(double, run, pulls=10, deliveries=200)


def many(double: Double, run: Run, *, pulls: int, deliveries: int) -> None:
    """Of each pull request three heads, told of again and again in any order: the newest is reviewed, once."""
    bodies = []
    for number in range(1, pulls + 1):
        double.repository.git("checkout", "--quiet", "-B", f"b{number}", "main")
        for minute in range(3):
            head = double.repository.commit({f"{number}.tf": key(f"k{number}_{minute}") + volume("v")})
            double.pulls[number] = Pull(number, head, updated=f"2026-11-02T00:{minute:02}:00Z")
            bodies.append(pull_request(double, number, action="synchronize" if minute else "opened"))
    chance = random.Random(1)
    sent = [chance.randrange(len(bodies)) for _ in range(deliveries - len(bodies))] + list(range(len(bodies)))
    chance.shuffle(sent)
    running = run().going()
    for at, which in enumerate(sent):
        # Every other one is the same delivery sent again, the rest are the same event under another.
        running.send(bodies[which], delivery=f"of-{which}" if at % 2 else f"{at}-of-{which}")
    running.settle(240)
    heads = {pull.head for pull in double.pulls.values()}
    assert sorted(r["pull"] for r in double.reviews) == sorted(double.pulls)
    assert {r["commit_id"] for r in double.reviews} == heads
    assert sorted(c["pull"] for c in double.comments) == sorted(double.pulls)
    ended = [c for c in double.checks if c["head_sha"] in heads]
    assert len(ended) == pulls and {c["conclusion"] for c in ended} == {"failure"}
    assert {c["conclusion"] for c in double.checks if c["head_sha"] not in heads} <= {"cancelled"}


def command(double: Double, body: str, *, id: int, author: str = "writer") -> dict[str, object]:
    """Somebody writes a comment in the conversation of the pull request."""
    found = payload(double, "issue_comment.created")
    double.comments.append(
        {"id": id, "node_id": f"I{id}", "user": {"login": author, "id": 3, "type": "User"}, "body": body, "pull": 1}
    )
    found["issue"] |= {"number": 1, "pull_request": {"url": "x"}}
    found["comment"] |= {"id": id, "body": body, "user": {**found["comment"]["user"], "login": author, "type": "User"}}
    return found


def test_a_command_is_answered_once_and_done_once(double: Double, run: Run) -> None:
    double.people["writer"] = "write"
    running = run().going()
    running.opened()
    running.send(command(double, "/compliance rescan", id=501), "issue_comment")
    running.send(command(double, "just words", id=502), "issue_comment")
    running.settle()
    until(lambda: len(double.checks) == 2)
    running.settle()
    assert [c["conclusion"] for c in double.checks] == ["failure", "failure"]
    answers = [c["body"] for c in double.comments if "ccopilot:answer" in c["body"]]
    assert len(answers) == 1 and "is reviewed again" in answers[0]
    assert len(double.line_comments) == 2


def test_a_paused_pull_request_waits_until_somebody_resumes_it(double: Double, run: Run) -> None:
    double.people["writer"] = "write"
    running = run().going()
    running.opened()
    running.send(command(double, "/compliance pause", id=501), "issue_comment")
    running.settle()
    push(double, {"main.tf": volume("old", "true")})
    running.opened(action="synchronize")
    assert running.titles()[1] == ("queued", None, "Paused: `/compliance resume` starts reviews again")
    running.send(command(double, "/compliance resume", id=502), "issue_comment")
    running.settle()
    until(lambda: [c["conclusion"] for c in double.checks].count("success"))


def test_what_became_of_the_suggestions_is_known_after_the_next_push_and_after_the_merge(
    double: Double, run: Run
) -> None:
    running = run().going()
    running.opened()
    push(double, {"main.tf": volume("old", "true") + key() + volume("new", "true")})
    running.opened(action="synchronize")
    running.settle()
    until(lambda: running.store.fates(7))
    by_check = {f.check: f.outcome for f in running.store.fates(7)}
    assert by_check["aws-ebs-volume-encrypted"] in ("applied", "fixed_otherwise")
    assert by_check["aws-kms-key-rotation"] == "open"
    double.pulls[1].state, double.pulls[1].merged, double.pulls[1].updated = "closed", True, "2026-11-03T00:00:00Z"
    running.opened(action="closed", merged=True)
    assert {f.check: f.outcome for f in running.store.fates(7)}["aws-kms-key-rotation"] == "ignored"
    assert len(double.checks) == 2


def test_a_waiver_that_was_merged_unapproved_counts_once_another_owner_approves_it_and_that_is_said(
    double: Double, run: Run
) -> None:
    double.people |= {"ada": "write", "bob": "write"}
    double.granted |= {"contents": "write"}  # and not who is in a team
    double.repository.git("checkout", "--quiet", "main")
    double.repository.commit({"CODEOWNERS": "/.compliance/ @ada @bob\n"})
    double.repository.git("checkout", "--quiet", "feature")
    running = run(clock=lambda: datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()).going()
    running.opened()
    asked = '/compliance waive aws-kms-key-rotation until=2026-12-24 reason="the vendor ships it"'
    running.send(command(double, asked, id=501, author="ada"), "issue_comment")
    running.settle()
    assert set(double.pulls) == {1, 2}
    double.merge(2)
    rotation = volume("old", "true") + key() + volume("new")
    for number, approved in enumerate((False, False, True), 1):
        if approved:
            double.vote("bob", number=2)
        push(double, {"main.tf": f"{rotation}# {number}\n"}, updated=f"2026-11-{number + 2:02}T00:00:00Z")
        running.opened(action="synchronize")
        assert ("exempt" in double.checks[-1]["title"]) == approved, running.titles()
    said = [c["body"] for c in double.comments if c["pull"] == 2]
    assert len(said) == 1 and said[0].startswith(
        "This waiver does not count yet: this pull request was merged, and no owner"
    )
