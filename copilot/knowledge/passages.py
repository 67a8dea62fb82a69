"""The passages of the corpus: what may be shown and cited, and by what each is found.

Controls, requirements, checks and golden examples ship with the program. Texts of standards are our own words. What
a repository adds, evidence and accepted fixes, is kept by `copilot.knowledge.store`.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from copilot import controls
from copilot.checks import wording
from copilot.checks.language import Check
from copilot.checks.library import Library
from copilot.controls import Control, Framework
from copilot.errors import CorpusInvalid
from copilot.model import Passage, Scope

_EXAMPLE: Final = 600
"""Characters of an example that a check's passage shows; a longer one says little at a glance."""
_TYPES: Final = re.compile(r'^\s*resource\s+"([A-Za-z0-9_]+)"', re.M)
_KINDS: Final = re.compile(r"^kind:\s*([A-Za-z]+)\s*$", re.M)
_GOLDEN: Final = ("title", "description", "controls", "provider")


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage with what it is found by.

    `about` is the part of the text that says what the passage is about, in words: it alone becomes a vector. `names` are the
    ids that it goes by, `types` the resource types that it is about, `controls` the controls that it belongs to.
    """

    passage: Passage
    about: str
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of everything that finds or shows it."""
        passage = self.passage
        said = (passage.id, passage.kind, passage.title, passage.text, passage.source, str(passage.scope), self.about)
        return hashlib.sha256(
            repr((said, self.names, self.types, self.controls)).encode("utf-8", "surrogatepass")
        ).hexdigest()


def corpus(library: Library) -> tuple[Entry, ...]:
    """Every passage that ships with the program, by id."""
    all_controls, frameworks = controls.load_controls(), controls.load_frameworks()
    entries = [
        *(of_control(control) for control in all_controls.values()),
        *_requirements(all_controls, frameworks),
        *(of_check(check, library, all_controls) for check in library.checks.values()),
        *golden(golden_folder()),
    ]
    return tuple(sorted(entries, key=lambda entry: entry.passage.id))


def of_control(control: Control) -> Entry:
    """A control: what must be true, why, how it is met and shown, and which requirements it answers."""
    about = "\n".join(
        (control.title, control.statement, f"Why: {control.rationale}", f"Otherwise: {control.risk}",
         f"How: {control.guidance}")
    )  # fmt: skip
    shown = "\n".join(f"- {need.proves}: {need.how}" for need in control.evidence)
    answers = "\n".join(f"- {name}: {', '.join(ids)}" for name, ids in control.by_framework().items())
    text = f"{about}\nWhat shows it:\n{shown}\nRequirements it answers:\n{answers}"
    passage = Passage(f"control:{control.id}", "control", control.title, text, f"corpus/controls/{control.id}.yaml")
    return Entry(passage, about, (control.id,), controls=(control.id,))


def _requirements(all_controls: Mapping[str, Control], frameworks: Mapping[str, Framework]) -> Iterator[Entry]:
    answering: dict[tuple[str, str], list[Control]] = defaultdict(list)
    for control in all_controls.values():
        for mapping in control.mappings:
            answering[mapping.framework, mapping.requirement].append(control)
    for framework in frameworks.values():
        for id, title in framework.requirements.items():
            mine = answering[framework.id, id]
            about = f"{title}\n{framework.name}, {id}"
            if mine:
                about += "\nControls that answer it: " + "; ".join(control.title for control in mine)
            passage = Passage(
                f"requirement:{framework.id}/{id}", "requirement", f"{framework.id} {id}: {title}", about,
                f"corpus/frameworks/{framework.id.lower()}.yaml",
            )  # fmt: skip
            yield Entry(passage, about, (id, f"{framework.id}/{id}"), controls=tuple(control.id for control in mine))


