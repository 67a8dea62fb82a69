"""What a run asked of a model, counted for the person who started it."""

from __future__ import annotations

from dataclasses import dataclass, field

from copilot.llm.asking import Answer, LanguageModel, NoAnswer, Question, Schema, Usage


@dataclass
class Counted:
    """A model whose calls are kept as they are made."""

    model: LanguageModel
    calls: list[Usage] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.model.name

    def ask(self, question: Question[Schema]) -> Answer[Schema] | NoAnswer:
        """The model's answer, with what it cost kept."""
        answer = self.model.ask(question)
        self.calls.append(answer.usage)
        return answer

    def told(self) -> str:
        """One line: how many calls, how many of them from the cache, and what the others took."""
        paid = [usage for usage in self.calls if not usage.cached]
        said = f"{self.name}: {len(self.calls)} call{'' if len(self.calls) == 1 else 's'}"
        if len(paid) < len(self.calls):
            said += f" ({len(self.calls) - len(paid)} from the cache)"
        tokens = sum(usage.input_tokens for usage in paid), sum(usage.output_tokens for usage in paid)
        said += f", {tokens[0]:,} tokens in and {tokens[1]:,} out"
        money = sum(usage.money for usage in paid)
        return f"{said}, {money:.4f} in money" if money else said
