"""Pull requests of our own: approved patches as one commit on the branch under review, and a waiver that is asked for.

Nothing is written to anybody's branch: each has one of ours with one commit, made through GitHub's git database on the very
commit that was judged. Branch and pull request are looked for before they are made, so that a repetition makes none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from copilot import waivers
from copilot.edits import hcl, yaml
from copilot.edits.patched import apply, as_edits, merged
from copilot.errors import InvalidEdit, SettingsInvalid, UnknownId
from copilot.iac import kubernetes
from copilot.model import Place, without_keys
from copilot.policy import Resolve
from copilot.render.escape import code
from copilot.render.escape import markdown as prose
from copilot.render.story import many
from copilot.snapshot import Snapshot
from copilot.waivers import Waiver
from github_app.client import Commit, GitHub, Pull, Unprocessable
from github_app.judged import Fix, Judged, Told
from github_app.owners import Approval, approval
from github_app.publication import MAX_BODY

PREFIX: Final = "ccopilot/"
"""What the names of our branches begin with."""
MAX_REASON: Final = 300
_FILES: Final = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A pull request of ours that stands (`existed` when it did before), with the one commit that it brings.

    For a waiver, `waiver` is what it asks for, and `asker` who did; whoever keeps this can say later how it was granted.
    """

    number: int
    branch: str
    commit: str
    base: str
    asker: str
    existed: bool = False
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """Nothing was made, and why, in plain text; `pull` is the pull request that it speaks of."""

    reason: str
    pull: int = 0


# --- fixes ----------------------------------------------------------------------------------------------------------


def fix(github: GitHub, pull: Pull, judged: Judged, fixes: Sequence[Fix], *, asker: str, me: str) -> Opened | Declined:
    """One commit with all of these patches on a branch of its own, and a pull request into the branch under review.

    Every edit is applied to the live head's own bytes, exactly, or nothing is made.
    """
    refused = _unfit(pull, judged, fixes)
    if refused:
        return Declined(refused)
    entries = github.entries(pull.head)
    paths = sorted({edit.path for each in fixes for edit in each.edits})
    for path in paths:
        if path in entries and entries[path][0] not in _FILES:
            return Declined(f"{path} is a link or a submodule, which is not changed")
    files = dict.fromkeys(entries, b"") | {path: github.blob(entries[path][1]) for path in paths if path in entries}
    head = Snapshot(files)
    try:
        for each in fixes:
            apply(head, each.edits)
    except InvalidEdit as error:
        return Declined(f"a patch does not apply to this commit: {error}")
    try:
        patched = apply(head, merged(head, [each.edits for each in fixes]))
    except InvalidEdit as error:
        return Declined(f"the patches change the same lines in different ways ({error}); ask for one of them by its id")
    digest = hashlib.sha256(f"{pull.head}\0{patched.tree}".encode()).hexdigest()[:8]
    branch = f"{PREFIX}fix-pr-{pull.number}-{digest}"
    standing = _standing(github, branch, pull.head_ref, me=me)
    if standing is not None:
        return (
            _found(standing, branch, asker)
            if standing.open
            else Declined(f"#{standing.number} had them, and was closed", standing.number)
        )
    changes = {path: patched.after.read(path) for path in patched.files}
    if github.pull(pull.number).head != pull.head:
        return Declined(f"the branch moved on from {pull.head[:7]}; the newest commit is judged first")
    told = {each.fingerprint: each for each in judged.told}
    made = _committed(github, branch, github.commit(pull.head), changes, entries, _message(fixes, told, pull))
    if isinstance(made, Declined):
        return made
    settled = sum(len(each.findings) for each in fixes)
    title = f"Settle {many(settled, 'finding')} of compliance checks in #{pull.number}"
    return _opened(github, branch, made, pull.head_ref, title, _fix_body(fixes, told, pull, asker), asker=asker, me=me)


def _unfit(pull: Pull, judged: Judged, fixes: Sequence[Fix]) -> str:
    replaced = sorted({address for each in fixes for address in each.replaces})
    if not pull.open:
        return "this pull request is closed"
    if pull.from_fork:
        return (
            "the branch lies in a fork, where nothing of ours is written; a suggestion can be committed by its author"
        )
    if judged.head != pull.head:
        return f"the newest commit, {pull.head[:7]}, is not judged yet; the patches are for {judged.head[:7]}"
    if replaced:
        return f"it would destroy and make anew {', '.join(replaced)}; such a patch is never made a commit"
    return "" if fixes else "there is no approved patch"


