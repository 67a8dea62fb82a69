"""The library: every check that ships with the program, and those of a repository, by id and by type.

Reading some two hundred YAML files takes longer than judging a module, so what they say is kept in one JSON file,
named by the names, sizes and times of the files, and each check is parsed when its type is asked for. The file is only
a shortcut: whatever is wrong with it, the YAML is read instead. `python -m copilot.checks.library [FILE]` reads and
parses everything, and writes that file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from copilot.checks.language import POD_TEMPLATES, Check, parse_check
from copilot.errors import CorpusInvalid, UnknownId

FORMAT: Final = 1
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Examples(NamedTuple):
    """The examples of a check: each a file or a folder that is a root of its own."""

    good: tuple[Path, ...]
    bad: tuple[Path, ...]
    undecided: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A check as data: the file that says it, the folder of its examples, and its Rego."""

    data: dict[str, Any]
    file: str
    folder: str
    rego: str | None

    @property
    def id(self) -> str:
        return str(self.data["id"])


class Checks(Mapping[str, Check]):
    """The checks by id, each parsed when it is first asked for."""

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self._parsed: dict[str, Check] = {}

    def __getitem__(self, id: str) -> Check:
        check = self._parsed.get(id)
        if check is None:
            entry = self._entries[id]
            check = self._parsed[id] = parse_check(entry.data, file=entry.file, rego=entry.rego, thorough=False)
        return check

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, id: object) -> bool:
        return id in self._entries

    def data(self, id: str) -> Mapping[str, Any]:
        """What the YAML of a check says, the row of a family filled in."""
        return self._entries[id].data

    def prove(self) -> None:
        """Parse every check thoroughly; CorpusInvalid names the first that contradicts itself."""
        for entry in self._entries.values():
            self._parsed[entry.id] = parse_check(entry.data, file=entry.file, rego=entry.rego)


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Checks, the keys of `World.by_type` that each is about, and the names that others have for them.

    `aliases` maps a peer's id, in small letters, to our ids; `digest` is the SHA-256 of everything the files say.
    """

    checks: Checks
    by_type: Mapping[str, tuple[str, ...]]
    by_provider: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, tuple[str, ...]]
    digest: str
    _folders: Mapping[str, str] = field(repr=False)

    def resolve(self, id: str) -> tuple[str, ...]:
        """Our ids for an id of ours or of a peer, in whatever case; UnknownId names those that come close."""
        wanted = id.strip().lower()
        if wanted in self.checks:
            return (wanted,)
        found = self.aliases.get(wanted)
        if found is None:
            import difflib

            known = [*self.checks, *self.aliases]
            near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
            raise UnknownId(
                f"no check is known as {id!r}" + (f"; near are {', '.join(near)}" if near else ""),
            )
        return found

    def for_types(self, types: Iterable[str]) -> tuple[Check, ...]:
        """The checks that may have subjects in a world with these keys of `by_type`, in the order of their ids."""
        wanted: set[str] = set()
        for type in types:
            wanted.update(self.by_type.get(type, ()))
            wanted.update(self.by_provider.get(type.partition("_")[0], ()))
        return tuple(self.checks[id] for id in sorted(wanted))

    def examples(self, check_id: str) -> Examples:
        """The examples beside the check, sorted by name."""
        folder = Path(self._folders[check_id])
        return Examples(*(_sorted(folder / kind) for kind in Examples._fields))

    def folder(self, check_id: str) -> Path:
        """Where the check's own files lie; for a row of a family, its folder of examples."""
        return Path(self._folders[check_id])


def load(*, extra: Sequence[Path] = (), cache: Path | None = None) -> Library:
    """The library that ships with the program, and the checks of these further folders.

    Rego is run in this process, where a hostile policy could bring it down, so only what ships may hold any:
    CorpusInvalid names a further check that does. With `cache`, a folder, what was read is kept there and taken from there while no file has changed.
    """
    for folder in extra:
        for file in _files(folder):
            if file.rego is not None:
                raise CorpusInvalid(f"{file.name}: a check that does not ship with the program cannot hold Rego")
    return load_from([_shipped(), *extra], cache=cache)


