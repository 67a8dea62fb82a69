"""Every string that comes from a repository, a check or a model is hostile; here it becomes text that shows itself.

`visible` makes what a reader would not see into something he does: control characters (ANSI sequences with them),
marks that turn the direction of text, characters without width, blanks that are not the space. Each format then has
one function for text inside a line and, where it has them, one for blocks.
"""

from __future__ import annotations

import html as _html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from copilot.checks.language import Leaf
from copilot.model import Known, List, Outcome, Review, Template, Value
from copilot.redaction.credentials import looks_secret

# Printable to Python, and nothing to the eye: fillers, the blank pattern of Braille, joiners, selectors of variants.
_BLANK: Final = frozenset(
    chr(code)
    for code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810),
                 *range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))
)  # fmt: skip
_MARKS: Final = 3
"""Marks over one letter; more than any script needs would reach into the lines above and below."""

_AWKWARD: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str, *, tabs: bool = False) -> str:
    """The text on one line with every character shown: `\\n`, `\\t`, and `<U+202E>` for what has no look of its own.

    With `tabs`, a tab is four spaces, as in an excerpt.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for char in text:
        if char == "\t" and tabs:
            shown.append("    ")
        elif char in _AWKWARD:
            shown.append(_AWKWARD[char])
        elif not char.isprintable() or char in _BLANK:
            shown.append(f"<U+{ord(char):04X}>")
        else:
            marks = marks + 1 if unicodedata.combining(char) or unicodedata.category(char) == "Mn" else 0
            shown.append(char if marks <= _MARKS else f"<U+{ord(char):04X}>")
    return "".join(shown)


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


# --- HTML -------------------------------------------------------------------------------------------------------


def html(text: str, *, tabs: bool = False) -> str:
    """Text for an element or a quoted attribute."""
    return _html.escape(visible(text, tabs=tabs), quote=True)


# --- Markdown ---------------------------------------------------------------------------------------------------

# A word is prose when no Markdown, and nothing that GitHub adds to it (mentions, issues, commits, addresses, emoji,
# mathematics), gives it a meaning. Every other word is shown as code, where none of them look.
_PROSE: Final = re.compile(r"[^\W_]+(?:['’./-][^\W_]+)*%?|[–—…]")
_LINKED: Final = re.compile(r"\b(?=[a-fA-F]*\d)[0-9a-fA-F]{7,}\b|(?i:gh)-\d|(?i:www)\.")
_AROUND: Final = re.compile(r"^([(\"“‘']*)(.*?)([)\"”’'.,;:!?]*)$", re.DOTALL)
_LIST: Final = re.compile(r"\d+[.)]")


def markdown(text: str) -> str:
    """Text within a line of Markdown; words that Markdown or GitHub would read as more than text become code."""
    words = re.split(r"( +)", visible(text).strip(" "))
    return "".join(_word(word, first=at == 0) if word.strip(" ") else word for at, word in enumerate(words))


def _word(word: str, *, first: bool) -> str:
    before, core, after = _AROUND.fullmatch(word).groups()  # type: ignore[union-attr]  # it matches everything
    if after.startswith(")") and core.count("(") > core.count(")"):
        core, after = f"{core})", after[1:]
    plain = _PROSE.fullmatch(core) and not _LINKED.search(core) and not (first and _LIST.match(word))
    if (
        plain or not (core or first) or (core == "=" and not first)
    ):  # an equals sign underlines a title only at the start
        return word
    return f"{before}{code(core)}{after}" if core else code(word)


def code(text: str) -> str:
    """Text as inline code of Markdown, whatever it holds."""
    shown = visible(text) or "(empty)"
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    space = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{space}{shown}{space}{fence}"


def fenced(lines: Iterable[str], language: str = "") -> str:
    """Lines as a code block of Markdown, with a fence longer than any inside; ends without a line break."""
    shown = [visible(line, tabs=True) for line in lines]
    fence = "`" * max(3, *(len(run) + 1 for line in shown for run in re.findall("`+", line)), 3)
    return "\n".join((f"{fence}{language}", *shown, fence))


# --- JSON and SARIF ---------------------------------------------------------------------------------------------

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def unicode_text(text: str) -> str:
    """The text, with what is not Unicode (bytes of a path that are no UTF-8) made visible."""
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def sarif_text(text: str) -> str:
    """A plain message of SARIF, where `[text](target)` would be a link and `{0}` an argument."""
    return re.sub(r"\{(?=\d+\})", "{ ", visible(text).replace("](", "] ("))


def uri(path: str) -> str:
    """The path as a relative reference: percent-encoded, and never taken for a scheme."""
    encoded = quote(path.encode("utf-8", "surrogateescape" if _round_trips(path) else "replace"), safe="/~!$'()*,;=@")
    return f"./{encoded}" if encoded.startswith("//") else encoded


def _round_trips(path: str) -> bool:
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


# --- secrets ----------------------------------------------------------------------------------------------------

_SECRET: Final = 6


@dataclass(frozen=True, slots=True)
class Redaction:
    """Texts that no report shows: values marked sensitive, literals in which a check found a credential, and whatever
    looks like one in a file that the report quotes."""

    secrets: tuple[str, ...] = ()

    @classmethod
    def of(cls, review: Review) -> Redaction:
        """The secrets that findings of the review stand on."""
        leaves = (
            leaf
            for finding in (*review.findings, *review.undecided)
            for occurrence in finding.occurrences
            for leaf in occurrence.outcome.leaves()
        )
        # A shorter text would blot out half of a report, and is no secret that a report could give away.
        secrets = {part for leaf in leaves for part in _secret_parts(leaf, review.sources) if len(part) >= _SECRET}
        secrets.update(part for data in review.sources.values() for part in _written(data) if len(part) >= _SECRET)
        return cls(tuple(sorted(secrets, key=lambda text: (-len(text), text))))

    def __call__(self, text: str) -> str:
        """The text with each secret replaced: one that is made up wherever it stands, one that is a plain word where
        it stands alone, so that an address or a path that bears the word can still be read."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, "[secret]") if _made_up(secret) else _alone(secret).sub("[secret]", text)
        return text

    def hides(self, text: str) -> bool:
        """Whether the text holds a secret."""
        return self(text) != text


