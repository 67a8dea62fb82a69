"""Passages by meaning: their vectors in Chroma, embedded in a folder of our own or on a server by URL.

An index holds ids, kinds and vectors of what ships with the program, and no text. It is named by what it was made from, made
beside its place and renamed into it, and never changes: one of another corpus, model or format has another name, so
that a stale one is never found. Chroma writes to a store that it merely opens; each process therefore opens a copy.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import math
import shutil
import tempfile
import threading
import uuid
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from copilot.errors import ServiceFailed, UsageError, installing
from copilot.knowledge.embeddings import Embedder
from copilot.knowledge.lexical import Found
from copilot.knowledge.passages import Entry
from copilot.model import PassageKind

if TYPE_CHECKING:
    from copilot.knowledge.embeddings import Vectors

FORMAT: Final = 1
_SPACE: Final = {
    "space": "l2", "ef_construction": 200, "ef_search": 2000, "max_neighbors": 32, "num_threads": 1,
}  # fmt: skip
"""The search is as wide as the corpus is large, so that nothing near is missed; one thread, so that it is the same graph. Vectors
have length one, so that their distance orders them as their cosine does; for the cosine Chroma would change them."""
_KEPT: Final = 3
"""Folders of indexes that are kept, the newest: two versions of the program may take turns."""
_BATCH: Final = 64
_SEND: Final = 1000
_HEARTBEAT: Final = 5.0
_TIMEOUT: Final = 30.0
_IMPORTING: Final = threading.Lock()

Report = Callable[[int, int], None]
"""Told how many passages of how many have become vectors."""


class IndexMissing(UsageError):
    """There is no index of this corpus by this model, or Chroma is not installed."""

    hint = f"`ccopilot corpus index` builds it; it needs the extra retrieval: {installing('retrieval')}"


class IndexUnusable(UsageError):
    """The index is there, and Chroma cannot read or write it."""

    hint = "`ccopilot corpus index --force` builds it again"


class ServerFailed(ServiceFailed):
    """The Chroma server did not answer as it should."""

    hint = "check CCOPILOT_CHROMA_URL and whether the server runs"


def name(digests: Iterable[tuple[str, str]], embedder: str) -> str:
    """What an index of these passages, (id, digest) each, by this embedder is called."""
    said = repr((FORMAT, _SPACE, embedder, sorted(digests)))
    return f"vectors-{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


class Index:
    """Vectors that are there to be asked for the nearest of another; threads may share it."""

    def __init__(self, collection: Any, close: Callable[[], None]) -> None:
        self._collection = collection
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, close)
        """Give back what the index holds open; done at the end in any case."""

    def nearest(self, vector: Vectors, *, kinds: Collection[PassageKind] | None, k: int) -> list[Found]:
        """The k passages nearest to a unit vector by their cosine, best first, ties by id."""
        import numpy

        if k < 1 or (kinds is not None and not kinds):
            return []
        where = None if kinds is None else {"kind": {"$in": sorted(kinds)}}
        with self._lock, _translated():
            said = self._collection.query(
                query_embeddings=[vector.tolist()], n_results=2 * k + 16, where=where, include=["embeddings"]
            )
        ids, rows = said["ids"][0], numpy.asarray(said["embeddings"][0], dtype=numpy.float32).astype(numpy.float64)
        if not ids:
            return []
        # The last digits of Chroma's distances depend on how it computes them; what is near is said from the vectors.
        scores = numpy.round(rows @ vector.astype(numpy.float64), 6)
        found = sorted(
            (Found(id, float(score)) for id, score in zip(ids, scores)), key=lambda each: (-each.score, each.id)
        )
        return found[:k]


# --- in a folder ---------------------------------------------------------------------------------------------------


def build(
    folder: Path, entries: Sequence[Entry], embedder: Embedder, *, report: Report | None = None, force: bool = False
) -> Path:
    """Make the index of these passages under `folder`, unless it is there; where it lies."""
    called = name(((entry.passage.id, entry.digest) for entry in entries), embedder.name)
    target = folder / called
    if target.is_dir() and not force:
        return target
    chroma = _chroma()
    vectors = _encoded(entries, embedder, report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Its owner's alone: Chroma writes a graph's file with memory in it that it did not fill.
        making = Path(tempfile.mkdtemp(dir=folder, prefix=".making-"))
    except OSError as error:
        raise IndexUnusable(
            f"{folder}: {error.strerror or error}", hint="let CCOPILOT_HOME name a folder to write to"
        ) from error
    try:
        with _translated():
            client = _embedded(chroma, making)
            try:
                _fill(client, called, entries, vectors)
            finally:
                client.close()
        if force:
            shutil.rmtree(target, ignore_errors=True)
        try:
            making.rename(target)
        except OSError:
            if not target.is_dir():  # else another process was faster, with the same vectors
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _forget(folder, target)
    return target


def open_folder(folder: Path, digests: Sequence[tuple[str, str]], embedder: str) -> Index:
    """The index of these passages under `folder`; IndexMissing when there is none of exactly these."""
    called = name(digests, embedder)
    if not (folder / called).is_dir():
        raise IndexMissing("the corpus has no index of meanings yet, or only a stale one")
    chroma = _chroma()
    try:
        copy = Path(tempfile.mkdtemp(prefix="ccopilot-vectors-"))
    except OSError as error:
        raise IndexUnusable(f"{error}", hint="let TMPDIR name a folder to write to") from error
    try:
        shutil.copytree(folder / called, copy, dirs_exist_ok=True)
        with _translated():
            client = _embedded(chroma, copy)
            collection = _whole(client.get_collection(called, embedding_function=None), len(digests))
    except (OSError, shutil.Error) as error:
        shutil.rmtree(copy, ignore_errors=True)
        raise IndexUnusable(f"{folder / called}: {error}") from error
    except BaseException:
        shutil.rmtree(copy, ignore_errors=True)
        raise

    def close() -> None:
        with contextlib.suppress(Exception):  # what cannot be closed is a copy, and thrown away
            client.close()
        shutil.rmtree(copy, ignore_errors=True)

    return Index(collection, close)


def _forget(folder: Path, newest: Path) -> None:
    """Remove the oldest indexes beside the one that was just made."""
    with contextlib.suppress(OSError):
        others = [path for path in folder.glob("vectors-*") if path.is_dir() and path != newest]
        others.sort(key=lambda path: (path.stat().st_mtime, path.name), reverse=True)
        for path in others[_KEPT - 1 :]:
            shutil.rmtree(path, ignore_errors=True)


# --- on a server ---------------------------------------------------------------------------------------------------


def build_on_server(
    url: str, entries: Sequence[Entry], embedder: Embedder, *, report: Report | None = None, force: bool = False
) -> str:
    """Make the index of these passages on a server, unless it is there; what the collection is called."""
    called = name(((entry.passage.id, entry.digest) for entry in entries), embedder.name)
    client = _remote(url)
    try:
        with _translated(url):
            there = {collection.name for collection in client.list_collections()}
            if called in there and not force:
                return called
        vectors = _encoded(entries, embedder, report)
        with _translated(url):
            making = f"making-{uuid.uuid4().hex}"
            try:
                collection = _fill(client, making, entries, vectors)
                if called in there:
                    client.delete_collection(called)
                collection.modify(name=called)
            except BaseException:
                with contextlib.suppress(Exception):
                    client.delete_collection(making)
                if called in {each.name for each in client.list_collections()} and not force:
                    return called  # another process was faster, with the same vectors
                raise
        return called
    finally:
        _hang_up(client)


def open_server(url: str, digests: Sequence[tuple[str, str]], embedder: str) -> Index:
    """The index of these passages on a server; IndexMissing when it holds none of exactly these."""
    called = name(digests, embedder)
    client = _remote(url)
    try:
        with _translated(url):
            if called not in {collection.name for collection in client.list_collections()}:
                raise IndexMissing(f"{url} has no index of meanings of this corpus yet, or only a stale one")
            collection = _whole(client.get_collection(called, embedding_function=None), len(digests))
    except BaseException:
        _hang_up(client)
        raise
    return Index(collection, functools.partial(_hang_up, client))


def _remote(url: str) -> Any:
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 8000)
    except ValueError as error:
        raise UsageError(f"{url}: {error}", hint="write it like http://chroma.internal:8000") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.path.strip("/"):
        raise UsageError(f"{url}: not the URL of a Chroma server", hint="write it like http://chroma.internal:8000")
    chroma = _chroma()
    import httpx

    try:
        # Chroma's client waits for ever: a server that does not answer is told apart first.
        httpx.get(f"{parts.scheme}://{parts.netloc}/api/v2/heartbeat", timeout=_HEARTBEAT).raise_for_status()
    except httpx.HTTPError as error:
        raise ServerFailed(f"{url}: {error}") from error
    with _translated(url):
        client = chroma.HttpClient(
            host=parts.hostname, port=port, ssl=parts.scheme == "https", settings=_settings(chroma)
        )
        for session in _sessions(client):
            session.timeout = httpx.Timeout(_TIMEOUT)
        return client


def _sessions(client: Any) -> list[Any]:
    """The connections of Chroma's client and of the one inside it, which it gives nobody a way to limit or close."""
    servers = [getattr(each, "_server", None) for each in (client, getattr(client, "_admin_client", None))]
    return [session for server in servers if (session := getattr(server, "_session", None)) is not None]


