"""What is enforced where: `.compliance/copilot.yaml`, and the strict reader of our own settings files.

A repository's policy says which environments there are, what is done about a finding in each, and the parameters that
checks ask for. An organisation's policy beneath it is a floor: every answer is the stricter of the two.

Everything is read by hand from YAML nodes: each message names file, line and field, and a cold scan does not pay for
a validation library.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any, Final

import yaml

from copilot.errors import SettingsInvalid, UnknownId
from copilot.model import Enforcement, Finding, GapKind, Severity
from copilot.snapshot import Snapshot

PATH: Final = ".compliance/copilot.yaml"
MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 40
"""YAML nested deeper is refused before it is composed: the C library would overflow its stack."""

STRICTNESS: Final[Mapping[Enforcement, int]] = {"observe": 0, "warn": 1, "enforce": 2}
DEFAULT_ENFORCEMENT: Final[Mapping[Severity, Enforcement]] = {
    Severity.CRITICAL: "enforce",
    Severity.HIGH: "enforce",
    Severity.MEDIUM: "warn",
    Severity.LOW: "observe",
}
"""What holds where a policy says nothing about a severity."""

Resolve = Callable[[str], tuple[str, ...]]
"""Our check ids behind an id, ours or a peer's; empty, or UnknownId, when nobody has it."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that the policy names.

    `roots` are folders, or globs of folders; `var_files` are paths from the top of the repository or from the root's
    folder. `enforcement` holds for every finding in it, `by_severity` for those of a severity; `parameters` lie over
    the common ones.
    """

    name: str
    roots: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    enforcement: Enforcement | None = None
    by_severity: Mapping[Severity, Enforcement] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many findings one review drafts fixes for at most, and how many of these with a language model, worst first;
    the others say that they are over it."""

    remedies: int = 30
    model_drafts: int = 10


@dataclass(frozen=True, slots=True)
class Reviews:
    """How pull requests are reviewed: drafts before they are ready, those that bots open, and how many comments on lines
    one review has at most."""

    drafts: bool = False
    bots: bool = True
    comments: int = 10


