"""The terminal's report: what it looks like, how long it gets, and that it keeps to its width."""

from __future__ import annotations

import re
from dataclasses import replace

from copilot.model import Severity
from copilot.render import Options, render
from copilot.render.escape import cells
from tests.copilot.render import reviews


def test_a_review_with_one_finding() -> None:
    assert (
        render(reviews.small(), "terminal")
        == """\
✗ 1 finding blocks this change
  review of harbor, 1f0c7be..9d41a02
  2 roots, 41 files, 227 resources: 1,785 passed, 6 failed, 2 undecided, 2,372 not applicable

Introduced by this change (1)

critical  aws-db-instance-private                                      blocks · c895e5787c7d1d2b3564
  Is reachable from the internet
  → environments/production/main.tf:6:3  module.reporting_database.aws_db_instance.this
   │
 6 │   publicly_accessible = true
   │   ^^^^^^^^^^^^^^^^^^^^^^^^^^
   = value    written in environments/production/main.tf:6, used at modules/database/main.tf:13
   = in       production
   = control  Database no public access (database-no-public-access)
   = maps to  SOC 2 CC6.1, CC6.6 · ISO 27001 A.8.20, A.8.22 · PCI DSS 4.0 1.3.1, 1.4.4 ·
              NIST 800-53 AC-3, AC-4, SC-7 +1 · CIS AWS 5.0 2.2.3
   = why      One weak password is then enough.
   = fix      Close the database to the internet (drafted from a recipe)
   │ environments/production/main.tf
   │ @@ -3,7 +3,7 @@
   │
   │    name                = "harbor-reporting"
   │    client_cidrs        = var.reporting_client_cidrs
   │ -  publicly_accessible = true
   │ +  publicly_accessible = false
   │    kms_key_arn         = data.aws_kms_alias.data.target_key_arn
   │  }
   │
   = effect   changes behaviour: somebody who relies on it will notice
   = proved   9 validators passed (schema, scope, applies, valid, resolves, honest, no_new_findings,
              minimal, blast_radius); 1 did not apply

ccopilot fix --write             applies what is proved: 1 of 1 finding
ccopilot explain FINDING         why, and what would make it pass
ccopilot waiver request --help   accept a risk for a time, with an owner
"""
    )


def test_a_clean_review_is_three_lines() -> None:
    assert (
        render(reviews.review(), "terminal")
        == """\
✓ No findings
  review of harbor, 1f0c7be..9d41a02
  2 roots, 41 files, 227 resources: 1,785 passed, 6 failed, 2 undecided, 2,372 not applicable
"""
    )


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.fullmatch(r"[A-Z].*\([\d,]+\)", line)]


def test_a_review_is_told_by_section_in_the_order_of_what_matters() -> None:
    assert headings(render(reviews.pull_request(), "terminal")) == [
        "Introduced by this change (4)",
        "Touched by this change (1)",
        "Lost sight of (1)",
        "Undecided (1)",
        "Exceptions (2)",
        "Exceptions that do not count (1)",
        "Not read: the result is incomplete (1)",
        "Out of sight (1)",
    ]


def test_what_blocks_is_told_first() -> None:
    warns = replace(reviews.DATABASE_PUBLIC, enforcement="warn")
    text = render(reviews.review((warns, reviews.OLD_TLS)), "terminal")
    assert text.index("aws-lb-listener-tls-policy") < text.index("aws-db-instance-private")


def test_what_is_touched_does_not_block() -> None:
    touched = replace(reviews.DATABASE_PUBLIC, relation="touched")
    assert "blocks ·" not in render(reviews.review((touched,)), "terminal")


def test_control_and_reason_are_said_once_a_check() -> None:
    other = replace(reviews.LOGS, address="aws_cloudwatch_log_group.other", fingerprint="0" * 20)
    text = render(reviews.review((reviews.LOGS, other)), "terminal")
    assert (text.count("= control"), text.count("= why"), text.count("aws-log-group-retention")) == (1, 1, 2)


def test_every_section_of_a_very_large_review_is_heard() -> None:
    many = tuple(replace(reviews.LOGS, fingerprint=f"{n:020}") for n in range(50))
    review = reviews.review(many, undecided=(reviews.NO_BACKUPS,))
    text = render(review, "terminal")
    assert "and 20 more:\nmedium    aws-log-group-retention   20 places  Keeps its logs for ever" in text
    assert "= because  data.aws_ssm_parameter.backup_retention is known to the provider alone" in text
    assert all(found.fingerprint in render(review, "terminal", Options(verbose=True)) for found in many)


