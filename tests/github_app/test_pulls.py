"""A patch or a waiver becomes one commit on a branch of ours and one pull request, exactly as proved, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot import waivers
from copilot.model import Edit
from copilot.waivers import Waiver
from github_app.client import GitHub
from github_app.judged import Fix, Judged, Told
from github_app.pulls import Declined, Granted, Opened, added, discounted, fix, granted, waive
from tests.github_app.double import BOT, Double
from tests.github_app.judging import WRITING, judge
from tests.trees import TODAY, library

UNTIL = date(2026, 12, 24)
PATH = waivers.PATH
ROTATED = '-  description = "k"\n+  description         = "k"\n+  enable_key_rotation = true'


@pytest.fixture
def github(double: Double) -> GitHub:
    """The repository through a token that may write contents."""
    double.tokens["writer"] = dict(WRITING)
    return GitHub(double.name, lambda: "writer", base_url=double.url, timeout=5)


def rotation(judged: Judged) -> tuple[Fix, ...]:
    return tuple(each for each in judged.fixes if not each.replaces)


def fixed(github: GitHub, judged: Judged, fixes: tuple[Fix, ...] | None = None) -> Opened | Declined:
    return fix(github, github.pull(1), judged, rotation(judged) if fixes is None else fixes, asker="ada", me=BOT)


def changed(double: Double, base: str, commit: str) -> dict[str, str]:
    """The lines that a commit adds and takes away, by path."""
    names = double.git("diff", "--name-only", base, commit).decode().split("\n")[:-1]
    out = {}
    for name in names:
        lines = double.git("diff", "-U0", base, commit, "--", name).decode().split("\n")
        out[name] = "\n".join(x for x in lines if x[:1] in "+-" and x[:3] not in ("+++", "---")).strip()
    return out


# --- fixes ---


def test_a_fix_is_one_commit_on_the_head_and_a_pull_request_into_its_branch(double: Double, github: GitHub) -> None:
    head = double.pulls[1].head
    made = fixed(github, judge(github))
    assert isinstance(made, Opened) and made.branch.startswith("ccopilot/fix-pr-1-")
    assert double.git("rev-parse", f"{made.commit}^").decode().strip() == head
    assert changed(double, head, made.commit) == {"main.tf": ROTATED}
    opened = double.pulls[made.number]
    assert (opened.head, opened.head_ref, opened.base_ref, made.base) == (
        made.commit,
        made.branch,
        "feature",
        "feature",
    )
    assert opened.title == "Settle 1 finding of compliance checks in #1"
    assert "`aws_kms_key.k` at `main.tf:6`; control `kms-key-rotation`" in opened.body and "Proved: " in opened.body
    message = double.git("log", "-1", "--format=%B", made.commit).decode()
    assert "- aws-kms-key-rotation (control kms-key-rotation), finding " in message and "@" not in message
    assert double.tip("feature") == head


def test_asked_for_again_it_is_the_same_branch_and_pull_request(double: Double, github: GitHub) -> None:
    judged = judge(github)
    made = fixed(github, judged)
    assert isinstance(made, Opened)
    before = len(double.writes)
    assert fixed(github, judged) == replace(made, existed=True)
    assert len(double.writes) == before
    double.pulls[made.number].state = "closed"
    assert fixed(github, judged) == Declined(f"#{made.number} had them, and was closed", made.number)


def test_a_branch_of_that_name_with_something_else_is_left_alone(double: Double, github: GitHub) -> None:
    judged = judge(github)
    made = fixed(github, judged)
    assert isinstance(made, Opened)
    del double.pulls[made.number]
    double.git("update-ref", f"refs/heads/{made.branch}", double.tip("main"))
    said = fixed(github, judged)
    assert isinstance(said, Declined) and said.reason.endswith("holds something else; delete it, and ask again")
    assert double.tip(made.branch) == double.tip("main")


def test_what_was_committed_before_a_crash_is_gone_on_with(double: Double, github: GitHub) -> None:
    judged = judge(github)
    made = fixed(github, judged)
    assert isinstance(made, Opened)
    del double.pulls[made.number]
    assert fixed(github, judged) == made
    assert double.tip(made.branch) == made.commit


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"fork": True}, "the branch lies in a fork"),
        ({"state": "closed"}, "this pull request is closed"),
    ],
)
def test_for_a_fork_or_a_closed_pull_request_nothing_is_made(
    double: Double, github: GitHub, about: dict[str, object], reason: str
) -> None:
    judged = judge(github)
    for name, value in about.items():
        setattr(double.pulls[1], name, value)
    said = fixed(github, judged)
    assert isinstance(said, Declined) and said.reason.startswith(reason)
    assert double.writes == []


def test_for_a_head_that_moved_on_nothing_is_made(double: Double, github: GitHub) -> None:
    judged, pull = judge(github), github.pull(1)
    double.pulls[1].head = double.repository.commit({"README.md": "more\n"})
    said = fixed(github, judged)
    assert isinstance(said, Declined) and "is not judged yet" in said.reason
    late = fix(github, pull, judged, rotation(judged), asker="ada", me=BOT)
    assert isinstance(late, Declined) and late.reason.startswith("the branch moved on from ")
    assert double.writes == []


def test_a_patch_that_replaces_a_resource_is_never_made_a_commit(double: Double, github: GitHub) -> None:
    judged = judge(github)
    said = fixed(github, judged, judged.fixes)
    assert isinstance(said, Declined) and "destroy and make anew aws_ebs_volume.new" in said.reason
    assert double.writes == []


def test_edits_that_are_not_of_this_commit_or_overlap_are_refused(double: Double, github: GitHub) -> None:
    judged = judge(github)
    (known,) = rotation(judged)
    wrong = replace(known, edits=(Edit("main.tf", "nowhere to be found", "x"),))
    said = fixed(github, judged, (wrong,))
    assert isinstance(said, Declined) and said.reason.startswith("a patch does not apply to this commit: main.tf")
    other = replace(known, edits=(Edit("main.tf", '  description = "k"\n', '  description = "other"\n'),))
    third = replace(known, edits=(Edit("main.tf", '  description = "k"\n', ""),))
    said = fixed(github, judged, (other, third))
    assert isinstance(said, Declined) and said.reason.startswith("the patches change the same lines in different ways")
    assert double.writes == []


def test_several_patches_are_one_commit_over_files_new_ones_and_their_modes(double: Double, github: GitHub) -> None:
    top = double.repository.folder
    double.repository.write({"run.sh": "#!/bin/sh\r\necho old\r\n"})
    (top / "run.sh").chmod(0o755)
    double.pulls[1].head = head = double.repository.commit()
    judged = judge(github)
    (known,) = rotation(judged)
    more = (
        replace(known, edits=(Edit("run.sh", "echo old\r\n", "echo new\r\n"),)),
        replace(known, edits=(Edit("deep/new.tf", "", "# new\n"), Edit("README.md", "text\n", None))),
    )
    made = fixed(github, judged, (known, *more))
    assert isinstance(made, Opened)
    assert changed(double, head, made.commit) == {
        "README.md": "-text", "deep/new.tf": "+# new", "main.tf": ROTATED,
        "run.sh": "-echo old\r\n+echo new",
    }  # fmt: skip
    assert double.git("ls-tree", made.commit, "run.sh").startswith(b"100755 ")


def test_a_link_is_not_written_through(double: Double, github: GitHub) -> None:
    (double.repository.folder / "link.tf").symlink_to("main.tf")
    double.pulls[1].head = double.repository.commit()
    judged = judge(github)
    (known,) = rotation(judged)
    through = replace(known, edits=(Edit("link.tf", '"aws_kms_key" "k"', '"aws_kms_key" "l"'),))
    assert fixed(github, judged, (through,)) == Declined("link.tf is a link or a submodule, which is not changed")


def test_what_the_repository_says_pings_nobody_from_a_title_a_message_or_a_body(double: Double, github: GitHub) -> None:
    judged = judge(github)
    (known,) = rotation(judged)
    (told,) = (each for each in judged.told if each.fingerprint in known.findings)
    hostile = replace(
        told, check="own @eve fixes #1", message="@everyone <img src=x>", address="aws_kms_key.k` @eve",
        control="c\n\nCo-authored-by: eve",
    )  # fmt: skip
    made = fixed(
        github,
        replace(judged, told=(hostile,)),
        (replace(known, summary="@everyone " + "long " * 30_000, proof="@eve"),),
    )
    assert isinstance(made, Opened)
    body, message = double.pulls[made.number].body, double.git("log", "-1", "--format=%B", made.commit).decode()
    assert len(body) < 65_536 and " @eve" not in body.replace("`` aws_kms_key.k` @eve ``", "")
    assert "@" not in message and "#" not in message and "\nCo-authored-by" not in message


# --- waivers ---


def told_of(judged: Judged, check: str = "aws-kms-key-rotation") -> Told:
    (found,) = judged.told_of(check)
    return found


def waived(github: GitHub, told: Told, **more: object) -> Opened | Declined:
    given: dict[str, object] = {"until": UNTIL, "reason": "the vendor ships it", "asker": "ada", "today": TODAY, "comment": 7,
                                "me": BOT, "resolve": library().resolve}  # fmt: skip
    return waive(github, 1, told, **{**given, **more})  # type: ignore[arg-type]


def on_main(double: Double, text: str | bytes) -> None:
    double.repository.git("checkout", "--quiet", "main")
    double.repository.commit({PATH: text})


def test_a_waiver_is_a_pull_request_into_the_default_branch_that_adds_it_and_nothing_else(
    double: Double, github: GitHub
) -> None:
    made = waived(github, told_of(judge(github)))
    assert isinstance(made, Opened) and (made.branch, made.base, made.asker) == ("ccopilot/waive-pr-1-7", "main", "ada")
    assert list(changed(double, "main", made.commit)) == [PATH]
    assert double.git("show", f"{made.commit}:{PATH}").decode() == (
        'version: 1\nwaivers:\n  - check: "aws-kms-key-rotation"\n    address: "aws_kms_key.k"\n    root: "."\n'
        '    until: 2026-12-24\n    reason: "the vendor ships it"\n    owner: "ada"\n'
    )
    opened = double.pulls[made.number]
    assert opened.title == "Waive aws-kms-key-rotation until 2026-12-24"
    assert "`ada` asks in #1 to accept this until 2026-12-24 (32 days)" in opened.body
    assert "Reason: the vendor ships it" in opened.body
    assert waived(github, told_of(judge(github))) == replace(made, existed=True)


FILE = """\
# Who waives what.
version: 1   # the format
waivers:
- {check: CKV_AWS_27, address: aws_sqs_queue.q, until: 2026-12-31, reason: "it's fine", owner: platform}   # a note

