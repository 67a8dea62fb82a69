"""What a model is shown of a tree: the finding's blocks always, what they lead to while there is room, lines unchanged."""

from __future__ import annotations

import pytest

from copilot.drafting.excerpts import Excerpt, TooLarge, excerpts
from copilot.policy import Policy
from copilot.roots import find_roots
from copilot.snapshot import Snapshot
from tests.trees import SSH, group, settings

FILLER = "".join(f'resource "aws_sns_topic" "t{n}" {{\n  name = "t{n}"\n}}\n\n' for n in range(40))
TREE = {
    "main.tf": FILLER + group("0.0.0.0/0").replace('name = "s"', "name = local.title"),
    "names.tf": 'locals {\n  title = "s"\n}\n\n' + FILLER.replace('"t', '"u'),
}


def shown(tree: dict[str, str], room: int, check: str = SSH) -> tuple[Excerpt, ...]:
    snapshot = Snapshot.of(tree)
    assessor = settings(check).assessor()
    found = assessor.assess(snapshot, find_roots(snapshot, Policy.default()).roots)
    (finding,) = (f for f in found.findings if f.status == "fail")
    world = found.world("", "")
    assert world is not None
    return excerpts([finding], world, snapshot, assessor.cache.read, room=room)


def test_files_are_shown_whole_where_they_fit_and_as_they_stand() -> None:
    pieces = shown(TREE, 100_000)
    assert {piece.path: piece.text for piece in pieces} == TREE
    assert all(piece.whole for piece in pieces)


def test_with_less_room_the_block_of_the_finding_and_what_it_refers_to_come_first() -> None:
    pieces = shown(TREE, 400)
    own = next(piece for piece in pieces if "aws_security_group" in piece.text)
    assert own.text == TREE["main.tf"][len(FILLER) :] and (own.first, own.whole) == (161, False)
    assert any(piece.path == "names.tf" and piece.text.startswith("locals {") for piece in pieces)
    assert sum(len(piece.text) for piece in pieces) <= 400


def test_a_block_that_does_not_fit_is_not_shown_in_part() -> None:
    with pytest.raises(TooLarge, match=r"main\.tf: the block does not fit"):
        shown(TREE, 50)


def test_line_ends_and_a_missing_last_one_stay_as_they_are() -> None:
    tree = {"main.tf": group("0.0.0.0/0").replace("\n", "\r\n").removesuffix("\r\n")}
    (piece,) = shown(tree, 10_000)
    assert piece.text == tree["main.tf"]


def test_manifests_are_shown_object_by_object() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: x}\nspec:\n  hostNetwork: %s\n  containers: []\n"
    tree = {"pods.yaml": "---\n".join(pod % (f"p{n}", "true" if n == 20 else "false") for n in range(40))}
    pieces = shown(tree, 300, "k8s-host-namespaces")
    assert "name: p20," in "".join(piece.text for piece in pieces)
    assert sum(len(piece.text) for piece in pieces) <= 300
