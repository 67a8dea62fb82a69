"""What is evaluated: which folders are roots, with which variable files, and in which environment.

A folder of Terraform is a root when the policy lists it, when no other folder calls it, or when it has what only roots
have: a backend, a configured provider, variable files. Listing roots names their environments; it never hides the
others, `exclude` does. Nothing is evaluated here; the syntax trees are those that the evaluation reads later.
"""

from __future__ import annotations

import json
import posixpath
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import yaml

from copilot.iac import syntax
from copilot.iac.syntax import Block
from copilot.iac.terraform import SourceCache, configuration_files
from copilot.model import Gap, Root
from copilot.policy import PATH, Environment, Policy, documents, matches
from copilot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Survey:
    """The roots of a tree, sorted, and what of it cannot be evaluated here."""

    roots: tuple[Root, ...]
    gaps: tuple[Gap, ...] = ()


def find_roots(snapshot: Snapshot, policy: Policy, under: str = "", *, cache: SourceCache | None = None) -> Survey:
    """The roots below a folder (callers outside it do not count), with a gap for each listed root that is not there
    and for what other tools make of the files before they are used: Terragrunt, Kustomize, Helm, workspaces."""
    tree = _Tree(snapshot, cache or SourceCache(), policy, under.strip("/").removeprefix("./"))
    listed = list(_listed(tree))
    claimed = {(root.folder, root.kind) for root in listed}
    others = (r for r in (*_terraform_roots(tree), *_kubernetes_roots(tree)) if (r.folder, r.kind) not in claimed)
    roots = dict.fromkeys((*listed, *others))
    ordered = tuple(sorted(roots, key=lambda r: (r.folder, r.kind, r.environment, r.var_files)))
    return Survey(ordered, tuple(sorted((*tree.gaps, *_out_of_sight(tree, ordered)), key=lambda g: (g.path, g.line))))


def affected(
    roots: Iterable[Root],
    before: Snapshot,
    after: Snapshot,
    changed: Iterable[str],
    cache: SourceCache | None = None,
) -> tuple[Root, ...]:
    """The roots that reach a changed file in one of the two trees, in their order.

    A root reaches its own configuration and variable files, those of the modules it calls through folders or out of
    `.terraform/modules`, and the files that these read by name. Where a name is made at run time, every file below
    that root, module or named folder counts: one evaluation too many, never one too few. With one environment of a
    folder come its others: a finding that they share is settled in all of them or not at all.
    """
    paths = frozenset(changed)
    shared = cache or SourceCache()
    reaches = tuple(_Reach(snapshot, shared) for snapshot in (before, after))
    asked = tuple(roots)
    met = {(root.folder, root.kind) for root in asked if any(reach.meets(root, paths) for reach in reaches)}
    return tuple(root for root in asked if (root.folder, root.kind) in met)


# --- the tree ---------------------------------------------------------------------------------------------------


_EXAMPLE: Final = re.compile(r"(\.compliance/checks/[^/]+)/(?:good|bad|undecided)(?:/|\Z)")


class _Tree:
    """The folders of a snapshot below one of them, without what the policy excludes."""

    def __init__(self, snapshot: Snapshot, cache: SourceCache, policy: Policy, under: str) -> None:
        self.snapshot, self.cache, self.policy, self.under = snapshot, cache, policy, under
        self.gaps: list[Gap] = []

    def is_inside(self, path: str) -> bool:
        return not self.under or path == self.under or path.startswith(self.under + "/")

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """Folders with a file that is reviewed."""
        return tuple(
            folder
            for folder in sorted(self.snapshot.folders)
            if self.is_inside(folder)
            and ".terraform" not in folder.split("/")
            and not self.policy.excludes(folder)
            and not self.is_example(folder)
        )

    def is_example(self, folder: str) -> bool:
        """Whether the folder is of an example of a check of the repository's own: bad ones are bad on purpose."""
        found = _EXAMPLE.match(folder)
        return found is not None and f"{found[1]}/check.yaml" in self.snapshot

    @cached_property
    def configured(self) -> frozenset[str]:
        """Folders with Terraform configuration that is reviewed."""
        excludes = self.policy.excludes
        return frozenset(
            folder
            for folder in self.folders
            if any(not excludes(path) for path in configuration_files(self.snapshot, folder))
        )

    @cached_property
    def calls(self) -> Mapping[str, frozenset[str]]:
        """The folders that each configured folder calls as modules, among the configured ones."""
        return {
            folder: frozenset(_called(self.snapshot, self.cache, folder)) & self.configured - {folder}
            for folder in self.configured
        }

    @cached_property
    def manifests(self) -> frozenset[str]:
        """Folders that directly hold a manifest: a YAML document with an apiVersion and a kind, no template."""
        return frozenset(posixpath.dirname(path) for path, line in self.manifest_files.items() if not line)

    @cached_property
    def manifest_files(self) -> Mapping[str, int]:
        """The files that hold manifests; for a template the line where it shows itself, else 0."""
        out: dict[str, int] = {}
        charts = {folder for folder in self.folders if posixpath.join(folder, "Chart.yaml") in self.snapshot}
        for folder in self.folders:
            if any(part.startswith(".") for part in folder.split("/")):
                continue
            if not charts.isdisjoint((folder, *_above(folder))):
                continue
            for path in self.snapshot.files_in(folder):
                if not path.endswith((".yaml", ".yml")) or posixpath.basename(path) in _KUSTOMIZATIONS:
                    continue
                data = self.snapshot.read(path) or b""
                if b"apiVersion" in data and _API_VERSION.search(data) and _KIND.search(data):
                    if not self.policy.excludes(path):
                        out[path] = data.count(b"\n", 0, data.find(b"{{")) + 1 if _is_template(data) else 0
        return out

    def blocks(self, folder: str) -> Iterator[tuple[str, Block]]:
        """The top-level blocks of a folder's configuration, with their files."""
        return _blocks(self.snapshot, self.cache, folder)


