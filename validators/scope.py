"""scope: the patch stays in the files of the roots it is judged with."""

from __future__ import annotations

import posixpath
import re

from copilot.model import Verdict
from copilot.snapshot import matches
from validators.case import Case

MAX_FILES = 12
MAX_LINES = 300

# Who decides what is enforced, who reviews, what runs in CI, what scanners skip, what is pinned: never a fix's business.
PROTECTED = (
    ".compliance/**", "**/.compliance/**", ".github/**", ".gitlab/**", ".circleci/**", "CODEOWNERS", "**/CODEOWNERS",
    ".gitlab-ci.yml", "azure-pipelines*", "Jenkinsfile", "**/.terraform/**", ".terraform/**", "**/.terraform.lock.hcl",
    ".terraform.lock.hcl", "**/.checkov.y*ml", ".checkov.y*ml", "**/.tfsec/**", ".tfsec/**", "**/.trivyignore*",
    ".trivyignore*", "**/trivy.yaml", "trivy.yaml", "**/kics.config", "kics.config", "**/.kics*", ".kics*", "**/.snyk",
    ".snyk", "**/.tflint.hcl", ".tflint.hcl", "**/.pre-commit-config.yaml", ".pre-commit-config.yaml", "**/.git*", ".git*",
    "**/*_override.tf", "*_override.tf", "**/override.tf", "override.tf",
)  # fmt: skip
_TERRAFORM = re.compile(r".*\.(tf|tfvars|tf\.json|tfvars\.json|tofu)")
_MANIFEST = re.compile(r".*\.(ya?ml|json)")


def check(case: Case) -> Verdict:
    """Fail a patch that touches another format, a file outside the affected roots, a protected file, or too much."""
    kinds = {root.kind for root in case.roots}
    folders = {posixpath.dirname(path) for path in case.files if path not in case.patched.files}
    folders |= {root.folder for root in case.roots}
    folders |= {posixpath.dirname(p) for world in case.before.worlds for p in world.files}
    for path in case.patched.files:
        if any(matches(path, pattern) for pattern in PROTECTED):
            return case.verdict("scope", "fail", f"{path} is not for a fix to change")
        fits = ("terraform" in kinds and _TERRAFORM.fullmatch(path)) or (
            "kubernetes" in kinds and _MANIFEST.fullmatch(path)
        )
        if not fits:
            return case.verdict("scope", "fail", f"{path} is not of the format that is judged")
        if path in case.patched.before and path not in {p for w in case.before.worlds for p in w.files}:
            return case.verdict("scope", "fail", f"{path} belongs to no affected root")
        if posixpath.dirname(path) not in folders:
            return case.verdict("scope", "fail", f"{path} lies outside the affected roots")
        if path not in case.patched.before and path not in {p for w in case.after.worlds for p in w.files}:
            return case.verdict("scope", "fail", f"{path} is new, and no affected root reads it")
    if len(case.patched.files) > MAX_FILES:
        return case.verdict("scope", "fail", f"more than {MAX_FILES} files")
    lines = sum(h.before[1] - h.before[0] + h.after[1] - h.after[0] for h in case.patched.hunks)
    if lines > MAX_LINES:
        return case.verdict("scope", "fail", f"{lines} lines; at most {MAX_LINES}")
    return case.verdict("scope", "pass", f"{len(case.patched.files)} files inside the affected roots")
