from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.checks.language import Check
from copilot.errors import UsageError
from copilot.knowledge import index
from copilot.knowledge.embeddings import MiniLM
from copilot.knowledge.lexical import Texts
from copilot.knowledge.passages import Entry
from copilot.knowledge.search import Hit, Knowledge, Meanings, kinds_of, told
from copilot.knowledge.store import Store
from copilot.model import Finding, Passage, Place, Scope, Severity
from copilot.wiring import library

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SHOP = Scope("1", "acme", "shop")


def refused() -> Meanings:
    raise index.IndexMissing("there is none")


@pytest.fixture(scope="module")
def hybrid(few: tuple[Entry, ...], folder: Path, minilm: MiniLM) -> Knowledge:
    texts = Texts.of(few)
    return Knowledge(
        texts, meanings=lambda: Meanings(minilm, index.open_folder(folder, texts.digests(scoped=False), minilm.name))
    )


def test_what_is_named_comes_first_and_the_rest_follows(texts: Texts) -> None:
    hits = Knowledge(texts).search("does CKV_AWS_18 answer CC7.2 for an aws_s3_bucket", viewer=None, k=5)
    assert [hit.passage.id for hit in hits[:2]] == ["check:aws-s3-bucket-logging", "requirement:SOC2-TSC-2017/CC7.2"]
    assert hits[0].found[0] == "name" and "type" in hits[0].found
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(hits) == 5


def test_every_passage_is_found_by_its_own_id(texts: Texts, entries: tuple[Entry, ...]) -> None:
    knowledge = Knowledge(texts)
    for entry in entries[::97]:
        first = knowledge.search(entry.passage.id, viewer=None, k=1)
        assert [hit.passage for hit in first] == [entry.passage]
        assert knowledge.passage(entry.passage.id, None) == entry.passage
    assert knowledge.passage("control:none", None) is None


def test_kinds_and_numbers_are_kept(texts: Texts) -> None:
    knowledge = Knowledge(texts)
    assert {hit.passage.kind for hit in knowledge.search("bucket CC6.1", viewer=None, kinds=("golden",), k=9)} == {
        "golden"
    }
    assert knowledge.search("bucket", viewer=None, k=0) == knowledge.search("", viewer=None) == ()
    assert knowledge.search("bucket", viewer=None, kinds=()) == ()


def test_without_an_index_words_serve_and_a_note_says_so(texts: Texts) -> None:
    knowledge = Knowledge(texts, meanings=refused)
    assert knowledge.mode == "lexical"
    (note,) = knowledge.notes
    assert note.startswith("names and words are compared, meaning is not: there is none; `ccopilot corpus index`")
    assert knowledge.search("bucket", viewer=None) == Knowledge(texts).search("bucket", viewer=None) != ()


def test_meaning_finds_what_no_word_does(hybrid: Knowledge) -> None:
    assert (hybrid.mode, hybrid.notes) == ("hybrid", ())
    hits = hybrid.search(
        "cron workload that cannot eat all the cluster's capacity", viewer=None, kinds=("golden",), k=3
    )
    assert "golden:k8s-nightly-job" in [hit.passage.id for hit in hits]
    assert any(hit.found == ("meaning",) for hit in hybrid.search("zzz hoodie", viewer=None, k=20))


def test_the_same_question_has_the_same_answer(hybrid: Knowledge) -> None:
    asked = [hybrid.search("who may open the database", viewer=None, k=20) for _ in range(3)]
    assert asked[0] == asked[1] == asked[2]


