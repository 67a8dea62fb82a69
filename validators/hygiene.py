"""hygiene: what a person will read is what it seems to be: no hidden text, links, mentions or markup."""

from __future__ import annotations

import re
import unicodedata

from copilot.iac.hcl import comments
from copilot.model import Verdict
from validators.case import Case

_LINK = re.compile(r"(?i)\b(?:https?|ftp|file|javascript|data):|\bwww\.")
_MENTION = re.compile(r"(?<![\w./-])@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9._-]+)?\b")
_MARKUP = re.compile(r"<[A-Za-z!/][^>]*>|!\[[^\]]*\]\(|\]\(")
_ALLOWED = frozenset("\n\r\t")


def check(case: Case) -> Verdict:
    """Fail hidden or look-alike characters anywhere in what is added, and links, mentions or markup in its comments
    and in the summary."""
    for hunk in case.patched.hunks:
        after = case.patched.after.read(hunk.path) or b""
        lines = after.decode("utf-8", "replace").splitlines()[hunk.after[0] - 1 : hunk.after[1] - 1]
        text = "\n".join(lines)
        strange = hidden(text.removeprefix("\ufeff") if hunk.after[0] == 1 else text)
        if strange:
            return case.verdict("hygiene", "fail", f"{hunk.path}:{hunk.after[0]}: {strange}")
        for comment in comments(text):
            problem = speaks(comment)
            if problem:
                return case.verdict("hygiene", "fail", f"{hunk.path}:{hunk.after[0]}: a comment with {problem}")
    strange = hidden(case.draft.summary) or speaks(case.draft.summary)
    if strange:
        return case.verdict("hygiene", "fail", f"the summary has {strange}")
    return case.verdict("hygiene", "pass", "plain text")


def hidden(text: str) -> str:
    """What is hidden or deceptive about the characters of a text; "" when nothing is."""
    for character in text:
        if character.isascii():
            if (character < " " and character not in _ALLOWED) or character == "\x7f":
                return f"control character U+{ord(character):04X}"
            continue
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp"):
            return f"hidden character U+{ord(character):04X}"
    for word in re.findall(r"[\w-]+", text):
        if not word.isascii() and any(c.isascii() and c.isalpha() for c in word) and _mixed(word):
            return "letters of several scripts in one word"
    return ""


def _mixed(word: str) -> bool:
    scripts = {unicodedata.name(c, "?").split()[0] for c in word if c.isalpha()}
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL"}) > 1


def speaks(text: str) -> str:
    """What a text for people does beside saying something: a link, a mention, markup; "" when nothing."""
    if _LINK.search(text):
        return "a link"
    if _MENTION.search(text):
        return "a mention"
    return "markup" if _MARKUP.search(text) else ""
