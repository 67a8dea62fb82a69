"""A question to a language model, and what comes back: a value that its schema accepts, or the reason why there is none.

Nothing after this module knows which provider answered. Whatever goes wrong on the way is a `NoAnswer`: a draft that was
never made is withheld with its reason, like one that was refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

Task = Literal["remediate", "repair", "policy", "narrative", "answer"]
"""What a question is for; settings may name another model for each."""

Role = Literal["system", "user", "assistant"]

Failure = Literal[
    "timeout", "unreachable", "rate_limited", "unauthorised", "not_found", "rejected", "empty", "truncated", "refused",
    "filtered", "invalid", "budget", "circuit_open",
]  # fmt: skip
"""Why there is no answer. `rejected` is any other 4xx; `invalid` covers text that is no JSON and JSON that the schema
refuses; `budget` and `circuit_open` say that nothing was sent."""

Schema = TypeVar("Schema", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt with its variables filled in: which prompt of which version it was, the digest of its file, and what is sent."""

    id: str
    version: int
    digest: str
    messages: tuple[Message, ...]

    def followed_by(self, *more: Message) -> Rendered:
        """The same conversation with more said after it (the model's answer, a repair note)."""
        return Rendered(self.id, self.version, self.digest, (*self.messages, *more))


@dataclass(frozen=True, slots=True)
class Question(Generic[Schema]):
    """What is asked: the schema's model is what an answer must be. `sample` tells apart questions that are otherwise equal."""

    task: Task
    prompt: Rendered
    schema: type[Schema]
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call cost: tokens as the provider counts them, seconds on the wall, money by the price table of the settings.

    `cached`: the answer came from our own cache, and nothing was spent."""

    model: str = ""
    prompt: str = ""
    prompt_version: int = 0
    prompt_digest: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    money: float = 0.0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Answer(Generic[Schema]):
    """A value that the schema accepted, the text that it was read from, and what it cost."""

    value: Schema
    text: str
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer, and why, in a sentence for people; `text` is what the model wrote, where it wrote something."""

    failure: Failure
    detail: str
    text: str = ""
    usage: Usage = field(default_factory=Usage)

    def __str__(self) -> str:
        return f"the model gave no answer ({self.failure}): {self.detail}"


class LanguageModel(Protocol):
    """Whatever answers questions. It never raises for what a provider or a network does: that is a NoAnswer."""

    @property
    def name(self) -> str:
        """The model's name, as records keep it."""
        ...

    def ask(self, question: Question[Schema]) -> Answer[Schema] | NoAnswer:
        """The answer to a question, or why there is none."""
        ...


def read(question: Question[Schema], text: str | None, usage: Usage) -> Answer[Schema] | NoAnswer:
    """The answer in a text that a model wrote; every provider reads by this one rule.

    The text is one JSON object, which may stand in a fenced block; anything else is `empty` or `invalid`, and so is an
    object that the schema refuses.
    """
    from pydantic import ValidationError

    if text is None or not text.strip():
        return NoAnswer("empty", "it wrote nothing", text or "", usage)
    body = text.strip()
    if body.startswith("```") and body.endswith("```"):
        body = body.split("\n", 1)[1].rsplit("```", 1)[0] if "\n" in body else ""
    try:
        return Answer(question.schema.model_validate_json(body), text, usage)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return NoAnswer("invalid", f"{where + ': ' if where else ''}{first['msg']}"[:300], text, usage)
    except RecursionError:
        return NoAnswer("invalid", "nested too deeply", text, usage)
