"""A question or finding in, passages out: names, words, resource types and meaning, fused by their ranks.

What is somebody's is filtered before anything is ranked: another repository's passages are in no list, no statistics and
no vector that a search looks at.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from copilot.checks.language import Check
from copilot.errors import CopilotError, UsageError
from copilot.knowledge import naming, passages
from copilot.knowledge.embeddings import Embedder
from copilot.knowledge.lexical import Found, Texts
from copilot.knowledge.passages import Entry
from copilot.knowledge.store import Store
from copilot.model import Finding, Passage, PassageKind, Scope, without_keys

if TYPE_CHECKING:
    from copilot.knowledge.embeddings import Vectors

How = Literal["name", "words", "type", "meaning"]
Mode = Literal["lexical", "hybrid"]
_WEIGHTS: Final[dict[How, float]] = {"words": 1.0, "meaning": 1.0, "type": 1.0}
_SMOOTH: Final = 60
"""The constant of reciprocal rank fusion, as its authors give it."""
_DEPTH: Final = 60
"""How far down a list a passage still counts."""
_OWN: Final = 200
"""Passages of a repository that are encoded when it asks; of more than these, only words are compared."""
_REMEMBERED: Final = 4


class Nearest(Protocol):
    """What `copilot.knowledge.index.Index` does."""

    def nearest(self, vector: Vectors, *, kinds: Collection[PassageKind] | None, k: int) -> list[Found]: ...


@dataclass(frozen=True, slots=True)
class Meanings:
    """An embedder, and the index of the corpus that it made."""

    embedder: Embedder
    index: Nearest


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers, how well, and by what it was found: its name, its words, its resource types, its meaning."""

    passage: Passage
    score: float
    found: tuple[How, ...]


class Knowledge:
    """The corpus and what repositories added to it; each answer is for one viewer. Threads may share it.

    `meanings` is called once, at the first search: a CopilotError that it raises is a note, and words serve.
    """

    def __init__(
        self,
        texts: Texts,
        *,
        store: Store | None = None,
        meanings: Callable[[], Meanings] | None = None,
        note: str = "",
    ) -> None:
        self._texts = texts
        self._store = store
        self._open = meanings
        self._notes = [note] if note else []
        self._meanings: Meanings | None = None
        self._lock = threading.RLock()
        self._own: OrderedDict[Scope, tuple[int, Texts]] = OrderedDict()
        self._vectors: OrderedDict[str, Any] = OrderedDict()

    @property
    def mode(self) -> Mode:
        """Whether meaning is compared (hybrid), or names, words and types alone (lexical)."""
        return "lexical" if self._opened() is None else "hybrid"

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the answers are less than they could be; one sentence each."""
        self._opened()
        return tuple(self._notes)

    def passage(self, id: str, viewer: Scope | None) -> Passage | None:
        """The passage of this id, if there is one that the viewer may see."""
        entry = self._seen(viewer).entry(id)
        return entry.passage if entry is not None and entry.passage.visible_to(viewer) else None

    def search(
        self, query: str, *, viewer: Scope | None, kinds: Collection[PassageKind] | None = None, k: int = 8
    ) -> tuple[Hit, ...]:
        """The k passages that answer best, best first; what the query names by an id comes before all others."""
        if k < 1:
            return ()
        texts = self._seen(viewer)
        called = naming.named(query, texts)
        kept = texts.kinds_of(called.passages)
        by_name = [id for id in called.passages if id in kept and (kinds is None or kept[id] in kinds)]
        depth = max(_DEPTH, 2 * k)
        lists: dict[How, list[str]] = {"words": [found.id for found in texts.ranked(query, kinds=kinds, k=depth)]}
        if (near := self._near(query, texts, kinds, depth)) is not None:
            lists["meaning"] = [found.id for found in near]
        scores = _fused(lists)
        if called.types:
            of_types = {id for type in called.types for id in texts.of_type(type, kinds=kinds)}
            lists["type"] = sorted(of_types, key=lambda each: (-scores.get(each, 0.0), each))[:depth]
            scores = _fused(lists)
        places = {id: at for at, id in enumerate(by_name)}
        ids = sorted({*places, *scores}, key=lambda each: (places.get(each, len(places)), -scores.get(each, 0.0), each))
        hits = []
        for id in ids:
            entry = texts.entry(id)
            if entry is None or not entry.passage.visible_to(viewer):
                continue
            found: list[How] = ["name"] if id in places else []
            found += [how for how in ("words", "type", "meaning") if id in lists.get(how, ())]
            # A name is worth more than all ranks together, so that scores fall from hit to hit.
            named = float(len(places) - places[id]) if id in places else 0.0
            hits.append(Hit(entry.passage, round(named + scores.get(id, 0.0), 6), tuple(found)))
            if len(hits) == k:
                break
        return tuple(hits)

    def context_for(self, finding: Finding, check: Check, viewer: Scope | None, k: int = 6) -> tuple[Passage, ...]:
        """What one has to know to repair a finding: its control, its check, golden examples of the same resource types,
        and fixes of the same kind that were accepted in this repository."""
        texts = self._seen(viewer)
        own = texts.entry(f"check:{check.id}") or passages.of_check(check, None, {}, scope=viewer)
        types = {*own.types, *_types(finding.address, texts)}
        first = [entry for entry in (texts.entry(f"control:{finding.control}"), own) if entry is not None]
        kinds: tuple[PassageKind, PassageKind] = ("fix", "golden")
        fixes = _akin(texts.entries(kinds=kinds[:1], scoped=True), types, finding.control, need_type=False)
        examples = _akin(texts.entries(kinds=kinds[1:]), types, finding.control, need_type=True)
        left = max(k - len(first), 0)
        fixes = fixes[: max((left + 1) // 2, left - len(examples))]
        chosen = [*first, *examples[: left - len(fixes)], *fixes][: max(k, 0)]
        return tuple(entry.passage for entry in chosen if entry.passage.visible_to(viewer))

    def _seen(self, viewer: Scope | None) -> Texts:
        """The texts of the corpus, with those that the viewer's repository keeps and this viewer may see."""
        if viewer is None or self._store is None:
            return self._texts
        with self._lock:
            version = self._store.version()
            known = self._own.get(viewer)
            if known is None or known[0] != version:
                entries = [entry for entry in self._store.entries(viewer) if entry.passage.visible_to(viewer)]
                known = (version, self._texts.with_(entries) if entries else self._texts)
                self._own[viewer] = known
            self._own.move_to_end(viewer)
            while len(self._own) > _REMEMBERED:
                self._own.popitem(last=False)
            return known[1]

    def _opened(self) -> Meanings | None:
        with self._lock:
            if self._open is not None:
                opening, self._open = self._open, None
                try:
                    self._meanings = opening()
                except CopilotError as error:
                    hint = f"; {error.hint}" if error.hint else ""
                    self._notes.append(f"names and words are compared, meaning is not: {error}{hint}")
            return self._meanings

    def _near(self, query: str, texts: Texts, kinds: Collection[PassageKind] | None, k: int) -> list[Found] | None:
        meanings = self._opened()
        if meanings is None:
            return None
        vector = meanings.embedder.encode([query])[0]
        try:
            found = meanings.index.nearest(vector, kinds=kinds, k=k)
        except CopilotError as error:
            with self._lock:
                self._meanings = None
                self._notes.append(f"names and words are compared, meaning is not any more: {error}")
            return None
        if texts is not self._texts:
            own = texts.entries(kinds=kinds, scoped=True)
            if 0 < len(own) <= _OWN:
                found = [*found, *self._of_own(vector, own, meanings.embedder)]
        return sorted(found, key=lambda each: (-each.score, each.id))[:k]

    def _of_own(self, vector: Vectors, own: Sequence[Entry], embedder: Embedder) -> list[Found]:
        import numpy

        with self._lock:
            rows = []
            for entry in own:
                if entry.digest not in self._vectors:
                    self._vectors[entry.digest] = embedder.encode([entry.about])[0]
                self._vectors.move_to_end(entry.digest)
                rows.append(self._vectors[entry.digest])
            while len(self._vectors) > _REMEMBERED * _OWN:
                self._vectors.popitem(last=False)
        scores = numpy.round(numpy.stack(rows).astype(numpy.float64) @ vector.astype(numpy.float64), 6)
        return [Found(entry.passage.id, float(score)) for entry, score in zip(own, scores)]


