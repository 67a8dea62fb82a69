"""A policy answers strictly, names what does not read, and is never loosened over a floor."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.errors import SettingsInvalid, UnknownId
from copilot.model import Enforcement, Severity
from copilot.policy import DEFAULT_ENFORCEMENT, STRICTNESS, Environment, Limits, Policy, load, matches, parse
from copilot.snapshot import Snapshot

EXAMPLE = Path(__file__).parents[2] / "examples" / "harbor" / "base"


def answer(
    policy: Policy, *environments: str, severity: Severity = Severity.HIGH, check: str = "c", control: str = "k"
) -> str:
    return policy.enforcement_for(check=check, control=control, severity=severity, environments=environments)


def message(text: str, **options: object) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        parse(text.encode(), **options)  # type: ignore[arg-type]
    return str(caught.value)


def resolve(id: str) -> tuple[str, ...]:
    known = {"aws-a": ("aws-a",), "aws-b": ("aws-b",), "CKV_1": ("aws-a", "aws-b"), "CKV_2": ("aws-a",)}
    if id not in known:
        raise UnknownId(id)
    return known[id]


def test_the_example_reads_whole() -> None:
    assert load(Snapshot.from_folder(EXAMPLE)) == Policy(
        environments={
            "production": Environment(
                "production", ("environments/production",), (), "enforce", {Severity.LOW: "warn"}
            ),
            "staging": Environment("staging", ("environments/staging",), (), "warn"),
        },
        by_severity=dict(DEFAULT_ENFORCEMENT),
        parameters={
            "approved_kms_keys": ("alias/harbor-data",),
            "log_bucket": "harbor-access-logs",
            "allowed_networks": ("10.20.0.0/16", "10.30.0.0/16"),
            "allowed_regions": ("eu-central-1", "eu-west-1"),
        },
    )


def test_every_field_reads() -> None:
    text = """
version: 1
environments:
  live: {roots: ["env/*", .], var_files: [live.tfvars], enforcement: {default: warn, high: enforce}, parameters: {log_bucket: l}}
enforcement: {low: warn, controls: {k: enforce}, checks: {c: observe}}
gaps: {undecided: enforce}
parameters:
  allowed_accounts: [012345678901, "111122223333"]
  log_retention_days: 365
  web_acl_arn: arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/b
  custom: {flag: true, number: 3, names: [a, "1"]}
exclude: [legacy/]
skip: [x]
baseline: ci/baseline.json
limits: {remedies: 5}
"""
    assert parse(text.encode()) == Policy(
        environments={
            "live": Environment(
                "live", ("env/*", ""), ("live.tfvars",), "warn", {Severity.HIGH: "enforce"}, {"log_bucket": "l"}
            )
        },
        by_severity={Severity.LOW: "warn"},
        by_control={"k": "enforce"},
        by_check={"c": "observe"},
        by_gap={"undecided": "enforce"},
        parameters={
            "allowed_accounts": ("012345678901", "111122223333"),
            "log_retention_days": 365,
            "web_acl_arn": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/b",
            "flag": True,
            "number": 3,
            "names": ("a", "1"),
        },
        exclude=("legacy",),
        skip=frozenset({"x"}),
        baseline="ci/baseline.json",
        limits=Limits(remedies=5),
    )


def test_without_a_file_the_default_holds() -> None:
    policy = load(Snapshot.of({}))
    assert policy == Policy.default()
    assert [answer(policy, severity=s) for s in sorted(Severity)] == ["observe", "warn", "enforce", "enforce"]


def test_the_most_specific_rule_answers() -> None:
    policy = parse(
        b"""
