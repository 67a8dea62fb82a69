"""The control library: what must be true, why, how it is met and shown, and which framework requirements it answers.

A control is one file, `corpus/controls/<id>.yaml`; a framework is `corpus/frameworks/<id in lower case>.yaml`. Both are
read through `_read` alone, when somebody asks and not on import. Whoever needs one control asks for `control(id)`: it
takes 1 to 2 ms, where `load_controls` takes some 60.
"""

from __future__ import annotations

import collections.abc as abc
import functools
import re
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Annotated, Literal, Self, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from copilot.errors import CorpusInvalid, UnknownId
from copilot.model import Severity

ControlId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
FrameworkId = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$")]
Text = Annotated[str, Field(pattern=r"\S")]
Relationship = Literal["equal", "subset", "superset", "intersects"]

_JUDGEMENT = "judgement"

_Sized = TypeVar("_Sized", bound=abc.Sized)


def _some(items: _Sized) -> _Sized:
    if not items:
        raise ValueError("must not be empty")
    return items


def _severity(value: object) -> Severity:
    if isinstance(value, Severity):
        return value
    return Severity.parse(str(value))


class _Closed(BaseModel):
    # Schemas are built at first use: most commands import this module and ask for no control.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Mapping(_Closed):
    """A control's tie to one requirement of one framework.

    `source` says who published the tie, with the file and revision; the relationship is always our own reading of it.
    """

    framework: FrameworkId
    requirement: Text
    relationship: Relationship
    """What the control demands, held against the requirement: the same (equal), part of it (subset), all of it and
    more (superset), or something that overlaps (intersects)."""
    source: Text
    opinion: StrictBool
    """Nobody published the tie: it is somebody's judgement, and shown as such."""

    @model_validator(mode="after")
    def _an_opinion_says_so(self) -> Self:
        if self.opinion != self.source.startswith(_JUDGEMENT):
            raise ValueError(f"opinion is true exactly when the source starts with {_JUDGEMENT!r}")
        return self


class EvidenceNeed(_Closed):
    """One thing that has to be shown: what it proves, where it comes from, how often it is due."""

    proves: Text
    how: Text
    every: Annotated[str, Field(pattern=r"^(change|P[1-9][0-9]*[DWMY])$")]
    """`change`, or an ISO 8601 duration in one unit."""


class Control(_Closed):
    """One control of the library."""

    id: ControlId
    title: Text
    statement: Text
    """What must be true."""
    rationale: Text
    """Why it must."""
    risk: Text
    """What happens when it is not so."""
    severity: Annotated[Severity, BeforeValidator(_severity), PlainSerializer(str, return_type=str)]
    guidance: Text
    """How to meet it."""
    owner_role: Text
    environments: Annotated[tuple[Text, ...], AfterValidator(_some)]
    """Where it holds: `all` alone, or names of environments."""
    evidence: Annotated[tuple[EvidenceNeed, ...], AfterValidator(_some)]
    mappings: Annotated[tuple[Mapping, ...], AfterValidator(_some)]

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        if "all" in self.environments and self.environments != ("all",):
            raise ValueError("environments is [all], or names without it")
        seen: set[tuple[str, str]] = set()
        for mapping in self.mappings:
            key = (mapping.framework, mapping.requirement)
            if key in seen:
                raise ValueError(f"mappings holds {mapping.framework} {mapping.requirement} twice")
            seen.add(key)
        return self

    def requirements(self, framework: str) -> list[str]:
        """The framework's requirements that this control answers, in the framework's order; empty when none."""
        return self.by_framework().get(framework, [])

    def by_framework(self) -> dict[str, list[str]]:
        """Requirement ids under each framework, both sorted, numbers by value (2.9 before 2.10)."""
        ids: dict[str, list[str]] = {}
        for mapping in sorted(self.mappings, key=lambda m: (m.framework, natural(m.requirement))):
            ids.setdefault(mapping.framework, []).append(mapping.requirement)
        return ids


