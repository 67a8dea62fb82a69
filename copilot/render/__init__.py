"""Reports: a `Review` becomes text, in the format that was asked for.

One module a format, each with `render(review, options) -> str`; `FORMATS` is the registry. A format is imported when
it is asked for, so that a scan that writes SARIF never pays for HTML. What all of them share is not about a format:
`escape` (every string from a repository is hostile), `excerpts` (lines, columns, diffs) and `story` (what is said, and
in which order).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from copilot.model import Review


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is written.

    `width`, `colour`, `unicode` and `verbose` are for terminals: columns, whether to colour, whether the terminal shows
    more than ASCII, and whether everything is listed. `for_github` writes SARIF for GitHub's code scanning, which
    ignores `kind` and `suppressions`: open and suppressed results are left out and counted.
    """

    width: int = 100
    colour: bool = False
    unicode: bool = True
    verbose: bool = False
    for_github: bool = False


DEFAULT: Final = Options()

Format = Callable[[Review, Options], str]


def _format(name: str) -> Format:
    def written(review: Review, options: Options) -> str:
        text: str = import_module(f"copilot.render.{name}").render(review, options)
        return text

    return written


FORMATS: Final[Mapping[str, Format]] = {
    name: _format(name) for name in ("terminal", "markdown", "json", "sarif", "html")
}


def render(review: Review, format: str, options: Options = DEFAULT) -> str:
    """The report of a review; KeyError when there is no such format. The same review gives the same text."""
    return FORMATS[format](review, options)