@dataclass(frozen=True, slots=True)
class Policy:
    """What is enforced where, under an optional floor; every answer is at least as strict as the floor's."""

    environments: Mapping[str, Environment] = field(default_factory=dict)
    by_severity: Mapping[Severity, Enforcement] = field(default_factory=dict)
    by_control: Mapping[str, Enforcement] = field(default_factory=dict)
    by_check: Mapping[str, Enforcement] = field(default_factory=dict)
    by_gap: Mapping[str, Enforcement] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    skip: frozenset[str] = frozenset()
    baseline: str = ".compliance/baseline.json"
    limits: Limits = field(default_factory=Limits)
    reviews: Reviews = field(default_factory=Reviews)
    second_opinion: bool = False
    """Whether no draft is shown that another scanner has not seen."""
    version: int = 1
    floor: Policy | None = None

    @classmethod
    def default(cls) -> Policy:
        """What holds in a repository without a policy of its own."""
        return cls()

    def merged_with_floor(self, organisation: Policy) -> Policy:
        """This policy over the organisation's: it may tighten each of its answers and loosens none."""
        floor = organisation if self.floor is None else self.floor.merged_with_floor(organisation)
        return replace(self, floor=floor)

    def enforcement_of(self, finding: Finding) -> Enforcement:
        """What is done about a finding, in the strictest of the environments in which it occurs."""
        return self.enforcement_for(
            check=finding.check, control=finding.control, severity=finding.severity, environments=finding.environments
        )

    def enforcement_for(
        self, *, check: str, control: str, severity: Severity, environments: Iterable[str] = ()
    ) -> Enforcement:
        """The strictest answer over the environments; in each the most specific rule answers, in the order
        check, control, severity in the environment, environment, severity."""
        places = tuple(environments) or ("",)
        own = strictest(self._rule(check, control, severity, place) for place in places)
        if self.floor is None:
            return own
        below = self.floor.enforcement_for(check=check, control=control, severity=severity, environments=places)
        return strictest((own, below))

    def _rule(self, check: str, control: str, severity: Severity, environment: str) -> Enforcement:
        if check in self.by_check:
            return self.by_check[check]
        if control in self.by_control:
            return self.by_control[control]
        here = self.environments.get(environment)
        if here is not None:
            answer = here.by_severity.get(severity, here.enforcement)
            if answer is not None:
                return answer
        return self.by_severity.get(severity, DEFAULT_ENFORCEMENT[severity])

    def enforcement_of_gaps(self, kind: GapKind) -> Enforcement:
        """What is done about what was not decided or not seen: listed only, unless the policy says more.

        An unread file always leaves the review incomplete, and lost sight follows the control's own enforcement.
        """
        own = self.by_gap.get(kind, "observe")
        return own if self.floor is None else strictest((own, self.floor.enforcement_of_gaps(kind)))

    @property
    def demands_second_opinion(self) -> bool:
        """Whether this policy or its floor wants every draft seen by another scanner."""
        return self.second_opinion or (self.floor is not None and self.floor.demands_second_opinion)

    def parameters_for(self, environment: str) -> Mapping[str, Any]:
        """The parameters that checks see in an environment, those under `custom` beside the others.

        Over a floor, a list of what is allowed is cut down to what the floor allows, tags add up, the longer retention
        holds, and any other value is the floor's where it has one.
        """
        here = self.environments.get(environment)
        own = {**self.parameters, **(here.parameters if here is not None else {})}
        if self.floor is None:
            return own
        merged = dict(own)
        for name, below in self.floor.parameters_for(environment).items():
            merged[name] = _tightened(name, own[name], below) if name in own else below
        return merged

    def skips(self, check: str) -> bool:
        """Whether a check is not run at all; over a floor only when the floor skips it too."""
        return check in self.skip and (self.floor is None or self.floor.skips(check))

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is left out of reviews; over a floor only when the floor leaves it out too."""
        return any(matches(path, pattern) for pattern in self.exclude) and (
            self.floor is None or self.floor.excludes(path)
        )

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the policy and its floor say."""
        text = json.dumps(_plain(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def strictest(answers: Iterable[Enforcement]) -> Enforcement:
    """The strictest of some answers, of which there is at least one."""
    return max(answers, key=STRICTNESS.__getitem__)


def load(
    snapshot: Snapshot,
    path: str = PATH,
    *,
    resolve: Resolve | None = None,
    controls: Collection[str] | None = None,
) -> Policy:
    """The policy at `path`, or the default one when there is no such file.

    With `resolve` the check ids may be peers' and must be known; with `controls` so must the control ids.
    SettingsInvalid names file, line and field of what does not read.
    """
    data = snapshot.read(path)
    if data is None:
        return Policy.default()
    return parse(data, path, resolve=resolve, controls=controls)


def parse(
    data: bytes, path: str = PATH, *, resolve: Resolve | None = None, controls: Collection[str] | None = None
) -> Policy:
    """The policy that the text of a file says."""
    top = document(data, path).mapping(
        {
            "version",
            "environments",
            "enforcement",
            "gaps",
            "parameters",
            "exclude",
            "skip",
            "baseline",
            "limits",
            "reviews",
            "second_opinion",
        }
    )
    version_of(top, path)
    by_severity: dict[Severity, Enforcement] = {}
    by_control: dict[str, Enforcement] = {}
    by_check: dict[str, Enforcement] = {}
    if "enforcement" in top:
        rules = top["enforcement"]
        if rules.is_scalar:
            by_severity = dict.fromkeys(Severity, _enforcement(rules))
        else:
            entries = rules.mapping({*_SEVERITIES, "controls", "checks"})
            by_severity = _by_severity(entries)
            if "controls" in entries:
                by_control = _by_control(entries["controls"], controls)
            if "checks" in entries:
                by_check = _by_check(entries["checks"], resolve)
    gaps = top["gaps"].mapping({"undecided", "out_of_sight"}) if "gaps" in top else {}
    limits = top["limits"].mapping({each.name for each in fields(Limits)}) if "limits" in top else {}
    return Policy(
        environments=_environments(top["environments"]) if "environments" in top else {},
        by_severity=by_severity,
        by_control=by_control,
        by_check=by_check,
        by_gap={name: _enforcement(entry) for name, entry in gaps.items()},
        parameters=_parameters(top["parameters"]) if "parameters" in top else {},
        exclude=tuple(_glob(item) for item in top["exclude"].items()) if "exclude" in top else (),
        skip=frozenset(
            id for item in top["skip"].items() for id in checks_of(item, resolve)
        ) if "skip" in top else frozenset(),
        baseline=_path(top["baseline"]) if "baseline" in top else ".compliance/baseline.json",
        limits=Limits(**{name: entry.integer(least=0) for name, entry in limits.items()}),
        reviews=_reviews(top["reviews"]) if "reviews" in top else Reviews(),
        second_opinion="second_opinion" in top and top["second_opinion"].choice(("optional", "required")) == "required",
    )  # fmt: skip


def _reviews(given: Field) -> Reviews:
    found = given.mapping({each.name for each in fields(Reviews)})
    said: dict[str, Any] = {name: found[name].boolean() for name in ("drafts", "bots") if name in found}
    if "comments" in found:
        said["comments"] = found["comments"].integer(least=0)
    return Reviews(**said)


# --- globs --------------------------------------------------------------------------------------------------------


def matches(path: str, pattern: str) -> bool:
    """Whether a path, or a folder above it, matches a glob: `*` and `?` stay within a folder, `**` does not."""
    return _compiled(pattern).fullmatch(path) is not None


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    out = ""
    for token in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern.rstrip("/")):
        out += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(token, re.escape(token))
    return re.compile(f"{out}(?:/.*)?", re.DOTALL)


# --- strict reading of settings files -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """A value in a settings file, with its place; each method returns what was wanted or refuses, saying where."""

    file: str
    name: str
    node: yaml.Node

    def refuse(self, message: str) -> SettingsInvalid:
        """The error that says what is wrong with this field."""
        return SettingsInvalid(f"{self.file}:{self.line}: {self.name + ': ' if self.name else ''}{message}")

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    @property
    def is_scalar(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode)

    def mapping(self, known: Collection[str] | None = None) -> dict[str, Field]:
        """The fields under this one by name; with `known`, no others may stand there."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.refuse(f"wants fields ({', '.join(sorted(known))})" if known else "wants NAME: VALUE entries")
        out: dict[str, Field] = {}
        for key, value in self.node.value:
            at = Field(self.file, self.name, key)
            if not isinstance(key, yaml.ScalarNode):
                raise at.refuse("a field's name is a text")
            name = str(key.value)
            if name in out:
                raise at.refuse(f"the field {name!r} stands twice, first in line {out[name].line}")
            if known is not None and name not in known:
                raise at.refuse(f"there is no field {name!r}{_meant(name, known)}")
            out[name] = Field(self.file, f"{self.name}.{name}" if self.name else name, value)
        return out

    def items(self) -> list[Field]:
        """The items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.refuse("wants a list, such as [a, b]")
        return [Field(self.file, f"{self.name}[{i}]", item) for i, item in enumerate(self.node.value)]

    def text(self, *, numbers: bool = False) -> str:
        """A text that is not empty; a plain number counts only with `numbers`."""
        tag = self.node.tag.rpartition(":")[2]
        if not self.is_scalar:
            raise self.refuse("wants a text")
        if tag != "str" and not (numbers and tag == "int"):
            shown = str(self.node.value) or "nothing"
            raise self.refuse(
                f"wants a text, and {shown} is none to YAML; write it in quotes" if tag != "null" else "is empty"
            )
        if not str(self.node.value).strip():
            raise self.refuse("is empty")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text() for item in self.items())

    def integer(self, *, least: int) -> int:
        """A whole number of at least `least`."""
        text = str(self.node.value) if self.is_scalar else ""
        if self.node.tag.rpartition(":")[2] != "int" or not re.fullmatch(r"\d{1,9}", text) or int(text) < least:
            raise self.refuse(f"wants a whole number from {least} on")
        return int(text)

    def decimal(self, *, least: float = 0.0, most: float = 1e9) -> float:
        """A number from `least` to `most`, with or without decimals."""
        text = str(self.node.value) if self.is_scalar else ""
        plain = self.node.tag.rpartition(":")[2] in ("int", "float") and re.fullmatch(r"\d{1,10}(\.\d{1,10})?", text)
        if not plain or not least <= float(text) <= most:
            raise self.refuse(f"wants a number from {least:g} to {most:g}, such as 0.5")
        return float(text)

    def boolean(self) -> bool:
        """`true` or `false`."""
        if self.node.tag.rpartition(":")[2] != "bool" or self.node.value not in ("true", "false"):
            raise self.refuse("wants true or false")
        return bool(self.node.value == "true")

    def date(self) -> date:
        """A day, written YYYY-MM-DD."""
        text = str(self.node.value) if self.is_scalar else ""
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise self.refuse(f"there is no day {text} in the calendar") from None
        raise self.refuse("wants a date, written YYYY-MM-DD")

    def choice(self, options: Collection[str]) -> str:
        """One of some words."""
        text = str(self.node.value) if self.is_scalar else ""
        if text not in options:
            raise self.refuse(f"{text!r} is not one of {', '.join(options)}{_meant(text, options)}")
        return text


