"""citations: a draft relies on nothing but what its drafter was shown, and quotes it verbatim."""

from __future__ import annotations

from copilot.model import Verdict
from validators.case import Case


def check(case: Case) -> Verdict:
    """Fail a draft that cites a passage which was not shown, or words that do not stand in it."""
    if case.draft.origin != "model":
        return case.verdict("citations", "not_applicable", "only a model is shown passages")
    texts = {passage.id: passage.text for passage in case.shown}
    for cited in case.draft.cites:
        if cited.passage not in texts:
            return case.verdict("citations", "fail", f"never shown: {cited.passage[:100]}")
        if cited.quote not in texts[cited.passage]:
            return case.verdict("citations", "fail", f"the words quoted do not stand in {cited.passage}")
    return case.verdict("citations", "pass", f"{len(case.draft.cites)} cited, each shown")
