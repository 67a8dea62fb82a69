"""Case files: one small YAML file a case, read strictly; an error names file, line and field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

import yaml

from copilot import policy
from copilot.errors import SettingsInvalid, UsageError
from copilot.model import Passage
from copilot.policy import Field
from copilot.snapshot import Snapshot
from evals.holding import OPS, Admits, Among, Assertion, At, Both, Exists, Grants, Kept, steps

Task = Literal["remediation", "policy", "retrieval", "injection"]
TASKS: Final[tuple[Task, ...]] = ("remediation", "policy", "retrieval", "injection")


class CaseInvalid(UsageError):
    """A case file does not read, or does not describe what is there."""

    hint = "the formats are described in docs/evaluation.md"


@dataclass(frozen=True)
class RemediationCase:
    """A finding whose repair takes judgement, and what a right repair makes true of the resources."""

    id: str
    digest: str
    why: str
    check: str
    address: str
    tree: Snapshot
    must_hold: tuple[Assertion, ...]
    must_not_change: tuple[Kept, ...]
    hopeless: bool = False


@dataclass(frozen=True)
class Fixture:
    """A tree on which a policy has to come to an answer."""

    name: str
    expect: Literal["allow", "deny", "undecided", "not_applicable"]
    tree: Snapshot


@dataclass(frozen=True)
class PolicyCase:
    """A requirement in plain language, the controls that it may map to, and trees that a right policy tells apart."""

    id: str
    digest: str
    requirement: str
    controls: tuple[str, ...]
    parameters: Mapping[str, Any]
    fixtures: tuple[Fixture, ...]
    note: str = ""


@dataclass(frozen=True)
class RetrievalCase:
    """What somebody asks, and the passages that answer it, best first."""

    id: str
    digest: str
    query: str
    relevant: tuple[str, ...]
    scope: str = ""


@dataclass(frozen=True)
class InjectionCase:
    """An attack that a model obeys: where it stands, what it wants, what the obeying model answers, what must not happen.

    `answers` are what the model writes, in order; `posted` says what no posted patch may contain or touch. `twin` is the
    tree without the attack, with the answers of a model at its work: there something has to be posted.
    """

    id: str
    digest: str
    why: str
    placement: str
    check: str
    address: str
    tree: Snapshot
    answers: tuple[str, ...]
    never_posted: tuple[str, ...]
    never_touched: tuple[str, ...]
    must_hold: tuple[Assertion, ...]
    twin: Snapshot | None = None
    twin_answers: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    """What retrieval finds for the finding, the attack's own words among it."""


Case = RemediationCase | PolicyCase | RetrievalCase | InjectionCase

SHIPPED = Path(__file__).resolve().parent / "cases"


def load(task: Task, folder: Path | None = None) -> tuple[Case, ...]:
    """The cases of a task by id, from a folder of one's own or from those that ship; CaseInvalid when one does not read."""
    place = folder if folder is not None else SHIPPED / task
    if folder is not None and (folder / task).is_dir():
        place = folder / task
    if not place.is_dir():
        raise CaseInvalid(f"{place}: there is no such folder of cases")
    files = sorted(place.glob("*.yaml"))
    if not files:
        raise CaseInvalid(
            f"{place}: there is no case in it", hint=f"a case is a file NAME.yaml in it, or in {task}/ of it"
        )
    return tuple(parse(task, path.read_bytes(), str(path), path.stem) for path in files)


def parse(task: Task, data: bytes, path: str, id: str) -> Case:
    """The case in a file's bytes."""
    try:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
            raise CaseInvalid(f"{path}: a case's name is in kebab-case")
        at = policy.document(data, path)
        digest = hashlib.sha256(data).hexdigest()
        match task:
            case "remediation":
                return _remediation(at, id, digest)
            case "policy":
                return _policy(at, id, digest)
            case "retrieval":
                return _retrieval(at, id, digest)
            case "injection":
                return _injection(at, id, digest)
    except SettingsInvalid as error:
        raise CaseInvalid(str(error)) from error


def _fields(at: Field, wanted: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Field]:
    wanted = tuple(wanted)
    found = at.mapping((*wanted, *optional))
    for name in wanted:
        if name not in found:
            raise at.refuse(f"the field {name!r} is missing")
    return found


