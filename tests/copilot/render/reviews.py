"""Reviews made by hand, out of real files, places and values, for the tests of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.checks.language import All, Condition, Leaf, Path
from copilot.iac.syntax import line_starts
from copilot.model import (
    Abstained,
    Approved,
    CheckSummary,
    Conclusion,
    Edit,
    Finding,
    Gap,
    Known,
    Occurrence,
    Outcome,
    Patch,
    Place,
    Remedy,
    Review,
    RootReport,
    Severity,
    Verdict,
    Withheld,
    _Seal,
    fingerprint,
)

PRODUCTION = "environments/production/main.tf"
TFVARS = "environments/production/terraform.tfvars"
DATABASE = "modules/database/main.tf"
SERVICE = "modules/service/main.tf"
QUEUE = "modules/queue/main.tf"

SOURCES: Mapping[str, bytes] = {
    PRODUCTION: b"""module "reporting_database" {
  source = "../../modules/database"

  name                = "harbor-reporting"
  client_cidrs        = var.reporting_client_cidrs
  publicly_accessible = true
  kms_key_arn         = data.aws_kms_alias.data.target_key_arn
}

module "partner_webhook" {
  source     = "../../modules/service"
  tls_policy = "ELBSecurityPolicy-TLS-1-0-2015-04" # the brokers' Java 7 clients
}

resource "aws_ebs_volume" "ocr_scratch" {
  size      = 200
  encrypted = var.ocr_scratch_encrypted
}
""",
    TFVARS: b"""region = "eu-central-1"

reporting_client_cidrs = [
  "10.30.0.0/16",
  "0.0.0.0/0", # hosted BI tool: no fixed addresses yet
]
""",
    DATABASE: b"""resource "aws_security_group" "clients" {
  vpc_id = var.vpc_id

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = var.client_cidrs
  }
}

resource "aws_db_instance" "this" {
  publicly_accessible     = var.publicly_accessible
  backup_retention_period = var.backup_retention_days
}
""",
    SERVICE: b"""resource "aws_cloudwatch_log_group" "access" {
  name       = "/harbor/${var.name}/access"
  kms_key_id = var.kms_key_arn
}

