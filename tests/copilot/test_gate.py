"""A draft becomes approved in one place, and only when everything that had to speak has spoken for it."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies

import copilot
import validators
from copilot import gate
from copilot.drafting import policy_gate
from copilot.edits.patched import apply
from copilot.errors import InvalidEdit
from copilot.model import Approved, Edit, Patch, Verdict, Withheld, _Seal
from copilot.pipeline import case_of
from copilot.snapshot import Snapshot
from tests.trees import KEY, assess, key, settings
from validators.case import Case
from validators.registry import VALIDATORS

NAMES = gate.required("recipe")


@cache
def case(origin: Any = "recipe") -> Case:
    """A real draft that every validator passes: key rotation switched on."""
    files = {"main.tf": key()}
    before = assess(files, checks=(KEY,))
    edit = Edit("main.tf", '  description = "k"\n', '  description         = "k"\n  enable_key_rotation = true\n')
    draft = Patch((before.findings[0].fingerprint,), (edit,), origin, "safe", "rotate the key")
    given = settings(KEY)
    return case_of(draft, apply(Snapshot.of(files), draft.edits), before.findings, before, given.assessor(), given)


def passing(of: Case | None = None) -> list[Verdict]:
    return [(of or case()).verdict(name, "pass", "") for name in NAMES]


def test_a_draft_that_every_validator_passes_is_approved() -> None:
    answer = gate.judge(case())
    assert isinstance(answer, Approved)
    assert (
        [v.validator for v in answer.verdicts]
        == list(NAMES)
        == [name for name in VALIDATORS if name not in (*gate.MODELS_ALONE, gate.OUTSIDE)]
    )
    assert (answer.draft, answer.diff, answer.replaces) == (case().draft, case().patched.diff, ())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("become", "reason"),
    [
        (lambda v: [], "no verdict of {}"),
        (lambda v: [replace(v, outcome="fail", reason="no good")], "{}: no good"),
        (lambda v: [replace(v, outcome="unknown", reason="who knows")], "{}: who knows"),
        (lambda v: [replace(v, outcome="maybe", reason="perhaps")], "{}: perhaps"),
        (lambda v: [v, replace(v, outcome="fail", reason="no good")], "{}: no good"),
        (lambda v: [replace(v, draft="0" * 64)], "{}: its verdict is of another draft or tree"),
        (lambda v: [replace(v, tree="0" * 64)], "{}: its verdict is of another draft or tree"),
    ],
    ids=["missing", "failed", "unknown", "of no known kind", "twice", "of another draft", "of another tree"],
)
def test_one_verdict_that_is_not_right_withholds_it(name: str, become: Any, reason: str) -> None:
    verdicts = [each for v in passing() for each in (become(v) if v.validator == name else [v])]
    assert gate.decide(case(), verdicts) == Withheld(case().draft, tuple(verdicts), reason.format(name))


def test_validators_that_do_not_apply_are_no_approval_by_themselves() -> None:
    verdicts = [replace(v, outcome="not_applicable") for v in passing()]
    assert gate.decide(case(), verdicts) == Withheld(case().draft, tuple(verdicts), "no validator passed it")
    verdicts[3] = replace(verdicts[3], outcome="pass")
    assert isinstance(gate.decide(case(), verdicts), Approved)


def test_a_draft_of_an_origin_without_rules_cannot_be_approved_whatever_is_said_of_it() -> None:
    strange = case("oracle")
    forged = [*passing(strange), *(strange.verdict(name, "pass", "") for name in gate.required("oracle"))]
    assert isinstance(gate.decide(strange, forged), Withheld)
    assert isinstance(gate.judge(strange, exhaustive=True), Withheld)


def test_a_tree_that_the_draft_did_not_make_withholds_it() -> None:
    other = apply(case().patched.before, [Edit("main.tf", "aws_kms_key", "aws_kms_replica_key")])
    swapped = replace(case(), patched=other)
    answer = gate.decide(swapped, passing(swapped))
    assert isinstance(answer, Withheld)
    assert answer.reason == "the patched tree is not what the draft makes"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("oh"), "ValueError: oh"),
        (RecursionError(), "nested too deeply to judge"),
        (MemoryError(), "MemoryError: "),
        (type("PanicException", (BaseException,), {})("native"), "PanicException: native"),
    ],
)
def test_a_validator_that_crashes_has_said_nothing(error: BaseException, said: str) -> None:
    class Broken(Case):
        @property
        def files(self) -> Any:
            raise error

    fields = {name: getattr(case(), name) for name in Case.__dataclass_fields__}
    verdicts = gate.examine(Broken(**fields), only=["schema", "scope", "valid"])
    assert [(v.validator, v.outcome, v.reason) for v in verdicts][1:] == [("scope", "unknown", said)]


def test_an_interrupt_is_no_verdict() -> None:
    class Stopped(Case):
        @property
        def files(self) -> Any:
            raise KeyboardInterrupt

    fields = {name: getattr(case(), name) for name in Case.__dataclass_fields__}
    with pytest.raises(KeyboardInterrupt):
        gate.examine(Stopped(**fields), only=["scope"])


def test_examination_stops_at_the_first_that_withholds_unless_asked_for_all() -> None:
    wrong = replace(case(), targets=())
    short, whole = gate.examine(wrong), gate.examine(wrong, exhaustive=True)
    assert (short[-1].outcome in ("fail", "unknown"), [v.validator for v in whole]) == (True, list(NAMES))
    assert len(short) < len(whole)


def test_a_validator_that_nobody_wrote_is_unknown() -> None:
    (verdict,) = gate.examine(case(), only=["astrology"])
    assert (verdict.outcome, verdict.reason) == ("unknown", "there is no such validator")


def test_edits_that_do_not_apply_are_withheld_with_the_reason() -> None:
    answer = gate.inapplicable(case().draft, InvalidEdit("main.tf", "text not found"))
    assert answer.reason == "applies: main.tf: text not found"
    assert [(v.validator, v.outcome) for v in answer.verdicts] == [("applies", "fail")]


def test_approval_needs_the_seal_and_the_gate_alone_has_one() -> None:
    for seal in (None, object(), type("_Seal", (_Seal,), {})(""), _Seal("of another draft")):
        with pytest.raises(TypeError, match=r"made by copilot\.gate\.decide alone"):
            Approved(case().draft, (), "", (), seal=seal)  # type: ignore[arg-type]
    makers = {}
    for package in (copilot, validators):
        for path in Path(package.__path__[0]).rglob("*.py"):
            text = path.read_text("utf-8")
            calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
            if any(isinstance(c.func, ast.Name) and c.func.id in ("_Seal", "Approved") for c in calls):
                makers[path.name] = "_Seal" in text
    # The gate of policies has a seal of its own kind, for policies alone.
    assert makers == {"gate.py": True, "policy_gate.py": True}
    assert policy_gate._Seal is not _Seal


OUTCOMES = strategies.sampled_from(["pass", "not_applicable", "fail", "unknown"])


@given(
    strategies.lists(
        strategies.tuples(strategies.sampled_from([*NAMES, "other"]), OUTCOMES, strategies.booleans()), max_size=30
    ),
    strategies.booleans(),
)
def test_approval_means_all_required_none_against_and_all_about_this(drawn: Any, complete: bool) -> None:
    verdicts = passing() if complete else []
    for name, outcome, ours in drawn:
        verdict = case().verdict(name, outcome, "r")
        verdicts.append(verdict if ours else replace(verdict, tree="1" * 64))
    good = (
        {v.validator for v in verdicts} >= set(NAMES)
        and all(v.outcome in ("pass", "not_applicable") for v in verdicts)
        and all(v.tree == case().patched.tree for v in verdicts)
        and any(v.outcome == "pass" for v in verdicts)
    )
    assert isinstance(gate.decide(case(), verdicts), Approved) is good
