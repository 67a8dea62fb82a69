"""The control library says what it says: whole, consistent, and strict about what it is fed."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from typing import Any

import pytest
from pydantic import ValidationError

from copilot import controls
from copilot.controls import Control, EvidenceNeed, Framework, Mapping
from copilot.errors import CorpusInvalid, UnknownId
from copilot.model import Severity

CONTROL = """\
id: door-locked
title: "Doors are locked"
statement: "Every door is locked at night."
rationale: "Open doors invite."
risk: "Somebody comes in."
severity: high
guidance: "Turn the key."
owner_role: janitor
environments: [all]
evidence:
  - proves: "the door was locked"
    how: "the round's log"
    every: P1D
mappings:
  - {framework: HOUSE-2.0, requirement: "2.10", relationship: intersects, source: "judgement: the same", opinion: true}
  - {framework: HOUSE-2.0, requirement: "2.9", relationship: superset, source: "rules.txt#9", opinion: false}
  - {framework: ALLEY, requirement: "A.1", relationship: subset, source: "alley.txt", opinion: false}
"""

FRAMEWORK = """\
id: HOUSE-2.0
name: "House rules"
version: "2.0"
publisher: "The landlady"
url: https://house.example/rules
license: "ids only"
requirements:
  "2.9": "Doors have locks"
  "2.10": "Locks are used"