def test_a_repositorys_own_passages_are_found_by_words_and_by_meaning(
    few: tuple[Entry, ...], folder: Path, minilm: MiniLM, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store.sqlite3")
    ours = Passage(
        "evidence:1", "evidence", "Penetration test", "An ethical hacker tried to break in last spring.", "pr 1", SHOP
    )
    store.add(ours, added=NOW)
    texts = Texts.of(few)
    known = texts.digests(scoped=False)
    knowledge = Knowledge(
        texts, store=store, meanings=lambda: Meanings(minilm, index.open_folder(folder, known, minilm.name))
    )
    hits = knowledge.search("white hats who came in as burglars", viewer=SHOP)
    assert [hit.found for hit in hits if hit.passage == ours] == [("meaning",)]
    assert "evidence:1" not in [hit.passage.id for hit in knowledge.search("ethical hacker", viewer=None, k=50)]
    store.remove("evidence:1", scope=SHOP)
    assert "evidence:1" not in [hit.passage.id for hit in knowledge.search("ethical hacker", viewer=SHOP, k=50)]


SCOPES = st.builds(
    Scope, st.sampled_from(["1", "1/acme"]), st.sampled_from(["acme", "acme/shop", "b"]), st.sampled_from(["shop", "x", "shop/x"]),
    st.sampled_from(["public", "internal", "private"]),
)  # fmt: skip
KEPT = st.lists(st.tuples(SCOPES, st.sampled_from(["evidence", "fix"]), st.integers(0, 2)), max_size=8)
OPENNESS = ("private", "internal", "public")


@given(kept=KEPT, viewer=st.none() | SCOPES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_of_another_scope_ever_comes_out(
    tmp_path_factory: pytest.TempPathFactory, kept: list[tuple[Scope, str, int]], viewer: Scope | None
) -> None:
    base = Entry(
        Passage("control:a", "control", "Secrets", "Secrets rest in a store.", "a"), "Secrets", ("a",), ("aws_a",)
    )
    store = Store(tmp_path_factory.mktemp("store") / "store.sqlite3")
    for scope, kind, number in kept:
        text = f"secret of {scope.installation!r} {scope.owner!r} {scope.repository!r} {scope.visibility}"
        store.add(
            Passage(f"{kind}:{number}", kind, "A secret", text, "pr", scope), added=NOW, types=("aws_a",),  # type: ignore[arg-type]
            controls=("a",),
        )  # fmt: skip
    knowledge = Knowledge(Texts.of([base]), store=store)
    seen = [
        hit.passage
        for query in ("secret", "fix:1", "evidence:0", "aws_a", "private public")
        for hit in knowledge.search(query, viewer=viewer, k=50)
    ]
    seen += [
        passage
        for kind in ("evidence", "fix")
        for n in range(3)
        if (passage := knowledge.passage(f"{kind}:{n}", viewer))
    ]
    seen += knowledge.context_for(finding("aws_a.x", "a"), any_check(), viewer, 50)
    for passage in seen:
        if passage.scope is not None:
            assert viewer is not None
            assert (passage.scope.installation, passage.scope.owner, passage.scope.repository) == (
                viewer.installation,
                viewer.owner,
                viewer.repository,
            )
            assert OPENNESS.index(passage.scope.visibility) >= OPENNESS.index(viewer.visibility)
            assert passage.visible_to(viewer)
    # And what is one's own does come out: a search that shows nothing keeps every secret.
    last = {(s.installation, s.owner, s.repository, k, n): s for s, k, n in kept}
    own = {
        f"{kind}:{number}" for (*_, kind, number), scope in last.items()
        if viewer is not None and scope.shows_to(viewer)
    }  # fmt: skip
    assert {hit.passage.id for hit in knowledge.search("secret", viewer=viewer, k=50)} - {"control:a"} == own


def any_check() -> Check:
    return library().checks["aws-s3-bucket-logging"]


def finding(address: str, control: str, check: str = "aws-s3-bucket-logging") -> Finding:
    place = Place("main.tf", 0, 1, 1, 1, 1, 2)
    return Finding(check, control, Severity.HIGH, "fail", "It fails.", address, "", "", (place,), "f" * 20, ())


@pytest.mark.usefixtures("_home")
def test_the_context_of_a_finding_is_its_control_its_check_examples_of_its_type_and_accepted_fixes(
    texts: Texts, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store.sqlite3")
    for id, types, controls in (
        ("fix:same", ("aws_s3_bucket",), ("object-access-logging",)),
        ("fix:type", ("aws_s3_bucket",), ("backup-and-recovery",)),
        ("fix:strange", ("aws_vpc",), ("network-flow-logging",)),
    ):
        store.add(Passage(id, "fix", "A fix", f"text {id}", "pr 7", SHOP), added=NOW, types=types, controls=controls)
    knowledge = Knowledge(texts, store=store)
    found = finding('module.a["x"].aws_s3_bucket.logs', "object-access-logging")
    assert [passage.id for passage in knowledge.context_for(found, any_check(), SHOP, 5)] == [
        "control:object-access-logging", "check:aws-s3-bucket-logging", "golden:aws-private-bucket", "fix:same", "fix:type",
    ]  # fmt: skip
    assert [passage.id for passage in knowledge.context_for(found, any_check(), None, 3)] == [
        "control:object-access-logging", "check:aws-s3-bucket-logging", "golden:aws-private-bucket",
    ]  # fmt: skip
    assert len(knowledge.context_for(found, any_check(), SHOP, 1)) == 1
    assert knowledge.context_for(found, any_check(), SHOP, 0) == ()


@pytest.fixture
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CCOPILOT_HOME", str(tmp_path / "home"))


def test_kinds_are_read_strictly_and_hits_are_told() -> None:
    assert kinds_of(["golden", "control"]) == ("control", "golden")
    with pytest.raises(UsageError, match="--kind recipe: not one of control, requirement"):
        kinds_of(["recipe"])
    passage = Passage("control:a", "control", "Doors are locked", "…", "…")
    assert told([Hit(passage, 0.1, ("name", "words"))]) == "control:a  (name, words)\n    Doors are locked\n"
    assert told([]) == "nothing was found\n"
