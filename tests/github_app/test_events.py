"""Deliveries become events only when they are signed, and only from what GitHub documents."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app import events
from github_app.events import (
    BadSignature,
    Comment,
    Ignored,
    Installation,
    Malformed,
    MergeGroup,
    Origin,
    PullRequest,
    Push,
    Refused,
    Repository,
    Rerun,
    TooLarge,
)

PAYLOADS = Path(__file__).parent / "payloads"
SECRET = b"it is a secret to everybody"
HELLO = Repository(186853002, "Codertocat", "Hello-World", False, "master")


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return found


def signed(body: bytes, name: str, secret: bytes = SECRET) -> dict[str, str]:
    return {
        "X-GitHub-Event": name, "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }  # fmt: skip


def delivered(name: str, data: Any) -> events.Event:
    body = json.dumps(data).encode()
    return events.parse(signed(body, name), body, [SECRET])


def status(read: Callable[[], events.Event]) -> int:
    """What the sender is told; anything but a refusal is a fault of ours and comes through."""
    try:
        read()
    except Refused as refused:
        return refused.status
    return 200


def test_the_signature_of_githubs_own_documentation_is_accepted() -> None:
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    events.verify(b"Hello, World!", signature, [b"It's a Secret to Everybody"])


@pytest.mark.parametrize(
    "signature", [None, "", "sha256=", "sha1=" + "0" * 40, "sha256=" + "0" * 64, "sha256=" + "é" * 64]
)
def test_without_a_right_signature_nothing_is_read(signature: str | None) -> None:
    headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "1"}
    with pytest.raises(BadSignature):
        events.parse(
            headers if signature is None else {**headers, "X-Hub-Signature-256": signature}, b"not json", [SECRET]
        )


def test_one_changed_byte_is_noticed_and_a_second_secret_serves_while_one_replaces_the_other() -> None:
    body = json.dumps({**payload("push"), "ref": "refs/heads/master", "after": "a" * 40, "deleted": False}).encode()
    headers = signed(body, "push")
    with pytest.raises(BadSignature):
        events.parse(headers, body + b" ", [SECRET])
    assert isinstance(events.parse(headers, body, [b"new", SECRET]), Push)


@pytest.mark.parametrize("secrets", [[], [b""]])
def test_without_a_secret_every_delivery_is_refused(secrets: list[bytes]) -> None:
    body = json.dumps(payload("push")).encode()
    with pytest.raises(BadSignature):
        events.parse(signed(body, "push", b""), body, secrets)


def test_a_body_larger_than_any_of_githubs_is_refused_before_it_is_hashed() -> None:
    with pytest.raises(TooLarge):
        events.parse({}, b"x" * (events.MAX_BYTES + 1), [SECRET])


def test_a_pull_request_is_read_from_githubs_own_example() -> None:
    found = delivered("pull_request", payload("pull_request.opened"))
    origin = Origin("72d3162e-cc78-11e3-81ab-4c9367dc0958", 11111, HELLO, "Codertocat", False)
    given = payload("pull_request.opened")
    origin = Origin(origin.delivery, given["installation"]["id"], HELLO, "Codertocat", False)
    assert found == PullRequest(
        origin, "opened", 2, "ec26c3e57ca3a959ca5aad62de7213c562f8c821", "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        "master", datetime(2019, 5, 15, 15, 20, 33, tzinfo=UTC), False, False, False, False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["synchronize", "reopened", "ready_for_review", "closed"])
def test_the_other_actions_of_a_pull_request_are_read_alike(name: str) -> None:
    found = delivered("pull_request", payload(f"pull_request.{name}"))
    assert isinstance(found, PullRequest) and found.action == name


def test_only_a_changed_base_makes_an_edit_worth_a_review() -> None:
    data = payload("pull_request.opened")
    title = {**data, "action": "edited", "changes": {"title": {"from": "old"}}}
    base = {**data, "action": "edited", "changes": {"base": {"ref": {"from": "old"}, "sha": {"from": "0" * 40}}}}
    assert isinstance(delivered("pull_request", title), Ignored)
    assert isinstance(delivered("pull_request", base), PullRequest)


def test_a_fork_is_a_fork_also_when_it_was_deleted() -> None:
    data = payload("pull_request.opened")
    gone, other = copy.deepcopy(data), copy.deepcopy(data)
    gone["pull_request"]["head"]["repo"] = None
    other["pull_request"]["head"]["repo"]["id"] = 1
    assert [delivered("pull_request", each).from_fork for each in (data, gone, other)] == [False, True, True]  # type: ignore[union-attr]


def test_reruns_comments_installations_and_pushes_are_read() -> None:
    assert isinstance(delivered("check_suite", payload("check_suite.requested")), Ignored)
    suite, run = (
        delivered("check_suite", payload("check_suite.rerequested")),
        delivered("check_run", payload("check_run.rerequested")),
    )
    button = delivered("check_run", payload("check_run.requested_action"))
    assert isinstance(suite, Rerun) and suite.check_run is None
    assert isinstance(run, Rerun) and run.check_run == payload("check_run.rerequested")["check_run"]["id"]
    assert (
        isinstance(button, Rerun)
        and button.button == payload("check_run.requested_action")["requested_action"]["identifier"]
    )
    review = delivered("pull_request_review_comment", payload("pull_request_review_comment.created"))
    assert isinstance(review, Comment) and review.thread == review.id
    installed = delivered("installation", payload("installation.created"))
    assert isinstance(installed, Installation) and installed.action == "created" and installed.added
    added = delivered("installation_repositories", payload("installation_repositories.added"))
    assert isinstance(added, Installation) and added.added and not added.removed


def test_a_comment_on_an_issue_is_no_command_and_one_on_a_pull_request_may_be() -> None:
    data = payload("issue_comment.created")
    data["issue"].pop("pull_request", None)
    assert isinstance(delivered("issue_comment", data), Ignored)
    data["issue"]["pull_request"] = {"url": "x"}
    found = delivered("issue_comment", data)
    assert isinstance(found, Comment) and found.body == data["comment"]["body"] and found.thread is None


def test_a_push_counts_on_the_default_branch_alone() -> None:
    data = payload("push")
    assert isinstance(delivered("push", data), Push if data["ref"].endswith("/master") else Ignored)
    assert isinstance(delivered("push", {**data, "ref": "refs/tags/master"}), Ignored)
    assert isinstance(delivered("push", {**data, "ref": "refs/heads/master", "deleted": True}), Ignored)


def test_a_merge_queue_asks_for_checks() -> None:
    data = {
        **{key: payload("pull_request.opened")[key] for key in ("repository", "installation", "sender")},
        "action": "checks_requested",
        "merge_group": {"head_sha": "a" * 40, "base_sha": "b" * 40, "base_ref": "refs/heads/main", "head_ref": "x"},
    }
    found = delivered("merge_group", data)
    assert isinstance(found, MergeGroup) and (found.head, found.base) == ("a" * 40, "b" * 40)
    assert isinstance(delivered("merge_group", {**data, "action": "destroyed"}), Ignored)


def test_what_nobody_listens_to_is_ignored_and_said() -> None:
    assert delivered("star", {"action": "created"}) == Ignored(
        "72d3162e-cc78-11e3-81ab-4c9367dc0958", "nothing here listens to 'star'"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p["pull_request"]["head"].update(sha="main"), "pull_request.head.sha: is not the id of a commit"),
        (lambda p: p["pull_request"].update(number="2"), "pull_request.number: is not a number from 1 on"),
        (lambda p: p["repository"].update(id=True), "repository.id: is not a number from 1 on"),
        (lambda p: p.pop("repository"), "repository: is not an object"),
        (lambda p: p["pull_request"].update(updated_at="yesterday"), "pull_request.updated_at: is not a time"),
    ],
)
def test_a_malformed_delivery_names_the_field(change: Any, said: str) -> None:
    data = payload("pull_request.opened")
    change(data)
    with pytest.raises(Malformed, match=f"^{said}$".replace(".", r"\.")):
        delivered("pull_request", data)


@given(st.binary(max_size=200), st.sampled_from(sorted(events._READERS)))
def test_signed_bytes_of_any_kind_are_an_event_or_refused(body: bytes, name: str) -> None:
    assert status(lambda: events.parse(signed(body, name), body, [SECRET])) in (200, 400)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8,
)  # fmt: skip


@given(st.data())
def test_a_payload_with_anything_in_place_of_a_field_is_an_event_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(path.stem for path in PAYLOADS.glob("*.json"))))
    whole = payload(name)
    node: Any = whole
    for _ in range(data.draw(st.integers(0, 3))):
        inner = [key for key, value in node.items() if isinstance(value, dict) and value]
        if not inner:
            break
        node = node[data.draw(st.sampled_from(inner))]
    node[data.draw(st.sampled_from(list(node)))] = data.draw(_JSON)
    assert status(lambda: delivered(name.split(".")[0], whole)) in (200, 400)


def test_nesting_without_end_is_refused() -> None:
    body = b"[" * 200_000
    with pytest.raises(Malformed):
        events.parse(signed(body, "push"), body, [SECRET])
