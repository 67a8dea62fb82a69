"""Runs the two suites that measure the gate and writes what they say into docs/benchmarks.md.

python scripts/gate_report.py            prints the section
python scripts/gate_report.py --write    and puts it between the markers of docs/benchmarks.md
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from tests.gate.corpus_pairs import keys, repairs  # noqa: E402
from tests.gate.harness import Result, judge, written  # noqa: E402
from tests.gate.mutations import deceptions  # noqa: E402

START, END = "<!-- gate -->", "<!-- /gate -->"
TARGET = TOP / "docs" / "benchmarks.md"


def main() -> int:
    text = section()
    print(text)
    if "--write" in sys.argv[1:]:
        write(text)
    return 0


def section() -> str:
    """Both suites as Markdown."""
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: list[str] = []
    for case in (*written("deceptive"), *deceptions()):
        results = [judge(case, keys=keys())]
        if case.claims:
            results.append(judge(case, claims=case.claims, keys=keys()))
        wrong += [case.name] * any(result.approved for result in results)
        by_kind[case.kind][results[-1].first or "approved"] += 1
    total = sum(count.total() for count in by_kind.values())
    first = sum(by_kind.values(), Counter())
    honest = [(case.name, judge(case)) for case in written("honest")]
    hand = len(honest)
    honest += [(case.name, judge(case, keys=keys())) for case in repairs()]
    approved = sum(result.approved for _, result in honest)
    refusals = Counter(name for _, result in honest for name in set(result.refused_by))
    lines = [
        "## The gate",
        "",
        "Two suites (`tests/gate`); each patch is held to what failed before and neither stands nor reads differently after, and deceptive ones also to what they claim. Run `python scripts/gate_report.py --write` to measure again.",
        "",
        f"**Deceptive fixes: {total} of {len(by_kind)} kinds, {len(wrong)} approved.** Which validator refuses first: "
        + ", ".join(f"{name} {n}" for name, n in first.most_common())
        + ". (*settles nothing*: nothing that failed passes after, so that no validator was needed.)",
        "",
        "| kind | cases | refused first by |",
        "|---|---:|---|",
        *(
            f"| {kind} | {c.total()} | {', '.join(f'{v} {n}' for v, n in c.most_common())} |"
            for kind, c in sorted(by_kind.items())
        ),
        "",
        f"**Honest fixes that no recipe wrote: {len(honest)} ({hand} by hand, {len(honest) - hand} good examples as patches of "
        f"their bad twins), {approved} approved: {approved / len(honest):.1%}.**",
        "",
        "| validator | false refusals | of all | for example |",
        "|---|---:|---:|---|",
        *(f"| {name} | {n} | {n / len(honest):.1%} | {_example(name, honest)} |" for name, n in refusals.most_common()),
    ]
    return "\n".join(lines)


def _example(validator: str, honest: list[tuple[str, Result]]) -> str:
    for name, result in honest:
        if validator in result.refused_by:
            reason = result.reasons[result.refused_by.index(validator)]
            return f"`{name}`: {reason}".replace("|", "\\|")
    return ""


def write(text: str) -> None:
    """Put the section between its markers; what stands around them is somebody else's."""
    known = TARGET.read_text("utf-8") if TARGET.exists() else "# Benchmarks\n"
    if START not in known:
        known = f"{known.rstrip()}\n\n{START}\n{END}\n"
    before, rest = known.split(START, 1)
    after = rest.split(END, 1)[1]
    TARGET.write_text(f"{before}{START}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
