"""Commands in comments: `/compliance WORD …` on a line of its own, outside quotes and code. No I/O."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

Word = Literal["help", "explain", "fix", "waive", "rescan", "pause", "resume"]
MAX_LENGTH: Final = 600
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")

HELP: Final = """\
`/compliance explain ID` says why a finding is one, and what would make it pass
`/compliance fix [ID]` makes the approved patches a pull request
`/compliance waive ID until=YYYY-MM-DD reason="…"` asks for a waiver
`/compliance rescan` reviews this commit again
`/compliance pause` and `/compliance resume` stop and start reviews of this pull request
`ID` is the finding's, as the comment shows it, or a check's."""


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks for; `id` is a finding's or a check's ("" for all)."""

    word: Word
    id: str = ""
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Misread:
    """A line that means to be a command and is none, and what is wrong with it."""

    problem: str


def parse(body: str) -> Command | Misread | None:
    """The first command of a comment; None when it holds none."""
    fence = ""
    for line in body.splitlines():
        mark = _FENCE.match(line)
        if mark:
            if not fence:
                fence = mark[1]
            elif mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and not line.strip(" `~"):
                fence = ""
            continue
        if not fence and re.match(r"/compliance(?=\s|$)", line):
            return _command(line)
    return None


def _command(line: str) -> Command | Misread:
    if len(line) > MAX_LENGTH:
        return Misread(f"a command has {MAX_LENGTH} characters at most")
    try:
        words = shlex.split(line.translate({ord("“"): '"', ord("”"): '"'}))[1:]
    except ValueError:
        return Misread("a quotation mark has no partner")
    if not words:
        return Command("help")
    word, rest = words[0].lower(), words[1:]
    known = next((each for each in get_args(Word) if each == word), None)
    if known is None:
        return Misread(f"there is no command {word[:40]!r}; there are {', '.join(get_args(Word))}")
    named = dict(each.split("=", 1) for each in rest if "=" in each)
    plain = [each for each in rest if "=" not in each]
    if known == "waive":
        return _waive(plain, named)
    most = 1 if known in ("explain", "fix") else 0
    if named or len(plain) > most:
        return Misread(f"{known} takes {'one id' if most else 'nothing more'}")
    if known == "explain" and not plain:
        return Misread("explain wants the id of a finding or check")
    if plain and not _NAME.fullmatch(plain[0]):
        return Misread("an id has letters, digits and -_.: only")
    return Command(known, plain[0] if plain else "")


def _waive(plain: list[str], named: dict[str, str]) -> Command | Misread:
    if len(plain) != 1 or set(named) != {"until", "reason"} or not _NAME.fullmatch(plain[0]):
        return Misread('a waiver is asked for with waive ID until=YYYY-MM-DD reason="…"')
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", named["until"]):
        return Misread("until= wants a day, written YYYY-MM-DD")
    try:
        until = date.fromisoformat(named["until"])
    except ValueError:
        return Misread(f"there is no day {named['until']} in the calendar")
    if not named["reason"].strip():
        return Misread("a waiver has a reason")
    return Command("waive", plain[0], until, named["reason"].strip())
