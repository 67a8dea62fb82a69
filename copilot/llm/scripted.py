"""A model that answers from a script: for tests, for demonstrations, for attacks that need a model which obeys them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from copilot.llm.asking import Answer, NoAnswer, Question, Schema, Usage, read

Line = str | NoAnswer
"""What is said next: the text a model would write, or a failure."""


class ScriptEnded(AssertionError):
    """More was asked than the script has lines for."""


@dataclass
class Scripted:
    """Answers with the lines of a script in order, or with what a function says of each question; keeps what it was asked.

    A script that runs out raises ScriptEnded: a test must say how often the model is asked.
    """

    script: Iterable[Line] | Callable[[Question[Any]], Line]
    name: str = "scripted"
    asked: list[Question[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lines = None if callable(self.script) else iter(self.script)

    def ask(self, question: Question[Schema]) -> Answer[Schema] | NoAnswer:
        """The next line of the script, read as every provider's text is."""
        self.asked.append(question)
        if self._lines is None:
            assert callable(self.script)
            said = self.script(question)
        else:
            try:
                said = next(self._lines)
            except StopIteration:
                raise ScriptEnded(f"question {len(self.asked)} ({question.prompt.id}) has no line") from None
        if isinstance(said, NoAnswer):
            return said
        prompt = question.prompt
        written = sum(len(message.text) for message in prompt.messages)
        usage = Usage(
            self.name, prompt.id, prompt.version, prompt.digest, input_tokens=max(1, written // 4),
            output_tokens=max(1, len(said) // 4),
        )  # fmt: skip
        return read(question, said, usage)
