"""What the worker found out about one head, as values that lie in the database between worker and edge. No I/O.

The worker judges and has no GitHub; the edge has GitHub and judges nothing. What passes between them is this, as closed
JSON under its own digest: the edge takes nothing that does not read, or is not what the worker said it wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from copilot import explaining, pipeline
from copilot.changes import Change
from copilot.errors import CopilotError
from copilot.model import Approved, Edit, Finding
from copilot.pipeline import Settings
from copilot.render.escape import Redaction
from copilot.render.story import proof
from github_app import publication
from github_app.diff import FileDiff
from github_app.publication import Publication

VERSION: Final = 1


class NotOurs(CopilotError):
    """What the database holds is not what a worker wrote: nothing of it is used."""

    exit_code = 70
    hint = "the review is made anew with `/compliance rescan`"


@dataclass(frozen=True, slots=True)
class Told:
    """A finding of the head, introduced or touched or existing, with the text that explains it in full.

    `line` and `path` are where its value is written. `explanation` is plain text (as `ccopilot explain` prints it), with
    what must not be shown masked. `roots` are folders.
    """

    fingerprint: str
    check: str
    control: str
    severity: str
    status: str
    relation: str
    enforcement: str
    address: str
    folder: str
    roots: tuple[str, ...]
    path: str
    line: int
    message: str
    exempt: str = ""
    exempt_note: str = ""
    requested: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """An approved patch against the head: what it settles, its exact edits, and what was proved of it.

    `committable` says whether it was shown as a suggestion that one click commits. `masked` is true where its text holds
    something that must not be shown; such a patch is committed as it is, and shown nowhere.
    """

    findings: tuple[str, ...]
    digest: str
    summary: str
    edits: tuple[Edit, ...]
    replaces: tuple[str, ...]
    proof: str
    by_model: bool
    committable: bool
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that is known of one head after its review.

    `complete` is false where something could not be read: such a review is never green. `waived_until` is the last day of
    the waiver or suppression that ends first among those that counted; on the day after, the head is judged anew.
    """

    key: str
    head: str
    merge_base: str
    publication: Publication
    told: tuple[Told, ...]
    fixes: tuple[Fix, ...]
    record: Mapping[str, Any]
    complete: bool
    waived_until: date | None = None
    version: int = VERSION

    def told_of(self, id: str) -> tuple[Told, ...]:
        """The findings that an id names: a fingerprint, its beginning of eight digits or more, or a check."""
        found = tuple(t for t in self.told if id in (t.fingerprint, t.check))
        return found or tuple(t for t in self.told if len(id) >= 8 and t.fingerprint.startswith(id))

    def to_json(self) -> str:
        """Closed JSON; `read` gives the same value back."""
        return str(_adapter().dump_json(self).decode())

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON."""
        return digest_of(self.to_json())


def digest_of(text: str) -> str:
    """SHA-256 over a text as it lies in the database."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read(text: str, *, digest: str) -> Judged:
    """What a worker wrote; NotOurs when it is another text, or does not read."""
    from pydantic import ValidationError

    if digest_of(text) != digest:
        raise NotOurs("the judgement in the database is not the one that the worker wrote")
    try:
        found: Judged = _adapter().validate_json(text)
    except ValidationError as error:
        raise NotOurs(f"the judgement in the database does not read: {error.errors()[0]['loc']}") from error
    if found.version != VERSION:
        raise NotOurs(f"the judgement is of version {found.version}, and this program reads {VERSION}")
    return found


@cache
def _adapter() -> Any:
    from pydantic import ConfigDict, TypeAdapter, with_config

    return TypeAdapter(with_config(ConfigDict(extra="forbid"))(Judged))


def judge(
    change: Change, settings: Settings, diffs: Mapping[str, FileDiff], *,
    key: str, subject: str, merge_base: str, head: str, limit: int = publication.INLINE,
    progress: pipeline.Progress = lambda _: None,
) -> Judged:  # fmt: skip
    """Review a change as it is to be shown on a pull request whose diff is `diffs`."""
    run = pipeline.review(change, settings, subject=subject, base=merge_base, head=head, progress=progress)
    shown = publication.prepare(run.review, change.after, diffs, head=head, limit=limit)
    committable = {name for each in shown.inline if each.committable for name in each.findings}
    hidden = Redaction.of(run.review)
    findings = (*run.review.findings, *run.review.undecided)
    return Judged(
        key=key, head=head, merge_base=merge_base, publication=shown,
        told=tuple(_told(run, f, hidden) for f in findings),
        fixes=_fixes(run, committable, hidden),
        record=json.loads(json.dumps(run.review.record)),
        complete=not any(gap.kind == "unread" for gap in run.review.gaps),
        waived_until=_ends(findings),
    )  # fmt: skip


def _told(run: pipeline.Run, finding: Finding, hidden: Redaction) -> Told:
    near = finding.relation != "existing"
    return Told(
        fingerprint=finding.fingerprint, check=finding.check, control=finding.control, severity=str(finding.severity),
        status=finding.status, relation=finding.relation, enforcement=finding.enforcement,
        address=hidden(finding.address), folder=finding.folder, roots=finding.roots,
        path=finding.place.path, line=finding.place.line,
        message=hidden(finding.message + (f": {finding.reason}" if finding.reason else "")),
        exempt=finding.exempt or "", exempt_note=hidden(finding.exempt_note), requested=hidden(finding.requested),
        explanation=explaining.explain(run, finding.fingerprint) if near else "",
    )  # fmt: skip


def _fixes(run: pipeline.Run, committable: set[str], hidden: Redaction) -> tuple[Fix, ...]:
    found = {id(r): r for r in run.review.remedies.values() if isinstance(r, Approved)}
    out = []
    for remedy in found.values():
        text = "".join(edit.find + (edit.replace or "") for edit in remedy.draft.edits)
        out.append(
            Fix(
                findings=remedy.draft.findings, digest=remedy.draft.digest, summary=hidden(remedy.draft.summary),
                edits=remedy.draft.edits, replaces=remedy.replaces, proof=hidden(proof(remedy)),
                by_model=remedy.draft.origin != "recipe",
                committable=not remedy.replaces and set(remedy.draft.findings) <= committable, masked=hidden(text) != text,
            )
        )  # fmt: skip
    return tuple(sorted(out, key=lambda fix: fix.findings))


def _ends(findings: tuple[Finding, ...]) -> date | None:
    return min((f.exempt_until for f in findings if f.exempt_until is not None), default=None)
