"""Prompts are files: closed front matter, then what each role says, with variables that are declared and all filled in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from copilot.errors import CorpusInvalid
from copilot.llm.asking import Message, Rendered, Role

_PART = re.compile(r"^<<(system|user|assistant)>>\n", re.M)
_VARIABLE = re.compile(r"\{\{([a-z_]+)\}\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt: what each role says, and the variables that must be given."""

    id: str
    version: int
    digest: str
    variables: frozenset[str]
    parts: tuple[tuple[Role, str], ...]

    def render(self, **variables: str) -> Rendered:
        """The messages with every variable filled in; what is filled in is never read for variables again."""
        if set(variables) != self.variables:
            raise TypeError(f"prompt {self.id} takes {sorted(self.variables)}, not {sorted(variables)}")
        said = tuple(
            Message(role, _VARIABLE.sub(lambda found: variables[found[1]], text).strip()) for role, text in self.parts
        )
        return Rendered(self.id, self.version, self.digest, said)


@cache
def load(id: str) -> Prompt:
    """The prompt of that id; CorpusInvalid when its file says too little or too much."""
    import yaml

    data = (files("prompts") / f"{id}.md").read_bytes()
    _, front, body = data.decode("utf-8").split("---\n", 2)
    head: Mapping[str, object] = yaml.safe_load(front)
    if set(head) != {"id", "version", "variables"} or head["id"] != id or not isinstance(head["variables"], list):
        raise CorpusInvalid(f"prompts/{id}.md: the front matter is id, version and variables")
    version, variables = head["version"], frozenset(map(str, head["variables"]))
    pieces = _PART.split(body)
    parts: tuple[tuple[Role, str], ...] = tuple(zip(pieces[1::2], pieces[2::2], strict=True))  # type: ignore[arg-type]
    if not isinstance(version, int) or not parts or frozenset(_VARIABLE.findall(body)) != variables:
        raise CorpusInvalid(f"prompts/{id}.md: what it declares is not what it uses")
    return Prompt(id, version, hashlib.sha256(data).hexdigest(), variables, parts)