def _message(fixes: Sequence[Fix], told: Mapping[str, Told], pull: Pull) -> str:
    """Ids alone: a commit message is no place for text of a repository or model, which GitHub would link and ping by."""
    names = [name for each in fixes for name in each.findings]
    lines = [f"Settle {many(len(names), 'finding')} of compliance checks", ""]
    for name in names:
        found = told.get(name)
        about = f"{_id(found.check)} (control {_id(found.control)}), " if found else ""
        lines.append(f"- {about}finding {_id(name)}")
    lines += ["", f"Proved against {pull.head}: each finding is settled, and no other check fails that passed before."]
    return "\n".join(lines)


def _fix_body(fixes: Sequence[Fix], told: Mapping[str, Told], pull: Pull, asker: str) -> str:
    out = [
        f"For #{pull.number} at {code(pull.head[:7])}, as {code(asker)} asked. Merging this puts one commit on "
        f"{code(pull.head_ref)}."
    ]
    for each in fixes:
        rows = [f"**{prose(each.summary)}**" + (" (drafted by a language model)" if each.by_model else "")]
        for name in each.findings:
            found = told.get(name)
            rows.append(
                f"- {code(name)}" if found is None else
                f"- {found.severity}: {prose(found.message)} {code(found.address)} at {code(f'{found.path}:{found.line}')}; "
                f"control {code(found.control)}, check {code(found.check)}, finding {code(name)}"
            )  # fmt: skip
        rows += ["", f"Proved: {prose(each.proof)}."]
        out.append("\n".join(rows))
    return _cut(out)


# --- waivers --------------------------------------------------------------------------------------------------------


def waive(
    github: GitHub, number: int, told: Told, *, until: date, reason: str, asker: str, today: date, comment: int, me: str,
    resolve: Resolve,
) -> Opened | Declined:  # fmt: skip
    """A pull request into the default branch that adds one waiver to `.compliance/waivers.yaml` and changes nothing else.

    `comment` is the command's: asked twice for by the same one, it is the same pull request.
    """
    asked = _asked(told, until=until, reason=reason, asker=asker, today=today)
    if isinstance(asked, Declined):
        return asked
    default = github.default_branch()
    branch = f"{PREFIX}waive-pr-{number}-{comment}"
    standing = _standing(github, branch, default, me=me)
    if standing is not None:
        return replace(_found(standing, branch, asker), waiver=asked)
    mark = _mark(told.fingerprint)
    for other in github.pulls(base=default):
        if other.author == me and mark in other.body:
            return Declined(f"a waiver of it is asked for already in #{other.number}", other.number)
    tip = github.branch(branch)
    base = github.commit(tip).parents[0] if tip else github.branch(default)
    if base is None:
        return Declined(f"there is no branch {default}")
    entries = github.entries(base)
    mode, sha = entries.get(waivers.PATH, ("100644", ""))
    if mode not in _FILES:
        return Declined(f"{waivers.PATH} is a link or a submodule, which is not changed")
    data = added(github.blob(sha) if sha else None, asked, resolve=resolve, today=today)
    if isinstance(data, Declined):
        return data
    message = f"Ask for a waiver of {_id(told.check)} until {until}\n\nFinding {_id(told.fingerprint)}, by #{number}."
    made = _committed(github, branch, github.commit(base), {waivers.PATH: data}, entries, message)
    if isinstance(made, Declined):
        return made
    title = f"Waive {_id(told.check)} until {until}"
    body = _waiver_body(asked, told, number, today, default)
    opened = _opened(github, branch, made, default, title, f"{body}\n\n{mark}", asker=asker, me=me)
    return replace(opened, waiver=asked) if isinstance(opened, Opened) else opened


def _asked(told: Told, *, until: date, reason: str, asker: str, today: date) -> Waiver | Declined:
    if told.exempt:
        return Declined(f"it does not count as it is: {told.exempt_note or told.exempt}")
    if told.status == "undecided":
        return Declined("it is not decided whether this is a finding, so there is nothing to waive")
    if until < today:
        return Declined(f"{until} is past")
    said = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
    if not said:
        return Declined("a waiver has a reason")
    if len(said) > MAX_REASON:
        return Declined(f"a reason has {MAX_REASON} characters at most, and this one has {len(said)}")
    if "[secret]" in told.address:
        return Declined("its address holds a secret, and cannot be written down")
    return Waiver(told.check, (told.check,), without_keys(told.address), until, said, asker, told.folder or ".")