version: 1
environments: {live: {enforcement: {default: warn, critical: observe}}, plain: {}}
enforcement: {high: enforce, medium: observe, controls: {k1: enforce}, checks: {c1: observe}}
"""
    )
    assert answer(policy, "live", check="c1", control="k1") == "observe"
    assert answer(policy, "live", control="k1", severity=Severity.CRITICAL) == "enforce"
    assert answer(policy, "live", severity=Severity.CRITICAL) == "observe"
    assert answer(policy, "live") == "warn"
    assert answer(policy, "plain") == answer(policy, "unlisted") == answer(policy) == "enforce"


def test_of_several_environments_the_strictest_answers() -> None:
    policy = parse(b"version: 1\nenvironments: {a: {enforcement: observe}, b: {enforcement: warn}}")
    assert (answer(policy, "a"), answer(policy, "b"), answer(policy, "a", "b")) == ("observe", "warn", "warn")


def test_one_word_holds_for_every_severity() -> None:
    policy = parse(b"version: 1\nenforcement: observe")
    assert {answer(policy, severity=severity) for severity in Severity} == {"observe"}


def test_ids_of_peers_stand_for_our_checks_and_our_own_id_is_more_exact() -> None:
    text = b"version: 1\nskip: [CKV_1]\nenforcement: {checks: {aws-b: observe, CKV_1: warn, CKV_2: enforce}}"
    policy = parse(text, resolve=resolve)
    assert (policy.by_check, policy.skip) == ({"aws-a": "enforce", "aws-b": "observe"}, frozenset({"aws-a", "aws-b"}))


P = ".compliance/copilot.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", f"{P}:1: the file is empty"),
        ("enforcement: warn", f"{P}:1: the field 'version' is missing; write `version: 1`"),
        ("version: 2", f"{P}:1: version: this release reads version 1"),
        ("version: 1\nenforcment: warn", f"{P}:2: there is no field 'enforcment'; did you mean 'enforcement'?"),
        ("version: 1\nskip: []\nskip: []", f"{P}:3: the field 'skip' stands twice, first in line 2"),
        ("version: 1\nskip: x", f"{P}:2: skip: wants a list, such as [a, b]"),
        (
            "version: 1\nenforcement:\n  high: enforced",
            f"{P}:3: enforcement.high: 'enforced' is not one of observe, warn, enforce; did you mean 'enforce'?",
        ),
        (
            "version: 1\nenvironments:\n  p:\n    root: [x]",
            f"{P}:4: environments.p: there is no field 'root'; did you mean 'roots'?",
        ),
        (
            "version: 1\nenvironments: {p: {roots: [../x]}}",
            f"{P}:2: environments.p.roots[0]: '../x' is not a path inside the repository; write it from the top, with `/`",
        ),
        (
            "version: 1\nparameters: {allowed_networks: [10.0.0.1/16]}",
            f"{P}:2: parameters.allowed_networks[0]: '10.0.0.1/16' has bits set behind its prefix; write 10.0.0.0/16",
        ),
        (
            "version: 1\nparameters: {allowed_networks: ['0.0.0.0/0']}",
            f"{P}:2: parameters.allowed_networks[0]: '0.0.0.0/0' is the whole internet; what is allowed must be narrower",
        ),
        (
            "version: 1\nparameters: {log_buckets: x}",
            f"{P}:2: parameters.log_buckets: no check asks for 'log_buckets'; did you mean 'log_bucket'?;"
            " one of your own stands under `custom`",
        ),
        (
            "version: 1\nparameters: {log_bucket: yes}",
            f"{P}:2: parameters.log_bucket: wants a text, and yes is none to YAML; write it in quotes",
        ),
        ("version: 1\nlimits: {remedies: -1}", f"{P}:2: limits.remedies: wants a whole number from 0 on"),
        ("version: 1\n<<: {skip: []}", f"{P}:2: there is no field '<<'"),
        ("version: 1\nskip: [", f"{P}:2: not valid YAML"),
        ("version: 1\n---\nversion: 1", f"{P}:1: several YAML documents; one is wanted"),
        ("- " * 50_000, f"{P}:1: not valid YAML: nested deeper than 40 levels"),
        ("[" * 50_000, f"{P}:1: not valid YAML: nested deeper than 40 levels"),
        ("#" * 300_000, f"{P}:1: the file is larger than 256 KiB"),
    ],
)  # fmt: skip
def test_what_does_not_read_is_named_with_its_line(text: str, said: str) -> None:
    assert message(text).startswith(said)


def test_ids_that_nobody_knows_are_named_with_their_line() -> None:
    text = "version: 1\nenforcement:\n  checks:\n    CKV_9: warn"
    assert message(text, resolve=resolve) == (
        f"{P}:4: enforcement.checks: no check is known as 'CKV_9'; `ccopilot corpus list` shows every id"
    )
    text = "version: 1\nenforcement:\n  controls: {encrypton: warn}"
    assert message(text, controls={"encryption"}).endswith(
        ":3: enforcement.controls: there is no field 'encrypton'; did you mean 'encryption'?"
    )


def test_a_glob_stays_within_its_folder_and_covers_what_is_below() -> None:
    assert [
        matches(path, pattern)
        for path, pattern in (
            ("a/b.tf", "a/*.tf"), ("a/b/c.tf", "a/*.tf"), ("a/b/c.tf", "a/**"), ("a/b", "a"), ("ab", "a"),
            ("x/y/z.tf", "**/z.tf"), ("z.tf", "**/z.tf"), ("a[1]/x", "a[1]"),
        )
    ] == [True, False, True, True, False, True, True, True]  # fmt: skip


def test_parameters_of_an_environment_lie_over_the_common_ones() -> None:
    policy = parse(
        b"version: 1\nparameters: {log_bucket: all, backup_vault: v}\nenvironments: {p: {parameters: {log_bucket: p}}}"
    )
    assert policy.parameters_for("p") == {"log_bucket": "p", "backup_vault": "v"}
    assert policy.parameters_for("") == {"log_bucket": "all", "backup_vault": "v"}


def test_over_a_floor_parameters_only_tighten() -> None:
    floor = parse(
        b"""