def _hang_up(client: Any) -> None:
    sessions = _sessions(client)
    with contextlib.suppress(Exception):  # nothing is lost with a connection that does not close well
        client.close()
    for session in sessions:
        session.close()


# --- Chroma --------------------------------------------------------------------------------------------------------


def installed() -> bool:
    """Whether Chroma is here; nothing is imported to find out."""
    return importlib.util.find_spec("chromadb") is not None


def _chroma() -> Any:
    """The package, imported without a look at the environment or at `.env` of the folder under review.

    At import it makes settings for itself, and those read both. Which sources are read is the base class's to say, and it
    says "none" meanwhile.
    """
    if not installed():
        raise IndexMissing("chromadb is not installed")
    with _IMPORTING:
        try:
            import pydantic_settings

            said = pydantic_settings.BaseSettings.__dict__["settings_customise_sources"]
            pydantic_settings.BaseSettings.settings_customise_sources = classmethod(_given_alone)  # type: ignore[assignment, method-assign]
            try:
                import chromadb
            finally:
                pydantic_settings.BaseSettings.settings_customise_sources = said  # type: ignore[method-assign]
        except Exception as error:  # whatever a foreign package says when it cannot start, words serve
            raise IndexMissing(f"chromadb cannot be used here: {type(error).__name__}: {error}") from error
    return chromadb


