from __future__ import annotations

from pathlib import Path

import pytest

from copilot import wiring
from copilot.knowledge import passages
from copilot.knowledge.embeddings import MiniLM
from copilot.knowledge.lexical import Texts
from copilot.knowledge.passages import Entry


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="session")
def entries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Entry, ...]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CCOPILOT_HOME", str(tmp_path_factory.mktemp("home")))
        return passages.corpus(wiring.library())


@pytest.fixture(scope="session")
def texts(entries: tuple[Entry, ...], tmp_path_factory: pytest.TempPathFactory) -> Texts:
    return Texts.write(tmp_path_factory.mktemp("texts") / "texts.sqlite3", entries)


@pytest.fixture(scope="session")
def few(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Enough of the corpus to search by meaning, few enough to encode in a test."""
    return tuple(entry for entry in entries if entry.passage.kind in ("golden", "control"))[29:]


@pytest.fixture(scope="session")
def folder(few: tuple[Entry, ...], minilm: MiniLM, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the index of these few."""
    from copilot.knowledge import index

    folder = tmp_path_factory.mktemp("index")
    index.build(folder, few, minilm)
    return folder