"""


def parse(text: str) -> Control:
    return controls.parse_control("controls/door-locked.yaml", text.encode())


def refusal(text: str, *, file: str = "controls/door-locked.yaml") -> str:
    with pytest.raises(CorpusInvalid) as caught:
        controls.parse_control(file, text.encode())
    return str(caught.value)


def test_a_control_reads_as_written() -> None:
    assert parse(CONTROL) == Control(
        id="door-locked",
        title="Doors are locked",
        statement="Every door is locked at night.",
        rationale="Open doors invite.",
        risk="Somebody comes in.",
        severity=Severity.HIGH,
        guidance="Turn the key.",
        owner_role="janitor",
        environments=("all",),
        evidence=(EvidenceNeed(proves="the door was locked", how="the round's log", every="P1D"),),
        mappings=(
            Mapping(
                framework="HOUSE-2.0",
                requirement="2.10",
                relationship="intersects",
                source="judgement: the same",
                opinion=True,
            ),
            Mapping(
                framework="HOUSE-2.0", requirement="2.9", relationship="superset", source="rules.txt#9", opinion=False
            ),
            Mapping(framework="ALLEY", requirement="A.1", relationship="subset", source="alley.txt", opinion=False),
        ),
    )


def test_requirements_are_listed_by_framework_with_numbers_by_value() -> None:
    control = parse(CONTROL)
    assert control.by_framework() == {"ALLEY": ["A.1"], "HOUSE-2.0": ["2.9", "2.10"]}
    assert list(control.by_framework()) == ["ALLEY", "HOUSE-2.0"]
    assert control.requirements("HOUSE-2.0") == ["2.9", "2.10"]
    assert control.requirements("ROOF-1") == []


def test_a_control_cannot_be_changed() -> None:
    control: Any = parse(CONTROL)
    with pytest.raises(ValidationError, match="frozen"):
        control.title = "Doors are open"


def test_a_framework_reads_as_written_and_cannot_be_changed() -> None:
    framework = controls.parse_framework("frameworks/house-2.0.yaml", FRAMEWORK.encode())
    assert framework.model_dump() == {
        "id": "HOUSE-2.0",
        "name": "House rules",
        "version": "2.0",
        "publisher": "The landlady",
        "url": "https://house.example/rules",
        "license": "ids only",
        "requirements": {"2.9": "Doors have locks", "2.10": "Locks are used"},
    }
    with pytest.raises(TypeError):
        framework.requirements["2.11"] = "Anything goes"  # type: ignore[index]


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("owner_role:", "owner:", "owner_role: Field required; controls/door-locked.yaml: owner: no such field"),
        ("    every: P1D", "    every: P1D\n    when: now", "evidence.0.when: no such field"),
        ("severity: high", "severity: huge", "severity: 'huge' is not one of critical, high, medium, low"),
        ('"Turn the key."', '" "', r"guidance: String should match pattern '\S'"),
        ("every: P1D", "every: daily", "evidence.0.every: String should match pattern '^(change|P[1-9][0-9]*[DWMY])$'"),
        ("[all]", "[all, production]", "environments is [all], or names without it"),
        ("[all]", "[]", "environments: must not be empty"),
        ('"2.10"', "2.10", "mappings.0.requirement: Input should be a valid string"),
        ('"2.10"', '"2.9"', "mappings holds HOUSE-2.0 2.9 twice"),
        (
            "relationship: subset",
            "relationship: like",
            "mappings.2.relationship: Input should be 'equal', 'subset', 'superset' or 'intersects'",
        ),
    ],
)
def test_what_a_control_does_not_allow_is_refused_by_file_and_field(written: str, instead: str, complaint: str) -> None:
    assert refusal(CONTROL.replace(written, instead)) == f"controls/door-locked.yaml: {complaint}"


@pytest.mark.parametrize(
    ("written", "instead", "index"),
    [
        ('source: "rules.txt#9", opinion: false', 'source: "rules.txt#9", opinion: true', 1),
        ('same", opinion: true', 'same", opinion: false', 0),
    ],
)
def test_an_opinion_never_passes_for_published_nor_the_other_way_round(written: str, instead: str, index: int) -> None:
    assert refusal(CONTROL.replace(written, instead)) == (
        f"controls/door-locked.yaml: mappings.{index}: opinion is true exactly when the source starts with 'judgement'"
    )


@pytest.mark.parametrize("part", ["evidence", "mappings"])
def test_a_control_without_evidence_or_mappings_is_refused(part: str) -> None:
    lines = CONTROL.splitlines()
    start = lines.index(f"{part}:")
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    assert refusal("\n".join([*lines[:start], f"{part}: []", *lines[end:]])) == (
        f"controls/door-locked.yaml: {part}: must not be empty"
    )


def test_a_key_that_stands_twice_is_refused_at_any_depth() -> None:
    assert refusal(CONTROL + 'title: "Doors are open"\n') == (
        "controls/door-locked.yaml: line 18: the key 'title' stands twice"
    )
    assert refusal(CONTROL.replace("    every: P1D", "    every: P1D\n    how: asked")) == (
        "controls/door-locked.yaml: line 14: the key 'how' stands twice"
    )


def test_a_framework_with_a_requirement_twice_is_refused() -> None:
    with pytest.raises(CorpusInvalid, match=r"^frameworks/house-2\.0\.yaml: line 10: the key '2\.9' stands twice$"):
        controls.parse_framework("frameworks/house-2.0.yaml", (FRAMEWORK + '  "2.9": "Again"\n').encode())


def test_what_is_not_yaml_or_not_a_mapping_is_refused() -> None:
    assert refusal("id: [\n") == "controls/door-locked.yaml: line 2: did not find expected node content"
    assert refusal("- door") == ("controls/door-locked.yaml: Input should be a valid dictionary or instance of Control")
    assert refusal("!!python/object/apply:os.system [ls]").startswith(
        "controls/door-locked.yaml: line 1: could not determine a constructor"
    )
    assert refusal("\x00").startswith("controls/door-locked.yaml: ")


def test_the_file_is_named_after_the_id() -> None:
    assert refusal(CONTROL, file="controls/door-open.yaml") == (
        "controls/door-open.yaml: id: 'door-locked' is not the file's name"
    )
    with pytest.raises(CorpusInvalid, match=r"^frameworks/house\.yaml: id: 'HOUSE-2\.0' is not the file's name$"):
        controls.parse_framework("frameworks/house.yaml", FRAMEWORK.encode())


def test_a_mapping_to_a_requirement_that_no_framework_has_is_found() -> None:
    control = parse(CONTROL)
    framework = controls.parse_framework("frameworks/house-2.0.yaml", FRAMEWORK.replace("2.10", "2.11").encode())
    assert controls.unresolved([control], {"HOUSE-2.0": framework}) == [
        ("door-locked", control.mappings[0]),
        ("door-locked", control.mappings[2]),
    ]


@pytest.mark.parametrize("id", ["door-locked", "", "../frameworks/hipaa", "/etc/passwd", "Access-Review", "sbom.yaml"])
def test_an_unknown_control_is_unknown_and_never_a_path(id: str) -> None:
    with pytest.raises(UnknownId) as caught:
        controls.control(id)
    assert str(caught.value) == f"no control is called {id!r}"


def test_one_control_is_the_same_as_in_the_whole_library() -> None:
    assert controls.control("storage-no-public-access") == controls.load_controls()["storage-no-public-access"]
    assert controls.framework("hipaa") == controls.framework("HIPAA") == controls.load_frameworks()["HIPAA"]


def opened(program: str) -> list[str]:
    """The library's files that a fresh interpreter opens while it runs `program`."""
    watch = (
        "import os, sys\n"
        "def note(event, args):\n"
        "    if event == 'open' and str(args[0]).endswith('.yaml'):\n"
        "        print(os.path.basename(args[0]))\n"
        "sys.addaudithook(note)\n"
    )
    done = subprocess.run([sys.executable, "-c", watch + program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_importing_reads_nothing_and_one_control_reads_one_file_once() -> None:
    assert opened("import copilot.controls") == []
    assert opened("from copilot.controls import control; control('sbom'); control('sbom')") == ["sbom.yaml"]


def test_the_library_is_every_file_of_its_folders_sorted_by_id() -> None:
    corpus = resources.files("corpus")
    assert list(controls.load_controls()) == sorted(f.name[:-5] for f in (corpus / "controls").iterdir())
    assert [f"{id.lower()}.yaml" for id in sorted(controls.load_frameworks(), key=str.lower)] == sorted(
        f.name for f in (corpus / "frameworks").iterdir()
    )


def test_every_mapping_resolves_to_a_requirement() -> None:
    assert controls.unresolved(controls.load_controls().values(), controls.load_frameworks()) == []


def test_every_requirement_listed_is_answered_by_a_control() -> None:
    answered = {(m.framework, m.requirement) for control in controls.load_controls().values() for m in control.mappings}
    listed = {(each.id, id) for each in controls.load_frameworks().values() for id in each.requirements}
    assert listed - answered == set()


def test_each_framework_is_reached_by_this_many_controls_requirements_and_opinions() -> None:
    library = controls.load_controls().values()

    def reach(framework: Framework) -> tuple[int, int, int]:
        mappings = [m for control in library for m in control.mappings if m.framework == framework.id]
        return (
            sum(1 for control in library if control.requirements(framework.id)),
            len({m.requirement for m in mappings}),
            sum(m.opinion for m in mappings),
        )

    assert {id: reach(framework) for id, framework in controls.load_frameworks().items()} == {
        "CIS-AWS-3.0": (26, 41, 0),
        "CIS-AWS-5.0": (27, 42, 0),
        "CIS-AWS-7.0": (28, 44, 1),
        "CIS-GitHub-1.2.0": (7, 13, 0),
        "CIS-K8s-1.11": (11, 30, 0),
        "CIS-K8s-2.0.1": (11, 28, 0),
        "FedRAMP-20x-KSI": (58, 39, 16),
        "FedRAMP-Rev5-Moderate": (59, 91, 11),
        "HIPAA": (41, 29, 10),
        "ISO27001-2022-AnnexA": (59, 48, 32),
        "NIST-800-53B-Moderate": (59, 88, 11),
        "NIST-800-53r5": (59, 103, 63),
        "NIST-SSDF-1.1": (16, 20, 13),
        "PCI-DSS-4.0": (54, 63, 49),
        "SOC2-TSC-2017": (59, 27, 65),
    }


def test_no_mapping_claims_to_be_equal() -> None:
    """Two texts by different authors are hardly ever the same demand; a first claim of it should be looked at."""
    claims = [
        (control.id, m.framework, m.requirement)
        for control in controls.load_controls().values()
        for m in control.mappings
        if m.relationship == "equal"
    ]
    assert claims == []


def test_the_record_of_each_change_is_evidence_except_for_what_no_pull_request_decides() -> None:
    assert [
        control.id
        for control in controls.load_controls().values()
        if all(need.every != "change" for need in control.evidence)
    ] == [
        "access-review",
        "backup-restore-testing",
        "certificate-lifecycle",
        "evidence-integrity-retention",
        "incident-response-readiness",
        "mfa-root-and-console",
        "root-account-no-keys",
        "security-contacts",
        "unused-credentials-disabled",
    ]


def test_prose_is_whole_sentences_and_titles_and_evidence_are_none() -> None:
    endings = {
        (control.id, field): text[-1]
        for control in controls.load_controls().values()
        for field, text in [
            ("title", control.title),
            ("statement", control.statement),
            ("rationale", control.rationale),
            ("risk", control.risk),
            ("guidance", control.guidance),
            *((f"evidence.{i}", need.proves) for i, need in enumerate(control.evidence)),
        ]
    }
    sentences = {"statement", "rationale", "risk", "guidance"}
    assert [key for key, ending in endings.items() if (ending == ".") != (key[1] in sentences)] == []