def added(data: bytes | None, asked: Waiver, *, resolve: Resolve, today: date) -> bytes | Declined:
    """The file of waivers with one more at its end, every other byte as it was; the result is read back before it is
    believed. Declined where there is such a waiver, or where the file does not read."""
    tolerant = _tolerant(resolve)
    try:
        before = () if data is None else waivers.parse(data, resolve=tolerant)
    except SettingsInvalid as error:
        return Declined(str(error))
    for other in before:
        if not set(asked.checks) & set(other.checks) or other.address != asked.address:
            continue
        if other.root not in (None, asked.root):
            continue
        where = f"{other.path}:{other.line}"
        if other.is_over(today):
            return Declined(
                f"{where} waived it until {other.until}: change the date there, so that its history stays in one place"
            )
        return Declined(f"it is waived already until {other.until}, in {where}")
    if data is None:
        after = f"version: 1\nwaivers:\n{waivers.entry(asked)}".encode()
    else:
        value = {"check": asked.check, "address": asked.address, "root": asked.root, "until": asked.until.isoformat(),
                 "reason": asked.reason, "owner": asked.owner}  # fmt: skip
        try:
            after = _appended(data, value)
        except (hcl.CannotEdit, InvalidEdit) as error:
            return Declined(f"{waivers.PATH} cannot be added to without changing the rest: {error}")
    try:
        found = waivers.parse(after, resolve=tolerant)
    except SettingsInvalid as error:
        return Declined(str(error))
    if found[:-1] != before or replace(found[-1], line=asked.line) != asked:
        return Declined(f"{waivers.PATH} would not read back as it was, with this waiver at its end")
    return after


def _appended(data: bytes, value: Mapping[str, str | None]) -> bytes:
    made = yaml.append(data, waivers.PATH, _top(data), ("waivers",), value)
    snapshot = Snapshot({waivers.PATH: data})
    return apply(snapshot, as_edits(snapshot, made)).after.read(waivers.PATH) or b""


def _top(data: bytes) -> Place:
    stream = kubernetes.read(waivers.PATH, data)
    if not stream.documents:
        raise hcl.CannotEdit("it is not read as it stands")
    return stream.place(stream.documents[0].start, stream.documents[0].end)


def _tolerant(resolve: Resolve) -> Resolve:
    """A repository's own checks are known by their own ids."""

    def known(id: str) -> tuple[str, ...]:
        try:
            return resolve(id) or (id,)
        except UnknownId:
            return (id,)

    return known


def _waiver_body(asked: Waiver, told: Told, number: int, today: date, default: str) -> str:
    days = (asked.until - today).days + 1
    return _cut([
        f"{code(asked.owner)} asks in #{number} to accept this until {asked.until} ({many(days, 'day')}):",
        f"- {told.severity}: {prose(told.message)}\n- {code(asked.address)} in {code(told.folder or '.')}, at "
        f"{code(f'{told.path}:{told.line}')}\n- control {code(told.control)}, check {code(told.check)}, finding {code(told.fingerprint)}",
        f"Reason: {prose(asked.reason)}",
        f"It counts once an owner of {code(waivers.PATH)} by CODEOWNERS, another person than {code(asked.owner)}, has approved the "
        f"last commit of this pull request and it was merged into {code(default)}.",
    ])  # fmt: skip


def _mark(fingerprint: str) -> str:
    return f"<!-- ccopilot:waiver:{fingerprint} -->"


@dataclass(frozen=True, slots=True)
class Granted:
    """What became of a waiver that was asked for: `open`, `closed` without a merge, `granted` by an owner's approval (or by
    the merge alone, where nobody owns the file), or `unapproved`: merged, though no owner had approved it."""

    state: str
    note: str
    approval: Approval | None = None

    @property
    def counts(self) -> bool:
        return self.state == "granted"


def granted(github: GitHub, asked: Opened, *, me: str) -> Granted:
    """What became of a waiver that `waive` opened.

    One that was merged unapproved stands on the default branch and does not count here: `discounted` takes it out of what is
    judged. Where nobody owns the file, the repository leaves the decision to whoever may merge; that counts, and the note
    says so.
    """
    pull = github.pull(asked.number)
    if pull.open:
        return Granted("open", f"#{pull.number} is open")
    if not pull.merged:
        return Granted("closed", f"#{pull.number} was closed")
    if pull.author != me or pull.head != asked.commit:
        return Granted("unapproved", f"#{pull.number} holds commits that are not ours, so that nobody knows who asked")
    found = approval(github, pull, waivers.PATH, asker=asked.asker, me=me)
    if isinstance(found, Approval):
        return Granted("granted", f"#{pull.number} was approved by {found.by}, {found.owner} in {found.rule}", found)
    if found.owned:
        return Granted("unapproved", f"#{pull.number} was merged, and {found.reason}")
    return Granted("granted", f"#{pull.number} was merged, and {found.reason}")


