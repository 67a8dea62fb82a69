"""Put the beginning of the demo's output into README.md, so that what it shows is what the program prints."""

from __future__ import annotations

import sys
from pathlib import Path

from copilot import pipeline, render, wiring

TOP = Path(__file__).resolve().parent.parent
START, END = "<!-- demo -->", "<!-- /demo -->"


def excerpt() -> str:
    """The conclusion and the first finding of the demo's review, as a fenced block."""
    compared = wiring.compare(Path(), "examples/harbor/base", "examples/harbor/head")
    asked = wiring.Asked(now="2026-12-01", under=compared.under)
    settings = wiring.settings(asked, compared.change.before)
    done = pipeline.review(
        compared.change, settings, subject=compared.subject, base=compared.base, head=compared.head
    )  # fmt: skip
    lines = render.render(done.review, "terminal").splitlines()
    second = [i for i, line in enumerate(lines) if line.startswith(("critical ", "high ", "medium ", "low "))][1]
    return "\n".join(["```", *lines[:second], "…", "```"])


def updated(text: str) -> str:
    """The README with the excerpt as it is now."""
    head, _, rest = text.partition(START)
    _, _, tail = rest.partition(END)
    return f"{head}{START}\n{excerpt()}\n{END}{tail}"


def main() -> int:
    page = TOP / "README.md"
    before = page.read_text("utf-8")
    after = updated(before)
    if "--check" in sys.argv:
        if before != after:
            print("README.md shows another output than the demo prints: run `make readme`", file=sys.stderr)
        return int(before != after)
    page.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
