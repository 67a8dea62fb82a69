"""How long a delivery waits for its answer: 200 a second, signed, of 50 pull requests, sent at fixed times (open loop).

    .venv/bin/python benchmarks/webhook.py [SECONDS]

The edge runs in a process of its own; with `--busy` a third process judges trees all the while.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
SECRET = b"measured"
RATE = 200

SERVER = """
import sys, uvicorn
from pathlib import Path
from github_app import edge
from github_app.inbox import Inbox
uvicorn.run(edge.build(Inbox(Path(sys.argv[1])), [b"measured"]), port=int(sys.argv[2]), log_level="error", access_log=False)
"""
BUSY = """
from pathlib import Path
from copilot import pipeline, wiring
from copilot.snapshot import Snapshot
while True:
    tree = Snapshot.from_folder(Path("examples/harbor/head"))
    pipeline.scan(tree, wiring.settings(wiring.Asked(), tree), subject="busy")
"""


def bodies() -> list[bytes]:
    """Twenty kilobytes each, as GitHub's are."""
    base = json.loads((TOP / "tests/github_app/payloads/pull_request.opened.json").read_text("utf-8"))
    out = []
    for number in range(1, 51):
        base["pull_request"]["number"] = base["number"] = number
        out.append(json.dumps(base).encode())
    return out


async def send(port: int, number: int, body: bytes, at: float, waits: list[float], kept: list[int]) -> None:
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
    signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    head = (
        f"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nX-GitHub-Event: pull_request\r\n"
        f"X-GitHub-Delivery: bench-{number}\r\nX-Hub-Signature-256: sha256={signature}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    line = await reader.readline()
    waits.append((time.perf_counter() - at) * 1000)
    kept.append(int(line.split()[1]))
    writer.close()


async def load(port: int, seconds: int) -> tuple[list[float], list[int]]:
    waits: list[float] = []
    kept: list[int] = []
    given = bodies()
    start = time.perf_counter() + 0.5
    await asyncio.gather(*(send(port, n, given[n % 50], start + n / RATE, waits, kept) for n in range(RATE * seconds)))
    return waits, kept


def main() -> None:
    seconds = next((int(each) for each in sys.argv[1:] if each.isdigit()), 30)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CCOPILOT_HOME": folder, "PYTHONPATH": str(TOP)}
        started = [
            subprocess.Popen(
                [sys.executable, "-c", SERVER, f"{folder}/inbox.sqlite", str(port)], cwd=TOP, env=environment
            )
        ]
        if "--busy" in sys.argv:
            started.append(subprocess.Popen([sys.executable, "-c", BUSY], cwd=TOP, env=environment))
        try:
            for _ in range(100):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
                    break
                except OSError:
                    time.sleep(0.1)
            waits, kept = asyncio.run(load(port, seconds))
        finally:
            for process in started:
                process.kill()
                process.wait()
    cuts = statistics.quantiles(waits, n=100)
    print(
        f"{len(waits)} deliveries, {kept.count(202)} kept: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, max {max(waits):.1f} ms"
    )


if __name__ == "__main__":
    main()