def tell_unapproved(github: GitHub, asked: Opened, became: Granted, *, me: str) -> None:
    """Say, once, on the pull request of a waiver that was merged unapproved why it does not count, and what makes it count."""
    mark = "<!-- ccopilot:unapproved -->"
    if any(each.author == me and mark in each.body for each in github.comments(asked.number)):
        return
    why = prose(became.note.removeprefix(f"#{asked.number} "))
    github.comment(
        asked.number,
        f"This waiver does not count yet: this pull request {why}. Once an owner of {code(waivers.PATH)}, another person than "
        f"{code(asked.asker)}, approves it here, it counts from the next review on.\n\n{mark}",
    )


def discounted(data: bytes, unapproved: Sequence[Waiver]) -> bytes:
    """The file of waivers without those that nobody approved; one that was changed since is another and stays. A file that does
    not read is left to whoever judges by it, and who says what is wrong with it."""
    doomed = {(w.check, w.address, w.root, w.until, w.reason, w.owner) for w in unapproved}
    try:
        known = waivers.parse(data)
    except SettingsInvalid:
        return data
    places = [at for at, w in enumerate(known) if (w.check, w.address, w.root, w.until, w.reason, w.owner) in doomed]
    if not places:
        return data
    try:
        snapshot, top = Snapshot({waivers.PATH: data}), _top(data)
        changes = [yaml.Change("remove", top, ("waivers", at)) for at in places]
        return apply(snapshot, yaml.edits(snapshot, waivers.PATH, changes)).after.read(waivers.PATH) or b""
    except (hcl.CannotEdit, InvalidEdit):  # nobody sees this text; what matters is that they do not count
        left = [waivers.entry(waiver) for at, waiver in enumerate(known) if at not in places]
        return f"version: 1\nwaivers:{'' if left else ' []'}\n{''.join(left)}".encode()


# --- branches -------------------------------------------------------------------------------------------------------


def _standing(github: GitHub, branch: str, base: str, *, me: str) -> Pull | None:
    """The newest pull request from a branch of ours."""
    found = [p for p in github.pulls(head=branch, base=base, state="all") if p.author == me and not p.from_fork]
    return next((p for p in found if p.open), found[0] if found else None)


def _found(pull: Pull, branch: str, asker: str) -> Opened:
    return Opened(pull.number, branch, pull.head, pull.base_ref, asker, existed=True)


def _committed(
    github: GitHub, branch: str, base: Commit, changes: Mapping[str, bytes | None],
    entries: Mapping[str, tuple[str, str]], message: str,
) -> str | Declined:  # fmt: skip
    """The commit at the tip of the branch: these changes on `base`, and nothing else."""
    changed = {
        path: None if data is None else (entries.get(path, ("100644", ""))[0], github.make_blob(data))
        for path, data in changes.items()
    }
    tree = github.make_tree(base.tree, changed)
    if tree == base.tree:
        return Declined("nothing would change")
    tip = github.branch(branch)
    if tip is None:
        made = github.make_commit(message, tree, base.sha)
        try:
            github.make_branch(branch, made)
        except Unprocessable:
            tip = github.branch(branch)  # somebody was faster: what stands there is looked at, not overwritten
            if tip is None:
                raise
        else:
            return made
    found = github.commit(tip)
    if (found.tree, found.parents) != (tree, (base.sha,)):
        return Declined(f"the branch {branch} is there and holds something else; delete it, and ask again")
    return tip


def _opened(
    github: GitHub, branch: str, commit: str, base: str, title: str, body: str, *, asker: str, me: str
) -> Opened | Declined:
    try:
        made = github.open_pull(branch, base, title, body)
    except Unprocessable as error:
        standing = _standing(github, branch, base, me=me)
        if standing is None:
            return Declined(f"the branch {branch} stands, and GitHub takes no pull request from it: {error}")
        return _found(standing, branch, asker)
    return Opened(made.number, branch, commit, base, asker)


def _id(text: str) -> str:
    """An id of ours as it is; of a repository's own check only what means nothing to GitHub."""
    return re.sub(r"[^A-Za-z0-9._:-]", "", text)[:100] or "-"


def _cut(paragraphs: Sequence[str]) -> str:
    """Whole paragraphs, as many as GitHub takes."""
    out: list[str] = []
    room = MAX_BODY - 200
    for each in paragraphs:
        room -= len(each) + 2
        if room < 0:
            out.append("…")
            break
        out.append(each)
    return "\n\n".join(out)
