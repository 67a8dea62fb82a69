"""Golden renderings of the prompts: `python -m tests.copilot.llm.golden --write` writes them anew."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from copilot.llm import prompts

FOLDER = Path(__file__).parent / "golden"


def rendered(case: Path) -> str:
    """What is sent for the variables in `<id>.<case>.yaml`, as a text to read."""
    prompt = prompts.load(case.name.split(".")[0])
    made = prompt.render(**yaml.safe_load(case.read_text("utf-8")))
    parts = [f"{made.id} {made.version} {made.digest}\n"]
    return "".join([*parts, *(f"--- {message.role} ---\n{message.text}\n" for message in made.messages)])


def cases() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for case in cases():
        case.with_suffix(".txt").write_text(rendered(case), "utf-8")
        sys.stdout.write(f"{case.with_suffix('.txt').name}\n")