-   owner: 'platform'
    check: own-check
    address: module.a.aws_sqs_queue.q
    until: 2025-01-01
    reason: >
      over long
      since
# the end"""


@pytest.mark.parametrize("text", [FILE, FILE + "\n", FILE.replace("\n", "\r\n"), "version: 1\nwaivers: []\n", "version: 1\n",
                                  '{"version": 1, "waivers": []}\n'])  # fmt: skip
def test_every_byte_of_the_file_that_was_there_stays(double: Double, github: GitHub, text: str) -> None:
    told = told_of(judge(github))
    on_main(double, text.encode())
    made = waived(github, told)
    assert isinstance(made, Opened), made
    after = double.git("show", f"{made.commit}:{PATH}")
    assert made.waiver is not None
    found, before = waivers.parse(after), waivers.parse(text.encode())
    assert found[:-1] == before and replace(found[-1], line=1) == made.waiver
    assert waivers.parse(discounted(after, [made.waiver])) == before
    if before:
        removed = [x for x in changed(double, "main", made.commit)[PATH].split("\n") if x.startswith("-")]
        assert removed in ([], ["-# the end"])  # the line that had no end has one now
    if text.endswith("end\n"):
        assert discounted(after, [made.waiver]) == text.encode()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"until": date(2026, 11, 22)}, "2026-11-22 is past"),
        ({"reason": " \u202e\u200b\x00 "}, "a waiver has a reason"),
        ({"reason": "x" * 301}, "a reason has 300 characters at most, and this one has 301"),
    ],
)
def test_a_waiver_that_will_not_do_is_refused(
    double: Double, github: GitHub, more: dict[str, object], reason: str
) -> None:
    assert waived(github, told_of(judge(github)), **more) == Declined(reason)
    assert double.writes == []