def _fused(lists: dict[How, list[str]]) -> dict[str, float]:
    """Reciprocal rank fusion: a passage is worth the more, the nearer it is to the top of each list."""
    scores: dict[str, float] = {}
    for how in sorted(lists):
        for at, id in enumerate(lists[how]):
            scores[id] = scores.get(id, 0.0) + _WEIGHTS[how] / (_SMOOTH + at + 1)
    return {id: round(score, 9) for id, score in scores.items()}


def _types(address: str, texts: Texts) -> list[str]:
    """The resource types that an address names."""
    parts = without_keys(address).replace("/", ".").split(".")
    return [part for part in parts if part and texts.of_type(part)]


def _akin(entries: Iterable[Entry], types: set[str], control: str, *, need_type: bool) -> list[Entry]:
    """Entries of the same types or control, those that share most first."""
    wanted = {type.lower() for type in types}
    ranked = []
    for entry in entries:
        shared = len(wanted & {type.lower() for type in entry.types})
        same = control in entry.controls
        if shared or (same and not need_type):
            ranked.append((-(2 * same + min(shared, 1)), -shared, entry.passage.id, entry))
    return [entry for *_, entry in sorted(ranked, key=lambda each: each[:3])]


# --- on the command line -------------------------------------------------------------------------------------------


def kinds_of(names: Collection[str]) -> tuple[PassageKind, ...]:
    """The kinds of these names."""
    known: tuple[PassageKind, ...] = ("control", "requirement", "check", "golden", "evidence", "fix")
    for name in names:
        if name not in known:
            raise UsageError(f"--kind {name}: not one of {', '.join(known)}")
    return tuple(kind for kind in known if kind in set(names))


def told(hits: Sequence[Hit]) -> str:
    """Each hit with its id, its title, and by what it was found."""
    if not hits:
        return "nothing was found\n"
    return "".join(f"{hit.passage.id}  ({', '.join(hit.found)})\n    {hit.passage.title}\n" for hit in hits)
