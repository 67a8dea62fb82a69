"""Findings that were there before: `.compliance/baseline.json`, a list of fingerprints that people can read.

In a review only the baseline of the merge base counts; a scan takes the one it is given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from copilot.errors import SettingsInvalid
from copilot.model import Finding
from copilot.snapshot import Snapshot

PATH: Final = ".compliance/baseline.json"
_AGAIN: Final = "`ccopilot baseline write` makes it anew"


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """A finding that the baseline knows; only the fingerprint counts, the rest is for people."""

    check: str
    folder: str
    address: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The findings that were there when it was written, sorted."""

    entries: tuple[Known, ...] = ()
    path: str = PATH

    @property
    def fingerprints(self) -> frozenset[str]:
        return frozenset(entry.fingerprint for entry in self.entries)


def write(findings: Iterable[Finding]) -> bytes:
    """The baseline of these findings as a file: one line each, sorted; the same findings give the same bytes.

    Only failures that nothing else exempts go in: an undecided check has shown nothing that could be accepted.
    """
    known = {
        finding.fingerprint: Known(finding.check, finding.folder, finding.address, finding.fingerprint)
        for finding in sorted(findings, key=lambda each: (each.check, each.folder, each.address, each.fingerprint))
        if finding.status == "fail" and finding.exempt in (None, "baseline")
    }
    lines = [
        json.dumps(
            {"fingerprint": e.fingerprint, "check": e.check, "folder": e.folder, "address": e.address},
        )
        for e in sorted(known.values())
    ]
    body = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "version": 1,\n  "findings": {body}\n}}\n'.encode()


def load(snapshot: Snapshot, path: str = PATH) -> Baseline:
    """The baseline at `path`, an empty one when there is no such file; SettingsInvalid says what does not read."""
    data = snapshot.read(path)
    return Baseline(path=path) if data is None else parse(data, path)


def parse(data: bytes, path: str = PATH) -> Baseline:
    """The baseline that the text of a file holds."""
    try:
        content = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise SettingsInvalid(f"{path}:{error.lineno}: not valid JSON: {error.msg}", hint=_AGAIN) from error
    except (ValueError, RecursionError) as error:
        raise SettingsInvalid(f"{path}:1: not valid JSON: {error}", hint=_AGAIN) from error
    if not isinstance(content, dict) or set(content) != {"version", "findings"}:
        raise SettingsInvalid(f"{path}:1: wants exactly the fields version and findings", hint=_AGAIN)
    if type(content["version"]) is not int or content["version"] != 1:
        raise SettingsInvalid(f"{path}:{_line(data, b'version')}: version: this release reads version 1", hint=_AGAIN)
    if not isinstance(content["findings"], list):
        raise SettingsInvalid(f"{path}:{_line(data, b'findings')}: findings: wants a list", hint=_AGAIN)
    return Baseline(tuple(sorted(_known(item, i, data, path) for i, item in enumerate(content["findings"]))), path)


def apply(findings: Iterable[Finding], baseline: Baseline) -> tuple[Finding, ...]:
    """The findings, those that the baseline knows marked so; exempt, undecided and lost ones stay as they are."""
    known = baseline.fingerprints
    return tuple(
        replace(finding, exempt="baseline", exempt_note=f"known since {baseline.path} was written")
        if finding.exempt is None and finding.status == "fail" and finding.fingerprint in known
        else finding
        for finding in findings
    )


def _known(item: Any, index: int, data: bytes, path: str) -> Known:
    names = ("check", "folder", "address", "fingerprint")
    field = f"findings[{index}]"
    if not isinstance(item, dict) or set(item) != set(names) or not all(isinstance(item[n], str) for n in names):
        line = _line(data, b'"fingerprint"', index)
        raise SettingsInvalid(f"{path}:{line}: {field}: wants the texts {', '.join(names)}, no others", hint=_AGAIN)
    if not re.fullmatch(r"[0-9a-f]{20}", item["fingerprint"]):
        line = _line(data, json.dumps(item["fingerprint"]).encode())
        raise SettingsInvalid(f"{path}:{line}: {field}.fingerprint: wants 20 hex digits", hint=_AGAIN)
    return Known(*(item[name] for name in names))


def _line(data: bytes, text: bytes, occurrence: int = 0) -> int:
    """The line in which a text stands for the nth time, or the last time before; 1 when it does not."""
    at = -1
    for _ in range(occurrence + 1):
        following = data.find(text, at + 1)
        if following < 0:
            break
        at = following
    return data.count(b"\n", 0, max(at, 0)) + 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in pairs:
        if key in out:
            raise ValueError(f"the field {key!r} stands twice")
        out[key] = value
    return out
