"""The figures of a run: what the report shows, what thresholds are held to, what two runs are compared by."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evals.figures import Compared, Point, Share, area, bootstrap, mcnemar, risk_coverage
from evals.runs import CaseRun, Run

Score = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost: calls, tokens, money, and seconds a case."""

    calls: int
    input_tokens: int
    output_tokens: int
    money: float
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) if self.seconds else 0.0

    @property
    def p95(self) -> float:
        """The time that nineteen cases of twenty stay within."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else 0.0


def cost(cases: Sequence[CaseRun]) -> Cost:
    """What these cases cost."""
    usages = [answer.get("usage", {}) for case in cases for answer in case.answers]
    return Cost(
        len(usages), sum(u.get("input_tokens", 0) for u in usages), sum(u.get("output_tokens", 0) for u in usages),
        round(sum(u.get("money", 0.0) for u in usages), 6), tuple(case.seconds for case in cases),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remediation:
    """Of the cases with an outcome: what was posted and was right, and what was made of the drafts that were not."""

    cases: int
    hopeless: int
    precision: Share
    """Right patches of those posted; a patch for a hopeless case is never right."""
    coverage: Share
    """Cases in which something was posted, of all of them, those included in which nothing should be."""
    repaired: Share
    """Right patches of the cases that have one."""
    withheld_by: tuple[tuple[str, int], ...]
    deceptive: Share
    """Last drafts of a sample that were wrong, of all of them: what would have been posted without a gate."""
    caught: Share
    """Wrong last drafts that a validator refused, of the wrong ones."""
    false_refusals: Share
    """Right last drafts that a validator other than agreement refused, of the right ones."""
    refused_right_by: tuple[tuple[str, int], ...]
    curve: tuple[Point, ...]
    area: float | None


def remediation(scores: Sequence[Score]) -> Remediation:
    """The figures of remediation."""
    posted = [s for s in scores if s["posted"]]
    right = sum(s["right"] is True for s in posted)
    drafts = [d for s in scores for d in s["drafts"] if d["final"]]
    wrong_drafts, right_drafts = [d for d in drafts if not d["right"]], [d for d in drafts if d["right"]]
    curve = risk_coverage(confidences(scores), len(scores))
    hopeless = sum(bool(s["hopeless"]) for s in scores)
    return Remediation(
        len(scores), hopeless, Share(right, len(posted)), Share(len(posted), len(scores)),
        Share(right, len(scores) - hopeless),
        ranked(s["by"] or s["state"] for s in scores if not s["posted"]),
        Share(len(wrong_drafts), len(drafts)),
        Share(sum(bool(d["refused_by"]) for d in wrong_drafts), len(wrong_drafts)),
        Share(sum(not d["survives"] for d in right_drafts), len(right_drafts)),
        ranked(name for d in right_drafts for name in d["refused_by"]),
        curve, area(curve),
    )  # fmt: skip


def confidences(scores: Sequence[Score]) -> list[tuple[float, bool]]:
    """(confidence, right) of each case's draft that every other validator let through: what a threshold decides on."""
    return [
        (float(s["chosen"]["confidence"]), bool(s["chosen"]["right"]))
        for s in scores
        if s["chosen"] is not None and s["chosen"]["survives"]
    ]


@dataclass(frozen=True, slots=True)
class Policies:
    """Prose2Policy's three figures (it compiles, positive tests, negative tests) over fixtures that no draft has seen."""

    cases: int
    compiles: Share
    allow: Share
    deny: Share
    other: Share
    mapped: Share
    right: Share
    """Cases in which every fixture is answered as expected."""


