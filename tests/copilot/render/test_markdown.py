"""The report as Markdown."""

from __future__ import annotations

from copilot.render import render
from tests.copilot.render import reviews


def test_a_review_with_one_finding() -> None:
    assert (
        render(reviews.small(), "markdown")
        == """\
# 1 finding blocks this change

Review of harbor, `1f0c7be..9d41a02`. 2 roots, 41 files, 227 resources: 1,785 passed, 6 failed, 2 undecided, 2,372 not applicable.

## Introduced by this change (1)

### critical: Is reachable from the internet (blocks)

`module.reporting_database.aws_db_instance.this` at `environments/production/main.tf:6`

```
6 |   publicly_accessible = true
```

- Value: written in `environments/production/main.tf:6`, used at `modules/database/main.tf:13`
- In production
- Check `aws-db-instance-private`, finding `c895e5787c7d1d2b3564`
- Control: Database no public access (`database-no-public-access`). Maps to SOC 2 `CC6.1`, `CC6.6`; ISO 27001 `A.8.20`, `A.8.22`; PCI DSS 4.0 `1.3.1`, `1.4.4`; NIST 800-53 `AC-3`, `AC-4`, `SC-7` and 1 more; CIS AWS 5.0 `2.2.3`
- Why: One weak password is then enough.

**Suggestion:** Close the database to the internet (drafted from a recipe)

```diff
environments/production/main.tf
@@ -3,7 +3,7 @@
\x20
   name                = "harbor-reporting"
   client_cidrs        = var.reporting_client_cidrs
-  publicly_accessible = true
+  publicly_accessible = false
   kms_key_arn         = data.aws_kms_alias.data.target_key_arn
 }
\x20
```

**Effect:** changes behaviour: somebody who relies on it will notice. **Proved:** 9 validators passed (schema, scope, applies, valid, resolves, honest, `no_new_findings`, minimal, `blast_radius`); 1 did not apply.
"""
    )


def test_a_scan_shows_fifteen_checks_in_full_and_lists_the_others() -> None:
    text = render(reviews.scan(400), "markdown")
    checks = len({finding.check for finding in reviews.scan(400).findings})
    assert text.count("\n### ") == 15
    assert f"## Other checks ({checks - 15})" in text


def test_like_findings_are_counted_after_five() -> None:
    text = render(reviews.scan(9, checks=1), "markdown")
    assert (text.count("- `live/eu-central-1/main.tf:"), "- and 3 like it" in text) == (5, True)
