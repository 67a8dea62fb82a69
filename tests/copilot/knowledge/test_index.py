from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from copilot.errors import UsageError
from copilot.knowledge import index
from copilot.knowledge.embeddings import MiniLM
from copilot.knowledge.lexical import Found
from copilot.knowledge.passages import Entry
from copilot.model import Passage, Scope

QUERIES = ("who may read the bucket", "passwords", "nightly job as root", "what if a zone burns down", "")


def digests(entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    return [(entry.passage.id, entry.digest) for entry in entries]


@pytest.fixture(scope="module")
def vectors(few: tuple[Entry, ...], minilm: MiniLM) -> np.ndarray:
    return minilm.encode([entry.about for entry in few]).astype(np.float64)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_nearest_are_those_of_a_search_through_all(
    few: tuple[Entry, ...], folder: Path, minilm: MiniLM, vectors: np.ndarray
) -> None:
    opened = index.open_folder(folder, digests(few), minilm.name)
    for query in QUERIES:
        vector = minilm.encode([query])[0]
        scores = np.round(vectors @ vector.astype(np.float64), 6)
        ranked = sorted(zip(few, scores), key=lambda each: (-each[1], each[0].passage.id))
        expected = [Found(entry.passage.id, score) for entry, score in ranked]
        assert opened.nearest(vector, kinds=None, k=10) == expected[:10]
        assert opened.nearest(vector, kinds=("golden",), k=5) == [f for f in expected if f.id.startswith("golden:")][:5]
        assert opened.nearest(vector, kinds=(), k=5) == opened.nearest(vector, kinds=None, k=0) == []
        assert opened.nearest(vector, kinds=("fix",), k=5) == []
    opened.close()


def test_an_index_is_never_changed_by_being_read(few: tuple[Entry, ...], folder: Path, minilm: MiniLM) -> None:
    before = tree(folder)
    opened = index.open_folder(folder, digests(few), minilm.name)
    opened.nearest(minilm.encode(["bucket"])[0], kinds=None, k=3)
    opened.close()
    assert tree(folder) == before


def test_an_index_holds_no_text_and_is_its_owners_alone(few: tuple[Entry, ...], folder: Path, minilm: MiniLM) -> None:
    made = folder / index.name(digests(few), minilm.name)
    stored = (made / "chroma.sqlite3").read_bytes()
    assert few[0].passage.id.encode() in stored
    assert not [entry.passage.id for entry in few if entry.passage.title.encode() in stored]
    # The graph's file is longer than the graph, and its rest is memory of the process that nobody wiped.
    assert made.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("stale", ["text", "passage", "embedder"])
def test_a_stale_index_is_not_found(few: tuple[Entry, ...], folder: Path, minilm: MiniLM, stale: str) -> None:
    known, embedder = digests(few), minilm.name
    if stale == "text":
        known = [(known[0][0], "0" * 64), *known[1:]]
    elif stale == "passage":
        known = known[1:]
    else:
        embedder = "another model"
    with pytest.raises(index.IndexMissing, match="or only a stale one"):
        index.open_folder(folder, known, embedder)


def test_an_index_that_is_cut_short_is_refused(
    few: tuple[Entry, ...], folder: Path, minilm: MiniLM, tmp_path: Path
) -> None:
    called = index.name(digests(few), minilm.name)
    (tmp_path / called).mkdir()
    (tmp_path / called / "chroma.sqlite3").write_bytes((folder / called / "chroma.sqlite3").read_bytes()[:5000])
    with pytest.raises(index.IndexUnusable):
        index.open_folder(tmp_path, digests(few), minilm.name)
    (tmp_path / called / "chroma.sqlite3").unlink()
    with pytest.raises(index.IndexUnusable):
        index.open_folder(tmp_path, digests(few), minilm.name)


def test_what_is_there_is_not_built_again_and_a_failed_build_leaves_nothing(
    few: tuple[Entry, ...], folder: Path, minilm: MiniLM, tmp_path: Path
) -> None:
    class Broken:
        name, dimension = minilm.name, minilm.dimension

        def encode(self, texts: object) -> np.ndarray:
            raise RuntimeError("no vectors today")

    before = tree(folder)
    index.build(folder, few, Broken())  # what is there needs no vectors
    assert tree(folder) == before
    with pytest.raises(RuntimeError, match="no vectors today"):
        index.build(tmp_path, few, Broken())
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_to_the_end_and_the_oldest_indexes_go(
    few: tuple[Entry, ...], minilm: MiniLM, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    for count in range(1, 6):
        index.build(tmp_path, few[:count], minilm, report=lambda done, of: told.append((done, of)))
        time.sleep(0.01)  # folders are told apart by their times
    assert told == [(count, count) for count in range(1, 6)]
    assert {path.name for path in tmp_path.iterdir()} == {
        index.name(digests(few[:count]), minilm.name) for count in (3, 4, 5)
    }


def test_what_is_somebodys_is_in_no_index(minilm: MiniLM, tmp_path: Path) -> None:
    scoped = Entry(Passage("fix:1", "fix", "a", "b", "c", Scope("1", "acme", "shop")), "b")
    with pytest.raises(ValueError, match="in no index"):
        index.build(tmp_path, [scoped], minilm)


READER = """
import sys
from pathlib import Path
import numpy
from copilot.knowledge import index
folder, embedder = Path(sys.argv[1]), sys.argv[2]
known = [tuple(line.split(" ")) for line in sys.stdin.read().splitlines()]
vector = numpy.load(folder.parent / "vector.npy")
for _ in range(3):
    opened = index.open_folder(folder, known, embedder)
    print([tuple(found) for found in opened.nearest(vector, kinds=None, k=8)])
    opened.close()
"""


def test_many_processes_read_one_index_at_once(few: tuple[Entry, ...], minilm: MiniLM, tmp_path: Path) -> None:
    np.save(tmp_path / "vector.npy", minilm.encode(["bucket"])[0])
    index.build(tmp_path / "all", few, minilm)
    known = "\n".join(f"{id} {digest}" for id, digest in digests(few))
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path / "all"), minilm.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for reader in readers:
        assert reader.stdin is not None
        reader.stdin.write(known)
        reader.stdin.close()
        reader.stdin = None
    said = [reader.communicate(timeout=60) for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * 4, said
    assert len({line for out, _ in said for line in out.splitlines()}) == 1


HOSTILE = {
    "CHROMA_SERVER_NOFILE": "not a number", "ANONYMIZED_TELEMETRY": "perhaps", "CHROMA_API_IMPL": "os.system",
    "CHROMA_OTEL_COLLECTION_ENDPOINT": "http://127.0.0.1:9", "PERSIST_DIRECTORY": "/nowhere", "MIGRATIONS": "none",
}  # fmt: skip


@pytest.mark.parametrize("place", [".env", "environment"])
def test_neither_the_folder_under_review_nor_the_environment_has_a_say_in_chroma(
    few: tuple[Entry, ...], folder: Path, minilm: MiniLM, tmp_path: Path, place: str
) -> None:
    code = (
        "import sys; from pathlib import Path; from copilot.knowledge import index;"
        "known = [tuple(line.split(' ')) for line in sys.stdin.read().splitlines()];"
        "opened = index.open_folder(Path(sys.argv[1]), known, sys.argv[2]);"
        "import numpy; print(len(opened.nearest(numpy.ones(384, dtype=numpy.float32), kinds=None, k=3)));"
        "import chromadb; said = index._settings(chromadb);"
        "print(said.anonymized_telemetry, said.chroma_otel_collection_endpoint, said.chroma_api_impl, said.migrations);"
        "from pydantic_settings import BaseSettings;"
        "print(type('S', (BaseSettings,), {'__annotations__': {'migrations': str}})().migrations)"
    )
    environment = dict(os.environ, PYTHONPATH=str(Path(index.__file__).parents[2]))
    if place == ".env":
        (tmp_path / ".env").write_text("".join(f"{key}={value}\n" for key, value in HOSTILE.items()))
        environment["MIGRATIONS"] = "none"
    else:
        environment |= HOSTILE
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), minilm.name], cwd=tmp_path, env=environment, capture_output=True,
        text=True, input="\n".join(f"{id} {digest}" for id, digest in digests(few)),
    )  # fmt: skip
    # The last line: what others read from the environment, they still read.
    said = "3\nFalse  chromadb.api.rust.RustBindingsAPI apply\nnone\n"
    assert (done.stdout, done.returncode) == (said, 0), done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {".env"}


