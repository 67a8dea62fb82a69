"""Build the wheel and look into it: the data must be there, and nothing that is not the product's."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PACKAGES = {"copilot", "validators", "corpus", "prompts", "github_app", "evals"}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, str(TOP)]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode:
            print(built.stdout[-2000:], built.stderr[-2000:], file=sys.stderr)
            return 1
        wheel = next(Path(folder).glob("*.whl"))
        names = zipfile.ZipFile(wheel).namelist()
    inside = {name for name in names if not name.split("/")[0].endswith(".dist-info")}
    problems = [f"{name} has no business in the wheel" for name in sorted(inside) if name.split("/")[0] not in PACKAGES]
    on_disk = {
        path.relative_to(TOP).as_posix()
        for package in PACKAGES
        for path in (TOP / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    problems += [f"{name} is missing from the wheel" for name in sorted(on_disk - inside)]
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{wheel.name}: {len(inside)} files")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