def document(data: bytes, path: str) -> Field:
    """The one YAML document of a settings file; SettingsInvalid names the line where it does not read."""
    if len(data) > MAX_BYTES:
        raise SettingsInvalid(f"{path}:1: the file is larger than {MAX_BYTES // 1024} KiB")
    try:
        nodes = list(documents(data))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # What ends too early is reported behind the end; the last line that says something is where to look.
        line = min(mark.line, data.rstrip().count(b"\n")) + 1 if mark else 1
        raise SettingsInvalid(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{path}:1: not valid YAML: {str(error).splitlines()[0]}") from error
    if len(nodes) != 1:
        raise SettingsInvalid(
            f"{path}:1: " + ("several YAML documents; one is wanted" if nodes else "the file is empty")
        )
    return Field(path, "", nodes[0])


def documents(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> Iterator[yaml.Node]:
    """The YAML documents of a text as nodes; a yaml.YAMLError when it does not read or nests too deeply."""
    text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > max_depth:
                mark: Any = event.start_mark
                raise yaml.MarkedYAMLError(problem=f"nested deeper than {max_depth} levels", problem_mark=mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    yield from yaml.compose_all(text, Loader=yaml.CSafeLoader)


def version_of(top: Mapping[str, Field], path: str) -> None:
    """Refuse a file that does not say `version: 1`."""
    if "version" not in top:
        raise SettingsInvalid(f"{path}:1: the field 'version' is missing; write `version: 1`")
    if top["version"].integer(least=0) != 1:
        raise top["version"].refuse("this release reads version 1")


def checks_of(at: Field, resolve: Resolve | None) -> tuple[str, ...]:
    """Our checks behind the id that stands in a field."""
    id = at.text()
    if resolve is None:
        return (id,)
    try:
        found = resolve(id)
    except UnknownId:
        found = ()
    if not found:
        raise at.refuse(f"no check is known as {id!r}; `ccopilot corpus list` shows every id")
    return found


def _meant(text: str, options: Collection[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(text.lower(), list(options), 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(sorted(options))}"


# --- the fields of the policy -----------------------------------------------------------------------------------

_SEVERITIES: Final = tuple(str(severity) for severity in sorted(Severity, reverse=True))


def _enforcement(at: Field) -> Enforcement:
    answer = at.choice(tuple(STRICTNESS))
    return next(each for each in STRICTNESS if each == answer)


def _by_severity(entries: Mapping[str, Field]) -> dict[Severity, Enforcement]:
    return {Severity.parse(name): _enforcement(at) for name, at in entries.items() if name in _SEVERITIES}


def _by_control(at: Field, controls: Collection[str] | None) -> dict[str, Enforcement]:
    return {name: _enforcement(entry) for name, entry in at.mapping(controls).items()}


def _by_check(at: Field, resolve: Resolve | None) -> dict[str, Enforcement]:
    """Our own id says it most exactly; of several peers' ids for one check the strictest holds."""
    own: dict[str, Enforcement] = {}
    through_peers: dict[str, list[Enforcement]] = {}
    for (key, _), (name, entry) in zip(at.node.value, at.mapping().items(), strict=True):
        answer = _enforcement(entry)
        for check in checks_of(Field(at.file, at.name, key), resolve):
            if check == name:
                own[check] = answer
            else:
                through_peers.setdefault(check, []).append(answer)
    return {**{check: strictest(answers) for check, answers in through_peers.items()}, **own}


def _environments(at: Field) -> dict[str, Environment]:
    return {name: _environment(name, entry) for name, entry in at.mapping().items()}


def _environment(name: str, at: Field) -> Environment:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", name):
        raise at.refuse("an environment's name has letters, digits, `_`, `.` and `-`, at most 63")
    entries = at.mapping({"roots", "var_files", "enforcement", "parameters"})
    overall: Enforcement | None = None
    by_severity: dict[Severity, Enforcement] = {}
    if "enforcement" in entries:
        rules = entries["enforcement"]
        if rules.is_scalar:
            overall = _enforcement(rules)
        else:
            given = rules.mapping({*_SEVERITIES, "default"})
            overall = _enforcement(given["default"]) if "default" in given else None
            by_severity = _by_severity(given)
    return Environment(
        name,
        tuple(_glob(item) for item in entries["roots"].items()) if "roots" in entries else (),
        tuple(_path(item) for item in entries["var_files"].items()) if "var_files" in entries else (),
        overall,
        by_severity,
        _parameters(entries["parameters"]) if "parameters" in entries else {},
    )


def _path(at: Field) -> str:
    """A path inside the repository, without `./` in front; the top is the empty text."""
    text = at.text()
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if text.startswith("/") or "\\" in text or ".." in parts:
        raise at.refuse(f"{text!r} is not a path inside the repository; write it from the top, with `/`")
    return "/".join(parts)


def _glob(at: Field) -> str:
    if re.search(r"[\[\]{}]", at.text()):
        raise at.refuse("a glob knows `*`, `?` and `**`; write one entry for each alternative")
    return _path(at)


# --- parameters ---------------------------------------------------------------------------------------------------


def _network(at: Field) -> str:
    import ipaddress

    text = at.text()
    try:
        if "/" not in text:
            raise ValueError
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise at.refuse(f"{text!r} is not a network such as 10.0.0.0/16 or fd00::/8") from None
    if ipaddress.ip_address(text.partition("/")[0]) != network.network_address:
        raise at.refuse(f"{text!r} has bits set behind its prefix; write {network}")
    if network.prefixlen == 0:
        raise at.refuse(f"{text!r} is the whole internet; what is allowed must be narrower")
    return str(network)


def _account(at: Field) -> str:
    text = at.text(numbers=True)
    if not re.fullmatch(r"\d{12}", text):
        raise at.refuse(f"{text!r} is not an account id of 12 digits")
    return text


def _arn(at: Field) -> str:
    text = at.text()
    if not re.fullmatch(r"arn:[a-z-]+:[a-z0-9-]+:.*:.+", text):
        raise at.refuse(f"{text!r} is not an ARN (arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE)")
    return text


def _name(at: Field) -> str:
    return at.text()


def _list_of(read: Callable[[Field], str]) -> Callable[[Field], tuple[str, ...]]:
    return lambda at: tuple(read(item) for item in at.items())


PARAMETERS: Final[Mapping[str, Callable[[Field], Any]]] = {
    "access_log_destination_arn": _arn,
    "allowed_accounts": _list_of(_account),
    "allowed_networks": _list_of(_network),
    "allowed_regions": _list_of(_name),
    "approved_kms_keys": _list_of(_name),
    "backup_vault": _name,
    "certificate_arn": _arn,
    "cpu_request": _name,
    "flow_log_bucket_arn": _arn,
    "log_bucket": _name,
    "log_retention_days": lambda at: at.integer(least=1),
    "memory_limit": _name,
    "memory_request": _name,
    "notification_topic_arn": _arn,
    "required_tags": _list_of(_name),
    "web_acl_arn": _arn,
}
"""The parameters that checks may ask for, and how each is read; any other stands under `custom`."""

_ALLOWING: Final = frozenset({"approved_kms_keys", "allowed_networks", "allowed_regions", "allowed_accounts"})


def _parameters(at: Field) -> dict[str, Any]:
    out: dict[str, Any] = {}
    entries = at.mapping()
    for name, entry in entries.items():
        if name == "custom":
            continue
        if name not in PARAMETERS:
            raise entry.refuse(
                f"no check asks for {name!r}{_meant(name, PARAMETERS)}; one of your own stands under `custom`"
            )
        out[name] = PARAMETERS[name](entry)
    for name, entry in (entries["custom"].mapping() if "custom" in entries else {}).items():
        if name in PARAMETERS:
            raise entry.refuse(f"{name!r} is a parameter of ours; it stands beside `custom`, not under it")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise entry.refuse(f"the name {name!r} has other than small letters, digits and `_`")
        out[name] = _scalar(entry) if entry.is_scalar else tuple(_scalar(item) for item in entry.items())
    return out


def _scalar(at: Field) -> str | int | bool:
    text = str(at.node.value) if at.is_scalar else ""
    match at.node.tag.rpartition(":")[2]:
        case "bool" if text.lower() in ("true", "false"):
            return text.lower() == "true"
        case "int" if re.fullmatch(r"-?(0|[1-9]\d{0,17})", text):
            return int(text)
    return at.text()


def _tightened(name: str, own: Any, floor: Any) -> Any:
    """The value that both the repository's and the floor's allow."""
    if name == "allowed_networks":
        import ipaddress

        wide = [ipaddress.ip_network(text) for text in floor]
        narrow = [ipaddress.ip_network(text) for text in own]
        inside = [n for n in narrow if any(n.version == w.version and _within(n, w) for w in wide)]
        cut = [w for w in wide if any(n.version == w.version and n != w and _within(w, n) for n in narrow)]
        return tuple(dict.fromkeys(str(network) for network in (*inside, *cut)))
    if name in _ALLOWING:
        return tuple(item for item in own if item in floor)
    if name == "required_tags":
        return tuple(dict.fromkeys((*floor, *own)))
    if name == "log_retention_days":
        return max(own, floor)
    return floor


def _within(inner: Any, outer: Any) -> bool:
    return bool(inner.subnet_of(outer))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
