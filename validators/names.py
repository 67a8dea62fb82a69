"""Names of things outside a tree, known by their form: identifiers, addresses of hosts and mailboxes, digests, images."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from validators.differences import PlainPath

_FORMS = (
    re.compile(r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"),
    re.compile(
        r"(?<![\w-])(?:subnet|sg|vpc|vpce|eni|acl|rtb|tgw|fs|fsap|igw|nat|pl|lt|eipalloc)-[0-9a-f]{4,17}(?![\w-])"
    ),
    re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w-])"),
    re.compile(r"sha256:[0-9a-f]{64}"),
)
_HOST = re.compile(r"https?://([\w*-]+(?:\.[\w*-]+)+)")
_BUCKET_HOST = re.compile(r"([\w.-]+)\.s3(?:[.-][\w-]+)?\.amazonaws\.com(?:\.cn)?")
_ACCOUNT = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}):")
_ANY_ACCOUNT = re.compile(r"\d{12}")
_SUBJECT = re.compile(r"(?:repo|project_path):([^:]+)")
_CUSTOM_ROLE = re.compile(r"organizations/[^/]+/roles/.+")
_AZURE = re.compile(r"/subscriptions/[^/$]+(?:/[^/$]+)+")
_GOOGLE = re.compile(r"(?:.*/)?projects/([\w.:-]+)/.+|([\w-]+)\.svc\.id\.goog")
_GOOGLES_OWN = frozenset({"-", "cos-cloud", "debian-cloud", "ubuntu-os-cloud", "google.com:cloud-shell"})


def from_nowhere(path: PlainPath, value: str, known: str, made: Collection[str]) -> str:
    """The part of a text that names something of which `known` does not speak and which the patch did not make; "" if none."""
    for name in _named(path, value):
        if name not in made and not _stands(name, known):
            return name
    return ""


def _named(path: PlainPath, value: str) -> Iterator[str]:
    from validators.narrow import data

    for form in _FORMS:
        yield from form.findall(value)
    yield from (host for host in _HOST.findall(value) if host not in data()["hosts"])
    yield from _ACCOUNT.findall(value)
    yield from _AZURE.findall(value)
    google = _GOOGLE.fullmatch(value)
    if google is not None:
        project = google[1] or google[2]
        if project not in _GOOGLES_OWN:
            yield project
            if google[1]:
                yield value.rpartition("/")[2]
    if _ANY_ACCOUNT.fullmatch(value) and re.search(r"(?i)account|principal|owner|aws$", path[-1]):
        yield value
    if path[-1] == "image" and ("/" in value or ":" in value):
        yield value.partition("@")[0].rpartition(":")[0] or value
        yield value.partition("@")[0].rpartition(":")[2]
    subject = _SUBJECT.match(value) if path[-1].endswith(":sub") else None
    if subject is not None:
        yield subject[1].rstrip("/*")
    if _CUSTOM_ROLE.fullmatch(value):
        yield value
    if path[-1] == "attribute_condition":
        yield from re.findall(r"""["\']([\w.-]+(?:[/:][\w./:-]+)*?)/?["\']""", value)
    bucket = _BUCKET_HOST.fullmatch(value)
    if bucket is not None:
        yield bucket[1]
    elif path[-1] in data()["only_here"] and not value.startswith("arn:") and len(value) > 1:
        yield value


def _stands(name: str, text: str) -> bool:
    """Whether a text says a name, and not as a part of another."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