resource "aws_lb_listener" "https" {
  ssl_policy = var.tls_policy
}
""",
    QUEUE: b"""resource "aws_sns_topic" "dead_letters" {
  name = "${var.name}-dead-letters"
}
""",
}


def at(path: str, text: str, sources: Mapping[str, bytes] = SOURCES) -> Place:
    """Where a text stands, first of all, in one of the files."""
    data, wanted = sources[path], text.encode()
    start = data.index(wanted)
    end = start + len(wanted)
    lines = line_starts(data)
    first, last = (sum(begin <= offset for begin in lines) for offset in (start, end))
    return Place(path, start, end, first, start - lines[first - 1] + 1, last, end - lines[last - 1] + 1)


FRAMEWORKS: Mapping[str, tuple[str, ...]] = {
    "CIS-AWS-3.0": ("2.3.3",),
    "CIS-AWS-5.0": ("2.2.3",),
    "FedRAMP-Rev5-Moderate": ("AC-3", "SC-7"),
    "ISO27001-2022-AnnexA": ("A.8.20", "A.8.22"),
    "NIST-800-53r5": ("AC-3", "AC-4", "SC-7", "SC-7(5)"),
    "PCI-DSS-4.0": ("1.3.1", "1.4.4"),
    "SOC2-TSC-2017": ("CC6.1", "CC6.6"),
}


def check(id: str, title: str, severity: Severity, control: str, rationale: str = "", **options: Any) -> CheckSummary:
    """A check under a control whose title is its id in words."""
    return CheckSummary(
        id, title, "is not so", rationale, severity, control, control.replace("-", " ").capitalize(),
        options.pop("frameworks", FRAMEWORKS), **options,
    )  # fmt: skip


INGRESS = check(
    "aws-security-group-world-ingress", "Security groups do not admit the whole internet", Severity.CRITICAL,
    "network-segmentation-ingress", "A database that anyone can reach is found by scanners within the hour.",
    peers=("CKV_AWS_24", "EC2.19"), references=("https://docs.example/groups",),
)  # fmt: skip
PUBLIC = check(
    "aws-db-instance-private", "Databases are not reachable from the internet", Severity.CRITICAL,
    "database-no-public-access", "One weak password is then enough.",
)  # fmt: skip
TLS = check(
    "aws-lb-listener-tls-policy", "Listeners refuse old versions of TLS", Severity.HIGH, "tls-in-transit",
    "TLS 1.0 and 1.1 fall to known attacks.",
)  # fmt: skip
RETENTION = check(
    "aws-log-group-retention", "Log groups say how long they keep logs", Severity.MEDIUM, "log-retention",
    "Logs that are kept for ever cost money, and break the promise to delete.",
)  # fmt: skip
TOPIC = check(
    "aws-sns-topic-encrypted", "SNS topics are encrypted at rest", Severity.LOW, "encryption-at-rest-messaging",
    "Messages often carry personal data.", frameworks={},
)  # fmt: skip
BACKUPS = check(
    "aws-db-instance-backups", "Databases keep backups for a week or longer", Severity.HIGH, "backup-and-recovery",
    "What is not backed up is lost with the first mistake.",
)  # fmt: skip
VOLUME = check(
    "aws-ebs-volume-encrypted", "Volumes are encrypted at rest", Severity.HIGH, "encryption-at-rest-storage",
    "Snapshots of a plain volume are plain too.",
)  # fmt: skip
CHECKS = {each.id: each for each in (INGRESS, PUBLIC, TLS, RETENTION, TOPIC, BACKUPS, VOLUME)}


def leaf(path: str, op: Any = "equals", operand: Any = False, **options: Any) -> Leaf:
    return Leaf((Path(path, (path,)),), op, operand, **options)


def outcome(path: str, places: tuple[Place, ...], truth: bool | None = False, reason: str = "") -> Outcome:
    """A failed `all` over one leaf, as the evaluation leaves it."""
    condition: Condition = leaf(path)
    found = Outcome(truth, condition, path, places, reason, value=Known(True, places=places))
    return Outcome(truth, All((condition,)), children=(found,))


def finding(of: CheckSummary, message: str, address: str, path: str, *places: Place, **options: Any) -> Finding:
    """A finding in production, introduced and enforced unless said otherwise."""
    folder = options.pop("folder", "environments/production")
    status = options.setdefault("status", "fail")
    tree = options.pop("outcome", None) or outcome(
        path, places, False if status == "fail" else None, options.get("reason", "")
    )
    instances = options.pop("instances", ((folder, "production", address),))
    return Finding(
        check=of.id, control=of.control, severity=of.severity, message=message, address=address, folder=folder,
        path=path, places=places, fingerprint=fingerprint(of.id, folder, address, path),
        occurrences=tuple(Occurrence(root, name, each, tree) for root, name, each in instances),
        **{"relation": "introduced", "enforcement": "enforce", **options},
    )  # fmt: skip


PASSED = ("schema", "scope", "applies", "valid", "resolves", "honest", "no_new_findings", "minimal", "blast_radius")


def patch(find: str, replace: str, path: str, *fingerprints: str, **options: Any) -> Patch:
    return Patch(
        findings=fingerprints,
        **{"edits": (Edit(path, find, replace),), "origin": "recipe", "safety": "safe", "summary": "Set it as the check asks", **options},
    )  # fmt: skip


def verdicts(draft: Patch, **outcomes: Any) -> tuple[Verdict, ...]:
    """Every validator passes but those that are named."""
    every = {**dict.fromkeys(PASSED, "pass"), "citations": "not_applicable", **outcomes}
    return tuple(Verdict(name, result, "", draft.digest, "f" * 64) for name, result in every.items())


def approved(draft: Patch, diff: str) -> Approved:
    """A draft as the gate would have left it; the tests of the gate are elsewhere."""
    return Approved(draft, verdicts(draft), diff, draft.replaces, _Seal(draft.digest))


PUBLIC_DIFF = """diff --git a/environments/production/main.tf b/environments/production/main.tf
--- a/environments/production/main.tf
+++ b/environments/production/main.tf
@@ -3,7 +3,7 @@
\x20
   name                = "harbor-reporting"
   client_cidrs        = var.reporting_client_cidrs
-  publicly_accessible = true
+  publicly_accessible = false
   kms_key_arn         = data.aws_kms_alias.data.target_key_arn
 }