def _blocks(snapshot: Snapshot, cache: SourceCache, folder: str) -> Iterator[tuple[str, Block]]:
    for path in configuration_files(snapshot, folder):
        for block in cache.read(path, snapshot.read(path) or b"").body.blocks:
            yield path, block


def _called(snapshot: Snapshot, cache: SourceCache, folder: str) -> Iterator[str]:
    """The folders of the tree that the module calls in a folder name by relative path."""
    for _, block in _blocks(snapshot, cache, folder):
        if block.type != "module":
            continue
        source = block.body.attribute("source")
        text = _literal(source.expr) if source is not None else None
        if text is not None and (text.startswith(("./", "../")) or text in (".", "..")):
            target = posixpath.normpath(posixpath.join(folder, text))
            if not target.startswith(".."):
                yield "" if target == "." else target


def _literal(expr: syntax.Expr) -> str | None:
    if isinstance(expr, syntax.TemplateExpr) and len(expr.parts) == 1:
        expr = expr.parts[0]
    return expr.value if isinstance(expr, syntax.Literal) and isinstance(expr.value, str) else None


# --- roots of Terraform -------------------------------------------------------------------------------------------


def _listed(tree: _Tree) -> Iterator[Root]:
    """The roots that the policy's environments list, with the variable files that are theirs."""
    for name, environment in tree.policy.environments.items():
        roots = list(dict.fromkeys(_named(tree, name, environment)))
        folders = frozenset(root.folder for root in roots if root.kind == "terraform")
        for root in roots:
            if root.kind == "terraform":
                yield replace(root, var_files=_var_files(tree, root.folder, folders, environment.var_files))
            else:
                yield root


def _named(tree: _Tree, name: str, environment: Environment) -> Iterator[Root]:
    for pattern in environment.roots:
        if "*" not in pattern and "?" not in pattern and not tree.is_inside(pattern):
            continue
        wanted = _folder_matcher(pattern)
        found = [Root(f, name) for f in sorted(tree.configured) if wanted(f)]
        # Manifests beside Terraform stay in the root they are in; else they may be listed by any folder above them.
        above = (each for folder in tree.manifests for each in _above(folder))
        folders = _tops(tree.manifests) if found else (*tree.manifests, *above)
        found += [Root(f, name, (), "kubernetes") for f in _tops(f for f in folders if wanted(f))]
        if not found and not tree.under:
            where = f"`roots` of the environment {name} lists {pattern or '.'}"
            tree.gaps.append(
                Gap(
                    "out_of_sight",
                    f"{where}, where there is no configuration",
                    PATH,
                    1,
                    remedy="mend the entry, or remove it",
                )
            )
        yield from found


