"""Retrieval: which passages answer a question, by each way of looking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evals.cases import RetrievalCase
from evals.figures import ndcg, recall, reciprocal_rank

MODES = ("lexical", "vector", "fused")
Rank = Callable[[str, str, int], Sequence[str]]
"""(query, mode, how many) -> ids of passages, best first."""


def solve(case: RetrievalCase, rank: Rank) -> dict[str, Any]:
    """The first ten passages by each mode."""
    return {"ranked": {mode: list(rank(case.query, mode, 10)) for mode in MODES}}


def score(case: RetrievalCase, result: Mapping[str, Any]) -> dict[str, Any]:
    """Recall at 1, 5 and 10, the reciprocal rank, and nDCG at 10, for each mode."""
    return {
        mode: {
            "recall@1": recall(ranked, case.relevant, 1), "recall@5": recall(ranked, case.relevant, 5),
            "recall@10": recall(ranked, case.relevant, 10), "mrr": reciprocal_rank(ranked, case.relevant),
            "ndcg@10": ndcg(ranked, case.relevant, 10),
        }
        for mode, ranked in result["ranked"].items()
    }  # fmt: skip
