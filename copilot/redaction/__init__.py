"""Secrets become typed placeholders before anything leaves the tree: prompts, reports, logs, records, recordings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

OPENING: Final = "⟦secret:"
CLOSING: Final = "⟧"
"""A placeholder is `⟦secret:KIND:N⟧`: the kind of credential, and a number that is the same for the same secret."""

PLACEHOLDER: Final = re.compile(r"⟦secret:[a-z0-9_]{1,40}:\d{1,9}⟧")


class Redactor:
    """Placeholders for the secrets of one run: the same secret has the same one in every text, and none is undone.

    It keeps the secrets it has seen, in memory alone, so that it can look for them in what comes out.
    """

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}
        self._kinds: Counter[str] = Counter()
        self._everywhere: list[str] = []
        self._forms: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Redactor({dict(self.found)})"

    @property
    def found(self) -> Mapping[str, int]:
        """How many different secrets of each kind were seen."""
        return dict(sorted(self._kinds.items()))

    def learn(self, *texts: str) -> None:
        """See the secrets of texts that will be redacted later: one that is known by its place in a later file is then
        replaced in an earlier one too."""
        from copilot.redaction.credentials import spans

        for text in texts:
            hidden = _masked(text)
            for span in spans(hidden):
                self._placeholder(text[span.start : span.end], span.kind)

    def know(self, secret: str, kind: str) -> None:
        """Take a text for a secret of that kind, whatever it looks like (a value that is marked sensitive)."""
        if secret:
            self._placeholder(secret, kind)

    def redact(self, text: str, *, path: str = "") -> str:
        """The text with each secret replaced. Redacting twice changes nothing more; placeholders stay as they are.

        `path` says which file it is, for readers of a traceback; every format is read by the same rules.
        """
        for _ in range(_ROUNDS):
            again = self._once(text)
            if again == text:
                return text
            text = again
        # Each round leaves less to find; a text that takes more was made to, and is not shown.
        return self._placeholder(text, "text")

    def residue(self, text: str) -> tuple[str, ...]:
        """The kinds of secret that are in a text which should hold none: what the detector knows, and each secret seen
        before, also in base64, hexadecimal, percent encoding, backwards, escaped, or broken over lines."""
        from copilot.redaction.credentials import spans

        hidden = _masked(text)
        kinds = {span.kind: None for span in spans(hidden)}
        for secret in self._everywhere:
            if _kind(self._placeholders[secret]) not in kinds and secret in hidden:
                kinds[_kind(self._placeholders[secret])] = None
        kinds |= dict.fromkeys(self._disguised(hidden))
        return tuple(kinds)

    def disguised(self, text: str) -> tuple[str, ...]:
        """The kinds of the secrets seen before that are in the text, as they are or in another form."""
        hidden = _masked(text)
        plain = [_kind(self._placeholders[secret]) for secret in self._everywhere if secret in hidden]
        return tuple(dict.fromkeys([*plain, *self._disguised(hidden)]))

    # --- how ---

    def _once(self, text: str) -> str:
        from copilot.redaction.credentials import spans

        hidden = _masked(text)
        out: list[str] = []
        at = 0
        for span in spans(hidden):
            out += [text[at : span.start], self._placeholder(text[span.start : span.end], span.kind)]
            at = span.end
        replaced = "".join([*out, text[at:]])
        if any(secret in replaced for secret in self._everywhere):
            pieces = re.split(f"({PLACEHOLDER.pattern})", replaced)
            for secret in self._everywhere:
                if any(secret in piece for piece in pieces[::2]):
                    pieces[::2] = [piece.replace(secret, self._placeholders[secret]) for piece in pieces[::2]]
                    pieces = re.split(f"({PLACEHOLDER.pattern})", "".join(pieces))
            replaced = "".join(pieces)
        return replaced

    def _placeholder(self, secret: str, kind: str) -> str:
        known = self._placeholders.get(secret)
        if known is not None:
            return known
        self._kinds[kind] += 1
        made = f"{OPENING}{kind}:{self._kinds[kind]}{CLOSING}"
        self._placeholders[secret] = made
        if _distinctive(secret):
            self._everywhere.append(secret)
            self._everywhere.sort(key=lambda text: (-len(text), text))
            for form in _forms(secret):
                self._forms.setdefault(form, kind)
        return made

    def _disguised(self, text: str) -> Iterable[str]:
        if not self._forms:
            return
        squeezed = _squeezed(text)
        lowered = squeezed.lower()
        for form, kind in self._forms.items():
            if form in squeezed or (form in lowered and form.islower()):
                yield kind


_ROUNDS: Final = 8


def _masked(text: str) -> str:
    from copilot.redaction.credentials import MASK

    if MASK in text:
        text = text.replace(MASK, "\ue001")
    return PLACEHOLDER.sub(lambda found: MASK * len(found[0]), text) if OPENING in text else text


def _kind(placeholder: str) -> str:
    return placeholder.removeprefix(OPENING).partition(":")[0]


def _distinctive(secret: str) -> bool:
    """Whether the text is a secret wherever it stands: `postgres` is one only where a password belongs."""
    if len(secret) < 8 or len(secret) > 65536:
        return False
    if re.fullmatch(r"[a-z]+(?:[ ._/-][a-z]+)*|[A-Z]+(?:[ ._/-][A-Z]+)*|\d{1,11}", secret):
        return False
    return len(set(secret)) >= 5


_BETWEEN = re.compile(r"""(?:\\[nrt"'\\/]|[\s"'+,;`\\\u200b-\u200f\u2060\ufeff\u00ad])+""")


def _squeezed(text: str) -> str:
    """The text without what a long word is broken with: blanks, line ends, quotes, joining signs."""
    return _BETWEEN.sub("", text)


def _forms(secret: str) -> set[str]:
    """What a secret looks like after an encoding, squeezed."""
    import base64
    import json
    from urllib.parse import quote

    raw = secret.encode("utf-8", "surrogatepass")
    out = {secret, secret[::-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    out |= {quote(secret, safe=""), quote(secret), raw.hex(), raw.hex().upper(), raw.hex(" ").replace(" ", "\\x")}
    for shift in range(3):
        # What stands before it in the encoded text moves its letters; those that a neighbour may change are left out.
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        first = (0, 2, 3)[shift]
        last = len(coded) - (0 if (len(raw) + shift) % 3 == 0 else 4) if len(raw) > 8 else len(coded)
        body = coded[first:last].rstrip("=")
        out |= {body, body.replace("+", "-").replace("/", "_"), body[::-1]}
    from copilot.redaction.credentials import decoded

    inner = decoded(secret) if re.fullmatch(r"[A-Za-z0-9+/_-]{12,}={0,2}", secret) else ""
    if inner and _distinctive(inner.strip()):
        out.add(inner.strip())
    squeezed = {_squeezed(form) for form in out} | {_squeezed(form).lower() for form in out if "%" in form}
    return {form for form in squeezed if len(form) >= 8}


__all__ = ["CLOSING", "OPENING", "PLACEHOLDER", "Redactor"]
