"""Compare every compiled check with native evaluation on every example of the corpus: `python scripts/compiled_agreement.py [STEP]`."""

from __future__ import annotations

import sys
import time
from collections import Counter

from copilot import wiring
from copilot.compiling import agreement


def main() -> int:
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    library = wiring.library()
    started = time.perf_counter()
    found = agreement.compare(library, sorted(library.checks)[::step])
    for line in found.differences:
        print(line)
    print(f"{found.compiled} checks compiled, {len(found.refused)} refused: {dict(Counter(found.refused.values()))}")
    print(f"{sum(found.verdicts.values())} verdicts {dict(found.verdicts)}: {len(found.differences)} differences")
    print(f"{time.perf_counter() - started:.1f} s")
    return 1 if found.differences else 0


if __name__ == "__main__":
    sys.exit(main())