def load_from(folders: Sequence[Path], *, cache: Path | None = None) -> Library:
    """The library of these folders alone."""
    files = [file for folder in folders for file in _files(folder)]
    if cache is None:
        entries = _read(files)
        return _library(entries, _digest(entries))
    kept = cache / f"checks-{_key(files)}.json"
    if (found := _from_cache(kept)) is not None:
        return _library(*found)
    entries = _read(files)
    _to_cache(kept, entries)
    return _library(entries, _digest(entries))


def build(path: Path, *, folders: Sequence[Path] | None = None) -> Library:
    """Read and parse every check, write what was read to `path` as JSON, and return the library."""
    folders = [_shipped()] if folders is None else folders
    entries = _read([file for folder in folders for file in _files(folder)])
    library = _library(entries, _digest(entries))
    library.checks.prove()
    _write(path, entries)
    return library


# --- the index --------------------------------------------------------------------------------------------------


def _digest(entries: Sequence[_Entry]) -> str:
    said = json.dumps([[entry.data, entry.rego] for entry in entries], sort_keys=True, default=str)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _library(entries: Sequence[_Entry], digest: str) -> Library:
    by_type: dict[str, list[str]] = {}
    by_provider: dict[str, list[str]] = {}
    aliases: dict[str, list[str]] = {}
    files: dict[str, str] = {}
    for entry in entries:
        if entry.id in files:
            raise CorpusInvalid(f"{entry.file}: id: {entry.id} is the id of {files[entry.id]} too")
        files[entry.id] = entry.file
        for provider, keys in ((False, _keys(entry.data)), (True, _providers(entry.data))):
            for key in keys:
                (by_provider if provider else by_type).setdefault(key, []).append(entry.id)
        peers = entry.data.get("peers")
        for peer in peers if isinstance(peers, list) else ():
            aliases.setdefault(str(peer).lower(), []).append(entry.id)
    return Library(
        checks=Checks(entries),
        by_type=_frozen(by_type),
        by_provider=_frozen(by_provider),
        aliases=_frozen({peer: ids for peer, ids in aliases.items() if peer not in files}),
        digest=digest,
        _folders={entry.id: entry.folder for entry in entries},
    )


def _frozen(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys(ids)) for key, ids in lists.items()}


def _keys(data: Mapping[str, Any]) -> Iterator[str]:
    """The keys of `World.by_type` under which subjects may be; what does not read is left to the parser."""
    subject = data.get("subject")
    for kind, names in subject.items() if isinstance(subject, dict) else ():
        for name in names if isinstance(names, list) else ():
            if name in ("$pod", "$container"):
                yield from POD_TEMPLATES
            elif kind == "data":
                yield f"data.{name}"
            elif kind == "blocks":
                yield str(name)
                if str(name).startswith("provider."):
                    yield str(name).removeprefix("provider.")
            elif kind != "providers":
                yield str(name)


def _providers(data: Mapping[str, Any]) -> Iterator[str]:
    subject = data.get("subject")
    names = subject.get("providers") if isinstance(subject, dict) else None
    yield from map(str, names if isinstance(names, list) else ())


# --- the files --------------------------------------------------------------------------------------------------


class _File(NamedTuple):
    """A `check.yaml` or `family.yaml`, how it is called in messages, and the Rego beside it."""

    path: str
    name: str
    rego: str | None


def _shipped() -> Path:
    # Not importlib.resources: importing that costs more than reading the cache.
    import corpus

    return Path(next(iter(corpus.__path__)), "checks")