def _folder_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a folder is meant by a pattern; those below it are not."""
    if "*" not in pattern and "?" not in pattern:
        return lambda folder: folder == pattern
    if pattern.endswith("**"):
        return lambda folder: matches(folder, pattern)
    return lambda folder: matches(folder, pattern) and not matches(posixpath.dirname(folder), pattern)


def _var_files(tree: _Tree, folder: str, folders: Collection[str], given: Sequence[str]) -> tuple[str, ...]:
    """The variable files of a root among those of its environment: by a path from its own folder, or from the top,
    unless that lies in the folder of another root."""
    out = []
    for path in given:
        beside = posixpath.join(folder, path)
        if path not in tree.snapshot and beside in tree.snapshot:
            out.append(beside)
        elif next((above for above in _above(path) if above in folders), folder) == folder:
            out.append(path)
    return tuple(out)


def _terraform_roots(tree: _Tree) -> Iterator[Root]:
    called: set[str] = set()
    for targets in tree.calls.values():
        called |= targets
    roots = {folder for folder in tree.configured if folder not in called or _looks_like_a_root(tree, folder)}
    # Modules that only call each other are reached from nowhere; one of each circle stands for it.
    reached = _reachable(roots, tree.calls)
    for folder in sorted(tree.configured):
        if folder not in reached:
            roots.add(folder)
            reached |= _reachable({folder}, tree.calls)
    for folder in sorted(roots):
        by_file = _environments_by_file(tree, folder)
        if by_file:
            yield from (Root(folder, name, files) for name, files in by_file)
        else:
            yield Root(folder, _environment_of(tree.policy, folder))


def _looks_like_a_root(tree: _Tree, folder: str) -> bool:
    if any(_own_values(path) for path in tree.snapshot.files_in(folder)) or _environments_by_file(tree, folder):
        return True
    for _, block in tree.blocks(folder):
        if block.type == "provider":
            # An empty one, or one with an alias alone, is how old modules declared what they are handed.
            if block.body.blocks or any(
                attribute.name not in ("alias", "version") for attribute in block.body.attributes
            ):
                return True
        elif block.type == "terraform" and any(inner.type in ("backend", "cloud") for inner in block.body.blocks):
            return True
    return False


def _own_values(path: str) -> bool:
    name = posixpath.basename(path)
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith((".auto.tfvars", ".auto.tfvars.json"))


def _reachable(start: Collection[str], calls: Mapping[str, frozenset[str]]) -> set[str]:
    seen, stack = set(start), list(start)
    while stack:
        for target in calls.get(stack.pop(), ()):
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


# --- environments -------------------------------------------------------------------------------------------------

_WORDS: Final = {
    "production": ("production", "prod", "prd", "live"),
    "staging": ("staging", "stage", "stg"),
    "development": ("development", "develop", "dev"),
    "testing": ("testing", "test", "tst"),
    "preproduction": ("preproduction", "preprod", "pre-prod", "pre-production"),
    "acceptance": ("acceptance", "uat", "acc"),
    "quality": ("quality", "qa"),
    "sandbox": ("sandbox", "sbx"),
    "nonproduction": ("nonproduction", "nonprod", "non-prod", "non-production"),
    "demo": ("demo",),
    "integration": ("integration",),
}
_ENVIRONMENT_OF: Final = {word: name for name, words in _WORDS.items() for word in words}
_ONLY_WHOLE: Final = frozenset({"live", "demo", "integration", "acc", "test", "stage", "quality"})
"""Words that name an environment alone, and often something else as a part (live-chat, load-test)."""
_SHARED: Final = frozenset({"common", "global", "shared", "base", "default", "defaults", "all"})
_VALUES_IN: Final = ("", "env", "envs", "environments", "vars", "tfvars", "config")


def _environment_of(policy: Policy, folder: str) -> str:
    """The environment that a folder's path names, the innermost part first; "" when none does."""
    for part in reversed(folder.split("/")):
        found = _environment_named(policy, part)
        if found:
            return found
    return ""


def _environment_named(policy: Policy, text: str) -> str:
    if text in policy.environments:
        return text
    lower = text.lower()
    for word in (lower, *(part for part in re.split(r"[-_.]", lower) if part not in _ONLY_WHOLE)):
        meant = _ENVIRONMENT_OF.get(word)
        if meant is None:
            continue
        spellings = (word, meant, *_WORDS[meant])
        return next((spelling for spelling in spellings if spelling in policy.environments), meant)
    return ""


def _environments_by_file(tree: _Tree, folder: str) -> list[tuple[str, tuple[str, ...]]]:
    """(environment, variable files) for each variable file of a folder that is named for an environment."""
    named: list[tuple[str, str]] = []
    shared: list[str] = []
    for inner in _VALUES_IN:
        place = posixpath.join(folder, inner) if inner else folder
        if inner and any(path.endswith(".tf") for path in tree.snapshot.files_in(place)):
            continue
        for path in tree.snapshot.files_in(place):
            if not path.endswith((".tfvars", ".tfvars.json")) or _own_values(path) or tree.policy.excludes(path):
                continue
            stem = posixpath.basename(path).removesuffix(".json").removesuffix(".tfvars")
            environment = _environment_named(tree.policy, stem)
            if environment:
                named.append((environment, path))
            elif stem in _SHARED:
                shared.append(path)
    return [(environment, (*shared, path)) for environment, path in named]