def of_check(
    check: Check, library: Library | None, all_controls: Mapping[str, Control], *, scope: Scope | None = None
) -> Entry:
    """A check: what fails, why it matters, and its condition in words. `scope` is that of a repository's own check."""
    control = all_controls.get(check.control)
    about = "\n".join(
        (check.title, f"A resource that fails {check.message}.", check.rationale, f"About {wording.subject(check.subject)}.",
         f"Control {check.control}{f': {control.title}' if control else ''}.")
    )  # fmt: skip
    parts = [about]
    if check.when is not None:
        parts.append("It applies when:\n" + "\n".join(wording.lines(check.when, 1)))
    parts.append("It passes when:\n" + "\n".join(wording.lines(check.must, 1)))
    if check.peers:
        parts.append(f"Others know it as {', '.join(check.peers)}.")
    if library is not None:
        parts += _examples(library, check.id)
    types = check.subject.names if check.subject.kind in ("types", "kinds", "data", "blocks") else ()
    source = f"corpus/checks: {check.id}" if scope is None else f".compliance/checks: {check.id}"
    passage = Passage(f"check:{check.id}", "check", check.title, "\n".join(parts), source, scope)
    return Entry(passage, about, (check.id, *check.peers), tuple(map(str, types)), (check.control,))


def _examples(library: Library, id: str) -> Iterator[str]:
    """The shortest example that passes and the shortest that fails, where they are short."""
    examples = library.examples(id)
    for kind, paths in (("passes", examples.good), ("fails", examples.bad)):
        texts = sorted(
            (path.stat().st_size, path) for path in paths if path.is_file() and path.stat().st_size <= _EXAMPLE
        )
        if texts:
            yield f"An example that {kind}:\n{texts[0][1].read_text('utf-8', 'replace').strip()}"


def golden_folder() -> Path:
    """Where the golden examples lie."""
    import corpus as data

    return Path(next(iter(data.__path__)), "golden")


def golden(folder: Path) -> Iterator[Entry]:
    """The golden examples of a folder: whole modules that pass everything, with the decisions that they take."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (path / "golden.yaml").is_file():
            yield _golden(path)


def _golden(folder: Path) -> Entry:
    said = _golden_yaml(folder / "golden.yaml")
    files = [
        (path.relative_to(folder).as_posix(), path.read_text("utf-8", "replace"))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "golden.yaml" and not path.name.startswith(".")
    ]
    types = tuple(sorted({type for _, text in files for type in (*_TYPES.findall(text), *_KINDS.findall(text))}))
    about = "\n".join(
        (said["title"], said["description"].strip(), f"Resources: {', '.join(types)}.",
         f"Controls: {', '.join(said['controls'])}.")
    )  # fmt: skip
    text = "\n\n".join([about, *(f"# {name}\n{content.strip()}" for name, content in files)])
    passage = Passage(f"golden:{folder.name}", "golden", said["title"], text, f"corpus/golden/{folder.name}")
    return Entry(passage, about, (folder.name,), types, tuple(said["controls"]))


def _golden_yaml(path: Path) -> dict[str, Any]:
    import yaml

    name = f"golden/{path.parent.name}/golden.yaml"
    try:
        said = yaml.safe_load(path.read_bytes())
    except yaml.YAMLError as error:
        raise CorpusInvalid(f"{name}: {error}") from error
    if not isinstance(said, dict) or sorted(said) != sorted(_GOLDEN):
        raise CorpusInvalid(f"{name}: has exactly the fields {', '.join(_GOLDEN)}")
    if not all(isinstance(said[field], str) and said[field].strip() for field in ("title", "description", "provider")):
        raise CorpusInvalid(f"{name}: title, description and provider are texts")
    given = said["controls"]
    if not isinstance(given, list) or not given or not all(isinstance(id, str) for id in given):
        raise CorpusInvalid(f"{name}: controls: is a list of ids")
    if strangers := sorted(set(given) - set(controls.load_controls())):
        raise CorpusInvalid(f"{name}: controls: there is no {', '.join(strangers)}")
    return said


def stamp(library: Library) -> str:
    """A name for what `corpus` would say, from the files' names, sizes and times: reading them all takes longer."""
    import corpus as data

    top = Path(next(iter(data.__path__)))
    said: list[object] = [library.digest]
    for folder in (top / "controls", top / "frameworks", top / "golden"):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file():
                stat = path.stat()
                said.append((path.relative_to(top).as_posix(), stat.st_size, stat.st_mtime_ns))
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


def digest(entries: Iterable[Entry]) -> str:
    """SHA-256 over all of them, in whatever order they come."""
    return hashlib.sha256("\n".join(sorted(entry.digest for entry in entries)).encode()).hexdigest()