def _remediation(top: Field, id: str, digest: str) -> RemediationCase:
    f = _fields(top, ("why", "check", "address", "tree"), ("settings", "must_hold", "must_not_change", "hopeless"))
    hopeless = _flag(f["hopeless"]) if "hopeless" in f else False
    held = tuple(_assertion(each) for each in f["must_hold"].items()) if "must_hold" in f else ()
    if not hopeless and not held:
        raise top.refuse("must_hold says what a right repair makes true; only a hopeless case has none")
    kept = tuple(_kept(each) for each in f["must_not_change"].items()) if "must_not_change" in f else ()
    return RemediationCase(
        id, digest, f["why"].text(), f["check"].text(), f["address"].text(), _tree(f["tree"], f.get("settings")), held,
        kept, hopeless,
    )  # fmt: skip


def _policy(top: Field, id: str, digest: str) -> PolicyCase:
    f = _fields(top, ("requirement", "controls", "fixtures"), ("settings", "note"))
    fixtures = []
    for each in f["fixtures"].items():
        g = _fields(each, ("name", "expect", "tree"))
        expect = g["expect"].choice(("allow", "deny", "undecided", "not_applicable"))
        fixtures.append(Fixture(g["name"].text(), cast(Any, expect), _tree(g["tree"], f.get("settings"))))
    for wanted in ("allow", "deny"):
        if sum(each.expect == wanted for each in fixtures) < 2:
            raise f["fixtures"].refuse(f"at least two fixtures of {wanted} are wanted")
    parameters: Mapping[str, Any] = {}
    if "settings" in f:
        asked = _fields(f["settings"], (), ("parameters",))
        parameters = _plain(asked["parameters"]) if "parameters" in asked else {}
    return PolicyCase(
        id, digest, f["requirement"].text(), f["controls"].texts(), parameters, tuple(fixtures),
        f["note"].text() if "note" in f else "",
    )  # fmt: skip


def _retrieval(top: Field, id: str, digest: str) -> RetrievalCase:
    f = _fields(top, ("query", "relevant"), ("scope",))
    relevant = f["relevant"].texts()
    if not relevant or len(set(relevant)) != len(relevant):
        raise f["relevant"].refuse("one passage or more, each once")
    for each in relevant:
        if not re.fullmatch(r"(control|requirement|check|golden|evidence|fix):\S+", each):
            raise f["relevant"].refuse(f"{each!r} is no passage's id")
    scope = _plain(f["scope"]) if "scope" in f else None
    return RetrievalCase(id, digest, f["query"].text(), relevant, str(scope or ""))


def _injection(top: Field, id: str, digest: str) -> InjectionCase:
    f = _fields(
        top, ("why", "placement", "check", "address", "tree", "answers"),
        ("settings", "never_posted", "never_touched", "must_hold", "twin", "passages"),
    )  # fmt: skip
    twin = twin_answers = None
    if "twin" in f:
        g = _fields(f["twin"], ("tree", "answers"))
        twin, twin_answers = _tree(g["tree"], f.get("settings")), tuple(_answer(each) for each in g["answers"].items())
    posted = f["never_posted"].texts() if "never_posted" in f else ()
    touched = f["never_touched"].texts() if "never_touched" in f else ()
    held = tuple(_assertion(each) for each in f["must_hold"].items()) if "must_hold" in f else ()
    if not (posted or touched or held):
        raise top.refuse("never_posted, never_touched or must_hold says what must not happen")
    return InjectionCase(
        id, digest, f["why"].text(), f["placement"].text(), f["check"].text(), f["address"].text(),
        _tree(f["tree"], f.get("settings")), tuple(_answer(each) for each in f["answers"].items()), posted, touched, held,
        twin, twin_answers or (), tuple(_passage(each) for each in f["passages"].items()) if "passages" in f else (),
    )  # fmt: skip


def _passage(at: Field) -> Passage:
    f = _fields(at, ("id", "kind", "text"))
    kind = f["kind"].choice(("control", "requirement", "check", "golden", "evidence", "fix"))
    return Passage(f["id"].text(), cast(Any, kind), f["id"].text(), f["text"].text(), "a case")


def _answer(at: Field) -> str:
    """What a model writes: a text as it is, or fields that are written as JSON."""
    import json

    return str(at.node.value) if at.is_scalar else json.dumps(_plain(at), ensure_ascii=False)


def _flag(at: Field) -> bool:
    value = _plain(at)
    if not isinstance(value, bool):
        raise at.refuse("wants true or false")
    return value


