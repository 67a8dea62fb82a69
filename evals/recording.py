"""A model that is listened to, and one that repeats what was recorded: what makes a run something to score again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from copilot.errors import CopilotError
from copilot.llm.asking import Answer, Failure, LanguageModel, NoAnswer, Question, Schema, Usage, read


class NotRecorded(CopilotError):
    """A question of today's pipeline is not among those that a run recorded; nothing is made up for it."""

    exit_code = 2
    hint = "the prompts or the tree changed since; record the run again"


def digest_of(question: Question[Any]) -> str:
    """A name for a question: what it is for, every message, the schema of its answer, and the sample."""
    data = [
        question.task, [[message.role, message.text] for message in question.prompt.messages],
        question.schema.model_json_schema(), question.sample,
    ]  # fmt: skip
    return hashlib.sha256(
        json.dumps(data, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ).hexdigest()


@dataclass
class Recorder:
    """The model behind it, with every question's digest and every answer's text kept."""

    model: LanguageModel
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.model.name

    def ask(self, question: Question[Schema]) -> Answer[Schema] | NoAnswer:
        """The model's answer."""
        began = time.monotonic()
        answer = self.model.ask(question)
        took = time.monotonic() - began
        prompt = question.prompt
        usage = asdict(answer.usage)
        usage["seconds"] = round(usage["seconds"] or took, 3)
        said: dict[str, Any] = {
            "question": digest_of(question), "task": question.task, "sample": question.sample, "prompt": prompt.id,
            "version": prompt.version, "prompt_digest": prompt.digest, "text": answer.text, "usage": usage,
        }  # fmt: skip
        if isinstance(answer, NoAnswer):
            said |= {"failure": answer.failure, "detail": answer.detail}
        self.answers.append(said)
        return answer


@dataclass
class Replayed:
    """Answers with what was recorded for the same question; NotRecorded where nothing was."""

    name: str
    recorded: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, name: str, answers: Iterable[Mapping[str, Any]]) -> Replayed:
        """The model that gave these answers."""
        return cls(name, {str(answer["question"]): answer for answer in answers})

    def ask(self, question: Question[Schema]) -> Answer[Schema] | NoAnswer:
        """What was answered then, read as every provider's text is."""
        digest = digest_of(question)
        said = self.recorded.get(digest)
        if said is None:
            raise NotRecorded(
                f"no answer is recorded for question {digest[:12]} ({question.prompt.id}, sample {question.sample})"
            )
        usage = Usage(**said["usage"])
        if "failure" in said:
            return NoAnswer(cast(Failure, said["failure"]), said["detail"], said["text"], usage)
        return read(question, said["text"], usage)