def policies(scores: Sequence[Score]) -> Policies:
    """The figures of policies; a fixture that a draft which does not compile says nothing of is not passed."""
    return Policies(
        len(scores), _share(s["compiles"] for s in scores), _summed(s["allow"] for s in scores),
        _summed(s["deny"] for s in scores), _summed(s["other"] for s in scores), _share(s["mapped"] for s in scores),
        _share(not s["wrong"] for s in scores),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Injection:
    """What attacks came to."""

    cases: int
    harmless: Share
    reached: Share
    twins: Share
    by_placement: tuple[tuple[str, Share], ...]


def injection(scores: Sequence[Score]) -> Injection:
    """The figures of attacks: effects alone count."""
    placements = sorted({s["placement"] for s in scores})
    return Injection(
        len(scores), _share(s["harmless"] for s in scores), _share(s["reached_the_model"] for s in scores),
        _share(s["twin"] for s in scores if s["twin"] is not None),
        tuple((place, _share(s["harmless"] for s in scores if s["placement"] == place)) for place in placements),
    )  # fmt: skip


RANKING: Final = ("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10")


def ranking(scores: Sequence[Score]) -> dict[str, dict[str, float]]:
    """The means of each measure, by the way of looking."""
    modes = [mode for mode in ("lexical", "vector", "fused") if any(mode in s for s in scores)]
    return {
        mode: {name: statistics.fmean(s[mode][name] for s in scores if mode in s) for name in RANKING} for mode in modes
    }


def _share(values: Any) -> Share:
    given = [bool(value) for value in values]
    return Share(sum(given), len(given))


def _summed(pairs: Any) -> Share:
    given = list(pairs)
    return Share(sum(hits for hits, _ in given), sum(total for _, total in given))


def ranked(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """How often each name occurs, the most frequent first."""
    return tuple(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


# --- by name ------------------------------------------------------------------------------------------------------


def measures(run: Run, half: str = "") -> dict[str, float | Share | None]:
    """The figures of a run that a threshold can be set for, by name; a share keeps its numbers."""
    scores = run.scores(half)
    match run.task:
        case "remediation":
            r = remediation(scores)
            return {
                "precision": r.precision, "coverage": r.coverage, "repaired": r.repaired, "caught": r.caught,
                "false_refusals": r.false_refusals, "area": r.area,
            }  # fmt: skip
        case "policy":
            every, posted = policies(scores), policies([s for s in scores if s["posted"]])
            return {
                "compiles": every.compiles, "allow": every.allow, "deny": every.deny, "mapped": every.mapped,
                "coverage": Share(posted.cases, every.cases), "precision": posted.right, "posted_allow": posted.allow,
                "posted_deny": posted.deny,
            }  # fmt: skip
        case "injection":
            i = injection(scores)
            return {"harmless": i.harmless, "reached": i.reached, "twins": i.twins}
        case _:
            means = ranking(scores)
            best = means.get("fused") or next(iter(means.values()), {})
            return {**best, **{f"{mode}.{name}": value for mode, of in means.items() for name, value in of.items()}}


LOWER_IS_BETTER: Final = frozenset({"false_refusals", "area"})


def number(value: float | Share | None) -> float | None:
    """A figure as a number; None where there is nothing to take it of."""
    return value.value if isinstance(value, Share) else value


def unmet(run: Run, wanted: Mapping[str, float]) -> list[str]:
    """The thresholds that a run does not reach, in words; a figure that there is nothing to take of reaches none."""
    have = measures(run)
    out = []
    for name, least in wanted.items():
        value = number(have[name])
        good = value is not None and (value <= least if name in LOWER_IS_BETTER else value >= least)
        if not good:
            side = "at most" if name in LOWER_IS_BETTER else "at least"
            out.append(f"{name} is {'not known' if value is None else f'{value:.4f}'}, {side} {least} is wanted")
    return out


# --- two runs -----------------------------------------------------------------------------------------------------

_YES: Final[Mapping[str, Mapping[str, Callable[[Score], bool]]]] = {
    "remediation": {
        "posted": lambda s: bool(s["posted"]),
        "posted and right": lambda s: s["right"] is True,
        "posted and wrong": lambda s: s["right"] is False,
    },
    "policy": {
        "compiles": lambda s: bool(s["compiles"]),
        "posted": lambda s: bool(s["posted"]),
        "every fixture right": lambda s: not s["wrong"],
        "names a right control": lambda s: bool(s["mapped"]),
    },
    "injection": {"harmless": lambda s: bool(s["harmless"]), "reached the model": lambda s: bool(s["reached_the_model"])},
    "retrieval": {},
}  # fmt: skip


def compared(first: Run, second: Run) -> list[Compared]:
    """Both runs on the cases of which both have an outcome, pair by pair."""
    of = {case.id: case for case in second.scored}
    both = [(case, of[case.id]) for case in first.scored if case.id in of and of[case.id].digest == case.digest]
    scores = [(a.score or {}, b.score or {}) for a, b in both]
    out = [mcnemar(what, [(holds(a), holds(b)) for a, b in scores]) for what, holds in _YES.get(first.task, {}).items()]
    if first.task == "retrieval":
        modes = [m for m in ("lexical", "vector", "fused") if all(m in a and m in b for a, b in scores)]
        out += [
            bootstrap(f"{mode} {name}", [(a[mode][name], b[mode][name]) for a, b in scores])
            for mode in modes
            for name in RANKING
        ]
    if first.task == "policy":
        out.append(bootstrap("fixtures right", [(_fixtures(a), _fixtures(b)) for a, b in scores]))
    out.append(bootstrap("seconds", [(a.seconds, b.seconds) for a, b in both]))
    tokens = [(float(_tokens(a)), float(_tokens(b))) for a, b in both]
    if any(a or b for a, b in tokens):
        out.append(bootstrap("tokens", tokens))
    return out


def _fixtures(score: Score) -> float:
    share = _summed([score["allow"], score["deny"], score["other"]])
    return share.value or 0.0


def _tokens(case: CaseRun) -> int:
    spent = cost([case])
    return spent.input_tokens + spent.output_tokens


# --- the threshold of confidence ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fit:
    """A threshold that was chosen on one half of the cases, and what it gives on the other."""

    threshold: float | None
    fitted_on: int
    curve: tuple[Point, ...]
    precision: Share
    coverage: Share


def fit(run: Run, risk: float = 0.0) -> Fit:
    """The least confidence at which, on the fitting half, no more than `risk` of what is shown is wrong; None when there
    is no such confidence. Precision and coverage are those of the other half."""
    fitting, others = run.scores("fit"), run.scores("figures")
    curve = risk_coverage(confidences(fitting), max(1, len(fitting)))
    # A threshold counts only if every stricter one holds as well: a dip by luck further down is not trusted.
    least: float | None = None
    for point in curve:
        if point.risk > risk:
            break
        least = point.threshold
    shown = [right for confidence, right in confidences(others) if least is not None and confidence >= least]
    return Fit(least, len(fitting), curve, Share(sum(shown), len(shown)), Share(len(shown), len(others)))
