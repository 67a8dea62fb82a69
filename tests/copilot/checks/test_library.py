"""What the library holds, finds and refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from copilot.checks import library
from copilot.checks.language import Leaf
from copilot.checks.library import Library, load_from
from copilot.errors import CorpusInvalid, UnknownId
from tests.builders import check_data

MUST = {"path": "a", "equals": True, "absent": False}
FAMILY = {
    **{key: item for key, item in check_data(MUST).items() if key not in ("id", "subject", "must")},
    "title": "${type} is right",
    "severity": "${severity}",
    "subject": {"types": ["${type}"]},
    "must": {"path": "${path}", "equals": "${wanted}", "absent": False},
    "peers": "${peers}",
    "rows": [
        {"id": "row-one", "type": "aws_one", "severity": "low", "path": "a.b", "wanted": True, "peers": ["P_1"]},
        {"id": "row-two", "type": "aws_two", "severity": "high", "path": "c", "wanted": 7, "peers": []},
    ],
}


def write(root: Path, **files: Any) -> Path:
    """A folder of checks: each keyword is a folder's name, each value its data (a family where it has rows) or YAML."""
    for name, data in files.items():
        folder = root / "checks" / "aws" / name
        folder.mkdir(parents=True)
        family = isinstance(data, dict) and "rows" in data
        text = data if isinstance(data, str) else yaml.safe_dump(data)
        (folder / ("family.yaml" if family else "check.yaml")).write_text(text)
    return root / "checks"


def of(root: Path, **files: Any) -> Library:
    return load_from([write(root, **files)])


def refusal(root: Path, **files: Any) -> str:
    """What is said of the first fault, with paths from the folder of checks on."""
    folder = write(root, **files)
    with pytest.raises(CorpusInvalid) as caught:
        tuple(load_from([folder]).checks.values())
    return str(caught.value).replace(f"{root.name}/", "")


def test_a_check_is_found_by_its_id_and_by_the_ids_of_peers_in_any_case(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        one=check_data(MUST, id="one", peers=["CKV_AWS_1", "SHARED-1"]),
        two=check_data(MUST, id="two", peers=["SHARED-1"]),
    )
    assert found.resolve("ONE") == ("one",)
    assert found.resolve("ckv_aws_1") == ("one",)
    assert found.resolve("Shared-1") == ("one", "two")


def test_an_unknown_id_is_answered_with_those_that_come_close(tmp_path: Path) -> None:
    found = of(tmp_path, one=check_data(MUST, id="queue-encrypted", peers=["CKV_AWS_27"]))
    with pytest.raises(UnknownId, match=r"^no check is known as 'queue-encryptet'; near are queue-encrypted$"):
        found.resolve("queue-encryptet")
    with pytest.raises(UnknownId, match=r"^no check is known as 'zzz'$"):
        found.resolve("zzz")


@pytest.mark.parametrize(
    ("subject", "types"),
    [
        ({"types": ["aws_a"]}, ["aws_a"]),
        ({"data": ["aws_a"]}, ["data.aws_a"]),
        ({"providers": ["aws"]}, ["aws_anything"]),
        ({"kinds": ["Deployment"]}, ["Deployment"]),
        ({"types": ["$pod"]}, ["CronJob"]),
        ({"types": ["$container"]}, ["Pod"]),
        ({"blocks": ["provider.aws"]}, ["provider.aws"]),
        ({"root": ["aws_a"]}, ["aws_a"]),
    ],
)
def test_the_checks_for_a_world_are_found_by_its_types(tmp_path: Path, subject: Any, types: list[str]) -> None:
    found = of(
        tmp_path, one=check_data(MUST, id="one", subject=subject), other=check_data(MUST, "google_z", id="other")
    )
    assert [check.id for check in found.for_types(types)] == ["one"]
    assert found.for_types(["nothing_of_ours"]) == ()


def test_a_family_makes_a_check_of_every_row(tmp_path: Path) -> None:
    found = of(tmp_path, family=FAMILY)
    one, two = found.checks["row-one"], found.checks["row-two"]
    assert (one.title, str(one.severity), one.subject.names, one.peers) == (
        "aws_one is right",
        "low",
        ("aws_one",),
        ("P_1",),
    )
    assert isinstance(one.must, Leaf)
    assert isinstance(two.must, Leaf)
    assert (one.must.operand, two.must.operand) == (True, 7)
    assert (one.must.paths[0].text, two.peers) == ("a.b", ())


def test_a_row_must_fill_every_placeholder_and_nothing_else(tmp_path: Path) -> None:
    row = {"id": "row", "type": "t", "severity": "low", "path": "a", "wanted": 1, "peers": []}
    less = {key: item for key, item in row.items() if key != "path"}
    assert (
        refusal(tmp_path / "a", f={**FAMILY, "rows": [less]})
        == "checks/aws/f/family.yaml: rows[0]: says nothing of ${path}"
    )
    assert refusal(tmp_path / "b", f={**FAMILY, "rows": [{**row, "when": {}}]}) == (
        "checks/aws/f/family.yaml: rows[0]: when stands in no placeholder"
    )
    assert (
        refusal(tmp_path / "c", f={**FAMILY, "rows": [{"type": "t"}]})
        == "checks/aws/f/family.yaml: rows[0].id: is missing"
    )