def _made_up(secret: str) -> bool:
    """Whether nobody would write the text for anything but the secret: it is no single word of small letters."""
    return re.fullmatch(r"[a-z]{1,16}|[A-Z]{1,16}|[A-Z][a-z]{1,15}", secret) is None


@lru_cache(maxsize=256)
def _alone(word: str) -> re.Pattern[str]:
    """The word where it is no part of an address, a path or a longer name, and no label of a block."""
    return re.compile(rf"""(?<![\w./-]){re.escape(word)}(?![\w/-]|\.\w|"\s*\{{)""")


_GIVEN = re.compile(
    r"""(?m)([A-Za-z_][\w.-]*)["']?[ \t]*[=:][ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([^\s"'#{\[|>&*!][^\n#]*))"""
)
_QUOTED = re.compile(r""""((?:[^"\\\n]|\\.){16,})"|'([^'\n]{16,})'""")


_SUSPECT = re.compile(
    rb"(?i)passw|passphrase|secret|token|api_?key|private_?key|access_?key|auth_?key|credential|[a-z0-9+/=!@#%^&*]{16}|://|gh[oprsu]_|xox|npm_"
)
"""Without any of these a file holds nothing that looks like a credential, and need not be read line by line."""


def _written(data: bytes) -> Iterator[str]:
    """The literals of a file that look like credentials by themselves, or by the name that they are given to."""
    if _SUSPECT.search(data) is None:
        return
    text = data.decode("utf-8", "replace")
    for match in _GIVEN.finditer(text):
        quoted = match.group(2) if match.group(2) is not None else match.group(3)
        value = quoted if quoted is not None else (match.group(4) or "").strip()
        # Unquoted, a name says nothing: in HCL that is a reference, and in YAML too much is a plain word.
        named = match.group(1) if quoted is not None or _PLAIN_VALUE.fullmatch(value) else ""
        if "${" not in value and looks_secret(value, named):
            yield value
    for match in _QUOTED.finditer(text):
        value = match.group(1) or match.group(2)
        if looks_secret(value):
            yield value


_PLAIN_VALUE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[^\s.()\[\]]{8,}")
"""An unquoted YAML scalar that could be a credential: letters and digits, and no reference or call of HCL."""


def _secret_parts(leaf: Outcome, sources: Mapping[str, bytes]) -> Iterator[str]:
    """The value of a leaf line by line, and as it is written, when it is not for the eye."""
    if leaf.value is None:
        return
    condition = leaf.condition
    credential = (
        isinstance(condition, Leaf)
        and condition.op == "secret"
        and leaf.truth is not None
        and leaf.truth is bool(condition.operand)
    )
    for value in _texts(leaf.value):
        if not (value.sensitive or leaf.value.sensitive or credential):
            continue
        yield str(value.value).strip()
        yield from (line.strip() for line in str(value.value).splitlines())
        if (place := value.written) and (data := sources.get(place.path)):
            written = data[place.start : place.end].decode("utf-8", "replace")
            if "\n" not in written:
                yield written.strip("\"' \t")


def _texts(value: Value) -> Iterator[Known]:
    match value:
        case Known(value=str()):
            yield value
        case List():
            for item in value.items:
                yield from _texts(item)
        case Template():
            for part in value.parts:
                yield from _texts(part)
