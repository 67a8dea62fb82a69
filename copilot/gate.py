"""The gate: which verdicts a draft needs, and the one place where a draft becomes Approved.

`required` is data: for each kind of draft and origin, the validators that must have spoken. `decide` denies when in
doubt: a verdict that is missing, failed, unknown, or about another draft or tree, withholds the draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.errors import InvalidEdit
from copilot.model import Approved, DraftOrigin, Patch, Verdict, Withheld, _Seal
from validators.blast_radius import replaced
from validators.case import Case, Validator
from validators.registry import VALIDATORS

MODELS_ALONE = ("citations", "confidence")
"""What is asked of a model's drafts alone: the others rely on no passage, and are drawn once."""
OUTSIDE = "second_opinion"
"""What is asked where a program outside takes part, of every draft; where none does, its absence says nothing."""
_ALL = tuple(name for name in VALIDATORS if name not in (*MODELS_ALONE, OUTSIDE))
REQUIRED: Mapping[DraftOrigin, tuple[str, ...]] = {"recipe": _ALL, "foreign": _ALL, "model": (*_ALL, *MODELS_ALONE)}
"""The validators that a patch of each origin must have passed (or that do not apply to it)."""


def required(origin: DraftOrigin, *, outside: bool = False) -> tuple[str, ...]:
    """The validators required for a patch of this origin; an origin nobody listed can never be approved. `outside`: a
    program outside takes part, and has to be heard too."""
    names = REQUIRED.get(origin, ("an origin without rules",))
    return (*names, OUTSIDE) if outside else names


def examine(case: Case, *, exhaustive: bool = False, only: Sequence[str] | None = None) -> tuple[Verdict, ...]:
    """The verdicts of the required validators in order; after the first that withholds, no more unless `exhaustive`.

    A validator that crashes has said nothing: its verdict is unknown. `only` names the validators to ask instead; what
    they say is not enough for `decide`.
    """
    verdicts: list[Verdict] = []
    for name in required(case.draft.origin, outside=case.tools.asked) if only is None else only:
        validator = VALIDATORS.get(name)
        if validator is None:
            verdicts.append(case.verdict(name, "unknown", "there is no such validator"))
        else:
            verdicts.append(_asked(name, validator, case))
        if not exhaustive and verdicts[-1].outcome in ("fail", "unknown"):
            break
    return tuple(verdicts)


def _asked(name: str, validator: Validator, case: Case) -> Verdict:
    try:
        return validator(case)
    except RecursionError:
        return case.verdict(name, "unknown", "nested too deeply to judge")
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # whatever goes wrong in judging denies the draft, a panic in native code too
        return case.verdict(name, "unknown", f"{type(error).__name__}: {error}"[:300])


def decide(case: Case, verdicts: Sequence[Verdict]) -> Approved | Withheld:
    """Approved when every required verdict is there, is of this draft on this tree, and passes or does not apply."""
    draft, patched = case.draft, case.patched
    by_name = {verdict.validator: verdict for verdict in verdicts}
    reason = ""
    if draft.origin not in REQUIRED:
        reason = f"nothing says what a draft of origin {draft.origin!r} must survive"
    elif patched.edits != draft.edits:
        reason = "the patched tree is not what the draft makes"
    for verdict in verdicts:
        if verdict.outcome not in ("pass", "not_applicable"):
            reason = reason or f"{verdict.validator}: {verdict.reason}"
        if verdict.draft != draft.digest or verdict.tree != patched.tree:
            reason = reason or f"{verdict.validator}: its verdict is of another draft or tree"
    if not reason:
        missing = [name for name in required(draft.origin, outside=case.tools.asked) if name not in by_name]
        reason = f"no verdict of {', '.join(missing)}" if missing else ""
    if not reason and not any(verdict.outcome == "pass" for verdict in verdicts):
        reason = "no validator passed it"
    if reason:
        return Withheld(draft, tuple(verdicts), reason)
    return Approved(draft, tuple(verdicts), patched.diff, replaced(case), seal=_Seal(draft.digest))


def judge(case: Case, *, exhaustive: bool = False) -> Approved | Withheld:
    """Examine and decide."""
    return decide(case, examine(case, exhaustive=exhaustive))


def inapplicable(draft: Patch, error: InvalidEdit) -> Withheld:
    """What becomes of a draft whose edits do not apply to the tree: there is no patched tree to judge."""
    verdict = Verdict("applies", "fail", str(error), draft.digest, "")
    return Withheld(draft, (verdict,), f"applies: {error}")


__all__ = [
    "MODELS_ALONE",
    "OUTSIDE",
    "REQUIRED",
    "VALIDATORS",
    "decide",
    "examine",
    "inapplicable",
    "judge",
    "required",
]