def _files(folder: Path) -> list[_File]:
    found: list[_File] = []
    pending = [(str(folder), f"{folder.parent.name}/{folder.name}")]
    while pending:
        at, name = pending.pop()
        try:
            with os.scandir(at) as listing:
                inside = sorted(listing, key=lambda item: item.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        names = {item.name for item in inside}
        if "check.yaml" in names:
            rego = os.path.join(at, "policy.rego") if "policy.rego" in names else None
            found.append(_File(os.path.join(at, "check.yaml"), f"{name}/check.yaml", rego))
        elif "family.yaml" in names:
            found.append(_File(os.path.join(at, "family.yaml"), f"{name}/family.yaml", None))
        else:
            pending.extend((item.path, f"{name}/{item.name}") for item in inside if item.is_dir())
    return sorted(found, key=lambda file: file.name)


def _key(files: Sequence[_File]) -> str:
    said: list[Any] = [FORMAT]
    for file in files:
        for path in (file.path, file.rego):
            if path is not None:
                stat = Path(path).stat()
                said.append((path, stat.st_size, stat.st_mtime_ns))
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _read(files: Sequence[_File]) -> list[_Entry]:
    entries: list[_Entry] = []
    for file in files:
        data = _yaml(file)
        folder = os.path.dirname(file.path)
        if file.path.endswith("family.yaml"):
            entries.extend(_rows(data, file, folder))
            continue
        if not isinstance(data, dict) or not isinstance(data.get("id"), str):
            raise CorpusInvalid(f"{file.name}: id: is missing")
        rego = Path(file.rego).read_text(encoding="utf-8") if file.rego else None
        entries.append(_Entry(data, file.name, folder, rego))
    return sorted(entries, key=lambda entry: entry.id)


def _rows(data: Any, file: _File, folder: str) -> Iterator[_Entry]:
    """The checks of a family: its fields, with the values of each row in place of `${name}`."""
    rows = data.get("rows") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise CorpusInvalid(f"{file.name}: rows: is a list of maps")
    template = {key: value for key, value in data.items() if key != "rows"}
    for index, row in enumerate(rows):
        at = f"rows[{index}]"
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            raise CorpusInvalid(f"{file.name}: {at}.id: is missing")
        used: set[str] = set()
        filled = _filled(template, row, f"{file.name}: {at}", used)
        if idle := sorted(set(row) - used - {"id"}):
            raise CorpusInvalid(f"{file.name}: {at}: {', '.join(idle)} stands in no placeholder")
        yield _Entry({"id": row["id"], **filled}, f"{file.name} ({row['id']})", os.path.join(folder, row["id"]), None)


def _filled(data: Any, row: Mapping[str, Any], at: str, used: set[str]) -> Any:
    if isinstance(data, dict):
        return {_filled(key, row, at, used): _filled(value, row, at, used) for key, value in data.items()}
    if isinstance(data, list):
        return [_filled(item, row, at, used) for item in data]
    if not isinstance(data, str) or "${" not in data:
        return data

    def value(match: re.Match[str]) -> Any:
        if match[1] not in row:
            raise CorpusInvalid(f"{at}: says nothing of ${{{match[1]}}}")
        used.add(match[1])
        return row[match[1]]

    whole = _PLACEHOLDER.fullmatch(data)
    if whole:
        return value(whole)

    def written(match: re.Match[str]) -> str:
        found = value(match)
        return str(found).lower() if isinstance(found, bool) else str(found)

    return _PLACEHOLDER.sub(written, data)


def _yaml(file: _File) -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # the C loader where it is there
        """Refuses a key that stands twice in one map."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[Any] = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if isinstance(key, str | int | bool) and key in seen:
                    raise CorpusInvalid(f"{file.name}:{key_node.start_mark.line + 1}: {key} stands twice")
                seen.add(key if isinstance(key, str | int | bool) else id(key))
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(Path(file.path).read_bytes(), Loader=Loader)  # a safe loader, see above
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise CorpusInvalid(f"{file.name}{line}: {getattr(error, 'problem', None) or error}") from error


def _sorted(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(item for item in folder.iterdir() if item.name[0] != ".")) if folder.is_dir() else ()


# --- the cache --------------------------------------------------------------------------------------------------


def _from_cache(path: Path) -> tuple[list[_Entry], str] | None:
    try:
        kept = json.loads(path.read_bytes())
        if kept["format"] != FORMAT:
            return None
        entries = [_Entry(dict(data), str(file), str(folder), rego) for data, file, folder, rego in kept["checks"]]
        return entries, str(kept["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _to_cache(path: Path, entries: Sequence[_Entry]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, entries)
    except (OSError, TypeError, ValueError):  # no room, no right, or a date in the YAML: the next start reads it again
        return


def _write(path: Path, entries: Sequence[_Entry]) -> None:
    """Write atomically: a reader sees the whole file or none."""
    data = {
        "format": FORMAT,
        "digest": _digest(entries),
        "checks": [[e.data, e.file, e.folder, e.rego] for e in entries],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    import tempfile  # here, because only a start that finds nothing kept needs it

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".checks-", suffix=".json")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def main(arguments: Sequence[str]) -> int:
    """Parse every check that ships, and write them to the file if one is named."""
    if arguments:
        library = build(Path(arguments[0]))
    else:
        library = load_from([_shipped()])
        library.checks.prove()
    print(f"{len(library.checks)} checks, {library.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
