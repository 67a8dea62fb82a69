"""citations: a draft relies on nothing but what its drafter was shown, quotes it verbatim, and claims no id beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.errors import CopilotError
from copilot.model import Passage, Verdict
from validators.case import Case

_REQUIREMENT = re.compile(
    r"(?<![\w.-])(?:"
    r"(?:CC|PI)\d{1,2}\.\d{1,2}|[ACP][1-8]\.\d{1,2}"  # SOC 2
    r"|(?:AC|AT|AU|CA|CM|CP|IA|IR|MA|MP|PE|PL|PM|PS|PT|RA|SA|SC|SI|SR)-\d{1,2}(?:\(\d{1,2}\))?"  # NIST SP 800-53
    r"|KSI-[A-Z]{2,4}-[A-Z0-9]{2,4}|164\.\d{3}(?:\([a-z0-9]+\))*|A\.[5-8]\.\d{1,2}|P[OSWV]\.\d\.\d"  # FedRAMP 20x, HIPAA, ISO 27001, SSDF
    r"|CKV2?_[A-Z0-9]+_\d+|AVD-[A-Z]+-\d{4}|(?:aws|azure|google|gcp|k8s)-\d{4}|CVE-\d{4}-\d+"  # peers
    r")(?![\w-])"
)
_NUMBERED = re.compile(
    r"(?i)\b(?:CIS|PCI(?:[ -]DSS)?|ISO(?:/IEC)?(?:[ -]27001)?|NIST|SOC ?2|HIPAA)\b[^.;\n]{0,40}?(?<![\w.])v?(\d{1,2}\.\d{1,2}(?:\.\d{1,2})*)(?![\w])"
)
_CONTROL = re.compile(r"(?i)\bcontrols?\s+[`'\"“]?([a-z0-9]+(?:-[a-z0-9]+)+)")


def check(case: Case) -> Verdict:
    """Fail a draft that cites a passage which was not shown, quotes words that do not stand in it, or names a control,
    requirement or check that neither belongs to its findings nor stands in a passage that it cites."""
    draft = case.draft
    if draft.origin != "model" and not draft.cites:
        return case.verdict("citations", "not_applicable", "it cites nothing, and no model drew it")
    shown: dict[str, Passage] = {passage.id: passage for passage in case.shown}
    for cited in draft.cites:
        passage = shown.get(cited.passage)
        if passage is None:
            return case.verdict("citations", "fail", f"never shown: {cited.passage[:100]}")
        if folded(cited.quote) not in folded(passage.text):
            return case.verdict("citations", "fail", f"the words quoted do not stand in {cited.passage[:100]}")
    read = [shown[cited.passage] for cited in draft.cites]
    mine = _belonging(case)
    for id in claims(draft.summary, case):
        if id.lower() not in mine and not any(_stands(id, passage) for passage in read):
            return case.verdict(
                "citations",
                "fail",
                f"the summary names {id}, which is not the finding's and stands in nothing it cites",
            )
    return case.verdict("citations", "pass", f"{len(draft.cites)} cited, each shown")


def folded(text: str) -> str:
    """The text with every run of blanks and line ends as one space, and none at its ends."""
    return " ".join(text.split())


def claims(text: str, case: Case) -> Iterator[str]:
    """The ids of controls, requirements and checks, ours and peers', that a text names."""
    yield from (found[0] for found in _REQUIREMENT.finditer(text))
    yield from (found[1] for found in _NUMBERED.finditer(text))
    ours = {known.control for known in case.checks.values()}
    for word in re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", text):
        # A control's id is often a plain word (`high-availability`); a check's has three parts and is none.
        if word in case.checks or (word in ours and f"`{word}`" in text):
            yield word
    yield from (found[1] for found in _CONTROL.finditer(text) if found[1].lower() in ours)


def _belonging(case: Case) -> set[str]:
    """Every id that stands for what the draft settles: the checks, their controls, what those answer, peers' names."""
    from copilot.controls import control

    out: set[str] = set()
    for target in case.targets:
        known = case.checks[target.check]
        out |= {target.check, known.control, *known.peers}
        try:
            out |= {mapping.requirement for mapping in control(known.control).mappings}
        except CopilotError:
            continue  # a control of the repository's own: it answers what its check says, and no framework
    return {id.lower() for id in out}


def _stands(id: str, passage: Passage) -> bool:
    text = f"{passage.id} {passage.title} {passage.text}"
    return re.search(rf"(?<![\w.-]){re.escape(id)}(?![\w(]|[.-]\w)", text) is not None
