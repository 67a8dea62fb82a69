"""The container and compose files, as far as they can be held to something without an engine: what they copy is there, what
they run is a command, no secret has a default, nothing runs as root, and the processes are as far apart as the page says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] == "ccopilot"}
GITHUBS = {"CCOPILOT_GITHUB_PRIVATE_KEY", "CCOPILOT_GITHUB_WEBHOOK_SECRET"}


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the container file with what follows it, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (TOP / "Containerfile").read_text("utf-8"), flags=re.M).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def stages() -> list[list[tuple[str, str]]]:
    out: list[list[tuple[str, str]]] = []
    for each in instructions():
        if each[0] == "FROM":
            out.append([])
        if out:
            out[-1].append(each)
    return out


def commands() -> set[tuple[str, ...]]:
    """The words after `ccopilot` of everything that the files run."""
    out = set()
    for name, each in OURS.items():
        words = [*each.get("entrypoint", ["ccopilot"])[1:], *each.get("command", [])]
        out.add(tuple(words))
        assert words, name
    out.add(tuple(json.loads(next(what for kind, what in instructions() if kind == "CMD"))))
    for kind, what in instructions():
        if kind == "RUN":
            out |= {tuple(shlex.split(found)) for found in re.findall(r"/bin/ccopilot ([^&]+)", what)}
    return out


@pytest.fixture(scope="module")
def options() -> dict[str, set[str]]:
    """The options of each command of the command line, by its words; those with a value are told apart by nobody here."""
    program = """
import json, typer, copilot.cli
def walk(command, above):
    for name, each in getattr(command, "commands", {}).items():
        yield from walk(each, [*above, name])
    if not getattr(command, "commands", None):
        yield [" ".join(above), [o for p in command.params for o in (*p.opts, *p.secondary_opts)]]
print(json.dumps(list(walk(typer.main.get_command(copilot.cli.app), []))))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=TOP)
    return {name: set(found) for name, found in json.loads(done.stdout)}


def named(words: tuple[str, ...]) -> str:
    return " ".join(words[: next((i for i, word in enumerate(words) if word.startswith("-")), len(words))])


def test_what_is_run_is_a_command_with_these_options(options: dict[str, set[str]]) -> None:
    for words in sorted(commands()):
        given = {word for word in words if word.startswith("--")}
        assert given <= options[named(words)], words


def test_what_is_copied_is_there_and_is_all_that_the_wheel_holds() -> None:
    copied = [
        source
        for kind, what in stages()[0]
        if kind == "COPY" and not what.startswith("--from")
        for source in what.split()[:-1]
    ]
    assert [source for source in copied if not (TOP / source).exists()] == []
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) | {"pyproject.toml", "README.md", "LICENSE"} <= set(copied)
    let_in = [line[1:] for line in (TOP / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert sorted(let_in) == sorted(copied)


def test_everything_is_installed_by_hash_and_torch_is_not() -> None:
    (installed,) = [what for kind, what in stages()[0] if kind == "RUN" and "app.lock" in what]
    for command in installed.split("&&"):
        assert "--require-hashes" in command
    lock = (TOP / "requirements" / "app.lock").read_text("utf-8")
    names = re.findall(r"^([a-z0-9._-]+)==", lock, re.M)
    assert "torch" not in names and not any(name.startswith("nvidia") for name in names)
    assert {"dbos", "fastapi", "pygithub", "chromadb", "psycopg-binary"} <= set(names)
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    assert [block.split("==")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []


def test_the_lock_of_the_container_and_that_of_the_tests_agree() -> None:
    def versions(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (TOP / "requirements" / name).read_text("utf-8"), re.M))

    mine, tested = versions("app.lock"), versions("dev.lock")
    assert {name: version for name, version in mine.items() if tested.get(name) != version} == {}


def test_the_image_runs_as_nobody_in_particular_and_holds_no_secret() -> None:
    last = stages()[-1]
    kinds = [kind for kind, _ in last]
    assert ("USER", "10001:10001") in last
    assert kinds.index("USER") > max(i for i, kind in enumerate(kinds) if kind in ("RUN", "COPY"))
    text = (TOP / "Containerfile").read_text("utf-8")
    assert "ADD " not in text and ":latest" not in text and not re.search(r"(?i)password|secret_key|token", text)


def test_the_images_of_others_have_a_version() -> None:
    others = {each["image"] for name, each in SERVICES.items() if name not in OURS}
    assert all(re.search(r":\d+[\w.-]*$", image) for image in others), others
    lock = (TOP / "requirements" / "app.lock").read_text("utf-8")
    assert SERVICES["chroma"]["image"].rpartition(":")[2] == re.findall(r"^chromadb==([\d.]+)", lock, re.M)[0]


def environment(service: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = service.get("environment", {})
    return found


def test_no_secret_has_a_default_or_stands_in_the_file() -> None:
    assert all(set(each) == {"file"} and each["file"].startswith("./secrets/") for each in COMPOSE["secrets"].values())
    for service in SERVICES.values():
        for name, value in environment(service).items():
            if re.search(r"PASSWORD|SECRET|KEY|DATABASE_URL", name):
                assert name.endswith("_FILE") and value.startswith("/run/secrets/"), name
                assert value.removeprefix("/run/secrets/") in service["secrets"], name
        for secret in service.get("secrets", ()):
            assert secret in COMPOSE["secrets"]
            assert f"/run/secrets/{secret}" in environment(service).values()


def test_the_worker_has_nothing_of_githubs_and_no_way_out() -> None:
    worker = SERVICES["worker"]
    assert not any(name.startswith("CCOPILOT_GITHUB") for name in environment(worker))
    assert worker["secrets"] == ["database-url"] and worker["networks"] == ["inside"] and "ports" not in worker
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["database"]["networks"] == SERVICES["chroma"]["networks"] == ["inside"]


def test_ours_may_do_no_more_than_they_need() -> None:
    for name, each in OURS.items():
        assert each["read_only"] and each["cap_drop"] == ["ALL"] and each["security_opt"] == ["no-new-privileges"], name
        assert "privileged" not in each and "user" not in each
    published = [port for each in SERVICES.values() for port in each.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in published) and len(published) == 2


def test_whoever_waits_for_another_waits_until_it_is_well() -> None:
    for each in SERVICES.values():
        for name, how in each.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"} and "healthcheck" in SERVICES[name]


def test_the_settings_are_ones_that_something_reads() -> None:
    read = set()
    for folder in ("copilot", "github_app"):
        for path in (TOP / folder).rglob("*.py"):
            read |= set(re.findall(r"(?:CCOPILOT|OPENAI)_[A-Z_]+", path.read_text("utf-8")))
    for each in OURS.values():
        assert {name.removesuffix("_FILE") for name in environment(each)} <= read
