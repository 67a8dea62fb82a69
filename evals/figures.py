"""Figures with what is known of their error: intervals, risk and coverage, paired comparisons, ranking."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Z = 1.959963984540054
"""The quantile of the normal distribution for 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with two intervals of 95 %; `value` is None where there is nothing to take a share of."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        return self.hits / self.total if self.total else None

    @property
    def wilson(self) -> tuple[float, float]:
        """Wilson's interval: short, and right on average."""
        n, k = self.total, self.hits
        if not n:
            return 0.0, 1.0
        p = k / n
        centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return (0.0 if k == 0 else max(0.0, centre - half)), (1.0 if k == n else min(1.0, centre + half))

    @property
    def exact(self) -> tuple[float, float]:
        """Clopper and Pearson's interval: never too short."""
        n, k = self.total, self.hits
        if not n:
            return 0.0, 1.0
        low = 0.0 if k == 0 else _root(lambda p: 1 - _below(k - 1, n, p) - 0.025)
        high = 1.0 if k == n else _root(lambda p: 0.025 - _below(k, n, p))
        return low, high


def _below(k: int, n: int, p: float) -> float:
    """The chance of at most k hits."""
    if p <= 0 or p >= 1:
        return 1.0 if p <= 0 or k >= n else 0.0
    return math.fsum(
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(i + 1)
            - math.lgamma(n - i + 1)
            + i * math.log(p)
            + (n - i) * math.log1p(-p)
        )
        for i in range(k + 1)
    )


def _root(rising: object) -> float:
    """Where a rising function of a chance is zero."""
    assert callable(rising)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


# --- risk and coverage --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """At this threshold, the share of cases in which something is shown, and the share of that which is wrong."""

    threshold: float
    coverage: float
    risk: float


def risk_coverage(drafts: Sequence[tuple[float, bool]], cases: int) -> tuple[Point, ...]:
    """The curve over drafts of (confidence, right), the surest first; ties are taken together, since no threshold can
    part them."""
    points: list[Point] = []
    shown = wrong = 0
    for threshold in sorted({confidence for confidence, _ in drafts}, reverse=True):
        at = [right for confidence, right in drafts if confidence == threshold]
        shown += len(at)
        wrong += sum(not right for right in at)
        points.append(Point(threshold, shown / cases, wrong / shown))
    return tuple(points)


def area(points: Sequence[Point]) -> float | None:
    """The area under the risk-coverage curve divided by its width: the mean risk over the coverages reached; 0 is best."""
    if not points:
        return None
    total, before = 0.0, 0.0
    for point in points:
        total += point.risk * (point.coverage - before)
        before = point.coverage
    return total / before


def half(id: str) -> Literal["fit", "figures"]:
    """Which half a case is in: thresholds are fitted on one, figures come from the other. It depends on the id alone."""
    return "fit" if hashlib.sha256(id.encode()).digest()[0] % 2 == 0 else "figures"


# --- comparisons --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs on the same cases: both means, their difference with an interval, and the chance of so much by luck."""

    what: str
    cases: int
    first: float
    second: float
    difference: float
    interval: tuple[float, float]
    p: float
    test: str
    only_first: int = 0
    only_second: int = 0


def mcnemar(what: str, pairs: Sequence[tuple[bool, bool]]) -> Compared:
    """Yes or no per case: McNemar's exact test on the cases in which the two runs differ."""
    b, c = sum(x and not y for x, y in pairs), sum(y and not x for x, y in pairs)
    n = b + c
    p = min(1.0, 2 * sum(math.comb(n, i) for i in range(min(b, c) + 1)) / 2**n) if n else 1.0
    first, second = _mean([x for x, _ in pairs]), _mean([y for _, y in pairs])
    numbers = [(float(x), float(y)) for x, y in pairs]
    return Compared(what, len(pairs), first, second, second - first, _resampled(numbers)[0], p, "McNemar, exact", b, c)


def bootstrap(what: str, pairs: Sequence[tuple[float, float]]) -> Compared:
    """A number per case: the paired bootstrap of the mean difference, and the sign test's p, which assumes least."""
    up, down = sum(y > x for x, y in pairs), sum(y < x for x, y in pairs)
    n = up + down
    p = min(1.0, 2 * sum(math.comb(n, i) for i in range(min(up, down) + 1)) / 2**n) if n else 1.0
    first, second = _mean([x for x, _ in pairs]), _mean([y for _, y in pairs])
    return Compared(
        what,
        len(pairs),
        first,
        second,
        second - first,
        _resampled(pairs)[0],
        p,
        "sign test; paired bootstrap",
        down,
        up,
    )


def _resampled(pairs: Sequence[tuple[float, float]], rounds: int = 2000) -> tuple[tuple[float, float], int]:
    if not pairs:
        return (0.0, 0.0), 0
    differences = [y - x for x, y in pairs]
    draw = random.Random(20261127)  # noqa: S311 - a figure is the same each time it is computed
    means = sorted(_mean(draw.choices(differences, k=len(differences))) for _ in range(rounds))
    return (means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]), rounds


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


# --- ranking ------------------------------------------------------------------------------------------------------


def recall(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float:
    """The share of what is relevant among the first k."""
    return len(set(ranked[:k]) & set(relevant)) / len(relevant)


def reciprocal_rank(ranked: Sequence[str], relevant: Sequence[str]) -> float:
    """One by the rank of the first relevant passage; 0 where none is found."""
    return next((1 / rank for rank, id in enumerate(ranked, 1) if id in relevant), 0.0)


def ndcg(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float:
    """Normalised discounted cumulative gain; the first of what is relevant gains most, as it was listed best first."""
    gains = {id: len(relevant) - place for place, id in enumerate(relevant)}
    got = sum(gains.get(id, 0) / math.log2(rank + 1) for rank, id in enumerate(ranked[:k], 1))
    best = sum(gain / math.log2(rank + 1) for rank, gain in enumerate(sorted(gains.values(), reverse=True)[:k], 1))
    return got / best
