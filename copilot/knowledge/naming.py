"""Ids in a question: which passages somebody names, in whatever spelling people give to ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from copilot.knowledge.lexical import Texts

_TOKEN: Final = re.compile(r"[^\s,;?!\"'`]+")
_SPAN: Final = 4
"""Words that one name may stretch over: `NIST 800-53 AC-2 (1)`."""
_LENGTH: Final = 2_000
"""Characters of a question that are read for names."""
_TOKENS: Final = 200
_VERSIONLIKE: Final = re.compile(r"[0-9.]+")
_FRAMEWORKS: Final = {
    "soc": ("SOC2-TSC-2017",), "soc2": ("SOC2-TSC-2017",), "tsc": ("SOC2-TSC-2017",),
    "iso": ("ISO27001-2022-AnnexA",), "27001": ("ISO27001-2022-AnnexA",), "iso27001": ("ISO27001-2022-AnnexA",),
    "annex": ("ISO27001-2022-AnnexA",), "27002": ("ISO27001-2022-AnnexA",),
    "pci": ("PCI-DSS-4.0",), "dss": ("PCI-DSS-4.0",), "hipaa": ("HIPAA",), "cfr": ("HIPAA",),
    "nist": ("NIST-800-53r5", "NIST-800-53B-Moderate", "NIST-SSDF-1.1"), "800-53": ("NIST-800-53r5", "NIST-800-53B-Moderate"),
    "800-53r5": ("NIST-800-53r5",), "800-53b": ("NIST-800-53B-Moderate",), "ssdf": ("NIST-SSDF-1.1",),
    "800-218": ("NIST-SSDF-1.1",), "fedramp": ("FedRAMP-Rev5-Moderate", "FedRAMP-20x-KSI"), "20x": ("FedRAMP-20x-KSI",),
    "ksi": ("FedRAMP-20x-KSI",), "cis": ("CIS-AWS-7.0", "CIS-AWS-5.0", "CIS-AWS-3.0", "CIS-K8s-2.0.1", "CIS-K8s-1.11", "CIS-GitHub-1.2.0"),
}  # fmt: skip
"""What people call a framework: the words in small letters, and the frameworks that each may mean."""
_CIS: Final = {
    "aws": "CIS-AWS-", "amazon": "CIS-AWS-", "kubernetes": "CIS-K8s-", "k8s": "CIS-K8s-", "github": "CIS-GitHub-",
}  # fmt: skip
_ORDER: Final = {id: at for at, id in enumerate(("NIST-800-53r5", "CIS-AWS-7.0", "CIS-K8s-2.0.1"))}
"""Of one requirement in several frameworks, these come first: the catalogue, and the newest edition."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names: passages by their own id or another's, and resource types."""

    passages: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


def named(query: str, texts: Texts) -> Named:
    """The passages and resource types that a question names, in the order in which it names them."""
    tokens = _TOKEN.findall(query[:_LENGTH])[:_TOKENS]
    frameworks = _frameworks(tokens)
    whole = len(tokens) <= _SPAN
    passages: dict[str, None] = {}
    types: dict[str, None] = {}
    for candidate, alone in _candidates(tokens):
        found = texts.named(candidate)
        if not found and frameworks:
            # An id without the letter of its annex: `ISO 27001 8.24`.
            found = [id for id in texts.named(f"A.{candidate}") if _framework(id) in frameworks]
        if found := _meant(candidate, found, frameworks, only=alone and whole):
            passages.update(dict.fromkeys(found))
        if "_" in candidate and texts.of_type(candidate):
            types[candidate.lower()] = None
    return Named(tuple(passages), tuple(types))


def _candidates(tokens: list[str]) -> Iterator[tuple[str, bool]]:
    """Texts that may be ids, longest first from each place, each with whether it is the whole question."""
    for start in range(len(tokens)):
        for length in range(min(_SPAN, len(tokens) - start), 0, -1):
            text = _bare("".join(tokens[start : start + length]))
            if text:
                yield from ((each, length == len(tokens)) for each in _with_parents(text))


def _with_parents(text: str) -> Iterator[str]:
    """The text, and what it is a part of: `AC-2(99)` belongs to `AC-2`."""
    yield text
    while text.endswith(")") and "(" in text:
        text = text[: text.rindex("(")]
        if text:
            yield text


def _bare(text: str) -> str:
    """The text without the punctuation that a sentence puts around an id, and without a sign for section."""
    before = None
    while before != text:
        before = text
        text = text.strip(".:*_<>[]{}§/\\“”‘’")
        if text.startswith("(") and text.count("(") >= text.count(")"):
            text = text[1:]
        if text.endswith(")") and text.count(")") > text.count("("):
            text = text[:-1]
    return text


def _meant(candidate: str, found: list[str], frameworks: frozenset[str], *, only: bool) -> list[str]:
    """Of the passages that go by a name, those that are meant: a bare number is an id only in its framework's company."""
    if not found:
        return []
    requirements = [id for id in found if id.startswith("requirement:")]
    others = [id for id in found if not id.startswith("requirement:")]
    if not re.search(r"[-_.:(0-9/]", candidate) and not only:
        return []  # one plain word is a word
    within = [id for id in requirements if _framework(id) in frameworks]
    if within:
        requirements = within
    elif _VERSIONLIKE.fullmatch(candidate) and not only:
        requirements = []
    return [*others, *sorted(requirements, key=lambda id: (_ORDER.get(_framework(id), len(_ORDER)), id))]  # noqa: A006


def _framework(passage: str) -> str:
    return passage.removeprefix("requirement:").partition("/")[0]


def _frameworks(tokens: list[str]) -> frozenset[str]:
    """The frameworks that a question names; of those of CIS and FedRAMP, the ones whose platform or edition it names."""
    words = [word for token in tokens for word in (token.lower().strip(".:()"), *re.split(r"[-/]", token.lower()))]
    meant = {id for word in words for id in _FRAMEWORKS.get(word, ())}
    meant |= {id for word in words for id in _ALL if word == id.lower()}
    if platforms := {prefix for word, prefix in _CIS.items() if word in words}:
        kept = {id for id in meant if not id.startswith("CIS-") or id.startswith(tuple(platforms))}
        meant = kept or meant
    if editions := {id for id in meant if id.startswith("CIS-") and _edition(id) in words}:
        meant = {id for id in meant if not id.startswith("CIS-")} | editions
    if (
        "ssdf" not in words
        and "800-218" not in words
        and "nist" in words
        and {"800-53", "800-53r5", "800-53b"} & set(words)
    ):
        meant.discard("NIST-SSDF-1.1")
    return frozenset(meant)


def _edition(framework: str) -> str:
    return framework.rpartition("-")[2].lower()


_ALL: Final = frozenset(id for ids in _FRAMEWORKS.values() for id in ids)
