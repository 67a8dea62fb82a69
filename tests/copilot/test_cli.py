"""The command line: a report on stdout, notes on stderr, and an exit code that says how it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from copilot import __version__, render, wiring
from copilot.llm.scripted import Scripted
from tests.copilot.llm.endpoint import says, serving
from tests.trees import ACLS, KEY, QUEUE, SSH, VOLUME, Repository, group, key, queue, volume, write

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # typer asks click for names that are going away
    from copilot import cli

FILES = {"main.tf": volume() + key() + group("0.0.0.0/0")}
NOW = ("--now", "2026-11-23")


class Said(NamedTuple):
    code: int
    out: str
    err: str


Ccopilot = Callable[..., Said]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def ccopilot(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ccopilot:
    """Run the command in this process, in `tmp_path`, with state of its own."""
    monkeypatch.setenv("CCOPILOT_HOME", str(home))
    monkeypatch.delenv("CCOPILOT_TRACEBACK", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["ccopilot", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


def checks(said: Said) -> list[str]:
    return [finding["check"] for finding in json.loads(said.out)["findings"]]


def only(*ids: str) -> list[str]:
    return [part for id in ids for part in ("--check", id)]


# --- the program itself --------------------------------------------------------------------------------------------


def shell(home: Path, folder: Path, *args: str, **more: str) -> Said:
    environment = {
        **os.environ,
        "CCOPILOT_HOME": str(home),
        "PYTHONPATH": str(Path(cli.__file__).parent.parent),
        **more,
    }
    command = [sys.executable, "-m", "copilot.cli", *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


def test_exit_codes_and_streams_reach_the_shell(home: Path, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found = shell(home, tmp_path, "scan", "--format", "json", *only(VOLUME))
    assert (found.code, checks(found), found.err) == (1, [VOLUME], "")
    assert shell(home, tmp_path, "scan", *only(QUEUE)).code == 0
    assert shell(home, tmp_path, "scan", "nowhere") == Said(
        3, "", "error: nowhere: not a folder\n  help: name a folder, or leave the path out for this one\n"
    )
    assert shell(home, tmp_path, "--version") == Said(0, f"ccopilot {__version__}\n", "")


def test_a_reader_that_goes_away_is_no_success_and_no_noise(home: Path, tmp_path: Path) -> None:
    write(tmp_path, {f"m{i}/main.tf": volume() for i in range(60)})
    environment = {**os.environ, "CCOPILOT_HOME": str(home), "PYTHONPATH": str(Path(cli.__file__).parent.parent)}
    command = [sys.executable, "-m", "copilot.cli", "scan", "--format", "json", *only(VOLUME)]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout and process.stderr
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (said, process.wait()) == (b"", 1)


def test_a_bug_of_ours_asks_to_be_reported_and_ends_with_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CCOPILOT_TRACEBACK", raising=False)
    with pytest.raises(SystemExit) as ended:
        cli._last_words(ValueError("oh"))
    assert (ended.value.code, capsys.readouterr().err) == (
        70,
        f"error: a bug in ccopilot {__version__}: ValueError: oh\n"
        "  help: run it again with CCOPILOT_TRACEBACK=1 and report what it prints\n",
    )


# --- usage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("scan", "--format", "pdf"), "--format pdf: not one of "),
        (("review", "--format", "pdf"), "--format pdf: not one of "),
        (("judge", "--base", "x", "--format", "html"), "--format html: not one of terminal, json"),
        (("scan", "--for", "gitlab"), "--for gitlab: only github reads SARIF in a way of its own"),
        (("scan", "--output", "report.pdf"), "--output report.pdf: the suffix is not one of "),
        (("scan", "--severity", "awful"), "--severity: 'awful' is not one of "),
        (("scan", "--fail-on", "awful"), "--fail-on: 'awful' is not one of "),
        (("scan", "--now", "soon"), "--now soon: not a date"),
        (("scan", "--check", "no-such-check"), "no check is known as 'no-such-check'"),
        (("scan", "--skip", "no-such-check"), "no check is known as 'no-such-check'"),
        (("scan", "--environment", "prod"), "--environment prod names what --var-file or --plan says"),
        (("scan", "--var-file", "no.tfvars"), "--var-file no.tfvars: there is no such file in ."),
        (("scan", "--plan", "no.json"), "no.json: No such file or directory"),
        (("scan", "--plan", "main.tf"), "main.tf: not JSON"),
        (("scan", "--policy", "main.tf"), "main.tf:"),
        (("scan", "--baseline", "main.tf"), "main.tf:"),
        (("scan", "no-such-folder"), "no-such-folder: not a folder"),
        (("fix", "--diff", "--write"), "--diff and --write exclude each other"),
        (("review", "--base", "no-such-revision"), ""),
        (("explain", "nothing"), "no finding is known as 'nothing'"),
        (("baseline", "write", "main.tf"), "main.tf: not a folder"),
        (("waiver", "request", KEY, "a.b", "--until", "soon", "--reason", "r", "--owner", "o"), "--until soon: not a date"),
        (("waiver", "request", KEY, "a.b", "--until", "2027-01-01", "--reason", " ", "--owner", "o"), "a waiver needs its reason"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)  # fmt: skip
def test_what_is_asked_wrongly_ends_with_3_and_one_line_of_help(
    ccopilot: Ccopilot, tmp_path: Path, args: tuple[str, ...], message: str
) -> None:
    write(tmp_path, FILES)
    said = ccopilot(*args)
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith(f"error: {message}")
    assert "Traceback" not in said.err and "bug" not in said.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["main.tf"]


@pytest.mark.parametrize("args", [("scan", "--nonsense"), ("nonsense",), ("waiver", "request"), ("judge",)])
def test_what_the_parser_refuses_ends_with_3_too(ccopilot: Ccopilot, args: tuple[str, ...]) -> None:
    said = ccopilot(*args)
    assert (said.code, said.out) == (3, "")
    assert "Usage:" in said.err


@pytest.mark.parametrize(
    "command", ["", "review", "scan", "fix", "judge", "explain", "init", "baseline", "waiver", "corpus"]
)
def test_every_command_has_help(ccopilot: Ccopilot, command: str) -> None:
    said = ccopilot(*filter(None, [command]), "--help")
    assert (said.code, said.err) == (0, "")
    assert "Usage:" in said.out


def test_a_policy_that_does_not_read_is_named_with_its_line(ccopilot: Ccopilot, tmp_path: Path) -> None:
    Repository(tmp_path, {**FILES, ".compliance/copilot.yaml": "version: 1\nenforcment: observe\n"})
    for command in ("scan", "review", "fix"):
        said = ccopilot(command)
        assert said.code == 3
        assert said.err.startswith(
            "error: .compliance/copilot.yaml:2: there is no field 'enforcment'; did you mean 'enforcement'?"
        )


# --- scan ----------------------------------------------------------------------------------------------------------


def test_checks_are_chosen_by_our_ids_and_those_of_peers(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert checks(ccopilot("scan", "-f", "json", "--check", "CKV_AWS_7", "--check", VOLUME)) == [VOLUME, KEY]
    assert checks(ccopilot("scan", "-f", "json", *only(VOLUME, KEY), "--skip", "ckv_aws_7")) == [VOLUME]
    assert checks(ccopilot("scan", "-f", "json", *only(VOLUME, KEY, SSH), "--severity", "critical")) == [SSH]
    ends = [ccopilot("scan", *only(KEY), "--fail-on", each).code for each in ("low", "medium", "high")]
    assert ends == [1, 1, 0]


@pytest.mark.parametrize("format", ["terminal", "markdown", "json", "sarif", "html"])
def test_each_format_is_the_same_twice_and_goes_to_a_file_too(ccopilot: Ccopilot, tmp_path: Path, format: str) -> None:
    assert set(render.FORMATS) == {"terminal", "markdown", "json", "sarif", "html"}
    write(tmp_path, FILES)
    first = ccopilot("scan", "-f", format, *only(VOLUME, KEY), *NOW)
    second = ccopilot("scan", "-f", format, *only(VOLUME, KEY), *NOW)
    assert first == second
    assert (first.code, first.err, VOLUME in first.out or "EBS" in first.out) == (1, "", True)


def test_several_reports_are_written_and_their_folders_made(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    names = ("out/r.html", "out/r.sarif", "out/r.md", "out/r.json", "out/deep/r.txt")
    assert ccopilot("scan", *only(VOLUME), *(part for name in names for part in ("-o", name))).code == 1
    assert all((tmp_path / name).stat().st_size for name in names)
    assert json.loads((tmp_path / "out/r.sarif").read_text())["version"] == "2.1.0"
    write(tmp_path, {"file": ""})
    said = ccopilot("scan", *only(VOLUME), "-o", "file/r.md")
    assert (said.code, said.err) == (3, "error: file/r.md: File exists\n  help: name a place that can be written\n")


def test_statistics_go_to_stderr(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'variable "e" {}\n' + volume(encrypted="var.e")})
    said = ccopilot("scan", "--stats", *only(VOLUME))
    assert (said.code, said.err) == (0, "1 evaluations, 1 undecided (100.0 %)\n      1  variable\n")


def test_variable_files_make_an_environment(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'variable "e" {}\n' + volume(encrypted="var.e"), "a.tfvars": "e = false\n"})
    said = ccopilot("scan", "-f", "json", *only(VOLUME), "--var-file", "a.tfvars", "--environment", "prod")
    (found,) = json.loads(said.out)["findings"]
    assert (said.code, found["environments"], found["place"]["path"]) == (1, ["prod"], "a.tfvars")


def test_a_plan_fills_in_what_is_open(ccopilot: Ccopilot, tmp_path: Path) -> None:
    resource = {
        "address": "aws_ebs_volume.v",
        "mode": "managed",
        "type": "aws_ebs_volume",
        "name": "v",
        "values": {"encrypted": False},
    }
    plan = {"format_version": "1.2", "planned_values": {"root_module": {"resources": [resource]}}}
    write(tmp_path, {"main.tf": 'variable "e" {}\n' + volume(encrypted="var.e"), "plan.json": json.dumps(plan)})
    assert ccopilot("scan", *only(VOLUME)).code == 0
    assert checks(ccopilot("scan", "-f", "json", *only(VOLUME), "--plan", "plan.json")) == [VOLUME]


def test_what_cannot_be_read_ends_with_2(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": b"resource \xff {}\n", "other.tf": queue()})
    said = ccopilot("scan", *only(VOLUME))
    assert (said.code, "incomplete" in said.out) == (2, True)


def test_a_name_that_is_no_text_breaks_no_report(ccopilot: Ccopilot, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.tf")
    try:
        (tmp_path / name).write_text(volume())
    except OSError:
        pytest.skip("this file system takes names that are text only")
    for format in render.FORMATS:
        said = ccopilot("scan", "-f", format, *only(VOLUME), "-o", "out/r.html", "-o", "out/r.json")
        assert (said.code, said.err) == (1, "")


# --- review, fix, judge --------------------------------------------------------------------------------------------


def test_a_change_is_reviewed_end_to_end(ccopilot: Ccopilot, tmp_path: Path) -> None:
    repository = Repository(tmp_path, {"a/main.tf": key("old"), "b/main.tf": queue()})
    repository.write({"a/new.tf": volume()})
    said = ccopilot("review", "-f", "json", *only(VOLUME, KEY), *NOW)
    data = json.loads(said.out)
    assert said.code == 1
    assert [(f["check"], f["relation"]) for f in data["findings"]] == [(VOLUME, "introduced"), (KEY, "existing")]
    assert said == ccopilot("review", "-f", "json", *only(VOLUME, KEY), *NOW)
    assert ccopilot("review", "b", *only(VOLUME)).code == 0
    assert ccopilot("review", "--base", "main", "--head", "HEAD", *only(VOLUME)).code == 0
    assert ccopilot("review", "nowhere").code == 3


def test_a_change_cannot_loosen_its_own_review(ccopilot: Ccopilot, tmp_path: Path) -> None:
    repository = Repository(tmp_path, {"main.tf": queue(), ".compliance/copilot.yaml": "version: 1\n"})
    repository.write({
        "new.tf": volume(), ".compliance/copilot.yaml": f"version: 1\nenforcement: observe\nskip: [{VOLUME}]\n",
        ".compliance/waivers.yaml": f"version: 1\nwaivers:\n  - {{check: {VOLUME}, address: aws_ebs_volume.v, until: 2027-01-31, reason: r, owner: o}}\n",
    })  # fmt: skip
    said = ccopilot("review", "-f", "json", *only(VOLUME), *NOW)
    (found,) = json.loads(said.out)["findings"]
    assert (said.code, found["exempt"], found["requested"].startswith("a waiver until 2027-01-31")) == (1, None, True)
    repository.commit()
    assert ccopilot("scan", *only(VOLUME), *NOW).code == 0


def test_a_fix_is_printed_and_written(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": key() + volume()})
    shown = ccopilot("fix", *only(KEY, VOLUME))
    assert (shown.code, shown.out.startswith("diff --git a/main.tf b/main.tf\n")) == (0, True)
    assert shown.err.startswith("would write 1 approved patch for 1 finding in 1 file\n")
    assert "--allow-replace 'aws_ebs_volume.v'" in shown.err
    assert (tmp_path / "main.tf").read_text() == key() + volume()
    written = ccopilot("fix", "main.tf", "--write", *only(KEY, VOLUME))
    assert (written.code, written.out, written.err.partition("\n")[0]) == (
        0,
        "",
        "wrote 1 approved patch for 1 finding in 1 file",
    )
    assert checks(ccopilot("scan", "-f", "json", *only(KEY, VOLUME))) == [VOLUME]
    ccopilot("fix", "--write", "--allow-replace", "aws_ebs_volume.v", *only(KEY, VOLUME))
    assert ccopilot("scan", *only(KEY, VOLUME)).code == 0
    assert ccopilot("fix", *only(KEY, VOLUME)) == Said(0, "", "there is no approved patch to write\n")


def test_a_patch_is_judged(ccopilot: Ccopilot, tmp_path: Path) -> None:
    good = key().replace('"k"\n', '"k"\n  enable_key_rotation = true\n')
    write(tmp_path, {"before/main.tf": key(), "good/main.tf": good, "gone/main.tf": queue()})
    said = ccopilot("judge", "--base", "before", "--head", "good", "--check", "CKV_AWS_7", "-f", "json")
    data = json.loads(said.out)
    assert (said.code, said.err, data["approved"], [f["check"] for f in data["findings"]]) == (0, "", True, [KEY])
    refused = ccopilot("judge", "--base", "before", "--head", "gone")
    assert (refused.code, refused.out.startswith("not approved: ")) == (1, True)
    assert ccopilot("judge", "--base", "before", "--head", "nowhere").code == 3


def test_a_finding_is_explained_by_its_name_and_by_its_check(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    name = json.loads(ccopilot("scan", "-f", "json", *only(VOLUME)).out)["findings"][0]["fingerprint"]
    by_name, by_check = ccopilot("explain", name), ccopilot("explain", f"{VOLUME}@aws_ebs_volume.v")
    assert (by_name.code, by_name) == (0, by_check)
    assert "main.tf:4" in by_name.out


# --- init, baseline, waivers, corpus -------------------------------------------------------------------------------


def test_init_then_scan_observes(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    said = ccopilot("init")
    assert (said.code, said.out) == (0, "")
    assert said.err == "wrote .compliance/copilot.yaml: it observes only; nothing blocks until you say so there\n"
    assert ccopilot("scan", *only(VOLUME)).code == 0
    assert ccopilot("scan", *only(VOLUME), "--fail-on", "high").code == 1
    assert ccopilot("init").code == 3
    assert ccopilot("init", "--force").code == 0


@pytest.mark.parametrize("path", [".compliance/baseline.json", "known/old.json"])
def test_a_baseline_written_is_known_to_the_next_scan(ccopilot: Ccopilot, tmp_path: Path, path: str) -> None:
    policy = f"version: 1\nbaseline: {path}\n"
    write(tmp_path, {"main.tf": volume(), ".compliance/copilot.yaml": policy})
    assert ccopilot("scan", *only(VOLUME)).code == 1
    said = ccopilot("baseline", "write")
    assert (said.code, said.err.startswith(f"wrote {path}: ")) == (0, True)
    assert ccopilot("scan", *only(VOLUME)).code == 0
    write(tmp_path, {"more.tf": volume("w")})
    assert ccopilot("scan", *only(VOLUME)).code == 1
    given = ccopilot("scan", *only(VOLUME), "--baseline", path, "-f", "json")
    assert [f["exempt"] for f in json.loads(given.out)["findings"]] == ["baseline", None]


def test_a_waiver_is_requested_listed_and_checked(ccopilot: Ccopilot, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": volume()})
    asked = ccopilot(
        "waiver",
        "request",
        "CKV_AWS_3",
        "aws_ebs_volume.v",
        "--until",
        "2027-01-31",
        "--reason",
        "it: goes",
        "--owner",
        "me",
    )
    assert (asked.code, asked.err) == (0, "add these lines under `waivers:` in .compliance/waivers.yaml\n")
    write(tmp_path, {".compliance/waivers.yaml": f"version: 1\nwaivers:\n{asked.out}"})
    assert ccopilot("scan", *only(VOLUME), *NOW).code == 0
    listed = ccopilot("waiver", "list", *NOW)
    assert listed == Said(0, "active     CKV_AWS_3 aws_ebs_volume.v until 2027-01-31 (me): it: goes\n", "")
    assert ccopilot("waiver", "check", *NOW) == listed
    assert ccopilot("waiver", "check", "--now", "2027-01-15").out.startswith("ending ")
    over = ccopilot("waiver", "check", "--now", "2027-02-01")
    assert (over.code, over.out.startswith("expired ")) == (1, True)
    assert ccopilot("scan", *only(VOLUME), "--now", "2027-02-01").code == 1
    write(tmp_path, {"main.tf": volume(encrypted="true")})
    unmatched = ccopilot("waiver", "check", *NOW)
    assert (unmatched.code, unmatched.out.startswith("unmatched ")) == (1, True)


def test_the_corpus_is_listed_and_shown(ccopilot: Ccopilot) -> None:
    assert {VOLUME, ACLS} <= {word for line in ccopilot("corpus", "list").out.splitlines() for word in line.split()}
    shown = ccopilot("corpus", "show", "CKV_AWS_7")
    assert (shown.code, KEY in shown.out) == (0, True)
    assert ccopilot("corpus", "show", "no-such-thing").code == 3
    assert ccopilot("corpus", "check", KEY, "--quiet", "--no-rewrites") == Said(0, "", "")


# --- language models -----------------------------------------------------------------------------------------------

STAR = """\
resource "aws_iam_policy" "all" {
  name   = "all"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

variable "token" {
  default = "ghp_Zk3vQ8mB1xYt6LwR9sDf2HgJ5nPc7VaE0uTi"
}
"""


def changed(folder: Path) -> None:
    """A repository with an empty first commit, and a policy that grants everything in the work tree."""
    for args in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "start"]):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *args], cwd=folder, check=True
        )  # fmt: skip
    (folder / "main.tf").write_text(STAR)


def test_what_a_model_would_be_sent_is_shown_without_secrets_and_nothing_is_sent(home: Path, tmp_path: Path) -> None:
    changed(tmp_path)
    said = shell(home, tmp_path, "review", "--dry-run", "--show-prompt", "--check", "aws-iam-policy-full-admin")
    assert (said.code, said.err) == (0, "1 question, nothing was sent\n")
    assert said.out.startswith("=== 1 of 1: prompt remediate version ")
    assert "aws_iam_policy.all: Grants every action on every resource." in said.out
    assert "⟦secret:" in said.out and "ghp_Zk3v" not in said.out


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["--show-prompt"], "--show-prompt goes with --dry-run"),
        (["--show-prompt", "--dry-run", "--no-fixes"], "--show-prompt excludes --no-fixes"),
        (["--show-prompt", "--dry-run", "--no-model"], "--show-prompt excludes --no-model"),
    ],
)
def test_a_prompt_is_shown_only_where_one_would_be_asked(
    ccopilot: Ccopilot, tmp_path: Path, args: list[str], hint: str
) -> None:
    said = ccopilot("review", *args)
    assert said.code == 3 and hint in said.err


@pytest.mark.parametrize("command", [["scan", "--fixes"], ["fix"], ["review"]])
def test_the_configured_model_drafts_and_what_it_took_is_told_on_stderr(
    ccopilot: Ccopilot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    changed(tmp_path)
    said_once = json.dumps({"abstain": "which actions the users need is for their owner to say"})
    with serving(says(said_once)) as endpoint:
        monkeypatch.setenv("CCOPILOT_MODEL", "small")
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        told = ccopilot(*command, "--check", "aws-iam-policy-full-admin")
        assert "1 call, " in told.err and told.err.splitlines()[0].endswith("small")
        silent = ccopilot(*command, "--check", "aws-iam-policy-full-admin", "--no-model")
        assert "small" not in silent.err
        assert len(endpoint.received) == 1


def test_a_scan_that_drafts_nothing_asks_no_model(
    ccopilot: Ccopilot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(tmp_path)
    model = Scripted([])
    monkeypatch.setattr(wiring, "model", lambda: model, raising=False)
    assert ccopilot("scan", "--check", "aws-iam-policy-full-admin").err == ""
    assert ccopilot("review", "--dry-run", "--check", "aws-iam-policy-full-admin").err == ""
    assert model.asked == []
