"""no_new_findings: nothing that held before stops holding, and what the patch adds is itself in order."""

from __future__ import annotations

from copilot.model import Severity, Verdict
from validators.case import Case, managed


def check(case: Case) -> Verdict:
    """On existing resources: no new fail (a check that did not apply before may, if it is low or less severe than
    the resource's targets: versioning switched on makes MFA delete a question), nothing passed becomes undecided or stops applying. On resources that the
    patch adds: no fail at or above the least severity of the targets (a low one is listed where a target is worse). Nothing becomes unread or out of sight."""
    unread = {(gap.kind, gap.reason, gap.path) for gap in case.before.gaps}
    for gap in case.after.gaps:
        if gap.kind in ("unread", "out_of_sight") and (gap.kind, gap.reason, gap.path) not in unread:
            return case.verdict("no_new_findings", "fail", f"{gap.path}:{gap.line}: {gap.reason}")
    before = case.before.verdicts
    known = {finding.fingerprint for finding in case.before.findings if finding.status == "fail"}
    existing = {
        (world.root.folder, world.root.environment, address)
        for world in case.before.worlds
        for address in managed(world)
    }
    targets = {(t.check, o.address) for t in case.targets for o in t.occurrences}
    worst = max((t.severity for t in case.targets), default=Severity.LOW)
    lesser: list[str] = []
    for finding in case.after.findings:
        if finding.status != "fail" or finding.fingerprint in known:
            continue
        for occurrence in finding.occurrences:
            place = (occurrence.root, occurrence.environment, occurrence.address)
            key = (finding.check, *place)
            if place in existing:
                if before.get(key) == "fail" and (finding.check, occurrence.address) not in targets:
                    continue  # it failed before under another element's name, and the patch did not touch that check
                limit = min(
                    (t.severity for t in case.targets for o in t.occurrences if o.address == occurrence.address),
                    default=0,
                )
                if before.get(key) == "not_applicable" and (
                    finding.severity < limit or finding.severity == Severity.LOW
                ):
                    lesser.append(f"{finding.check} on {occurrence.address}")  # the repair is what makes it a question
                    continue
                return case.verdict("no_new_findings", "fail", f"{finding.check} now fails on {occurrence.address}")
            if finding.severity >= case.severity and not (finding.severity == Severity.LOW < worst):
                return case.verdict("no_new_findings", "fail", f"{finding.check} fails on the new {occurrence.address}")
            lesser.append(f"{finding.check} on {occurrence.address}")
    for key, verdict in case.after.verdicts.items():
        was = before.get(key)
        if was == "pass" and verdict in ("undecided", "not_applicable") and key[1:] in existing:
            how = "is undecided now" if verdict == "undecided" else "does not apply any more"
            return case.verdict("no_new_findings", "fail", f"{key[0]} passed on {key[3]} and {how}")
    note = f"; lesser ones that it brings up: {', '.join(sorted(set(lesser)))}" if lesser else ""
    return case.verdict("no_new_findings", "pass", f"none{note}")
