"""Passages of the corpus, by words and names."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from copilot.errors import CorpusInvalid
from copilot.knowledge import passages
from copilot.knowledge.lexical import Texts, query_words
from copilot.knowledge.naming import Named, named
from copilot.knowledge.passages import Entry
from copilot.model import Passage, Scope


def entry(id: str, text: str, scope: Scope | None = None) -> Entry:
    kind = id.partition(":")[0]
    return Entry(Passage(id, kind, id, text, "here", scope), text, (id,))  # type: ignore[arg-type]


def test_the_corpus_has_a_passage_for_each_control_requirement_check_and_golden_example(
    entries: tuple[Entry, ...],
) -> None:
    kinds = [entry.passage.kind for entry in entries]
    assert (kinds.count("control"), kinds.count("golden")) == (59, 30)
    assert kinds.count("requirement") > 700 and kinds.count("check") > 1100
    assert [entry.passage.id for entry in entries] == sorted({entry.passage.id for entry in entries})
    assert all(entry.passage.scope is None and entry.passage.text.startswith(entry.about[:40]) for entry in entries)


def test_a_digest_is_that_of_everything_that_finds_or_shows_a_passage(entries: tuple[Entry, ...]) -> None:
    one, *others = entries[:50]
    changed = Entry(one.passage, one.about, one.names, ("another_type",), one.controls)
    assert passages.digest([one, *others]) == passages.digest([*others, one]) != passages.digest([changed, *others])


def test_texts_in_a_file_are_those_in_memory_and_the_file_never_changes(
    entries: tuple[Entry, ...], tmp_path: Path
) -> None:
    path = tmp_path / "a b?#" / "texts.sqlite3"
    kept, memory = Texts.write(path, entries[:300]), Texts.of(entries[:300])
    before = path.read_bytes()
    for query in ("public bucket", "rotate keys", "nothing like it"):
        assert kept.ranked(query, kinds=None, k=20) == memory.ranked(query, kinds=None, k=20)
    assert kept.entries() == memory.entries() == sorted(entries[:300], key=lambda each: each.passage.id)
    more = kept.with_([entry("fix:1", "a bucket of paint", Scope("1", "a", "b"))])
    assert [found.id for found in more.ranked("paint", kinds=None, k=5)] == ["fix:1"]
    assert more.entry("fix:1") == entry("fix:1", "a bucket of paint", Scope("1", "a", "b"))
    assert kept.entry("fix:1") is None and path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["texts.sqlite3"]
    kept.close()


def test_a_file_that_is_no_texts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(sqlite3.Error):
        Texts.open(tmp_path / "x")


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "a AND",
        "NEAR(",
        "title:bucket",
        "*",
        "-",
        "'; DROP TABLE passage;--",
        "\0",
        "\ud800",
        "(" * 500,
        "x" * 5000,
        "é ß 漢字",
    ],
)
def test_no_question_is_syntax(texts: Texts, query: str) -> None:
    texts.ranked(query, kinds=None, k=3)
    named(query, texts)
    assert len(texts.ranked("bucket", kinds=None, k=3)) == 3


def test_equal_texts_tie_by_id_and_words_that_say_nothing_are_left_out() -> None:
    texts = Texts.of([entry(f"fix:{n}", "the same words") for n in (3, 1, 2)])
    assert [found.id for found in texts.ranked("same", kinds=None, k=9)] == ["fix:1", "fix:2", "fix:3"]
    assert query_words("what do we say about the Bucket, the bucket?") == ["bucket"]
    assert query_words("what is it") == ["what", "is", "it"]


NIST = "requirement:NIST-800-53r5/"


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("CC6.1", "requirement:SOC2-TSC-2017/CC6.1"),
        ("what is soc2 cc6.1?", "requirement:SOC2-TSC-2017/CC6.1"),
        ("NIST AC-2 (1)", f"{NIST}AC-2(1)"),
        ("nist 800-53 ac-2(1)", f"{NIST}AC-2(1)"),
        ("ISO 27001 A.8.24", "requirement:ISO27001-2022-AnnexA/A.8.24"),
        ("ISO 27001 8.24", "requirement:ISO27001-2022-AnnexA/A.8.24"),
        ("PCI DSS 3.5.1", "requirement:PCI-DSS-4.0/3.5.1"),
        ("HIPAA §164.312(b)", "requirement:HIPAA/164.312(b)"),
        ("CIS AWS 1.14", "requirement:CIS-AWS-5.0/1.14"),
        ("CKV_AWS_18", "check:aws-s3-bucket-logging"),
        ("ckv_aws_18", "check:aws-s3-bucket-logging"),
        ("(aws-s3-bucket-logging)", "check:aws-s3-bucket-logging"),
        ("control:mfa-root-and-console", "control:mfa-root-and-console"),
        ("golden:aws-vpc", "golden:aws-vpc"),
    ],
)  # fmt: skip
def test_ids_are_found_in_whatever_spelling(texts: Texts, query: str, first: str) -> None:
    assert first in named(query, texts).passages[:3]


@pytest.mark.parametrize(
    "query", ["terraform 1.14 upgrade", "the bucket is public", "on 10.0.0.0/8", "sbom? no, thanks: later"]
)
def test_a_plain_word_or_number_names_nothing(texts: Texts, query: str) -> None:
    assert named(query, texts) == Named()


def test_types_are_named_too(texts: Texts) -> None:
    assert named("may an aws_s3_bucket or aws_nonesuch be public", texts).types == ("aws_s3_bucket",)
    assert "check:aws-s3-bucket-logging" in texts.of_type("AWS_S3_Bucket", kinds=("check",))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("title: a\n", "exactly the fields"),
        ("title: a\ndescription: b\nprovider: aws\ncontrols: [no-such-control]\n", "there is no no-such-control"),
        ("title: a\ndescription: b\nprovider: aws\ncontrols: []\n", "is a list of ids"),
        ("title: [a]\ndescription: b\nprovider: aws\ncontrols: [sbom]\n", "are texts"),
        ("a: [", "golden.yaml"),
    ],
)
def test_a_golden_example_is_closed_data(tmp_path: Path, said: str, wrong: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "golden.yaml").write_text(said)
    with pytest.raises(CorpusInvalid, match=wrong):
        list(passages.golden(tmp_path))
