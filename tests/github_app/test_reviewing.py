"""`ccopilot review --pr`: the App's review without the App."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from copilot.changes import Change
from copilot.snapshot import Snapshot
from github_app import reviewing
from tests.github_app.double import BOT, Double, Pull
from tests.trees import KEY, VOLUME, volume

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # typer asks click for names that are going away
    from copilot import cli

PR = "acme/infra#1"
NOW = ("--now", "2026-11-23")
WAIVED = f"""\
version: 1
waivers:
  - {{check: {KEY}, address: aws_kms_key.k, until: 2026-12-31, reason: migration, owner: platform}}
"""
OBSERVES = "version: 1\nenforcement: observe\n"


class Said(NamedTuple):
    code: int
    out: str
    err: str


Ccopilot = Callable[..., Said]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def ccopilot(
    double: Double, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ccopilot:
    """Run the command in this process, against the double."""
    for name in ("GH_TOKEN", "GITHUB_API_URL", "CCOPILOT_MODEL", "CCOPILOT_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CCOPILOT_HOME", str(home))
    monkeypatch.setenv("CCOPILOT_GITHUB_API_URL", double.url)
    monkeypatch.setenv("GITHUB_TOKEN", "good")
    monkeypatch.setattr(reviewing, "PAUSES", (0.0, 0.0))

    def run(*args: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["ccopilot", "review", *args, *NOW])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


def found(said: Said) -> list[tuple[str, str, bool]]:
    """Check, relation, and whether it is excepted, of what a review told in JSON."""
    return sorted((f["check"], f["relation"], f["exempt"] is not None) for f in json.loads(said.out)["findings"])


def shown(double: Double) -> tuple[int, int, int, list[str]]:
    return (
        len(double.reviews),
        len(double.line_comments),
        len(double.comments),
        [c["conclusion"] for c in double.checks],
    )


# --- reading -------------------------------------------------------------------------------------------------------


def test_a_pull_request_is_reviewed_as_its_two_commits_are_locally(double: Double, ccopilot: Ccopilot) -> None:
    remote = ccopilot("--pr", PR, "-f", "json")
    local = ccopilot(str(double.repository.folder), "--base", "main", "--head", double.pulls[1].head, "-f", "json")
    assert (remote.code, found(remote)) == (1, found(local))
    assert {KEY, VOLUME} <= {check for check, *_ in found(remote)}
    first, second = (json.loads(said.out)["findings"] for said in (remote, local))
    assert [f["fingerprint"] for f in first] == [f["fingerprint"] for f in second]
    assert double.writes == []


@pytest.mark.parametrize("format", ["terminal", "markdown", "json", "sarif", "html"])
def test_every_format_tells_of_it(ccopilot: Ccopilot, tmp_path: Path, format: str) -> None:
    said = ccopilot("--pr", PR, "-f", format, "--output", str(tmp_path / "r.sarif"), "--for", "github")
    assert said.code == 1
    assert PR in said.out or format == "sarif"
    results = json.loads((tmp_path / "r.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert {KEY, VOLUME} <= {result["ruleId"] for result in results}


def test_a_fork_is_read_like_any_other(double: Double, ccopilot: Ccopilot) -> None:
    double.pulls[1].fork = True
    double.tokens["good"] = {"contents": "read", "pull_requests": "read"}
    assert ccopilot("--pr", PR).code == 1


def test_a_change_that_breaks_nothing_ends_well(double: Double, ccopilot: Ccopilot) -> None:
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true"), "README.md": "other\n"})
    assert ccopilot("--pr", PR).code == 0


# --- whose policy --------------------------------------------------------------------------------------------------


def test_a_waiver_counts_that_the_default_branch_got_after_the_branch_began(double: Double, ccopilot: Ccopilot) -> None:
    head = double.pulls[1].head
    before = {c: e for c, _, e in found(ccopilot("--pr", PR, "-f", "json"))}
    double.repository.git("checkout", "--quiet", "main")
    double.repository.commit({".compliance/waivers.yaml": WAIVED, ".compliance/copilot.yaml": OBSERVES})
    after = ccopilot("--pr", PR, "-f", "json")
    assert (before[KEY], before[VOLUME]) == (False, False)
    waived = {c: e for c, _, e in found(after)}
    assert (after.code, waived[KEY], waived[VOLUME]) == (0, True, False)
    assert double.pulls[1].head == head


def test_what_a_pull_request_grants_itself_is_only_asked_for(double: Double, ccopilot: Ccopilot) -> None:
    double.pulls[1].head = double.repository.commit(
        {".compliance/waivers.yaml": WAIVED, ".compliance/copilot.yaml": OBSERVES}
    )
    said = ccopilot("--pr", PR, "-f", "json")
    assert said.code == 1
    (asked,) = (f["requested"] for f in json.loads(said.out)["findings"] if f["check"] == KEY)
    assert "2026-12-31" in asked


def test_a_pull_request_to_another_branch_has_the_default_branchs_policy(double: Double, ccopilot: Ccopilot) -> None:
    double.repository.git("checkout", "--quiet", "-b", "release/1", "main")
    double.repository.commit({".compliance/copilot.yaml": OBSERVES})
    double.repository.git("checkout", "--quiet", "-b", "other")
    head = double.repository.commit({"main.tf": volume("old", "true") + volume()})
    double.pulls[2] = Pull(2, head, base_ref="release/1")
    assert ccopilot("--pr", "acme/infra#2").code == 1


def test_the_default_branchs_files_stand_on_both_sides_but_for_what_is_proposed() -> None:
    before = Snapshot.of({".compliance/a": "old", ".compliance/b": "old", ".compliance/gone": "old", "main.tf": "x"})
    after = Snapshot.of({".compliance/a": "old", ".compliance/b": "asked", ".compliance/gone": "old", "main.tf": "y"})
    default = Snapshot.of({".compliance/a": "new", ".compliance/b": "new", ".compliance/more": "new", "main.tf": "z"})
    made = reviewing.governed(Change(before, after), default)
    common = {".compliance/a": b"new", ".compliance/more": b"new"}
    assert {p: made.before.read(p) for p in made.before.paths} == {**common, ".compliance/b": b"new", "main.tf": b"x"}
    assert {p: made.after.read(p) for p in made.after.paths} == {**common, ".compliance/b": b"asked", "main.tf": b"y"}
    assert made.paths == {".compliance/b", "main.tf"}


def test_a_link_among_the_governing_files_is_followed(double: Double, ccopilot: Ccopilot) -> None:
    double.repository.git("checkout", "--quiet", "main")
    double.repository.write({"policies/all.yaml": OBSERVES, ".compliance/x": ""})
    (double.repository.folder / ".compliance" / "copilot.yaml").symlink_to("../policies/all.yaml")
    double.repository.commit()
    assert ccopilot("--pr", PR).code == 0


# --- showing -------------------------------------------------------------------------------------------------------


def test_a_review_is_posted_once_however_often_it_is_run(double: Double, ccopilot: Ccopilot) -> None:
    first = ccopilot("--pr", PR, "--post")
    assert first.code == 1
    assert first.err.startswith(f"posted on {PR}: ") and first.err.endswith("the check compliance\n")
    once, annotated = shown(double), len(double.checks[0]["annotations"])
    assert once[0] == once[2] == 1 and once[3] == ["failure"]
    said = "".join(c["body"] for c in double.line_comments)
    assert "/compliance" not in said  # nobody would listen
    assert f"`ccopilot waiver request {KEY} aws_kms_key.k --until YYYY-MM-DD --reason … --owner …`" in said
    again = ccopilot("--pr", PR, "--post")
    assert (again.code, shown(double), len(double.checks[0]["annotations"])) == (1, once, annotated)
    assert "no new comments on lines" in again.err


@pytest.mark.parametrize("fault", ["before:502", "after:502", "cut:after"])
def test_a_fault_at_any_write_ends_in_one_review(double: Double, ccopilot: Ccopilot, fault: str) -> None:
    ccopilot("--pr", PR, "--post")
    wanted, requests = shown(double), double.log
    writes = [at for at, (method, _, _) in enumerate(requests) if method != "GET"]
    assert len(writes) >= 4
    for at in writes:
        for kept in (double.reviews, double.line_comments, double.comments, double.checks):
            kept.clear()
        double.faults = {double._count + at: fault}
        assert (ccopilot("--pr", PR, "--post").code, shown(double), double.faults) == (1, wanted, {})


def test_a_github_that_stays_away_is_told_with_what_to_do(double: Double, ccopilot: Ccopilot) -> None:
    double.faults = dict.fromkeys(range(double._count, double._count + 40), "before:503")
    said = ccopilot("--pr", PR)
    assert said.code == 4 and "run it again" in said.err


def test_a_fix_settles_what_was_posted(double: Double, ccopilot: Ccopilot) -> None:
    ccopilot("--pr", PR, "--post")
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true")})
    said = ccopilot("--pr", PR, "--post")
    assert said.code == 0
    assert {c["node_id"] for c in double.line_comments} == double.minimised
    assert [c["conclusion"] for c in double.checks] == ["failure", "success"]


def test_a_token_that_may_make_no_check_runs_posts_the_rest_and_says_so(double: Double, ccopilot: Ccopilot) -> None:
    double.tokens["good"] = {"contents": "read", "pull_requests": "write"}
    said = ccopilot("--pr", PR, "--post")
    assert "no check: the token may not make check runs" in said.err
    assert (said.code, shown(double)[0], shown(double)[2], double.checks) == (1, 1, 1, [])


def test_a_token_that_may_not_comment_gives_the_check_its_conclusion_and_an_error(
    double: Double, ccopilot: Ccopilot
) -> None:
    double.tokens["good"] = {"contents": "read", "pull_requests": "read", "checks": "write"}
    said = ccopilot("--pr", PR, "--post")
    assert (said.code, shown(double)) == (4, (0, 0, 0, ["failure"]))
    assert "may not write comments" in said.err and VOLUME in said.out


def test_a_head_that_moved_on_gets_nothing(double: Double, ccopilot: Ccopilot, monkeypatch: pytest.MonkeyPatch) -> None:
    post = reviewing.post

    def late(seen: reviewing.Seen, *rest: object) -> str:
        double.pulls[1].head = double.repository.commit({"README.md": "more\n"})
        return post(seen, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(reviewing, "post", late)
    said = ccopilot("--pr", PR, "--post")
    assert (said.code, shown(double)) == (4, (0, 0, 0, ["cancelled"]))
    assert "has got commits since" in said.err


def test_nothing_is_posted_on_a_closed_pull_request(double: Double, ccopilot: Ccopilot) -> None:
    double.pulls[1].state = "closed"
    said = ccopilot("--pr", PR, "--post")
    assert (said.code, said.err) == (1, f"{PR} is closed: nothing is posted\n")
    assert double.writes == []


def test_what_others_wrote_is_left_alone(double: Double, ccopilot: Ccopilot) -> None:
    ccopilot("--pr", PR, "--post")
    for each in double.line_comments:
        each["user"] = {"login": "somebody", "id": 2, "type": "User"}
    bodies = [c["body"] for c in double.line_comments]
    double.pulls[1].head = double.repository.commit({"main.tf": volume("old", "true")})
    ccopilot("--pr", PR, "--post")
    assert [c["body"] for c in double.line_comments] == bodies
    assert double.minimised == set()
    assert BOT == "ccopilot[bot]"


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pr", ["infra#1", "acme/infra", "acme/infra#0", "acme/..#1", "a/b/c#1", "acme/infra#1?x=1"])
def test_what_names_no_pull_request_is_refused(double: Double, ccopilot: Ccopilot, pr: str) -> None:
    said = ccopilot("--pr", pr)
    assert (said.code, double.log) == (3, [])
    assert "write it like acme/infrastructure#17" in said.err


def test_without_a_token_nothing_is_asked(double: Double, ccopilot: Ccopilot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    said = ccopilot("--pr", PR)
    assert (said.code, double.log) == (3, [])
    assert "needs a token" in said.err and "GH_TOKEN" in said.err
    monkeypatch.setenv("GH_TOKEN", "good")
    assert ccopilot("--pr", PR).code == 1


def test_a_token_is_not_sent_in_clear(double: Double, ccopilot: Ccopilot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCOPILOT_GITHUB_API_URL", "http://127.0.0.1.example.com/api/v3")
    assert "starts with https://" in ccopilot("--pr", PR).err
    monkeypatch.delenv("CCOPILOT_GITHUB_API_URL")
    monkeypatch.setenv("GITHUB_API_URL", double.url)
    assert ccopilot("--pr", PR).code == 1


def test_what_is_not_there_and_what_is_forbidden_say_what_to_do(
    double: Double, ccopilot: Ccopilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pr in ("acme/infra#2", "acme/other#1"):
        said = ccopilot("--pr", pr)
        assert said.code == 4 and f"{pr}: there is no such pull request, or the token may not see it" in said.err
    double.tokens["good"] = {"contents": "read"}
    assert "the token needs to read contents and pull requests" in ccopilot("--pr", PR).err
    monkeypatch.setenv("GITHUB_TOKEN", "old")
    said = ccopilot("--pr", PR)
    assert said.code == 4 and "is wrong or has expired" in said.err


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--post",), "--post goes with --pr"),
        (("--pr", PR, "--base", "main"), "--base and --pr exclude each other"),
        (("somewhere", "--pr", PR), "PATH and --pr exclude each other"),
        (("--pr", PR, "--post", "--check", KEY), "--check and --post exclude each other"),
        (("--pr", PR, "--post", "--dry-run"), "--dry-run and --post exclude each other"),
    ],
)
def test_what_does_not_go_together_is_refused(
    double: Double, ccopilot: Ccopilot, given: tuple[str, ...], says: str
) -> None:
    said = ccopilot(*given)
    assert (said.code, double.log) == (3, [])
    assert says in said.err
