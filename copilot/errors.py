"""One tree of errors, classed by who must act; each knows its next step and its exit code.

CopilotError
├── UsageError            3   the command line or a setting is wrong
│   ├── SettingsInvalid       a file of ours (.compliance/*) does not read
│   ├── UnknownId             no check, control or finding has this id
│   └── NotARepository        git is needed here and is not there
├── ServiceFailed         4   something outside did not answer
├── InvalidEdit           3   an edit that does not name the text it changes
├── TextTooLong          70   a text is longer than the prompt that it is for allows
└── CorpusInvalid        70   the data we ship contradicts itself
"""

from __future__ import annotations


def installing(extra: str) -> str:
    """How an extra is installed. Never by the project's name alone: on PyPI that is somebody else's."""
    return f"in a checkout of this project, pip install '.[{extra}]'"


class CopilotError(Exception):
    """Something a person can act on; `hint` says how."""

    exit_code = 70
    hint = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class UsageError(CopilotError):
    """The command line or a setting is wrong."""

    exit_code = 3


class SettingsInvalid(UsageError):
    """A file under `.compliance/` does not read; the message names file, line and field."""

    hint = "the fields are described in docs/settings.md"


class UnknownId(UsageError):
    """No check, control or finding is known under this id, ours or a peer's."""

    hint = "`ccopilot corpus list` shows every id"


class NotARepository(UsageError):
    """The command compares revisions, and the folder is not inside a git work tree."""

    hint = "run it inside a git work tree, or give two folders with --base and --head"


class ServiceFailed(CopilotError):
    """A program or service outside did not answer as it should."""

    exit_code = 4


class InvalidEdit(CopilotError):
    """An edit names no text, changes nothing, or does not apply to the tree it is for."""

    exit_code = 3

    def __init__(self, path: object, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = str(path)


class TextTooLong(CopilotError):
    """A text is longer than the prompt that it is for allows; whoever asks leaves something out, or does not ask."""

    hint = "give the prompt less to read"


class CorpusInvalid(CopilotError):
    """The data shipped with the program contradicts itself; this is our bug, or that of a local check."""

    hint = "`ccopilot corpus check` lists every contradiction"
