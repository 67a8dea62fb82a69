"""The first `.compliance/copilot.yaml`: the environments and roots that were found, in observe mode, with comments."""

from __future__ import annotations

import json
import re

from copilot.iac.terraform import SourceCache
from copilot.model import Root
from copilot.policy import Policy
from copilot.roots import find_roots
from copilot.snapshot import Snapshot


def draft_policy(snapshot: Snapshot, *, cache: SourceCache | None = None) -> str:
    """The text of a policy for this tree that only observes; read back, it finds the same roots."""
    found = find_roots(snapshot, Policy.default(), cache=cache)
    unlisted = _unlisted(found.roots)
    environments: dict[str, list[Root]] = {}
    for root in found.roots:
        if root.environment and root.folder not in unlisted:
            environments.setdefault(root.environment, []).append(root)
    others = [root for root in found.roots if not root.environment or root.folder in unlisted]
    lines = [
        "# What is enforced where. Every field is described in docs/settings.md of compliance-copilot.",
        "version: 1",
        "",
    ]
    if environments:
        lines += ["environments:"]
        for name, roots in sorted(environments.items()):
            folders = list(dict.fromkeys(root.folder for root in roots))
            files = list(dict.fromkeys(file for root in roots for file in root.var_files))
            lines += [f"  {name}:", f"    roots: [{', '.join(_text(folder or '.') for folder in folders)}]"]
            if files:
                lines += [f"    var_files: [{', '.join(map(_text, files))}]"]
        lines += [""]
    if others:
        lines += ["# Evaluated too; list them under an environment, or leave them out with `exclude`:"]
        lines += [f"#   {_comment(line)}" for line in dict.fromkeys(map(_described, others))]
        lines += [""]
    for gap in found.gaps:
        lines += [f"# Not evaluated: {_comment(f'{gap.path}: {gap.reason}')}"]
    if found.gaps:
        lines += [""]
    lines += [
        "# observe: listed · warn: annotated · enforce: fails the check. Once the findings are known, a usual choice is",
        "# critical and high: enforce, medium: warn, low: observe.",
        "enforcement:",
        "  critical: observe",
        "  high: observe",
        "  medium: observe",
        "  low: observe",
        "",
        "# What some checks and fixes ask for. Without it they are undecided or abstain.",
        "# parameters:",
        '#   approved_kms_keys: ["alias/data"]',
        "#   log_bucket: access-logs",
        '#   allowed_networks: ["10.0.0.0/8"]',
        "#   allowed_regions: [eu-central-1]",
        "",
        '# exclude: ["examples/**"]',
    ]
    return "\n".join(lines) + "\n"


def _unlisted(roots: tuple[Root, ...]) -> frozenset[str]:
    """Folders that a listing cannot name, or whose roots it would merge: they go on being found by their names."""
    kinds = {(root.folder, root.kind, root.environment) for root in roots}
    seen: set[tuple[str, str, str]] = set()
    out: set[str] = set()
    for root in roots:
        text = "".join((root.folder, *root.var_files))
        key = (root.folder, root.kind, root.environment)
        if key in seen or not text.isprintable() or re.search(r"[*?\[\]{}\\]", text) or text != text.strip():
            out.add(root.folder)
        seen.add(key)
        # Listing a folder lists what is in it of every kind.
        if any(
            folder == root.folder and (folder, root.kind, environment) not in kinds for folder, _, environment in kinds
        ):
            out.add(root.folder)
    return frozenset(out)


def _described(root: Root) -> str:
    files = f" with {', '.join(root.var_files)}" if root.var_files else ""
    return f"{root.name}{files}{f' ({root.environment})' if root.environment else ''}"


def _text(text: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./-]*", text) and text.lower() not in _WORDS_OF_YAML:
        return text
    return json.dumps(text)


_WORDS_OF_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
