"""Patches made from the corpus: each good example as the honest repair of its bad twin, and each spoilt in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from copilot.snapshot import Snapshot

from .harness import Example, library

_KEY = re.compile(
    r"arn:aws:kms:[a-z0-9-]+:111122223333:(?:key|alias)/[\w/-]+|(?<=\")alias/(?!aws/)[\w/-]+(?=\")"
    r"|(?<=\")(?:https://main\.vault[^\"]+|/subscriptions/[^\"]+(?:diskEncryptionSets|disk_encryption)[^\"]*|ocid1\.key[^\"]+|projects/[^\"]+/cryptoKeys/[^\"]+)(?=\")"
    r"|(?<=\")[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?=\")"
)


def snapshot(example: Path) -> Snapshot:
    """The tree of an example, which is a file or a folder."""
    return Snapshot.from_folder(example) if example.is_dir() else Snapshot.of({example.name: example.read_bytes()})


@cache
def pairs() -> tuple[tuple[str, Path, Path], ...]:
    """Check, bad example and its good twin."""
    out = []
    for id in library().checks:
        examples = library().examples(id)
        good = {path.name: path for path in examples.good}
        out += [(id, bad, good[bad.name]) for bad in examples.bad if bad.name in good]
    return tuple(out)


def repairs() -> Iterator[Example]:
    """Each good twin as a patch of its bad one."""
    for id, bad, good in pairs():
        yield Example(f"{id}/{bad.name}", "corpus twin", snapshot(bad), snapshot(good))


@cache
def keys() -> tuple[str, ...]:
    """The keys that good examples name: the organisation whose account they are in has approved them."""
    found: set[str] = set()
    for _, _, good in pairs():
        tree = snapshot(good)
        for path in tree.paths:
            found.update(_KEY.findall((tree.read(path) or b"").decode("utf-8", "replace")))
    return tuple(sorted(found))