class Framework(_Closed):
    """A published framework: its requirements' ids, with titles in our own words."""

    id: FrameworkId
    name: Text
    version: Text
    publisher: Text
    url: Annotated[str, Field(pattern=r"^https://\S+$")]
    license: Text
    requirements: Annotated[
        abc.Mapping[Text, Text],
        AfterValidator(_some),
        AfterValidator(MappingProxyType),
        PlainSerializer(dict, return_type=dict[str, str]),
    ]


@functools.cache
def control(id: str) -> Control:
    """The control with this id, read from its one file; `UnknownId` when there is none."""
    return parse_control(f"controls/{id}.yaml", _read("controls", id))


@functools.cache
def framework(id: str) -> Framework:
    """The framework with this id, in any case, read from its one file; `UnknownId` when there is none."""
    return parse_framework(f"frameworks/{id.lower()}.yaml", _read("frameworks", id.lower()))


@functools.cache
def load_controls() -> abc.Mapping[str, Control]:
    """Every control by id, sorted."""
    return MappingProxyType({name: control(name) for name in _names("controls")})


@functools.cache
def load_frameworks() -> abc.Mapping[str, Framework]:
    """Every framework by its id as mappings write it, sorted."""
    found = sorted((framework(name) for name in _names("frameworks")), key=lambda each: each.id)
    return MappingProxyType({each.id: each for each in found})


def unresolved(controls: abc.Iterable[Control], frameworks: abc.Mapping[str, Framework]) -> list[tuple[str, Mapping]]:
    """The mappings, each with its control's id, that name a requirement which none of the frameworks has."""
    return [
        (each.id, mapping)
        for each in controls
        for mapping in each.mappings
        if mapping.framework not in frameworks or mapping.requirement not in frameworks[mapping.framework].requirements
    ]


def parse_control(file: str, data: bytes) -> Control:
    """The control in `data`, whose id is the file's name; else `CorpusInvalid` names the file and the field."""
    return _parse(Control, file, data)


def parse_framework(file: str, data: bytes) -> Framework:
    """The framework in `data`, whose lower-case id is the file's name; else `CorpusInvalid` names file and field."""
    return _parse(Framework, file, data)


def natural(id: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key for requirement ids that takes their numbers by value."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", id))


_Kind = Literal["controls", "frameworks"]
_Entry = TypeVar("_Entry", Control, Framework)


class _Loader(yaml.CSafeLoader):
    """YAML in which a key that stands twice is an error, where YAML libraries let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[abc.Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _folder(kind: _Kind) -> Traversable:
    return resources.files("corpus") / kind


def _names(kind: _Kind) -> list[str]:
    return sorted(entry.name[:-5] for entry in _folder(kind).iterdir() if entry.name.endswith(".yaml"))


def _read(kind: _Kind, name: str) -> bytes:
    """The one place that reads the library; a name is never a path."""
    if re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", name):
        try:
            return (_folder(kind) / f"{name}.yaml").read_bytes()
        except FileNotFoundError:
            pass
    raise UnknownId(f"no {kind[:-1]} is called {name!r}")


def _parse(model: type[_Entry], file: str, data: bytes) -> _Entry:
    try:
        entry = model.model_validate(_Loader(data).get_single_data())
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise CorpusInvalid(f"{file}: {line}{error.problem}") from error
    except yaml.YAMLError as error:
        raise CorpusInvalid(f"{file}: {error}") from error
    except ValidationError as error:
        raise CorpusInvalid("; ".join(f"{file}: {_complaint(each)}" for each in error.errors())) from error
    if PurePosixPath(file).stem != entry.id.lower():
        raise CorpusInvalid(f"{file}: id: {entry.id!r} is not the file's name")
    return entry


def _complaint(error: ErrorDetails) -> str:
    field = ".".join(map(str, error["loc"]))
    message = "no such field" if error["type"] == "extra_forbidden" else error["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message
