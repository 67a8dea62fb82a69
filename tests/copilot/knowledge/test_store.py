from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from copilot.knowledge.store import Store, StoreUnusable
from copilot.model import Passage, Scope

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SHOP = Scope("1", "acme", "shop")


def fix(number: int, scope: Scope = SHOP, text: str = "encrypt it") -> Passage:
    return Passage(f"fix:{number}", "fix", "A fix", text, "pull request 7", scope)


def test_what_was_added_is_listed_until_it_is_removed(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "store.sqlite3")
    assert (store.list(SHOP), store.version(), store.scopes(), store.remove("fix:1", scope=SHOP)) == ((), 0, (), False)
    assert store.add(fix(1), added=NOW, types=("aws_a",), controls=("sbom",))
    before = store.version()
    assert not store.add(fix(1), added=NOW, types=("aws_a",), controls=("sbom",))
    assert store.version() == before
    (kept,) = store.list(SHOP)
    assert (kept.entry.passage, kept.entry.types, kept.entry.controls, kept.added) == (
        fix(1),
        ("aws_a",),
        ("sbom",),
        NOW,
    )
    assert store.add(fix(1, text="encrypt it well"), added=NOW) and store.version() > before
    assert [entry.passage.text for entry in Store(tmp_path / "deep" / "store.sqlite3").entries(SHOP)] == [
        "encrypt it well"
    ]
    assert store.remove("fix:1", scope=SHOP) and store.list(SHOP) == ()


def test_what_was_private_stays_so_when_the_repository_is_opened(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite3")
    opened = Scope("1", "acme", "shop", "public")
    store.add(fix(1), added=NOW)
    store.add(fix(2, opened), added=NOW)
    assert [entry.passage.id for entry in store.entries(opened)] == ["fix:2"]
    assert [entry.passage.id for entry in store.entries(SHOP)] == ["fix:1", "fix:2"]
    assert [fix(1).visible_to(each) for each in (SHOP, opened, None)] == [True, False, False]
    assert [fix(2, opened).visible_to(each) for each in (SHOP, opened, None)] == [True, True, False]


def test_scopes_are_compared_part_by_part(tmp_path: Path) -> None:
    one, other = Scope("1", "a/b", "c"), Scope("1", "a", "b/c")
    assert str(one) == str(other)
    store = Store(tmp_path / "store.sqlite3")
    store.add(fix(1, one), added=NOW)
    assert (len(store.list(one)), store.list(other)) == (1, ())
    assert not fix(1, one).visible_to(other)


@pytest.mark.parametrize(
    "passage",
    [
        Passage("fix:1", "fix", "a", "b", "c"),
        Passage("control:a", "control", "a", "b", "c", SHOP),
        Passage("control:a", "fix", "a", "b", "c", SHOP),
    ],
)
def test_only_evidence_and_fixes_of_a_repository_are_kept(tmp_path: Path, passage: Passage) -> None:
    with pytest.raises(ValueError, match="only evidence and fixes"):
        Store(tmp_path / "store.sqlite3").add(passage, added=NOW)


def test_a_file_that_is_no_store_says_so(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreUnusable):
        Store(tmp_path / "store.sqlite3").list(SHOP)


def test_threads_and_stores_may_write_at_once(tmp_path: Path) -> None:
    def write(start: int) -> None:
        store = Store(tmp_path / "store.sqlite3")
        for number in range(start, start + 10):
            store.add(fix(number), added=NOW)

    writers = [Thread(target=write, args=(start,)) for start in (0, 10, 20, 30)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(Store(tmp_path / "store.sqlite3").list(SHOP)) == 40