def test_today_is_a_day_until_which_something_can_be_waived(double: Double, github: GitHub) -> None:
    assert isinstance(waived(github, told_of(judge(github)), until=TODAY), Opened)


def test_the_same_waiver_twice_is_refused_with_the_reason(double: Double, github: GitHub) -> None:
    told = told_of(judge(github))
    first = waived(github, told)
    assert isinstance(first, Opened)
    assert waived(github, told, comment=8) == Declined("a waiver of it is asked for already in #2", 2)
    double.merge(2)
    assert waived(github, told, comment=9) == Declined(f"it is waived already until {UNTIL}, in {PATH}:3")
    later = waived(github, told, comment=9, today=date(2027, 1, 1), until=date(2027, 2, 1))
    assert isinstance(later, Declined) and later.reason.startswith(f"{PATH}:3 waived it until {UNTIL}: change the date")


def test_a_waiver_by_a_peers_id_or_for_every_root_is_the_same_one(double: Double, github: GitHub) -> None:
    told = told_of(judge(github))
    on_main(
        double,
        "version: 1\nwaivers:\n- {check: CKV_AWS_7, address: aws_kms_key.k, until: 2026-12-01, reason: r, owner: o}\n",
    )
    assert waived(github, told) == Declined(f"it is waived already until 2026-12-01, in {PATH}:3")