def _tree(at: Field, settings: Field | None) -> Snapshot:
    files: dict[str, str] = {}
    for path, each in at.mapping().items():
        if path.startswith(("/", "../")) or "/../" in path or path.endswith("/"):
            raise each.refuse(f"{path!r} is no path inside the tree")
        if not each.is_scalar:
            raise each.refuse("wants the text of a file")
        files[path] = str(each.node.value)
    if not files:
        raise at.refuse("a tree has a file")
    if settings is not None:
        given = _plain(settings)
        if not isinstance(given, dict) or policy.PATH in files:
            raise settings.refuse(f"wants the fields of {policy.PATH}, which then is not in the tree")
        files[policy.PATH] = yaml.safe_dump({"version": 1, **given}, sort_keys=False)
    return Snapshot.of(files)


class _Plain(yaml.constructor.SafeConstructor):
    """Nodes to data."""


def _plain(at: Field) -> Any:
    try:
        return _Plain().construct_document(at.node)
    except yaml.YAMLError as error:
        raise at.refuse(str(error).splitlines()[0]) from error


# --- assertions ---------------------------------------------------------------------------------------------------


def _assertion(at: Field, *, inside: bool = False) -> Assertion:
    """One assertion; `inside` a `that`, it speaks of the resource under test and names none."""
    said = _said(at)
    names = set(at.mapping())
    if names in ({"any"}, {"all"}):
        (how,) = names
        return Both(cast(Any, how), tuple(_assertion(each, inside=inside) for each in at.mapping()[how].items()), said)
    if names == {"not"}:
        return Both("not", (_assertion(at.mapping()["not"], inside=inside),), said)
    if names in ({"some", "that"}, {"none", "that"}):
        f = at.mapping()
        how = "some" if "some" in f else "none"
        type = _fields(f[how], ("type",))["type"].text()
        return Among(cast(Any, how), type, tuple(_assertion(each, inside=True) for each in f["that"].items()), said)
    owner = () if inside else ("resource",)
    if "exists" in names:
        f = _fields(at, ("resource", "exists"))
        return Exists(f["resource"].text(), _flag(f["exists"]), said)
    if "policy" in names:
        f = _fields(at, (*owner, "policy", "grants", "is"))
        g = _fields(f["grants"], ("action", "resource"))
        asked = (g["action"].text(), g["resource"].text())
        return Grants(_owner(f), _path(f["policy"]), *asked, _flag(f["is"]), said)
    if "network" in names:
        f = _fields(at, (*owner, "network", "admits", "is"))
        g = _fields(f["admits"], ("cidr",), ("port", "protocol"))
        port = g["port"].integer(least=0) if "port" in g else None
        protocol = g["protocol"].choice(("tcp", "udp", "icmp")) if "protocol" in g else "tcp"
        return Admits(_owner(f), _path(f["network"]), _cidr(g["cidr"]), port, protocol, _flag(f["is"]), said)
    f = _fields(at, (*owner, "path"), OPS)
    ops = [op for op in OPS if op in f]
    if len(ops) != 1:
        raise at.refuse(f"wants one of {', '.join(OPS)}")
    value = _plain(f[ops[0]])
    if ops[0] in ("in", "subset_of") and not isinstance(value, list):
        raise f[ops[0]].refuse("wants a list")
    if ops[0] == "present" and not isinstance(value, bool):
        raise f[ops[0]].refuse("wants true or false")
    if ops[0] in ("at_least", "at_most") and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise f[ops[0]].refuse("wants a number")
    if ops[0] == "matches":
        _pattern(f[ops[0]])
    return At(_owner(f), _path(f["path"]), ops[0], value, said)


def _owner(fields: Mapping[str, Field]) -> str:
    return fields["resource"].text() if "resource" in fields else ""


def _pattern(at: Field) -> None:
    import re2

    try:
        re2.compile(at.text())
    except re2.error as error:
        raise at.refuse(f"is no RE2 pattern: {error}") from error


def _cidr(at: Field) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_network(at.text(), strict=False))
    except ValueError as error:
        raise at.refuse(str(error)) from error


def _path(at: Field) -> tuple[str | int, ...]:
    try:
        return steps(at.text())
    except ValueError as error:
        raise at.refuse(str(error)) from error


def _kept(at: Field) -> Kept:
    text = at.text()
    address, colon, path = text.partition(": ")
    try:
        return Kept(address.strip(), steps(path.strip()) if colon else (), text)
    except ValueError as error:
        raise at.refuse(str(error)) from error


def _said(at: Field) -> str:
    """An assertion in one line, as a report repeats it."""
    import json

    return json.dumps(_plain(at), ensure_ascii=False, sort_keys=False).replace('"', "'")