def test_the_examples_of_a_check_lie_beside_it_and_those_of_a_row_in_its_own_folder(tmp_path: Path) -> None:
    folder = write(tmp_path, one=check_data(MUST, id="one"), family=FAMILY)
    for name in (
        "one/good/b.tf",
        "one/good/a.tf",
        "one/bad/root/main.tf",
        "one/bad/.hidden",
        "family/row-one/bad/x.tf",
    ):
        path = folder / "aws" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    found = load_from([folder])
    beside = folder / "aws" / "one"
    assert found.examples("one") == ((beside / "good/a.tf", beside / "good/b.tf"), (beside / "bad/root",), ())
    assert found.examples("row-one") == ((), (folder / "aws/family/row-one/bad/x.tf",), ())


def test_rego_is_read_from_beside_the_check(tmp_path: Path) -> None:
    folder = write(tmp_path, one=check_data({"rego": True}, id="one"))
    (folder / "aws/one/policy.rego").write_text("package ccopilot.check")
    assert load_from([folder]).checks["one"].must.source == "package ccopilot.check"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: one\nid: two\n", "checks/aws/x/check.yaml:2: id stands twice"),
        ("id: [\n", "checks/aws/x/check.yaml:2: did not find expected node content"),
        ("title: x\n", "checks/aws/x/check.yaml: id: is missing"),
        ("- a\n", "checks/aws/x/check.yaml: id: is missing"),
        (
            "id: one\ntitle: !!python/object:os.system x\n",
            "checks/aws/x/check.yaml:2: could not determine a constructor",
        ),
        (
            yaml.safe_dump(check_data({"path": "a", "equals": 1}, id="one")),
            "checks/aws/x/check.yaml: must.absent: is missing",
        ),
    ],
)
def test_a_file_that_does_not_read_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, x=text).startswith(message)


def test_two_checks_of_one_id_are_refused(tmp_path: Path) -> None:
    same = check_data(MUST, id="one")
    assert (
        refusal(tmp_path, a=same, b=same) == "checks/aws/b/check.yaml: id: one is the id of checks/aws/a/check.yaml too"
    )


def test_checks_of_a_repository_join_those_that_ship(tmp_path: Path) -> None:
    ours = write(tmp_path / "ours", one=check_data(MUST, id="one"))
    theirs = write(tmp_path / "theirs", two=check_data(MUST, id="two"))
    assert list(load_from([ours, theirs, tmp_path / "missing"]).checks) == ["one", "two"]


# --- the cache ----------------------------------------------------------------------------------------------------


def test_what_was_read_is_taken_from_the_cache_while_no_file_changes(tmp_path: Path) -> None:
    folder, cache = write(tmp_path, one=check_data(MUST, id="one"), family=FAMILY), tmp_path / "cache"
    first = load_from([folder], cache=cache)
    [kept] = cache.iterdir()
    kept.write_text(kept.read_text().replace("Things are right", "From the cache"))
    second = load_from([folder], cache=cache)
    assert second.checks["one"].title == "From the cache"
    assert list(second.checks) == list(first.checks)
    assert second.by_type == first.by_type


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    folder, cache = write(tmp_path, one=check_data(MUST, id="one")), tmp_path / "cache"
    before = load_from([folder], cache=cache)
    path = folder / "aws/one/check.yaml"
    path.write_text(yaml.safe_dump(check_data(MUST, id="one", title="Other things")))
    os.utime(path, ns=(1, 1))
    after = load_from([folder], cache=cache)
    assert (after.checks["one"].title, after.digest == before.digest) == ("Other things", False)


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        '{"format": 1}',
        '{"format": 0, "digest": "", "checks": []}',
        '{"format": 1, "digest": "", "checks": [1]}',
    ],
)
def test_a_damaged_cache_is_ignored(tmp_path: Path, damage: str) -> None:
    folder, cache = write(tmp_path, one=check_data(MUST, id="one")), tmp_path / "cache"
    whole = load_from([folder], cache=cache)
    [kept] = cache.iterdir()
    kept.write_text(damage)
    again = load_from([folder], cache=cache)
    assert (list(again.checks), again.digest) == (["one"], whole.digest)
    assert json.loads(kept.read_text())["format"] == library.FORMAT


def test_a_cache_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path, one=check_data(MUST, id="one"))
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert list(load_from([folder], cache=blocked / "cache").checks) == ["one"]


def test_the_digest_is_of_what_the_files_say_and_not_of_where_they_lie(tmp_path: Path) -> None:
    first = of(tmp_path / "a", one=check_data(MUST, id="one"))
    moved = of(tmp_path / "b", one=check_data(MUST, id="one"))
    other = of(tmp_path / "c", one=check_data(MUST, id="one", severity="low"))
    assert first.digest == moved.digest != other.digest


def test_the_built_file_holds_every_check(tmp_path: Path) -> None:
    folder = write(tmp_path, one=check_data(MUST, id="one"), family=FAMILY)
    found = library.build(tmp_path / "checks.json", folders=[folder])
    kept = json.loads((tmp_path / "checks.json").read_text())
    assert [entry[0]["id"] for entry in kept["checks"]] == list(found.checks) == ["one", "row-one", "row-two"]


def test_a_check_that_does_not_ship_cannot_hold_rego(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "check.yaml").write_text("id: mine\n")
    (folder / "policy.rego").write_text("package ccopilot.check\n")
    with pytest.raises(CorpusInvalid, match=r"mine/check\.yaml: a check that does not ship"):
        library.load(extra=[tmp_path])
