"""From a command line and a folder to the two trees that are compared and the settings that decide."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from copilot import pipeline, wiring
from copilot.errors import NotARepository, SettingsInvalid, UnknownId, UsageError
from copilot.model import Approved, Withheld
from copilot.policy import PATH
from copilot.scanners import checkov
from copilot.snapshot import Snapshot
from copilot.wiring import Asked, Comparison, compare, settings
from tests.trees import KEY, SSH, Repository, key, write

ONE, TWO = {"main.tf": "# one\n"}, {"main.tf": "# two\n"}


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State of its own for every test; nothing of the person who runs them."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CCOPILOT_HOME", str(folder))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent.parent))
    return folder


def read(compared: Comparison, path: str = "main.tf") -> tuple[bytes | None, bytes | None]:
    return compared.change.before.read(path), compared.change.after.read(path)


# --- trees ---------------------------------------------------------------------------------------------------------


def test_by_default_the_work_tree_is_compared_with_the_merge_base_of_main(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r", ONE)
    repository.git("checkout", "--quiet", "-b", "work")
    repository.commit({"committed.tf": "c"})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"later.tf": "l"})
    repository.git("checkout", "--quiet", "work")
    repository.write({**TWO, "untracked.tf": "u", "ignored.tf": "i", ".gitignore": "ignored.tf\n"})
    compared = compare(repository.folder, "", "")
    assert read(compared) == (b"# one\n", b"# two\n")
    assert compared.change.paths == {"main.tf", "committed.tf", "untracked.tf", ".gitignore"}
    assert (compared.base.split(" ")[0], compared.head, compared.subject, compared.under) == (
        "main",
        "work tree",
        "r",
        "",
    )


def test_two_revisions_are_compared_from_their_merge_base(tmp_path: Path) -> None:
    repository = Repository(tmp_path, ONE)
    first = repository.git("rev-parse", "HEAD")
    second = repository.commit(TWO)
    repository.write({"main.tf": "# not committed\n"})
    compared = compare(tmp_path, first, second)
    assert (read(compared), compared.head) == ((b"# one\n", b"# two\n"), second)
    assert read(compare(tmp_path, second, first)) == (b"# one\n", b"# one\n")


def test_two_folders_need_no_repository(tmp_path: Path) -> None:
    base, head = write(tmp_path / "base", ONE), write(tmp_path / "head", TWO)
    assert read(compare(Path(), str(base), str(head))) == (b"# one\n", b"# two\n")
    assert read(compare(head, str(base), "")) == (b"# one\n", b"# two\n")


def test_a_folder_named_by_a_relative_path_may_be_compared_with_an_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"base/main.tf": "# one\n", "head/main.tf": "# two\n"})
    monkeypatch.chdir(tmp_path)
    compared = compare(Path(), "base", str(tmp_path / "head"))
    assert (read(compared), compared.subject) == ((b"# one\n", b"# two\n"), "two folders")


def test_a_bare_name_that_is_both_means_the_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository(tmp_path, {**ONE, "main/main.tf": "# the folder\n"})
    repository.write(TWO)
    monkeypatch.chdir(tmp_path)
    assert read(compare(Path(), "main", "")) == (b"# one\n", b"# two\n")
    assert read(compare(Path(), "./main", "")) == (b"# the folder\n", b"# two\n")


def test_a_detached_head_and_a_subfolder_are_fine(tmp_path: Path) -> None:
    repository = Repository(tmp_path, {**ONE, "a/b/main.tf": "x"})
    repository.git("checkout", "--quiet", "--detach")
    repository.write({"a/b/main.tf": "y"})
    compared = compare(tmp_path / "a" / "b", "", "")
    assert (compared.under, read(compared, "a/b/main.tf")) == ("a/b", (b"x", b"y"))


def test_the_remotes_head_is_the_default_branch(tmp_path: Path) -> None:
    origin = Repository(tmp_path / "origin", ONE, branch="trunk")
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(origin.folder))
    clone.git("fetch", "--quiet", "origin")
    clone.git("remote", "set-head", "origin", "trunk")
    clone.git("checkout", "--quiet", "-b", "work", "origin/trunk")
    clone.write(TWO)
    assert compare(clone.folder, "", "").base.startswith("origin/trunk (")


def test_installed_modules_stand_on_both_sides(tmp_path: Path) -> None:
    repository = Repository(tmp_path, {**ONE, ".gitignore": ".terraform\n"})
    repository.write({".terraform/modules/m/main.tf": "m", **TWO})
    compared = compare(tmp_path, "", "")
    assert read(compared, ".terraform/modules/m/main.tf") == (b"m", b"m")
    assert compared.change.paths == {"main.tf"}


def said(path: Path, base: str = "", head: str = "") -> str:
    with pytest.raises(UsageError) as caught:
        compare(path, base, head)
    assert caught.value.exit_code == 3
    assert caught.value.hint
    return str(caught.value)


def test_what_cannot_be_compared_says_why(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain", ONE)
    assert said(plain) == f"{plain}: not inside a git work tree"
    repository = Repository(tmp_path / "r", {**ONE, "a/main.tf": ""}, branch="odd").folder
    assert said(repository) == "there is no default branch to compare with"
    assert said(repository, "odd2") == "odd2: there is no such revision here"
    assert said(repository, "odd", "--all") == "--all: there is no such revision here"
    assert said(repository / "main.tf", "odd") == f"{repository / 'main.tf'}: not a folder"
    assert (
        said(repository / "nowhere", "odd")
        == f"{repository / 'nowhere'}: there is no such folder on either side of the change"
    )
    assert said(repository, str(plain), "odd2") == "--head odd2: not a folder, as --base is"
    empty = Repository(tmp_path / "empty").folder
    assert said(empty, "main") == "HEAD: there is no such revision here"


def test_histories_without_a_common_commit_are_told_so(tmp_path: Path) -> None:
    repository = Repository(tmp_path, ONE)
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit(TWO)
    assert said(tmp_path, "main") == "main and HEAD have no commit in common"


def test_a_shallow_clone_is_told_what_to_fetch(tmp_path: Path) -> None:
    origin = Repository(tmp_path / "o", ONE)
    origin.git("checkout", "--quiet", "-b", "work")
    origin.commit(TWO)
    origin.git("checkout", "--quiet", "main")
    origin.commit({"more.tf": ""})
    clone = Repository(tmp_path / "c")
    clone.git("fetch", "--quiet", "--depth=1", f"file://{origin.folder}", "main:main2", "work:work")
    clone.git("checkout", "--quiet", "work")
    with pytest.raises(UsageError) as caught:
        compare(clone.folder, "main2", "")
    assert "git fetch --unshallow" in caught.value.hint


# --- settings ------------------------------------------------------------------------------------------------------


def test_ids_of_peers_are_resolved_and_unknown_ones_refused() -> None:
    tree = Snapshot.of(ONE)
    assert settings(Asked(checks=("CKV_AWS_7",), skip=(SSH,)), tree).only == {KEY}
    with pytest.raises(UnknownId, match="CKV_AWS_999999"):
        settings(Asked(checks=("CKV_AWS_999999",)), tree)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked(severity="awful"), "--severity: 'awful' is not one of critical, high, medium, low"),
        (Asked(fail_on="never"), "--fail-on: 'never' is not one of critical, high, medium, low"),
        (Asked(now="2026-11-31"), "--now 2026-11-31: not a date"),
        (Asked(now="2026-11-23rubbish"), "--now 2026-11-23rubbish: not a date"),
        (Asked(environment="prod"), "--environment prod names what --var-file or --plan says, and neither is given"),
        (Asked(var_files=("nope.tfvars",)), "--var-file nope.tfvars: there is no such file in ."),
        (Asked(policy=Path("nope.yaml")), "nope.yaml: No such file or directory"),
        (Asked(baseline=Path("nope.json")), "nope.json: No such file or directory"),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_its_name(asked: Asked, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings(asked, Snapshot.of(ONE))
    assert str(caught.value) == message


def test_now_is_a_day_or_a_moment() -> None:
    days = [
        settings(Asked(now=now), Snapshot.of(ONE)).today.isoformat() for now in ("2026-12-01", "2026-12-01T10:00:00Z")
    ]
    assert days == ["2026-12-01"] * 2


def test_variable_files_are_named_from_here_or_from_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "infra", {**ONE, "prod.tfvars": "", "env/dev.tfvars": ""})
    monkeypatch.chdir(tmp_path)
    tree = Snapshot.from_folder(folder)
    for given, found in (("infra/prod.tfvars", "prod.tfvars"), ("env/dev.tfvars", "env/dev.tfvars")):
        (root,) = settings(Asked(var_files=(given,), environment="e", folder=Path("infra")), tree).roots
        assert (root.environment, root.var_files) == ("e", (found,))


def test_a_policy_that_does_not_read_is_refused_on_either_side() -> None:
    good, broken = Snapshot.of({PATH: "version: 1\n"}), Snapshot.of({PATH: "version: 1\nenforcment: observe\n"})
    for tree, proposed in ((broken, None), (good, broken)):
        with pytest.raises(SettingsInvalid, match=r"^\.compliance/copilot\.yaml:2: there is no field 'enforcment'"):
            settings(Asked(), tree, proposed=proposed)
    assert settings(Asked(), good, proposed=good).policy.version == 1


OWN = """id: own-queue-name
title: Queues are named
message: has no name
rationale: We look for them by name.
control: encryption-at-rest-storage
severity: low
subject: {types: [aws_sqs_queue]}
must: {path: name, present: true}
"""


def test_checks_of_the_repository_are_those_of_the_tree_that_decides() -> None:
    path = ".compliance/checks/own-queue-name/check.yaml"
    known = settings(Asked(), Snapshot.of({path: OWN})).library
    assert known.checks["own-queue-name"].title == "Queues are named"
    changed = settings(Asked(), Snapshot.of({path: OWN.replace("Queues", "All queues")})).library
    assert changed.checks["own-queue-name"].title == "All queues are named"
    assert changed.digest != known.digest != settings(Asked(), Snapshot.of(ONE)).library.digest
    assert "own-queue-name" not in settings(Asked(), Snapshot.of(ONE)).library.checks


@pytest.mark.parametrize("text", [OWN.replace("must:", "mist:"), OWN + "x: [", OWN.replace("own-queue-name", KEY)])
def test_a_check_of_the_repository_that_does_not_read_is_the_persons_business(text: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        settings(Asked(), Snapshot.of({".compliance/checks/own/check.yaml": text}))
    assert (caught.value.exit_code, "checks/own/check.yaml" in str(caught.value)) == (3, True)


def test_state_lives_where_it_is_told_to(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (wiring.home(), wiring.cache()) == (home, home / "cache")
    monkeypatch.delenv("CCOPILOT_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/x")
    assert wiring.home() == (Path("/x/ccopilot") if sys.platform != "darwin" else wiring.home())


def test_what_the_controls_say_is_remembered_and_a_broken_memory_is_no_obstacle(home: Path) -> None:
    check = wiring.library().checks[KEY]
    first = wiring.summaries([check])
    store = home / "cache" / "controls.json"
    assert store.exists()
    for broken in ("", "{", "[]", f'{{"{check.control}": 3}}', f'{{"{check.control}": ["", "t", {{"f": 3}}]}}'):
        store.write_text(broken)
        assert wiring.summaries([check]) == first


def test_a_comparison_knows_who_is_asked() -> None:
    with pytest.raises(NotARepository):
        compare(Path("/"), "", "")


def test_a_second_opinion_that_the_policy_demands_withholds_every_draft_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(checkov.VARIABLE, "")
    found = {}
    for wanted in ("optional", "required"):
        tree = Snapshot.of(
            {"main.tf": key(), ".compliance/copilot.yaml": f"version: 1\nsecond_opinion: {wanted}\n"}
        )  # fmt: skip
        done = pipeline.scan(tree, wiring.settings(Asked(checks=("aws-kms-key-rotation",)), tree), subject="t")
        (found[wanted],) = done.review.remedies.values()
    assert isinstance(found["optional"], Approved)
    assert isinstance(found["required"], Withheld)
    assert found["required"].reason == "second_opinion: the policy wants a second opinion; there is no Checkov here"