def test_an_exception_is_not_called_by_its_name_twice() -> None:
    waived = replace(reviews.WAIVED, exempt_note="waived until 2027-01-31 (SEC-412)")
    text = render(reviews.review((waived,)), "terminal")
    assert "main.tf:16, waived\n    until 2027-01-31 (SEC-412)\n" in text


def test_only_the_benchmark_of_the_platform_is_named() -> None:
    of = replace(
        reviews.TOPIC, frameworks={"CIS-AWS-3.0": ("2.1",), "CIS-AWS-10.0": ("3.1",), "CIS-K8s-2.0.1": ("1.2.3",)}
    )
    found = render(
        reviews.review((replace(reviews.PLAIN_TOPIC, severity=Severity.HIGH),), checks={of.id: of}), "terminal"
    )
    assert "= maps to  CIS AWS 10.0 3.1\n" in found


def test_the_columns_that_are_meant_are_marked_under_wide_characters() -> None:
    sources = {"f": 'a = "漢字", open = true'.encode()}
    place = reviews.at("f", "open", sources)
    found = reviews.finding(reviews.PUBLIC, "Is open", "x.y", "open", place)
    lines = render(reviews.review((found,), sources=sources), "terminal").splitlines()
    at = next(number for number, line in enumerate(lines) if "漢字" in line)
    marked = lines[at + 1]
    assert cells(lines[at][: lines[at].index("open")]) == marked.index("^")
    assert marked.count("^") == 4


def test_a_line_of_a_minified_file_is_cut_to_what_is_meant() -> None:
    sources = {"f": b"{" + b'"x": 1, ' * 500 + b'"open": true, ' + b'"y": 2, ' * 500 + b"}"}
    found = reviews.finding(reviews.PUBLIC, "Is open", "x.y", "open", reviews.at("f", '"open": true', sources))
    lines = render(reviews.review((found,), sources=sources), "terminal", Options(width=80)).splitlines()
    at = next(number for number, line in enumerate(lines) if '"open": true' in line)
    assert (max(map(cells, lines)) <= 80, lines[at].index('"open"'), lines[at + 1].count("^")) == (
        True,
        lines[at + 1].index("^"),
        12,
    )


def test_lines_keep_to_the_width_but_for_words_that_are_copied() -> None:
    for width in (60, 80, 120):
        lines = render(reviews.pull_request(), "terminal", Options(width=width)).splitlines()
        long = [line for line in lines if cells(line) > width and len(line.split()) > 6]
        assert long == []


def test_400_findings_take_120_lines_and_the_worst_checks_come_first() -> None:
    text = render(reviews.scan(400), "terminal")
    names = [str(severity) for severity in sorted(Severity, reverse=True)]
    order = [names.index(line.split()[0]) for line in text.splitlines() if line.split(" ")[0] in names]
    assert len(text.splitlines()) <= 120
    assert order == sorted(order)


def test_checks_for_which_there_is_no_room_are_counted() -> None:
    text = render(reviews.scan(2000, checks=600), "terminal")
    counted = re.search(
        r"^\+ ([\d,]+) more checks with ([\d,]+) findings: --verbose lists them all$", text, re.MULTILINE
    )
    assert counted is not None
    listed = [int(found) for found in re.findall(r"(\d+) places?\b", text)]
    assert (len(text.splitlines()) <= 125, sum(listed) + int(counted[2].replace(",", ""))) == (True, 2000)


def test_verbose_lists_every_place() -> None:
    text = render(reviews.scan(400), "terminal", Options(verbose=True))
    assert sorted(set(re.findall(r"main\.tf:(\d+)", text)), key=int) == [str(4 * n + 2) for n in range(400)]


def test_few_findings_are_told_in_full() -> None:
    review = reviews.scan(5, checks=5)
    lines = render(review, "terminal").splitlines()
    checks = len({finding.check for finding in review.findings})
    marked = [line for line in lines if line.endswith("^^^")]
    assert (len(marked), sum("= control" in line for line in lines)) == (checks, checks)


def test_colours_are_asked_for() -> None:
    assert "\x1b" not in render(reviews.pull_request(), "terminal")
    assert "\x1b[1;31mcritical\x1b[0m" in render(reviews.pull_request(), "terminal", Options(colour=True))


def test_a_low_finding_is_not_argued_for_unless_everything_is_asked() -> None:
    low = replace(reviews.TOPIC, severity=Severity.LOW)
    found = reviews.review((replace(reviews.PLAIN_TOPIC, severity=Severity.LOW),), checks={low.id: low})
    assert "= why" not in render(found, "terminal")
    assert "= why" in render(found, "terminal", Options(verbose=True))