\x20
"""
LOGS_DIFF = """diff --git a/modules/service/main.tf b/modules/service/main.tf
--- a/modules/service/main.tf
+++ b/modules/service/main.tf
@@ -1,6 +1,7 @@
 resource "aws_cloudwatch_log_group" "access" {
-  name       = "/harbor/${var.name}/access"
-  kms_key_id = var.kms_key_arn
+  name              = "/harbor/${var.name}/access"
+  kms_key_id        = var.kms_key_arn
+  retention_in_days = 365
 }
\x20
 resource "aws_lb_listener" "https" {
"""

DATABASE_PUBLIC = finding(
    PUBLIC, "Is reachable from the internet",
    "module.reporting_database.aws_db_instance.this", "publicly_accessible",
    at(DATABASE, "publicly_accessible     = var.publicly_accessible"), at(PRODUCTION, "publicly_accessible = true"),
    anchor=at(PRODUCTION, "publicly_accessible = true"),
)  # fmt: skip
WORLD = finding(
    INGRESS, "Admits the whole internet to ports that are not 80 or 443",
    "module.reporting_database.aws_security_group.clients", "ingress",
    at(DATABASE, "cidr_blocks = var.client_cidrs"), at(PRODUCTION, "client_cidrs        = var.reporting_client_cidrs"),
    at(TFVARS, '"0.0.0.0/0"'), anchor=at(TFVARS, '"0.0.0.0/0"'),
)  # fmt: skip
LOGS = finding(
    RETENTION, "Keeps its logs for ever", "aws_cloudwatch_log_group.access",
    "retention_in_days", at(SERVICE, 'resource "aws_cloudwatch_log_group" "access" {'), folder="modules/service",
    enforcement="warn", callers=(at(PRODUCTION, 'module "partner_webhook" {'), at(PRODUCTION, 'module "reporting_database" {')),
    instances=(
        ("environments/production", "production", "module.partner_webhook.aws_cloudwatch_log_group.access"),
        ("environments/production", "production", "module.tracking.aws_cloudwatch_log_group.access"),
        ("environments/staging", "staging", "module.partner_webhook.aws_cloudwatch_log_group.access"),
    ),
)  # fmt: skip
OLD_TLS = finding(
    TLS, "module.partner_webhook.aws_lb_listener.https speaks TLS 1.0", "module.partner_webhook.aws_lb_listener.https",
    "ssl_policy", at(SERVICE, "ssl_policy = var.tls_policy"),
    at(PRODUCTION, 'tls_policy = "ELBSecurityPolicy-TLS-1-0-2015-04"'),
    requested="SEC-447, until 2027-02-28: the brokers' gateways cannot do better",
)  # fmt: skip
PLAIN_TOPIC = finding(
    TOPIC, "aws_sns_topic.dead_letters is not encrypted", "aws_sns_topic.dead_letters", "kms_master_key_id",
    at(QUEUE, 'resource "aws_sns_topic" "dead_letters" {'), folder="modules/queue", enforcement="observe",
    relation="touched",
)  # fmt: skip
NO_BACKUPS = finding(
    BACKUPS, "Keeps no backups, or not for a week",
    "module.shipments_database.aws_db_instance.this", "backup_retention_period",
    at(DATABASE, "backup_retention_period = var.backup_retention_days"), status="lost_sight",
    reason="data.aws_ssm_parameter.backup_retention is known to the provider alone",
)  # fmt: skip
VOLUME_UNKNOWN = finding(
    VOLUME, "Data lies unencrypted at rest", "aws_ebs_volume.ocr_scratch", "encrypted",
    at(PRODUCTION, "encrypted = var.ocr_scratch_encrypted"), status="undecided",
    reason="var.ocr_scratch_encrypted has no value here",
)  # fmt: skip
WAIVED = finding(
    VOLUME, "Data lies unencrypted at rest", "aws_ebs_volume.ocr_scratch", "size",
    at(PRODUCTION, "size      = 200"), exempt="waived", exempt_note="SEC-412, until 2027-01-31",
)  # fmt: skip
OLDER = tuple(
    finding(
        RETENTION, f"aws_cloudwatch_log_group.old{n} keeps its logs for ever", f"aws_cloudwatch_log_group.old{n}",
        "retention_in_days", at(SERVICE, 'resource "aws_cloudwatch_log_group" "access" {'), relation="existing",
        exempt="baseline" if n == 3 else None,
    )
    for n in range(4)
)  # fmt: skip

PUBLIC_PATCH = patch(
    "  publicly_accessible = true\n", "  publicly_accessible = false\n", PRODUCTION, DATABASE_PUBLIC.fingerprint,
    safety="changes_behaviour", summary="Close the database to the internet",
)  # fmt: skip
LOGS_PATCH = patch(
    '  name       = "/harbor/${var.name}/access"\n  kms_key_id = var.kms_key_arn\n',
    '  name              = "/harbor/${var.name}/access"\n  kms_key_id        = var.kms_key_arn\n'
    "  retention_in_days = 365\n",
    SERVICE, LOGS.fingerprint, summary="Keep the logs for a year",
)  # fmt: skip
TLS_PATCH = patch("  ssl_policy = var.tls_policy\n", "", SERVICE, OLD_TLS.fingerprint, origin="model")

REMEDIES: Mapping[str, Remedy] = {
    DATABASE_PUBLIC.fingerprint: approved(PUBLIC_PATCH, PUBLIC_DIFF),
    LOGS.fingerprint: approved(LOGS_PATCH, LOGS_DIFF),
    OLD_TLS.fingerprint: Withheld(
        TLS_PATCH, verdicts(TLS_PATCH, resolves="fail"), "resolves: the listener still speaks TLS 1.0"
    ),
    WORLD.fingerprint: Abstained((WORLD.fingerprint,), "who may connect is yours to say", ("allowed_networks",)),
}

GAPS = (
    Gap("unread", "the file does not parse: unclosed block", "environments/production/partners.tf", 31),
    Gap(
        "out_of_sight", "a registry module that does not lie in .terraform/modules", "modules/network/main.tf", 4,
        address="module.vpc", remedy="run terraform init",
    ),
)  # fmt: skip


NOTES = (".compliance/waivers.yaml:12: the waiver of aws_s3_bucket.exports ended on 2026-10-31",)


def review(findings: tuple[Finding, ...] = (), **options: Any) -> Review:
    """A review of Harbor's pull request with these findings and nothing else."""
    return Review(
        **{
            "kind": "review", "subject": "harbor", "base": "1f0c7be", "head": "9d41a02",
            "roots": (
                RootReport("environments/production", "production", "terraform", 21, 118, 904, 5, 2, 1204),
                RootReport("environments/staging", "staging", "terraform", 20, 109, 881, 1, 0, 1168),
            ),
            "checks": CHECKS, "findings": findings, "undecided": (), "gaps": (), "remedies": {},
            "conclusion": Conclusion("clean", 0, "No findings"), "record": {"corpus": "c0ffee", "checks": 7},
            "sources": SOURCES, **options,
        }
    )  # fmt: skip


def small() -> Review:
    """One finding, with a fix."""
    return review(
        (DATABASE_PUBLIC,),
        remedies={DATABASE_PUBLIC.fingerprint: REMEDIES[DATABASE_PUBLIC.fingerprint]},
        conclusion=Conclusion("findings", 1, "1 finding blocks this change", blocking=1),
    )


def pull_request() -> Review:
    """Harbor's pull request with something of everything."""
    return review(
        (LOGS, DATABASE_PUBLIC, WORLD, OLD_TLS, PLAIN_TOPIC, WAIVED, *OLDER),
        undecided=(NO_BACKUPS, VOLUME_UNKNOWN), gaps=GAPS, remedies=REMEDIES, notes=NOTES,
        conclusion=Conclusion(
            "incomplete", 1, "incomplete: 4 findings block, 1 warns, 2 exempt (1 unread, 1 lost sight of, 1 undecided, 1 out of sight)", blocking=4, warning=1, observed=1
        ),
    )  # fmt: skip


def scan(count: int, checks: int = 60) -> Review:
    """A scan of an old repository: so many findings over so many checks, one in eight with a fix."""
    severities = (Severity.CRITICAL, *[Severity.HIGH] * 3, *[Severity.MEDIUM] * 4, *[Severity.LOW] * 2)
    library = [
        check(f"aws-thing-{n:02}-encrypted", f"Things of kind {n} are encrypted at rest", severities[n * 7 % 10],
              "encryption-at-rest-storage", "Whoever reaches the disk reads what lies on it.")
        for n in range(checks)
    ]  # fmt: skip
    text = "\n".join(f'resource "aws_thing" "t{n}" {{\n  encrypted = false\n}}\n' for n in range(count))
    sources = {"live/eu-central-1/main.tf": text.encode()}
    found = []
    lines = line_starts(text.encode())
    for n in range(count):
        start = lines[n * 4 + 1] + 2
        where = Place("live/eu-central-1/main.tf", start, start + 17, n * 4 + 2, 3, n * 4 + 2, 20)
        of = library[(n * n + n // 3) % checks]
        found.append(
            finding(of, "Data lies unencrypted at rest", f"aws_thing.t{n}", "encrypted", where, folder="live/eu-central-1",
                    relation="existing", enforcement="warn")
        )  # fmt: skip
    diff = "diff --git a/live/eu-central-1/main.tf b/live/eu-central-1/main.tf\n--- a/x\n+++ b/x\n@@ -2 +2 @@\n-  encrypted = false\n+  encrypted = true\n"
    remedies = {
        each.fingerprint: approved(
            patch("  encrypted = false\n", "  encrypted = true\n", "live/eu-central-1/main.tf", each.fingerprint), diff
        )
        for each in found[::8]
    }
    found.sort(key=lambda each: -each.severity)
    return review(
        tuple(found), kind="scan", base="", head="9d41a02", checks={each.id: each for each in library}, sources=sources, remedies=remedies,
        roots=(RootReport("live/eu-central-1", "", "terraform", 1, count, 0, count, 0, 0),),
        conclusion=Conclusion("findings", 1, f"{count} findings", warning=count),
    )  # fmt: skip


def hostile(text: str) -> Review:
    """A review in which everything that a repository, a check or a model can write is this text."""
    sources = {text: (f"{text}\n" * 3).encode("utf-8", "surrogatepass")}
    length = len(sources[text])
    where = Place(text, 0, max(1, length // 3 - 1), 1, 1, 1, max(2, length // 3))
    of = CheckSummary(
        "aws-hostile", text, text, text, Severity.HIGH, text, text, {"SOC2-TSC-2017": (text,), text: (text,)}, (text,), (text,)
    )  # fmt: skip
    marks: dict[str, Any] = {"reason": text, "callers": (where, where), "instances": ((text, text, text),)}
    elsewhere = Place(f"{text}2", 5, 9, 7, 5, 7, 9)
    one = finding(of, text, text, text, elsewhere, where, requested=text, anchor=elsewhere, **marks)
    two = finding(of, f"{text} {text}", f"{text}.2", text, where, exempt="suppressed", exempt_note=text, **marks)
    three = finding(of, text, f"{text}.3", text, where, status="lost_sight", **marks)
    four = finding(of, text, f"{text}.4", text, where, status="undecided", **marks)
    five = finding(of, text, f"{text}.5", text, where, **marks)
    six = finding(of, text, f"{text}.6", text, where, **marks)
    draft = patch(text, f"{text}!", text, one.fingerprint, summary=text, sources=(text,), replaces=(text,))
    lines = text.split("\n")
    body = "".join(f"-{line}\n" for line in lines) + "".join(f"+{line}!\n" for line in lines)
    diff = f"diff --git a/{text} b/{text}\n--- a/{text}\n+++ b/{text}\n@@ -1,{len(lines)} +1,{len(lines)} @@\n{body}"
    return review(
        (one, two, five, six), undecided=(three, four), subject=text, base=text, head=text,
        roots=(RootReport(text, text, "terraform", 1, 1, 1, 1, 1, 1),), checks={of.id: of},
        gaps=tuple(Gap(kind, text, text, 3, "aws-hostile", text, text) for kind in ("unread", "out_of_sight", "lost_sight")),
        remedies={
            one.fingerprint: approved(draft, diff),
            five.fingerprint: Withheld(draft, verdicts(draft, honest="fail"), text),
            six.fingerprint: Abstained((six.fingerprint,), text, (text,)),
        },
        conclusion=Conclusion("findings", 1, text, blocking=1), record={text: [text]}, sources=sources, notes=(text,),
    )  # fmt: skip
