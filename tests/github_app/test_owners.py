"""CODEOWNERS is read as GitHub reads it, and only another owner's approval of the last commit counts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot import waivers
from github_app.client import GitHub
from github_app.owners import Approval, Rule, Unapproved, approval, rule_for, rules
from tests.github_app.double import BOT, Double, Pull

PATH = waivers.PATH


@pytest.mark.parametrize(
    ("pattern", "meant", "others"),
    [
        ("*", ["a", "a/b.js"], []),
        ("*.js", ["a.js", "x/y/a.js"], ["a.ts", "ajs"]),
        ("/build/logs/", ["build/logs/a", "build/logs/x/a"], ["build/logs", "x/build/logs/a"]),
        ("docs/*", ["docs/a.md"], ["docs/x/a.md", "x/docs/a.md"]),
        ("apps/", ["apps/a", "x/apps/a", "apps/x/y"], ["apps", "myapps/a"]),
        ("/docs/", ["docs/a", "docs/x/a"], ["x/docs/a"]),
        ("/apps/github", ["apps/github", "apps/github/a"], ["apps/githubx", "x/apps/github"]),
        ("**/logs", ["logs/a", "build/logs/a", "deeply/nested/logs/a"], ["logsx/a"]),
        ("/scripts/**/run", ["scripts/run", "scripts/a/b/run"], ["scripts/runner"]),
        ("docs/**", ["docs/a", "docs/x/a"], ["docs"]),
        (".compliance/", [PATH, "x/.compliance/a"], ["acompliance/waivers.yaml"]),
        ("/.compliance/waivers.yaml", [PATH], ["x/.compliance/waivers.yaml"]),
        ("waivers.yaml", [PATH, "waivers.yaml"], ["waivers.yml"]),
        ("/*", ["a"], ["a/b"]),
        ("?.md", ["a.md", "x/a.md"], ["ab.md"]),
        ("**", ["a", "a/b"], []),
        ("A.md", ["A.md"], ["a.md"]),
        ("my file", ["my file", "x/my file"], ["my"]),
    ],
)
def test_a_pattern_means_the_files_that_github_takes_it_to_mean(
    pattern: str, meant: list[str], others: list[str]
) -> None:
    rule = Rule(1, pattern, ("@a",))
    assert [path for path in (*meant, *others) if rule.matches(path)] == meant


_NAMES = st.text("ab.*?-", min_size=1, max_size=4)
_PATHS = st.lists(st.text("ab.-", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@given(_PATHS)
def test_a_path_written_in_full_means_itself_and_what_lies_below(path: str) -> None:
    rule = Rule(1, f"/{path}", ())
    assert rule.matches(path) and rule.matches(f"{path}/x")
    assert not rule.matches(f"x/{path}") or path.startswith("x")
    assert not rule.matches(f"{path}x")


@given(_PATHS)
def test_a_name_alone_means_it_at_any_depth(path: str) -> None:
    assert Rule(1, path.rsplit("/", 1)[-1], ()).matches(path)


@given(st.lists(_NAMES, min_size=1, max_size=3).map("/".join), _PATHS)
def test_a_folders_pattern_means_less_than_the_one_without_a_slash(pattern: str, path: str) -> None:
    if Rule(1, f"{pattern}/", ()).matches(path) and set(pattern.rsplit("/", 1)[-1]) != {"*"}:
        assert Rule(1, pattern, ()).matches(path)


@given(st.lists(_NAMES.filter(lambda name: "**" not in name), min_size=1, max_size=3), _PATHS)
def test_an_anchored_pattern_goes_segment_by_segment(segments: list[str], path: str) -> None:
    """The same answer as from a reader that knows nothing of regular expressions over whole paths."""
    parts = path.split("/")

    def fits(segment: str, part: str) -> bool:
        if segment == "*":
            return True
        return re.fullmatch(segment.replace(".", r"\.").replace("*", ".*").replace("?", "."), part) is not None

    below = len(parts) > len(segments)
    wanted = len(parts) >= len(segments) and all(map(fits, segments, parts)) and not (below and segments[-1] == "*")
    assert Rule(1, "/" + "/".join(segments), ()).matches(path) is wanted


@given(st.text(max_size=200))
def test_no_file_stops_the_reader(text: str) -> None:
    for rule in rules(text):
        rule.matches(PATH)


def test_lines_that_github_does_not_take_are_left_out() -> None:
    text = (
        "# everything\n*  @ada # the default\n\n!*.md @eve\n[ab].md @eve\n*.tf not-an-owner\n/apps/\n"
        "my\\ file @acme/platform ada@acme.example\n#\\#x @eve\n"
    )
    assert rules(text) == (
        Rule(2, "*", ("@ada",)),
        Rule(7, "/apps/", ()),
        Rule(8, "my file", ("@acme/platform", "ada@acme.example")),
    )


def test_the_last_line_that_matches_decides_and_may_name_nobody() -> None:
    known = rules("* @ada\n/.compliance/ @bob\n*.yaml\n/.compliance/ @carol\n*.yml @eve\n")
    assert rule_for(PATH, known) == Rule(4, "/.compliance/", ("@carol",))
    assert rule_for("a.yaml", known) == Rule(3, "*.yaml", ())
    assert rule_for("x", ()) is None


# --- approvals ---


@pytest.fixture
def owned(double: Double) -> Double:
    """Pull request 2 asks for a waiver; Bob and the team own the file, by the first of two files of owners."""
    repository = double.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({
        ".github/CODEOWNERS": "* @eve\n/.compliance/ @ada @bob @acme/platform @other/team dan@acme.example\n", "CODEOWNERS": "* @eve\n",
    })  # fmt: skip
    repository.git("checkout", "--quiet", "-b", "ccopilot/waive")
    head = repository.commit({PATH: "version: 1\nwaivers: []\n"})
    double.pulls[2] = Pull(2, head, head_ref="ccopilot/waive", author=BOT)
    double.people.update(dict.fromkeys(("ada", "Bob", "carol", "dan", "eve"), "write"))
    return double


def asked(github: GitHub) -> Approval | Unapproved:
    return approval(github, github.pull(2), PATH, asker="ada", me=BOT)


def test_another_owner_approves(owned: Double, github: GitHub) -> None:
    owned.vote("Bob", number=2)
    (vote,) = owned.reviews
    assert asked(github) == Approval("Bob", vote["id"], owned.pulls[2].head, "@bob", ".github/CODEOWNERS:2")


def test_who_asked_who_owns_nothing_and_who_may_not_write_do_not_count(owned: Double, github: GitHub) -> None:
    for login in ("ada", "eve", "carol", BOT):
        owned.vote(login, number=2)
    said = asked(github)
    assert isinstance(said, Unapproved) and said.owned and said.reason.startswith(f"no owner of {PATH} (@ada, @bob")
    owned.people["Bob"] = "triage"
    owned.vote("Bob", number=2)
    assert isinstance(asked(github), Unapproved)


def test_an_approval_of_an_older_commit_or_one_that_was_taken_back_is_none(owned: Double, github: GitHub) -> None:
    owned.vote("Bob", number=2, commit=owned.repository.git("rev-parse", "main"))
    assert isinstance(asked(github), Unapproved)
    for state in ("CHANGES_REQUESTED", "DISMISSED"):
        owned.vote("Bob", number=2)
        owned.vote("Bob", state, number=2)
        assert isinstance(asked(github), Unapproved)
    owned.vote("Bob", number=2)
    owned.vote("Bob", "COMMENTED", number=2)
    assert isinstance(asked(github), Approval)


def test_a_team_counts_where_its_members_can_be_read_and_is_said_where_not(owned: Double, github: GitHub) -> None:
    owned.teams["acme/platform"] = {"carol": "active", "dan": "pending"}
    owned.vote("carol", number=2)
    said = asked(github)
    assert isinstance(said, Unapproved) and said.reason.endswith(
        "whether a reviewer is among @acme/platform, dan@acme.example cannot be read"
    )
    owned.tokens["good"]["members"] = "read"
    assert isinstance(asked(github), Approval)
    owned.reviews.clear()
    owned.vote("dan", number=2)
    assert isinstance(asked(github), Unapproved)


def test_a_pull_request_that_changes_more_is_approved_by_nobody(owned: Double, github: GitHub) -> None:
    owned.pulls[2].head = owned.repository.commit({"main.tf": "# x\n"})
    owned.vote("Bob", number=2)
    assert asked(github) == Unapproved(f"the pull request changes more than {PATH}")


def test_where_nobody_owns_the_file_that_is_said(owned: Double, github: GitHub) -> None:
    repository = owned.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({".github/CODEOWNERS": "* @eve\n/.compliance/\n"})
    owned.vote("Bob", number=2)
    assert asked(github) == Unapproved(f"nobody owns {PATH}: no line of CODEOWNERS names an owner for it", owned=False)
