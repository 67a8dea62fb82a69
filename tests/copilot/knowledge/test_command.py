"""The commands, and what wiring builds for them."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from copilot import wiring
from copilot.knowledge import index
from copilot.knowledge.embeddings import MiniLM

NOTE = "names and words are compared, meaning is not: the corpus has no index of meanings yet"


class Letters:
    """Vectors of a text's words, fast and of no meaning, under the name of the real model."""

    def __init__(self, name: str) -> None:
        self.name, self.dimension = name, 32

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(out, texts):
            for word in text.lower().split():
                row[hashlib.sha256(word.encode()).digest()[0] % self.dimension] += 1
            row /= max(float(np.linalg.norm(row)), 1e-9)
        return out


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CCOPILOT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CCOPILOT_CHROMA_URL", raising=False)


def ccopilot(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "copilot.cli", *arguments], capture_output=True, text=True)


def test_without_an_index_the_command_answers_by_words_and_says_so() -> None:
    done = ccopilot("corpus", "search", "CC6.1", "--kind", "requirement", "-k", "1")
    assert done.returncode == 0
    assert done.stdout.startswith("requirement:SOC2-TSC-2017/CC6.1  (name, words)\n    SOC2-TSC-2017 CC6.1: ")
    assert done.stderr.startswith(f"note: {NOTE}; `ccopilot corpus index` builds it")


def test_a_kind_that_is_none_is_refused() -> None:
    done = ccopilot("corpus", "search", "x", "--kind", "recipe")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: --kind recipe: not one of control, requirement")


def test_an_index_is_built_once_and_then_used(minilm: MiniLM) -> None:
    letters = Letters(minilm.name)
    told = wiring.index_corpus(embedder=letters)
    assert told.startswith(f"{len(wiring.texts().digests(scoped=False))} passages: ")
    done = ccopilot("corpus", "index")  # it is there: the real model, of the same name, encodes nothing
    assert (done.returncode, done.stderr) == (0, f"{told}\n")
    known = wiring.knowledge(embedder=letters)
    assert (known.mode, known.notes) == ("hybrid", ())
    assert "meaning" in {how for hit in known.search("public bucket", viewer=None) for how in hit.found}
    assert wiring.knowledge(embedder=Letters("another")).mode == "lexical"


def test_a_server_that_is_not_there_leaves_words_and_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCOPILOT_CHROMA_URL", "http://127.0.0.1:1")
    known = wiring.knowledge(embedder=Letters("a"))
    assert known.mode == "lexical" and "http://127.0.0.1:1" in known.notes[0]
    assert known.search("bucket", viewer=None)
    with pytest.raises(index.ServerFailed):
        wiring.index_corpus(embedder=Letters("a"))


def test_texts_are_kept_and_made_again_where_they_are_broken(tmp_path: Path) -> None:
    first = wiring.texts().digests(scoped=False)
    (kept,) = (tmp_path / "home" / "cache" / "knowledge").glob("texts-*")
    stamp = kept.stat().st_mtime_ns
    wiring.texts()
    assert kept.stat().st_mtime_ns == stamp
    kept.write_bytes(b"cut short")
    assert wiring.texts().digests(scoped=False) == first
    assert kept.stat().st_size > 1_000_000


def test_a_home_that_cannot_be_written_is_no_reason_to_find_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CCOPILOT_HOME", str(tmp_path / "file"))
    assert wiring.knowledge().search("bucket", viewer=None)


def test_a_bar_is_drawn_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, said in ((io.StringIO(), ""), (Terminal(), f"\r\x1b[2Kindex [{'#' * 15}{'.' * 15}] 5/10\r\x1b[2K")):
        monkeypatch.setattr(sys, "stderr", stream)
        show = wiring.bar("index")
        show(5, 10)
        show(0, 0)
        assert stream.getvalue() == said


def test_nobody_who_does_not_search_pays_for_it() -> None:
    code = (
        "import sys, copilot.cli, copilot.wiring, copilot.pipeline;"
        "print([m for m in ('copilot.knowledge', 'sqlite3', 'numpy', 'chromadb', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