@pytest.mark.parametrize("text", ["version: 2\n", "version: 1\nwaivers: 7\n", "version: 1\nwaivers:\n", "a: [\n"])
def test_a_file_that_does_not_read_is_not_written_to(double: Double, github: GitHub, text: str) -> None:
    told = told_of(judge(github))
    on_main(double, text)
    said = waived(github, told)
    assert isinstance(said, Declined) and said.reason.startswith(f"{PATH}:")
    assert double.writes == []


def test_the_default_branch_may_move_between_a_crash_and_the_next_try(double: Double, github: GitHub) -> None:
    told = told_of(judge(github))
    made = waived(github, told)
    assert isinstance(made, Opened)
    del double.pulls[made.number]
    double.repository.git("checkout", "--quiet", "main")
    double.repository.commit({"other.md": "x\n"})
    assert waived(github, told) == made


def test_what_is_exempt_or_undecided_needs_no_waiver(double: Double, github: GitHub) -> None:
    told = told_of(judge(github))
    assert waived(github, replace(told, exempt="suppressed", exempt_note="by a comment")) == Declined(
        "it does not count as it is: by a comment"
    )
    assert isinstance(waived(github, replace(told, status="undecided")), Declined)
    assert isinstance(waived(github, replace(told, address='a["[secret]"]')), Declined)


@given(st.text(max_size=120), st.text("ab\n\r\t\"'\\{}[]:#&*!|>%@`-", max_size=40))
def test_a_reason_is_data_whatever_it_holds(reason: str, awkward: str) -> None:
    for said in (reason, awkward):
        clean = " ".join("".join(c if c.isprintable() else " " for c in said).split()) or "r"
        asked = Waiver("c", ("c",), 'module.a["x"].r.n', UNTIL, clean, "ada", "a/b")
        for before in (
            None,
            b"version: 1\nwaivers:\n  - {check: d, address: a, until: 2026-12-31, reason: r, owner: o}\n",
        ):
            after = added(before, asked, resolve=lambda name: (name,), today=TODAY)
            assert isinstance(after, bytes)
            assert replace(waivers.parse(after)[-1], line=1) == asked


