"""The first policy observes, and finds what was found without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.init import draft_policy
from copilot.model import Severity
from copilot.policy import Policy, parse
from copilot.roots import find_roots
from copilot.snapshot import Snapshot

EXAMPLE = Path(__file__).parents[2] / "examples" / "harbor" / "base"
POD = "apiVersion: v1\nkind: Pod\n"

folders = st.sampled_from(["", "a", "envs/prod", "envs/staging", "on", "x y", "a: b", "g[1]", "prod-ü", "m/#n"])
names = st.sampled_from(
    ["main.tf", "prod.tfvars", "eu-prod.tfvars", "us-prod.tfvars", "dev.tfvars", "common.tfvars", "p.yaml"]
)


@given(st.sets(st.tuples(folders, names)))
def test_it_reads_back_and_finds_the_same_roots(files: set[tuple[str, str]]) -> None:
    tree = Snapshot.of({f"{f}/{n}".lstrip("/"): POD if n.endswith(".yaml") else "" for f, n in files})
    policy = parse(draft_policy(tree).encode())
    assert find_roots(tree, policy) == find_roots(tree, Policy.default())


def test_it_observes_everywhere() -> None:
    policy = parse(draft_policy(Snapshot.from_folder(EXAMPLE)).encode())
    answers = {
        policy.enforcement_for(check="c", control="k", severity=severity, environments=(environment,))
        for severity in Severity
        for environment in ("", "production", "staging")
    }
    assert (answers, sorted(policy.environments)) == ({"observe"}, ["production", "staging"])


@pytest.mark.parametrize("name", ["x\ny", "x\u2028y"])
def test_odd_names_cannot_write_into_the_policy(name: str) -> None:
    text = draft_policy(Snapshot.of({f"{name}/main.tf": "", f"prod/{name}/main.tf": "", f"{name}/terragrunt.hcl": ""}))
    assert parse(text.encode()).environments == {}
