"""How long a delivery waits for its answer, and a pull request for its check: signed deliveries at fixed times (open loop).

    .venv/bin/python -m benchmarks.webhook [SECONDS]              200 a second of 50 pull requests, while these are reviewed
    .venv/bin/python -m benchmarks.webhook --together [SECONDS]   the same with the intake inside the process that does the jobs
    .venv/bin/python -m benchmarks.webhook --first [COUNT]        from the webhook to the conclusion, one pull request after the other
    .venv/bin/python -m benchmarks.webhook --many [COUNT]         that many deliveries, doubled, out of order and at once, of three
                                                                  heads of each of 50 pull requests: each is to get one review

Everything is real but GitHub, whose double runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github_app.double import Double, Pull
from tests.github_app.serving import Served, pull_request, signed
from tests.trees import Repository, key, queue, volume

RATE = 200
PULLS = 50

TOGETHER = """
import os, socket, sys, threading, uvicorn
from pathlib import Path
from github_app import durable, edge, jobs, serve, worker
from github_app.client import App
from github_app.inbox import Inbox
from github_app.settings import AppSettings
from github_app.store import Store, url_of
home = Path(os.environ["CCOPILOT_HOME"])
settings = AppSettings.of(os.environ)
store = Store(url_of("", home))
presence = durable.enter(store, home, "edge")
inbox = Inbox(serve.inbox_of(home))
app = App(settings.app_id, settings.private_key, base_url=settings.api_url)
done = jobs.Edge(store, inbox, app, api_url=settings.api_url)
jobs.register(done)
durable.launch(store, presence.executor, [durable.REVIEWS, durable.COMMANDS], poll=0.1)
judges = serve.Child("worker", [*serve._python(), "worker"], worker.environment({**os.environ, "PYTHONPATH": serve._path(os.environ)}, home))
judges.start()
threading.Thread(target=serve.keep_going, args=(done, threading.Event(), [judges]), daemon=True).start()
listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(edge.build(inbox, settings.webhook_secrets), log_level="error")).run(sockets=[listening])
"""


def github(folder: Path, pem: str, pulls: int, heads: int, pipe: Any) -> None:
    """The double, until it is told to end; then it says how it stands. GitHub is on no machine of ours, so it stands back."""
    os.nice(10)
    repository = Repository(folder, {"main.tf": volume("old", "true"), "README.md": "text\n"})
    double = Double(repository, app_key=serialization.load_pem_private_key(pem.encode(), None).public_key())
    bodies = []
    for number in range(1, pulls + 1):
        repository.git("checkout", "--quiet", "-B", f"b{number}", "main")
        for at in range(heads):
            head = repository.commit({f"{number}/main.tf": volume(f"new{at}") + key(f"k{number}") + queue()})
            double.pulls[number] = Pull(number, head, updated=f"2026-11-02T00:{at:02}:00Z")
            bodies.append(json.dumps(pull_request(double, number, action="synchronize" if at else "opened")))
    pipe.send((double.url, bodies))
    while pipe.recv() == "checks":
        pipe.send([c["head_sha"] for c in double.checks if c["status"] == "completed"])
    live = {pull.head for pull in double.pulls.values()}
    stale = sum(r["commit_id"] not in live for r in double.reviews)
    pipe.send((len(double.reviews), len({r["pull"] for r in double.reviews}), stale, len(double.checks)))


async def send(
    port: int, ready: tuple[bytes, str], delivery: str, at: float, waits: list[float], kept: list[int]
) -> None:
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
    data, head = ready
    head += f"X-GitHub-Delivery: {delivery}\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n{head}Connection: close\r\n\r\n".encode() + data)  # fmt: skip
    line = await reader.readline()
    waits.append((time.perf_counter() - at) * 1000)
    kept.append(int(line.split()[1]))
    writer.close()


async def load(port: int, seconds: int, bodies: list[dict[str, Any]]) -> tuple[list[float], list[int]]:
    waits: list[float] = []
    kept: list[int] = []
    ready = []
    for body in bodies:
        data, headers = signed(body, "pull_request", "")
        headers.pop("X-GitHub-Delivery")
        ready.append((data, "".join(f"{name}: {text}\r\n" for name, text in headers.items())))
    start = time.perf_counter() + 0.5
    await asyncio.gather(
        *(send(port, ready[n % len(ready)], f"bench-{n}", start + n / RATE, waits, kept) for n in range(RATE * seconds))
    )
    return waits, kept


def main() -> None:
    number = next((int(each) for each in sys.argv[1:] if each.isdigit()), 0)
    first = "--first" in sys.argv
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    with tempfile.TemporaryDirectory() as folder:
        here, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        pulls = (number or 25) if first else PULLS
        heads = 3 if "--many" in sys.argv else 1
        away = context.Process(target=github, args=(Path(folder) / "repository", pem, pulls, heads, there), daemon=True)
        away.start()
        url, texts = here.recv()
        bodies = [json.loads(text) for text in texts]
        served = Served(_Address(url), Path(folder) / "home", pem)  # type: ignore[arg-type]
        if "--together" in sys.argv:
            served.command = [sys.executable, "-c", TOGETHER]
        served.start()
        try:
            if first:
                said = firsts(served, here, bodies)
            elif heads > 1:
                said = many(served, here, bodies, number or 1000)
            else:
                said = loaded(served, here, bodies, number or 30)
        finally:
            served.kill()
        here.send("end")
        reviews, of, stale, checks = here.recv()
        print(
            f"{said}\n{reviews} reviews of {of} pull requests, {stale} of a head that is not the newest, {checks} check runs"
        )


def firsts(served: Served, github: Any, bodies: list[dict[str, Any]]) -> str:
    waits = []
    for n, body in enumerate(bodies):
        began = time.perf_counter()
        served.send(body, delivery=f"first-{n}")
        while True:
            github.send("checks")
            if body["pull_request"]["head"]["sha"] in github.recv():
                break
            time.sleep(0.01)
        waits.append(time.perf_counter() - began)
    return (
        f"from the webhook to the conclusion: p50 {statistics.median(waits):.2f} s, max {max(waits):.2f} s, "
        f"{len(waits)} pull requests, no model"
    )


def many(served: Served, github: Any, bodies: list[dict[str, Any]], count: int) -> str:
    chance = random.Random(7)
    sent = list(range(len(bodies))) + [chance.randrange(len(bodies)) for _ in range(count - len(bodies))]
    chance.shuffle(sent)
    last = {body["number"]: body["pull_request"]["head"]["sha"] for body in bodies}
    began = time.perf_counter()
    with ThreadPoolExecutor(32) as threads:
        # Every other one is the same delivery sent again, the rest are the same event under another id.
        answers = list(threads.map(lambda at: served.send(bodies[at[1]], delivery=f"of-{at[1]}" if at[0] % 2 else f"{at[0]}-{at[1]}"), enumerate(sent)))  # fmt: skip
    while time.perf_counter() - began < 600:
        github.send("checks")
        if set(last.values()) <= set(github.recv()) and not served.store().unfinished():
            break
        time.sleep(0.2)
    return f"{len(answers)} deliveries, {answers.count(202)} answered 202, all done after {time.perf_counter() - began:.0f} s"


def loaded(served: Served, github: Any, bodies: list[dict[str, Any]], seconds: int) -> str:
    port = int(served.url.rsplit(":", 1)[1])
    reviewed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1.0):
            github.send("checks")
            reviewed.append(len(github.recv()))

    watching = threading.Thread(target=watch)
    watching.start()
    waits, kept = asyncio.run(load(port, seconds, bodies))
    during = reviewed[-1] if reviewed else 0
    ended = time.perf_counter()
    while reviewed[-1] < len(bodies) and time.perf_counter() - ended < 300:
        time.sleep(0.2)
    drained = time.perf_counter() - ended
    over.set()
    watching.join()
    with sqlite3.connect(served.home / "inbox.sqlite3") as inbox:
        lie = inbox.execute("select count(*) from deliveries").fetchone()[0]
    cuts = statistics.quantiles(waits, n=100)
    return (
        f"{len(waits)} deliveries, {kept.count(202)} answered 202, {lie} in the inbox: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, "
        f"max {max(waits):.1f} ms; {during} reviews meanwhile, the rest {drained:.0f} s later"
    )


class _Address:
    """Where the double listens, for whoever starts the App."""

    def __init__(self, url: str) -> None:
        self.url = url


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
