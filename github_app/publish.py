"""Bring a pull request to what a publication says: look first, then write what is missing, each thing once.

Every write is found again by a mark of ours, so the whole can be run again after any failure: what was done is not done
twice. Between the look and the write nothing else of ours may run for the same pull request; the queue sees to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from copilot.render.escape import code
from github_app.client import GitHub, Posted, Unprocessable
from github_app.publication import MAX_BODY, SUMMARY_MARKER, Annotation, Inline, Publication, marker

CHECK: Final = "compliance"
_FINDING = re.compile(r"<!-- ccopilot:finding:([0-9a-f]{20}) -->")
_SETTLED = "<!-- ccopilot:settled -->"


class Superseded(Exception):
    """The head moved on: nothing more is written for this one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stands on the pull request now for this publication."""

    check_run: int | None
    review: int | None
    summary: int | None
    commented: tuple[str, ...]
    settled: tuple[int, ...]


def begin(github: GitHub, head: str, key: str) -> int:
    """The check run of a review, made when there is none yet."""
    for found in github.check_runs(head, CHECK):
        if found.key == key:
            return found.id
    return github.start_check(CHECK, head, key)


def publish(
    github: GitHub, number: int, publication: Publication, *, key: str, me: str, newest: Callable[[], bool],
    checks: bool = True,
) -> Receipt:  # fmt: skip
    """Write the review, the summary and the check run's conclusion.

    `me` is the login under which we write: what others wrote is never touched, whatever marks it carries. `newest` says
    whether the head is still the pull request's; it is asked before each write that a person would see. Without `checks`
    there is no check run: only the token of an App may make one.
    """
    check_run = begin(github, publication.head, key) if checks else None
    comments = github.review_comments(number)
    standing = [each for each in comments if each.author == me]
    known = {name: each for each in standing for name in _FINDING.findall(each.body) if _SETTLED not in each.body}
    # What stands is not said again; but a graver finding on a resource that has a comment is not kept quiet for that.
    wanted = [each for each in publication.inline if each.findings[0] not in known]
    _ask(newest)
    review = _review(github, number, publication.head, wanted, key=key, me=me)
    summary = _summary(github, number, publication, me=me, newest=newest)
    answered = {each.thread for each in comments if each.thread is not None and _is_person(each.author, me)}
    settled = _settle(github, publication, standing, answered, newest=newest)
    _ask(newest)
    if check_run is not None:
        conclude(github, check_run, publication)
    commented = tuple(name for each in wanted for name in each.findings) if review is not None else ()
    return Receipt(check_run, review, summary, commented, settled)


def findings_of(body: str) -> tuple[str, ...]:
    """The findings that a comment of ours speaks of."""
    return tuple(_FINDING.findall(body))


def is_settled(body: str) -> bool:
    """Whether a comment of ours says that it is over."""
    return _SETTLED in body


def _shortened(head: str, body: str, names: Sequence[str]) -> str:
    """The head before the body, and whole: a body that is as long as GitHub takes gives way, its marks do not."""
    whole = f"{head}\n\n{body}"
    return whole if len(whole) <= MAX_BODY else "\n\n".join([head, "\n".join(map(marker, names))])


def _is_person(author: str, me: str) -> bool:
    return author not in ("", me) and not author.endswith("[bot]")


def _ask(newest: Callable[[], bool]) -> None:
    if not newest():
        raise Superseded


def _review(github: GitHub, number: int, head: str, wanted: Sequence[Inline], *, key: str, me: str) -> int | None:
    mark = f"<!-- ccopilot:review:{key} -->"
    for found in github.reviews(number):
        if found.author == me and mark in found.body:
            return found.id
    if not wanted:
        return None
    count = sum(len(each.findings) for each in wanted)
    body = f"{count} finding{'s' if count != 1 else ''} of compliance checks, each on its line.\n\n{mark}"
    try:
        return github.review(number, head, body, [_sent(each) for each in wanted])
    except Unprocessable:
        # One line that GitHub does not take makes it refuse the whole review. The findings stand in the summary and in
        # the check run, so nothing is lost; a guess at another line would be worse.
        return None


def _sent(comment: Inline) -> dict[str, Any]:
    sent: dict[str, Any] = {"path": comment.path, "side": comment.side, "line": comment.line, "body": comment.body}
    if comment.start is not None:
        sent |= {"start_line": comment.start, "start_side": comment.side}
    return sent


def _summary(
    github: GitHub, number: int, publication: Publication, *, me: str, newest: Callable[[], bool]
) -> int | None:
    ours = [each for each in github.comments(number) if each.author == me and each.body.startswith(SUMMARY_MARKER)]
    text = publication.summary
    if not text and ours:
        text = f"{SUMMARY_MARKER}\n\nNothing is left to do here: {publication.title} ({publication.head[:7]})."
    if not text:
        return None
    if not ours:
        _ask(newest)
        return github.comment(number, text)
    if ours[0].body.strip() != text.strip():
        _ask(newest)
        github.edit_comment(ours[0].id, text)
    return ours[0].id


def _settle(
    github: GitHub, publication: Publication, standing: Sequence[Posted], answered: Collection[int], *,
    newest: Callable[[], bool],
) -> tuple[int, ...]:  # fmt: skip
    """Comments whose findings are all gone say so and are folded; one that a person answered is not folded, since what they
    wrote would go out of sight with it. A finding that is there and is not told any more was not fixed, and is not said to be."""
    out = []
    present = set(publication.fingerprints)
    for each in standing:
        names = _FINDING.findall(each.body)
        if not names or present & set(names):
            continue
        if _SETTLED not in each.body:
            _ask(newest)
            verb = "Not told any more" if set(names) & set(publication.untold) else "Fixed"
            github.edit_review_comment(
                each.id, _shortened(f"{verb} in {publication.head[:7]}.\n\n{_SETTLED}", each.body, names)
            )
        if each.id not in answered:
            github.minimise(each.node)
        out.append(each.id)
    return tuple(out)


def abandon(github: GitHub, check_run: int, why: str) -> None:
    """End a check run whose review is not shown: not green, and not left waiting for ever."""
    output = {"title": f"Not reviewed: {why}", "summary": "Nothing is said of this commit."}
    github.update_check(check_run, {"status": "completed", "conclusion": "cancelled", "output": output})


def show(github: GitHub, check_run: int, doing: str) -> None:
    """Say on a check run what is being done."""
    output = {"title": doing[:250], "summary": "The review is under way."}
    github.update_check(check_run, {"status": "in_progress", "output": output})


def wait(github: GitHub, check_run: int, why: str) -> None:
    """Leave a check run open, and say what it waits for: GitHub takes a skipped or neutral one for a pass."""
    github.update_check(
        check_run, {"status": "queued", "output": {"title": why[:250], "summary": "Nothing was reviewed."}}
    )


def fail(github: GitHub, check_run: int, why: str) -> None:
    """End a check run whose review did not run, and say so: as a failure, whatever the change is like."""
    title = f"The review did not run: {why}"
    summary = (
        f"Nothing is said of this commit. {code(why[:2000])}\n\nRun this check again, or write `/compliance rescan`."
    )
    github.update_check(
        check_run,
        {"status": "completed", "conclusion": "failure", "output": {"title": title[:250], "summary": summary}},
    )


def conclude(github: GitHub, check_run: int, publication: Publication) -> None:
    """Give a check run its conclusion, with the report and every annotation; one that has this one already stays as it is."""
    for found in github.check_runs(publication.head, CHECK):
        if (found.id, found.status, found.conclusion) == (check_run, "completed", publication.conclusion):
            return  # annotations are added: again would show each twice
    output = {"title": publication.title, "summary": publication.report}
    batches = publication.batches
    # Annotations are added, never replaced: the conclusion comes with the last of them, so a run that was cut off half
    # way starts again on a check run that is still in progress.
    for batch in batches[:-1]:
        github.update_check(
            check_run, {"status": "in_progress", "output": {**output, "annotations": list(map(_annotated, batch))}}
        )
    last = batches[-1] if batches else ()
    github.update_check(
        check_run,
        {"status": "completed", "conclusion": publication.conclusion,
         "output": {**output, "annotations": list(map(_annotated, last))}},
    )  # fmt: skip


def _annotated(each: Annotation) -> dict[str, Any]:
    return {
        "path": each.path, "start_line": each.start, "end_line": each.end, "annotation_level": each.level,
        "title": each.title, "message": each.message,
    }  # fmt: skip
