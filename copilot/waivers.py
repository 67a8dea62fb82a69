"""Time-bound exceptions that people granted: `.compliance/waivers.yaml`.

A waiver counts when it stands both in the merge base and in the head: one that the change adds is only *requested*,
one that the change takes away is gone. An expired one counts for nothing and is reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from copilot.errors import UsageError
from copilot.model import Finding, without_keys
from copilot.policy import Resolve, checks_of, document, version_of
from copilot.snapshot import Snapshot

PATH: Final = ".compliance/waivers.yaml"


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody's decision to live with what `check` finds at `address` until a day, that day included.

    `checks` are our ids behind `check`, which may be a peer's. `root` is a root's folder ("." for the top), or the
    folder of the module in which the finding is written; without one the address counts in every root. An address
    without instance keys stands for every instance.
    """

    check: str
    checks: tuple[str, ...]
    address: str
    until: date
    reason: str
    owner: str
    root: str | None = None
    ticket: str = ""
    path: str = PATH
    line: int = 1

    def is_over(self, today: date) -> bool:
        return today > self.until

    def covers(self, finding: Finding, root: str, address: str) -> bool:
        """Whether this is about the instance of the finding at that address of a root, whatever the date."""
        if finding.check not in self.checks:
            return False
        if self.root in (None, root or ".") and self.address in (address, without_keys(address)):
            return True
        return self.root == (finding.folder or ".") and self.address == without_keys(finding.address)

    def __str__(self) -> str:
        ticket = f", {self.ticket}" if self.ticket else ""
        return f"until {self.until} ({self.owner}{ticket}): {self.reason}"


def load(snapshot: Snapshot, path: str = PATH, *, resolve: Resolve | None = None) -> tuple[Waiver, ...]:
    """The waivers at `path`, none when there is no such file; SettingsInvalid names what does not read, and where."""
    data = snapshot.read(path)
    return () if data is None else parse(data, path, resolve=resolve)


def parse(data: bytes, path: str = PATH, *, resolve: Resolve | None = None) -> tuple[Waiver, ...]:
    """The waivers that the text of a file holds."""
    top = document(data, path).mapping({"version", "waivers"})
    version_of(top, path)
    waivers: list[Waiver] = []
    for item in top["waivers"].items() if "waivers" in top else ():
        entry = item.mapping({"check", "address", "root", "until", "reason", "owner", "ticket"})
        missing = [name for name in ("check", "address", "until", "reason", "owner") if name not in entry]
        if missing:
            raise item.refuse(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
        waiver = Waiver(
            entry["check"].text(), checks_of(entry["check"], resolve), entry["address"].text(), entry["until"].date(),
            entry["reason"].text(), entry["owner"].text(),
            entry["root"].text().strip("/") or "." if "root" in entry else None,
            entry["ticket"].text(numbers=True) if "ticket" in entry else "",
            path, item.line,
        )  # fmt: skip
        for other in waivers:
            if (other.checks, other.address, other.root) == (waiver.checks, waiver.address, waiver.root):
                raise item.refuse(f"the same check, address and root are waived in line {other.line}; keep one of them")
        waivers.append(waiver)
    return tuple(waivers)


def match(finding: Finding, waivers: Iterable[Waiver], today: date) -> Waiver | None:
    """The waiver that holds for a finding on a day: every instance must be covered; of several the first to end."""
    current = [waiver for waiver in waivers if finding.check in waiver.checks and not waiver.is_over(today)]
    used: list[Waiver] = []
    for root, address in _instances(finding):
        covering = [waiver for waiver in current if waiver.covers(finding, root, address)]
        if not covering:
            return None
        used.append(max(covering, key=lambda waiver: waiver.until))
    return min(used, key=lambda waiver: waiver.until, default=None)


def _instances(finding: Finding) -> list[tuple[str, str]]:
    """Root and address of each instance; of a finding without any, its own."""
    return [(each.root, each.address) for each in finding.occurrences] or [(finding.folder, finding.address)]


def apply(
    findings: Iterable[Finding], *, base: Sequence[Waiver], head: Sequence[Waiver], today: date
) -> tuple[Finding, ...]:
    """The findings, each marked waived when a waiver of both trees covers it, else with what the head requests.

    A finding that is exempt already stays as it is. A scan gives the same waivers twice.
    """
    return tuple(_marked(finding, base, head, today) for finding in findings)


def _marked(finding: Finding, base: Sequence[Waiver], head: Sequence[Waiver], today: date) -> Finding:
    if finding.exempt is not None:
        return finding
    asked = match(finding, head, today)
    if asked is None:
        return finding
    granted = match(finding, base, today)
    if granted is not None:
        first = min(granted, asked, key=lambda waiver: waiver.until)
        return replace(finding, exempt="waived", exempt_note=f"waived {first}", exempt_until=first.until)
    return replace(finding, requested=f"a waiver {asked} [{asked.path}:{asked.line}]")


# --- looking after them ---------------------------------------------------------------------------------------------

State = Literal["active", "ending", "expired", "unmatched"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a waiver stands on a day, with what to do about it."""

    waiver: Waiver
    state: State
    remedy: str = ""


def standings(
    waivers: Iterable[Waiver], today: date, *, findings: Sequence[Finding] | None = None, soon: int = 30
) -> tuple[Standing, ...]:
    """How each waiver stands, the earliest end first; `findings` of the whole tree tell which ones nothing needs.

    `ending` is one whose last day is at most `soon` days away.
    """
    return tuple(
        _standing(waiver, today, findings, soon) for waiver in sorted(waivers, key=lambda w: (w.until, w.line))
    )


def _standing(waiver: Waiver, today: date, findings: Sequence[Finding] | None, soon: int) -> Standing:
    where = f"{waiver.path}:{waiver.line}"
    if waiver.is_over(today):
        return Standing(waiver, "expired", f"remove it from {where}, or have its owner agree to a new date")
    if findings is not None and not any(waiver.covers(f, *at) for f in findings for at in _instances(f)):
        return Standing(waiver, "unmatched", f"nothing needs it any more: remove it from {where}, or mend its address")
    left = (waiver.until - today).days
    if left <= soon:
        return Standing(
            waiver, "ending", f"it ends in {left} days: mend the finding, or ask {waiver.owner} to extend it"
        )
    return Standing(waiver, "active")


def entry(waiver: Waiver) -> str:
    """The lines that ask for a waiver when they are added under `waivers:`."""
    given = {
        "check": waiver.check, "address": waiver.address, "root": waiver.root, "until": waiver.until.isoformat(),
        "reason": waiver.reason, "owner": waiver.owner, "ticket": waiver.ticket or None,
    }  # fmt: skip
    lines = [
        f"{name}: {value if name == 'until' else json.dumps(value, ensure_ascii=False)}"
        for name, value in given.items()
        if value is not None
    ]
    return "  - " + "\n    ".join(lines) + "\n"


def requested(
    resolve: Resolve, *, check: str, address: str, until: str, reason: str, owner: str, root: str = "", ticket: str = ""
) -> Waiver:
    """The waiver that these words ask for; UsageError when a date, reason, owner or check id will not do."""
    try:
        last = date.fromisoformat(until)
    except ValueError as error:
        raise UsageError(f"--until {until}: not a date", hint="write it like 2027-01-31") from error
    for name, text in (("reason", reason), ("owner", owner), ("address", address)):
        if not text.strip():
            raise UsageError(f"a waiver needs its {name}")
    return Waiver(check, resolve(check), address, last, reason, owner, root or None, ticket)