def _given_alone(cls: type, settings_cls: type, init_settings: Any, *others: Any, **more: Any) -> tuple[Any, ...]:
    return (init_settings,)


def _settings(chroma: Any) -> Any:
    """Settings that read neither the environment nor `.env`, with telemetry off."""

    class Settings(chroma.config.Settings):  # type: ignore[misc]
        @classmethod
        def settings_customise_sources(cls, settings_cls: type, init_settings: Any, *_: Any, **__: Any) -> Any:
            return (init_settings,)

    return Settings(anonymized_telemetry=False, chroma_otel_collection_endpoint="")


def _embedded(chroma: Any, folder: Path) -> Any:
    return chroma.PersistentClient(path=str(folder), settings=_settings(chroma))


def _fill(client: Any, called: str, entries: Sequence[Entry], vectors: Vectors) -> Any:
    collection = client.create_collection(called, configuration={"hnsw": _SPACE}, embedding_function=None)
    for at in range(0, len(entries), _SEND):
        part = entries[at : at + _SEND]
        collection.add(
            ids=[entry.passage.id for entry in part],
            embeddings=vectors[at : at + _SEND].tolist(),
            metadatas=[{"kind": entry.passage.kind} for entry in part],
        )
    return collection


def _whole(collection: Any, expected: int) -> Any:
    if collection.count() != expected:
        raise IndexUnusable(f"the index holds {collection.count()} passages, and the corpus {expected}")
    return collection


def _encoded(entries: Sequence[Entry], embedder: Embedder, report: Report | None) -> Vectors:
    import numpy

    strangers = [entry.passage.id for entry in entries if entry.passage.scope is not None]
    if strangers:
        raise ValueError(f"{strangers[0]}: what is somebody's is in no index")
    parts = [numpy.empty((0, embedder.dimension), dtype=numpy.float32)]
    for at in range(0, len(entries), _BATCH):
        parts.append(embedder.encode([entry.about for entry in entries[at : at + _BATCH]]))
        if report is not None:
            report(min(at + _BATCH, len(entries)), len(entries))
    vectors = numpy.concatenate(parts)
    if not math.isfinite(float(numpy.abs(vectors).sum())):
        raise ValueError(f"{embedder.name} gives vectors that are no numbers")
    return vectors


@contextlib.contextmanager
def _translated(url: str = "") -> Iterator[None]:
    """Chroma's own errors, of which there are many trees, as ours."""
    try:
        yield
    except (UsageError, ServiceFailed, KeyboardInterrupt):
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise (ServerFailed(f"{url}: {said}") if url else IndexUnusable(f"Chroma: {said}")) from error
