"""What is a credential: by its look, by the name that it is given to, by its entropy where either makes it likely.

One detector for everything: the checks ask of one literal (`looks_secret`), redaction of a whole text (`spans`). The looks
are data (`shapes.yaml`). What only names a secret is none: references and interpolations, ARNs, digests, paths, ids.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

MASK: Final = "\ue000"
"""Stands in a text for each character of a placeholder: it is in no alphabet of a credential, and is not blank."""


class Span(NamedTuple):
    """A credential in a text: where it stands, and what kind it is."""

    start: int
    end: int
    kind: str


# --- by its look ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """A form that credentials of one kind have; `pattern` is compiled when one of the hints is in a text."""

    kind: str
    hints: tuple[str, ...]
    pattern: str


@cache
def shapes() -> tuple[Shape, ...]:
    """The looks that ship with the program, in their order."""
    import yaml

    rows = yaml.load((files(__name__.rpartition(".")[0]) / "shapes.yaml").read_text("utf-8"), yaml.CSafeLoader)
    return tuple(Shape(row["kind"], tuple(row["hints"]), row["pattern"]) for row in rows)


@cache
def _hints() -> tuple[tuple[str, tuple[Shape, ...]], ...]:
    by_hint: dict[str, list[Shape]] = {}
    for shape in shapes():
        for hint in shape.hints:
            by_hint.setdefault(hint, []).append(shape)
    return tuple((hint, tuple(of)) for hint, of in by_hint.items())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_SHORTEST: Final = 9
"""No text that is shorter holds a credential which its look gives away."""


def tokens(text: str) -> Iterator[Span]:
    """Credentials that their look gives away."""
    if len(text) < _SHORTEST:
        return
    wanted = dict.fromkeys(shape for hint, of in _hints() if hint in text for shape in of)
    for shape in wanted:
        for found in _compiled(shape.pattern).finditer(text):
            group = "s" if found.re.groupindex else 0
            yield Span(found.start(group), found.end(group), shape.kind)


# --- by its name ------------------------------------------------------------------------------------------------

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_PASSWORDS: Final = frozenset({"password", "passwd", "pwd", "passphrase", "pass", "passcode", "psk", "pw"})
"""What is given to such a name is a secret however weak it is."""

_SECRETS: Final = frozenset(
    {"secret", "token", "credential", "credentials", "apikey", "pat", "accesskey", "secretkey", "authtoken"}
)
_PAIRS: Final = frozenset(
    f"{first} {second}"
    for second, firsts in {
        "key": "api access private secret auth account storage encryption signing master shared session app application"
        " client host license service webhook deploy integration consumer ingest admin root primary secondary jwt hmac"
        " cookie crypt cipher raw",
        "string": "secret connection",
        "strings": "connection",
        "data": "key",
        "value": "secret",
        "url": "sas webhook",
        "salt": "password auth",
    }.items()
    for first in firsts.split()
)  # fmt: skip
_TRAILING: Final = frozenset(
    {
        "prod", "production", "dev", "development", "test", "testing", "staging", "stage", "qa", "uat", "old", "new",
        "current", "previous", "next", "primary", "secondary", "value", "text", "plain", "plaintext", "raw",
        "base64", "b64", "default", "wo", "encrypted", "content", "data", "literal",
    }
)  # fmt: skip
"""What may follow the noun in a name: `DB_PASSWORD_PROD`, `password_wo`, `token_value`."""

_NOUN = re.compile(
    r"(?i)passw|passwd|passphrase|passcode|pwd|pass(?![a-z])|psk|\bpw\b|_pw\b|secret|token|credential|api_?-?key|key|\bpat\b|_pat\b"
    r"|connection_?-?string|sas_?url|webhook_?url|salt"
)


@lru_cache(maxsize=4096)
def strength(name: str) -> str:
    """What a name says of a value given to it: "password", "secret", or "" when nothing."""
    if len(name) > 200:
        name = name[-200:]
    words = [word.lower() for word in _WORDS.findall(name)]
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _TRAILING):
        if " ".join(words[-2:]) in _PAIRS:
            break
        words.pop()
    if not words:
        return ""
    last = words[-1]
    if last in _PASSWORDS or last.endswith(("password", "passwd", "passphrase")):
        return "password"
    if last == "key" and words[-2:-1] == ["public"]:
        return ""
    if last in _SECRETS or last.endswith(("secret", "token", "apikey")) or " ".join(words[-2:]) in _PAIRS:
        return "secret"
    return ""


_KEY = re.compile(r"[\w.-]{0,100}(?=(?P<close>\\?[\"'])?\s{0,40}(?:\]\s{0,4})?(?P<sep>=>|:=|[=:])(?![=~>])\s{0,80})")
_VALUE = re.compile(
    r"""(?P<esc>\\["'])(?P<escaped>(?:(?!\\["'])[^\n]){0,4000})\\["']
    |"(?P<double>(?:[^"\\\n]|\\[^\n]){0,8000})"
    |'(?P<single>[^'\n]{0,8000})'
    |(?P<bare>[^\s"'`,;&|<>(){}\[\]]{1,1024}(?:\([^)\n]{0,200}\)?)?)""",
    re.VERBOSE,
)
_HEREDOC = re.compile(r"<<[-~]?\s*\\?[\"']?(?P<tag>\w+)[\"']?[^\n]*\n(?P<body>[\s\S]{0,20000}?)\n\s*(?P=tag)\b")
_BLOCK = re.compile(r"[|>][+-]?\d?[ \t]*\n(?P<body>(?P<indent>[ \t]+)\S[^\n]*(?:\n(?:(?P=indent)[^\n]*|[ \t]*))*)")
_OPTION = re.compile(
    r"(?i)(?<![\w-])--?(?P<name>[\w-]*(?:password|passwd|passphrase|token|secret|api-?key|access-?key|secret-?key))[ =]+[\"']?"
    r"(?P<value>[^\s\"'$`|;&<>-][^\s\"'`|;&<>]*)"
)

_NONE_AT_ALL = frozenset(
    {
        "true", "false", "null", "none", "nil", "yes", "no", "on", "off", "string", "number", "bool", "boolean",
        "any", "int", "integer", "object", "list", "map", "set", "optional", "required", "sensitive", "undefined",
        "enabled", "disabled", "plaintext", "auto", "automatic", "managed", "generated", "default", "basic",
        "bearer", "tcp", "udp", "http", "https", "description", "type",
    }
)  # fmt: skip
_INTERPOLATED = re.compile(r"\$\{|%\{|\{\{|\$\(|\$[A-Za-z_{]|%[A-Za-z_]+%|<%|!Ref|!Sub|!GetAtt|Fn::")
_POINTER = re.compile(
    r"(?i)(?:arn:|alias/|https?://|/|\./|~/|\{\{|\$\{|projects/|vault:|ssm:|secretsmanager|secret://|op://|file:|file\(|env:|kms:|"
    r"resolve:|aws-sm|gcp:|azurekeyvault|sm://|@microsoft\.keyvault|urn:|\*+$|x+$|\.+$|<[^>]*>$)"
)
_TRAVERSAL = re.compile(r"[A-Za-z_][\w-]*(?:\[[^\]\s]*\]|\.[A-Za-z_*][\w-]*|\.\d+)+")
_LABEL = re.compile(r"[a-z]+\d{0,2}(?:[._/-](?:[a-z]+\d{0,2}|\d{1,4}))*")
_PATHLIKE = re.compile(r"[.~]{0,2}(?:/[\w.@%+-]+)+/?")
_DIGEST = re.compile(
    r"(?i)(?:sha\d{1,3}[:-]|md5[:-])|(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})(?![0-9a-f])"
)


def _named(written: str, how: str, name: str, *, quoted: bool) -> bool:
    """Whether what is given to a name that is for secrets is one, and not what only leads to one."""
    if not written.strip(MASK + " ") or written.lower() in _NONE_AT_ALL:
        return False
    bare = written.replace(MASK, "")
    if _INTERPOLATED.search(bare) or (_POINTER.match(bare) and not _dense(bare)):
        return False
    if not quoted and (_TRAVERSAL.fullmatch(bare) or "(" in bare or bare[:1] in "*&!@#|>%-=?~"):
        return False
    if not quoted and how == "secret" and len(bare) < 8:
        return False
    if how == "password":
        return not (bare.isdigit() and len(bare) < 4 and not quoted)
    if len(bare) < 6 or (bare.isdigit() and len(bare) < 12) or _REPEATS.search(name):
        return False
    # `secret: db-credentials`, `token = "kubernetes"`: the noun alone is as often the name of one, and such names are words.
    return not (_LABEL.fullmatch(bare) and (not quoted or len(_WORDS.findall(name)) == 1) and not _dense(bare))


def _dense(written: str) -> bool:
    """Whether it is mixed as only made-up text is."""
    return any(
        len(run) >= 16 and _entropy(run) >= 3.3 and re.search("[0-9]", run) and re.search("[A-Za-z]", run)
        for run in re.split(r"[-_./:\s]", written)
    )


def _given(text: str) -> Iterator[Span]:
    """Values that stand behind a name which is for secrets: `name = value`, `name: value`, `--name value`."""
    last = -1
    for noun in _NOUN.finditer(text):
        if noun.start() < last or text[noun.start()] == MASK:
            continue
        key = _KEY.match(text, noun.start())
        if key is None:
            continue
        start = noun.start()
        while start > 0 and noun.start() - start < 80 and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
            start -= 1
        last = key.end()
        how = strength(text[start : key.end()])
        if not how or (start > 0 and text[start - 1] == ":" and key["sep"] == ":"):
            continue  # `arn:…:secret:name` says no value
        at = key.end("close") if key["close"] else key.end()
        at = text.index(key["sep"], at) + len(key["sep"])
        while at < len(text) and text[at] in " \t":
            at += 1
        for span in _value(text, at, how, text[start : key.end()], sep=key["sep"]):
            yield span
            last = max(last, span.end)  # what is in a secret is no name of another
    for option in _OPTION.finditer(text):
        how = strength(option["name"])
        sure = how if option["name"].lower() == "secret" else "password"
        if how and _named(option["value"], sure, option["name"], quoted=False):
            yield Span(option.start("value"), option.end("value"), how)


def _value(text: str, at: int, how: str, name: str, *, sep: str) -> Iterator[Span]:
    if text.startswith("<<", at):
        body = _HEREDOC.match(text, at)
    elif sep == ":" and text[at : at + 1] in ("|", ">"):
        body = _BLOCK.match(text, at)
    else:
        body = None
    if body is not None:
        inner = body["body"].strip()
        if inner and not _INTERPOLATED.search(inner) and not any(c in inner for c in "{=") and len(inner) < 4096:
            start = body.start("body") + len(body["body"]) - len(body["body"].lstrip())
            yield Span(start, start + len(inner), how)
        return
    if text[at : at + 1] in ("", "\n", "$"):
        return
    if text.startswith("base64encode(", at):
        at += len("base64encode(")
    if text.startswith("sensitive(", at):
        at += len("sensitive(")
    found = _VALUE.match(text, at)
    if found is None:
        return
    group = found.lastgroup if found.lastgroup != "esc" else "escaped"
    group = next(g for g in ("escaped", "double", "single", "bare") if found[g] is not None)
    written, quoted = found[group], group != "bare"
    end = found.end(group)
    if group == "bare":
        line_end = text.find("\n", at)
        rest = text[at : len(text) if line_end < 0 else line_end]
        # An operator or a call behind it: an expression, of HCL or of a program.
        if sep == "=" and re.match(r"[A-Za-z_][\w.\[\]*-]*\s*(?:\(|\?|==|!=|\|\|)", rest):
            return
        written = written.rstrip(".:")
        end = found.start(group) + len(written)
    if _named(written, how, name, quoted=quoted):
        yield Span(found.start(group), end, how)
    elif quoted and how == "password":
        yield from _literal_parts(written, found.start(group), how)


def _literal_parts(written: str, at: int, how: str) -> Iterator[Span]:
    """The literal parts of an interpolated text, where they are more than separators."""
    if not _INTERPOLATED.search(written):
        return
    for part in re.finditer(r"(?:^|\})([^${}%]{8,})(?=\$|%|$)", written):
        if _dense(part[1]) or re.search(r"(?=.*\d)(?=.*[A-Z])(?=.*[a-z])", part[1]):
            yield Span(at + part.start(1), at + part.end(1), how)


_LOGIN = re.compile(
    r"""(?i)(?<![a-z])(?:login|logon|creds?)["']?[ \t]*(?:=>|:=|[=:])[ \t]*(?P<quote>["'])(?P<value>[^"'\n]{8,200})(?P=quote)"""
)
_MADE_UP = re.compile(r"(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[^\s./@]{8,}|[^\s:/@]+:(?=.*\d)(?=.*[A-Za-z])[^\s:/@]{6,}")


def _logins(text: str) -> Iterator[Span]:
    """What is given to a name for who logs in, where it is mixed as a password is, or is a user and a password."""
    for found in _LOGIN.finditer(text):
        if _MADE_UP.fullmatch(found["value"]) and not _INTERPOLATED.search(found["value"]):
            yield Span(found.start("value"), found.end("value"), "password")


# --- name and value apart ---------------------------------------------------------------------------------------

_PAIR = re.compile(
    r"""\b(?:name|key|Name|Key)\\?["']?\s*[:=]\s*\\?["']?(?P<name>[\w.-]{2,100})\\?["']?\s*,?\s{0,200}(?:-\s)?"""
    r"""\\?["']?(?:value|Value|values)\\?["']?\s*[:=]\s*(?=\S)"""
)
_IN_STORE = re.compile(r"""type["']?\s*[=:]\s*["'](?:SECRETS_MANAGER|PARAMETER_STORE)["']""")
_VARIABLE = re.compile(r"""variable\s+"?(?P<name>[\w-]+)"?\s*\{(?P<body>[^{}]{0,2000}?)\bdefault\s*=\s*(?=["'])""")
_SECURE = re.compile(r"""resource\s+"aws_ssm_parameter"\s+"[^"]*"\s*\{(?P<body>[^{}]{0,2000})\}""")
_KUBERNETES = re.compile(r"""(?m)^[ \t]*(?:-[ \t]+)?["']?kind["']?[ \t]*:[ \t]*["']?Secret["']?[ \t]*,?$""")
_RESOURCE = re.compile(r"""resource\s+"kubernetes_secret(?:_v1)?(?:_data)?"\s+"[^"]*"\s*\{""")
_SECTION = re.compile(
    r"""^(?P<indent>[ \t]*)["']?(?:data|stringData|string_data|binary_data)["']?[ \t]*[:=]""", re.MULTILINE
)
_ENTRY = re.compile(r"""^[ \t]*["']?(?P<name>[\w./-]+)["']?[ \t]*(?P<sep>[:=])[ \t]*(?=\S)""", re.MULTILINE)


def _apart(text: str) -> Iterator[Span]:
    """Values whose name stands elsewhere: list elements of name and value, defaults of variables, objects for secrets."""
    for pair in _PAIR.finditer(text):
        how = strength(pair["name"])
        # CodeBuild and its like say in a third member that the value is the name of a secret in a store.
        if how and not _IN_STORE.search(text, max(0, pair.start() - 80), pair.end() + 160):
            yield from _value(text, pair.end(), how, pair["name"], sep=":" if ":" in pair[0][-4:] else "=")
    if "variable" in text:
        for variable in _VARIABLE.finditer(text):
            how = strength(variable["name"])
            if how or re.search(r"sensitive\s*=\s*true", text[variable.start() : variable.end() + 400].split("\n}")[0]):
                yield from _value(text, variable.end(), how or "secret", variable["name"] + "_x", sep="=")
    if "SecureString" in text:
        for parameter in _SECURE.finditer(text):
            if '"SecureString"' in parameter["body"]:
                for value in re.finditer(r"\bvalue(?:_wo)?\s*=\s*(?=\")", parameter["body"]):
                    yield from _value(text, parameter.start("body") + value.end(), "password", "value", sep="=")
    if "ecret" in text and ("kind" in text or "kubernetes_secret" in text):
        yield from _kubernetes(text)


def _kubernetes(text: str) -> Iterator[Span]:
    for kind in _KUBERNETES.finditer(text):
        start = text.rfind("\n---", 0, kind.start()) + 1
        end = text.find("\n---", kind.end())
        yield from _entries(text, start, len(text) if end < 0 else end)
    for block in _RESOURCE.finditer(text):
        end = text.find("\n}", block.end())
        yield from _entries(text, block.end(), len(text) if end < 0 else end)


def _entries(text: str, start: int, end: int) -> Iterator[Span]:
    for section in _SECTION.finditer(text, start, end):
        indent = len(section["indent"])
        at = section.end()
        for line in re.finditer(r"[^\n]*\n?", text[at:end]):
            written = line[0]
            if (
                line.start()
                and written.strip()
                and len(written) - len(written.lstrip()) <= indent
                and not written.strip().startswith("-")
            ):
                break
            if not written:
                break
            entry = _ENTRY.match(text, at + line.start(), end)
            if entry is not None and line.start():
                yield from _value(text, entry.end(), "password", entry["name"], sep=entry["sep"])


# --- by its entropy, and in another coding ----------------------------------------------------------------------

_QUOTED = re.compile(r""""((?:[^"\\\n]|\\.){20,256})"|'([^'\n]{20,256})'""")
_CODED = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{24,65536}={0,2}(?![A-Za-z0-9+/=_-])")
_ALPHABET = re.compile(r"[A-Za-z0-9+/_=!@#%^&*-]+")


def _mixed(written: str) -> bool:
    # Names are words joined by hyphens (ELBSecurityPolicy-TLS13-1-2-2021-06); a key mixes its letters in one long run.
    return (
        20 <= len(written) <= 256
        and _ALPHABET.fullmatch(written) is not None
        and _entropy(written) >= 4.0
        and any(
            len(run) >= 16 and all(re.search(kind, run) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
            for run in re.split(r"[-_]", written)
        )
    )


def _entropies(text: str) -> Iterator[Span]:
    for found in _QUOTED.finditer(text):
        group = 1 if found[1] is not None else 2
        written = found[group]
        inner = decoded(written)
        if inner and not any(True for _ in _all(inner, 1)):
            continue  # a text, encoded, in which nothing is found
        if (
            _mixed(written)
            and not _POINTER.match(written)
            and not _DIGEST.match(written)
            and not _PATHLIKE.fullmatch(written)
        ):
            yield Span(found.start(group), found.end(group), "high_entropy")


def decoded(written: str) -> str:
    """The text whose base64 form this is; "" when it is the form of no text."""
    body = written.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
        found = raw.decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return found if found and sum(c.isprintable() or c in "\r\n\t" for c in found) == len(found) else ""


def _codings(text: str, depth: int) -> Iterator[Span]:
    """Base64 of a text that holds a credential."""
    for found in _CODED.finditer(text):
        inner = decoded(found[0])
        if inner and next(_all(inner, depth + 1), None) is not None:
            yield Span(found.start(), found.end(), "encoded")


# --- detect-secrets ---------------------------------------------------------------------------------------------

PLUGINS: Final = (
    "artifactory.ArtifactoryDetector", "aws.AWSKeyDetector", "azure_storage_key.AzureStorageKeyDetector",
    "cloudant.CloudantDetector", "discord.DiscordBotTokenDetector", "github_token.GitHubTokenDetector",
    "gitlab_token.GitLabTokenDetector", "ibm_cloud_iam.IbmCloudIamDetector", "ibm_cos_hmac.IbmCosHmacDetector",
    "mailchimp.MailchimpDetector", "openai.OpenAIDetector",
    "pypi_token.PypiTokenDetector", "sendgrid.SendGridDetector", "slack.SlackDetector", "softlayer.SoftlayerDetector",
    "square_oauth.SquareOAuthDetector", "stripe.StripeDetector", "telegram_token.TelegramBotTokenDetector",
    "twilio.TwilioKeyDetector",
)  # fmt: skip
"""The plugins of detect-secrets that are asked, by module and class. Its keyword, entropy, basic-auth and private-key
plugins are not: they find no more than the rules here, and report whole lines or headings where the rules name the value;
those for JWT and npm take a time that grows with the square of a hostile text."""


_PRODUCTS: Final = ("ibm", "cloudant", "softlayer")
"""What the plugins for these look for goes by general names (`key = …`), slowly: only in a text that names the product."""


@cache
def plugins() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The kinds and patterns of the named plugins; empty where detect-secrets is not installed."""
    from importlib import import_module

    out: list[tuple[str, re.Pattern[str]]] = []
    for name in PLUGINS:
        module, _, of = name.partition(".")
        try:
            plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), of)
        except ModuleNotFoundError:
            return ()
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", of.removesuffix("Detector")).lower()
        out += [(kind, pattern) for pattern in plugin().denylist]
    return tuple(out)


def complete() -> bool:
    """Whether detect-secrets takes part; without it the shapes, names and entropy still do (extra `llm`)."""
    return bool(plugins())


def _second(text: str) -> Iterator[Span]:
    """What detect-secrets finds, line by line as it reads, where it is not in the middle of a longer word."""
    lowered = text.lower()
    for kind, pattern in plugins():
        if any(kind.startswith(product) and product not in lowered for product in _PRODUCTS):
            continue
        for found in pattern.finditer(text):
            group = next((n for n in range(1, pattern.groups + 1) if found[n]), 0)
            start, end = found.span(group)
            while start < end and not (text[start].isalnum()):
                start += 1
            while end > start and not (text[end - 1].isalnum() or text[end - 1] in "=_-/+"):
                end -= 1
            before, behind = text[start - 1 : start], text[end : end + 1]
            if end - start >= 8 and not _wordy(before) and not _wordy(behind) and "\n" not in text[start:end]:
                yield Span(start, end, kind)


def _wordy(character: str) -> bool:
    return bool(character) and (character.isalnum() or character in "+/_")


# --- all of it --------------------------------------------------------------------------------------------------


def _all(text: str, depth: int = 0) -> Iterator[Span]:
    yield from tokens(text)
    yield from _given(text)
    yield from _logins(text)
    yield from _apart(text)
    yield from _entropies(text)
    if depth < 2:
        yield from _codings(text, depth)
    if depth == 0:
        yield from _second(text)


_PUBLIC = re.compile(
    r"-----BEGIN (?P<what>(?:X509 |TRUSTED )?CERTIFICATE(?: REQUEST)?|(?:RSA |EC )?PUBLIC KEY)-----"
    r"(?:[A-Za-z0-9+/=\s]|\\[nr]){0,20000}-----END (?P=what)-----"
)
_CHANCE: Final = frozenset({"azure_storage_key", "high_entropy", "square_token"})
"""Kinds whose form a line of a public certificate has by chance."""


def spans(text: str) -> list[Span]:
    """Every credential in the text, in order; those that overlap are one, of the kind that was found first.

    A character of a placeholder (MASK) is never in one.
    """
    public = [found.span() for found in _PUBLIC.finditer(text)] if "-----BEGIN " in text else []
    found = [
        (span, rank)
        for rank, span in enumerate(_all(text))
        if span.start < span.end
        and not (span.kind in _CHANCE and any(low <= span.start and span.end <= high for low, high in public))
    ]
    found.sort(key=lambda item: (item[0].start, item[1]))
    merged: list[tuple[Span, int]] = []
    for span, rank in found:
        if merged and span.start < merged[-1][0].end:
            last, first = merged[-1]
            kind = last.kind if first < rank else span.kind
            merged[-1] = (Span(last.start, max(last.end, span.end), kind), min(first, rank))
        else:
            merged.append((span, rank))
    if MASK not in text:
        return [span for span, _ in merged]
    return [
        Span(span.start + part.start(), span.start + part.end(), span.kind)
        for span, _ in merged
        for part in re.finditer(f"[^{MASK}]+", text[span.start : span.end])
        if any(c.isalnum() for c in part[0])
    ]


# --- one literal ------------------------------------------------------------------------------------------------

_ASSIGNED = re.compile(
    r"""(?i)\b[a-z0-9_.-]*(?:password|passwd|secret|token|api_?key|access_?key)["']?\s*[=:]\s*["']?"""
    r"""(?P<value>[^\s"'$<{(%]{8,})"""
)
_CREDENTIAL_NAME = re.compile(
    r"(?i)(?:^|[_.-]|(?<=[a-z]))(?:password|passwd|passphrase|secret|secret_?string|token|api_?key|private_?key"
    r"|access_?key|secret_?key|auth_?key|credentials?)$"
)
_REPEATS = re.compile(r"(?i)(?:creation|client)_token$")
"""Names of what makes a request safe to repeat; a credential under one has to look like it."""
_LEADS_ELSEWHERE = re.compile(
    r"(?i)^(?:arn:|https?://|/|\{\{|\$\{|projects/|vault:|ssm:|secretsmanager|true$|false$|null$|none$)"
)


def looks_like_token(written: str) -> bool:
    """Whether a credential that its look gives away stands in the text."""
    return next(tokens(written), None) is not None


@lru_cache(maxsize=4096)
def looks_secret(written: str, name: str = "") -> bool:
    """Whether a literal has the shape of a credential, or much entropy, or stands where only a credential stands."""
    if not written or _LEADS_ELSEWHERE.match(written):
        return looks_like_token(written)
    if (name and _CREDENTIAL_NAME.search(name) and not _REPEATS.search(name)) or looks_like_token(written):
        return True
    if any(_entropy(found["value"]) > 2.5 for found in _ASSIGNED.finditer(written)):
        return True
    return _mixed(written)


def _entropy(written: str) -> float:
    counts = Counter(written).values()
    return -sum(count / len(written) * math.log2(count / len(written)) for count in counts)
