"""second_opinion: a Checkov of its own environment sees nothing new, or the draft is not shown."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from copilot import gate
from copilot.iac import facts
from copilot.model import Approved, Withheld
from copilot.scanners.checkov import VARIABLE, Checkov, CheckovFailed, find, read
from tests.trees import key
from tests.validators.cases import FIXED, TREE, adding, case
from validators import second_opinion
from validators.case import Tools

FAKE = """#!{python} -I
import json, os, pathlib, sys, time
here = pathlib.Path(sys.argv[sys.argv.index("--directory") + 1])
text = "".join(p.read_text() for p in sorted(here.rglob("*.tf")))
with open({log!r}, "a") as log:
    log.write(json.dumps({{"files": sorted(str(p.relative_to(here)) for p in here.rglob("*") if p.is_file()),
        "environment": sorted(os.environ), "home": os.listdir(os.environ["HOME"]), "arguments": sys.argv[1:]}}) + "\\n")
{body}
"""
REPORT = """
rows = [{"check_id": word.split("@")[0], "resource": word.split("@")[1]} for word in text.split() if "@aws" in word]
print(json.dumps({"check_type": "terraform", "results": {"failed_checks": rows, "passed_checks": [{"check_id": "CKV_OK", "resource": "aws_kms_key.k"}], "skipped_checks": [], "parsing_errors": [str(here) + "/main.tf"] if "UNREADABLE" in text else []}, "summary": {}}))
"""


class Fake:
    """A program that speaks as Checkov does: it finds each `ID@ADDRESS` that is written in a file."""

    def __init__(self, folder: Path, body: str = REPORT, seconds: float = 20.0) -> None:
        self.log = folder / "log"
        program = folder / "checkov"
        program.write_text(FAKE.format(python=sys.executable, log=str(self.log), body=body))
        program.chmod(0o755)
        self.tools = Tools(Checkov(program, seconds))

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def opinion(fake: Fake, after: dict[str, str], before: dict[str, str] | None = None) -> tuple[str, str]:
    verdict = second_opinion.check(case(before or TREE, after, tools=fake.tools))
    return verdict.outcome, verdict.reason


def test_nothing_new_passes_and_each_tree_is_looked_at_once(tmp_path: Path) -> None:
    fake = Fake(tmp_path)
    assert opinion(fake, FIXED) == ("pass", "Checkov finds nothing new")
    assert opinion(fake, adding("# a word\n")) == ("pass", "Checkov finds nothing new")
    assert len(fake.calls) == 3


def test_what_it_finds_after_and_not_before_refuses(tmp_path: Path) -> None:
    after = adding("# CKV_AWS_999@aws_kms_key.k \n")
    assert opinion(Fake(tmp_path), after) == (
        "fail", "Checkov finds CKV_AWS_999 at aws_kms_key.k, which it did not before",
    )  # fmt: skip
    before = {"main.tf": key() + "# CKV_AWS_999@aws_kms_key.k \n"}
    assert opinion(Fake(tmp_path), after, before)[0] == "pass"


def test_what_the_target_is_known_as_must_be_gone(tmp_path: Path) -> None:
    known = "# CKV_AWS_7@aws_kms_key.k \n"
    outcome, reason = opinion(Fake(tmp_path), adding(known), {"main.tf": key() + known})
    assert (outcome, reason) == (
        "fail",
        "Checkov still finds CKV_AWS_7 at aws_kms_key.k, which is aws-kms-key-rotation to it",
    )


def test_what_is_disputed_is_listed_with_nothing_refused(tmp_path: Path) -> None:
    after = adding("# CKV_AWS_71@aws_redshift_cluster.w \n")
    assert opinion(Fake(tmp_path), after) == (
        "pass", "Checkov finds nothing new; listed only: CKV_AWS_71 at aws_redshift_cluster.w",
    )  # fmt: skip
    assert opinion(Fake(tmp_path), adding("# CKV_AWS_71@aws_kms_key.k \n"))[0] == "fail"


def test_on_a_new_resource_only_what_nobody_holds_for_less_grave_refuses(tmp_path: Path) -> None:
    assert opinion(Fake(tmp_path), adding("# CKV_UNKNOWN@aws_sns_topic.t \n"))[0] == "fail"


def test_a_file_that_it_cannot_read_any_more_refuses(tmp_path: Path) -> None:
    assert opinion(Fake(tmp_path), adding("# UNREADABLE\n")) == ("fail", "Checkov cannot read main.tf any more")


def test_it_sees_the_files_of_the_format_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    fake = Fake(tmp_path)
    files = {
        **TREE,
        ".checkov.yaml": "external-checks-dir: [x]\n",
        "x/check.py": "raise SystemExit\n",
        "README.md": "r",
    }
    opinion(fake, {**files, **FIXED}, files)
    (first, _) = fake.calls
    assert first["files"] == ["main.tf"]
    assert first["home"] == []
    assert not {"AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & set(first["environment"])
    assert {"HOME", "PATH", "TMPDIR"} <= set(first["environment"])
    assert not any("external" in word and "download" not in word for word in first["arguments"])
    direct = fake.tools.checkov
    assert direct is not None
    direct.opinion({"a.tf": b"", ".checkov.yaml": b"", "x/.hidden.tf": b"", "a.py": b""}, "terraform")
    assert fake.calls[-1]["files"] == ["a.tf"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.stderr.write('Traceback\\nBoom: no'); sys.exit(2)", "Checkov ended with 2: Boom: no"),
        ("os.kill(os.getpid(), 9)", "Checkov ended with -9: it said nothing"),
        ("print('no JSON')", "what Checkov wrote is not its report: JSONDecodeError"),
        ("print('[' * 100000)", "what Checkov wrote is not its report: RecursionError"),
        ("print('{}')", "what Checkov wrote is not its report"),
        ("print('[1]')", "what Checkov wrote is not its report: TypeError"),
        ('print(\'{"results": {"failed_checks": [{}]}}\')', "what Checkov wrote is not its report: KeyError"),
    ],
)
def test_a_tool_that_does_not_answer_leaves_it_unknown(tmp_path: Path, body: str, reason: str) -> None:
    assert opinion(Fake(tmp_path, body), FIXED) == ("unknown", reason)


def test_a_tool_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    body = f"import subprocess\np = subprocess.Popen(['sleep', '300'])\nopen({str(child)!r}, 'w').write(str(p.pid))\np.wait()"
    start = time.monotonic()
    assert opinion(Fake(tmp_path, body, seconds=1.5), FIXED) == ("unknown", "Checkov took longer than 1.5 s")
    assert time.monotonic() - start < 15
    state = Path(f"/proc/{child.read_text()}/stat")
    for _ in range(100):
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        pytest.fail("what it started still runs")


def test_without_a_tool_it_does_not_apply_unless_it_is_demanded() -> None:
    assert second_opinion.check(case()).outcome == "not_applicable"
    assert second_opinion.check(case(tools=Tools(demanded=True))).outcome == "unknown"


def test_a_program_that_is_not_there_leaves_it_unknown(tmp_path: Path) -> None:
    gone = Tools(Checkov(tmp_path / "gone"))
    assert second_opinion.check(case(tools=gone)).outcome == "unknown"


def test_the_gate_wants_the_opinion_exactly_where_somebody_can_give_it(tmp_path: Path) -> None:
    fake = Fake(tmp_path)
    assert isinstance(gate.judge(case(origin="recipe", tools=fake.tools)), Approved)
    asked = case(origin="recipe", tools=fake.tools)
    silent = [v for v in gate.examine(asked) if v.validator != "second_opinion"]
    refused = gate.decide(asked, silent)
    assert isinstance(refused, Withheld)
    assert refused.reason == "no verdict of second_opinion"
    assert "second_opinion" not in gate.required("recipe")


def test_it_is_found_by_its_variable_or_on_the_path_outside_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Fake(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    assert find() == Checkov(tmp_path / "checkov")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert find() is None
    monkeypatch.setenv(VARIABLE, "/opt/checkov/bin/checkov")
    assert find() == Checkov(Path("/opt/checkov/bin/checkov"))
    monkeypatch.setenv(VARIABLE, "")
    assert find() is None


def test_suppressed_findings_count_and_instance_keys_do_not() -> None:
    row = {"check_id": "CKV_A", "resource": 'module.m["x"].aws_vpc.v[0]'}
    report = json.dumps([{"results": {"failed_checks": [], "skipped_checks": [row]}}, {"passed": 0}])
    assert read(report).found == {("CKV_A", "module.m.aws_vpc.v")}


def test_what_is_disputed_says_why_and_names_types_that_exist() -> None:
    for (id, type), row in second_opinion.disputed().items():
        assert re.fullmatch(r"CKV2?_[A-Z]+_\d+", id)
        assert facts.resource_type(type) is not None
        assert len(row.reason) > 30
        assert row.source


# --- the real one -----------------------------------------------------------------------------------------------

real = pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no Checkov")


@real
def test_the_real_one_agrees_with_a_repair_and_sees_what_is_new() -> None:
    tool = find()
    assert tool is not None
    tools = Tools(tool)
    assert second_opinion.check(case(tools=tools)).outcome == "pass"
    opened = adding('resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n')
    verdict = second_opinion.check(case(after=opened, tools=tools))
    assert verdict.outcome == "fail"
    assert "at aws_s3_bucket.b" in verdict.reason


@real
def test_the_real_one_runs_nothing_that_the_repository_brings(tmp_path: Path) -> None:
    tool = find()
    assert tool is not None
    mark = tmp_path / "ran"
    files = {"main.tf": key().encode(), ".checkov.yaml": f"external-checks-dir: [{tmp_path}]\n".encode()}
    (tmp_path / "evil.py").write_text(f"open({str(mark)!r}, 'w')\n")
    assert ("CKV_AWS_7", "aws_kms_key.k") in tool.opinion(files, "terraform").found
    assert not mark.exists()
    with pytest.raises(CheckovFailed):
        tool.__class__(tool.program, 0.01).opinion({"main.tf": b"# other\n"}, "terraform")
