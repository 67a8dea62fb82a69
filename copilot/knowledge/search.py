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

How = Literal["name", "words", "type", "meaning", "members"]
Mode = Literal["lexical", "hybrid"]
Ranking = tuple[How, float, list[str]]
"""By what the ids were found, how much the list weighs, and the ids, best first."""
_SHIPPED: Final[tuple[PassageKind, ...]] = ("control", "requirement", "check", "golden")
_SMOOTH: Final = 20
"""The constant of reciprocal rank fusion: the smaller, the more the top of each list counts."""
_DEPTH: Final = 100
"""How far down a list a passage still counts."""
_AMONG_ITS_KIND: Final = 0.5
"""What a rank among passages of the same kind weighs: checks are many, and would crowd out everything else."""
_AMONG_OWN: Final = 1.5
"""What a rank among the repository's own passages weighs: as much as a control gets from its kind and its members."""
_KIND_DEPTH: Final = 30
_VOTERS: Final = 40
_VOTED: Final = 10
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
    """A passage that answers, how well, and by what it was found: its name, its words, its resource types, its meaning, or
    (a control) what belongs to it."""

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
        if k < 1 or (kinds is not None and not kinds):
            return ()
        texts = self._seen(viewer)
        called = naming.named(query, texts)
        rankings = self._rankings(query, texts, kinds, max(_DEPTH, 2 * k))
        scores = _fused(rankings)
        if called.types:
            of_types = {id for type in called.types for id in texts.of_type(type)}
            rankings.append(("type", 1.0, sorted(of_types, key=lambda each: (-scores.get(each, 0.0), each))[:_DEPTH]))
            scores = _fused(rankings)
        if kinds is None or "control" in kinds:
            rankings.append(("members", 1.0, _voted(scores, texts)))
            scores = _fused(rankings)
        kept = texts.kinds_of(sorted({*called.passages, *scores}))
        wanted = {id for id, kind in kept.items() if kinds is None or kind in kinds}
        places = {id: at for at, id in enumerate(id for id in called.passages if id in wanted)}
        found: dict[str, set[How]] = {}
        for how, _, ids in rankings:
            for id in ids:
                found.setdefault(id, set()).add(how)
        hits = []
        for id in sorted(wanted, key=lambda each: (places.get(each, len(places)), -scores.get(each, 0.0), each)):
            entry = texts.entry(id)
            if entry is None or not entry.passage.visible_to(viewer):
                continue
            # A name is worth more than all ranks together, so that scores fall from hit to hit.
            named = float(len(places) - places[id]) if id in places else 0.0
            by = {*found.get(id, ()), *(("name",) if id in places else ())}
            hows: tuple[How, ...] = ("name", "words", "type", "meaning", "members")
            hits.append(
                Hit(entry.passage, round(named + scores.get(id, 0.0), 6), tuple(how for how in hows if how in by))
            )
            if len(hits) == k:
                break
        return tuple(hits)

    def _rankings(self, query: str, texts: Texts, kinds: Collection[PassageKind] | None, depth: int) -> list[Ranking]:
        """Everything by words and by meaning, and once more each kind that is wanted by itself."""
        everything = _ids(texts.ranked(query, kinds=None, k=depth))
        rankings: list[Ranking] = [("words", 1.0, everything), ("words", _AMONG_OWN, _own(everything))]
        # A kind that is asked for alone is ranked in full, whatever stands before it.
        asked = [(each, _KIND_DEPTH, _AMONG_ITS_KIND) for each in _SHIPPED] if kinds is None else [
            (each, depth, 1.0) for each in sorted(set(kinds))
        ]  # fmt: skip
        rankings += [
            ("words", weight, _ids(texts.ranked(query, kinds=(kind,), k=count))) for kind, count, weight in asked
        ]
        meanings = self._opened()
        if meanings is None:
            return rankings
        vector = meanings.embedder.encode([query])[0]
        try:
            everything = self._near(vector, texts, None, depth, meanings)
            near: list[Ranking] = [("meaning", 1.0, everything), ("meaning", _AMONG_OWN, _own(everything))]
            near += [
                ("meaning", weight, self._near(vector, texts, (kind,), count, meanings))
                for kind, count, weight in asked
            ]
        except CopilotError as error:
            with self._lock:
                self._meanings = None
                self._notes.append(f"names and words are compared, meaning is not any more: {error}")
            return rankings
        return rankings + near

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

    def _near(
        self, vector: Vectors, texts: Texts, kinds: Collection[PassageKind] | None, k: int, meanings: Meanings
    ) -> list[str]:
        found = meanings.index.nearest(vector, kinds=kinds, k=k)
        if texts is not self._texts:
            own = texts.entries(kinds=kinds, scoped=True)
            if 0 < len(own) <= _OWN:
                found = [*found, *self._of_own(vector, own, meanings.embedder)]
        return _ids(sorted(found, key=lambda each: (-each.score, each.id))[:k])

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


def _ids(found: Iterable[Found]) -> list[str]:
    return [each.id for each in found]


def _own(ids: Iterable[str]) -> list[str]:
    """Those of a repository: they are few, so that to be the first of them says nothing unless they are near at all."""
    return [id for id in ids if id.startswith(("evidence:", "fix:"))]


def _fused(rankings: Iterable[Ranking]) -> dict[str, float]:
    """Reciprocal rank fusion: a passage is worth the more, the nearer it is to the top of each list."""
    scores: dict[str, float] = {}
    for _, weight, ids in rankings:
        for at, id in enumerate(ids):
            scores[id] = scores.get(id, 0.0) + weight / (_SMOOTH + at + 1)
    return {id: round(score, 9) for id, score in scores.items()}


def _voted(scores: dict[str, float], texts: Texts) -> list[str]:
    """The controls that most of what was found belongs to: a control says in general what its checks say in particular."""
    voters = sorted(scores, key=lambda each: (-scores[each], each))[:_VOTERS]
    votes: dict[str, float] = {}
    for id, belongs in sorted(texts.controls_of(voters).items()):
        for control in belongs:
            votes[control] = votes.get(control, 0.0) + scores[id] / len(belongs)
    ranked = sorted(votes, key=lambda each: (-round(votes[each], 9), each))[:_VOTED]
    return [f"control:{control}" for control in ranked]


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
