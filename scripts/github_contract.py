"""Cut GitHub's published description and example payloads down to what the tests need.

    npm pack @octokit/openapi@23.0.2 @octokit/webhooks-examples@7.6.1    # MIT, GitHub and Octokit contributors
    python scripts/github_contract.py OPENAPI_FOLDER EXAMPLES_FOLDER     # the two unpacked packages

Writes `openapi.json.gz` (the routes below with everything they refer to, without descriptions and examples) and one file
for each payload under `tests/github_app/`. The tests need neither package.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parent.parent / "tests" / "github_app"
REPOSITORY = "/repos/{owner}/{repo}"
ROUTES: dict[str, tuple[str, ...]] = {
    "/app": ("get",),
    "/app/hook/config": ("get",),
    "/app/installations": ("get",),
    "/app-manifests/{code}/conversions": ("post",),
    "/app/installations/{installation_id}": ("get",),
    "/app/installations/{installation_id}/access_tokens": ("post",),
    "/installation/repositories": ("get",),
    "/orgs/{org}/teams/{team_slug}/memberships/{username}": ("get",),
    "/rate_limit": ("get",),
    REPOSITORY: ("get",),
    f"{REPOSITORY}/check-runs": ("post",),
    f"{REPOSITORY}/check-runs/{{check_run_id}}": ("get", "patch"),
    f"{REPOSITORY}/collaborators/{{username}}/permission": ("get",),
    f"{REPOSITORY}/commits/{{commit_sha}}/pulls": ("get",),
    f"{REPOSITORY}/commits/{{ref}}/check-runs": ("get",),
    f"{REPOSITORY}/compare/{{basehead}}": ("get",),
    f"{REPOSITORY}/contents/{{path}}": ("get",),
    f"{REPOSITORY}/git/blobs": ("post",),
    f"{REPOSITORY}/git/blobs/{{file_sha}}": ("get",),
    f"{REPOSITORY}/git/commits": ("post",),
    f"{REPOSITORY}/git/commits/{{commit_sha}}": ("get",),
    f"{REPOSITORY}/git/ref/{{ref}}": ("get",),
    f"{REPOSITORY}/git/refs": ("post",),
    f"{REPOSITORY}/git/refs/{{ref}}": ("patch",),
    f"{REPOSITORY}/git/trees": ("post",),
    f"{REPOSITORY}/git/trees/{{tree_sha}}": ("get",),
    f"{REPOSITORY}/issues/comments/{{comment_id}}": ("get", "patch"),
    f"{REPOSITORY}/issues/comments/{{comment_id}}/reactions": ("get", "post"),
    f"{REPOSITORY}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{REPOSITORY}/pulls": ("get", "post"),
    f"{REPOSITORY}/pulls/comments/{{comment_id}}": ("get", "patch"),
    f"{REPOSITORY}/pulls/comments/{{comment_id}}/reactions": ("get", "post"),
    f"{REPOSITORY}/pulls/{{pull_number}}": ("get",),
    f"{REPOSITORY}/pulls/{{pull_number}}/comments": ("get",),
    f"{REPOSITORY}/pulls/{{pull_number}}/comments/{{comment_id}}/replies": ("post",),
    f"{REPOSITORY}/pulls/{{pull_number}}/files": ("get",),
    f"{REPOSITORY}/pulls/{{pull_number}}/reviews": ("get", "post"),
    f"{REPOSITORY}/tarball/{{ref}}": ("get",),
}
PAYLOADS: dict[str, tuple[str, ...]] = {
    "check_run": ("rerequested", "requested_action"),
    "check_suite": ("rerequested", "requested"),
    "installation": ("created", "deleted"),
    "installation_repositories": ("added",),
    "issue_comment": ("created",),
    "ping": ("",),
    "pull_request": ("opened", "synchronize", "reopened", "ready_for_review", "closed"),
    "pull_request_review_comment": ("created",),
    "push": ("",),
}
DROPPED = frozenset(
    {"description", "summary", "example", "examples", "externalDocs", "x-github", "x-multi-segment", "tags", "title"}
)


def trimmed(node: Any, *, names: bool = False) -> Any:
    """The node without prose; below `properties` every key is a name, `description` included."""
    if isinstance(node, list):
        return [trimmed(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: trimmed(value, names=key == "properties" and not names)
            for key, value in node.items() if names or key not in DROPPED}  # fmt: skip


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    paths = {
        path: {method: trimmed(whole["paths"][path][method]) for method in methods} for path, methods in ROUTES.items()
    }
    kept: dict[str, dict[str, Any]] = {}
    pending = [paths]
    while pending:
        stack: list[Any] = [pending.pop()]
        while stack:
            node = stack.pop()
            if isinstance(node, list):
                stack.extend(node)
            elif isinstance(node, dict):
                reference = node.get("$ref")
                if isinstance(reference, str):
                    _, _, kind, name = reference.split("/")
                    if name not in kept.setdefault(kind, {}):
                        kept[kind][name] = trimmed(whole["components"][kind][name])
                        pending.append(kept[kind][name])
                stack.extend(node.values())
    components = {kind: dict(sorted(found.items())) for kind, found in sorted(kept.items())}
    info = {"title": "cut", "version": whole["info"]["version"], "license": whole["info"]["license"]}
    return {"openapi": whole["openapi"], "info": info, "paths": paths, "components": components}


def main(openapi: Path, examples: Path) -> None:
    whole = json.loads((openapi / "generated" / "api.github.com.json").read_bytes())
    text = json.dumps(cut(whole), separators=(",", ":"), sort_keys=True).encode()
    (OUT / "contract").mkdir(parents=True, exist_ok=True)
    (OUT / "contract" / "openapi.json.gz").write_bytes(gzip.compress(text, mtime=0))
    found = {
        each["name"]: each["examples"] for each in json.loads((examples / "api.github.com" / "index.json").read_bytes())
    }
    (OUT / "payloads").mkdir(parents=True, exist_ok=True)
    for name, actions in PAYLOADS.items():
        for action in actions:
            fitting = [e for e in found[name] if (e.get("action") or "") == action]
            # The App's own deliveries carry an installation.
            best = next((e for e in fitting if "installation" in e), fitting[0] if fitting else None)
            if best is None:
                sys.exit(f"there is no example of {name} {action}")
            stem = f"{name}.{action}" if action else name
            (OUT / "payloads" / f"{stem}.json").write_text(json.dumps(best, indent=1) + "\n", "utf-8")
    print(f"{len(text):,} bytes of description, {len(list((OUT / 'payloads').glob('*.json')))} payloads")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