# --- how it was granted ---


@pytest.fixture
def asked(double: Double, github: GitHub) -> Opened:
    on_main(double, "version: 1\nwaivers: []\n")
    double.repository.commit({"CODEOWNERS": "/.compliance/ @ada @bob\n"})
    double.repository.git("checkout", "--quiet", "feature")
    double.people.update(ada="write", bob="write")
    made = waived(github, told_of(judge(github)))
    assert isinstance(made, Opened)
    return made


def test_a_waiver_is_granted_by_another_owner_and_a_merge(double: Double, github: GitHub, asked: Opened) -> None:
    assert granted(github, asked, me=BOT).state == "open"
    double.vote("bob", number=asked.number)
    double.merge(asked.number)
    found = granted(github, asked, me=BOT)
    assert (
        found.counts
        and found.approval is not None
        and (found.approval.by, found.approval.commit) == ("bob", asked.commit)
    )
    assert found.note == f"#{asked.number} was approved by bob, @bob in CODEOWNERS:1"


def test_a_waiver_that_was_merged_unapproved_does_not_count_and_is_taken_out_of_what_is_judged(
    double: Double, github: GitHub, asked: Opened
) -> None:
    double.vote("ada", number=asked.number)
    double.merge(asked.number)
    found = granted(github, asked, me=BOT)
    assert (found.state, found.counts) == ("unapproved", False)
    assert found.note.startswith(f"#{asked.number} was merged, and no owner of {PATH} (@ada, @bob) other than")
    assert asked.waiver is not None
    data = github.file(PATH, "main")
    assert data is not None and waivers.parse(discounted(data, [asked.waiver])) == ()
    assert discounted(data, [replace(asked.waiver, reason="another")]) == data
    assert discounted(b"version: 7\n", [asked.waiver]) == b"version: 7\n"
    shared = b"version: 1\nwaivers: [&a {check: aws-kms-key-rotation, address: aws_kms_key.k, root: ., until: 2026-12-24, reason: the vendor ships it, owner: ada}]\n"
    assert waivers.parse(discounted(shared, [asked.waiver])) == ()


def test_a_waiver_that_somebody_changed_on_the_way_is_not_the_one_that_was_asked_for(
    double: Double, github: GitHub, asked: Opened
) -> None:
    double.repository.git("checkout", "--quiet", asked.branch)
    double.pulls[asked.number].head = double.repository.commit({PATH: "version: 1\nwaivers: []\n# x\n"})
    double.vote("bob", number=asked.number)
    double.merge(asked.number)
    assert granted(github, asked, me=BOT).state == "unapproved"


def test_a_waiver_that_was_closed_is_none_and_without_owners_the_merge_decides(
    double: Double, github: GitHub, asked: Opened
) -> None:
    double.pulls[asked.number].state = "closed"
    assert granted(github, asked, me=BOT) == Granted("closed", f"#{asked.number} was closed")
    double.merge(asked.number)
    double.repository.git("checkout", "--quiet", "main")
    double.repository.git("reset", "--quiet", "--hard")
    double.repository.commit(removed=("CODEOWNERS",))
    found = granted(github, asked, me=BOT)
    assert found.counts and found.note.endswith("no line of CODEOWNERS names an owner for it")


def test_pull_requests_of_others_from_a_branch_of_that_name_are_not_ours(double: Double, github: GitHub) -> None:
    judged = judge(github)
    made = fixed(github, judged)
    assert isinstance(made, Opened)
    double.pulls[made.number].author = "eve"
    said = fixed(github, judged)
    assert isinstance(said, Declined) and "GitHub takes no pull request from it" in said.reason
