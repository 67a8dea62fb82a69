"""The report as a page."""

from __future__ import annotations

import re
from itertools import pairwise

from copilot.render import Options, render
from tests.copilot.render import reviews


def body(page: str) -> str:
    return page[page.index("<body") :]


def test_a_review_with_one_finding() -> None:
    assert (
        body(render(reviews.small(), "html"))
        == """\
<body class="findings">
<a class="skip" href="#report">Skip to the report</a>
<header>
<h1>1 finding blocks this change</h1>
<p class="soft">Review of harbor, 1f0c7be..9d41a02</p>
<p class="soft">2 roots, 41 files, 227 resources: 1,785 passed, 6 failed, 2 undecided, 2,372 not applicable</p>
<nav aria-label="Sections"><ul>
<li><a href="#introduced">Introduced by this change (1)</a></li>
</ul></nav>
</header>
<main id="report">
<section aria-labelledby="introduced">
<h2 id="introduced">Introduced by this change (1)</h2>
<article class="critical" id="finding-c895e5787c7d1d2b3564">
<h3><span class="badge">critical</span>Is reachable from the internet</h3>
<p><code>module.reporting_database.aws_db_instance.this</code> at <code>environments/production/main.tf:6</code> <span class="effect">blocks</span></p>
<pre aria-label="Source"><span class="soft">6 </span>  <mark>publicly_accessible = true</mark></pre>
<dl>
<dt>Value</dt><dd>written in <code>environments/production/main.tf:6</code>, used at <code>modules/database/main.tf:13</code></dd>
<dt>In</dt><dd>production</dd>
<dt>Check</dt><dd><code>aws-db-instance-private</code>, finding <code>c895e5787c7d1d2b3564</code></dd>
<dt>Control</dt><dd>Database no public access (<code>database-no-public-access</code>)</dd>
<dt>Maps to</dt><dd>SOC 2 CC6.1, CC6.6; ISO 27001 A.8.20, A.8.22; PCI DSS 4.0 1.3.1, 1.4.4; NIST 800-53 AC-3, AC-4, SC-7 +1; CIS AWS 5.0 2.2.3</dd>
<dt>Why</dt><dd>One weak password is then enough.</dd>
</dl>
<p><strong>Suggestion:</strong> Close the database to the internet (drafted from a recipe)</p>
<pre aria-label="Suggested change"><strong>environments/production/main.tf</strong>
<span class="soft">@@ -3,7 +3,7 @@</span>
\x20
   name                = &quot;harbor-reporting&quot;
   client_cidrs        = var.reporting_client_cidrs
<del>-  publicly_accessible = true</del>
<ins>+  publicly_accessible = false</ins>
   kms_key_arn         = data.aws_kms_alias.data.target_key_arn
 }
\x20
</pre>
<dl><dt>Effect</dt><dd class="warning">changes behaviour: somebody who relies on it will notice</dd>
<dt>Proved</dt><dd>9 validators passed (schema, scope, applies, valid, resolves, honest, no_new_findings, minimal, blast_radius); 1 did not apply</dd></dl>
</article>
</section>
<section aria-labelledby="roots"><h2 id="roots">What was evaluated</h2>
<table><thead><tr><th scope="col">Root</th><th scope="col">Environment</th>
<th scope="col" class="number">Files</th><th scope="col" class="number">Resources</th><th scope="col" class="number">Passed</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Undecided</th><th scope="col" class="number">Not applicable</th></tr></thead><tbody>
<tr><td><code>environments/production</code></td><td>production</td><td class="number">21</td><td class="number">118</td><td class="number">904</td><td class="number">5</td><td class="number">2</td><td class="number">1,204</td></tr>
<tr><td><code>environments/staging</code></td><td>staging</td><td class="number">20</td><td class="number">109</td><td class="number">881</td><td class="number">1</td><td class="number">0</td><td class="number">1,168</td></tr>
</tbody></table></section>
</main>
<footer><p>compliance-copilot 0.1.0. <code>ccopilot explain FINDING</code> says why a finding is one;\x20
<code>ccopilot waiver request CHECK ADDRESS</code> asks to accept a risk for a time.</p></footer>
</body>
</html>
"""
    )


def test_nothing_is_loaded_and_nothing_runs() -> None:
    page = render(reviews.pull_request(), "html")
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert re.findall(r"<script|<link|<img|<iframe|url\(|@import|src=|https?://", page) == []


def test_every_link_leads_somewhere_on_the_page() -> None:
    for review in (reviews.pull_request(), reviews.scan(400)):
        page = render(review, "html")
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_headings_go_down_one_level_at_a_time() -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", body(render(reviews.pull_request(), "html")))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_scan_lists_every_place() -> None:
    page = render(reviews.scan(400), "html")
    assert len(set(re.findall(r"main\.tf:(\d+)", page))) == 400


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_text_has_the_contrast_that_wcag_asks_for_in_light_and_dark() -> None:
    page = render(reviews.review(), "html", Options())
    for block in re.findall(r":root \{([^}]*)\}", page):
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        inks = ("ink", "soft", "critical", "high", "medium", "low", "good", "link")
        pairs = [(ink, ground) for ink in inks for ground in ("ground", "panel")]
        pairs += [("ink", ground) for ground in ("mark", "add", "remove")]
        assert {
            pair: contrast(colours[pair[0]], colours[pair[1]])
            for pair in pairs
            if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
        } == {}
