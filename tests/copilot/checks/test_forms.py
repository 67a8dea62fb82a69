"""What a reference to a resource decides although only the provider knows the value: what its documentation rules out."""

from __future__ import annotations

from typing import Any

import pytest

from copilot.checks.operators import decide, equal
from copilot.model import Known, Origin, Ref, Template

EMAIL = Ref(origin=Origin("google_service_account.importer", ("email",)))
MEMBER = Ref(origin=Origin("google_service_account.importer", ("member",)))
LOOKED_UP = Ref(origin=Origin("data.google_service_account.importer", ("email",)))
OTHER = Ref(origin=Origin("google_service_account.importer", ("unique_id",)))
ADDRESS = Ref(origin=Origin("azurerm_public_ip.nat", ("ip_address",)))
POLICY = Ref(origin=Origin("aws_iam_policy.backup", ("arn",)))

DEFAULT = (
    r"(?i)default|(serviceAccount:)?[0-9]+-compute@developer\.gserviceaccount\.com|.*@appspot\.gserviceaccount\.com"
)


@pytest.mark.parametrize(
    ("value", "literal", "truth"),
    [
        (MEMBER, "allUsers", False),
        (MEMBER, "serviceAccount:importer@acme-prod.iam.gserviceaccount.com", None),
        (EMAIL, "default", False),
        (LOOKED_UP, "default", None),
        (OTHER, "allUsers", None),
        (ADDRESS, "0.0.0.0", False),
        (ADDRESS, "*", False),
        (ADDRESS, "203.0.113.7", None),
        (ADDRESS, "2001:db8::1", None),
        (ADDRESS, "::", False),
        (POLICY, "arn:aws:iam::aws:policy/AdministratorAccess", False),
        (POLICY, "arn:aws:iam::111122223333:policy/AdministratorAccess", None),
        (Template((Known("serviceAccount:"), EMAIL)), "allAuthenticatedUsers", False),
        (Template((Known("serviceAccount:"), EMAIL)), "serviceAccount:1-compute@developer.gserviceaccount.com", False),
        (
            Template((Known("serviceAccount:"), LOOKED_UP)),
            "serviceAccount:1-compute@developer.gserviceaccount.com",
            None,
        ),
    ],
)
def test_a_reference_is_not_what_it_can_never_be(value: Any, literal: str, truth: bool | None) -> None:
    assert equal(value, literal) is truth


@pytest.mark.parametrize(
    ("value", "pattern", "truth"),
    [
        (EMAIL, DEFAULT, False),
        (LOOKED_UP, DEFAULT, None),
        (EMAIL, r"importer@.*", None),
        (EMAIL, r".*@acme\.iam\.gserviceaccount\.com", None),
        (EMAIL, r".*@ACME\.IAM\.GSERVICEACCOUNT\.COM", None),
        (EMAIL, r".*\.com|default", None),
        (EMAIL, r"[^@]+", None),
        (EMAIL, r".*m", None),
        (EMAIL, r".*[[:alpha:]]", None),
        (EMAIL, r".*\.example\.com$", None),
        (EMAIL, r"(.*\.example\.com|.*\.gserviceaccount\.com)", None),
        (MEMBER, r"user:.*@gmail\.com", False),
        (MEMBER, r"(?i)SERVICEACCOUNT:.*", None),
    ],
)
def test_a_pattern_is_ruled_out_only_where_each_alternative_begins_or_ends_otherwise(
    value: Any, pattern: str, truth: bool | None
) -> None:
    assert decide("matches", pattern, value) is truth


def test_an_account_made_here_begins_as_its_member_says() -> None:
    assert decide("starts_with", "user:", MEMBER) is False
    assert decide("starts_with", "serviceAccount:", MEMBER) is True
    assert decide("ends_with", "@developer.gserviceaccount.com", EMAIL) is False
