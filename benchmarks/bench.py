"""`make bench`: how long a person waits, beside Checkov in an environment of its own, measured in one run.

Each command is run as a whole process, the two of a pair in turn, after a warm-up; the table gives the median with the
range, and for a pair the median of the ratios. Memory is the largest process's peak. `--write` puts the table into
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generate import change_tree, write_tree

TOP = Path(__file__).resolve().parent.parent
HOME = TOP / ".bench"
PAGE = TOP / "docs" / "benchmarks.md"
CHECKOV = "checkov==3.2.*"
START, END = "<!-- speed -->", "<!-- /speed -->"


@dataclass(frozen=True)
class Run:
    """One process: seconds of wall clock, and MiB at its peak."""

    seconds: float
    memory: float


def run(command: list[str], cwd: Path) -> Run:
    """Run a command to its end, output thrown away, in an environment as a user has it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment |= {"CCOPILOT_HOME": str(HOME / "home"), "LOG_LEVEL": "ERROR", "BC_API_KEY": ""}
    with Path(os.devnull).open("wb") as nothing:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=nothing, stderr=nothing, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in (0, 1, 2):
        raise SystemExit(f"{shlex.join(command)} ended with {code}")
    return Run(seconds, usage.ru_maxrss / 1024)


def measure(pairs: dict[str, list[str]], cwd: Path, runs: int) -> dict[str, list[Run]]:
    """Every command `runs` times in turn, after one run of each that does not count."""
    for command in pairs.values():
        run(command, cwd)
    out: dict[str, list[Run]] = {name: [] for name in pairs}
    for _ in range(runs):
        for name, command in pairs.items():
            out[name].append(run(command, cwd))
    return out


def told(runs: list[Run]) -> str:
    seconds = [r.seconds for r in runs]
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def peak(runs: list[Run]) -> str:
    return f"{statistics.median(r.memory for r in runs):.0f} MiB"


def ratio(slow: list[Run], fast: list[Run]) -> float:
    return statistics.median(a.seconds / b.seconds for a, b in zip(slow, fast, strict=True))


def checkov() -> list[str] | None:
    """Checkov in its own environment, installed on first use; None when it cannot be had."""
    place = HOME / "checkov"
    program = place / "bin" / "checkov"
    if not program.exists():
        print("installing Checkov into .bench/checkov …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        done = subprocess.run([str(place / "bin" / "pip"), "install", "--quiet", CHECKOV], check=False)
        if done.returncode:
            return None
    return [str(program), "--quiet", "--compact", "--skip-download", "--framework", "terraform", "--output", "json"]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--without-checkov", action="store_true")
    asked = parser.parse_args()
    HOME.mkdir(exist_ok=True)
    ours = [str(Path(sys.executable).parent / "ccopilot")]
    subprocess.run([sys.executable, "-m", "compileall", "-q", "copilot", "validators"], cwd=TOP, check=False)
    peer = None if asked.without_checkov else checkov()
    rows: list[tuple[str, str, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        rows += small(work, ours, peer, asked.runs)
        rows += large(work, ours, peer, asked.runs)
        rows += change(work, ours, asked.runs)
    table = ["| what | ours | Checkov | wanted |", "|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    version = "not measured"
    if peer:
        version = subprocess.run([peer[0], "--version"], capture_output=True, text=True, check=False).stdout.strip()
    heading = (
        f"Measured on {date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}, Checkov {version}; "
        f"median of {asked.runs} runs (fastest to slowest), peak memory of the largest process."
    )
    text = f"{heading}\n\n" + "\n".join(table) + "\n"
    print(text)
    if asked.write:
        page = PAGE.read_text("utf-8") if PAGE.exists() else f"# Benchmarks\n\n## Speed\n\n{START}\n{END}\n"
        head, _, rest = page.partition(START)
        _, _, tail = rest.partition(END)
        PAGE.write_text(f"{head}{START}\n{text}{END}{tail}", "utf-8")
    return 0


def small(work: Path, ours: list[str], peer: list[str] | None, runs: int) -> list[tuple[str, str, str, str]]:
    """One small file, cold, and the help text."""
    folder = work / "small"
    folder.mkdir()
    (folder / "main.tf").write_text(
        'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n\nresource "aws_sqs_queue" "q" {\n  name = "q"\n}\n',
        "utf-8",
    )
    pairs = {"ours": [*ours, "scan", "main.tf", "--format", "sarif"]}
    if peer:
        pairs["peer"] = [*peer, "--file", "main.tf"]
    found = measure(pairs, folder, runs)
    times = f"{ratio(found['peer'], found['ours']):.1f} times slower, " if peer else ""
    theirs = f"{times}{told(found['peer'])}, {peak(found['peer'])}" if peer else "-"
    rows = [
        (
            "one small file, cold",
            f"{told(found['ours'])}, {peak(found['ours'])}",
            theirs,
            "below 0.4 s, 8 times faster, half the memory",
        )
    ]
    helped = measure({"ours": [*ours, "--help"]}, folder, runs)
    return [*rows, ("`--help`", told(helped["ours"]), "-", "below 0.25 s")]


def large(work: Path, ours: list[str], peer: list[str] | None, runs: int) -> list[tuple[str, str, str, str]]:
    """Two thousand files, and twice as many."""
    folder, double = work / "large", work / "double"
    lines = write_tree(folder, 2000)
    write_tree(double, 4000)
    pairs = {"ours": [*ours, "scan", ".", "--format", "sarif"]}
    found = measure(pairs, folder, runs)
    rows = []
    theirs = "-"
    if peer:
        together = measure({**pairs, "peer": [*peer, "--directory", "."]}, folder, 1 if runs < 3 else 2)
        times = ratio(together["peer"], together["ours"])
        theirs = f"{times:.1f} times slower, {told(together['peer'])}, {peak(together['peer'])}"
    rows.append(
        (
            f"2,000 files ({lines:,} lines)",
            f"{told(found['ours'])}, {peak(found['ours'])}",
            theirs,
            "6 times faster, below 250 MiB",
        )
    )
    twice = measure(pairs, double, runs)
    growth = ratio(twice["ours"], found["ours"])
    rows.append(("4,000 files", f"{told(twice['ours'])}, {growth:.2f} times 2,000 files", "-", "at most 2.2 times"))
    return rows


def change(work: Path, ours: list[str], runs: int) -> list[tuple[str, str, str, str]]:
    """A ten-file change in a repository of three hundred files, with fixes and every validator."""
    folder = work / "change"
    write_tree(folder, 300)
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-C", str(folder)]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "base"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run([*git, "checkout", "-q", "-b", "change"], check=True)
    change_tree(folder, 10)
    subprocess.run([*git, "commit", "-q", "-a", "-m", "change"], check=True)
    found = measure(
        {"ours": [*ours, "review", "--base", "main", "--head", "change", "--format", "sarif"]}, folder, runs
    )
    return [
        (
            "review of 10 changed files in 300, with fixes",
            f"{told(found['ours'])}, {peak(found['ours'])}",
            "-",
            "below 1.5 s",
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
