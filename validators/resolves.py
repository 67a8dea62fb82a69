"""resolves: each finding failed before, in every occurrence, and is decided and passes after."""

from __future__ import annotations

from copilot.model import Verdict
from validators.case import Case


def check(case: Case) -> Verdict:
    """Fail a patch after which a target still fails, is undecided, does not apply, or is about nothing any more."""
    still = {f.fingerprint: f for f in case.after.findings}
    for target in case.targets:
        if target.status != "fail":
            return case.verdict("resolves", "fail", f"{target.check} did not fail on {target.address} before")
        left = still.get(target.fingerprint)
        if left is not None:
            how = "still fails" if left.status == "fail" else f"is undecided: {left.reason}"
            return case.verdict("resolves", "fail", f"{target.check} {how} on {target.address}")
        for occurrence in target.occurrences:
            world = case.after.world(occurrence.root, occurrence.environment)
            state = "gone" if world is None else case.state(world, target.check, occurrence.address)
            if state == "gone":
                return case.verdict(
                    "resolves", "fail", f"{occurrence.address} is gone; the resource was removed, not fixed"
                )
            if state == "not_applicable":
                return case.verdict("resolves", "fail", f"{target.check} no longer applies to {occurrence.address}")
            if state == "undecided":
                return case.verdict("resolves", "fail", f"{target.check} is undecided on {occurrence.address}")
            # Other elements of the same resource may go on failing; this one is gone, and nothing new came (see no_new).
            before = case.before.verdicts.get(
                (target.check, occurrence.root, occurrence.environment, occurrence.address)
            )
            if before != "fail":
                return case.verdict("resolves", "fail", f"{target.check} did not fail on {occurrence.address} before")
    count = sum(len(target.occurrences) for target in case.targets)
    return case.verdict("resolves", "pass", f"{count} occurrences failed before and pass after")
