"""Trees and repositories for tests of a whole run: the shipped library, few checks, real git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from copilot import pipeline, wiring
from copilot.assessment import Assessment
from copilot.changes import Change
from copilot.checks import library as libraries
from copilot.model import Finding, Review, Root
from copilot.pipeline import Run, Settings
from copilot.policy import Policy
from copilot.roots import find_roots
from copilot.snapshot import Snapshot

TODAY = date(2026, 11, 23)
VOLUME, KEY, QUEUE, SSH, ACLS = CHECKS = (
    "aws-ebs-volume-encrypted", "aws-kms-key-rotation", "aws-sqs-queue-encrypted", "aws-sg-ingress-ssh-world",
    "aws-s3-block-public-acls",
)  # fmt: skip


@cache
def library() -> libraries.Library:
    return libraries.load()


def settings(*checks: str, policy: Policy | None = None, **more: Any) -> Settings:
    """Settings with a few checks of the shipped library; no summaries, since those read the controls."""
    given = Settings(
        library=library(), policy=policy or Policy.default(), today=TODAY, summaries=wiring.summaries,
        only=frozenset(checks or CHECKS), drafts=False,
    )  # fmt: skip
    return replace(given, **more)


def assess(files: Mapping[str, str | bytes], *roots: Root, checks: tuple[str, ...] = CHECKS) -> Assessment:
    """The assessment of a tree in the given roots, or in those that are found."""
    snapshot = Snapshot.of(files)
    assessor = settings(*checks).assessor()
    return assessor.assess(snapshot, roots or find_roots(snapshot, Policy.default()).roots)


def findings(files: Mapping[str, str | bytes], *roots: Root, checks: tuple[str, ...] = CHECKS) -> tuple[Finding, ...]:
    return assess(files, *roots, checks=checks).findings


def scan(files: Mapping[str, str | bytes], given: Settings | None = None) -> Run:
    return pipeline.scan(Snapshot.of(files), given or settings(), subject="tree")


def review(
    before: Mapping[str, str | bytes], after: Mapping[str, str | bytes], given: Settings | None = None
) -> Review:
    """The review of the change between two trees."""
    change = Change(Snapshot.of(before), Snapshot.of(after))
    return pipeline.review(change, given or settings(), subject="tree", base="base", head="head").review


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """The files laid out in the folder."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


class Repository:
    """A git repository in a folder of its own, without the settings of whoever runs the tests."""

    def __init__(self, folder: Path, files: Mapping[str, str | bytes] | None = None, *, branch: str = "main") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", f"--initial-branch={branch}")
        if files is not None:
            self.commit(files)

    def git(self, *args: str) -> str:
        names = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        for role in ("AUTHOR", "COMMITTER"):
            names |= {
                f"GIT_{role}_NAME": "T",
                f"GIT_{role}_EMAIL": "t@t.example",
                f"GIT_{role}_DATE": "2026-11-01T00:00:00Z",
            }
        kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
        command = ["git", "-C", str(self.folder), *args]
        return subprocess.run(command, check=True, capture_output=True, text=True, env={**kept, **names}).stdout.strip()

    def write(self, files: Mapping[str, str | bytes]) -> Repository:
        write(self.folder, files)
        return self

    def commit(self, files: Mapping[str, str | bytes] | None = None, *, removed: tuple[str, ...] = ()) -> str:
        self.write(files or {})
        for path in removed:
            (self.folder / path).unlink()
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "a change")
        return self.git("rev-parse", "HEAD")


def volume(name: str = "v", encrypted: str = "false") -> str:
    return f'resource "aws_ebs_volume" "{name}" {{\n  availability_zone = "a"\n  size              = 1\n  encrypted         = {encrypted}\n}}\n'


def queue(name: str = "q", more: str = "") -> str:
    return f'resource "aws_sqs_queue" "{name}" {{\n  name = "{name}"\n{more}}}\n'


def key(name: str = "k", more: str = "") -> str:
    return f'resource "aws_kms_key" "{name}" {{\n  description = "{name}"\n{more}}}\n'


def group(*networks: str, name: str = "s") -> str:
    """A security group with one rule for SSH for each network."""
    rule = '  ingress {{\n    from_port   = 22\n    to_port     = 22\n    protocol    = "tcp"\n    cidr_blocks = ["{}"]\n  }}\n'
    return f'resource "aws_security_group" "{name}" {{\n  name = "{name}"\n{"".join(map(rule.format, networks))}}}\n'