# --- roots of Kubernetes ------------------------------------------------------------------------------------------

_API_VERSION: Final = re.compile(rb"(?m)^[\"']?apiVersion[\"']?:[ \t]*[\"']?([^\s\"'#]+)")
_KIND: Final = re.compile(rb"(?m)^[\"']?kind[\"']?:[ \t]*[\"']?[A-Za-z]")
_KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def _kubernetes_roots(tree: _Tree) -> Iterator[Root]:
    for folder in _tops(tree.manifests):
        yield Root(folder, _environment_of(tree.policy, folder), (), "kubernetes")


def _is_template(data: bytes) -> bool:
    """Whether another tool must fill a text in before it is YAML; quoted or in a block, `{{` is text like any other."""
    if b"{{" not in data:
        return False
    try:
        nodes = list(documents(data, max_depth=300))
    except (yaml.YAMLError, UnicodeDecodeError):
        return True
    seen: set[int] = set()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            if any(isinstance(key, yaml.MappingNode) for key, _ in node.value):
                return True
            nodes.extend(value for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            nodes.extend(node.value)
    return False


def _tops(folders: Iterable[str]) -> list[str]:
    """The folders that lie below no other of them."""
    known = frozenset(folders)
    return [f for f in sorted(known) if not any(above in known for above in _above(f))]


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


# --- what other tools build -----------------------------------------------------------------------------------------


def _out_of_sight(tree: _Tree, roots: Sequence[Root]) -> Iterator[Gap]:
    def gap(path: str, line: int, reason: str, remedy: str) -> Gap:
        return Gap("out_of_sight", reason, path, line, remedy=remedy)

    for folder in tree.folders:
        names = {posixpath.basename(path): path for path in tree.snapshot.files_in(folder)}
        for name in ("terragrunt.hcl", "terragrunt.stack.hcl"):
            if name in names:
                yield gap(
                    names[name], 1, "Terragrunt hands inputs and modules to this folder, which are not evaluated",
                    "review what `terragrunt render` or the plan shows",
                )  # fmt: skip
        for name in _KUSTOMIZATIONS:
            if name in names:
                yield gap(
                    names[name], 1, "Kustomize patches manifests here; the files are read as they stand",
                    "review what `kustomize build` writes",
                )  # fmt: skip
        if "Chart.yaml" in names:
            yield gap(
                names["Chart.yaml"], 1, "Helm makes manifests from the templates of this chart, which are not evaluated",
                "review what `helm template` writes",
            )  # fmt: skip
    for path, line in tree.manifest_files.items():
        if line:
            yield gap(path, line, "this manifest is a template of another tool", "review what that tool writes")
    for folder in sorted({root.folder for root in roots if root.kind == "terraform"}):
        for path, line in _workspaces(tree, folder):
            yield gap(
                path, line, "this root depends on the workspace, which the code does not decide",
                "give each environment its own variable file or folder, or read these findings for every workspace",
            )  # fmt: skip


def _workspaces(tree: _Tree, folder: str) -> Iterator[tuple[str, int]]:
    """Where a root or a module that it calls first asks for the workspace, if one does."""
    for each in sorted(_reachable({folder}, tree.calls)):
        for path in configuration_files(tree.snapshot, each):
            data = tree.snapshot.read(path) or b""
            at = data.find(b"terraform.workspace")
            if at >= 0:
                yield path, data.count(b"\n", 0, at) + 1
                return


# --- what a root reaches --------------------------------------------------------------------------------------------

_READS: Final = re.compile(rb"\b(?:file\w*|templatefile)\s*\(")
_READ_TEXT: Final = re.compile(rb'\b(?:file\w*|templatefile)\s*\(\s*"([^"\n]*)"')
_PATH_TEXT: Final = re.compile(rb'"((?:\$\{path\.(?:module|root|cwd)\}|\.{0,2}/)[^"\n]*)"')
_TEMPLATED: Final = re.compile(r"\$\{\s*path\.(module|root|cwd)\s*\}/?")


@dataclass(frozen=True, slots=True)
class _Reached:
    """What a root reaches: exact paths, folders whose configuration counts, prefixes below which everything counts."""

    folders: frozenset[str]
    files: frozenset[str]
    below: frozenset[str]


class _Reach:
    """What the roots of one tree reach, worked out once for each folder."""

    def __init__(self, snapshot: Snapshot, cache: SourceCache) -> None:
        self.snapshot, self.cache = snapshot, cache
        self._calls: dict[str, frozenset[str]] = {}
        self._reads: dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]] = {}

    def meets(self, root: Root, changed: Collection[str]) -> bool:
        """Whether one of the changed paths is reached by the root."""
        if root.kind == "kubernetes":
            prefix = f"{root.folder}/" if root.folder else ""
            return any(path.startswith(prefix) and path.endswith((".yaml", ".yml", ".json")) for path in changed)
        reached = self.of(root)
        return any(self._is_reached(path, reached) for path in changed)

    @staticmethod
    def _is_reached(path: str, reached: _Reached) -> bool:
        if path in reached.files:
            return True
        if path.endswith((".tf", ".tf.json", ".tofu")) and posixpath.dirname(path) in reached.folders:
            return True
        return "" in reached.below or any(above in reached.below for above in (path, *_above(path)))

    def of(self, root: Root) -> _Reached:
        folder = root.folder
        installed = posixpath.join(folder, ".terraform/modules/modules.json")
        folders = self._modules({folder, *self._installed(folder, installed)})
        files = {installed, *root.var_files}
        files.update(posixpath.join(folder, name) for name in ("terraform.tfvars", "terraform.tfvars.json"))
        below: set[str] = set()
        for each in folders:
            exact, prefixes = self._read_by(each, folder)
            files |= exact
            below |= prefixes
        return _Reached(frozenset(folders), frozenset(files) | self._automatic(folder), frozenset(below))

    def _automatic(self, folder: str) -> frozenset[str]:
        return frozenset(path for path in self.snapshot.files_in(folder) if _own_values(path))

    def _modules(self, start: Collection[str]) -> set[str]:
        seen, stack = set(start), list(start)
        while stack:
            folder = stack.pop()
            if folder not in self._calls:
                self._calls[folder] = frozenset(_called(self.snapshot, self.cache, folder))
            for target in self._calls[folder] - seen:
                seen.add(target)
                stack.append(target)
        return seen

    def _installed(self, folder: str, path: str) -> Iterator[str]:
        try:
            entries = json.loads(self.snapshot.read(path) or b"{}").get("Modules", [])
            found = [posixpath.normpath(posixpath.join(folder, str(entry["Dir"]))) for entry in entries]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return
        yield from ("" if each == "." else each for each in found if not each.startswith(".."))

    def _read_by(self, folder: str, root: str) -> tuple[frozenset[str], frozenset[str]]:
        """The paths that a folder's configuration reads by name, and the folders below which it may read anything."""
        key = (folder, root)
        if key not in self._reads:
            exact: set[str] = set()
            below: set[str] = set()
            for path in configuration_files(self.snapshot, folder):
                data = self.snapshot.read(path) or b""
                if path.endswith(".json"):
                    data = data.replace(b'\\"', b'"')
                texts = {match.group(1) for match in _READ_TEXT.finditer(data)}
                if len(_READS.findall(data)) > len(_READ_TEXT.findall(data)):
                    below |= {folder, root}  # a name made at run time
                texts |= {match.group(1) for match in _PATH_TEXT.finditer(data)}
                for text in texts:
                    self._name(text.decode("utf-8", "replace"), folder, root, exact, below)
            self._reads[key] = frozenset(exact), frozenset(below)
        return self._reads[key]

    def _name(self, text: str, folder: str, root: str, exact: set[str], below: set[str]) -> None:
        """Put the path that a text names among the exact ones, or as far as it is certain among the folders."""
        bases: tuple[str, ...] = (folder, root)
        start = _TEMPLATED.match(text)
        if start is not None:
            bases = (folder,) if start.group(1) == "module" else (root, "")
            text = text[start.end() :]
        certain = re.split(r"\$\{|%\{|[*?{\[]", text, maxsplit=1)[0]
        is_whole = certain == text
        named = certain if is_whole else certain[: certain.rfind("/") + 1]
        for base in bases:
            target = posixpath.normpath(posixpath.join(base, named))
            if target.startswith(("..", "/")):
                continue
            target = "" if target == "." else target
            if is_whole and target in self._calls.get(folder, ()):
                continue  # the source of a module; what it reaches is known
            if is_whole and (target in self.snapshot or not self._is_folder(target)):
                exact.add(target)
            else:
                below.add(target)

    def _is_folder(self, path: str) -> bool:
        paths, prefix = self.snapshot.paths, f"{path}/" if path else ""
        at = bisect_left(paths, prefix)
        return at < len(paths) and paths[at].startswith(prefix)