# --- on a server ---


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = Path(sys.executable).with_name("chroma")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    running = subprocess.Popen(
        [program, "run", "--path", str(folder / "data"), "--host", "127.0.0.1", "--port", str(port)],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert running.poll() is None and time.monotonic() < deadline, "the server did not start"
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


def test_a_server_gives_the_same_answers_as_the_folder(
    few: tuple[Entry, ...], folder: Path, minilm: MiniLM, server: str
) -> None:
    with pytest.raises(index.IndexMissing, match="or only a stale one"):
        index.open_server(server, digests(few), minilm.name)
    called = index.build_on_server(server, few, minilm)
    assert index.build_on_server(server, few, minilm) == called
    assert index.build_on_server(server, few, minilm, force=True) == called
    far = index.open_server(server, digests(few), minilm.name)
    near = index.open_folder(folder, digests(few), minilm.name)
    for query in QUERIES:
        vector = minilm.encode([query])[0]
        assert far.nearest(vector, kinds=("control",), k=8) == near.nearest(vector, kinds=("control",), k=8)
    with pytest.raises(index.IndexMissing, match="or only a stale one"):
        index.open_server(server, digests(few[1:]), minilm.name)
    far.close()
    near.close()


def test_a_server_that_is_not_there_or_answers_nothing_fails_in_time(
    few: tuple[Entry, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_HEARTBEAT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(index.ServerFailed):
            index.open_server(url, digests(few), "any")
    with pytest.raises(index.ServerFailed):
        index.open_server(url, digests(few), "any")


@pytest.mark.parametrize("url", ["chroma:8000", "ftp://a", "http://", "http://a:b@c", "http://a/b", "http://a:x"])
def test_a_url_that_names_no_server_is_refused(few: tuple[Entry, ...], url: str) -> None:
    with pytest.raises(UsageError, match=r"not the URL|[Pp]ort"):
        index.open_server(url, digests(few), "any")
