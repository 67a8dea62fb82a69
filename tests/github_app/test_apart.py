"""What is of one repository reaches no prompt, comment or answer of another; and what is not needed is not asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from copilot import pipeline, wiring
from copilot.model import Abstained, Passage, Scope
from tests.copilot.llm.endpoint import Endpoint, says, serving
from tests.github_app.double import Double, Pull
from tests.github_app.running import Running
from tests.github_app.serving import pull_request, until
from tests.github_app.test_jobs import command, push
from tests.trees import Repository, group, key, volume

Run = Callable[..., Running]
CANARY = "canarius"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """A model over real HTTP that abstains; recipes abstain too, so that it is asked about every finding."""

    def abstain(found: list[pipeline.Finding], *_: object) -> list[Abstained]:
        return [Abstained((f.fingerprint,), "the check has no recipe for this") for f in found]

    monkeypatch.setattr(pipeline, "_recipes", abstain)
    with serving(says(json.dumps({"abstain": "it is for the owner to say"}))) as endpoint:
        monkeypatch.setenv("CCOPILOT_MODEL", "small")
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        yield endpoint


@pytest.fixture
def public(tmp_path: Path, app_key: str) -> Iterator[Double]:
    """A public repository of another installation, with a pull request like the private one's."""
    repository = Repository(tmp_path / "public", {"main.tf": volume("old", "true")})
    repository.git("checkout", "--quiet", "-b", "feature")
    head = repository.commit({"main.tf": volume("old", "true") + key("open") + volume("open")})
    made = Double(
        repository, name="globex/open", pulls={1: Pull(1, head)}, id=8, installation=100,
        app_key=serialization.load_pem_private_key(app_key.encode(), None).public_key(),
    )  # fmt: skip
    yield made
    made.close()


def test_nothing_of_a_private_repository_reaches_another_installation(
    double: Double, public: Double, run: Run, model: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.beside = public
    double.people["writer"] = public.people["writer"] = "write"
    marked = volume(CANARY) + key(f"k_{CANARY}") + group("0.0.0.0/0", name=f"s_{CANARY}")
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true") + marked})
    running = run(model=wiring.model).going()
    running.opened()
    before = len(model.received)
    assert before and any(CANARY in json.dumps(asked.body) for asked in model.received)
    # What was mended there teaches later drafts there.
    push(double, {"main.tf": volume("old", "true") + volume(CANARY, "true")})
    running.opened(action="synchronize")
    until(lambda: running.store.fates(7))
    home = Scope("99", "acme", "infra", "private")
    until(lambda: wiring.store().entries(viewer=home))
    taken = Passage(
        "fix:1", "fix", "rotation of keys", f"{CANARY} aws_kms_key enable_key_rotation", "acme/infra#1", home
    )
    (check,) = {f.control for f in running.store.fates(7) if f.check == "aws-kms-key-rotation"}
    wiring.store().add(
        taken, added=datetime.now(UTC), types=["aws_kms_key"], controls=[check], about="rotation of keys"
    )
    before = len(model.received)
    push(double, {"main.tf": volume("old", "true") + key("plain")}, updated="2026-11-03T00:00:00Z")
    running.opened(action="synchronize")
    assert [each for each in model.received[before:] if CANARY in json.dumps(each.body)]

    before = len(model.received)
    opened = pull_request(public)
    opened["repository"]["private"] = False
    running.send(opened)
    running.settle()
    running.send({**command(public, "/compliance explain aws-kms-key-rotation", id=601)}, "issue_comment")
    running.settle()
    of_public = model.received[before:]
    assert len(of_public) > 1
    assert len(public.checks) == 1 and public.checks[0]["status"] == "completed" and public.line_comments
    assert [c for c in public.comments if "ccopilot:answer" in c["body"]]
    for each in of_public:
        assert CANARY not in json.dumps(each.body)
    assert CANARY not in json.dumps([public.checks, public.reviews, public.line_comments, public.comments])
    assert {(at, tuple(ids)) for at, ids, _ in double.issued} == {(99, (7,))}
    assert {(at, tuple(ids)) for at, ids, _ in public.issued} == {(100, (8,))}


def test_a_root_that_a_push_leaves_alone_costs_no_call(double: Double, run: Run, model: Endpoint) -> None:
    tree = {"a/main.tf": key("a") + volume("a"), "b/main.tf": "locals {\n  x = 1\n}\n"}
    double.pulls[1].head = double.repository.commit(tree)
    running = run(model=wiring.model).going()
    running.opened()
    asked = len(model.received)
    assert asked
    push(double, {**tree, "b/main.tf": "locals {\n  x = 2\n}\n"})
    running.opened(action="synchronize")
    assert len(double.checks) == 2 and len(model.received) == asked