version: 1
parameters:
  allowed_networks: [10.0.0.0/8, 172.16.0.0/16]
  allowed_regions: [eu-west-1, eu-central-1]
  required_tags: [owner]
  log_retention_days: 365
  log_bucket: central
"""
    )
    own = parse(
        b"""
version: 1
parameters:
  allowed_networks: [10.1.0.0/16, 172.0.0.0/8, 192.168.0.0/16]
  allowed_regions: [us-east-1, eu-west-1]
  required_tags: [cost]
  log_retention_days: 30
  log_bucket: mine
  backup_vault: v
"""
    )
    assert own.merged_with_floor(floor).parameters_for("") == {
        "allowed_networks": ("10.1.0.0/16", "172.16.0.0/16"),
        "allowed_regions": ("eu-west-1",),
        "required_tags": ("owner", "cost"),
        "log_retention_days": 365,
        "log_bucket": "central",
        "backup_vault": "v",
    }


def test_over_a_floor_nothing_is_left_out_that_the_floor_wants() -> None:
    own = parse(b"version: 1\nskip: [a, b]\nexclude: [x, y]\ngaps: {undecided: warn}")
    floor = parse(b"version: 1\nskip: [b]\nexclude: [y]\ngaps: {out_of_sight: enforce}")
    both = own.merged_with_floor(floor)
    wanting = parse(b"version: 1\nsecond_opinion: required")
    assert [p.demands_second_opinion for p in (own, wanting, both, own.merged_with_floor(wanting))] == [
        False, True, False, True,
    ]  # fmt: skip
    assert [both.skips("a"), both.skips("b")] == [False, True]
    assert [both.excludes("x/main.tf"), both.excludes("y/main.tf")] == [False, True]
    assert [both.enforcement_of_gaps("undecided"), both.enforcement_of_gaps("out_of_sight")] == ["warn", "enforce"]


answers = st.sampled_from(["observe", "warn", "enforce"])
severities = st.dictionaries(st.sampled_from(list(Severity)), answers)
environments = st.dictionaries(
    st.sampled_from(["p", "s"]),
    st.builds(Environment, st.just("e"), enforcement=st.none() | answers, by_severity=severities),
)
policies = st.builds(
    Policy,
    environments=environments,
    by_severity=severities,
    by_control=st.dictionaries(st.sampled_from(["k"]), answers),
    by_check=st.dictionaries(st.sampled_from(["c"]), answers),
)


@given(policies, policies, policies)
def test_a_floor_is_never_loosened_and_order_does_not_matter(own: Policy, floor: Policy, deeper: Policy) -> None:
    over = own.merged_with_floor(floor).merged_with_floor(deeper)
    for severity, places in itertools.product(Severity, [(), ("p",), ("s",), ("p", "s"), ("other",)]):
        each: list[Enforcement] = [
            policy.enforcement_for(check="c", control="k", severity=severity, environments=places)
            for policy in (own, floor, deeper)
        ]
        both = over.enforcement_for(check="c", control="k", severity=severity, environments=places)
        assert both == max(each, key=STRICTNESS.__getitem__)


@given(policies, st.sampled_from(list(Severity)))
def test_one_more_environment_never_loosens(policy: Policy, severity: Severity) -> None:
    fewer = STRICTNESS[policy.enforcement_for(check="c", control="k", severity=severity, environments=("p",))]
    assert (
        STRICTNESS[policy.enforcement_for(check="c", control="k", severity=severity, environments=("p", "s"))] >= fewer
    )


def test_the_digest_names_the_content_floor_included() -> None:
    one, same = parse(b"version: 1\nskip: [a, b]"), parse(b"version: 1 # comment\nskip: [b, a]")
    assert one.digest == same.digest
    assert len({one.digest, Policy().digest, one.merged_with_floor(Policy()).digest}) == 3


def test_reading_a_policy_imports_no_validation_library() -> None:
    code = "import sys, copilot.policy, copilot.waivers, copilot.baseline, copilot.suppressions; print('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=EXAMPLE.parents[2]
    )
    assert done.stdout == "False\n"
