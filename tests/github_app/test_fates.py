"""What became of a suggestion is read from the next head and from what people did, and nothing is called fixed that is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.knowledge.store import Store
from copilot.model import Edit, Scope
from copilot.snapshot import Snapshot
from github_app.client import GitHub, Posted, Reaction, Thread
from github_app.fates import Fate, Heard, Outcome, Record, accepted, experience, fates, hear, listen, records, stands
from github_app.judged import Fix, Judged
from github_app.publication import marker
from github_app.publish import publish
from tests.github_app.double import BOT, Double
from tests.github_app.judging import judge
from tests.trees import key, volume

OLD = volume("old", "true")
SCOPE = Scope("99", "acme", "infra")


def push(double: Double, text: str) -> str:
    double.pulls[1].head = double.repository.commit({"main.tf": text})
    return double.pulls[1].head


def became(
    double: Double, github: GitHub, shown: Judged, heard: tuple[Heard, ...] = (), *, merged: bool = False
) -> dict[str, Outcome]:
    """What became of each finding, by check, seen from the head as it is now."""
    top = double.repository.folder
    before, after = (Snapshot.from_git(top, each) for each in (shown.head, double.pulls[1].head))
    found = fates(shown, judge(github), before=before.read, after=after.read, heard=heard, merged=merged)
    return {each.check: each.outcome for each in found}


def patched(shown: Judged, text: str, check: str) -> str:
    (told,) = shown.told_of(check)
    fix = next(each for each in shown.fixes if told.fingerprint in each.findings)
    for edit in fix.edits:
        text = text.replace(edit.find, edit.replace or "")
    return text


TEXT = OLD + key() + volume("new")
KEY, VOLUME = "aws-kms-key-rotation", "aws-ebs-volume-encrypted"


def test_a_patch_that_was_taken_as_it_is_was_applied_and_the_rest_is_open(double: Double, github: GitHub) -> None:
    shown = judge(github)
    push(double, "# more\n" + patched(shown, TEXT, KEY) + key("third"))
    assert became(double, github, shown) == {KEY: "applied", VOLUME: "open"}


def test_a_finding_that_went_away_by_another_text_was_fixed_otherwise(double: Double, github: GitHub) -> None:
    shown = judge(github)
    push(double, OLD + key(more="  # by hand\n  enable_key_rotation = true # yes\n") + volume("new"))
    assert became(double, github, shown) == {KEY: "fixed_otherwise", VOLUME: "open"}
    push(double, OLD)
    assert became(double, github, shown) == {KEY: "fixed_otherwise", VOLUME: "fixed_otherwise"}


def test_what_is_merged_unmended_was_ignored(double: Double, github: GitHub) -> None:
    shown = judge(github)
    assert became(double, github, shown, merged=True) == {KEY: "ignored", VOLUME: "ignored"}
    assert became(double, github, shown) == {KEY: "open", VOLUME: "open"}


def test_what_a_person_put_aside_was_dismissed_unless_it_was_mended(double: Double, github: GitHub) -> None:
    shown = judge(github)
    (told,) = shown.told_of(KEY)
    for heard in (
        Heard(1, (told.fingerprint,), folded=True),
        Heard(1, (told.fingerprint,), resolved_by="ada"),
        Heard(1, (told.fingerprint,), wrong=("ada",)),
    ):
        assert became(double, github, shown, (heard,), merged=True) == {KEY: "dismissed", VOLUME: "ignored"}
    useful = Heard(1, (told.fingerprint,), useful=("ada",), replies=3)
    assert became(double, github, shown, (useful,)) == {KEY: "open", VOLUME: "open"}
    push(double, patched(shown, TEXT, KEY))
    assert became(double, github, shown, (Heard(1, (told.fingerprint,), wrong=("ada",)),))[KEY] == "applied"


def test_after_a_review_that_saw_less_nothing_is_called_mended(double: Double, github: GitHub) -> None:
    shown = judge(github)
    push(double, OLD)
    now = replace(judge(github), complete=False)
    tree = Snapshot.from_git(double.repository.folder, double.pulls[1].head)
    before = Snapshot.from_git(double.repository.folder, shown.head)
    found = fates(shown, now, before=before.read, after=tree.read)
    assert [each.outcome for each in found] == ["open", "open"]


def test_what_is_waived_since_is_dismissed_and_no_false_positive(double: Double, github: GitHub) -> None:
    shown = judge(github)
    now = replace(shown, told=tuple(replace(each, exempt="waived") for each in shown.told))
    found = fates(shown, now, before=lambda _: None, after=lambda _: None, merged=True)
    assert [(each.outcome, each.exempt, each.refuted) for each in found] == [("dismissed", "waived", False)] * 2
    assert [each.false_positive_rate for each in records(found)] == [None, None]


FIX = Fix((), "d", "s", (), (), "p", by_model=False, committable=True)


@pytest.mark.parametrize(
    ("edit", "before", "after", "wanted"),
    [
        (Edit("a", "x = 1\n", "x = 2\n"), "x = 1\n", "x = 2\n", True),
        (Edit("a", "x = 1\n", "x = 2\n"), "x = 1\n", "y = 0\nx = 2\nz = 0\n", True),
        (Edit("a", "x = 1\n", "x = 2\n"), "x = 1\n", "x = 3\n", False),
        (
            Edit("a", "x = 1\n", "x = 2\n"),
            "x = 1\nb {\nx = 2\n}\n",
            "b {\nx = 2\n}\n",
            False,
        ),  # only the other one is left
        (Edit("a", "x = 1\n", "x = 2\n"), "x = 1\n", "x = 1\nx = 2\n", False),
        (Edit("a", "x = 1\n", "x = 1\ny = 2\n"), "x = 1\n", "x = 1\ny = 2\n", True),
        (Edit("a", "x = 1\n", ""), "x = 1\nb\n", "b\n", True),
        (Edit("a", "x = 1\n", ""), "x = 1\nb\n", "x = 1\n", False),
        (Edit("a", "x = 1\n", None), "x = 1\n", None, True),
        (Edit("a", "x = 1\n", None), "x = 1\n", "", False),
        (Edit("a", "", "x = 1\n"), None, "x = 1\n", True),
        (Edit("a", "", "x = 1\n"), None, "x = 1\nmore\n", False),
        (Edit("a", "", "x = 1\n"), None, None, False),
        (Edit("a", "gone\n", "x\n"), "x = 1\n", "x\n", False),  # never applied to what was there
    ],
)
def test_a_patch_stands_where_the_file_says_what_it_would_have_made_of_it(
    edit: Edit, before: str | None, after: str | None, wanted: bool
) -> None:
    old, new = (None if text is None else text.encode() for text in (before, after))
    assert stands(replace(FIX, edits=(edit,)), before={"a": old}.get, after={"a": new}.get) is wanted


# --- what people say ---


def test_people_are_heard_who_may_write_and_nobody_else(double: Double, github: GitHub) -> None:
    shown = judge(github)
    publish(github, 1, shown.publication, key="k", me=BOT, newest=lambda: True)
    one, two = [c["id"] for c in double.line_comments]
    names = {
        c["id"]: next(i.findings for i in shown.publication.inline if i.body == c["body"]) for c in double.line_comments
    }
    double.people = {"ada": "write", "bob": "maintain", "eve": "read"}
    double.opinions = [("pulls", one, "-1", "ada"), ("pulls", one, "-1", "eve"), ("pulls", one, "+1", "bob"), ("pulls", two, "-1", "eve"),
                       ("pulls", two, "-1", "x[bot]"), ("pulls", two, "eyes", "ada")]  # fmt: skip
    double.resolved = {one: "eve", two: "bob"}
    double.say("ada", "why?", thread=two)
    double.say("eve", marker("0" * 20), thread=two)
    assert listen(github, 1, me=BOT) == (
        Heard(one, names[one], useful=("bob",), wrong=("ada",)),
        Heard(two, names[two], resolved_by="bob", replies=2),
    )


def test_where_we_said_nothing_github_is_asked_once(double: Double, github: GitHub) -> None:
    assert listen(github, 1, me=BOT) == () and len(double.log) == 1


def test_what_we_folded_ourselves_was_put_aside_by_nobody() -> None:
    ours = Posted(1, "n", BOT, f"Fixed in abc.\n\n<!-- ccopilot:settled -->\n\n{marker('a' * 20)}")
    threads = [Thread(1, "ada", frozenset({1}))]
    reactions = {1: [Reaction("ada", "confused")]}
    (heard,) = hear([ours], threads, reactions, writers=frozenset({"ada"}), me=BOT)
    assert heard == Heard(1, ("a" * 20,), wrong=("ada",))
    (folded,) = hear([replace(ours, body=marker("a" * 20))], threads, {}, writers=frozenset(), me=BOT)
    assert folded == Heard(1, ("a" * 20,), folded=True) and folded.dismissed


# --- in sum ---


def fate(outcome: Outcome, **more: object) -> Fate:
    return replace(Fate("f", "c", "k", outcome), **more)  # type: ignore[arg-type]


def test_a_checks_record_counts_what_is_decided() -> None:
    found = [
        fate("applied", fix="d", useful=2), fate("applied", fix="e", wrong=1), fate("fixed_otherwise", fix="f"), fate("ignored"),
        fate("dismissed", wrong=1), fate("dismissed", exempt="waived"), fate("open", wrong=1), replace(fate("open"), check="b"),
    ]  # fmt: skip
    other, record = records(found)
    assert record == Record(
        "c", "k", {"applied": 2, "fixed_otherwise": 1, "ignored": 1, "dismissed": 2, "open": 1}, excepted=1, refuted=2, useful=2,
        wrong=3, patches=3,
    )  # fmt: skip
    assert (record.decided, record.false_positive_rate, record.acceptance_rate) == (5, 2 / 5, 2 / 3)
    assert (other.check, other.decided, other.false_positive_rate, other.acceptance_rate) == ("b", 0, None, None)
    assert [each.said for each in found[:3]] == ["useful", "wrong", ""]


# --- prior evidence ---


def test_an_accepted_patch_is_kept_for_its_own_repository_and_found_by_type_and_control(
    double: Double, github: GitHub, tmp_path: Path
) -> None:
    shown = judge(github)
    push(double, patched(shown, TEXT, KEY))
    before, after = (Snapshot.from_git(double.repository.folder, each) for each in (shown.head, double.pulls[1].head))
    known = fates(shown, judge(github), before=before.read, after=after.read)
    (taken,) = (each for each in known if each.check == KEY)
    (prior,) = accepted(shown, known, scope=SCOPE, number=1)
    assert (prior.types, prior.controls) == (("aws_kms_key",), ("kms-key-rotation",))
    assert "+   enable_key_rotation = true" in prior.passage.text.splitlines()
    assert (prior.passage.source, prior.passage.id) == ("acme/infra#1", f"fix:{taken.fix[:20]}")
    store = Store(tmp_path / "store.sqlite")
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert store.add(prior.passage, added=at, types=prior.types, controls=prior.controls, about=prior.about)
    (kept,) = store.entries(SCOPE)
    assert kept.passage == prior.passage and store.entries(replace(SCOPE, repository="other")) == ()
    (record,) = (each for each in records(known) if each.check == KEY)
    evidence = experience(record, scope=SCOPE)
    assert evidence is not None and evidence.passage.id == f"evidence:record:{KEY}"
    assert "Of 1 finding: mended by the suggested patch as it is, 1; otherwise, 0;" in evidence.passage.text
    assert store.add(evidence.passage, added=at, controls=evidence.controls, about=evidence.about)
    assert experience(records([fate("open")])[0], scope=SCOPE) is None


def test_what_was_called_wrong_was_not_wholly_taken_or_holds_a_secret_teaches_nothing(
    double: Double, github: GitHub
) -> None:
    shown = judge(github)
    (told,) = shown.told_of(KEY)
    taken = Fate(told.fingerprint, KEY, "kms-key-rotation", "applied")
    assert len(accepted(shown, [taken], scope=SCOPE, number=1)) == 1
    for known in ([replace(taken, wrong=1)], [replace(taken, outcome="fixed_otherwise")], []):
        assert accepted(shown, known, scope=SCOPE, number=1) == ()  # type: ignore[arg-type]
    masked = replace(shown, fixes=tuple(replace(each, masked=True) for each in shown.fixes))
    assert accepted(masked, [taken], scope=SCOPE, number=1) == ()
