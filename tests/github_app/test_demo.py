"""`make demo-app`: the page shows what the double holds, and its buttons do in git what a person does on GitHub."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from github_app.client import GitHub
from tests.github_app.double import BOT

TOP = Path(__file__).resolve().parent.parent.parent
MAIN = "environments/production/main.tf"


def loaded(name: str) -> ModuleType:
    found = importlib.util.spec_from_file_location(name, TOP / "scripts" / f"{name}.py")
    assert found is not None and found.loader is not None
    made = importlib.util.module_from_spec(found)
    sys.modules[name] = made
    found.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def demo_page() -> ModuleType:
    return loaded("demo_page")


@pytest.fixture(scope="module")
def demo_app(demo_page: ModuleType) -> ModuleType:
    return loaded("demo_app")


@pytest.fixture
def demo(demo_app: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """The demo without the App: nobody answers its webhooks."""
    made = demo_app.Demo(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def address(demo_app: ModuleType, demo: Any) -> Iterator[str]:
    site = demo_app._Site(("127.0.0.1", 0), type("Handler", (demo_app._Handler,), {"demo": demo}))
    threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{site.server_address[1]}"
    site.shutdown()
    site.server_close()


def reviewed(demo: Any, line: int, body: str) -> int:
    """A review with one comment, written through the double's API; the comment's number."""
    github = GitHub(demo.double.name, lambda: "good", base_url=demo.double.url)
    github.review(17, demo.double.pulls[17].head, "One.", [{"path": MAIN, "line": line, "side": "RIGHT", "body": body}])
    return int(demo.double.line_comments[-1]["id"])


def text(demo_app: ModuleType, demo: Any) -> str:
    return str(demo_app.outline(demo.shown(17)))


def test_html_of_a_comment_is_text_but_for_what_folds(demo_page: ModuleType) -> None:
    said = demo_page.markdown(
        "<!-- mark --><script>alert(1)</script>\n\n<details open onclick=x>\n\n"
        "<details><summary>S</summary>\n\n![x](https://example.com/x.png) [a](javascript:alert(1)) <b>x</b>\n\n</details>\n\n"
        "```diff\n-<i>\n+b\n```\n"
    )
    assert "mark" not in said and "<script" not in said and "<img" not in said and "<b>" not in said
    assert "<details open" not in said and "<details><summary>S</summary>" in said and "</details>" in said
    assert said.count("href=") == 1 and 'href="javascript' not in said  # the image is a link, if anything
    assert '<span class="remove">-&lt;i&gt;</span><span class="add">+b</span>' in said


def test_a_suggestion_is_committed_where_its_lines_are_now(demo_app: ModuleType, demo: Any) -> None:
    lines = demo.double.git("cat-file", "blob", f"{demo.double.pulls[17].head}:{MAIN}").decode().split("\n")
    at = next(n for n, line in enumerate(lines, 1) if "publicly_accessible = true" in line)
    comment = reviewed(demo, at, "Open.\n\n```suggestion\n  publicly_accessible = false\n```")
    assert "Commit suggestion" in text(demo_app, demo)
    with demo.double._lock:
        demo.double.repository.write({MAIN: "\n".join(["# one line more", *lines])})
        demo.double.pulls[17].head = demo.double.repository.commit()
    assert demo.act(17, "commit", "mara", {"comment": comment}).startswith("pushed ")
    now = demo.double.git("cat-file", "blob", f"{demo.double.tip('partners')}:{MAIN}").decode().split("\n")
    wanted = ["# one line more", *lines]
    wanted[at] = "  publicly_accessible = false"
    assert now == wanted
    assert demo.double.pulls[17].head == demo.double.tip("partners")
    assert demo.deliveries[-1][1:] == ("pull_request.synchronize", "not delivered: ConnectionRefusedError")
    with pytest.raises(demo_app.Refused):
        demo.act(17, "commit", "mara", {"comment": comment})
    assert "Outdated" in text(demo_app, demo)


def test_comments_replies_and_folded_comments_are_shown_as_they_stand(demo_app: ModuleType, demo: Any) -> None:
    comment = reviewed(demo, 69, "**Open** to all")
    demo.act(17, "comment", "guest", {"body": "/compliance help"})
    demo.act(17, "reply", "sam", {"comment": comment, "body": "Is it?"})
    with demo.double._lock:
        demo.double.reactions.add(("issues", demo.double.comments[-1]["id"], "eyes"))
        demo.double.minimised.add(f"L{comment}")
        demo.double._count += 1
    said = text(demo_app, demo)
    assert [name for _, name, _ in demo.deliveries] == ["issue_comment.created", "pull_request_review_comment.created"]
    for wanted in ("guest commented", "/compliance help", "👀 1", "Is it?", "Resolved", "Open to all"):
        assert wanted in said.replace("\n", " ").replace("  ", " "), wanted


def test_what_a_person_may_not_do_is_refused(demo_app: ModuleType, demo: Any) -> None:
    for who, name in (
        ("mara", "approve"),
        ("guest", "approve"),
        ("guest", "merge"),
        ("mara", "rerun"),
        ("nobody", "all"),
    ):
        with pytest.raises(demo_app.Refused):
            demo.act(17, name, who, {})
    assert demo.deliveries == []


def test_a_merge_moves_the_branch_and_tells_the_app(demo_app: ModuleType, demo: Any) -> None:
    head = demo.double.pulls[17].head
    reviewed(demo, 69, "Open.")
    assert demo.act(17, "merge", "sam", {}) == "merged"
    assert demo.double.tip("main") == head
    assert [name for _, name, _ in demo.deliveries] == ["pull_request.closed", "push"]
    said = text(demo_app, demo)
    assert "Merged" in said and "publicly_accessible = true" in said  # the diff above the comment stays


def test_the_page_loads_nothing_from_elsewhere_and_answers_no_other_site(demo: Any, address: str) -> None:
    with urllib.request.urlopen(f"{address}/") as answer:
        policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    assert "Add shipment documents bucket" in page and "://" not in page
    data = json.dumps({"who": "mara", "body": "hello"}).encode()
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "application/json", "Origin": "http://example.com"},
                    {"Content-Type": "application/json", "Host": "example.com"}):  # fmt: skip
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(f"{address}/do/17/comment", data, headers))
    assert demo.double.comments == []
    asked = urllib.request.Request(f"{address}/do/17/comment", data, {"Content-Type": "application/json"})
    urllib.request.urlopen(asked).close()
    assert [c["user"]["login"] for c in demo.double.comments] == ["mara"]


def test_a_webhook_becomes_a_review_that_the_page_shows(tmp_path: Path) -> None:
    """The whole of it: the real App as processes of its own, and the page over HTTP."""
    done = subprocess.run(
        [sys.executable, str(TOP / "scripts" / "demo_app.py"), "--once", "--port", "0", "--keep", str(tmp_path / "demo")],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=450,
        env={name: value for name, value in os.environ.items() if not name.startswith("CCOPILOT_")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + (tmp_path / "demo" / "app.log").read_text("utf-8")[-3000:]
    parts = {part.partition("]")[0].removeprefix("["): part for part in done.stdout.split("\n\n[") if part.strip()}
    assert "mara wants to merge 2 commits into main from partners" in parts["head"]
    assert "compliance Failing" in parts["checks"] and "findings block" in parts["checks"]
    assert "1 earlier" in parts["checks"]
    review = " ".join(next(part for name, part in parts.items() if name.startswith("review-")).split())
    assert f"{BOT} bot reviewed at" in review
    assert "Suggested change" in review and "Commit suggestion" in review and "publicly_accessible = true" in review
    # The suggestion that was committed is settled, and says where.
    assert "Outdated Resolved Fixed in" in review
    summary, asked, answered = (part for name, part in parts.items() if name.startswith("comment-"))
    assert "The whole review" in summary
    assert "👀 1" in asked and "/compliance help" in asked
    assert "says why a finding is one" in answered
    assert all(f"{event} 202 in" in " ".join(parts["behind"].split()) for event in
               ("pull_request.opened", "issue_comment.created", "pull_request.synchronize"))  # fmt: skip
    assert "ccopilot worker" in parts["behind"] or not Path("/proc").is_dir()
