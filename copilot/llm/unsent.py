"""A model that is never asked: what would be sent is kept, to be shown to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from copilot.llm.asking import Answer, NoAnswer, Question, Schema


@dataclass
class Unsent:
    """Keeps every question and answers none."""

    name: str = "nobody"
    asked: list[Question[Any]] = field(default_factory=list)

    def ask(self, question: Question[Schema]) -> Answer[Schema] | NoAnswer:
        """No answer, since nothing is sent."""
        self.asked.append(question)
        return NoAnswer("budget", "nothing was sent, as was asked for")

    def shown(self) -> str:
        """Every question in full, one after the other."""
        out = []
        for number, question in enumerate(self.asked, 1):
            prompt = question.prompt
            out.append(
                f"=== {number} of {len(self.asked)}: prompt {prompt.id} version {prompt.version}, {prompt.digest}\n"
            )
            out += [f"--- {message.role}\n{message.text}\n" for message in prompt.messages]
        return "".join(out)
