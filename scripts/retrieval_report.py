"""Measure retrieval on `evals/cases/retrieval` by words, by meaning and by both; `--write` puts the table into docs/benchmarks.md.

`python scripts/retrieval_report.py [--cases FOLDER] [--write]`; the index is built in the cache when it is not there.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from copilot import wiring
from copilot.knowledge import index
from copilot.knowledge.embeddings import MiniLM
from copilot.knowledge.search import Knowledge, Meanings

HERE = Path(__file__).parent.parent
DEPTH = 10
MARKS = ("<!-- retrieval -->", "<!-- /retrieval -->")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=HERE / "evals" / "cases" / "retrieval")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    cases = [yaml.safe_load(path.read_bytes()) for path in sorted(given.cases.glob("*.yaml"))]
    wiring.index_corpus()
    texts, minilm = wiring.texts(), MiniLM()
    opened = index.open_folder(wiring.cache() / "knowledge", texts.digests(scoped=False), minilm.name)
    words, both = Knowledge(texts), Knowledge(texts, meanings=lambda: Meanings(minilm, opened))
    modes: dict[str, Callable[[str], list[str]]] = {
        "names and words": lambda query: [hit.passage.id for hit in words.search(query, viewer=None, k=DEPTH)],
        "meaning alone": lambda query: [
            found.id for found in opened.nearest(minilm.encode([query])[0], kinds=None, k=DEPTH)
        ],
        "all, fused": lambda query: [hit.passage.id for hit in both.search(query, viewer=None, k=DEPTH)],
    }
    rows = []
    for name, search in modes.items():
        search("warm")
        recalls, reciprocals, firsts, times = [], [], [], []
        for case in cases:
            start = time.perf_counter()
            found = search(case["query"])
            times.append(time.perf_counter() - start)
            wanted = case["relevant"]
            recalls.append(len(set(found[:5]) & set(wanted)) / min(5, len(wanted)))
            ranks = [at for at, id in enumerate(found, 1) if id in wanted]
            reciprocals.append(1 / ranks[0] if ranks else 0.0)
            firsts.append(float(bool(ranks and ranks[0] <= 5)))
        rows.append(
            f"| {name} | {shown(recalls)} | {shown(firsts)} | {shown(reciprocals)} | {1000 * statistics.median(times):.1f} ms |"
        )
    opened.close()
    kinds = [id.partition(":")[0] for case in cases for id in case["relevant"]]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("control", "requirement", "check", "golden"))
    table = "\n".join((
        f"{len(cases)} questions with {len(kinds)} right passages ({counts}) among {len(texts.digests(scoped=False))}.", "",
        "| by | recall at 5 | any right one in the first 5 | mean reciprocal rank | median time |", "|---|---|---|---|---|", *rows,
    ))  # fmt: skip
    sys.stdout.write(table + "\n")
    if given.write:
        page = HERE / "docs" / "benchmarks.md"
        before, _, rest = page.read_text("utf-8").partition(MARKS[0])
        page.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}", "utf-8")


def shown(values: list[float]) -> str:
    """The mean, with the middle 95 % of the means of 2,000 resamples."""
    chance = random.Random(7)
    means = sorted(statistics.fmean(chance.choices(values, k=len(values))) for _ in range(2000))
    return f"{statistics.fmean(values):.3f} ({means[50]:.3f} to {means[1949]:.3f})"


if __name__ == "__main__":
    main()
